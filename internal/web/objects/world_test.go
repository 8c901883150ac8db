package objects_test

import (
	"bytes"
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
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/exchange"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/reference"
	"github.com/wagasa/wagasa/internal/search"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/internal/watch"
	"github.com/wagasa/wagasa/internal/web"
	"github.com/wagasa/wagasa/internal/web/browsertest"
	"github.com/wagasa/wagasa/internal/web/desk"
	"github.com/wagasa/wagasa/internal/web/objects"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/internal/web/partners"
	watchpages "github.com/wagasa/wagasa/internal/web/watch"
	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/pattern"
)

// node is one that exchanges.
type node struct {
	store    store.Store
	identity *partner.Identity
	ingest   *ingest.Ingest
	engine   *exchange.Engine
}

// world is a node, JPN, whose pages are served over real HTTP, and its partner USA.
type world struct {
	testing.TB
	jpn, usa   *node
	index      *search.Index
	references *reference.Index
	inbox      *watch.Inbox
	accounts   *account.Accounts
	handler    http.Handler
	origin     string
	clock      time.Time
}

func newWorld(t testing.TB) *world { return newWorldIn(t, memory.New()) }

func newWorldIn(t testing.TB, s store.Store) *world {
	t.Helper()
	w := &world{TB: t, clock: time.Date(2026, 4, 10, 1, 2, 3, 0, time.UTC)}
	t.Cleanup(func() { s.Close() })
	w.jpn, w.usa = w.node("Example MoD", "JPN", s), w.node("Example DoD", "USA", memory.New())
	w.pair(w.jpn, w.usa)
	w.pair(w.usa, w.jpn)
	w.start(w.jpn)
	w.start(w.usa)
	w.serve(s)
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) node(name, nation string, s store.Store) *node {
	w.Helper()
	id, _, err := partner.Create(filepath.Join(w.TempDir(), nation), partner.Params{Name: name, Nation: nation, Now: w.clock})
	w.must(err)
	return &node{store: s, identity: id, ingest: &ingest.Ingest{Self: id.Card.Party, Validation: []stix.ValidatorOption{stix.Patterns(&pattern.Checker{})}}}
}

func (w *world) pair(n, other *node) {
	w.Helper()
	card := other.identity.Card
	w.must(n.store.Update(w.Context(), func(tx store.Tx) error {
		if _, err := partner.Add(tx, n.identity.Card, card.Text(), w.clock); err != nil {
			return err
		}
		if _, err := partner.Confirm(tx, card.Party, card.Digest(), w.clock); err != nil {
			return err
		}
		ceiling, at := stix.TLPAmber, "https://peer.example"
		_, err := partner.Set(tx, card.Party, partner.Settings{MaxTLP: &ceiling, URL: &at}, w.clock)
		return err
	}))
}

func (w *world) start(n *node) {
	w.Helper()
	var epoch uint64
	w.must(n.store.Update(w.Context(), func(tx store.Tx) (err error) {
		epoch, err = exchange.TakeLease(tx, "test")
		return err
	}))
	n.engine = exchange.NewEngine(exchange.DefaultConfig(), n.store, n.identity, n.ingest, epoch, slog.New(slog.DiscardHandler))
}

// serve serves the pages of JPN.
func (w *world) serve(s store.Store) {
	w.Helper()
	now := func() time.Time { return w.clock }
	w.index, w.references, w.inbox = search.New(s), &reference.Index{Store: s}, &watch.Inbox{Store: s, Now: now}
	h := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(h.Listener.Addr().String())
	w.must(err)
	w.origin = "http://localhost:" + port
	w.accounts, err = account.New(account.Params{Store: s, Dir: w.TempDir(), Node: "Example MoD", Origin: w.origin})
	w.must(err)
	card := w.jpn.identity.Card
	site := &page.Site{Accounts: w.accounts, Log: slog.New(slog.NewTextHandler(logged{w}, nil)), Origin: w.origin, Node: card.Name, Nation: card.Nation, Now: time.Now}
	pages := objects.New(objects.Config{Store: s, Index: w.index, Inbox: w.inbox, Self: card.Party, Now: now})
	others := partners.New(partners.Config{Store: s, Self: card, Confirm: nil, Now: now})
	live := page.NewLive(s)
	server, err := web.New(site, live,
		web.Domain{Routes: pages.Routes(), Templates: objects.Templates},
		web.Domain{Routes: (&watchpages.Pages{Inbox: w.inbox}).Routes(), Templates: watchpages.Templates},
		web.Domain{Routes: (&desk.Pages{Store: s}).Routes(), Templates: desk.Templates},
		web.Domain{Routes: others.Routes(), Templates: partners.Templates},
	)
	w.must(err)
	w.handler = server.Handler()
	h.Config.Handler = http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if secret, ok := strings.CutPrefix(r.URL.Path, "/enter/"); ok { // a browser comes in
			http.SetCookie(out, &http.Cookie{Name: "session", Value: secret, Path: "/", HttpOnly: true})
			http.Redirect(out, r, "/objects", http.StatusSeeOther)
			return
		}
		w.handler.ServeHTTP(out, r)
	})
	h.Start()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- live.Run(ctx) }()
	w.Cleanup(func() {
		cancel()
		h.CloseClientConnections()
		h.Close()
		<-ended
	})
}

// logged makes what the pages log a failure of the test.
type logged struct{ *world }

func (l logged) Write(b []byte) (int, error) {
	if l.Context().Err() == nil {
		l.Errorf("logged: %s", b)
	}
	return len(b), nil
}

// object is one in JSON: members that are given stand beside those that each has.
func object(id, modified string, members map[string]any) map[string]any {
	o := map[string]any{"type": stix.TypeOf(id), "spec_version": "2.1", "id": id}
	if modified != "" {
		o["created"], o["modified"] = "2026-01-01T00:00:00.000Z", modified
	}
	for k, v := range members {
		o[k] = v
	}
	return o
}

// take takes an object in at a node, as its own with TLP:GREEN where it names none.
func (w *world) take(n *node, objects ...map[string]any) {
	w.Helper()
	var arrivals []ingest.Arrival
	for _, o := range objects {
		arrivals = append(arrivals, w.arrival(n, w.json(o), store.Self))
	}
	w.arrive(n, arrivals...)
}

// json writes an object without escaping what is markup elsewhere.
func (w *world) json(o map[string]any) []byte {
	w.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	w.must(e.Encode(o))
	return bytes.TrimSpace(b.Bytes())
}

func (w *world) arrival(n *node, raw []byte, origin store.Party) ingest.Arrival {
	w.Helper()
	o, err := stix.Parse(raw)
	w.must(err)
	a, err := ingest.Prepare(o, n.ingest.Validator())
	w.must(err)
	a.TLP, a.Precedence, a.Origin = stix.TLPGreen, store.Priority, origin
	if origin != store.Self {
		a.Serial = uint64(w.clock.UnixMilli())
	}
	return a
}

func (w *world) arrive(n *node, arrivals ...ingest.Arrival) {
	w.Helper()
	w.must(n.store.Update(w.Context(), func(tx store.Tx) error {
		_, err := n.ingest.Take(tx, w.clock, arrivals)
		return err
	}))
}

// settle lets everything flow between the two nodes, and JPN's indexes and inbox follow.
func (w *world) settle() {
	w.Helper()
	ctx := w.Context()
	nodes := map[store.Party]*node{w.jpn.identity.Card.Party: w.jpn, w.usa.identity.Card.Party: w.usa}
	for range 20 {
		w.clock = w.clock.Add(time.Minute)
		for _, n := range nodes {
			var out []exchange.Transmission
			for more := true; more; {
				some, again, err := n.engine.Poll(ctx, w.clock)
				w.must(err)
				out, more = append(out, some...), again
			}
			ticked, err := n.engine.Tick(ctx, w.clock)
			w.must(err)
			for out = append(out, ticked...); len(out) > 0; {
				t := out[0]
				w.clock = w.clock.Add(time.Millisecond)
				back, failed := nodes[t.To.Party].engine.Receive(ctx, w.clock, t.Frame)
				done, err := n.engine.Done(ctx, w.clock, t, failed)
				w.must(err)
				out = append(out[1:], done...)
				for _, b := range back {
					answer, failed := n.engine.Receive(ctx, w.clock, b.Frame)
					w.must(failed)
					more, err := nodes[t.To.Party].engine.Done(ctx, w.clock, b, nil)
					w.must(err)
					if len(answer) > 0 || len(more) > 0 {
						out = append(out, answer...)
					}
				}
			}
		}
	}
	w.follow()
}

func (w *world) follow() {
	w.Helper()
	w.must(w.index.CatchUp(w.Context(), nil))
	for more := true; more; {
		var err error
		more, err = w.references.Follow(w.Context())
		w.must(err)
	}
	for more := true; more; {
		var err error
		more, err = w.inbox.Follow(w.Context())
		w.must(err)
	}
}

// visitor is somebody who is signed in.
type visitor struct {
	*world
	client *http.Client
	secret string
	lang   string
}

// visitor makes somebody with roles.
func (w *world) visitor(lang locale.Lang, roles ...account.Role) *visitor {
	w.Helper()
	by := account.Console("test")
	_, l, err := w.accounts.Invite(w.Context(), by, account.Newcomer{Name: fmt.Sprintf("%s %d", roles[0], time.Now().UnixNano()%1e9), Kind: account.KindPerson, Roles: roles, Lang: lang})
	w.must(err)
	secret, session, err := w.accounts.Redeem(w.Context(), l.Secret, "", lang, "127.0.0.1")
	w.must(err)
	_ = secret
	options, ceremony, err := w.accounts.BeginPasskey(w.Context(), session.Actor("127.0.0.1"))
	w.must(err)
	secret, _, err = w.accounts.FinishPasskey(w.Context(), session.Actor("127.0.0.1"), ceremony, "key", []byte(browsertest.NewKey(w, w.origin).Register(options)))
	w.must(err)
	jar, err := cookiejar.New(nil)
	w.must(err)
	at, err := url.Parse(w.origin)
	w.must(err)
	jar.SetCookies(at, []*http.Cookie{{Name: "session", Value: secret, Path: "/"}})
	transport := &http.Transport{}
	w.Cleanup(transport.CloseIdleConnections)
	return &visitor{w, &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, secret, string(lang)}
}

// answer is what a visitor got.
type answer struct {
	*http.Response
	t    testing.TB
	body string
}

func (v *visitor) do(method, path string, form url.Values, headers ...string) answer {
	v.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(v.Context(), method, v.origin+path, body)
	v.must(err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := v.client.Do(r)
	v.must(err)
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	v.must(err)
	return answer{response, v.TB, string(b)}
}

func (v *visitor) get(path string, headers ...string) answer {
	v.Helper()
	return v.do(http.MethodGet, path, nil, headers...)
}

// post sends a form: names and values in turn.
func (v *visitor) post(path string, fields ...string) answer {
	v.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return v.do(http.MethodPost, path, form)
}

// text is what stands in the page's main part, without markup.
func (a answer) text() string {
	_, main, ok := strings.Cut(a.body, "<main")
	if !ok {
		main = a.body
	}
	main, _, _ = strings.Cut(main, "</main>")
	main = regexp.MustCompile(`</?(bdi|mark|span class="hidden-char")>`).ReplaceAllString(main, "")
	main = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(main, " ")
	return strings.Join(strings.Fields(html.UnescapeString(main)), " ")
}

// is demands a status, and texts on the page.
func (a answer) is(code int, texts ...string) answer {
	a.t.Helper()
	if a.StatusCode != code {
		a.t.Fatalf("%s %s: %s to %q, want %d\n%s", a.Request.Method, a.Request.URL, a.Status, a.Header.Get("Location"), code, a.text())
	}
	for _, text := range texts {
		if !strings.Contains(a.text(), text) {
			a.t.Errorf("%s %s: %q is not on the page\n%s", a.Request.Method, a.Request.URL, text, a.text())
		}
	}
	return a
}

// lacks demands that texts are not on the page.
func (a answer) lacks(texts ...string) answer {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.text(), text) {
			a.t.Errorf("%s %s: %q is on the page\n%s", a.Request.Method, a.Request.URL, text, a.text())
		}
	}
	return a
}
