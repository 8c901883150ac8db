package pattern

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
)

// String is the pattern in canonical form: single spaces, parentheses only where the meaning needs them, quotes around a key only where
// it needs them, hex in lower case. Parsing it gives the same tree (see [Same]), whatever tree [Parse] made.
func (p *Pattern) String() string { return Text(p) }

// String is the path in canonical form.
func (p *Path) String() string { return Text(p) }

// String is the constant as it is written in a pattern.
func (c *Constant) String() string { return Text(c) }

// Text is a node in canonical form.
func Text(n Node) string { return string(Append(nil, n)) }

// Append appends a node in canonical form.
func Append(dst []byte, n Node) []byte {
	switch n := n.(type) {
	case *Pattern:
		return Append(dst, n.Expr)
	case *Observation:
		dst = append(dst, '[')
		dst = Append(dst, n.Expr)
		return append(dst, ']')
	case *ObservationOp:
		return appendOp(dst, n.Op, n.Operands)
	case *Qualified:
		dst = appendGroup(dst, n.Expr, binding(n.Expr) < bindsAll)
		for _, q := range n.Qualifiers {
			dst = append(dst, ' ')
			dst = Append(dst, q)
		}
		return dst
	case *Within:
		dst = append(dst, "WITHIN "...)
		if whole := int64(n.Seconds); n.Seconds <= 1<<53 && float64(whole) == n.Seconds {
			dst = strconv.AppendInt(dst, whole, 10)
		} else {
			dst = appendFloat(dst, n.Seconds)
		}
		return append(dst, " SECONDS"...)
	case *Repeats:
		dst = append(dst, "REPEATS "...)
		dst = strconv.AppendInt(dst, n.Times, 10)
		return append(dst, " TIMES"...)
	case *StartStop:
		dst = append(dst, "START "...)
		dst = appendConstant(dst, &n.Start)
		dst = append(dst, " STOP "...)
		return appendConstant(dst, &n.Stop)
	case *ComparisonOp:
		return appendOp(dst, n.Op, n.Operands)
	case *Test:
		return appendTest(dst, n)
	case *Exists:
		if n.Negated {
			dst = append(dst, "NOT "...)
		}
		dst = append(dst, "EXISTS "...)
		return appendPath(dst, &n.Path)
	case *Path:
		return appendPath(dst, n)
	case *Step:
		return appendStep(dst, n)
	case *Constant:
		return appendConstant(dst, n)
	}
	return dst
}

// How strongly an expression binds: an operand that binds no stronger than its joint needs parentheses.
const (
	bindsAll       = 5 // one in brackets, a test, EXISTS
	bindsQualified = 4
)

func binding(n Node) int {
	switch n := n.(type) {
	case *ObservationOp:
		return n.Op.binding()
	case *ComparisonOp:
		return n.Op.binding()
	case *Qualified:
		return bindsQualified
	}
	return bindsAll
}

func (l Logic) binding() int {
	switch l {
	case And:
		return 3
	case Or:
		return 2
	}
	return 1
}

func appendOp[T Node](dst []byte, op Logic, operands []T) []byte {
	for i, o := range operands {
		if i > 0 {
			dst = append(dst, ' ')
			dst = append(dst, op.String()...)
			dst = append(dst, ' ')
		}
		dst = appendGroup(dst, o, binding(o) <= op.binding())
	}
	return dst
}

func appendGroup(dst []byte, n Node, group bool) []byte {
	if !group {
		return Append(dst, n)
	}
	dst = append(dst, '(')
	dst = Append(dst, n)
	return append(dst, ')')
}

func appendTest(dst []byte, t *Test) []byte {
	dst = appendPath(dst, &t.Path)
	if t.Negated {
		dst = append(dst, " NOT"...)
	}
	dst = append(dst, ' ')
	dst = append(dst, t.Op.String()...)
	dst = append(dst, ' ')
	if t.Op != In {
		return appendConstant(dst, &t.Value)
	}
	dst = append(dst, '(')
	for i := range t.Set {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = appendConstant(dst, &t.Set[i])
	}
	return append(dst, ')')
}

func appendPath(dst []byte, p *Path) []byte {
	dst = append(dst, p.Type...)
	for i := range p.Steps {
		switch {
		case i == 0:
			dst = append(dst, ':')
		case p.Steps[i].Kind == Key:
			dst = append(dst, '.')
		}
		dst = appendStep(dst, &p.Steps[i])
	}
	return dst
}

func appendStep(dst []byte, s *Step) []byte {
	switch s.Kind {
	case Index:
		dst = append(dst, '[')
		dst = strconv.AppendInt(dst, s.Index, 10)
		return append(dst, ']')
	case Any:
		return append(dst, "[*]"...)
	}
	if isPlainKey(s.Key) {
		return append(dst, s.Key...)
	}
	return appendString(dst, s.Key)
}

// isPlainKey reports whether a key needs no quotes.
func isPlainKey(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) && (i == 0 || !isDigit(s[i])) {
			return false
		}
	}
	return s != "" && !isKeyword(s)
}

func appendConstant(dst []byte, c *Constant) []byte {
	switch c.Kind {
	case String:
		return appendString(dst, c.Text)
	case Integer:
		return strconv.AppendInt(dst, c.Int, 10)
	case Float:
		return appendFloat(dst, c.Float)
	case Boolean:
		return strconv.AppendBool(dst, c.True())
	case Hex:
		dst = append(dst, "h'"...)
		dst = hex.AppendEncode(dst, []byte(c.Text))
	case Binary:
		dst = append(dst, "b'"...)
		dst = base64.StdEncoding.AppendEncode(dst, []byte(c.Text))
	case Timestamp:
		dst = append(dst, "t'"...)
		dst = append(dst, c.Text...)
	}
	return append(dst, '\'')
}

func appendString(dst []byte, s string) []byte {
	dst = append(dst, '\'')
	if strings.IndexByte(s, '\'') < 0 && strings.IndexByte(s, '\\') < 0 {
		dst = append(dst, s...)
		return append(dst, '\'')
	}
	for i := range len(s) {
		if s[i] == '\'' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '\'')
}

// appendFloat writes a float with a point and without an exponent, so that it stays one.
func appendFloat(dst []byte, f float64) []byte {
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if f == math.Trunc(f) {
		dst = append(dst, ".0"...)
	}
	return dst
}
