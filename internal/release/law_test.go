package release_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
	"pgregory.net/rapid"
)

var (
	levels  = rapid.SampledFrom([]stix.TLP{stix.TLPNone, stix.TLPClear, stix.TLPGreen, stix.TLPAmber, stix.TLPAmberStrict, stix.TLPRed})
	parties = rapid.SampledFrom([]store.Party{store.Self, jpn, usa})
	someOf  = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"EST", "JPN", "USA"}), 0, 3, rapid.ID)
)

func drawFacts(t *rapid.T) release.Facts {
	f := release.Facts{
		Origin: parties.Draw(t, "origin"), Marking: rapid.Bool().Draw(t, "marking"), TLP: levels.Draw(t, "tlp"),
		Limited: rapid.Bool().Draw(t, "limited"), Nations: orNil(someOf.Draw(t, "nations")),
	}
	if rapid.IntRange(0, 3).Draw(t, "obstacle") == 0 {
		f.Obstacle = &release.Obstacle{Code: "deny.control", Arg: rapid.String().Draw(t, "argument")}
	}
	return f
}

func orNil(s []string) []string {
	if len(s) == 0 {
		return nil
	}
	return s
}

func drawReceiver(t *rapid.T) release.Receiver {
	r := release.Receiver{
		Party: parties.Draw(t, "party"), Name: "Harbour Desk", Nation: rapid.SampledFrom([]string{"", "JPN", "USA"}).Draw(t, "nation"),
		Ceiling: levels.Draw(t, "ceiling"), Paired: rapid.Bool().Draw(t, "paired"),
	}
	if rapid.Bool().Draw(t, "rehearsal") {
		r = r.Rehearse()
	}
	return r
}

func TestFactsReadBackAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		back, err := release.ParseFacts(f.String())
		if err != nil || !reflect.DeepEqual(back, f) || back.String() != f.String() {
			t.Fatalf("%v became %v: %v", f, back, err)
		}
	})
	for _, bad := range []string{"", "[]", `{"tlp":1,"unheard-of":true}`, `{"tlp":-1}`} {
		if f, err := release.ParseFacts(bad); err == nil {
			t.Errorf("%q: %v", bad, f)
		}
	}
}

func TestLoweringTheCeilingNeverReleasesMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, high := drawFacts(t), drawReceiver(t)
		low := high
		low.Ceiling = rapid.SampledFrom([]stix.TLP{0, 1, 2, 3, 4, 5}[:high.Ceiling+1]).Draw(t, "lower")
		if release.Decide(f, low).Permit && !release.Decide(f, high).Permit {
			t.Fatalf("%v goes at %v, not at %v", f, low.Ceiling, high.Ceiling)
		}
	})
}

func TestRedReceivedAndUnpairedNeverGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, to := drawFacts(t), drawReceiver(t)
		if f.Marking || !release.Decide(f, to).Permit {
			return
		}
		if f.TLP == stix.TLPRed || f.TLP == stix.TLPNone || f.TLP > to.Ceiling || f.Origin != store.Self || f.Obstacle != nil ||
			!to.Paired && reflect.DeepEqual(to, to.Rehearse()) == false || f.Limited && !slices.Contains(f.Nations, to.Nation) {
			t.Fatalf("%v goes to %v", f, to)
		}
	})
}

// TestAddingAMarkingNeverReleasesMore: a marking can only narrow. One exception is meant: an own object without a TLP has its import's
// default, and the first TLP that it is given takes that one's place.
func TestAddingAMarkingNeverReleasesMore(t *testing.T) {
	has := []stix.Object{nations(51, "JPN", "USA"), nations(52, "JPN"), acsMarking(53, props{"classification": "C"}), statement(54), strange(55)}
	definitions := known(store.Self, has...)
	theirs := known(jpn, statement(57))
	find := func(id string) (release.Definition, bool) {
		if d, ok := definitions(id); ok {
			return d, ok
		}
		return theirs(id)
	}
	pool := []string{white1, green1, amber1, red1, id("marking-definition", 56), id("marking-definition", 57)}
	for level := stix.TLPClear; level <= stix.TLPRed; level++ {
		pool = append(pool, level.MarkingID())
	}
	for _, o := range has {
		pool = append(pool, o.ID)
	}
	markings := rapid.SliceOfN(rapid.SampledFrom(pool), 0, 4)
	rapid.Check(t, func(t *rapid.T) {
		h := stix.Header{Type: "indicator", ID: id("indicator", 1), ObjectMarkingRefs: markings.Draw(t, "object")}
		for _, m := range markings.Draw(t, "parts") {
			h.GranularMarkings = append(h.GranularMarkings, stix.GranularMarking{MarkingRef: m, Selectors: []string{"name"}})
		}
		origin, floor, to := parties.Draw(t, "origin"), levels.Draw(t, "floor"), drawReceiver(t)
		named := slices.ContainsFunc(h.ObjectMarkingRefs, func(m string) bool { return stix.TLPOf(m) != stix.TLPNone })
		more := h
		added := rapid.SampledFrom(pool).Draw(t, "added")
		if rapid.Bool().Draw(t, "to a part") {
			more.GranularMarkings = append(slices.Clone(h.GranularMarkings), stix.GranularMarking{MarkingRef: added, Selectors: []string{"name"}})
		} else if origin == store.Self && !named && stix.TLPOf(added) != stix.TLPNone {
			return
		} else {
			more.ObjectMarkingRefs = append(slices.Clone(h.ObjectMarkingRefs), added)
		}
		before, after := release.Classify(&h, origin, floor, find), release.Classify(&more, origin, floor, find)
		if after.TLP < before.TLP {
			t.Fatalf("%s lowers %v to %v", added, before.TLP, after.TLP)
		}
		if release.Decide(after, to).Permit && !release.Decide(before, to).Permit {
			t.Fatalf("with %s more it goes:\n%v\n%v", added, before, after)
		}
	})
}

func TestOrderAndRepetitionOfMarkingsDoNotMatter(t *testing.T) {
	has := []stix.Object{nations(51, "JPN", "USA"), nations(52, "JPN"), acsMarking(53, props{"classification": "C"}), strange(55)}
	pool := []string{green1, tlp(stix.TLPGreen), tlp(stix.TLPAmber), id("marking-definition", 56)}
	for _, o := range has {
		pool = append(pool, o.ID)
	}
	rapid.Check(t, func(t *rapid.T) {
		refs := rapid.SliceOfN(rapid.SampledFrom(pool), 1, 5).Draw(t, "markings")
		other := append(rapid.Permutation(refs).Draw(t, "order"), refs[0])
		a, b := stix.Header{Type: "indicator", ObjectMarkingRefs: refs}, stix.Header{Type: "indicator", ObjectMarkingRefs: other}
		f := release.Classify(&a, store.Self, stix.TLPGreen, known(store.Self, has...))
		g := release.Classify(&b, store.Self, stix.TLPGreen, known(store.Self, has...))
		if f.String() != g.String() {
			t.Fatalf("%v\n%v", f, g)
		}
	})
}
