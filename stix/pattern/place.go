package pattern

import "sort"

// place goes over all frames of a plan within a range, gives observations to its units, and calls next for each way until that is true. It
// returns what next did last, and takes the observations back where that was false. The first frame is not before from, and next is told it:
// so copies of one plan take turns in one order only.
func (e *evaluation) place(p *plan, lo, hi, from instant, next func(frame instant) bool) bool {
	if e.depth++; e.depth > endless {
		e.exhausted = true // next is called from here: the depth is that of all that is placed
	}
	defer func() { e.depth-- }()
	if !e.spend(1) {
		return false
	}
	if c := e.solver.packed[p.id]; c != nil {
		return e.placePacked(c, p.count, lo, hi, next)
	}
	if !e.solver.alone[p.id] {
		return e.frames(p, lo, hi, from, next)
	}
	// What shares nothing with others is placed once: another way would not help them.
	mark, frame := e.solver.flow.mark(), always
	if e.frames(p, lo, hi, from, func(f instant) bool {
		frame = f
		return true
	}) && next(frame) {
		return true
	}
	e.solver.flow.undo(mark)
	return false
}

// frames is place without looking at whom the plan shares observations with.
func (e *evaluation) frames(p *plan, lo, hi, from instant, next func(frame instant) bool) bool {
	switch p.kind {
	case planUnit:
		mark := e.solver.flow.mark()
		if e.add(p.unit, lo, hi, p.count) && next(always) {
			return true
		}
		e.solver.flow.undo(mark)
		return false
	case planChoice:
		for _, kid := range p.kids {
			if e.possible(kid, lo, hi) && e.place(kid, lo, hi, always, next) {
				return true
			}
		}
		return false
	case planWindow:
		return e.placeWindow(p, lo, hi, from, next)
	case planSequence:
		return e.placeSequence(p, 0, always, lo, hi, from, next)
	case planCopies:
		return e.placeCopies(p.kids[0], p.count, lo, hi, from, next)
	}
	return e.placeAll(p.kids, lo, hi, next)
}

func (e *evaluation) placeAll(kids []*plan, lo, hi instant, next func(instant) bool) bool {
	if len(kids) == 0 {
		return next(always)
	}
	return e.place(kids[0], lo, hi, always, func(instant) bool { return e.placeAll(kids[1:], lo, hi, next) })
}

func (e *evaluation) placeWindow(p *plan, lo, hi, first instant, next func(instant) bool) bool {
	kid := p.kids[0]
	starts := e.solver.times[kid.id]
	for _, w := range starts[from(starts, later(lo, first)):] {
		end := earlier(hi, w.plus(p.limit))
		if e.possible(kid, w, end) && e.place(kid, w, end, always, func(instant) bool { return next(w) }) {
			return true
		}
		if e.exhausted {
			return false
		}
	}
	return false
}

// placeSequence places the kids from the i-th on; those before are over at s. Where it is greedy, only the earliest end is tried at which a
// kid can be placed: what can be placed later could be placed then too, since all that comes after shares with what is placed at most
// observations at that very instant, and those the flow gives back if it can.
func (e *evaluation) placeSequence(p *plan, i int, s, lo, hi, first instant, next func(instant) bool) bool {
	kid := p.kids[i]
	if i == len(p.kids)-1 {
		return e.place(kid, later(lo, s), hi, always, func(instant) bool { return next(first) })
	}
	ends := e.solver.times[kid.id]
	begin := from(ends, s)
	if i == 0 {
		begin = from(ends, first)
	} else if begin > 0 && (begin == len(ends) || ends[begin] != s) {
		begin-- // those that are over before s: so is the kid
	}
	begin += sort.Search(len(ends)-begin, func(n int) bool {
		end := later(s, ends[begin+n])
		return end.after(hi) || e.possible(kid, later(lo, s), end)
	})
	for _, end := range ends[begin:] {
		end = later(s, end)
		if end.after(hi) || e.exhausted {
			return false
		}
		if i == 0 {
			first = end
		}
		reached := false
		if e.place(kid, later(lo, s), end, always, func(instant) bool {
			reached = true
			return e.placeSequence(p, i+1, end, lo, hi, first, next)
		}) {
			return true
		}
		if reached && p.greedy && e.solver.single {
			return false
		}
	}
	return false
}

// placeCopies places a plan so many times, in the order of their frames.
func (e *evaluation) placeCopies(p *plan, times int64, lo, hi, first instant, next func(instant) bool) bool {
	if times == 0 {
		return next(always)
	}
	return e.place(p, lo, hi, first, func(frame instant) bool { return e.placeCopies(p, times-1, lo, hi, frame, next) })
}
