package stix

import (
	"bytes"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// cursor walks over JSON that has been found valid, several times faster than a parser that has to find that out. On bytes that
// are not it stops (broken), and never reads outside of them.
type cursor struct {
	b      []byte
	at     int
	broken bool
}

// peek skips white space and returns the first byte of the next token, 0 at the end.
func (c *cursor) peek() byte {
	for c.at < len(c.b) {
		switch k := c.b[c.at]; k {
		case ' ', '\n', '\t', '\r':
			c.at++
		default:
			return k
		}
	}
	return 0
}

// take reads the byte k, which must be next.
func (c *cursor) take(k byte) bool {
	if c.peek() != k {
		c.broken = true
		return false
	}
	c.at++
	return true
}

// text reads a string and returns what is between its quotes, as written; escaped tells that there are escapes in it.
func (c *cursor) text() (content []byte, escaped bool) {
	if !c.take('"') {
		return nil, false
	}
	start := c.at
	for {
		i := bytes.IndexByte(c.b[c.at:], '"')
		if i < 0 {
			c.broken, c.at = true, len(c.b)
			return nil, false
		}
		c.at += i + 1
		content = c.b[start : c.at-1]
		j := bytes.IndexByte(content[c.at-1-start-i:], '\\')
		if j < 0 && !escaped {
			return content, false
		}
		escaped = true
		// The quote ends the string unless an odd number of backslashes is before it.
		n := 0
		for n < len(content) && content[len(content)-1-n] == '\\' {
			n++
		}
		if n%2 == 0 {
			return content, true
		}
	}
}

// member reads the next name of an object and its colon; more is false at the closing brace, which it reads.
func (c *cursor) member(first bool) (name []byte, escaped, more bool) {
	switch c.peek() {
	case '}':
		c.at++
		return nil, false, false
	case ',':
		if !first {
			c.at++
		}
	}
	name, escaped = c.text()
	if c.broken || !c.take(':') {
		c.broken = true
		return nil, false, false
	}
	return name, escaped, true
}

// element moves to the next element of a list; it is false at the closing bracket, which it reads.
func (c *cursor) element(first bool) bool {
	switch c.peek() {
	case ']':
		c.at++
		return false
	case ',':
		if !first {
			c.at++
		}
	case 0:
		c.broken = true
		return false
	}
	return !c.broken
}

// skip passes over a value.
func (c *cursor) skip() {
	switch c.peek() {
	case '"':
		c.text()
	case '{', '[':
		c.skipNested()
	default:
		c.literal()
	}
}

// literal reads a number, true, false or null.
func (c *cursor) literal() []byte {
	c.peek()
	start := c.at
	for c.at < len(c.b) {
		switch c.b[c.at] {
		case ',', '}', ']', ' ', '\n', '\t', '\r', ':', '"', '{', '[':
			if c.at == start {
				c.broken = true
			}
			return c.b[start:c.at]
		}
		c.at++
	}
	c.broken = c.broken || c.at == start
	return c.b[start:c.at]
}

func (c *cursor) skipNested() {
	depth := 0
	for c.at < len(c.b) {
		switch c.b[c.at] {
		case '"':
			if c.text(); c.broken {
				return
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				c.at++
				return
			}
		}
		c.at++
	}
	c.broken = true
}

// span is a value's place in the object, without white space around it.
type span struct{ from, to int }

// value skips a value and returns its place.
func (c *cursor) value() span {
	c.peek()
	from := c.at
	c.skip()
	return span{from, c.at}
}

// decode returns the characters of a string's content; buf is used when there are escapes.
func decode(content []byte, escaped bool, buf *[]byte) []byte {
	if !escaped {
		return content
	}
	b := append((*buf)[:0], '"')
	b = append(append(b, content...), '"')
	n := len(b)
	out, err := jsontext.AppendUnquote(b, b[:n])
	if *buf = out[:0]; err != nil {
		return content
	}
	return out[n:]
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
