package spec

// iep is the Information Exchange Policy 2.0. It restricts what may be done, in words that nothing here interprets.
var iep = &Extension{
	ID: "extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a", Name: "IEP 2.0",
	Extends: []string{"marking-definition"}, Types: propertyExtension, Opaque: true,
}
