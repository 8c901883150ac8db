package pattern

import (
	"strings"
	"time"
)

// Node is a part of a pattern's tree: a *[Pattern], an [ObservationExpr], a [Qualifier], a [ComparisonExpr], a *[Path], a *[Step] or a
// *[Constant].
type Node interface {
	// Pos is where the part begins: bytes from the start of the pattern that it was parsed from.
	Pos() int
}

// Pattern is a whole pattern (section 9.3).
type Pattern struct {
	Expr ObservationExpr
}

// ObservationExpr is an *[Observation], an *[ObservationOp] or a *[Qualified] (section 9.5).
type ObservationExpr interface {
	Node
	observationExpr()
}

// ComparisonExpr is a *[Test], an *[Exists] or a *[ComparisonOp] (section 9.6).
type ComparisonExpr interface {
	Node
	comparisonExpr()
}

// Qualifier is a *[Within], a *[Repeats] or a *[StartStop] (section 9.5.1).
type Qualifier interface {
	Node
	qualifier()
}

// Logic joins expressions.
type Logic uint8

// The joints. FollowedBy joins observation expressions only.
const (
	And Logic = iota + 1
	Or
	FollowedBy
)

var logicWords = [...]string{"", "AND", "OR", "FOLLOWEDBY"}

// String is the keyword.
func (l Logic) String() string { return word(logicWords[:], l) }

func word[T ~uint8](words []string, i T) string {
	if int(i) < len(words) {
		return words[i]
	}
	return ""
}

// Observation is a comparison expression in brackets: it asks for one observation.
type Observation struct {
	At   int
	Expr ComparisonExpr
}

// ObservationOp joins two or more observation expressions. What stands in one row, a AND b AND c, is one node; a group in parentheses
// is a node of its own, also where it has the same joint.
type ObservationOp struct {
	At       int
	Op       Logic
	Operands []ObservationExpr
}

// Qualified is an observation expression with one or more qualifiers. They are in the order in which they stand and hold one after the
// other.
type Qualified struct {
	At         int
	Expr       ObservationExpr
	Qualifiers []Qualifier
}

// Within is WITHIN x SECONDS.
type Within struct {
	At      int
	Seconds float64
}

// Repeats is REPEATS x TIMES.
type Repeats struct {
	At    int
	Times int64
}

// StartStop is START t STOP t. Both constants are of the kind [Timestamp].
type StartStop struct {
	At          int
	Start, Stop Constant
}

// ComparisonOp joins two or more comparison expressions by [And] or [Or]; see [ObservationOp] for groups.
type ComparisonOp struct {
	At       int
	Op       Logic
	Operands []ComparisonExpr
}

// Operator compares the value at a path with a constant (section 9.6.1).
type Operator uint8

// The operators.
const (
	Equal Operator = iota + 1
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
	In
	Like
	Matches
	IsSubset
	IsSuperset
)

var operatorWords = [...]string{"", "=", "!=", "<", "<=", ">", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"}

// String is the operator as it is written.
func (o Operator) String() string { return word(operatorWords[:], o) }

// Test compares the value at a path with a constant, or with the constants of a set if Op is [In].
type Test struct {
	At      int
	Path    Path
	Negated bool // NOT stands before the operator
	Op      Operator
	Value   Constant   // of every Op but In
	Set     []Constant // of In; it may be empty
}

// Exists asks whether there is something at a path.
type Exists struct {
	At      int
	Negated bool // NOT EXISTS
	Path    Path
}

// Path is an object path (section 9.7): the type of an object, then the steps to a value in it. The first step is a key.
type Path struct {
	At    int
	Type  string
	Steps []Step
}

// StepKind is the sort of a [Step].
type StepKind uint8

// The kinds of steps.
const (
	Key   StepKind = iota + 1 // a property, an entry of a dictionary, or what a reference refers to
	Index                     // an item of a list
	Any                       // each item of a list: [*]
)

// Step is one step of a path. Whether a key was quoted is not kept: 'name' and name are the same key.
type Step struct {
	At    int
	Kind  StepKind
	Key   string // of Key
	Index int64  // of Index, from 0; a negative one finds nothing
}

// IsRef reports whether the step is a key whose value is a reference or a list of them (section 9.7.4): a key after it is one of the
// object that is referred to.
func (s *Step) IsRef() bool { return s.Kind == Key && isRef(s.Key) }

func isRef(key string) bool { return strings.HasSuffix(key, "_ref") || strings.HasSuffix(key, "_refs") }

// Kind is the data type of a constant (section 9.2).
type Kind uint8

// The kinds of constants.
const (
	String Kind = iota + 1
	Integer
	Float
	Boolean
	Hex
	Binary
	Timestamp
)

var kindWords = [...]string{"", "string", "integer", "float", "boolean", "hex", "binary", "timestamp"}

// String is the name of the data type.
func (k Kind) String() string { return word(kindWords[:], k) }

// Constant is a constant.
type Constant struct {
	At   int
	Kind Kind
	// Text is the string without escapes, the octets of a hex or binary constant, or the timestamp as written.
	Text  string
	Int   int64 // of Integer; 1 of the Boolean true
	Float float64
}

// True is the value of a boolean constant.
func (c *Constant) True() bool { return c.Int != 0 }

// Time is the instant of a timestamp constant, false if there is no such day. A leap second is the first instant of the next
// minute; digits of a second beyond the ninth are dropped.
func (c *Constant) Time() (time.Time, bool) {
	if c.Kind != Timestamp {
		return time.Time{}, false
	}
	s := c.Text
	if end, ok := timestampEnd(s); !ok || end != len(s) {
		return time.Time{}, false
	}
	number := func(from, to int) (n int) {
		for _, d := range s[from:to] {
			n = n*10 + int(d-'0')
		}
		return n
	}
	year, month, day := number(0, 4), time.Month(number(5, 7)), number(8, 10)
	ns, scale := 0, 100_000_000
	for i := 20; i < len(s)-1 && scale > 0; i++ {
		ns += int(s[i]-'0') * scale
		scale /= 10
	}
	if last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC); day > last.Day() {
		return time.Time{}, false
	}
	return time.Date(year, month, day, number(11, 13), number(14, 16), number(17, 19), ns, time.UTC), true
}

// Pos is 0.
func (p *Pattern) Pos() int { return 0 }

// Pos is that of the bracket.
func (o *Observation) Pos() int { return o.At }

// Pos is that of the first operand, or of the parenthesis before it.
func (o *ObservationOp) Pos() int { return o.At }

// Pos is that of the expression, or of the parenthesis before it.
func (q *Qualified) Pos() int { return q.At }

// Pos is that of the keyword.
func (w *Within) Pos() int { return w.At }

// Pos is that of the keyword.
func (r *Repeats) Pos() int { return r.At }

// Pos is that of the keyword START.
func (s *StartStop) Pos() int { return s.At }

// Pos is that of the first operand, or of the parenthesis before it.
func (c *ComparisonOp) Pos() int { return c.At }

// Pos is that of the path.
func (t *Test) Pos() int { return t.At }

// Pos is that of NOT or EXISTS.
func (e *Exists) Pos() int { return e.At }

// Pos is that of the object type.
func (p *Path) Pos() int { return p.At }

// Pos is that of the key, or of the bracket.
func (s *Step) Pos() int { return s.At }

// Pos is that of the first character, such as the letter before a hex constant.
func (c *Constant) Pos() int { return c.At }

func (*Observation) observationExpr()   {}
func (*ObservationOp) observationExpr() {}
func (*Qualified) observationExpr()     {}

func (*Within) qualifier()    {}
func (*Repeats) qualifier()   {}
func (*StartStop) qualifier() {}

func (*Test) comparisonExpr()         {}
func (*Exists) comparisonExpr()       {}
func (*ComparisonOp) comparisonExpr() {}
