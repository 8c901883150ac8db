package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

func (h *house) keptBack(id string) bool {
	h.t.Helper()
	return strings.Contains(h.facts(id), "deny.quarantined")
}

// TestABrokenVersionOfOursThatNarrowsKeepsTheOlderOneHere: its fault must not keep open what it was to close.
func TestABrokenVersionOfOursThatNarrowsKeepsTheOlderOneHere(t *testing.T) {
	green, amber := stix.TLPGreen.MarkingID(), stix.TLPAmber.MarkingID()
	m, other := nations(store.Self, 70, "JPN"), nations(store.Self, 71, "JPN")
	p := people().p
	for _, tt := range []struct {
		name string
		now  props
		next props
		from store.Party
		want bool
	}{
		{"a stricter TLP", props{"object_marking_refs": []string{green}}, props{"object_marking_refs": []string{amber}}, store.Self, true},
		{"a stricter TLP for a part", nil, props{"granular_markings": []props{{"marking_ref": amber, "selectors": []string{"name"}}}}, store.Self, true},
		{"two TLPs", nil, props{"object_marking_refs": []string{green, stix.TLPClear.MarkingID()}}, store.Self, true},
		{"a marking more", nil, props{"object_marking_refs": []string{m.Object.ID}}, store.Self, true},
		{"another marking", props{"object_marking_refs": []string{m.Object.ID}}, props{"object_marking_refs": []string{other.Object.ID}}, store.Self, true},
		{"it revokes", nil, props{"revoked": true}, store.Self, true},
		{"the same", props{"object_marking_refs": []string{amber, m.Object.ID}}, props{"object_marking_refs": []string{amber, m.Object.ID}}, store.Self, false},
		{"wider", props{"object_marking_refs": []string{amber, m.Object.ID}}, props{"object_marking_refs": []string{green}}, store.Self, false},
		{"older", nil, props{"modified": day(-1), "object_marking_refs": []string{amber}}, store.Self, false},
		{"a partner's", nil, props{"object_marking_refs": []string{amber}, "revoked": true}, p, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, h *house) {
				next := props{"modified": day(1)}
				for k, v := range tt.next {
					next[k] = v
				}
				good, bad := from(store.Self, 1, tt.now), faulty(tt.from, 1, next)
				h.take(m, other, good)
				want := 0
				if tt.want {
					want = 1
				}
				if fed := h.fed(func() { h.wants(ingest.Quarantined, bad, bad) }); len(fed) != want {
					t.Errorf("fed %v", fed)
				}
				h.holds(good.Object.ID, &good)
				if got := h.keptBack(good.Object.ID); got != tt.want {
					t.Errorf("kept back: %v, want %v: %s", got, tt.want, h.facts(good.Object.ID))
				}
				together := inMemory(t)
				together.take(m, other)
				if together.take(bad, good); together.keptBack(good.Object.ID) != tt.want {
					t.Error("in one transaction it differs")
				}
				if later := from(store.Self, 1, props{"modified": day(2)}); tt.want && h.lift(bad) {
					h.holds(good.Object.ID, &bad)
					if h.keptBack(good.Object.ID) {
						t.Error("also when it is lifted")
					}
					together.wants(ingest.New, later)
					if together.keptBack(good.Object.ID) {
						t.Error("also when a later version mends it")
					}
				}
			})
		})
	}
}

// TestTheStricterOfTwoImportsCounts, as it does for what is not broken.
func TestTheStricterOfTwoImportsCounts(t *testing.T) {
	h := inMemory(t)
	good, bad := from(store.Self, 1, nil), faulty(store.Self, 1, props{"modified": day(1)})
	h.take(good, bad)
	if h.keptBack(good.Object.ID) {
		t.Error("it is not stricter")
	}
	bad.TLP = stix.TLPRed
	if fed := h.fed(func() { h.wants(ingest.Quarantined, bad) }); len(fed) != 1 || !h.keptBack(good.Object.ID) {
		t.Errorf("fed %v, %s", fed, h.facts(good.Object.ID))
	}
}

// TestAnObservableThatIsMarkedAnewInVain has no version: the later import counts.
func TestAnObservableThatIsMarkedAnewInVain(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		observable := func(more props) ingest.Arrival {
			all := props{"type": "ipv4-addr", "created": nil, "modified": nil, "name": nil, "value": "192.0.2.7"}
			for k, v := range more {
				all[k] = v
			}
			return from(store.Self, 1, all)
		}
		good := observable(nil)
		bad := observable(props{"x_broken": true, "object_marking_refs": []string{stix.TLPRed.MarkingID()}})
		h.wants(ingest.New, good)
		h.wants(ingest.Quarantined, bad)
		if !h.keptBack(good.Object.ID) {
			t.Error(h.facts(good.Object.ID))
		}
		h.take(observable(props{"x_note": "mended"}))
		if h.keptBack(good.Object.ID) {
			t.Error(h.facts(good.Object.ID))
		}
	})
}

// TestTheFeedTellsOfAnObservableThatIsProtected, so that what names it and is under way is withdrawn, and goes once it may.
func TestTheFeedTellsOfAnObservableThatIsProtected(t *testing.T) {
	h := inMemory(t)
	h.confirm(people().p)
	bad := from(store.Self, 1, props{"type": "ipv4-addr", "created": nil, "modified": nil, "name": nil, "value": "192.0.2.7", "x_broken": true})
	key := store.ObjectKey(bad.Object.ID, 0)
	if fed := h.fed(func() { h.wants(ingest.Quarantined, bad, bad) }); len(fed) != 1 || fed[0] != key {
		t.Errorf("fed %v", fed)
	}
	if fed := h.fed(func() { h.lift(bad) }); len(fed) != 1 || fed[0] != key {
		t.Errorf("fed %v", fed)
	}
}

// TestABrokenDefinitionOfOursKeepsBackWhatItMarks, from when it comes until it is lifted or mended.
func TestABrokenDefinitionOfOursKeepsBackWhatItMarks(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		m := nations(store.Self, 70, "JPN", "USA")
		bad := nations(store.Self, 70, "JPN")
		raw := strings.Replace(string(bad.Object.Raw), day(-30), day(1), 1)
		bad = arrival(store.Self, []byte(`{"x_broken":true,`+raw[1:]))
		marked := from(store.Self, 1, props{"object_marking_refs": []string{m.Object.ID}})
		h.take(m, marked)
		before := h.facts(marked.Object.ID)
		if fed := h.fed(func() {
			h.wants(ingest.Quarantined, statement(store.Self, 70, props{"created": day(1), "x_broken": true}))
		}); len(fed) != 0 {
			t.Errorf("a statement, which restricts nothing, fed %v", fed)
		}
		if fed := h.fed(func() { h.wants(ingest.Quarantined, bad) }); len(fed) != 1 || !strings.HasPrefix(fed[0], marked.Object.ID) {
			t.Errorf("fed %v", fed)
		}
		if !strings.Contains(h.facts(marked.Object.ID), "deny.quarantined-marking") {
			t.Error(h.facts(marked.Object.ID))
		}
		behind := from(store.Self, 2, props{"object_marking_refs": []string{m.Object.ID}})
		h.wants(ingest.New, behind)
		if !h.keptBack(behind.Object.ID) {
			t.Error(h.facts(behind.Object.ID))
		}
		h.wants(ingest.Quarantined, faulty(people().p, 70, props{"type": "marking-definition", "modified": nil, "created": day(3)}))
		h.take(nations(store.Self, 70, "JPN", "USA", "EST"))
		if !h.keptBack(behind.Object.ID) {
			t.Error("an older definition mends nothing")
		}
		h.take(from(store.Self, 70, props{"type": "marking-definition", "modified": nil, "created": day(2), "definition_type": "statement", "definition": props{"statement": "mended"}}))
		if after := h.facts(marked.Object.ID); h.keptBack(marked.Object.ID) || before == "" {
			t.Errorf("%s, then %s", before, after)
		}
	})
}

// TestNoSpellingTakesAwayWhatIsCurrent: of two spellings of one content, the one that STIX allows is kept.
func TestNoSpellingTakesAwayWhatIsCurrent(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		for n := range 20 { // some of these have the lower hash in one spelling, some in the other
			good := from(store.Self, n, props{"name": "b"})
			bad := respelt(good)
			older := from(store.Self, n, props{"modified": day(-1)})
			if !bad.Broken() || good.Broken() {
				t.Fatal("not as meant")
			}
			h.wants(ingest.New, older, good)
			h.take(bad)
			h.holds(good.Object.ID, &good)
			p := people().p
			theirs, spelt := from(p, 100+n, props{"name": "b"}), respelt(from(p, 100+n, props{"name": "b"}))
			h.wants(ingest.Quarantined, spelt)
			h.take(theirs)
			h.holds(theirs.Object.ID, &theirs)
		}
	})
}

// TestBrokenVersionsTakeNoPlaceOfGoodOnes.
func TestBrokenVersionsTakeNoPlaceOfGoodOnes(t *testing.T) {
	h := inMemory(t)
	var all []ingest.Arrival
	for n := range 150 {
		all = append(all, faulty(store.Self, 1, props{"name": fmt.Sprint(n)}))
	}
	refused := 0
	for _, r := range h.take(all...) {
		if r == ingest.Refused {
			refused++
		}
	}
	if refused != 50 {
		t.Errorf("%d refused", refused)
	}
	good := from(store.Self, 1, nil)
	h.take(good)
	h.holds(good.Object.ID, &good)
}

func TestAReasonIsOneLine(t *testing.T) {
	h := inMemory(t)
	bad := faulty(store.Self, 1, nil)
	h.take(bad)
	for _, reason := range []string{"a\nb", "a\x1b[31m", "\xff", "\u009b"} {
		h.update(func(tx store.Tx) error {
			if _, _, err := h.in.Lift(tx, h.now, bad.Object.ID, bad.Digest, reason); fault.Of(err) != fault.Invalid {
				t.Errorf("%q: %v", reason, err)
			}
			return nil
		})
	}
}
