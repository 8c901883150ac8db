package reference_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/reference"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/internal/store/sqlite"
	"github.com/wagasa/wagasa/stix"
)

const usa = store.Party("identity--00000000-0000-4000-8000-0000000000aa")

func id(typ string, n int) string { return fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", typ, n) }

// node takes objects and follows.
type node struct {
	t interface {
		Helper()
		Fatal(...any)
	}
	reference.Index
	ingest ingest.Ingest
}

func newNode(t interface {
	Helper()
	Fatal(...any)
}, s store.Store,
) *node {
	return &node{t, reference.Index{Store: s}, ingest.Ingest{Self: "identity--00000000-0000-4000-8000-000000000001"}}
}

func (n *node) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

// note takes in version v of a note that refers to ids, from an origin. A broken one is quarantined.
func (n *node) take(id string, v int, origin store.Party, broken bool, refs ...string) {
	n.t.Helper()
	object := map[string]any{
		"type": stix.TypeOf(id), "spec_version": "2.1", "id": id, "created": "2026-01-01T00:00:00.000Z",
		"modified": fmt.Sprintf("2026-01-01T00:00:%02d.000Z", v), "content": "c", "name": "n", "description": "about " + strings.Join(refs, " "),
	}
	if len(refs) > 0 {
		object["object_refs"] = refs
	}
	if stix.TypeOf(id) == "report" {
		object["published"] = "2026-01-01T00:00:00Z"
	}
	if broken {
		delete(object, "created")
	}
	raw, err := json.Marshal(object)
	n.must(err)
	o, err := stix.Parse(raw)
	n.must(err)
	a, err := ingest.Prepare(o, stix.NewValidator())
	n.must(err)
	a.Origin, a.TLP, a.Serial = origin, stix.TLPGreen, uint64(v)
	n.must(n.Store.Update(context.Background(), func(tx store.Tx) error {
		_, err := n.ingest.Take(tx, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), []ingest.Arrival{a})
		return err
	}))
}

func (n *node) follow() {
	n.t.Helper()
	for {
		more, err := n.Follow(context.Background())
		n.must(err)
		if !more {
			return
		}
	}
}

// to is who refers to an object, read in pages, and the groups, which must agree with it.
func (n *node) to(of string, page int) (all []string) {
	n.t.Helper()
	n.must(n.Store.View(context.Background(), func(tx store.Tx) error {
		groups, more, err := reference.Groups(tx, of)
		if err != nil {
			return err
		}
		if more {
			n.t.Fatal("more groups than there are types")
		}
		for _, g := range groups {
			found := 0
			for after := ""; ; {
				ids, next, err := reference.From(tx, of, g.Type, after, page)
				if err != nil {
					return err
				}
				all = append(all, ids...)
				found += len(ids)
				if len(ids) != page && next != "" {
					n.t.Fatal("a page is not full")
				}
				if after = next; next == "" {
					break
				}
			}
			if found != g.N && !g.More || g.More && (found <= g.N || g.N != reference.MostCounted) {
				n.t.Fatal(fmt.Sprintf("%s: %d found, %+v", of, found, g))
			}
		}
		return nil
	}))
	return all
}

// naive is who refers to an object, by reading everything: by type, then the newest first.
func (n *node) naive(of string) (all []string) {
	type referrer struct {
		id       string
		modified int64
	}
	var found []referrer
	n.t.Helper()
	n.must(n.Store.View(context.Background(), func(tx store.Tx) error {
		objects, err := tx.Objects().ScanCurrent("", nil, nil, 10_000)
		for _, v := range objects {
			var o struct {
				Refs []string `json:"object_refs"`
			}
			if err := json.Unmarshal(v.Raw, &o); err != nil {
				return err
			}
			if v.ID != of && slices.Contains(o.Refs, of) {
				found = append(found, referrer{v.ID, v.Modified})
			}
		}
		return err
	}))
	slices.SortFunc(found, func(a, b referrer) int {
		return cmp.Or(strings.Compare(stix.TypeOf(a.id), stix.TypeOf(b.id)), cmp.Compare(b.modified, a.modified), strings.Compare(a.id, b.id))
	})
	for _, r := range found {
		all = append(all, r.id)
	}
	return all
}

func stores(t *testing.T) map[string]store.Store {
	disk, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]store.Store{"memory": memory.New(), "sqlite": disk}
}

// TestLawWhatNamesAnObjectIsWhatACurrentVersionNames: whatever came, in whatever order, and however often the index looked meanwhile.
func TestLawWhatNamesAnObjectIsWhatACurrentVersionNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := memory.New()
		defer s.Close()
		n := newNode(t, s)
		targets := []string{id("tool", 1), id("tool", 2), id("note", 1), id("x-own", 3)}
		sources := []string{id("note", 1), id("note", 2), id("report", 1), id("x-own", 1), id("grouping", 1)}
		for range rapid.IntRange(0, 15).Draw(t, "arrivals") {
			refs := rapid.SliceOfNDistinct(rapid.SampledFrom(targets), 1, 4, rapid.ID).Draw(t, "refs")
			n.take(rapid.SampledFrom(sources).Draw(t, "source"), rapid.IntRange(0, 5).Draw(t, "version"),
				rapid.SampledFrom([]store.Party{store.Self, usa}).Draw(t, "origin"), rapid.IntRange(0, 4).Draw(t, "broken") == 0, refs...)
			if rapid.Bool().Draw(t, "follow") {
				n.follow()
			}
		}
		n.follow()
		for _, of := range targets {
			if got, want := n.to(of, rapid.IntRange(1, 3).Draw(t, "page")), n.naive(of); !slices.Equal(got, want) {
				t.Fatalf("%s is named by %v, the index says %v", of, want, got)
			}
		}
	})
}

// TestManyReferences: an object that names many has several records, and loses those that it needs no more.
func TestManyReferences(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			n := newNode(t, s)
			defer s.Close()
			var many []string
			for i := range 300 {
				many = append(many, id("tool", i))
			}
			report, note := id("report", 1), id("note", 7)
			n.take(note, 0, store.Self, false, many[299])
			for v, refs := range [][]string{many, many[:100], many[50:], many[:1]} {
				n.take(report, v, store.Self, false, refs...)
				n.follow()
				for i, of := range many {
					want := n.naive(of)
					if got := n.to(of, 2); !slices.Equal(got, want) {
						t.Fatalf("version %d: tool %d is named by %v, the index says %v", v, i, want, got)
					}
				}
			}
			if got := n.to(many[299], 5); !slices.Equal(got, []string{note}) {
				t.Errorf("%v", got)
			}
		})
	}
}

func TestManyReferrersAreCountedUpToABound(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			defer s.Close()
			n := newNode(t, s)
			of := id("tool", 1)
			for i := range reference.MostCounted + 30 {
				n.take(id("note", i), 0, store.Self, false, of)
			}
			n.take(id("opinion", 1), 0, store.Self, true, of)
			n.take(id("report", 1), 0, store.Self, false, of)
			n.follow()
			if got := n.to(of, 100); len(got) != reference.MostCounted+31 {
				t.Errorf("%d", len(got))
			}
			if err := s.View(t.Context(), func(tx store.Tx) error {
				behind, err := reference.Behind(tx, 100)
				if behind != 0 {
					t.Errorf("%d entries behind", behind)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestTwoFollow: of two that follow one store neither undoes the other's work.
func TestTwoFollow(t *testing.T) {
	s := memory.New()
	defer s.Close()
	n := newNode(t, s)
	other := newNode(t, s)
	for i := range 50 {
		n.take(id("note", i), 0, store.Self, false, id("tool", 1))
	}
	done := make(chan error)
	go func() {
		var err error
		for more := true; more && err == nil; {
			more, err = other.Follow(context.Background())
		}
		done <- err
	}()
	n.follow()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	n.follow()
	if got := n.to(id("tool", 1), 100); len(got) != 50 {
		t.Errorf("%d of 50", len(got))
	}
}

func TestIn(t *testing.T) {
	self, a, b, c := id("indicator", 1), id("tool", 1), id("tool", 2), id("identity", 3)
	raw := fmt.Sprintf(`{"id":%q,"created_by_ref":%q,"object_marking_refs":["marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"],
		"granular_markings":[{"marking_ref":%q,"selectors":["id"]}],"x_refs":[%q,[%q]],"description":"see %s","extensions":{%q:{"id":%q}}}`, self, c, b, a, b, a, c, a)
	list, more := reference.In([]byte(raw), 100)
	var got []string
	for _, r := range list {
		got = append(got, fmt.Sprint(r.Property, " ", r.ID, " ", r.Common()))
	}
	want := []string{"created_by_ref " + c + " true", "object_marking_refs marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9 true", "marking_ref " + b + " true", "x_refs " + a + " false", "x_refs " + b + " false", "id " + a + " false"}
	if !slices.Equal(got, want) || more {
		t.Errorf("%q\nwant %q", got, want)
	}
	if list, more := reference.In([]byte(raw), 2); len(list) != 2 || !more {
		t.Errorf("%v %v", list, more)
	}
}

// FuzzIn: whatever the bytes are, what is found are ids, and no more than asked for.
func FuzzIn(f *testing.F) {
	f.Add([]byte(`{"object_refs":["tool--00000000-0000-4000-8000-000000000001",{"a":["tool--00000000-0000-4000-8000-000000000001"]}]}`), 1)
	f.Add([]byte(strings.Repeat("[", 200)), 5)
	f.Add([]byte(`{"a":`), 5)
	f.Fuzz(func(t *testing.T, raw []byte, limit int) {
		list, _ := reference.In(raw, limit)
		if len(list) > max(limit, 0) {
			t.Errorf("%d of %d", len(list), limit)
		}
		seen := map[string]bool{}
		for _, r := range list {
			seen[r.ID] = true
		}
		for id := range maps.Keys(seen) {
			if !stix.ValidID(id) {
				t.Errorf("%q is no id", id)
			}
		}
	})
}
