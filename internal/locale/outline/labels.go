package main

import (
	"sync"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/stix"
)

// labels are the words of a language for what STIX names, and with names what STIX calls it too. What STIX does not name comes back as
// it is: it is foreign text.
type labels struct {
	lang  locale.Lang
	names bool
}

// both is a label, with the name that it stands for if names are wanted.
func (l labels) both(label, name string) string {
	if !l.names || label == name {
		return label
	}
	return label + " (" + name + ")"
}

func (l labels) typ(name string) string { return l.both(l.lang.Type(name), name) }

// property is the label of a property of a type and what is known of its value. A property of one's own keeps its name.
func (l labels) property(typ, name string) (string, *stix.PropertyInfo) {
	table := stixTable()
	of, ok := table.properties[typ]
	if !ok {
		of = table.common
	}
	p := of[name]
	if p == nil {
		return name, nil
	}
	return l.both(l.lang.Property(typ, name), name), p
}

// member is the label of a member of an object of which of is known, and what is known of the member's value.
func (l labels) member(of *stix.PropertyInfo, name string) (string, *stix.PropertyInfo) {
	switch {
	case of == nil:
		return name, nil
	case of.Kind == "extensions":
		key, known := stixTable().extensions[name]
		if !known {
			return name, &stix.PropertyInfo{Kind: "extension"}
		}
		return l.both(l.lang.Type(key), name), &stix.PropertyInfo{Kind: "extension", Part: key}
	case of.Kind == "extension" && name == "extension_type":
		return l.both(l.lang.Vocabulary("extension-type-enum"), name), &stix.PropertyInfo{Vocabulary: "extension-type-enum"}
	case of.Kind == "objects":
		return name, &stix.PropertyInfo{Kind: "contained"}
	case of.Part != "":
		return l.property(of.Part, name)
	}
	return name, of.Values // a dictionary's, if it is one
}

// value is a text as people read it.
func (l labels) value(p *stix.PropertyInfo, text string) string {
	switch {
	case p == nil:
		return text
	case p.Vocabulary != "" && p.Kind != "hashes":
		return l.both(l.lang.Value(p.Vocabulary, text), text)
	case p.Name == "type" && p.Common:
		return l.typ(text)
	}
	return text
}

// tableOfSTIX is what package stix knows, by name.
type tableOfSTIX struct {
	properties map[string]map[string]*stix.PropertyInfo // by type
	common     map[string]*stix.PropertyInfo            // what any type may have
	extensions map[string]string                        // the type of their members, by key
}

var stixTable = sync.OnceValue(func() *tableOfSTIX {
	t := &tableOfSTIX{map[string]map[string]*stix.PropertyInfo{}, map[string]*stix.PropertyInfo{}, map[string]string{}}
	for info := range stix.Types() {
		of := map[string]*stix.PropertyInfo{}
		for i := range info.Properties {
			p := &info.Properties[i]
			of[p.Name] = p
			if p.Common {
				t.common[p.Name] = p
			}
		}
		t.properties[info.Name] = of
		for _, key := range info.Extensions {
			t.extensions[key] = info.Name
		}
	}
	return t
})
