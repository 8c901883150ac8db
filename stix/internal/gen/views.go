package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// file collects source.
type file struct{ strings.Builder }

func (f *file) p(format string, args ...any) { fmt.Fprintf(f, format+"\n", args...) }

// source puts the package clause and the imports that are used before the source.
func source(pkg, body string) string {
	var f file
	f.p("package %s\n", pkg)
	groups := [][2]string{
		{"iter.", "iter"},
		{"", ""},
		{"jsontext.", "github.com/go-json-experiment/json/jsontext"},
		{"", ""},
		{"stix.", "github.com/wagasa/wagasa/stix"},
		{"vocab.", "github.com/wagasa/wagasa/stix/vocab"},
	}
	var imports file
	for _, g := range groups {
		switch {
		case g[0] == "":
			imports.p("")
		case uses(body, g[0]):
			imports.p("%q", g[1])
		}
	}
	if s := strings.TrimSpace(imports.String()); s != "" {
		f.p("import (\n%s\n)\n", strings.ReplaceAll(s, "\n\n\n", "\n\n"))
	}
	f.WriteString(body)
	return f.String()
}

// uses reports whether code, not comments, names a package.
func uses(body, pkg string) bool {
	for line := range strings.Lines(body) {
		code, _, _ := strings.Cut(line, "//")
		for _, before := range []string{" ", "(", "[", "*", ".", "]"} {
			if strings.Contains(code, before+pkg) {
				return true
			}
		}
	}
	return false
}

// common writes what the common properties make: the slots, and the embedded views and builders.
func (m *model) common() string {
	var f file
	list := spec.UnknownDomain.Properties
	f.p("// The slots of the common properties.\nconst (")
	for _, p := range list {
		f.p("slot%s = %d", goName(p.Name), p.ID-1)
	}
	f.p("slotsCommon = %d\n)\n", commons)
	f.p("func slotCommon(name []byte) int {\nswitch string(name) {")
	for _, p := range list {
		f.p("case %q:\nreturn slot%s", p.Name, goName(p.Name))
	}
	f.p("}\nreturn -1\n}\n")
	for _, base := range []struct{ name, like, doc string }{
		{"Domain", "indicator", "SDOs and SROs"},
		{"Observable", "domain-name", "cyber-observables"},
	} {
		s, _ := m.table.Lookup(base.like)
		r := &row{Struct: &spec.Struct{Name: base.name, Section: "3.2"}, goName: base.name, object: true}
		for i := range s.Properties {
			p := &s.Properties[i]
			if p.ID <= 31 && !m.inherited("Object", p) {
				r.slots = append(r.slots, slot{n: int(p.ID) - 1, p: p})
			}
		}
		f.p("// %s is what the views of all %s have: their common properties (STIX 2.1 section 3.2).\ntype %s struct{ Object }\n", base.name, base.doc, base.name)
		m.accessors(&f, r)
		f.p("// %sBuilder is what the builders of all %s have. B is the builder that its methods return.", base.name, base.doc)
		f.p("type %sBuilder[B any] struct{ ObjectBuilder[B] }\n", base.name)
		m.setters(&f, r, base.name+"Builder[B]", "B", "b.self")
	}
	return source("typed", f.String())
}

// views writes the views of one family.
func (m *model) views(family string) string {
	var f file
	for _, r := range m.family(family) {
		m.view(&f, r)
	}
	return source("typed", f.String())
}

func (m *model) view(f *file, r *row) {
	count := r.slotCount()
	if r.object {
		bare := r.Class == spec.Observable || r.Class == spec.Container
		f.p("// %s is the view of %s (%s).\ntype %s struct{ %s }\n", r.goName, article(r.Name), where(r), r.goName, r.base)
		f.p("// %sOf returns the view of an object of type %s. The error wraps [ErrType]: it is of another type%s.", r.goName, r.Name, map[bool]string{
			false: ", or of STIX 2.0", true: "",
		}[r.Class == spec.Container])
		f.p("func %sOf(o *stix.Object) (%s, error) {", r.goName, r.goName)
		f.p("f, err := readObject(o, %q, %d, slot%sAt, %t)", r.Name, count, r.goName, bare)
		if r.base == "Object" {
			f.p("return %s{f}, err\n}\n", r.goName)
		} else {
			f.p("return %s{%s{f}}, err\n}\n", r.goName, r.base)
		}
	} else {
		f.p("// %s is the view of %s (%s).\ntype %s struct{ Part }\n", r.goName, article(r.Name), where(r), r.goName)
		f.p("func as%s(v []byte) (%s, bool) {", r.goName, r.goName)
		f.p("f, ok := read(v, %d, slot%sAt)\nreturn %s{Part{f}}, ok\n}\n", count, r.goName, r.goName)
	}
	f.p("func slot%sAt(name []byte) int {", r.goName)
	if own := slices.ContainsFunc(r.slots, func(s slot) bool { return !r.object || s.n >= commons }); own {
		f.p("switch string(name) {")
		for _, s := range r.slots {
			if !r.object || s.n >= commons {
				f.p("case %q:\nreturn %d", s.p.Name, s.n)
			}
		}
		f.p("}")
	}
	if r.object {
		f.p("return slotCommon(name)\n}\n")
	} else {
		f.p("return -1\n}\n")
	}
	m.accessors(f, r)
	for _, e := range r.extensions {
		x := m.byStruct[e.Members]
		f.p("// %s returns the extension %s (%s), false if it is absent.", extensionMethod(e), extensionName(e), where(x))
		f.p("func (v %s) %s() (%s, bool) { return as%s(v.Extension(%q)) }\n", r.goName, extensionMethod(e), x.goName, x.goName, e.ID)
	}
	for _, t := range r.top {
		f.p("// %s returns the property %s of the extension %s.", goName(t.p.Name), t.p.Name, t.key)
		m.accessor(f, r.goName, t.p, fmt.Sprintf("v.Property(%q)", t.p.Name))
	}
}

func (m *model) accessors(f *file, r *row) {
	for _, s := range r.slots {
		if s.inherited || s.p.Kind == spec.Extensions || hidden(r, s.p) {
			continue
		}
		f.p("// %s returns %s.", goName(s.p.Name), about(r, s.p))
		m.accessor(f, r.goName, s.p, fmt.Sprintf("v.get(%s)", slotName(r, s)))
	}
}

func slotName(r *row, s slot) string {
	if r.object && s.n < commons {
		return "slot" + goName(s.p.Name)
	}
	return fmt.Sprint(s.n)
}

// accessor writes the method that decodes a property, and HasX where the zero value is a value.
func (m *model) accessor(f *file, recv string, p *spec.Property, get string) {
	e, name := m.element(p), goName(p.Name)
	switch {
	case isList(p) && e.lazy:
		f.p("func (v %s) %s() iter.Seq[%s] { return sequence(%s, %s) }\n", recv, name, e.view, get, e.dec)
	case isList(p):
		f.p("func (v %s) %s() []%s { return list(%s, %s) }\n", recv, name, e.view, get, e.dec)
	case p.Kind == spec.Nested:
		f.p("func (v %s) %s() (%s, bool) { return %s(%s) }\n", recv, name, e.view, e.dec, get)
	case e.key != "":
		f.p("func (v %s) %s() %s { return entries[%s](%s, %s) }\n", recv, name, e.view, e.key, get, e.value)
	case e.dec == "anything":
		f.p("func (v %s) %s() %s { return %s }\n", recv, name, e.view, get)
	default:
		f.p("func (v %s) %s() %s { return one(%s, %s) }\n", recv, name, e.view, get, e.dec)
	}
	if scalar(p) {
		f.p("// Has%s reports whether %s is there and %s.", name, p.Name, map[spec.Kind]string{
			spec.Boolean: "true or false", spec.Integer: "an integer", spec.Float: "a number",
		}[p.Kind])
		f.p("func (v %s) Has%s() bool { return has(%s, %s) }\n", recv, name, get, e.dec)
	}
}
