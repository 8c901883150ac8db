package account

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
)

func recordOf(w *world, kind, key string) (r store.Record, ok bool, err error) {
	err = w.store.View(w.ctx(), func(tx store.Tx) (err error) {
		r, ok, err = tx.Records().Get(kind, key)
		return err
	})
	return r, ok, err
}

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	w.clock.pass(time.Minute)
	secret, s, err := w.SignIn(w.ctx(), " ＡＤＭＩＮ", password, " 12 ", here)
	if err == nil {
		t.Fatal(secret, s)
	}
	spaced := w.code(admin)[:3] + " " + wide(w.code(admin)[3:])
	secret, s, err = w.SignIn(w.ctx(), " ＡＤＭＩＮ", password, spaced, here)
	w.must(err)
	if s.Account.ID != admin.ID || s.Method != ByPassword || !s.Started.Equal(w.clock.now()) || s.From != here || len(secret) != 43 {
		t.Errorf("%+v", s)
	}
	if _, err := w.Accounts.Session(w.ctx(), secret); err != nil {
		t.Error(err)
	}
	w.keptNowhere(secret, password)
}

// wide is how a Japanese keyboard may type digits.
func wide(s string) string {
	return strings.Map(func(r rune) rune { return r - '0' + '０' }, s)
}

// Whatever is wrong, the answer is the same to the letter, and as much was done for it.
func TestOneAnswer(t *testing.T) {
	s := &counting{Store: memory.New()}
	w := worldOn(t, s, t.TempDir(), Config{})
	admin := w.administrator()
	off := true
	p := w.invited(w.as(admin), "Disabled", Analyst)
	_, err := w.Set(w.ctx(), w.as(admin), p.ID, Changes{Disabled: &off})
	w.must(err)
	_, _, err = w.Invite(w.ctx(), w.as(admin), Newcomer{Name: "Invited", Roles: []Role{Analyst}, Lang: "en"})
	w.must(err)
	_, err = w.Add(w.ctx(), w.as(admin), Newcomer{Name: "siem", Kind: KindService, Lang: "en"})
	w.must(err)
	w.clock.pass(time.Hour)
	right := w.code(admin)
	var answers []string
	for _, tt := range []struct{ name, password, code string }{
		{"Admin", "wrong", right},
		{"Admin", password, "000000"},
		{"Admin", password, ""},
		{"Admin", "", ""},
		{"Nobody", password, right},
		{"", password, right},
		{"\x00", password, right},
		{strings.Repeat("x", 1<<20), password, right},
		{"Admin", strings.Repeat("x", 1<<20), right},
		{"Admin", "\xff\x00", right},
		{"Admin", password, strings.Repeat("1", 1<<20)},
		{"Disabled", password, w.code(p)},
		{"Invited", password, right},
		{"siem", password, right},
	} {
		w.clock.pass(time.Hour) // no limit, no pause
		if right = w.code(admin); tt.code != "" && tt.code != "000000" && len(tt.code) == codeDigits {
			tt.code = right
		}
		updates, views, hashes := s.updates.Load(), s.views.Load(), w.hasher.made.Load()
		_, session, err := w.SignIn(w.ctx(), tt.name, tt.password, tt.code, here)
		if session != nil || err == nil {
			t.Fatalf("%.20q: signed in", tt.name)
		}
		r, _ := reasonOf(err)
		answers = append(answers, fmt.Sprint(err, fault.Of(err), r))
		if u, v, h := s.updates.Load()-updates, s.views.Load()-views, w.hasher.made.Load()-hashes; u != 1 || v != 1 || h != 1 {
			t.Errorf("%.20q %.20q: %d writes, %d reads, %d hashes", tt.name, tt.password, u, v, h)
		}
	}
	if slices.Sort(answers); answers[0] != answers[len(answers)-1] {
		t.Errorf("different answers: %q", slices.Compact(answers))
	}
	w.keptNowhere("Nobody")
}

// counting counts transactions.
type counting struct {
	store.Store
	updates, views atomic.Int64
}

func (s *counting) Update(ctx context.Context, f func(store.Tx) error) error {
	s.updates.Add(1)
	return s.Store.Update(ctx, f)
}

func (s *counting) View(ctx context.Context, f func(store.Tx) error) error {
	s.views.Add(1)
	return s.Store.View(ctx, f)
}

// A page costs one look-up and no hash.
func TestASessionCostsOneLookUp(t *testing.T) {
	s := &counting{Store: memory.New()}
	w := worldOn(t, s, t.TempDir(), Config{})
	admin := w.administrator()
	service, err := w.Add(w.ctx(), w.as(admin), Newcomer{Name: "siem", Kind: KindService, Lang: "en"})
	w.must(err)
	token, _, err := w.AddToken(w.ctx(), w.as(admin), service.ID, "main", 24*time.Hour)
	w.must(err)
	_, err = w.Token(w.ctx(), token, here) // its first use is noted
	w.must(err)
	updates, views, hashes := s.updates.Load(), s.views.Load(), w.hasher.made.Load()
	for range 100 {
		_, err := w.Accounts.Session(w.ctx(), admin.cookie)
		w.must(err)
		_, err = w.Token(w.ctx(), token, here)
		w.must(err)
	}
	if u, v, h := s.updates.Load()-updates, s.views.Load()-views, w.hasher.made.Load()-hashes; u != 0 || v != 200 || h != 0 {
		t.Errorf("200 look-ups: %d writes, %d reads, %d hashes", u, v, h)
	}
}

func TestCodesAreUsedOnce(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	_, _, err := w.SignIn(w.ctx(), admin.Name, password, w.code(admin), here) // the one that confirmed the app
	w.refused(err, fault.Denied, "why-sign-in")
	w.signIn(admin)
	used := w.code(admin)
	_, _, err = w.SignIn(w.ctx(), admin.Name, password, used, here)
	w.refused(err, fault.Denied, "why-sign-in")
	w.clock.pass(codeStep * time.Second)
	next := w.code(admin)
	w.clock.pass(-codeStep * time.Second)
	_, _, err = w.SignIn(w.ctx(), admin.Name, password, next, here) // the app's clock is a step ahead
	w.must(err)
	w.clock.pass(codeStep * time.Second)
	_, _, err = w.SignIn(w.ctx(), admin.Name, password, next, here)
	w.refused(err, fault.Denied, "why-sign-in")
	w.clock.pass(codeStep * time.Second)
	behind := w.code(admin)
	w.clock.pass(codeStep * time.Second)
	_, _, err = w.SignIn(w.ctx(), admin.Name, password, behind, here) // a step behind
	w.must(err)
	behind = w.code(admin)
	w.clock.pass(2 * codeStep * time.Second)
	_, _, err = w.SignIn(w.ctx(), admin.Name, password, behind, here) // two are too many
	w.refused(err, fault.Denied, "why-sign-in")
}

// One code, many who use it at the same moment: one of them signs in.
func TestCodeUsedAtOnce(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	w.clock.pass(time.Minute)
	given := w.code(admin)
	var wg sync.WaitGroup
	var done atomic.Int64
	for range 8 {
		wg.Go(func() {
			if _, s, err := w.SignIn(w.ctx(), admin.Name, password, given, here); err == nil && s != nil {
				done.Add(1)
			} else if fault.Of(err) != fault.Denied {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if done.Load() != 1 {
		t.Errorf("%d signed in by one code", done.Load())
	}
}

func TestPauseAfterFailures(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	key := newAuthenticator(t)
	w.register(admin, key, "key")
	w.clock.pass(time.Hour)
	before := len(w.events())
	fails := func(n int) {
		for range n {
			_, _, err := w.SignIn(w.ctx(), admin.Name, "wrong password", w.code(admin), there)
			w.refused(err, fault.Denied, "why-sign-in")
		}
	}
	good := func() error {
		_, _, err := w.SignIn(w.ctx(), admin.Name, password, w.code(admin), here)
		return err
	}
	fails(pauseAfter)
	for wait := firstPause; wait < longestPause; wait *= 2 {
		w.clock.pass(wait - time.Second)
		w.refused(good(), fault.Denied, "why-sign-in") // even the right one, and it does not make it longer
		w.clock.pass(time.Second)
		fails(1)
	}
	w.clock.pass(longestPause - time.Second)
	w.refused(good(), fault.Denied, "why-sign-in")
	d, err := w.Get(w.ctx(), Console("test"), admin.ID)
	if err != nil || d.Failures < pauseAfter || !d.Paused.After(w.clock.now()) {
		t.Errorf("%+v, %v", d, err)
	}
	_, _, err = w.touchKey(key, here) // nobody can be kept out of a passkey; that ends the pause, too
	w.must(err)
	w.clock.pass(codeStep * time.Second)
	w.must(good())

	// A failure long ago is forgotten.
	fails(pauseAfter - 1)
	w.clock.pass(forgetAfter)
	fails(1)
	w.clock.pass(codeStep * time.Second)
	w.must(good())

	// The ledger has few entries, and they add up.
	failed, entries, paused := 0, 0, 0
	all := w.events()[before:]
	for _, e := range all {
		switch e.What {
		case SignInFailed:
			failed += max(1, e.Count)
			entries++
		case Paused:
			paused++
		}
	}
	want := pauseAfter + 7*2 + 1 + pauseAfter - 1 + 1
	if failed != want || paused != 8 || entries >= failed {
		t.Errorf("%d failures in %d entries, want %d; %d pauses", failed, entries, want, paused)
	}
}

// Many wrong attempts at the same moment do not get past the pause, not even if the right one is among them.
func TestManyGuessesAtOnce(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	w.clock.pass(time.Hour)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			_, _, err := w.SignIn(w.ctx(), admin.Name, fmt.Sprint("guess ", i), "000000", fmt.Sprintf("203.0.113.%d", i))
			if fault.Of(err) != fault.Denied {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	d, err := w.Get(w.ctx(), Console("test"), admin.ID)
	w.must(err)
	if d.Failures != pauseAfter || !d.Paused.Equal(w.clock.now().Add(firstPause)) {
		t.Errorf("%d counted, paused until %v", d.Failures, d.Paused)
	}
	_, _, err = w.SignIn(w.ctx(), admin.Name, password, w.code(admin), here)
	w.refused(err, fault.Denied, "why-sign-in")
	entries := 0
	for _, e := range w.events() {
		if e.What == SignInFailed {
			entries++
		}
	}
	if entries > 3 {
		t.Errorf("%d entries", entries)
	}
}

// Failures of one window become one entry, with the addresses they came from, also when nothing happens afterwards.
func TestFailuresAreCountedInTheLedger(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	w.clock.pass(time.Hour)
	before := len(w.events())
	for i := range 30 {
		_, _, err := w.SignIn(w.ctx(), fmt.Sprint("nobody ", i), password, "000000", fmt.Sprintf("203.0.113.%d", i))
		w.refused(err, fault.Denied, "why-sign-in")
	}
	if got := w.what()[before:]; !slices.Equal(got, []What{SignInFailed}) {
		t.Errorf("%v", got)
	}
	w.must(w.Sweep(w.ctx())) // too early
	if got := w.what()[before:]; len(got) != 1 {
		t.Errorf("%v", got)
	}
	w.clock.pass(failureWindow)
	w.must(w.Sweep(w.ctx()))
	if e := w.last(); e.What != SignInFailed || e.Count != 29 || e.Account != "" || e.Name != "" || !strings.HasPrefix(e.Detail, "203.0.113.1 203.0.113.2 ") || !strings.HasSuffix(e.Detail, " …") {
		t.Errorf("%+v", e)
	}
	if _, ok, err := recordOf(w, kindFailures, unknown); ok || err != nil {
		t.Errorf("it is kept for ever: %v", err)
	}
	w.must(w.Sweep(w.ctx()))
	if got := len(w.events()) - before; got != 2 {
		t.Errorf("%d entries", got)
	}
	_ = admin
}

func TestOwnCredentials(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	elsewhere := admin.cookie
	w.signIn(admin)
	cookie, s, err := w.SetPassword(w.ctx(), w.as(admin), "another horse, another staple")
	w.must(err)
	w.noSession(admin.cookie) // a new secret
	w.noSession(elsewhere)    // and the other session is over
	admin.cookie = cookie
	if e := w.last(); e.What != PasswordSet || e.By != "" || e.Account != admin.ID {
		t.Errorf("%+v", e)
	}
	_, _, err = w.SetPassword(w.ctx(), s.Actor(here), "short")
	w.refused(err, fault.Invalid, "why-password-short")

	// A new app counts from its first code on; until then the old one does.
	old := admin.secret
	e, err := w.EnrolTOTP(w.ctx(), w.as(admin))
	w.must(err)
	w.clock.pass(time.Minute)
	_, _, err = w.SignIn(w.ctx(), admin.Name, "another horse, another staple", w.code(admin), here)
	w.must(err)
	admin.secret = w.secretOf(e)
	_, _, err = w.ConfirmTOTP(w.ctx(), w.as(admin), "12345")
	w.refused(err, fault.Invalid, "why-code")
	cookie, _, err = w.ConfirmTOTP(w.ctx(), w.as(admin), w.code(admin))
	w.must(err)
	admin.cookie = cookie
	_, _, err = w.ConfirmTOTP(w.ctx(), w.as(admin), w.code(admin))
	w.refused(err, fault.Conflict, "why-no-code")
	w.clock.pass(time.Minute)
	_, _, err = w.SignIn(w.ctx(), admin.Name, "another horse, another staple", w.code(&person{secret: old}), here)
	w.refused(err, fault.Denied, "why-sign-in")
	_, _, err = w.SignIn(w.ctx(), admin.Name, "another horse, another staple", w.code(admin), here)
	w.must(err)
	_, _, err = w.RemovePassword(w.ctx(), w.as(admin))
	w.refused(err, fault.Conflict, "why-last-credential")

	// Later the session must be a new one.
	w.clock.pass(freshFor)
	_, _, err = w.SetPassword(w.ctx(), w.as(admin), password)
	w.refused(err, fault.Denied, "why-fresh")
	_, err = w.EnrolTOTP(w.ctx(), w.as(admin))
	w.refused(err, fault.Denied, "why-fresh")
	_, _, err = w.BeginPasskey(w.ctx(), w.as(admin))
	w.refused(err, fault.Denied, "why-fresh")
}

// A password that was changed while it was being checked is worth nothing any more, and an account that went is one that there is not.
func TestChangedInBetween(t *testing.T) {
	s := &meddled{Store: memory.New()}
	w := worldOn(t, s, t.TempDir(), Config{})
	admin := w.administrator()
	p := w.invited(w.as(admin), "Analyst", Analyst)
	w.clock.pass(time.Minute)
	w.signIn(p)
	acting := w.as(p)
	w.clock.pass(time.Minute)
	s.before = func() {
		_, _, err := w.SetPassword(w.ctx(), acting, "another horse, another staple")
		w.must(err)
	}
	_, _, err := w.SignIn(w.ctx(), p.Name, password, w.code(p), here)
	w.refused(err, fault.Denied, "why-sign-in")
	s.before = func() { w.must(w.Remove(w.ctx(), Console("test"), p.ID)) }
	_, _, err = w.SignIn(w.ctx(), p.Name, "another horse, another staple", w.code(p), here)
	w.refused(err, fault.Denied, "why-sign-in")
	if s.before != nil {
		t.Error("nothing came in between")
	}
}

// meddled is a store in which something happens before the next write.
type meddled struct {
	store.Store
	before func()
}

func (s *meddled) Update(ctx context.Context, f func(store.Tx) error) error {
	if before := s.before; before != nil {
		s.before = nil
		before()
	}
	return s.Store.Update(ctx, f)
}
