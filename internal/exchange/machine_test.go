package exchange

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wagasa/wagasa/internal/envelope"
	"github.com/wagasa/wagasa/internal/store"
)

// TestNumbers holds the set of numbers against a map.
func TestNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var set numbers
		naive := map[uint64]bool{}
		for _, n := range rapid.SliceOf(rapid.Uint64Range(1, 40)).Draw(t, "numbers") {
			set.add(n)
			naive[n] = true
		}
		high := uint64(0)
		for naive[high+1] {
			high++
		}
		if set.High != high {
			t.Fatalf("high %d, want %d", set.High, high)
		}
		for n := uint64(1); n <= 42; n++ {
			if set.has(n) != naive[n] {
				t.Fatalf("has(%d) is %v", n, set.has(n))
			}
		}
		last := set.High
		for _, r := range set.Beyond {
			if r.From <= last+1 || r.To < r.From {
				t.Fatalf("ranges touch or are out of order: %+v", set)
			}
			last = r.To
		}
	})
}

func TestNumbersAreBounded(t *testing.T) {
	var set numbers
	for n := uint64(2); n <= 2*maxRanges; n += 2 {
		if !set.fits(n) {
			t.Fatalf("%d does not fit", n)
		}
		set.add(n)
	}
	if set.fits(2*maxRanges + 2) {
		t.Error("as many ranges as somebody likes fit")
	}
	for _, n := range []uint64{0, maxAhead + 1, 1<<64 - 1} {
		if (&numbers{}).fits(n) {
			t.Errorf("%d fits an empty set", n)
		}
	}
	if !inRanges([]envelope.Range{{From: 3, To: 5}}, 4) {
		t.Error("4 is within 3 to 5")
	}
}

// world answers the machine's actions as a store and a link would, at random.
type world struct {
	t       *rapid.T
	machine *Machine
	now     time.Time
	known   map[store.Party]PeerChanged
	next    map[store.Party]*[4]uint64
	window  map[store.Party]map[Slot]bool // unsettled, not void
	pending []Action
	history []Event
	times   []time.Time
	acted   [][]Action
}

func partyOf(a Action) store.Party {
	switch a := a.(type) {
	case Seal:
		return a.Party
	case Send:
		return a.Party
	case SendControl:
		return a.Party
	}
	panic("no action")
}

func (w *world) step(e Event) {
	actions := w.machine.Step(w.now, e)
	w.history, w.times, w.acted = append(w.history, e), append(w.times, w.now), append(w.acted, actions)
	for _, a := range actions {
		w.check(a)
		w.pending = append(w.pending, a)
	}
}

// check holds the promises of an action.
func (w *world) check(a Action) {
	p := w.known[partyOf(a)]
	if !p.Confirmed || !p.Reachable {
		w.t.Fatalf("%T for a partner that is not confirmed or not reachable", a)
	}
	if _, control := a.(SendControl); !control && !p.Open {
		w.t.Fatalf("%T for a partner that has not confirmed us", a)
	}
	busy := 1
	for _, other := range w.pending {
		if partyOf(other) == p.Party {
			busy++
			if _, control := a.(SendControl); other == a && !control {
				w.t.Fatalf("%+v twice at once", a)
			}
		}
	}
	if busy > w.machine.timing.Room {
		w.t.Fatalf("%d transmissions at once", busy)
	}
	if s, ok := a.(Seal); ok {
		inStream := 0
		for slot := range w.window[p.Party] {
			if slot.Precedence == s.Precedence {
				inStream++
			}
		}
		if inStream >= w.machine.timing.Window {
			w.t.Fatalf("a new number beyond a window of %d", inStream)
		}
	}
}

// answer ends one pending action.
func (w *world) answer() {
	i := rapid.IntRange(0, len(w.pending)-1).Draw(w.t, "pending")
	a := w.pending[i]
	w.pending = slices.Delete(w.pending, i, i+1)
	party := partyOf(a)
	switch a := a.(type) {
	case Seal:
		switch rapid.IntRange(0, 4).Draw(w.t, "sealed") {
		case 0:
			w.step(Emptied(a))
		case 1:
			w.step(Stalled{party, a})
		default:
			n := &w.next[party][a.Precedence]
			*n++
			slot := Slot{a.Precedence, *n}
			w.window[party][slot] = true
			w.step(Sealed{party, slot})
		}
	case Send:
		if a.Again && rapid.IntRange(0, 3).Draw(w.t, "void") == 0 {
			delete(w.window[party], a.Slot)
			w.step(Withdrawn{party, a.Slot, true})
			return
		}
		w.step(Done{party, a, rapid.Bool().Draw(w.t, "sent")})
	case SendControl:
		w.step(Done{party, a, rapid.Bool().Draw(w.t, "sent")})
	}
}

func drawWorld(t *rapid.T) *world {
	w := &world{
		t: t, machine: NewMachine(DefaultTiming()), now: epochStart,
		known: map[store.Party]PeerChanged{}, next: map[store.Party]*[4]uint64{}, window: map[store.Party]map[Slot]bool{},
	}
	parties := []store.Party{"a", "b"}
	for _, p := range parties {
		w.next[p], w.window[p] = &[4]uint64{}, map[Slot]bool{}
	}
	for range rapid.IntRange(1, 80).Draw(t, "steps") {
		party := rapid.SampledFrom(parties).Draw(t, "party")
		w.now = w.now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond)
		switch rapid.IntRange(0, 9).Draw(t, "event") {
		case 0:
			e := PeerChanged{Party: party, Confirmed: rapid.Bool().Draw(t, "confirmed"), Reachable: rapid.Bool().Draw(t, "reachable")}
			e.Open = e.Confirmed && rapid.Bool().Draw(t, "open")
			w.known[party] = e
			w.step(e)
		case 1, 2:
			var depths [4]int
			for i := range depths {
				depths[i] = rapid.IntRange(0, 2).Draw(t, "depth")
			}
			w.step(Queued{party, depths})
		case 3:
			w.step(Arrived{party, rapid.Bool().Draw(t, "answer"), rapid.Bool().Draw(t, "spoken")})
		case 4:
			slots := slices.SortedFunc(maps.Keys(w.window[party]), func(a, b Slot) int { return int(a.Number) - int(b.Number) })
			if len(slots) > 0 {
				s := slots[0]
				delete(w.window[party], s)
				w.step(Settled{party, []Slot{s}})
			}
		case 5:
			w.step(Tick{})
		default:
			if len(w.pending) > 0 {
				w.answer()
			}
		}
	}
	return w
}

// TestMachinePromises: never beyond room or window, nothing numbered before both confirmed, nothing twice at once.
func TestMachinePromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { drawWorld(t) })
}

// TestMachineIsPure: the same events at the same times give the same actions.
func TestMachineIsPure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		again := NewMachine(DefaultTiming())
		for i, e := range w.history {
			if actions := again.Step(w.times[i], e); !reflect.DeepEqual(actions, w.acted[i]) {
				t.Fatalf("step %d: %+v, before %+v", i, actions, w.acted[i])
			}
		}
	})
}

// TestWakeLeadsSomewhere: a Tick at the time that Wake names does something, so that a shell that follows it never spins.
func TestWakeLeadsSomewhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		wake := w.machine.Wake()
		if wake.IsZero() {
			return
		}
		if wake.After(w.now) {
			w.now = wake
		}
		if actions := w.machine.Step(w.now, Tick{}); len(actions) == 0 {
			t.Fatalf("nothing to do at %v", wake)
		}
	})
}

// TestFlashGoesFirst: of what waits, the higher precedence is sealed and sent first.
func TestFlashGoesFirst(t *testing.T) {
	m := NewMachine(DefaultTiming())
	m.Step(epochStart, PeerChanged{"a", true, true, true})
	m.Step(epochStart, Done{"a", SendControl{"a", true}, true})
	m.Step(epochStart, Arrived{"a", false, true})
	actions := m.Step(epochStart, Queued{"a", [4]int{store.Routine: 9, store.Flash: 9}})
	want := []Action{Seal{"a", store.Flash}, Seal{"a", store.Routine}}
	if !reflect.DeepEqual(actions, want) {
		t.Errorf("%+v, want %+v", actions, want)
	}
	actions = m.Step(epochStart, Sealed{"a", Slot{store.Flash, 1}})
	if want := []Action{Send{"a", Slot{store.Flash, 1}, false}}; !reflect.DeepEqual(actions, want) {
		t.Errorf("%+v, want %+v", actions, want)
	}
}
