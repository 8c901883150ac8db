package stix_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

// definition is an extension-definition with these members beside the usual ones.
func definition(t testing.TB, n int, members string) stix.Object {
	t.Helper()
	o, err := stix.Parse(fmt.Appendf(nil, `{"type":"extension-definition","spec_version":"2.1","id":"extension-definition--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a%02d",
		"created_by_ref":"identity--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a02","created":"2026-04-01T09:00:00.000Z","modified":"2026-04-01T09:00:00.000Z",
		"name":"Example","schema":"https://example.example/schema.json","version":"1.0.0",%s}`, n, members))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func radar() *stix.Struct {
	return &stix.Struct{ID: 900, Name: "x-radar", Class: stix.ClassDomain, Section: "1", Properties: []stix.Property{
		{ID: 32, Name: "name", Kind: stix.KindString, Required: true},
		{ID: 33, Name: "range_km", Kind: stix.KindInteger, Range: &stix.Range{Min: 1, Max: 5000}},
	}}
}

func exampleMembers() *stix.Struct {
	return &stix.Struct{ID: 901, Name: "example-members", Class: stix.ClassPart, Section: "2", Properties: []stix.Property{
		{ID: 32, Name: "weight", Kind: stix.KindInteger},
	}}
}

func TestNewRegistry(t *testing.T) {
	r, err := stix.NewRegistry(nil,
		stix.Extension{Definition: definition(t, 1, `"extension_types":["new-sdo"]`), Types: []*stix.Struct{radar()}},
		stix.Extension{
			Definition: definition(t, 2, `"extension_types":["toplevel-property-extension","property-extension"],"extension_properties":["example_rank"]`),
			Members:    exampleMembers(),
			Top:        []stix.Property{{ID: 32, Name: "example_rank", Kind: stix.KindInteger}},
			Extends:    []string{"malware", "x-radar"},
		})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]stix.TypeInfo{}
	for typ := range r.Types() {
		seen[typ.Name] = typ
	}
	s := seen["x-radar"]
	if s.Class != "domain" || len(s.Properties) != 16 || s.Properties[4].Name != "created" || !s.Properties[4].Required || s.Properties[14].Name != "name" {
		t.Errorf("x-radar is %+v", s)
	}
	if m := seen["example-members"]; m.Class != "extension" || len(m.Extends) != 2 || m.Definition == "" {
		t.Errorf("example-members is %+v", m)
	}
	for typ := range stix.Types() {
		if typ.Name == "x-radar" {
			t.Error("the standard has changed")
		}
	}
	more, err := stix.NewRegistry(r, stix.Extension{Definition: definition(t, 3, `"extension_types":["property-extension"]`), Opaque: true})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for typ := range more.Types() {
		if typ.Name == "x-radar" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("x-radar is there %d times", n)
	}
}

func TestNewRegistryRefuses(t *testing.T) {
	sdo := `"extension_types":["new-sdo"]`
	property := `"extension_types":["property-extension"]`
	with := func(change func(s *stix.Struct)) []*stix.Struct {
		s := radar()
		change(s)
		return []*stix.Struct{s}
	}
	malware, err := stix.Parse([]byte(`{"type":"malware","id":"malware--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a01"}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		e    stix.Extension
		want string
	}{
		"no definition":     {stix.Extension{Definition: malware, Opaque: true}, "no extension-definition"},
		"not valid":         {stix.Extension{Definition: definition(t, 1, `"extension_types":["new-thing"]`), Opaque: true}, "not valid"},
		"no types":          {stix.Extension{Definition: definition(t, 1, sdo), Opaque: true}, "extension_types"},
		"too little":        {stix.Extension{Definition: definition(t, 1, sdo)}, "extension_types"},
		"another class":     {stix.Extension{Definition: definition(t, 1, sdo), Types: with(func(s *stix.Struct) { s.Class = stix.ClassObservable })}, "new-sco"},
		"no class":          {stix.Extension{Definition: definition(t, 1, property), Opaque: true, Types: with(func(s *stix.Struct) { s.Class = stix.ClassPart })}, "no SDO"},
		"known type":        {stix.Extension{Definition: definition(t, 1, sdo), Types: with(func(s *stix.Struct) { s.Name = "malware" })}, "twice"},
		"no name":           {stix.Extension{Definition: definition(t, 1, sdo), Types: with(func(s *stix.Struct) { s.Name = "" })}, "no name of a type"},
		"bad name":          {stix.Extension{Definition: definition(t, 1, sdo), Types: with(func(s *stix.Struct) { s.Name = "X Radar" })}, "no name of a type"},
		"common property":   {stix.Extension{Definition: definition(t, 1, sdo), Types: with(func(s *stix.Struct) { s.Properties[0].ID = 7 })}, "common"},
		"name of a common":  {stix.Extension{Definition: definition(t, 1, sdo), Types: with(func(s *stix.Struct) { s.Properties[0].Name = "id" })}, "another's"},
		"same number":       {stix.Extension{Definition: definition(t, 1, sdo), Types: with(func(s *stix.Struct) { s.Properties[0].ID = 33 })}, "another's"},
		"rule":              {stix.Extension{Definition: definition(t, 1, sdo), Types: with(func(s *stix.Struct) { s.Rules = []stix.Rule{{Op: stix.RuleAfter, Props: []string{"name", "x"}}} })}, "no property"},
		"extends nothing":   {stix.Extension{Definition: definition(t, 1, property), Members: exampleMembers(), Extends: []string{"x-none"}}, "no type"},
		"extension_type":    {stix.Extension{Definition: definition(t, 1, property), Members: &stix.Struct{Name: "m", Properties: []stix.Property{{ID: 32, Name: "extension_type"}}}}, "extension_type"},
		"other properties":  {stix.Extension{Definition: definition(t, 1, `"extension_types":["toplevel-property-extension"],"extension_properties":["a_b"]`), Top: []stix.Property{{ID: 32, Name: "b_c"}}}, "extension_properties"},
		"missing in it":     {stix.Extension{Definition: definition(t, 1, `"extension_types":["toplevel-property-extension"],"extension_properties":["a_b"]`), Top: []stix.Property{{ID: 32, Name: "a_b"}, {ID: 33, Name: "b_c"}}}, "extension_properties"},
		"known by standard": {stix.Extension{Definition: tlpDefinition(t), Opaque: true}, "twice"},
	} {
		_, err := stix.NewRegistry(nil, tc.e)
		if !errors.Is(err, stix.ErrExtension) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	twice := stix.Extension{Definition: definition(t, 1, property), Opaque: true}
	if _, err := stix.NewRegistry(nil, twice, twice); !errors.Is(err, stix.ErrExtension) {
		t.Errorf("twice: %v", err)
	}
}

// tlpDefinition has the id of the extension of TLP 2.0.
func tlpDefinition(t *testing.T) stix.Object {
	o := definition(t, 1, `"extension_types":["property-extension"]`)
	raw := strings.ReplaceAll(string(o.Raw), o.ID, "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d")
	o, err := stix.Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return o
}
