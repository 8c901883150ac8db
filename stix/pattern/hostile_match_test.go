package pattern_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wagasa/wagasa/stix/pattern"
)

// TestUsedAgain: what one call left behind does not reach the next, on a shorter list.
func TestUsedAgain(t *testing.T) {
	for _, tt := range []struct{ text, first, second string }{
		{"c & ((x & a) | (d REPEATS 2 TIMES))", "cxdddda", "cdd"},
		{"c & (((a > b) REPEATS 3 TIMES) | (d REPEATS 2 TIMES))", "caaaddddbbb", "cadd"},
	} {
		m := compiled(t, spell(tt.text))
		for _, seen := range []string{tt.first, tt.second, "", tt.second} {
			want := compiled(t, spell(tt.text)).Match(letters(t, seen))
			if got := m.Match(letters(t, seen)); got.Verdict != want.Verdict {
				t.Errorf("%s on %q: %v, by itself %v", tt.text, seen, got.Verdict, want.Verdict)
			}
		}
	}
}

// TestManyAtOnce: a matcher and a scene may be used by many goroutines.
func TestManyAtOnce(t *testing.T) {
	m := compiled(t, spell("(a > b) REPEATS 3 TIMES WITHIN 20 SECONDS"))
	lists := [][]pattern.Observed{letters(t, "abababxx"), letters(t, "bbbaaa"), letters(t, "ab")}
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			for n := range 200 {
				list := (i + n) % len(lists)
				if got := m.Match(lists[list]).Verdict == pattern.Matched; got != (list == 0) {
					t.Errorf("list %d: %t", list, got)
				}
			}
		})
	}
	work.Wait()
}

// TestCounts: no number is so large that too few observations are enough, and none overflows.
func TestCounts(t *testing.T) {
	many := func(n int64) []pattern.Observed {
		o := observed(t, 0, `{"type":"file","name":"a"}`)
		o.Number = n
		return []pattern.Observed{o}
	}
	for _, tt := range []struct {
		text string
		n    int64
		want pattern.Verdict
	}{
		{"a REPEATS 5000000000 TIMES REPEATS 5000000000 TIMES", math.MaxInt64, pattern.NoMatch},
		{"a REPEATS 999999999 TIMES", 999999999, pattern.Matched},
		{"a REPEATS 999999999 TIMES", 999999998, pattern.NoMatch},
		{"a REPEATS 2 TIMES", -5, pattern.NoMatch},
	} {
		if got := compiled(t, spell(tt.text)).Match(many(tt.n)); got.Verdict != tt.want {
			t.Errorf("%s of %d: %v", tt.text, tt.n, got)
		}
	}
}

// TestBudgetHolds: what is made to cost much ends by the budget, soon and without much memory or stack. Each takes well below a second; what
// does not end, ends by the time-out of the test.
func TestBudgetHolds(t *testing.T) {
	deep := "([file:name = 'b'] OR [file:name = 'c'] REPEATS 2 TIMES)"
	for range 20 {
		deep = "(" + deep + " REPEATS 2 TIMES WITHIN 1 SECONDS)"
	}
	var same []pattern.Observed
	for range 200 {
		o := observed(t, 0, `{"type":"file","name":"b"}`)
		o.Number = 5000
		same = append(same, o)
	}
	long := observed(t, 0, `{"type":"file","name":"`+strings.Repeat("a", 1<<20)+`"}`)
	accents := observed(t, 0, `{"type":"file","name":"`+strings.Repeat("e\u0301", 300_000)+`"}`)
	for name, tt := range map[string]struct {
		text string
		list []pattern.Observed
	}{
		"a search that goes deep":     {deep, same},
		"a large regular expression":  {`[file:name MATCHES 'b[^b]{1000}b']`, []pattern.Observed{long}},
		"many texts to be normalised": {"[file:name = 'x'" + strings.Repeat(" OR file:name = 'x'", 500) + "]", []pattern.Observed{accents}},
		"a set of different kinds":    {"[file:name IN (1" + strings.Repeat(", 'x'", 5000) + ")]", []pattern.Observed{accents}},
		"more than can be counted":    {"(a > b) REPEATS 4000000 TIMES", same},
	} {
		m := compiled(t, spellKept(tt.text), pattern.Budget(1_000_000))
		began := time.Now()
		if got := m.Match(tt.list); got.Verdict == pattern.Matched || got.Verdict == pattern.NoMatch && name != "more than can be counted" {
			t.Errorf("%s: %v", name, got)
		}
		t.Logf("%s: %v", name, time.Since(began))
	}
}

// spellKept is spell for what is no pattern yet.
func spellKept(text string) string {
	if strings.Contains(text, "[") {
		return text
	}
	return spell(text)
}

// TestLimits: what would cost too much to prepare is refused, and what is wide is not.
func TestLimits(t *testing.T) {
	for text, want := range map[string]error{
		"[file:name = 'x']" + strings.Repeat(" REPEATS 2 TIMES", 17):                          pattern.ErrLimit,
		"[file:name = 'x']" + strings.Repeat(" REPEATS 2 TIMES", 16):                          nil,
		`[file:name MATCHES '(?:` + strings.Repeat("[^a]b", 500) + `){1000}']`:                pattern.ErrRegexp,
		`[file:name MATCHES '(?:[^a]b){500}']`:                                                nil,
		"[file:size = 1" + strings.Repeat(" OR file:size = 2", 20_000) + "] WITHIN 1 SECONDS": nil,
	} {
		p, err := pattern.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		m, err := pattern.Compile(p)
		if !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%.60s: %v", text, err)
		}
		if err == nil {
			if list, ok := m.Atoms(); ok && len(list) > 20_001 {
				t.Errorf("%d atoms", len(list))
			}
		}
	}
}

// TestCalledOff: a match ends soon after its context does.
func TestCalledOff(t *testing.T) {
	var list []pattern.Observed
	for i := range 3000 {
		list = append(list, observed(t, float64(i), fmt.Sprintf(`{"type":"file","name":"%d"}`, i)))
	}
	ctx, cancel := context.WithCancel(context.Background())
	m := compiled(t, "[file:name = 'x'"+strings.Repeat(" OR file:name = 'x'", 20)+"]", pattern.Budget(math.MaxInt64))
	if got := m.MatchContext(ctx, list); got.Verdict != pattern.NoMatch {
		t.Error(got)
	}
	cancel()
	if got := m.MatchContext(ctx, list); got.Verdict != pattern.Undecided || got.Reason != pattern.ReasonCalledOff {
		t.Error(got)
	}
}

// TestNoAllocation: a test that does not hold costs no memory.
func TestNoAllocation(t *testing.T) {
	m := compiled(t, "[file:hashes.'SHA-256' = '"+strings.Repeat("0a", 32)+"']")
	seen := []pattern.Observed{observed(t, 0, `{"type":"file","name":"x","hashes":{"SHA-256":"`+strings.Repeat("0B", 32)+`"}}`)}
	if n := testing.AllocsPerRun(1000, func() { m.Match(seen) }); n >= 1 { // the pool may lose its memory now and then
		t.Errorf("%v allocations", n)
	}
}
