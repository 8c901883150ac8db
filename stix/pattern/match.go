package pattern

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Matcher is a pattern, ready to be matched. It does not change and may be used by many goroutines.
type Matcher struct {
	pattern      *Pattern
	brackets     []bracket
	units        []unit
	alternatives []*plan
	plans        int
	backtracking int // regular expressions that may run out of time
	budget       int64
	pool         sync.Pool // of *evaluation
}

// Option changes how a pattern is compiled and matched.
type Option func(*compiling)

// Backtracking lets MATCHES use regular expressions that RE2 does not take, such as those with lookahead. Searching one value takes at most
// about the time-out; the first time that this runs out is the last time that the expression is tried in a call of [Matcher.Match].
func Backtracking(timeout time.Duration) Option { return func(c *compiling) { c.timeout = timeout } }

// DefaultBudget is the steps of one call of [Matcher.Match]; they take a second or some seconds.
const DefaultBudget = 50_000_000

// Budget sets the steps of one call of [Matcher.Match] to other than [DefaultBudget]. A step is a look at a value, or at an observation that
// may be taken for a bracket.
func Budget(steps int64) Option { return func(c *compiling) { c.budget = steps } }

// compiling is the state of [Compile].
type compiling struct {
	Matcher
	timeout time.Duration
	regexps int            // bytes of regular expressions so far
	program int            // instructions of regular expressions so far
	same    map[string]int // brackets by their text
	err     *CompileError
}

// Compile prepares a pattern for matching. The tree must not be changed from then on. The error is a *[CompileError].
//
// Everything else that is wrong with a pattern (see [Checker]) is no error here: what can never hold does not match.
func Compile(p *Pattern, options ...Option) (*Matcher, error) {
	c := &compiling{Matcher: Matcher{pattern: p, budget: DefaultBudget}}
	for _, o := range options {
		o(c)
	}
	root := c.observation(p.Expr)
	if c.err != nil {
		return nil, c.err
	}
	c.share(root, map[string]int{})
	c.finish(root, nil, true)
	m := &Matcher{
		pattern: p, brackets: c.brackets, units: c.units, alternatives: root.alternatives(), plans: c.plans, backtracking: c.backtracking,
		budget: c.budget,
	}
	m.pool.New = func() any { return &evaluation{} }
	return m, nil
}

// bracket is the number of what stands in brackets: the same for the same.
func (c *compiling) bracket(n ComparisonExpr) int {
	text := Text(n)
	if i, ok := c.same[text]; ok {
		return i
	}
	cond, types := c.condition(n)
	c.brackets = append(c.brackets, bracket{cond, types})
	if c.same == nil {
		c.same = map[string]int{}
	}
	c.same[text] = len(c.brackets) - 1
	return len(c.brackets) - 1
}

// share lets units that take the same be one.
func (c *compiling) share(p *plan, same map[string]int) {
	if p.kind == planUnit {
		u := &c.units[p.unit]
		slices.Sort(u.brackets)
		u.brackets = slices.Compact(u.brackets)
		key := fmt.Sprint(u.brackets, u.span)
		if first, ok := same[key]; ok {
			p.unit = first
		} else {
			same[key] = p.unit
		}
	}
	for _, kid := range p.kids {
		c.share(kid, same)
	}
}

// expression compiles the constant of MATCHES. What was an error before stays the error.
func (c *compiling) expression(n *Constant, p place) *expression {
	text := nfc(n.Text)
	c.regexps += len(text)
	if len(text) > mostRegexp || c.regexps > mostRegexps {
		c.fail(n, "it is too long, or all of the pattern together are", ErrRegexp)
		return nil
	}
	if c.program += programSize(text); c.program > mostProgram {
		c.fail(n, "its repetitions make it too large", ErrRegexp)
		return nil
	}
	x, why, err := compileExpression(text, p, c.timeout)
	if err != nil {
		c.fail(n, why, err)
		return nil
	}
	if x.backtracking != nil {
		x.number = c.backtracking
		c.backtracking++
	}
	return x
}

// limit says that an expression has too many qualifiers.
func (c *compiling) limit(n Qualifier) {
	if c.err == nil {
		c.err = &CompileError{Offset: n.Pos(), Text: fmt.Sprintf("an expression has more than %d qualifiers", mostQualifiers), Err: ErrLimit}
	}
}

func (c *compiling) fail(n *Constant, why string, err error) {
	if c.err == nil {
		c.err = &CompileError{Offset: n.At, Text: why, Err: err}
	}
}

// Verdict is an answer.
type Verdict uint8

// The answers.
const (
	NoMatch Verdict = iota
	Matched
	Undecided // it could not be found out
)

var verdictWords = [...]string{"false", "true", "undecided"}

// String is true, false or undecided.
func (v Verdict) String() string { return word(verdictWords[:], v) }

// Result is what [Matcher.Match] found.
type Result struct {
	Verdict Verdict
	// Observations are those that match together, as places in the list, in order.
	Observations []int
	// Reason says why it is undecided: [ReasonBudget] or [ReasonTimeout].
	Reason string
}

// Why something is undecided.
const (
	ReasonBudget    = "budget"
	ReasonTimeout   = "time-out of a regular expression"
	ReasonCalledOff = "called off"
)

// Match looks for observations in the list that satisfy the pattern together; docs/patterns.md says when they do. Where the pattern needs
// but one, it is the first in the list, otherwise rather early ones.
//
// Bad data does not match, and is no error. If the answer is true, it is certain. If the budget ends, or the time for a regular expression,
// before a match is found, the answer is undecided.
func (m *Matcher) Match(list []Observed) Result { return m.MatchContext(context.Background(), list) }

// MatchContext is [Matcher.Match] that ctx may call off: then it is undecided.
func (m *Matcher) MatchContext(ctx context.Context, list []Observed) Result {
	e := m.pool.Get().(*evaluation)
	e.begin(ctx, m)
	defer func() {
		const small = 1_000_000 // steps after which it may have grown large
		if m.budget-e.steps < small {
			m.pool.Put(e)
		}
	}()
	for _, p := range m.alternatives {
		var found []int
		if p.kind == planUnit && p.count == 1 && m.units[p.unit].span == anytime {
			found = e.first(p.unit, list)
		} else {
			found = e.solve(p, list)
		}
		if found != nil {
			return Result{Verdict: Matched, Observations: found}
		}
	}
	switch {
	case ctx.Err() != nil:
		return Result{Verdict: Undecided, Reason: ReasonCalledOff}
	case e.exhausted:
		return Result{Verdict: Undecided, Reason: ReasonBudget}
	case e.timedOut > 0:
		return Result{Verdict: Undecided, Reason: ReasonTimeout}
	}
	return Result{}
}

// evaluation is the state of one call of Match. Its memory is used again.
type evaluation struct {
	matcher   *Matcher
	values    []Value
	steps     int64 // that are left
	exhausted bool
	depth     int // of the search
	ctx       context.Context
	look      int64  // the steps at which ctx is looked at next
	tired     []bool // the expressions that ran out of time
	timedOut  int
	solver    solver
}

func (e *evaluation) begin(ctx context.Context, m *Matcher) {
	e.matcher, e.steps, e.exhausted, e.timedOut = m, m.budget, false, 0
	e.ctx, e.look, e.depth = ctx, m.budget-lookEvery, 0
	e.tired = e.tired[:0]
	for range m.backtracking {
		e.tired = append(e.tired, false)
	}
}

// spend takes steps from the budget; it is false when that is used up.
func (e *evaluation) spend(steps int) bool {
	if e.steps -= int64(steps); e.steps < 0 {
		e.exhausted = true
	}
	if e.steps < e.look {
		e.look = e.steps - lookEvery
		e.exhausted = e.exhausted || e.ctx.Err() != nil
	}
	return !e.exhausted
}

// lookEvery is the steps between two looks at whether the call was called off.
const lookEvery = 10_000

// read takes what it costs to look at a text: one that is not ASCII is normalised.
func (e *evaluation) read(s string) bool {
	if len(s) < 64 { // the step for the value is enough
		return !e.exhausted
	}
	if isASCII(s) {
		return e.spend(len(s) / 64)
	}
	return e.spend(len(s))
}

// lookup asks for the values at a path. What it costs to go through STIX is taken from the budget; it is false when that is used up.
func (e *evaluation) lookup(event Event, p *Path, object int) bool {
	if v, ok := event.(*view); ok {
		e.values = v.lookup(p, object, e.values[:0], &e.steps)
		return e.spend(0)
	}
	e.values = event.Lookup(p, object, e.values[:0])
	return true
}

// match searches a string for a regular expression; false if that could not be found out.
func (e *evaluation) match(x *expression, s string) (found, ok bool) {
	if !e.spend(len(s) * x.cost / 64) {
		return false, false
	}
	if x.backtracking != nil && e.tired[x.number] {
		return false, false
	}
	found, ok = x.match(s)
	if !ok {
		e.tired[x.number] = true
		e.timedOut++
	}
	return found, ok
}

// takes reports whether an observation satisfies one of a unit's brackets.
func (e *evaluation) takes(u int, o *Observed) bool {
	for _, b := range e.matcher.units[u].brackets {
		if e.matcher.brackets[b].holds(e, o.Event) {
			return true
		}
	}
	return false
}

// first is the first observation that a unit takes.
func (e *evaluation) first(u int, list []Observed) []int {
	for i := range list {
		if e.takes(u, &list[i]) {
			return []int{i}
		}
		if e.exhausted {
			break
		}
	}
	return nil
}
