package spec

// domainObjects are the SDOs (section 4).
var domainObjects = []*Struct{
	attackPattern, campaign, courseOfAction, grouping, identity, incident, indicator, infrastructure, intrusionSet, location,
	malware, malwareAnalysis, note, observedData, opinion, report, threatActor, tool, vulnerability,
}

// ReservedProperties are names that the standard keeps for later: no object may have such a property of its own making (section 3.8).
var ReservedProperties = []string{"severity", "action", "username", "phone_numbers"}

// ReservedTypes are names that no custom type may have (section 3.8).
var ReservedTypes = []string{"action"}

// seenInOrder is the rule of first_seen and last_seen.
var seenInOrder = Rule{Op: NotBefore, Props: []string{"last_seen", "first_seen"}, Since21: true}

var attackPattern = &Struct{
	ID: 1, Name: "attack-pattern", Class: Domain, Section: "4.1", V20: true,
	Properties: domainProperties(
		Property{ID: 32, Name: "name", Kind: String, Required: true},
		Property{ID: 33, Name: "description", Kind: String},
		Property{ID: 34, Name: "aliases", Kind: String, List: true},
		Property{ID: 35, Name: "kill_chain_phases", Kind: Nested, List: true, Struct: KillChainPhase},
	),
	Rules: domainRules(),
	Relationships: []Relation{
		{"delivers", []string{"malware"}},
		{"targets", []string{"identity", "location", "vulnerability"}},
		{"uses", []string{"malware", "tool"}},
	},
}

var campaign = &Struct{
	ID: 2, Name: "campaign", Class: Domain, Section: "4.2", V20: true,
	Properties: domainProperties(
		Property{ID: 32, Name: "name", Kind: String, Required: true},
		Property{ID: 33, Name: "description", Kind: String},
		Property{ID: 34, Name: "aliases", Kind: String, List: true},
		Property{ID: 35, Name: "first_seen", Kind: Timestamp},
		Property{ID: 36, Name: "last_seen", Kind: Timestamp},
		Property{ID: 37, Name: "objective", Kind: String},
	),
	Rules: domainRules(seenInOrder),
	Relationships: []Relation{
		{"attributed-to", []string{"intrusion-set", "threat-actor"}},
		{"compromises", []string{"infrastructure"}},
		{"originates-from", []string{"location"}},
		{"targets", []string{"identity", "location", "vulnerability"}},
		{"uses", []string{"attack-pattern", "infrastructure", "malware", "tool"}},
	},
}

var courseOfAction = &Struct{
	ID: 3, Name: "course-of-action", Class: Domain, Section: "4.3", V20: true,
	Properties: domainProperties(
		Property{ID: 32, Name: "name", Kind: String, Required: true},
		Property{ID: 33, Name: "description", Kind: String},
	),
	Rules: domainRules(),
	Relationships: []Relation{
		{"investigates", []string{"indicator"}},
		{"mitigates", []string{"attack-pattern", "indicator", "malware", "tool", "vulnerability"}},
		{"remediates", []string{"malware", "vulnerability"}},
	},
}

var grouping = &Struct{
	ID: 4, Name: "grouping", Class: Domain, Section: "4.4",
	Properties: domainProperties(
		Property{ID: 32, Name: "name", Kind: String},
		Property{ID: 33, Name: "description", Kind: String},
		Property{ID: 34, Name: "context", Kind: String, Required: true, Vocab: GroupingContext},
		Property{ID: 35, Name: "object_refs", Kind: Identifier, List: true, Required: true},
	),
	Rules: domainRules(),
}

var identity = &Struct{
	ID: 5, Name: "identity", Class: Domain, Section: "4.5", V20: true,
	Properties: domainProperties(
		Property{ID: 32, Name: "name", Kind: String, Required: true},
		Property{ID: 33, Name: "description", Kind: String},
		Property{ID: 34, Name: "roles", Kind: String, List: true},
		Property{ID: 35, Name: "identity_class", Kind: String, Vocab: IdentityClass},
		Property{ID: 36, Name: "sectors", Kind: String, List: true, Vocab: IndustrySector},
		Property{ID: 37, Name: "contact_information", Kind: String},
	),
	Rules: domainRules(),
	Relationships: []Relation{
		{"located-at", []string{"location"}},
	},
}

var incident = &Struct{
	ID: 6, Name: "incident", Class: Domain, Section: "4.6",
	Properties: domainProperties(
		Property{ID: 32, Name: "name", Kind: String, Required: true},
		Property{ID: 33, Name: "description", Kind: String},
	),
	Rules: domainRules(),
}

var indicator = &Struct{
	ID: 7, Name: "indicator", Class: Domain, Section: "4.7", V20: true,
	Properties: domainProperties(
		Property{ID: 32, Name: "name", Kind: String},
		Property{ID: 33, Name: "description", Kind: String},
		Property{ID: 34, Name: "indicator_types", Kind: String, List: true, Vocab: IndicatorType},
		Property{ID: 35, Name: "pattern", Kind: String, Required: true},
		Property{ID: 36, Name: "pattern_type", Kind: String, Required: true, Since21: true, Vocab: PatternType},
		Property{ID: 37, Name: "pattern_version", Kind: String},
		Property{ID: 38, Name: "valid_from", Kind: Timestamp, Required: true},
		Property{ID: 39, Name: "valid_until", Kind: Timestamp},
		Property{ID: 40, Name: "kill_chain_phases", Kind: Nested, List: true, Struct: KillChainPhase},
	),
	Rules: domainRules(
		Rule{Op: After, Props: []string{"valid_until", "valid_from"}, Since21: true},
		Rule{Op: Call, Check: CheckPattern, Props: []string{"pattern", "pattern_type", "pattern_version"}},
	),
	Relationships: []Relation{
		{"indicates", []string{"attack-pattern", "campaign", "infrastructure", "intrusion-set", "malware", "threat-actor", "tool"}},
		{"based-on", []string{"observed-data"}},
	},
}

var infrastructure = &Struct{
	ID: 8, Name: "infrastructure", Class: Domain, Section: "4.8",
	Properties: domainProperties(
		Property{ID: 32, Name: "name", Kind: String, Required: true},
		Property{ID: 33, Name: "description", Kind: String},
		Property{ID: 34, Name: "infrastructure_types", Kind: String, List: true, Vocab: InfrastructureType},
		Property{ID: 35, Name: "aliases", Kind: String, List: true},
		Property{ID: 36, Name: "kill_chain_phases", Kind: Nested, List: true, Struct: KillChainPhase},
		Property{ID: 37, Name: "first_seen", Kind: Timestamp},
		Property{ID: 38, Name: "last_seen", Kind: Timestamp},
	),
	Rules: domainRules(seenInOrder),
	Relationships: []Relation{
		{"communicates-with", []string{"infrastructure", "ipv4-addr", "ipv6-addr", "domain-name", "url"}},
		// The standard says: infrastructure, observed-data and every SCO.
		{"consists-of", []string{
			"infrastructure", "observed-data",
			"artifact", "autonomous-system", "directory", "domain-name", "email-addr", "email-message", "file", "ipv4-addr", "ipv6-addr",
			"mac-addr", "mutex", "network-traffic", "process", "software", "url", "user-account", "windows-registry-key", "x509-certificate",
		}},
		{"controls", []string{"infrastructure", "malware"}},
		{"delivers", []string{"malware"}},
		{"has", []string{"vulnerability"}},
		{"hosts", []string{"tool", "malware"}},
		{"located-at", []string{"location"}},
		{"uses", []string{"infrastructure"}},
	},
}

var intrusionSet = &Struct{
	ID: 9, Name: "intrusion-set", Class: Domain, Section: "4.9", V20: true,
	Properties: domainProperties(
		Property{ID: 32, Name: "name", Kind: String, Required: true},
		Property{ID: 33, Name: "description", Kind: String},
		Property{ID: 34, Name: "aliases", Kind: String, List: true},
		Property{ID: 35, Name: "first_seen", Kind: Timestamp},
		Property{ID: 36, Name: "last_seen", Kind: Timestamp},
		Property{ID: 37, Name: "goals", Kind: String, List: true},
		Property{ID: 38, Name: "resource_level", Kind: String, Vocab: AttackResourceLevel},
		Property{ID: 39, Name: "primary_motivation", Kind: String, Vocab: AttackMotivation},
		Property{ID: 40, Name: "secondary_motivations", Kind: String, List: true, Vocab: AttackMotivation},
	),
	Rules: domainRules(seenInOrder),
	Relationships: []Relation{
		{"attributed-to", []string{"threat-actor"}},
		{"compromises", []string{"infrastructure"}},
		{"hosts", []string{"infrastructure"}},
		{"owns", []string{"infrastructure"}},
		{"originates-from", []string{"location"}},
		{"targets", []string{"identity", "location", "vulnerability"}},
		{"uses", []string{"attack-pattern", "infrastructure", "malware", "tool"}},
	},
}

var location = &Struct{
	ID: 10, Name: "location", Class: Domain, Section: "4.10",
	Properties: domainProperties(
		Property{ID: 32, Name: "name", Kind: String},
		Property{ID: 33, Name: "description", Kind: String},
		Property{ID: 34, Name: "latitude", Kind: Float, Range: &Range{-90, 90}},
		Property{ID: 35, Name: "longitude", Kind: Float, Range: &Range{-180, 180}},
		Property{ID: 36, Name: "precision", Kind: Float},
		Property{ID: 37, Name: "region", Kind: String, Vocab: Region},
		Property{ID: 38, Name: "country", Kind: String, Format: Country},
		Property{ID: 39, Name: "administrative_area", Kind: String},
		Property{ID: 40, Name: "city", Kind: String},
		Property{ID: 41, Name: "street_address", Kind: String},
		Property{ID: 42, Name: "postal_code", Kind: String},
	),
	Rules: domainRules(
		// The standard counts latitude and longitude as one; the next two rules keep them together.
		Rule{Op: AtLeastOne, Props: []string{"region", "country", "latitude", "longitude"}, Implied: []Code{CodeRequires}},
		Rule{Op: Requires, Props: []string{"latitude", "longitude"}},
		Rule{Op: Requires, Props: []string{"longitude", "latitude"}},
		Rule{Op: Requires, Props: []string{"precision", "latitude", "longitude"}},
	),
}
