package generate

import "github.com/wagasa/wagasa/stix/internal/spec"

// This file knows how the checks look at properties that a mutation breaks for another reason.

// quiet is what is asked of an object of s so that breaking p, or a rule if p is nil, does not break a check as well.
func quiet(s *spec.Struct, p *spec.Property) ask {
	switch {
	case hasCheck(s, spec.CheckExternalID):
		return ask{set: map[string]any{"source_name": "a source"}}
	case p == nil:
	case hasCheck(s, spec.CheckExtensionProperties) && p.Name == "extension_types":
		return ask{without: []string{"extension_properties"}}
	case hasCheck(s, spec.CheckRelationship) && (p.Name == "source_ref" || p.Name == "target_ref"):
		return ask{set: map[string]any{"relationship_type": anyRelationship}}
	}
	return ask{}
}

// emptied are the codes for an object that a mutation leaves nothing in: an extension must not be empty.
func emptied(s *site) []spec.Code {
	if s.key() != "" {
		return []spec.Code{spec.CodeEmpty}
	}
	return nil
}

// disturbs are the codes of the checks that look at p and find it broken too. p is nil for a member that the struct does not have.
func disturbs(at *site, p *spec.Property, b breakage) []spec.Code {
	s := at.s
	switch {
	case at.key() == tlp2Extension:
		return []spec.Code{spec.CodeTLP}
	case p == nil:
	case hasCheck(s, spec.CheckMarking) && p.Name == "definition":
		return []spec.Code{spec.CodeMarking}
	case p.Kind == spec.Extensions && s.Definition != "":
		return []spec.Code{spec.CodeRequired} // the definition that makes the type
	case hasCheck(s, spec.CheckSocketOptions) && p.Name == "options" && b.code == spec.CodeKey:
		return []spec.Code{spec.CodeSocketOption}
	}
	return nil
}
