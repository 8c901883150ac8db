package typed

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix"
)

var (
	errNothing = errors.New("an element is empty")
	errNumber  = errors.New("JSON has no such number")
	errNil     = errors.New("a part is nil")
)

// An encoder appends a value as JSON. It appends nothing for a value that says that there is none: an empty list, an empty map, the
// zero timestamp.
type encoder[T any] func(dst []byte, v T) ([]byte, error)

func appendText[S ~string](dst []byte, v S) ([]byte, error) { return jsontext.AppendQuote(dst, v) }

func appendInteger(dst []byte, v int64) ([]byte, error) { return strconv.AppendInt(dst, v, 10), nil }

func appendBoolean(dst []byte, v bool) ([]byte, error) { return strconv.AppendBool(dst, v), nil }

func appendFloat(dst []byte, v float64) ([]byte, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return dst, errNumber
	}
	form := byte('f')
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
		form = 'e'
	}
	return strconv.AppendFloat(dst, v, form, -1, 64), nil
}

func appendTimestamp(dst []byte, v stix.Timestamp) ([]byte, error) {
	if v.IsZero() {
		return dst, nil
	}
	return appendText(dst, v.String())
}

// appendMillis is appendTimestamp with at least three digits of a second (STIX 2.1 section 3.2).
func appendMillis(dst []byte, v stix.Timestamp) ([]byte, error) {
	if v.IsZero() {
		return dst, nil
	}
	s := strings.TrimSuffix(v.String(), "Z")
	if !strings.Contains(s, ".") {
		s += "."
	}
	for len(s) < len("2006-01-02T15:04:05.000") {
		s += "0"
	}
	return appendText(dst, s+"Z")
}

func appendBinary(dst, v []byte) ([]byte, error) {
	return appendText(dst, base64.StdEncoding.EncodeToString(v))
}

func appendHexadecimal(dst, v []byte) ([]byte, error) {
	return appendText(dst, hex.EncodeToString(v))
}

// marshalers write what has a form of its own in STIX.
var marshalers = json.JoinMarshalers(
	json.MarshalToFunc(func(e *jsontext.Encoder, t stix.Timestamp) error { return e.WriteToken(jsontext.String(t.String())) }),
	json.MarshalToFunc(func(e *jsontext.Encoder, p partBuilder) error {
		raw, err := appendPart(nil, p)
		if err != nil {
			return err
		}
		return e.WriteValue(raw)
	}),
)

func appendAnything(dst []byte, v any) ([]byte, error) {
	raw, err := json.Marshal(v, json.Deterministic(true), json.WithMarshalers(marshalers))
	return append(dst, raw...), err
}

func appendList[T any](enc encoder[T]) encoder[[]T] {
	return func(dst []byte, list []T) ([]byte, error) {
		if len(list) == 0 {
			return dst, nil
		}
		open := byte('[')
		for _, v := range list {
			dst = append(dst, open)
			n := len(dst)
			var err error
			if dst, err = enc(dst, v); err != nil {
				return dst, err
			}
			if len(dst) == n {
				return dst, errNothing
			}
			open = ','
		}
		return append(dst, ']'), nil
	}
}

// appendEntries writes a map in the order of its keys.
func appendEntries[K ~string, T any](enc encoder[T]) encoder[map[K]T] {
	return func(dst []byte, m map[K]T) ([]byte, error) {
		if len(m) == 0 {
			return dst, nil
		}
		open := byte('{')
		for _, key := range slices.Sorted(maps.Keys(m)) {
			var err error
			if dst, err = appendText(append(dst, open), key); err != nil {
				return dst, err
			}
			dst = append(dst, ':')
			n := len(dst)
			if dst, err = enc(dst, m[key]); err != nil {
				return dst, err
			}
			if len(dst) == n {
				return dst, errNothing
			}
			open = ','
		}
		return append(dst, '}'), nil
	}
}

// partBuilder is any of the builders of parts.
type partBuilder interface{ part() *builder }

func appendPart[P partBuilder](dst []byte, p P) ([]byte, error) {
	var null P
	if any(p) == any(null) {
		return dst, errNil
	}
	b := p.part()
	return b.append(dst, b.at), b.err
}

// appendObject writes an object of a bundle as it is.
func appendObject(dst []byte, o stix.Object) ([]byte, error) { return append(dst, o.Raw...), nil }
