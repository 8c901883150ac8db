package reference

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// MostReferences bounds the references of one object that are looked at: the first ones count.
const MostReferences = 10_000

// mostDepth bounds how deep references are looked for.
const mostDepth = 32

// Reference is one id that an object names.
type Reference struct {
	ID       string
	Property string // the nearest one that it stands under, such as source_ref
}

// Common says that the reference tells who created the object or what it is marked with, as any object may.
func (r Reference) Common() bool {
	return r.Property == "created_by_ref" || r.Property == "object_marking_refs" || r.Property == "marking_ref"
}

// In finds what an object names, in the order of its bytes, its own id left out: the values that are ids, wherever they stand. Ids within a text
// do not count. Beyond limit the rest is left out and more is true.
func In(raw []byte, limit int) (list []Reference, more bool) {
	f := finder{d: jsontext.NewDecoder(bytes.NewReader(raw)), left: limit}
	f.value("", 0)
	return f.list, f.more
}

type finder struct {
	d    *jsontext.Decoder
	list []Reference
	left int
	more bool
}

// value looks at the value that comes next; it returns false at what cannot be read.
func (f *finder) value(property string, depth int) bool {
	switch kind := f.d.PeekKind(); kind {
	case '{', '[':
		if depth >= mostDepth {
			return f.d.SkipValue() == nil
		}
		return f.inside(kind == '{', property, depth)
	case '"':
		token, err := f.d.ReadToken()
		if err != nil {
			return false
		}
		if depth == 1 && property == "id" {
			return true
		}
		if text := token.String(); strings.Contains(text, "--") && stix.ValidID(text) {
			if f.left--; f.left < 0 {
				f.more = true
				return false
			}
			f.list = append(f.list, Reference{text, property})
		}
		return true
	default:
		return f.d.SkipValue() == nil
	}
}

func (f *finder) inside(members bool, property string, depth int) bool {
	_, err := f.d.ReadToken()
	for err == nil && f.d.PeekKind() != '}' && f.d.PeekKind() != ']' && f.d.PeekKind() != jsontext.KindInvalid {
		inner := property
		if members {
			var token jsontext.Token
			if token, err = f.d.ReadToken(); err != nil {
				return false
			}
			inner = token.String()
		}
		if !f.value(inner, depth+1) {
			return false
		}
	}
	if err == nil {
		_, err = f.d.ReadToken()
	}
	return err == nil
}

// Group is how many objects of one type refer to an object.
type Group struct {
	Type string
	N    int
	More bool // there are more than N, which is MostCounted then
}

// The bounds of what Groups looks at.
const (
	MostCounted = 200
	MostGroups  = 60
)

// Groups counts what refers to an object, by type. more says that there are more types than were looked at.
func Groups(tx store.Tx, id string) (groups []Group, more bool, err error) {
	for after := ""; ; {
		first, err := tx.Records().Find(kindReference, id, after, 1)
		if err != nil || len(first) == 0 {
			return groups, false, wrap(err)
		}
		if len(groups) == MostGroups {
			return groups, true, nil
		}
		typ, _, _ := strings.Cut(first[0].Key, " ")
		found, next, err := From(tx, id, typ, "", MostCounted)
		if err != nil {
			return nil, false, err
		}
		groups = append(groups, Group{typ, len(found), next != ""})
		after = typ + "!" // behind all keys of the type
	}
}

// From returns up to limit ids of objects of a type that refer to an object, the newest first. after is the next of the page before, "" at first;
// next is "" on the last page. One that is not of this type is taken for "".
func From(tx store.Tx, id, typ, after string, limit int) (ids []string, next string, err error) {
	start := typ + " "
	if strings.HasPrefix(after, start) {
		start = after
	}
	found, err := tx.Records().Find(kindReference, id, start, limit+1)
	if err != nil {
		return nil, "", wrap(err)
	}
	for i, r := range found {
		parts := strings.Split(r.Key, " ")
		if parts[0] != typ || len(parts) != 4 {
			break
		}
		if i == limit {
			return ids, found[i-1].Key, nil
		}
		ids = append(ids, parts[2])
	}
	return ids, "", nil
}

// Behind tells how many entries of the feed the index has not looked at yet, counted up to limit.
func Behind(tx store.Tx, limit int) (int, error) {
	cursor, err := tx.Feed().Cursor(consumer)
	if err != nil {
		return 0, wrap(err)
	}
	entries, err := tx.Feed().After(cursor, limit)
	return len(entries), wrap(err)
}
