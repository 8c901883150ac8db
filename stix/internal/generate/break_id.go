package generate

import (
	"strconv"
	"strings"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

func formatInt(f float64) string   { return strconv.FormatInt(int64(f), 10) }
func formatFloat(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

const uuidLen = 36

// fromID is a breakage that changes the type and UUID of an identifier.
func fromID(name string, code spec.Code, change func(g *Generator, typ, uuid string) string) breakage {
	return breakage{name: name, code: code, make: func(g *Generator, old any) any {
		s, ok := old.(string)
		if n := len(s) - uuidLen - 2; ok && n > 0 {
			return change(g, s[:n], s[n+2:])
		}
		return nil
	}}
}

// identifiers are the breakages of ids and references.
func (g *Generator) identifiers(p *spec.Property) []breakage {
	if p.ID == idID {
		return nil // see idEdits
	}
	all := append(short(), malformed()...)
	if len(g.forbidden(p.Refs)) > 0 {
		all = append(all, fromID("reference", spec.CodeReference, func(g *Generator, _, _ string) string {
			return g.reference(pick(g, g.forbidden(p.Refs)))
		}))
	}
	if p.Refs == nil {
		return all
	}
	if len(p.Refs.Classes) == 0 {
		all = append(all, constant("reference/custom", spec.CodeReference, "x-custom--6f9619ff-8b86-4011-b42d-00c04fc964ff"))
	}
	for _, typ := range p.Refs.Except {
		all = append(all, fromID("reference/"+typ, spec.CodeReference, func(g *Generator, _, _ string) string { return g.reference(typ) }))
	}
	return all
}

// short are identifiers that are too short to hold a UUID.
func short() []breakage {
	return []breakage{
		constant("identifier/empty", spec.CodeID, ""),
		constant("identifier/words", spec.CodeID, "no identifier"),
		fromID("identifier/type alone", spec.CodeID, func(_ *Generator, typ, _ string) string { return typ }),
		fromID("identifier/cut", spec.CodeID, func(_ *Generator, typ, uuid string) string { return typ + "--" + uuid[:8] }),
	}
}

// malformed are identifiers that look right at first.
func malformed() []breakage {
	return []breakage{
		fromID("identifier/one hyphen", spec.CodeID, func(_ *Generator, typ, uuid string) string { return typ + "-" + uuid }),
		fromID("identifier/upper case", spec.CodeID, func(_ *Generator, typ, uuid string) string { return strings.ToUpper(typ) + "--" + uuid }),
		fromID("identifier/underscore", spec.CodeID, func(_ *Generator, typ, uuid string) string { return "x_" + typ + "--" + uuid }),
		fromID("identifier/no digit", spec.CodeID, func(_ *Generator, typ, uuid string) string { return typ + "--" + uuid[:35] + "z" }),
		fromID("identifier/long", spec.CodeID, func(_ *Generator, typ, uuid string) string { return typ + "--" + uuid + "0" }),
		fromID("identifier/no version", spec.CodeID, func(_ *Generator, typ, uuid string) string { return typ + "--" + uuid[:14] + "0" + uuid[15:] }),
		fromID("identifier/no variant", spec.CodeID, func(_ *Generator, typ, uuid string) string { return typ + "--" + uuid[:19] + "0" + uuid[20:] }),
		fromID("identifier/braces", spec.CodeID, func(_ *Generator, typ, uuid string) string { return typ + "--{" + uuid + "}" }),
	}
}

// idEdits break the id of an object.
func (g *Generator) idEdits(s *site) []edit {
	content := contributes(s.s)
	list := short()
	if !content { // a long one would be compared with the id that follows from the content
		list = append(list, malformed()...)
	}
	wrong := byte('1')
	if content {
		wrong = '4'
	}
	list = append(list,
		fromID("identifier-type", spec.CodeIDType, func(_ *Generator, _, uuid string) string { return "x-other--" + uuid }),
		fromID("uuid-version", spec.CodeUUIDVersion, func(g *Generator, typ, _ string) string { return typ + "--" + g.uuid(wrong) }))
	if content {
		list = append(list, fromID("deterministic-id", spec.CodeDeterministicID, func(g *Generator, typ, _ string) string { return typ + "--" + g.uuid('5') }))
	}
	var all []edit
	for _, b := range list {
		var may []spec.Code
		if b.code == spec.CodeIDType && content {
			may = []spec.Code{spec.CodeDeterministicID}
		}
		all = append(all, edit{name: b.name, code: b.code, may: may, do: func(p *place) bool {
			id := word(p.o.get("id"))
			version := id[len(id)-uuidLen+14]
			if content && version != '5' && (b.code == spec.CodeUUIDVersion || b.code == spec.CodeDeterministicID) {
				return false // nothing contributes
			}
			if version == '5' {
				p.also = append(p.also, may...)
			}
			p.keepID = true
			p.set("id", b.make(p.g, id))
			return true
		}})
	}
	return all
}
