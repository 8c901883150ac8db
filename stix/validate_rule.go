package stix

import (
	"bytes"
	"strings"

	"github.com/wagasa/wagasa/stix/internal/cursor"
	"github.com/wagasa/wagasa/stix/internal/spec"
)

// rule judges one rule of a struct, whose members have been read.
func (v *Validator) rule(s *spec.Struct, r *spec.Rule, seen []cursor.Span) {
	if w := r.When; w != nil && !v.equals(seen[w.At], w.Value) {
		return
	}
	v.soft = v.older && r.Since21
	defer func() { v.soft = false }()
	switch r.Op {
	case spec.AtLeastOne, spec.ExactlyOne, spec.AtMostOne:
		v.count(r, seen)
	case spec.Requires, spec.Forbids:
		v.implies(r, seen)
	case spec.NotBefore, spec.After:
		v.order(r, seen)
	case spec.Call:
		v.check(s, r, seen)
	}
}

// equals compares the string or boolean of a property.
func (v *Validator) equals(sp cursor.Span, want string) bool {
	got := sp.Of(v.c.Raw)
	if len(got) > 1 && got[0] == '"' {
		got = v.content(sp)
	}
	return string(got) == want
}

// content is a string's characters, nil if the value is absent or no string. It is good until the next call.
func (v *Validator) content(sp cursor.Span) []byte {
	b := sp.Of(v.c.Raw)
	if len(b) < 2 || b[0] != '"' {
		return nil
	}
	b = b[1 : len(b)-1]
	return cursor.Decode(b, bytes.IndexByte(b, '\\') >= 0, &v.buf)
}

func (v *Validator) count(r *spec.Rule, seen []cursor.Span) {
	n := 0
	for _, i := range r.At {
		if !seen[i].Absent() {
			n++
		}
	}
	switch {
	case r.Op == spec.AtLeastOne && n == 0:
		v.report(spec.CodeAtLeastOne, nil, strings.Join(r.Props, ", "))
	case r.Op == spec.ExactlyOne && n != 1:
		v.report(spec.CodeExactlyOne, nil, strings.Join(r.Props, ", "))
	case r.Op == spec.AtMostOne && n > 1:
		v.report(spec.CodeAtMostOne, nil, strings.Join(r.Props, ", "))
	}
}

// implies judges Requires and Forbids.
func (v *Validator) implies(r *spec.Rule, seen []cursor.Span) {
	if seen[r.At[0]].Absent() {
		return
	}
	for k, i := range r.At[1:] {
		switch absent := seen[i].Absent(); {
		case r.Op == spec.Requires && absent:
			v.report(spec.CodeRequires, []byte(r.Props[0]), r.Props[k+1])
		case r.Op == spec.Forbids && !absent:
			v.report(spec.CodeForbids, []byte(r.Props[0]), r.Props[k+1])
		}
	}
}

func (v *Validator) order(r *spec.Rule, seen []cursor.Span) {
	var one [64]byte
	a := append(one[:0], v.content(seen[r.At[0]])...)
	b := v.content(seen[r.At[1]])
	if !isTimestamp(a) || !isTimestamp(b) {
		return
	}
	c := compareTimes(a, b)
	if c > 0 || c == 0 && r.Op == spec.NotBefore {
		return
	}
	code := spec.CodeNotBefore
	if r.Op == spec.After {
		code = spec.CodeAfter
	}
	v.path = append(v.path, step{name: []byte(r.Props[0])})
	v.report(code, []byte(r.Props[0]), r.Props[1])
	v.path = v.path[:len(v.path)-1]
}

// checkSelectors looks for what the granular markings select.
func (v *Validator) checkSelectors(raw []byte) {
	if len(v.selAt) == 0 {
		return
	}
	v.sels.resolve(raw)
	for i := 0; i < len(v.selAt)/2; i++ {
		if v.sels.found(i) || v.selAt[2*i+1].index < 0 {
			continue
		}
		v.path = append(v.path[:0], step{name: []byte("granular_markings")}, v.selAt[2*i], step{name: []byte("selectors")}, v.selAt[2*i+1])
		v.report(spec.CodeUnresolved, v.sels.text(i), "")
	}
	v.path = v.path[:0]
}
