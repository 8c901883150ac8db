package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2"
)

// like is the constant of LIKE (section 9.6.1), cut at its percent signs.
type like struct {
	pieces []piece
	cost   int // steps for 64 bytes of a string
}

// piece is characters in a row, of which an underscore is any one.
type piece struct {
	text  string
	runes int
	any   bool // it has underscores
}

func newLike(s string) *like {
	l := &like{cost: 1}
	for text := range strings.SplitSeq(s, "%") {
		p := piece{text: text, runes: utf8.RuneCountInString(text), any: strings.Contains(text, "_")}
		if p.any {
			l.cost += p.runes
		}
		l.pieces = append(l.pieces, p)
	}
	return l
}

// match reports whether all of s is like it. The pieces between percent signs are taken where they first occur: if there is a way at all,
// this one leaves the most room.
func (l *like) match(s string) bool {
	first := l.pieces[0]
	n, ok := first.prefix(s)
	if !ok {
		return false
	}
	s = s[n:]
	if len(l.pieces) == 1 {
		return s == ""
	}
	last := l.pieces[len(l.pieces)-1]
	end := len(s)
	for range last.runes {
		if end == 0 {
			return false
		}
		_, size := utf8.DecodeLastRuneInString(s[:end])
		end -= size
	}
	if n, ok := last.prefix(s[end:]); !ok || n != len(s)-end {
		return false
	}
	s = s[:end]
	for _, p := range l.pieces[1 : len(l.pieces)-1] {
		n, ok := p.find(s)
		if !ok {
			return false
		}
		s = s[n:]
	}
	return true
}

// prefix is how many bytes of s the piece takes, false if s does not begin with it.
func (p piece) prefix(s string) (n int, ok bool) {
	if !p.any {
		return len(p.text), strings.HasPrefix(s, p.text)
	}
	for i := 0; i < len(p.text); {
		if n == len(s) {
			return 0, false
		}
		want, size := utf8.DecodeRuneInString(p.text[i:])
		got, length := utf8.DecodeRuneInString(s[n:])
		if want != '_' && want != got {
			return 0, false
		}
		i, n = i+size, n+length
	}
	return n, true
}

// find is where the first occurrence of the piece ends.
func (p piece) find(s string) (end int, ok bool) {
	if !p.any {
		i := strings.Index(s, p.text)
		return i + len(p.text), i >= 0
	}
	for i := 0; i <= len(s); {
		if n, ok := p.prefix(s[i:]); ok {
			return i + n, true
		}
		if i == len(s) {
			break
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return 0, false
}

// ErrRegexp is what a *[CompileError] wraps if a regular expression is none, or is too long.
var ErrRegexp = errors.New("bad regular expression")

// ErrBacktracking is what a *[CompileError] wraps if a regular expression needs [Backtracking].
var ErrBacktracking = errors.New("the regular expression needs backtracking")

// CompileError says why a pattern cannot be matched although it is one.
type CompileError struct {
	Offset int // bytes from the start of the pattern
	Text   string
	Err    error // [ErrRegexp], [ErrBacktracking] or [ErrLimit]
}

func (e *CompileError) Error() string { return fmt.Sprintf("byte %d: %v: %s", e.Offset, e.Err, e.Text) }

// Unwrap is the reason.
func (e *CompileError) Unwrap() error { return e.Err }

// expression is the constant of MATCHES: one of RE2, or one that backtracks.
type expression struct {
	linear       *regexp.Regexp
	backtracking *regexp2.Regexp
	cost         int // steps for 64 bytes of a string
	number       int // among those of the pattern that backtrack, from 0
}

// mostProgram bounds the instructions of all regular expressions of a pattern.
const mostProgram = 20_000

// programSize is about how many instructions RE2 makes of an expression. What it does not take is counted by its bytes.
func programSize(text string) int {
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return 1 + len(text)
	}
	return sizeOf(re)
}

func sizeOf(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)/2
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune)
	}
	for _, sub := range re.Sub {
		n = min(n+sizeOf(sub), mostProgram+1)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(1, re.Min, re.Max)
	}
	return min(n, mostProgram+1)
}

// The flags of all expressions: a dot matches line feeds too (section 9.6.1).
const dotAll = "(?s)"

// compileExpression compiles a regular expression; err is [ErrRegexp] or [ErrBacktracking], and why says more.
func compileExpression(text string, p place, timeout time.Duration) (x *expression, why string, err error) {
	flags := dotAll
	if p == hashPlace {
		flags = "(?si)"
	}
	x = &expression{cost: 64 + 8*programSize(text)}
	if x.linear, err = regexp.Compile(flags + text); err == nil {
		return x, "", nil
	}
	feature := beyondRE2(text)
	switch {
	case timeout > 0:
		if x.backtracking, err = regexp2.Compile(flags + text); err == nil {
			x.backtracking.MatchTimeout = timeout
			return x, "", nil
		}
	case feature != "":
		return nil, "for " + feature, ErrBacktracking
	}
	return nil, err.Error(), ErrRegexp
}

// match reports whether it occurs in s, and whether that was found out in time.
func (x *expression) match(s string) (found, known bool) {
	if x.linear != nil {
		return x.linear.MatchString(s), true
	}
	found, err := x.backtracking.MatchString(s)
	return found, err == nil
}
