package spec

var directory = &Struct{
	ID: 63, Name: "directory", Class: Observable, Section: "6.3",
	Properties: observableProperties(
		Property{ID: 32, Name: "path", Kind: String, Required: true, Contributing: true},
		Property{ID: 33, Name: "path_enc", Kind: String, Format: Charset},
		Property{ID: 34, Name: "ctime", Kind: Timestamp},
		Property{ID: 35, Name: "mtime", Kind: Timestamp},
		Property{ID: 36, Name: "atime", Kind: Timestamp},
		Property{ID: 37, Name: "contains_refs", Kind: Identifier, List: true, Refs: types("file", "directory")},
	),
	Rules: observableRules(),
}

var mutex = &Struct{
	ID: 71, Name: "mutex", Class: Observable, Section: "6.11",
	Properties: observableProperties(
		Property{ID: 32, Name: "name", Kind: String, Required: true, Contributing: true},
	),
	Rules: observableRules(),
}

var processProperties = []Property{
	{ID: 32, Name: "is_hidden", Kind: Boolean},
	{ID: 33, Name: "pid", Kind: Integer},
	{ID: 34, Name: "created_time", Kind: Timestamp},
	{ID: 35, Name: "cwd", Kind: String},
	{ID: 36, Name: "command_line", Kind: String},
	{ID: 37, Name: "environment_variables", Kind: Dictionary, Value: &Property{Kind: String}},
	{ID: 38, Name: "opened_connection_refs", Kind: Identifier, List: true, Refs: types("network-traffic")},
	{ID: 39, Name: "creator_user_ref", Kind: Identifier, Refs: types("user-account")},
	{ID: 40, Name: "image_ref", Kind: Identifier, Refs: types("file")},
	{ID: 41, Name: "parent_ref", Kind: Identifier, Refs: types("process")},
	{ID: 42, Name: "child_refs", Kind: Identifier, List: true, Refs: types("process")},
}

// process is the one SCO whose id follows from nothing: two processes are never the same. It has extensions of its own in
// observable_ext.go.
var process = &Struct{
	ID: 73, Name: "process", Class: Observable, Section: "6.13",
	Properties: observableProperties(processProperties...),
	Rules:      observableRules(orExtensions(anyOwn(processProperties))),
}

// orExtensions lets a rule be content with an extension.
func orExtensions(r Rule) Rule {
	r.Props = append(r.Props, "extensions")
	return r
}

var software = &Struct{
	ID: 74, Name: "software", Class: Observable, Section: "6.14",
	Properties: observableProperties(
		Property{ID: 32, Name: "name", Kind: String, Required: true, Contributing: true},
		Property{ID: 33, Name: "cpe", Kind: String, Contributing: true, Format: CPE},
		Property{ID: 34, Name: "swid", Kind: String, Contributing: true},
		Property{ID: 35, Name: "languages", Kind: String, List: true, Format: Language},
		Property{ID: 36, Name: "vendor", Kind: String, Contributing: true},
		Property{ID: 37, Name: "version", Kind: String, Contributing: true},
	),
	Rules: observableRules(),
}

var accountProperties = []Property{
	{ID: 32, Name: "user_id", Kind: String, Contributing: true},
	{ID: 33, Name: "credential", Kind: String},
	{ID: 34, Name: "account_login", Kind: String, Contributing: true},
	{ID: 35, Name: "account_type", Kind: String, Contributing: true, Vocab: AccountType},
	{ID: 36, Name: "display_name", Kind: String},
	{ID: 37, Name: "is_service_account", Kind: Boolean},
	{ID: 38, Name: "is_privileged", Kind: Boolean},
	{ID: 39, Name: "can_escalate_privs", Kind: Boolean},
	{ID: 40, Name: "is_disabled", Kind: Boolean},
	{ID: 41, Name: "account_created", Kind: Timestamp},
	{ID: 42, Name: "account_expires", Kind: Timestamp},
	{ID: 43, Name: "credential_last_changed", Kind: Timestamp},
	{ID: 44, Name: "account_first_login", Kind: Timestamp},
	{ID: 45, Name: "account_last_login", Kind: Timestamp},
}

// userAccount has an extension of its own in observable_ext.go.
var userAccount = &Struct{
	ID: 76, Name: "user-account", Class: Observable, Section: "6.16",
	Properties: observableProperties(accountProperties...),
	Rules:      observableRules(orExtensions(anyOwn(accountProperties))),
}

var registryProperties = []Property{
	{ID: 32, Name: "key", Kind: String, Contributing: true, Format: RegistryKey},
	{ID: 33, Name: "values", Kind: Nested, List: true, Contributing: true, Struct: WindowsRegistryValue},
	{ID: 34, Name: "modified_time", Kind: Timestamp},
	{ID: 35, Name: "creator_user_ref", Kind: Identifier, Refs: types("user-account")},
	{ID: 36, Name: "number_of_subkeys", Kind: Integer},
}

var windowsRegistryKey = &Struct{
	ID: 77, Name: "windows-registry-key", Class: Observable, Section: "6.17",
	Properties: observableProperties(registryProperties...),
	Rules:      observableRules(anyOwn(registryProperties)),
}
