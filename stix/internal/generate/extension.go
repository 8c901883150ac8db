package generate

import (
	"slices"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// What extension_type may say (STIX 2.1 section 7.3).
const (
	propertyExtension = "property-extension"
	topLevelExtension = "toplevel-property-extension"
)

var newObject = map[spec.Class]string{spec.Domain: "new-sdo", spec.Observable: "new-sco", spec.Relationship: "new-sro"}

// suitable are the extensions that an object of s may carry. TLP 2.0 is not among them: only the published markings have it.
func (g *Generator) suitable(s *spec.Struct) []*spec.Extension {
	if list, ok := g.suited[s]; ok {
		return list
	}
	var list []*spec.Extension
	for _, e := range g.extensions {
		fits := e.Extends == nil || slices.Contains(e.Extends, s.Name)
		if fits && e.ID != s.Definition && e.ID != tlp2Extension && (e.Types == nil || extensionType(e, s) != "") {
			list = append(list, e)
		}
	}
	g.suited[s] = list
	return list
}

// extensionType is what an extension says of itself in an object of s, "" if it does not go there.
func extensionType(e *spec.Extension, s *spec.Struct) string {
	if s.Definition == e.ID {
		if t := newObject[s.Class]; slices.Contains(e.Types, t) {
			return t
		}
	}
	if len(e.Top) > 0 && slices.Contains(e.Types, topLevelExtension) {
		return topLevelExtension
	}
	if slices.Contains(e.Types, propertyExtension) {
		return propertyExtension
	}
	return ""
}

// extend makes the extensions property, at position i, and what the extensions add to the object.
func (f *frame) extend(i int) {
	o := &object{}
	asked := f.ask.at == f.s.Properties[i].Name && f.ask.key != ""
	if e := f.g.table.Extension(f.s.Definition); e != nil && (!asked || f.ask.key != e.ID) {
		o.add(e.ID, f.extension(e, nil))
	}
	if asked {
		e := f.g.table.Extension(f.ask.key)
		o.set(e.ID, f.extension(e, f.ask.inner))
	}
	list := f.g.suitable(f.s)
	if !asked && len(list) > 0 && (len(o.members) == 0 || f.g.chance(0.3)) {
		for range 1 + f.g.n(2) {
			if e := pick(f.g, list); !o.has(e.ID) {
				o.add(e.ID, f.extension(e, nil))
			}
		}
	}
	if len(o.members) > 0 {
		f.values[i] = o
	}
}

// extension makes one entry of extensions, and the properties that it puts beside those of the type.
func (f *frame) extension(e *spec.Extension, a *ask) *object {
	o := f.g.member(e, f.s, a, f.depth)
	for i := range e.Top {
		p := &e.Top[i]
		if p.Required || slices.Contains(f.ask.have, p.Name) || !p.Deprecated && f.g.chance(f.g.Options.Fill) {
			f.extra = append(f.extra, member{p.Name, f.g.value(p, f.ask.of(p.Name), f.depth)})
		}
	}
	return o
}

// member is the entry of e in the extensions of an object of s.
func (g *Generator) member(e *spec.Extension, s *spec.Struct, a *ask, depth int) *object {
	o := &object{}
	if e.Members != nil {
		o = g.build(e.Members, a, depth+1)
	}
	if e.Types != nil {
		said := extensionType(e, s)
		if said == "" {
			said = e.Types[0]
		}
		o.set("extension_type", said)
	}
	if e.Opaque {
		for range 1 + g.n(3) {
			o.set(g.key(), g.any(depth+1))
		}
	}
	return o
}
