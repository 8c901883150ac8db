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
		uuid5 = "8e2e2d2b-17d4-5cbf-938f-98ee46b3cd3f"
		tlp2  = `"extensions":{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":{"extension_type":"property-extension","tlp_2_0":"clear"}}`
		clear = `{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",` +
			`"created":"2022-10-01T00:00:00.000Z","name":"TLP:CLEAR",` + tlp2 + `}`
		content = `{"type":"language-content","id":"language-content--` + uuid + `",` + times + `"object_ref":"campaign--` + uuid + `","contents":`
	)
	related := func(kind, target string) string {
		return `{"type":"relationship","id":"relationship--` + uuid + `",` + times + `"relationship_type":"` + kind +
			`","source_ref":"malware--` + uuid + `","target_ref":"` + target + `--` + uuid + `"}`
	}
	newType := func(sort string) string { return strings.Replace(ext, "property-extension", sort, 1) }
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
		{"a version of UUID that RFC 9562 does not have", campaign + `,"created_by_ref":"identity--8e2e2d2b-17d4-9cbf-938f-98ee46b3cd3f"}`, "must identifier"},
		{"another variant of UUID", campaign + `,"created_by_ref":"identity--8e2e2d2b-17d4-4cbf-c38f-98ee46b3cd3f"}`, "must identifier"},
		{"too short a CVE id", campaign + `,"external_references":[{"source_name":"cve","external_id":"CVE-2016-123"}]}`, "should external-id"},
		{"a leap second", campaign + `,"first_seen":"2016-12-31T23:59:60Z"}`, ""},
		{"a second too many", campaign + `,"first_seen":"2016-12-31T23:59:61Z"}`, "must timestamp"},
		{"a reserved property", campaign + `,"severity":1}`, "must reserved"},
		{"a reserved type", `{"type":"action","id":"action--` + uuid + `",` + times + `"name":"x"}`, "must reserved"},
		{"selectors, malformed and of nothing", campaign + `,"granular_markings":[{"lang":"ja","selectors":["[","no_such"]}]}`, "must selector must selector-unresolved"},
		{"defanged", `{"type":"url","id":"url--` + uuid5 + `","value":"hxxp//x y","defanged":true}`, ""},
		{"not defanged", `{"type":"url","id":"url--` + uuid5 + `","value":"hxxp//x y","defanged":false}`, "must uri should deterministic-id"},
		{"defanged within", observed + `{"0":{"type":"url","id":"url--` + uuid5 + `","value":"x y","defanged":true}}}`, "should deprecated"},
		{"a version of its own", `{"type":"tool","spec_version":"2.0","id":"tool--1","created":"2020-01-01T00:00:00.000Z","modified":"2020-01-01T00:00:00.000Z","name":"x","labels":["remote-access"]}`, "must identifier"},
		{"a bundle of STIX 2.0", `{"type":"bundle","id":"bundle--` + uuid + `","spec_version":"2.0"}`, ""},
		{"a custom type of STIX 2.0", `{"type":"x-thing","id":"x-thing--` + uuid + `","created":"2017-01-01T00:00:00Z","modified":"2017-01-01T00:00:00Z"}`, "should custom-type"},
		{"a process", `{"type":"process","id":"process--` + uuid5 + `","pid":1}`, "should uuid-version"},
		{"a process of any other version", `{"type":"process","id":"process--8e2e2d2b-17d4-1cbf-938f-98ee46b3cd3f","pid":1}`, "should uuid-version"},
		{"a new observable", `{"type":"x-thing","id":"x-thing--` + uuid + `",` + newType("new-sco") + `}`, "policy unknown-extension"},
		{"a new object", `{"type":"x-thing","spec_version":"2.1","id":"x-thing--` + uuid + `",` + newType("new-sdo") + `}`, "policy unknown-extension must required must required"},
		{"an address with a zone", `{"type":"ipv6-addr","id":"ipv6-addr--` + uuid5 + `","value":"2001:db8::1%eth0"}`, "must ipv6 should deterministic-id"},
		{"the longest address", `{"type":"ipv6-addr","id":"ipv6-addr--` + uuid5 + `","value":"2001:0db8:0000:0000:0000:0000:198.151.100.107/128"}`, "should deterministic-id"},
		{"an address with a comment", `{"type":"email-addr","id":"email-addr--` + uuid5 + `","value":"a@b.example()"}`, "must email should deterministic-id"},
		{"a predefined marking in the form of TLP 2.0", strings.Replace(white, `"definition_type":"tlp","definition":{"tlp":"white"}`, tlp2, 1) + `}`, "must tlp"},
		{"a predefined marking of TLP 2.0 in the form of TLP 1", strings.Replace(clear, tlp2, `"definition_type":"tlp","definition":{"tlp":"clear"}`, 1), "must tlp"},
		{"a predefined marking of TLP 2.0", clear, ""},
		{"a predefined marking that says more", white + `,` + ext + `}`, "policy unknown-extension must tlp"},
		{"an event without its extension", `{"type":"event","id":"event--` + uuid + `",` + times + `"status":"occurred","start_time":"2020-01-01T00:00:00Z"}`, "must required"},
		{
			"an event with another extension", `{"type":"event","id":"event--` + uuid + `",` + times + `"status":"occurred","start_time":"2020-01-01T00:00:00Z",` + tlp2 + `}`,
			"must extension-target must required",
		},
		{
			"a message without what its id could follow from",
			`{"type":"email-message","id":"email-message--8e2e2d2b-17d4-1cbf-938f-98ee46b3cd3f","is_multipart":false}`, "should uuid-version",
		},
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
