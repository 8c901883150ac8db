package pattern

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/internal/cursor"
)

// thing is an object that was read from JSON once, to be looked into often.
type thing struct {
	typ   string
	nodes []node
	find  func(ref string) *thing // where its references lead, nil if nowhere
}

// node is a value with what it has in it.
type node struct {
	shape shape
	value Value
	key   string // of what is in an object, or in a list there
	child int32  // the first part, 0 if there is none
	next  int32  // the next part of the same whole, 0 if there is none
}

type shape uint8

const (
	single shape = iota
	object
	list
	null
)

// readThing reads an object from JSON that is known to be valid.
func readThing(raw []byte, find func(string) *thing) *thing {
	r := reader{Cursor: cursor.Cursor{Raw: raw}, text: string(raw), thing: &thing{find: find}}
	r.read("", anyPlace, 0)
	t := r.thing
	if typ := (spot{t, 0}).member("type", new(int64)); typ.of != nil && t.nodes[typ.node].value.Kind == String {
		t.typ = t.nodes[typ.node].value.Text
	}
	return t
}

type reader struct {
	cursor.Cursor
	text  string // the same bytes
	buf   []byte
	thing *thing
}

// string is a string that was read; without escapes it is a part of text.
func (r *reader) string(content []byte, escaped bool) string {
	if escaped {
		return string(cursor.Decode(content, true, &r.buf))
	}
	from := cap(r.Raw) - cap(content)
	return r.text[from : from+len(content)]
}

// read reads the value that comes next and returns its node. The strings in a list are what the key of the list says.
func (r *reader) read(key string, p place, depth int) int32 {
	at := int32(len(r.thing.nodes))
	r.thing.nodes = append(r.thing.nodes, node{key: key})
	if depth > stix.MaxDepth {
		r.Skip()
		return at
	}
	switch r.Peek() {
	case '{':
		r.At++
		r.thing.nodes[at].shape = object
		last := at
		for first := true; ; first = false {
			name, escaped, more := r.Member(first)
			if !more {
				return at
			}
			key := r.string(name, escaped)
			last = r.link(at, last, r.read(key, octetPlace(key), depth+1))
		}
	case '[':
		r.At++
		r.thing.nodes[at].shape = list
		last := at
		for first := true; r.Element(first); first = false {
			last = r.link(at, last, r.read(key, p, depth+1))
		}
	case '"':
		s := r.string(r.Text())
		if p == anyPlace {
			r.thing.nodes[at].value = Value{Kind: String, Text: s}
		} else if octets, ok := p.octets(s); ok {
			r.thing.nodes[at].value = Value{Kind: Binary, Text: octets}
		}
	default:
		r.literal(&r.thing.nodes[at])
	}
	return at
}

// link puts a part behind the last one of the same whole.
func (r *reader) link(whole, last, part int32) int32 {
	if last == whole {
		r.thing.nodes[whole].child = part
	} else {
		r.thing.nodes[last].next = part
	}
	return part
}

// literal reads a number, true, false or null. A number that no float can hold is there, but has no value.
func (r *reader) literal(n *node) {
	text := r.Literal()
	switch {
	case string(text) == "null":
		n.shape = null
	case string(text) == "true":
		n.value = Value{Kind: Boolean, Int: 1}
	case string(text) == "false":
		n.value = Value{Kind: Boolean}
	case !bytes.ContainsAny(text, ".eE"):
		if i, err := strconv.ParseInt(string(text), 10, 64); err == nil {
			n.value = Value{Kind: Integer, Int: i}
			return
		}
		fallthrough
	default:
		if f, err := strconv.ParseFloat(string(text), 64); err == nil {
			n.value = Value{Kind: Float, Float: f}
		}
	}
}

// octetPlace is what strings under a key stand for, as far as the key itself tells.
func octetPlace(key string) place {
	switch {
	case strings.HasSuffix(key, "_hex"):
		return hexPlace
	case strings.HasSuffix(key, "_bin"):
		return binPlace
	}
	return anyPlace
}

// spot is a value in a thing. The zero spot is none.
type spot struct {
	of   *thing
	node int32
}

// step takes one step of a path, other than [*].
func (a spot) step(s *Step, steps *int64) spot {
	n := &a.of.nodes[a.node]
	switch {
	case s.Kind == Index && n.shape == list && s.Index >= 0:
		at := n.child
		for i := int64(0); i < s.Index && at != 0; i++ {
			at = a.of.nodes[at].next
			*steps--
		}
		if at != 0 {
			return spot{a.of, at}
		}
	case s.Kind == Key && n.shape == object:
		return a.member(s.Key, steps)
	case s.Kind == Key && n.value.Kind == String && isRef(n.key):
		if t := a.of.find(n.value.Text); t != nil {
			return spot{t, 0}.member(s.Key, steps)
		}
	}
	return spot{}
}

// member is the part of an object that has a key.
func (a spot) member(key string, steps *int64) spot {
	nodes := a.of.nodes
	for at := nodes[a.node].child; at != 0; at = nodes[at].next {
		if nodes[at].key == key {
			return spot{a.of, at}
		}
		*steps--
	}
	return spot{}
}

// append appends the value, unless it is null.
func (a spot) append(dst []Value) []Value {
	if n := &a.of.nodes[a.node]; n.shape != null {
		dst = append(dst, n.value)
	}
	return dst
}

// all takes steps of which the first is [*], and appends the values to which they lead. No spot is gone on from twice, so that
// references that lead to the same objects again and again cost no more than these.
func (a spot) all(path []Step, dst []Value, steps *int64) []Value {
	var few [2][8]spot // most are not many
	now, then := append(few[0][:0], a), few[1][:0]
	for i := range path {
		then = then[:0]
		var seen map[spot]bool
		for _, at := range now {
			if *steps--; *steps < 0 {
				return dst
			}
			n := &at.of.nodes[at.node]
			if path[i].Kind != Any {
				to := at.step(&path[i], steps)
				if to.of == nil || n.shape == single && seen[to] {
					continue
				}
				if n.shape == single { // a reference
					if seen == nil {
						seen = map[spot]bool{}
					}
					seen[to] = true
				}
				then = append(then, to)
				continue
			}
			if n.shape != list {
				continue
			}
			for part := n.child; part != 0; part = at.of.nodes[part].next {
				then = append(then, spot{at.of, part})
				*steps--
			}
		}
		now, then = then, now
	}
	for _, at := range now {
		dst = at.append(dst)
	}
	return dst
}
