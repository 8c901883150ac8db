package accounts_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/web/browsertest"
)

// begun reads what a script begins a ceremony with.
func begun(v *visitor, a answer) (options []byte, token string) {
	v.Helper()
	if kind := a.Header.Get("Content-Type"); kind != "application/json" {
		v.Fatalf("%s: %s", kind, a.body)
	}
	var c struct {
		Options  json.RawMessage `json:"options"`
		Ceremony string          `json:"ceremony"`
	}
	if err := json.Unmarshal([]byte(a.body), &c); err != nil || c.Ceremony == "" {
		v.Fatalf("%s: %v", a.body, err)
	}
	return c.Options, c.Ceremony
}

// enrolWithPassword sets a password and an authenticator app; it returns the sessions that there were on the way.
func (v *visitor) enrolWithPassword() (sessions []string) {
	v.Helper()
	sessions = append(sessions, v.session())
	a := v.post("/accounts/password", "password", password, "again", password).is(http.StatusOK, "<svg", "otpauth://totp/")
	sessions = append(sessions, v.session())
	v.app = a.field("uri")
	v.post("/accounts/code/confirm", "code", browsertest.Code(v, v.app, v.clock.now()), "uri", v.app, "secret", a.field("secret")).to("/")
	return sessions
}

// The first administrator, without any script.
func TestWelcome(t *testing.T) {
	w := newWorld(t)
	secret := w.link()
	v := w.visitor()
	v.get("/welcome").is(200, "Secret of the link", `name="secret"`)
	v.post("/welcome", "secret", "wrong").is(404, "this link is not good").hasNot(secret)
	a := v.post("/welcome", "secret", secret).is(200, "first administrator", "Your name", "Good until")
	if a.field("secret") != secret {
		t.Error("the secret does not go on")
	}
	a = v.post("/welcome/open", "secret", secret, "name", "a:b", "lang", "en").is(400, "without control characters, colons", `value="a:b"`)
	if a.field("secret") != secret {
		t.Error("the secret does not go on after a mistake")
	}
	v.post("/welcome/open", "secret", secret, "name", "Admin", "lang", "fr").is(400)
	if v.session() != "" {
		t.Fatal("a session before the link was opened")
	}
	v.open(secret, "山田 花子")
	// Who sets credentials gets to nothing else.
	v.get("/").to("/welcome/credentials")
	v.get("/accounts/people").to("/welcome/credentials")
	v.get("/welcome/credentials").is(200, "Passkey", "New password").hasNot(`<nav`, `data-live`)

	v.post("/accounts/password", "password", password, "again", "other").is(400, "The two passwords differ.").hasNot(password)
	v.post("/accounts/password", "password", "short", "again", "short").is(400, "at least 12 characters")
	v.post("/accounts/code/confirm", "code", "123456").is(409, "begin to set up the authenticator app")
	before := v.session()
	a = v.post("/accounts/password", "password", password, "again", password).is(200, "<svg", "Scan this code")
	w.dead(before)
	v.app = a.field("uri")
	if !strings.Contains(a.body, "<code id=\"app-secret\">"+a.field("secret")) || !strings.Contains(v.app, "secret="+a.field("secret")) || !strings.Contains(v.app, "Example%20MoD") {
		t.Errorf("the app is set up with %q", v.app)
	}
	a = v.post("/accounts/code/confirm", "code", "000000", "uri", v.app, "secret", a.field("secret")).is(400, "not the code that the app shows", "<svg")
	if a.field("uri") != v.app {
		t.Error("after a mistake the app would have to be set up anew")
	}
	// What stands in the form is drawn only if it is what an app is set up with.
	v.post("/accounts/code/confirm", "code", "000000", "uri", "https://evil.example/", "secret", "x").is(400).hasNot("evil.example")
	v.post("/accounts/code/confirm", "code", "000000", "uri", "otpauth://totp/"+strings.Repeat("x", 4000), "secret", "x").is(400).hasNot("xxxx")

	before = v.session()
	v.post("/accounts/code/confirm", "code", browsertest.Code(t, v.app, w.clock.now()), "uri", v.app, "secret", "").to("/")
	w.dead(before)
	v.get("/").is(200, "山田 花子", "Watch")
	if d := w.details("山田 花子"); !d.Complete || d.Lang != locale.English || len(d.Roles) != 1 || d.Roles[0] != account.Administrator {
		t.Errorf("%+v", d)
	}
	v.get("/welcome/credentials").to("/accounts")
	w.visitor().post("/welcome", "secret", secret).is(404, "this link is not good")
	w.visitor().post("/welcome/open", "secret", secret, "name", "Eve", "lang", "en").is(404, "this link is not good")
	for _, s := range []string{secret, before, password, strings.SplitAfter(v.app, "secret=")[1][:32]} {
		if strings.Contains(w.log.String(), s) {
			t.Errorf("the log tells a secret")
		}
	}
}

// An invitation speaks the language of who is invited, who may choose another; a passkey is all that is needed.
func TestInvitation(t *testing.T) {
	w := newWorld(t)
	_, l, err := w.Invite(t.Context(), account.Console("test"), account.Newcomer{Name: "田中", Roles: []account.Role{account.Analyst}, Lang: locale.Japanese})
	w.must(err)
	v := w.visitor()
	v.post("/welcome", "secret", l.Secret).is(200, "田中 さんのアカウント", "設定を始める").hasNot(`name="name"`)
	v.enrol(l.Secret, "ignored")
	d := w.details("田中")
	if d.Lang != locale.English || !d.Complete || len(d.Passkeys) != 1 {
		t.Errorf("%+v", d)
	}
	v.get("/").is(200, `lang="en"`)
	v.get("/accounts/people").is(403)
}

// A link may be opened anew until it was used: what was begun before ends then.
func TestLinkOpenedTwice(t *testing.T) {
	w := newWorld(t)
	secret := w.link()
	one, two := w.visitor(), w.visitor()
	one.open(secret, "Admin")
	two.open(secret, "")
	left := one.session()
	two.enrolWithPassword()
	w.dead(left)
	one.get("/welcome/credentials").to("/sign-in?next=%2Fwelcome%2Fcredentials")
	one.post("/accounts/password", "password", password, "again", password).to("/sign-in")
}

// Too much time: the session of who sets credentials ends, and the link opens it anew.
func TestEnrolmentEnds(t *testing.T) {
	w := newWorld(t)
	secret := w.link()
	v := w.visitor()
	v.open(secret, "Admin")
	w.clock.pass(31 * time.Minute)
	v.post("/accounts/password", "password", password, "again", password).to("/sign-in")
	v.enrol(secret, "")
	v.get("/").is(200)
	if d := w.details("Admin"); len(d.Passkeys) != 1 || d.Password {
		t.Errorf("%+v", d)
	}
}

// Whoever opens a link in a browser where somebody is signed in is that somebody no more.
func TestLinkInAnothersBrowser(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	before := admin.session()
	_, l, err := w.Invite(t.Context(), account.Console("test"), account.Newcomer{Name: "New", Roles: []account.Role{account.Analyst}, Lang: locale.English})
	w.must(err)
	admin.open(l.Secret, "")
	w.dead(before)
	admin.get("/accounts/people").to("/welcome/credentials")
}
