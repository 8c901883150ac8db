package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// builders writes the builders of one family.
func (m *model) builders(family string) string {
	var f file
	for _, r := range m.family(family) {
		m.builder(&f, r)
	}
	return source("typed", f.String())
}

func (m *model) builder(f *file, r *row) {
	name := r.goName + "Builder"
	f.p("// %s builds %s (%s). Make it with [New%s].", name, article(r.Name), where(r), r.goName)
	f.p("type %s struct{ %sBuilder[*%s] }\n", name, r.base, name)
	f.p("// New%s returns a builder of %s without properties.", r.goName, article(r.Name))
	f.p("func New%s() *%s {\nb := &%s{}\nb.self = b\nb.init(&shape%s)\nreturn b\n}\n", r.goName, name, name, r.goName)
	m.shapeOf(f, r)
	m.setters(f, r, name, "*"+name, "b")
	for _, e := range r.extensions {
		x := m.byStruct[e.Members]
		f.p("// %s sets the extension %s (%s).", extensionMethod(e), extensionName(e), where(x))
		f.p("func (b *%s) %s(v *%sBuilder) *%s {", name, extensionMethod(e), x.goName, name)
		f.p("putExtension(&b.builder, %q, %q, v)\nreturn b\n}\n", e.ID, typeOf(e))
	}
	for _, t := range r.top {
		s := m.shape(t.p)
		f.p("// %s sets the property %s of the extension %s, and names it in extensions.", goName(t.p.Name), t.p.Name, t.key)
		f.p("func (b *%s) %s(v %s) *%s {", name, goName(t.p.Name), s.build, name)
		f.p("putTop(&b.builder, %q, %q, v, %s)\nreturn b\n}\n", t.key, t.p.Name, s.enc)
	}
}

// shapeOf writes what the builder knows of the struct.
func (m *model) shapeOf(f *file, r *row) {
	names := make([]string, r.slotCount())
	for _, s := range r.slots {
		names[s.n] = s.p.Name
	}
	f.p("var shape%s = shape{\nname: %q,\nnames: []string{", r.goName, r.Name)
	for i := 0; i < len(names); i += 8 {
		row := []string{}
		for _, n := range names[i:min(i+8, len(names))] {
			row = append(row, strconv.Quote(n))
		}
		f.p("%s,", strings.Join(row, ", "))
	}
	f.p("},")
	for _, s := range r.slots {
		if (!r.object || s.n >= commons) && s.p.Required && s.p.Fixed != "" && !hidden(r, s.p) {
			value := s.p.Fixed
			if s.p.Kind != spec.Boolean {
				value = strconv.Quote(value)
			}
			f.p("fixed: []preset{{%d, %q}},", s.n, value)
		}
	}
	if r.object {
		f.p("object: true,")
	}
	if r.Class == spec.Container {
		f.p("container: true,")
	}
	if r.Class == spec.Observable {
		f.p("bare: true,")
	}
	if r.Definition != "" {
		f.p("defKey: %q,\ndefAs: %q,", r.Definition, map[spec.Class]string{
			spec.Domain: "new-sdo", spec.Relationship: "new-sro", spec.Observable: "new-sco",
		}[r.Class])
	}
	f.p("}\n")
}

// setters writes the methods that set the properties of r.
func (m *model) setters(f *file, r *row, recv, result, self string) {
	for _, s := range r.slots {
		if s.inherited || s.p.Kind == spec.Extensions || hidden(r, s.p) {
			continue
		}
		e, variadic, enc := m.element(s.p), "", ""
		if enc = e.enc; isList(s.p) {
			variadic, enc = "...", "appendList("+e.enc+")"
		}
		f.p("// %s sets %s.", goName(s.p.Name), about(r, s.p))
		f.p("func (b *%s) %s(v %s%s) %s {", recv, goName(s.p.Name), variadic, e.build, result)
		f.p("put(&b.builder, %s, v, %s)\nreturn %s\n}\n", slotName(r, s), enc, self)
	}
}

// all writes the list of builders and views that the tests go through.
func (m *model) all() string {
	var f file
	f.p("// all are the types that have views.\nvar all = []struct {\nname string\nnew func() any\nview func(*stix.Object) (any, error)\n}{")
	for _, r := range m.structs {
		if r.object {
			f.p("{%q, func() any { return New%s() }, func(o *stix.Object) (any, error) { return %sOf(o) }},", r.Name, r.goName, r.goName)
		}
	}
	f.p("}\n\n// parts are the objects within objects.\nvar parts = map[string]func() any{")
	for _, r := range m.structs {
		if !r.object {
			f.p("%q: func() any { return New%s() },", r.goName, r.goName)
		}
	}
	f.p("}")
	return source("typed", f.String())
}

// typeOf is what extension_type says where the members of e stand, "" for predefined extensions.
func typeOf(e *spec.Extension) string {
	if len(e.Types) == 0 {
		return ""
	}
	for _, t := range e.Types {
		if t == "property-extension" {
			return t
		}
	}
	return e.Types[0]
}

func extensionName(e *spec.Extension) string {
	if e.Name == "" || e.Name == e.ID {
		return e.ID
	}
	return fmt.Sprintf("%s, %s", e.Name, e.ID)
}
