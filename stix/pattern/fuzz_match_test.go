package pattern_test

import (
	"fmt"
	"testing"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/pattern"
)

// FuzzMatch matches any pattern against observations with any objects, within a small budget. It never panics; what is found is a match by
// itself, and is hit by an atom; the pattern in canonical form has the same answer; a second time, and with memory that was used, too.
func FuzzMatch(f *testing.F) {
	for _, g := range conformance(f) {
		for _, c := range g.cases {
			var objects [2]string
			for i := range min(2, len(g.given)) {
				for _, o := range g.given[i].objects {
					if o.key == "0" {
						objects[i] = o.raw
					}
				}
			}
			f.Add(c.text, objects[0], objects[1])
		}
	}
	f.Fuzz(func(t *testing.T, text, first, second string) {
		p, err := pattern.Parse(text)
		if err != nil {
			return
		}
		m, err := pattern.Compile(p, pattern.Budget(50_000))
		if err != nil {
			return
		}
		var seen []pattern.Observed
		for i, objects := range []string{first, second, first} {
			if o, ok := fuzzed(t, i, objects, second); ok {
				seen = append(seen, o)
			}
		}
		result := m.Match(seen)
		again, err := pattern.Parse(p.String())
		if err != nil {
			return // it is too long now
		}
		m2, err := pattern.Compile(again, pattern.Budget(50_000))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if other := m2.Match(seen); other.Verdict != result.Verdict || fmt.Sprint(other) != fmt.Sprint(result) {
				t.Fatalf("%v in canonical form, or the second time: %v", result, other)
			}
		}
		if result.Verdict == pattern.Matched {
			proves(t, m, seen, result)
		}
	})
}

// proves holds a match against the observations that it names alone, and against the atoms.
func proves(t *testing.T, m *pattern.Matcher, seen []pattern.Observed, result pattern.Result) {
	var used []pattern.Observed
	for i, n := range result.Observations {
		if n < 0 || n >= len(seen) || i > 0 && n <= result.Observations[i-1] {
			t.Fatalf("%v of %d", result, len(seen))
		}
		used = append(used, seen[n])
	}
	if alone := m.Match(used); alone.Verdict != pattern.Matched {
		t.Fatalf("%v, but these alone: %v", result, alone)
	}
	atoms, ok := m.Atoms()
	if ok && !hit(atoms, used) {
		t.Fatalf("it matches, and no atom hits: %v", atoms)
	}
}

// fuzzed is an observation of two objects, the second of which is known by "1" only where it is JSON.
func fuzzed(t *testing.T, i int, first, second string) (pattern.Observed, bool) {
	for _, objects := range []string{fmt.Sprintf(`{"0":%s,"1":%s}`, first, second), fmt.Sprintf(`{"0":%s}`, first)} {
		o, err := stix.Parse(fmt.Appendf(nil, `{"type":"observed-data","id":"observed-data--00000000-0000-4000-8000-00000000000%d",`+
			`"first_observed":"2026-01-01T00:00:0%dZ","last_observed":"2026-01-01T00:00:02Z","number_observed":%d,"objects":%s}`, i, i, i+1, objects))
		if err != nil {
			continue
		}
		seen, err := pattern.NewScene().Observe(&o)
		if err != nil {
			t.Fatal(err)
		}
		return seen, true
	}
	return pattern.Observed{}, false
}

// hit reports whether one of the atoms hits one of the observations.
func hit(atoms []pattern.Atom, seen []pattern.Observed) bool {
	for _, a := range atoms {
		for i := range seen {
			for n := range seen[i].Event.Objects(a.Path.Type) {
				for _, v := range seen[i].Event.Lookup(a.Path, n, nil) {
					if a.Hits(v) {
						return true
					}
				}
			}
		}
	}
	return false
}
