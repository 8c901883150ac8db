package accounts_test

import (
	"bytes"
	"crypto/tls"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/internal/watch"
	"github.com/wagasa/wagasa/internal/web"
	"github.com/wagasa/wagasa/internal/web/accounts"
	"github.com/wagasa/wagasa/internal/web/browsertest"
	"github.com/wagasa/wagasa/internal/web/page"
	watchpages "github.com/wagasa/wagasa/internal/web/watch"
)

const password = "correct horse battery staple"

// clock is passed time. It begins now: browsers go by their own.
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

// journal is what the node logs.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// world is a node's pages of accounts, served over real HTTP.
type world struct {
	testing.TB
	*account.Accounts
	clock  *clock
	origin string
	server *web.Server
	log    *journal
}

// setting is how a world differs from the usual one.
type setting struct {
	tls    bool
	config func(origin string) account.Config
}

func newWorld(t testing.TB, some ...setting) *world {
	t.Helper()
	var s setting
	if len(some) > 0 {
		s = some[0]
	}
	h := httptest.NewUnstartedServer(nil)
	scheme := "http"
	if s.tls {
		scheme = "https"
	}
	_, port, err := net.SplitHostPort(h.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{TB: t, clock: &clock{at: time.Now()}, origin: scheme + "://localhost:" + port, log: &journal{}}
	var c account.Config
	if s.config != nil {
		c = s.config(w.origin)
	}
	kept := memory.New()
	if w.Accounts, err = account.New(account.Params{Store: kept, Dir: t.TempDir(), Node: "Example MoD", Origin: w.origin, Config: c, Now: w.clock.now}); err != nil {
		t.Fatal(err)
	}
	site := &page.Site{
		Accounts: w.Accounts, Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Secure: s.tls, Origin: w.origin,
		Node: "Example MoD", Nation: "JPN", Now: w.clock.now,
	}
	floor := &watchpages.Pages{Inbox: &watch.Inbox{Store: kept, Now: w.clock.now}}
	w.server, err = web.New(site, page.NewLive(kept),
		web.Domain{Routes: floor.Routes(), Templates: watchpages.Templates},
		web.Domain{Routes: (&accounts.Pages{Accounts: w.Accounts, Now: w.clock.now}).Routes(), Templates: accounts.Templates})
	if err != nil {
		t.Fatal(err)
	}
	h.Config.Handler = w.server.Handler()
	h.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	if s.tls {
		h.StartTLS()
	} else {
		h.Start()
	}
	t.Cleanup(h.Close)
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// visitor is a browser without scripts.
type visitor struct {
	*world
	client *http.Client
	jar    *cookiejar.Jar
	lang   string
	key    *browsertest.Key // its authenticator
	app    string           // the address that its authenticator app was set up with
	site   string           // Sec-Fetch-Site
}

func (w *world) visitor() *visitor {
	w.Helper()
	jar, err := cookiejar.New(nil)
	w.must(err)
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // a test's own certificate
	w.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &visitor{world: w, client: client, jar: jar, lang: "en", key: browsertest.NewKey(w, w.origin), site: "same-origin"}
}

// answer is what a visitor got.
type answer struct {
	*http.Response
	t    testing.TB
	body string
}

func (v *visitor) do(r *http.Request) answer {
	v.Helper()
	r.Header.Set("Accept-Language", v.lang)
	if r.Method == http.MethodPost {
		r.Header.Set("Sec-Fetch-Site", v.site)
	}
	response, err := v.client.Do(r)
	v.must(err)
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	v.must(err)
	return answer{response, v.TB, string(b)}
}

func (v *visitor) get(path string) answer {
	v.Helper()
	r, err := http.NewRequest(http.MethodGet, v.origin+path, nil)
	v.must(err)
	return v.do(r)
}

// post sends a form: names and values in turn.
func (v *visitor) post(path string, fields ...string) answer {
	v.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, v.origin+path, strings.NewReader(form.Encode()))
	v.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(r)
}

// is demands a status, and texts on the page.
func (a answer) is(code int, texts ...string) answer {
	a.t.Helper()
	if a.StatusCode != code {
		a.t.Fatalf("%s %s: %s to %q, want %d\n%s", a.Request.Method, a.Request.URL.Path, a.Status, a.Header.Get("Location"), code, a.main())
	}
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(a.body), text) {
			a.t.Fatalf("%s %s: %q is not on the page\n%s", a.Request.Method, a.Request.URL.Path, text, a.main())
		}
	}
	return a
}

// hasNot demands that something is not on the page.
func (a answer) hasNot(texts ...string) answer {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(html.UnescapeString(a.body), text) {
			a.t.Fatalf("%s %s: %q is on the page\n%s", a.Request.Method, a.Request.URL.Path, text, a.main())
		}
	}
	return a
}

func (a answer) main() string {
	_, main, _ := strings.Cut(a.body, "<main")
	main, _, _ = strings.Cut(main, "</main>")
	return main
}

// to demands that it leads to a path.
func (a answer) to(path string) answer {
	a.t.Helper()
	if at := a.Header.Get("Location"); a.StatusCode != http.StatusSeeOther || at != path {
		a.t.Fatalf("%s %s: %s to %q, want %q\n%s", a.Request.Method, a.Request.URL.Path, a.Status, at, path, a.main())
	}
	return a
}

// field is what a hidden field of the page holds.
func (a answer) field(name string) string {
	a.t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(a.main())
	if m == nil {
		a.t.Fatalf("%s: there is no field %s\n%s", a.Request.URL.Path, name, a.main())
	}
	return html.UnescapeString(m[1])
}

// once is what the page shows this once.
func (a answer) once() string {
	a.t.Helper()
	m := regexp.MustCompile(`<code id="once">([^<]*)</code>`).FindStringSubmatch(a.body)
	if m == nil {
		a.t.Fatalf("%s: it shows nothing once\n%s", a.Request.URL.Path, a.main())
	}
	return html.UnescapeString(m[1])
}

// session is the secret of the visitor's session, "" if there is none.
func (v *visitor) session() string {
	for _, c := range v.cookies() {
		if strings.HasSuffix(c.Name, "session") {
			return c.Value
		}
	}
	return ""
}

func (v *visitor) cookies() []*http.Cookie {
	at, err := url.Parse(v.origin)
	v.must(err)
	return v.jar.Cookies(at)
}

// plant puts a cookie into the browser, as somebody might who wants to be there already when its owner signs in.
func (v *visitor) plant(name, value string) {
	at, err := url.Parse(v.origin)
	v.must(err)
	v.jar.SetCookies(at, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

// dead demands that a session's secret proves nothing any more.
func (w *world) dead(secret string) {
	w.Helper()
	if s, err := w.Session(w.Context(), secret); err == nil {
		w.Fatalf("there still is the session %s of %s", s.ID, s.Account.Name)
	}
}

// link is the secret of the first administrator's link.
func (w *world) link() string {
	w.Helper()
	l, needed, err := w.FirstLink(w.Context())
	w.must(err)
	if !needed {
		w.Fatal("there is an administrator already")
	}
	return l.Secret
}

// open opens a link, up to where credentials are set.
func (v *visitor) open(secret, name string) {
	v.Helper()
	v.post("/welcome/open", "secret", secret, "name", name, "lang", v.lang).to("/welcome/credentials")
}

// touch answers what a passkey's ceremony begins with.
func (v *visitor) ceremony(begin string, touch func([]byte) string) (token, response string) {
	v.Helper()
	options, token := begun(v, v.post(begin).is(http.StatusOK))
	return token, touch(options)
}

// enrol opens a link and sets up a passkey: the shortest way in.
func (v *visitor) enrol(secret, name string) *visitor {
	v.Helper()
	v.open(secret, name)
	token, response := v.ceremony("/accounts/passkey/begin", v.key.Register)
	v.post("/accounts/passkey", "ceremony", token, "response", response, "name", "key").to("/")
	return v
}

// signIn signs in by passkey.
func (v *visitor) signIn() *visitor {
	v.Helper()
	token, response := v.ceremony("/sign-in/passkey/begin", v.key.Assert)
	v.post("/sign-in/passkey", "ceremony", token, "response", response).to("/")
	return v
}

// administrator makes the first one.
func (w *world) administrator() *visitor {
	w.Helper()
	return w.visitor().enrol(w.link(), "Admin")
}

// somebody makes a person with some roles, who has set up a passkey.
func (w *world) somebody(name string, roles ...account.Role) *visitor {
	w.Helper()
	_, l, err := w.Invite(w.Context(), account.Console("test"), account.Newcomer{Name: name, Roles: roles, Lang: locale.English})
	w.must(err)
	return w.visitor().enrol(l.Secret, "")
}

// id is an account's, by its name.
func (w *world) id(name string) string { return w.details(name).ID }

func (w *world) details(name string) account.Details {
	w.Helper()
	d, err := w.Resolve(w.Context(), account.Console("test"), name)
	w.must(err)
	return d
}

// code is what the visitor's app shows, of a time at which none was used yet.
func (v *visitor) code() string {
	v.Helper()
	v.clock.pass(30 * time.Second)
	return browsertest.Code(v, v.app, v.clock.now())
}
