package generate

import (
	"slices"
	"testing"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// newExtension has what no shipped one has: top-level properties, a new SCO, rules of every kind, values fixed and typed dictionaries.
func newExtension() *spec.Extension {
	const id = "extension-definition--9c59fd79-4215-4ba2-920d-3e4f320e1e62"
	inner := &spec.Struct{
		ID: 901, Name: "inner", Class: spec.Part,
		Properties: []spec.Property{
			{ID: 32, Name: "flag", Kind: spec.Boolean, Required: true, Fixed: "true"},
			{ID: 33, Name: "release", Kind: spec.String, Format: spec.SemVer},
		},
	}
	return &spec.Extension{
		ID: id, Name: "own", Types: []string{"toplevel-property-extension", "property-extension", "new-sco"},
		Top: []spec.Property{
			{ID: 32, Name: "top_required", Kind: spec.Integer, Required: true, Range: &spec.Range{Min: 2000, Max: 3000}},
			{ID: 33, Name: "top_list", Kind: spec.String, List: true, Format: spec.Language},
		},
		Objects: []*spec.Struct{{
			ID: 900, Name: "own-object", Class: spec.Observable, Definition: id,
			Properties: []spec.Property{
				{ID: 1, Name: "type", Kind: spec.String, Required: true},
				{ID: 3, Name: "id", Kind: spec.Identifier, Required: true},
				{ID: 15, Name: "extensions", Kind: spec.Extensions},
				{ID: 32, Name: "one", Kind: spec.String, Contributing: true},
				{ID: 33, Name: "two", Kind: spec.Float, Range: &spec.Range{Min: -1, Max: 1}},
				{ID: 34, Name: "mode", Kind: spec.String, Required: true, Fixed: "own"},
				{ID: 35, Name: "by_name", Kind: spec.Dictionary, Value: &spec.Property{Kind: spec.Nested, Struct: inner}},
				{ID: 36, Name: "old", Kind: spec.Hex, Deprecated: true},
				{ID: 37, Name: "from", Kind: spec.Timestamp},
				{ID: 38, Name: "until", Kind: spec.Timestamp},
				{ID: 39, Name: "what", Kind: spec.Identifier, Refs: &spec.Refs{Classes: []spec.Class{spec.Observable}, Except: []string{"file"}}},
			},
			Rules: []spec.Rule{
				{Op: spec.Call, Check: spec.CheckDeterministicID},
				{Op: spec.AtMostOne, Props: []string{"one", "two"}},
				{Op: spec.Forbids, Props: []string{"two", "by_name"}, Implied: []spec.Code{spec.CodeRequires}},
				{Op: spec.Requires, When: &spec.When{Prop: "mode", Value: "own"}, Props: []string{"by_name", "one"}},
				{Op: spec.After, Props: []string{"until", "from"}},
				{Op: spec.Requires, Props: []string{"until", "from"}},
			},
		}},
	}
}

func TestOwnExtension(t *testing.T) {
	own := newExtension()
	tb, err := spec.Standard.With(own)
	if err != nil {
		t.Fatal(err)
	}
	g := New(1, tb)
	for _, name := range []string{"indicator", "own-object"} {
		s, _ := tb.Lookup(name)
		seen := map[string]int{}
		for range 500 {
			b := g.Object(s)
			o := parse(t, b)
			extensions, _ := o.get("extensions").(*object)
			carried := extensions != nil && extensions.has(own.ID)
			top := func(name string) bool {
				return carried && slices.ContainsFunc(own.Top, func(p spec.Property) bool { return p.Name == name })
			}
			if faults := judge(tb, s, o, top); faults != nil {
				t.Fatalf("%v\n%s", faults, b)
			}
			if carried != o.has("top_required") {
				t.Fatalf("carries the extension: %v\n%s", carried, b)
			}
			for _, m := range o.members {
				seen[m.name]++
			}
		}
		if seen["top_list"] == 0 || seen["extensions"] == 0 {
			t.Errorf("%s: %v", name, seen)
		}
	}
	codes := map[spec.Code]int{}
	for _, m := range Mutations(tb) {
		if m.Type != "own-object" && m.site.top == nil {
			continue
		}
		c, err := m.Apply(g)
		if err != nil {
			t.Error(err)
			continue
		}
		if !m.expects(&c) {
			t.Errorf("%s implies %s\n%s", m.Name, c.Implied, c.Broken)
		}
		codes[m.Code]++
	}
	for _, want := range []spec.Code{
		spec.CodeAtMostOne, spec.CodeForbids, spec.CodeRequires, spec.CodeAfter, spec.CodeFixed, spec.CodeSemVer, spec.CodeReference, spec.CodeRange,
		spec.CodeLanguage, spec.CodeDeprecated, spec.CodeDeterministicID,
	} {
		if codes[want] == 0 {
			t.Errorf("no mutation for %s", want)
		}
	}
}
