// Package cursor walks over JSON that has been found valid, several times faster than a parser that has to find that out.
//
// What is valid is read as it is. On any other bytes a Cursor stops early or reads what makes no sense, but it never panics, never reads
// outside of them and never turns back: a walk over n bytes takes time proportional to n, whatever they are. Nothing here allocates memory,
// but [Unquote] and [Decode] where a string has escapes.
package cursor

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// Cursor is a place in bytes. The zero Cursor with Raw set stands at their beginning; a copy walks on by itself.
type Cursor struct {
	Raw []byte
	At  int // the next byte to be read, 0 to len(Raw)
	// Broken says that the bytes are no valid JSON. It stays; [Cursor.More] and its like are false from then on.
	Broken bool
}

// Span is the place of a value, without white space around it. The zero Span is none.
type Span struct{ From, To int }

// Absent reports whether there is no value.
func (s Span) Absent() bool { return s.To == 0 }

// Of is the value's bytes.
func (s Span) Of(raw []byte) []byte { return raw[s.From:s.To:s.To] }

// Peek skips white space and returns the first byte of what comes next, 0 at the end.
func (c *Cursor) Peek() byte {
	if c.At < len(c.Raw) && c.Raw[c.At] > ' ' {
		return c.Raw[c.At]
	}
	return c.space()
}

func (c *Cursor) space() byte {
	for c.At < len(c.Raw) {
		switch k := c.Raw[c.At]; k {
		case ' ', '\n', '\t', '\r':
			c.At++
		default:
			return k
		}
	}
	return 0
}

// Take reads the byte k, which must come next after white space.
func (c *Cursor) Take(k byte) bool {
	if c.Peek() != k || c.At == len(c.Raw) {
		c.Broken = true
		return false
	}
	c.At++
	return true
}

// Text reads a string and returns what is between its quotes, as written; escaped tells that there are escapes in it, for [Decode].
func (c *Cursor) Text() (content []byte, escaped bool) {
	if c.Peek() != '"' {
		c.Broken = true
		return nil, false
	}
	start := c.At + 1
	if c.text(); c.Broken {
		return nil, false
	}
	content = c.Raw[start : c.At-1]
	return content, bytes.IndexByte(content, '\\') >= 0
}

// text passes over the string whose quote comes next.
func (c *Cursor) text() {
	for start := c.At + 1; ; {
		i := bytes.IndexByte(c.Raw[start:], '"')
		if i < 0 {
			c.Broken, c.At = true, len(c.Raw)
			return
		}
		// The quote ends the string unless an odd number of backslashes is before it.
		end, n := start+i, 0
		for c.Raw[end-1-n] == '\\' {
			n++
		}
		if start = end + 1; n%2 == 0 {
			c.At = start
			return
		}
	}
}

// More moves to the next member of an object or element of a list, past the comma; first says that it is the first one. At the closing
// bracket end, which it reads, it is false. What it moves to must be read before the next More.
func (c *Cursor) More(first bool, end byte) bool {
	switch k := c.Peek(); {
	case k == end:
		c.At++
		return false
	case first:
	case k == ',':
		c.At++
	default:
		c.Broken = true
	}
	return !c.Broken
}

// Element is [Cursor.More] of a list.
func (c *Cursor) Element(first bool) bool { return c.More(first, ']') }

// Member is [Cursor.More] of an object, and reads the name, as [Cursor.Text] does, and the colon. The value comes next.
func (c *Cursor) Member(first bool) (name []byte, escaped, more bool) {
	if !c.More(first, '}') {
		return nil, false, false
	}
	name, escaped = c.Text()
	return name, escaped, c.Take(':') && !c.Broken
}

// Value passes over a value and returns its place.
func (c *Cursor) Value() Span {
	c.Peek()
	from := c.At
	c.Skip()
	return Span{from, c.At}
}

// Skip passes over a value.
func (c *Cursor) Skip() {
	switch c.Peek() {
	case '"':
		c.text()
	case '{', '[':
		c.At++
		c.Leave()
	default:
		c.Literal()
	}
}

// Leave passes over the rest of the object or list that it is in.
func (c *Cursor) Leave() {
	for depth := 1; c.At < len(c.Raw); {
		switch c.Raw[c.At] {
		case '"':
			if c.text(); c.Broken {
				return
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				c.At++
				return
			}
		}
		c.At++
	}
	c.Broken = true
}

// Literal reads a number, true, false or null.
func (c *Cursor) Literal() []byte {
	c.Peek()
	start := c.At
	for c.At < len(c.Raw) && !ends[c.Raw[c.At]] {
		c.At++
	}
	c.Broken = c.Broken || c.At == start
	return c.Raw[start:c.At]
}

// ends are the bytes that no literal has.
var ends = [256]bool{
	',': true, ':': true, '"': true, '{': true, '}': true, '[': true, ']': true, ' ': true, '\t': true, '\r': true, '\n': true,
}

// Find moves to the value of a member of the object that comes next. It is false, at the object's end, if there is none of that name.
func (c *Cursor) Find(name string, buf *[]byte) bool {
	if !c.Take('{') {
		return false
	}
	for first := true; ; first = false {
		n, escaped, more := c.Member(first)
		if !more {
			return false
		}
		if string(Decode(n, escaped, buf)) == name {
			return true
		}
		c.Skip()
	}
}

// Unquote returns the characters of a string, whose quotes v begins and ends with; it is false for any other value. They are a part of v if
// it has no escapes.
func Unquote(v []byte) ([]byte, bool) {
	if len(v) < 2 || v[0] != '"' {
		return nil, false
	}
	if content := v[1 : len(v)-1]; bytes.IndexByte(content, '\\') < 0 {
		return content, true
	}
	b, err := jsontext.AppendUnquote(nil, v)
	return b, err == nil
}

// Decode returns the characters of a string that was read with [Cursor.Text] or [Cursor.Member]: a part of content if it has no escapes,
// otherwise of buf, good until that is used again. A string with an escape that is none is returned as written.
func Decode(content []byte, escaped bool, buf *[]byte) []byte {
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
