package search

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/internal/store/sqlite"
	"github.com/wagasa/wagasa/stix"
)

const (
	self  = store.Party("identity--0000000a-0000-4000-8000-00000000000a")
	other = store.Party("identity--0000000b-0000-4000-8000-00000000000b")
)

var now = time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC)

type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// house is a node's objects and their index.
type house struct {
	t     fataler
	store store.Store
	index *Index
	in    ingest.Ingest
}

func newHouse(t fataler, s store.Store) *house {
	return &house{t: t, store: s, index: New(s), in: ingest.Ingest{Self: self}}
}

func openSQLite(ctx context.Context, dir string) (store.Store, error) {
	return sqlite.Open(ctx, filepath.Join(dir, "wagasa.db"), sqlite.Config{})
}

func onDisk(t testing.TB) store.Store {
	s, err := openSQLite(context.Background(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// onEngines runs a test on both.
func onEngines(t *testing.T, f func(t *testing.T, h *house)) {
	t.Run("memory", func(t *testing.T) { f(t, newHouse(t, memory.New())) })
	t.Run("sqlite", func(t *testing.T) { f(t, newHouse(t, onDisk(t))) })
}

// read takes all objects of a file.
func (h *house) read(r *stix.Reader) {
	h.t.Helper()
	none := ingest.Listener{Rejected: func(error) {}, Quarantined: func(*stix.Object, []stix.Finding) {}}
	if _, err := h.in.Stream(context.Background(), h.store, r, ingest.Source{TLP: stix.TLPClear}, none); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) update(f func(store.Tx) error) {
	h.t.Helper()
	if err := h.store.Update(context.Background(), f); err != nil {
		h.t.Fatal(err)
	}
}

type props map[string]any

func id(typ string, n int) string { return fmt.Sprintf("%s--%08x-0000-4000-8000-%012x", typ, n, n) }

func day(n int) string { return now.AddDate(0, 0, n).Format("2006-01-02T15:04:05.000Z") }

// object is a STIX object of a type.
func object(typ string, n int, more props) props {
	o := props{"type": typ, "spec_version": "2.1", "id": id(typ, n), "created": day(-100), "modified": day(-100)}
	maps.Copy(o, more)
	maps.DeleteFunc(o, func(_ string, v any) bool { return v == nil })
	return o
}

func (h *house) arrival(origin store.Party, o props) ingest.Arrival {
	h.t.Helper()
	raw, err := json.Marshal(o)
	if err != nil {
		h.t.Fatal(err)
	}
	parsed, err := stix.Parse(raw)
	if err != nil {
		h.t.Fatal(err)
	}
	a, err := ingest.Prepare(parsed, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	a.Origin, a.TLP, a.Serial = origin, stix.TLPGreen, 1
	return a
}

// take takes objects as own, in one transaction.
func (h *house) take(objects ...props) {
	h.t.Helper()
	h.takeFrom(store.Self, objects...)
}

func (h *house) takeFrom(origin store.Party, objects ...props) {
	h.t.Helper()
	arrivals := make([]ingest.Arrival, len(objects))
	for i, o := range objects {
		arrivals[i] = h.arrival(origin, o)
	}
	h.update(func(tx store.Tx) error {
		_, err := h.in.Take(tx, now, arrivals)
		return err
	})
}

// remove takes what is current of an id away, as whoever learns to delete will do it.
func (h *house) remove(id string) {
	h.t.Helper()
	h.update(func(tx store.Tx) error {
		variants, err := tx.Objects().Variants([]string{id})
		if err != nil {
			return err
		}
		for _, v := range variants {
			if !v.Current {
				continue
			}
			v.Current = false
			if err := tx.Objects().Update([]store.Variant{v}); err != nil {
				return err
			}
			if err := tx.Feed().Append(now.UnixNano(), store.KindRemoval, store.ObjectKey(id, v.Modified)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *house) catchUp() {
	h.t.Helper()
	if err := h.index.CatchUp(context.Background(), nil); err != nil {
		h.t.Fatal(err)
	}
}

// search parses and searches.
func (h *house) search(text string) Page {
	h.t.Helper()
	q, err := Parse(text)
	if err != nil {
		h.t.Fatalf("%q: %v", text, err)
	}
	return h.query(q)
}

func (h *house) query(q Query) Page {
	h.t.Helper()
	page, err := h.index.Search(context.Background(), q)
	if err != nil {
		h.t.Fatalf("%+v: %v", q, err)
	}
	return page
}

func idsOf(page Page) []string {
	ids := make([]string, len(page.Hits))
	for i, h := range page.Hits {
		ids[i] = h.ID
	}
	return ids
}

// all pages through a search.
func (h *house) all(q Query) (ids []string) {
	h.t.Helper()
	for range 1000 {
		page := h.query(q)
		ids = append(ids, idsOf(page)...)
		if q.After = page.Next; q.After == "" {
			return ids
		}
	}
	h.t.Fatalf("%s: the pages have no end", q)
	return nil
}
