package ingest_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

func TestTheNewestVersionIsCurrentAndOlderOnesStay(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		one, two, three := from(store.Self, 1, nil), from(store.Self, 1, props{"modified": day(1)}), from(store.Self, 1, props{"modified": day(2)})
		h.wants(ingest.New, two)
		h.wants(ingest.New, one)
		h.holds(id("indicator", 1), &two)
		h.wants(ingest.New, three)
		h.holds(id("indicator", 1), &three)
		h.wants(ingest.Known, one, two, three)
		if n := len(h.variants(id("indicator", 1))); n != 3 {
			t.Errorf("%d variants", n)
		}
	})
}

func TestModifiedIsComparedAsAnInstant(t *testing.T) {
	h := inMemory(t)
	h.wants(ingest.New, from(store.Self, 1, props{"modified": "2026-04-01T00:00:00Z"}))
	h.wants(ingest.Variant, from(store.Self, 1, props{"modified": "2026-04-01T00:00:00.000Z"}))
	later := from(store.Self, 1, props{"modified": "2026-04-01T00:00:00.0001Z"})
	h.wants(ingest.New, later)
	h.holds(id("indicator", 1), &later)
}

// TestReimportDoesNotResurrect: of two contents under one version the one imported last is current, and importing the
// older content again does not bring it back.
func TestReimportDoesNotResurrect(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		first, second := from(store.Self, 1, props{"name": "first"}), from(store.Self, 1, props{"name": "second"})
		h.wants(ingest.New, first)
		h.wants(ingest.Variant, second)
		h.holds(id("indicator", 1), &second)
		before := h.variants(id("indicator", 1))
		h.now = h.now.Add(time.Hour)
		fed := h.fed(func() { h.wants(ingest.Known, first, second, respelt(first)) })
		h.holds(id("indicator", 1), &second)
		for i, v := range h.variants(id("indicator", 1)) {
			if v.Serial != before[i].Serial {
				t.Errorf("serial %d became %d", before[i].Serial, v.Serial)
			}
		}
		if len(fed) != 0 {
			t.Errorf("fed %v", fed)
		}
	})
}

func TestSerialIsTheClockOrOneMoreThanTheLast(t *testing.T) {
	h := inMemory(t)
	h.take(from(store.Self, 1, nil), from(store.Self, 1, props{"name": "b"}), from(store.Self, 1, props{"name": "c"}), from(store.Self, 2, nil))
	h.now = h.now.Add(-time.Hour) // a clock that was set back
	h.take(from(store.Self, 1, props{"name": "d"}))
	h.now = h.now.Add(2 * time.Hour)
	h.take(from(store.Self, 1, props{"name": "e"}))
	ms := uint64(now.UnixMilli())
	var got []uint64
	for _, v := range h.variants(id("indicator", 1)) {
		got = append(got, v.Serial)
	}
	if want := []uint64{ms, ms + 1, ms + 2, ms + 3, ms + 3600_000}; !slices.Equal(got, want) {
		t.Errorf("serials %v, want %v", got, want)
	}
	if v, _ := h.current(id("indicator", 2)); v.Serial != ms {
		t.Errorf("serials are per id: %d", v.Serial)
	}
	h.confirm(people().p)
	theirs := from(people().p, 3, nil)
	theirs.Serial = 77
	h.take(theirs)
	if v, _ := h.current(id("indicator", 3)); v.Serial != 77 {
		t.Errorf("a received serial became %d", v.Serial)
	}
}

func TestTheStrictestDefaultOfSeveralImportsHolds(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		for _, tt := range []struct {
			given, want stix.TLP
			fed         int
		}{{stix.TLPGreen, stix.TLPGreen, 1}, {stix.TLPAmber, stix.TLPAmber, 1}, {stix.TLPClear, stix.TLPAmber, 0}} {
			a := from(store.Self, 1, nil)
			a.TLP = tt.given
			fed := h.fed(func() { h.take(a) })
			if v, _ := h.current(id("indicator", 1)); stix.TLP(v.TLP) != tt.want || !strings.Contains(h.facts(v.ID), `"tlp":`+string('0'+byte(tt.want))) {
				t.Errorf("after %v: %v, %s", tt.given, v.TLP, h.facts(v.ID))
			}
			if len(fed) != tt.fed {
				t.Errorf("after %v fed %v", tt.given, fed)
			}
		}
	})
}

func TestOfTwoSpellingsTheLowerHashIsKept(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		a := from(store.Self, 1, nil)
		b := respelt(a)
		if bytes.Compare(a.Sum[:], b.Sum[:]) > 0 {
			a, b = b, a
		}
		h.wants(ingest.New, b)
		h.wants(ingest.Known, a, b)
		h.holds(id("indicator", 1), &a)
		if v := h.variants(id("indicator", 1)); len(v) != 1 || v[0].Sum != a.Sum {
			t.Errorf("%v", v)
		}
	})
}

func TestWhatAPartnerWritesOfOursIsAClaim(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		p := people().p
		h.confirm(p)
		ours := from(store.Self, 1, props{"created_by_ref": string(self)})
		theirs := from(p, 1, props{"created_by_ref": string(self), "modified": day(1)})
		posing := from(p, 1, props{"created_by_ref": string(p), "modified": day(1)})
		h.wants(ingest.Claim, theirs) // before ours came
		h.holds(id("indicator", 1), nil)
		h.wants(ingest.New, ours)
		h.wants(ingest.Claim, posing, theirs)
		h.holds(id("indicator", 1), &ours)
	})
}

func TestWhatAPartnerWritesOfAnothersIsAClaim(t *testing.T) {
	p, q := people().p, people().q
	h := inMemory(t)
	h.confirm(p, q)
	theirs := from(q, 1, props{"created_by_ref": string(q)})
	h.wants(ingest.Claim, from(p, 1, props{"created_by_ref": string(q), "modified": day(1)}))
	h.holds(id("indicator", 1), nil)
	h.wants(ingest.New, theirs)
	h.wants(ingest.Claim, from(p, 1, props{"created_by_ref": vendor, "modified": day(1)}))
	h.wants(ingest.Claim, from(store.Self, 1, props{"created_by_ref": string(q), "modified": day(1)}))
	h.holds(id("indicator", 1), &theirs)
}

// TestTwoPartnersThatNameThemselves leave an object to nobody: no order of arrival may decide, and nobody takes another's by having a lower id.
func TestTwoPartnersThatNameThemselves(t *testing.T) {
	p, q := people().p, people().q
	for _, tt := range [][2]store.Party{{p, q}, {q, p}} {
		h := inMemory(t)
		h.confirm(p, q)
		theirs := from(tt[0], 1, props{"created_by_ref": string(tt[0])})
		h.wants(ingest.New, theirs)
		h.wants(ingest.Claim, from(tt[1], 1, props{"created_by_ref": string(tt[1]), "modified": day(1)}))
		h.holds(id("indicator", 1), nil)
	}
}

// TestAPartnerCannotTakeWhatWeImported by naming itself as the creator of an object whose creator is another, or nobody.
func TestAPartnerCannotTakeWhatWeImported(t *testing.T) {
	for _, creator := range []any{nil, vendor} {
		p := people().p
		h := inMemory(t)
		h.confirm(p)
		ours := from(store.Self, 1, props{"created_by_ref": creator})
		h.wants(ingest.New, ours)
		h.take(from(p, 1, props{"created_by_ref": string(p), "modified": day(1)}))
		h.holds(id("indicator", 1), &ours)
	}
}

// TestAPartnerCannotWidenOurMarkings: the meaning that a marking-definition had when we marked our objects with it must not be
// exchanged by a partner, least of all for release to that partner.
func TestAPartnerCannotWidenOurMarkings(t *testing.T) {
	p := people().p
	h := inMemory(t)
	h.confirm(p)
	m := nations(store.Self, 70, "JPN")
	h.take(m, from(store.Self, 1, props{"object_marking_refs": []string{m.Object.ID}}))
	before := h.facts(id("indicator", 1))
	h.take(statement(p, 70, props{"created_by_ref": string(p), "created": day(1)}))
	if after := h.facts(id("indicator", 1)); after != before {
		t.Errorf("our object for JPN alone\n was %s\n is  %s", before, after)
	}
}

func TestObjectsThatNobodyHereWritesKeepAVersionPerOrigin(t *testing.T) {
	p := people().p
	h := inMemory(t)
	h.confirm(p)
	theirs, ours := from(p, 1, props{"created_by_ref": vendor, "modified": day(1)}), from(store.Self, 1, props{"created_by_ref": vendor})
	h.wants(ingest.New, theirs)
	h.holds(id("indicator", 1), &theirs)
	h.wants(ingest.New, ours)
	h.holds(id("indicator", 1), &ours) // our own import goes before
	for _, v := range h.variants(id("indicator", 1)) {
		if v.Standing != store.Open {
			t.Errorf("%q is %v", v.Origin, v.Standing)
		}
	}
}

func TestConfirmingAPartnerRecomputesWhatIsCurrent(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		p := people().p
		fromFile, theirs := from(store.Self, 1, props{"created_by_ref": string(p), "modified": day(1)}), from(p, 2, props{"created_by_ref": string(p)})
		h.wants(ingest.New, fromFile, theirs)
		fed := h.fed(func() { h.confirm(p) })
		h.holds(id("indicator", 1), nil)
		h.holds(id("indicator", 2), &theirs)
		if !slices.Contains(fed, store.ObjectKey(id("indicator", 1), 0)) {
			t.Errorf("fed %v", fed)
		}
		real := from(p, 1, props{"created_by_ref": string(p)})
		h.wants(ingest.New, real)
		h.holds(id("indicator", 1), &real)
	})
}

func TestWhatIsModifiedTooFarAheadIsHeldUntilTheClockComesNear(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		now, ahead := from(store.Self, 1, nil), from(store.Self, 1, props{"modified": day(3)})
		h.wants(ingest.New, now)
		if fed := h.fed(func() { h.wants(ingest.Held, ahead) }); len(fed) != 0 {
			t.Errorf("fed %v", fed)
		}
		h.holds(id("indicator", 1), &now)
		settle := func() (n int) {
			h.update(func(tx store.Tx) (err error) {
				n, err = h.in.SettleHeld(tx, h.now)
				return err
			})
			return n
		}
		if n := settle(); n != 0 {
			t.Errorf("%d settled too early", n)
		}
		h.now = h.now.Add(24 * time.Hour) // exactly Ahead of it
		fed := h.fed(func() {
			if n := settle(); n != 1 {
				t.Errorf("%d settled", n)
			}
		})
		h.holds(id("indicator", 1), &ahead)
		if !slices.Equal(fed, []string{store.ObjectKey(id("indicator", 1), ahead.Object.Version())}) {
			t.Errorf("fed %v", fed)
		}
		if n := settle(); n != 0 {
			t.Errorf("%d settled again", n)
		}
	})
}

func TestADefinitionThatComesLateReclassifiesItsBearers(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		m := nations(store.Self, 70, "JPN")
		bearer, part := from(store.Self, 1, props{"object_marking_refs": []string{m.Object.ID}}), from(store.Self, 2, props{"granular_markings": []props{{"marking_ref": m.Object.ID, "selectors": []string{"name"}}}})
		h.take(bearer, part, from(store.Self, 3, nil))
		if f := h.facts(id("indicator", 1)); !strings.Contains(f, "deny.unresolved-marking") {
			t.Errorf("before: %s", f)
		}
		fed := h.fed(func() { h.take(m) })
		for _, n := range []int{1, 2} {
			if f := h.facts(id("indicator", n)); !strings.Contains(f, `"nations":["JPN"]`) || strings.Contains(f, "deny") {
				t.Errorf("after: %s", f)
			}
		}
		want := []string{store.ObjectKey(id("indicator", 1), bearer.Object.Version()), store.ObjectKey(id("indicator", 2), part.Object.Version()), store.ObjectKey(m.Object.ID, m.Object.Version())}
		if !slices.Equal(fed, want) {
			t.Errorf("fed %v, want %v", fed, want)
		}
	})
}

// TestADefinitionReclassifiesMoreThanAPage goes over the bound of what is in memory at once.
func TestADefinitionReclassifiesMoreThanAPage(t *testing.T) {
	h := inMemory(t)
	m := statement(store.Self, 70, nil)
	var bearers []ingest.Arrival
	for n := range 1203 {
		bearers = append(bearers, from(store.Self, n+1, props{"object_marking_refs": []string{m.Object.ID}}))
	}
	h.take(bearers...)
	h.take(m)
	for n := range bearers {
		if f := h.facts(id("indicator", n+1)); strings.Contains(f, "deny") {
			t.Fatalf("%d: %s", n+1, f)
		}
	}
}

func TestADefinitionThatIsLostDeniesItsBearersAgain(t *testing.T) {
	p := people().p
	h := inMemory(t)
	m := statement(store.Self, 70, props{"created_by_ref": string(p)})
	h.take(m, from(store.Self, 1, props{"object_marking_refs": []string{m.Object.ID}}))
	h.confirm(p) // from now on only p can say what its definition means
	h.holds(m.Object.ID, nil)
	if f := h.facts(id("indicator", 1)); !strings.Contains(f, "deny.unresolved-marking") {
		t.Errorf("%s", f)
	}
}

func TestObservablesHaveNoVersionAndTheLastImportIsCurrent(t *testing.T) {
	h := inMemory(t)
	sco := func(defanged bool) ingest.Arrival {
		return from(store.Self, 1, props{"type": "ipv4-addr", "created": nil, "modified": nil, "name": nil, "value": "192.0.2.7", "defanged": defanged})
	}
	h.wants(ingest.New, sco(false))
	h.wants(ingest.Variant, sco(true))
	h.wants(ingest.Known, sco(false))
	second := sco(true)
	h.holds(second.Object.ID, &second)
	if v, _ := h.current(second.Object.ID); v.Modified != 0 || !v.Validated {
		t.Errorf("%+v", v)
	}
}

func TestWhatIsNotKnownIsKeptAsItCameAndMarkedUnvalidated(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		for i, tt := range []struct {
			raw   string
			known bool
		}{
			{`{"type":"x-lantern","spec_version":"2.1","id":"x-lantern--00000001-0000-4000-8000-000000000001","z":1.0,"a":[1e2]}`, false},
			{`{"type":"indicator","spec_version":"2.9","id":"indicator--00000002-0000-4000-8000-000000000002","modified":"2026-04-01T00:00:00Z"}`, false},
			{`{"type":"indicator",  "id":"indicator--00000003-0000-4000-8000-000000000003","created":"2016-04-01T00:00:00.000Z","modified":"2016-04-01T00:00:00.000Z"}`, true},
			{`{"type":"malware","id":"malware--00000004-0000-4000-8000-000000000004","labels":["worm"],"modified":"2016-04-01T00:00:00.000Z"}`, true},
			{`{"type":"tool","spec_version":"2.1","id":"tool--00000005-0000-4000-8000-000000000005","name":"unregarded properties","x_extra":{"deep":[{}]}}`, true},
		} {
			a := arrival(store.Self, []byte(tt.raw))
			h.wants(ingest.New, a)
			h.holds(a.Object.ID, &a)
			if v, _ := h.current(a.Object.ID); v.Validated != tt.known || v.SpecVersion != a.Object.SpecVersion {
				t.Errorf("%d: %+v", i, v)
			}
		}
	})
}

func TestAnIdentityConfirmedTwiceOrHeardChangesNothing(t *testing.T) {
	p := people().p
	h := inMemory(t)
	h.confirm(p)
	h.take(from(p, 1, props{"created_by_ref": string(p)}))
	fed := h.fed(func() {
		h.update(func(tx store.Tx) error {
			if err := partner.Heard(tx, p, h.now); err != nil {
				return err
			}
			return h.in.SettleCreator(tx, h.now, p)
		})
	})
	if len(fed) != 0 {
		t.Errorf("fed %v", fed)
	}
}

func TestTheSameAgainIsNotFed(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		all := []ingest.Arrival{statement(store.Self, 70, nil), from(store.Self, 1, nil), from(store.Self, 1, props{"modified": day(1)})}
		fed := h.fed(func() { h.take(all...) })
		want := []string{store.ObjectKey(id("indicator", 1), all[2].Object.Version()), store.ObjectKey(all[0].Object.ID, all[0].Object.Version())}
		if !slices.Equal(fed, want) {
			t.Errorf("fed %v, want %v", fed, want)
		}
		if fed := h.fed(func() { h.take(all...); h.take(all[1]); h.take(all[0]) }); len(fed) != 0 {
			t.Errorf("fed again %v", fed)
		}
		older := from(store.Self, 1, props{"modified": day(-1)})
		if fed := h.fed(func() { h.take(older) }); len(fed) != 0 {
			t.Errorf("an older version was fed: %v", fed)
		}
	})
}

func TestAClaimChangesNothingThatIsFed(t *testing.T) {
	p := people().p
	h := inMemory(t)
	h.confirm(p)
	h.take(from(store.Self, 1, props{"created_by_ref": string(self)}))
	if fed := h.fed(func() { h.take(from(p, 1, props{"created_by_ref": string(self), "modified": day(1)})) }); len(fed) != 0 {
		t.Errorf("fed %v", fed)
	}
}

func TestABatchTellsOfEachArrivalInItsOrder(t *testing.T) {
	h := inMemory(t)
	results := h.take(from(store.Self, 1, nil), from(store.Self, 1, nil), from(store.Self, 1, props{"name": "b"}))
	if !slices.Equal(results, []ingest.Result{ingest.New, ingest.Known, ingest.Variant}) {
		t.Errorf("%v", results)
	}
}

// TestTheNewestOfEachOriginMeet: p's second content is its newest, and loses to q's first. That p had given the first too, and
// would have won with it, does not matter, in whatever order the three come.
func TestTheNewestOfEachOriginMeet(t *testing.T) {
	p, q := people().p, people().q
	note := func(origin store.Party, text string, serial uint64) ingest.Arrival {
		a := from(origin, 1, props{"type": "ipv4-addr", "created": nil, "modified": nil, "name": nil, "value": "192.0.2.7", "x_note": text})
		a.Serial = serial
		return a
	}
	first, second := "a", "b"
	if one, two := note(p, first, 1), note(p, second, 2); bytes.Compare(one.Digest[:], two.Digest[:]) > 0 {
		first, second = second, first
	}
	three := []ingest.Arrival{note(p, first, 1), note(p, second, 2), note(q, first, 1)}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		h := inMemory(t)
		for _, i := range order {
			h.take(three[i])
		}
		h.holds(three[0].Object.ID, &three[2])
	}
}

// TestABearerAndANewWinnerOfItsMarkingAreFedOnce: the winner is in the store already, so that the bearer is classified twice.
func TestABearerAndANewWinnerOfItsMarkingAreFedOnce(t *testing.T) {
	p := people().p
	h := inMemory(t)
	h.confirm(p)
	ours, theirs := statement(store.Self, 70, nil), statement(p, 70, nil)
	h.take(ours)
	h.take(theirs)
	bearer := from(store.Self, 1, props{"object_marking_refs": []string{ours.Object.ID}})
	fed := h.fed(func() { h.take(bearer, statement(p, 70, props{"created_by_ref": string(p), "created": day(-60)})) })
	seen := map[string]bool{}
	for _, key := range fed {
		if seen[key] {
			t.Errorf("fed %v", fed)
		}
		seen[key] = true
	}
}
