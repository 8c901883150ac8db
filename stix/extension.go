package stix

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// ErrExtension is wrapped by every error of [NewRegistry].
var ErrExtension = errors.New("bad extension")

// The rows of the table, for those who define extensions. Every property has a name and a number: own ones are numbered from 32, and
// no number is ever given to another property.
type (
	// Struct describes a JSON object: a type, or a part of one.
	Struct = spec.Struct
	// Property describes one property of a [Struct].
	Property = spec.Property
	// Vocabulary is a list of values, open or closed.
	Vocabulary = spec.Vocabulary
	// Refs says what an identifier may refer to.
	Refs = spec.Refs
	// Range bounds a number.
	Range = spec.Range
	// Rule is a constraint between the properties of a [Struct].
	Rule = spec.Rule
	// When is a condition of a [Rule].
	When = spec.When
	// Relation says which relationships a type is the source of.
	Relation = spec.Relation
	// Class is what sort of JSON object a [Struct] describes.
	Class = spec.Class
	// Kind is the type of a value (STIX 2.1 section 2).
	Kind = spec.Kind
	// Format is the syntax of a string.
	Format = spec.Format
)

// The classes of a [Struct].
const (
	ClassDomain       = spec.Domain
	ClassRelationship = spec.Relationship
	ClassMeta         = spec.Meta
	ClassObservable   = spec.Observable
	ClassPart         = spec.Part
)

// The kinds of a [Property].
const (
	KindAny        = spec.Any
	KindBoolean    = spec.Boolean
	KindInteger    = spec.Integer
	KindFloat      = spec.Float
	KindString     = spec.String
	KindTimestamp  = spec.Timestamp
	KindIdentifier = spec.Identifier
	KindHex        = spec.Hex
	KindBinary     = spec.Binary
	KindHashes     = spec.Hashes
	KindDictionary = spec.Dictionary
	KindNested     = spec.Nested
)

// The formats of a string.
const (
	FormatLanguage    = spec.Language
	FormatURI         = spec.URI
	FormatLink        = spec.Link
	FormatIPv4        = spec.IPv4
	FormatIPv6        = spec.IPv6
	FormatDomainName  = spec.DomainName
	FormatEmail       = spec.Email
	FormatSemVer      = spec.SemVer
	FormatSelector    = spec.Selector
	FormatMIMEType    = spec.MIMEType
	FormatCountry     = spec.Country
	FormatLowerHyphen = spec.LowerHyphen
)

// What a [Rule] may demand.
const (
	RuleAtLeastOne = spec.AtLeastOne
	RuleExactlyOne = spec.ExactlyOne
	RuleAtMostOne  = spec.AtMostOne
	RuleRequires   = spec.Requires
	RuleForbids    = spec.Forbids
	RuleNotBefore  = spec.NotBefore
	RuleAfter      = spec.After
)

// Extension is an extension of STIX (STIX 2.1 section 7.3): what its extension-definition says of it, in a form that a machine can judge by.
type Extension struct {
	// Definition is the extension-definition. It must be valid, and its extension_types and extension_properties must be those of
	// the fields below.
	Definition Object
	// Types are new SDOs, SROs and SCOs, with their own properties only: NewRegistry adds the common ones (section 3.2).
	Types []*Struct
	// Members describes the member of extensions (property-extension), without extension_type.
	Members *Struct
	// Opaque says that there is such a member, but that it is not to be looked into.
	Opaque bool
	// Top are properties beside those that the types have (toplevel-property-extension).
	Top []Property
	// Extends are the types that may carry Members and Top; nil means any.
	Extends []string
}

// Registry is the table of STIX 2.1 with more extensions. It does not change and may be used from any goroutine. A nil Registry is the
// standard with the extensions that this package knows.
type Registry struct{ t *spec.Table }

var standard *Registry

func (r *Registry) table() *spec.Table {
	if r == nil || r.t == nil {
		return spec.Standard
	}
	return r.t
}

// NewRegistry returns base with more extensions; base may be nil. The extensions belong to it from then on. It fails if a definition is
// not valid or does not agree with what is given, if a type or an extension is known already, or if the rows do not fit together.
func NewRegistry(base *Registry, extensions ...Extension) (*Registry, error) {
	rows := make([]*spec.Extension, len(extensions))
	for i := range extensions {
		e := &extensions[i]
		row, err := e.row()
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrExtension, printable(e.Definition.ID), err)
		}
		rows[i] = row
	}
	t, err := base.table().With(rows...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrExtension, err)
	}
	for _, row := range rows {
		for _, name := range row.Extends {
			if _, ok := t.Lookup(name); !ok {
				return nil, fmt.Errorf("%w: %s extends %s, which is no type", ErrExtension, row.ID, printable(name))
			}
		}
	}
	return &Registry{t}, nil
}

// row is the extension as the table has it.
func (e *Extension) row() (*spec.Extension, error) {
	name, err := e.check()
	if err != nil {
		return nil, err
	}
	row := &spec.Extension{
		ID: e.Definition.ID, Name: name, Extends: slices.Clone(e.Extends), Types: e.types(), Members: e.Members, Top: e.Top, Opaque: e.Opaque,
	}
	for _, s := range e.Types {
		row.Objects = append(row.Objects, withCommon(s, e.Definition.ID))
	}
	return row, nil
}

// check compares the definition with what is given, and returns its name.
func (e *Extension) check() (string, error) {
	d := &e.Definition
	if d.Type != "extension-definition" {
		return "", fmt.Errorf("a %s is no extension-definition", printable(d.Type))
	}
	for _, f := range Validate(d) {
		if f.Level == Must {
			return "", fmt.Errorf("the extension-definition is not valid: %s: %s", printable(f.Pointer), f.Message())
		}
	}
	var name string
	var types, properties []string
	for member, v := range each(d.Raw) {
		switch member {
		case "name":
			name, _ = text(v)
		case "extension_types":
			types = texts(v)
		case "extension_properties":
			properties = texts(v)
		}
	}
	if want := e.types(); !sameSet(types, want) {
		return "", fmt.Errorf("extension_types is %q, but what is given is %q", types, want)
	}
	var top []string
	for i := range e.Top {
		top = append(top, e.Top[i].Name)
	}
	if !sameSet(properties, top) {
		return "", fmt.Errorf("extension_properties is %q, but what is given is %q", properties, top)
	}
	return name, e.checkNames()
}

// checkNames looks at what the table does not.
func (e *Extension) checkNames() error {
	for _, s := range e.Types {
		if !validType(s.Name) {
			return fmt.Errorf("%s is no name of a type (STIX 2.1 section 3.1)", printable(s.Name))
		}
		if s.Class != spec.Domain && s.Class != spec.Relationship && s.Class != spec.Observable {
			return fmt.Errorf("the type %s is no SDO, SRO or SCO", s.Name)
		}
		for i := range s.Properties {
			if p := &s.Properties[i]; p.ID < ownProperty {
				return fmt.Errorf("the property %s of %s has the number %d of a common one", printable(p.Name), s.Name, p.ID)
			}
		}
	}
	if e.Members != nil && slices.ContainsFunc(e.Members.Properties, func(p Property) bool { return p.Name == "extension_type" }) {
		return errors.New("extension_type is not to be among the members")
	}
	return nil
}

// types are the extension_types that follow from what is given.
func (e *Extension) types() []string {
	var list []string
	add := func(on bool, name string) {
		if on && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	for _, s := range e.Types {
		add(s.Class == spec.Domain, "new-sdo")
		add(s.Class == spec.Observable, "new-sco")
		add(s.Class == spec.Relationship, "new-sro")
	}
	add(e.Members != nil || e.Opaque, "property-extension")
	add(len(e.Top) > 0, "toplevel-property-extension")
	return list
}

// ownProperty is the number of the first property that is not a common one.
const ownProperty = 32

// withCommon is a type with the properties that all of its class have.
func withCommon(s *Struct, definition string) *Struct {
	like := "indicator"
	n := &Struct{
		ID: s.ID, Name: s.Name, Class: s.Class, Section: s.Section, Relationships: s.Relationships, Definition: definition,
		Rules: slices.Clone(s.Rules),
	}
	if s.Class == spec.Observable {
		like = "domain-name"
		n.Rules = append(n.Rules, Rule{Op: spec.Call, Check: spec.CheckDeterministicID})
	} else {
		n.Rules = append(n.Rules, Rule{Op: spec.NotBefore, Props: []string{"modified", "created"}})
	}
	row, _ := spec.Standard.Lookup(like)
	for _, p := range row.Properties {
		if p.ID < ownProperty {
			n.Properties = append(n.Properties, p)
		}
	}
	n.Properties = append(n.Properties, s.Properties...)
	return n
}

// texts are the strings of a list.
func texts(list jsontext.Value) []string {
	var all []string
	for v := range elements(list) {
		if s, ok := text(v); ok {
			all = append(all, s)
		}
	}
	return all
}

func sameSet(a, b []string) bool {
	for _, s := range a {
		if !slices.Contains(b, s) {
			return false
		}
	}
	for _, s := range b {
		if !slices.Contains(a, s) {
			return false
		}
	}
	return true
}
