package spec

// metaObjects are section 7 and the bundle (section 8).
var metaObjects = []*Struct{extensionDefinition, languageContent, markingDefinition, bundle}

// requireCreator makes created_by_ref, which objects may do without, required.
func requireCreator(list []Property) []Property {
	for i := range list {
		if list[i].Name == "created_by_ref" {
			list[i].Required = true
		}
	}
	return list
}

// extensionDefinition is the one object besides the bundle that nothing extends.
var extensionDefinition = &Struct{
	ID: 50, Name: "extension-definition", Class: Meta, Section: "7.3",
	Properties: requireCreator(withCommon([]uint16{1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13}, []Property{
		{ID: 32, Name: "name", Kind: String, Required: true},
		{ID: 33, Name: "description", Kind: String},
		{ID: 34, Name: "schema", Kind: String, Required: true}, // a URL, or the definition in words
		{ID: 35, Name: "version", Kind: String, Required: true},
		{ID: 36, Name: "extension_types", Kind: String, List: true, Required: true, Vocab: ExtensionType},
		{ID: 37, Name: "extension_properties", Kind: String, List: true, Format: PropertyName},
	})),
	Rules: domainRules(
		Rule{Op: Call, Check: CheckExtensionProperties, Props: []string{"extension_properties", "extension_types"}},
	),
}

// languageContent has no lang: its contents name theirs.
var languageContent = &Struct{
	ID: 51, Name: "language-content", Class: Meta, Section: "7.1",
	Properties: withCommon([]uint16{1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15}, []Property{
		{ID: 32, Name: "object_ref", Kind: Identifier, Required: true, Refs: classes(Domain, Relationship, Meta, Observable)},
		{ID: 33, Name: "object_modified", Kind: Timestamp},
		// Keys that name no property of the object are ignored, whatever they look like; they are keys of a dictionary all the same.
		{ID: 34, Name: "contents", Kind: Dictionary, Required: true, Keys: Language, Value: &Property{Kind: Dictionary}},
	}),
	Rules: domainRules(),
}

// markingDefinition has no versions: it is never modified nor revoked.
var markingDefinition = &Struct{
	ID: 52, Name: "marking-definition", Class: Meta, Section: "7.2.1", V20: true,
	Properties: withCommon([]uint16{1, 2, 3, 4, 5, 11, 12, 13, 15}, []Property{
		{ID: 32, Name: "name", Kind: String},
		{ID: 33, Name: "definition_type", Kind: String},
		{ID: 34, Name: "definition", Kind: Dictionary},
	}),
	Rules: []Rule{{Op: Call, Check: CheckMarking, Props: []string{"definition_type", "definition", "extensions"}}},
}

// bundle has a spec_version in STIX 2.0 only.
var bundle = &Struct{
	ID: 53, Name: "bundle", Class: Container, Section: "8", V20: true,
	Properties: withCommon([]uint16{1, 3}, []Property{
		{ID: 32, Name: "objects", Kind: Contained, List: true},
	}),
}
