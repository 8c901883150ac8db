package account

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store/memory"
)

// register gives somebody a passkey.
func (w *world) register(p *person, key *authenticator, name string) {
	w.Helper()
	options, ceremony, err := w.BeginPasskey(w.ctx(), w.as(p))
	w.must(err)
	cookie, _, err := w.FinishPasskey(w.ctx(), w.as(p), ceremony, name, key.register(options))
	w.must(err)
	w.noSession(p.cookie)
	p.cookie = cookie
}

// touch signs in by passkey.
func (w *world) touchKey(key *authenticator, from string) (string, *Session, error) {
	w.Helper()
	options, ceremony, err := w.BeginPasskeySignIn(w.ctx())
	w.must(err)
	key.count++
	return w.FinishPasskeySignIn(w.ctx(), ceremony, key.assert(options), from)
}

func TestPasskey(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	laptop, phone := newAuthenticator(t), newAuthenticator(t)
	phone.flags |= backupEligible | backedUp
	w.register(admin, laptop, "laptop")
	if e := w.last(); e.What != PasskeyAdded || e.Detail != "laptop" || e.Account != admin.ID {
		t.Errorf("%+v", e)
	}
	w.register(admin, phone, "電話")
	for _, key := range []*authenticator{laptop, phone} {
		secret, s, err := w.touchKey(key, there)
		w.must(err)
		if s.Account.ID != admin.ID || s.Method != ByPasskey || s.From != there || s.Enrolling() || !s.May(AccountManage) {
			t.Errorf("%+v", s)
		}
		if e := w.last(); e.What != SignInDone || e.Method != ByPasskey || e.From != there {
			t.Errorf("%+v", e)
		}
		again, err := w.Accounts.Session(w.ctx(), secret)
		if err != nil || again.ID != s.ID {
			t.Errorf("%+v, %v", again, err)
		}
	}
	d, err := w.Get(w.ctx(), w.as(admin), admin.ID)
	w.must(err)
	if len(d.Passkeys) != 2 || d.Passkeys[0].Synced || !d.Passkeys[1].Synced || d.Passkeys[0].Used.IsZero() || d.Passkeys[1].Name != "電話" {
		t.Errorf("%+v", d.Passkeys)
	}

	// The same authenticator is not registered twice.
	options, _, err := w.BeginPasskey(w.ctx(), w.as(admin))
	w.must(err)
	if laptop.register(options) != nil {
		t.Error("it was not told that it is registered already")
	}

	// Without a password, all but the last passkey may go.
	cookie, _, err := w.RemovePassword(w.ctx(), w.as(admin))
	w.must(err)
	admin.cookie = cookie
	cookie, _, err = w.RemovePasskey(w.ctx(), w.as(admin), d.Passkeys[0].ID)
	w.must(err)
	admin.cookie = cookie
	_, _, err = w.RemovePasskey(w.ctx(), w.as(admin), d.Passkeys[1].ID)
	w.refused(err, fault.Conflict, "why-last-credential")
	_, _, err = w.RemovePasskey(w.ctx(), w.as(admin), d.Passkeys[0].ID)
	w.refused(err, fault.NotFound, "why-no-passkey")
	_, _, err = w.touchKey(laptop, there)
	w.refused(err, fault.Denied, "why-sign-in")
	_, _, err = w.touchKey(phone, there)
	w.must(err)
}

// One passkey is all that a new account needs.
func TestEnrolByPasskey(t *testing.T) {
	w := newWorld(t)
	l, _, err := w.FirstLink(w.ctx())
	w.must(err)
	cookie, s, err := w.Redeem(w.ctx(), l.Secret, "Admin", locale.English, here)
	w.must(err)
	options, ceremony, err := w.BeginPasskey(w.ctx(), s.Actor(here))
	w.must(err)
	key := newAuthenticator(t)
	secret, full, err := w.FinishPasskey(w.ctx(), s.Actor(here), ceremony, "key", key.register(options))
	w.must(err)
	if full.Enrolling() || !full.May(AccountManage) || secret == cookie {
		t.Errorf("%+v", full)
	}
	w.noSession(cookie)
	_, _, err = w.touchKey(key, here)
	w.must(err)
}

// What a broken, hostile or stolen authenticator answers is refused, with the one answer, and stands in the ledger.
func TestPasskeyRefused(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	key := newAuthenticator(t)
	w.register(admin, key, "key")
	for name, bend := range map[string]func(k *authenticator){
		"another origin":        func(k *authenticator) { k.origin = "https://evil.example" },
		"another port":          func(k *authenticator) { k.origin = "https://node.example:444" },
		"http":                  func(k *authenticator) { k.origin = "http://node.example" },
		"another party":         func(k *authenticator) { k.rpid = "evil.example" },
		"nobody there":          func(k *authenticator) { k.flags = userVerified },
		"nobody verified":       func(k *authenticator) { k.flags = userPresent },
		"of a registration":     func(k *authenticator) { k.kind = "webauthn.create" },
		"another key":           func(k *authenticator) { k.key = newAuthenticator(t).key },
		"an unknown key":        func(k *authenticator) { k.id = newAuthenticator(t).id },
		"an unknown user":       func(k *authenticator) { k.handle = []byte("00000000000000000000000000000000") },
		"no user":               func(k *authenticator) { k.handle = nil },
		"the counter goes back": func(k *authenticator) { k.count = 0 },
		"backed up, now":        func(k *authenticator) { k.flags |= backupEligible | backedUp },
	} {
		key.count += 2
		bent := *key
		if _, _, err := w.touchKey(key, there); err != nil {
			t.Fatalf("before %s: %v", name, err)
		}
		w.clock.pass(time.Hour) // each failure is logged by itself
		before := len(w.events())
		bent.count = key.count
		bend(&bent)
		options, ceremony, err := w.BeginPasskeySignIn(w.ctx())
		w.must(err)
		if name != "the counter goes back" {
			bent.count++
		}
		_, _, err = w.FinishPasskeySignIn(w.ctx(), ceremony, bent.assert(options), here)
		if r, _ := reasonOf(err); fault.Of(err) != fault.Denied || r.Code != "account.why-sign-in" {
			t.Errorf("%s: %v", name, err)
		}
		if now := w.events(); len(now) != before+1 || now[before].What != SignInFailed || now[before].Method != ByPasskey {
			t.Errorf("%s: events %v", name, w.what()[before:])
		}
		key.count++
	}
	for name, response := range map[string][]byte{
		"nothing": nil, "no JSON": []byte("{"), "another JSON": []byte(`[1]`), "too long": bytes.Repeat([]byte(" "), maxResponse+1),
	} {
		_, ceremony, err := w.BeginPasskeySignIn(w.ctx())
		w.must(err)
		_, _, err = w.FinishPasskeySignIn(w.ctx(), ceremony, response, here)
		if fault.Of(err) != fault.Denied {
			t.Errorf("%s: %v", name, err)
		}
		w.clock.pass(time.Hour)
	}
	off := true
	p := w.invited(Console("test"), "Analyst", Analyst)
	other := newAuthenticator(t)
	w.register(p, other, "key")
	_, err := w.Set(w.ctx(), Console("test"), p.ID, Changes{Disabled: &off})
	w.must(err)
	_, _, err = w.touchKey(other, here)
	w.refused(err, fault.Denied, "why-sign-in")
}

// A ceremony is good once, for what it was begun for, in the session that it was begun in, and for five minutes.
func TestCeremonies(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	key := newAuthenticator(t)
	w.register(admin, key, "key")
	options, ceremony, err := w.BeginPasskeySignIn(w.ctx())
	w.must(err)
	key.count = 7
	response := key.assert(options)
	_, _, err = w.FinishPasskeySignIn(w.ctx(), ceremony, response, here)
	w.must(err)
	key.count = 100
	_, _, err = w.FinishPasskeySignIn(w.ctx(), ceremony, key.assert(options), here)
	w.refused(err, fault.Denied, "why-ceremony")
	w.restart() // it is not only in memory that it was used
	_, _, err = w.FinishPasskeySignIn(w.ctx(), ceremony, key.assert(options), here)
	w.refused(err, fault.Denied, "why-ceremony")

	_, late, err := w.BeginPasskeySignIn(w.ctx())
	w.must(err)
	options, registration, err := w.BeginPasskey(w.ctx(), w.as(admin))
	w.must(err)
	for name, c := range map[string]string{
		"none": "", "noise": "AAAA", "not base64": "!", "too long": strings.Repeat("A", maxCeremony+1),
		"altered": late[:len(late)-4] + "AAAA", "of a registration": registration,
	} {
		if _, _, err := w.FinishPasskeySignIn(w.ctx(), c, response, here); fault.Of(err) != fault.Denied {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.clock.pass(time.Minute)
	w.signIn(admin) // another session of the same account
	_, _, err = w.FinishPasskey(w.ctx(), w.as(admin), registration, "x", newAuthenticator(t).register(options))
	w.refused(err, fault.Denied, "why-ceremony")
	w.clock.pass(ceremonyTime)
	_, _, err = w.FinishPasskeySignIn(w.ctx(), late, response, here)
	w.refused(err, fault.Denied, "why-ceremony")
}

func TestRegistrationRefused(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	for name, bend := range map[string]func(k *authenticator){
		"another origin":  func(k *authenticator) { k.origin = "https://evil.example" },
		"another party":   func(k *authenticator) { k.rpid = "evil.example" },
		"nobody verified": func(k *authenticator) { k.flags = userPresent },
		"of a sign-in":    func(k *authenticator) { k.kind = "webauthn.get" },
	} {
		key := newAuthenticator(t)
		bend(key)
		options, ceremony, err := w.BeginPasskey(w.ctx(), w.as(admin))
		w.must(err)
		_, _, err = w.FinishPasskey(w.ctx(), w.as(admin), ceremony, "key", key.register(options))
		if r, _ := reasonOf(err); fault.Of(err) != fault.Invalid || r.Code != "account.why-passkey" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, ceremony, err := w.BeginPasskey(w.ctx(), w.as(admin))
	w.must(err)
	for _, response := range [][]byte{nil, []byte("{}"), bytes.Repeat([]byte("["), maxResponse+1)} {
		_, _, err := w.FinishPasskey(w.ctx(), w.as(admin), ceremony, "key", response)
		w.refused(err, fault.Invalid, "why-passkey")
	}
	if slices.Contains(w.what(), PasskeyAdded) {
		t.Error("one was added")
	}

	// A passkey belongs to one account, and one account has so many.
	key := newAuthenticator(t)
	w.register(admin, key, "key")
	p := w.invited(w.as(admin), "Analyst", Analyst)
	options, ceremony, err := w.BeginPasskey(w.ctx(), w.as(p))
	w.must(err)
	_, _, err = w.FinishPasskey(w.ctx(), w.as(p), ceremony, "mine too", key.register(options))
	w.refused(err, fault.Conflict, "why-taken")
	for range maxPasskeys - 1 {
		w.register(admin, newAuthenticator(t), "another")
	}
	options, ceremony, err = w.BeginPasskey(w.ctx(), w.as(admin))
	w.must(err)
	_, _, err = w.FinishPasskey(w.ctx(), w.as(admin), ceremony, "one more", newAuthenticator(t).register(options))
	w.refused(err, fault.Conflict, "why-too-many")
}

func TestWhereThereAreNoPasskeys(t *testing.T) {
	for origin, want := range map[string]bool{
		"": false, "http://127.0.0.1:8080": false, "https://192.0.2.1": false, "http://node.example": false, "http://localhost:8080": true,
		"https://node.example:8443": true, "https://node.example/": true, "https://[2001:db8::1]": false, "https://node": false,
	} {
		a, err := New(Params{Store: memory.New(), Dir: t.TempDir(), Origin: origin})
		if err != nil {
			t.Errorf("%s: %v", origin, err)
			continue
		}
		_, _, err = a.BeginPasskeySignIn(t.Context())
		if a.URL() != strings.TrimSuffix(origin, "/") || a.HasPasskeys() != want || (err == nil) != want {
			t.Errorf("%s: %v, %v", origin, a.HasPasskeys(), err)
		}
	}
	for _, bad := range []string{"node.example", "https://node.example/pages", "https://u:p@node.example", "https://node.example?x", "://"} {
		if _, err := New(Params{Store: memory.New(), Dir: t.TempDir(), Config: Config{URL: bad}}); fault.Of(err) != fault.Invalid || err == nil {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// What is written about a passkey can be read back by the library that wrote it.
func TestPasskeyAsKept(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	key := newAuthenticator(t)
	w.register(admin, key, "key")
	_, _, err := w.touchKey(key, here)
	w.must(err)
	r, ok, err := recordOf(w, kindCredentials, admin.ID)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if len(r.Value) > 2000 {
		t.Errorf("%d bytes of credentials", len(r.Value))
	}
	var c credentials
	w.must(json.Unmarshal(r.Value, &c))
	if c.Passkeys[0].Credential.Authenticator.SignCount != key.count {
		t.Errorf("%+v", c.Passkeys[0])
	}
}
