package spec

// tlp2 is the Traffic Light Protocol 2.0. What the five predefined markings are, CheckMarking knows.
var tlp2 = &Extension{
	ID: "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d", Name: "TLP 2.0",
	Extends: []string{"marking-definition"}, Types: propertyExtension,
	Members: &Struct{
		ID: 170, Name: "tlp-2.0", Class: Part, Section: "TLP 2.0",
		Properties: []Property{{ID: 32, Name: "tlp_2_0", Kind: String, Required: true, Vocab: TLP2}},
	},
}

// TLP2 is the labels of TLP 2.0.
var TLP2 = &Vocabulary{
	ID: 108, Name: "tlp-2.0-enum", Section: "TLP 2.0", Closed: true,
	Values: []string{"clear", "green", "amber", "amber+strict", "red"},
}
