package objects

import (
	"encoding/json"
	"slices"

	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// marking is a marking that is in force for an object, or for a part of it.
type marking struct {
	named
	Means     string // a code of the texts
	Statement string // of one that is a statement
	ACS       *stix.ACS
	Selectors []string // the parts that it marks; none is the whole object
	Language  string   // a part's language, where that is all that is said
	From      string   // the partner that gave the definition; "" is this node
}

// meanings are the texts of what a TLP level means.
var meanings = map[stix.TLP]string{
	stix.TLPClear: "objects.means-clear", stix.TLPGreen: "objects.means-green", stix.TLPAmber: "objects.means-amber",
	stix.TLPAmberStrict: "objects.means-amber-strict", stix.TLPRed: "objects.means-red",
}

const (
	largestMarking = 64 << 10 // bytes of a definition that is read
	shownSelectors = 20       // of one marking
	shownMarkings  = 50
	longestText    = 600 // characters of a text that is not what the page is about
)

// definition is a marking-definition that is here.
type definition struct {
	release.Definition
	statement string
}

// markings finds what the object is marked with, what that means, and which TLP is in force.
func (s *subject) markings(tx store.Tx) error {
	refs := release.MarkingRefs(&s.object.Header)
	defined, err := s.definitions(tx, refs)
	if err != nil {
		return err
	}
	facts := release.Classify(&s.object.Header, s.Origin, stix.TLP(s.Variant.TLP), func(id string) (release.Definition, bool) {
		d, ok := defined[id]
		return d.Definition, ok
	})
	s.TLP = facts.TLP
	s.Given = s.Origin == store.Self && s.TLP == stix.TLP(s.Variant.TLP) && s.TLP != stix.TLPNone && !slices.ContainsFunc(s.object.ObjectMarkingRefs, func(id string) bool { return stix.TLPOf(id) != stix.TLPNone })
	for _, id := range s.object.ObjectMarkingRefs {
		s.Markings = append(s.Markings, s.marking(id, defined))
	}
	for _, g := range s.object.GranularMarkings {
		m := marking{Language: g.Lang}
		if g.MarkingRef != "" {
			m = s.marking(g.MarkingRef, defined)
		}
		m.Selectors = g.Selectors[:min(len(g.Selectors), shownSelectors)]
		s.Parts = true
		s.Markings = append(s.Markings, m)
	}
	s.Markings = s.Markings[:min(len(s.Markings), shownMarkings)]
	return nil
}

// definitions reads those marking-definitions that are here.
func (s *subject) definitions(tx store.Tx, ids []string) (map[string]definition, error) {
	all := map[string]definition{}
	variants, err := tx.Objects().Variants(ids)
	if err != nil {
		return nil, err
	}
	variants = slices.DeleteFunc(variants, func(v store.Variant) bool { return v.Size > largestMarking })
	for portion := range store.Portions(variants, namedBytes) {
		current, err := tx.Objects().Current(portion)
		if err != nil {
			return nil, err
		}
		for _, v := range current {
			var said struct {
				Definition struct {
					Statement string `json:"statement"`
				} `json:"definition"`
			}
			_ = json.Unmarshal(v.Raw, &said) // whatever else it says, Define judges
			all[v.ID] = definition{release.Define(v.ID, v.Raw, v.Origin), said.Definition.Statement}
			s.titles[v.ID] = stix.Title(v.Raw)
		}
	}
	return all, nil
}

// marking tells what one marking means.
func (s *subject) marking(id string, defined map[string]definition) marking {
	m := marking{named: s.name(id)}
	if m.TLP != stix.TLPNone {
		m.Means = meanings[m.TLP]
		return m
	}
	d, ok := defined[id]
	if d.Origin != store.Self {
		m.From = s.origin(d.Origin)
	}
	switch {
	case !ok:
		m.Means = "objects.means-absent"
	case d.Unknown:
		m.Means = "objects.means-unknown"
	case d.ACS != nil:
		m.Means, m.ACS = "objects.means-acs", d.ACS
	default:
		m.Means, m.Statement = "objects.means-statement", s.show(short(d.statement, longestText))
	}
	return m
}
