package pattern_test

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/wagasa/wagasa/stix/pattern"
)

var keywords = []string{
	"AND", "OR", "FOLLOWEDBY", "NOT", "EXISTS", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET", "WITHIN", "SECONDS", "REPEATS", "TIMES",
	"START", "STOP", "true", "false",
}

var reserved = func() map[string]bool {
	m := map[string]bool{}
	for _, k := range keywords {
		m[k] = true
	}
	return m
}()

var (
	typeNames = rapid.OneOf(
		rapid.SampledFrom([]string{"file", "ipv4-addr", "x-a", "t", "h", "b", "and", "AND-"}),
		rapid.StringMatching(`[a-zA-Z_][a-zA-Z0-9_-]{0,6}`).Filter(func(s string) bool { return !reserved[s] }),
	)
	keys = rapid.OneOf(
		rapid.SampledFrom([]string{"name", "hashes", "SHA-256", "dst_ref", "", "1", "a b", `\'`, "t", "名"}),
		rapid.SampledFrom(keywords), rapid.StringMatching(`[a-zA-Z_][a-zA-Z0-9_]{0,6}`), rapid.String(),
	)
	texts  = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", `\`, `'`, `\\'`, "a\nb", "/*", "//", "[", "\x00"}))
	floats = rapid.OneOf(
		rapid.Float64().Filter(func(f float64) bool { return !math.IsInf(f, 0) && !math.IsNaN(f) }),
		rapid.SampledFrom([]float64{0, 1, -1, 0.1, 1e22, 1 << 53, 1<<53 + 2, math.MaxFloat64, math.SmallestNonzeroFloat64}),
	)
	instants = rapid.StringMatching(`[0-9]{4}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]{1,12})?Z`)
)

func drawConstant(t *rapid.T, kinds ...pattern.Kind) pattern.Constant {
	c := pattern.Constant{Kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
	switch c.Kind {
	case pattern.String:
		c.Text = texts.Draw(t, "string")
	case pattern.Integer:
		c.Int = rapid.Int64().Draw(t, "integer")
	case pattern.Float:
		c.Float = floats.Draw(t, "float")
	case pattern.Boolean:
		c.Int = rapid.Int64Range(0, 1).Draw(t, "boolean")
	case pattern.Hex, pattern.Binary:
		c.Text = string(rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "octets"))
	case pattern.Timestamp:
		c.Text = instants.Draw(t, "timestamp")
	}
	return c
}

func drawPath(t *rapid.T) pattern.Path {
	p := pattern.Path{Type: typeNames.Draw(t, "type")}
	for i := range rapid.IntRange(1, 4).Draw(t, "steps") {
		s := pattern.Step{Kind: pattern.Key}
		if i > 0 {
			s.Kind = rapid.SampledFrom([]pattern.StepKind{pattern.Key, pattern.Index, pattern.Any}).Draw(t, "step")
		}
		switch s.Kind {
		case pattern.Key:
			s.Key = keys.Draw(t, "key")
		case pattern.Index:
			s.Index = rapid.Int64().Draw(t, "index")
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

var ordered = []pattern.Kind{pattern.String, pattern.Integer, pattern.Float, pattern.Hex, pattern.Binary, pattern.Timestamp}

func drawTest(t *rapid.T) *pattern.Test {
	test := &pattern.Test{
		Path: drawPath(t), Negated: rapid.Bool().Draw(t, "negated"),
		Op: pattern.Operator(rapid.IntRange(int(pattern.Equal), int(pattern.IsSuperset)).Draw(t, "operator")),
	}
	switch test.Op {
	case pattern.Equal, pattern.NotEqual:
		test.Value = drawConstant(t, append(ordered[:len(ordered):len(ordered)], pattern.Boolean)...)
	case pattern.Less, pattern.LessEqual, pattern.Greater, pattern.GreaterEqual:
		test.Value = drawConstant(t, ordered...)
	case pattern.In:
		for range rapid.IntRange(0, 3).Draw(t, "size") {
			test.Set = append(test.Set, drawConstant(t, append(ordered[:len(ordered):len(ordered)], pattern.Boolean)...))
		}
	default:
		test.Value = drawConstant(t, pattern.String)
	}
	return test
}

func drawComparison(t *rapid.T, depth int) pattern.ComparisonExpr {
	switch n := rapid.IntRange(0, 5).Draw(t, "comparison"); {
	case n < 3 || depth == 0:
		return drawTest(t)
	case n == 3:
		return &pattern.Exists{Negated: rapid.Bool().Draw(t, "negated"), Path: drawPath(t)}
	}
	c := &pattern.ComparisonOp{Op: rapid.SampledFrom([]pattern.Logic{pattern.And, pattern.Or}).Draw(t, "logic")}
	for range rapid.IntRange(2, 3).Draw(t, "operands") {
		c.Operands = append(c.Operands, drawComparison(t, depth-1))
	}
	return c
}

func drawQualifier(t *rapid.T) pattern.Qualifier {
	switch rapid.IntRange(0, 2).Draw(t, "qualifier") {
	case 0:
		return &pattern.Within{Seconds: math.Abs(floats.Draw(t, "seconds"))}
	case 1:
		return &pattern.Repeats{Times: rapid.Int64Range(0, math.MaxInt64).Draw(t, "times")}
	}
	return &pattern.StartStop{Start: drawConstant(t, pattern.Timestamp), Stop: drawConstant(t, pattern.Timestamp)}
}

func drawObservation(t *rapid.T, depth int) pattern.ObservationExpr {
	switch n := rapid.IntRange(0, 5).Draw(t, "observation"); {
	case n < 2 || depth == 0:
		return &pattern.Observation{Expr: drawComparison(t, 2)}
	case n < 4:
		q := &pattern.Qualified{Expr: drawObservation(t, depth-1)}
		for range rapid.IntRange(1, 3).Draw(t, "qualifiers") {
			q.Qualifiers = append(q.Qualifiers, drawQualifier(t))
		}
		return q
	}
	o := &pattern.ObservationOp{Op: pattern.Logic(rapid.IntRange(int(pattern.And), int(pattern.FollowedBy)).Draw(t, "logic"))}
	for range rapid.IntRange(2, 3).Draw(t, "operands") {
		o.Operands = append(o.Operands, drawObservation(t, depth-1))
	}
	return o
}

// TestLawPrintParse: whatever tree there is, what it is printed as parses to it.
func TestLawPrintParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sameAgain(t, &pattern.Pattern{Expr: drawObservation(t, 3)})
	})
}

// TestLawGroups: a tree written with all parentheses, with quotes around each key and with white space and comments everywhere parses
// to that tree. So no precedence is needed to write it, and the parser agrees with none.
func TestLawGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &pattern.Pattern{Expr: drawObservation(t, 3)}
		w := writer{space: rapid.SampledFrom([]string{" ", "\n", "/* ' [ */", "// x\n", "\u3000"})}
		w.t = t
		w.observation(p.Expr)
		got, err := pattern.Parse(w.String())
		if err != nil {
			t.Fatalf("%s: %v", w.String(), err)
		}
		if !reflect.DeepEqual(unplaced(p), unplaced(got)) {
			t.Fatalf("%s\n\tis parsed as %s\n\twant         %s", w.String(), got, p)
		}
	})
}

// writer writes trees without knowing what binds how.
type writer struct {
	strings.Builder
	t     *rapid.T
	space *rapid.Generator[string]
}

func (w *writer) words(list ...string) {
	for _, s := range list {
		w.WriteString(w.space.Draw(w.t, "space"))
		w.WriteString(s)
	}
}

func joined[T any](w *writer, op pattern.Logic, list []T, each func(T)) {
	w.words("(")
	for i, o := range list {
		if i > 0 {
			w.words(op.String())
		}
		each(o)
	}
	w.words(")")
}

func (w *writer) observation(n pattern.ObservationExpr) {
	switch n := n.(type) {
	case *pattern.Observation:
		w.words("(", "[")
		w.comparison(n.Expr)
		w.words("]", ")")
	case *pattern.ObservationOp:
		joined(w, n.Op, n.Operands, w.observation)
	case *pattern.Qualified:
		w.words("(")
		w.observation(n.Expr)
		for _, q := range n.Qualifiers {
			switch q := q.(type) {
			case *pattern.Within:
				w.words("WITHIN", decimal(q.Seconds), "SECONDS")
			case *pattern.Repeats:
				w.words("REPEATS", strconv.FormatInt(q.Times, 10), "TIMES")
			case *pattern.StartStop:
				w.words("START", "t'"+q.Start.Text+"'", "STOP", "t'"+q.Stop.Text+"'")
			}
		}
		w.words(")")
	}
}

func (w *writer) comparison(n pattern.ComparisonExpr) {
	switch n := n.(type) {
	case *pattern.ComparisonOp:
		joined(w, n.Op, n.Operands, w.comparison)
	case *pattern.Exists:
		if n.Negated {
			w.words("NOT")
		}
		w.words("EXISTS")
		w.path(&n.Path)
	case *pattern.Test:
		w.words("(")
		w.path(&n.Path)
		if n.Negated {
			w.words("NOT")
		}
		w.words(n.Op.String())
		if n.Op == pattern.In {
			w.words("(")
			for i := range n.Set {
				if i > 0 {
					w.words(",")
				}
				w.constant(&n.Set[i])
			}
			w.words(")")
		} else {
			w.constant(&n.Value)
		}
		w.words(")")
	}
}

func (w *writer) path(p *pattern.Path) {
	w.words(p.Type)
	for i, s := range p.Steps {
		switch {
		case i == 0:
			w.words(":")
		case s.Kind == pattern.Key:
			w.words(".")
		}
		switch s.Kind {
		case pattern.Key:
			w.words(inQuotes(s.Key))
		case pattern.Any:
			w.words("[", "*", "]")
		case pattern.Index:
			w.words("[", strconv.FormatInt(s.Index, 10), "]")
		}
	}
}

func (w *writer) constant(c *pattern.Constant) {
	switch c.Kind {
	case pattern.String:
		w.words(inQuotes(c.Text))
	case pattern.Integer:
		w.words(strconv.FormatInt(c.Int, 10))
	case pattern.Float:
		w.words(decimal(c.Float))
	case pattern.Boolean:
		w.words(strconv.FormatBool(c.True()))
	case pattern.Hex:
		w.words("h'" + strings.ToUpper(hex.EncodeToString([]byte(c.Text))) + "'")
	case pattern.Binary:
		w.words("b'" + base64.StdEncoding.EncodeToString([]byte(c.Text)) + "'")
	case pattern.Timestamp:
		w.words("t'" + c.Text + "'")
	}
}

func inQuotes(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// decimal is a float with all its digits.
func decimal(f float64) string { return strconv.FormatFloat(f, 'f', 1100, 64) }
