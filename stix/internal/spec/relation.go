package spec

// relationshipObjects are the SROs (section 5).
var relationshipObjects = []*Struct{relationship, sighting}

var relationship = &Struct{
	ID: 40, Name: "relationship", Class: Relationship, Section: "5.1", V20: true,
	Properties: domainProperties(
		Property{ID: 32, Name: "relationship_type", Kind: String, Required: true, Format: RelationshipName},
		Property{ID: 33, Name: "description", Kind: String},
		Property{ID: 34, Name: "source_ref", Kind: Identifier, Required: true, Refs: classes(Domain, Observable)},
		Property{ID: 35, Name: "target_ref", Kind: Identifier, Required: true, Refs: classes(Domain, Observable)},
		Property{ID: 36, Name: "start_time", Kind: Timestamp},
		Property{ID: 37, Name: "stop_time", Kind: Timestamp},
	),
	Rules: domainRules(
		Rule{Op: After, Props: []string{"stop_time", "start_time"}, Since21: true},
		Rule{Op: Call, Check: CheckRelationship, Props: []string{"relationship_type", "source_ref", "target_ref"}},
	),
}

var sighting = &Struct{
	ID: 41, Name: "sighting", Class: Relationship, Section: "5.2", V20: true,
	Properties: domainProperties(
		Property{ID: 32, Name: "description", Kind: String},
		Property{ID: 33, Name: "first_seen", Kind: Timestamp},
		Property{ID: 34, Name: "last_seen", Kind: Timestamp},
		Property{ID: 35, Name: "count", Kind: Integer, Range: &Range{0, 999999999}},
		Property{ID: 36, Name: "sighting_of_ref", Kind: Identifier, Required: true, Refs: classes(Domain)},
		Property{ID: 37, Name: "observed_data_refs", Kind: Identifier, List: true, Refs: types("observed-data")},
		Property{ID: 38, Name: "where_sighted_refs", Kind: Identifier, List: true, Refs: types("identity", "location")},
		Property{ID: 39, Name: "summary", Kind: Boolean},
	),
	Rules: domainRules(seenInOrder),
}
