package release_test

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/stix"
	"pgregory.net/rapid"
)

var now = time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC)

type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

type held struct {
	origin store.Party
	object stix.Object
	tlp    stix.TLP
}

func own(o stix.Object) held { return held{store.Self, o, stix.TLPGreen} }

// broken is in what is taken for an object that STIX does not allow.
const broken = "x_broken"

// inDesk lets f look at a desk for the receiver over the objects.
func inDesk(t fataler, objects []held, to release.Receiver, f func(*release.Desk, store.Tx)) {
	t.Helper()
	in := ingest.Ingest{Self: jpn}
	err := memory.New().Update(context.Background(), func(tx store.Tx) error {
		for _, h := range objects {
			a, err := ingest.Prepare(h.object, nil)
			if err != nil {
				return err
			}
			a.Origin, a.TLP = h.origin, h.tlp
			if bytes.Contains(a.Object.Raw, []byte(broken)) {
				a.Findings = []stix.Finding{{Code: "required", Level: stix.Must}}
			}
			if h.origin != store.Self {
				a.Serial = 1
			}
			if _, err := in.Take(tx, now, []ingest.Arrival{a}); err != nil {
				return err
			}
		}
		d, err := release.NewDesk(tx, to)
		if err == nil {
			f(d, tx)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func items(t fataler, d *release.Desk, ids ...string) ([]release.Item, map[string]string) {
	t.Helper()
	got, refused, err := d.Items(ids)
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]string{}
	for _, r := range refused {
		reasons[r.ID] = r.Reason.Code
	}
	return got, reasons
}

func idsOf(items []release.Item) (ids []string) {
	for _, i := range items {
		ids = append(ids, i.Variant().ID)
	}
	return ids
}

func TestDefinitionsGoBeforeWhatTheyMarkOnceAtTheLeastStrictTLP(t *testing.T) {
	m := statement(60)
	objects := []held{
		own(m), own(marked(1, tlp(stix.TLPAmber), m.ID)), own(marked(2, tlp(stix.TLPGreen), m.ID)), own(marked(3, tlp(stix.TLPRed), m.ID)), own(object(4, nil)),
	}
	ids := []string{id("indicator", 4), id("indicator", 1), id("indicator", 2), id("indicator", 3), m.ID, id("indicator", 1)}
	inDesk(t, objects, toUSA(), func(d *release.Desk, _ store.Tx) {
		got, refused := items(t, d, ids...)
		if want := []string{id("indicator", 4), m.ID, id("indicator", 1), id("indicator", 2)}; !slices.Equal(idsOf(got), want) {
			t.Fatalf("got %v, want %v", idsOf(got), want)
		}
		for i, want := range []stix.TLP{stix.TLPGreen, stix.TLPGreen, stix.TLPAmber, stix.TLPGreen} {
			if got[i].TLP() != want {
				t.Errorf("%s at %v, want %v", got[i].Variant().ID, got[i].TLP(), want)
			}
		}
		if !maps.Equal(refused, map[string]string{id("indicator", 3): "deny.red"}) {
			t.Errorf("refused %v", refused)
		}
	})
}

func TestADefinitionThatMarksNothingReleasedStays(t *testing.T) {
	m, unused := statement(60), statement(61)
	inDesk(t, []held{own(m), own(unused), own(marked(1, tlp(stix.TLPRed), m.ID))}, toUSA(), func(d *release.Desk, _ store.Tx) {
		got, refused := items(t, d, m.ID, unused.ID)
		if len(got) != 0 || refused[m.ID] != "deny.no-bearer" || refused[unused.ID] != "deny.no-bearer" {
			t.Errorf("%v %v", idsOf(got), refused)
		}
		_, refusals, _ := d.Items([]string{m.ID})
		readable(t, refusals[0].Reason)
	})
}

// TestADefinitionThatIsMarkedItself, other than with TLP, means nothing: what it marks stays.
func TestADefinitionThatIsMarkedItself(t *testing.T) {
	inner := statement(60)
	outer := object(61, props{
		"type": "marking-definition", "object_marking_refs": []string{inner.ID},
		"definition_type": "statement", "definition": props{"statement": "lantern.example terms"},
	})
	inDesk(t, []held{own(inner), own(outer), own(marked(1, tlp(stix.TLPGreen), outer.ID))}, toUSA(), func(d *release.Desk, _ store.Tx) {
		got, refused := items(t, d, id("indicator", 1))
		if len(got) != 0 || refused[id("indicator", 1)] != "deny.unknown-marking" {
			t.Errorf("got %v refused %v", idsOf(got), refused)
		}
	})
}

// TestADefinitionMarkedRedStays: a marking-definition is content too, and its own TLP holds.
func TestADefinitionMarkedRedStays(t *testing.T) {
	m := object(60, props{
		"type": "marking-definition", "object_marking_refs": []string{tlp(stix.TLPRed)},
		"definition_type": "statement", "definition": props{"statement": "from our person in lantern.example"},
	})
	inDesk(t, []held{own(m), own(marked(1, tlp(stix.TLPClear), m.ID))}, toUSA(), func(d *release.Desk, _ store.Tx) {
		got, _ := items(t, d, id("indicator", 1))
		if slices.Contains(idsOf(got), m.ID) {
			t.Errorf("a marking-definition that is itself TLP:RED was released with what it marks")
		}
	})
}

func TestAReceivedDefinitionDeniesOnwardAndIsNotReturned(t *testing.T) {
	m := statement(60)
	objects := []held{{usa, m, stix.TLPClear}, own(marked(1, tlp(stix.TLPClear), m.ID))}
	inDesk(t, objects, release.Receiver{Party: "identity--00000003-0000-4000-8000-000000000003", Nation: "EST", Ceiling: stix.TLPAmber, Paired: true}, func(d *release.Desk, _ store.Tx) {
		if got, refused := items(t, d, id("indicator", 1), m.ID); len(got) != 0 || refused[id("indicator", 1)] != "deny.marking-received" || refused[m.ID] != "deny.received" {
			t.Errorf("%v %v", idsOf(got), refused)
		}
	})
	// Nor to the one who gave it: a partner could so name the meaning of a marking whose objects it wants.
	inDesk(t, objects, toUSA(), func(d *release.Desk, _ store.Tx) {
		if got, refused := items(t, d, id("indicator", 1), m.ID); len(got) != 0 || refused[id("indicator", 1)] != "deny.marking-received" || refused[m.ID] != "deny.origin" {
			t.Errorf("%v %v", idsOf(got), refused)
		}
	})
}

func TestOnlyItemsForThePartyItselfMayBeSealed(t *testing.T) {
	if to, may := (release.Item{}).To(); to != "" || may {
		t.Error("an empty item may be sealed")
	}
	objects := []held{own(marked(1, tlp(stix.TLPClear)))}
	unpaired := toUSA()
	unpaired.Paired = false
	for _, tt := range []struct {
		to  release.Receiver
		may bool
	}{{toUSA(), true}, {toUSA().Rehearse(), false}, {unpaired.Rehearse(), false}} {
		inDesk(t, objects, tt.to, func(d *release.Desk, _ store.Tx) {
			got, _ := items(t, d, id("indicator", 1))
			if to, may := got[0].To(); to != usa || may != tt.may {
				t.Errorf("to %s, may %v; want %v", to, may, tt.may)
			}
		})
	}
	inDesk(t, objects, unpaired, func(d *release.Desk, _ store.Tx) {
		if got, refused := items(t, d, id("indicator", 1)); len(got) != 0 || refused[id("indicator", 1)] != "deny.paired" {
			t.Errorf("%v %v", idsOf(got), refused)
		}
	})
}

func TestAnUnknownIDGivesNeitherItemNorRefusal(t *testing.T) {
	inDesk(t, nil, toUSA(), func(d *release.Desk, _ store.Tx) {
		got, refused := items(t, d, id("indicator", 1))
		if len(got) != 0 || len(refused) != 0 {
			t.Errorf("%v %v", got, refused)
		}
		if p := d.Permitted(); p == nil || len(p) != 0 {
			t.Errorf("permitted %v: want an empty list, which matches nothing", p)
		}
	})
}

func TestAVariantOfAnUnknownClassIsAnError(t *testing.T) {
	inDesk(t, nil, toUSA(), func(d *release.Desk, _ store.Tx) {
		if _, _, err := d.Decide(&store.Variant{ID: id("indicator", 1)}); err == nil {
			t.Error("no error")
		}
	})
}

// TestPreviewIsWhatGoesOut: items over everything, over single objects, by class and by page are one decision.
func TestPreviewIsWhatGoesOut(t *testing.T) {
	definitions := []stix.Object{statement(60), nations(61, "JPN", "USA"), nations(62, "JPN"), strange(63)}
	rapid.Check(t, func(t *rapid.T) {
		var objects []held
		for _, m := range definitions {
			objects = append(objects, held{parties.Draw(t, "origin"), m, stix.TLPClear})
		}
		for n := range rapid.IntRange(0, 8).Draw(t, "objects") {
			refs := []string{levels.Draw(t, "tlp").MarkingID()}
			for _, k := range rapid.SliceOfN(rapid.IntRange(60, 64), 0, 2).Draw(t, "markings") {
				refs = append(refs, id("marking-definition", k))
			}
			refs = slices.DeleteFunc(refs, func(s string) bool { return s == "" })
			objects = append(objects, held{parties.Draw(t, "origin"), marked(n+1, refs...), max(stix.TLPClear, levels.Draw(t, "floor"))})
		}
		inDesk(t, objects, toUSA(), func(d *release.Desk, tx store.Tx) {
			all, err := tx.Objects().ScanCurrent("", nil, nil, 100)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			want := map[string]stix.TLP{}
			stays := map[string]string{}
			for i := range all {
				ids = append(ids, all[i].ID)
				decision, tlp, err := d.Decide(&all[i])
				if err != nil {
					t.Fatal(err)
				}
				if decision.Permit {
					want[all[i].ID] = tlp
				} else {
					stays[all[i].ID] = decision.Reason.Code
				}
				if slices.Contains(d.Permitted(), all[i].Class) != (decision.Permit && all[i].Type != "marking-definition") {
					t.Fatalf("%s: class and decision differ", all[i].ID)
				}
			}
			got, refused := items(t, d, rapid.Permutation(ids).Draw(t, "order")...)
			goes := map[string]stix.TLP{}
			for _, i := range got {
				v := i.Variant()
				if _, twice := goes[v.ID]; twice {
					t.Fatalf("%s twice", v.ID)
				}
				for _, m := range v.Markings {
					if _, before := goes[m]; !before && want[m] != stix.TLPNone {
						t.Fatalf("%s comes before its marking-definition", v.ID)
					}
				}
				goes[v.ID] = i.TLP()
			}
			if !maps.Equal(goes, want) || !maps.Equal(refused, stays) {
				t.Fatalf("items %v refused %v\n want %v %v", goes, refused, want, stays)
			}
			for _, one := range ids {
				got, _ := items(t, d, one)
				if slices.Contains(idsOf(got), one) != (want[one] != stix.TLPNone) {
					t.Fatalf("%s alone is decided otherwise", one)
				}
			}
		})
	})
}
