package stix

import "bytes"

// scanner finds the end of one JSON value in bytes that come in pieces. It looks at brackets and strings alone: what is
// between them is for the parser to judge, so that a fault within one object leaves the next one readable.
type scanner struct {
	base     int // depth at which the value began
	depth    int
	lists    [2]uint64 // a bit per level: it is a list. Levels beyond are counted but not told apart
	last     byte      // the last byte outside of strings that is no white space; '"' after a string
	inString bool
	odd      bool // the piece before ended within a string, after an odd number of backslashes
	newline  bool // the piece before ended in a line feed
	// lines makes the scanner take a { that begins a line, where no { can stand, for the next value.
	lines bool

	tooDeep bool // deeper than MaxDepth; the end is found nevertheless
	broken  bool // the end cannot be found: brackets do not match, or
	resume  bool // the next value begins here
}

// scan reads from b and returns how much of it belongs to the value, and whether the value is complete.
func (s *scanner) scan(b []byte) (n int, done bool) {
	for n < len(b) {
		if s.inString {
			m, end := s.text(b[n:])
			n += m
			if !end {
				return n, false
			}
			if s.inString, s.last = false, '"'; s.depth == s.base {
				return n, true
			}
			continue
		}
		switch c := b[n]; c {
		case ' ', '\t', '\r', '\n':
		case '"':
			s.inString, s.odd, s.newline = true, false, false
		case '{', '[':
			if s.lines && c == '{' && !s.mayOpen() && s.atLineStart(b, n) {
				s.broken, s.resume = true, true
				return n, false
			}
			s.push(c == '[')
			s.last = c
		case '}', ']':
			if !s.pop(c == ']') {
				s.broken = true
				return n, false
			}
			if s.last = c; s.depth == s.base {
				return n + 1, true
			}
		default:
			s.last = c
		}
		n++
	}
	if n > 0 {
		s.newline = b[n-1] == '\n'
	}
	return n, false
}

func (s *scanner) atLineStart(b []byte, n int) bool {
	if n == 0 {
		return s.newline
	}
	return b[n-1] == '\n'
}

// mayOpen reports whether the grammar lets an object begin here.
func (s *scanner) mayOpen() bool {
	switch {
	case s.depth == s.base && s.last == 0:
		return true // the value itself
	case s.inList():
		return s.last == '[' || s.last == ','
	}
	return s.last == ':'
}

func (s *scanner) inList() bool {
	level := uint(s.depth - 1)
	return level < 128 && s.lists[level/64]>>(level%64)&1 == 1
}

func (s *scanner) push(list bool) {
	if level := uint(s.depth); level < 128 {
		s.lists[level/64] &^= 1 << (level % 64)
		if list {
			s.lists[level/64] |= 1 << (level % 64)
		}
	}
	if s.depth++; s.depth > MaxDepth {
		s.tooDeep = true
	}
}

func (s *scanner) pop(list bool) bool {
	if s.depth == s.base || s.depth <= 128 && s.inList() != list {
		return false
	}
	s.depth--
	return true
}

// text reads from within a string to the end of it. A quote ends it unless an odd number of backslashes is before it.
func (s *scanner) text(b []byte) (n int, end bool) {
	for {
		quote := bytes.IndexByte(b[n:], '"')
		part := b[n:]
		if quote >= 0 {
			part = part[:quote]
		}
		if s.lines {
			if at := s.lineStart(b, n, n+len(part)); at >= 0 {
				s.broken, s.resume = true, true
				return at, false
			}
		}
		run := len(part) - len(bytes.TrimRight(part, `\`))
		odd := run%2 == 1
		if run == len(part) {
			odd = odd != s.odd
		}
		if quote < 0 {
			s.odd = odd
			s.newline = b[len(b)-1] == '\n'
			return len(b), false
		}
		s.odd, s.newline = false, false
		if n += quote + 1; !odd {
			return n, true
		}
	}
}

// lineStart finds a { that begins a line in b[from:to], which is within a string, where JSON allows no line feed.
func (s *scanner) lineStart(b []byte, from, to int) int {
	if from == 0 && s.newline && b[0] == '{' {
		return 0
	}
	for {
		feed := bytes.IndexByte(b[from:to], '\n')
		if feed < 0 {
			return -1
		}
		if from += feed + 1; from < len(b) && b[from] == '{' {
			return from
		}
	}
}
