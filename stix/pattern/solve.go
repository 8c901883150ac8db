package pattern

import (
	"slices"
	"sort"
)

// The solver finds out whether observations can be given to the units of a plan. An instant of each need not be chosen: the demands of
// WITHIN and FOLLOWEDBY on two observations, one of which begins at f and the other ends at l, are all of the form f ≤ l + c, and these
// are closed under the triangle inequality, so that instants exist if all pairs agree (docs/adr/0011-matching.md).
//
// So a plan is solved in two parts. The search goes over frames: for each window where it begins, which is where one of its observations
// ends; for each sequence when each kid is over, which is where an observation begins. Frames leave to each unit a range: its observations
// end at lo or later and begin at hi or earlier. Whether distinct observations suffice for these is a question of flow, and no search.
type solver struct {
	spans  []span  // of the observations
	number []int64 // how many each is
	units  []candidates
	times  [][]instant // of each plan by its id: where windows may begin; where kids of sequences may be over
	single bool        // all candidates have one instant only
	owners []*plan     // of the observations
	alone  []bool      // the plans that share no observation with others
	packed []*copying  // the copies that need no search
	flow   flow
}

// mostNumber bounds how many observations one is: more than anybody counts, and less than what is more than can be counted.
const mostNumber = 1 << 40

// candidates are the observations that a unit takes.
type candidates struct {
	known  bool
	list   []candidate // by where they begin
	before []int64     // how many observations the candidates before the i-th are, all together
	single bool        // each has one instant only, so that the list is in order of their ends too
}

type candidate struct {
	span
	observation int
}

// endless is the recursion that is given up as too deep. Only plans with very many parts come near.
const endless = 20_000

// costOfCandidate is the steps for one: it is memory that they stand for.
const costOfCandidate = 10

// solve returns observations for a plan, nil if there are none or the budget ended.
func (e *evaluation) solve(p *plan, list []Observed) []int {
	s := &e.solver
	s.observe(e.matcher, list)
	if !e.need(p, list, 1) {
		return nil
	}
	e.times(p)
	e.share(p)
	if !e.possible(p, always, never) || !e.enough(p) {
		return nil
	}
	s.flow.begin(s.number)
	found := false
	e.place(p, always, never, always, func(instant) bool {
		found = true
		return true
	})
	if !found {
		return nil
	}
	return s.flow.observations()
}

// observe puts down when each observation was, and forgets those of before.
func (s *solver) observe(m *Matcher, list []Observed) {
	s.spans, s.number, s.single = s.spans[:0], s.number[:0], true
	for i := range list {
		s.spans = append(s.spans, spanOf(&list[i]))
		s.number = append(s.number, min(max(list[i].Number, 1), mostNumber))
	}
	s.units = slices.Grow(s.units[:0], len(m.units))[:len(m.units)]
	for i := range s.units {
		// Emptied too: those that are not looked for are still gone through.
		u := &s.units[i]
		u.known, u.list, u.before, u.single = false, u.list[:0], append(u.before[:0], 0), true
	}
	s.times = slices.Grow(s.times[:0], m.plans)[:m.plans]
}

// need finds the candidates of all units of a plan. It is false as soon as they are too few, so that the rest need not be looked for.
func (e *evaluation) need(p *plan, list []Observed, times int64) bool {
	switch p.kind {
	case planUnit:
		c := e.candidates(p.unit, list)
		return c.before[len(c.list)] >= product(p.count, times)
	case planChoice:
		found := false
		for _, kid := range p.kids {
			found = e.need(kid, list, 1) || found
		}
		return found
	case planCopies:
		return e.need(p.kids[0], list, product(p.count, times))
	}
	for _, kid := range p.kids {
		if !e.need(kid, list, times) {
			return false
		}
	}
	return true
}

func (e *evaluation) candidates(u int, list []Observed) *candidates {
	s := &e.solver
	c := &s.units[u]
	if c.known {
		return c
	}
	c.known = true
	for i := range list {
		if e.exhausted {
			break
		}
		if in, ok := s.spans[i].within(e.matcher.units[u].span); ok && e.takes(u, &list[i]) {
			e.spend(costOfCandidate)
			c.list = append(c.list, candidate{in, i})
			c.single = c.single && in.first == in.last
		}
	}
	if !slices.IsSortedFunc(c.list, byFirst) {
		slices.SortStableFunc(c.list, byFirst)
	}
	s.single = s.single && c.single
	for _, k := range c.list {
		c.before = append(c.before, sum(c.before[len(c.before)-1], s.number[k.observation]))
	}
	return c
}

func byFirst(a, b candidate) int { return a.first.compare(b.first) }

// sum is a+b of positive numbers, at most half of the largest one: a product that is too large is more than any sum.
func sum(a, b int64) int64 { return min(a+b, 1<<62) }

// times lists for each plan the instants that its search goes over.
func (e *evaluation) times(p *plan) {
	for i, kid := range p.kids {
		e.times(kid)
		if p.kind == planSequence && i < len(p.kids)-1 {
			e.solver.times[kid.id] = e.instants(kid, func(c *candidate) instant { return c.first })
		}
	}
	if p.kind == planWindow {
		// The id of a kid, since the window's own may be that of a kid of a sequence.
		e.solver.times[p.kids[0].id] = e.instants(p.kids[0], func(c *candidate) instant { return c.last })
	}
}

// instants are the different instants of all candidates below a plan, in order.
func (e *evaluation) instants(p *plan, of func(*candidate) instant) []instant {
	list := e.solver.times[p.id][:0]
	list = e.collect(list, p, of)
	slices.SortFunc(list, instant.compare)
	return slices.Compact(list)
}

func (e *evaluation) collect(list []instant, p *plan, of func(*candidate) instant) []instant {
	if p.kind == planUnit {
		c := &e.solver.units[p.unit]
		e.spend(len(c.list))
		for i := range c.list {
			list = append(list, of(&c.list[i]))
		}
	}
	for _, kid := range p.kids {
		list = e.collect(list, kid, of)
	}
	return list
}

// from is the place of the first instant of a list that is not before t.
func from(list []instant, t instant) int {
	return sort.Search(len(list), func(i int) bool { return !t.after(list[i]) })
}

// within is the part of the list between two instants, for candidates that are single.
func (c *candidates) within(lo, hi instant) (begin, end int) {
	if !c.single {
		return 0, sort.Search(len(c.list), func(i int) bool { return c.list[i].first.after(hi) })
	}
	begin = sort.Search(len(c.list), func(i int) bool { return !lo.after(c.list[i].last) })
	end = begin + sort.Search(len(c.list)-begin, func(i int) bool { return c.list[begin+i].first.after(hi) })
	return begin, end
}

// has reports whether a unit has so many observations in a range.
func (e *evaluation) has(u int, count int64, lo, hi instant) bool {
	c := &e.solver.units[u]
	begin, end := c.within(lo, hi)
	if c.single {
		return e.spend(1) && c.before[end]-c.before[begin] >= count
	}
	var have int64
	for i := begin; i < end && have < count; i++ {
		if !lo.after(c.list[i].last) {
			have = sum(have, e.solver.number[c.list[i].observation])
		}
	}
	return e.spend(1+end-begin) && have >= count
}

// possible reports whether a plan could be satisfied in a range if an observation could be used for more than one unit. It is never
// false where place is true.
func (e *evaluation) possible(p *plan, lo, hi instant) bool {
	if !e.spend(1) {
		return false
	}
	switch p.kind {
	case planUnit:
		return e.has(p.unit, p.count, lo, hi)
	case planChoice:
		return slices.ContainsFunc(p.kids, func(kid *plan) bool { return e.possible(kid, lo, hi) })
	case planWindow:
		kid := p.kids[0]
		starts := e.solver.times[kid.id]
		for _, w := range starts[from(starts, lo):] {
			if e.possible(kid, w, earlier(hi, w.plus(p.limit))) {
				return true
			}
		}
		return false
	case planSequence:
		return e.inTurn(p.kids, lo, hi)
	case planCopies:
		if c := e.solver.packed[p.id]; c != nil {
			return e.pack(c, p.count, lo, hi) != nil
		}
	}
	return !slices.ContainsFunc(p.kids, func(kid *plan) bool { return !e.possible(kid, lo, hi) })
}

// inTurn is possible for what is in sequence: each is over as early as may be.
func (e *evaluation) inTurn(kids []*plan, lo, hi instant) bool {
	for _, kid := range kids[:len(kids)-1] {
		ends := e.solver.times[kid.id]
		i := sort.Search(len(ends), func(i int) bool { return ends[i].after(hi) || e.possible(kid, lo, ends[i]) })
		if i == len(ends) || ends[i].after(hi) {
			return false
		}
		lo = later(lo, ends[i])
	}
	return e.possible(kids[len(kids)-1], lo, hi)
}

// enough reports whether there are observations for all units that are needed in any case, whatever their times.
func (e *evaluation) enough(p *plan) bool {
	e.solver.flow.begin(e.solver.number)
	return e.all(p, 1)
}

func (e *evaluation) all(p *plan, times int64) bool {
	switch p.kind {
	case planUnit:
		return e.add(p.unit, always, never, product(p.count, times))
	case planChoice:
		return true
	case planCopies:
		return e.all(p.kids[0], product(p.count, times))
	}
	return !slices.ContainsFunc(p.kids, func(kid *plan) bool { return !e.all(kid, times) })
}
