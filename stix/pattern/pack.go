package pattern

import "sort"

// Copies of one plan are the part of a search that would grow fastest, and they need none where each observation has one instant and is
// wanted by one unit only. Then the copies can be put in a row, so that of each unit an earlier copy has earlier observations: if two
// copies cross, giving the one all the earlier and the other all the later ones breaks no limit. And what a copy asks for (that one unit's last is
// not too long after another's first) has a least solution. So the least copy is taken, then the least behind it, and so on.

// copying is what one copy asks for.
type copying struct {
	units []*plan
	// limits are how long the last observation of a unit may be after the first of another; never if that is not limited.
	limits [][]instant
}

const mostCopied = 50 // units of a copy

// copied describes a plan, nil if it has choices, copies or very many units in it.
func copied(p *plan) *copying {
	c := &copying{}
	if !c.gather(p) || len(c.units) > mostCopied {
		return nil
	}
	c.limits = make([][]instant, len(c.units))
	for i := range c.limits {
		c.limits[i] = make([]instant, len(c.units))
	}
	c.limit(p, 0, never)
	return c
}

func (c *copying) gather(p *plan) bool {
	switch p.kind {
	case planUnit:
		c.units = append(c.units, p)
	case planChoice, planCopies, planNever:
		return false
	}
	for _, kid := range p.kids {
		if !c.gather(kid) {
			return false
		}
	}
	return true
}

// limit fills in the limits of a plan whose first unit is the i-th, and returns how many units it has.
func (c *copying) limit(p *plan, i int, limit instant) (n int) {
	switch p.kind {
	case planUnit:
		c.limits[i][i] = limit
		return 1
	case planWindow:
		return c.limit(p.kids[0], i, earlier(limit, p.limit))
	}
	for _, kid := range p.kids {
		more := c.limit(kid, i+n, limit)
		for before := i; before < i+n; before++ {
			for after := i + n; after < i+n+more; after++ {
				c.limits[before][after], c.limits[after][before] = limit, limit
				if p.kind == planSequence {
					c.limits[before][after] = instant{}
				}
			}
		}
		n += more
	}
	return n
}

// row is the observations of one unit, each as often as it counts.
type row []candidate

// pack finds the observations of so many copies in a range; nil if there are not enough. Of each unit it returns a row in order.
func (e *evaluation) pack(c *copying, times int64, lo, hi instant) []row {
	if !e.spend(len(c.units)) {
		return nil
	}
	rows, starts := make([]row, len(c.units)), make([]int, len(c.units))
	for i, u := range c.units {
		rows[i] = e.row(u, times, lo, hi)
	}
	taken := make([]row, len(c.units))
	for range times {
		if !e.least(c, rows, starts) {
			return nil
		}
		for i, u := range c.units {
			end := starts[i] + int(u.count)
			taken[i] = append(taken[i], rows[i][starts[i]:end]...)
			starts[i] = end
		}
	}
	return taken
}

func (e *evaluation) row(p *plan, times int64, lo, hi instant) (r row) {
	c := &e.solver.units[p.unit]
	begin, end := c.within(lo, hi)
	for _, k := range c.list[begin:end] {
		n := min(e.solver.number[k.observation], product(p.count, times))
		if !e.spend(1) || !e.spend(int(n)) {
			return nil
		}
		for range n {
			r = append(r, k)
		}
	}
	return r
}

// least moves starts, where the observations of each unit begin, on to the least ones that keep all limits.
func (e *evaluation) least(c *copying, rows []row, starts []int) bool {
	for moved := true; moved; {
		moved = false
		for i, u := range c.units {
			end := starts[i] + int(u.count) - 1
			if !e.spend(len(c.units)) || end >= len(rows[i]) {
				return false
			}
			last := rows[i][end].first
			for j, limit := range c.limits[i] {
				r := rows[j][min(starts[j], len(rows[j])):]
				if limit == never || i == j && u.count == 1 || len(r) > 0 && !last.after(r[0].first.plus(limit)) {
					continue
				}
				n := sort.Search(len(r), func(n int) bool { return !last.after(r[n].first.plus(limit)) })
				if n == len(r) {
					return false
				}
				starts[j], moved = starts[j]+n, true
			}
		}
	}
	return true
}

// placePacked places copies that need no search.
func (e *evaluation) placePacked(c *copying, times int64, lo, hi instant, next func(instant) bool) bool {
	taken := e.pack(c, times, lo, hi)
	if taken == nil {
		return false
	}
	f := &e.solver.flow
	mark := f.mark()
	for i, u := range c.units {
		f.demands = append(f.demands, demand{u.unit, lo, hi})
		for _, k := range taken[i] {
			f.give(k.observation, len(f.demands)-1, 1)
		}
	}
	if next(always) {
		return true
	}
	f.undo(mark)
	return false
}

// share finds out which plans are alone in wanting the observations that they want, and which copies can be packed.
func (e *evaluation) share(root *plan) {
	s := &e.solver
	s.owners = s.owners[:0]
	for range s.number {
		s.owners = append(s.owners, nil)
	}
	e.own(root)
	s.alone, s.packed = s.alone[:0], s.packed[:0]
	for range e.matcher.plans {
		s.alone, s.packed = append(s.alone, false), append(s.packed, nil)
	}
	e.alone(root, false)
}

// own notes for each observation the least plan in which are all units that take it.
func (e *evaluation) own(p *plan) {
	s := &e.solver
	if p.kind == planUnit {
		for _, k := range s.units[p.unit].list {
			owner := s.owners[k.observation]
			if owner == nil {
				owner = p
			}
			for p.id < owner.id || p.id >= owner.end {
				owner = owner.parent
			}
			s.owners[k.observation] = owner
			e.spend(1)
		}
	}
	for _, kid := range p.kids {
		e.own(kid)
	}
}

// alone marks the plans that own all that their units take; copied says that they stand within copies. It returns where the least plan begins
// and ends that owns all of that.
func (e *evaluation) alone(p *plan, copied bool) (from, end int) {
	s := &e.solver
	from, end = p.id, p.end
	if p.kind == planUnit {
		for _, k := range s.units[p.unit].list {
			owner := s.owners[k.observation]
			from, end = min(from, owner.id), max(end, owner.end)
		}
	}
	for _, kid := range p.kids {
		f, n := e.alone(kid, copied || p.kind == planCopies)
		from, end = min(from, f), max(end, n)
	}
	s.alone[p.id] = !copied && from == p.id && end == p.end
	if p.kind == planCopies && s.alone[p.id] && s.single && p.copying != nil && p.copying.few(p.count) && e.distinct(p.copying) {
		s.packed[p.id] = p.copying
	}
	return from, end
}

// mostPacked bounds the observations of all copies together.
const mostPacked = 100_000

// few reports whether so many copies ask for few enough observations to be packed.
func (c *copying) few(times int64) bool {
	var n int64
	for _, u := range c.units {
		n = sum(n, min(product(u.count, times), mostPacked+1))
	}
	return n <= mostPacked
}

// distinct reports whether no observation is taken by two units of a copy.
func (e *evaluation) distinct(c *copying) bool {
	for _, u := range c.units {
		for _, k := range e.solver.units[u.unit].list {
			if e.solver.owners[k.observation] != u {
				return false
			}
		}
	}
	return true
}
