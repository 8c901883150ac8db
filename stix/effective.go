package stix

import "slices"

// Effect is what markings are in force at a place, or anywhere in an object.
type Effect struct {
	// Markings are the ids of the marking-definitions, sorted and distinct.
	Markings []string
	// TLP is the strictest level among them, TLP 1 taken for 2.0; TLPNone if there is none. Levels are all, the strictest last.
	TLP    TLP
	Levels []TLP
	// Contradiction holds the levels, the strictest last, where one and the same place is marked with more than one; otherwise it is
	// nil. That a part is marked with another level than what contains it is none: both are in force, and the stricter one binds.
	Contradiction []TLP
	// Unknown are those of Markings that nobody can interpret: the definition is not at hand, or [Marking.Unknown]. Whoever meets one
	// must take it for the strictest.
	Unknown []string
}

// Effective tells which markings are in force in an object (STIX 2.1 section 7.2): object_marking_refs everywhere, and
// granular_markings where they select something and in all that it contains. A granular marking that selects nothing, or whose
// selector is malformed, is in force everywhere: what it should have protected, nobody knows.
//
// It may be used from any goroutine.
type Effective struct {
	tree     selectorSet
	marks    []mark // distinct
	places   map[int32]place
	anywhere Effect
}

// mark is a marking-definition.
type mark struct {
	id      string
	level   TLP
	unknown bool
}

// place is what marks one node of the tree itself.
type place struct {
	marks []int32
	clash levels // that were given to one and the same place, if more than one
}

// levels is a set of TLP levels.
type levels uint8

func (l levels) list() (out []TLP) {
	for t := TLPClear; t <= TLPRed; t++ {
		if l>>t&1 == 1 {
			out = append(out, t)
		}
	}
	return out
}

// Effective finds the markings in force. lookup returns what a marking-definition says ([ParseMarking]), and false for one that is
// not at hand; it is asked once for each id other than those of TLP, which [TLPOf] knows. nil knows none.
func (o *Object) Effective(lookup func(id string) (Marking, bool)) *Effective {
	e := &Effective{places: map[int32]place{}}
	e.tree.reset()
	number := map[string]int32{}
	know := func(id string) int32 {
		n, ok := number[id]
		if !ok {
			n = int32(len(e.marks))
			number[id] = n
			e.marks = append(e.marks, interpretID(id, lookup))
		}
		return n
	}
	for _, id := range o.ObjectMarkingRefs {
		e.put(0, know(id))
	}
	e.clash(0)
	var of []int32 // the marking of each selector
	for _, g := range o.GranularMarkings {
		if g.MarkingRef == "" {
			continue
		}
		n := know(g.MarkingRef)
		for _, sel := range g.Selectors {
			e.tree.add([]byte(sel))
			of = append(of, n)
		}
	}
	e.tree.resolve(o.Raw)
	for i, n := range of {
		node := int32(0)
		if e.tree.found(i) {
			node = e.tree.ends[i]
		}
		e.put(node, n)
	}
	all := place{}
	for node := range e.places {
		if node != 0 { // what else is there came from selectors that select nothing
			e.clash(node)
		}
		all.marks = append(all.marks, e.places[node].marks...)
		all.clash |= e.places[node].clash
	}
	e.anywhere = e.effect(all)
	return e
}

func interpretID(id string, lookup func(id string) (Marking, bool)) mark {
	if level := TLPOf(id); level != TLPNone || lookup == nil {
		return mark{id, level, level == TLPNone}
	}
	m, ok := lookup(id)
	if m.TLP > TLPRed {
		m.TLP = TLPRed
	}
	return mark{id, m.TLP, !ok || m.Unknown}
}

func (e *Effective) put(node, n int32) {
	p := e.places[node]
	p.marks = append(p.marks, n)
	e.places[node] = p
}

// clash finds what contradicts itself among the marks of one place.
func (e *Effective) clash(node int32) {
	p, ok := e.places[node]
	if l := e.levels(p.marks); ok && l&(l-1) != 0 {
		p.clash = l
		e.places[node] = p
	}
}

func (e *Effective) levels(marks []int32) (l levels) {
	for _, n := range marks {
		if t := e.marks[n].level; t != TLPNone {
			l |= 1 << t
		}
	}
	return l
}

// Anywhere is what is in force at any place in the object: who hands all of it on must heed this. Its Contradiction holds the levels of
// all contradictions.
func (e *Effective) Anywhere() Effect { return e.anywhere.clone() }

// At is what is in force at a place: the whole object if selector is "", otherwise what the selector selects, there or not. What is
// marked within the place alone does not count.
//
// The error wraps [ErrSelector] if the selector is malformed.
func (e *Effective) At(selector string) (Effect, error) {
	if err := checkPlace(selector); err != nil {
		return Effect{}, err
	}
	sum := place{}
	node := int32(0)
	rest := []byte(selector)
	for first, more := true, selector != ""; ; first = false {
		p := e.places[node]
		sum.marks = append(sum.marks, p.marks...)
		sum.clash |= p.clash
		if !more {
			break
		}
		var step []byte
		step, rest, more, _ = nextStep(rest, first)
		if node = e.tree.child(node, step); node == noNode {
			break
		}
	}
	return e.effect(sum), nil
}

func (e *Effective) effect(p place) Effect {
	slices.Sort(p.marks)
	p.marks = slices.Compact(p.marks)
	f := Effect{Levels: e.levels(p.marks).list(), Contradiction: p.clash.list()}
	if len(f.Levels) > 0 {
		f.TLP = f.Levels[len(f.Levels)-1]
	}
	for _, n := range p.marks {
		m := e.marks[n]
		f.Markings = append(f.Markings, m.id)
		if m.unknown {
			f.Unknown = append(f.Unknown, m.id)
		}
	}
	slices.Sort(f.Markings)
	slices.Sort(f.Unknown)
	return f
}

func (f Effect) clone() Effect {
	f.Markings, f.Unknown = slices.Clone(f.Markings), slices.Clone(f.Unknown)
	f.Levels, f.Contradiction = slices.Clone(f.Levels), slices.Clone(f.Contradiction)
	return f
}
