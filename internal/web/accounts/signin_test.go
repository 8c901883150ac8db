package accounts_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/locale"
)

func TestSignInWithPassword(t *testing.T) {
	w := newWorld(t)
	v := w.visitor()
	v.open(w.link(), "Admin")
	v.enrolWithPassword()
	old := v.session()
	v.post("/sign-out").to("/sign-in")
	w.dead(old)
	if v.session() != "" {
		t.Error("the cookie stays")
	}
	v.get("/accounts?x=1").to("/sign-in?next=" + url.QueryEscape("/accounts?x=1"))
	a := v.get("/sign-in?next="+url.QueryEscape("/accounts?x=1")).is(200, "Sign in", "Code of the authenticator app", "With password and code")
	code := v.code()
	// Whatever is wrong, the answer is the same.
	for _, wrong := range [][3]string{{"Nobody", password, code}, {"Admin", "wrong password here", code}, {"Admin", password, "000000"}} {
		v.post("/sign-in", "name", wrong[0], "password", wrong[1], "code", wrong[2]).is(403, "check name, password and code", `value="`+wrong[0]+`"`).hasNot(wrong[1])
	}
	v.post("/sign-in", "name", "ａｄｍｉｎ", "password", password, "code", " "+code[:3]+" "+code[3:], "next", a.field("next")).to("/accounts?x=1")
	v.get("/accounts").is(200, "Admin", "administrator", "password and code", "this one")
	// A code is good once.
	w.visitor().post("/sign-in", "name", "Admin", "password", password, "code", code).is(403)
	if strings.Contains(w.log.String(), password) || strings.Contains(w.log.String(), code) {
		t.Error("the log tells a secret")
	}
}

func TestSignInWithPasskey(t *testing.T) {
	w := newWorld(t)
	v := w.administrator()
	v.post("/sign-out")
	v.signIn()
	v.get("/accounts").is(200, "<dd>passkey</dd>", "<b><bdi>key</bdi></b>")
	// What was answered once is not good again, nor is an answer to another beginning.
	token, response := v.ceremony("/sign-in/passkey/begin", v.key.Assert)
	other, _ := v.ceremony("/sign-in/passkey/begin", v.key.Assert)
	eve := w.visitor()
	eve.post("/sign-in/passkey", "ceremony", other, "response", response).is(403, "check name")
	eve.post("/sign-in/passkey", "ceremony", token, "response", response).to("/")
	w.visitor().post("/sign-in/passkey", "ceremony", token, "response", response).is(403)
	w.visitor().post("/sign-in/passkey", "ceremony", "", "response", "").is(403, "begin again")
	w.clock.pass(6 * time.Minute)
	w.visitor().post("/sign-in/passkey", "ceremony", other, "response", response).is(403, "took too long")
}

// Passkeys are bound to a name: at another address of the same pages the reader is led there.
func TestPasskeysElsewhere(t *testing.T) {
	w := newWorld(t)
	v := w.visitor()
	right := w.origin
	w.origin = strings.Replace(right, "localhost", "127.0.0.1", 1)
	v.get("/sign-in").is(200, "Passkeys are bound to the address", right).hasNot("data-passkey")
	w.origin = right
	v.get("/sign-in").is(200, "data-passkey").hasNot("Passkeys are bound")
}

// TestFixation: whatever session a browser had, whoever knows its secret has nothing of who signs in there.
func TestFixation(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	eve := w.somebody("Eve", account.Analyst)
	half := w.visitor()
	_, l, err := w.Invite(t.Context(), account.Console("test"), account.Newcomer{Name: "Half", Roles: []account.Role{account.Analyst}, Lang: locale.English})
	w.must(err)
	half.open(l.Secret, "")
	own := admin.session()
	for name, planted := range map[string]string{
		"somebody else's": eve.session(), "one that sets credentials": half.session(), "an invented one": strings.Repeat("A", 43), "nonsense": "x", "one's own": own,
	} {
		victim := w.visitor()
		victim.key = admin.key
		victim.plant("session", planted)
		victim.signIn()
		if victim.session() == planted || victim.session() == "" {
			t.Errorf("%s stays", name)
		}
		w.dead(planted)
		victim.get("/accounts").is(200, "Admin")
	}
}

// Every change of rights gives the session another secret.
func TestSecretsChange(t *testing.T) {
	w := newWorld(t)
	v := w.administrator()
	seen := map[string]bool{v.session(): true}
	changed := func(a answer) {
		t.Helper()
		if v.session() == "" || seen[v.session()] {
			t.Fatalf("%s: the secret stays", a.Request.URL.Path)
		}
		for s := range seen {
			w.dead(s)
		}
		seen[v.session()] = true
	}
	a := v.post("/accounts/password", "password", password, "again", password).is(200, "<svg")
	changed(a)
	v.app = a.field("uri")
	changed(v.post("/accounts/code/confirm", "code", v.code(), "uri", v.app, "secret", "x").to("/accounts"))
	changed(v.post("/accounts/password", "password", password+"!", "again", password+"!").to("/accounts"))
	changed(v.post("/accounts/passkey/remove", "id", w.details("Admin").Passkeys[0].ID).to("/accounts"))
	token, response := v.ceremony("/accounts/passkey/begin", v.key.Register)
	changed(v.post("/accounts/passkey", "ceremony", token, "response", response, "name", "another").to("/accounts"))
	changed(v.post("/accounts/password/remove").to("/accounts"))
	v.post("/accounts/passkey/remove", "id", w.details("Admin").Passkeys[0].ID).is(409, "nobody could sign in")
	v.get("/accounts").is(200, "another").hasNot("/accounts/passkey/remove")
}

// Credentials are changed soon after sign-in, or after signing in anew.
func TestFresh(t *testing.T) {
	w := newWorld(t)
	v := w.administrator()
	w.clock.pass(16 * time.Minute)
	v.post("/accounts/password", "password", password, "again", password).is(403, "sign in anew", `href="/sign-in?next=/accounts"`)
	a := v.post("/accounts/passkey/begin").is(403, "sign in anew")
	if !strings.HasPrefix(a.body, `{"problem":`) {
		t.Errorf("%s", a.body)
	}
	v.get("/sign-in").is(200, "You are signed in as Admin.")
	v.signIn()
	v.post("/accounts/passkey/begin").is(200)
}

// After failures sign-in by password pauses, whoever tries; passkeys go on.
func TestPause(t *testing.T) {
	w := newWorld(t)
	v := w.administrator()
	a := v.post("/accounts/password", "password", password, "again", password).is(200)
	v.app = a.field("uri")
	v.post("/accounts/code/confirm", "code", v.code(), "uri", v.app, "secret", "x").to("/accounts")
	good := v.code()
	for range 5 {
		w.visitor().post("/sign-in", "name", "Admin", "password", "wrong password here", "code", "000000").is(403)
	}
	w.visitor().post("/sign-in", "name", "Admin", "password", password, "code", good).is(403, "after repeated failures sign-in pauses")
	v.get("/accounts/people").is(200, "sign-in by password is paused", "until")
	v.signIn()
	w.visitor().post("/sign-in", "name", "Admin", "password", password, "code", v.code()).to("/") // a good sign-in ends the pause
}

// Who comes too often is told so, in words and for programs.
func TestTooOften(t *testing.T) {
	w := newWorld(t)
	w.administrator()
	v := w.visitor()
	for i := 0; ; i++ {
		a := v.post("/welcome", "secret", "wrong")
		if a.StatusCode == http.StatusTooManyRequests {
			break
		}
		a.is(404)
		if i > 20 {
			t.Fatal("nobody is turned away")
		}
	}
	for lang, words := range map[string]string{"en": "too many attempts", "ja": "試行回数が多すぎます"} {
		v.lang = lang
		for _, a := range []answer{
			v.post("/sign-in", "name", "Admin", "password", password, "code", "000000"), v.post("/welcome", "secret", "wrong"), v.post("/welcome/open", "secret", "wrong", "lang", lang),
			v.post("/sign-in/passkey", "ceremony", "x", "response", "{}"),
		} {
			a.is(http.StatusTooManyRequests, words)
			if after, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || after < 1 || after > 60 {
				t.Errorf("%s: Retry-After: %q", a.Request.URL.Path, a.Header.Get("Retry-After"))
			}
		}
	}
	w.clock.pass(time.Minute)
	v.post("/welcome", "secret", "wrong").is(404)
}

// destinations are what somebody might write into next to lead a reader elsewhere.
var destinations = []string{
	"//evil.example", "///evil.example", "////evil.example/a", `/\evil.example`, `\/evil.example`, `\\evil.example`, "https://evil.example", "https:evil.example", "https:/evil.example",
	"http:///evil.example", "//evil.example@localhost", "javascript:alert(1)", "data:text/html,x", "evil.example", " //evil.example", "\t//evil.example", "/\t/evil.example", "/\n/evil.example",
	"/\r/evil.example", "/\x00/evil.example", "/%0a/evil.example", "/%2f/evil.example", "/%5cevil.example", "/.//evil.example", "/..//evil.example", "/a/../..//evil.example", "//localhost:1@evil.example",
	"/\u2028/evil.example", "／／evil.example", "/\r\nLocation: https://evil.example", "/\\\\evil.example", "?next=//evil.example", "#//evil.example", "/;//evil.example", "/@evil.example", "/" + strings.Repeat("/evil.example", 200),
}

func TestOpenRedirect(t *testing.T) {
	w := newWorld(t)
	v := w.administrator()
	base, err := url.Parse(w.origin + "/sign-in")
	w.must(err)
	stays := func(a answer, next string) {
		t.Helper()
		at := a.Header.Get("Location")
		to, err := base.Parse(at)
		if a.StatusCode != http.StatusSeeOther || err != nil || to.Host != base.Host || to.Scheme != base.Scheme || strings.HasPrefix(at, "//") || strings.ContainsAny(at, "\\\r\n\t") {
			t.Errorf("next %q: %s to %q", next, a.Status, at)
		}
	}
	for _, next := range destinations {
		token, response := v.ceremony("/sign-in/passkey/begin", v.key.Assert)
		stays(v.post("/sign-in/passkey", "ceremony", token, "response", response, "next", next), next)
		stays(v.post("/language", "lang", "en", "next", next), next)
		page := v.get("/sign-in?next=" + url.QueryEscape(next)).is(200)
		if strings.Contains(page.main(), `name="next" value="//`) || strings.Contains(page.main(), "javascript:") {
			t.Errorf("next %q goes on: %s", next, page.main())
		}
	}
}

// The language button is the account's.
func TestLanguage(t *testing.T) {
	w := newWorld(t)
	v := w.administrator()
	v.post("/language", "lang", "ja", "next", "/accounts").to("/accounts")
	v.get("/accounts").is(200, `<html lang="ja">`, "自分のアカウント", "システム管理者")
	if d := w.details("Admin"); d.Lang != locale.Japanese {
		t.Errorf("%+v", d)
	}
	v.post("/language", "lang", "fr").is(400)
	v.post("/sign-out")
	v.get("/sign-in").is(200, `<html lang="ja">`, "サインイン") // the browser remembers
	w.visitor().get("/sign-in").is(200, `<html lang="en">`)
	eve := w.visitor()
	eve.post("/language", "lang", "ja", "next", "/sign-in").to("/sign-in")
	eve.get("/sign-in").is(200, `<html lang="ja">`)
}

func TestSessions(t *testing.T) {
	w := newWorld(t)
	one := w.administrator()
	two := w.visitor()
	two.key = one.key
	two.signIn()
	a := two.get("/accounts").is(200, "this one")
	if n := strings.Count(a.body, "/accounts/session/end\""); n != 1 {
		t.Errorf("%d sessions can be ended\n%s", n, a.main())
	}
	old := one.session()
	two.post("/accounts/session/end", "id", a.field("id")).to("/accounts")
	w.dead(old)
	one.get("/accounts").to("/sign-in?next=%2Faccounts")
	one.signIn()
	two.post("/accounts/session/end-all").to("/sign-in")
	w.dead(one.session())
	one.get("/").to("/sign-in?next=%2F")
	two.post("/accounts/session/end", "id", "x").to("/sign-in")
}
