package spec

// contact adds to an identity how to reach it.
var contact = &Extension{
	ID: "extension-definition--66e2492a-bbd3-4be6-88f5-cc91a017a498", Name: "Identity Contact Information",
	Extends: []string{"identity"}, Types: propertyExtension,
	Members: &Struct{
		ID: 190, Name: "identity-contact", Class: Part, Section: "Identity Contact Information",
		Properties: []Property{
			{ID: 32, Name: "contact_numbers", Kind: Nested, List: true, Struct: contactNumber},
			{ID: 33, Name: "email_addresses", Kind: Nested, List: true, Struct: contactEmail},
			{ID: 34, Name: "social_media_accounts", Kind: Nested, List: true, Struct: contactAccount},
			{ID: 35, Name: "first_name", Kind: String},
			{ID: 36, Name: "last_name", Kind: String},
			{ID: 37, Name: "middle_name", Kind: String},
			{ID: 38, Name: "prefix", Kind: String},
			{ID: 39, Name: "suffix", Kind: String},
		},
	},
}

var contactNumber = &Struct{
	ID: 191, Name: "contact-number", Class: Part, Section: "Identity Contact Information",
	Properties: []Property{
		{ID: 32, Name: "contact_number", Kind: String, Required: true},
		{ID: 33, Name: "classified", Kind: Boolean},
		{ID: 34, Name: "contact_number_type", Kind: String, Required: true, Vocab: ContactNumberType},
		{ID: 35, Name: "description", Kind: String},
	},
}

var contactEmail = &Struct{
	ID: 192, Name: "contact-email", Class: Part, Section: "Identity Contact Information",
	Properties: []Property{
		{ID: 32, Name: "email_address_ref", Kind: Identifier, Required: true, Refs: types("email-addr")},
		{ID: 33, Name: "classified", Kind: Boolean},
		{ID: 34, Name: "digital_contact_type", Kind: String, Required: true, Vocab: DigitalContactType},
		{ID: 35, Name: "description", Kind: String},
	},
}

var contactAccount = &Struct{
	ID: 193, Name: "contact-account", Class: Part, Section: "Identity Contact Information",
	Properties: []Property{
		{ID: 32, Name: "user_account_ref", Kind: Identifier, Required: true, Refs: types("user-account")},
		{ID: 33, Name: "classified", Kind: Boolean},
		{ID: 34, Name: "digital_contact_type", Kind: String, Required: true, Vocab: DigitalContactType},
		{ID: 35, Name: "description", Kind: String},
	},
}

// ContactNumberType is contact-number-ov.
var ContactNumberType = &Vocabulary{
	ID: 109, Name: "contact-number-ov", Section: "Identity Contact Information",
	Values: []string{"personal-landline-phone", "personal-mobile-phone", "personal-fax", "work-phone", "work-fax"},
}

// DigitalContactType is digital-contact-ov.
var DigitalContactType = &Vocabulary{
	ID: 110, Name: "digital-contact-ov", Section: "Identity Contact Information",
	Values: []string{"organizational", "personal", "work"},
}
