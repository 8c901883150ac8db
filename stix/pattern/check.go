package pattern

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/wagasa/wagasa/stix"
)

// MaxFaults bounds the faults of one pattern; a last one then says that there are more.
const MaxFaults = 100

// Checker judges patterns. It knows the cyber-observables of STIX 2.1 and the predefined extensions; the zero Checker knows no others.
// It does not change and may be used by many goroutines.
type Checker struct {
	custom customNames
}

var _ stix.PatternChecker = (*Checker)(nil)

// NewChecker returns a Checker that knows the types, properties and extensions of r too. Of these it knows the names only.
func NewChecker(r *stix.Registry) *Checker { return &Checker{custom: namesOf(r)} }

// CheckPattern judges a pattern of pattern_type stix, of the version 2.0 or 2.1. Without a version it is taken for 2.1. Patterns of other
// types and versions are not judged.
func (c *Checker) CheckPattern(patternType, version, pattern string) []stix.PatternFault {
	if patternType != "stix" || version != "" && version != "2.0" && version != "2.1" {
		return nil
	}
	p, err := parse(pattern, version == "2.0")
	var bad *SyntaxError
	if errors.As(err, &bad) {
		level := stix.Must
		if bad.limit {
			level = stix.Policy
		}
		return []stix.PatternFault{{Level: level, Offset: bad.Offset, Text: bad.text()}}
	}
	return c.Check(p, version)
}

// Check judges a pattern that is parsed. The faults are in the order of their places; a pattern that is right has none.
//
//   - Must: the standard says so, such as that a constant has the data type of the property (section 9.6.1).
//   - Should: a type or property that nobody defines, or a comparison that never holds.
//   - Policy: a regular expression that this library cannot judge.
func (c *Checker) Check(p *Pattern, version string) []stix.PatternFault {
	k := checking{custom: c.custom, older: version == "2.0", regexps: mostRegexps}
	k.observation(p.Expr)
	slices.SortStableFunc(k.faults, func(a, b stix.PatternFault) int { return cmp.Compare(a.Offset, b.Offset) })
	if k.more {
		k.faults = append(k.faults, stix.PatternFault{
			Level: k.gravest, Offset: k.faults[len(k.faults)-1].Offset, Text: fmt.Sprintf("there are more than %d faults", MaxFaults-1),
		})
	}
	return k.faults
}

// checking is the state of one judgement.
type checking struct {
	custom  customNames
	older   bool // STIX 2.0
	faults  []stix.PatternFault
	more    bool
	gravest stix.Level // of those that are left out
	regexps int        // bytes of regular expressions that may still be looked at
}

func (k *checking) report(level stix.Level, n Node, format string, args ...any) {
	if len(k.faults) == MaxFaults-1 {
		if !k.more || level < k.gravest {
			k.gravest = level
		}
		k.more = true
		return
	}
	k.faults = append(k.faults, stix.PatternFault{Level: level, Offset: n.Pos(), Text: fmt.Sprintf(format, args...)})
}

func (k *checking) observation(n ObservationExpr) {
	switch n := n.(type) {
	case *Observation:
		k.comparison(n.Expr)
	case *ObservationOp:
		for _, o := range n.Operands {
			k.observation(o)
		}
	case *Qualified:
		k.observation(n.Expr)
		k.qualifiers(n.Qualifiers)
	}
}

// qualifiers judges those of one expression: at most one of each sort (section 9.5.1).
func (k *checking) qualifiers(list []Qualifier) {
	var within, repeats, startStop int
	for _, q := range list {
		var count *int
		switch q := q.(type) {
		case *Within:
			count = &within
			if q.Seconds <= 0 {
				k.report(stix.Must, q, "WITHIN needs more than 0 seconds")
			}
		case *Repeats:
			count = &repeats
			if q.Times < 1 {
				k.report(stix.Must, q, "REPEATS needs at least 1 time")
			}
		case *StartStop:
			count = &startStop
			k.startStop(q)
		}
		if *count++; *count == 2 {
			k.report(stix.Must, q, "the expression has this qualifier already")
		}
	}
}

func (k *checking) startStop(s *StartStop) {
	start, ok1 := k.instant(&s.Start)
	stop, ok2 := k.instant(&s.Stop)
	if ok1 && ok2 && !start.Before(stop) {
		k.report(stix.Must, s, "START is not before STOP")
	}
}

// typeSet is the types that an object may have for which an expression holds: one, or those of more.
type typeSet struct {
	one  string
	more map[string]bool
}

func (s typeSet) has(t string) bool { return s.one == t || s.more[t] }

func (s typeSet) each(f func(string)) {
	if s.more == nil {
		f(s.one)
	}
	for t := range s.more {
		f(t)
	}
}

// comparison judges an expression and returns the types of the objects for which it may hold.
func (k *checking) comparison(n ComparisonExpr) typeSet {
	switch n := n.(type) {
	case *Test:
		k.test(n)
		return typeSet{one: n.Path.Type}
	case *Exists:
		k.resolve(&n.Path)
		return typeSet{one: n.Path.Type}
	case *ComparisonOp:
		if len(n.Operands) == 0 {
			return typeSet{}
		}
		if n.Op == Or {
			return k.union(n.Operands)
		}
		k.contradictions(n.Operands)
		return k.intersection(n.Operands)
	}
	return typeSet{}
}

func (k *checking) union(operands []ComparisonExpr) typeSet {
	all := k.comparison(operands[0])
	for _, o := range operands[1:] {
		s := k.comparison(o)
		if s.more == nil && all.has(s.one) {
			continue
		}
		if all.more == nil {
			all = typeSet{more: map[string]bool{all.one: true}}
		}
		s.each(func(t string) { all.more[t] = true })
	}
	return all
}

// intersection judges what AND joins: it holds for one object (section 9.6), which has one type.
func (k *checking) intersection(operands []ComparisonExpr) typeSet {
	left := k.comparison(operands[0])
	told := false
	for _, o := range operands[1:] {
		s := k.comparison(o)
		both := map[string]bool{}
		if s.more == nil && left.more == nil {
			if s.one == left.one {
				continue
			}
		} else {
			small, large := s, left
			if small.more != nil && (large.more == nil || len(large.more) < len(small.more)) {
				small, large = large, small
			}
			small.each(func(t string) {
				if large.has(t) {
					both[t] = true
				}
			})
		}
		if len(both) > 0 {
			left = typeSet{more: both}
		} else if !told {
			told = true
			k.report(stix.Should, o, "AND never holds: both sides speak of one object, and no object has two types")
		}
	}
	return left
}

// contradictions finds paths to one value that AND demands to be equal to different constants.
func (k *checking) contradictions(operands []ComparisonExpr) {
	if len(operands) > mostOperands {
		return
	}
	var seen map[string]*Constant
	for _, o := range operands {
		t, ok := o.(*Test)
		if !ok || t.Op != Equal || t.Negated || slices.ContainsFunc(t.Path.Steps, func(s Step) bool { return s.Kind == Any }) {
			continue
		}
		path := t.Path.String()
		if before, ok := seen[path]; !ok {
			if seen == nil {
				seen = map[string]*Constant{}
			}
			seen[path] = &t.Value
		} else if before.Kind == t.Value.Kind && !sameConstant(*before, t.Value) && k.isSingle(&t.Path) {
			k.report(stix.Should, t, "AND never holds: %s is one value and cannot be equal to two", quoted(path))
		}
	}
}

const mostOperands = 1000 // of AND, among which contradictions are looked for
