package spec

import "slices"

// The common properties (section 3.2), by number.
func commonProperty(id uint16) Property {
	for _, p := range common {
		if p.ID == id {
			return p
		}
	}
	panic("spec: no such common property")
}

var common = []Property{
	{ID: 1, Name: "type", Kind: String, Required: true},
	{ID: 2, Name: "spec_version", Kind: String, Required: true, Since21: true, Fixed: "2.1"},
	{ID: 3, Name: "id", Kind: Identifier, Required: true},
	{ID: 4, Name: "created_by_ref", Kind: Identifier, Refs: &Refs{Types: []string{"identity"}}},
	{ID: 5, Name: "created", Kind: Timestamp, Required: true, Millis: true},
	{ID: 6, Name: "modified", Kind: Timestamp, Required: true, Millis: true},
	{ID: 7, Name: "revoked", Kind: Boolean},
	{ID: 8, Name: "labels", Kind: String, List: true},
	{ID: 9, Name: "confidence", Kind: Integer, Range: &Range{0, 100}},
	{ID: 10, Name: "lang", Kind: String, Format: Language},
	{ID: 11, Name: "external_references", Kind: Nested, List: true, Struct: ExternalReference},
	{ID: 12, Name: "object_marking_refs", Kind: Identifier, List: true, Refs: &Refs{Types: []string{"marking-definition"}}},
	{ID: 13, Name: "granular_markings", Kind: Nested, List: true, Struct: GranularMarking},
	{ID: 14, Name: "defanged", Kind: Boolean},
	{ID: 15, Name: "extensions", Kind: Extensions},
}

// withCommon puts the common properties of these numbers before own ones.
func withCommon(ids []uint16, own []Property) []Property {
	list := make([]Property, 0, len(ids)+len(own))
	for _, id := range ids {
		list = append(list, commonProperty(id))
	}
	return append(list, own...)
}

// domainProperties are the common properties of SDOs and SROs, then own.
func domainProperties(own ...Property) []Property {
	return withCommon([]uint16{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15}, own)
}

// observableProperties are the common properties of SCOs, then own.
func observableProperties(own ...Property) []Property {
	list := withCommon([]uint16{1, 2, 3, 12, 13, 14, 15}, own)
	list[1].Required, list[1].Since21 = false, false
	return list
}

// domainRules are the rules of every SDO and SRO, then own.
func domainRules(own ...Rule) []Rule {
	return append([]Rule{{Op: NotBefore, Props: []string{"modified", "created"}}}, own...)
}

// observableRules are the rules of every SCO, then own.
func observableRules(own ...Rule) []Rule {
	return append([]Rule{{Op: Call, Check: CheckDeterministicID}}, own...)
}

// types is a Refs of types, classes one of classes.
func types(names ...string) *Refs { return &Refs{Types: names} }

func classes(list ...Class) *Refs { return &Refs{Classes: list} }

// Standard is STIX 2.1 with the extensions that are shipped.
var Standard = func() *Table {
	objects := slices.Concat(domainObjects, relationshipObjects, observableObjects, metaObjects)
	t, err := NewTable(objects, slices.Concat(predefinedExtensions, shippedExtensions))
	if err != nil {
		panic("spec: " + err.Error())
	}
	return t
}()

// UnknownDomain judges objects of custom types by the common properties. A custom type may be an SCO: only what both demand is required.
var UnknownDomain = func() *Struct {
	s := &Struct{Name: "", Class: Custom, Section: "11.2", Properties: withCommon([]uint16{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, nil)}
	for i := range s.Properties {
		s.Properties[i].Required = s.Properties[i].Name == "type" || s.Properties[i].Name == "id"
	}
	s.Rules = []Rule{{Op: NotBefore, Props: []string{"modified", "created"}}}
	if err := s.compile(); err != nil {
		panic("spec: " + err.Error())
	}
	return s
}()
