package stix_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/internal/generate"
	"github.com/wagasa/wagasa/stix/internal/spec"
)

// TestGenerated: what the table generates is valid.
func TestGenerated(t *testing.T) {
	v := stix.NewValidator()
	for _, s := range spec.Standard.Objects() {
		g := generate.New(7, spec.Standard)
		for i := range 200 {
			g.Options.Fill = float64(i%5) / 4
			raw := g.Object(s)
			if f := v.ValidateBytes(raw); len(f) > 0 {
				t.Errorf("%s: %v: %s\n%.3000s", s.Name, f, f[0].Message(), raw)
				break
			}
		}
	}
}

// TestMutations breaks valid objects in each rule of the table: the finding is that of the rule, and no other than those that the table lists as
// implied.
func TestMutations(t *testing.T) {
	v := stix.NewValidator(stix.Patterns(brackets{}))
	codes := map[spec.Code]int{}
	mutations := generate.Mutations(spec.Standard)
	for _, m := range mutations {
		g := generate.New(11, spec.Standard)
		for range 3 {
			c, err := m.Apply(g)
			if err != nil {
				t.Fatalf("%s: %v", m.Name, err)
			}
			if got := codesOf(v.ValidateBytes(c.Valid)); !slices.Equal(got, sorted(c.Before)) {
				t.Errorf("%s: before: found %s, want %s\n%.3000s", m.Name, got, c.Before, c.Valid)
			}
			want := sorted(append([]spec.Code{m.Code}, c.Implied...))
			if got := codesOf(v.ValidateBytes(c.Broken)); !slices.Equal(got, want) {
				t.Errorf("%s: found %s, want %s\n%.3000s", m.Name, got, want, c.Broken)
			}
			codes[m.Code]++
		}
	}
	t.Logf("%d mutations, %d codes", len(mutations), len(codes))
	for _, c := range spec.Codes {
		if codes[c.Code] == 0 && !slices.Contains(notMutated, c.Code) {
			t.Errorf("no mutation leads to %s", c.Code)
		}
	}
}

// codesOf are the codes of findings, each once, in order.
func codesOf(findings []stix.Finding) (codes []spec.Code) {
	for _, f := range findings {
		codes = append(codes, f.Code)
	}
	return sorted(codes)
}

func sorted(codes []spec.Code) []spec.Code {
	codes = slices.Clone(codes)
	slices.Sort(codes)
	return slices.Compact(codes)
}

// notMutated are codes of what is no rule of the table.
var notMutated = []spec.Code{
	spec.CodeSyntax, spec.CodeNotObject, spec.CodeDuplicate, // JSON itself
	spec.CodeTranslation,                // takes two objects
	spec.CodeLimit,                      // a bound
	spec.CodeAtMostOne, spec.CodeSemVer, // for registered extensions, see TestRegistered
}

// brackets takes a STIX pattern for valid with brackets, as many closing as opening.
type brackets struct{}

func (brackets) CheckPattern(kind, _, pattern string) []stix.PatternFault {
	if kind != "stix" || strings.Contains(pattern, "[") && strings.Count(pattern, "[") == strings.Count(pattern, "]") {
		return nil
	}
	return []stix.PatternFault{{Level: stix.Must, Text: "brackets do not match"}}
}

// TestRegistered: a validator judges by the extensions that it is given, also by what the standard itself has no use for.
func TestRegistered(t *testing.T) {
	definition, err := stix.Parse([]byte(`{"type":"extension-definition","spec_version":"2.1","id":"extension-definition--3f1c0b52-6f0d-4d43-9d0e-2f9b1f1c7a01",` +
		`"created_by_ref":"identity--0b2a9d0e-7c0b-4d7a-8a43-1f0a6f6c2b11","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z",` +
		`"name":"Stock","schema":"https://schema.example/stock","version":"1.0.0","extension_types":["new-sdo"]}`))
	if err != nil {
		t.Fatal(err)
	}
	registry, err := stix.NewRegistry(nil, stix.Extension{Definition: definition, Types: []*stix.Struct{{
		ID: 1000, Name: "stock", Class: stix.ClassDomain, Section: "1",
		Properties: []stix.Property{
			{ID: 32, Name: "release", Kind: stix.KindString, Required: true, Format: stix.FormatSemVer},
			{ID: 33, Name: "room", Kind: stix.KindString},
			{ID: 34, Name: "depot", Kind: stix.KindString},
		},
		Rules: []stix.Rule{{Op: stix.RuleAtMostOne, Props: []string{"room", "depot"}}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	object := func(own string) []byte {
		return []byte(`{"type":"stock","spec_version":"2.1","id":"stock--5b1c0b52-6f0d-4d43-9d0e-2f9b1f1c7a01","created":"2026-01-01T00:00:00.000Z",` +
			`"modified":"2026-01-01T00:00:00.000Z",` + own + `,"extensions":{"extension-definition--3f1c0b52-6f0d-4d43-9d0e-2f9b1f1c7a01":{"extension_type":"new-sdo"}}}`)
	}
	v := stix.NewValidator(stix.With(registry))
	for own, want := range map[string][]spec.Code{
		`"release":"1.2.0"`:                        nil,
		`"release":"1.2"`:                          {spec.CodeSemVer},
		`"release":"1.2.0","room":"a","depot":"b"`: {spec.CodeAtMostOne},
		`"release":"1.2.0","floor":"a"`:            {spec.CodeCustomProperty},
		`"room":"a"`:                               {spec.CodeRequired},
	} {
		if got := codesOf(v.ValidateBytes(object(own))); !slices.Equal(got, want) {
			t.Errorf("%s: %s, want %s", own, got, want)
		}
	}
	if got := codesOf(stix.NewValidator().ValidateBytes(object(`"release":"1"`))); !slices.Equal(got, []spec.Code{spec.CodeUnknownExtension}) {
		t.Errorf("without the extension: %s", got)
	}
}
