package generate

import (
	"slices"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// extensionEdits break the extensions of an object.
func (g *Generator) extensionEdits(s *site) []edit {
	i := slices.IndexFunc(s.s.Properties, func(p spec.Property) bool { return p.Kind == spec.Extensions })
	if i < 0 {
		return nil
	}
	name := s.s.Properties[i].Name
	all := strangers(name)
	for _, e := range g.carried(s.s) {
		all = append(all, g.memberTypeEdits(s, e, name)...)
	}
	for _, e := range g.extensions {
		if e.Extends == nil || slices.Contains(e.Extends, s.s.Name) || e.Opaque || hasCheck(s.s, spec.CheckMarking) {
			continue
		}
		all = append(all, entry(name, "extension-target/"+e.ID, spec.CodeExtensionTarget, nil, e.ID, func(p *place) any {
			for i := range e.Top {
				if e.Top[i].Required {
					p.o.set(e.Top[i].Name, p.fresh(&e.Top[i]))
				}
			}
			return p.g.member(e, s.s, nil, 1)
		}))
	}
	return all
}

// entry is an edit that adds an entry to extensions, under the id of a new definition if key is "".
func entry(property, name string, code spec.Code, also []spec.Code, key string, v func(*place) any) edit {
	return edit{name: property + "/" + name, code: code, may: also, do: func(p *place) bool {
		o, ok := p.o.get(property).(*object)
		if !ok {
			o = &object{}
			p.o.set(property, o)
		}
		k := key
		if k == "" {
			k = "extension-definition--" + p.g.uuid('4')
		}
		o.set(k, v(p))
		p.pointer = pointer(pointer(p.at, property), k)
		p.also = append(p.also, also...)
		return true
	}}
}

// strangers are edits that add extensions of which the table knows nothing.
func strangers(property string) []edit {
	said := func(members ...member) func(*place) any {
		return func(*place) any { return &object{members: slices.Clone(members)} }
	}
	a := member{"a", raw("1")}
	typed := member{"extension_type", propertyExtension}
	unknown := []spec.Code{spec.CodeUnknownExtension}
	all := []edit{
		entry(property, "unknown-extension", spec.CodeUnknownExtension, nil, "", said(typed, a)),
		entry(property, "unknown-extension/predefined", spec.CodeUnknownExtension, nil, "x-unknown-ext", said(a)),
		entry(property, "unknown-extension/empty", spec.CodeEmpty, unknown, "x-unknown-ext", said()),
		entry(property, "unknown-extension/no type", spec.CodeRequired, unknown, "", said(a)),
		entry(property, "unknown-extension/type", spec.CodeExtensionType, unknown, "", said(member{"extension_type", "no-such-type"}, a)),
		entry(property, "unknown-extension/top level", spec.CodeUnknownExtension, nil, "", func(p *place) any {
			p.o.set("unknown_property", "text")
			return &object{members: []member{{"extension_type", topLevelExtension}}}
		}),
	}
	for _, key := range []string{"unknown", "Unknown-ext", "extension-definition--1234", "unknown ext", "indicator--6f9619ff-8b86-4011-b42d-00c04fc964ff"} {
		all = append(all, entry(property, "extension-key/"+brief(key), spec.CodeExtensionKey, nil, key, said(typed, a)))
	}
	for _, k := range wrongKinds {
		if k.letter != '{' {
			all = append(all, entry(property, "kind of entry/"+k.name, spec.CodeKind, nil, "x-unknown-ext", func(*place) any { return clone(k.value) }))
		}
	}
	return all
}

// memberTypeEdits break what an extension says of its own type.
func (g *Generator) memberTypeEdits(s *site, e *spec.Extension, property string) []edit {
	if e.Types == nil {
		return nil
	}
	at := func(name string, code spec.Code, may []spec.Code, change func(*place, *object)) edit {
		a := ask{at: property, key: e.ID}
		return edit{name: property + "." + e.ID + "/" + name, code: code, ask: a, may: may, do: func(p *place) bool {
			all, _ := p.o.get(property).(*object)
			if all == nil {
				return false
			}
			o, _ := all.get(e.ID).(*object)
			if o == nil {
				return false
			}
			p.pointer = pointer(pointer(p.at, property), e.ID)
			change(p, o)
			return true
		}}
	}
	empty := []spec.Code{spec.CodeEmpty}
	all := []edit{at("extension-type/missing", spec.CodeRequired, empty, func(p *place, o *object) {
		o.remove("extension_type")
		if len(o.members) == 0 {
			p.also = append(p.also, empty...)
		}
	})}
	for _, t := range []string{"new-sdo", "new-sro", propertyExtension, topLevelExtension, "no-such-type"} {
		if !slices.Contains(e.Types, t) {
			all = append(all, at("extension-type/"+t, spec.CodeExtensionType, nil, func(_ *place, o *object) { o.set("extension_type", t) }))
		}
	}
	return all
}
