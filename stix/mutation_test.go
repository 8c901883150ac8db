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
		for range 5 {
			raw := m.Break(g)
			findings := v.ValidateBytes(raw)
			found := false
			for _, f := range findings {
				found = found || f.Code == m.Code
				if f.Code != m.Code && !slices.Contains(m.Implied, f.Code) {
					t.Errorf("%s: also %s at %s: %s\n%.3000s", m.Name, f.Code, f.Pointer, f.Message(), raw)
				}
			}
			if !found {
				t.Errorf("%s: not found: %v\n%.3000s", m.Name, findings, raw)
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

// notMutated are codes of what is no rule of the table.
var notMutated = []spec.Code{
	spec.CodeSyntax, spec.CodeNotObject, spec.CodeDuplicate, // JSON itself
	spec.CodeTranslation, // takes two objects
	spec.CodeLimit,       // a bound
}

// brackets takes a STIX pattern for valid with brackets, as many closing as opening.
type brackets struct{}

func (brackets) CheckPattern(kind, _, pattern string) []stix.PatternFault {
	if kind != "stix" || strings.Contains(pattern, "[") && strings.Count(pattern, "[") == strings.Count(pattern, "]") {
		return nil
	}
	return []stix.PatternFault{{Level: stix.Must, Text: "brackets do not match"}}
}
