// Package accounts is the pages of signing in and of accounts: what a one-time link opens, how somebody signs in and out, one's own credentials,
// sessions and language, and, for who may, the people and services of the node, recovery and the audit. It shows what internal/account says and
// hands on what people type; nothing is decided here.
//
// What comes in are forms. A secret comes in the body of one, never in an address: that of a one-time link stands behind the # of its address, which
// browsers keep to themselves, until a script puts it into the form, or its owner pastes it. Whatever gives a session another secret puts
// it into the browser at once. What is shown once, a link or a token, is shown in the answer to the form that made it, which nothing keeps.
//
// All pages but that of passkeys work without scripts. Pages may be used by many goroutines.
package accounts

import (
	"bytes"
	"embed"
	"encoding/json"
	"net/http"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/web/page"
)

// Templates are those of these pages.
//
//go:embed *.html
var Templates embed.FS

// Pages are the pages of one node.
type Pages struct {
	Accounts *account.Accounts
	Now      func() time.Time
}

// mostResponse bounds a form with what an authenticator answered.
const mostResponse = 256 << 10

// Routes are what they answer.
func (p *Pages) Routes() []page.Route {
	return append([]page.Route{
		{Method: "GET", Path: "/welcome", Handle: p.welcome},
		{Method: "POST", Path: "/welcome", Handle: p.peek},
		{Method: "POST", Path: "/welcome/open", Handle: p.open},
		{Method: "GET", Path: page.EnrolPath, Action: account.OwnCredentials, Handle: p.enrol},

		{Method: "GET", Path: "/sign-in", Handle: p.signInPage},
		{Method: "POST", Path: "/sign-in", Handle: p.signIn},
		{Method: "POST", Path: "/sign-in/passkey/begin", Handle: p.beginPasskeySignIn},
		{Method: "POST", Path: "/sign-in/passkey", Most: mostResponse, Handle: p.finishPasskeySignIn},
		{Method: "GET", Path: "/sign-in/identity/start", Handle: p.startIdentity},
		{Method: "GET", Path: "/sign-in/identity", Handle: p.finishIdentity},
		{Method: "POST", Path: "/sign-out", Handle: p.signOut},

		{Method: "GET", Path: "/accounts", Action: account.SignedIn, Handle: p.mine},
		{Method: "POST", Path: "/accounts/passkey/begin", Action: account.OwnCredentials, Handle: p.beginPasskey},
		{Method: "POST", Path: "/accounts/passkey", Action: account.OwnCredentials, Most: mostResponse, Handle: p.finishPasskey},
		{Method: "POST", Path: "/accounts/passkey/remove", Action: account.OwnCredentials, Handle: p.removePasskey},
		{Method: "POST", Path: "/accounts/password", Action: account.OwnCredentials, Handle: p.setPassword},
		{Method: "POST", Path: "/accounts/password/remove", Action: account.OwnCredentials, Handle: p.removePassword},
		{Method: "POST", Path: "/accounts/code", Action: account.OwnCredentials, Handle: p.enrolCode},
		{Method: "POST", Path: "/accounts/code/confirm", Action: account.OwnCredentials, Handle: p.confirmCode},
		{Method: "POST", Path: "/accounts/session/end", Action: account.OwnSessions, Handle: p.endSession},
		{Method: "POST", Path: "/accounts/session/end-all", Action: account.OwnSessions, Handle: p.endSessions},
	}, p.manage()...)
}

// manage are the routes about others.
func (p *Pages) manage() []page.Route {
	return []page.Route{
		{Method: "GET", Path: "/accounts/people", Action: account.AccountView, Handle: p.people},
		{Method: "POST", Path: "/accounts/people/invite", Action: account.AccountManage, Handle: p.invite},
		{Method: "POST", Path: "/accounts/people/service", Action: account.AccountManage, Handle: p.addService},
		{Method: "GET", Path: "/accounts/people/{id}", Action: account.AccountView, Handle: p.person},
		{Method: "POST", Path: "/accounts/people/{id}/change", Action: account.AccountManage, Handle: p.change},
		{Method: "POST", Path: "/accounts/people/{id}/disable", Action: account.AccountManage, Handle: p.disable},
		{Method: "POST", Path: "/accounts/people/{id}/sign-out", Action: account.AccountManage, Handle: p.signOutPerson},
		{Method: "POST", Path: "/accounts/people/{id}/remove", Action: account.AccountManage, Handle: p.remove},
		{Method: "POST", Path: "/accounts/people/{id}/link", Action: account.AccountManage, Handle: p.link},
		{Method: "POST", Path: "/accounts/people/{id}/token", Action: account.AccountManage, Handle: p.addToken},
		{Method: "POST", Path: "/accounts/people/{id}/token/revoke", Action: account.AccountManage, Handle: p.revokeToken},
		{Method: "POST", Path: "/accounts/people/{id}/identity", Action: account.AccountManage, Handle: p.linkIdentity},
		{Method: "POST", Path: "/accounts/people/{id}/identity/remove", Action: account.AccountManage, Handle: p.unlinkIdentity},
		{Method: "POST", Path: "/accounts/people/{id}/recover", Action: account.RecoverAsk, Handle: p.recover},
		{Method: "GET", Path: "/accounts/recovery", Action: account.RecoverApprove, Handle: p.requests},
		{Method: "POST", Path: "/accounts/recovery/{id}/approve", Action: account.RecoverApprove, Handle: p.approve},
		{Method: "POST", Path: "/accounts/recovery/{id}/withdraw", Action: account.RecoverApprove, Handle: p.withdraw},
		{Method: "GET", Path: "/accounts/audit", Action: account.AuditRead, Handle: p.audit},
	}
}

// begin puts a new session into the browser. One that was there before ends: whoever knows its secret has nothing of what is signed in now.
func (p *Pages) begin(r *page.Request, secret string, s *account.Session) error {
	if err := p.Accounts.SignOut(r.Context(), r.Secret()); err != nil {
		return err
	}
	r.SignedIn(secret, s.Expires)
	return nil
}

// renewed puts the new secret of the same session into the browser.
func renewed(r *page.Request, secret string, s *account.Session) {
	r.Session = s
	r.SignedIn(secret, s.Expires)
}

// passkeys says how this browser can have passkeys: Elsewhere is the address at which it can, where it cannot here.
type passkeys struct {
	Possible  bool
	Elsewhere string
}

func (p *Pages) passkeys(r *page.Request) passkeys {
	switch {
	case !p.Accounts.HasPasskeys():
		return passkeys{}
	case r.Site.Origin != "" && !sameHost(r):
		return passkeys{Elsewhere: r.Site.Origin}
	}
	return passkeys{Possible: true}
}

// parseLang reads a language of a form.
func parseLang(r *page.Request) (locale.Lang, error) {
	switch lang := locale.Lang(r.PostFormValue("lang")); lang {
	case locale.English, locale.Japanese:
		return lang, nil
	default:
		return "", fault.New(fault.Invalid, "language %q: want en or ja", lang)
	}
}

// ceremony is what a script begins a passkey's ceremony with.
type ceremony struct {
	Options  json.RawMessage `json:"options,omitempty"`
	Ceremony string          `json:"ceremony,omitempty"`
	Problem  string          `json:"problem,omitempty"` // in words
}

// answer gives a script what it begins with, or words for why it cannot.
func answer(r *page.Request, options []byte, token string, err error) error {
	c, code := ceremony{Options: options, Ceremony: token}, http.StatusOK
	if err != nil {
		words, status := r.Words(err)
		if status == http.StatusInternalServerError {
			return err
		}
		c, code = ceremony{Problem: words}, status
	}
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(c); err != nil {
		return err
	}
	return r.RawJSON(code, b.Bytes())
}
