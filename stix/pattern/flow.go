package pattern

import "slices"

// flow gives observations to demands, each observation as often as there are of it.
type flow struct {
	number  []int64    // of each observation
	used    []int64    // of each observation
	holders [][]holder // of each observation
	demands []demand
	trail   []change // to be undone
	touched []int    // observations that were ever given since begin; may stand twice
	search  search
}

// demand is some observations of a unit that end at lo or later and begin at hi or earlier.
type demand struct {
	unit   int
	lo, hi instant
}

// holder is a demand that has got so many of an observation.
type holder struct {
	demand int
	amount int64
}

type change struct {
	observation, demand int
	amount              int64
}

// search is a breadth-first search for a way to give more to a demand.
type search struct {
	round int
	seen  []int // the round in which an observation was reached
	by    []int // the demand that could take it
	asked []int // the round in which a demand was asked
	holds []int // the observation that a demand is to give up
	queue []int // of demands
}

func (f *flow) begin(number []int64) {
	for _, o := range f.touched {
		if o < len(f.used) {
			f.used[o], f.holders[o] = 0, f.holders[o][:0]
		}
	}
	n := len(number)
	f.number, f.touched, f.demands, f.trail = number, f.touched[:0], f.demands[:0], f.trail[:0]
	for len(f.used) < n {
		f.used, f.holders = append(f.used, 0), append(f.holders, nil)
	}
	for len(f.search.seen) < n {
		f.search.seen, f.search.by = append(f.search.seen, 0), append(f.search.by, 0)
	}
}

// mark is the state to which undo returns.
func (f *flow) mark() (m [2]int) { return [2]int{len(f.demands), len(f.trail)} }

func (f *flow) undo(mark [2]int) {
	for len(f.trail) > mark[1] {
		c := f.trail[len(f.trail)-1]
		f.trail = f.trail[:len(f.trail)-1]
		f.change(c.observation, c.demand, -c.amount)
	}
	f.demands = f.demands[:mark[0]]
}

// give changes how many of an observation a demand has.
func (f *flow) give(observation, demand int, amount int64) {
	f.trail = append(f.trail, change{observation, demand, amount})
	f.touched = append(f.touched, observation)
	f.change(observation, demand, amount)
}

func (f *flow) change(observation, demand int, amount int64) {
	f.used[observation] += amount
	list := f.holders[observation]
	i := slices.IndexFunc(list, func(h holder) bool { return h.demand == demand })
	if i < 0 {
		f.holders[observation] = append(list, holder{demand, amount})
	} else if list[i].amount += amount; list[i].amount == 0 {
		f.holders[observation] = slices.Delete(list, i, i+1)
	}
}

func (f *flow) free(observation int) int64 { return f.number[observation] - f.used[observation] }

// observations are those that were given, in order.
func (f *flow) observations() []int {
	list := []int{}
	for _, o := range f.touched {
		if f.used[o] > 0 {
			list = append(list, o)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// add gives so many observations of a unit in a range to a new demand, if need be by giving others to older ones. It is false if there are
// not enough, with some of them given.
func (e *evaluation) add(u int, lo, hi instant, count int64) bool {
	f := &e.solver.flow
	d := len(f.demands)
	f.demands = append(f.demands, demand{u, lo, hi})
	c := &e.solver.units[u]
	begin, end := c.within(lo, hi)
	for i := begin; i < end && count > 0; i++ {
		k := &c.list[i]
		if free := f.free(k.observation); free > 0 && !lo.after(k.last) {
			n := min(free, count)
			f.give(k.observation, d, n)
			count -= n
		}
		if !e.spend(1) {
			return false
		}
	}
	for count > 0 {
		n := e.augment(d, count)
		if n == 0 {
			return false
		}
		count -= n
	}
	return true
}

// augment gives up to so many more to a demand by passing observations on between demands, 0 if that is not possible.
func (e *evaluation) augment(d int, count int64) int64 {
	f := &e.solver.flow
	s := &f.search
	s.round++
	for len(s.asked) < len(f.demands) {
		s.asked, s.holds = append(s.asked, 0), append(s.holds, 0)
	}
	s.queue = append(s.queue[:0], d)
	s.asked[d], s.holds[d] = s.round, -1
	for n := 0; n < len(s.queue); n++ {
		asking := s.queue[n]
		r := &f.demands[asking]
		c := &e.solver.units[r.unit]
		begin, end := c.within(r.lo, r.hi)
		for i := begin; i < end; i++ {
			o := c.list[i].observation
			if !e.spend(1) {
				return 0
			}
			if s.seen[o] == s.round || r.lo.after(c.list[i].last) {
				continue
			}
			s.seen[o], s.by[o] = s.round, asking
			if f.free(o) > 0 {
				return f.pass(o, min(count, f.free(o)))
			}
			for _, h := range f.holders[o] {
				if s.asked[h.demand] != s.round {
					s.asked[h.demand], s.holds[h.demand] = s.round, o
					s.queue = append(s.queue, h.demand)
				}
			}
		}
	}
	return 0
}

// pass goes back from a free observation: who found it takes it and gives up what it holds, and so on.
func (f *flow) pass(o int, amount int64) int64 {
	s := &f.search
	for at := o; ; {
		held := s.holds[s.by[at]]
		if held < 0 {
			break
		}
		for _, h := range f.holders[held] {
			if h.demand == s.by[at] {
				amount = min(amount, h.amount)
			}
		}
		at = held
	}
	for at := o; at >= 0; {
		d := s.by[at]
		f.give(at, d, amount)
		held := s.holds[d]
		if held >= 0 {
			f.give(held, d, -amount)
		}
		at = held
	}
	return amount
}
