package pattern_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/stix/pattern"
)

// draw draws random cases from a tiny alphabet, so that much is equal and much matches.
type draw struct{ *rand.Rand }

func (d draw) one(n int) bool { return d.IntN(n) == 0 } // one in n

func of[T any](d draw, list ...T) T { return list[d.IntN(len(list))] }

// sample is of one of several sorts: one test of one object, one of an odd value, a few brackets with tests of all kinds, or simple tests whose
// qualifiers and joints matter. Some of the last have a form that the matcher decides without a search.
func (d draw) sample() sample {
	switch d.IntN(12) {
	case 0:
		p := of(d, properties...)
		beside := properties[0]
		if p.kind == "file" {
			beside = property{kind: "directory", name: "path"}
		}
		return newSample(&pattern.Observation{Expr: d.test(p)}, []string{"@0 " + d.object(p) + " " + d.object(beside)})
	case 1, 2:
		return d.odd()
	case 3, 4:
		return d.larger(1+d.IntN(6), 4, true, func() pattern.ObservationExpr { return d.observation(2, true) })
	case 5, 6:
		return d.larger(1+d.IntN(6), 7, false, d.flat)
	case 7, 8:
		return d.larger(4+d.IntN(4), 7, false, d.copies)
	}
	return d.larger(1+d.IntN(6), 7, false, func() pattern.ObservationExpr { return d.observation(3, false) })
}

// larger draws so many observations, and an expression with so many brackets at most.
func (d draw) larger(observations, most int, rich bool, draw func() pattern.ObservationExpr) sample {
	var lines []string
	spans := d.one(2)
	for range observations {
		lines = append(lines, d.given(rich, spans))
	}
	for {
		if e := draw(); brackets(e) <= most {
			return newSample(e, lines)
		}
	}
}

func newSample(e pattern.ObservationExpr, lines []string) sample {
	c := sample{pattern: &pattern.Pattern{Expr: e}}
	for _, line := range lines {
		g, err := readGiven(line)
		if err != nil {
			panic(err)
		}
		c.given = append(c.given, g)
	}
	return c
}

// brackets is how many observations an expression asks for at most: the reference takes time exponential in it.
func brackets(e pattern.ObservationExpr) int {
	n := 0
	switch e := e.(type) {
	case *pattern.Observation:
		return 1
	case *pattern.ObservationOp:
		for _, o := range e.Operands {
			if e.Op == pattern.Or {
				n = max(n, brackets(o))
			} else {
				n += brackets(o)
			}
		}
	case *pattern.Qualified:
		n = brackets(e.Expr)
		for _, q := range e.Qualifiers {
			if r, ok := q.(*pattern.Repeats); ok {
				n *= int(min(max(r.Times, 1), 1<<20))
			}
		}
	}
	return min(n, 1<<20)
}

// observation draws an expression of at most so many levels.
func (d draw) observation(depth int, rich bool) pattern.ObservationExpr {
	switch n := d.IntN(10); {
	case depth == 0 || n < 2:
		return &pattern.Observation{Expr: d.bracket(rich)}
	case n < 6:
		q := &pattern.Qualified{Expr: d.observation(depth-1, rich)}
		for range 1 + d.IntN(3)/2 {
			q.Qualifiers = append(q.Qualifiers, d.qualifier())
		}
		return q
	}
	o := &pattern.ObservationOp{Op: of(d, pattern.And, pattern.And, pattern.Or, pattern.FollowedBy, pattern.FollowedBy)}
	for range 2 + d.IntN(4)/3 {
		o.Operands = append(o.Operands, d.observation(depth-1, rich))
	}
	return o
}

// flat draws rows of brackets that follow each other.
func (d draw) flat() pattern.ObservationExpr {
	return d.perhaps(d.row(pattern.FollowedBy, 3, func() pattern.ObservationExpr {
		return d.row(pattern.And, 4, func() pattern.ObservationExpr { return d.several(d.bracket(false)) })
	}))
}

// copies draws a group, several times over, whose brackets rarely share observations.
func (d draw) copies() pattern.ObservationExpr {
	names := []string{"a", "b", "c"}
	d.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	next := func() pattern.ObservationExpr {
		t := &pattern.Test{Path: pathTo("file", "name"), Op: pattern.Equal, Value: constant(names[0])}
		names = append(names[1:], names[0])
		return d.several(t)
	}
	group := d.perhaps(d.row(of(d, pattern.And, pattern.FollowedBy), 2, func() pattern.ObservationExpr {
		if d.one(3) {
			return d.perhaps(d.row(of(d, pattern.And, pattern.FollowedBy), 2, next))
		}
		return next()
	}))
	copies := d.perhaps(&pattern.Qualified{Expr: group, Qualifiers: []pattern.Qualifier{&pattern.Repeats{Times: int64(2 + d.IntN(2))}}})
	if d.one(2) {
		return copies
	}
	both := []pattern.ObservationExpr{copies, next()}
	if d.one(2) {
		slices.Reverse(both)
	}
	return d.perhaps(&pattern.ObservationOp{Op: of(d, pattern.And, pattern.Or, pattern.FollowedBy), Operands: both})
}

// several wants a test perhaps more than once.
func (d draw) several(c pattern.ComparisonExpr) pattern.ObservationExpr {
	var e pattern.ObservationExpr = &pattern.Observation{Expr: c}
	if d.one(5) {
		e = &pattern.Qualified{Expr: e, Qualifiers: []pattern.Qualifier{&pattern.Repeats{Times: int64(2 + d.IntN(2))}}}
	}
	return e
}

// perhaps puts a time upon an expression, or leaves it.
func (d draw) perhaps(e pattern.ObservationExpr) pattern.ObservationExpr {
	q := d.qualifier()
	if _, ok := q.(*pattern.Repeats); ok || d.one(3) {
		return e
	}
	return &pattern.Qualified{Expr: e, Qualifiers: []pattern.Qualifier{q}}
}

// row joins at most so many expressions.
func (d draw) row(op pattern.Logic, most int, each func() pattern.ObservationExpr) pattern.ObservationExpr {
	o := &pattern.ObservationOp{Op: op}
	for range 1 + d.IntN(most) {
		o.Operands = append(o.Operands, each())
	}
	if len(o.Operands) == 1 {
		return o.Operands[0]
	}
	return o
}

func (d draw) qualifier() pattern.Qualifier {
	switch d.IntN(5) {
	case 0, 1:
		return &pattern.Within{Seconds: of(d, 0, 0.3, 0.7, 1, 1, 2, 2.3, 3, 3, 4, 5, 8)}
	case 2, 3:
		times := of[int64](d, 1, 2, 2, 2, 2, 3, 3)
		if d.one(50) {
			times = 0
		}
		return &pattern.Repeats{Times: times}
	}
	from := d.IntN(7) - 1
	q := &pattern.StartStop{Start: d.day(from), Stop: d.day(from + d.IntN(7) + 1)}
	if d.one(40) {
		q.Stop = constant("2026-02-30T00:00:00Z")
	}
	return q
}

// day is the constant of an instant.
func (d draw) day(seconds int) pattern.Constant {
	at := fmt.Sprint(seconds)
	if d.one(4) {
		at += of(d, ".3", ".7", ".000000001")
	}
	text, err := instantAt(at)
	if err != nil {
		panic(err)
	}
	return constant(text)
}

// constant is a constant of a Go value; a string that ends in Z is a timestamp.
func constant(v any) pattern.Constant {
	switch v := v.(type) {
	case int:
		return pattern.Constant{Kind: pattern.Integer, Int: int64(v)}
	case float64:
		return pattern.Constant{Kind: pattern.Float, Float: v}
	case bool:
		c := pattern.Constant{Kind: pattern.Boolean}
		if v {
			c.Int = 1
		}
		return c
	case string:
		if strings.HasSuffix(v, "Z") {
			return pattern.Constant{Kind: pattern.Timestamp, Text: v}
		}
		return pattern.Constant{Kind: pattern.String, Text: v}
	}
	panic("an unknown constant")
}

// given draws the line of an observed-data object.
func (d draw) given(rich, spans bool) string {
	var b strings.Builder
	b.WriteByte('@')
	sort, from := d.IntN(12), d.IntN(7)
	if !spans && !d.one(40) {
		sort = max(sort, 5)
	}
	switch sort {
	case 0:
		b.WriteByte('?')
	case 1, 2, 3:
		fmt.Fprintf(&b, "%d..%d", from, from+d.IntN(5))
	case 4:
		fmt.Fprintf(&b, "%d.3..%d.7", from, from+d.IntN(3))
	case 5, 6:
		fmt.Fprintf(&b, "%d%s", from-1, of(d, ".3", ".3", ".7", ".7", ".000000001", ".9999999999"))
	default:
		fmt.Fprint(&b, from)
	}
	if d.one(3) {
		fmt.Fprintf(&b, " x%d", 1+d.IntN(3))
	}
	if !rich {
		for range 1 + d.IntN(5)/4 {
			fmt.Fprintf(&b, ` {"type":"file","name":"%s"}`, of(d, "a", "a", "b", "b", "c"))
		}
		return b.String()
	}
	for i := range 1 + d.IntN(3) {
		b.WriteByte(' ')
		if i > 0 && d.one(8) {
			fmt.Fprintf(&b, "-%d:", i)
		}
		b.WriteString(d.object(of(d, likely...)))
	}
	return b.String()
}

// object draws an object in JSON that has a property.
func (d draw) object(with property) string {
	b := []byte(`{"type":"` + with.kind + `"`)
	for _, p := range properties {
		if p.kind == with.kind && (p.name == with.name || !d.one(4)) {
			b = fmt.Appendf(b, `,"%s":%s`, p.name, of(d, p.values...))
		}
	}
	return string(append(b, '}'))
}

// bracket draws what stands in brackets.
func (d draw) bracket(rich bool) pattern.ComparisonExpr {
	if rich {
		return d.comparison(2)
	}
	t := &pattern.Test{
		Path: pathTo("file", "name"), Op: of(d, pattern.Equal, pattern.Equal, pattern.Equal, pattern.NotEqual, pattern.In),
		Value: constant(of(d, "a", "b", "b", "c")),
	}
	if t.Op == pattern.In {
		t.Value, t.Set = pattern.Constant{}, []pattern.Constant{constant(of(d, "a", "b")), constant(of(d, "b", "c"))}
	}
	return t
}

func (d draw) comparison(depth int) pattern.ComparisonExpr {
	if depth == 0 || d.one(2) {
		return d.test(of(d, likely...))
	}
	c := &pattern.ComparisonOp{Op: of(d, pattern.And, pattern.Or, pattern.Or, pattern.Or)}
	for range 2 + d.IntN(4)/3 {
		c.Operands = append(c.Operands, d.comparison(depth-1))
	}
	return c
}

// test draws a test of a property, mostly with a constant that is like its values.
func (d draw) test(p property) pattern.ComparisonExpr {
	like := p
	if d.one(10) {
		like = of(d, properties...)
	}
	path := pathTo(p.kind, of(d, p.paths...))
	if d.one(8) || endsInRef(&path) { // the ids of references differ from one version of STIX to the other
		return &pattern.Exists{Path: path, Negated: d.one(3)}
	}
	t := &pattern.Test{Path: path, Negated: d.one(3), Value: of(d, like.constants...)}
	if t.Value.Kind == pattern.String && d.one(2) {
		switch d.IntN(7) {
		case 0, 1, 2:
			t.Op, t.Value.Text = pattern.Like, of(d, "%", "a%", "%b", "_", "__", "%A%", "é", "3:%")
		case 3, 4, 5:
			t.Op, t.Value.Text = pattern.Matches, of(d, "a", "^A", "b$", ".", "^.$", "[bc]", "^é$", `^\d`)
		default:
			t.Op, t.Value.Text = of(d, pattern.IsSubset, pattern.IsSuperset), of(d, "10.0.0.1", "10.0.0.0/8", "10.1.0.0/16", "::/0", "10")
		}
		return t
	}
	t.Op = pattern.Operator(1 + d.IntN(int(pattern.In)))
	switch {
	case t.Op == pattern.In:
		for range d.IntN(4) {
			t.Set = append(t.Set, of(d, like.constants...))
		}
		t.Value = pattern.Constant{}
	case t.Value.Kind == pattern.Boolean && t.Op > pattern.NotEqual:
		t.Op = pattern.Equal
	}
	return t
}
