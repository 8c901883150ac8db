package stix

import (
	"bytes"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/stix/internal/cursor"
	"github.com/wagasa/wagasa/stix/internal/spec"
)

// extensionTypes is a set of extension-type-enum.
type extensionTypes uint8

const (
	newSDO extensionTypes = 1 << iota
	newSCO
	newSRO
	propertyExtension
	topLevelExtension
)

func extensionType(b []byte) extensionTypes {
	switch string(b) {
	case "new-sdo":
		return newSDO
	case "new-sco":
		return newSCO
	case "new-sro":
		return newSRO
	case "property-extension":
		return propertyExtension
	case "toplevel-property-extension":
		return topLevelExtension
	}
	return 0
}

// extension judges one entry of extensions (section 7.3).
func (v *Validator) extension(_ *spec.Struct, _ *spec.Property, key []byte) {
	e := v.table.ExtensionBytes(key)
	defined := bytes.HasPrefix(key, []byte("extension-definition--"))
	switch {
	case e != nil:
	case defined && rfcUUID(key[len("extension-definition--"):]):
	case !defined && bytes.HasSuffix(key, []byte("-ext")) && validType(string(key)):
	default:
		v.report(spec.CodeExtensionKey, key, "")
		v.c.Skip()
		return
	}
	if v.c.Peek() != '{' {
		v.wrongKind("an object")
		return
	}
	if e == nil {
		v.report(spec.CodeUnknownExtension, key, "")
	} else if v.object.extensions = append(v.object.extensions, e); e.Extends != nil && !slices.Contains(e.Extends, string(v.object.typ)) {
		v.report(spec.CodeExtensionTarget, key, strings.Join(e.Extends, ", "))
	}
	inner := v.c
	if defined {
		v.extensionType(inner, e)
	}
	if inner.At++; inner.Peek() == '}' {
		v.report(spec.CodeEmpty, nil, "")
	}
	if e == nil || e.Opaque || e.Members == nil {
		v.c.Skip()
		return
	}
	if defined {
		v.extended = e.Members
	}
	v.members(e.Members)
	v.extended = nil
}

var extensionTypeNames = []string{"new-sdo", "new-sco", "new-sro", "property-extension", "toplevel-property-extension"}

// extensionType judges extension_type, of the object where c stands.
func (v *Validator) extensionType(c cursor.Cursor, e *spec.Extension) {
	said := v.textOf(&c, "extension_type")
	if said == nil {
		if !c.Broken {
			v.report(spec.CodeRequired, nil, "extension_type")
		}
		return
	}
	v.object.types |= extensionType(said)
	allowed := extensionTypeNames
	if e != nil {
		allowed = e.Types
	}
	if !slices.Contains(allowed, string(said)) {
		v.path = append(v.path, step{name: []byte("extension_type")})
		v.report(spec.CodeExtensionType, said, strings.Join(allowed, ", "))
		v.path = v.path[:len(v.path)-1]
	}
}

// textOf is the string that a member of the object before c is, nil if there is none. It is good until the next call.
func (v *Validator) textOf(c *cursor.Cursor, name string) []byte {
	if !c.Find(name, &v.buf) || c.Peek() != '"' {
		return nil
	}
	content, escaped := c.Text()
	return cursor.Decode(content, escaped, &v.buf)
}

// customMembers judges what the object's type does not have, now that its extensions are known.
func (v *Validator) customMembers(seen []cursor.Span) {
	if v.object.kind.Class == spec.Custom {
		v.customType(seen)
	}
	if d := v.object.kind.Definition; d != "" {
		v.needsDefinition(d)
	}
	v.top = v.top[:0]
	for i := v.object.custom; i < len(v.custom); i++ {
		m := v.custom[i]
		v.path = append(v.path, m.step)
		name := cursor.Decode(m.name, m.escaped, &v.buf)
		if p := v.topProperty(name); p != nil {
			v.c.At = m.From
			v.property(v.object.kind, p)
		} else {
			v.customMember(name)
		}
		v.path = v.path[:len(v.path)-1]
	}
	v.missingTop()
}

func (v *Validator) customMember(name []byte) {
	switch {
	case v.older && v.object.kind.Class == spec.Container && string(name) == "spec_version": // bundles of STIX 2.0 have one
	case slices.Contains(spec.ReservedProperties, string(name)):
		v.report(spec.CodeReserved, name, "")
	case !isPropertyName(name):
		v.report(spec.CodeName, name, "")
	case v.object.kind.Class != spec.Custom && spec.UnknownDomain.Find(name) >= 0:
		v.report(spec.CodeNotAllowed, v.object.typ, string(name))
	case v.object.kind.Class == spec.Custom, v.object.types&topLevelExtension != 0:
	default:
		v.report(spec.CodeCustomProperty, name, "")
	}
}

// topProperty finds a top-level property among the extensions that the object carries, and notes that it is there.
func (v *Validator) topProperty(name []byte) *spec.Property {
	n := 0
	for _, e := range v.object.extensions {
		for i := range e.Top {
			if e.Top[i].Name == string(name) {
				for len(v.top) <= n+i {
					v.top = append(v.top, false)
				}
				v.top[n+i] = true
				return &e.Top[i]
			}
		}
		n += len(e.Top)
	}
	return nil
}

func (v *Validator) missingTop() {
	n := 0
	for _, e := range v.object.extensions {
		for i := range e.Top {
			if e.Top[i].Required && (n >= len(v.top) || !v.top[n]) {
				v.report(spec.CodeRequired, nil, e.Top[i].Name)
			}
			n++
		}
	}
}

// customType judges an object of a type that is not known by what its extensions say of it.
func (v *Validator) customType(seen []cursor.Span) {
	types := v.object.types & (newSDO | newSCO | newSRO)
	if types == 0 {
		v.path = append(v.path, step{name: []byte("type")})
		if slices.Contains(spec.ReservedTypes, string(v.object.typ)) {
			v.report(spec.CodeReserved, v.object.typ, "")
		} else if validType(string(v.object.typ)) {
			v.report(spec.CodeCustomType, v.object.typ, "")
		} else {
			v.report(spec.CodeTypeName, v.object.typ, "")
		}
		v.path = v.path[:len(v.path)-1]
		return
	}
	if types&newSCO != 0 {
		return
	}
	for _, name := range [...]string{"spec_version", "created", "modified"} {
		if seen[spec.UnknownDomain.Find([]byte(name))].Absent() {
			v.report(spec.CodeRequired, nil, name)
		}
	}
}

// needsDefinition holds an object whose type an extension-definition makes to naming it.
func (v *Validator) needsDefinition(id string) {
	for _, e := range v.object.extensions {
		if e.ID == id {
			return
		}
	}
	v.report(spec.CodeRequired, nil, "extensions."+id)
}
