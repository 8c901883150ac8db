package stix

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Edit is one change of an object, made by [Set], [Remove], [AddMarkings] and the like and carried out by [Object.Apply]. It may be
// used for many objects. The zero Edit changes nothing.
type Edit struct {
	change func(raw []byte) ([]byte, error)
}

// Apply returns the object with edits made, one after another. It is lossless: every byte stays that an edit need not change, white
// space, order and notation of all else included. o itself is not changed.
//
// The result has gone through [Parse]. Apply looks at no rule of the standard beyond that, except that a granular marking must not
// lose what it selects: an edit after which a selector selects nothing, and before it did, is refused. An object under
// version control gets a new modified with every change (STIX 2.1 section 3.6): that is [NewVersion].
//
// Errors are [*ObjectError] and wrap [ErrPointer], [ErrValue], [ErrSelector] or what Parse returns.
func (o *Object) Apply(edits ...Edit) (Object, error) {
	raw := o.Raw
	for _, e := range edits {
		if e.change == nil {
			continue
		}
		var err error
		if raw, err = e.change(raw); err != nil {
			return Object{}, o.fault(err)
		}
	}
	changed, err := Parse(raw)
	if err != nil {
		var oe *ObjectError
		if errors.As(err, &oe) {
			err = oe.Err
		}
		return Object{}, o.fault(err)
	}
	if lost := lostSelector(o, &changed); lost != "" {
		return Object{}, o.fault(fmt.Errorf("%w: %s would select nothing", ErrSelector, printable(lost)))
	}
	return changed, nil
}

func (o *Object) fault(err error) error {
	return &ObjectError{Index: -1, ID: o.ID, Type: o.Type, Err: err}
}

// lostSelector is one that selects something in before, or is not there at all, and nothing in after.
func lostSelector(before, after *Object) string {
	dangling := unresolved(after)
	if len(dangling) == 0 {
		return ""
	}
	was := map[string]bool{}
	for _, s := range unresolved(before) {
		was[s] = true
	}
	for _, s := range dangling {
		if !was[s] {
			return s
		}
	}
	return ""
}

// unresolved are the selectors of an object that select nothing.
func unresolved(o *Object) (list []string) {
	var s selectorSet
	s.reset()
	for _, g := range o.GranularMarkings {
		for _, sel := range g.Selectors {
			s.add([]byte(sel))
		}
	}
	if len(s.ends) == 0 {
		return nil
	}
	s.resolve(o.Raw)
	for i := range s.ends {
		if !s.found(i) {
			list = append(list, string(s.text(i)))
		}
	}
	return list
}

// Set gives a property, or any place within, a value. pointer says which (RFC 6901): "/name", "/labels/0",
// "/external_references/1/url". The last member of it is made if it is not there, after the others; an element of a list must
// be there, and "-" stands for a new one at the end. What has been there stays where it was in order.
//
// value is anything that github.com/go-json-experiment/json can write, with [time.Time] and [Timestamp] as timestamps; a
// [jsontext.Value] is taken as it is, byte for byte. nil is refused: STIX has no null.
func Set(pointer string, value any) Edit {
	return Edit{func(raw []byte) ([]byte, error) {
		v, err := encode(value)
		if err != nil {
			return nil, fmt.Errorf("%w for %s: %w", ErrValue, printable(pointer), err)
		}
		in, name, err := container(raw, pointer)
		if err != nil {
			return nil, err
		}
		if i := in.index(name); i >= 0 {
			at := in.parts[i].value
			return splices{{at, v}}.apply(raw), nil
		}
		switch {
		case !in.list:
			quoted, err := jsontext.AppendQuote(nil, name)
			if err != nil {
				return nil, fmt.Errorf("%w %s: %w", ErrPointer, printable(pointer), err)
			}
			v = slices.Concat(quoted, []byte{':'}, v)
		case name != "-":
			return nil, nothingAt(pointer)
		}
		return in.rewrite(nil, nil, [][]byte{v}).apply(raw), nil
	}}
}

// Remove takes a property away, or any place within; pointer is that of [Set]. It must be there. An element of a list is not taken
// away while a granular marking selects it or one after it, which would come to mark something else.
func Remove(pointer string) Edit {
	return Edit{func(raw []byte) ([]byte, error) {
		in, name, err := container(raw, pointer)
		if err != nil {
			return nil, err
		}
		i := in.index(name)
		if i < 0 {
			return nil, nothingAt(pointer)
		}
		if in.list {
			if err := shifts(raw, in.place, i); err != nil {
				return nil, err
			}
		}
		return in.rewrite(nil, func(j int) bool { return i == j }, nil).apply(raw), nil
	}}
}

func nothingAt(pointer string) error {
	return fmt.Errorf("%w: nothing is at %s", ErrPointer, printable(pointer))
}

// encode writes a value as JSON.
func encode(value any) ([]byte, error) {
	if v, ok := value.(jsontext.Value); ok {
		if !v.IsValid() || v.Kind() == 'n' {
			return nil, errors.New("want valid JSON other than null")
		}
		return v, nil
	}
	b, err := json.Marshal(value, json.Deterministic(true), json.WithMarshalers(timeMarshalers))
	if err == nil && string(b) == "null" {
		err = errors.New("STIX has no null")
	}
	return b, err
}

var timeMarshalers = json.JoinMarshalers(
	json.MarshalToFunc(func(e *jsontext.Encoder, t Timestamp) error { return writeTime(e, t) }),
	json.MarshalToFunc(func(e *jsontext.Encoder, t time.Time) error { return writeTime(e, TimestampOf(t)) }),
)

func writeTime(e *jsontext.Encoder, t Timestamp) error {
	if t.IsZero() {
		return fmt.Errorf("%w: it is none, or out of the years 1678 to 2261", ErrTimestamp)
	}
	return e.WriteToken(jsontext.String(t.String()))
}

// container finds the object or list that holds what a pointer names, and the pointer's last part.
func container(raw []byte, pointer string) (in *parts, name string, err error) {
	p := jsontext.Pointer(pointer)
	if pointer == "" || !p.IsValid() {
		return nil, "", fmt.Errorf("%w %s: want one such as /name or /labels/0", ErrPointer, printable(pointer))
	}
	at, place := extent{0, len(raw)}, ""
	depth := 0
	for tok := range p.Tokens() {
		if in != nil {
			i := in.index(name)
			if i < 0 {
				return nil, "", nothingAt(pointer)
			}
			at, place = in.parts[i].value, in.selector(name)
		}
		if depth++; depth > MaxDepth {
			return nil, "", nothingAt(pointer)
		}
		if in, err = takeApart(raw, at); err != nil {
			return nil, "", fmt.Errorf("%w %s: %w", ErrPointer, printable(pointer), err)
		}
		in.place, name = place, tok
	}
	return in, name, nil
}

// extent is where something stands in the bytes of an object.
type extent struct{ from, to int }

// parts are the members of an object or the elements of a list.
type parts struct {
	place string // its selector, malformed if none can name it; "" for the object itself
	list  bool
	inner int // the byte after the opening bracket
	parts []part
}

type part struct {
	name  string // of a member
	whole extent // with the name
	value extent
}

// takeApart reads the object or list at a place.
func takeApart(raw []byte, at extent) (*parts, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(raw[at.from:at.to]))
	offset := func() int { return at.from + int(d.InputOffset()) }
	tok, err := d.ReadToken()
	if err != nil {
		return nil, syntaxError(err)
	}
	if k := tok.Kind(); k != '{' && k != '[' {
		return nil, fmt.Errorf("%w: there is %s, no object and no list", ErrProperty, kindName(k))
	}
	p := &parts{list: tok.Kind() == '[', inner: offset()}
	for {
		if k := d.PeekKind(); k == '}' || k == ']' {
			return p, nil
		}
		var one part
		first := -1
		if !p.list {
			v, err := d.ReadValue()
			if err != nil {
				return nil, syntaxError(err)
			}
			first = offset() - len(v)
			b, err := unquoted(v)
			if err != nil {
				return nil, syntaxError(err)
			}
			one.name = string(b)
		}
		v, err := d.ReadValue()
		if err != nil {
			return nil, syntaxError(err)
		}
		one.value = extent{offset() - len(v), offset()}
		if one.whole = one.value; first >= 0 {
			one.whole.from = first
		}
		p.parts = append(p.parts, one)
	}
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
		end = one.whole.to
		switch {
		case drop == nil || !drop(i):
			kept = true
		case kept:
			s = append(s, splice{extent{p.parts[i-1].whole.to, one.whole.to}, nil})
		case i+1 < len(p.parts):
			s = append(s, splice{extent{one.whole.from, p.parts[i+1].whole.from}, nil})
		default:
			s = append(s, splice{one.whole, nil})
		}
	}
	for _, b := range add {
		if kept {
			b = append([]byte{','}, b...)
		}
		s = append(s, splice{extent{end, end}, b})
		kept = true
	}
	return s
}

// splices replace parts of an object. They come in order and do not overlap.
type splices []splice

type splice struct {
	extent
	with []byte
}

func (s splices) apply(raw []byte) []byte {
	if len(s) == 0 {
		return raw
	}
	size := len(raw)
	for _, one := range s {
		size += len(one.with) - (one.to - one.from)
	}
	out := make([]byte, 0, size)
	at := 0
	for _, one := range s {
		out = append(append(out, raw[at:one.from]...), one.with...)
		at = one.to
	}
	return append(out, raw[at:]...)
}

// shifts refuses to take away element i of a list where granular markings select it or later ones.
func shifts(raw []byte, place string, i int) error {
	list, err := granularMarkings(raw)
	if err != nil || list == nil {
		return err
	}
	for _, e := range list.entries {
		for _, sel := range e.selectors {
			if index, ok := elementOf(sel, place); ok && index >= i {
				return fmt.Errorf("%w: %s marks an element that would go or move", ErrSelector, printable(sel))
			}
		}
	}
	return nil
}

// elementOf is the index of the element of the list at place that a selector selects or goes through.
func elementOf(sel, place string) (int, bool) {
	for first := true; ; first = false {
		a, restA, moreA, okA := nextStep(sel, first)
		if !okA {
			return 0, false
		}
		if place == "" {
			i, err := strconv.Atoi(a[:len(a)-1])
			return i, err == nil && a[len(a)-1] == ']'
		}
		b, restB, _, okB := nextStep(place, first)
		if !okB || a != b || !moreA {
			return 0, false
		}
		sel, place = restA, restB
	}
}
