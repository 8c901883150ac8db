package pattern

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The bounds of what is parsed.
const (
	MaxBytes = 1 << 20 // bytes of a pattern
	MaxDepth = 100     // parentheses within parentheses, of both sorts together
)

// ErrLimit is what a *[SyntaxError] wraps if the pattern may well be right, but is longer than [MaxBytes] or deeper than [MaxDepth].
var ErrLimit = errors.New("the pattern is too large")

// SyntaxError says where a text ceases to be a pattern.
type SyntaxError struct {
	Offset       int // bytes from the start
	Line, Column int // from 1; the column counts characters
	Found        string
	Expected     string
	limit        bool
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.text())
}

// text is the message without the place.
func (e *SyntaxError) text() string { return "found " + e.Found + ", expected " + e.Expected }

// Unwrap is [ErrLimit] if a limit is the reason.
func (e *SyntaxError) Unwrap() error {
	if e.limit {
		return ErrLimit
	}
	return nil
}

// place sets line and column.
func (e *SyntaxError) place(text string) {
	before := text[:min(e.Offset, len(text))]
	e.Line = 1 + strings.Count(before, "\n")
	e.Column = 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}
