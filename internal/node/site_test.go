package node

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/watch"
	"github.com/wagasa/wagasa/internal/web/browsertest"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/stix"
)

// site is all pages of a node, as it serves them, with somebody of each role.
type site struct {
	*testing.T
	node   *Node
	pages  *pages
	origin string
	people map[string]*reader // by column
}

// reader is somebody with a browser, without scripts.
type reader struct {
	*site
	client *http.Client
	key    *browsertest.Key
	enrols func() string // opens a link anew, for who has nothing yet
}

// The columns of testdata/routes.txt.
var (
	columns = []string{"--", "AN", "WO", "RO", "CS", "AU", "AD", "EC", "SV", "EN"}
	roles   = map[string]account.Role{
		"AN": account.Analyst, "WO": account.WatchOfficer, "RO": account.ReleaseOfficer, "CS": account.CovenantSigner, "AU": account.Auditor,
		"AD": account.Administrator, "EC": account.ExerciseController,
	}
)

func newSite(t *testing.T) *site {
	t.Helper()
	n, err := Init(t.Context(), t.TempDir()+"/node", partner.Params{Name: "JPN Node", Nation: "JPN", Now: time.Now()}, stix.TLPAmber)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(h.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{T: t, node: n, origin: "http://localhost:" + port, people: map[string]*reader{}}
	s.pages = &pages{log: slog.New(slog.DiscardHandler), inbox: &watch.Inbox{Store: n.Store, Now: time.Now}, origin: s.origin}
	s.must(s.pages.build(n, nil))
	// Each request comes from an address of its own, so that what fails on purpose does not keep out who signs in.
	var asked atomic.Uint32
	h.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = fmt.Sprintf("[2001:db8:%x:%x::1]:1024", asked.Load()>>16, asked.Add(1)&0xffff)
		s.pages.server.Handler().ServeHTTP(w, r)
	})
	h.Start()
	t.Cleanup(func() { h.Close(); s.must(n.Close()) })
	for _, column := range columns {
		s.people[column] = s.somebody(column)
	}
	return s
}

func (s *site) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *site) somebody(column string) *reader {
	s.Helper()
	jar, err := cookiejar.New(nil)
	s.must(err)
	transport := &http.Transport{}
	s.Cleanup(transport.CloseIdleConnections)
	r := &reader{site: s, key: browsertest.NewKey(s, s.origin), client: &http.Client{
		Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	console, accounts := account.Console("test"), s.pages.accounts
	switch column {
	case "--":
	case "SV": // a program has a token, which opens no page
		service, err := accounts.Add(s.Context(), console, account.Newcomer{Name: "service", Kind: account.KindService, Lang: locale.English})
		s.must(err)
		token, _, err := accounts.AddToken(s.Context(), console, service.ID, "token", 24*time.Hour)
		s.must(err)
		at, _ := url.Parse(s.origin) // it was made above
		jar.SetCookies(at, []*http.Cookie{{Name: s.sessionCookie(), Value: token}})
	case "EN":
		made, l, err := accounts.Invite(s.Context(), console, account.Newcomer{Name: column, Roles: []account.Role{account.Administrator}, Lang: locale.English})
		s.must(err)
		r.enrols = func() string {
			l, err = accounts.Reset(s.Context(), console, made.ID)
			s.must(err)
			return l.Secret
		}
		r.open(l.Secret)
	default:
		_, l, err := accounts.Invite(s.Context(), console, account.Newcomer{Name: column, Roles: []account.Role{roles[column]}, Lang: locale.English})
		s.must(err)
		r.open(l.Secret)
		token, options := r.begin("/accounts/passkey/begin")
		r.post("/accounts/passkey", url.Values{"ceremony": {token}, "name": {"key"}, "response": {r.key.Register(options)}})
	}
	r.alive()
	return r
}

func (r *reader) open(secret string) {
	r.Helper()
	r.post("/welcome/open", url.Values{"secret": {secret}, "lang": {"en"}})
}

func (r *reader) begin(path string) (token string, options []byte) {
	r.Helper()
	_, body := r.post(path, nil)
	var c struct {
		Options  json.RawMessage `json:"options"`
		Ceremony string          `json:"ceremony"`
	}
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		r.Fatalf("%s: %v", body, err)
	}
	return c.Ceremony, c.Options
}

// alive makes sure that somebody is signed in who shall be.
func (r *reader) alive() {
	r.Helper()
	if _, err := r.pages.accounts.Session(r.Context(), r.cookie()); err == nil {
		return
	}
	switch {
	case r == r.people["--"] || r == r.people["SV"] || r.people["EN"] == nil:
	case r.enrols != nil:
		r.open(r.enrols())
	default:
		token, options := r.begin("/sign-in/passkey/begin")
		answer, body := r.post("/sign-in/passkey", url.Values{"ceremony": {token}, "response": {r.key.Assert(options)}})
		if answer.StatusCode == http.StatusTooManyRequests { // all addresses together have their limit too
			time.Sleep(time.Second)
			r.alive()
			return
		}
		if _, err := r.pages.accounts.Session(r.Context(), r.cookie()); err != nil {
			r.Fatalf("sign-in: %s: %v\n%v %v\n%s", answer.Status, err, answer.Header, r.cookie(), body)
		}
	}
}

func (s *site) sessionCookie() string { return "session-" + shortParty(s.node.Identity.Card.Party) }

func (r *reader) cookie() string {
	at, _ := url.Parse(r.origin) // it was made by newSite
	for _, c := range r.client.Jar.Cookies(at) {
		if c.Name == r.sessionCookie() {
			return c.Value
		}
	}
	return ""
}

func (r *reader) post(path string, form url.Values) (*http.Response, string) {
	r.Helper()
	return r.do(http.MethodPost, path, form.Encode(), map[string]string{"Sec-Fetch-Site": "same-origin"})
}

// do asks, and reads the answer; of a stream only that it begins.
func (r *reader) do(method, path, body string, headers map[string]string) (*http.Response, string) {
	r.Helper()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, method, r.origin+path, strings.NewReader(body))
	r.must(err)
	if method == http.MethodPost {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k, v := range headers {
		q.Header.Set(k, v)
	}
	answer, err := r.client.Do(q)
	r.must(err)
	defer answer.Body.Close()
	if answer.Header.Get("Content-Type") == "text/event-stream" {
		return answer, ""
	}
	b, err := io.ReadAll(answer.Body)
	r.must(err)
	return answer, html.UnescapeString(string(b))
}

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// path is one that a route answers.
func path(r page.Route) string {
	if r.Path == "/static/" {
		return "/static/umbrella.svg"
	}
	return wildcard.ReplaceAllStringFunc(r.Path, func(w string) string {
		if w == "{$}" {
			return ""
		}
		return "x"
	})
}

// table is who may take which route, as people wrote it down.
func table(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile("testdata/routes.txt")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(b)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] == "#" || fields[0] == columns[0] {
			continue
		}
		if len(fields) != 2+len(columns) {
			t.Fatalf("routes.txt: %q has %d columns", line, len(fields)-2)
		}
		rows[fields[0]+" "+fields[1]] = strings.Join(fields[2:], " ")
	}
	return rows
}

// TestRoutesByRole holds each route of the whole site against the table, cell by cell, with real requests of somebody of each role. Who may not
// is told so, or led to where one signs in or sets credentials; nothing else happens.
func TestRoutesByRole(t *testing.T) {
	s, want := newSite(t), table(t)
	for _, route := range s.pages.server.Routes() {
		name := route.Method + " " + route.Path
		row, listed := want[name]
		delete(want, name)
		var got []string
		for _, column := range columns {
			r := s.people[column]
			r.alive()
			before := s.ledger()
			answer, body := r.do(route.Method, path(route), "", map[string]string{"Sec-Fetch-Site": "same-origin"})
			cell := "x"
			if denied(column, answer, body) {
				cell = "."
				if after := s.ledger(); after != before {
					t.Errorf("%s by %s was denied, and left something in the ledger", name, column)
				}
			}
			if answer.StatusCode == http.StatusInternalServerError {
				t.Errorf("%s by %s: %s", name, column, answer.Status)
			}
			got = append(got, cell)
		}
		switch cells := strings.Join(got, " "); {
		case !listed:
			t.Errorf("this route is not in testdata/routes.txt; who may take it is decided there:\n%-5s %-40s %s", route.Method, route.Path, cells)
		case cells != row:
			t.Errorf("%s\nis   %s\nwant %s", name, cells, row)
		}
	}
	for name := range want {
		t.Errorf("testdata/routes.txt: there is no route %s", name)
	}
}

// denied reports whether an answer is what those get who may not.
func denied(column string, answer *http.Response, body string) bool {
	to := answer.Header.Get("Location")
	if answer.StatusCode == http.StatusSeeOther && len(answer.Cookies()) == 0 {
		switch column {
		case "--", "SV":
			return to == "/sign-in" || strings.HasPrefix(to, "/sign-in?next=")
		case "EN":
			return to == page.EnrolPath
		}
	}
	return answer.StatusCode == http.StatusForbidden && strings.Contains(body, "None of your roles allows that.")
}

func (s *site) ledger() (size int64) {
	s.Helper()
	s.must(s.node.Store.View(s.Context(), func(tx store.Tx) (err error) {
		size, err = ledger.Size(tx, ledger.National)
		return err
	}))
	return size
}

// allowed is somebody who may take a route, as the table says.
func (s *site) allowed(route page.Route, rows map[string]string) *reader {
	s.Helper()
	at := slices.Index(strings.Fields(rows[route.Method+" "+route.Path]), "x")
	if at < 0 {
		s.Fatalf("nobody may take %s %s", route.Method, route.Path)
	}
	r := s.people[columns[at]]
	r.alive()
	return r
}

// TestOtherSitesSendNothing: whatever changes something does so for pages of this site alone.
func TestOtherSitesSendNothing(t *testing.T) {
	s, rows := newSite(t), table(t)
	for _, route := range s.pages.server.Routes() {
		if route.Method == http.MethodGet {
			continue
		}
		for name, headers := range map[string]map[string]string{
			"a browser":     {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
			"a sibling":     {"Sec-Fetch-Site": "same-site"},
			"an old one":    {"Origin": "https://evil.example"},
			"a hidden one":  {"Origin": "null"},
			"another port":  {"Origin": "http://localhost:1"},
			"a rebound one": {"Origin": "http://evil.example", "Host": "evil.example"},
		} {
			r := s.allowed(route, rows)
			session, before := r.cookie(), s.ledger()
			answer, body := r.do(route.Method, path(route), "lang=ja&disabled=yes&sure=yes", headers)
			if answer.StatusCode != http.StatusForbidden || !strings.Contains(body, "another site") || s.ledger() != before || len(answer.Cookies()) > 0 {
				t.Errorf("%s %s from %s: %s", route.Method, route.Path, name, answer.Status)
			}
			if _, err := s.pages.accounts.Session(t.Context(), session); session != "" && err != nil {
				t.Errorf("%s %s from %s ended the session", route.Method, route.Path, name)
			}
		}
	}
}

// TestUploadsAreBounded: nothing takes more than it says, whoever sends it.
func TestUploadsAreBounded(t *testing.T) {
	s, rows := newSite(t), table(t)
	for _, route := range s.pages.server.Routes() {
		if route.Method == http.MethodGet {
			continue
		}
		most := route.Most
		if most == 0 {
			most = page.MostForm
		}
		body := "x=" + strings.Repeat("a", int(most))
		if answer, _ := s.allowed(route, rows).do(route.Method, path(route), body, nil); answer.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s %s takes %d bytes: %s", route.Method, route.Path, len(body), answer.Status)
		}
	}
}

var (
	inline = regexp.MustCompile(`(?i)<script(?:[^>]*)>|<style|\sstyle=|\son[a-z]+=|javascript:`)
	script = regexp.MustCompile(`^<script src="/static/[a-z0-9./-]+\?[0-9a-f]+" defer>$`)
)

// TestHeaders: no page is kept, framed, or made of anything but what this node serves.
func TestHeaders(t *testing.T) {
	s, rows := newSite(t), table(t)
	for _, route := range s.pages.server.Routes() {
		answer, body := s.allowed(route, rows).do(route.Method, path(route), "", nil)
		h := answer.Header
		if h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "same-origin" || h.Get("Cross-Origin-Opener-Policy") != "same-origin" {
			t.Errorf("%s %s: %v", route.Method, route.Path, h)
		}
		for _, rule := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(h.Get("Content-Security-Policy"), rule) {
				t.Errorf("%s %s: the policy lacks %s", route.Method, route.Path, rule)
			}
		}
		if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s %s: %v", route.Method, route.Path, h)
		}
		if !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
			continue
		}
		for _, found := range inline.FindAllString(body, -1) {
			if !script.MatchString(found) {
				t.Errorf("%s %s: %s", route.Method, route.Path, found)
			}
		}
	}
}

// TestStatic: what never changes may be kept, and there is nothing beside it.
func TestStatic(t *testing.T) {
	s := newSite(t)
	v := s.people["--"]
	_, body := v.do(http.MethodGet, "/sign-in", "", nil)
	links := regexp.MustCompile(`/static/[a-z0-9./-]+\?[0-9a-f]+`).FindAllString(body, -1)
	if len(links) < 3 {
		t.Fatalf("%v", links)
	}
	for _, link := range links {
		answer, _ := v.do(http.MethodGet, link, "", nil)
		if answer.StatusCode != http.StatusOK || !strings.Contains(answer.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %s %v", link, answer.Status, answer.Header)
		}
		answer, _ = v.do(http.MethodGet, link+"0", "", nil)
		if answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s with another digest may be kept", link)
		}
	}
	for _, path := range []string{
		"/static/", "/static/..", "/static/../web.go", "/static/..%2fweb.go", "/static/%2e%2e/web.go", "/static/%2e%2e%2fweb.go", "/static/..%5cweb.go", "/static//etc/passwd", "/static/%2fetc%2fpasswd",
		"/static/vendor", "/static/vendor/", "/static/vendor/LICENSE-htmx.org", "/static/umbrella.svg/", "/static/umbrella.svg%00.js", "/static/./umbrella.svg", "/static/....//web.go", "/static/..;/web.go",
		"/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/templates/frame.html", "/static/%c0%ae%c0%ae/web.go",
	} {
		answer, body := v.do(http.MethodGet, path, "", nil)
		if answer.StatusCode == http.StatusOK || strings.Contains(body, "package web") || strings.Contains(body, "root:") || strings.Contains(body, "{{define") {
			t.Errorf("%s: %s %.60q", path, answer.Status, body)
		}
	}
}
