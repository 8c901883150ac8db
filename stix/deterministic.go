package stix

import (
	"crypto/sha1" //nolint:gosec // version 5 UUIDs are made of it
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix/internal/cursor"
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
	var d idMaker
	uuid, err := d.uuid(raw, t)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %w", t.Name, syntaxError(err))
	case uuid == nil:
		return "", fmt.Errorf("%w: this %s has no property that contributes to one", ErrNoDeterministicID, t.Name)
	}
	return t.Name + "--" + string(uuid), nil
}

// idMaker makes deterministic ids and keeps its memory.
type idMaker struct {
	name   jsontext.Value // the properties that contribute
	hashed []byte         // namespace and name
	text   [uuidLen]byte
	buf    []byte
}

// uuid is that of the id, nil if no property contributes to it. It is good until the next call.
func (d *idMaker) uuid(raw []byte, t *spec.Struct) ([]byte, error) {
	d.name = d.name[:0]
	c := cursor.Cursor{Raw: raw}
	c.Take('{')
	for first := true; ; first = false {
		name, escaped, more := c.Member(first)
		if !more {
			break
		}
		at := c.Value()
		i := t.Find(cursor.Decode(name, escaped, &d.buf))
		if i < 0 || !t.Properties[i].Contributing {
			continue
		}
		if t.Properties[i].Kind == spec.Hashes {
			d.hash(raw, at)
		} else {
			d.add(t.Properties[i].Name, at.Of(raw))
		}
	}
	if len(d.name) == 0 {
		return nil, nil
	}
	d.name[0] = '{'
	d.name = append(d.name, '}')
	if err := d.name.Canonicalize(); err != nil {
		return nil, err
	}
	d.hashed = append(append(d.hashed[:0], scoNamespace[:]...), d.name...)
	return d.format(), nil
}

func (d *idMaker) add(name string, value []byte) {
	d.name = append(append(append(d.name, `,"`...), name...), `":`...)
	d.name = append(d.name, value...)
}

// hash adds the one hash that counts.
func (d *idMaker) hash(raw []byte, at cursor.Span) {
	c := cursor.Cursor{Raw: raw[:at.To], At: at.From}
	if c.Peek() != '{' {
		return
	}
	c.At++
	var best string
	var name, value []byte
	for first := true; ; first = false {
		n, escaped, more := c.Member(first)
		if !more {
			break
		}
		v := c.Value()
		if decoded := cursor.Decode(n, escaped, &d.buf); value == nil || preferred(string(decoded), best) {
			best, name, value = string(decoded), n, v.Of(raw)
		}
	}
	if value == nil {
		return
	}
	d.name = append(append(append(d.name, `,"hashes":{"`...), name...), `":`...)
	d.name = append(append(d.name, value...), '}')
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

// uuid5 is a version 5 UUID of a name.
func uuid5(namespace [16]byte, name []byte) string {
	d := idMaker{hashed: append(namespace[:], name...)}
	return string(d.format())
}

// format makes a version 5 UUID of what is hashed (RFC 9562 section 5.5).
func (d *idMaker) format() []byte {
	u := sha1.Sum(d.hashed) //nolint:gosec // version 5 UUIDs are made of it
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	at := 0
	for i, b := range u[:16] {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			d.text[at] = '-'
			at++
		}
		hex.Encode(d.text[at:], []byte{b})
		at += 2
	}
	return d.text[:]
}
