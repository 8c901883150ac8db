// Package spec is the table of what STIX 2.0 and 2.1 define: so far the object types, their class, and which properties
// the id of a cyber-observable is made from.
package spec

// Class is the kind of a STIX type (STIX 2.1 section 1.3).
type Class uint8

// The classes. Custom is every type that neither version defines.
const (
	Custom Class = iota
	Domain
	Relationship
	Meta
	Observable
)

// Type is one row of the table.
type Type struct {
	Name  string
	Class Class
	// V20 says that STIX 2.0 defines it as an object of its own; STIX 2.1 defines every type of the table.
	V20 bool
	// IDProperties are the "ID Contributing Properties" of section 6, in the order of the specification.
	IDProperties []string
}

// Lookup returns the row of a type.
func Lookup(name string) (Type, bool) {
	t, ok := types[name]
	return t, ok
}

// LookupBytes is Lookup without an allocation.
func LookupBytes(name []byte) (Type, bool) {
	t, ok := types[string(name)]
	return t, ok
}

// Names calls f for every type, in no order.
func Names(f func(Type)) {
	for _, t := range types {
		f(t)
	}
}

// HashPreference is the order in which one hash is chosen for an id (STIX 2.1 section 2.9).
var HashPreference = [...]string{"MD5", "SHA-1", "SHA-256", "SHA-512"}

var types = table(
	// Section 4, STIX Domain Objects.
	Type{Name: "attack-pattern", Class: Domain, V20: true},
	Type{Name: "campaign", Class: Domain, V20: true},
	Type{Name: "course-of-action", Class: Domain, V20: true},
	Type{Name: "grouping", Class: Domain},
	Type{Name: "identity", Class: Domain, V20: true},
	Type{Name: "incident", Class: Domain},
	Type{Name: "indicator", Class: Domain, V20: true},
	Type{Name: "infrastructure", Class: Domain},
	Type{Name: "intrusion-set", Class: Domain, V20: true},
	Type{Name: "location", Class: Domain},
	Type{Name: "malware", Class: Domain, V20: true},
	Type{Name: "malware-analysis", Class: Domain},
	Type{Name: "note", Class: Domain},
	Type{Name: "observed-data", Class: Domain, V20: true},
	Type{Name: "opinion", Class: Domain},
	Type{Name: "report", Class: Domain, V20: true},
	Type{Name: "threat-actor", Class: Domain, V20: true},
	Type{Name: "tool", Class: Domain, V20: true},
	Type{Name: "vulnerability", Class: Domain, V20: true},

	// Section 5, STIX Relationship Objects.
	Type{Name: "relationship", Class: Relationship, V20: true},
	Type{Name: "sighting", Class: Relationship, V20: true},

	// Section 7, STIX Meta Objects.
	Type{Name: "extension-definition", Class: Meta},
	Type{Name: "language-content", Class: Meta},
	Type{Name: "marking-definition", Class: Meta, V20: true},

	// Section 6, STIX Cyber-observable Objects.
	observable("artifact", "hashes", "payload_bin"),
	observable("autonomous-system", "number"),
	observable("directory", "path"),
	observable("domain-name", "value"),
	observable("email-addr", "value"),
	observable("email-message", "from_ref", "subject", "body"),
	observable("file", "hashes", "name", "extensions", "parent_directory_ref"),
	observable("ipv4-addr", "value"),
	observable("ipv6-addr", "value"),
	observable("mac-addr", "value"),
	observable("mutex", "name"),
	observable("network-traffic", "start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions"),
	observable("process"),
	observable("software", "name", "cpe", "swid", "vendor", "version"),
	observable("url", "value"),
	observable("user-account", "account_type", "user_id", "account_login"),
	observable("windows-registry-key", "key", "values"),
	observable("x509-certificate", "hashes", "serial_number"),
)

func observable(name string, props ...string) Type {
	return Type{Name: name, Class: Observable, IDProperties: props}
}

func table(rows ...Type) map[string]Type {
	m := make(map[string]Type, len(rows))
	for _, r := range rows {
		m[r.Name] = r
	}
	return m
}
