package authoring_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/search"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/sqlite"
	"github.com/wagasa/wagasa/internal/watch"
	"github.com/wagasa/wagasa/internal/web"
	"github.com/wagasa/wagasa/internal/web/authoring"
	"github.com/wagasa/wagasa/internal/web/desk"
	"github.com/wagasa/wagasa/internal/web/objects"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/internal/web/partners"
	watchpages "github.com/wagasa/wagasa/internal/web/watch"
	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/pattern"
)

const password = "four words that nobody guesses"

// world is a node with its pages, as the real one is put together.
type world struct {
	*testing.T
	store    store.Store
	self     *partner.Identity
	ingest   *ingest.Ingest
	accounts *account.Accounts
	handler  http.Handler
	cookies  map[string]string // of people by name
}

// template is the folder of a node with people who are signed in. It is made once, for passwords are slow on purpose, and copied for each test.
var template struct {
	once    sync.Once
	dir     string
	self    *partner.Identity
	cookies map[string]string
}

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(template.dir)
	os.Exit(code)
}

// people are those of every world.
var people = map[string]struct {
	lang locale.Lang
	role account.Role
}{
	"analyst": {locale.English, account.Analyst}, "分析官": {locale.Japanese, account.Analyst}, "watch": {locale.English, account.WatchOfficer},
	"release": {locale.English, account.ReleaseOfficer}, "signer": {locale.English, account.CovenantSigner}, "auditor": {locale.English, account.Auditor},
	"exercise": {locale.English, account.ExerciseController},
}

func makeTemplate(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "wagasa-authoring-")
	if err != nil {
		t.Fatal(err)
	}
	template.dir, template.cookies = dir, map[string]string{}
	w := &world{T: t}
	template.self, _, err = partner.Create(t.TempDir(), partner.Params{Name: "Example MoD", Nation: "JPN", Now: time.Now()})
	w.must(err)
	w.must(os.Mkdir(filepath.Join(dir, "store"), 0o700))
	s, err := sqlite.Open(t.Context(), filepath.Join(dir, "store", "store.db"), sqlite.Config{})
	w.must(err)
	w.accounts, err = account.New(account.Params{Store: s, Dir: dir, Node: "Example MoD"})
	w.must(err)
	l, _, err := w.accounts.FirstLink(t.Context())
	w.must(err)
	admin := w.enrol(l.Secret, "admin", locale.English)
	template.cookies["admin"] = admin
	session, err := w.accounts.Session(t.Context(), admin)
	w.must(err)
	for name, p := range people {
		_, l, err := w.accounts.Invite(t.Context(), session.Actor("192.0.2.1"), account.Newcomer{Name: name, Roles: []account.Role{p.role}, Lang: p.lang})
		w.must(err)
		template.cookies[name] = w.enrol(l.Secret, name, p.lang)
	}
	w.must(s.Close())
}

func newWorld(t *testing.T) *world {
	t.Helper()
	template.once.Do(func() { makeTemplate(t) })
	dir := t.TempDir()
	w := &world{T: t, cookies: template.cookies, self: template.self}
	w.must(os.CopyFS(dir, os.DirFS(filepath.Join(template.dir, "store"))))
	s, err := sqlite.Open(t.Context(), filepath.Join(dir, "store.db"), sqlite.Config{})
	w.must(err)
	t.Cleanup(func() { _ = s.Close() })
	w.store = s
	w.ingest = &ingest.Ingest{Self: w.self.Card.Party, Validation: []stix.ValidatorOption{stix.Patterns(pattern.NewChecker(nil))}}
	w.accounts, err = account.New(account.Params{Store: s, Dir: template.dir, Node: "Example MoD"})
	w.must(err)
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	site := &page.Site{Accounts: w.accounts, Log: log, Node: "Example MoD", Nation: "JPN", Now: time.Now}
	floor := &watchpages.Pages{Inbox: &watch.Inbox{Store: s, Now: time.Now}}
	release := &desk.Pages{Store: s}
	others := partners.New(partners.Config{Store: s, Self: w.self.Card, Now: time.Now})
	about := objects.New(objects.Config{Store: s, Index: search.New(s), Inbox: floor.Inbox, Self: w.self.Card.Party, Now: time.Now})
	writing := authoring.New(authoring.Config{Store: s, Author: &author.Author{Store: s, Ingest: w.ingest, Now: time.Now}, Now: time.Now})
	server, err := web.New(site, page.NewLive(s),
		web.Domain{Routes: floor.Routes(), Templates: watchpages.Templates},
		web.Domain{Routes: about.Routes(), Templates: objects.Templates},
		web.Domain{Routes: release.Routes(), Templates: desk.Templates},
		web.Domain{Routes: others.Routes(), Templates: partners.Templates},
		web.Domain{Routes: writing.Routes(), Templates: authoring.Templates})
	w.must(err)
	w.handler = server.Handler()
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// partner pairs with another node.
func (w *world) partner(name, nation string, ceiling stix.TLP) store.Party {
	w.Helper()
	other, _, err := partner.Create(w.TempDir(), partner.Params{Name: name, Nation: nation, Now: time.Now()})
	w.must(err)
	party := other.Card.Party
	w.must(w.store.Update(w.Context(), func(tx store.Tx) error {
		now := time.Now()
		if _, err := partner.Add(tx, w.self.Card, other.Card.Text(), now); err != nil {
			return err
		}
		if _, err := partner.Confirm(tx, party, other.Card.Digest(), now); err != nil {
			return err
		}
		if err := partner.Heard(tx, party, now); err != nil {
			return err
		}
		_, err := partner.Set(tx, party, partner.Settings{MaxTLP: &ceiling}, now)
		return err
	}))
	return party
}

// put stores objects, as own or as from a partner.
func (w *world) put(from store.Party, objects ...string) {
	w.Helper()
	var arrivals []ingest.Arrival
	for _, raw := range objects {
		o, err := stix.Parse([]byte(raw))
		w.must(err)
		a, err := ingest.Prepare(o, w.ingest.Validator())
		w.must(err)
		a.Origin, a.TLP = from, stix.TLPGreen
		arrivals = append(arrivals, a)
	}
	w.must(w.store.Update(w.Context(), func(tx store.Tx) error {
		_, err := w.ingest.Take(tx, time.Now(), arrivals)
		return err
	}))
}

// person is somebody who is signed in.
type person struct {
	*world
	cookie *http.Cookie
}

// person is somebody of the people above, or admin; "" is nobody.
func (w *world) person(name string) *person {
	w.Helper()
	if name == "" {
		return &person{world: w}
	}
	secret, ok := w.cookies[name]
	if !ok {
		w.Fatalf("nobody is called %s", name)
	}
	return &person{w, &http.Cookie{Name: "session", Value: secret}}
}

// enrol does what somebody does who has got a link, and returns the secret of the session.
func (w *world) enrol(link, name string, lang locale.Lang) string {
	w.Helper()
	_, s, err := w.accounts.Redeem(w.Context(), link, name, lang, "192.0.2.1")
	w.must(err)
	_, s, err = w.accounts.SetPassword(w.Context(), s.Actor("192.0.2.1"), password)
	w.must(err)
	e, err := w.accounts.EnrolTOTP(w.Context(), s.Actor("192.0.2.1"))
	w.must(err)
	secret, _, err := w.accounts.ConfirmTOTP(w.Context(), s.Actor("192.0.2.1"), w.code(e))
	w.must(err)
	return secret
}

// code is what an authenticator app shows now.
func (w *world) code(e account.Enrolment) string {
	w.Helper()
	u, err := url.Parse(e.URI)
	w.must(err)
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(e.Secret)
	w.must(err)
	algorithm := func() hash.Hash { return sha1.New() }
	if u.Query().Get("algorithm") == "SHA256" {
		algorithm = sha256.New
	}
	mac := hmac.New(algorithm, key)
	w.must(binary.Write(mac, binary.BigEndian, uint64(time.Now().Unix()/30)))
	sum := mac.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&15:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000)
}

// answer is what the node answered.
type answer struct {
	status int
	header http.Header
	body   string
}

func (p *person) do(r *http.Request) answer {
	p.Helper()
	if p.cookie != nil {
		r.AddCookie(p.cookie)
	}
	rec := httptest.NewRecorder()
	p.handler.ServeHTTP(rec, r)
	body, err := io.ReadAll(rec.Result().Body)
	p.must(err)
	return answer{rec.Code, rec.Result().Header, string(body)}
}

func (p *person) get(path string) answer {
	p.Helper()
	return p.do(httptest.NewRequest("GET", "http://localhost"+path, nil))
}

func (p *person) post(path string, form url.Values) answer {
	p.Helper()
	return p.do(request(path, form))
}

func request(path string, form url.Values) *http.Request {
	r := httptest.NewRequest("POST", "http://localhost"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// current are the current versions of a type, of all if it is "".
func (w *world) current(typ string) (list []store.Variant) {
	w.Helper()
	var types []string
	if typ != "" {
		types = []string{typ}
	}
	w.must(w.store.View(w.Context(), func(tx store.Tx) (err error) {
		for after := ""; ; {
			page, err := tx.Objects().ScanCurrent(after, types, nil, 500)
			if err != nil || len(page) == 0 {
				return err
			}
			list = append(list, page...)
			after = page[len(page)-1].ID
		}
	}))
	return list
}

// one is the current version of an object.
func (w *world) one(id string) (v store.Variant) {
	w.Helper()
	w.must(w.store.View(w.Context(), func(tx store.Tx) error {
		found, err := tx.Objects().Current([]string{id})
		if err == nil && len(found) != 1 {
			err = fmt.Errorf("%s is not here", id)
		}
		if err == nil {
			v = found[0]
		}
		return err
	}))
	return v
}

func (w *world) raw(id string) string { return string(w.one(id).Raw) }

// raws are all objects.
func (w *world) raws() (list []string) {
	for _, v := range w.current("") {
		list = append(list, string(v.Raw))
	}
	return list
}

// malware is an object of ours.
func (w *world) malware(id, name string) string {
	return fmt.Sprintf(`{"type":"malware","spec_version":"2.1","id":"%s","created_by_ref":"%s","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"%s","is_family":true}`,
		id, w.self.Card.Party, name)
}
