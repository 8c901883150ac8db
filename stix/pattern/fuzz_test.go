package pattern_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wagasa/wagasa/stix/pattern"
)

// FuzzParse: it never panics, says where a fault is, and what it accepts is printed, parsed and judged to the end. The canonical form
// of a canonical form is itself. STIX 2.0 accepts all that STIX 2.1 accepts.
func FuzzParse(f *testing.F) {
	for _, v := range valid {
		f.Add(v.text)
	}
	for _, v := range invalid {
		f.Add(v.text)
	}
	for _, v := range judged {
		f.Add(v.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := pattern.Parse(text)
		if err != nil {
			var bad *pattern.SyntaxError
			switch {
			case !errors.As(err, &bad), p != nil:
				t.Fatalf("%v, %v", p, err)
			case bad.Offset < 0 || bad.Offset > len(text), bad.Line < 1, bad.Column < 1, bad.Found == "", bad.Expected == "":
				t.Fatalf("%+v", bad)
			}
			return
		}
		if !utf8.ValidString(text) {
			t.Fatal("it is no UTF-8")
		}
		if old, err := pattern.Parse20(text); err != nil || !pattern.Same(old, p) {
			t.Fatalf("as STIX 2.0: %v", err)
		}
		pattern.Walk(p, func(n pattern.Node) bool {
			if n.Pos() < 0 || n.Pos() > len(text) {
				t.Fatalf("%T at %d", n, n.Pos())
			}
			return true
		})
		var c pattern.Checker
		for _, fault := range c.Check(p, "2.1") {
			if fault.Offset < 0 || fault.Offset > len(text) || fault.Text == "" {
				t.Fatalf("%+v", fault)
			}
		}
		if len(p.String()) <= pattern.MaxBytes {
			sameAgain(t, p)
		}
	})
}

// TestBounds: what is too long or too deep is refused as such, and what is just not is read.
func TestBounds(t *testing.T) {
	deep := func(n int, open, inner, shut string) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(shut, n)
	}
	long := func(n int) string { return "[a:b = '" + strings.Repeat("x", n-len("[a:b = '']")) + "']" }
	for name, v := range map[string]struct {
		text  string
		limit bool
	}{
		"groups":                {deep(pattern.MaxDepth, "(", "[a:b = 1]", ")"), false},
		"groups, too deep":      {deep(pattern.MaxDepth+1, "(", "[a:b = 1]", ")"), true},
		"comparisons":           {"[" + deep(pattern.MaxDepth, "(", "a:b = 1", ")") + "]", false},
		"comparisons, too deep": {"[" + deep(pattern.MaxDepth+1, "(", "a:b = 1", ")") + "]", true},
		"both, too deep":        {deep(pattern.MaxDepth/2, "(", "["+deep(pattern.MaxDepth/2+1, "(", "a:b = 1", ")")+"]", ")"), true},
		"one after the other":   {strings.Repeat("(([a:b = 1])) AND ", 200) + "[a:b = 1]", false},
		"as long as may be":     {long(pattern.MaxBytes), false},
		"too long":              {long(pattern.MaxBytes + 1), true},
		"only open":             {strings.Repeat("(", pattern.MaxBytes), true},
	} {
		p, err := pattern.Parse(v.text)
		if (err != nil) != v.limit || errors.Is(err, pattern.ErrLimit) != v.limit {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			sameAgain(t, p)
		}
		faults := (&pattern.Checker{}).CheckPattern("stix", "2.1", v.text)
		if v.limit && (len(faults) != 1 || faults[0].Level.String() != "policy") {
			t.Errorf("%s: %v", name, faults)
		}
	}
}

// TestWidth reads and judges the largest patterns of several shapes. Each takes well below a second if the work is linear; otherwise the
// test ends by its time-out.
func TestWidth(t *testing.T) {
	for name, v := range map[string][3]string{
		"AND":         {"[a:b = 1", " AND a:b = 1", "]"},
		"types":       {"[a:b = 1", " OR a%:b = 1", "]"},
		"sets":        {"[(a:b = 1 OR b:b = 1)", " AND (a:b = 1 OR b%:b = 1)", "]"},
		"FOLLOWEDBY":  {"[a:b = 1]", " FOLLOWEDBY [a:b = 1]", ""},
		"qualifiers":  {"[a:b = 1]", " REPEATS 1 TIMES", ""},
		"IN":          {"[a:b IN (1", ",1", ")]"},
		"steps":       {"[process:parent_ref", ".parent_ref", ".pid = 1]"},
		"items":       {"[network-traffic:protocols", "[*]", " = 'tcp']"},
		"digits":      {"[a:b = 1", "1", ".0]"},
		"fraction":    {"[a:b = 1.", "1", "]"},
		"escapes":     {"[a:b = '", `\\`, "']"},
		"quotes":      {"[a:", `'x'.`, "c = 1]"},
		"comments":    {"[a:b = 1", "/**/", "]"},
		"comment":     {"[a:b = 1/*", "/-", "*/]"},
		"spaces":      {"[a:b = 1", "\u3000", "]"},
		"expressions": {"[a:b MATCHES 'x'", ` OR a:b MATCHES '[\\pL\\pN]{9}'`, "]"},
		"expression":  {"[a:b MATCHES '", `\\pL`, "']"},
		"contrary":    {"[file:name = 'x'", " AND file:name = 'y%'", "]"},
	} {
		var b strings.Builder
		b.WriteString(v[0])
		for i := 0; b.Len()+len(v[1])+len(v[2])+8 < pattern.MaxBytes/2; i++ {
			b.WriteString(strings.ReplaceAll(v[1], "%", strings.Repeat("x", i%500)))
		}
		b.WriteString(v[2])
		p, err := pattern.Parse(b.String())
		if err != nil {
			if name != "digits" { // such a number is too large for a float
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		again, err := pattern.Parse(p.String())
		if err != nil || !pattern.Same(p, again) {
			t.Errorf("%s: printed and parsed it is another, or none: %v", name, err)
		}
		if n := len((&pattern.Checker{}).Check(p, "2.1")); n > pattern.MaxFaults {
			t.Errorf("%s: %d faults", name, n)
		}
	}
}
