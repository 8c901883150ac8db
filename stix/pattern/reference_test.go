package pattern_test

import (
	"math/big"
	"strconv"
	"time"

	"github.com/wagasa/wagasa/stix/pattern"
)

// The reference says what docs/patterns.md says, in the plainest way there is: it tries every way of giving observations to the brackets
// of a pattern. It is exponential, and shares nothing with the matcher but the tree.

// seen is an observed-data object: number observations of the same content.
type seen struct {
	known       bool // the span from first to last
	first, last time.Time
	number      int64
	objects     []map[string]any          // as encoding/json decodes them, with json.Number
	scope       map[string]map[string]any // what a reference may name
}

// reference reports whether a pattern matches observations.
func reference(p *pattern.Pattern, list []seen) bool {
	s := search{list: list, left: make([]int64, len(list)), met: map[*pattern.Observation][]bool{}}
	for i := range list {
		s.left[i] = list[i].number
	}
	pattern.Walk(p, func(n pattern.Node) bool {
		if o, ok := n.(*pattern.Observation); ok {
			for i := range list {
				s.met[o] = append(s.met[o], meets(o.Expr, &list[i]))
			}
		}
		return true
	})
	return s.find(p.Expr, func([]int) bool { return true })
}

// meets reports whether one of the objects of an observation satisfies a comparison expression.
func meets(c pattern.ComparisonExpr, o *seen) bool {
	for _, object := range o.objects {
		if satisfies(c, object, o.scope) {
			return true
		}
	}
	return false
}

// search is where a search stands: which observations are used, and what must hold for their instants.
type search struct {
	list   []seen
	left   []int64 // how many copies of each are unused
	met    map[*pattern.Observation][]bool
	used   []span   // of each observation that is used
	limits []atMost // among the instants of those
}

// span is in which time the instant of a used observation lies.
type span struct {
	known       bool
	first, last time.Time
}

// atMost says that the instant of one used observation is at most so much after that of another.
type atMost struct {
	later, earlier int
	by             seconds
}

// find calls then for each way in which an expression can be given unused observations, with the places of these in used, until then
// returns true.
func (s *search) find(e pattern.ObservationExpr, then func([]int) bool) bool {
	switch e := e.(type) {
	case *pattern.Observation:
		return s.one(e, then)
	case *pattern.ObservationOp:
		switch e.Op {
		case pattern.Or:
			for _, o := range e.Operands {
				if s.find(o, then) {
					return true
				}
			}
			return false
		case pattern.And:
			return s.row(e.Operands, nil, false, then)
		case pattern.FollowedBy:
			return s.row(e.Operands, nil, true, then)
		}
	case *pattern.Qualified:
		return s.qualified(e.Expr, e.Qualifiers, then)
	}
	panic("an unknown expression")
}

func (s *search) one(e *pattern.Observation, then func([]int) bool) bool {
	for i, o := range s.list {
		if s.left[i] == 0 || !s.met[e][i] {
			continue
		}
		s.left[i]--
		s.used = append(s.used, span{o.known, o.first, o.last})
		found := then([]int{len(s.used) - 1})
		s.used = s.used[:len(s.used)-1]
		s.left[i]++
		if found {
			return true
		}
	}
	return false
}

// row finds each operand in turn; in order, none of the observations before it is after one of its own.
func (s *search) row(operands []pattern.ObservationExpr, before []int, inOrder bool, then func([]int) bool) bool {
	if len(operands) == 0 {
		return then(before)
	}
	return s.find(operands[0], func(own []int) bool {
		var limits []atMost
		if inOrder {
			for _, a := range before {
				for _, b := range own {
					limits = append(limits, atMost{later: a, earlier: b})
				}
			}
		}
		return s.with(limits, func() bool { return s.row(operands[1:], join(before, own), inOrder, then) })
	})
}

func (s *search) qualified(e pattern.ObservationExpr, list []pattern.Qualifier, then func([]int) bool) bool {
	if len(list) == 0 {
		return s.find(e, then)
	}
	inner := list[:len(list)-1] // the last holds of all before it
	switch q := list[len(list)-1].(type) {
	case *pattern.Repeats:
		if q.Times < 1 {
			return false
		}
		return s.repeats(e, inner, q.Times, nil, then)
	case *pattern.Within:
		return s.qualified(e, inner, func(own []int) bool {
			var limits []atMost
			for _, a := range own {
				for _, b := range own {
					if a != b {
						limits = append(limits, atMost{a, b, duration(q.Seconds)})
					}
				}
			}
			return s.with(limits, func() bool { return then(own) })
		})
	case *pattern.StartStop:
		return s.qualified(e, inner, func(own []int) bool { return s.between(q, own, func() bool { return then(own) }) })
	}
	panic("an unknown qualifier")
}

func (s *search) repeats(e pattern.ObservationExpr, inner []pattern.Qualifier, times int64, before []int, then func([]int) bool) bool {
	if times == 0 {
		return then(before)
	}
	return s.qualified(e, inner, func(own []int) bool { return s.repeats(e, inner, times-1, join(before, own), then) })
}

// with goes on if limits can hold beside those that are there already.
func (s *search) with(limits []atMost, then func() bool) bool {
	s.limits = append(s.limits, limits...)
	found := s.possible() && then()
	s.limits = s.limits[:len(s.limits)-len(limits)]
	return found
}

// between goes on with the spans of own narrowed to start ≤ instant < stop.
func (s *search) between(q *pattern.StartStop, own []int, then func() bool) bool {
	start, ok1 := q.Start.Time()
	stop, ok2 := q.Stop.Time()
	if !ok1 || !ok2 {
		return false
	}
	var old []span
	for _, i := range own {
		old = append(old, s.used[i])
	}
	found := true
	for _, i := range own {
		u := &s.used[i]
		if u.first.Before(start) {
			u.first = start
		}
		if end := stop.Add(-1); u.last.After(end) { // instants are whole nanoseconds
			u.last = end
		}
		found = found && u.known
	}
	found = found && s.possible() && then()
	for k, i := range own {
		s.used[i] = old[k]
	}
	return found
}

func join(a, b []int) []int { return append(append([]int(nil), a...), b...) }

// possible reports whether there are instants for all that is used. These are difference constraints x - y ≤ c, with one more variable for
// the time zero, and Bellman and Ford say whether they can hold: they cannot if a round too many still moves one.
func (s *search) possible() bool {
	type edge struct {
		x, y int
		c    seconds
	}
	zero := len(s.used)
	var edges []edge
	for i, u := range s.used {
		if u.known {
			edges = append(edges, edge{i, zero, sinceZero(u.last)}, edge{zero, i, sinceZero(u.first).negative()})
		}
	}
	for _, l := range s.limits {
		if !s.used[l.later].known || !s.used[l.earlier].known {
			return false // there is no instant of which something could hold
		}
		edges = append(edges, edge{l.later, l.earlier, l.by})
	}
	at := make([]seconds, zero+1)
	for range zero + 1 {
		moved := false
		for _, e := range edges {
			if most := at[e.y].plus(e.c); most.less(at[e.x]) {
				at[e.x], moved = most, true
			}
		}
		if !moved {
			return true
		}
	}
	return false
}

// seconds is an exact number of them: whole ones, and from 0 to 999,999,999 nanoseconds.
type seconds struct{ whole, nano int64 }

func sinceZero(t time.Time) seconds { return seconds{t.Unix(), int64(t.Nanosecond())} }

func (a seconds) plus(b seconds) seconds {
	nano := a.nano + b.nano
	return seconds{a.whole + b.whole + nano/1e9, nano % 1e9}
}

func (a seconds) negative() seconds {
	if a.nano == 0 {
		return seconds{-a.whole, 0}
	}
	return seconds{-a.whole - 1, 1e9 - a.nano}
}

func (a seconds) less(b seconds) bool {
	return a.whole < b.whole || a.whole == b.whole && a.nano < b.nano
}

// duration is a number of seconds as it is written, without the digits beyond nanoseconds.
func duration(f float64) seconds {
	const forever = 1 << 40 // longer than from the year 0 to 9999
	if f >= forever {
		return seconds{forever, 0}
	}
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(f, 'f', -1, 64))
	r.Mul(r, big.NewRat(1e9, 1))
	whole, nano := new(big.Int).Div(r.Num(), r.Denom()), new(big.Int)
	whole.DivMod(whole, big.NewInt(1e9), nano)
	return seconds{whole.Int64(), nano.Int64()}
}
