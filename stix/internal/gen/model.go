package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// families are the files of package typed.
var families = []string{"domain", "relation", "observable", "meta", "part", "extension"}

// commons is how many slots the common properties have; own ones follow.
const commons = 15

// model is the table as the templates need it.
type model struct {
	table    *spec.Table
	structs  []*row
	byStruct map[*spec.Struct]*row
	vocabs   []*spec.Vocabulary
	taken    map[string]string // exported names of package typed, and whose they are
}

// row is a struct and what follows from it.
type row struct {
	*spec.Struct
	goName, family string
	object         bool   // it has common properties
	base           string // the view that is embedded
	slots          []slot
	extensions     []*spec.Extension // with members, that this type may carry
	top            []topLevel
}

type slot struct {
	n int
	p *spec.Property
	// inherited: the embedded view has it.
	inherited bool
}

type topLevel struct {
	key string
	p   *spec.Property
}

func newModel(t *spec.Table) (*model, error) {
	m := &model{table: t, byStruct: map[*spec.Struct]*row{}, taken: map[string]string{}}
	for _, s := range t.Objects() {
		m.add(s, m.familyOf(s))
	}
	for _, e := range t.Extensions() {
		if e.Members != nil && !e.Opaque {
			m.add(e.Members, "extension")
		}
		m.walk(e.Top, "extension")
	}
	m.vocabulary(spec.HashAlgorithm)
	for _, e := range t.Extensions() {
		if err := m.extend(e); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(m.vocabs, func(a, b *spec.Vocabulary) int { return strings.Compare(a.Name, b.Name) })
	return m, m.clashes()
}

func (m *model) familyOf(s *spec.Struct) string {
	switch {
	case s.Definition != "":
		return "extension"
	case s.Class == spec.Domain:
		return "domain"
	case s.Class == spec.Relationship:
		return "relation"
	case s.Class == spec.Observable:
		return "observable"
	}
	return "meta"
}

func (m *model) add(s *spec.Struct, family string) {
	if m.byStruct[s] != nil {
		return
	}
	r := &row{Struct: s, goName: goName(s.Name), family: family, base: "Part"}
	m.byStruct[s] = r
	m.structs = append(m.structs, r)
	switch s.Class {
	case spec.Domain, spec.Relationship:
		r.object, r.base = true, "Domain"
	case spec.Observable:
		r.object, r.base = true, "Observable"
	case spec.Meta, spec.Container:
		r.object, r.base = true, "Object"
	}
	own := 0
	for i := range s.Properties {
		p := &s.Properties[i]
		n := own
		if r.object && p.ID <= 31 {
			n = int(p.ID) - 1
		} else {
			if own++; r.object {
				n += commons
			}
		}
		r.slots = append(r.slots, slot{n: n, p: p, inherited: r.object && m.inherited(r.base, p)})
	}
	if family != "extension" {
		family = "part"
	}
	m.walk(s.Properties, family)
}

// inherited reports whether the view that is embedded has a property of this number.
func (m *model) inherited(base string, p *spec.Property) bool {
	return p.ID <= 31 && (base != "Object" || p.ID <= 3 || p.Kind == spec.Extensions)
}

// walk adds what properties are made of.
func (m *model) walk(list []spec.Property, family string) {
	for i := range list {
		for p := &list[i]; p != nil; p = p.Value {
			if p.Vocab != nil {
				m.vocabulary(p.Vocab)
			}
			if p.Struct != nil {
				m.add(p.Struct, family)
			}
		}
	}
}

func (m *model) vocabulary(v *spec.Vocabulary) {
	if !slices.Contains(m.vocabs, v) {
		m.vocabs = append(m.vocabs, v)
	}
}

// extend notes an extension in the types that may carry it.
func (m *model) extend(e *spec.Extension) error {
	if e.Extends == nil && (len(e.Top) > 0 || e.Members != nil && !e.Opaque) {
		return fmt.Errorf("the extension %s may stand in any type: no view is made for that", e.ID)
	}
	for _, name := range e.Extends {
		s, ok := m.table.Lookup(name)
		if !ok {
			return fmt.Errorf("the extension %s extends %s, which is no type", e.ID, name)
		}
		r := m.byStruct[s]
		if e.Members != nil && !e.Opaque {
			r.extensions = append(r.extensions, e)
		}
		for i := range e.Top {
			r.top = append(r.top, topLevel{e.ID, &e.Top[i]})
		}
	}
	return nil
}

func (m *model) clashes() error {
	for _, r := range m.structs {
		if was := m.taken[r.goName]; was != "" {
			return fmt.Errorf("%s and %s are both %s in Go", was, r.Name, r.goName)
		}
		m.taken[r.goName] = r.Name
		if slices.Contains([]string{"Object", "Domain", "Observable", "Part", "InvalidError"}, r.goName) {
			return fmt.Errorf("%s is the name of a Go type", r.goName)
		}
		methods := map[string]bool{"Raw": true, "Property": true, "Custom": true}
		if r.object {
			for _, name := range []string{"Extension", "Extensions", "Build", "Clock", "Validator", "Findings"} {
				methods[name] = true
			}
		}
		names := []string{}
		for _, s := range r.slots {
			if s.p.Kind != spec.Extensions && !hidden(r, s.p) {
				names = append(names, goName(s.p.Name))
			}
		}
		for _, e := range r.extensions {
			names = append(names, extensionMethod(e))
		}
		for _, t := range r.top {
			names = append(names, goName(t.p.Name))
		}
		for _, name := range names {
			if methods[name] {
				return fmt.Errorf("%s: %s is the name of two methods", r.Name, name)
			}
			methods[name] = true
		}
	}
	return nil
}

// extensionMethod is the name of the accessor of an extension: its key, or for a definition the name of its members.
func extensionMethod(e *spec.Extension) string {
	if len(e.Types) > 0 {
		return goName(e.Members.Name)
	}
	return goName(e.ID)
}

// hidden is the property that a builder fills in and a view has no use for.
func hidden(r *row, p *spec.Property) bool { return !r.object && p.Name == "extension_type" }

// family ranges over the rows of one file.
func (m *model) family(name string) []*row {
	var list []*row
	for _, r := range m.structs {
		if r.family == name {
			list = append(list, r)
		}
	}
	return list
}

// slotCount is how many slots the struct has.
func (r *row) slotCount() int {
	n := 0
	if r.object {
		n = commons
	}
	for _, s := range r.slots {
		n = max(n, s.n+1)
	}
	return n
}
