// Package objects is the pages about objects: the search, and all that the node knows of one object. It shows what internal/search, internal/reference,
// the store, the ledger and the exchange say, keeps searches for those who ask for it, and takes acknowledgements. It decides nothing about release: who
// may see objects sees whatever the node holds, but for what is quarantined.
//
// Everything that an object says is foreign text. It never becomes markup or a link to elsewhere; on a reader's wish addresses in it are shown such
// that no program takes them for addresses ([defang]).
package objects

import (
	"embed"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/search"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/watch"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/stix"
)

// Templates are those of these pages.
//
//go:embed *.html
var Templates embed.FS

// Config is what the pages need of a node.
type Config struct {
	Store store.Store
	Index *search.Index
	Inbox *watch.Inbox
	Self  store.Party // the identity that this node writes for
	Now   func() time.Time
}

// Pages are the pages of one node.
type Pages struct{ Config }

// New makes the pages.
func New(c Config) *Pages { return &Pages{c} }

// Routes are what they answer.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Method: "GET", Path: "/objects", Action: account.Search, Handle: p.list},
		{Method: "POST", Path: "/objects/searches", Action: account.SavedSearch, Handle: p.save},
		{Method: "POST", Path: "/objects/searches/delete", Action: account.SavedSearch, Handle: p.forget},
		{Method: "POST", Path: "/objects/reading", Action: account.ViewObjects, Handle: p.choose},
		{Method: "GET", Path: "/objects/{id}", Action: account.ViewObjects, Handle: p.show},
		{Method: "GET", Path: "/objects/{id}/now", Action: account.ViewObjects, Handle: p.now},
		{Method: "GET", Path: "/objects/{id}/bytes/{seq}", Action: account.ViewObjects, Handle: p.bytes},
		{Method: "GET", Path: "/objects/{id}/references", Action: account.ViewObjects, Handle: p.references},
		{Method: "GET", Path: "/objects/{id}/graph", Action: account.ViewObjects, Handle: p.graph},
		{Method: "POST", Path: "/objects/{id}/acknowledge", Action: account.Acknowledge, Handle: p.acknowledge},
	}
}

// defangCookie is where a browser keeps that its reader wants addresses defanged.
const defangCookie = "defang"

// choose keeps how a reader wants addresses shown.
func (p *Pages) choose(r *page.Request) error {
	switch r.PostFormValue("defang") {
	case "yes":
		r.Keep(defangCookie, "yes", r.Site.Now().AddDate(1, 0, 0))
	case "no":
		r.Forget(defangCookie)
	default:
		return fault.New(fault.Invalid, "defang: want yes or no")
	}
	return r.Redirect(r.Return("/objects"))
}

// idOf is the object that a page is about.
func idOf(r *page.Request) (string, error) {
	id := r.PathValue("id")
	if !stix.ValidID(id) {
		return "", page.Refusal(fault.NotFound, "objects.no-id")
	}
	return id, nil
}

// acknowledge notes that somebody has seen the version that is shown.
func (p *Pages) acknowledge(r *page.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	seen, err := number(r.PostFormValue("modified"))
	if err != nil {
		return err
	}
	if _, err := p.Inbox.Acknowledge(r.Context(), r.Session.Account.Name, []watch.Seen{{ID: id, Modified: seen}}); err != nil {
		return err
	}
	if r.Partial() {
		return p.now(r)
	}
	return r.Redirect("/objects/" + id)
}

// short is the beginning of a text, for where many stand.
func short(text string, most int) string {
	text = strings.TrimSpace(text)
	n := 0
	for i := range text {
		if n++; n > most {
			return text[:i] + "…"
		}
	}
	return text
}
