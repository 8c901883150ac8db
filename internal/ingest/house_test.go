package ingest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/internal/store/sqlite"
	"github.com/wagasa/wagasa/stix"
)

// The cast: this node, two partners that can be confirmed, and somebody who has no node.
const self = store.Party("identity--0000000a-0000-4000-8000-00000000000a")

var (
	now    = time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC)
	vendor = id("identity", 0xee)
)

type cast struct {
	me   partner.Card
	card map[store.Party]partner.Card
	p, q store.Party
	err  error
}

// people makes the cards once. Nothing about them is secret, so that their keys may come from a counter.
var people = sync.OnceValue(func() (c cast) {
	c.card = map[store.Party]partner.Card{}
	for i, name := range []string{"Paper Umbrella", "Harbour Desk", "Lantern Desk"} {
		identity, err := made(name, byte(i+1))
		if err != nil {
			c.err = err
			return c
		}
		c.card[identity.Party] = identity
		switch i {
		case 0:
			c.me = identity
		case 1:
			c.p = identity.Party
		case 2:
			c.q = identity.Party
		}
	}
	if c.q < c.p {
		c.p, c.q = c.q, c.p
	}
	return c
})

func made(name string, seed byte) (partner.Card, error) {
	dir, err := os.MkdirTemp("", "wagasa")
	if err != nil {
		return partner.Card{}, err
	}
	defer os.RemoveAll(dir)
	i, _, err := partner.Create(dir, partner.Params{Name: name, Nation: "EST", Now: now, Rand: rand.NewChaCha8([32]byte{seed})})
	if err != nil {
		return partner.Card{}, err
	}
	return i.Card, nil
}

type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// house is a node's objects.
type house struct {
	t     fataler
	store store.Store
	in    ingest.Ingest
	now   time.Time
}

func inMemory(t fataler) *house {
	return &house{t: t, store: memory.New(), in: ingest.Ingest{Self: self}, now: now}
}

func onDisk(t *testing.T, f fataler) *house {
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "wagasa.db"), sqlite.Config{})
	if err != nil {
		f.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &house{t: f, store: s, in: ingest.Ingest{Self: self}, now: now}
}

// onEngines runs a test on both.
func onEngines(t *testing.T, f func(t *testing.T, h *house)) {
	t.Run("memory", func(t *testing.T) { f(t, inMemory(t)) })
	t.Run("sqlite", func(t *testing.T) { f(t, onDisk(t, t)) })
}

func (h *house) update(f func(store.Tx) error) {
	h.t.Helper()
	if err := h.store.Update(context.Background(), f); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) view(f func(store.Tx) error) {
	h.t.Helper()
	if err := h.store.View(context.Background(), f); err != nil {
		h.t.Fatal(err)
	}
}

// take takes all arrivals in one transaction.
func (h *house) take(arrivals ...ingest.Arrival) (results []ingest.Result) {
	h.t.Helper()
	h.update(func(tx store.Tx) (err error) {
		results, err = h.in.Take(tx, h.now, arrivals)
		return err
	})
	return results
}

// wants takes each arrival in a transaction of its own.
func (h *house) wants(want ingest.Result, arrivals ...ingest.Arrival) {
	h.t.Helper()
	for _, a := range arrivals {
		if got := h.take(a)[0]; got != want {
			h.t.Errorf("%s from %q: result %d, want %d", a.Object.ID, a.Origin, got, want)
		}
	}
}

func (h *house) confirm(parties ...store.Party) {
	h.t.Helper()
	h.update(func(tx store.Tx) error {
		for _, p := range parties {
			card := people().card[p]
			if _, err := partner.Add(tx, people().me, card.Text(), h.now); err != nil {
				return err
			}
			if _, err := partner.Confirm(tx, p, card.Digest(), h.now); err != nil {
				return err
			}
			if err := h.in.SettleCreator(tx, h.now, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// current returns the winner of an id, with Raw.
func (h *house) current(id string) (v store.Variant, ok bool) {
	h.t.Helper()
	h.view(func(tx store.Tx) error {
		found, err := tx.Objects().Current([]string{id})
		if len(found) > 1 {
			h.t.Fatalf("%s has %d current variants", id, len(found))
		}
		if len(found) == 1 {
			v, ok = found[0], true
		}
		return err
	})
	return v, ok
}

// holds checks which bytes are current; nil is none.
func (h *house) holds(id string, a *ingest.Arrival) {
	h.t.Helper()
	v, ok := h.current(id)
	switch {
	case a == nil && ok:
		h.t.Errorf("%s is current: %s", id, v.Raw)
	case a != nil && (!ok || !bytes.Equal(v.Raw, a.Object.Raw) || v.Origin != a.Origin):
		h.t.Errorf("%s from %q is current:\n%s\nwant from %q:\n%s", id, v.Origin, v.Raw, a.Origin, a.Object.Raw)
	}
}

func (h *house) variants(id string) (all []store.Variant) {
	h.t.Helper()
	h.view(func(tx store.Tx) (err error) {
		all, err = tx.Objects().Variants([]string{id})
		return err
	})
	return all
}

func (h *house) facts(id string) string {
	h.t.Helper()
	v, ok := h.current(id)
	if !ok {
		return ""
	}
	return h.classes()[v.Class]
}

func (h *house) classes() (classes map[int64]string) {
	h.t.Helper()
	h.view(func(tx store.Tx) (err error) {
		classes, err = tx.Objects().Classes()
		return err
	})
	return classes
}

// fed returns the keys that f adds to the feed, sorted.
func (h *house) fed(f func()) (keys []string) {
	h.t.Helper()
	var before int64
	h.view(func(tx store.Tx) (err error) {
		before, err = tx.Feed().Head()
		return err
	})
	f()
	h.view(func(tx store.Tx) error {
		entries, err := tx.Feed().After(before, 1000)
		for _, e := range entries {
			if e.Kind == store.KindObject {
				keys = append(keys, e.Key)
			}
		}
		return err
	})
	slices.Sort(keys)
	return keys
}

// state is everything that must not depend on order: positions, times of arrival, evidence and own serials left out.
func (h *house) state(ids []string) string {
	h.t.Helper()
	classes := h.classes()
	var lines []string
	for _, id := range ids {
		for _, v := range h.variants(id) {
			facts := ""
			if v.Current {
				facts = classes[v.Class]
				if v.Class == 0 || facts == "" {
					h.t.Fatalf("%s is current without a class", id)
				}
			}
			if v.Origin == store.Self {
				v.Serial = 0
			}
			found := h.findings(v.Seq)
			v.Seq, v.Arrived, v.Evidence, v.Leaf, v.Class, v.Raw = 0, 0, 0, 0, 0, nil
			line := fmt.Sprintf("%+v %s %v", v, facts, found)
			if v.Standing == store.Quarantined {
				line = "quarantined: " + line
			}
			lines = append(lines, line)
		}
		if v, ok := h.current(id); ok {
			lines = append(lines, string(v.Raw))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func (h *house) findings(seq int64) (found []stix.Finding) {
	h.t.Helper()
	h.view(func(tx store.Tx) error {
		stored, err := tx.Objects().Findings([]int64{seq})
		if err == nil {
			found, err = ingest.Decode(stored[seq])
		}
		return err
	})
	return found
}

// lift lifts the content of an arrival, if it is quarantined, and says whether it is there at all.
func (h *house) lift(a ingest.Arrival) (ok bool) {
	h.t.Helper()
	h.update(func(tx store.Tx) error {
		_, _, err := h.in.Lift(tx, h.now, a.Object.ID, a.Digest, "looked at")
		ok = fault.Of(err) != fault.NotFound
		if k := fault.Of(err); err != nil && (k == fault.NotFound || k == fault.Conflict) {
			return nil
		}
		return err
	})
	return ok
}

type props = map[string]any

func id(typ string, n int) string { return fmt.Sprintf("%s--%08x-0000-4000-8000-%012x", typ, n, n) }

// day is a time of modification, n days after the first of April.
func day(n int) string {
	return time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).Format("2006-01-02T15:04:05.000Z")
}

// from is an arrival of an indicator, or of what more says.
func from(origin store.Party, n int, more props) ingest.Arrival {
	all := props{"type": "indicator", "spec_version": "2.1", "created": day(-30), "modified": day(0), "name": "beacon to 192.0.2.7"}
	maps.Copy(all, more)
	if all["id"] == nil {
		all["id"] = id(all["type"].(string), n)
	}
	for name, value := range all {
		if value == nil {
			delete(all, name)
		}
	}
	raw, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return arrival(origin, raw)
}

func arrival(origin store.Party, raw []byte) ingest.Arrival {
	o, err := stix.Parse(raw)
	if err != nil {
		panic(err)
	}
	a, err := ingest.Prepare(o, nil)
	if err != nil {
		panic(err)
	}
	a.Origin, a.TLP = origin, stix.TLPGreen
	if origin != store.Self {
		a.Serial = 1
	}
	if bytes.Contains(raw, []byte("x_broken")) {
		a.Findings = append(a.Findings, stix.Finding{Code: "required", Level: stix.Must, Want: "it"})
	}
	if bytes.HasPrefix(raw, []byte("{ ")) { // as a spelling may be found fault with, too
		if bytes.Contains(raw, []byte(`"b"`)) {
			a.Findings = append(a.Findings, stix.Finding{Code: "range", Level: stix.Must, Pointer: "/spelling"})
		}
		a.Findings = append(a.Findings, stix.Finding{Code: "deprecated", Level: stix.Should, Pointer: "/spelling", Value: "space"})
	}
	return a
}

// respelt is the same content in other bytes.
func respelt(a ingest.Arrival) ingest.Arrival {
	b := arrival(a.Origin, append([]byte("{ "), a.Object.Raw[1:]...))
	b.TLP, b.Precedence, b.Serial = a.TLP, a.Precedence, a.Serial
	return b
}

func statement(origin store.Party, n int, more props) ingest.Arrival {
	all := props{"type": "marking-definition", "modified": nil, "definition_type": "statement", "definition": props{"statement": "umbrella.example"}}
	maps.Copy(all, more)
	return from(origin, n, all)
}

func nations(origin store.Party, n int, trigraphs ...string) ingest.Arrival {
	return from(origin, n, props{"type": "marking-definition", "modified": nil, "extensions": props{
		"extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce": props{
			"extension_type": "property-extension", "identifier": "isa:guide.example.1", "create_date_time": day(0),
			"responsible_entity_custodian": "JPN.EXAMPLE", "policy_reference": "urn:isa:policy:acs:ns:v3.0?privdefault=permit&sharedefault=permit",
			"control_set": props{"classification": "U", "permitted_nationalities": trigraphs},
		},
	}})
}
