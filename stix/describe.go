package stix

import (
	"iter"
	"slices"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// TypeInfo describes one type of the table: an object type, a part of one, or the members of an extension. Name and the names of its
// properties are keys for whoever labels them.
type TypeInfo struct {
	Name string
	// Class is domain, relationship, observable, meta, container (the bundle), part, or extension (the members of one).
	Class      string
	Section    string // of STIX 2.1; of its own specification where an extension defines it
	Definition string // the id of the extension-definition that makes the type or the members, "" for the standard's own
	// Extensions are the keys in extensions under which the members may stand, and Extends the types that may carry them, empty for any.
	Extensions []string
	Extends    []string
	Properties []PropertyInfo
}

// PropertyInfo describes one property.
type PropertyInfo struct {
	Name string
	// Kind is any, boolean, integer, float, string, timestamp, identifier, hex, binary, hashes, dictionary, nested, extensions, objects or
	// contained.
	Kind     string
	Section  string
	Common   bool // STIX 2.1 section 3.2 defines it for many types
	List     bool
	Required bool
	// Contributing: the id of a cyber-observable follows from it (section 2.9).
	Contributing bool
	Deprecated   bool
	Vocabulary   string // the name in [Vocabularies], "" if any string may stand here
	Part         string // the name in [Types] of the object that is nested here
	// Refs are the types that may be referred to, Classes the classes; both empty: any object.
	Refs, Classes []string
	Values        *PropertyInfo // of a dictionary: what its values are, nil if they may be anything
}

// VocabularyInfo describes a vocabulary (STIX 2.1 section 10).
type VocabularyInfo struct {
	Name, Section string
	Closed        bool // an enumeration: no other value is valid
	Values        []string
}

// Types ranges over all types that this package knows, in a fixed order: the object types, each followed by its parts, then the
// members of the extensions with theirs. What it yields belongs to the caller.
func Types() iter.Seq[TypeInfo] { return standard.Types() }

// Vocabularies ranges over the vocabularies that the types use, in the order in which [Types] comes upon them.
func Vocabularies() iter.Seq[VocabularyInfo] { return standard.Vocabularies() }

// Types is [Types] with the registry's own.
func (r *Registry) Types() iter.Seq[TypeInfo] {
	return func(yield func(TypeInfo) bool) {
		w := walkTable(r.table())
		for _, t := range w.types {
			if !yield(t) {
				return
			}
		}
	}
}

// Vocabularies is [Vocabularies] with the registry's own.
func (r *Registry) Vocabularies() iter.Seq[VocabularyInfo] {
	return func(yield func(VocabularyInfo) bool) {
		for _, v := range walkTable(r.table()).vocabs {
			if !yield(VocabularyInfo{v.Name, v.Section, v.Closed, slices.Clone(v.Values)}) {
				return
			}
		}
	}
}

// tableWalk collects what a table is made of.
type tableWalk struct {
	types  []TypeInfo
	vocabs []*spec.Vocabulary
	seen   map[*spec.Struct]bool
}

func walkTable(t *spec.Table) *tableWalk {
	w := &tableWalk{seen: map[*spec.Struct]bool{}}
	for _, s := range t.Objects() {
		w.add(s, TypeInfo{Class: className(s.Class), Definition: s.Definition})
	}
	for _, e := range t.Extensions() {
		definition := ""
		if e.Types != nil {
			definition = e.ID
		}
		if e.Members != nil {
			info := TypeInfo{Class: "extension", Definition: definition, Extends: slices.Clone(e.Extends)}
			for _, same := range t.Extensions() {
				if same.Members == e.Members {
					info.Extensions = append(info.Extensions, same.ID)
				}
			}
			w.add(e.Members, info)
		}
		if len(e.Top) > 0 {
			top := &spec.Struct{Name: e.Name, Section: "7.3", Properties: e.Top}
			w.add(top, TypeInfo{Class: "extension", Definition: definition, Extends: slices.Clone(e.Extends)})
		}
	}
	w.vocabulary(spec.HashAlgorithm)
	return w
}

func (w *tableWalk) add(s *spec.Struct, info TypeInfo) {
	if w.seen[s] {
		return
	}
	w.seen[s] = true
	info.Name, info.Section = s.Name, s.Section
	for i := range s.Properties {
		info.Properties = append(info.Properties, describeProperty(s, &s.Properties[i], info.Class))
	}
	w.types = append(w.types, info)
	for i := range s.Properties {
		for p := &s.Properties[i]; p != nil; p = p.Value {
			if p.Vocab != nil {
				w.vocabulary(p.Vocab)
			}
			if p.Struct != nil {
				w.add(p.Struct, TypeInfo{Class: "part", Definition: info.Definition})
			}
		}
	}
}

func (w *tableWalk) vocabulary(v *spec.Vocabulary) {
	if !slices.Contains(w.vocabs, v) {
		w.vocabs = append(w.vocabs, v)
	}
}

func describeProperty(s *spec.Struct, p *spec.Property, class string) PropertyInfo {
	info := PropertyInfo{
		Name: p.Name, Kind: kindNames[p.Kind], Section: s.Section, List: p.List, Required: p.Required,
		Contributing: p.Contributing, Deprecated: p.Deprecated,
	}
	if p.ID != 0 && p.ID < ownProperty && class != "part" && class != "extension" {
		info.Common, info.Section = true, "3.2"
	}
	if p.Kind == spec.Hashes {
		info.Vocabulary = spec.HashAlgorithm.Name
	}
	if p.Vocab != nil {
		info.Vocabulary = p.Vocab.Name
	}
	if p.Struct != nil {
		info.Part = p.Struct.Name
	}
	if p.Refs != nil {
		info.Refs = slices.Clone(p.Refs.Types)
		for _, c := range p.Refs.Classes {
			info.Classes = append(info.Classes, className(c))
		}
	}
	if p.Value != nil {
		v := describeProperty(s, p.Value, class)
		info.Values = &v
	}
	return info
}

var kindNames = map[spec.Kind]string{
	spec.Any: "any", spec.Boolean: "boolean", spec.Integer: "integer", spec.Float: "float", spec.String: "string",
	spec.Timestamp: "timestamp", spec.Identifier: "identifier", spec.Hex: "hex", spec.Binary: "binary", spec.Hashes: "hashes",
	spec.Dictionary: "dictionary", spec.Nested: "nested", spec.Extensions: "extensions", spec.Objects: "objects",
	spec.Contained: "contained",
}

func className(c spec.Class) string {
	switch c {
	case spec.Domain:
		return "domain"
	case spec.Relationship:
		return "relationship"
	case spec.Meta:
		return "meta"
	case spec.Observable:
		return "observable"
	case spec.Container:
		return "container"
	case spec.Part:
		return "part"
	}
	return "custom"
}
