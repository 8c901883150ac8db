package stix

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// Observables returns the ids of cyber-observables that stand anywhere in the object as a whole string, its own id left out; sorted
// and distinct. The id of an observable is made from its content (STIX 2.1 section 2.9) and can be guessed back, so that naming one
// tells something about it.
func (o *Object) Observables() []string {
	var ids []string
	add := func(s []byte) {
		if isObservableID(s) && string(s) != o.ID {
			ids = append(ids, string(s))
		}
	}
	if bytes.Contains(o.Raw, []byte(`\u`)) { // an id may be spelled with escapes
		eachString(o.Raw, add)
	} else {
		eachQuoted(o.Raw, add)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// isObservableID: the type of an SCO, two hyphens, a UUID.
func isObservableID(s []byte) bool {
	name, uuid, ok := bytes.Cut(s, []byte("--"))
	if !ok || len(uuid) != uuidLen {
		return false
	}
	t, _ := spec.LookupBytes(name)
	return t.Class == spec.Observable && ValidID(string(s))
}

// eachQuoted calls f for what may be an id: two hyphens, and around them what reaches from a quotation mark to the next.
func eachQuoted(raw []byte, f func([]byte)) {
	for from := 0; ; {
		i := bytes.Index(raw[from:], []byte("--"))
		if i < 0 {
			return
		}
		i += from
		from = i + 2
		end := from + uuidLen
		if end >= len(raw) || raw[end] != '"' {
			continue
		}
		if start := bytes.LastIndexByte(raw[max(0, i-longestName):i], '"'); start >= 0 {
			f(raw[max(0, i-longestName)+start+1 : end])
		}
	}
}

// longestName is more than the longest name of an SCO with its quotation mark.
const longestName = 32

// eachString calls f for every string, unescaped.
func eachString(raw []byte, f func([]byte)) {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		t, err := d.ReadToken()
		if err != nil {
			return // Raw was parsed before: the end
		}
		if t.Kind() == '"' {
			f([]byte(t.String()))
		}
	}
}
