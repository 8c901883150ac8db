package spec

// predefinedExtensions are those of section 6 that need no definition.
var predefinedExtensions = []*Extension{
	predefined("file", archiveExt),
	predefined("file", ntfsExt),
	predefined("file", pdfExt),
	predefined("file", rasterImageExt),
	predefined("file", windowsPEBinaryExt),
	predefined("network-traffic", httpRequestExt),
	predefined("network-traffic", icmpExt),
	predefined("network-traffic", socketExt),
	predefined("network-traffic", tcpExt),
	predefined("process", windowsProcessExt),
	predefined("process", windowsServiceExt),
	predefined("user-account", unixAccountExt),
}

// predefined is an extension that only one type carries, under the name of its members.
func predefined(carrier string, members *Struct) *Extension {
	return &Extension{ID: members.Name, Name: members.Name, Extends: []string{carrier}, Members: members}
}

var archiveExt = &Struct{
	ID: 130, Name: "archive-ext", Class: Part, Section: "6.7.2",
	Properties: []Property{
		{ID: 32, Name: "contains_refs", Kind: Identifier, List: true, Required: true, Refs: types("file", "directory")},
		{ID: 33, Name: "comment", Kind: String},
	},
}

var ntfsExt = &Struct{
	ID: 131, Name: "ntfs-ext", Class: Part, Section: "6.7.3",
	Properties: []Property{
		{ID: 32, Name: "sid", Kind: String},
		{ID: 33, Name: "alternate_data_streams", Kind: Nested, List: true, Struct: AlternateDataStream},
	},
	Rules: []Rule{anyOf("sid", "alternate_data_streams")},
}

var pdfProperties = []Property{
	{ID: 32, Name: "version", Kind: String},
	{ID: 33, Name: "is_optimized", Kind: Boolean},
	{ID: 34, Name: "document_info_dict", Kind: Dictionary, Value: &Property{Kind: String}},
	{ID: 35, Name: "pdfid0", Kind: String},
	{ID: 36, Name: "pdfid1", Kind: String},
}

var pdfExt = &Struct{
	ID: 132, Name: "pdf-ext", Class: Part, Section: "6.7.4",
	Properties: pdfProperties,
	Rules:      []Rule{anyOwn(pdfProperties)},
}

var rasterProperties = []Property{
	{ID: 32, Name: "image_height", Kind: Integer},
	{ID: 33, Name: "image_width", Kind: Integer},
	{ID: 34, Name: "bits_per_pixel", Kind: Integer},
	{ID: 35, Name: "exif_tags", Kind: Dictionary, Value: &Property{Kind: Any, Format: IntegerOrString}},
}

var rasterImageExt = &Struct{
	ID: 133, Name: "raster-image-ext", Class: Part, Section: "6.7.5",
	Properties: rasterProperties,
	Rules:      []Rule{anyOwn(rasterProperties)},
}

var peProperties = []Property{
	{ID: 33, Name: "imphash", Kind: String},
	{ID: 34, Name: "machine_hex", Kind: Hex},
	{ID: 35, Name: "number_of_sections", Kind: Integer, Range: notNegative},
	{ID: 36, Name: "time_date_stamp", Kind: Timestamp, Format: WholeSeconds},
	{ID: 37, Name: "pointer_to_symbol_table_hex", Kind: Hex},
	{ID: 38, Name: "number_of_symbols", Kind: Integer, Range: notNegative},
	{ID: 39, Name: "size_of_optional_header", Kind: Integer, Range: notNegative},
	{ID: 40, Name: "characteristics_hex", Kind: Hex},
	{ID: 41, Name: "file_header_hashes", Kind: Hashes},
	{ID: 42, Name: "optional_header", Kind: Nested, Struct: PEOptionalHeader},
	{ID: 43, Name: "sections", Kind: Nested, List: true, Struct: PESection},
}

// windowsPEBinaryExt has the required pe_type and at least one property more.
var windowsPEBinaryExt = &Struct{
	ID: 134, Name: "windows-pebinary-ext", Class: Part, Section: "6.7.6",
	Properties: append([]Property{{ID: 32, Name: "pe_type", Kind: String, Required: true, Vocab: WindowsPEBinaryType}}, peProperties...),
	Rules:      []Rule{anyOwn(peProperties)},
}

var httpRequestExt = &Struct{
	ID: 135, Name: "http-request-ext", Class: Part, Section: "6.12.2",
	Properties: []Property{
		{ID: 32, Name: "request_method", Kind: String, Required: true, Format: HTTPMethodLower},
		{ID: 33, Name: "request_value", Kind: String, Required: true},
		{ID: 34, Name: "request_version", Kind: String, Format: HTTPMethodLower},
		{ID: 35, Name: "request_header", Kind: Dictionary, Value: &Property{Kind: String, List: true}},
		{ID: 36, Name: "message_body_length", Kind: Integer},
		{ID: 37, Name: "message_body_data_ref", Kind: Identifier, Refs: types("artifact")},
	},
}

var icmpExt = &Struct{
	ID: 136, Name: "icmp-ext", Class: Part, Section: "6.12.3",
	Properties: []Property{
		{ID: 32, Name: "icmp_type_hex", Kind: Hex, Required: true},
		{ID: 33, Name: "icmp_code_hex", Kind: Hex, Required: true},
	},
}

var socketExt = &Struct{
	ID: 137, Name: "socket-ext", Class: Part, Section: "6.12.4",
	Properties: []Property{
		{ID: 32, Name: "address_family", Kind: String, Required: true, Vocab: NetworkSocketAddressFamily},
		{ID: 33, Name: "is_blocking", Kind: Boolean},
		{ID: 34, Name: "is_listening", Kind: Boolean},
		{ID: 35, Name: "options", Kind: Dictionary, Value: &Property{Kind: Integer}},
		{ID: 36, Name: "socket_type", Kind: String, Vocab: NetworkSocketType},
		{ID: 37, Name: "socket_descriptor", Kind: Integer, Range: notNegative},
		{ID: 38, Name: "socket_handle", Kind: Integer},
	},
	Rules: []Rule{{Op: Call, Check: CheckSocketOptions, Props: []string{"options"}}},
}

var tcpExt = &Struct{
	ID: 138, Name: "tcp-ext", Class: Part, Section: "6.12.5",
	Properties: []Property{
		{ID: 32, Name: "src_flags_hex", Kind: Hex},
		{ID: 33, Name: "dst_flags_hex", Kind: Hex},
	},
	Rules: []Rule{anyOf("src_flags_hex", "dst_flags_hex")},
}

var windowsProcessProperties = []Property{
	{ID: 32, Name: "aslr_enabled", Kind: Boolean},
	{ID: 33, Name: "dep_enabled", Kind: Boolean},
	{ID: 34, Name: "priority", Kind: String},
	{ID: 35, Name: "owner_sid", Kind: String},
	{ID: 36, Name: "window_title", Kind: String},
	{ID: 37, Name: "startup_info", Kind: Dictionary},
	{ID: 38, Name: "integrity_level", Kind: String, Vocab: WindowsIntegrityLevel},
}

var windowsProcessExt = &Struct{
	ID: 139, Name: "windows-process-ext", Class: Part, Section: "6.13.2",
	Properties: windowsProcessProperties,
	Rules:      []Rule{anyOwn(windowsProcessProperties)},
}

var windowsServiceProperties = []Property{
	{ID: 32, Name: "service_name", Kind: String},
	{ID: 33, Name: "descriptions", Kind: String, List: true},
	{ID: 34, Name: "display_name", Kind: String},
	{ID: 35, Name: "group_name", Kind: String},
	{ID: 36, Name: "start_type", Kind: String, Vocab: WindowsServiceStartType},
	{ID: 37, Name: "service_dll_refs", Kind: Identifier, List: true, Refs: types("file")},
	{ID: 38, Name: "service_type", Kind: String, Vocab: WindowsServiceType},
	{ID: 39, Name: "service_status", Kind: String, Vocab: WindowsServiceStatus},
}

var windowsServiceExt = &Struct{
	ID: 140, Name: "windows-service-ext", Class: Part, Section: "6.13.3",
	Properties: windowsServiceProperties,
	Rules:      []Rule{anyOwn(windowsServiceProperties)},
}

var unixAccountProperties = []Property{
	{ID: 32, Name: "gid", Kind: Integer},
	{ID: 33, Name: "groups", Kind: String, List: true},
	{ID: 34, Name: "home_dir", Kind: String},
	{ID: 35, Name: "shell", Kind: String},
}

var unixAccountExt = &Struct{
	ID: 141, Name: "unix-account-ext", Class: Part, Section: "6.16.2",
	Properties: unixAccountProperties,
	Rules:      []Rule{anyOwn(unixAccountProperties)},
}
