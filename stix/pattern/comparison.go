package pattern

import (
	"net/netip"
	"slices"
)

// condition is a comparison expression, ready to be evaluated: a test, or others joined.
type condition struct {
	op       Logic // 0 of a test
	operands []*condition
	test     *test
}

// bracket is what stands in brackets: a condition, and the types of the objects for which it may hold.
type bracket struct {
	condition *condition
	types     []string
}

// holds reports whether one of the objects of an observation satisfies the brackets.
func (b *bracket) holds(e *evaluation, event Event) bool {
	if event == nil {
		return false
	}
	for _, typ := range b.types {
		for i := range event.Objects(typ) {
			if b.condition.holds(e, event, typ, i) {
				return true
			}
			if e.exhausted {
				return false
			}
		}
	}
	return false
}

func (c *condition) holds(e *evaluation, event Event, typ string, object int) bool {
	switch c.op {
	case And:
		for _, o := range c.operands {
			if !o.holds(e, event, typ, object) {
				return false
			}
		}
		return true
	case Or:
		for _, o := range c.operands {
			if o.holds(e, event, typ, object) {
				return true
			}
			if e.exhausted {
				return false
			}
		}
		return false
	}
	return c.test.holds(e, event, typ, object)
}

// test is a [Test] or an [Exists].
type test struct {
	path    *Path
	place   place
	exists  bool
	negated bool
	op      Operator

	operands []operand           // of all but LIKE, MATCHES, ISSUBSET and ISSUPERSET
	set      map[string]struct{} // of IN with many strings: their texts
	like     *like
	matches  *expression
	network  netip.Prefix
	broken   bool // the constant is no network
}

// holds looks at the values of one object. Where the answer cannot be had, e is told, and the answer is false: since all that may be
// negated is a test, more true tests never make an expression false.
func (t *test) holds(e *evaluation, event Event, typ string, object int) bool {
	if !e.spend(1) || t.path.Type != typ {
		return false
	}
	if !e.lookup(event, t.path, object) {
		return false
	}
	if t.exists {
		return (len(e.values) > 0) != t.negated
	}
	for i := range e.values {
		if e.spend(1) && t.one(e, &e.values[i]) {
			return true
		}
	}
	return false
}

// one holds a value against the constant.
func (t *test) one(e *evaluation, v *Value) bool {
	if v.Kind == 0 {
		return false
	}
	var result, ok bool
	switch t.op {
	case In:
		result, ok = t.in(e, v)
	case Like, Matches:
		result, ok = t.text(e, v)
	case IsSubset, IsSuperset:
		result, ok = t.addresses(v)
	default:
		if !e.read(v.Text) {
			return false
		}
		result, ok = t.compare(v)
	}
	return ok && result != t.negated
}

func (t *test) compare(v *Value) (result, ok bool) {
	order, ok := t.place.compare(v, &t.operands[0], t.op == Equal || t.op == NotEqual)
	if !ok || order == unordered && t.op != Equal && t.op != NotEqual {
		return false, false
	}
	switch t.op {
	case Equal:
		return order == 0, true
	case NotEqual:
		return order != 0, true
	case Less:
		return order < 0, true
	case LessEqual:
		return order <= 0, true
	case Greater:
		return order > 0, true
	}
	return order >= 0, true
}

// in is false if the value can be compared with none of the set.
func (t *test) in(e *evaluation, v *Value) (result, ok bool) {
	if t.set != nil && v.Kind == String {
		if !e.read(v.Text) {
			return false, false
		}
		_, found := t.set[t.place.text(v.Text)]
		return found, true
	}
	ok = len(t.operands) == 0
	if !e.spend(len(t.operands)) {
		return false, false
	}
	for i := range t.operands {
		if !e.read(v.Text) {
			return false, false
		}
		order, can := t.place.compare(v, &t.operands[i], true)
		if can && order == 0 {
			return true, true
		}
		ok = ok || can
	}
	return false, ok
}

// text is LIKE and MATCHES.
func (t *test) text(e *evaluation, v *Value) (result, ok bool) {
	var s string
	if !e.read(v.Text) {
		return false, false
	}
	switch v.Kind {
	case String, Timestamp:
		s = nfc(v.Text)
		if t.op == Like {
			s = t.place.text(s)
		}
	case Hex, Binary:
		s = characters(v.Text)
	default:
		return false, false
	}
	if t.op == Like {
		return e.spend(len(s)*t.like.cost/64) && t.like.match(s), !e.exhausted
	}
	return e.match(t.matches, s)
}

func (t *test) addresses(v *Value) (result, ok bool) {
	if t.broken || v.Kind != String {
		return false, false
	}
	value, ok := address(v.Text)
	if !ok {
		return false, false
	}
	inner, outer := value, t.network
	if t.op == IsSuperset {
		inner, outer = outer, inner
	}
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr()), true
}

// manyStrings is how many strings in a set are looked up rather than gone through.
const manyStrings = 8

// newTest prepares a test.
func (c *compiling) newTest(n *Test) *test {
	t := &test{path: &n.Path, place: placeOf(&n.Path), negated: n.Negated, op: n.Op}
	switch n.Op {
	case In:
		for i := range n.Set {
			t.operands = append(t.operands, operandOf(&n.Set[i], t.place))
		}
		if len(t.operands) > manyStrings && !slices.ContainsFunc(t.operands, func(o operand) bool { return o.kind != String }) {
			t.set = make(map[string]struct{}, len(t.operands))
			for i := range t.operands {
				t.set[t.operands[i].text] = struct{}{}
			}
		}
	case Like:
		t.like = newLike(t.place.text(n.Value.Text))
	case Matches:
		t.matches = c.expression(&n.Value, t.place)
	case IsSubset, IsSuperset:
		network, ok := address(n.Value.Text)
		t.network, t.broken = network, !ok || n.Value.Kind != String
	default:
		t.operands = []operand{operandOf(&n.Value, t.place)}
	}
	return t
}

// condition prepares a comparison expression and finds the types of the objects for which it may hold,
// in order.
func (c *compiling) condition(n ComparisonExpr) (cond *condition, types []string) {
	switch n := n.(type) {
	case *Test:
		return &condition{test: c.newTest(n)}, []string{n.Path.Type}
	case *Exists:
		return &condition{test: &test{path: &n.Path, exists: true, negated: n.Negated}}, []string{n.Path.Type}
	case *ComparisonOp:
		cond = &condition{op: n.Op}
		for i, o := range n.Operands {
			operand, of := c.condition(o)
			cond.operands = append(cond.operands, operand)
			if i == 0 || n.Op == Or {
				types = append(types, of...)
				continue
			}
			types = slices.DeleteFunc(types, func(t string) bool {
				_, both := slices.BinarySearch(of, t)
				return !both
			})
		}
		slices.Sort(types)
		return cond, slices.Compact(types)
	}
	return &condition{op: Or}, nil
}
