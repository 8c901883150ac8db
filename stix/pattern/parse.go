package pattern

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse reads a pattern of STIX 2.1. The error is a *[SyntaxError]. The strings of the tree are parts of text.
func Parse(text string) (*Pattern, error) { return parse(text, false) }

// Parse20 reads a pattern of STIX 2.0. It is that of STIX 2.1, but the timestamps of START and STOP may also be strings without the
// letter t.
func Parse20(text string) (*Pattern, error) { return parse(text, true) }

type parser struct {
	lexer
	depth int
	older bool // STIX 2.0
}

func parse(text string, older bool) (*Pattern, error) {
	if len(text) > MaxBytes {
		e := &SyntaxError{
			Offset: MaxBytes, Found: fmt.Sprintf("a pattern of %d bytes", len(text)), Expected: fmt.Sprintf("at most %d", MaxBytes), limit: true,
		}
		e.place(text)
		return nil, e
	}
	p := parser{lexer: lexer{text: text}, older: older}
	if !utf8.ValidString(text) {
		at := firstInvalid(text)
		p.fail(at, fmt.Sprintf("byte 0x%02x", text[at]), "UTF-8")
	}
	p.next()
	expr := p.observations(FollowedBy)
	if p.tok.kind != tokenEnd {
		p.unexpected("the end, AND, OR, FOLLOWEDBY or a qualifier")
	}
	if p.err != nil {
		p.err.place(text)
		return nil, p.err
	}
	return &Pattern{Expr: expr}, nil
}

// firstInvalid is where a text is no UTF-8.
func firstInvalid(text string) int {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") {
			return i
		}
	}
	return len(text)
}

// is reports whether the current token is this punctuation.
func (p *parser) is(char byte) bool { return p.tok.kind == tokenPunctuation && p.tok.char == char }

// pass goes beyond punctuation that must be here.
func (p *parser) pass(char byte, expected string) {
	if !p.is(char) {
		p.unexpected(expected)
		return
	}
	p.next()
}

// word goes beyond a keyword that must be here.
func (p *parser) word(kind tokenKind, expected string) {
	if p.tok.kind != kind {
		p.unexpected(expected)
		return
	}
	p.next()
}

// open enters a group in parentheses.
func (p *parser) open() {
	if p.depth++; p.depth > MaxDepth {
		p.unexpected(fmt.Sprintf("at most %d groups within each other", MaxDepth))
		p.err.limit = true
		return
	}
	p.next()
}

func (p *parser) shut(expected string) {
	p.depth--
	p.pass(')', expected)
}

// joint is the token of a joint.
func joint(op Logic) tokenKind {
	switch op {
	case And:
		return tokenAnd
	case Or:
		return tokenOr
	}
	return tokenFollowedBy
}

// observations reads what a joint joins. FOLLOWEDBY binds least, AND most.
func (p *parser) observations(op Logic) ObservationExpr {
	at := p.tok.from
	first := p.observationOperand(op)
	if p.tok.kind != joint(op) {
		return first
	}
	o := &ObservationOp{At: at, Op: op, Operands: []ObservationExpr{first}}
	for p.tok.kind == joint(op) {
		p.next()
		o.Operands = append(o.Operands, p.observationOperand(op))
	}
	return o
}

// observationOperand reads what binds stronger than a joint.
func (p *parser) observationOperand(op Logic) ObservationExpr {
	switch op {
	case FollowedBy:
		return p.observations(Or)
	case Or:
		return p.observations(And)
	}
	return p.observation()
}

// observation reads one in brackets or a group in parentheses, with its qualifiers.
func (p *parser) observation() ObservationExpr {
	at := p.tok.from
	var expr ObservationExpr
	switch {
	case p.is('['):
		p.next()
		o := &Observation{At: at, Expr: p.comparisons(Or)}
		p.pass(']', "], AND or OR")
		expr = o
	case p.is('('):
		p.open()
		expr = p.observations(FollowedBy)
		p.shut("), AND, OR, FOLLOWEDBY or a qualifier")
	default:
		p.unexpected("[ or (")
		return nil
	}
	var list []Qualifier
	for {
		q := p.qualifier()
		if q == nil {
			break
		}
		list = append(list, q)
	}
	if list == nil {
		return expr
	}
	return &Qualified{At: at, Expr: expr, Qualifiers: list}
}

// qualifier reads a qualifier, nil if there is none.
func (p *parser) qualifier() Qualifier {
	at := p.tok.from
	switch p.tok.kind {
	case tokenWithin:
		p.next()
		w := &Within{At: at, Seconds: p.seconds()}
		p.word(tokenSeconds, "SECONDS")
		return w
	case tokenRepeats:
		p.next()
		r := &Repeats{At: at}
		if p.tok.kind != tokenInteger || p.negative() {
			p.unexpected("an integer that is not negative")
		} else {
			r.Times = p.integer()
			p.next()
		}
		p.word(tokenTimes, "TIMES")
		return r
	case tokenStart:
		p.next()
		s := &StartStop{At: at, Start: p.instant()}
		p.word(tokenStop, "STOP")
		s.Stop = p.instant()
		return s
	}
	return nil
}

// negative reports a number with a sign.
func (p *parser) negative() bool { return p.text[p.tok.from] == '-' }

func (p *parser) seconds() (s float64) {
	switch {
	case p.tok.kind == tokenInteger && !p.negative():
		s = float64(p.integer())
	case p.tok.kind == tokenFloat && !p.negative():
		s = p.float()
	default:
		p.unexpected("a number that is not negative")
		return 0
	}
	p.next()
	return s
}

// instant reads the timestamp of START or STOP.
func (p *parser) instant() Constant {
	t := p.tok
	if p.older && t.kind == tokenString {
		content := p.text[t.from+1 : t.to-1]
		if n, ok := timestampEnd(content); !ok || n != len(content) {
			p.unexpected("a timestamp")
			return Constant{}
		}
		p.next()
		return Constant{At: t.from, Kind: Timestamp, Text: content}
	}
	if t.kind != tokenTimestamp {
		p.unexpected("a timestamp, t'…'")
		return Constant{}
	}
	return p.constant()
}

// comparisons reads what a joint joins. OR binds less than AND.
func (p *parser) comparisons(op Logic) ComparisonExpr {
	at := p.tok.from
	first := p.comparisonOperand(op)
	if p.tok.kind != joint(op) {
		return first
	}
	c := &ComparisonOp{At: at, Op: op, Operands: []ComparisonExpr{first}}
	for p.tok.kind == joint(op) {
		p.next()
		c.Operands = append(c.Operands, p.comparisonOperand(op))
	}
	return c
}

// comparisonOperand reads what binds stronger than a joint.
func (p *parser) comparisonOperand(op Logic) ComparisonExpr {
	if op == Or {
		return p.comparisons(And)
	}
	return p.comparison()
}

// comparison reads a test, EXISTS, or a group in parentheses.
func (p *parser) comparison() ComparisonExpr {
	at := p.tok.from
	switch {
	case p.tok.kind == tokenName, p.tok.kind == tokenHyphenName:
		return p.test()
	case p.is('('):
		p.open()
		c := p.comparisons(Or)
		p.shut("), AND or OR")
		return c
	case p.tok.kind == tokenNot:
		p.next()
		p.word(tokenExists, "EXISTS (otherwise NOT stands before the operator)")
		e := &Exists{At: at, Negated: true}
		p.path(&e.Path)
		return e
	case p.tok.kind == tokenExists:
		p.next()
		e := &Exists{At: at}
		p.path(&e.Path)
		return e
	}
	p.unexpected("an object path, EXISTS, NOT EXISTS or (")
	return nil
}

func (p *parser) test() ComparisonExpr {
	t := &Test{At: p.tok.from}
	p.path(&t.Path)
	if p.tok.kind == tokenNot {
		t.Negated = true
		p.next()
	}
	if p.tok.kind != tokenOperator {
		p.unexpected("an operator")
		return t
	}
	t.Op = p.tok.op
	p.next()
	switch t.Op {
	case Equal, NotEqual:
		t.Value = p.constant()
	case In:
		t.Set = p.set()
	case Less, LessEqual, Greater, GreaterEqual:
		if p.tok.kind == tokenBoolean {
			p.unexpected("a constant that has an order")
		}
		t.Value = p.constant()
	default:
		if p.tok.kind != tokenString {
			p.unexpected("a string")
		}
		t.Value = p.constant()
	}
	return t
}

const usualSteps = 2 // of a path: more cost an allocation

// path reads an object path. White space may stand between its parts.
func (p *parser) path(o *Path) {
	o.At = p.tok.from
	if p.tok.kind != tokenName && p.tok.kind != tokenHyphenName {
		p.unexpected("an object type")
		return
	}
	o.Type = p.text[p.tok.from:p.tok.to]
	p.next()
	p.pass(':', ":")
	o.Steps = append(make([]Step, 0, usualSteps), p.key())
	for {
		switch {
		case p.is('.'):
			p.next()
			o.Steps = append(o.Steps, p.key())
		case p.is('['):
			o.Steps = append(o.Steps, p.item())
		default:
			return
		}
	}
}

// key reads the name of a property, with or without quotes.
func (p *parser) key() Step {
	s := Step{At: p.tok.from, Kind: Key}
	switch p.tok.kind {
	case tokenName:
		s.Key = p.text[p.tok.from:p.tok.to]
	case tokenString:
		s.Key = p.unquoted()
	case tokenHyphenName:
		p.unexpected("a property without hyphens, or in quotes")
	default:
		if isKeyword(p.text[p.tok.from:p.tok.to]) {
			p.unexpected("a property; a keyword needs quotes")
		} else {
			p.unexpected("a property, in quotes if it has other than Latin letters, digits and _")
		}
	}
	p.next()
	return s
}

// item reads the index of a list's item, in brackets.
func (p *parser) item() Step {
	s := Step{At: p.tok.from, Kind: Any}
	p.next()
	switch {
	case p.is('*'):
		p.next()
	case p.tok.kind == tokenInteger:
		s.Kind, s.Index = Index, p.integer()
		p.next()
	default:
		p.unexpected("an integer or *")
	}
	p.pass(']', "]")
	return s
}

// set reads the constants of IN.
func (p *parser) set() (list []Constant) {
	p.pass('(', "(")
	if p.is(')') {
		p.next()
		return nil
	}
	list = append(list, p.constant())
	for p.is(',') {
		p.next()
		list = append(list, p.constant())
	}
	p.pass(')', ") or a comma")
	return list
}

// constant reads a constant.
func (p *parser) constant() Constant {
	t := p.tok
	c := Constant{At: t.from}
	switch t.kind {
	case tokenString:
		c.Kind, c.Text = String, p.unquoted()
	case tokenInteger:
		c.Kind, c.Int = Integer, p.integer()
	case tokenFloat:
		c.Kind, c.Float = Float, p.float()
	case tokenBoolean:
		c.Kind = Boolean
		if p.text[t.from] == 't' {
			c.Int = 1
		}
	case tokenHex:
		b, _ := hex.DecodeString(p.text[t.from+2 : t.to-1]) // the lexer let only digits pass
		c.Kind, c.Text = Hex, string(b)
	case tokenBinary:
		b, _ := base64.StdEncoding.DecodeString(p.text[t.from+2 : t.to-1])
		c.Kind, c.Text = Binary, string(b)
	case tokenTimestamp:
		c.Kind, c.Text = Timestamp, p.text[t.from+2:t.to-1]
	default:
		p.unexpected("a constant")
		return c
	}
	p.next()
	return c
}

// unquoted is the content of the string that is the current token.
func (p *parser) unquoted() string {
	content := p.text[p.tok.from+1 : p.tok.to-1]
	if !p.tok.escaped {
		return content
	}
	b := make([]byte, 0, len(content))
	for i := 0; i < len(content); i++ {
		if content[i] == '\\' {
			i++
		}
		b = append(b, content[i])
	}
	return string(b)
}

// integer is the value of the current token.
func (p *parser) integer() int64 {
	n, err := strconv.ParseInt(p.text[p.tok.from:p.tok.to], 10, 64)
	if err != nil {
		p.unexpected("an integer of 64 bits")
		return 0
	}
	return n
}

// float is the value of the current token.
func (p *parser) float() float64 {
	f, err := strconv.ParseFloat(p.text[p.tok.from:p.tok.to], 64)
	if err != nil || math.IsInf(f, 0) {
		p.unexpected("a number that fits a float of 64 bits")
		return 0
	}
	return f
}
