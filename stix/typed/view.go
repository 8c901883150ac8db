package typed

import (
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/internal/cursor"
)

// ErrType is wrapped by the errors of the functions that make views: the object is of another type, or of STIX 2.0.
var ErrType = errors.New("no such view of this object")

// span is a part of some bytes; the zero span is none. It is half as large as that of the cursor, for views have one for each property.
type span struct{ from, to uint32 }

// fields are the bytes of a JSON object, and where in them the properties of the table stand, by slot.
type fields struct {
	raw []byte
	at  []span
}

// read finds the properties of raw in one pass. Of a name that occurs twice the first counts.
func read(raw []byte, slots int, slot func(name []byte) int) (fields, bool) {
	c := cursor.Cursor{Raw: raw}
	if len(raw) > math.MaxUint32 || !c.Take('{') {
		return fields{}, false
	}
	f := fields{raw: raw, at: make([]span, slots)}
	var buf []byte
	for first := true; ; first = false {
		name, escaped, more := c.Member(first)
		if !more {
			return f, !c.Broken
		}
		i, at := slot(cursor.Decode(name, escaped, &buf)), c.Value()
		if i >= 0 && f.at[i].to == 0 && !c.Broken {
			f.at[i] = span{uint32(at.From), uint32(at.To)} //nolint:gosec // checked above
		}
	}
}

// readObject is read of an object of this type. Where spec_version is absent the object is of STIX 2.0, unless it is bare: a
// cyber-observable or a bundle (STIX 2.1 section 3.2).
func readObject(o *stix.Object, want string, slots int, slot func(name []byte) int, bare bool) (Object, error) {
	if o.Type != want {
		return Object{}, fmt.Errorf("%w: %s is no %s", ErrType, o.ID, want)
	}
	if o.SpecVersion == "2.0" || o.SpecVersion == "" && !bare {
		return Object{}, fmt.Errorf("%w: %s is of STIX 2.0, see stix.Upgrade", ErrType, o.ID)
	}
	f, ok := read(o.Raw, slots, slot)
	if !ok {
		return Object{}, fmt.Errorf("%w: the bytes of %s are no JSON object", ErrType, o.ID)
	}
	return Object{f}, nil
}

// get is the value in a slot, nil if there is none.
func (f fields) get(slot int) []byte {
	if slot >= len(f.at) || f.at[slot].to == 0 {
		return nil // the first: in the zero view
	}
	return f.raw[f.at[slot].from:f.at[slot].to]
}

// Raw returns the bytes that the view reads, from the opening to the closing brace; nil for the zero view. They are not to be changed.
func (f fields) Raw() jsontext.Value { return f.raw }

// Property returns the value of any property, also of one that STIX 2.1 does not define; nil if it is absent. It is not to be changed.
func (f fields) Property(name string) jsontext.Value {
	for n, v := range cursor.Members(f.raw) {
		if string(n) == name {
			return v
		}
	}
	return nil
}

// Object is what the views of all object types have: the properties that every STIX object has (STIX 2.1 section 3.2).
type Object struct{ fields }

// Type returns the property type (STIX 2.1 section 3.2).
func (v Object) Type() string { return one(v.get(slotType), text[string]) }

// ID returns the property id (STIX 2.1 section 3.2).
func (v Object) ID() string { return one(v.get(slotID), text[string]) }

// SpecVersion returns the property spec_version (STIX 2.1 section 3.2), "" if it is absent.
func (v Object) SpecVersion() string { return one(v.get(slotSpecVersion), text[string]) }

// Extensions ranges over the extensions (STIX 2.1 section 7.3): the key, and the bytes of the member.
func (v Object) Extensions() iter.Seq2[string, jsontext.Value] {
	return entries[string](v.get(slotExtensions), anything)
}

// Extension returns the member of extensions with this key, nil if it is absent.
func (v Object) Extension(key string) jsontext.Value {
	for n, m := range cursor.Members(v.get(slotExtensions)) {
		if string(n) == key {
			return m
		}
	}
	return nil
}

// Part is what the views of objects within objects have.
type Part struct{ fields }
