package generate

import (
	"slices"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// checkEdits break what a check of the validator looks at.
func (g *Generator) checkEdits(s *site, r *spec.Rule) []edit {
	one := func(name string, code spec.Code, a ask, do func(*place) bool) edit {
		return edit{name: name, code: code, rule: r, ask: a, do: do}
	}
	put := func(name string, code spec.Code, a ask, property string, v any) edit {
		return one(name, code, a, func(p *place) bool { p.set(property, clone(v)); return true })
	}
	set := func(name string, v any) ask { return ask{set: map[string]any{name: v}} }
	switch r.Check {
	case spec.CheckMarking:
		return append(statementEdits(one, put), tlpEdits(one)...)
	case spec.CheckExtensionProperties:
		return []edit{put("extension-properties", spec.CodeExtensionProperties, ask{have: []string{"extension_properties"}}, "extension_types", list{propertyExtension})}
	case spec.CheckPattern:
		a := set("pattern_type", "stix")
		return []edit{
			put("pattern/cut", spec.CodePattern, a, "pattern", "[file:size = "),
			put("pattern/words", spec.CodePattern, a, "pattern", "no pattern"),
			put("pattern/empty", spec.CodePattern, a, "pattern", ""),
		}
	case spec.CheckRelationship:
		return []edit{
			put("relationship/type", spec.CodeRelationship, ask{}, "relationship_type", "no-such-relationship"),
			one("relationship/target", spec.CodeRelationship, ask{}, otherTarget),
		}
	case spec.CheckObservedRefs:
		return []edit{one("observed-refs", spec.CodeObservedRefs, ask{have: []string{"object_refs"}}, noObservables)}
	case spec.CheckExternalID:
		a := set("source_name", cveSource)
		return []edit{
			put("cve/short", spec.CodeExternalID, a, "external_id", "CVE-2016-12"),
			put("cve/lower case", spec.CodeExternalID, a, "external_id", "cve-2016-1234"),
			put("cve/words", spec.CodeExternalID, a, "external_id", "the one of 2016"),
		}
	case spec.CheckSocketOptions:
		option := func(name string, v any) *object { return &object{members: []member{{name, v}}} }
		return []edit{
			put("socket-option/name", spec.CodeSocketOption, ask{}, "options", option("NO_SUCH", raw("1"))),
			put("socket-option/lower case", spec.CodeSocketOption, ask{}, "options", option("so_reuseaddr", raw("1"))),
		}
	}
	return nil // CheckDeterministicID: see idEdits
}

type (
	oneEdit func(name string, code spec.Code, a ask, do func(*place) bool) edit
	putEdit func(name string, code spec.Code, a ask, property string, v any) edit
)

func statementEdits(one oneEdit, put putEdit) []edit {
	a := ask{have: []string{"definition_type", "definition"}}
	without := func(names ...string) func(*place) bool {
		return func(p *place) bool {
			for _, name := range names {
				p.o.remove(name)
			}
			return true
		}
	}
	return []edit{
		one("marking/no definition", spec.CodeMarking, a, without("definition")),
		one("marking/no type", spec.CodeMarking, a, without("definition_type")),
		one("marking/neither", spec.CodeMarking, a, without("definition_type", "definition")),
		put("marking/no statement", spec.CodeMarking, a, "definition", &object{members: []member{{"tlp", "red"}}}),
		put("marking/statement is no string", spec.CodeMarking, a, "definition", &object{members: []member{{"statement", raw("5")}}}),
		put("marking/two statements", spec.CodeMarking, a, "definition", &object{members: []member{{"statement", "a"}, {"other", "b"}}}),
		one("tlp/other id", spec.CodeTLP, a, func(p *place) bool {
			p.o.set("definition_type", "tlp")
			p.set("definition", &object{members: []member{{"tlp", "red"}}})
			return true
		}),
	}
}

// tlpEdits alter the published markings.
func tlpEdits(one oneEdit) []edit {
	var all []edit
	alter := func(name string, second bool, change func(p *place, t tlp)) {
		all = append(all, one("tlp/"+name, spec.CodeTLP, ask{}, func(p *place) bool {
			t := p.g.pickTLP(second)
			p.o.members = t.object(p.site.root.Name).members
			p.keepID = true
			change(p, t)
			return true
		}))
	}
	for _, second := range []bool{false, true} {
		number := map[bool]string{false: "1 ", true: "2 "}[second]
		alter(number+"created", second, func(p *place, _ tlp) { p.set("created", "2020-01-01T00:00:00.000Z") })
		alter(number+"id of another level", second, func(p *place, t tlp) {
			for _, other := range published {
				if other.second == second && other.level != t.level {
					p.set("id", other.id)
				}
			}
		})
	}
	alter("1 level", false, func(p *place, t tlp) {
		level := "red"
		if t.level == level {
			level = "green"
		}
		p.set("definition", &object{members: []member{{"tlp", level}}})
	})
	alter("1 as a statement", false, func(p *place, _ tlp) {
		p.set("definition_type", "statement")
		p.o.set("definition", &object{members: []member{{"statement", "all may read"}}})
	})
	return all
}

func otherTarget(p *place) bool {
	from, to := p.site.s.Property("source_ref"), p.site.s.Property("target_ref")
	source, row, _ := p.g.triple(p.g.referable(from.Refs), p.g.referable(to.Refs))
	s, ok := p.g.table.Lookup(source)
	if !ok {
		return false
	}
	target := pick(p.g, p.g.referable(to.Refs))
	for _, r := range s.Relationships {
		if r.Type == row && slices.Contains(r.Targets, target) {
			return false
		}
	}
	p.o.set("relationship_type", row)
	p.o.set("source_ref", p.g.reference(source))
	p.set("target_ref", p.g.reference(target))
	return true
}

// noObservables leaves only references that the property allows but that are to no cyber-observables.
func noObservables(p *place) bool {
	allowed := slices.DeleteFunc(p.g.referable(p.site.s.Property("object_refs").Refs), func(typ string) bool {
		s, ok := p.g.table.Lookup(typ)
		return !ok || s.Class == spec.Observable
	})
	if len(allowed) == 0 {
		return false
	}
	p.set("object_refs", list{p.g.reference(pick(p.g, allowed))})
	return true
}
