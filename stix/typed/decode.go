package typed

import (
	"encoding/base64"
	"encoding/hex"
	"iter"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/internal/cursor"
)

// A decoder reads one value. It reports false for nil and for a value of another kind.
type decoder[T any] func([]byte) (T, bool)

func text[S ~string](v []byte) (S, bool) {
	b, ok := cursor.Unquote(v)
	return S(b), ok
}

// integer also reads whole numbers in other notations, such as 1.0.
func integer(v []byte) (int64, bool) {
	const most = 1<<53 - 1 // STIX 2.1 section 2.9
	if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
		return n, v[0] != '+'
	}
	f, ok := float(v)
	if !ok || f != math.Trunc(f) || math.Abs(f) > most {
		return 0, false
	}
	return int64(f), true
}

func float(v []byte) (float64, bool) {
	for i, c := range v { // Go knows more notations than JSON
		if (c < '0' || c > '9') && c != '-' && (i == 0 || c != '.' && c != 'e' && c != 'E' && c != '+') {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(string(v), 64)
	return f, err == nil
}

func boolean(v []byte) (bool, bool) {
	yes := string(v) == "true"
	return yes, yes || string(v) == "false"
}

func timestamp(v []byte) (stix.Timestamp, bool) {
	s, ok := text[string](v)
	if !ok {
		return stix.Timestamp{}, false
	}
	t, err := stix.ParseTimestamp(s)
	return t, err == nil
}

func binary(v []byte) ([]byte, bool) {
	s, ok := text[string](v)
	b, err := base64.StdEncoding.DecodeString(s)
	return b, ok && err == nil
}

func hexadecimal(v []byte) ([]byte, bool) {
	s, ok := text[string](v)
	b, err := hex.DecodeString(s)
	return b, ok && err == nil
}

func anything(v []byte) (jsontext.Value, bool) { return v, len(v) > 0 }

// one is the value, or its zero value.
func one[T any](v []byte, dec decoder[T]) T {
	t, ok := dec(v)
	if !ok {
		var zero T
		return zero
	}
	return t
}

// has reports whether a value is there and of its kind.
func has[T any](v []byte, dec decoder[T]) bool {
	_, ok := dec(v)
	return ok
}

// list is the elements of a list without those of another kind.
func list[T any](v []byte, dec decoder[T]) []T {
	var all []T
	for e := range cursor.Elements(v) {
		if t, ok := dec(e); ok {
			all = append(all, t)
		}
	}
	return all
}

func listOf[T any](dec decoder[T]) decoder[[]T] {
	return func(v []byte) ([]T, bool) { return list(v, dec), len(v) > 0 && v[0] == '[' }
}

// sequence ranges over the elements of a list without those of another kind.
func sequence[T any](v []byte, dec decoder[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for e := range cursor.Elements(v) {
			if t, ok := dec(e); ok && !yield(t) {
				return
			}
		}
	}
}

func sequenceOf[T any](dec decoder[T]) decoder[iter.Seq[T]] {
	return func(v []byte) (iter.Seq[T], bool) { return sequence(v, dec), len(v) > 0 && v[0] == '[' }
}

// entries ranges over the members of an object without those of another kind.
func entries[K ~string, T any](v []byte, dec decoder[T]) iter.Seq2[K, T] {
	return func(yield func(K, T) bool) {
		for name, m := range cursor.Members(v) {
			if t, ok := dec(m); ok && !yield(K(name), t) {
				return
			}
		}
	}
}

func entriesOf[K ~string, T any](dec decoder[T]) decoder[iter.Seq2[K, T]] {
	return func(v []byte) (iter.Seq2[K, T], bool) { return entries[K](v, dec), len(v) > 0 && v[0] == '{' }
}
