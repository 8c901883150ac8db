package stix

import (
	"bytes"
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

// each ranges over the members of an object that has been found valid; over nothing if it is no object.
func each(object jsontext.Value) iter.Seq2[string, jsontext.Value] {
	return func(yield func(string, jsontext.Value) bool) {
		d := jsontext.NewDecoder(bytes.NewBuffer(object))
		if tok, err := d.ReadToken(); err != nil || tok.Kind() != '{' {
			return
		}
		for d.PeekKind() == '"' {
			name, err := d.ReadToken()
			if err != nil {
				return
			}
			text := name.String()
			v, err := d.ReadValue()
			if err != nil || !yield(text, v) {
				return
			}
		}
	}
}

// elements ranges over a list that has been found valid; over nothing if it is no list.
func elements(list jsontext.Value) iter.Seq[jsontext.Value] {
	return func(yield func(jsontext.Value) bool) {
		d := jsontext.NewDecoder(bytes.NewBuffer(list))
		if tok, err := d.ReadToken(); err != nil || tok.Kind() != '[' {
			return
		}
		for k := d.PeekKind(); k != ']' && k != jsontext.KindInvalid; k = d.PeekKind() {
			v, err := d.ReadValue()
			if err != nil || !yield(v) {
				return
			}
		}
	}
}

// text is the value of a string.
func text(v jsontext.Value) (string, bool) {
	if v.Kind() != '"' {
		return "", false
	}
	b, err := unquoted(v)
	return string(b), err == nil
}

// only is the string of an object that has one member of that name and no other.
func only(object jsontext.Value, name string) (s string, ok bool) {
	n := 0
	for got, v := range each(object) {
		if n++; got != name {
			return "", false
		}
		s, ok = text(v)
	}
	return s, ok && n == 1
}
