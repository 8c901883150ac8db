package stix

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// MaxNames is how many cyber-observables one object may name.
const MaxNames = 10_000

// Observables returns the ids of cyber-observables that stand anywhere in the object, its own id left out; sorted,
// distinct and in lower case. The id of an observable is made from its content (STIX 2.1 section 2.9) and can be guessed
// back, so that naming one tells something about it, in a text no less than in a reference.
//
// It rather finds too much than too little: whatever surrounds it, an id is text that ends in the type's name, two
// hyphens and a UUID, all of it in any case and however it is escaped in the JSON.
//
// More than [MaxNames] are an [*ObjectError] that wraps [ErrTooMany].
func (o *Object) Observables() ([]string, error) {
	text := o.Raw
	if bytes.IndexByte(text, '\\') >= 0 {
		text = unescape(text)
	}
	own := strings.ToLower(o.ID)
	var ids map[string]struct{}
	for id := range observables(text) {
		if _, ok := ids[string(id)]; ok || string(id) == own {
			continue
		}
		if len(ids) == MaxNames {
			err := fmt.Errorf("%w: it names more than %d cyber-observables", ErrTooMany, MaxNames)
			return nil, &ObjectError{Index: -1, ID: o.ID, Type: o.Type, Err: err}
		}
		if ids == nil {
			ids = map[string]struct{}{}
		}
		ids[string(id)] = struct{}{}
	}
	return slices.Sorted(maps.Keys(ids)), nil
}

// observables ranges over the ids in a text, in lower case. The bytes are good until the next.
func observables(text []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		var buf [longestObservable + 2 + uuidLen]byte
		for at := 0; ; at++ {
			i := bytes.Index(text[at:], []byte("--"))
			if i < 0 {
				return
			}
			at += i
			end := at + 2 + uuidLen
			if end > len(text) {
				return
			}
			if !validUUID(text[at+2 : end]) {
				continue
			}
			id := append(buf[:0], text[max(0, at-longestObservable):end]...)
			for j, c := range id {
				if 'A' <= c && c <= 'Z' {
					id[j] = c + 'a' - 'A'
				}
			}
			before := id[:len(id)-2-uuidLen]
			for _, name := range observableNames {
				if n := len(before) - len(name); n >= 0 && string(before[n:]) == name && !yield(id[n:]) {
					return
				}
			}
		}
	}
}

// observableNames are the 18 types, longestObservable the bytes of the longest.
var observableNames = func() (names []string) {
	for _, t := range spec.Standard.Objects() {
		if t.Class == spec.Observable && t.Definition == "" {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	return names
}()

const longestObservable = len("windows-registry-key")

// unescape undoes the escapes in valid JSON, outside of strings there are none. What is neither a letter nor a digit nor
// a hyphen may become a blank, for no id is made of it; the quotation marks around strings stay and keep them apart.
func unescape(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 || i+1 == len(raw) {
			return append(out, raw...)
		}
		out = append(out, raw[:i]...)
		c, n := byte(' '), 2
		if raw[i+1] == 'u' && i+6 <= len(raw) {
			if u, err := strconv.ParseUint(string(raw[i+2:i+6]), 16, 16); err == nil {
				n = 6
				if u < utf8.RuneSelf {
					c = byte(u)
				}
			}
		}
		out = append(out, c)
		raw = raw[i+n:]
	}
}
