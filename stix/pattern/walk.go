package pattern

import "slices"

// Walk calls visit for a node and then, if visit returned true, for all parts of it, in the order in which they stand in the pattern.
// The nodes are those of the tree itself: visit may change what they hold.
func Walk(n Node, visit func(Node) bool) {
	if !visit(n) {
		return
	}
	switch n := n.(type) {
	case *Pattern:
		Walk(n.Expr, visit)
	case *Observation:
		Walk(n.Expr, visit)
	case *ObservationOp:
		for _, o := range n.Operands {
			Walk(o, visit)
		}
	case *Qualified:
		Walk(n.Expr, visit)
		for _, q := range n.Qualifiers {
			Walk(q, visit)
		}
	case *StartStop:
		Walk(&n.Start, visit)
		Walk(&n.Stop, visit)
	case *ComparisonOp:
		for _, o := range n.Operands {
			Walk(o, visit)
		}
	case *Test:
		Walk(&n.Path, visit)
		if n.Op != In {
			Walk(&n.Value, visit)
		}
		for i := range n.Set {
			Walk(&n.Set[i], visit)
		}
	case *Exists:
		Walk(&n.Path, visit)
	case *Path:
		for i := range n.Steps {
			Walk(&n.Steps[i], visit)
		}
	}
}

// Same reports whether two trees say the same in the same words: they are equal but for the positions of their nodes.
func Same(a, b Node) bool {
	switch a := a.(type) {
	case *Pattern:
		b, ok := b.(*Pattern)
		return ok && Same(a.Expr, b.Expr)
	case *Observation:
		b, ok := b.(*Observation)
		return ok && Same(a.Expr, b.Expr)
	case *ObservationOp:
		b, ok := b.(*ObservationOp)
		return ok && a.Op == b.Op && slices.EqualFunc(a.Operands, b.Operands, sameNodes)
	case *Qualified:
		b, ok := b.(*Qualified)
		return ok && Same(a.Expr, b.Expr) && slices.EqualFunc(a.Qualifiers, b.Qualifiers, sameNodes)
	case *Within:
		b, ok := b.(*Within)
		return ok && a.Seconds == b.Seconds
	case *Repeats:
		b, ok := b.(*Repeats)
		return ok && a.Times == b.Times
	case *StartStop:
		b, ok := b.(*StartStop)
		return ok && sameConstant(a.Start, b.Start) && sameConstant(a.Stop, b.Stop)
	case *ComparisonOp:
		b, ok := b.(*ComparisonOp)
		return ok && a.Op == b.Op && slices.EqualFunc(a.Operands, b.Operands, sameNodes)
	case *Test:
		b, ok := b.(*Test)
		return ok && a.Op == b.Op && a.Negated == b.Negated && samePath(a.Path, b.Path) && sameConstant(a.Value, b.Value) &&
			slices.EqualFunc(a.Set, b.Set, sameConstant)
	case *Exists:
		b, ok := b.(*Exists)
		return ok && a.Negated == b.Negated && samePath(a.Path, b.Path)
	case *Path:
		b, ok := b.(*Path)
		return ok && samePath(*a, *b)
	case *Step:
		b, ok := b.(*Step)
		return ok && sameStep(*a, *b)
	case *Constant:
		b, ok := b.(*Constant)
		return ok && sameConstant(*a, *b)
	}
	return false
}

func sameNodes[T Node](a, b T) bool { return Same(a, b) }

func samePath(a, b Path) bool {
	return a.Type == b.Type && slices.EqualFunc(a.Steps, b.Steps, sameStep)
}

func sameStep(a, b Step) bool {
	a.At = b.At
	return a == b
}

func sameConstant(a, b Constant) bool {
	a.At = b.At
	return a == b
}
