package stix

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// renaming is a property of a cyber-observable of STIX 2.0 that STIX 2.1 calls otherwise. Without to it is gone.
type renaming struct{ from, to string }

// observableNames20 are those of each type, extensionNames20 those of its extensions.
var (
	observableNames20 = map[string][]renaming{
		"directory":            {{"created", "ctime"}, {"modified", "mtime"}, {"accessed", "atime"}},
		"file":                 {{"created", "ctime"}, {"modified", "mtime"}, {"accessed", "atime"}, {"is_encrypted", ""}, {"encryption_algorithm", ""}, {"decryption_key", ""}},
		"process":              {{"created", "created_time"}, {"binary_ref", "image_ref"}, {"name", ""}, {"arguments", ""}},
		"user-account":         {{"password_last_changed", "credential_last_changed"}},
		"windows-registry-key": {{"modified", "modified_time"}},
	}
	extensionNames20 = map[string][]renaming{
		"archive-ext":      {{"version", ""}},
		"raster-image-ext": {{"image_compression_algorithm", ""}},
		"socket-ext":       {{"protocol_family", ""}},
	}
)

// dictionaries have keys of their own, which are no names of properties, whatever they end in.
var dictionaries = map[string]bool{
	"additional_header_fields": true, "document_info_dict": true, "environment_variables": true, "exif_tags": true, "ipfix": true,
	"options": true, "request_header": true, "startup_info": true,
}

// maxKey is the length of keys in STIX 2.0. What is under a longer one is not taken apart: each change there would repeat the key.
const maxKey = 256

// observable is one of the objects that an observed-data contains.
type observable struct {
	key     string
	pointer string
	source  []byte  // as it came
	normal  []byte  // source in a form that is equal for equal objects, made when it is needed
	pieces  []piece // as far as it is converted, without spec_version and id
	typ     string
	row     *spec.Struct // nil for a custom type
	id      string
	twin    int   // the equal object before it, -1
	needs   []int // the objects that its id rests on
	names   []int // all to which it refers
	marks   []string
	changes []Change
	why     string // it cannot be an object of its own, "" if it can
	crowded bool   // something in it has too many pieces to be looked into
}

func (o *observable) changed(code, at, text string) {
	o.changes = append(o.changes, Change{code, o.pointer + at, text})
}

// prepare does all that needs no other object.
func (o *observable) prepare() (why string) {
	if len(o.key) > maxKey {
		return "its key is too long"
	}
	var ok bool
	if o.pieces, ok = split(o.source); !ok || len(o.pieces) == 0 || o.pieces[0].name == nil {
		return "it is no object with members, or with too many"
	}
	i := find(o.pieces, "type")
	if i < 0 {
		return "it has no type"
	}
	if o.typ, ok = text(o.pieces[i].value); !ok || !validType(o.typ) || o.typ == "bundle" {
		return "its type is none"
	}
	if o.row, ok = spec.Standard.Lookup(o.typ); ok && o.row.Class != spec.Observable {
		return printable(o.typ) + " is no cyber-observable"
	}
	o.pieces = o.renamed(o.pieces, observableNames20[o.typ], "")
	for _, name := range [...]string{"id", "spec_version"} {
		o.pieces = o.renamed(o.pieces, []renaming{{name, ""}}, "")
	}
	o.extensions()
	if o.typ == "email-message" {
		o.lists(o.pieces, "additional_header_fields", "")
	}
	return ""
}

// renamed gives properties the names of STIX 2.1. One whose new name is taken becomes a custom one.
func (o *observable) renamed(list []piece, names []renaming, at string) []piece {
	for _, n := range names {
		i := find(list, n.from)
		if i < 0 {
			continue
		}
		if n.to != "" && find(list, n.to) < 0 {
			list[i].rename(n.to)
			o.changed(ChangeRenamed, at+"/"+n.from, n.from+" is "+n.to)
			continue
		}
		to := freeName(list, customPrefix+n.from)
		list[i].rename(to)
		o.changed(ChangeCustom, at+"/"+n.from, n.from+" is "+to)
	}
	return list
}

func (o *observable) extensions() {
	i := find(o.pieces, "extensions")
	if i < 0 || o.typ != "file" && o.typ != "network-traffic" {
		return
	}
	list, ok := split(o.pieces[i].value)
	if !ok {
		return // the walk through it notices if it has too many pieces
	}
	before := len(o.changes)
	for j := range list {
		name := list[j].key()
		if name != "http-request-ext" && extensionNames20[name] == nil {
			continue
		}
		members, ok := split(list[j].value)
		if !ok || len(members) == 0 || members[0].name == nil {
			continue
		}
		at := "/extensions/" + name
		o.renamed(members, extensionNames20[name], at)
		if name == "http-request-ext" {
			o.lists(members, "request_header", at)
		}
		list[j].value = joined(members, 0)
	}
	if len(o.changes) > before {
		o.pieces[i].value = joined(list, 0)
	}
}

// lists makes lists of the strings in a dictionary.
func (o *observable) lists(members []piece, name, at string) {
	i := find(members, name)
	if i < 0 || members[i].value[0] != '{' {
		return
	}
	list, ok := split(members[i].value)
	if !ok || len(list) == 0 {
		o.crowded = o.crowded || !ok
		return
	}
	for j := range list {
		if v := list[j].value; v[0] == '"' {
			list[j].value = slices.Concat([]byte("["), v, []byte("]"))
			o.changed(ChangeList, at+"/"+name+"/"+escaped(list[j].key()), "the string is a list of one")
		}
	}
	members[i].value = joined(list, 0)
}

// headed reports whether the object has properties that [Parse] looks at and that mean nothing in a cyber-observable of STIX 2.0.
func (o *observable) headed() bool {
	for i := range o.pieces {
		switch o.pieces[i].key() {
		case "created_by_ref", "created", "modified", "revoked", "lang", "labels", "object_marking_refs", "granular_markings":
			return true
		}
	}
	return false
}

// contributes reports whether the id rests on the property.
func (o *observable) contributes(p *piece) bool {
	if o.row == nil {
		return false
	}
	s := o.row.Property(p.key())
	return s != nil && s.Contributing
}

// whole is the object as it is to be. common is its marks as JSON, if many objects have them.
func (o *observable) whole(common []byte) []byte {
	i := find(o.pieces, "type")
	list := insert(slices.Grow(slices.Clone(o.pieces), 3), i, "spec_version", []byte(`"2.1"`))
	list = insert(list, i+1, "id", quoted(o.id))
	if common != nil && find(list, "object_marking_refs") < 0 {
		return joined(insert(list, len(list)-1, "object_marking_refs", common), 0)
	}
	return joined(marked(list, o.marks, len(list)-1), 0)
}

// walk goes through a value for references and hashes.
type walk struct {
	path []string
	// reference is called with each key that a property names, and returns the id to be put there, "" to leave it.
	reference func(key string, path []string) string
	crowded   bool // something in it has too many pieces to be looked into
	// hash is called with each hash that has another name in STIX 2.1.
	hash func(from, to string, path []string)
}

// value returns the value as it has to be, nil if it stays. name is the property that it is the value of.
func (w *walk) value(name string, v []byte) []byte {
	switch {
	case len(v) == 0:
		return nil
	case v[0] == '{' && dictionaries[name]:
		return nil
	case v[0] == '{' && (name == "hashes" || name == "file_header_hashes"):
		to, ok := renamedHashes(v, func(from, to string) { w.hash(from, to, w.path) })
		w.crowded = w.crowded || !ok
		return to
	case v[0] == '{', v[0] == '[':
		return w.parts(name, v)
	case v[0] == '"' && strings.HasSuffix(name, "_ref"):
		return w.refer(v)
	}
	return nil
}

func (w *walk) refer(v []byte) []byte {
	key, ok := text(v)
	if !ok {
		return nil
	}
	if id := w.reference(key, w.path); id != "" {
		return quoted(id)
	}
	return nil
}

func (w *walk) parts(name string, v []byte) []byte {
	list, ok := split(v)
	if !ok {
		w.crowded = true
		return nil
	}
	touched := false
	for i := range list {
		p := &list[i]
		var to []byte
		switch {
		case p.name != nil:
			key := p.key()
			w.path = append(w.path, key)
			to = w.value(key, p.value)
		default:
			w.path = append(w.path, strconv.Itoa(i))
			if p.value[0] == '"' && strings.HasSuffix(name, "_refs") {
				to = w.refer(p.value)
			} else if p.value[0] == '{' || p.value[0] == '[' {
				to = w.value(name, p.value)
			}
		}
		w.path = w.path[:len(w.path)-1]
		if to != nil {
			p.value, touched = to, true
		}
	}
	if !touched {
		return nil
	}
	return joined(list, 0)
}

// at is the pointer of a place, or of what is nearest to it on the way up and has one that is not too long.
func (o *observable) at(path ...string) string {
	var b []byte
	for _, name := range path {
		if len(b)+len(name) >= maxPointer {
			break
		}
		b = append(append(b, '/'), escaped(name)...)
	}
	return string(b)
}

// resolve puts ids into the pieces that need it: those that the id rests on, or the rest.
func (o *observable) resolve(contributing bool, id func(key string) string) {
	w := walk{
		reference: func(key string, path []string) string {
			to := id(key)
			switch {
			case to != "":
				o.changed(ChangeReference, o.at(path...), printable(key)+" is "+to)
			case !ValidID(key):
				o.changed(ChangeDangling, o.at(path...), fmt.Sprintf("nothing is called %s", printable(key)))
			}
			return to
		},
		hash: func(from, to string, path []string) {
			o.changed(ChangeHashName, o.at(append(path, from)...), "the hash "+printable(from)+" is called "+to)
		},
	}
	for i := range o.pieces {
		p := &o.pieces[i]
		if p.done || contributing && !o.contributes(p) {
			continue
		}
		p.done = true
		w.path = append(w.path[:0], p.origin())
		if v := w.value(p.key(), p.value); v != nil {
			p.value = v
		}
	}
}
