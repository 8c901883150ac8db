package generate

import (
	"slices"
	"strings"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// site is a struct at one place where objects have it.
type site struct {
	name  string
	root  *spec.Struct
	steps []step
	// s is the struct at the end of the steps.
	s *spec.Struct
	// top is an extension whose top-level properties are meant rather than those of s.
	top *spec.Extension
}

// step goes into a property, and into the entry of this key if it holds several by name.
type step struct{ property, key string }

// anyKey stands for the first entry of a dictionary.
const anyKey = "*"

// sites lists every type, and each part and extension at one place.
func (g *Generator) sites() []*site {
	var list []*site
	seen := map[any]bool{}
	add := func(key any, s *site) {
		if !seen[key] {
			seen[key] = true
			list = append(list, s)
		}
	}
	for _, s := range g.table.Objects() {
		add(s, &site{name: s.Name, root: s, s: s})
	}
	for i := 0; i < len(list); i++ {
		s := list[i]
		if s.top != nil {
			continue
		}
		for j := range s.s.Properties {
			p := &s.s.Properties[j]
			switch {
			case p.Deprecated:
			case p.Kind == spec.Extensions && len(s.steps) == 0:
				for _, e := range g.carried(s.s) {
					if e.Members != nil && !e.Opaque {
						add(e.Members, s.into(p.Name, e.ID, e.Members))
					}
					if len(e.Top) > 0 {
						add(e, &site{name: s.name + "+" + e.Name, root: s.root, s: s.s, top: e, steps: nil})
					}
				}
			case p.Struct != nil:
				add(p.Struct, s.into(p.Name, "", p.Struct))
			case p.Value != nil && p.Value.Struct != nil:
				add(p.Value.Struct, s.into(p.Name, anyKey, p.Value.Struct))
			}
		}
	}
	return list
}

// carried are all extensions that an object of s may carry or must.
func (g *Generator) carried(s *spec.Struct) []*spec.Extension {
	list := slices.Clone(g.suitable(s))
	if e := g.table.Extension(s.Definition); s.Definition != "" && e != nil {
		list = append(list, e)
	}
	if e := g.table.Extension(tlp2Extension); e != nil && hasCheck(s, spec.CheckMarking) {
		list = append(list, e)
	}
	return list
}

func (s *site) into(property, key string, inner *spec.Struct) *site {
	name := s.name + "." + property
	if key != "" {
		name += "." + key
	}
	return &site{name: name, root: s.root, steps: append(slices.Clone(s.steps), step{property, key}), s: inner}
}

// key is that of the extension whose members the site is, "" if it is something else.
func (s *site) key() string {
	if n := len(s.steps); n > 0 && s.steps[n-1].key != anyKey {
		return s.steps[n-1].key
	}
	return ""
}

// properties are those that the site is about.
func (s *site) properties() []spec.Property {
	if s.top != nil {
		return s.top.Top
	}
	return s.s.Properties
}

func (s *site) property(name string) *spec.Property {
	list := s.properties()
	if i := slices.IndexFunc(list, func(p spec.Property) bool { return p.Name == name }); i >= 0 {
		return &list[i]
	}
	return nil
}

// ask is what is asked of the whole object so that the one at the site is as inner asks. What changes the judgement of other
// properties is left out: selectors, which a change may leave without what they select, and the mark of defanged values.
func (s *site) ask(inner ask) *ask {
	a := &inner
	if s.top != nil {
		for i := range s.s.Properties {
			if p := &s.s.Properties[i]; p.Kind == spec.Extensions {
				a.at, a.key = p.Name, s.top.ID
			}
		}
	}
	for _, st := range slices.Backward(s.steps) {
		a = &ask{at: st.property, key: strings.TrimSuffix(st.key, anyKey), inner: a}
	}
	a.ordinary = true
	for i := range s.root.Properties {
		if p := &s.root.Properties[i]; selecting(p) || p.Name == "defanged" {
			a.without = append(slices.Clone(a.without), p.Name)
		}
	}
	return a
}

// find goes to the object at the site, nil if there is none.
func (s *site) find(g *Generator, root *object) *place {
	p := &place{g: g, site: s, root: root, o: root}
	var v any = root
	for _, st := range s.steps {
		o, ok := v.(*object)
		if !ok {
			return nil
		}
		p.at = pointer(p.at, st.property)
		v = o.get(st.property)
		if st.key != "" {
			if o, ok = v.(*object); !ok || len(o.members) == 0 {
				return nil
			}
			key := st.key
			if key == anyKey {
				key = o.members[0].name
			}
			p.at = pointer(p.at, key)
			v = o.get(key)
		}
		if l, ok := v.(list); ok && len(l) > 0 {
			v = l[0]
			p.at += "/0"
		}
	}
	o, ok := v.(*object)
	if !ok {
		return nil
	}
	p.o = o
	return p
}
