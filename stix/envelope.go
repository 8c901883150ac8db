package stix

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxEnvelope bounds the members of a bundle other than its objects, in bytes.
const MaxEnvelope = 64 << 10

// Envelopes makes a [Reader] hand what stands around the objects of each bundle to f, once it has read the bundle's end and from
// within Next. Raw of the bundle has all its members but the objects, of which only an empty list stays; its Type is "bundle"
// whether it is written or not, ID and SpecVersion are as written. It is not judged: hand it to a [Validator].
//
// The error is an [*ObjectError] with the Index of the object after the bundle: it wraps [ErrTooLarge] beyond [MaxEnvelope],
// [ErrTooDeep], or [ErrSyntax]. Raw is nil where it was too much.
func Envelopes(f func(bundle Object, err error)) Option {
	return func(r *Reader) { r.envelope.give = f }
}

// Refused makes a [Reader] hand the bytes of each object that it refuses for what is in them to f, before Next returns the error: so a
// [Validator] can say more of it. What is too large or too deep, or has no end, is not handed over. The bytes belong to f.
func Refused(f func(raw []byte, err *ObjectError)) Option {
	return func(r *Reader) { r.refused = f }
}

// envelope collects the members of a bundle, name:value, each with a comma before it.
type envelope struct {
	give  func(Object, error) // nil: nobody asks
	buf   []byte
	begun bool // it is a bundle
	on    bool // a name or value of it is being read
	over  bool // it was more than MaxEnvelope
}

// add collects bytes that are read.
func (e *envelope) add(b ...byte) {
	if len(e.buf)+len(b) > MaxEnvelope {
		e.over, e.buf = true, nil
	}
	if !e.over {
		e.buf = append(e.buf, b...)
	}
}

// bundled is called when what is read turns out to be a bundle: what the source has kept from its opening brace to the offset end
// belongs to it.
func (r *Reader) bundled(end int64) {
	e := &r.envelope
	if e.give == nil || e.begun {
		return
	}
	e.begun, e.over, e.buf = true, r.src.mark < 0, e.buf[:0]
	if !e.over {
		e.add(bytes.TrimRight(r.src.buf[r.src.mark:end-r.src.base], ", \t\r\n")...)
	}
}

// comma separates the members.
func (e *envelope) comma() {
	if !e.over && len(e.buf) > 1 {
		e.add(',')
	}
}

// cut takes back a member of which n bytes were there before it.
func (e *envelope) cut(n int) {
	e.on = false
	if n < len(e.buf) {
		e.buf = e.buf[:n]
	}
}

// emptyList keeps the list of objects when nothing is in it.
func (e *envelope) emptyList() {
	if e.begun {
		e.comma()
		e.add([]byte(`"objects":[]`)...)
	}
}

// closed gives the envelope away.
func (r *Reader) closed() {
	e := &r.envelope
	e.on = false
	if !e.begun {
		return
	}
	e.begun = false
	e.add('}')
	if e.over {
		e.give(Object{Header: Header{Type: "bundle"}}, &ObjectError{
			Index: r.index, Type: "bundle", Offset: r.top.at,
			Err: fmt.Errorf("%w: the bundle has more than %d bytes beside its objects", ErrTooLarge, MaxEnvelope),
		})
		return
	}
	o := Object{Raw: slices.Clone(e.buf), Header: Header{Type: "bundle"}}
	_, o.ID = findID(o.Raw)
	oe := &ObjectError{Index: r.index, Type: o.Type, ID: o.ID, Offset: r.top.at}
	switch v := jsontext.Value(e.buf); {
	case r.top.tooDeep:
		oe.Err = depthError()
	case !v.IsValid():
		oe.Err = syntaxError(v.Canonicalize())
	default:
		for name, value := range each(o.Raw) {
			if name == "spec_version" {
				o.SpecVersion, _ = text(value)
			}
		}
		e.give(o, nil)
		return
	}
	e.give(o, oe)
}
