package stix_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

const (
	uuid  = "11111111-1111-4111-8111-111111111111"
	tool  = "tool--" + uuid
	ident = "identity--22222222-2222-4222-8222-222222222222"
)

func TestParse(t *testing.T) {
	raw := `{"ty\u0070e":"indicator","id":"indicator--` + uuid + `","spec_version":"2.1","created_by_ref":"` + ident + `",
		"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-02T00:00:00.5Z","revoked":true,"lang":"ja",
		"labels":["a","攻撃"],"object_marking_refs":["marking-definition--` + uuid + `"],
		"granular_markings":[{"lang":"en","selectors":["name"],"x":1},{"selectors":["a.[0]","b"],"marking_ref":"` + markingID + `"}],
		"pattern":"[ipv4-addr:value = '192.0.2.1']"}`
	o, err := stix.Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	if string(o.Raw) != raw || o.Type != "indicator" || o.ID != "indicator--"+uuid || o.SpecVersion != "2.1" ||
		o.CreatedByRef != ident || o.Created.String() != "2026-01-01T00:00:00.000Z" || !o.Revoked || o.Lang != "ja" ||
		len(o.Labels) != 2 || o.Labels[1] != "攻撃" || len(o.ObjectMarkingRefs) != 1 || o.Version() != 1767312000500000000 {
		t.Errorf("%+v", o.Header)
	}
	g := o.GranularMarkings
	if len(g) != 2 || g[0].Lang != "en" || g[0].MarkingRef != "" || g[1].MarkingRef != markingID || len(g[1].Selectors) != 2 {
		t.Errorf("%+v", g)
	}
}

func TestParseOwnsItsBytes(t *testing.T) {
	raw := []byte(`{"type":"tool","id":"` + tool + `"}`)
	o, err := stix.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	clear(raw)
	if o.ID != tool || o.Raw[0] != '{' {
		t.Error("the object has changed with the caller's bytes")
	}
}

func TestParseErrors(t *testing.T) {
	head := `{"type":"tool","id":"` + tool + `"`
	deep := func(n int) string { return head + `,"x":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}` }
	if _, err := stix.Parse([]byte(deep(stix.MaxDepth - 1))); err != nil {
		t.Errorf("depth %d: %v", stix.MaxDepth, err)
	}
	many := `["a"` + strings.Repeat(`,"a"`, stix.MaxList) + `]`
	for _, c := range []struct {
		raw  string
		want error
		says string
	}{
		{``, stix.ErrNotObject, "begin"},
		{`[]`, stix.ErrNotObject, "begin"},
		{` {}`, stix.ErrNotObject, "begin"},
		{`{}`, stix.ErrNotObject, "neither"},
		{`{"type":"tool"}`, stix.ErrNotObject, "no id"},
		{`{"id":"` + tool + `"}`, stix.ErrNotObject, tool + ": no STIX object: it has no type"},
		{`{"type":"tool","id":"` + tool + `"`, stix.ErrSyntax, "no end"},
		{head + "}\n", stix.ErrSyntax, "follows"},
		{head + "}}", stix.ErrSyntax, "follows"},
		{head + `,"x":[}`, stix.ErrSyntax, "match"},
		{head + `,"a":1,"a":2}`, stix.ErrSyntax, "twice"},
		{head + `,"x":{"a":1,"\u0061":2}}`, stix.ErrSyntax, "twice"},
		{head + `,"name":"` + "\xff" + `"}`, stix.ErrSyntax, "UTF-8"},
		{head + `,"name":"\ud800"}`, stix.ErrSyntax, "surrogate"},
		{head + `,"name":"` + "\n" + `"}`, stix.ErrSyntax, "at byte"},
		{head + `,"name":01}`, stix.ErrSyntax, "at byte"},
		{head + `,"name":}`, stix.ErrSyntax, "at byte"},
		{head + `,}`, stix.ErrSyntax, "at byte"},
		{deep(stix.MaxDepth), stix.ErrTooDeep, "100 levels"},
		{deep(20_000), stix.ErrTooDeep, "100 levels"},
		{`{"type":"bundle","id":"bundle--` + uuid + `"}`, stix.ErrNotObject, "bundle"},
		{`{"type":"tool","id":"malware--` + uuid + `"}`, stix.ErrID, "type is tool"},
		{`{"type":"tool","id":"tool--1"}`, stix.ErrID, "tool--1: bad id: want tool--<UUID>"},
		{`{"type":"tool","id":"tool-` + uuid + `"}`, stix.ErrID, "UUID"},
		{`{"type":"Tool","id":"Tool--` + uuid + `"}`, stix.ErrProperty, "a-z"},
		{`{"type":"a--b","id":"a--b--` + uuid + `"}`, stix.ErrProperty, "a-z"},
		{`{"type":"` + strings.Repeat("a", 251) + `","id":"` + tool + `"}`, stix.ErrProperty, "250"},
		{`{"type":1,"id":"` + tool + `"}`, stix.ErrProperty, "type is a number"},
		{`{"type":"tool","id":null}`, stix.ErrProperty, "id is null"},
		{head + `,"spec_version":2.1}`, stix.ErrProperty, "spec_version is a number, it must be a string"},
		{head + `,"created_by_ref":{}}`, stix.ErrProperty, "created_by_ref is an object"},
		{head + `,"created_by_ref":""}`, stix.ErrProperty, "created_by_ref is empty"},
		{head + `,"created_by_ref":"ACME"}`, stix.ErrProperty, "created_by_ref is ACME, it must be"},
		{head + `,"created_by_ref":"` + ident + `\n"}`, stix.ErrProperty, "created_by_ref is"},
		{head + `,"created_by_ref":"` + strings.Repeat("a", 251) + "--" + uuid + `"}`, stix.ErrProperty, "created_by_ref is"},
		{head + `,"spec_version":"` + strings.Repeat("2", 17) + `"}`, stix.ErrProperty, "spec_version has more than 16"},
		{head + `,"object_marking_refs":["` + markingID + `","TLP:RED"]}`, stix.ErrProperty, "object_marking_refs is TLP:RED"},
		{head + `,"granular_markings":[{"marking_ref":"m","selectors":["a"]}]}`, stix.ErrProperty, "granular_markings.marking_ref is m"},
		{head + `,"granular_markings":[{"marking_ref":"","lang":"ja","selectors":["a"]}]}`, stix.ErrProperty, "granular_markings.marking_ref is empty"},
		{head + `,"created":"yesterday"}`, stix.ErrTimestamp, "created: bad timestamp yesterday"},
		{head + `,"modified":"2022-101-27T13:49:54.326Z"}`, stix.ErrProperty, "modified"},
		{head + `,"modified":0}`, stix.ErrProperty, "modified is a number"},
		{head + `,"revoked":"true"}`, stix.ErrProperty, "revoked is a string, it must be true or false"},
		{head + `,"revoked":null}`, stix.ErrProperty, "revoked is null"},
		{head + `,"lang":[]}`, stix.ErrProperty, "lang is a list"},
		{head + `,"labels":"a"}`, stix.ErrProperty, "labels is a string, it must be a list"},
		{head + `,"labels":["a",1]}`, stix.ErrProperty, "labels holds a number"},
		{head + `,"labels":["a" 1]}`, stix.ErrSyntax, "at byte"},
		{head + `,"labels":` + many + `}`, stix.ErrTooLarge, "labels has more than"},
		{head + `,"object_marking_refs":"a"}`, stix.ErrProperty, "object_marking_refs is a string"},
		{head + `,"object_marking_refs":null}`, stix.ErrProperty, "object_marking_refs is null"},
		{head + `,"granular_markings":{}}`, stix.ErrProperty, "granular_markings is an object"},
		{head + `,"granular_markings":["a"]}`, stix.ErrProperty, "granular_markings holds a string"},
		{head + `,"granular_markings":[{"marking_ref":"` + markingID + `"}]}`, stix.ErrProperty, "without selectors"},
		{head + `,"granular_markings":[{"marking_ref":"` + markingID + `","selectors":[]}]}`, stix.ErrProperty, "without selectors"},
		{head + `,"granular_markings":[{"selectors":["a"]}]}`, stix.ErrProperty, "without marking_ref"},
		{head + `,"granular_markings":[{"marking_ref":["m"],"selectors":["a"]}]}`, stix.ErrProperty, "marking_ref is a list"},
		{head + `,"granular_markings":[{"marking_ref":"` + markingID + `","selectors":"a"}]}`, stix.ErrProperty, "selectors is a string"},
		{head + `,"granular_markings":[{"marking_ref":"` + markingID + `","selectors":` + many + `}]}`, stix.ErrTooLarge, "selectors has"},
	} {
		_, err := stix.Parse([]byte(c.raw))
		var oe *stix.ObjectError
		if !errors.As(err, &oe) || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.200s\n\tgot  %v\n\twant %v: %s", c.raw, err, c.want, c.says)
			continue
		}
		if strings.HasPrefix(c.raw, head) && (oe.ID != tool || oe.Type != "tool") {
			t.Errorf("%.200s\n\tthe error does not name the object: %v", c.raw, err)
		}
	}
}

func TestVersion(t *testing.T) {
	for raw, want := range map[string]int64{
		`{"type":"tool","id":"` + tool + `","created":"1970-01-01T00:00:01Z","modified":"1970-01-01T00:00:02Z"}`:           2e9,
		`{"type":"tool","id":"` + tool + `","created":"1970-01-01T00:00:01Z"}`:                                             0,
		`{"type":"marking-definition","id":"marking-definition--` + uuid + `","created":"1970-01-01T00:00:00.000000001Z"}`: 1,
		`{"type":"file","id":"file--` + uuid + `","modified":"1970-01-01T00:00:02Z"}`:                                      0,
		`{"type":"file","id":"file--` + uuid + `"}`:                                                                        0,
	} {
		o, err := stix.Parse([]byte(raw))
		if err != nil || o.Version() != want {
			t.Errorf("%s: %d, %v", raw, o.Version(), err)
		}
	}
}

// TestObservablesHaveNoVersion: none of the 18 types, whatever version of STIX it claims.
func TestObservablesHaveNoVersion(t *testing.T) {
	types := strings.Fields(`artifact autonomous-system directory domain-name email-addr email-message file ipv4-addr ipv6-addr mac-addr
		mutex network-traffic process software url user-account windows-registry-key x509-certificate`)
	if len(types) != 18 {
		t.Fatal(len(types))
	}
	for _, typ := range types {
		for _, spec := range []string{"", `"spec_version":"2.0",`, `"spec_version":"2.1",`, `"spec_version":"3",`} {
			o, err := stix.Parse([]byte(`{"type":"` + typ + `",` + spec + `"id":"` + typ + `--` + uuid + `","created":"2026-01-01T00:00:00Z","modified":"2026-01-02T00:00:00Z"}`))
			if err != nil || o.Version() != 0 || o.Modified.IsZero() {
				t.Errorf("%s %s: version %d, %v", typ, spec, o.Version(), err)
			}
		}
	}
}

// TestMarkingsAreBounded: the distinct ids in both places count together.
func TestMarkingsAreBounded(t *testing.T) {
	ref := func(i int) string { return fmt.Sprintf("marking-definition--%08x-1111-4111-8111-111111111111", i) }
	with := func(refs, granular, from int) error {
		var a, b []string
		for i := range refs {
			a = append(a, `"`+ref(i)+`"`)
		}
		for i := range granular {
			b = append(b, `{"marking_ref":"`+ref(from+i)+`","selectors":["name"]}`, `{"lang":"ja","selectors":["name"]}`)
		}
		_, err := stix.Parse([]byte(`{"type":"tool","id":"` + tool + `","object_marking_refs":[` + strings.Join(a, ",") +
			`],"granular_markings":[` + strings.Join(b, ",") + `]}`))
		return err
	}
	for _, c := range []struct {
		refs, granular, from int
		bad                  bool
	}{
		{stix.MaxMarkings, 0, 0, false},
		{stix.MaxMarkings, stix.MaxMarkings, 0, false}, // the same
		{stix.MaxMarkings - 1, 1, stix.MaxMarkings, false},
		{0, stix.MaxMarkings, 0, false},
		{stix.MaxMarkings + 1, 0, 0, true},
		{0, stix.MaxMarkings + 1, 0, true},
		{stix.MaxMarkings, 1, stix.MaxMarkings, true},
	} {
		err := with(c.refs, c.granular, c.from)
		if bad := errors.Is(err, stix.ErrProperty) && strings.Contains(err.Error(), "object_marking_refs"); bad != c.bad || (err == nil) == c.bad {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestCanonicalID(t *testing.T) {
	for id, want := range map[string]bool{
		"file--abcdefab-1111-4111-8111-11111111111f": true,
		"file--abcdefab-1111-4111-8111-11111111111F": false,
		"file--ABCDEFAB-1111-4111-8111-111111111111": false,
		"file--" + uuid: true,
	} {
		o, err := stix.Parse([]byte(`{"type":"file","id":"` + id + `"}`))
		if err != nil || o.HasCanonicalID() != want {
			t.Errorf("%s: %v, %v", id, o.HasCanonicalID(), err)
		}
	}
}

func TestKnown(t *testing.T) {
	for _, c := range []struct {
		typ, version string
		known, sco   bool
	}{
		{"tool", "", true, false},
		{"tool", "2.0", true, false},
		{"tool", "2.1", true, false},
		{"tool", "2.2", false, false},
		{"grouping", "", false, false},
		{"grouping", "2.0", false, false},
		{"grouping", "2.1", true, false},
		{"file", "", true, true},
		{"file", "2.1", true, true},
		{"file", "2.0", false, true},
		{"marking-definition", "", true, false},
		{"extension-definition", "2.1", true, false},
		{"x-mitre-tactic", "2.1", false, false},
	} {
		o := stix.Object{Header: stix.Header{Type: c.typ, SpecVersion: c.version}}
		if o.Known() != c.known || o.IsSCO() != c.sco {
			t.Errorf("%s %q: known %v, SCO %v", c.typ, c.version, o.Known(), o.IsSCO())
		}
	}
}

func TestValidID(t *testing.T) {
	for id, want := range map[string]bool{
		tool:             true,
		"x-a-9--" + uuid: true,
		"tool--" + strings.ToUpper("abcdefab-1111-4111-8111-111111111111"): true,
		strings.Repeat("a", 250) + "--" + uuid:                             true,
		strings.Repeat("a", 251) + "--" + uuid:                             false,
		"":                                                                 false,
		uuid:                                                               false,
		"--" + uuid:                                                        false,
		"ab--" + uuid:                                                      false,
		"tool-" + uuid:                                                     false,
		"tool---x--" + uuid:                                                false,
		"to/ol--" + uuid:                                                   false,
		"tool--" + uuid + "1":                                              false,
		"tool--" + uuid[:35]:                                               false,
		"tool--" + "{" + uuid[1:35] + "}":                                  false,
		"tool--" + strings.ReplaceAll(uuid, "-", "0"): false,
	} {
		if stix.ValidID(id) != want || (stix.TypeOf(id) != "") != want {
			t.Errorf("%s: %v", id, !want)
		}
	}
}

// TestDigestVectors holds examples of RFC 8785 (sections 3.2.2 and 3.2.3).
func TestDigestVectors(t *testing.T) {
	for _, c := range []struct{ in, canonical string }{
		{
			"{\n \"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],\n" +
				` "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",` + "\n \"literals\": [null, true, false]\n}",
			`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
				`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		},
		{
			`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",` +
				`"\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
			`{"\r":"Carriage Return","1":"One","` + "\u0080" + `":"Control","ö":"Latin Small Letter O With Diaeresis",` +
				`"€":"Euro Sign","😀":"Emoji: Grinning Face","` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}`,
		},
		{
			`[0, -0, 0.0, 5e-324, 1.7976931348623157e308, 9007199254740992, 295147905179352830000, 1e21, 1e-7, 0.000001]`,
			`[0,0,0,5e-324,1.7976931348623157e+308,9007199254740992,295147905179352830000,1e+21,1e-7,0.000001]`,
		},
	} {
		o := stix.Object{Raw: []byte(c.in)}
		got, err := o.Digest()
		if err != nil || got != sha256.Sum256([]byte(c.canonical)) {
			t.Errorf("%s: %v", c.in, err)
		}
		if string(o.Raw) != c.in {
			t.Error("Digest has changed the object")
		}
	}
	bad := stix.Object{Raw: []byte(`{"a":1,"a":1}`)}
	if _, err := bad.Digest(); !errors.Is(err, stix.ErrSyntax) {
		t.Errorf("a name twice: %v", err)
	}
}
