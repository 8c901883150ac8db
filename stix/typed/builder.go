package typed

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

var (
	errTooLarge = errors.New("the object is too large")
	errOwn      = errors.New("the type has this property: use its own method")
)

// shape is what a builder knows of the struct that it builds.
type shape struct {
	name   string
	names  []string // of the properties, by slot; "" is none
	fixed  []preset
	object bool // it has common properties
	// container: a bundle, which is written as an object and read by a stix.Reader.
	container bool
	bare      bool   // the type has no versions: its id may follow from its content
	defKey    string // the extension-definition that makes the type, "" for those of the standard
	defAs     string // what extension_type says of it
}

// preset is a property that has one value only.
type preset struct {
	slot  int
	value string
}

// named is a member that is in no slot.
type named struct {
	name string
	at   span
}

// builder collects encoded values.
type builder struct {
	shape      *shape
	buf        []byte
	at         []span // by slot
	extensions []named
	custom     []named
	err        error
}

func (b *builder) init(s *shape) {
	b.shape = s
	b.buf = make([]byte, 0, 512)
	b.at = make([]span, len(s.names))
	for _, p := range s.fixed {
		put(b, p.slot, p.value, appendRaw)
	}
}

func appendRaw(dst []byte, v string) ([]byte, error) { return append(dst, v...), nil }

// put sets a slot, or empties it if enc appends nothing.
func put[T any](b *builder, slot int, v T, enc encoder[T]) {
	b.at[slot] = write(b, b.shape.names[slot], v, enc)
}

// write encodes a value; the first thing that goes wrong is kept for Build.
func write[T any](b *builder, name string, v T, enc encoder[T]) span {
	n := len(b.buf)
	dst, err := enc(b.buf, v)
	if err == nil && len(dst) > math.MaxUint32 {
		err = errTooLarge
	}
	if err != nil {
		b.fail(name, err)
		return span{}
	}
	if b.buf = dst; len(dst) == n {
		return span{}
	}
	return span{uint32(n), uint32(len(dst))} //nolint:gosec // as above
}

func (b *builder) fail(name string, err error) {
	if b.err == nil {
		b.err = fmt.Errorf("%s.%s: %w", b.shape.name, name, err)
	}
}

// set replaces the member of this name, or removes it if at is no span.
func set(list []named, name string, at span) []named {
	for i := range list {
		if list[i].name == name {
			list = append(list[:i], list[i+1:]...)
			break
		}
	}
	if at.to == 0 {
		return list
	}
	return append(list, named{name, at})
}

func (b *builder) setCustom(name string, v any) {
	for _, own := range b.shape.names {
		if own == name {
			b.fail(name, errOwn)
			return
		}
	}
	b.custom = set(b.custom, name, write(b, name, v, appendAnything))
}

// putExtension sets a member of extensions. as is its extension_type, "" for those that have none.
func putExtension[P partBuilder](b *builder, key, as string, p P) {
	at := write(b, "extensions."+key, p, func(dst []byte, p P) ([]byte, error) {
		if as == "" {
			return appendPart(dst, p)
		}
		n := len(dst)
		dst = append(append(append(dst, `{"extension_type":"`...), as...), '"', ',')
		start := len(dst)
		dst, err := appendPart(dst, p)
		if err != nil {
			return dst[:n], err
		}
		if dst[start+1] == '}' {
			return append(dst[:start-1], '}'), nil
		}
		return append(dst[:start], dst[start+1:]...), nil
	})
	b.extensions = set(b.extensions, key, at)
}

// putTop sets a property of a toplevel-property-extension.
func putTop[T any](b *builder, key, name string, v T, enc encoder[T]) {
	at := write(b, name, v, enc)
	b.custom = set(b.custom, name, at)
	if at.to != 0 && !slices.ContainsFunc(b.extensions, func(n named) bool { return n.name == key }) {
		member := map[string]string{"extension_type": "toplevel-property-extension"}
		b.extensions = set(b.extensions, key, write(b, "extensions."+key, member, appendEntries[string](appendText[string])))
	}
}

// append writes the object: the properties in the order of the table, then the custom ones in the order in which they were set.
func (b *builder) append(dst []byte, at []span) []byte {
	open := byte('{')
	member := func(name string) {
		dst, _ = jsontext.AppendQuote(append(dst, open), name)
		dst, open = append(dst, ':'), ','
	}
	for i, s := range at {
		if i == slotExtensions && len(b.extensions) > 0 && b.shape.object {
			member("extensions")
			dst = b.appendMembers(dst, b.extensions)
		} else if s.to != 0 {
			member(b.shape.names[i])
			dst = append(dst, b.buf[s.from:s.to]...)
		}
	}
	for _, c := range b.custom {
		member(c.name)
		dst = append(dst, b.buf[c.at.from:c.at.to]...)
	}
	if open == '{' {
		dst = append(dst, '{')
	}
	return append(dst, '}')
}

func (b *builder) appendMembers(dst []byte, list []named) []byte {
	open := byte('{')
	for _, m := range list {
		dst, _ = jsontext.AppendQuote(append(dst, open), m.name)
		dst = append(append(dst, ':'), b.buf[m.at.from:m.at.to]...)
		open = ','
	}
	return append(dst, '}')
}
