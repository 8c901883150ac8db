package stix

import (
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
	original := maps.Collect(each(target.Raw))
	for lang, properties := range each(contents) {
		t.object("/contents/"+escaped(lang), properties, original)
	}
	return t.findings
}

type translation struct{ findings []Finding }

func (t *translation) found(at, what, why string) []Finding {
	if len(t.findings) < MaxFindings {
		t.findings = append(t.findings, Finding{
			Code: spec.CodeTranslation, Level: Must, Pointer: at, Value: printable(what), Want: why,
		})
	}
	return t.findings
}

// ignored is for what section 7.1 lets stand and tells readers to ignore.
func (t *translation) ignored(at, what, why string) {
	if n := len(t.findings); n < MaxFindings {
		t.found(at, what, why)
		t.findings[n].Level = Should
	}
}

// object holds the members of a translation against those of the original.
func (t *translation) object(at string, v jsontext.Value, original map[string]jsontext.Value) {
	for name, inner := range each(v) {
		if o, ok := original[name]; ok {
			t.shape(at+"/"+escaped(name), name, inner, o)
		} else {
			t.ignored(at+"/"+escaped(name), name, "the object has no such property")
		}
	}
}

func (t *translation) shape(at, name string, v, original jsontext.Value) {
	switch {
	case len(t.findings) == MaxFindings:
	case original.Kind() != '"' && original.Kind() != '{' && original.Kind() != '[':
		t.ignored(at, name, "only text can be translated")
	case v.Kind() != original.Kind():
		t.found(at, name, "the object has "+kindName(original.Kind())+" there")
	case v.Kind() == '{':
		t.object(at, v, maps.Collect(each(original)))
	case v.Kind() == '[':
		t.list(at, name, v, original)
	}
}

func (t *translation) list(at, name string, v, original jsontext.Value) {
	ours, theirs := slices.Collect(elements(v)), slices.Collect(elements(original))
	if len(ours) != len(theirs) {
		t.found(at, name, "the object's list has "+strconv.Itoa(len(theirs))+" elements")
		return
	}
	for i := range ours {
		if string(ours[i]) == `""` {
			continue // it was not translated
		}
		t.shape(at+"/"+strconv.Itoa(i), name, ours[i], theirs[i])
	}
}
