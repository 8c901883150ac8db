package pattern_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/pattern"
)

func compiled(t testing.TB, text string, options ...pattern.Option) *pattern.Matcher {
	t.Helper()
	p, err := pattern.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	m, err := pattern.Compile(p, options...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return m
}

// at is an instant, so many seconds after the beginning of the tests' time.
func at(seconds float64) time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(seconds * 1e9))
}

// observed is an observation of one object.
func observed(t testing.TB, seconds float64, object string) pattern.Observed {
	t.Helper()
	o, err := stix.Parse(fmt.Appendf(nil, `{"type":"observed-data","id":"observed-data--00000000-0000-4000-8000-%012.0f","created":"2026-01-01T00:00:00.000Z",`+
		`"modified":"2026-01-01T00:00:00.000Z","first_observed":%[2]q,"last_observed":%[2]q,"number_observed":1,"objects":{"0":%s}}`,
		seconds*1000, at(seconds).Format("2006-01-02T15:04:05.999999999Z"), object))
	if err != nil {
		t.Fatal(err)
	}
	seen, err := pattern.NewScene().Observe(&o)
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// letters are observations of files, one a second, each named by a letter.
func letters(t testing.TB, names string) (list []pattern.Observed) {
	t.Helper()
	for i, name := range names {
		list = append(list, observed(t, float64(i), fmt.Sprintf(`{"type":"file","name":"%c"}`, name)))
	}
	return list
}

// spell writes a pattern out: a letter is an observation of a file of that name.
func spell(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r >= 'a' && r <= 'z' {
			fmt.Fprintf(&b, "[file:name = '%c']", r)
		} else {
			b.WriteRune(r)
		}
	}
	return strings.NewReplacer("&", " AND ", "|", " OR ", ">", " FOLLOWEDBY ").Replace(b.String())
}

// TestObservationsFound: which observations are told.
func TestObservationsFound(t *testing.T) {
	for _, tt := range []struct {
		text, seen string
		want       []int
	}{
		{"a", "bcaa", []int{2}},
		{"a & b", "cbab", []int{1, 2}},
		{"a > b", "bacb", []int{1, 3}},
		{"(a > b) WITHIN 1 SECONDS", "acbab", []int{3, 4}},
		{"a REPEATS 3 TIMES", "abababa", []int{0, 2, 4}},
		{"a REPEATS 3 TIMES WITHIN 2 SECONDS", "abaaa", []int{2, 3, 4}},
		{"(a > b) REPEATS 2 TIMES", "baabb", []int{1, 2, 3, 4}},
		{"(a & b) WITHIN 1 SECONDS REPEATS 2 TIMES", "accbabba", []int{3, 4, 6, 7}},
		{"x | a", "ba", []int{1}},
		{"(a & x) | (b > c)", "abc", []int{1, 2}},
	} {
		got := compiled(t, spell(tt.text)).Match(letters(t, tt.seen))
		if got.Verdict != pattern.Matched || !slices.Equal(got.Observations, tt.want) {
			t.Errorf("%s in %s: %v %v, want %v", tt.text, tt.seen, got.Verdict, got.Observations, tt.want)
		}
	}
}

// TestHard: questions on which a matcher that tries everything would never end, and this one is done at once.
func TestHard(t *testing.T) {
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	for _, tt := range []struct {
		name, text, seen string
		want             pattern.Verdict
	}{
		{"REPEATS of nothing", "a REPEATS 20 TIMES", many("b", 1000), pattern.NoMatch},
		{"REPEATS, one too few", "a REPEATS 501 TIMES", many("ab", 500), pattern.NoMatch},
		{"REPEATS, just enough", "a REPEATS 500 TIMES", many("ab", 500), pattern.Matched},
		{"REPEATS in a window", "a REPEATS 20 TIMES WITHIN 37 SECONDS", many("ab", 500), pattern.NoMatch},
		{"REPEATS in a window, found", "a REPEATS 20 TIMES WITHIN 38 SECONDS", many("ab", 500), pattern.Matched},
		{"AND of the same", many("a & ", 30) + "a", many("ab", 30), pattern.NoMatch},
		{"FOLLOWEDBY of the same", many("a > ", 30) + "a", many("ab", 30), pattern.NoMatch},
		{"FOLLOWEDBY of the same, found", many("a > ", 30) + "a", many("ab", 31), pattern.Matched},
		{"FOLLOWEDBY in a window", "(" + many("a > ", 9) + "b) WITHIN 9 SECONDS", many("a", 500) + "c" + many("b", 500), pattern.NoMatch},
		{"FOLLOWEDBY in a window, found", "(" + many("a > ", 9) + "b) WITHIN 10 SECONDS", many("a", 500) + "c" + many("b", 500), pattern.Matched},
		{"pairs in the wrong order", "(a > b) REPEATS 20 TIMES", many("b", 500) + many("a", 500), pattern.NoMatch},
		{"pairs", "(a > b) REPEATS 20 TIMES", many("b", 500) + many("a", 500) + many("b", 20), pattern.Matched},
		{"pairs, one too few", "(a > b) REPEATS 20 TIMES", many("b", 500) + many("a", 500) + many("b", 19), pattern.NoMatch},
		{"pairs in windows, one too few", "(a > b) WITHIN 5 SECONDS REPEATS 20 TIMES", many("acb", 19) + many("b", 500) + many("a", 500), pattern.NoMatch},
		{"windows, one too few", "(a & b) WITHIN 2 SECONDS REPEATS 10 TIMES", many("accbcc", 200) + many("abbbbbb", 9), pattern.NoMatch},
		{"triples, one too few", "(a > b > c) REPEATS 10 TIMES", many("c", 300) + many("abbc", 9) + many("ba", 100), pattern.NoMatch},
		{"AND of windows", "((a & b) WITHIN 1 SECONDS) & ((c & d) WITHIN 1 SECONDS)", many("acbd", 250), pattern.NoMatch},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := compiled(t, spell(tt.text), pattern.Budget(2_000_000))
			if got := m.Match(letters(t, tt.seen)); got.Verdict != tt.want {
				t.Errorf("%v %s, want %v", got.Verdict, got.Reason, tt.want)
			}
		})
	}
}

// TestUndecided: what is not found out is said, and a match that is found counts.
func TestUndecided(t *testing.T) {
	seen := letters(t, strings.Repeat("ab", 100))
	if got := compiled(t, spell("x"), pattern.Budget(100)).Match(seen); got.Verdict != pattern.Undecided || got.Reason != pattern.ReasonBudget {
		t.Errorf("%+v", got)
	}
	if got := compiled(t, spell("a | x"), pattern.Budget(100)).Match(seen); got.Verdict != pattern.Matched {
		t.Errorf("%+v", got)
	}
	long := `{"type":"file","name":"` + strings.Repeat("a", 40) + `!"}`
	slow := `[file:name MATCHES '^(a+)+$(?!b)']`
	list := []pattern.Observed{observed(t, 0, long), observed(t, 1, `{"type":"file","name":"aa"}`)}
	m := compiled(t, slow, pattern.Backtracking(50*time.Millisecond))
	if got := m.Match(list[:1]); got.Verdict != pattern.Undecided || got.Reason != pattern.ReasonTimeout {
		t.Errorf("%+v", got)
	}
	if got := m.Match(list[1:]); got.Verdict != pattern.Matched {
		t.Errorf("%+v", got)
	}
	if got := compiled(t, `[file:name NOT MATCHES '^(a+)+$(?!b)']`, pattern.Backtracking(50*time.Millisecond)).Match(list[:1]); got.Verdict != pattern.Undecided {
		t.Errorf("%+v", got)
	}
}

// TestCompileErrors: only regular expressions stand in the way.
func TestCompileErrors(t *testing.T) {
	for text, want := range map[string]error{
		`[file:name MATCHES '(']`:                                                             pattern.ErrRegexp,
		`[file:name MATCHES 'a(?=b)']`:                                                        pattern.ErrBacktracking,
		`[file:name = 'x'] AND [file:name MATCHES '(a)\\1']`:                                  pattern.ErrBacktracking,
		`[file:name MATCHES '` + strings.Repeat("a", 5000) + `']`:                             pattern.ErrRegexp,
		`[file:name MATCHES 'a{1000}{1000}']`:                                                 pattern.ErrRegexp,
		`[file:name MATCHES 'x'` + strings.Repeat(` OR file:name MATCHES '\\pL'`, 6000) + `]`: pattern.ErrRegexp,
	} {
		p, err := pattern.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = pattern.Compile(p)
		var bad *pattern.CompileError
		if !errors.As(err, &bad) || !errors.Is(err, want) || !strings.HasPrefix(text[bad.Offset:], "'") {
			t.Errorf("%.60s: %v", text, err)
		}
	}
	if got := compiled(t, `[file:name MATCHES 'a(?=b)']`, pattern.Backtracking(time.Second)).Match([]pattern.Observed{
		observed(t, 0, `{"type":"file","name":"xab"}`),
	}); got.Verdict != pattern.Matched {
		t.Error(got)
	}
}

// TestLookup: an event answers for the objects that it has, and for no others.
func TestLookup(t *testing.T) {
	p, err := pattern.Parse("[file:name = 'x']")
	if err != nil {
		t.Fatal(err)
	}
	path := &p.Expr.(*pattern.Observation).Expr.(*pattern.Test).Path
	event := observed(t, 0, `{"type":"file","name":"x"}`).Event
	if n := event.Objects("file"); n != 1 || event.Objects("directory") != 0 {
		t.Errorf("%d files", n)
	}
	for i, want := range map[int]int{-1: 0, 0: 1, 1: 0} {
		if got := event.Lookup(path, i, nil); len(got) != want {
			t.Errorf("object %d: %v", i, got)
		}
	}
}
