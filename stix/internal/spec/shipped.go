package spec

// shippedExtensions are the extension-definitions known from the start.
var shippedExtensions = []*Extension{
	tlp2, acs, iep, contact,
	incidentCore, incidentEvent, incidentImpact, incidentTask,
	impactExtension(availabilityExt), impactExtension(confidentialityExt), impactExtension(externalExt), impactExtension(integrityExt),
	{ID: "economic-ext", Name: "economic-ext", Extends: []string{"impact"}, Members: monetaryExt}, // what a later draft calls monetary-ext
	impactExtension(monetaryExt), impactExtension(physicalExt), impactExtension(traceabilityExt),
}

// The values of extension_type that a shipped extension may have.
var (
	propertyExtension = []string{"property-extension"}
	newObject         = []string{"new-sdo"}
)
