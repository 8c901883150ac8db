package account

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
)

const (
	here     = "192.0.2.7"
	there    = "198.51.100.20"
	origin   = "https://node.example"
	password = "correct horse battery staple"
)

// clock is passed time.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is the accounts of a node, with a clock of its own.
type world struct {
	*Accounts
	*testing.T
	clock *clock
	dir   string
}

// quick is a cost that tests can pay often. What the usual one takes BenchmarkSignIn tells.
var quick = cost{memory: 64, time: 1, iterations: 1000}

func newWorld(t *testing.T) *world { return worldOn(t, memory.New(), t.TempDir(), Config{}) }

func worldOn(t *testing.T, s store.Store, dir string, c Config) *world {
	t.Helper()
	w := &world{T: t, clock: &clock{at: time.Date(2026, 4, 1, 8, 0, 0, 0, time.UTC)}, dir: dir}
	w.open(s, c)
	return w
}

// open makes the accounts anew, as another process would: nothing that was in memory is left.
func (w *world) open(s store.Store, c Config) {
	w.Helper()
	a, err := New(Params{Store: s, Dir: w.dir, Node: "JPN Node", Origin: origin, Config: c, Now: w.clock.now})
	if err != nil {
		w.Fatal(err)
	}
	a.hasher.cost = quick
	a.hasher.cost.fips = usualCost().fips
	w.Accounts = a
}

// restart is open on the same store.
func (w *world) restart() { w.open(w.store, Config{}) }

func (w *world) ctx() context.Context { return w.Context() }

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// refused demands an error of a kind, with a reason in words of both languages.
func (w *world) refused(err error, kind fault.Kind, key string) {
	w.Helper()
	if err == nil || fault.Of(err) != kind {
		w.Fatalf("%v, want %v", err, kind)
	}
	if key == "" {
		return
	}
	r, ok := reasonOf(err)
	if !ok || r.Code != "account."+key {
		w.Fatalf("reason %v of %v, want %s", r, err, key)
	}
}

// reasonOf is the reason in an error.
func reasonOf(err error) (locale.Reason, bool) {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Reason(), true
	}
	return locale.Reason{}, false
}

// person is somebody with a password and an authenticator app.
type person struct {
	Account
	secret []byte // of the app
	cookie string // the secret of the present session
}

// enrol does what somebody does who has got a link.
func (w *world) enrol(link, name string) *person {
	w.Helper()
	cookie, s, err := w.Redeem(w.ctx(), link, name, locale.Japanese, here)
	w.must(err)
	if !s.Enrolling() || s.May(ViewObjects) || s.May(AccountManage) || !s.May(OwnCredentials) {
		w.Fatalf("a session from a link: %+v", s)
	}
	cookie2, s, err := w.SetPassword(w.ctx(), s.Actor(here), password)
	w.must(err)
	w.noSession(cookie)
	e, err := w.EnrolTOTP(w.ctx(), s.Actor(here))
	w.must(err)
	p := &person{secret: w.secretOf(e)}
	cookie3, s, err := w.ConfirmTOTP(w.ctx(), s.Actor(here), w.code(p))
	w.must(err)
	w.noSession(cookie2)
	if s.Enrolling() {
		w.Fatalf("still enrolling: %+v", s)
	}
	p.Account, p.cookie = s.Account, cookie3
	return p
}

// secretOf reads an enrolment as an app does.
func (w *world) secretOf(e Enrolment) []byte {
	w.Helper()
	u, err := url.Parse(e.URI)
	w.must(err)
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Query().Get("secret") != e.Secret {
		w.Fatalf("%+v", e)
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(e.Secret)
	w.must(err)
	return secret
}

// code is what the app shows.
func (w *world) code(p *person) string {
	_, algorithm := newCodeSecret()
	return code(p.secret, algorithm, stepAt(w.clock.now()))
}

// signIn signs somebody in, with a code that was not used before.
func (w *world) signIn(p *person) {
	w.Helper()
	w.clock.pass(codeStep * time.Second)
	cookie, s, err := w.SignIn(w.ctx(), p.Name, password, w.code(p), here)
	w.must(err)
	if s.Account.ID != p.ID {
		w.Fatalf("%+v signed in as %+v", p.Account, s.Account)
	}
	p.cookie = cookie
}

// as is somebody acting in the present session.
func (w *world) as(p *person) Actor {
	w.Helper()
	s, err := w.Session(w.ctx(), p.cookie)
	w.must(err)
	return s.Actor(here)
}

func (w *world) noSession(cookie string) {
	w.Helper()
	s, err := w.Session(w.ctx(), cookie)
	if err == nil {
		w.Fatalf("there is a session: %+v", s)
	}
	w.refused(err, fault.NotFound, "why-session")
}

// administrator makes the first one.
func (w *world) administrator() *person {
	w.Helper()
	l, needed, err := w.FirstLink(w.ctx())
	w.must(err)
	if !needed {
		w.Fatal("there is an administrator already")
	}
	return w.enrol(l.Secret, "Admin")
}

// invited makes somebody with these roles.
func (w *world) invited(by Actor, name string, roles ...Role) *person {
	w.Helper()
	_, l, err := w.Invite(w.ctx(), by, Newcomer{Name: name, Roles: roles, Lang: locale.English})
	w.must(err)
	return w.enrol(l.Secret, "")
}

// events is what the ledger tells about accounts, the oldest first.
func (w *world) events() (all []Event) {
	w.Helper()
	err := w.store.View(w.ctx(), func(tx store.Tx) error {
		entries, err := ledger.Entries(tx, ledger.National, 0, 1<<20)
		for _, entry := range entries {
			e, ok, err := eventOf(entry)
			if err != nil || !ok {
				return fmt.Errorf("%+v: %w", entry, err)
			}
			all = append(all, e)
		}
		return err
	})
	w.must(err)
	return all
}

// what lists the events, short.
func (w *world) what() (all []What) {
	for _, e := range w.events() {
		all = append(all, e.What)
	}
	return all
}

func (w *world) last() Event {
	all := w.events()
	return all[len(all)-1]
}

// keptNowhere looks for a secret in everything that the store holds.
func (w *world) keptNowhere(secrets ...string) {
	w.Helper()
	w.must(w.store.View(w.ctx(), func(tx store.Tx) error {
		for _, kind := range []string{kindAccount, kindCredentials, kindSession, kindToken, kindLink, kindRecovery, kindFailures, kindSpent} {
			records, err := tx.Records().List(kind, "", 1000)
			if err != nil {
				return err
			}
			for _, r := range records {
				for _, secret := range secrets {
					if all := r.Key + string(r.Value) + strings.Join(r.Terms, " "); strings.Contains(all, secret) {
						w.Errorf("%s holds a secret: %s", kind, all)
					}
				}
			}
		}
		leaves, err := tx.Log().Leaves(ledger.National, 0, 10_000)
		for _, leaf := range leaves {
			for _, secret := range secrets {
				if strings.Contains(string(leaf.Detail), secret) {
					w.Errorf("the ledger holds a secret: %q", leaf.Detail)
				}
			}
		}
		return err
	}))
}
