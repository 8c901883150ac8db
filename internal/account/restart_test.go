package account

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/internal/store/sqlite"
)

// On the real store, with the process ended and begun again between any two steps: nothing that somebody has in hands is lost.
func TestRestartBetweenSteps(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	var s store.Store
	open := func() store.Store {
		if s != nil {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		opened, err := sqlite.Open(t.Context(), path, sqlite.Config{})
		if err != nil {
			t.Fatal(err)
		}
		s = opened
		return s
	}
	defer func() { s.Close() }()
	w := worldOn(t, open(), dir, Config{})
	p := newProvider(t, w.clock.now)
	c := p.config()
	again := func() {
		w.provider.Close()
		w.open(open(), c)
	}

	l, _, err := w.FirstLink(w.ctx())
	w.must(err)
	again()
	cookie, _, err := w.Redeem(w.ctx(), l.Secret, "Admin", locale.Japanese, here)
	w.must(err)
	again()
	admin := &person{cookie: cookie}
	admin.cookie, _, err = w.SetPassword(w.ctx(), w.as(admin), password)
	w.must(err)
	again()
	e, err := w.EnrolTOTP(w.ctx(), w.as(admin))
	w.must(err)
	admin.secret = w.secretOf(e)
	again()
	var session *Session
	admin.cookie, session, err = w.ConfirmTOTP(w.ctx(), w.as(admin), w.code(admin))
	w.must(err)
	admin.Account = session.Account
	again()
	w.signIn(admin)
	again()

	key := newAuthenticator(t)
	options, ceremony, err := w.BeginPasskey(w.ctx(), w.as(admin))
	w.must(err)
	again()
	admin.cookie, _, err = w.FinishPasskey(w.ctx(), w.as(admin), ceremony, "key", key.register(options))
	w.must(err)
	again()
	options, ceremony, err = w.BeginPasskeySignIn(w.ctx())
	w.must(err)
	again()
	key.count++
	admin.cookie, _, err = w.FinishPasskeySignIn(w.ctx(), ceremony, key.assert(options), here)
	w.must(err)

	w.must(w.LinkIdentity(w.ctx(), Console("test"), admin.ID, "u-1"))
	address, ceremony, err := w.StartOIDC(w.ctx())
	w.must(err)
	state, code := p.browse(address, "u-1")
	again()
	_, _, err = w.FinishOIDC(w.ctx(), ceremony, state, code, here)
	w.must(err)

	two := w.invited(w.as(admin), "Second", Administrator)
	lost := w.invited(w.as(admin), "Lost", Analyst)
	r, err := w.Recover(w.ctx(), w.as(admin), lost.ID, "phone lost")
	w.must(err)
	again()
	l, err = w.Approve(w.ctx(), w.as(two), r.ID)
	w.must(err)
	again()
	w.enrol(l.Secret, "")
	again()

	// A pause, too, holds in the next process.
	w.clock.pass(time.Hour)
	for range pauseAfter {
		_, _, err = w.SignIn(w.ctx(), two.Name, "wrong", "000000", here)
		w.refused(err, fault.Denied, "why-sign-in")
		again()
	}
	_, _, err = w.SignIn(w.ctx(), two.Name, password, w.code(two), here)
	w.refused(err, fault.Denied, "why-sign-in")
	w.must(w.Sweep(w.ctx()))
	pub := ourKey()
	w.must(w.store.View(w.ctx(), func(tx store.Tx) error {
		report, err := ledger.Verify(tx, pub, nil)
		if err == nil && !report.OK() {
			t.Errorf("%+v", report)
		}
		return err
	}))
}

// Run tidies up by itself, and ends with its context.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, err := New(Params{Store: memory.New(), Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := a.FirstLink(t.Context()); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- a.Run(ctx, slog.New(slog.NewTextHandler(&log, nil))) }()
		links := func() (n int) {
			err := a.store.View(t.Context(), func(tx store.Tx) error {
				records, err := tx.Records().List(kindLink, "", 10)
				n = len(records)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		time.Sleep(firstTime - time.Minute)
		synctest.Wait()
		if links() != 1 {
			t.Error("it was deleted too early")
		}
		time.Sleep(2 * sweepEvery)
		synctest.Wait()
		if links() != 0 {
			t.Error("it is kept")
		}
		cancel()
		if err := <-ended; err != nil || log.Len() > 0 {
			t.Error(err, log.String())
		}
	})
}
