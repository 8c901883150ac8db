package stix

import (
	"fmt"
	"slices"
)

// Scope widens a question about the markings of a place beyond those that name just it.
type Scope uint8

// The scopes. They may be combined.
const (
	// Inherited adds the markings of all that contains the place, up to the whole object.
	Inherited Scope = 1 << iota
	// Descendants adds the markings of all that the place contains.
	Descendants
)

// Markings returns the ids of the marking-definitions that mark a place, sorted and distinct. The place is the whole object if
// selector is "" (object_marking_refs, STIX 2.1 section 7.2.2), otherwise what the selector selects (granular_markings, section
// 7.2.3). Only markings of the very place count, unless scope says more.
//
// The error wraps [ErrSelector] if the selector is malformed. Whether it selects something does not matter.
func (h *Header) Markings(selector string, scope ...Scope) ([]string, error) {
	return h.collect(selector, scope, func(g *GranularMarking) string { return g.MarkingRef }, h.ObjectMarkingRefs)
}

// IsMarked reports whether a marking-definition is among the [Header.Markings] of a place; any is, if id is "".
func (h *Header) IsMarked(selector, id string, scope ...Scope) (bool, error) {
	ids, err := h.Markings(selector, scope...)
	if id == "" {
		return len(ids) > 0, err
	}
	return slices.Contains(ids, id), err
}

// Languages returns the languages that a place is said to be in, sorted and distinct: of the whole object (lang) if selector is "",
// otherwise by granular_markings. scope and errors are those of [Header.Markings].
func (h *Header) Languages(selector string, scope ...Scope) ([]string, error) {
	var own []string
	if h.Lang != "" {
		own = []string{h.Lang}
	}
	return h.collect(selector, scope, func(g *GranularMarking) string { return g.Lang }, own)
}

// Language is the language of a place: what the granular marking says that is nearest to it on the way up, at last lang. "" if
// nothing does (STIX 2.1 section 7.2.3). Of two for one place, which is a fault of the object, it is the first.
func (h *Header) Language(selector string) (string, error) {
	if err := checkPlace(selector); err != nil {
		return "", err
	}
	lang, nearest := h.Lang, ""
	for _, g := range h.GranularMarkings {
		if g.Lang == "" || selector == "" {
			continue
		}
		for _, sel := range g.Selectors {
			if how := relate(sel, selector); how != above && how != same {
				continue
			}
			if nearest == "" || relate(sel, nearest) == below {
				lang, nearest = g.Lang, sel
			}
		}
	}
	return lang, nil
}

func (h *Header) collect(selector string, scopes []Scope, of func(*GranularMarking) string, object []string) ([]string, error) {
	if err := checkPlace(selector); err != nil {
		return nil, err
	}
	var scope Scope
	for _, s := range scopes {
		scope |= s
	}
	var list []string
	if selector == "" || scope&Inherited != 0 {
		list = append(list, object...)
	}
	for i := range h.GranularMarkings {
		g := &h.GranularMarkings[i]
		if of(g) != "" && slices.ContainsFunc(g.Selectors, func(sel string) bool { return scope.takes(sel, selector) }) {
			list = append(list, of(g))
		}
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// takes reports whether what is at sel counts for a place.
func (s Scope) takes(sel, place string) bool {
	if place == "" {
		return s&Descendants != 0
	}
	switch relate(sel, place) {
	case same:
		return true
	case above:
		return s&Inherited != 0
	case below:
		return s&Descendants != 0
	}
	return false
}

// checkPlace takes "" for the whole object.
func checkPlace(selector string) error {
	if selector != "" && !validSelector(selector) {
		return fmt.Errorf("%w %s: want one such as name, labels.[0] or hashes.MD5", ErrSelector, printable(selector))
	}
	return nil
}
