package account

import (
	"encoding/base32"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store/sqlite"
)

func benchWorld(b *testing.B) (a *Accounts, p *person, now *time.Time) {
	dir := b.TempDir()
	s, err := sqlite.Open(b.Context(), filepath.Join(dir, "store.db"), sqlite.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	at := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	now = &at
	if a, err = New(Params{Store: s, Dir: dir, Node: "JPN Node", Origin: origin, Now: func() time.Time { return *now }}); err != nil {
		b.Fatal(err)
	}
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	l, _, err := a.FirstLink(b.Context())
	must(err)
	_, session, err := a.Redeem(b.Context(), l.Secret, "Admin", locale.English, here)
	must(err)
	_, session, err = a.SetPassword(b.Context(), session.Actor(here), password)
	must(err)
	e, err := a.EnrolTOTP(b.Context(), session.Actor(here))
	must(err)
	p = &person{}
	p.secret, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(e.Secret)
	must(err)
	_, algorithm := newCodeSecret()
	p.cookie, session, err = a.ConfirmTOTP(b.Context(), session.Actor(here), code(p.secret, algorithm, stepAt(*now)))
	must(err)
	p.Account = session.Account
	return a, p, now
}

// BenchmarkSignIn on the real store and at the usual cost. The three have to take the same time: it must not tell what was wrong.
func BenchmarkSignIn(b *testing.B) {
	a, p, now := benchWorld(b)
	_, algorithm := newCodeSecret()
	for name, try := range map[string]struct{ name, password string }{
		"right": {p.Name, password}, "wrong password": {p.Name, "wrong password"}, "unknown name": {"nobody", password},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				*now = now.Add(2 * time.Hour)
				_, _, err := a.SignIn(b.Context(), try.name, try.password, code(p.secret, algorithm, stepAt(*now)), here)
				if (err == nil) != (name == "right") {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSession is what accounts add to each page.
func BenchmarkSession(b *testing.B) {
	a, p, _ := benchWorld(b)
	for i := range 1000 {
		if _, err := a.Add(b.Context(), Console("bench"), Newcomer{fmt.Sprint("Officer ", i), KindPerson, []Role{Analyst}, locale.English}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := a.Session(b.Context(), p.cookie); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkList(b *testing.B) {
	a, _, _ := benchWorld(b)
	for i := range 1000 {
		if _, _, err := a.Invite(b.Context(), Console("bench"), Newcomer{fmt.Sprint("Officer ", i), KindPerson, []Role{Analyst}, locale.English}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if all, err := a.List(b.Context(), Console("bench")); err != nil || len(all) != 1001 {
			b.Fatal(len(all), err)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	for name, c := range map[string]cost{"argon2id": {memory: 64 << 10, time: 2}, "pbkdf2": {fips: true, iterations: 600_000}} {
		b.Run(name, func(b *testing.B) {
			h := newHasher()
			h.cost = c
			for b.Loop() {
				if _, err := h.hash(b.Context(), password); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
