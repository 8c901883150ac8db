package generate

import (
	"slices"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// edits are all for a site.
func (g *Generator) edits(s *site) []edit {
	var all []edit
	list := s.properties()
	for i := range list {
		for _, e := range g.propertyEdits(s, &list[i]) {
			e.name = list[i].Name + "/" + e.name
			all = append(all, e)
		}
	}
	if s.top != nil {
		return all
	}
	all = append(all, g.memberEdits(s)...)
	for i := range s.s.Rules {
		all = append(all, g.ruleEdits(s, &s.s.Rules[i])...)
	}
	if len(s.steps) == 0 {
		all = append(all, g.extensionEdits(s)...)
	}
	return append(all, documentEdits(s)...)
}

// propertyEdits break one property.
func (g *Generator) propertyEdits(s *site, p *spec.Property) []edit {
	if p.ID == idType && len(s.steps) == 0 {
		return nil // the type says what all else is judged by
	}
	base := quiet(s.s, p)
	if p.Kind != spec.Extensions || len(g.suitable(s.s)) > 0 {
		base.have = append(base.have, p.Name)
	}
	var all []edit
	// An object without spec_version is one of STIX 2.0 if that has the type.
	if p.Required && (p.ID != idSpecVersion || !s.s.V20) {
		also := disturbs(s, p, breakage{})
		may := slices.Concat(also, emptied(s))
		all = append(all, edit{name: "required", code: spec.CodeRequired, ask: base, may: may, do: func(pl *place) bool {
			pl.o.remove(p.Name)
			pl.keepID = p.ID == idID
			if pl.also = append(pl.also, also...); len(pl.o.members) == 0 {
				pl.also = append(pl.also, emptied(s)...)
			}
			return true
		}})
	}
	if p.Deprecated {
		all = append(all, edit{name: "deprecated", code: spec.CodeDeprecated, ask: base, do: func(pl *place) bool {
			pl.pointer = pointer(pl.at, p.Name)
			return pl.o.has(p.Name)
		}})
	}
	for _, b := range g.breakages(p) {
		also := disturbs(s, p, b)
		may := slices.Clone(also)
		if p.Deprecated {
			may = append(may, spec.CodeDeprecated)
		}
		all = append(all, edit{name: b.name, code: b.code, ask: base, may: may, do: func(pl *place) bool {
			old := pl.o.get(p.Name)
			if old == nil {
				old = pl.fresh(p)
			}
			bad := b.make(pl.g, old)
			if bad == nil {
				return false
			}
			if p.Kind == spec.Extensions { // and what they allowed
				pl.o.members = slices.DeleteFunc(pl.o.members, func(m member) bool { return s.s.Property(m.name) == nil })
			}
			pl.keepID = p.ID == idID
			pl.set(p.Name, bad)
			pl.also = append(pl.also, also...)
			return true
		}})
	}
	if p.ID == idID && len(s.steps) == 0 {
		all = append(all, g.idEdits(s)...)
	}
	return all
}

// memberEdits add members that a struct does not have.
func (g *Generator) memberEdits(s *site) []edit {
	add := func(name string, code spec.Code, member string, v any) edit {
		also := disturbs(s, nil, breakage{})
		return edit{name: name, code: code, ask: ask{without: []string{"extensions"}}, may: also, do: func(p *place) bool {
			p.set(member, v)
			p.also = append(p.also, also...)
			return true
		}}
	}
	all := []edit{
		add("custom-property", spec.CodeCustomProperty, "x_custom_name", "text"),
		add("custom-property/object", spec.CodeCustomProperty, "x_custom_object", &object{members: []member{{"a", list{raw("1")}}}}),
		add("property-name/upper case", spec.CodeName, "Custom_Name", "text"),
		add("property-name/hyphen", spec.CodeName, "custom-name", "text"),
		add("property-name/long", spec.CodeName, long, "text"),
		add("property-name/script", spec.CodeName, "名前", "text"),
	}
	if len(s.steps) > 0 {
		return all
	}
	for _, name := range spec.ReservedProperties {
		if s.s.Property(name) == nil {
			all = append(all, add(name+"/reserved", spec.CodeReserved, name, "text"))
		}
	}
	for _, p := range g.common() {
		if s.s.Property(p.Name) == nil {
			all = append(all, edit{name: p.Name + "/not-allowed", code: spec.CodeNotAllowed, ask: ask{without: []string{"extensions"}}, do: func(pl *place) bool {
				var v any = &object{members: []member{{"a", "b"}}}
				if p.Kind != spec.Extensions {
					v = pl.fresh(p)
				}
				pl.set(p.Name, v)
				return true
			}})
		}
	}
	return all
}

// common are the common properties, which have the numbers up to 31.
func (g *Generator) common() []*spec.Property {
	var list []*spec.Property
	for _, s := range g.table.Objects() {
		for i := range s.Properties {
			p := &s.Properties[i]
			if p.ID < 32 && !slices.ContainsFunc(list, func(q *spec.Property) bool { return q.Name == p.Name }) {
				list = append(list, p)
			}
		}
	}
	return list
}

// customEdits are about types that the table does not have.
func customEdits() []edit {
	a := ask{have: []string{"spec_version", "created", "modified"}}
	all := []edit{{name: "custom-type", code: spec.CodeCustomType, ask: a, do: func(p *place) bool {
		p.pointer = "/type"
		return true
	}}}
	all = append(all, edit{name: "type-name", code: spec.CodeTypeName, ask: a, may: []spec.Code{spec.CodeID}, do: func(p *place) bool {
		p.set("type", "X_Custom")
		p.g.assignID(p.site.s, p.root)
		p.also = append(p.also, spec.CodeID)
		return true
	}})
	for _, name := range spec.ReservedTypes {
		all = append(all, edit{name: "reserved/" + name, code: spec.CodeReserved, ask: a, do: func(p *place) bool {
			p.set("type", name)
			p.g.assignID(p.site.s, p.root)
			return true
		}})
	}
	return all
}

// documentEdits break what is no matter of a type.
func documentEdits(s *site) []edit {
	all := []edit{{name: "duplicate", code: spec.CodeDuplicate, do: func(p *place) bool {
		if len(p.o.members) == 0 {
			return false
		}
		m := pick(p.g, p.o.members)
		p.o.add(m.name, clone(m.value))
		p.keepID = true
		return true
	}}}
	if len(s.steps) > 0 {
		return all
	}
	nothing := func(p *place) bool { p.keepID = true; return true }
	return append(all,
		edit{name: "syntax/cut", code: spec.CodeSyntax, do: nothing, bytes: func(b []byte) []byte { return b[:len(b)/2] }},
		edit{name: "syntax/two", code: spec.CodeSyntax, do: nothing, bytes: func(b []byte) []byte { return append(b, '{', '}') }},
		edit{name: "not-object", code: spec.CodeNotObject, do: nothing, bytes: func(b []byte) []byte { return slices.Concat([]byte("["), b, []byte("]")) }},
	)
}
