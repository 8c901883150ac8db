package pattern

import "math"

// plan is an observation expression as it is solved: what it needs at least. START and STOP have moved to the brackets, whatever is the same
// in other words is one form, and what can be merged is.
type plan struct {
	kind   planKind
	id     int // among the plans of a matcher: it, and all that is in it up to end, stand in a row
	end    int
	parent *plan
	kids   []*plan
	unit   int     // of planUnit
	count  int64   // of planUnit: how many observations; of planCopies: how many times the kid
	limit  instant // of planWindow
	// greedy is true of planSequence where an early end of one kid never spoils what others need, as long as all instants are single.
	greedy  bool
	copying *copying // of planCopies: what one copy asks for, nil if it has choices in it
}

type planKind uint8

const (
	planNever    planKind = iota
	planUnit              // so many observations that a unit takes
	planAll               // all kids
	planChoice            // one kid
	planSequence          // all kids, one after the other
	planWindow            // the kid, within a length of time
	planCopies            // the kid, so many times
)

// unit is what one observation is taken for: one that satisfies one of these brackets, at an instant in a span.
type unit struct {
	brackets []int
	span     span
}

var neverPlan = &plan{kind: planNever}

// mostQualifiers bounds those of one expression. The standard has three (section 9.5.1).
const mostQualifiers = 16

// observation makes the plan of an expression.
func (c *compiling) observation(n ObservationExpr) *plan {
	switch n := n.(type) {
	case *Observation:
		return c.newUnit(unit{[]int{c.bracket(n.Expr)}, anytime}, 1)
	case *ObservationOp:
		return c.joined(n)
	case *Qualified:
		p := c.observation(n.Expr)
		if len(n.Qualifiers) > mostQualifiers {
			c.limit(n.Qualifiers[mostQualifiers])
			return neverPlan
		}
		for _, q := range n.Qualifiers {
			switch q := q.(type) {
			case *Within:
				p = within(p, length(q.Seconds))
			case *Repeats:
				p = repeat(p, q.Times)
			case *StartStop:
				p = c.between(p, q)
			}
		}
		return p
	}
	return neverPlan
}

func (c *compiling) newUnit(u unit, count int64) *plan {
	c.units = append(c.units, u)
	return &plan{kind: planUnit, unit: len(c.units) - 1, count: count}
}

func (c *compiling) joined(n *ObservationOp) *plan {
	kind := map[Logic]planKind{And: planAll, Or: planChoice, FollowedBy: planSequence}[n.Op]
	p := &plan{kind: kind}
	for _, o := range n.Operands {
		kid := c.observation(o)
		switch {
		case kid.kind == planNever && kind == planChoice:
		case kid.kind == planNever:
			p.kind = planNever // go on: all brackets are compiled, so that their faults are found
		case kid.kind == kind:
			p.kids = append(p.kids, kid.kids...)
		default:
			p.kids = append(p.kids, kid)
		}
	}
	switch {
	case p.kind == planNever || len(p.kids) == 0:
		return neverPlan
	case len(p.kids) == 1:
		return p.kids[0]
	case kind == planChoice:
		return c.merge(p)
	}
	return p
}

// merge makes one unit of those between which one may choose, if they ask for one observation each, in the same span.
func (c *compiling) merge(p *plan) *plan {
	var rest []*plan
	at := map[span]*plan{}
	for _, kid := range p.kids {
		if kid.kind != planUnit || kid.count != 1 {
			rest = append(rest, kid)
			continue
		}
		u := &c.units[kid.unit]
		if first := at[u.span]; first != nil {
			c.units[first.unit].brackets = append(c.units[first.unit].brackets, u.brackets...)
			u.brackets = nil
			continue
		}
		at[u.span] = kid
		rest = append(rest, kid)
	}
	if p.kids = rest; len(rest) == 1 {
		return rest[0]
	}
	return p
}

func within(p *plan, limit instant) *plan {
	switch {
	case p.kind == planNever, p.kind == planUnit && p.count == 1:
		return p
	case p.kind == planChoice:
		q := &plan{kind: planChoice}
		for _, kid := range p.kids {
			q.kids = append(q.kids, within(kid, limit))
		}
		return q
	case p.kind == planWindow:
		return &plan{kind: planWindow, limit: earlier(limit, p.limit), kids: p.kids}
	}
	return &plan{kind: planWindow, limit: limit, kids: []*plan{p}}
}

func repeat(p *plan, times int64) *plan {
	switch {
	case p.kind == planNever || times < 1:
		return neverPlan
	case times == 1:
		return p
	case p.kind == planUnit:
		return &plan{kind: planUnit, unit: p.unit, count: product(p.count, times)}
	case p.kind == planCopies:
		return &plan{kind: planCopies, count: product(p.count, times), kids: p.kids}
	case p.kind == planAll && p.flat():
		q := &plan{kind: planAll}
		for _, kid := range p.kids {
			q.kids = append(q.kids, repeat(kid, times))
		}
		return q
	}
	return &plan{kind: planCopies, count: times, kids: []*plan{p}}
}

// flat reports whether all kids are units.
func (p *plan) flat() bool {
	for _, kid := range p.kids {
		if kid.kind != planUnit {
			return false
		}
	}
	return true
}

// product is a*b of positive numbers, or the largest one.
func product(a, b int64) int64 {
	if a > math.MaxInt64/b {
		return math.MaxInt64
	}
	return a * b
}

// between narrows the spans of all brackets of a plan (section 9.5.1: from START on, before STOP).
func (c *compiling) between(p *plan, q *StartStop) *plan {
	start, ok1 := q.Start.Time()
	stop, ok2 := q.Stop.Time()
	if !ok1 || !ok2 || !start.Before(stop) {
		return neverPlan
	}
	return c.narrow(p, span{instantOf(start), instantOf(stop).previous()})
}

func (c *compiling) narrow(p *plan, to span) *plan {
	switch p.kind {
	case planNever:
		return p
	case planUnit:
		u := &c.units[p.unit]
		s, ok := to.within(u.span)
		if !ok {
			return neverPlan
		}
		u.span = s
		return p
	}
	kids := p.kids[:0]
	for _, kid := range p.kids {
		if kid = c.narrow(kid, to); kid.kind != planNever {
			kids = append(kids, kid)
		} else if p.kind != planChoice {
			return neverPlan
		}
	}
	if p.kids = kids; len(kids) == 0 {
		return neverPlan
	}
	return p
}

// finish numbers the plans and marks those that are greedy: nothing stands beside them that could want the same observations at another
// time.
func (c *compiling) finish(p, parent *plan, alone bool) {
	p.id, p.parent = c.plans, parent
	c.plans++
	p.greedy = alone && p.kind == planSequence
	if p.kind == planCopies {
		p.copying = copied(p.kids[0])
	}
	for _, kid := range p.kids {
		c.finish(kid, p, alone && (p.kind == planWindow || p.kind == planChoice))
	}
	p.end = c.plans
}

// alternatives are the plans of which one suffices.
func (p *plan) alternatives() []*plan {
	switch p.kind {
	case planNever:
		return nil
	case planChoice:
		return p.kids
	}
	return []*plan{p}
}
