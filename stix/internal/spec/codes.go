package spec

// Code names a kind of finding. It is stable.
type Code string

// Level says how much a finding weighs.
type Level uint8

// The levels.
const (
	Must   Level = iota + 1 // the standard says MUST, or MUST NOT
	Should                  // the standard says SHOULD, or calls it deprecated
	Policy                  // the standard allows it; this library can not or will not judge further
)

func (l Level) String() string {
	switch l {
	case Must:
		return "must"
	case Should:
		return "should"
	case Policy:
		return "policy"
	}
	return "none"
}

// Rows of the codes: what each means, in words. {value} is what was found, {want} what would be right.
type CodeRow struct {
	Code    Code
	Level   Level
	Section string
	Text    string
}

// The codes. Codes lists them with their meaning.
const (
	CodeSyntax      Code = "syntax"
	CodeNotObject   Code = "not-object"
	CodeRequired    Code = "required"
	CodeKind        Code = "kind"
	CodeEmpty       Code = "empty"
	CodeDuplicate   Code = "duplicate"
	CodeNotAllowed  Code = "not-allowed"
	CodeFixed       Code = "fixed"
	CodeRange       Code = "range"
	CodeEnum        Code = "enum"
	CodeTimestamp   Code = "timestamp"
	CodeMillis      Code = "milliseconds"
	CodeID          Code = "identifier"
	CodeIDType      Code = "identifier-type"
	CodeReference   Code = "reference"
	CodeHex         Code = "hex"
	CodeBinary      Code = "binary"
	CodeHashKey     Code = "hash-key"
	CodeHashValue   Code = "hash-value"
	CodeKey         Code = "dictionary-key"
	CodeName        Code = "property-name"
	CodeTypeName    Code = "type-name"
	CodeLanguage    Code = "language"
	CodeURI         Code = "uri"
	CodeIPv4        Code = "ipv4"
	CodeIPv6        Code = "ipv6"
	CodeMAC         Code = "mac"
	CodeDomainName  Code = "domain-name"
	CodeEmail       Code = "email"
	CodeCPE         Code = "cpe"
	CodeSemVer      Code = "version"
	CodeRegistryKey Code = "registry-key"
	CodeSelector    Code = "selector"
	CodeUnresolved  Code = "selector-unresolved"
	CodeAtLeastOne  Code = "at-least-one"
	CodeExactlyOne  Code = "exactly-one"
	CodeAtMostOne   Code = "at-most-one"
	CodeRequires    Code = "requires"
	CodeForbids     Code = "forbids"
	CodeNotBefore   Code = "not-before"
	CodeAfter       Code = "after"

	CodeMarking             Code = "marking"
	CodeTLP                 Code = "tlp"
	CodeExtensionKey        Code = "extension-key"
	CodeExtensionType       Code = "extension-type"
	CodeExtensionTarget     Code = "extension-target"
	CodeExtensionProperties Code = "extension-properties"
	CodePattern             Code = "pattern"
	CodeObservedRefs        Code = "observed-refs"
	CodeTranslation         Code = "translation"
	CodeSocketOption        Code = "socket-option"
	CodeRelationshipName    Code = "relationship-name"
	CodeReserved            Code = "reserved"
	CodeWholeSeconds        Code = "whole-seconds"

	CodeVocabulary       Code = "vocabulary"
	CodeHashAlgorithm    Code = "hash-algorithm"
	CodeDeprecated       Code = "deprecated"
	CodeCustomProperty   Code = "custom-property"
	CodeCustomType       Code = "custom-type"
	CodeRelationship     Code = "relationship"
	CodeUUIDVersion      Code = "uuid-version"
	CodeDeterministicID  Code = "deterministic-id"
	CodeLowerCase        Code = "lower-case"
	CodeMIMEType         Code = "mime-type"
	CodeCountry          Code = "country"
	CodeCharset          Code = "charset"
	CodeExternalID       Code = "external-id"
	CodeLink             Code = "link"
	CodeSpecVersion      Code = "spec-version"
	CodeUnknownExtension Code = "unknown-extension"
	CodeLimit            Code = "limit"
)

// Codes lists every code.
var Codes = []CodeRow{
	{CodeSyntax, Must, "2", "this is no valid JSON: {value}"},
	{CodeNotObject, Must, "3", "this is no STIX object: {value}"},
	{CodeRequired, Must, "3.1", "the property {want} is required and missing"},
	{CodeKind, Must, "2", "{value} stands where {want} must"},
	{CodeEmpty, Must, "2.12, 2.3", "a list or dictionary must not be empty; leave the property out"},
	{CodeDuplicate, Must, "2.3", "the name {value} occurs twice in one object"},
	{CodeFixed, Must, "3.2", "the value is {value}, it must be {want}"},
	{CodeRange, Must, "2.10", "{value} is out of range: {want}"},
	{CodeEnum, Must, "10", "{value} is not in the enumeration {want}"},
	{CodeTimestamp, Must, "2.15", "{value} is no timestamp; the form is 2006-01-02T15:04:05.000Z"},
	{CodeMillis, Must, "3.2", "{value} has fewer than three digits of a second"},
	{CodeID, Must, "2.9", "{value} is no identifier; the form is <type>--<UUID>"},
	{CodeIDType, Must, "2.9", "the identifier {value} must begin with the object's type, {want}"},
	{CodeReference, Must, "2.9", "a reference to {value} must not stand here; allowed: {want}"},
	{CodeHex, Must, "2.8", "{value} is not an even number of hexadecimal digits"},
	{CodeBinary, Must, "2.1", "{value} is no base64 (RFC 4648 section 4)"},
	{CodeHashKey, Must, "2.7", "{value} is no name of a hash: 3 to 250 of a to z, A to Z, 0 to 9, hyphen and underscore"},
	{CodeHashValue, Must, "2.7", "{value} is no {want}"},
	{CodeKey, Must, "2.3", "{value} is no key of a dictionary: 1 to 250 of a to z, A to Z, 0 to 9, hyphen and underscore"},
	{CodeName, Must, "3.1", "{value} is no name of a property: 3 to 250 of a to z, 0 to 9 and underscore"},
	{CodeTypeName, Must, "3.1", "{value} is no name of a type: 3 to 250 of a to z, 0 to 9 and single hyphens"},
	{CodeLanguage, Must, "3.2", "{value} is no language tag (RFC 5646)"},
	{CodeURI, Must, "6.15", "{value} is no URI (RFC 3986)"},
	{CodeIPv4, Must, "6.8", "{value} is no IPv4 address or CIDR block"},
	{CodeIPv6, Must, "6.9", "{value} is no IPv6 address or CIDR block"},
	{CodeMAC, Must, "6.10", "{value} is no MAC address of six lower-case pairs joined by colons"},
	{CodeDomainName, Must, "6.4", "{value} is no domain name (RFC 1034, RFC 5890)"},
	{CodeEmail, Must, "6.5", "{value} is no e-mail address (addr-spec of RFC 5322)"},
	{CodeCPE, Must, "6.14", "{value} is no CPE 2.3 name"},
	{CodeSemVer, Must, "7.3", "{value} is no semantic version such as 1.2.0"},
	{CodeRegistryKey, Must, "6.17", "{value} abbreviates the hive; write it out, such as HKEY_LOCAL_MACHINE"},
	{CodeSelector, Must, "7.2.3.1", "{value} is no selector such as description or labels.[0]"},
	{CodeUnresolved, Must, "7.2.3.1", "the selector {value} selects nothing in this object"},
	{CodeAtLeastOne, Must, "3.1", "at least one of these properties must be there: {want}"},
	{CodeExactlyOne, Must, "3.1", "exactly one of these properties must be there: {want}"},
	{CodeAtMostOne, Must, "3.1", "only one of these properties may be there: {want}"},
	{CodeRequires, Must, "3.1", "where {value} is, there must be {want}"},
	{CodeForbids, Must, "3.1", "where {value} is, there must not be {want}"},
	{CodeNotBefore, Must, "3.1", "{value} must not be before {want}"},
	{CodeAfter, Must, "3.1", "{value} must be after {want}"},
	{CodeMarking, Must, "7.2.1", "a marking-definition needs definition_type and definition that fit together, or extensions: {value}"},
	{CodeTLP, Must, "7.2.1.4", "a TLP marking-definition must have exactly its published content: {want}"},
	{CodeExtensionKey, Must, "7.3", "{value} is no key of an extension: the id of an extension-definition, or a name that ends in -ext"},
	{CodeExtensionType, Must, "7.3", "extension_type is {value}, it must be {want}"},
	{CodeExtensionTarget, Must, "7.3", "the extension {value} may stand only in {want}"},
	{CodeExtensionProperties, Must, "7.3", "extension_properties belongs to a toplevel-property-extension"},
	{CodePattern, Must, "9", "the pattern is not valid: {value}"},
	{CodeObservedRefs, Must, "4.14", "object_refs must name at least one cyber-observable"},
	{CodeTranslation, Must, "7.1", "the translation of {value} does not fit the object: {want}"},
	{CodeWholeSeconds, Must, "6.7.6", "{value} has a fraction of a second; the time is in whole seconds"},
	{CodeRelationshipName, Must, "5.1.1", "{value} is no relationship_type: a to z, 0 to 9 and hyphen"},
	{CodeReserved, Must, "3.8", "the name {value} is reserved and must not be used"},
	{CodeSocketOption, Should, "6.12.4", "{value} is no name of a socket option"},
	{CodeNotAllowed, Should, "3.2", "{want} is no property of a {value}"},
	{CodeCharset, Must, "6.3", "{value} is no name of a character set"},
	{CodeVocabulary, Should, "10", "{value} is not in the open vocabulary {want}"},
	{CodeHashAlgorithm, Should, "10.7", "{value} is not in the open vocabulary {want}"},
	{CodeDeprecated, Should, "3.1", "{value} is deprecated"},
	{CodeCustomProperty, Should, "11.1", "{value} is no property of STIX 2.1; use an extension"},
	{CodeCustomType, Should, "11.2", "{value} is no type of STIX 2.1; use an extension"},
	{CodeRelationship, Should, "4, 6", "STIX 2.1 lists no relationship {value}"},
	{CodeUUIDVersion, Should, "2.9", "the UUID should be of version {want}, it is {value}"},
	{CodeDeterministicID, Should, "2.9", "the id that follows from the content is {want}"},
	{CodeLowerCase, Should, "2.11", "{value} should be in lower case, with hyphens instead of spaces and underscores"},
	{CodeMIMEType, Should, "6.1", "{value} is no media type such as text/plain"},
	{CodeCountry, Should, "4.10", "{value} is no ISO 3166-1 alpha-2 code"},
	{CodeExternalID, Should, "2.5, 4.1, 4.19", "{value} is no {want}"},
	{CodeLink, Should, "2.5", "{value} is no URL (RFC 3986)"},
	{CodeSpecVersion, Policy, "3.2", "this is written for spec_version {value}; it is judged only as far as STIX 2.1 goes"},
	{CodeUnknownExtension, Policy, "7.3", "the extension {value} is not known; its content is not judged"},
	{CodeLimit, Policy, "3.1", "this goes beyond a limit: {value}"},
}

// CodeText is the text of a code.
func CodeText(c Code) string {
	for i := range Codes {
		if Codes[i].Code == c {
			return Codes[i].Text
		}
	}
	return string(c)
}

// LevelOf is the level of a code.
func LevelOf(c Code) Level {
	for i := range Codes {
		if Codes[i].Code == c {
			return Codes[i].Level
		}
	}
	return Must
}
