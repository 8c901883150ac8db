package stix

import (
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
	at, place := span(0, len(raw)), ""
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
