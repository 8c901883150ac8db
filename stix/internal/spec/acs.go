package spec

// acs is the access control specification 3.0 of the United States' information sharing architecture. Its lists of organisations, categories and
// nationalities are kept elsewhere, and only the enumerations that its decisions turn on are closed here.
var acs = &Extension{
	ID: "extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce", Name: "ACS 3.0",
	Extends: []string{"marking-definition"}, Types: propertyExtension,
	Members: &Struct{
		ID: 160, Name: "acs", Class: Part, Section: "ACS 3.0",
		Properties: []Property{
			{ID: 32, Name: "identifier", Kind: String, Required: true},
			{ID: 33, Name: "name", Kind: String},
			{ID: 34, Name: "create_date_time", Kind: Timestamp, Required: true},
			{ID: 35, Name: "responsible_entity_custodian", Kind: String, Required: true},
			{ID: 36, Name: "responsible_entity_originator", Kind: String},
			{ID: 37, Name: "authority_reference", Kind: String, List: true},
			{ID: 38, Name: "policy_reference", Kind: String, Required: true},
			{ID: 39, Name: "original_classification", Kind: Nested, Struct: acsOriginalClassification},
			{ID: 40, Name: "derivative_classification", Kind: Nested, Struct: acsDerivativeClassification},
			{ID: 41, Name: "declassification", Kind: Nested, Struct: acsDeclassification},
			{ID: 42, Name: "resource_disposition", Kind: Nested, Struct: acsResourceDisposition},
			{ID: 43, Name: "public_release", Kind: Nested, Struct: acsPublicRelease},
			{ID: 44, Name: "access_privilege", Kind: Nested, List: true, Struct: acsAccessPrivilege},
			{ID: 45, Name: "further_sharing", Kind: Nested, List: true, Struct: acsFurtherSharing},
			{ID: 46, Name: "control_set", Kind: Nested, Required: true, Struct: acsControlSet},
		},
	},
}

var acsControlSet = &Struct{
	ID: 161, Name: "acs-control-set", Class: Part, Section: "ACS 3.0",
	Properties: []Property{
		{ID: 32, Name: "classification", Kind: String, Required: true, Vocab: ACSClassification},
		{ID: 33, Name: "sci_controls", Kind: String, List: true},
		{ID: 34, Name: "logical_authority_category", Kind: String, List: true},
		{ID: 35, Name: "formal_determination", Kind: String, List: true, Vocab: ACSFormalDetermination},
		{ID: 36, Name: "caveat", Kind: String, List: true, Vocab: ACSCaveat},
		{ID: 37, Name: "sensitivity", Kind: String, List: true, Vocab: ACSSensitivity},
		{ID: 38, Name: "shareability", Kind: String, List: true, Vocab: ACSShareability},
		{ID: 39, Name: "entity", Kind: String, List: true, Vocab: ACSEntity},
		{ID: 40, Name: "permitted_nationalities", Kind: String, List: true},
		{ID: 41, Name: "permitted_organizations", Kind: String, List: true},
	},
}

var acsAccessPrivilege = &Struct{
	ID: 162, Name: "acs-access-privilege", Class: Part, Section: "ACS 3.0",
	Properties: []Property{
		{ID: 32, Name: "privilege_action", Kind: String, Required: true, Vocab: ACSPrivilegeAction},
		{ID: 33, Name: "privilege_scope", Kind: Nested, Required: true, Struct: acsPrivilegeScope},
		{ID: 34, Name: "rule_effect", Kind: String, Required: true, Vocab: ACSRuleEffect},
	},
}

// acsPrivilegeScope has the lists of a control set, any of which may be ALL.
var acsPrivilegeScope = &Struct{
	ID: 163, Name: "acs-privilege-scope", Class: Part, Section: "ACS 3.0",
	Properties: []Property{
		{ID: 32, Name: "permitted_nationalities", Kind: String, List: true},
		{ID: 33, Name: "permitted_organizations", Kind: String, List: true},
		{ID: 34, Name: "shareability", Kind: String, List: true},
		{ID: 35, Name: "entity", Kind: String, List: true},
	},
	Rules: []Rule{anyOf("permitted_nationalities", "permitted_organizations", "shareability", "entity")},
}

var acsFurtherSharing = &Struct{
	ID: 164, Name: "acs-further-sharing", Class: Part, Section: "ACS 3.0",
	Properties: []Property{
		{ID: 32, Name: "sharing_scope", Kind: String, List: true, Required: true},
		{ID: 33, Name: "rule_effect", Kind: String, Required: true, Vocab: ACSRuleEffect},
	},
}

var acsOriginalClassification = &Struct{
	ID: 165, Name: "acs-original-classification", Class: Part, Section: "ACS 3.0",
	Properties: []Property{
		{ID: 32, Name: "classified_by", Kind: String, Required: true},
		{ID: 33, Name: "classified_on", Kind: Timestamp},
		{ID: 34, Name: "classification_reason", Kind: String},
		{ID: 35, Name: "compilation_reason", Kind: String},
	},
}

var acsDerivativeClassification = &Struct{
	ID: 166, Name: "acs-derivative-classification", Class: Part, Section: "ACS 3.0",
	Properties: []Property{
		{ID: 32, Name: "classified_by", Kind: String, Required: true},
		{ID: 33, Name: "classified_on", Kind: Timestamp},
		{ID: 34, Name: "derived_from", Kind: String, Required: true},
	},
}

var acsDeclassification = &Struct{
	ID: 167, Name: "acs-declassification", Class: Part, Section: "ACS 3.0",
	Properties: []Property{
		{ID: 32, Name: "declass_exemption", Kind: String},
		{ID: 33, Name: "declass_period", Kind: Integer},
		{ID: 34, Name: "declass_date", Kind: Timestamp},
		{ID: 35, Name: "declass_event", Kind: String},
	},
	Rules: []Rule{anyOf("declass_exemption", "declass_period", "declass_date", "declass_event")},
}

var acsResourceDisposition = &Struct{
	ID: 168, Name: "acs-resource-disposition", Class: Part, Section: "ACS 3.0",
	Properties: []Property{
		{ID: 32, Name: "disposition_date", Kind: Timestamp, Required: true},
		{ID: 33, Name: "disposition_process", Kind: String, Required: true},
	},
}

var acsPublicRelease = &Struct{
	ID: 169, Name: "acs-public-release", Class: Part, Section: "ACS 3.0",
	Properties: []Property{
		{ID: 32, Name: "released_by", Kind: String, Required: true},
		{ID: 33, Name: "released_on", Kind: Timestamp},
	},
}

// The vocabularies of ACS 3.0.
var (
	// ACSClassification is the levels of classification, lowest first.
	ACSClassification = &Vocabulary{
		ID: 100, Name: "acs-classification-enum", Section: "ACS 3.0", Closed: true,
		Values: []string{"U", "C", "S", "TS"},
	}
	// ACSRuleEffect is what a rule does.
	ACSRuleEffect = &Vocabulary{
		ID: 101, Name: "acs-rule-effect-enum", Section: "ACS 3.0", Closed: true,
		Values: []string{"permit", "deny"},
	}
	// ACSFormalDetermination is what was formally decided about a resource.
	ACSFormalDetermination = &Vocabulary{
		ID: 102, Name: "acs-formal-determination-ov", Section: "ACS 3.0",
		Values: []string{
			"PUBREL", "NF", "AIS", "PII-NECESSARY-TO-UNDERSTAND-THREAT", "NO-PII-PRESENT", "FOUO",
			"INFORMATION-DIRECTLY-RELATED-TO-CYBERSECURITY-THREAT",
		},
	}
	// ACSCaveat is what to keep in mind about a resource.
	ACSCaveat = &Vocabulary{
		ID: 103, Name: "acs-caveat-ov", Section: "ACS 3.0",
		Values: []string{"FISA", "POSSIBLEPII", "CISAPROPRIETARY"},
	}
	// ACSSensitivity is why a resource is sensitive.
	ACSSensitivity = &Vocabulary{
		ID: 104, Name: "acs-sensitivity-ov", Section: "ACS 3.0",
		Values: []string{"NTOC_DHS_ECYBER_SVC_SHARE.NSA.NSA", "PCII", "LES", "INT", "PII", "PR", "TEI"},
	}
	// ACSShareability is the communities that may see a resource.
	ACSShareability = &Vocabulary{
		ID: 105, Name: "acs-shareability-ov", Section: "ACS 3.0",
		Values: []string{"NCC", "EM", "LE", "IC"},
	}
	// ACSEntity is the sorts of persons and systems that may see a resource.
	ACSEntity = &Vocabulary{
		ID: 106, Name: "acs-entity-ov", Section: "ACS 3.0",
		Values: []string{"MIL", "GOV", "CTR", "SVR", "SVC", "DEV", "NET"},
	}
	// ACSPrivilegeAction is what an access privilege lets its scope do.
	ACSPrivilegeAction = &Vocabulary{
		ID: 107, Name: "acs-privilege-action-ov", Section: "ACS 3.0",
		Values: []string{
			"DSPLY", "IDSRC", "TENOT", "NETDEF", "LEGAL", "INTEL", "TEARLINE", "OPACTION", "REQUEST", "ANONYMOUSACCESS", "CISAUSES", "ALL",
		},
	}
)
