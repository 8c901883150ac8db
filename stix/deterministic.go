package stix

import (
	"crypto/sha1" //nolint:gosec // version 5 UUIDs are made of it
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// scoNamespace is 00abedb4-aa42-466c-9c01-fed23315a9b7.
var scoNamespace = [16]byte{
	0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7,
}

// DeterministicID is the id that a cyber-observable should have (STIX 2.1 section 2.9): a version 5 UUID of the
// canonical form (RFC 8785) of those properties that contribute to it. Of several hashes one counts: MD5, SHA-1,
// SHA-256, SHA-512, otherwise the first by name. raw needs a type but no id.
//
// The error wraps [ErrNoDeterministicID] for a type that is no cyber-observable of STIX 2.1, for a process, and when none of the
// properties is present: such objects get a random (version 4) UUID.
func DeterministicID(raw []byte) (string, error) {
	if err := framed(raw); err != nil {
		return "", &ObjectError{Index: -1, Err: err}
	}
	if !jsontext.Value(raw).IsValid() {
		v := jsontext.Value(slices.Clone(raw))
		return "", &ObjectError{Index: -1, Err: syntaxError(v.Canonicalize())}
	}
	var typ string
	for name, v := range each(raw) {
		if name == "type" {
			typ, _ = text(v)
		}
	}
	t, ok := spec.Standard.Lookup(typ)
	if !ok || t.Class != spec.Observable {
		return "", fmt.Errorf("%w: %s is no cyber-observable of STIX 2.1", ErrNoDeterministicID, printable(typ))
	}
	return deterministicID(raw, t)
}

// deterministicID is the id of a cyber-observable, which is valid JSON.
func deterministicID(raw []byte, t *spec.Struct) (string, error) {
	name := contributing(raw, t)
	if name == nil {
		return "", fmt.Errorf("%w: this %s has no property that contributes to one", ErrNoDeterministicID, t.Name)
	}
	if err := name.Canonicalize(); err != nil {
		return "", fmt.Errorf("%s: %w", t.Name, syntaxError(err))
	}
	return t.Name + "--" + uuid5(scoNamespace, name), nil
}

// contributing is an object of the properties that contribute to the id, nil if there are none.
func contributing(raw []byte, t *spec.Struct) jsontext.Value {
	var b jsontext.Value
	for name, v := range each(raw) {
		if p := t.Property(name); p == nil || !p.Contributing {
			continue
		}
		if name == "hashes" {
			if v = oneHash(v); v == nil {
				continue
			}
		}
		b = append(b, ',')
		b, _ = jsontext.AppendQuote(b, name)
		b = append(append(b, ':'), v...)
	}
	if b == nil {
		return nil
	}
	b[0] = '{'
	return append(b, '}')
}

// oneHash reduces hashes to the one that counts.
func oneHash(hashes jsontext.Value) jsontext.Value {
	var name string
	var value jsontext.Value
	for n, v := range each(hashes) {
		if value == nil || preferred(n, name) {
			name, value = n, v.Clone()
		}
	}
	if value == nil {
		return nil
	}
	b, _ := jsontext.AppendQuote(jsontext.Value("{"), name)
	return append(append(append(b, ':'), value...), '}')
}

func preferred(a, b string) bool {
	i, j := rank(a), rank(b)
	return i < j || i == j && a < b
}

func rank(hash string) int {
	if i := slices.Index(spec.HashPreference[:], hash); i >= 0 {
		return i
	}
	return len(spec.HashPreference)
}

func uuid5(namespace [16]byte, name []byte) string {
	h := sha1.New() //nolint:gosec // as above
	h.Write(namespace[:])
	h.Write(name)
	u := h.Sum(nil)[:16]
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	s := hex.EncodeToString(u)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
