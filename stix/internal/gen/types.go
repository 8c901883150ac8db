package main

import (
	"fmt"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// shape is how Go has a value: as views return it and builders take it.
type shape struct {
	view, dec  string
	build, enc string
	lazy       bool // a list of it is a sequence
	// key is the type of the keys of a dictionary, value the decoder of its values.
	key, value string
}

// element is the shape of a property without regard to List.
func (m *model) element(p *spec.Property) shape {
	same := func(t, dec, enc string) shape { return shape{view: t, dec: dec, build: t, enc: enc} }
	switch p.Kind {
	case spec.Boolean:
		return same("bool", "boolean", "appendBoolean")
	case spec.Integer:
		return same("int64", "integer", "appendInteger")
	case spec.Float:
		return same("float64", "float", "appendFloat")
	case spec.String, spec.Identifier:
		t := "string"
		if p.Vocab != nil {
			t = "vocab." + vocabName(p.Vocab.Name)
		}
		return same(t, "text["+t+"]", "appendText["+t+"]")
	case spec.Timestamp:
		if p.Millis {
			return same("stix.Timestamp", "timestamp", "appendMillis")
		}
		return same("stix.Timestamp", "timestamp", "appendTimestamp")
	case spec.Hex:
		return same("[]byte", "hexadecimal", "appendHexadecimal")
	case spec.Binary:
		return same("[]byte", "binary", "appendBinary")
	case spec.Hashes:
		return dictionary("vocab."+vocabName(spec.HashAlgorithm.Name), same("string", "text[string]", "appendText[string]"))
	case spec.Dictionary:
		if p.Value != nil {
			return dictionary("string", m.shape(p.Value))
		}
		return dictionary("string", raw)
	case spec.Objects, spec.Extensions:
		return dictionary("string", raw)
	case spec.Nested:
		name := m.byStruct[p.Struct].goName
		return shape{view: name, dec: "as" + name, build: "*" + name + "Builder", enc: "appendPart[*" + name + "Builder]", lazy: true}
	case spec.Contained:
		return shape{view: "jsontext.Value", dec: "anything", build: "stix.Object", enc: "appendObject", lazy: true}
	}
	return raw
}

var raw = shape{view: "jsontext.Value", dec: "anything", build: "any", enc: "appendAnything", lazy: true}

func dictionary(key string, v shape) shape {
	return shape{
		view: "iter.Seq2[" + key + ", " + v.view + "]", dec: fmt.Sprintf("entriesOf[%s](%s)", key, v.dec),
		build: "map[" + key + "]" + v.build, enc: fmt.Sprintf("appendEntries[%s](%s)", key, v.enc), lazy: true,
		key: key, value: v.dec,
	}
}

// shape is the shape of a property, a list or not.
func (m *model) shape(p *spec.Property) shape {
	e := m.element(p)
	if !isList(p) {
		return e
	}
	l := shape{view: "[]" + e.view, dec: "listOf(" + e.dec + ")", build: "[]" + e.build, enc: "appendList(" + e.enc + ")", lazy: true}
	if e.lazy {
		l.view, l.dec = "iter.Seq["+e.view+"]", "sequenceOf("+e.dec+")"
	}
	return l
}

func isList(p *spec.Property) bool { return p.List || p.Kind == spec.Contained }

// scalar reports whether the zero value of the property says nothing.
func scalar(p *spec.Property) bool {
	return !p.List && (p.Kind == spec.Boolean || p.Kind == spec.Integer || p.Kind == spec.Float)
}
