package accounts_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/locale"
)

func TestInvite(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	admin.get("/accounts/people").is(200, "Invite a person", "Add a service", "1 accounts")
	admin.post("/accounts/people/invite", "name", "Hanako", "lang", "ja").is(400, "at least one role", `value="Hanako"`)
	admin.post("/accounts/people/invite", "name", "Hanako", "lang", "ja", "role", "root").is(400)
	admin.post("/accounts/people/invite", "name", "admin", "lang", "ja", "role", "analyst").is(409, "is taken already")
	a := admin.post("/accounts/people/invite", "name", "Hanako", "lang", "ja", "role", "analyst", "role", "watch-officer").is(200, "One-time link", "Hand this link to Hanako")
	link := a.once()
	secret, ok := strings.CutPrefix(link, w.origin+"/welcome#")
	if !ok {
		t.Fatalf("the link is %q", link)
	}
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Error("what is shown once may be kept")
	}
	admin.post("/accounts/people/invite", "name", "Hanako", "lang", "ja", "role", "analyst", "role", "watch-officer").is(409).hasNot(secret)
	admin.get("/accounts/people").is(200, "Hanako", "invited").hasNot(secret)
	id := w.id("Hanako")
	admin.get("/accounts/people/"+id).is(200, "Make a new link").hasNot(secret)
	again := admin.post("/accounts/people/"+id+"/link").is(200, "One-time link").once()
	w.visitor().post("/welcome", "secret", secret).is(404) // the earlier one ends
	v := w.visitor().enrol(strings.TrimPrefix(again, w.origin+"/welcome#"), "")
	v.get("/accounts").is(200, "Hanako").hasNot("People and services", `href="/accounts/people"`)
	admin.post("/accounts/people/"+id+"/link").is(403, "takes two administrators")
	admin.get("/accounts/people/"+id).is(200, "can sign in").hasNot("Make a new link")
	if d := w.details("Hanako"); !slices.Equal(d.Roles, []account.Role{account.Analyst, account.WatchOfficer}) {
		t.Errorf("%v", d.Roles)
	}
	if strings.Contains(w.log.String(), secret) {
		t.Error("the log tells a secret")
	}
}

func TestChange(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	v := w.somebody("Taro", account.Analyst)
	at := "/accounts/people/" + w.id("Taro")
	old := v.session()
	admin.post(at+"/change", "kind", "person", "name", "Taro", "role", "release-officer", "role", "analyst").to(at)
	w.dead(old) // who gets roles signs in anew
	v.signIn()
	if !w.details("Taro").Complete || len(w.details("Taro").Roles) != 2 {
		t.Errorf("%+v", w.details("Taro"))
	}
	old = v.session()
	admin.post(at+"/change", "kind", "person", "name", "太郎", "role", "release-officer", "role", "analyst").to(at)
	if _, err := w.Session(t.Context(), old); err != nil {
		t.Errorf("a name ends the session: %v", err)
	}
	v.get("/accounts").is(200, "太郎")
	admin.post(at+"/change", "kind", "person", "name", "太郎").is(400, "at least one role")
	admin.post(at+"/change", "kind", "person", "name", "", "role", "analyst").is(400, "a name has 1 to 64 characters")

	// Nobody gives roles to themselves, and somebody stays administrator.
	own := "/accounts/people/" + w.id("Admin")
	admin.get(own).is(200, "this is you")
	admin.post(own+"/change", "kind", "person", "name", "Admin", "role", "administrator", "role", "release-officer").is(403, "nobody gives roles to themselves")
	admin.post(own+"/change", "kind", "person", "name", "Admin", "role", "analyst").is(403, "nobody gives roles to themselves")
	admin.post(own+"/disable", "disabled", "yes").is(409, "the last administrator")
	admin.post(own+"/remove", "sure", "yes").is(409, "the last administrator")

	// Disabled, it signs in no more; enabled, it does.
	admin.post(at+"/disable", "disabled", "maybe").is(400)
	admin.post(at+"/disable", "disabled", "yes").to(at)
	w.dead(old)
	admin.get(at).is(200, "disabled", "Enable")
	token, response := v.ceremony("/sign-in/passkey/begin", v.key.Assert)
	v.post("/sign-in/passkey", "ceremony", token, "response", response).is(403)
	admin.post(at+"/disable", "disabled", "no").to(at)
	v.signIn()

	old = v.session()
	admin.post(at + "/sign-out").to(at)
	w.dead(old)
	v.signIn()
	old = v.session()
	admin.post(at+"/remove").is(400, "Nothing was removed")
	admin.post(at+"/remove", "sure", "yes").to("/accounts/people")
	w.dead(old)
	admin.get(at).is(404, "there is no account")
	admin.post(at+"/change", "kind", "person", "name", "x", "role", "analyst").is(404)
}

func TestServices(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	admin.post("/accounts/people/service", "name", "a/b").is(400, `value="a/b"`)
	admin.post("/accounts/people/service", "name", "siem").to("/accounts/people/" + w.id("siem"))
	at := "/accounts/people/" + w.id("siem")
	admin.get(at).is(200, "There is no token.", "service").hasNot("Passkeys", "Recovery</h2>")
	a := admin.post(at+"/token", "name", "main", "days", "90").is(200, "New token", "the token main of siem")
	secret := a.once()
	s, err := w.Token(t.Context(), secret, "192.0.2.1")
	w.must(err)
	if s.Account.Name != "siem" {
		t.Errorf("%+v", s)
	}
	admin.get(at).is(200, "main", "Revoke", "has a token").hasNot(secret)
	admin.post(at+"/token", "name", "main", "days", "90").is(409, "is taken already")
	admin.post(at+"/token", "name", "other", "days", "9000").is(400, "from an hour to two years")
	admin.post(at+"/token", "name", "other", "days", "many").is(400)
	admin.post(at+"/change", "kind", "service", "name", "siem two").to(at)
	admin.post(at+"/change", "kind", "person", "name", "siem two", "role", "administrator").is(400, "services alone")
	// A token is for programs: it opens no page.
	robot := w.visitor()
	robot.plant("session", secret)
	robot.get("/accounts").to("/sign-in?next=%2Faccounts")
	w.clock.pass(91 * 24 * time.Hour)
	admin.signIn()
	admin.get(at).is(200, "over", "no token that is good")
	admin.post(at+"/token/revoke", "token", w.details("siem two").Tokens[0].ID).to(at)
	admin.post(at+"/token/revoke", "token", "main").is(404, "has no token main")
	if strings.Contains(w.log.String(), secret) {
		t.Error("the log tells a secret")
	}
}

func TestRecovery(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	other := w.somebody("Other", account.Administrator)
	v := w.somebody("Taro", account.Analyst)
	at := "/accounts/people/" + w.id("Taro")
	admin.get("/accounts/people/" + w.id("Admin")).is(200).hasNot("Ask for recovery")
	admin.post("/accounts/people/"+w.id("Admin")+"/recover", "reason", "lost").is(403, "set your credentials yourself")
	admin.post(at+"/recover", "reason", "").is(400, "give a reason")
	admin.post(at+"/recover", "reason", "lost the telephone").to("/accounts/recovery")
	a := admin.get("/accounts/recovery").is(200, "lost the telephone", "Another administrator has to approve this.", "Take back").hasNot("Approve and make a link")
	id := regexp.MustCompile(`/accounts/recovery/([0-9a-f]+)/withdraw`).FindStringSubmatch(a.body)[1]
	admin.post("/accounts/recovery/"+id+"/approve").is(403, "another administrator has to approve")
	other.get("/accounts/recovery").is(200, "lost the telephone", "Approve and make a link", "Turn down")
	link := other.post("/accounts/recovery/"+id+"/approve").is(200, "Hand this link to Taro").once()
	other.post("/accounts/recovery/"+id+"/approve").is(404, "was decided already")
	v.get("/").is(200) // what he had holds until the link is used
	taro := w.visitor()
	taro.post("/welcome", "secret", strings.TrimPrefix(link, w.origin+"/welcome#")).is(200, "you set anew how you sign in")
	taro.enrol(strings.TrimPrefix(link, w.origin+"/welcome#"), "")
	v.get("/").to("/sign-in?next=%2F")
	taro.signIn()

	admin.post(at+"/recover", "reason", "again").to("/accounts/recovery")
	a = other.get("/accounts/recovery").is(200, "again")
	id = regexp.MustCompile(`/accounts/recovery/([0-9a-f]+)/withdraw`).FindStringSubmatch(a.body)[1]
	other.post("/accounts/recovery/" + id + "/withdraw").to("/accounts/recovery")
	other.get("/accounts/recovery").is(200, "No recovery waits")
	admin.post("/accounts/recovery/" + id + "/approve").is(404)
}

func TestAudit(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	auditor := w.somebody("Auditor", account.Auditor)
	for i := range 120 {
		_, err := w.Add(t.Context(), account.Console("console"), account.Newcomer{Name: fmt.Sprint("service ", i), Kind: account.KindService, Lang: locale.English})
		w.must(err)
	}
	a := auditor.get("/accounts/audit").is(200, "account made", "service 119", "console", "Earlier").hasNot("Newest", "service 1<")
	if n := strings.Count(a.main(), "<tr>"); n != 101 {
		t.Errorf("%d lines", n)
	}
	next := regexp.MustCompile(`/accounts/audit\?before=\d+`).FindString(a.body)
	auditor.get(next).is(200, "service 1</bdi>", "Newest", "credentials set by one-time link", "127.0.0.1").hasNot("service 119", "Earlier")
	auditor.get("/accounts/audit?before=x").is(400)
	auditor.get("/accounts/audit?before=-1").is(400)
	auditor.get("/accounts/audit?before=99999999999999999999").is(400)
	auditor.get("/accounts/audit?before=1000000").is(200, "service 119")

	// Who audits sees everything, and changes nothing.
	auditor.get("/accounts/people").is(200, "Auditor").hasNot("Invite a person", "Add a service")
	auditor.get("/accounts/people/"+w.id("Admin")).is(200, "administrator").hasNot("<form class", "Remove the account", "End all sessions")
	auditor.post("/accounts/people/"+w.id("Admin")+"/disable", "disabled", "yes").is(403)

	// Many accounts come page by page.
	admin.get("/accounts/people").is(200, "122 accounts", "Next page", "Admin")
	admin.get("/accounts/people?from=100").is(200, "122 accounts", "service 99").hasNot("Next page", w.id("Admin"))
	admin.get("/accounts/people?from=100000").is(200, "No account has a name like that.")
	admin.get("/accounts/people?from=-5").is(200, "Admin")
	admin.get("/accounts/people?q=SERVICE+1").is(200, "31 accounts").hasNot("Next page")
}

// What people call themselves and others is text, wherever it stands.
func TestForeignText(t *testing.T) {
	w := newWorld(t)
	const evil = `"><img src=x onerror=alert(1)>'{{.}}`
	admin := w.visitor().enrol(w.link(), evil)
	other := w.somebody(evil+" two", account.Administrator)
	admin.post("/accounts/people/service", "name", evil+" three").to("/accounts/people/" + w.id(evil+" three"))
	at := "/accounts/people/" + w.id(evil+" three")
	pages := []answer{admin.post(at+"/token", "name", evil, "days", "30")}
	token, response := admin.ceremony("/accounts/passkey/begin", w.visitor().key.Register)
	admin.post("/accounts/passkey", "ceremony", token, "response", response, "name", evil).to("/accounts")
	admin.post("/accounts/people/"+w.id(evil+" two")+"/recover", "reason", evil+"</p><script>alert(1)</script>").to("/accounts/recovery")
	pages = append(pages, admin.get(at), admin.get("/accounts"), admin.get("/accounts/people?q="+url.QueryEscape(evil)), admin.get("/accounts/audit"), other.get("/accounts/recovery"),
		w.visitor().post("/sign-in", "name", evil, "password", "x", "code", "x"), admin.get("/sign-in?next="+url.QueryEscape("/"+evil)),
		admin.post("/accounts/people/invite", "name", evil+"<script>alert(1)</script>", "lang", "en", "role", "analyst"))
	for _, a := range pages {
		if strings.Contains(a.body, "<img src=x") || strings.Contains(a.body, "<script>") || a.StatusCode >= 500 {
			t.Errorf("%s: %s\n%s", a.Request.URL.Path, a.Status, a.main())
		}
		if !strings.Contains(a.body, "&lt;img") && !strings.Contains(a.body, "%3Cimg") {
			t.Errorf("%s shows nothing of it", a.Request.URL.Path)
		}
	}
}

// Cookies are kept from scripts, from other sites, and by TLS from everything but TLS.
func TestCookies(t *testing.T) {
	for _, secure := range []bool{false, true} {
		w := newWorld(t, setting{tls: secure})
		v := w.visitor()
		v.open(w.link(), "Admin")
		token, response := v.ceremony("/accounts/passkey/begin", v.key.Register)
		a := v.post("/accounts/passkey", "ceremony", token, "response", response, "name", "key").to("/")
		name := "session"
		if secure {
			name = "__Host-session"
		}
		check := func(a answer, name string, hidden bool) {
			t.Helper()
			i := slices.IndexFunc(a.Cookies(), func(c *http.Cookie) bool { return c.Name == name })
			if i < 0 {
				t.Fatalf("%v: no cookie %s", a.Cookies(), name)
			}
			c := a.Cookies()[i]
			if c.HttpOnly != hidden || c.SameSite != http.SameSiteLaxMode || c.Secure != secure || c.Path != "/" || c.Domain != "" {
				t.Errorf("%s", c.Raw)
			}
		}
		check(a, name, true)
		check(v.post("/language", "lang", "ja"), "lang", false)
		out := v.post("/sign-out").to("/sign-in")
		check(out, name, true)
		if c := out.Cookies()[0]; c.Value != "" || c.MaxAge >= 0 && c.Expires.After(time.Now()) {
			t.Errorf("%s", c.Raw)
		}
		hsts := a.Header.Get("Strict-Transport-Security") != ""
		if hsts != secure {
			t.Errorf("TLS %v, HSTS %v", secure, hsts)
		}
		// Without its prefix a cookie is none: another host of the same domain could have set it.
		if secure {
			v.signIn()
			value := v.session()
			eve := w.visitor()
			eve.plant("session", value)
			eve.get("/").to("/sign-in?next=%2F")
		}
	}
}
