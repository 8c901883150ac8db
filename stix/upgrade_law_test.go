package stix_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"github.com/wagasa/wagasa/stix"
)

// old20 are members of objects of STIX 2.0, right ones, custom ones and wrong ones.
var old20 = []string{
	`"created":"2017-01-01T00:00:00.000Z"`, `"created":"2017-01-01T00:00:00Z"`, `"modified":"2018-01-01T00:00:00.1Z"`, `"name":"\u0061"`, `"revoked":false`,
	`"labels":["worm","x"]`, `"labels":["spy"]`, `"labels":["malicious-activity","campaign","remote-access","worm"]`, `"labels":[]`,
	`"external_references":[{"source_name":"a","hashes":{"SHA256":"0","md5":"1"}},{"source_name":"b"}]`, `"external_references":7`,
	`"object_marking_refs":["` + markingID + `"]`, `"spec_version":"2.0"`, `"pattern":"[a:b = 1]"`, `"pattern_type":"yara"`, `"is_family":true`,
	`"malware_types":["worm"]`, `"sectors":["defence","energy"]`, `"object_refs":["a"]`, `"object_refs":1`, `"x_stix20_objects":0`, `"x_n":1.50e1`, `"confidence":50`,
	`"granular_markings":[{"marking_ref":"` + otherMarking + `","selectors":["labels.[1]","objects.1.value","external_references.[0].hashes.md5"]}]`,
	`"granular_markings":[{"lang":"ja","selectors":["labels"]},{"marking_ref":"` + otherMarking + `","selectors":["labels","objects","labels.[9]"]}]`,
	`"definition_type":"tlp"`, `"definition":{"tlp":"red"}`,
}

const otherMarking = "marking-definition--44444444-4444-4444-8444-444444444444"

// contained20 are objects within observed-data, with # for a key.
var contained20 = []string{
	`{"type":"ipv4-addr","value":"192.0.2.1"}`, `{"value":"192.0.2.1","type":"ipv4-addr"}`, `{"type":"mutex","name":"a"}`, `{"type":"mutex","name":"a","x_b":0}`,
	`{"type":"file","name":"f","hashes":{"sha1":"0"},"created":"2017-01-01T00:00:00Z","parent_directory_ref":"#","extensions":{"archive-ext":{"contains_refs":["#","#"],"version":"1"}}}`,
	`{"type":"file","name":"g","extensions":{"archive-ext":{"contains_refs":["#"]}}}`, `{"type":"directory","path":"/","contains_refs":["#"],"accessed":1}`,
	`{"type":"process","name":"p","binary_ref":"#","child_refs":["#"],"environment_variables":{"a_ref":"1"}}`,
	`{"type":"network-traffic","protocols":["tcp"],"src_ref":"#","encapsulates_refs":["#"]}`, `{"type":"x-acme","a_ref":"#","b":[{"c_refs":["#"]}],"id":1}`,
	`{"type":"email-message","is_multipart":false,"from_ref":"#","additional_header_fields":{"A":"b"}}`, `{"type":"mutex","lang":1}`, `{"type":"tool"}`, `0`,
}

// object20 is a random object of STIX 2.0.
func object20(t *rapid.T) string {
	typ := rapid.SampledFrom([]string{"indicator", "malware", "report", "threat-actor", "tool", "identity", "campaign", "x-acme", "marking-definition", "observed-data", "observed-data", "observed-data"}).Draw(t, "type")
	members := []string{`"type" : "` + typ + `"`, `"id":"` + typ + `--` + uuid + `"`}
	seen := map[string]bool{}
	pool := append([]string{objects20(t)}, old20...)
	for _, m := range rapid.SliceOfN(rapid.SampledFrom(pool), 0, 9).Draw(t, "members") {
		if name, _, _ := strings.Cut(m, ":"); !seen[name] {
			seen[name] = true
			members = append(members, m)
		}
	}
	if typ == "observed-data" && !seen[`"objects"`] {
		members = append(members, pool[0])
	}
	members = rapid.Permutation(members).Draw(t, "order")
	for i := range members {
		members[i] = space(t) + members[i] + space(t)
	}
	return "{" + strings.Join(members, ",") + "}"
}

func objects20(t *rapid.T) string {
	list := rapid.SliceOfN(rapid.SampledFrom(contained20), 0, 8).Draw(t, "objects")
	for i, o := range list {
		for strings.Contains(o, "#") {
			key := rapid.IntRange(0, len(list)-1).Draw(t, "key")
			o = strings.Replace(o, "#", fmt.Sprint(key), 1)
		}
		list[i] = fmt.Sprintf(`"%d":%s`, i, o)
	}
	return `"objects":{` + strings.Join(list, ",") + `}`
}

// TestLawUpgrade: see lawful.
func TestLawUpgrade(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := object20(t)
		o, err := stix.Parse([]byte(raw))
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		u, err := stix.Upgrade(&o)
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		lawful(t, &o, u)
		dangling := false
		for _, c := range u.Changes {
			dangling = dangling || c.Code == "reference-dangling" || c.Code == "not-extracted"
		}
		ids := extractedIDs(u)
		for _, e := range u.Extracted {
			for _, ref := range referencesIn(e.Raw) {
				if !ids[ref] && !dangling {
					t.Errorf("%s\nrefers to %s, which was not extracted", e.Raw, ref)
				}
			}
		}
	})
}

// failer is a test of any kind.
type failer interface {
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

func extractedIDs(u stix.Upgraded) map[string]bool {
	ids := map[string]bool{}
	for _, e := range u.Extracted {
		ids[e.ID] = true
	}
	return ids
}

// lawful: what was upgraded is STIX 2.1 and stays as it is; the same object becomes the same; it is the same object; a property keeps its
// bytes unless a change names it; each extracted object has its own id, is named in object_refs and has the markings that it had.
func lawful(t failer, o *stix.Object, u stix.Upgraded) {
	again, err := stix.Upgrade(o)
	if err != nil || !reflect.DeepEqual(again, u) {
		t.Errorf("%s\nbecomes %s\nand then %s %v", o.Raw, u.Object.Raw, again.Object.Raw, err)
	}
	for _, e := range append([]stix.Object{u.Object}, u.Extracted...) {
		parsed, err := stix.Parse(e.Raw)
		if err != nil || !reflect.DeepEqual(parsed, e) || e.SpecVersion != "2.1" && !e.IsSCO() {
			t.Errorf("%s is not what Parse makes of it: %v", e.Raw, err)
		}
		if again, err := stix.Upgrade(&e); err != nil || again.Changes != nil || again.Extracted != nil || !bytes.Equal(again.Object.Raw, e.Raw) {
			t.Errorf("%s\nis upgraded to %s %v", e.Raw, again.Object.Raw, err)
		}
	}
	if n := u.Object; n.ID != o.ID || n.Version() != o.Version() || n.Created.Compare(o.Created) != 0 || n.Revoked != o.Revoked {
		t.Errorf("%s\nbecomes another: %s", o.Raw, n.Raw)
	}
	keptBytes(t, o, u)
	ids := extractedIDs(u)
	if len(ids) != len(u.Extracted) {
		t.Errorf("%s: an id occurs twice", o.Raw)
	}
	refs := map[string]bool{}
	for _, r := range referencesIn(u.Object.Raw) {
		refs[r] = true
	}
	for _, e := range u.Extracted {
		if !refs[e.ID] {
			t.Errorf("%s\ndoes not name %s", u.Object.Raw, e.ID)
		}
		marks := strings.Join(e.ObjectMarkingRefs, " ")
		for _, m := range o.ObjectMarkingRefs {
			if !strings.Contains(marks, m) {
				t.Errorf("%s\nis not marked as %s", e.Raw, o.Raw)
			}
		}
	}
}

func keptBytes(t failer, o *stix.Object, u stix.Upgraded) {
	now := membersOf20(o.Raw)
	then := membersOf20(u.Object.Raw)
	for name, v := range now {
		changed := name == "granular_markings" || name == "object_marking_refs" // which other changes may touch
		for _, c := range u.Changes {
			pointer := strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
			rest, ok := strings.CutPrefix(c.Pointer, "/"+pointer)
			changed = changed || ok && (rest == "" || rest[0] == '/') && c.Code != "now-defined"
			changed = changed || name == "object_refs" && c.Code == "objects-to-refs"
		}
		if !changed && v != then[name] {
			t.Errorf("%s was %s and is %s\nof %s", name, v, then[name], o.Raw)
		}
	}
}

// membersOf20 are the members of an object as they are written.
func membersOf20(raw []byte) map[string]string {
	m := map[string]string{}
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	_, _ = d.ReadToken()
	for d.PeekKind() == '"' {
		name, _ := d.ReadToken()
		key := name.String()
		v, err := d.ReadValue()
		if err != nil {
			break
		}
		m[key] = string(v)
	}
	return m
}

// referencesIn are the strings in properties whose names end in _ref or _refs, outside of dictionaries.
func referencesIn(raw []byte) (refs []string) {
	for name, v := range membersOf20(raw) {
		switch {
		case name == "object_marking_refs" || name == "environment_variables" || name == "granular_markings":
		case v[0] == '"' && strings.HasSuffix(name, "_ref"):
			b, _ := jsontext.AppendUnquote(nil, v)
			refs = append(refs, string(b))
		case v[0] == '{':
			refs = append(refs, referencesIn([]byte(v))...)
		case v[0] == '[':
			refs = append(refs, referencesOf(name, v)...)
		}
	}
	return refs
}

func referencesOf(name, list string) (refs []string) {
	d := jsontext.NewDecoder(strings.NewReader(list))
	_, _ = d.ReadToken()
	for k := d.PeekKind(); k != ']' && k != jsontext.KindInvalid; k = d.PeekKind() {
		v, err := d.ReadValue()
		if err != nil {
			return refs
		}
		switch {
		case k == '{':
			refs = append(refs, referencesIn(v)...)
		case k == '"' && strings.HasSuffix(name, "_refs"):
			b, _ := jsontext.AppendUnquote(nil, v)
			refs = append(refs, string(b))
		}
	}
	return refs
}

// FuzzUpgrade: it never panics, fails only at the limits, and what it makes is lawful.
func FuzzUpgrade(f *testing.F) {
	seed(f)
	for _, m := range old20 {
		for _, typ := range []string{"malware", "observed-data"} {
			f.Add([]byte(made20(typ, ","+m+`,"objects":{"0":`+strings.Join(contained20, `,"1":`)+`}`)))
			f.Add([]byte(made20(typ, `,"labels":["worm"],"objects":{"0":`+strings.ReplaceAll(contained20[4], "#", "0")+`,"1":`+contained20[0]+`},`+m)))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var bare stix.Object
		bare.Raw, bare.Type = raw, "observed-data"
		_, _ = stix.Upgrade(&bare)
		o, err := stix.Parse(raw)
		if err != nil {
			return
		}
		u, err := stix.Upgrade(&o)
		if err != nil {
			if len(raw) < 10_000 && (o.SpecVersion == "" || o.SpecVersion == "2.0") {
				t.Errorf("%s: %v", raw, err)
			}
			return
		}
		lawful(t, &o, u)
	})
}
