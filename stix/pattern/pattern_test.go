package pattern_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/stix/pattern"
)

// shape is a tree in brackets, with the names of the objects' types for tests.
func shape(n pattern.Node) string {
	switch n := n.(type) {
	case *pattern.Pattern:
		return shape(n.Expr)
	case *pattern.Observation:
		return "[" + shape(n.Expr) + "]"
	case *pattern.ObservationOp:
		return "(" + strings.ToLower(n.Op.String()) + shapes(n.Operands) + ")"
	case *pattern.ComparisonOp:
		return "(" + strings.ToLower(n.Op.String()) + shapes(n.Operands) + ")"
	case *pattern.Qualified:
		return "{" + shape(n.Expr) + shapes(n.Qualifiers) + "}"
	case *pattern.Within:
		return fmt.Sprint("within", n.Seconds)
	case *pattern.Repeats:
		return fmt.Sprint("repeats", n.Times)
	case *pattern.Test:
		return n.Path.Type
	}
	return "?"
}

func shapes[T pattern.Node](list []T) (s string) {
	for _, n := range list {
		s += " " + shape(n)
	}
	return s
}

// TestPrecedence: which tree a pattern without parentheses is (section 9.5.2 and 9.6).
func TestPrecedence(t *testing.T) {
	spell := strings.NewReplacer(
		"a", "[a:x = 1]", "b", "[b:x = 1]", "c", "[c:x = 1]", "d", "[d:x = 1]", "&", "AND", "|", "OR", ">", "FOLLOWEDBY",
		"W", "WITHIN 1 SECONDS", "R", "REPEATS 2 TIMES")
	for text, want := range map[string]string{
		"a":               "[a]",
		"a & b":           "(and [a] [b])",
		"a & b & c":       "(and [a] [b] [c])",
		"(a & b) & c":     "(and (and [a] [b]) [c])",
		"a & (b & c)":     "(and [a] (and [b] [c]))",
		"a | b & c":       "(or [a] (and [b] [c]))",
		"a & b | c":       "(or (and [a] [b]) [c])",
		"a | b > c | d":   "(followedby (or [a] [b]) (or [c] [d]))",
		"a > b & c > d":   "(followedby [a] (and [b] [c]) [d])",
		"a > (b > c)":     "(followedby [a] (followedby [b] [c]))",
		"a & b | c & d":   "(or (and [a] [b]) (and [c] [d]))",
		"a & (b | c) & d": "(and [a] (or [b] [c]) [d])",
		"((a))":           "[a]",
		"((a | b))":       "(or [a] [b])",
		"a W":             "{[a] within1}",
		"a W R":           "{[a] within1 repeats2}",
		"(a W) R":         "{{[a] within1} repeats2}",
		"a & b W":         "(and [a] {[b] within1})",
		"(a & b) W":       "{(and [a] [b]) within1}",
		"a > b R | c W":   "(followedby [a] (or {[b] repeats2} {[c] within1}))",
		"(a R > b) W":     "{(followedby {[a] repeats2} [b]) within1}",
	} {
		p, err := pattern.Parse(spell.Replace(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := shape(p); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	spell = strings.NewReplacer("a", "a:x = 1", "b", "b:x = 1", "c", "c:x = 1", "d", "d:x = 1", "&", "AND", "|", "OR")
	for text, want := range map[string]string{
		"a & b & c":       "[(and a b c)]",
		"a | b & c":       "[(or a (and b c))]",
		"a & b | c":       "[(or (and a b) c)]",
		"a & b | c & d":   "[(or (and a b) (and c d))]",
		"(a | b) & c":     "[(and (or a b) c)]",
		"a | b | (c | d)": "[(or a b (or c d))]",
		"((a)) & (b)":     "[(and a b)]",
	} {
		p, err := pattern.Parse("[" + spell.Replace(text) + "]")
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := shape(p); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// TestWalk: every node, in order, with its place.
func TestWalk(t *testing.T) {
	const text = `([a:b.'c'[0][*] NOT IN (1, true)] OR [(EXISTS d:e) AND (NOT EXISTS f:g OR h:i = 'x')]) REPEATS 2 TIMES WITHIN 3 SECONDS ` +
		`START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z' FOLLOWEDBY [j:k = h'00']`
	p, err := pattern.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Pattern (", "ObservationOp (", "Qualified (", "ObservationOp [", "Observation [", "Test a:b", "Path a:b", "Step b", "Step 'c'", "Step [0",
		"Step [*", "Constant 1", "Constant true", "Observation [(", "ComparisonOp (EX", "Exists EXISTS d", "Path d", "Step e",
		"ComparisonOp NOT", "Exists NOT EXISTS f", "Path f", "Step g", "Test h:i", "Path h:i", "Step i", "Constant 'x'", "Repeats REPEATS",
		"Within WITHIN", "StartStop START", "Constant t'2026-01", "Constant t'2026-02", "Observation [j", "Test j", "Path j", "Step k", "Constant h'00'",
	}
	i := 0
	pattern.Walk(p, func(n pattern.Node) bool {
		kind := strings.TrimPrefix(fmt.Sprintf("%T", n), "*pattern.")
		if i == len(want) {
			t.Fatalf("%s at %d is one too many", kind, n.Pos())
		}
		wantKind, wantText, _ := strings.Cut(want[i], " ")
		if kind != wantKind || !strings.HasPrefix(text[n.Pos():], wantText) {
			t.Errorf("%d: got %s at %d, want %s", i, kind, n.Pos(), want[i])
		}
		i++
		return true
	})
	if i != len(want) {
		t.Errorf("%d nodes, want %d", i, len(want))
	}
	visits := 0
	pattern.Walk(p, func(n pattern.Node) bool {
		visits++
		_, isQualified := n.(*pattern.Qualified)
		return !isQualified
	})
	if visits != 3+1+5-1 {
		t.Errorf("%d visits without what is qualified", visits)
	}
}

// TestSame: trees that differ anywhere are not the same.
func TestSame(t *testing.T) {
	list := []string{
		"[a:b = 1]", "[a:b = 2]", "[a:b = 1.0]", "[a:b = '1']", "[a:b = true]", "[a:b = h'31']", "[a:b = b'MQ==']", "[a:b != 1]", "[a:b NOT = 1]",
		"[b:b = 1]", "[a:c = 1]", "[a:b.c = 1]", "[a:b[0] = 1]", "[a:b[1] = 1]", "[a:b[*] = 1]", "[EXISTS a:b]", "[NOT EXISTS a:b]",
		"[EXISTS a:c]", "[a:b IN (1)]", "[a:b IN (2)]", "[a:b IN (1, 1)]", "[a:b IN ()]", "[a:b = 1 AND a:b = 1]", "[a:b = 1 OR a:b = 1]",
		"[a:b = 1 AND a:b = 1 AND a:b = 1]", "[(a:b = 1 AND a:b = 1) AND a:b = 1]", "[a:b = 1] AND [a:b = 1]", "[a:b = 1] OR [a:b = 1]",
		"[a:b = 1] FOLLOWEDBY [a:b = 1]", "[a:b = 1] WITHIN 1 SECONDS", "[a:b = 1] WITHIN 2 SECONDS", "[a:b = 1] REPEATS 1 TIMES",
		"[a:b = 1] REPEATS 2 TIMES", "[a:b = 1] REPEATS 1 TIMES WITHIN 1 SECONDS", "[a:b = 1] WITHIN 1 SECONDS REPEATS 1 TIMES",
		"[a:b = 1] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'",
		"[a:b = 1] START t'2026-01-01T00:00:00Z' STOP t'2026-01-03T00:00:00Z'",
		"[a:b = 1] START t'2026-01-01T01:00:00Z' STOP t'2026-01-02T00:00:00Z'",
	}
	for _, a := range list {
		for _, b := range list {
			p, err := pattern.Parse(a)
			q, err2 := pattern.Parse(" " + b)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			if pattern.Same(p, q) != (a == b) {
				t.Errorf("Same of %s and %s is %t", a, b, a != b)
			}
		}
	}
	step, constant := &pattern.Step{Kind: pattern.Any}, &pattern.Constant{Kind: pattern.Integer}
	if pattern.Same(step, constant) || !pattern.Same(step, &pattern.Step{Kind: pattern.Any, At: 5}) || !pattern.Same(constant, &pattern.Constant{Kind: pattern.Integer, At: 5}) {
		t.Error("steps and constants are not told apart")
	}
}

func TestSyntaxError(t *testing.T) {
	for text, want := range map[string]string{
		"[a:b = ]":                               `line 1, column 8: found "]", expected a constant`,
		"[a:b = '攻撃'\n// 攻\n AND x]":             `line 3, column 7: found "]", expected :`,
		"[a:b = '攻撃' = 1]":                       `line 1, column 13: found "=", expected ], AND or OR`,
		"[a:b = '\xff']":                         `line 1, column 9: found byte 0xff, expected UTF-8`,
		"[a:b = '\uFFFD\xc0']":                   `line 1, column 10: found byte 0xc0, expected UTF-8`,
		"[a:b = '" + strings.Repeat("攻", 30):     `line 1, column 8: found a string without an end, expected a quote`,
		"[a:b " + strings.Repeat("b", 50):        `line 1, column 6: found "` + strings.Repeat("b", 40) + `"…, expected an operator`,
		"[a:b '" + strings.Repeat("攻", 30) + "'": `line 1, column 6: found "'` + strings.Repeat("攻", 13) + `"…, expected an operator`,
	} {
		if _, err := pattern.Parse(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// TestConstants: what constants are worth.
func TestConstants(t *testing.T) {
	p, err := pattern.Parse(`[a:b IN ('\\\'x', -5, 1.5, true, false, h'00fF', b'AP8=', t'2026-01-02T03:04:05.0607Z')]`)
	if err != nil {
		t.Fatal(err)
	}
	want := []pattern.Constant{
		{Kind: pattern.String, Text: `\'x`},
		{Kind: pattern.Integer, Int: -5},
		{Kind: pattern.Float, Float: 1.5},
		{Kind: pattern.Boolean, Int: 1},
		{Kind: pattern.Boolean},
		{Kind: pattern.Hex, Text: "\x00\xff"},
		{Kind: pattern.Binary, Text: "\x00\xff"},
		{Kind: pattern.Timestamp, Text: "2026-01-02T03:04:05.0607Z"},
	}
	set := p.Expr.(*pattern.Observation).Expr.(*pattern.Test).Set
	if len(set) != len(want) {
		t.Fatalf("%d constants", len(set))
	}
	for i := range want {
		if !pattern.Same(&set[i], &want[i]) {
			t.Errorf("got %+v, want %+v", set[i], want[i])
		}
	}
	if !set[3].True() || set[4].True() {
		t.Error("true and false are not told apart")
	}
	for text, want := range map[string]time.Time{
		"2026-01-02T03:04:05Z":                time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		"2026-01-02T03:04:05.0607Z":           time.Date(2026, 1, 2, 3, 4, 5, 60_700_000, time.UTC),
		"2026-01-02T03:04:05.1234567899Z":     time.Date(2026, 1, 2, 3, 4, 5, 123_456_789, time.UTC),
		"2016-12-31T23:59:60Z":                time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC),
		"2024-02-29T00:00:00Z":                time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
		"0000-12-31T00:00:00Z":                time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC),
		"2025-02-29T00:00:00Z":                {},
		"2026-04-31T00:00:00Z":                {},
		"2026-01-02":                          {},
		"2026-01-02T03:04:05Zx":               {},
		"":                                    {},
		"2026-01-02T03:04:05.12345678901234Z": time.Date(2026, 1, 2, 3, 4, 5, 123_456_789, time.UTC),
	} {
		c := pattern.Constant{Kind: pattern.Timestamp, Text: text}
		got, ok := c.Time()
		if !got.Equal(want) || ok == want.IsZero() {
			t.Errorf("%s: got %v, %t", text, got, ok)
		}
		c.Kind = pattern.String
		if _, ok := c.Time(); ok {
			t.Errorf("the string %q is an instant", text)
		}
	}
}

func TestNames(t *testing.T) {
	got := fmt.Sprint(pattern.And, pattern.Or, pattern.FollowedBy, pattern.Logic(9), pattern.Equal, pattern.IsSuperset, pattern.Operator(99), pattern.String, pattern.Timestamp, pattern.Kind(99))
	if want := "AND OR FOLLOWEDBY  = ISSUPERSET  string timestamp "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for key, want := range map[string]bool{"dst_ref": true, "to_refs": true, "ref": false, "reference": false, "x_refsx": false} {
		if s := (pattern.Step{Kind: pattern.Key, Key: key}); s.IsRef() != want {
			t.Errorf("%s is a reference: %t", key, !want)
		}
	}
	if s := (pattern.Step{Kind: pattern.Index, Key: "x_ref"}); s.IsRef() {
		t.Error("an index is a reference")
	}
	if got := pattern.Text(&pattern.Within{Seconds: math.MaxFloat64}); len(got) != len("WITHIN  SECONDS")+309+2 {
		t.Errorf("the longest time is %s", got)
	}
}

// TestParse20: the timestamps of START and STOP may be strings, and are written anew as timestamps.
func TestParse20(t *testing.T) {
	const text = `[a:b = 1] START '2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'`
	if _, err := pattern.Parse(text); err == nil {
		t.Error("STIX 2.1 has it too")
	}
	p, err := pattern.Parse20(text)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.String(), `[a:b = 1] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'`; got != want {
		t.Errorf("got %s", got)
	}
	if _, err := pattern.Parse20(`[a:b = 1] START 'x' STOP 'y'`); err == nil {
		t.Error("any string is an instant")
	}
	if _, err := pattern.Parse20(`[a:b = 1] START '2026-01-01T00:00:00Z\'' STOP 'y'`); err == nil {
		t.Error("any string is an instant")
	}
}
