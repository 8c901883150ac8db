package watch_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/internal/store/sqlite"
	"github.com/wagasa/wagasa/internal/watch"
	"github.com/wagasa/wagasa/stix"
)

const usa = store.Party("identity--00000000-0000-4000-8000-0000000000aa")

// floor is a node with an inbox.
type floor struct {
	t interface {
		Helper()
		Fatal(...any)
	}
	watch.Inbox
	ingest ingest.Ingest
	now    time.Time
}

func newFloor(t interface {
	Helper()
	Fatal(...any)
}, s store.Store,
) *floor {
	f := &floor{t: t, now: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), ingest: ingest.Ingest{Self: "identity--00000000-0000-4000-8000-000000000001"}}
	f.Inbox = watch.Inbox{Store: s, Now: func() time.Time { return f.now }}
	return f
}

// tool takes in version v of a tool from an origin.
func (f *floor) tool(n, v int, origin store.Party, p store.Precedence) {
	f.t.Helper()
	raw := fmt.Sprintf(`{"type":"tool","spec_version":"2.1","id":"%s","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:%02d.000Z","name":"tool %d"}`, toolID(n), v, n)
	o, err := stix.Parse([]byte(raw))
	if err != nil {
		f.t.Fatal(err)
	}
	a, err := ingest.Prepare(o, stix.NewValidator())
	if err != nil {
		f.t.Fatal(err)
	}
	a.Origin, a.Precedence, a.TLP, a.Serial = origin, p, stix.TLPGreen, uint64(v)
	err = f.Store.Update(context.Background(), func(tx store.Tx) error {
		_, err := f.ingest.Take(tx, f.now, []ingest.Arrival{a})
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

func toolID(n int) string { return fmt.Sprintf("tool--00000000-0000-4000-8000-%012d", n) }

func (f *floor) follow() {
	f.t.Helper()
	for {
		more, err := f.Follow(context.Background())
		if err != nil {
			f.t.Fatal(err)
		}
		if !more {
			return
		}
	}
}

// waiting are the ids that wait, in order, and how many by precedence.
func (f *floor) waiting() (ids []string, counts [4]int) {
	f.t.Helper()
	err := f.Store.View(context.Background(), func(tx store.Tx) (err error) {
		if counts, err = watch.Waiting(tx); err != nil {
			return err
		}
		for after, more := "", true; more; more = after != "" {
			var list []watch.Arrival
			if list, after, err = watch.List(tx, after, 2); err != nil {
				return err
			}
			for _, a := range list {
				ids = append(ids, a.ID)
			}
		}
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return ids, counts
}

func (f *floor) acknowledge(n, v int) int {
	f.t.Helper()
	done, err := f.Acknowledge(context.Background(), "Sato", []watch.Seen{{ID: toolID(n), Modified: time.Date(2026, 1, 1, 0, 0, v, 0, time.UTC).UnixNano()}})
	if err != nil {
		f.t.Fatal(err)
	}
	return done
}

func onEngines(t *testing.T, f func(t *testing.T, f *floor)) {
	t.Run("memory", func(t *testing.T) { f(t, newFloor(t, memory.New())) })
	t.Run("sqlite", func(t *testing.T) {
		s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "wagasa.db"), sqlite.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		f(t, newFloor(t, s))
	})
}

func TestInbox(t *testing.T) {
	onEngines(t, func(t *testing.T, f *floor) {
		f.tool(1, 1, usa, store.Routine)
		f.tool(2, 1, store.Self, store.Flash) // our own: nothing that arrived
		f.tool(3, 1, usa, store.Flash)
		f.tool(4, 1, usa, store.Routine)
		f.follow()
		ids, counts := f.waiting()
		if want := []string{toolID(3), toolID(4), toolID(1)}; !slices.Equal(ids, want) || counts != [4]int{2, 0, 0, 1} {
			t.Errorf("%v %v, want %v", ids, counts, want)
		}
		if f.acknowledge(3, 1) != 1 || f.acknowledge(3, 1) != 0 || f.acknowledge(2, 1) != 0 {
			t.Error("an acknowledgement counts once, and only for what waits")
		}
		f.tool(1, 2, usa, store.Immediate) // a new version, while the officer looks at the old one
		f.follow()
		if f.acknowledge(1, 1) != 0 {
			t.Error("a version that nobody saw is acknowledged")
		}
		f.tool(3, 2, usa, store.Routine) // what was acknowledged has a new version
		f.follow()
		ids, counts = f.waiting()
		if want := []string{toolID(1), toolID(3), toolID(4)}; !slices.Equal(ids, want) || counts != [4]int{2, 0, 1, 0} {
			t.Errorf("%v %v, want %v", ids, counts, want)
		}
		err := f.Store.View(context.Background(), func(tx store.Tx) error {
			d, ok, err := watch.DoneWith(tx, toolID(3))
			if !ok || d.By != "Sato" || !d.Time.Equal(f.now) {
				t.Errorf("%+v %t", d, ok)
			}
			latest, err2 := watch.Latest(tx, 2)
			if len(latest) != 2 || latest[0].ID != toolID(3) || latest[0].Title != "tool 3" || latest[0].Origin != usa || latest[1].ID != toolID(1) {
				t.Errorf("the last ones are %+v", latest)
			}
			if err == nil {
				err = err2
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Acknowledge(context.Background(), "Sato", make([]watch.Seen, watch.MostAtOnce+1)); fault.Of(err) != fault.Invalid {
			t.Errorf("too many at once: %v", err)
		}
	})
}

// TestLawInbox: whatever arrives and is acknowledged in whatever order, and however the feed is followed, what waits is what has a newest
// version from a partner that nobody acknowledged.
func TestLawInbox(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFloor(t, memory.New())
		newest, seen := map[int]int{}, map[int]int{}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			n, v := rapid.IntRange(1, 4).Draw(t, "n"), rapid.IntRange(1, 5).Draw(t, "v")
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0, 1:
				f.tool(n, v, usa, rapid.SampledFrom(store.Precedences[:]).Draw(t, "precedence"))
				newest[n] = max(newest[n], v)
			case 2:
				f.follow()
			case 3:
				f.follow()
				if done := f.acknowledge(n, v) == 1; done != (newest[n] == v && seen[n] != v) {
					t.Fatalf("tool %d version %d is acknowledged: %t", n, v, done)
				}
				if newest[n] == v {
					seen[n] = v
				}
			}
		}
		f.follow()
		var want []string
		for n := range newest {
			if seen[n] < newest[n] {
				want = append(want, toolID(n))
			}
		}
		ids, counts := f.waiting()
		slices.Sort(ids)
		slices.Sort(want)
		if !slices.Equal(ids, want) || counts[0]+counts[1]+counts[2]+counts[3] != len(want) {
			t.Fatalf("%v %v wait, want %v", ids, counts, want)
		}
	})
}

func TestNotes(t *testing.T) {
	onEngines(t, func(t *testing.T, f *floor) {
		ctx := context.Background()
		for _, text := range []string{"first", "second at the same instant"} {
			if err := f.Write(ctx, "Sato", text); err != nil {
				t.Fatal(err)
			}
		}
		f.now = f.now.Add(time.Hour)
		if err := f.Write(ctx, "Tanaka", " 申し送り：異状なし\n"); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{" \n", string(make([]byte, watch.MostNote+1)), "\xff"} {
			if err := f.Write(ctx, "Sato", text); fault.Of(err) != fault.Invalid {
				t.Errorf("%.10q: %v", text, err)
			}
		}
		err := f.Store.View(ctx, func(tx store.Tx) error {
			list, next, err := watch.Notes(tx, "", 1)
			if len(list) != 1 || list[0].Text != "申し送り：異状なし" || list[0].By != "Tanaka" || next == "" {
				t.Errorf("%+v %q", list, next)
			}
			rest, _, err2 := watch.Notes(tx, next, 10)
			if len(rest) != 2 || rest[0].Text == rest[1].Text {
				t.Errorf("%+v", rest)
			}
			if err == nil {
				err = err2
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
