package typed

import (
	"bytes"
	"iter"
	"math"

	"github.com/go-json-experiment/json/jsontext"
)

// span is a part of some bytes; the zero span is none.
type span struct{ from, to uint32 }

// cursor walks over JSON that has been found valid. In other bytes it may stop anywhere, but it neither panics nor turns back.
type cursor struct {
	b []byte
	i int
}

// peek skips white space and returns the byte after it, 0 at the end.
func (c *cursor) peek() byte {
	for ; c.i < len(c.b); c.i++ {
		switch b := c.b[c.i]; b {
		case ' ', '\t', '\r', '\n':
		default:
			return b
		}
	}
	return 0
}

// take skips white space and want, if it is there.
func (c *cursor) take(want byte) bool {
	if c.peek() != want {
		return false
	}
	c.i++
	return true
}

// value skips one value, not to be empty.
func (c *cursor) value() (span, bool) {
	first := c.peek()
	from, ok := c.i, true
	switch first {
	case '"':
		ok = c.text()
	case '{', '[':
		ok = c.nest()
	default:
		for c.i < len(c.b) && !ends[c.b[c.i]] {
			c.i++
		}
	}
	return span{uint32(from), uint32(c.i)}, ok && c.i > from //nolint:gosec // read bounds the length
}

var ends = [256]bool{',': true, ':': true, ']': true, '}': true, ' ': true, '\t': true, '\r': true, '\n': true}

// text skips a string.
func (c *cursor) text() bool {
	for start := c.i + 1; start <= len(c.b); {
		n := bytes.IndexByte(c.b[start:], '"')
		if n < 0 {
			break
		}
		end := start + n
		slashes := 0
		for end-slashes > start && c.b[end-slashes-1] == '\\' {
			slashes++
		}
		start = end + 1
		if slashes%2 == 0 {
			c.i = start
			return true
		}
	}
	c.i = len(c.b)
	return false
}

// nest skips an object or a list.
func (c *cursor) nest() bool {
	for depth := 0; c.i < len(c.b); c.i++ {
		switch c.b[c.i] {
		case '"':
			if !c.text() {
				return false
			}
			c.i--
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				c.i++
				return true
			}
		}
	}
	return false
}

// member reads the next member of an object; first says that none was read before.
func (c *cursor) member(first bool) (name []byte, value span, ok bool) {
	if !first && !c.take(',') || c.peek() != '"' {
		return nil, span{}, false
	}
	at, ok := c.value()
	if !ok || !c.take(':') {
		return nil, span{}, false
	}
	name = c.b[at.from+1 : at.to-1]
	if bytes.IndexByte(name, '\\') >= 0 {
		name, _ = jsontext.AppendUnquote(nil, c.b[at.from:at.to])
	}
	value, ok = c.value()
	return name, value, ok
}

// members ranges over the members of an object, over none of anything else.
func members(raw []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		c := cursor{b: raw}
		if len(raw) > math.MaxUint32 || !c.take('{') {
			return
		}
		for first := true; ; first = false {
			name, at, ok := c.member(first)
			if !ok || !yield(name, raw[at.from:at.to]) {
				return
			}
		}
	}
}

// elements ranges over a list, over none of anything else.
func elements(raw []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		c := cursor{b: raw}
		if len(raw) > math.MaxUint32 || !c.take('[') {
			return
		}
		for first := true; first || c.take(','); first = false {
			at, ok := c.value()
			if !ok || !yield(raw[at.from:at.to]) {
				return
			}
		}
	}
}
