// Package page is what all pages of the web have in common: routes with what one must be allowed to do, the session behind a request, how an
// answer is rendered in the reader's language, and how errors become pages.
//
// A domain's folder under internal/web gives a list of [Route]s and its templates; package web puts them together into one handler. A
// handler gets a [Request], which belongs to the goroutine of that request. Everything else is read-only after it was made.
//
// What an object says is foreign text. Templates escape it for the place where it stands, and "foreign" makes visible what would hide or turn
// other text. Nothing of it becomes a link to elsewhere, and nothing is ever fetched.
package page

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/locale"
)

// Route is one thing that the web answers.
type Route struct {
	Method string // GET or POST
	Path   string // as net/http's ServeMux takes it
	// Action is what the account must be allowed to do. It is empty for what everybody may, signed in or not.
	Action account.Action
	// Most bounds the body; 0 is [MostForm].
	Most   int64
	Handle func(*Request) error
}

// MostForm bounds the body of a form.
const MostForm = 64 << 10

// Site is what the pages of one node share.
type Site struct {
	Accounts *account.Accounts
	Renderer *Renderer
	Assets   *Assets
	Menu     []MenuItem
	Log      *slog.Logger
	Secure   bool   // the browser comes by TLS
	Origin   string // where browsers reach the pages, such as https://node.example; "" is this machine alone
	// Known reports whether a host name leads here, beside that of Origin and those of this machine; nil knows none.
	Known  func(host string) bool
	Node   string // its name
	Nation string
	Short  string // tells it from other nodes on this machine: a few letters and digits
	Demo   bool   // it is a node of the demo for visitors: its watch page has a tour
	Now    func() time.Time
}

// MenuItem leads to a page, for those who may see it.
type MenuItem struct {
	Path   string
	Text   string // a code of the texts
	Action account.Action
}

// Request is a request and its answer.
type Request struct {
	*http.Request
	http.ResponseWriter
	Site    *Site
	Session *account.Session // nil if nobody is signed in
	Lang    locale.Lang
	// Back is where the reader gets on from a page that answers a form, and so cannot be asked for again.
	Back    string
	problem string // why input was not taken
}

// Here is where this page can be asked for again; "" where that is nowhere.
func (r *Request) Here() string {
	if r.Method == http.MethodGet {
		return r.URL.RequestURI()
	}
	return r.Back
}

// Problem is why what the reader sent was not taken, where the page is shown again for that; "" otherwise.
func (r *Request) Problem() string { return r.problem }

// Context is that of the request.
func (r *Request) Context() context.Context { return r.Request.Context() }

// Text is a text in the reader's language.
func (r *Request) Text(code string, args ...any) string { return locale.Text(r.Lang, code, args...) }

// May reports whether the account may do something; pages leave out what it may not.
func (r *Request) May(a account.Action) bool {
	return a == "" || r.Session != nil && account.Allowed(r.Session.Account.Roles, a)
}

// From is the address that the request came from, as the ledger keeps it.
func (r *Request) From() string {
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return at.Addr().Unmap().String()
	}
	return r.RemoteAddr
}

// Actor is who is signed in, acting from where the request came from; nobody, who may do nothing, if nobody is.
func (r *Request) Actor() account.Actor {
	if r.Session == nil {
		return account.Actor{}
	}
	return r.Session.Actor(r.From())
}

// Origin is where the reader's browser reaches the pages, to make addresses to be given to somebody.
func (r *Request) Origin() string {
	switch {
	case r.Site.Origin != "":
		return r.Site.Origin
	case r.Site.Secure:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// Partial reports whether a part of a page is asked for, to be put into the one that is there.
func (r *Request) Partial() bool {
	return r.Request.Header.Get("HX-Request") == "true" && r.Request.Header.Get("HX-Boosted") != "true"
}

// Redirect sends the reader on to a path of this site, also where only a part of a page was asked for.
func (r *Request) Redirect(path string) error {
	if !Local(path) {
		path = "/"
	}
	if r.Partial() {
		r.ResponseWriter.Header().Set("HX-Redirect", path)
		return nil
	}
	http.Redirect(r.ResponseWriter, r.Request, path, http.StatusSeeOther)
	return nil
}

// Local reports whether a path stays on this site: it begins with one slash, and has nothing that a browser reads as another host.
func Local(path string) bool {
	if path == "" || path[0] != '/' || len(path) > 2048 {
		return false
	}
	for i := range len(path) {
		if path[i] < ' ' || path[i] == '\\' || path[i] == 0x7f {
			return false
		}
	}
	return len(path) == 1 || path[1] != '/'
}

// Return is where the form field or parameter "next" leads, if it stays on this site, otherwise the given path.
func (r *Request) Return(otherwise string) string {
	if next := r.FormValue("next"); Local(next) {
		return next
	}
	return otherwise
}
