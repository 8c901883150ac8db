package spec

// ExternalReference is section 2.5.
var ExternalReference = &Struct{
	ID: 100, Name: "external-reference", Class: Part, Section: "2.5",
	Properties: []Property{
		{ID: 32, Name: "source_name", Kind: String, Required: true},
		{ID: 33, Name: "description", Kind: String},
		{ID: 34, Name: "url", Kind: String, Format: Link},
		{ID: 35, Name: "hashes", Kind: Hashes},
		{ID: 36, Name: "external_id", Kind: String},
	},
	Rules: []Rule{
		{Op: AtLeastOne, Props: []string{"description", "url", "external_id"}},
		{Op: Call, Check: CheckExternalID},
	},
}

// GranularMarking is section 7.2.3.
var GranularMarking = &Struct{
	ID: 101, Name: "granular-marking", Class: Part, Section: "7.2.3",
	Properties: []Property{
		{ID: 32, Name: "lang", Kind: String, Format: Language},
		{ID: 33, Name: "marking_ref", Kind: Identifier, Refs: types("marking-definition")},
		{ID: 34, Name: "selectors", Kind: String, List: true, Required: true, Format: Selector},
	},
	Rules: []Rule{{Op: ExactlyOne, Props: []string{"lang", "marking_ref"}}},
}

// KillChainPhase is section 2.11.
var KillChainPhase = &Struct{
	ID: 102, Name: "kill-chain-phase", Class: Part, Section: "2.11",
	Properties: []Property{
		{ID: 32, Name: "kill_chain_name", Kind: String, Required: true, Format: LowerHyphen},
		{ID: 33, Name: "phase_name", Kind: String, Required: true, Format: LowerHyphen},
	},
}

// EmailMIMEPart is section 6.6.2, one part of the body of a multi-part message.
var EmailMIMEPart = &Struct{
	ID: 103, Name: "email-mime-part", Class: Part, Section: "6.6.2",
	Properties: []Property{
		{ID: 32, Name: "body", Kind: String},
		{ID: 33, Name: "body_raw_ref", Kind: Identifier, Refs: types("artifact", "file")},
		{ID: 34, Name: "content_type", Kind: String},
		{ID: 35, Name: "content_disposition", Kind: String},
	},
	Rules: []Rule{anyOf("body", "body_raw_ref")},
}

var registryValueProperties = []Property{
	{ID: 32, Name: "name", Kind: String}, // "" is the default value
	{ID: 33, Name: "data", Kind: String},
	{ID: 34, Name: "data_type", Kind: String, Vocab: WindowsRegistryDatatype},
}

// WindowsRegistryValue is section 6.17.2.
var WindowsRegistryValue = &Struct{
	ID: 104, Name: "windows-registry-value", Class: Part, Section: "6.17.2",
	Properties: registryValueProperties,
	Rules:      []Rule{anyOwn(registryValueProperties)},
}

var v3Properties = []Property{
	{ID: 32, Name: "basic_constraints", Kind: String},
	{ID: 33, Name: "name_constraints", Kind: String},
	{ID: 34, Name: "policy_constraints", Kind: String},
	{ID: 35, Name: "key_usage", Kind: String},
	{ID: 36, Name: "extended_key_usage", Kind: String},
	{ID: 37, Name: "subject_key_identifier", Kind: String},
	{ID: 38, Name: "authority_key_identifier", Kind: String},
	{ID: 39, Name: "subject_alternative_name", Kind: String},
	{ID: 40, Name: "issuer_alternative_name", Kind: String},
	{ID: 41, Name: "subject_directory_attributes", Kind: String},
	{ID: 42, Name: "crl_distribution_points", Kind: String},
	{ID: 43, Name: "inhibit_any_policy", Kind: String},
	{ID: 44, Name: "private_key_usage_period_not_before", Kind: Timestamp},
	{ID: 45, Name: "private_key_usage_period_not_after", Kind: Timestamp},
	{ID: 46, Name: "certificate_policies", Kind: String},
	{ID: 47, Name: "policy_mappings", Kind: String},
}

// X509V3Extensions is section 6.18.2.
var X509V3Extensions = &Struct{
	ID: 105, Name: "x509-v3-extensions", Class: Part, Section: "6.18.2",
	Properties: v3Properties,
	Rules:      []Rule{anyOwn(v3Properties)},
}

// AlternateDataStream is section 6.7.3.1.
var AlternateDataStream = &Struct{
	ID: 106, Name: "alternate-data-stream", Class: Part, Section: "6.7.3.1",
	Properties: []Property{
		{ID: 32, Name: "name", Kind: String, Required: true},
		{ID: 33, Name: "hashes", Kind: Hashes},
		{ID: 34, Name: "size", Kind: Integer, Range: notNegative},
	},
}

var optionalHeaderProperties = []Property{
	{ID: 32, Name: "magic_hex", Kind: Hex},
	{ID: 33, Name: "major_linker_version", Kind: Integer},
	{ID: 34, Name: "minor_linker_version", Kind: Integer},
	{ID: 35, Name: "size_of_code", Kind: Integer, Range: notNegative},
	{ID: 36, Name: "size_of_initialized_data", Kind: Integer, Range: notNegative},
	{ID: 37, Name: "size_of_uninitialized_data", Kind: Integer, Range: notNegative},
	{ID: 38, Name: "address_of_entry_point", Kind: Integer},
	{ID: 39, Name: "base_of_code", Kind: Integer},
	{ID: 40, Name: "base_of_data", Kind: Integer},
	{ID: 41, Name: "image_base", Kind: Integer},
	{ID: 42, Name: "section_alignment", Kind: Integer},
	{ID: 43, Name: "file_alignment", Kind: Integer},
	{ID: 44, Name: "major_os_version", Kind: Integer},
	{ID: 45, Name: "minor_os_version", Kind: Integer},
	{ID: 46, Name: "major_image_version", Kind: Integer},
	{ID: 47, Name: "minor_image_version", Kind: Integer},
	{ID: 48, Name: "major_subsystem_version", Kind: Integer},
	{ID: 49, Name: "minor_subsystem_version", Kind: Integer},
	{ID: 50, Name: "win32_version_value_hex", Kind: Hex},
	{ID: 51, Name: "size_of_image", Kind: Integer, Range: notNegative},
	{ID: 52, Name: "size_of_headers", Kind: Integer, Range: notNegative},
	{ID: 53, Name: "checksum_hex", Kind: Hex},
	{ID: 54, Name: "subsystem_hex", Kind: Hex},
	{ID: 55, Name: "dll_characteristics_hex", Kind: Hex},
	{ID: 56, Name: "size_of_stack_reserve", Kind: Integer, Range: notNegative},
	{ID: 57, Name: "size_of_stack_commit", Kind: Integer, Range: notNegative},
	{ID: 58, Name: "size_of_heap_reserve", Kind: Integer, Range: notNegative},
	{ID: 59, Name: "size_of_heap_commit", Kind: Integer, Range: notNegative},
	{ID: 60, Name: "loader_flags_hex", Kind: Hex},
	{ID: 61, Name: "number_of_rva_and_sizes", Kind: Integer},
	{ID: 62, Name: "hashes", Kind: Hashes},
}

// PEOptionalHeader is section 6.7.6.1.
var PEOptionalHeader = &Struct{
	ID: 107, Name: "windows-pe-optional-header", Class: Part, Section: "6.7.6.1",
	Properties: optionalHeaderProperties,
	Rules:      []Rule{anyOwn(optionalHeaderProperties)},
}

// PESection is section 6.7.6.2.
var PESection = &Struct{
	ID: 108, Name: "windows-pe-section", Class: Part, Section: "6.7.6.2",
	Properties: []Property{
		{ID: 32, Name: "name", Kind: String, Required: true},
		{ID: 33, Name: "size", Kind: Integer, Range: notNegative},
		{ID: 34, Name: "entropy", Kind: Float},
		{ID: 35, Name: "hashes", Kind: Hashes},
	},
}
