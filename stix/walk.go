package stix

import (
	"iter"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix/internal/cursor"
)

// each ranges over the members of an object that has been found valid; over nothing if it is no object.
func each(object []byte) iter.Seq2[string, jsontext.Value] {
	return func(yield func(string, jsontext.Value) bool) {
		for name, v := range cursor.Members(object) {
			if !yield(string(name), v) {
				return
			}
		}
	}
}

// elements ranges over a list that has been found valid; over nothing if it is no list.
func elements(list []byte) iter.Seq[jsontext.Value] {
	return func(yield func(jsontext.Value) bool) {
		for v := range cursor.Elements(list) {
			if !yield(v) {
				return
			}
		}
	}
}

// text is the value of a string.
func text(v jsontext.Value) (string, bool) {
	b, ok := cursor.Unquote(v)
	return string(b), ok
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
