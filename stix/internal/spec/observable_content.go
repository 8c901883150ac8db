package spec

var artifact = &Struct{
	ID: 61, Name: "artifact", Class: Observable, Section: "6.1",
	Properties: observableProperties(
		Property{ID: 32, Name: "mime_type", Kind: String, Format: MIMEType},
		Property{ID: 33, Name: "payload_bin", Kind: Binary, Contributing: true},
		Property{ID: 34, Name: "url", Kind: String, Format: URI},
		Property{ID: 35, Name: "hashes", Kind: Hashes, Contributing: true},
		Property{ID: 36, Name: "encryption_algorithm", Kind: String, Vocab: EncryptionAlgorithm},
		Property{ID: 37, Name: "decryption_key", Kind: String},
	),
	Rules: observableRules(
		// A second of the two is a url as well, and that asks for hashes.
		Rule{Op: ExactlyOne, Props: []string{"payload_bin", "url"}, Implied: []Code{CodeRequires}},
		Rule{Op: Requires, Props: []string{"url", "hashes"}},
		Rule{Op: Requires, Props: []string{"decryption_key", "encryption_algorithm"}},
	),
}

var emailAddr = &Struct{
	ID: 65, Name: "email-addr", Class: Observable, Section: "6.5",
	Properties: observableProperties(
		Property{ID: 32, Name: "value", Kind: String, Required: true, Contributing: true, Format: Email},
		Property{ID: 33, Name: "display_name", Kind: String},
		Property{ID: 34, Name: "belongs_to_ref", Kind: Identifier, Refs: types("user-account")},
	),
	Rules: observableRules(),
}

var emailMessage = &Struct{
	ID: 66, Name: "email-message", Class: Observable, Section: "6.6",
	Properties: observableProperties(
		Property{ID: 32, Name: "is_multipart", Kind: Boolean, Required: true},
		Property{ID: 33, Name: "date", Kind: Timestamp},
		Property{ID: 34, Name: "content_type", Kind: String},
		Property{ID: 35, Name: "from_ref", Kind: Identifier, Contributing: true, Refs: types("email-addr")},
		Property{ID: 36, Name: "sender_ref", Kind: Identifier, Refs: types("email-addr")},
		Property{ID: 37, Name: "to_refs", Kind: Identifier, List: true, Refs: types("email-addr")},
		Property{ID: 38, Name: "cc_refs", Kind: Identifier, List: true, Refs: types("email-addr")},
		Property{ID: 39, Name: "bcc_refs", Kind: Identifier, List: true, Refs: types("email-addr")},
		Property{ID: 40, Name: "message_id", Kind: String},
		Property{ID: 41, Name: "subject", Kind: String, Contributing: true},
		Property{ID: 42, Name: "received_lines", Kind: String, List: true},
		// A list for a field that occurs more than once; the standard's own example and many producers write one value as a string.
		Property{ID: 43, Name: "additional_header_fields", Kind: Dictionary, Value: &Property{Kind: String, List: true}},
		Property{ID: 44, Name: "body", Kind: String, Contributing: true},
		Property{ID: 45, Name: "body_multipart", Kind: Nested, List: true, Struct: EmailMIMEPart},
		Property{ID: 46, Name: "raw_email_ref", Kind: Identifier, Refs: types("artifact")},
	),
	Rules: observableRules(
		Rule{Op: Forbids, When: &When{Prop: "is_multipart", Value: "true"}, Props: []string{"is_multipart", "body"}},
		Rule{Op: Forbids, When: &When{Prop: "is_multipart", Value: "false"}, Props: []string{"is_multipart", "body_multipart"}},
	),
}

// file has extensions of its own in observable_ext.go.
var file = &Struct{
	ID: 67, Name: "file", Class: Observable, Section: "6.7",
	Properties: extensionsContribute(observableProperties(
		Property{ID: 32, Name: "hashes", Kind: Hashes, Contributing: true},
		Property{ID: 33, Name: "size", Kind: Integer, Range: notNegative},
		Property{ID: 34, Name: "name", Kind: String, Contributing: true},
		Property{ID: 35, Name: "name_enc", Kind: String, Format: Charset},
		Property{ID: 36, Name: "magic_number_hex", Kind: Hex},
		Property{ID: 37, Name: "mime_type", Kind: String, Format: MIMEType},
		Property{ID: 38, Name: "ctime", Kind: Timestamp},
		Property{ID: 39, Name: "mtime", Kind: Timestamp},
		Property{ID: 40, Name: "atime", Kind: Timestamp},
		Property{ID: 41, Name: "parent_directory_ref", Kind: Identifier, Contributing: true, Refs: types("directory")},
		Property{ID: 42, Name: "contains_refs", Kind: Identifier, List: true, Refs: classes(Observable)},
		Property{ID: 43, Name: "content_ref", Kind: Identifier, Refs: types("artifact")},
	)),
	Rules: observableRules(anyOf("hashes", "name")),
}

var x509Properties = []Property{
	{ID: 32, Name: "is_self_signed", Kind: Boolean},
	{ID: 33, Name: "hashes", Kind: Hashes, Contributing: true},
	{ID: 34, Name: "version", Kind: String},
	{ID: 35, Name: "serial_number", Kind: String, Contributing: true},
	{ID: 36, Name: "signature_algorithm", Kind: String},
	{ID: 37, Name: "issuer", Kind: String},
	{ID: 38, Name: "validity_not_before", Kind: Timestamp},
	{ID: 39, Name: "validity_not_after", Kind: Timestamp},
	{ID: 40, Name: "subject", Kind: String},
	{ID: 41, Name: "subject_public_key_algorithm", Kind: String},
	{ID: 42, Name: "subject_public_key_modulus", Kind: String},
	{ID: 43, Name: "subject_public_key_exponent", Kind: Integer},
	{ID: 44, Name: "x509_v3_extensions", Kind: Nested, Struct: X509V3Extensions},
}

var x509Certificate = &Struct{
	ID: 78, Name: "x509-certificate", Class: Observable, Section: "6.18",
	Properties: observableProperties(x509Properties...),
	Rules:      observableRules(anyOwn(x509Properties)),
}
