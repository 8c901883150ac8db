package stix

import (
	"bytes"
	"hash/maphash"
	"math/bits"
	"strconv"

	"github.com/wagasa/wagasa/stix/internal/cursor"
)

const (
	maxStep  = 250 // bytes of a property's name or a dictionary's key (STIX 2.1 sections 3.1 and 2.3)
	maxIndex = 18  // digits of a list index; no list is longer
	// selectorMemory keeps one huge object from pinning its memory in a selectorSet.
	selectorMemory = 1 << 20
)

// nextStep splits the first step off a selector (STIX 2.1 section 7.2.3.1). A step is the name of a property, the key of a
// dictionary, or the index of a list in square brackets. The first one names a property: an object is no list. Those within may
// be keys too, with capital letters and hyphens.
//
// The step of an index comes without the opening bracket and zeros before it, which no name and no key can look like. rest is
// what follows the dot; more says that something must follow.
func nextStep[T string | []byte](s T, first bool) (step, rest T, more, ok bool) {
	if len(s) > 0 && s[0] == '[' && !first {
		return indexStep(s)
	}
	n := 0
	for n < len(s) && s[n] != '.' {
		if c := s[n]; !isKeyByte(c) || first && (c == '-' || 'A' <= c && c <= 'Z') {
			return step, rest, false, false
		}
		n++
	}
	if n == 0 || n > maxStep {
		return step, rest, false, false
	}
	if n == len(s) {
		return s, rest, false, true
	}
	return s[:n], s[n+1:], true, true
}

func isKeyByte(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-' || 'A' <= c && c <= 'Z'
}

func indexStep[T string | []byte](s T) (step, rest T, more, ok bool) {
	n := 1
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	if n == 1 || n == len(s) || s[n] != ']' {
		return step, rest, false, false
	}
	from := 1
	for s[from] == '0' && from+1 < n {
		from++
	}
	n++
	switch {
	case n == len(s):
		return s[from:n], rest, false, true
	case s[n] == '.':
		return s[from:n], s[n+1:], true, true
	}
	return step, rest, false, false
}

// validSelector checks the syntax.
func validSelector[T string | []byte](s T) bool {
	for first, more := true, true; more; first = false {
		var ok bool
		if _, s, more, ok = nextStep(s, first); !ok {
			return false
		}
	}
	return true
}

// relation is how one place lies to another.
type relation uint8

const (
	apart relation = iota
	same           // they are one
	above          // the first contains the second
	below          // the first lies within the second
)

// relate tells how the place of selector a lies to that of b. Selectors that are malformed are the same if their text is, and apart
// from all others.
func relate(a, b string) relation {
	if a == b {
		return same
	}
	moreA, moreB := true, true
	for first := true; moreA && moreB; first = false {
		var stepA, stepB string
		var okA, okB bool
		stepA, a, moreA, okA = nextStep(a, first)
		stepB, b, moreB, okB = nextStep(b, first)
		if !okA || !okB || stepA != stepB {
			return apart
		}
	}
	switch {
	case moreA && validRest(a):
		return below
	case moreB && validRest(b):
		return above
	case !moreA && !moreB:
		return same
	}
	return apart
}

// validRest checks what follows a dot.
func validRest(s string) bool {
	for more := true; more; {
		var ok bool
		if _, s, more, ok = nextStep(s, false); !ok {
			return false
		}
	}
	return true
}

// selectorSet finds which of many selectors select something in an object, in one pass over its bytes and in time proportional to
// them and to the selectors. It is the tree of all their steps. Its memory serves one object after another; not for concurrent use.
type selectorSet struct {
	names []byte         // of the nodes, one after another
	nodes []selectorNode // nodes[0] is the object itself
	table []int32        // nodes by parent and name: open addressing, 0 is free
	ends  []int32        // the node of each selector, noNode if it can select nothing
	given []byte         // the selectors, one after another
	cuts  []int          // where each ends in given
	buf   []byte
	seed  maphash.Seed
	left  int // nodes that were not found yet
}

type selectorNode struct {
	hash     uint64
	name     int   // where it begins in names
	parent   int32 // node
	children int32 // how many
	length   uint8 // of the name
	found    bool
}

const noNode = -1

// reset forgets all selectors.
func (s *selectorSet) reset() {
	if s.nodes == nil {
		s.seed = maphash.MakeSeed()
	}
	if cap(s.given) > selectorMemory || cap(s.nodes) > selectorMemory/16 {
		*s = selectorSet{seed: s.seed}
	}
	s.names, s.ends, s.given, s.cuts = s.names[:0], s.ends[:0], s.given[:0], s.cuts[:0]
	s.nodes = append(s.nodes[:0], selectorNode{found: true})
	s.table = s.table[:0] // grows within its memory
	s.left = 0
}

// add reports whether the syntax of a selector is right, and counts it, from 0, whether or not it is. It keeps no reference to sel.
func (s *selectorSet) add(sel []byte) bool {
	s.given = append(s.given, sel...)
	s.cuts = append(s.cuts, len(s.given))
	if !validSelector(sel) {
		s.ends = append(s.ends, noNode)
		return false
	}
	node := int32(0)
	depth := 0
	for first, more := true, true; more && node != noNode; first = false {
		var step []byte
		step, sel, more, _ = nextStep(sel, first)
		depth++
		if depth >= MaxDepth+1 || len(step) > maxStep || step[len(step)-1] == ']' && len(step) > maxIndex+1 {
			node = noNode // no object is as deep, no list as long
			break
		}
		node = s.insert(node, step)
	}
	s.ends = append(s.ends, node)
	return true
}

func (s *selectorSet) insert(parent int32, step []byte) int32 {
	hash := s.hash(parent, step)
	if node := s.find(parent, step, hash); node != noNode {
		return node
	}
	if 2*len(s.nodes) >= len(s.table) {
		s.grow()
	}
	node := int32(len(s.nodes))
	s.nodes = append(s.nodes, selectorNode{hash: hash, name: len(s.names), parent: parent, length: uint8(len(step))})
	s.names = append(s.names, step...)
	s.nodes[parent].children++
	s.left++
	s.put(node)
	return node
}

func (s *selectorSet) hash(parent int32, step []byte) uint64 {
	hi, lo := bits.Mul64(maphash.Bytes(s.seed, step)^uint64(parent), 0x9E3779B97F4A7C15)
	return hi ^ lo
}

func (s *selectorSet) find(parent int32, step []byte, hash uint64) int32 {
	mask := uint64(len(s.table) - 1)
	if len(s.table) == 0 {
		return noNode
	}
	for i := hash & mask; ; i = (i + 1) & mask {
		node := s.table[i]
		if node == 0 {
			return noNode
		}
		if n := &s.nodes[node]; n.hash == hash && n.parent == parent && bytes.Equal(s.name(n), step) {
			return node
		}
	}
}

func (s *selectorSet) name(n *selectorNode) []byte { return s.names[n.name : n.name+int(n.length)] }

func (s *selectorSet) grow() {
	size := max(64, 2*len(s.table))
	if cap(s.table) >= size {
		s.table = s.table[:size]
		clear(s.table)
	} else {
		s.table = make([]int32, size)
	}
	for node := 1; node < len(s.nodes); node++ {
		s.put(int32(node))
	}
}

func (s *selectorSet) put(node int32) {
	mask := uint64(len(s.table) - 1)
	i := s.nodes[node].hash & mask
	for s.table[i] != 0 {
		i = (i + 1) & mask
	}
	s.table[i] = node
}

// child is the node below parent that has this name, noNode if no selector asks for it.
func (s *selectorSet) child(parent int32, step []byte) int32 {
	return s.find(parent, step, s.hash(parent, step))
}

// resolve looks for all selectors in an object. What is not valid JSON is read as far as it makes sense.
func (s *selectorSet) resolve(raw []byte) {
	if s.left > 0 {
		w := selectorWalk{s, cursor.Cursor{Raw: raw}}
		w.value(0)
	}
}

// found reports whether the selector that was added as number i selects something.
func (s *selectorSet) found(i int) bool { return s.ends[i] != noNode && s.nodes[s.ends[i]].found }

// text is the selector that was added as number i.
func (s *selectorSet) text(i int) []byte {
	from := 0
	if i > 0 {
		from = s.cuts[i-1]
	}
	return s.given[from:s.cuts[i]]
}

// selectorWalk is a pass over an object.
type selectorWalk struct {
	s *selectorSet
	c cursor.Cursor
}

// value reads the value of a node that has children. It goes no deeper than the tree, so at most MaxDepth.
func (w *selectorWalk) value(node int32) {
	switch w.c.Peek() {
	case '{':
		w.c.At++
		w.object(node)
	case '[':
		w.c.At++
		w.list(node)
	default:
		w.c.Skip()
	}
}

func (w *selectorWalk) object(node int32) {
	todo := w.s.nodes[node].children
	for first := true; todo > 0 && w.s.left > 0; first = false {
		written, escaped, more := w.c.Member(first)
		if !more {
			return
		}
		child := int32(noNode)
		if name := cursor.Decode(written, escaped, &w.s.buf); len(name) > 0 && name[len(name)-1] != ']' {
			child = w.s.child(node, name)
		}
		w.visit(child, &todo)
	}
	w.leave()
}

func (w *selectorWalk) list(node int32) {
	todo := w.s.nodes[node].children
	var digits [maxIndex + 3]byte
	for i := int64(0); todo > 0 && w.s.left > 0; i++ {
		if !w.c.Element(i == 0) {
			return
		}
		step := append(strconv.AppendInt(digits[:0], i, 10), ']')
		w.visit(w.s.child(node, step), &todo)
	}
	w.leave()
}

// visit reads a value that may be that of a node.
func (w *selectorWalk) visit(node int32, todo *int32) {
	if node == noNode {
		w.c.Skip()
		return
	}
	n := &w.s.nodes[node]
	if !n.found {
		n.found = true
		w.s.left--
		*todo--
	}
	if n.children > 0 {
		w.value(node)
	} else {
		w.c.Skip()
	}
}

// leave passes over the rest of what it is in, unless nothing is looked for any more.
func (w *selectorWalk) leave() {
	if w.s.left > 0 {
		w.c.Leave()
	}
}
