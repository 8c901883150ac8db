package ledger

import (
	"crypto/ed25519"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/internal/store/sqlite"
	"pgregory.net/rapid"
)

// shown is a checkpoint of their tree on its way to us.
type shown struct {
	note  []byte
	size  int64
	proof *Proof
}

// keeper is the partner, who keeps a tree about us.
type keeper struct {
	t      tester
	store  store.Store
	random io.Reader
	now    time.Time
}

func newKeeper(t tester, seed byte) *keeper {
	return &keeper{t, memory.New(), seeded(seed), start}
}

// show grows the tree to size and shows it, with a proof from a size, or with none if that is negative.
func (k *keeper) show(size int, from int64) shown {
	k.t.Helper()
	grow(k.t, k.store, PartnerTree(us), size, k.random)
	c := checkpoint(k.t, k.store, PartnerTree(us), theirKey, them, k.now)
	s := shown{note: c, size: int64(size)}
	if from >= 0 {
		view(k.t, k.store, func(tx store.Tx) (err error) {
			s.proof, err = Prove(tx, PartnerTree(us), from, int64(size))
			return err
		})
	}
	k.now = k.now.Add(time.Second)
	return s
}

func (s shown) to(t tester, ours store.Store) (r WitnessResult) {
	t.Helper()
	update(t, ours, func(tx store.Tx) (err error) {
		r, err = Witness(tx, us, them, s.note, public(theirKey), s.proof)
		return err
	})
	return r
}

func witnessed(t tester, s store.Store) (size int64) {
	view(t, s, func(tx store.Tx) (err error) {
		size, _, err = Witnessed(tx, them)
		return err
	})
	return size
}

func TestWitness(t *testing.T) {
	k, ours := newKeeper(t, 1), memory.New()
	for _, step := range []struct {
		name string
		s    shown
		want WitnessResult
	}{
		{"first", k.show(4, -1), WitnessResult{Proven: 4}},
		{"same", k.show(4, 4), WitnessResult{Proven: 4}},
		{"without proof", k.show(6, -1), WitnessResult{Proven: 4, Owed: true}},
		{"proof from elsewhere", k.show(7, 6), WitnessResult{Proven: 4, Owed: true}},
		{"proof", k.show(9, 4), WitnessResult{Proven: 9}},
		{"next proof", k.show(20, 9), WitnessResult{Proven: 20}},
	} {
		r := step.s.to(t, ours)
		if r.Alarm != nil || r.Proven != step.want.Proven || r.Owed != step.want.Owed || r.Stale || r.Head.Size != step.s.size {
			t.Errorf("%s: %+v", step.name, r)
		}
		if again := step.s.to(t, ours); again.Alarm != nil || again.Proven != r.Proven {
			t.Errorf("%s, again: %+v", step.name, again)
		}
	}
}

// An honest partner's checkpoints, in any order, repeated or lost, with its clock set back at times and with proofs from
// sizes that may be out of date, raise no alarm. The next proof from where we stand settles everything.
func TestLawHonestPartnerRaisesNoAlarm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, ours := newKeeper(t, 1), memory.New()
		var sent []shown
		size := 0
		for range rapid.IntRange(1, 12).Draw(t, "checkpoints") {
			size += rapid.IntRange(0, 5).Draw(t, "growth")
			k.now = k.now.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "clock")) * time.Second)
			sent = append(sent, k.show(size, int64(rapid.IntRange(-1, size).Draw(t, "from"))))
			if rapid.Bool().Draw(t, "at once") {
				if r := sent[len(sent)-1].to(t, ours); r.Alarm != nil {
					t.Fatal(r.Alarm)
				}
			}
		}
		for range rapid.IntRange(0, 2*len(sent)).Draw(t, "arrivals") {
			s := rapid.SampledFrom(sent).Draw(t, "arrives")
			before := witnessed(t, ours)
			r := s.to(t, ours)
			if r.Alarm != nil {
				t.Fatal(r.Alarm)
			}
			if r.Proven < before || r.Proven != witnessed(t, ours) {
				t.Fatalf("proven %d after %d", r.Proven, before)
			}
		}
		last := k.show(size+1, min(witnessed(t, ours), int64(size+1)))
		if r := last.to(t, ours); r.Alarm != nil || r.Owed || r.Proven != last.size {
			t.Fatalf("in the end: %+v", r)
		}
	})
}

// Two trees with a common beginning: what one proves and the other then shows is noticed, in either order.
func TestLawForksAreFlagged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		common := rapid.IntRange(0, 20).Draw(t, "common")
		a, b := newKeeper(t, 1), newKeeper(t, 1)
		grow(t, a.store, PartnerTree(us), common, a.random)
		grow(t, b.store, PartnerTree(us), common, b.random)
		b.random = seeded(2)
		first := common + rapid.IntRange(1, 10).Draw(t, "first")
		second := first + rapid.IntRange(0, 10).Draw(t, "second")
		ours := memory.New()
		if common > 0 && rapid.Bool().Draw(t, "beginning shown") {
			a.show(common, -1).to(t, ours)
		}
		if r := a.show(first, witnessed(t, ours)).to(t, ours); r.Alarm != nil || r.Proven != int64(first) {
			t.Fatalf("before the fork: %+v", r)
		}
		b.now = a.now.Add(time.Minute)
		r := b.show(second, int64(first)).to(t, ours)
		if !errors.Is(r.Alarm, ErrRewritten) || fault.Of(r.Alarm) != fault.Conflict || !strings.Contains(r.Alarm.Error(), string(them)) {
			t.Fatalf("fork at %d, %d then %d: %+v", common, first, second, r)
		}
		if witnessed(t, ours) != int64(first) {
			t.Fatal("the fork was believed")
		}
		oneEvidence(t, ours)
	})
}

func oneEvidence(t tester, ours store.Store) {
	t.Helper()
	view(t, ours, func(tx store.Tx) error {
		all, err := Against(tx, them)
		if len(all) != 1 {
			t.Fatalf("%d pieces of evidence, want 1", len(all))
		}
		for note, key := range map[string]ed25519.PublicKey{all[0].Held: all[0].HeldKey, all[0].Shown: all[0].ShownKey} {
			if _, err := Open([]byte(note), key, them, PartnerTree(us)); err != nil {
				t.Fatal(err)
			}
		}
		return err
	})
	if r := verify(t, ours, nil); !r.OK() || r.Trees[0].Witnessed.Alarms != 1 {
		t.Fatalf("alarms are about the partner, not about us: %+v", r)
	}
}

// A partner restored from a backup shows less than before, later. Whichever arrives first, it is noticed.
func TestLawGoingBackIsFlagged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		backup := rapid.IntRange(0, 20).Draw(t, "backup")
		before, after := newKeeper(t, 1), newKeeper(t, 1)
		lost := before.show(backup+rapid.IntRange(2, 10).Draw(t, "lost"), -1)
		grow(t, after.store, PartnerTree(us), backup, after.random)
		after.now = before.now.Add(time.Minute)
		restored := after.show(rapid.IntRange(backup, int(lost.size)-1).Draw(t, "after"), -1)
		ours := memory.New()
		first, second := lost, restored
		if rapid.Bool().Draw(t, "restored first") {
			first, second = restored, lost
		}
		if r := first.to(t, ours); r.Alarm != nil {
			t.Fatal(r.Alarm)
		}
		for range 2 {
			if r := second.to(t, ours); !errors.Is(r.Alarm, ErrWentBack) || fault.Of(r.Alarm) != fault.Conflict {
				t.Fatalf("%d then %d: %+v", first.size, second.size, r)
			}
		}
		oneEvidence(t, ours)
	})
}

func TestRestartAfterADeclaredRestore(t *testing.T) {
	before, after, ours := newKeeper(t, 1), newKeeper(t, 2), memory.New()
	before.show(10, -1).to(t, ours)
	after.now = start.Add(time.Hour)
	restored := after.show(4, -1)
	if r := restored.to(t, ours); !errors.Is(r.Alarm, ErrWentBack) {
		t.Fatalf("%+v", r)
	}
	update(t, ours, func(tx store.Tx) error { return Restart(tx, us, them, restored.note, public(theirKey)) })
	if r := after.show(12, 4).to(t, ours); r.Alarm != nil || r.Proven != 12 {
		t.Fatalf("after the restart: %+v", r)
	}
	oneEvidence(t, ours)
}

func TestDelayedCheckpointIsStale(t *testing.T) {
	k, ours := newKeeper(t, 1), memory.New()
	early := k.show(3, -1)
	k.show(8, -1).to(t, ours)
	if r := early.to(t, ours); r.Alarm != nil || !r.Stale || r.Proven != 8 {
		t.Errorf("%+v", r)
	}
}

func TestProofBetweenProvenAndLatest(t *testing.T) {
	k, ours := newKeeper(t, 1), memory.New()
	k.show(3, -1).to(t, ours)
	middle := k.show(5, 3)
	k.show(8, -1).to(t, ours)
	if r := middle.to(t, ours); r.Alarm != nil || !r.Stale || !r.Owed || r.Proven != 5 {
		t.Errorf("%+v", r)
	}
}

func TestWitnessRefuses(t *testing.T) {
	k, ours := newKeeper(t, 1), memory.New()
	s := k.show(3, -1)
	for name, f := range map[string]func(tx store.Tx) error{
		"another key": func(tx store.Tx) error {
			_, err := Witness(tx, us, them, s.note, public(ourKey), nil)
			return err
		},
		"for another": func(tx store.Tx) error {
			_, err := Witness(tx, them, them, s.note, public(theirKey), nil)
			return err
		},
		"endless proof": func(tx store.Tx) error {
			_, err := Witness(tx, us, them, s.note, public(theirKey), &Proof{Hashes: make([]store.Hash, maxProof+1)})
			return err
		},
		"restart with nothing": func(tx store.Tx) error { return Restart(tx, us, them, nil, public(theirKey)) },
	} {
		if err := ours.Update(t.Context(), f); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	view(t, ours, func(tx store.Tx) error {
		_, ok, err := Witnessed(tx, them)
		if ok {
			t.Error("something was kept")
		}
		return err
	})
}

func TestEvidenceIsBounded(t *testing.T) {
	ours := memory.New()
	k := newKeeper(t, 1)
	k.show(200, -1).to(t, ours)
	back := newKeeper(t, 2)
	back.now = k.now.Add(time.Hour)
	for n := 1; n < maxEvidence+10; n++ {
		if r := back.show(n, -1).to(t, ours); !errors.Is(r.Alarm, ErrWentBack) {
			t.Fatalf("%+v", r)
		}
	}
	view(t, ours, func(tx store.Tx) error {
		all, err := Against(tx, them)
		if len(all) != maxEvidence {
			t.Errorf("%d pieces of evidence, want %d", len(all), maxEvidence)
		}
		return err
	})
}

func TestAcknowledged(t *testing.T) {
	s := memory.New()
	grow(t, s, PartnerTree(them), 5, nil)
	view(t, s, func(tx store.Tx) error {
		_, ok, err := Acknowledged(tx, them)
		if ok {
			t.Error("acknowledged before any word")
		}
		return err
	})
	for _, size := range []int64{3, 5, 5, 2} {
		update(t, s, func(tx store.Tx) error { return SetAcknowledged(tx, them, size) })
		view(t, s, func(tx store.Tx) error {
			got, ok, err := Acknowledged(tx, them)
			if !ok || got != size {
				t.Errorf("acknowledged %d, want %d", got, size)
			}
			return err
		})
	}
	err := s.Update(t.Context(), func(tx store.Tx) error { return SetAcknowledged(tx, them, 6) })
	if !errors.Is(err, ErrAhead) || fault.Of(err) != fault.Conflict {
		t.Errorf("ahead of us: %v", err)
	}
	err = s.Update(t.Context(), func(tx store.Tx) error { return SetAcknowledged(tx, them, -1) })
	if fault.Of(err) != fault.Invalid {
		t.Errorf("negative: %v", err)
	}
}

// The whole of it on the durable engine, across a reopening.
func TestOnSQLite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	reopen := func() store.Store {
		s, err := sqlite.Open(t.Context(), path, sqlite.Config{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	ours, k := reopen(), newKeeper(t, 1)
	for n := 10; n <= 150; n += 70 {
		grow(t, ours, PartnerTree(them), n, nil)
		checkpoint(t, ours, PartnerTree(them), ourKey, us, start)
		if r := k.show(n, witnessed(t, ours)).to(t, ours); r.Alarm != nil || r.Proven != int64(n) {
			t.Fatalf("%+v", r)
		}
		if err := ours.Close(); err != nil {
			t.Fatal(err)
		}
		ours = reopen()
	}
	r := verify(t, ours, nil)
	if !r.OK() || len(r.Trees) != 1 || r.Trees[0].Size != 150 || r.Trees[0].Signed != 150 || r.Trees[0].Witnessed.Proven != 150 {
		t.Errorf("%+v", r)
	}
	if err := ours.Close(); err != nil {
		t.Fatal(err)
	}
}
