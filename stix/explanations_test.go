package stix_test

import "regexp"

// explanations are all known disagreements between the validator and the JSON schemas.
var explanations = []explanation{
	we("order of timestamps", `^(not-before|after) `, "a schema cannot compare two properties"),
	we("days that a month does not have", `^timestamp .* = \d{4}-\d\d-(29|30|31)T`, "the schema's pattern allows 31 days in each month"),
	we("leap seconds and hours beyond the day", `^timestamp .* = .*T(24|\d\d:\d\d:6\d|\d\d:60)`, "the schema's pattern is not so precise"),
	we("timestamps of an extension or a marking", `^(timestamp|milliseconds) (/extensions/extension-definition--|/created)`,
		"the schemas take created of a marking-definition for a plain string, and do not look into extensions of an extension-definition"),
	we("types of referenced objects", `^reference `, "most references are plain identifiers in the schemas; the specification names the types"),
	we("numbers out of range", `^range `, "the schemas leave out most bounds, and that of 2^53"),
	we("selectors that select nothing", `^selector-unresolved `, "a schema cannot look up a selector"),
	we("content of TLP markings", `^tlp `, "the schema does not fix created, and knows nothing of TLP 2.0"),
	we("content of marking-definitions", `^marking `, "the schema does not bind definition_type to definition"),
	we("content of extensions", `/extensions/extension-definition--`, "the schemas look into no extension of an extension-definition"),
	we("extensions on the wrong type", `^extension-(target|type|key) `, "the schemas do not bind extensions to types, and let other names pass on some objects"),
	we("reserved names", `^reserved `, "checked in the schemas of some objects only"),
	we("names of custom properties", `^property-name `, "the schemas check them at the top only, and allow names of two characters"),
	we("created_by_ref of extension-definition", `^required  = `, "required by the specification (section 7.3), not by the schema"),
	we("object_refs without a cyber-observable", `^observed-refs `, "a schema cannot say so of a list of identifiers"),
	we("requirements between properties", `^(requires|forbids|at-least-one|exactly-one) `, "the schemas lack some of the rules"),
	we("URIs", `^uri `, "the schema's format asks less than the characters and escapes of RFC 3986; format is not asserted everywhere"),
	we("domain names, addresses, MAC", `^(domain-name|ipv4|ipv6|mac|email) `, "plain strings or looser patterns in the schemas"),
	we("language tags", `^language `, "plain strings in the schemas"),
	we("keys of dictionaries", `^dictionary-key `, "the schemas do not look at all dictionaries"),

	we("references of observables", `^identifier /.*_refs?(/\d+)? = `, "plain strings in the schemas; section 2.9 gives their form"),
	we("values of dictionaries", `^(kind|empty) /(contents|environment_variables|additional_header_fields)/`, "the schemas take other values than text, and other lists than those of text"),
	we("elements of alternate_data_streams", `^kind /extensions/ntfs-ext/alternate_data_streams/\d`, "the schema takes anything in the list"),
	we("character sets", `^charset `, "the schema's pattern takes characters that no registered name has"),
	we("group numbers", `^kind /extensions/unix-account-ext/gid`, "the schema takes any number; the specification an integer"),

	they("granular markings of languages", `^granular-marking/required `, "the schema demands marking_ref; the specification has lang instead of it (section 7.2.3)"),
	they("header fields with one value", `email-additional-header-fields`, "the schema wants a string or at least two; the specification always a list of strings"),
	they("short names within extensions", `^properties/additionalProperties at /extensions`, "the schema holds names within unknown extensions to the rules for custom properties"),
	they("properties renamed since STIX 2.0", `^(windows-registry-key|process)/anyOf `, "the schemas still list modified, created, name and arguments"),
	they("languages of software", `^software/.*languages`, "the schema takes two and three letters only; the specification RFC 5646"),
	they("start-up information", `startup-info-dictionary`, "the schema lists the keys and takes numbers; the specification has a dictionary"),
	they("windows-process-ext with integrity_level alone", `process-extensions-dictionary/.*windows-process-ext`, "the schema leaves integrity_level out"),
	they("names of socket options", `socket-ext\$/properties/options`, "SHOULD in the specification"),
	they("keys of extensions", `^(core|cyber-observable-core|marking-definition)/properties/extensions/additionalProperties`, "the schema forbids predefined names on objects of other classes; we report the extension as unknown"),
	they("translations of meta objects", `^language-content/.*object_ref`, "the schema forbids some types; the specification none"),
	they("IPv6 addresses that end in dotted digits", `^ipv6-addr/.*/value/pattern`, "RFC 4291 section 2.2 allows them"),
	they("properties of the optional header", `windows-pe-optional-header-type/additionalProperties`, "the schema forbids custom properties there; they are a should"),
	they("fractions of zero", `time_date_stamp`, "the schema wants no point; zero is a whole number"),
	they("EXIF tags", `exif_tags/additionalProperties`, "the schema wants keys of three characters or more; STIX 2.1 lets dictionaries have shorter ones"),
	they("media types", `mime_type/pattern`, "the schema lists the first parts; SHOULD in the specification"),
	they("bodies of messages", `^email-message/oneOf `, "the schema wants exactly one of body and body_raw_ref in a part; the specification one of them"),
	they("links of external references", `^(external-reference|url-regex)/.*(url|format) at .*/external_references/`, "the specification has no MUST there; we report a should"),
	they("ids in external references", `^external-reference/oneOf `, "the specification demands the form of CVE and CAPEC ids of vulnerabilities and attack patterns; we report a should everywhere"),
	they("hashes of external references", `^external-reference/properties/hashes`, "the schema allows only the open vocabulary; we report a should"),
}

func we(name, refusal, why string) explanation {
	return explanation{name, "we", regexp.MustCompile(refusal), why}
}

func they(name, refusal, why string) explanation {
	return explanation{name, "they", regexp.MustCompile(refusal), why}
}
