package generate

import (
	"crypto/sha1" //nolint:gosec // version 5 UUIDs are made of it
	"encoding/hex"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// uuid is a random one that says it is of this version.
func (g *Generator) uuid(version byte) string {
	s := g.from("0123456789abcdef", 36)
	b := []byte(s)
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	b[14], b[19] = version, "89ab"[g.n(4)]
	return string(b)
}

// typeName is the type of an object of s: one without a name is custom.
func (g *Generator) typeName(s *spec.Struct) string {
	if s.Name == "" {
		return "x-" + g.from(lower, 3+g.n(9)) + "-example"
	}
	return s.Name
}

// reference is an id of a type.
func (g *Generator) reference(typ string) string {
	s, ok := g.table.Lookup(typ)
	if ok && hasCheck(s, spec.CheckMarking) && g.chance(0.3) {
		return pick(g, published).id
	}
	if ok && contributes(s) {
		return typ + "--" + g.uuid('5')
	}
	return typ + "--" + g.uuid('4')
}

func hasCheck(s *spec.Struct, c spec.Check) bool {
	return slices.ContainsFunc(s.Rules, func(r spec.Rule) bool { return r.Op == spec.Call && r.Check == c })
}

// contributes reports whether the ids of a type follow from its content.
func contributes(s *spec.Struct) bool {
	return hasCheck(s, spec.CheckDeterministicID) && slices.ContainsFunc(s.Properties, func(p spec.Property) bool { return p.Contributing })
}

// referable are the types that a reference may name.
func (g *Generator) referable(r *spec.Refs) []string {
	if r == nil {
		r = &spec.Refs{Classes: []spec.Class{spec.Domain, spec.Relationship, spec.Meta, spec.Observable}}
	}
	list := slices.Clone(r.Types)
	for _, s := range g.table.Objects() {
		if slices.Contains(r.Classes, s.Class) && !slices.Contains(r.Except, s.Name) {
			list = append(list, s.Name)
		}
	}
	if len(list) == 0 {
		list = append(list, "x-"+g.label())
	}
	return list
}

// forbidden are the types of the table that a reference must not name.
func (g *Generator) forbidden(r *spec.Refs) []string {
	if r == nil {
		return nil
	}
	allowed := g.referable(r)
	var list []string
	for _, s := range g.table.Objects() {
		if !slices.Contains(allowed, s.Name) {
			list = append(list, s.Name)
		}
	}
	return list
}

// assignID gives o the id that is right for its type and content.
func (g *Generator) assignID(s *spec.Struct, o *object) {
	typ := word(o.get("type"))
	if typ == "" {
		typ = s.Name
	}
	o.set("id", typ+"--"+g.ownUUID(s, o))
}

// ownUUID is the UUID of section 2.9: of version 5 where properties contribute, random otherwise.
func (g *Generator) ownUUID(s *spec.Struct, o *object) string {
	if !contributes(s) {
		return g.uuid('4')
	}
	from, there := &object{}, false
	for _, m := range o.members {
		p := s.Property(m.name)
		if p == nil || !p.Contributing {
			continue
		}
		there = true
		if m.name != "hashes" {
			from.add(m.name, m.value)
		} else if h := oneHash(m.value); h != nil {
			from.add(m.name, h)
		}
	}
	switch {
	case !there:
		return g.uuid('4')
	case len(from.members) == 0:
		return g.uuid('5')
	}
	name := jsontext.Value(g.render(from, true))
	if err := name.Canonicalize(); err != nil {
		return g.uuid('5')
	}
	return uuid5(name)
}

// oneHash is that one of several hashes that counts for an id.
func oneHash(v any) any {
	o, ok := v.(*object)
	if !ok || len(o.members) == 0 {
		return nil
	}
	rank := func(m member) int {
		if i := slices.Index(spec.HashPreference[:], m.name); i >= 0 {
			return i
		}
		return len(spec.HashPreference)
	}
	best := o.members[0]
	for _, m := range o.members[1:] {
		if a, b := rank(m), rank(best); a < b || a == b && m.name < best.name {
			best = m
		}
	}
	return &object{members: []member{best}}
}

var namespace = []byte{0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}

func uuid5(name []byte) string {
	h := sha1.New() //nolint:gosec // as above
	h.Write(namespace)
	h.Write(name)
	u := h.Sum(nil)[:16]
	u[6], u[8] = u[6]&0x0f|0x50, u[8]&0x3f|0x80
	s := hex.EncodeToString(u)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
