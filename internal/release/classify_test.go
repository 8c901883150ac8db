package release_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

type props = map[string]any

func id(typ string, n int) string { return fmt.Sprintf("%s--%08x-0000-4000-8000-%012x", typ, n, n) }

// object builds an indicator, or what more says.
func object(n int, more props) stix.Object {
	all := props{
		"type": "indicator", "spec_version": "2.1", "created": "2026-04-01T00:00:00.000Z", "modified": "2026-04-01T00:00:00.000Z",
		"name": "beacon to 192.0.2.7", "pattern": "[ipv4-addr:value = '192.0.2.7']", "pattern_type": "stix", "valid_from": "2026-04-01T00:00:00Z",
	}
	maps.Copy(all, more)
	if all["id"] == nil {
		all["id"] = id(all["type"].(string), n)
	}
	if all["type"] == "marking-definition" {
		for _, name := range []string{"modified", "pattern", "pattern_type", "valid_from"} {
			delete(all, name)
		}
	}
	raw, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	o, err := stix.Parse(raw)
	if err != nil {
		panic(err)
	}
	return o
}

func marked(n int, markings ...string) stix.Object {
	return object(n, props{"object_marking_refs": markings})
}

func granular(marking string) []props {
	return []props{{"marking_ref": marking, "selectors": []string{"name"}}}
}

const acsExtension = "extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce"

func acsMarking(n int, controls props) stix.Object {
	return object(n, props{"type": "marking-definition", "extensions": props{acsExtension: props{
		"extension_type": "property-extension", "identifier": "isa:guide.example." + fmt.Sprint(n), "create_date_time": "2026-04-01T00:00:00Z",
		"responsible_entity_custodian": "JPN.EXAMPLE", "policy_reference": "urn:isa:policy:acs:ns:v3.0?privdefault=permit&sharedefault=permit",
		"control_set": controls,
	}}})
}

func nations(n int, trigraphs ...string) stix.Object {
	return acsMarking(n, props{"classification": "U", "permitted_nationalities": trigraphs})
}

func statement(n int) stix.Object {
	return object(n, props{"type": "marking-definition", "definition_type": "statement", "definition": props{"statement": "Copyright 2026 umbrella.example"}})
}

func strange(n int) stix.Object {
	return object(n, props{"type": "marking-definition", "definition_type": "x-lantern", "definition": props{"x-lantern": "blue"}})
}

// known makes the definitions that a node has.
func known(origin store.Party, objects ...stix.Object) release.Definitions {
	found := map[string]release.Definition{}
	for _, o := range objects {
		m, err := stix.ParseMarking(o.Raw)
		if err != nil {
			panic(err)
		}
		found[o.ID] = release.Definition{Marking: m, Origin: origin}
	}
	return func(id string) (release.Definition, bool) {
		d, ok := found[id]
		return d, ok
	}
}

const (
	white1 = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"
	green1 = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
	amber1 = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"
	red1   = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
)

func tlp(t stix.TLP) string { return t.MarkingID() }

func TestTLPOfAnObjectIsJudgedByOrigin(t *testing.T) {
	for _, tt := range []struct {
		law    string
		object stix.Object
		origin store.Party
		floor  stix.TLP
		want   stix.TLP
	}{
		{"own without: the default", object(1, nil), store.Self, stix.TLPAmber, stix.TLPAmber},
		{"own without, no default: none, which is denied", object(1, nil), store.Self, stix.TLPNone, stix.TLPNone},
		{"own, laxer than the default: the object's", marked(1, tlp(stix.TLPClear)), store.Self, stix.TLPAmber, stix.TLPClear},
		{"own, stricter than the default: the object's", marked(1, tlp(stix.TLPRed)), store.Self, stix.TLPGreen, stix.TLPRed},
		{"own of TLP 1: its namesake", marked(1, amber1), store.Self, stix.TLPClear, stix.TLPAmber},
		{"own of TLP 1 white: clear", marked(1, white1), store.Self, stix.TLPAmber, stix.TLPClear},
		{"own of TLP 1 red: red", marked(1, red1), store.Self, stix.TLPClear, stix.TLPRed},
		{"received, released stricter: as released", marked(1, tlp(stix.TLPClear)), jpn, stix.TLPAmber, stix.TLPAmber},
		{"received, released laxer: the object's", marked(1, tlp(stix.TLPAmber)), jpn, stix.TLPClear, stix.TLPAmber},
		{"received without: as released", object(1, nil), jpn, stix.TLPGreen, stix.TLPGreen},
		{"one part stricter: the part's", object(1, props{"object_marking_refs": []string{tlp(stix.TLPGreen)}, "granular_markings": granular(tlp(stix.TLPAmberStrict))}), store.Self, stix.TLPClear, stix.TLPAmberStrict},
		{"one part laxer: the object's", object(1, props{"object_marking_refs": []string{tlp(stix.TLPAmber)}, "granular_markings": granular(white1)}), store.Self, stix.TLPClear, stix.TLPAmber},
		{"only a part marked: the default holds for the rest", object(1, props{"granular_markings": granular(tlp(stix.TLPClear))}), store.Self, stix.TLPAmber, stix.TLPAmber},
		{"only a part marked, stricter than the default", object(1, props{"granular_markings": granular(red1)}), store.Self, stix.TLPAmber, stix.TLPRed},
	} {
		t.Run(tt.law, func(t *testing.T) {
			f := release.Classify(&tt.object.Header, tt.origin, tt.floor, known(store.Self))
			if f.TLP != tt.want || f.Obstacle != nil || f.Origin != tt.origin {
				t.Errorf("got %v, want %v", f, tt.want)
			}
		})
	}
}

func TestObstacles(t *testing.T) {
	one, other := tlp(stix.TLPGreen), tlp(stix.TLPAmber)
	secret := acsMarking(23, props{"classification": "S"})
	for _, tt := range []struct {
		law      string
		object   stix.Object
		has      []stix.Object
		code     string
		argument string
	}{
		{"two levels contradict", marked(1, one, other), nil, "deny.contradiction", "TLP:GREEN, TLP:AMBER"},
		{"in either order", marked(1, other, one), nil, "deny.contradiction", "TLP:GREEN, TLP:AMBER"},
		{"TLP 1 and 2 of different names contradict", marked(1, green1, other), nil, "deny.contradiction", "TLP:GREEN, TLP:AMBER"},
		{"TLP 1 and 2 of one name agree", marked(1, green1, one), nil, "", ""},
		{"the same twice agrees", marked(1, one, one), nil, "", ""},
		{"a part may differ from the whole", object(1, props{"object_marking_refs": []string{one}, "granular_markings": granular(other)}), nil, "", ""},
		{"a definition that has not come", marked(1, one, id("marking-definition", 20)), nil, "deny.unresolved-marking", ""},
		{"nor that of a part", object(1, props{"granular_markings": granular(id("marking-definition", 20))}), nil, "deny.unresolved-marking", ""},
		{"a definition that means nothing here", marked(1, one, id("marking-definition", 21)), []stix.Object{strange(21)}, "deny.unknown-marking", ""},
		{"a TLP under an id of its own", marked(1, id("marking-definition", 24)), []stix.Object{object(24, props{"type": "marking-definition", "definition_type": "tlp", "definition": props{"tlp": "white"}})}, "deny.unknown-marking", ""},
		{"a TLP whose id is in capitals is that TLP", marked(1, one, "marking-definition--613F2E26-407D-48C7-9ECA-B8E91DF99DC9"), nil, "deny.contradiction", "TLP:CLEAR, TLP:GREEN"},
		{"a statement restricts nothing", marked(1, one, id("marking-definition", 22)), []stix.Object{statement(22)}, "", ""},
		{"ACS above U", marked(1, one, secret.ID), []stix.Object{secret}, "deny.classification", "S"},
		{"ACS U alone restricts nothing", marked(1, one, id("marking-definition", 25)), []stix.Object{acsMarking(25, props{"classification": "U"})}, "", ""},
		{"NF is a control", marked(1, id("marking-definition", 26)), []stix.Object{acsMarking(26, props{"classification": "U", "formal_determination": []string{"NF"}})}, "deny.control", "formal_determination"},
		{"NF beside a nation denies too", marked(1, id("marking-definition", 26)), []stix.Object{acsMarking(26, props{"classification": "U", "formal_determination": []string{"NF"}, "permitted_nationalities": []string{"USA"}})}, "deny.control", "formal_determination"},
		{"every other control denies", marked(1, id("marking-definition", 27)), []stix.Object{acsMarking(27, props{"classification": "U", "caveat": []string{"LES"}, "entity": []string{"MIL"}})}, "deny.control", "caveat, entity"},
		{"an ACS that is malformed", marked(1, id("marking-definition", 28)), []stix.Object{acsMarking(28, props{"classification": "U", "permitted_nationalities": []string{}})}, "deny.unknown-marking", ""},
	} {
		t.Run(tt.law, func(t *testing.T) {
			f := release.Classify(&tt.object.Header, store.Self, stix.TLPGreen, known(store.Self, tt.has...))
			d := release.Decide(f, toUSA())
			if tt.code == "" {
				if !d.Permit {
					t.Fatalf("denied: %v", d.Reason)
				}
				return
			}
			argument := strings.Join(d.Reason.Args, "")
			if d.Permit || d.Reason.Code != tt.code || argument != tt.argument {
				t.Errorf("permit %v, reason %v; want %s %s", d.Permit, d.Reason, tt.code, tt.argument)
			}
			if tt.argument != "" { // else the desk names the object's markings
				readable(t, d.Reason)
			}
		})
	}
}

func TestNationalitiesOfAllMarkingsHaveToPermit(t *testing.T) {
	a, b, c := nations(31, "USA", "JPN", "JPN"), nations(32, "USA", "EST"), nations(33, "EST")
	definitions := known(store.Self, a, b, c, statement(34))
	for _, tt := range []struct {
		markings []stix.Object
		want     []string
	}{
		{[]stix.Object{a}, []string{"JPN", "USA"}},
		{[]stix.Object{a, statement(34)}, []string{"JPN", "USA"}},
		{[]stix.Object{a, b}, []string{"USA"}},
		{[]stix.Object{b, a}, []string{"USA"}},
		{[]stix.Object{a, b, c}, nil},
		{[]stix.Object{a, c}, nil},
	} {
		refs := []string{tlp(stix.TLPGreen)}
		for _, m := range tt.markings {
			refs = append(refs, m.ID)
		}
		o := marked(1, refs...)
		f := release.Classify(&o.Header, store.Self, stix.TLPGreen, definitions)
		if !f.Limited || !slices.Equal(f.Nations, tt.want) || f.Obstacle != nil {
			t.Errorf("%v: %v, want %v", refs, f, tt.want)
		}
		part := object(1, props{"object_marking_refs": refs[:len(refs)-1], "granular_markings": granular(refs[len(refs)-1])})
		if g := release.Classify(&part.Header, store.Self, stix.TLPGreen, definitions); g.String() != f.String() {
			t.Errorf("a part's marking counts otherwise: %v, %v", g, f)
		}
	}
}

func TestPartnersDoNotSayWhatOurMarkingsMean(t *testing.T) {
	o := marked(1, tlp(stix.TLPGreen), id("marking-definition", 41))
	f := release.Classify(&o.Header, store.Self, stix.TLPGreen, known(jpn, statement(41)))
	if d := release.Decide(f, toUSA()); d.Permit || d.Reason.Code != "deny.marking-received" {
		t.Errorf("%v", d)
	}
}

func TestBuiltinDefinitionsNeverTravel(t *testing.T) {
	for _, marking := range []string{white1, green1, amber1, red1, tlp(stix.TLPClear), tlp(stix.TLPRed)} {
		o := object(1, props{"type": "marking-definition", "id": marking, "definition_type": "tlp", "definition": props{"tlp": "white"}})
		f := release.Classify(&o.Header, store.Self, stix.TLPClear, known(store.Self))
		if d := release.Decide(f, toUSA()); d.Permit || d.Reason.Code != "deny.builtin" {
			t.Errorf("%s: %v", marking, d)
		}
	}
}

func TestMarkingRefsAreOfTheObjectAndItsPartsWithoutTLP(t *testing.T) {
	a, b := id("marking-definition", 1), id("marking-definition", 2)
	o := object(1, props{"object_marking_refs": []string{b, white1, a}, "granular_markings": []props{
		{"marking_ref": b, "selectors": []string{"name"}}, {"marking_ref": red1, "selectors": []string{"name"}}, {"lang": "ja", "selectors": []string{"name"}},
	}})
	if got := release.MarkingRefs(&o.Header); !slices.Equal(got, []string{a, b}) {
		t.Errorf("%v", got)
	}
}
