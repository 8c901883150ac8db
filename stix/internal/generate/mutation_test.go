package generate

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// TestMutationsApply makes every mutation and looks whether there is a change, at the place that it tells.
func TestMutationsApply(t *testing.T) {
	g := New(1, spec.Standard)
	g.Options.Plain = true
	names := map[string]bool{}
	codes := map[spec.Code]int{}
	for _, m := range Mutations(spec.Standard) {
		if names[m.Name] {
			t.Errorf("%s is there twice", m.Name)
		}
		names[m.Name] = true
		codes[m.Code]++
		c, err := m.Apply(g)
		if err != nil {
			t.Error(err)
			continue
		}
		if m.Code == "" || slices.Contains(c.Implied, "") || slices.Contains(c.Implied, m.Code) {
			t.Errorf("%s: %q implies %q", m.Name, m.Code, c.Implied)
		}
		if bytes.Equal(c.Valid, c.Broken) && m.Code != spec.CodeDeprecated && m.Code != spec.CodeCustomType {
			t.Errorf("%s changes nothing\n%s", m.Name, c.Valid)
		}
		valid := parse(t, c.Valid)
		if s, ok := spec.Standard.Lookup(m.Type); ok && len(c.Before) == 0 {
			if faults := judge(spec.Standard, s, valid, func(string) bool { return false }); faults != nil {
				t.Errorf("%s: before, %v\n%s", m.Name, faults, c.Valid)
			}
		}
		switch m.Code {
		case spec.CodeSyntax, spec.CodeNotObject, spec.CodeDuplicate:
		default:
			if broken := parse(t, c.Broken); !reaches(broken, c.Pointer) {
				t.Errorf("%s: there is no %q\n%s", m.Name, c.Pointer, c.Broken)
			}
		}
	}
	t.Logf("%d mutations", len(names))
	// No row of the table leads to these, or it takes two objects or very many findings.
	none := []spec.Code{
		spec.CodeTranslation, spec.CodeLimit, spec.CodeSemVer, spec.CodeAtMostOne,
	}
	for _, row := range spec.Codes {
		if codes[row.Code] == 0 && !slices.Contains(none, row.Code) {
			t.Errorf("no mutation for %s", row.Code)
		}
	}
}

// reaches reports whether a JSON pointer leads to a value.
func reaches(v any, pointer string) bool {
	if pointer == "" {
		return true
	}
	for step := range strings.SplitSeq(pointer[1:], "/") {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		switch x := v.(type) {
		case *object:
			v = x.get(step)
		case list:
			if step != "0" || len(x) == 0 {
				return false
			}
			v = x[0]
		default:
			return false
		}
	}
	return v != nil
}

// TestImpliedIsAnException holds the mutations to breaking one rule: others that break are few, and known.
func TestImpliedIsAnException(t *testing.T) {
	g := New(2, spec.Standard)
	many := map[*spec.Struct]int{}
	for _, m := range Mutations(spec.Standard) {
		for range 2 {
			c, err := m.Apply(g)
			if err != nil {
				t.Fatal(err)
			}
			if !m.expects(&c) {
				t.Errorf("%s: %s implies %s, and only %s may be\n%s", m.Name, m.Code, c.Implied, m.Implied, c.Broken)
			}
		}
		if len(m.Implied) > 0 {
			many[m.site.s]++
		}
	}
	for s, n := range many {
		if n > 60 {
			t.Errorf("%d mutations of %s have more than one finding", n, s.Name)
		}
	}
}

func BenchmarkMutation(b *testing.B) {
	g := New(1, spec.Standard)
	list := Mutations(spec.Standard)
	for b.Loop() {
		if _, err := pick(g, list).Apply(g); err != nil {
			b.Fatal(err)
		}
	}
}
