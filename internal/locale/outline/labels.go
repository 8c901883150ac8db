package outline

import (
	"sync"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/stix"
)

// Labels are the words of a language for what STIX names, and with Names what STIX calls it too. What STIX does not name comes back as
// it is: it is foreign text.
type Labels struct {
	Lang  locale.Lang
	Names bool
}

// both is a label, with the name that it stands for if names are wanted.
func (l Labels) both(label, name string) string {
	if !l.Names || label == name {
		return label
	}
	return label + " (" + name + ")"
}

// Type is the label of an object type.
func (l Labels) Type(name string) string { return l.both(l.Lang.Type(name), name) }

// Property is the label of a property of a type. A property of one's own keeps its name.
func (l Labels) Property(typ, name string) string {
	label, _ := l.property(typ, name)
	return label
}

// property is the label of a property of a type and what is known of its value.
func (l Labels) property(typ, name string) (string, *stix.PropertyInfo) {
	table := stixTable()
	of, ok := table.properties[typ]
	if !ok {
		of = table.common
	}
	p := of[name]
	if p == nil {
		return name, nil
	}
	return l.both(l.Lang.Property(typ, name), name), p
}

// member is the label of a member of an object of which of is known, and what is known of the member's value.
func (l Labels) member(of *stix.PropertyInfo, name string) (string, *stix.PropertyInfo) {
	switch {
	case of == nil:
		return name, nil
	case of.Kind == "extensions":
		key, known := stixTable().extensions[name]
		if !known {
			return name, &stix.PropertyInfo{Kind: "extension"}
		}
		return l.both(l.Lang.Type(key), name), &stix.PropertyInfo{Kind: "extension", Part: key}
	case of.Kind == "extension" && name == "extension_type":
		return l.both(l.Lang.Vocabulary("extension-type-enum"), name), &stix.PropertyInfo{Vocabulary: "extension-type-enum"}
	case of.Kind == "objects":
		return name, &stix.PropertyInfo{Kind: "contained"}
	case of.Part != "":
		return l.property(of.Part, name)
	}
	return name, of.Values // a dictionary's, if it is one
}

// value is a text as people read it.
func (l Labels) value(p *stix.PropertyInfo, text string) string {
	switch {
	case p == nil:
		return text
	case p.Vocabulary != "" && p.Kind != "hashes":
		return l.both(l.Lang.Value(p.Vocabulary, text), text)
	case p.Name == "type" && p.Common:
		return l.Type(text)
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
