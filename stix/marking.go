package stix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	acsExtension = "extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce"
	tlpExtension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
)

// Marking is what a marking-definition says (STIX 2.1 section 7.2). At most one of TLP, Statement and ACS is set, none
// if it is Unknown.
type Marking struct {
	ID        string
	TLP       TLP
	Statement bool // a statement for people to read, such as a copyright
	ACS       *ACS
	// Unknown says that this library cannot interpret the marking, or not all of it. Who meets one must take it for the
	// strictest.
	Unknown bool
}

// ACS is the part of a marking of the Access Control Specification 3.0 that this library interprets.
type ACS struct {
	Classification string // U, C, S or TS
	// PermittedNationalities are trigraphs; nil if nationality is not restricted.
	PermittedNationalities []string
	// Others names every other control that is present, sorted: caveat, access_privilege, further_sharing and the like.
	// policy_reference is among them unless it permits by default, resource_disposition and authority_reference always:
	// they bind who holds the data. What merely documents (the identifier, custodian, declassification…) is not.
	Others []string
}

// ParseMarking reads a marking-definition. It fails only if raw is no such object; a marking that is malformed,
// contradicts itself, has more than one meaning or one that this library does not know is Unknown. A TLP marking
// counts only by its predefined id: the same words under another id are Unknown.
func ParseMarking(raw []byte) (Marking, error) {
	o, err := Parse(raw)
	if err != nil {
		return Marking{}, err
	}
	if o.Type != "marking-definition" {
		return Marking{}, &ObjectError{
			Index: -1, ID: o.ID, Type: o.Type,
			Err: fmt.Errorf("%w: it is no marking-definition", ErrNotObject),
		}
	}
	m, ok := interpret(&o)
	if !ok {
		m = Marking{Unknown: true}
	}
	m.ID = o.ID
	return m, nil
}

// interpret reports whether the marking has exactly one meaning.
func interpret(o *Object) (m Marking, ok bool) {
	var kind string
	var definition jsontext.Value
	meanings := 0
	for name, v := range each(o.Raw) {
		switch name {
		case "type", "spec_version", "id", "created_by_ref", "created", "external_references",
			"object_marking_refs", "granular_markings", "name":
		case "definition_type":
			if kind, ok = text(v); !ok {
				return m, false
			}
		case "definition":
			definition = v
		case "extensions":
			n, ok := m.extensions(v, TLPOf(o.ID))
			if !ok {
				return m, false
			}
			meanings += n
		default:
			// Custom properties of old (STIX 2.1 section 11.1) may be ignored, anything else may be a control.
			if !strings.HasPrefix(name, "x_") {
				return m, false
			}
		}
	}
	if kind != "" || definition != nil {
		if !m.define(kind, definition, TLPOf(o.ID)) {
			return m, false
		}
		meanings++
	}
	if m.TLP = TLPOf(o.ID); m.TLP != TLPNone && meanings == 0 {
		return m, true // its id says it all
	}
	return m, meanings == 1
}

// define reads definition_type and definition.
func (m *Marking) define(kind string, definition jsontext.Value, predefined TLP) bool {
	said, ok := only(definition, kind)
	if !ok {
		return false
	}
	switch kind {
	case "statement":
		m.Statement = true
		return predefined == TLPNone
	case "tlp":
		level, err := ParseTLP(said)
		return err == nil && level == predefined
	}
	return false
}

// extensions counts the meanings among them.
func (m *Marking) extensions(v jsontext.Value, predefined TLP) (n int, ok bool) {
	if v.Kind() != '{' {
		return 0, false
	}
	for id, ext := range each(v) {
		n++
		switch id {
		case acsExtension:
			if m.ACS = parseACS(ext); m.ACS == nil || predefined != TLPNone {
				return n, false
			}
		case tlpExtension:
			if predefined == TLPNone || !saysTLP(ext, predefined) {
				return n, false
			}
		default:
			return n, false
		}
	}
	return n, true
}

func saysTLP(ext jsontext.Value, want TLP) bool {
	found := false
	for name, v := range each(ext) {
		switch s, _ := text(v); name {
		case "extension_type":
		case "tlp_2_0":
			level, err := ParseTLP(s)
			found = err == nil && level == want
		default:
			return false
		}
	}
	return found
}

// parseACS returns nil if the extension is malformed.
func parseACS(ext jsontext.Value) *ACS {
	if ext.Kind() != '{' {
		return nil
	}
	a := &ACS{}
	required := 6
	for name, v := range each(ext) {
		s, isText := text(v)
		ok := true
		switch name {
		case "extension_type":
			ok = s == "property-extension"
			required--
		case "identifier", "responsible_entity_custodian":
			ok = s != ""
			required--
		case "create_date_time":
			_, err := ParseTimestamp(s)
			ok = err == nil
			required--
		case "policy_reference":
			ok = s != ""
			required--
			if s != permitByDefault {
				a.Others = append(a.Others, name)
			}
		case "control_set":
			ok = a.controls(v)
			required--
		case "name", "responsible_entity_originator":
			ok = isText
		case "original_classification", "derivative_classification", "declassification", "public_release":
			ok = v.Kind() == '{'
		default:
			ok = v.Kind() != 'n'
			a.Others = append(a.Others, name)
		}
		if !ok {
			return nil
		}
	}
	if required != 0 {
		return nil
	}
	slices.Sort(a.Others)
	a.Others = slices.Compact(a.Others)
	return a
}

// permitByDefault is the one policy under which the absence of a privilege restricts nothing.
const permitByDefault = "urn:isa:policy:acs:ns:v3.0?privdefault=permit&sharedefault=permit"

func (a *ACS) controls(set jsontext.Value) bool {
	if set.Kind() != '{' {
		return false
	}
	for name, v := range each(set) {
		switch name {
		case "classification":
			a.Classification, _ = text(v)
		case "permitted_nationalities":
			if a.PermittedNationalities = nationalities(v); a.PermittedNationalities == nil {
				return false
			}
		default:
			if v.Kind() == 'n' {
				return false
			}
			a.Others = append(a.Others, name)
		}
	}
	switch a.Classification {
	case "U", "C", "S", "TS":
		return true
	}
	return false
}

// nationalities returns nil if the list is malformed or empty, which would say that nobody may.
func nationalities(v jsontext.Value) (list []string) {
	if v.Kind() != '[' {
		return nil
	}
	for e := range elements(v) {
		s, ok := text(e)
		if !ok || s == "" || len(list) == MaxList {
			return nil
		}
		list = append(list, s)
	}
	return list
}
