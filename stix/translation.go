package stix

import (
	"bytes"
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// ValidateTranslation judges a language-content against the object that it translates (STIX 2.1 section 7.1): each translated property
// must be there and have the shape of its translation, lists of one length. The pointers are those of content, the findings
// belong to the caller. What [Validator.Validate] says of content alone is not repeated.
//
// A content that speaks of another object, or of another version of this one, has a single finding that says so.
func ValidateTranslation(content, target *Object) []Finding {
	t := &translation{}
	var contents, ref, modified jsontext.Value
	for name, v := range each(content.Raw) {
		switch name {
		case "contents":
			contents = v
		case "object_ref":
			ref = v
		case "object_modified":
			modified = v
		}
	}
	if id, _ := text(ref); id != target.ID {
		return t.found("/object_ref", target.ID, "it speaks of another object")
	}
	if at, ok := text(modified); ok {
		if m, err := ParseTimestamp(at); err != nil || m.Compare(target.Modified) != 0 {
			return t.found("/object_modified", at, "this version was modified "+target.Modified.String())
		}
	}
	t.read = map[*byte]original{}
	t.at = append(t.at, "/contents"...)
	for lang, properties := range each(contents) {
		t.under(lang, func() { t.object(properties, target.Raw) })
	}
	return t.findings
}

// translation is the work on one. What the object has at a place is read once, in however many languages it is translated.
type translation struct {
	at       []byte // the pointer to where it is
	read     map[*byte]original
	findings []Finding
}

// original is an object or a list within what is translated.
type original struct {
	members  map[string]jsontext.Value
	elements []jsontext.Value
}

// original reads an object or a list; where it begins tells which it is.
func (t *translation) original(v jsontext.Value) original {
	if len(v) == 0 {
		return original{}
	}
	o, ok := t.read[&v[0]]
	if !ok {
		if v[0] == '{' {
			o.members = maps.Collect(each(v))
		} else {
			o.elements = slices.Collect(elements(v))
		}
		t.read[&v[0]] = o
	}
	return o
}

// under goes on with a member or an element of where it is.
func (t *translation) under(name string, do func()) {
	n := len(t.at)
	t.at = appendToken(append(t.at, '/'), []byte(name))
	do()
	t.at = t.at[:n]
}

func (t *translation) found(at, what, why string) []Finding {
	if len(t.findings) < MaxFindings {
		t.findings = append(t.findings, Finding{
			Code: spec.CodeTranslation, Level: Must, Pointer: at, Value: printable(what), Want: why,
		})
	}
	return t.findings
}

// here reports at the place where it is, or what is nearest to it on the way up and has a pointer that is not too long.
func (t *translation) here(level Level, name, why string) {
	if len(t.findings) == MaxFindings {
		return
	}
	at := t.at
	if len(at) > maxPointer {
		at = at[:bytes.LastIndexByte(at[:maxPointer], '/')]
	}
	found := t.found(string(at), name, why)
	found[len(found)-1].Level = level
}

// object holds the members of a translation against those of the original. What the object does not have, and what is no text, section
// 7.1 lets stand and tells readers to ignore.
func (t *translation) object(v, theirs jsontext.Value) {
	members := t.original(theirs).members
	for name, inner := range each(v) {
		t.under(name, func() {
			if o, ok := members[name]; ok {
				t.shape(name, inner, o)
			} else {
				t.here(Should, name, "the object has no such property")
			}
		})
	}
}

func (t *translation) shape(name string, v, theirs jsontext.Value) {
	switch {
	case theirs.Kind() != '"' && theirs.Kind() != '{' && theirs.Kind() != '[':
		t.here(Should, name, "only text can be translated")
	case v.Kind() != theirs.Kind():
		t.here(Must, name, "the object has "+kindName(theirs.Kind())+" there")
	case v.Kind() == '{':
		t.object(v, theirs)
	case v.Kind() == '[':
		t.list(name, v, theirs)
	}
}

func (t *translation) list(name string, v, list jsontext.Value) {
	ours, theirs := slices.Collect(elements(v)), t.original(list).elements
	if len(ours) != len(theirs) {
		t.here(Must, name, "the object's list has "+strconv.Itoa(len(theirs))+" elements")
		return
	}
	for i := range ours {
		if string(ours[i]) != `""` { // otherwise it was not translated
			t.under(strconv.Itoa(i), func() { t.shape(name, ours[i], theirs[i]) })
		}
	}
}
