package stix

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix/internal/cursor"
)

// parts are the members of an object or the elements of a list.
type parts struct {
	place string // its selector, malformed if none can name it; "" for the object itself
	list  bool
	inner int // the byte after the opening bracket
	parts []part
}

type part struct {
	name  string      // of a member
	whole cursor.Span // with the name
	value cursor.Span
}

// takeApart reads the object or list at a place.
func takeApart(raw []byte, at cursor.Span) (*parts, error) {
	c := cursor.Cursor{Raw: raw[:at.To], At: at.From}
	k := c.Peek()
	if k != '{' && k != '[' {
		return nil, fmt.Errorf("%w: there is %s, no object and no list", ErrProperty, kindName(jsontext.Value(raw[c.At:at.To]).Kind()))
	}
	c.At++
	p := &parts{list: k == '[', inner: c.At}
	for first := true; c.More(first, k+2); first = false {
		c.Peek()
		one := part{whole: cursor.Span{From: c.At}}
		if !p.list {
			one.name = memberName(&c)
		}
		one.value = c.Value()
		one.whole.To = c.At
		p.parts = append(p.parts, one)
	}
	if c.Broken {
		return nil, errMalformed
	}
	return p, nil
}

// memberName reads a name and its colon.
func memberName(c *cursor.Cursor) string {
	var buf []byte
	name, escaped := c.Text()
	c.Take(':')
	return string(cursor.Decode(name, escaped, &buf))
}

// index is the place of a member or element, negative if it is not there.
func (p *parts) index(name string) int {
	if !p.list {
		return slices.IndexFunc(p.parts, func(m part) bool { return m.name == name })
	}
	i, err := strconv.ParseUint(name, 10, 31)
	if err != nil || len(name) > 1 && name[0] == '0' || i >= uint64(len(p.parts)) {
		return -1
	}
	return int(i)
}

// selector is that of a member or element.
func (p *parts) selector(name string) string {
	switch {
	case p.list:
		return p.place + ".[" + name + "]"
	case p.place == "":
		return name
	case name == "" || name[0] == '[':
		return "!" // no key that a selector could name
	}
	return p.place + "." + name
}

// rewrite adds to s what takes parts away and puts others after the last.
func (p *parts) rewrite(s splices, drop func(int) bool, add [][]byte) splices {
	kept, end := false, p.inner
	for i, one := range p.parts {
		end = one.whole.To
		switch {
		case drop == nil || !drop(i):
			kept = true
		case kept:
			s = append(s, splice{span(p.parts[i-1].whole.To, one.whole.To), nil})
		case i+1 < len(p.parts):
			s = append(s, splice{span(one.whole.From, p.parts[i+1].whole.From), nil})
		default:
			s = append(s, splice{one.whole, nil})
		}
	}
	for _, b := range add {
		if kept {
			b = append([]byte{','}, b...)
		}
		s = append(s, splice{span(end, end), b})
		kept = true
	}
	return s
}

// splices replace parts of an object. They come in order and do not overlap.
type splices []splice

type splice struct {
	at   cursor.Span
	with []byte
}

func (s splices) apply(raw []byte) []byte {
	if len(s) == 0 {
		return raw
	}
	size := len(raw)
	for _, one := range s {
		size += len(one.with) - (one.at.To - one.at.From)
	}
	out := make([]byte, 0, size)
	at := 0
	for _, one := range s {
		out = append(append(out, raw[at:one.at.From]...), one.with...)
		at = one.at.To
	}
	return append(out, raw[at:]...)
}

func span(from, to int) cursor.Span { return cursor.Span{From: from, To: to} }
