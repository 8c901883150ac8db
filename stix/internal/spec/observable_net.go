package spec

var autonomousSystem = &Struct{
	ID: 62, Name: "autonomous-system", Class: Observable, Section: "6.2",
	Properties: observableProperties(
		Property{ID: 32, Name: "number", Kind: Integer, Required: true, Contributing: true},
		Property{ID: 33, Name: "name", Kind: String},
		Property{ID: 34, Name: "rir", Kind: String},
	),
	Rules: observableRules(),
}

var domainName = &Struct{
	ID: 64, Name: "domain-name", Class: Observable, Section: "6.4",
	Properties: observableProperties(
		Property{ID: 32, Name: "value", Kind: String, Required: true, Contributing: true, Format: DomainName},
		Property{ID: 33, Name: "resolves_to_refs", Kind: Identifier, List: true, Deprecated: true, Refs: types("ipv4-addr", "ipv6-addr", "domain-name")},
	),
	Rules: observableRules(),
	Relationships: []Relation{
		{"resolves-to", []string{"domain-name", "ipv4-addr", "ipv6-addr"}},
	},
}

var ipv4Addr = addressObject(68, "ipv4-addr", "6.8", IPv4)

var ipv6Addr = addressObject(69, "ipv6-addr", "6.9", IPv6)

// addressObject is an SCO of an IP address: both versions have the same properties and relationships.
func addressObject(id uint16, name, section string, f Format) *Struct {
	return &Struct{
		ID: id, Name: name, Class: Observable, Section: section,
		Properties: observableProperties(
			Property{ID: 32, Name: "value", Kind: String, Required: true, Contributing: true, Format: f},
			Property{ID: 33, Name: "resolves_to_refs", Kind: Identifier, List: true, Deprecated: true, Refs: types("mac-addr")},
			Property{ID: 34, Name: "belongs_to_refs", Kind: Identifier, List: true, Deprecated: true, Refs: types("autonomous-system")},
		),
		Rules: observableRules(),
		Relationships: []Relation{
			{"resolves-to", []string{"mac-addr"}},
			{"belongs-to", []string{"autonomous-system"}},
		},
	}
}

var macAddr = &Struct{
	ID: 70, Name: "mac-addr", Class: Observable, Section: "6.10",
	Properties: observableProperties(
		Property{ID: 32, Name: "value", Kind: String, Required: true, Contributing: true, Format: MAC},
	),
	Rules: observableRules(),
}

// networkTraffic has extensions of its own in observable_ext.go.
var networkTraffic = &Struct{
	ID: 72, Name: "network-traffic", Class: Observable, Section: "6.12",
	Properties: extensionsContribute(observableProperties(
		Property{ID: 32, Name: "start", Kind: Timestamp, Contributing: true},
		Property{ID: 33, Name: "end", Kind: Timestamp, Contributing: true},
		Property{ID: 34, Name: "is_active", Kind: Boolean},
		Property{ID: 35, Name: "src_ref", Kind: Identifier, Contributing: true, Refs: endpoints},
		Property{ID: 36, Name: "dst_ref", Kind: Identifier, Contributing: true, Refs: endpoints},
		Property{ID: 37, Name: "src_port", Kind: Integer, Contributing: true, Range: port},
		Property{ID: 38, Name: "dst_port", Kind: Integer, Contributing: true, Range: port},
		Property{ID: 39, Name: "protocols", Kind: String, List: true, Required: true, Contributing: true},
		Property{ID: 40, Name: "src_byte_count", Kind: Integer, Range: notNegative},
		Property{ID: 41, Name: "dst_byte_count", Kind: Integer, Range: notNegative},
		Property{ID: 42, Name: "src_packets", Kind: Integer, Range: notNegative},
		Property{ID: 43, Name: "dst_packets", Kind: Integer, Range: notNegative},
		Property{ID: 44, Name: "ipfix", Kind: Dictionary, Value: &Property{Kind: Any, Format: IntegerOrString}},
		Property{ID: 45, Name: "src_payload_ref", Kind: Identifier, Refs: types("artifact")},
		Property{ID: 46, Name: "dst_payload_ref", Kind: Identifier, Refs: types("artifact")},
		Property{ID: 47, Name: "encapsulates_refs", Kind: Identifier, List: true, Refs: types("network-traffic")},
		Property{ID: 48, Name: "encapsulated_by_ref", Kind: Identifier, Refs: types("network-traffic")},
	)),
	Rules: observableRules(
		anyOf("src_ref", "dst_ref"),
		Rule{Op: Forbids, When: &When{Prop: "is_active", Value: "true"}, Props: []string{"is_active", "end"}},
		Rule{Op: NotBefore, Props: []string{"end", "start"}, Since21: true},
	),
}

// endpoints are what network traffic goes from and to.
var endpoints = types("ipv4-addr", "ipv6-addr", "mac-addr", "domain-name")

var port = &Range{0, 65535}

var urlObject = &Struct{
	ID: 75, Name: "url", Class: Observable, Section: "6.15",
	Properties: observableProperties(
		Property{ID: 32, Name: "value", Kind: String, Required: true, Contributing: true, Format: URI},
	),
	Rules: observableRules(),
}
