package stix_test

import (
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

// TestStandard follows single sentences of STIX 2.1: what each demands, and what it does not.
func TestStandard(t *testing.T) {
	const (
		uuid    = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
		times   = `"spec_version":"2.1","created":"2020-01-01T00:00:00.000Z","modified":"2020-01-01T00:00:00.000Z",`
		marking = `{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--` + uuid + `","created":"2020-01-01T00:00:00.000Z",`
		said    = `"definition_type":"statement","definition":{"statement":"x"}`
		ext     = `"extensions":{"extension-definition--` + uuid + `":{"extension_type":"property-extension"}}`
		white   = `{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",` +
			`"created":"2017-01-20T00:00:00.000Z","definition_type":"tlp","definition":{"tlp":"white"}`
		campaign = `{"type":"campaign","id":"campaign--` + uuid + `",` + times + `"name":"x"`
		observed = `{"type":"observed-data","id":"observed-data--` + uuid + `",` + times +
			`"first_observed":"2020-01-01T00:00:00Z","last_observed":"2020-01-01T00:00:00Z","number_observed":1,"objects":`
		content = `{"type":"language-content","id":"language-content--` + uuid + `",` + times + `"object_ref":"campaign--` + uuid + `","contents":`
	)
	related := func(kind, target string) string {
		return `{"type":"relationship","id":"relationship--` + uuid + `",` + times + `"relationship_type":"` + kind +
			`","source_ref":"malware--` + uuid + `","target_ref":"` + target + `--` + uuid + `"}`
	}
	for _, c := range []struct{ name, object, want string }{
		{"a marking marks itself", marking + said + `,"object_marking_refs":["marking-definition--` + uuid + `"]}`, "must reference"},
		{"in part", marking + said + `,"granular_markings":[{"marking_ref":"marking-definition--` + uuid + `","selectors":["definition"]}]}`, "must reference"},
		{"another marks it", marking + said + `,"object_marking_refs":["marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"]}`, ""},
		{"extensions and a type", marking + `"definition_type":"statement",` + ext + `}`, "policy unknown-extension"},
		{"extensions and a definition", marking + `"definition":{"statement":"x"},` + ext + `}`, "policy unknown-extension"},
		{"a type alone", marking + `"definition_type":"statement"}`, "must marking"},
		{"TLP with its name", white + `,"name":"TLP:WHITE"}`, ""},
		{"TLP without a name", white + `}`, ""},
		{"TLP with another's name", white + `,"name":"TLP:RED"}`, "must tlp"},
		{"names to be ignored", content + `{"ja":{"Name":"x","ab":"y"}}}`, ""},
		{"no keys of a dictionary", content + `{"ja":{"a b":"x"}}}`, "must dictionary-key"},
		{"a name that begins with a digit", campaign + `,"2fa":"x","_ab":"x"}`, "should custom-property should custom-property"},
		{"a name of two characters", campaign + `,"ab":"x"}`, "must property-name"},
		{"a link in Japanese", campaign + `,"external_references":[{"source_name":"a","url":"https://www.example/報告"}]}`, "should link"},
		{
			"objects that refer by key", observed + `{"0":{"type":"mac-addr","id":"mac-addr--` + uuid + `","value":"00:00:5e:00:53:01"},` +
				`"1":{"type":"process","pid":1,"image_ref":"2","parent_ref":"x--1"}}}`,
			"should deprecated should uuid-version must identifier should required",
		},
		{"derived from its like", related("derived-from", "malware"), ""},
		{"derived from another", related("derived-from", "tool"), "should relationship"},
		{
			"a long name of a character set", `{"type":"file","id":"file--` + uuid + `","name":"x","name_enc":"Extended_UNIX_Code_Fixed_Width_for_Japanese"}`,
			"should uuid-version",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range stix.NewValidator().ValidateBytes([]byte(c.object)) {
				got = append(got, f.Level.String()+" "+string(f.Code))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}
