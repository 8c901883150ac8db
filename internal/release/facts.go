package release

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// Facts are all that the decision looks at in an object version. Versions with the same facts are one class, so that a
// node decides once a class instead of once an object. Object ids are no facts.
type Facts struct {
	Origin   store.Party `json:"origin,omitempty"`   // who gave it; empty = own
	Marking  bool        `json:"marking,omitempty"`  // a marking-definition: travels with what it marks
	TLP      stix.TLP    `json:"tlp"`                // effective: the strictest that holds for any part of it
	Limited  bool        `json:"limited,omitempty"`  // Nations restricts
	Nations  []string    `json:"nations,omitempty"`  // trigraphs, sorted: every ACS marking on it permits these
	Obstacle *Obstacle   `json:"obstacle,omitempty"` // what denies it to everybody
}

// Obstacle is a reason of its own kind, since facts are compared and stored as text.
type Obstacle struct {
	Code string `json:"code"`
	Arg  string `json:"arg,omitempty"` // never free text of an object: classes are for ever
}

// String is the form in which facts are interned: JSON with fixed order.
func (f Facts) String() string {
	b, err := json.Marshal(f)
	if err != nil {
		panic(err) // strings, bools and integers only
	}
	return string(b)
}

// ParseFacts undoes String.
func ParseFacts(s string) (Facts, error) {
	var f Facts
	d := json.NewDecoder(strings.NewReader(s))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return Facts{}, fmt.Errorf("class facts %q: %w", s, err)
	}
	return f, nil
}

// Definition is a marking-definition at hand, who gave it, and the strictest TLP that it is itself marked with.
type Definition struct {
	stix.Marking
	Origin  store.Party
	Bears   stix.TLP
	Overdue bool // a newer content of it, of ours too, is quarantined: nobody knows what it means now
}

// Define reads a marking-definition. One that cannot be read, or that carries markings other than TLP itself, is unknown, which denies
// what it marks: what those markings mean for the definition, nobody says.
func Define(id string, raw []byte, origin store.Party) Definition {
	d := Definition{Marking: stix.Marking{ID: id, Unknown: true}, Origin: origin}
	o, err := stix.Parse(raw)
	if err != nil {
		return d
	}
	d.Bears, _ = objectTLP(&o.Header)
	for _, g := range o.GranularMarkings {
		d.Bears = max(d.Bears, stix.TLPOf(g.MarkingRef))
	}
	if len(MarkingRefs(&o.Header)) > 0 {
		return d
	}
	if m, err := stix.ParseMarking(raw); err == nil {
		d.Marking = m
	}
	return d
}

// Restricts says whether a definition may permit less than another: all but a statement may.
func (d Definition) Restricts(other Definition) bool {
	return d.Unknown || d.ACS != nil || d.Bears > other.Bears
}

// Definitions finds current marking-definitions by id; ok is false for one that has not arrived.
type Definitions func(id string) (d Definition, ok bool)

// MarkingRefs returns the ids of the marking-definitions that an object refers to, object-level and granular, TLP's left out; sorted.
func MarkingRefs(h *stix.Header) []string {
	var ids []string
	add := func(id string) {
		if id != "" && stix.TLPOf(id) == stix.TLPNone {
			ids = append(ids, id)
		}
	}
	for _, id := range h.ObjectMarkingRefs {
		add(id)
	}
	for _, g := range h.GranularMarkings {
		add(g.MarkingRef)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Classify finds the facts of an object from origin. floor is the TLP that its import gave (own: where the object names none)
// or that it was released under (received: the stricter of it and the object's own holds). Of what was received nothing else
// counts, for it is not passed on; so a partner's texts make no classes.
func Classify(h *stix.Header, origin store.Party, floor stix.TLP, definitions Definitions) Facts {
	own, contradiction := objectTLP(h)
	f := Facts{Origin: origin, TLP: own}
	if own == stix.TLPNone || origin != store.Self {
		f.TLP = max(own, floor)
	}
	for _, g := range h.GranularMarkings {
		f.TLP = max(f.TLP, stix.TLPOf(g.MarkingRef))
	}
	switch {
	case origin != store.Self:
		return f
	case h.Type == "marking-definition": // nothing of its own counts: it goes where what it marks goes
		return definitionFacts(h.ID)
	case contradiction != "":
		f.Obstacle = &Obstacle{"deny.contradiction", contradiction}
	}
	for _, id := range MarkingRefs(h) {
		f.restrict(id, definitions)
	}
	return f
}

// Version is what counts of an object version of ours when two of them are compared.
type Version struct {
	Facts
	Markings []string // as of [MarkingRefs]
	Revoked  bool
}

// Overdue returns the facts of v, the current version, where newer ones of ours are quarantined. One of these that was to go to fewer, or
// revokes, lets v go to nobody until a person has decided: else its fault would keep open what it was to close. Whether its markings mean
// less than those of v is not looked at: one that v does not have is enough.
func Overdue(v Version, newer []Version) Facts {
	f := v.Facts
	for _, n := range newer {
		if f.Obstacle != nil {
			break
		}
		strange := func(id string) bool { return !slices.Contains(v.Markings, id) }
		if n.Revoked && !v.Revoked || n.Obstacle != nil || n.TLP == stix.TLPNone || n.TLP > v.TLP || slices.ContainsFunc(n.Markings, strange) {
			f.Obstacle = &Obstacle{Code: "deny.quarantined"}
		}
	}
	return f
}

// Apart finds the facts of a version of ours whatever the definitions of its markings say.
func Apart(h *stix.Header, floor stix.TLP) Facts {
	return Classify(h, store.Self, floor, func(id string) (Definition, bool) { return Definition{Marking: stix.Marking{ID: id}}, true })
}

func definitionFacts(id string) Facts {
	f := Facts{Marking: true}
	if stix.TLPOf(id) != stix.TLPNone {
		f.Obstacle = &Obstacle{Code: "deny.builtin"}
	}
	return f
}

// objectTLP returns the strictest object-level TLP, and the names of two that contradict each other. TLP 1 equals its namesake.
func objectTLP(h *stix.Header) (strictest stix.TLP, contradiction string) {
	for _, id := range h.ObjectMarkingRefs {
		t := stix.TLPOf(id)
		if t == stix.TLPNone || t == strictest {
			continue
		}
		if strictest != stix.TLPNone {
			contradiction = min(t, strictest).Label() + ", " + max(t, strictest).Label()
		}
		strictest = max(t, strictest)
	}
	return strictest, contradiction
}

// restrict narrows the facts by one marking other than TLP's. The first obstacle stays, so that facts do not depend on chance.
func (f *Facts) restrict(id string, definitions Definitions) {
	obstacle := func(code, arg string) {
		if f.Obstacle == nil {
			f.Obstacle = &Obstacle{code, arg}
		}
	}
	d, ok := definitions(id)
	if !ok {
		obstacle("deny.unresolved-marking", "")
		return
	}
	f.TLP = max(f.TLP, d.Bears) // it travels along
	switch {
	case d.Origin != store.Self: // a partner may not say what a marking on our objects means
		obstacle("deny.marking-received", string(d.Origin))
	case d.Unknown:
		obstacle("deny.unknown-marking", "")
	case d.ACS != nil:
		f.control(d.ACS, obstacle)
	}
	if d.Overdue {
		obstacle("deny.quarantined-marking", "")
	}
}

// control narrows the facts by an ACS marking: classification U and nationalities are enforced, whatever else it controls denies.
func (f *Facts) control(acs *stix.ACS, obstacle func(code, arg string)) {
	switch acs.Classification {
	case "U":
	case "C", "S", "TS":
		obstacle("deny.classification", acs.Classification)
	default:
		obstacle("deny.classification", "?")
	}
	if len(acs.Others) > 0 {
		obstacle("deny.control", strings.Join(slices.DeleteFunc(slices.Clone(acs.Others), unknownControl), ", "))
	}
	if acs.PermittedNationalities == nil {
		return
	}
	permitted := slices.Compact(slices.Sorted(slices.Values(acs.PermittedNationalities)))
	permitted = slices.DeleteFunc(permitted, func(n string) bool { return !trigraph.MatchString(n) })
	if f.Limited {
		permitted = slices.DeleteFunc(permitted, func(n string) bool { return !slices.Contains(f.Nations, n) })
	}
	f.Limited, f.Nations = true, permitted
}

// trigraph is the shape of a nation (GENC); other entries permit nobody.
var trigraph = regexp.MustCompile(`^[A-Z]{3}$`)

// controls are the ACS controls that a reason names; what somebody made up is denied without being repeated.
var controls = []string{
	"access_privilege", "authority_reference", "caveat", "entity", "formal_determination", "further_sharing", "permitted_organizations",
	"policy_reference", "resource_disposition", "sensitivity", "shareability",
}

func unknownControl(name string) bool { return !slices.Contains(controls, name) }

func (o *Obstacle) reason() locale.Reason {
	if o.Arg == "" {
		return locale.Because(o.Code)
	}
	return locale.Because(o.Code, o.Arg)
}
