package ingest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// faulty is an arrival that breaks what STIX demands.
func faulty(origin store.Party, n int, more props) ingest.Arrival {
	all := props{"x_broken": true}
	for name, value := range more {
		all[name] = value
	}
	return from(origin, n, all)
}

func (h *house) counts() (c store.Counts) {
	h.t.Helper()
	h.view(func(tx store.Tx) (err error) {
		c, err = tx.Objects().Counts()
		return err
	})
	return c
}

func TestWhatIsBrokenIsKeptAndTakesPartInNothing(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		good, bad, alone := from(store.Self, 1, nil), faulty(store.Self, 1, props{"modified": day(1)}), faulty(store.Self, 2, nil)
		h.wants(ingest.New, good)
		if fed := h.fed(func() { h.wants(ingest.Quarantined, bad, alone, bad, respelt(alone)) }); len(fed) != 0 {
			t.Errorf("fed %v", fed)
		}
		h.holds(id("indicator", 1), &good)
		h.holds(id("indicator", 2), nil)
		v := h.variants(id("indicator", 1))
		if len(v) != 2 || v[1].Standing != store.Quarantined || !v[1].Broken || v[0].Broken {
			t.Errorf("%+v", v)
		}
		if found := h.findings(v[1].Seq); !slices.Equal(found, bad.Findings) {
			t.Errorf("kept %+v, want %+v", found, bad.Findings)
		}
		if c := h.counts(); c.Quarantined != 2 || c.Objects != 1 || c.Variants != 3 {
			t.Errorf("%+v", c)
		}
		h.wants(ingest.New, from(store.Self, 1, props{"modified": day(-1), "name": "older"}))
		h.holds(id("indicator", 1), &good)
		later := from(store.Self, 1, props{"modified": now.Add(time.Hour).Format(time.RFC3339Nano)})
		h.wants(ingest.New, later)
		h.holds(id("indicator", 1), &later)
	})
}

func TestShouldFindingsAreKeptAndChangeNothing(t *testing.T) {
	h := inMemory(t)
	a := respelt(from(store.Self, 1, nil))
	h.wants(ingest.New, a)
	h.holds(id("indicator", 1), &a)
	if found := h.findings(h.variants(id("indicator", 1))[0].Seq); len(found) != 1 || found[0].Pointer != "/spelling" || found[0].Level != stix.Should {
		t.Errorf("%+v", found)
	}
}

func TestALiftHoldsForTheContentWhereverAndWheneverItComes(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		p, q := people().p, people().q
		h.confirm(p, q)
		good := from(p, 1, nil)
		bad, same, other := faulty(p, 1, props{"modified": day(1)}), faulty(q, 1, props{"modified": day(1)}), faulty(p, 1, props{"modified": day(1), "name": "another"})
		h.wants(ingest.New, good)
		h.wants(ingest.Quarantined, bad, other)
		fed := h.fed(func() {
			if !h.lift(bad) {
				t.Error("not there")
			}
		})
		if want := []string{store.ObjectKey(id("indicator", 1), bad.Object.Version())}; !slices.Equal(fed, want) {
			t.Errorf("fed %v, want %v", fed, want)
		}
		h.holds(id("indicator", 1), &bad)
		if h.facts(id("indicator", 1)) == "" {
			t.Error("it has no class")
		}
		h.wants(ingest.Known, bad, same, respelt(bad))
		h.wants(ingest.Quarantined, other)
		if fed := h.fed(func() { h.lift(bad) }); len(fed) != 0 {
			t.Errorf("a second lift fed %v", fed)
		}
		if c := h.counts(); c.Quarantined != 1 {
			t.Errorf("%+v", c)
		}
		h.update(func(tx store.Tx) error {
			l, ok, err := ingest.LiftOf(tx, bad.Digest)
			if !ok || l.ID != bad.Object.ID || l.Modified != bad.Object.Version() || l.Reason != "looked at" || !l.Time.Equal(h.now) {
				t.Errorf("%+v", l)
			}
			return err
		})
	})
}

func TestWhatCannotBeLifted(t *testing.T) {
	h := inMemory(t)
	good, bad := from(store.Self, 1, nil), faulty(store.Self, 1, nil)
	h.wants(ingest.New, good)
	h.wants(ingest.Quarantined, bad)
	for _, tt := range []struct {
		id     string
		digest store.Hash
		reason string
		want   fault.Kind
	}{
		{id("indicator", 9), bad.Digest, "r", fault.NotFound},
		{bad.Object.ID, store.Hash{1}, "r", fault.NotFound},
		{bad.Object.ID, good.Digest, "r", fault.Conflict},
		{bad.Object.ID, bad.Digest, "", fault.Invalid},
		{bad.Object.ID, bad.Digest, strings.Repeat("x", ingest.MaxReason+1), fault.Invalid},
	} {
		h.update(func(tx store.Tx) error {
			if _, _, err := h.in.Lift(tx, h.now, tt.id, tt.digest, tt.reason); err == nil || fault.Of(err) != tt.want {
				t.Errorf("%+v: %v", tt, err)
			}
			return nil
		})
	}
	h.holds(id("indicator", 1), &good)
}

// TestWhatIsLiftedIsJudgedLikeAnythingElse: it may be a claim, or held.
func TestWhatIsLiftedIsJudgedLikeAnythingElse(t *testing.T) {
	p := people().p
	h := inMemory(t)
	h.confirm(p)
	ours := from(store.Self, 1, props{"created_by_ref": string(self)})
	claim, ahead := faulty(p, 1, props{"created_by_ref": string(self), "modified": day(1)}), faulty(store.Self, 2, props{"modified": day(3)})
	h.wants(ingest.New, ours)
	h.wants(ingest.Quarantined, claim, ahead)
	h.lift(claim)
	h.lift(ahead)
	h.wants(ingest.Claim, claim)
	h.wants(ingest.Held, ahead)
	h.holds(id("indicator", 1), &ours)
	h.now = later
	h.update(func(tx store.Tx) error {
		_, err := h.in.SettleHeld(tx, h.now)
		return err
	})
	h.holds(id("indicator", 2), &ahead)
}

// TestWhatIsBrokenTakesNoOwnership: a partner cannot put another's version aside with something that will never be current.
func TestWhatIsBrokenTakesNoOwnership(t *testing.T) {
	p, q := people().p, people().q
	h := inMemory(t)
	h.confirm(p, q)
	theirs := from(q, 1, props{"created_by_ref": vendor})
	taking := faulty(p, 1, props{"created_by_ref": string(p), "modified": day(1)})
	h.wants(ingest.New, theirs)
	h.wants(ingest.Quarantined, taking)
	h.holds(id("indicator", 1), &theirs)
	h.lift(taking)
	h.holds(id("indicator", 1), &taking)
}

// TestABrokenMarkingDefinitionIsNotThere, nor does one from a partner mean anything about ours.
func TestABrokenMarkingDefinitionIsNotThere(t *testing.T) {
	h := inMemory(t)
	bad, good := statement(store.Self, 70, props{"x_broken": true}), statement(store.Self, 71, nil)
	theirs := statement(people().p, 71, props{"created": day(1), "x_broken": true})
	h.take(bad, good, theirs, from(store.Self, 1, props{"object_marking_refs": []string{bad.Object.ID}}), from(store.Self, 2, props{"object_marking_refs": []string{good.Object.ID}}))
	if f := h.facts(id("indicator", 1)); !strings.Contains(f, "deny.unresolved-marking") {
		t.Error(f)
	}
	if f := h.facts(id("indicator", 2)); strings.Contains(f, "deny.") {
		t.Error(f)
	}
	h.lift(bad)
	if f := h.facts(id("indicator", 1)); strings.Contains(f, "deny.") {
		t.Error(f)
	}
}

func TestANodeMayRejectWhatIsBroken(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		before := faulty(store.Self, 1, nil)
		h.wants(ingest.Quarantined, before)
		h.in.Must = ingest.Reject
		h.wants(ingest.Rejected, before, faulty(store.Self, 2, nil), faulty(people().p, 1, props{"name": "other"}))
		if c := h.counts(); c.Variants != 1 || c.Quarantined != 1 {
			t.Errorf("%+v", c)
		}
		results := h.take(faulty(store.Self, 3, nil), from(store.Self, 3, nil), from(store.Self, 4, nil))
		if !slices.Equal(results, []ingest.Result{ingest.Rejected, ingest.New, ingest.New}) {
			t.Errorf("%v", results)
		}
		h.lift(before) // a person has looked at this content
		h.wants(ingest.Known, before)
		h.holds(id("indicator", 1), &before)
	})
}
