// Package spec is the table of STIX 2.1: every type with its properties, vocabularies, rules and relationships, as data. The
// validator, the generator of random objects and the generators of code and documents interpret it; nobody else knows the
// standard.
//
// One file holds one family: domain.go and domain_more.go (section 4), relation.go (section 5), observable.go and its extensions
// (section 6), meta.go (sections 7 and 8), parts.go (section 2), vocabulary.go (section 10), and one file for each extension-definition that
// is shipped.
//
// Every struct, property and vocabulary has a number. It is never changed or given to another; testdata/numbers.txt remembers them.
package spec

// Class is what sort of JSON object a struct describes (STIX 2.1 section 1.3).
type Class uint8

// The classes. Custom is every type that the table does not define.
const (
	Custom Class = iota
	Domain
	Relationship
	Meta
	Observable
	Container // the bundle
	Part      // an object within an object, such as a kill chain phase
)

// Kind is the type of a value (STIX 2.1 section 2).
type Kind uint8

// The kinds.
const (
	Any        Kind = iota // any JSON value but null
	Boolean                // section 2.2
	Integer                // section 2.10: a whole number, -2^53+1 to 2^53-1
	Float                  // section 2.6
	String                 // section 2.14; see Format and Vocab
	Timestamp              // section 2.15
	Identifier             // section 2.9; see Refs
	Hex                    // section 2.8: pairs of hexadecimal digits
	Binary                 // section 2.1: base64
	Hashes                 // section 2.7
	Dictionary             // section 2.3; see Keys and Value
	Nested                 // an object; see Struct
	Extensions             // section 7.3: the extensions property
	Objects                // the deprecated dictionary of cyber-observables in observed-data
	Contained              // the objects of a bundle: each stands by itself
)

// Format is the syntax of a string. Each is one function of the validator.
type Format uint8

// The formats, with their level.
const (
	NoFormat         Format = iota
	Language                // must: RFC 5646
	URI                     // must: RFC 3986, with a scheme
	IPv4                    // must: an IPv4 address or CIDR
	IPv6                    // must: an IPv6 address or CIDR
	MAC                     // must: 6 lower-case pairs joined by colons
	DomainName              // must: RFC 1034 and RFC 5890, internationalised labels as A-labels or U-labels
	Email                   // must: addr-spec of RFC 5322
	CPE                     // must: CPE 2.3 formatted string
	SemVer                  // must: semantic version 2.0.0
	PropertyName            // must: section 3.1, a to z, 0 to 9 and _, at most 250
	TypeName                // must: section 3.1, a to z, 0 to 9 and hyphen, 3 to 250
	DictionaryKey           // must: a to z, A to Z, 0 to 9, hyphen and _, 1 to 250
	Selector                // must: the syntax of section 7.2.3.1
	MIMEType                // should: type/subtype
	Country                 // should: ISO 3166-1 alpha-2
	LowerHyphen             // should: lower case, hyphens instead of spaces and underscores
	RegistryKey             // must: does not begin with an abbreviated hive (HKLM)
	HTTPMethodLower         // should: lower case
	Charset                 // must: a name that IANA could register: letters, digits, hyphen, _ . : +
	IntegerOrString         // must, of Any: an integer or a string, nothing else
	WholeSeconds            // must, of a Timestamp: no fraction of a second but zero
	RelationshipName        // must: section 5.1.1, a to z, 0 to 9 and hyphen
	Link                    // should: RFC 3986, with a scheme
)

// Struct describes one JSON object: a type of object, or a part of one.
type Struct struct {
	ID      uint16
	Name    string // the value of type, or a name for a part
	Class   Class
	Section string // of STIX 2.1; of its own specification for an extension
	// V20 says that STIX 2.0 defines it as an object of its own.
	V20        bool
	Properties []Property
	Rules      []Rule
	// Relationships that section 4 and 6 list for this type as the source.
	Relationships []Relation
	// Definition is the id of the extension-definition that makes the type, "" for those of the standard. Objects carry it in their
	// extensions.
	Definition string

	index    index
	required uint64
}

// Property describes one property. Common properties have the numbers 1 to 31, own ones follow from 32.
type Property struct {
	ID           uint16
	Name         string
	Kind         Kind
	List         bool // of Kind; a list is never empty (section 2.12)
	Required     bool
	Since21      bool // required in STIX 2.1, not in 2.0
	Contributing bool // to the deterministic id of a cyber-observable (section 2.9)
	Deprecated   bool
	Fixed        string // the only value: a string, or true or false for a Boolean
	Format       Format
	Vocab        *Vocabulary
	Refs         *Refs     // nil: any object
	Struct       *Struct   // of Nested
	Keys         Format    // of a Dictionary; NoFormat means DictionaryKey
	Value        *Property // of a Dictionary: what its values are, nil for Any. Its Name is "".
	Range        *Range    // of Integer and Float
	Millis       bool      // of Timestamp: at least three digits of a second
}

// Range bounds a number, both ends included.
type Range struct{ Min, Max float64 }

// Refs says what an Identifier may refer to: an object of one of these types or classes. Where a class is allowed, custom types
// are too.
type Refs struct {
	Types   []string
	Classes []Class
	// Except are types that a class would allow.
	Except []string
}

// Vocabulary is a list of values (STIX 2.1 section 10).
type Vocabulary struct {
	ID      uint16
	Name    string
	Section string
	// Closed: only these values may be used (an enumeration); otherwise they should be.
	Closed bool
	Values []string

	index index
}

// Relation is one row of a type's table of relationships.
type Relation struct {
	Type    string // relationship_type
	Targets []string
}

// Op is what a rule demands.
type Op uint8

// The predicates. p stands for the first of Props, rest for those after it.
const (
	AtLeastOne Op = iota + 1 // one of Props is present
	ExactlyOne               // one of Props is present, and no other
	AtMostOne                // not two of Props are present
	Requires                 // where p is present, all of the rest are
	Forbids                  // where p is present, none of the rest is
	NotBefore                // timestamp p is not before the second
	After                    // timestamp p is after the second
	Call                     // Check decides
)

// Rule is a constraint between properties of one struct.
type Rule struct {
	Op    Op
	When  *When // the rule holds only then
	Props []string
	Check Check // of Call
	// Since21: STIX 2.0 does not demand it.
	Since21 bool
	// Implied are codes that breaking just this rule brings along, beside its own.
	Implied []Code

	// At are the positions of Props, set by [NewTable].
	At []int
}

// When is a condition: property Prop has the string or boolean Value.
type When struct {
	Prop, Value string

	// At is the position of Prop, set by [NewTable].
	At int
}

// Check is a named function of the validator, for what no predicate fits.
type Check uint8

// The checks.
const (
	NoCheck Check = iota
	// CheckMarking: a marking-definition has definition_type and definition, or extensions; a definition of type statement or tlp has
	// the shape of section 7.2.1; the predefined TLP markings have exactly their published content;
	// none marks itself (section 3.2).
	CheckMarking
	// CheckExtensionProperties: extension_properties stands only with the type toplevel-property-extension (section 7.3).
	CheckExtensionProperties
	// CheckPattern hands the pattern of an indicator to the pattern checker.
	CheckPattern
	// CheckRelationship: the source's type lists this relationship_type and target (should).
	CheckRelationship
	// CheckDeterministicID: the id of a cyber-observable is the one that follows from its content (should).
	CheckDeterministicID
	// CheckObservedRefs: object_refs of observed-data names at least one cyber-observable.
	CheckObservedRefs
	// CheckExternalID: an external reference with the source_name cve or capec has an external_id of that form (sections 4.1 and 4.19, should).
	CheckExternalID
	// CheckSocketOptions: the options of socket-ext are named SO_…, ICMP_…, ICMP6_…, IP_…, IPV6_…, MCAST_…, TCP_… or IRLMP_… and are integers.
	CheckSocketOptions
)

// Extension is an extension-definition that is known (section 7.3), or a predefined extension of a cyber-observable (then its ID is
// a name such as archive-ext).
type Extension struct {
	ID      string // the key within extensions
	Name    string
	Extends []string // the types that may carry it; nil means any
	Types   []string // what extension_type may say; nil for predefined extensions, which have none
	Members *Struct  // the shape of the member of extensions, without extension_type; nil if it has only that
	Top     []Property
	Objects []*Struct // the new types
	// Opaque: its members are not looked into.
	Opaque bool
}
