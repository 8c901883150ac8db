package spec

var malware = &Struct{
	ID: 11, Name: "malware", Class: Domain, Section: "4.11", V20: true,
	Properties: domainProperties(
		Property{ID: 32, Name: "name", Kind: String},
		Property{ID: 33, Name: "description", Kind: String},
		Property{ID: 34, Name: "malware_types", Kind: String, List: true, Vocab: MalwareType},
		Property{ID: 35, Name: "is_family", Kind: Boolean, Required: true, Since21: true},
		Property{ID: 36, Name: "aliases", Kind: String, List: true},
		Property{ID: 37, Name: "kill_chain_phases", Kind: Nested, List: true, Struct: KillChainPhase},
		Property{ID: 38, Name: "first_seen", Kind: Timestamp},
		Property{ID: 39, Name: "last_seen", Kind: Timestamp},
		Property{ID: 40, Name: "operating_system_refs", Kind: Identifier, List: true, Refs: types("software")},
		Property{ID: 41, Name: "architecture_execution_envs", Kind: String, List: true, Vocab: ProcessorArchitecture},
		Property{ID: 42, Name: "implementation_languages", Kind: String, List: true, Vocab: ImplementationLanguage},
		Property{ID: 43, Name: "capabilities", Kind: String, List: true, Vocab: MalwareCapabilities},
		Property{ID: 44, Name: "sample_refs", Kind: Identifier, List: true, Refs: types("artifact", "file")},
	),
	Rules: domainRules(
		seenInOrder,
		Rule{Op: Requires, When: &When{Prop: "is_family", Value: "true"}, Props: []string{"is_family", "name"}, Since21: true},
	),
	Relationships: []Relation{
		{"authored-by", []string{"threat-actor", "intrusion-set"}},
		{"beacons-to", []string{"infrastructure"}},
		{"exfiltrate-to", []string{"infrastructure"}},
		{"communicates-with", []string{"ipv4-addr", "ipv6-addr", "domain-name", "url"}},
		{"controls", []string{"malware"}},
		{"downloads", []string{"malware", "tool", "file"}},
		{"drops", []string{"malware", "tool", "file"}},
		{"exploits", []string{"vulnerability"}},
		{"originates-from", []string{"location"}},
		{"targets", []string{"identity", "infrastructure", "location", "vulnerability"}},
		{"uses", []string{"attack-pattern", "infrastructure", "malware", "tool"}},
		{"variant-of", []string{"malware"}},
	},
}

var malwareAnalysis = &Struct{
	ID: 12, Name: "malware-analysis", Class: Domain, Section: "4.12",
	Properties: domainProperties(
		Property{ID: 32, Name: "product", Kind: String, Required: true, Format: LowerHyphen},
		Property{ID: 33, Name: "version", Kind: String},
		Property{ID: 34, Name: "host_vm_ref", Kind: Identifier, Refs: types("software")},
		Property{ID: 35, Name: "operating_system_ref", Kind: Identifier, Refs: types("software")},
		Property{ID: 36, Name: "installed_software_refs", Kind: Identifier, List: true, Refs: types("software")},
		Property{ID: 37, Name: "configuration_version", Kind: String},
		Property{ID: 38, Name: "modules", Kind: String, List: true},
		Property{ID: 39, Name: "analysis_engine_version", Kind: String},
		Property{ID: 40, Name: "analysis_definition_version", Kind: String},
		Property{ID: 41, Name: "submitted", Kind: Timestamp},
		Property{ID: 42, Name: "analysis_started", Kind: Timestamp},
		Property{ID: 43, Name: "analysis_ended", Kind: Timestamp},
		Property{ID: 44, Name: "result_name", Kind: String},
		Property{ID: 45, Name: "result", Kind: String, Vocab: MalwareResult},
		Property{ID: 46, Name: "analysis_sco_refs", Kind: Identifier, List: true, Refs: classes(Observable)},
		Property{ID: 47, Name: "sample_ref", Kind: Identifier, Refs: types("artifact", "file", "network-traffic")},
	),
	Rules: domainRules(Rule{Op: AtLeastOne, Props: []string{"result", "analysis_sco_refs"}}),
	Relationships: []Relation{
		{"characterizes", []string{"malware"}},
		{"analysis-of", []string{"malware"}},
		{"static-analysis-of", []string{"malware"}},
		{"dynamic-analysis-of", []string{"malware"}},
	},
}

var note = &Struct{
	ID: 13, Name: "note", Class: Domain, Section: "4.13",
	Properties: domainProperties(
		Property{ID: 32, Name: "abstract", Kind: String},
		Property{ID: 33, Name: "content", Kind: String, Required: true},
		Property{ID: 34, Name: "authors", Kind: String, List: true},
		Property{ID: 35, Name: "object_refs", Kind: Identifier, List: true, Required: true},
	),
	Rules: domainRules(),
}

var observedData = &Struct{
	ID: 14, Name: "observed-data", Class: Domain, Section: "4.14", V20: true,
	Properties: domainProperties(
		Property{ID: 32, Name: "first_observed", Kind: Timestamp, Required: true},
		Property{ID: 33, Name: "last_observed", Kind: Timestamp, Required: true},
		Property{ID: 34, Name: "number_observed", Kind: Integer, Required: true, Range: &Range{1, 999999999}},
		Property{ID: 35, Name: "objects", Kind: Objects, Deprecated: true},
		Property{ID: 36, Name: "object_refs", Kind: Identifier, List: true, Refs: classes(Observable, Relationship)},
	),
	Rules: domainRules(
		Rule{Op: NotBefore, Props: []string{"last_observed", "first_observed"}, Since21: true},
		Rule{Op: ExactlyOne, Props: []string{"objects", "object_refs"}, Implied: []Code{CodeDeprecated}},
		Rule{Op: Call, Check: CheckObservedRefs, Props: []string{"object_refs"}, Since21: true},
	),
}

var opinion = &Struct{
	ID: 15, Name: "opinion", Class: Domain, Section: "4.15",
	Properties: domainProperties(
		Property{ID: 32, Name: "explanation", Kind: String},
		Property{ID: 33, Name: "authors", Kind: String, List: true},
		Property{ID: 34, Name: "opinion", Kind: String, Required: true, Vocab: Opinion},
		Property{ID: 35, Name: "object_refs", Kind: Identifier, List: true, Required: true},
	),
	Rules: domainRules(),
}

var report = &Struct{
	ID: 16, Name: "report", Class: Domain, Section: "4.16", V20: true,
	Properties: domainProperties(
		Property{ID: 32, Name: "name", Kind: String, Required: true},
		Property{ID: 33, Name: "description", Kind: String},
		Property{ID: 34, Name: "report_types", Kind: String, List: true, Vocab: ReportType},
		Property{ID: 35, Name: "published", Kind: Timestamp, Required: true},
		Property{ID: 36, Name: "object_refs", Kind: Identifier, List: true, Required: true},
	),
	Rules: domainRules(),
}

var threatActor = &Struct{
	ID: 17, Name: "threat-actor", Class: Domain, Section: "4.17", V20: true,
	Properties: domainProperties(
		Property{ID: 32, Name: "name", Kind: String, Required: true},
		Property{ID: 33, Name: "description", Kind: String},
		Property{ID: 34, Name: "threat_actor_types", Kind: String, List: true, Vocab: ThreatActorType},
		Property{ID: 35, Name: "aliases", Kind: String, List: true},
		Property{ID: 36, Name: "first_seen", Kind: Timestamp},
		Property{ID: 37, Name: "last_seen", Kind: Timestamp},
		Property{ID: 38, Name: "roles", Kind: String, List: true, Vocab: ThreatActorRole},
		Property{ID: 39, Name: "goals", Kind: String, List: true},
		Property{ID: 40, Name: "sophistication", Kind: String, Vocab: ThreatActorSophistication},
		Property{ID: 41, Name: "resource_level", Kind: String, Vocab: AttackResourceLevel},
		Property{ID: 42, Name: "primary_motivation", Kind: String, Vocab: AttackMotivation},
		Property{ID: 43, Name: "secondary_motivations", Kind: String, List: true, Vocab: AttackMotivation},
		Property{ID: 44, Name: "personal_motivations", Kind: String, List: true, Vocab: AttackMotivation},
	),
	Rules: domainRules(seenInOrder),
	Relationships: []Relation{
		{"attributed-to", []string{"identity"}},
		{"compromises", []string{"infrastructure"}},
		{"hosts", []string{"infrastructure"}},
		{"owns", []string{"infrastructure"}},
		{"impersonates", []string{"identity"}},
		{"located-at", []string{"location"}},
		{"targets", []string{"identity", "location", "vulnerability"}},
		{"uses", []string{"attack-pattern", "infrastructure", "malware", "tool"}},
	},
}

var tool = &Struct{
	ID: 18, Name: "tool", Class: Domain, Section: "4.18", V20: true,
	Properties: domainProperties(
		Property{ID: 32, Name: "name", Kind: String, Required: true},
		Property{ID: 33, Name: "description", Kind: String},
		Property{ID: 34, Name: "tool_types", Kind: String, List: true, Vocab: ToolType},
		Property{ID: 35, Name: "aliases", Kind: String, List: true},
		Property{ID: 36, Name: "kill_chain_phases", Kind: Nested, List: true, Struct: KillChainPhase},
		Property{ID: 37, Name: "tool_version", Kind: String},
	),
	Rules: domainRules(),
	Relationships: []Relation{
		{"delivers", []string{"malware"}},
		{"drops", []string{"malware"}},
		{"has", []string{"vulnerability"}},
		{"targets", []string{"identity", "infrastructure", "location", "vulnerability"}},
		{"uses", []string{"infrastructure"}},
	},
}

var vulnerability = &Struct{
	ID: 19, Name: "vulnerability", Class: Domain, Section: "4.19", V20: true,
	Properties: domainProperties(
		Property{ID: 32, Name: "name", Kind: String, Required: true},
		Property{ID: 33, Name: "description", Kind: String},
	),
	Rules: domainRules(),
}
