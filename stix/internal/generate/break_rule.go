package generate

import (
	"strings"
	"time"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// ruleEdits break one rule of a struct.
func (g *Generator) ruleEdits(s *site, r *spec.Rule) []edit {
	base := quiet(s.s, nil)
	if w := r.When; w != nil {
		if base.set == nil {
			base.set = map[string]any{}
		}
		base.set[w.Prop] = literal(s.s.Property(w.Prop), w.Value)
	}
	name := string(ruleCode[r.Op]) + "(" + strings.Join(r.Props, " ") + ")"
	if r.When != nil {
		name += " when " + r.When.Prop + " is " + r.When.Value
	}
	switch r.Op {
	case spec.AtLeastOne:
		return none(s, r, base, name)
	case spec.ExactlyOne:
		return append(none(s, r, base, name), g.second(s, r, base, name))
	case spec.AtMostOne:
		base.have = r.Props[:1]
		return []edit{g.second(s, r, base, name)}
	case spec.Requires:
		return requires(s, r, base, name)
	case spec.Forbids:
		return g.forbids(s, r, base, name)
	case spec.NotBefore, spec.After:
		return disorder(r, base, name)
	}
	return g.checkEdits(s, r)
}

// none takes all of several properties away.
func none(s *site, r *spec.Rule, base ask, name string) []edit {
	for _, prop := range r.Props {
		if s.s.Property(prop).Required {
			return nil
		}
	}
	may := emptied(s)
	return []edit{{name: name + "/none", code: ruleCode[r.Op], rule: r, ask: base, may: may, do: func(p *place) bool {
		for _, prop := range r.Props {
			p.o.remove(prop)
		}
		if len(p.o.members) == 0 {
			p.also = append(p.also, may...)
		}
		return true
	}}}
}

// second adds another to the one of several properties that may be there.
func (g *Generator) second(s *site, r *spec.Rule, base ask, name string) edit {
	return edit{name: name + "/two", code: ruleCode[r.Op], rule: r, ask: base, do: func(p *place) bool {
		var absent []string
		for _, prop := range r.Props {
			if !p.o.has(prop) {
				absent = append(absent, prop)
			}
		}
		if len(absent) == 0 {
			return false
		}
		return p.insert(pick(p.g, absent))
	}}
}

// insert adds a valid value of a property.
func (p *place) insert(name string) bool {
	v := p.fresh(p.site.s.Property(name))
	if v == nil {
		return false
	}
	p.set(name, v)
	return true
}

func requires(s *site, r *spec.Rule, base ask, name string) []edit {
	var all []edit
	base.have = r.Props
	for _, prop := range r.Props[1:] {
		if s.s.Property(prop).Required {
			continue
		}
		all = append(all, edit{name: name + "/" + prop, code: ruleCode[r.Op], rule: r, ask: base, do: func(p *place) bool {
			p.o.remove(prop)
			return true
		}})
	}
	return all
}

func (g *Generator) forbids(s *site, r *spec.Rule, base ask, name string) []edit {
	var all []edit
	base.have = r.Props[:1]
	for _, prop := range r.Props[1:] {
		all = append(all, edit{name: name + "/" + prop, code: ruleCode[r.Op], rule: r, ask: base, do: func(p *place) bool { return p.insert(prop) }})
	}
	return all
}

// disorder puts the first of two timestamps before the second, or where it must be after it at the same time.
func disorder(r *spec.Rule, base ask, name string) []edit {
	base.have = r.Props[:2]
	before := func(by time.Duration) func(*place) bool {
		return func(p *place) bool {
			q, ok := instant(p.o.get(r.Props[1]))
			if !ok {
				return false
			}
			p.set(r.Props[0], stamp(q.Add(-by), 9))
			return true
		}
	}
	all := []edit{
		{name: name + "/before", code: ruleCode[r.Op], rule: r, ask: base, do: before(24 * time.Hour)},
		{name: name + "/just before", code: ruleCode[r.Op], rule: r, ask: base, do: before(time.Nanosecond)},
	}
	if r.Op == spec.After {
		all = append(all, edit{name: name + "/same", code: ruleCode[r.Op], rule: r, ask: base, do: before(0)})
	}
	return all
}
