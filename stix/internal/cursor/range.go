package cursor

import "iter"

// Members ranges over an object, in order; over nothing if raw is none. A name is decoded and good for its round of the loop. Values are
// parts of raw.
func Members(raw []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		c := Cursor{Raw: raw}
		if !c.Take('{') {
			return
		}
		var buf []byte
		for first := true; ; first = false {
			name, escaped, more := c.Member(first)
			if !more {
				return
			}
			v := c.Value()
			if c.Broken || !yield(Decode(name, escaped, &buf), v.Of(raw)) {
				return
			}
		}
	}
}

// Elements ranges over a list, in order; over nothing if raw is none. The elements are parts of raw.
func Elements(raw []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		c := Cursor{Raw: raw}
		if !c.Take('[') {
			return
		}
		for first := true; c.Element(first); first = false {
			v := c.Value()
			if c.Broken || !yield(v.Of(raw)) {
				return
			}
		}
	}
}
