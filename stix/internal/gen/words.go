package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// where is the section of a struct.
func where(r *row) string { return section(r.Section) }

func section(s string) string {
	switch {
	case s == "":
		return "of its own specification"
	case s[0] >= '0' && s[0] <= '9':
		return "STIX 2.1 section " + s
	}
	return s
}

// about says what the table says of a property.
func about(r *row, p *spec.Property) string {
	var notes []string
	note := func(on bool, format string, args ...any) {
		if on {
			notes = append(notes, fmt.Sprintf(format, args...))
		}
	}
	note(p.Required, "required")
	note(p.Deprecated, "deprecated")
	note(p.Contributing, "contributes to the id")
	note(p.Fixed != "", "always %s", p.Fixed)
	if p.Range != nil {
		note(true, "%s", bounds(p.Range))
	}
	if p.Refs != nil {
		note(true, "refers to %s", targets(p.Refs))
	}
	s := r.Section
	if r.object && p.ID <= 31 {
		s = "3.2"
	}
	notes = append([]string{section(s)}, notes...)
	return fmt.Sprintf("the property %s (%s)", p.Name, strings.Join(notes, "; "))
}

func bounds(r *spec.Range) string {
	switch {
	case r.Max >= 1<<53-1:
		return fmt.Sprintf("at least %v", r.Min)
	case r.Min <= -(1<<53 - 1):
		return fmt.Sprintf("at most %v", r.Max)
	}
	return fmt.Sprintf("%v to %v", r.Min, r.Max)
}

func targets(r *spec.Refs) string {
	list := slices.Clone(r.Types)
	for _, c := range r.Classes {
		list = append(list, map[spec.Class]string{
			spec.Custom: "custom objects", spec.Domain: "SDOs", spec.Relationship: "SROs", spec.Meta: "meta objects",
			spec.Observable: "cyber-observables", spec.Container: "bundles", spec.Part: "parts",
		}[c])
	}
	s := strings.Join(list, ", ")
	if len(r.Except) > 0 {
		s += " except " + strings.Join(r.Except, ", ")
	}
	return s
}

// vocab writes the vocabularies that are closed, or those that are open.
func (m *model) vocab(closed bool) string {
	var f file
	for _, v := range m.vocabs {
		if v.Closed != closed {
			continue
		}
		name := vocabName(v.Name)
		if closed {
			f.p("// %s is %s (%s). It is closed: no other value may be used.", name, v.Name, section(v.Section))
		} else {
			f.p("// %s is %s (%s). It is open: a value should be one of these.", name, v.Name, section(v.Section))
		}
		f.p("type %s string\n\n// The values of %s.\nconst (", name, v.Name)
		for _, value := range v.Values {
			f.p("%s %s = %q", name+goName(value), name, value)
		}
		f.p(")\n\nvar values%s = []%s{", name, name)
		for _, value := range v.Values {
			f.p("%s,", name+goName(value))
		}
		f.p("}\n\n// Values returns all values of %s, in the order of the standard.", v.Name)
		f.p("func (%s) Values() []%s { return slices.Clone(values%s) }\n", name, name, name)
		f.p("// Valid reports whether v is listed in %s.", v.Name)
		f.p("func (v %s) Valid() bool { return slices.Contains(values%s, v) }\n", name, name)
	}
	body := f.String()
	if body == "" {
		return "package vocab\n"
	}
	return "package vocab\n\nimport \"slices\"\n\n" + body
}
