package account

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
)

func TestSessionsEnd(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	for range 40 { // in use it goes on
		w.clock.pass(defaultIdle - 2*time.Minute)
		if _, err := w.Accounts.Session(w.ctx(), admin.cookie); err != nil {
			if w.clock.now().Sub(time.Date(2026, 4, 1, 8, 0, 0, 0, time.UTC)) < defaultSession-defaultIdle {
				t.Fatal(err)
			}
			break
		}
	}
	w.noSession(admin.cookie) // but not for ever
	if used := w.clock.now().Sub(time.Date(2026, 4, 1, 8, 0, 0, 0, time.UTC)); used < defaultSession || used > defaultSession+defaultIdle {
		t.Errorf("it ended after %v", used)
	}
	w.signIn(admin)
	w.clock.pass(defaultIdle - time.Second)
	w.as(admin)
	w.clock.pass(defaultIdle)
	w.noSession(admin.cookie) // unused
	w.must(w.Sweep(w.ctx()))
	w.keptNowhere("account-session", admin.cookie)
	if all, err := sessionRecords(w); err != nil || all != 0 {
		t.Errorf("%d sessions are kept: %v", all, err)
	}
}

func sessionRecords(w *world) (n int, err error) {
	err = w.store.View(w.ctx(), func(tx store.Tx) error {
		records, err := tx.Records().List(kindSession, "", 1000)
		n = len(records)
		return err
	})
	return n, err
}

func TestConfiguredTimes(t *testing.T) {
	w := worldOn(t, memory.New(), t.TempDir(), Config{IdleMinutes: 2, SessionHours: 1})
	admin := w.administrator()
	w.clock.pass(2 * time.Minute)
	w.noSession(admin.cookie)
	for _, c := range []Config{{IdleMinutes: -1}, {IdleMinutes: 1 << 20}, {SessionHours: -1}, {SessionHours: 1 << 20}} {
		if _, err := New(Params{Store: w.store, Dir: w.dir, Config: c}); fault.Of(err) != fault.Invalid || err == nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestSignOut(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	first := admin.cookie
	w.signIn(admin)
	second := admin.cookie
	w.signIn(admin)
	sessions, err := w.Sessions(w.ctx(), w.as(admin))
	if err != nil || len(sessions) != 3 {
		t.Fatalf("%+v, %v", sessions, err)
	}
	w.must(w.SignOut(w.ctx(), second))
	w.noSession(second)
	if e := w.last(); e.What != SignedOut || e.Account != admin.ID {
		t.Errorf("%+v", e)
	}
	w.must(w.SignOut(w.ctx(), second)) // once more changes nothing
	w.must(w.SignOut(w.ctx(), "nonsense"))
	one, err := w.Accounts.Session(w.ctx(), first)
	w.must(err)
	w.must(w.EndSession(w.ctx(), w.as(admin), one.ID))
	w.noSession(first)
	w.refused(w.EndSession(w.ctx(), w.as(admin), one.ID), fault.NotFound, "why-session")

	p := w.invited(w.as(admin), "Analyst", Analyst)
	mine, err := w.Accounts.Session(w.ctx(), admin.cookie)
	w.must(err)
	w.refused(w.EndSession(w.ctx(), w.as(p), mine.ID), fault.NotFound, "why-session") // of somebody else
	w.must(w.SignOutEverywhere(w.ctx(), w.as(p), p.ID))
	w.noSession(p.cookie)
	w.signIn(p)
	w.must(w.SignOutEverywhere(w.ctx(), w.as(admin), p.ID))
	w.noSession(p.cookie)
	if e := w.last(); e.What != SignedOutAll || e.By != "Admin" || e.Name != "Analyst" {
		t.Errorf("%+v", e)
	}
	w.as(admin)
}

func TestSessionsAreBounded(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	first := admin.cookie
	for range maxSessions - 1 {
		w.signIn(admin)
	}
	if _, err := w.Accounts.Session(w.ctx(), first); err != nil {
		t.Fatal(err)
	}
	w.clock.pass(time.Minute)
	w.as(&person{cookie: first}) // used last
	for range 3 {
		w.signIn(admin)
	}
	if _, err := w.Accounts.Session(w.ctx(), first); err != nil {
		t.Error("the one used last was ended:", err)
	}
	if n, err := sessionRecords(w); err != nil || n != maxSessions {
		t.Errorf("%d sessions, %v", n, err)
	}
}

// Secrets are 256 random bits, and the store has nothing by which one could be made.
func TestSecrets(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		s := newSecret()
		b, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil || len(b) != 32 || seen[s] {
			t.Fatal(s, err)
		}
		seen[s] = true
		key, ok := secretKey(s)
		if h, err := hex.DecodeString(key); !ok || err != nil || len(h) != 32 || strings.Contains(key, s) {
			t.Fatal(key, ok)
		}
	}
	good := newSecret()
	for _, bad := range []string{"", "x", good[:42], good + "A", good[:42] + "=", good[:42] + "\n", " " + good[1:], strings.Repeat("A", 1<<20)} {
		if _, ok := secretKey(bad); ok {
			t.Errorf("%.50q is taken for a secret", bad)
		}
	}
}

// No secret that somebody had before sign-in is worth anything after it.
func TestNoFixation(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	planted := admin.cookie
	w.must(w.SignOut(w.ctx(), planted))
	w.signIn(admin)
	if admin.cookie == planted {
		t.Error("the same secret")
	}
	w.noSession(planted)
}

// A session goes on while the store is busy, and while it is used by many requests at once.
func TestBusyStore(t *testing.T) {
	s := &slow{Store: memory.New()}
	w := worldOn(t, s, t.TempDir(), Config{})
	admin := w.administrator()
	w.clock.pass(2 * touchEvery)
	s.mu.Lock()
	s.busy = true
	s.mu.Unlock()
	began := time.Now()
	if _, err := w.Accounts.Session(w.ctx(), admin.cookie); err != nil {
		t.Error(err)
	}
	if waited := time.Since(began); waited > 20*touchPatience {
		t.Errorf("a page waited %v", waited)
	}
	s.mu.Lock()
	s.busy = false
	s.mu.Unlock()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := w.Accounts.Session(w.ctx(), admin.cookie); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	sessions, err := w.Sessions(w.ctx(), w.as(admin))
	if err != nil || !sessions[0].Seen.Equal(w.clock.now()) {
		t.Errorf("%+v, %v", sessions, err)
	}
}

// slow is a store that lets nobody write while it is busy.
type slow struct {
	store.Store
	mu   sync.Mutex
	busy bool
}

func (s *slow) Update(ctx context.Context, f func(store.Tx) error) error {
	s.mu.Lock()
	busy := s.busy
	s.mu.Unlock()
	if busy {
		<-ctx.Done()
		return ctx.Err()
	}
	return s.Store.Update(ctx, f)
}
