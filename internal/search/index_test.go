package search

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/stix"
)

func (h *house) manifest() (m manifest) {
	h.t.Helper()
	err := h.store.View(context.Background(), func(tx store.Tx) (err error) {
		m, _, err = loadManifest(tx)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

// TestManySegments: hundreds of objects in batches of two, some of them changed and removed again and again, are merged level upon level into few
// segments; nothing is lost, and no record of what was merged stays.
func TestManySegments(t *testing.T) {
	h := newHouse(t, memory.New())
	h.index.bounds = bounds{2, 2, 1 << 20}
	b := newBabble()
	var objects []props
	for n := range 350 {
		objects = append(objects, b.object(n))
	}
	for i, o := range objects {
		if h.take(o); i%5 == 0 {
			o["modified"] = day(1)
			o["revoked"] = true
			h.take(o)
		}
		if i%7 == 0 {
			h.remove(o["id"].(string))
		}
		if i%25 == 0 {
			h.catchUp()
		}
	}
	for h.step() {
	}
	m := h.manifest()
	if len(m.Segments) > 2*fanout || len(m.Garbage) > 0 || m.Pending != 0 {
		t.Errorf("%+v", m)
	}
	live := 0
	known := map[string]bool{}
	for _, s := range m.Segments {
		live += s.Docs - s.Dead
		known[fmt.Sprintf("%08x", s.Number)] = true
	}
	all := h.scan()
	if live != len(all) {
		t.Errorf("%d documents, %d objects", live, len(all))
	}
	err := h.store.View(context.Background(), func(tx store.Tx) error {
		for after := ""; ; {
			found, err := tx.Records().List(kindSegment, after, 100)
			if err != nil || len(found) == 0 {
				return err
			}
			for _, r := range found {
				if after = r.Key; !known[r.Key[:8]] {
					t.Errorf("%s stayed", r.Key)
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	yes := true
	for _, q := range []Query{{}, {Text: "uses"}, {Text: "t000*", Filters: Filters{Labels: []string{"label1", "label2"}}}, {Revoked: &yes}, {Text: "mitre-attack -phase*", Sort: Relevance}} {
		q.Limit = 100
		h.agree(all, q)
	}
}

// TestLargeSegment goes beyond what one part holds, of documents and of terms.
func TestLargeSegment(t *testing.T) {
	h := newHouse(t, onDisk(t))
	h.fill(newBabble(), 0, 900)
	h.catchUp()
	all := h.scan()
	s := func() *segment {
		m := h.manifest()
		var s *segment
		err := h.store.View(context.Background(), func(tx store.Tx) (err error) {
			s, err = openSegment(tx.Records(), m.Segments[0].Number)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}()
	if len(s.firstDocs) < 3 || len(s.firstTerms) < 10 {
		t.Fatalf("%d parts of documents, %d of terms", len(s.firstDocs), len(s.firstTerms))
	}
	b := newBabble()
	for i := range 10 {
		q := h.question(b, i)
		q.Limit = 200
		h.agree(all, q)
	}
	for i := range 5 { // words from all over
		o := all[i*len(all)/10]
		text := o.texts[len(o.texts)-1]
		h.agree(all, Query{Text: text[len(text)/2].text, Limit: 200})
	}
	h.agree(all, Query{Limit: 200})
}

func TestNoPhraseGoesFromOneFieldIntoAnother(t *testing.T) {
	h := newHouse(t, memory.New())
	h.take(object("tool", 1, props{"name": "alpha", "description": "beta 攻", "aliases": []string{"撃", "gamma"}}))
	h.catchUp()
	for query, want := range map[string]int{`"alpha beta"`: 0, "alpha beta": 1, "alpha-beta": 0, "攻撃": 0, `"撃 gamma"`: 0} {
		if got := h.search(query).Total; got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
}

func TestRelevance(t *testing.T) {
	h := newHouse(t, memory.New())
	filler := strings.Repeat("some other words ", 100)
	h.take(
		object("tool", 1, props{"name": "x", "description": filler + "power", "modified": day(9 - 20)}),
		object("tool", 2, props{"name": "x", "description": "power", "modified": day(1 - 20)}),
		object("tool", 3, props{"name": "power", "description": "x", "modified": day(2 - 20)}),
		object("tool", 4, props{"name": "x", "description": "power power power", "modified": day(3 - 20)}),
	)
	h.catchUp()
	want := []string{id("tool", 3), id("tool", 4), id("tool", 2), id("tool", 1)}
	if got := h.all(Query{Text: "power", Sort: Relevance, Limit: 1}); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	want = []string{id("tool", 1), id("tool", 4), id("tool", 3), id("tool", 2)}
	if got := h.all(Query{Text: "power", Limit: 3}); !slices.Equal(got, want) {
		t.Errorf("newest: %v, want %v", got, want)
	}
}

// TestHostileObjects: whatever an object is made of, it takes a bounded part of the index, and what is within the bounds is found.
func TestHostileObjects(t *testing.T) {
	h := newHouse(t, memory.New())
	var words, many []string
	for i := range 200_000 {
		words = append(words, fmt.Sprint("w", i))
	}
	for i := range 1000 {
		many = append(many, fmt.Sprint("label", i))
	}
	h.take(
		object("tool", 1, props{"name": "n1", "description": strings.Join(words, " "), "labels": many}),
		object("tool", 2, props{"name": "n2", "description": strings.Repeat("x", 1<<20) + " tail"}),
		object("tool", 3, props{"name": "n3", "description": strings.Repeat("電", 1<<20)}),
		object("tool", 4, props{"name": strings.Repeat("\u0301", 1<<16) + "n4"}),
		object("tool", 5, props{"name": "n5", "x_deep": deep(90), "labels": []string{strings.Repeat("l", 1000), "\x01type:tool"}}),
	)
	h.catchUp()
	bytes := 0
	for _, s := range h.manifest().Segments {
		bytes += s.Bytes
	}
	if bytes > 2<<20 {
		t.Errorf("%d bytes of index", bytes)
	}
	for query, want := range map[string]int{
		"n1": 1, "w7": 1, "w29000": 1, "w150000": 0, "n2": 1, strings.Repeat("x", 128): 1, "tail": 0, "n3": 1, "電電": 1, "n5": 1, "n4": 1,
		"label:label63": 1, "label:label64": 0, "label:" + strings.Repeat("l", 128): 1, "type:tool": 5,
	} {
		if got := h.search(query).Total; got != want {
			t.Errorf("%.40s: %d, want %d", query, got, want)
		}
	}
}

func deep(n int) any {
	if n == 0 {
		return "bottom"
	}
	return []any{deep(n - 1)}
}

// TestOneManyValuedFacet: a segment counts no more values of a facet than it may, but finds all.
func TestOneManyValuedFacet(t *testing.T) {
	h := newHouse(t, memory.New())
	var objects []props
	for n := range 500 {
		var l []string
		for i := range 60 {
			l = append(l, fmt.Sprint("l", n*60+i))
		}
		objects = append(objects, object("tool", n, props{"name": "x", "labels": append(l, "all")}))
	}
	h.take(objects...)
	h.catchUp()
	page := h.search("label:l29999")
	if page.Total != 1 {
		t.Errorf("found %d", page.Total)
	}
	if c := page.Facets[FacetLabel]; len(c) > mostCounts+1 || c[0] != (Count{"all", 500}) {
		t.Errorf("%v", c)
	}
	if got := h.search("-label:l29999").Total; got != 499 {
		t.Errorf("without it %d", got)
	}
}

// TestDamage: an index that was damaged is made anew, and nobody has to know of it.
func TestDamage(t *testing.T) {
	damages := map[string]func(tx store.Tx) error{
		"another format": func(tx store.Tx) error {
			return tx.Records().Put(store.Record{Kind: kindManifest, Key: manifestKey, Value: []byte(`{"format":99,"segments":[{"n":1,"docs":4}]}`)})
		},
		"no JSON": func(tx store.Tx) error {
			return tx.Records().Put(store.Record{Kind: kindManifest, Key: manifestKey, Value: []byte(`{`)})
		},
		"no manifest": func(tx store.Tx) error { return tx.Records().Delete(kindManifest, manifestKey) },
		"no head":     func(tx store.Tx) error { return tx.Records().Delete(kindSegment, partKey(1, 'h', 0)) },
		"head": func(tx store.Tx) error {
			return tx.Records().Put(store.Record{Kind: kindSegment, Key: partKey(1, 'h', 0), Value: []byte{200, 1, 7}})
		},
		"documents": func(tx store.Tx) error {
			return tx.Records().Put(store.Record{Kind: kindSegment, Key: partKey(1, 'd', 0), Value: []byte{9, 9, 9}})
		},
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, memory.New())
			h.index.bounds.entries = 2
			for n := range 4 {
				h.take(object("tool", n, props{"name": "power"}))
			}
			h.catchUp()
			h.update(damage)
			h.index = New(h.store)
			h.take(object("tool", 1, props{"name": "changed", "modified": day(0)}), object("tool", 5, props{"name": "power"}))
			for range 100 { // the first step that meets it says so
				if did, err := h.index.step(t.Context()); err == nil && !did {
					break
				}
			}
			if got := h.search("power").Total; got != 4 {
				t.Errorf("found %d", got)
			}
			if n, err := h.index.Behind(t.Context()); n != 0 || err != nil {
				t.Errorf("behind %d, %v", n, err)
			}
			h.agree(h.scan(), Query{})
		})
	}
}

// TestDamagedPostings: terms that cannot be read are an error, never a panic.
func TestDamagedPostings(t *testing.T) {
	h := newHouse(t, memory.New())
	h.take(object("tool", 1, props{"name": "power grid power", "description": "電力会社"}))
	h.catchUp()
	key := partKey(1, 't', 0)
	var good []byte
	var manifest store.Record
	h.update(func(tx store.Tx) (err error) {
		r, _, err := tx.Records().Get(kindSegment, key)
		if good = r.Value; err == nil {
			manifest, _, err = tx.Records().Get(kindManifest, manifestKey)
		}
		return err
	})
	noticed := 0
	for i := range good {
		for _, b := range []byte{0, 0x7f, 0xff} {
			bad := slices.Clone(good)
			bad[i] = b
			for _, text := range []string{"power", `"power grid"`, "pow*", "電", "電力会社", "-grid"} {
				h.update(func(tx store.Tx) error {
					err := tx.Records().Put(store.Record{Kind: kindSegment, Key: key, Value: bad[:len(bad)-i%2]})
					if err == nil {
						err = tx.Records().Put(manifest)
					}
					return err
				})
				if _, err := New(h.store).Search(t.Context(), Query{Text: text, Filters: Filters{Types: []string{"tool"}}}); err != nil {
					if noticed++; !h.manifest().Wiping {
						t.Fatalf("%v, and the index is not made anew", err)
					}
				}
			}
		}
	}
	if noticed < 100 {
		t.Errorf("damage was noticed %d times only", noticed)
	}
}

// TestSeveralIndexers: several processes index at once, each with its own idea of what comes next, while objects arrive. Nothing is lost.
func TestSeveralIndexers(t *testing.T) {
	dir := t.TempDir()
	h := newHouse(t, openAt(t, dir))
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for n := range 3 {
		x := New(openAt(t, dir))
		x.bounds = bounds{3 + n, 3 + n, 1 << 20}
		running.Go(func() {
			for ctx.Err() == nil {
				if _, err := x.step(ctx); err != nil && fault.Of(err) != fault.Conflict && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	b := newBabble()
	for n := range 60 {
		o := b.object(n)
		if h.take(o); n%3 == 0 {
			o["modified"] = day(1)
			h.take(o)
		}
	}
	h.catchUp()
	cancel()
	running.Wait()
	for h.step() {
	}
	all := h.scan()
	h.agree(all, Query{Limit: 200})
	h.agree(all, Query{Text: "uses", Limit: 9})
}

// TestRunFollows: an entry is found a moment after it was committed, by whomever; and a store that fails for a while is tried again.
func TestRunFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := memory.New()
		h := newHouse(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			if err := h.index.Run(ctx, slog.New(slog.DiscardHandler)); err != nil {
				t.Error(err)
			}
		})
		for n := range 5 {
			h.take(object("tool", n, props{"name": "power"}))
			time.Sleep(2 * lookEvery)
			if got := h.search("power").Total; got != n+1 {
				t.Errorf("found %d after %d", got, n+1)
			}
		}
		s.Close()
		time.Sleep(time.Second)
		s.Reopen()
		h.take(object("tool", 9, props{"name": "power"}))
		time.Sleep(restFor + time.Second)
		if got := h.search("power").Total; got != 6 {
			t.Errorf("found %d after the store came back", got)
		}
		cancel()
		running.Wait()
	})
}

func TestBehind(t *testing.T) {
	h := newHouse(t, memory.New())
	behind := func(want int) {
		t.Helper()
		if n, err := h.index.Behind(t.Context()); n != want || err != nil {
			t.Errorf("behind %d, %v; want %d", n, err, want)
		}
	}
	behind(0)
	h.take(object("tool", 1, nil), object("tool", 2, nil))
	behind(2)
	var left []int
	h.index.bounds.entries = 1
	if err := h.index.CatchUp(t.Context(), func(n int) { left = append(left, n) }); err != nil || !slices.Equal(left, []int{1, 0}) {
		t.Errorf("%v, %v", left, err)
	}
	behind(0)
	if err := h.index.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	behind(2)
	if got := h.search("").Total; got != 0 {
		t.Errorf("%d are found in an index that is to be made anew", got)
	}
	h.catchUp()
	behind(0)
}

func TestCursorsOfOtherSearches(t *testing.T) {
	h := newHouse(t, memory.New())
	for n := range 5 {
		h.take(object("tool", n, props{"name": "power"}))
	}
	h.catchUp()
	next := h.query(Query{Text: "power", Limit: 2}).Next
	for _, q := range []Query{
		{Text: "grid", After: next},
		{Text: "power", Sort: Relevance, After: next},
		{Text: "power", After: next[:len(next)-3]},
		{Text: "power", After: "!"},
		{Text: "power", After: strings.Repeat("A", 2000)},
		{Text: "power", After: "AQ"},
	} {
		_, err := h.index.Search(t.Context(), q)
		if why, ok := Why(err); !ok || why.Code != "search.cursor" || fault.Of(err) != fault.Invalid {
			t.Errorf("%+v: %v", q, err)
		}
	}
	if got := len(h.query(Query{Text: "power", Limit: 3, After: next}).Hits); got != 3 { // another limit is fine
		t.Errorf("%d hits", got)
	}
}

func TestUnknownOrigin(t *testing.T) {
	h := newHouse(t, memory.New())
	_, err := h.index.Search(t.Context(), Query{Filters: Filters{Origins: []string{"nobody"}}})
	if why, ok := Why(err); !ok || why.Code != "search.origin" {
		t.Error(err)
	}
}

func openAt(t *testing.T, dir string) store.Store {
	s, err := openSQLite(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestRealReports indexes ATT&CK, where it is, and searches it for what a scan finds in it.
func TestRealReports(t *testing.T) {
	files, err := filepath.Glob("../../../shared/data/stix/attack/ics-attack-17*.json")
	if err != nil || len(files) == 0 {
		t.Skip("no real data beside the project")
	}
	h := newHouse(t, memory.New())
	f, err := os.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h.read(stix.NewReader(f))
	h.catchUp()
	all := h.scan()
	if len(all) < 500 {
		t.Fatalf("only %d objects", len(all))
	}
	for _, text := range []string{
		"industroyer", "T0855", "type:attack-pattern -windows modbus", `"programmable logic controller"`, "plc type:malware sort:relevance", "sand*", "revoked:yes", "phase:impact", "https://attack.mitre.org",
	} {
		q, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		q.Limit = 200
		h.agree(all, q)
	}
}

// TestSearchesAtOnce: many goroutines search one Index while it follows; each sees whole states only.
func TestSearchesAtOnce(t *testing.T) {
	h := newHouse(t, memory.New())
	h.index.bounds = bounds{4, 4, 1 << 20}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for last := 0; ctx.Err() == nil; {
				page, err := h.index.Search(context.Background(), Query{Text: "power", Limit: 3})
				if err != nil || page.Total < last {
					t.Errorf("%d hits after %d, %v", page.Total, last, err)
					return
				}
				last = page.Total
			}
		})
	}
	for n := range 60 {
		h.take(object("tool", n, props{"name": fmt.Sprint("power ", n)}))
		h.step()
	}
	h.catchUp()
	for h.step() {
	}
	cancel()
	running.Wait()
	if got := h.search("power").Total; got != 60 {
		t.Errorf("found %d", got)
	}
}
