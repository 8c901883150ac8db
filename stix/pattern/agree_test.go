package pattern_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix/pattern"
)

// TestAgreement: on random small cases the matcher and the reference say the same. WAGASA_PATTERN_CASES is how many there are;
// WAGASA_PATTERN_SEED is for others than the usual ones.
func TestAgreement(t *testing.T) {
	count, seed := fromEnv(t, "WAGASA_PATTERN_CASES", 4000), fromEnv(t, "WAGASA_PATTERN_SEED", 1)
	held, faults := 0, 0
	for i := range count {
		d := draw{rand.New(rand.NewPCG(uint64(seed), uint64(i)))}
		c := d.sample()
		holds, fault := c.disagreement()
		if holds {
			held++
		}
		if fault == "" {
			continue
		}
		c, fault = c.shrunk(fault)
		t.Errorf("seed %d, case %d: %s\n%s", seed, i, fault, c)
		if faults++; faults == 10 {
			t.Fatal("that is enough")
		}
	}
	t.Logf("%d cases, of which %d match", count, held)
	if share := held * 100 / count; count >= 1000 && (share < 30 || share > 70) {
		t.Errorf("%d %% of the cases match: they say too little", share)
	}
}

func fromEnv(t *testing.T, name string, usual int) int {
	s := os.Getenv(name)
	if s == "" {
		return usual
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		t.Fatalf("%s is %s: want a number above zero", name, s)
	}
	return n
}

// sample is a random case.
type sample struct {
	pattern *pattern.Pattern
	given   []given
}

// String is the case as it would stand in testdata/conformance.
func (c sample) String() string {
	var b strings.Builder
	b.WriteString("given\n")
	for _, g := range c.given {
		fmt.Fprintf(&b, "  %s\n", g)
	}
	fmt.Fprintf(&b, "true or false\n  %s", c.pattern)
	if s := b.String(); strconv.QuoteToASCII(s) != strconv.Quote(s) {
		fmt.Fprintf(&b, "\nin ASCII: %+q", s) // so that one sees what is normalised
	}
	return b.String()
}

// disagreement is what the reference says, and what is wrong with that or with the matcher, "" if nothing is.
func (c sample) disagreement() (holds bool, fault string) {
	if fault := printedAgain(c.pattern); fault != "" {
		return false, fault
	}
	list := forReference(c.given)
	holds = reference(c.pattern, list)
	m, err := pattern.Compile(c.pattern)
	if err != nil {
		return holds, err.Error()
	}
	forms, err := scenes(c.given)
	if err != nil {
		return holds, err.Error()
	}
	for version, observed := range forms {
		if fault := judge(c.pattern, m.Match(observed), list, holds); fault != "" {
			return holds, fmt.Sprintf("in STIX %s %s", version, fault)
		}
		if fault := atomsFault(m, observed); holds && fault != "" {
			return holds, fmt.Sprintf("in STIX %s %s", version, fault)
		}
	}
	return holds, ""
}

// atomsFault says what is wrong with the atoms of a pattern that matches, "" if nothing is: if it has some, one must hit.
func atomsFault(m *pattern.Matcher, list []pattern.Observed) string {
	if atoms, ok := m.Atoms(); ok && !hit(atoms, list) {
		return fmt.Sprintf("it matches, and no atom hits: %v", atoms)
	}
	return ""
}

func printedAgain(p *pattern.Pattern) string {
	again, err := pattern.Parse(p.String())
	switch {
	case err != nil:
		return fmt.Sprintf("it is printed, and refused: %v", err)
	case !pattern.Same(p, again):
		return fmt.Sprintf("it is printed, and is another pattern: %s", again)
	}
	return ""
}

// shrunk makes a case smaller as long as something is wrong with it.
func (c sample) shrunk(fault string) (sample, string) {
	for range 1000 {
		list := c.smaller()
		next := slices.IndexFunc(list, func(s sample) bool {
			_, f := s.disagreement()
			if f != "" {
				fault = f
			}
			return f != ""
		})
		if next < 0 {
			break
		}
		c = list[next]
	}
	return c, fault
}

// smaller are the cases that lack one thing.
func (c sample) smaller() []sample {
	var list []sample
	for i, g := range c.given {
		list = append(list, sample{c.pattern, without(c.given, i)})
		for _, g := range smallerGiven(g) {
			changed := slices.Clone(c.given)
			changed[i] = g
			list = append(list, sample{c.pattern, changed})
		}
	}
	for _, e := range smallerObservations(c.pattern.Expr) {
		list = append(list, sample{&pattern.Pattern{Expr: e}, c.given})
	}
	return list
}

func without[T any](list []T, i int) []T { return slices.Delete(slices.Clone(list), i, i+1) }

// smallerGiven are an observed-data object without one of its objects, or without one of their properties.
func smallerGiven(g given) []given {
	var list []given
	for i, t := range g.objects {
		less := g
		less.objects = without(g.objects, i)
		list = append(list, less)
		for name := range t.value {
			if name == "type" {
				continue
			}
			less.objects = slices.Clone(g.objects)
			less.objects[i].value = maps.Clone(t.value)
			delete(less.objects[i].value, name)
			list = append(list, less)
		}
	}
	return list
}

func smallerObservations(e pattern.ObservationExpr) []pattern.ObservationExpr {
	var list []pattern.ObservationExpr
	switch e := e.(type) {
	case *pattern.Observation:
		for _, c := range smallerComparisons(e.Expr) {
			list = append(list, &pattern.Observation{Expr: c})
		}
	case *pattern.ObservationOp:
		list = append(list, e.Operands...)
		for _, operands := range smallerRows(e.Operands, smallerObservations) {
			list = append(list, &pattern.ObservationOp{Op: e.Op, Operands: operands})
		}
	case *pattern.Qualified:
		list = append(list, e.Expr)
		for i := range e.Qualifiers {
			if len(e.Qualifiers) > 1 {
				list = append(list, &pattern.Qualified{Expr: e.Expr, Qualifiers: without(e.Qualifiers, i)})
			}
		}
		for _, inner := range smallerObservations(e.Expr) {
			list = append(list, &pattern.Qualified{Expr: inner, Qualifiers: e.Qualifiers})
		}
	}
	return list
}

func smallerComparisons(e pattern.ComparisonExpr) []pattern.ComparisonExpr {
	op, ok := e.(*pattern.ComparisonOp)
	if !ok {
		return nil
	}
	list := slices.Clone(op.Operands)
	for _, operands := range smallerRows(op.Operands, smallerComparisons) {
		list = append(list, &pattern.ComparisonOp{Op: op.Op, Operands: operands})
	}
	return list
}

// smallerRows are a row of operands without one of them, or with one made smaller.
func smallerRows[T any](row []T, smaller func(T) []T) [][]T {
	var list [][]T
	for i := range row {
		if len(row) > 2 {
			list = append(list, without(row, i))
		}
		for _, s := range smaller(row[i]) {
			changed := slices.Clone(row)
			changed[i] = s
			list = append(list, changed)
		}
	}
	return list
}
