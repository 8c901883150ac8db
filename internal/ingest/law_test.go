package ingest_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
	"pgregory.net/rapid"
)

// later is when all has settled in the laws; some arrivals are modified ahead of now and no longer ahead of it.
var later = now.Add(30 * time.Hour)

// world is a set of arrivals and the ids that they are of.
type world struct {
	arrivals []ingest.Arrival
	ids      []string
	lifted   []int // indexes of arrivals that are broken and will be lifted
}

// worlds draws several origins, versions, contents, claims, spellings and marking-definitions of few ids, so that they meet.
// Of one version this node imports one content: which of two is current depends on their order, on purpose.
var worlds = rapid.Custom(func(t *rapid.T) world {
	p, q := people().p, people().q
	origin := rapid.SampledFrom([]store.Party{store.Self, p, q})
	creator := rapid.SampledFrom([]any{nil, string(self), string(p), string(q), vendor})
	markings := []string{id("marking-definition", 70), id("marking-definition", 71), stix.TLPAmber.MarkingID(), stix.TLPGreen.MarkingID()}
	var w world
	own := map[string]store.Hash{}
	for range rapid.IntRange(1, 14).Draw(t, "arrivals") {
		o, by := origin.Draw(t, "origin"), creator.Draw(t, "creator")
		name := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "name")
		marks := rapid.SliceOfNDistinct(rapid.SampledFrom(markings), 0, 2, rapid.ID).Draw(t, "markings")
		more := props{"created_by_ref": by, "name": name}
		if rapid.IntRange(0, 3).Draw(t, "broken") == 0 {
			more["x_broken"] = true
		}
		if len(marks) > 0 {
			more["object_marking_refs"] = marks
		}
		var a ingest.Arrival
		switch n := rapid.IntRange(0, 5).Draw(t, "object"); n {
		case 0, 1: // marking-definitions; of two meanings
			more["created"] = day(rapid.IntRange(-2, 0).Draw(t, "created"))
			more["definition"] = props{"statement": name}
			a = statement(o, 70+n, more)
			if rapid.Bool().Draw(t, "nations") {
				a = nations(o, 70+n, name)
			}
		case 2: // no version
			more = props{"type": "ipv4-addr", "created": nil, "modified": nil, "name": nil, "value": "192.0.2.7", "x_note": name, "x_broken": more["x_broken"]}
			a = from(o, 1, more)
		default:
			more["modified"] = day(rapid.SampledFrom([]int{-1, 0, 1, 2, 9}).Draw(t, "modified")) // 2 is held now, 9 later too
			a = from(o, n, more)
		}
		if rapid.Bool().Draw(t, "respelt") {
			a = respelt(a)
		}
		a.TLP = stix.TLP(rapid.IntRange(1, 5).Draw(t, "tlp"))
		a.Precedence = store.Precedence(rapid.IntRange(0, 3).Draw(t, "precedence"))
		if o != store.Self {
			a.Serial = uint64(rapid.IntRange(1, 3).Draw(t, "serial"))
		} else {
			version := fmt.Sprint(a.Object.ID, a.Object.Version())
			if digest, ok := own[version]; ok && digest != a.Digest {
				continue
			}
			own[version] = a.Digest
		}
		if a.Broken() && rapid.Bool().Draw(t, "lifted") {
			w.lifted = append(w.lifted, len(w.arrivals))
		}
		w.arrivals = append(w.arrivals, a)
		w.ids = append(w.ids, a.Object.ID)
	}
	slices.Sort(w.ids)
	w.ids = slices.Compact(w.ids)
	return w
})

// road is an order, repetitions and batches of a world's arrivals, and when which partner is confirmed.
type road struct {
	batches [][]int // indexes of arrivals
	confirm map[int]store.Party
	lift    map[int]int // how many are lifted before a batch, if they are there
	early   int         // batches before the clock goes on
}

func drawRoad(t *rapid.T, arrivals int) road {
	order := make([]int, arrivals)
	for i := range order {
		order[i] = i
	}
	order = rapid.Permutation(order).Draw(t, "order")
	order = append(order, rapid.SliceOfN(rapid.IntRange(0, arrivals-1), 0, arrivals).Draw(t, "repeated")...)
	r := road{confirm: map[int]store.Party{}}
	for len(order) > 0 {
		n := rapid.IntRange(1, len(order)).Draw(t, "batch")
		r.batches, order = append(r.batches, order[:n]), order[n:]
	}
	r.confirm[rapid.IntRange(0, len(r.batches)).Draw(t, "confirm p")] = people().p
	if at := rapid.IntRange(0, len(r.batches)).Draw(t, "confirm q"); r.confirm[at] == "" {
		r.confirm[at] = people().q
	}
	r.early = rapid.IntRange(0, len(r.batches)).Draw(t, "early")
	r.lift = rapid.MapOf(rapid.IntRange(0, len(r.batches)), rapid.IntRange(1, 4)).Draw(t, "lift")
	return r
}

// walk takes the arrivals by a road and returns the state that this ends in.
func (h *house) walk(w world, r road) string {
	both := []store.Party{people().p, people().q}
	for i := range len(r.batches) + 1 {
		if i >= r.early {
			h.now = later
		}
		for _, k := range w.lifted[:min(r.lift[i], len(w.lifted))] {
			h.lift(w.arrivals[k])
		}
		if p := r.confirm[i]; p != "" {
			h.confirm(p)
			both = slices.DeleteFunc(both, func(q store.Party) bool { return p == q })
		}
		if i < len(r.batches) {
			batch := make([]ingest.Arrival, len(r.batches[i]))
			for j, k := range r.batches[i] {
				batch[j] = w.arrivals[k]
			}
			h.take(batch...)
		}
	}
	h.confirm(both...)
	for _, k := range w.lifted {
		if !h.lift(w.arrivals[k]) {
			h.t.Fatalf("%s is not there", w.arrivals[k].Object.Raw)
		}
	}
	h.now = later
	h.update(func(tx store.Tx) error {
		for {
			if n, err := h.in.SettleHeld(tx, h.now); n == 0 || err != nil {
				return err
			}
		}
	})
	return h.state(w.ids)
}

// inOrder takes everything once, with all partners confirmed and the clock gone on.
func inOrder(w world) road {
	r := road{confirm: map[int]store.Party{}}
	for i := range w.arrivals {
		r.batches = append(r.batches, []int{i})
	}
	return r
}

// TestAnyOrderGivesTheSameState is the law of the package.
func TestAnyOrderGivesTheSameState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds.Draw(t, "world")
		want := inMemory(t).walk(w, inOrder(w))
		if got := inMemory(t).walk(w, drawRoad(t, len(w.arrivals))); got != want {
			t.Fatalf("another state:\n%s\n\nin order:\n%s", got, want)
		}
	})
}

var obstacle = regexp.MustCompile(`,"obstacle":\{[^}]*\}`)

// rest is a state without what is quarantined, and without the obstacles in facts: what is set aside of ours adds some.
func rest(state string) string {
	lines := strings.Split(obstacle.ReplaceAllString(state, ""), "\n")
	lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "quarantined: ") })
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestWhatIsQuarantinedIsAsIfItHadNotCome to everything else.
func TestWhatIsQuarantinedIsAsIfItHadNotCome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds.Draw(t, "world")
		lifted := map[store.Hash]bool{}
		for _, k := range w.lifted {
			lifted[w.arrivals[k].Digest] = true
		}
		without := world{ids: w.ids}
		allowed := func(a ingest.Arrival) bool { // in another spelling
			return slices.ContainsFunc(w.arrivals, func(b ingest.Arrival) bool { return !b.Broken() && b.Digest == a.Digest && b.Origin == a.Origin })
		}
		for _, a := range w.arrivals {
			if a.Broken() && !lifted[a.Digest] && !allowed(a) {
				continue
			}
			if lifted[a.Digest] {
				without.lifted = append(without.lifted, len(without.arrivals))
			}
			without.arrivals = append(without.arrivals, a)
		}
		want := rest(inMemory(t).walk(without, inOrder(without)))
		got := rest(inMemory(t).walk(w, drawRoad(t, len(w.arrivals))))
		if got != want {
			t.Fatalf("with it:\n%s\n\nwithout it:\n%s", got, want)
		}
	})
}

func TestAnyOrderGivesTheSameStateOnDiskToo(t *testing.T) {
	roads := rapid.Custom(func(t *rapid.T) road { return drawRoad(t, 14) })
	for seed := range 12 {
		w := worlds.Example(seed)
		r := roads.Example(seed)
		for i := range r.batches { // of a world that may be smaller
			for j := range r.batches[i] {
				r.batches[i][j] %= len(w.arrivals)
			}
		}
		want := inMemory(t).walk(w, inOrder(w))
		if got := onDisk(t, t).walk(w, r); got != want {
			t.Fatalf("seed %d: on disk:\n%s\n\nin memory and in order:\n%s", seed, got, want)
		}
	}
}

// winners is what the feed is about, and that an observable of ours is protected while it is quarantined.
func (h *house) winners(ids []string) map[string]string {
	classes := h.classes()
	found := map[string]string{}
	for _, id := range ids {
		if v, ok := h.current(id); ok {
			facts := classes[v.Class]
			v.Raw, v.Class, v.Evidence, v.Leaf = nil, 0, 0, 0
			found[id] = fmt.Sprintf("%+v %s", v, facts)
		}
		if v, ok := h.current(id); strings.HasPrefix(id, "ipv4-addr") && (!ok || v.Origin != store.Self) &&
			slices.ContainsFunc(h.variants(id), func(v store.Variant) bool { return v.Origin == store.Self && v.Standing == store.Quarantined }) {
			found[id] += " protected"
		}
	}
	return found
}

// TestTheFeedTellsOfWhatChangedOnceAndOfNothingElse in each transaction.
func TestTheFeedTellsOfWhatChangedOnceAndOfNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds.Draw(t, "world")
		h := inMemory(t)
		step := func(what string, f func()) {
			before := h.winners(w.ids)
			fed := h.fed(f)
			after := h.winners(w.ids)
			var want []string
			for _, id := range w.ids {
				if before[id] == after[id] {
					continue
				}
				v, _ := h.current(id)
				want = append(want, store.ObjectKey(id, v.Modified))
			}
			slices.Sort(want)
			if !slices.Equal(fed, want) {
				t.Fatalf("%s: fed %v, changed %v\nbefore %v\nafter %v", what, fed, want, before, after)
			}
		}
		r := drawRoad(t, len(w.arrivals))
		for i, batch := range r.batches {
			if p := r.confirm[i]; p != "" {
				step("confirm", func() { h.confirm(p) })
			}
			arrivals := make([]ingest.Arrival, len(batch))
			for j, k := range batch {
				arrivals[j] = w.arrivals[k]
			}
			step(fmt.Sprint("batch ", i), func() { h.take(arrivals...) })
		}
		for _, k := range w.lifted {
			step("lift", func() { h.lift(w.arrivals[k]) })
		}
		h.now = later
		step("later", func() {
			h.update(func(tx store.Tx) error {
				_, err := h.in.SettleHeld(tx, h.now)
				return err
			})
		})
	})
}
