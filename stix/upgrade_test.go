package stix_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

func parsedFrom(t testing.TB, raw string) stix.Object {
	t.Helper()
	o, err := stix.Parse([]byte(raw))
	if err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return o
}

func upgradedFrom(t testing.TB, raw string) stix.Upgraded {
	t.Helper()
	o := parsedFrom(t, raw)
	u, err := stix.Upgrade(&o)
	if err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	if string(o.Raw) != raw {
		t.Errorf("the source was changed to %s", o.Raw)
	}
	return u
}

// changesOf are the changes as code and pointer.
func changesOf(u stix.Upgraded) []string {
	var list []string
	for _, c := range u.Changes {
		list = append(list, c.Code+" "+c.Pointer)
	}
	return list
}

// made20 is an object of a type, without its braces: members put in place of $ are separated from the others by a comma.
func made20(typ, members string) string {
	return `{"type":"` + typ + `","id":"` + typ + `--` + uuid + `"` + members + "}"
}

func made21(typ, members string) string {
	return `{"type":"` + typ + `","spec_version":"2.1","id":"` + typ + `--` + uuid + `"` + members + "}"
}

const versionChange = "spec-version "

// TestUpgrade: for each object of STIX 2.0 (without its type and id) the one of STIX 2.1 and the changes beside that of spec_version.
func TestUpgrade(t *testing.T) {
	const red = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
	for _, c := range []struct {
		typ, from, to string
		changes       []string
	}{
		{"campaign", `,"name":"a"`, `,"name":"a"`, nil},
		{"x-acme", `,"labels":["trojan"],"pattern":"","objects":{"0":{"type":"mutex","name":"a"}}`, `,"labels":["trojan"],"pattern":"","objects":{"0":{"type":"mutex","name":"a"}}`, nil},
		{"campaign", `,"created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00.5Z"`, `,"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.500Z"`, []string{"precision /created", "precision /modified"}},
		{"campaign", `,"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.123456Z","first_seen":"2026-01-01T00:00:00Z"`, `,"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.123456Z","first_seen":"2026-01-01T00:00:00Z"`, nil},
		{"campaign", `,"name":"a\\","x_a":"\\\"","x_b":[{"c]}":"}"},"\""]`, `,"name":"a\\","x_a":"\\\"","x_b":[{"c]}":"}"},"\""]`, nil},
		{"campaign", `,"confidence":"high"`, `,"confidence":"high"`, []string{"now-defined /confidence"}},
		{
			"campaign", `,"external_references":[{"source_name":"a","hashes":{"SHA256":"00","ssdeep":"3:a","SHA-1":"11","WHIRLPOOL":"22","x_a":"33"}}]`,
			`,"external_references":[{"source_name":"a","hashes":{"SHA-256":"00","SSDEEP":"3:a","SHA-1":"11","WHIRLPOOL":"22","x_a":"33"}}]`,
			[]string{"hash-name /external_references/0/hashes/SHA256", "hash-name /external_references/0/hashes/ssdeep"},
		},
		{"campaign", `,"external_references":[{"hashes":{"SHA256":"00","SHA-256":"11","sha_256":"22"}}]`, `,"external_references":[{"hashes":{"SHA256":"00","SHA-256":"11","sha_256":"22"}}]`, nil},
		{
			"indicator", `,"pattern":"[a:b = 1]","labels":["malicious-activity"],"valid_from":"2026-01-01T00:00:00Z"`,
			`,"pattern":"[a:b = 1]","pattern_type":"stix","pattern_version":"2.0","indicator_types":["malicious-activity"],"valid_from":"2026-01-01T00:00:00Z"`,
			[]string{"labels-to-types /labels/0", "pattern-language /pattern", "pattern-language /pattern"},
		},
		{"indicator", `,"pattern":"rule","pattern_type":"yara"`, `,"pattern":"rule","pattern_type":"yara"`, []string{"now-defined /pattern_type"}},
		{
			"indicator", `,"pattern":"[a:b = 1]","pattern_type":"stix"`, `,"pattern":"[a:b = 1]","pattern_type":"stix","pattern_version":"2.0"`,
			[]string{"now-defined /pattern_type", "pattern-language /pattern"},
		},
		{
			"malware", `,"labels":["evil", "trojan","n\u0061me", "worm" ],"is_family":true`, `,"labels":["evil","n\u0061me" ],"malware_types":["trojan", "worm" ],"is_family":true`,
			[]string{"now-defined /is_family", "labels-to-types /labels/1", "labels-to-types /labels/3"},
		},
		{"malware", `,"labels":["malware"]`, `,"labels":["malware"],"is_family":false`, []string{"family-guessed "}},
		{
			"malware", `,"labels":["worm"],"malware_types":["worm"],"is_family":false`, `,"labels":["worm"],"malware_types":["worm"],"is_family":false`,
			[]string{"now-defined /malware_types", "now-defined /is_family"},
		},
		{"report", `,"labels":["campaign"]`, `,"report_types":["campaign"]`, []string{"labels-to-types /labels/0"}},
		{"threat-actor", `,"labels":["spy"]`, `,"threat_actor_types":["spy"]`, []string{"labels-to-types /labels/0"}},
		{"tool", `,"labels":["remote-access"]`, `,"tool_types":["remote-access"]`, []string{"labels-to-types /labels/0"}},
		{"tool", `,"l\u0061bels":["remote-access"]`, `,"tool_types":["remote-access"]`, []string{"labels-to-types /labels/0"}},
		{"identity", `,"labels":["spy"],"sectors":["energy","defence"]`, `,"labels":["spy"],"sectors":["energy","defense"]`, []string{"vocabulary /sectors/1"}},
		{
			"tool", `,"labels":["a","remote-access","b"],"granular_markings":[{"marking_ref":"` + red + `","selectors":["labels.[2]","name","labels.[1]","labels"]}]`,
			`,"labels":["a","b"],"tool_types":["remote-access"],"granular_markings":[{"marking_ref":"` + red + `","selectors":["labels.[1]","name","tool_types.[0]","labels","tool_types"]}]`,
			[]string{"labels-to-types /labels/1", "selector /granular_markings/0/selectors/0", "selector /granular_markings/0/selectors/2", "selector /granular_markings/0/selectors/3"},
		},
		{
			"tool", `,"labels":["remote-access"],"granular_markings":[{"marking_ref":"` + red + `","selectors":["labels.[7]"]}]`,
			`,"tool_types":["remote-access"],"object_marking_refs":["` + red + `"]`,
			[]string{"labels-to-types /labels/0", "marking-widened /granular_markings/0/selectors/0"},
		},
		{
			"tool", `,"object_marking_refs":["` + markingID + `"],"labels":["remote-access"],"granular_markings":[{"marking_ref":"` + red + `","selectors":["labels.x","name"]},{"lang":"ja","selectors":["labels.[7]"]}]`,
			`,"object_marking_refs":["` + markingID + `","` + red + `"],"tool_types":["remote-access"],"granular_markings":[{"marking_ref":"` + red + `","selectors":["name"]},{"lang":"ja","selectors":["labels.[7]"]}]`,
			[]string{"labels-to-types /labels/0", "marking-widened /granular_markings/0/selectors/0"},
		},
		{
			"tool", `,"object_marking_refs":["` + red + `"],"labels":["remote-access"],"granular_markings":[{"marking_ref":"` + red + `","selectors":["labels.[7]"]}]`,
			`,"object_marking_refs":["` + red + `"],"tool_types":["remote-access"]`,
			[]string{"labels-to-types /labels/0", "marking-widened /granular_markings/0/selectors/0"},
		},
		{
			"campaign", `,"external_references":[{"hashes":{"sha1":"00"}}],"granular_markings":[{"marking_ref":"` + red + `","selectors":["external_references.[0].hashes.sha1"]}]`,
			`,"external_references":[{"hashes":{"SHA-1":"00"}}],"granular_markings":[{"marking_ref":"` + red + `","selectors":["external_references.[0].hashes.SHA-1"]}]`,
			[]string{"hash-name /external_references/0/hashes/sha1", "selector /granular_markings/0/selectors/0"},
		},
	} {
		u := upgradedFrom(t, made20(c.typ, c.from))
		if got, want := string(u.Object.Raw), made21(c.typ, c.to); got != want {
			t.Errorf("%s%s\n got %s\nwant %s", c.typ, c.from, got, want)
		}
		if got, want := changesOf(u), append([]string{versionChange}, c.changes...); !reflect.DeepEqual(got, want) {
			t.Errorf("%s%s\n got %q\nwant %q", c.typ, c.from, got, want)
		}
	}
}

// TestUpgradeLayout: what is put in looks like what is around it.
func TestUpgradeLayout(t *testing.T) {
	from := "{\n  \"id\": \"malware--" + uuid + "\",\n  \"labels\": [\n    \"worm\"\n  ],\n  \"type\": \"malware\"\n}"
	to := "{\n  \"id\": \"malware--" + uuid + "\",\n  \"malware_types\": [\n    \"worm\"\n  ],\n  \"type\": \"malware\",\n  \"spec_version\": \"2.1\",\n  \"is_family\": false\n}"
	if got := string(upgradedFrom(t, from).Object.Raw); got != to {
		t.Errorf("got %s\nwant %s", got, to)
	}
	from = `{"spec_version" : "2.0", "type":"tool","id":"tool--` + uuid + `"}`
	if got := string(upgradedFrom(t, from).Object.Raw); got != strings.Replace(from, "2.0", "2.1", 1) {
		t.Errorf("got %s", got)
	}
}

func TestUpgradeMarking(t *testing.T) {
	const white = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"
	from := `{"type":"marking-definition","id":"` + white + `","created":"2017-01-20T00:00:00.000Z","definition_type":"tlp","definition":{"tlp":"white"}}`
	to := `{"type":"marking-definition","spec_version":"2.1","id":"` + white + `","created":"2017-01-20T00:00:00.000Z","definition_type":"tlp","name":"TLP:WHITE","definition":{"tlp":"white"}}`
	u := upgradedFrom(t, from)
	if string(u.Object.Raw) != to {
		t.Errorf("got %s", u.Object.Raw)
	}
	if got := changesOf(u); !reflect.DeepEqual(got, []string{versionChange, "marking-name "}) {
		t.Errorf("got %q", got)
	}
	for _, other := range []string{strings.Replace(from, `"white"`, `"red"`, 1), strings.Replace(from, "613f", "713f", 1)} {
		if u := upgradedFrom(t, other); len(u.Changes) != 1 {
			t.Errorf("%s: %q", other, changesOf(u))
		}
	}
}

// TestUpgradeStays: what is STIX 2.1 already is returned as it is.
func TestUpgradeStays(t *testing.T) {
	for _, raw := range []string{
		made20("malware", `,"spec_version":"2.1","labels":["worm"]`),
		made20("file", `,"name":"a"`),
		made20("file", `,"spec_version":"2.1","created":"2026-01-01T00:00:00Z"`),
	} {
		if u := upgradedFrom(t, raw); string(u.Object.Raw) != raw || u.Changes != nil || u.Extracted != nil {
			t.Errorf("%s: %s %q", raw, u.Object.Raw, changesOf(u))
		}
	}
}

func TestUpgradeRefuses(t *testing.T) {
	many := func(n int, one string) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	var keys []string
	for i := range stix.MaxNames + 1 {
		keys = append(keys, fmt.Sprintf(`"%d":{"type":"mutex","name":"%d"}`, i, i))
	}
	var marks []string
	for i := range stix.MaxMarkings {
		marks = append(marks, fmt.Sprintf(`"marking-definition--%08d-0000-4000-8000-000000000000"`, i))
	}
	for _, c := range []struct {
		raw  string
		want error
	}{
		{made20("malware", `,"spec_version":"2.2"`), stix.ErrProperty},
		{made20("malware", `,"spec_version":"1.2"`), stix.ErrProperty},
		{made20("observed-data", `,"objects":{`+strings.Join(keys, ",")+`}`), stix.ErrTooMany},
		{made20("observed-data", `,"objects":{"0":{"type":"directory","path":"/","contains_refs":[`+many(100_001, `"0"`)+`]}}`), stix.ErrTooMany},
		{made20("observed-data", `,"objects":{"0":{"type":"x-acme","b":[`+many(100_001, `0`)+`]}}`), stix.ErrTooMany},
		{made20("malware", `,"external_references":[{"hashes":{}},`+many(100_001, `0`)+`]`), stix.ErrTooMany},
		{made20("observed-data", `,"object_marking_refs":[`+strings.Join(marks, ",")+`],"objects":{`+strings.Join(keys[1:], ",")+`}`), stix.ErrTooLarge},
		{made20("tool", `,"labels":["a","remote-access"],"granular_markings":[`+many(2_200, `{"marking_ref":"`+markingID+`","selectors":["labels"]}`)+`]`), stix.ErrTooLarge},
	} {
		o := parsedFrom(t, c.raw)
		u, err := stix.Upgrade(&o)
		var oe *stix.ObjectError
		if !errors.Is(err, c.want) || !errors.As(err, &oe) || oe.ID != o.ID || oe.Type != o.Type || oe.Index != -1 {
			t.Errorf("%.100s: %v", c.raw, err)
		}
		if u.Changes != nil || u.Extracted != nil || u.Object.Raw != nil {
			t.Errorf("%.100s: an error and a result", c.raw)
		}
	}
}

// TestUpgradeForged: an object that was put together by hand does no harm.
func TestUpgradeForged(t *testing.T) {
	for _, raw := range []string{"", "{", "{}", "[]", "{x}", `{"type"}`, `{"type":}`, `{"type":"tool",}`, `{"type":"tool"]`, `{"a":"`, `{"a":[{]}`} {
		for _, typ := range []string{"tool", "malware", "observed-data"} {
			if _, err := stix.Upgrade(&stix.Object{Raw: []byte(raw), Header: stix.Header{Type: typ}}); err == nil {
				t.Errorf("%q is upgraded", raw)
			}
		}
	}
}

func TestChangeCodes(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range stix.ChangeCodes() {
		if seen[c.Code] || c.Text == "" {
			t.Errorf("%+v", c)
		}
		seen[c.Code] = true
	}
	if len(seen) != 21 {
		t.Errorf("%d codes", len(seen))
	}
}
