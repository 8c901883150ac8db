package accounts

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/web/page"
)

// signInForm is what the page of signing in shows.
type signInForm struct {
	Name     string
	Next     string
	Passkeys passkeys
	Identity bool
}

func (p *Pages) signInForm(r *page.Request, name, next string) signInForm {
	r.Back = "/sign-in"
	return signInForm{name, next, p.passkeys(r), p.Accounts.HasOIDC()}
}

// sameHost reports whether the reader is where browsers are meant to reach the pages: passkeys are bound to that name.
func sameHost(r *page.Request) bool {
	u, err := url.Parse(r.Site.Origin)
	return err == nil && strings.EqualFold(u.Host, r.Host)
}

func (p *Pages) signInPage(r *page.Request) error {
	return r.Render("accounts/sign-in", p.signInForm(r, "", r.Return("")))
}

// signedIn ends a sign-in, whichever way it went.
func (p *Pages) signedIn(r *page.Request, name, next, secret string, s *account.Session, err error) error {
	if err != nil {
		return r.Refuse(err, "accounts/sign-in", p.signInForm(r, name, next))
	}
	if err := p.begin(r, secret, s); err != nil {
		return err
	}
	if next == "" {
		next = "/"
	}
	return r.Redirect(next)
}

func (p *Pages) signIn(r *page.Request) error {
	name := r.PostFormValue("name")
	secret, s, err := p.Accounts.SignIn(r.Context(), name, r.PostFormValue("password"), r.PostFormValue("code"), r.From())
	return p.signedIn(r, name, r.Return(""), secret, s, err)
}

func (p *Pages) beginPasskeySignIn(r *page.Request) error {
	options, token, err := p.Accounts.BeginPasskeySignIn(r.Context())
	return answer(r, options, token, err)
}

func (p *Pages) finishPasskeySignIn(r *page.Request) error {
	secret, s, err := p.Accounts.FinishPasskeySignIn(r.Context(), r.PostFormValue("ceremony"), []byte(r.PostFormValue("response")), r.From())
	return p.signedIn(r, "", r.Return(""), secret, s, err)
}

// identityCookie keeps, in the browser that a sign-in at an identity provider began in, what is needed to end it: where to go on, and the ceremony.
const identityCookie = "identity"

// identityTime is how long somebody may take at the identity provider.
const identityTime = 5 * time.Minute

// startIdentity leads to the identity provider. It is a link and no form: the policy lets forms go nowhere else.
func (p *Pages) startIdentity(r *page.Request) error {
	next := r.Return("")
	address, token, err := p.Accounts.StartOIDC(r.Context())
	if err != nil {
		return r.Refuse(err, "accounts/sign-in", p.signInForm(r, "", next))
	}
	r.Keep(identityCookie, base64.RawURLEncoding.EncodeToString([]byte(next))+"."+token, r.Site.Now().Add(identityTime))
	http.Redirect(r.ResponseWriter, r.Request, address, http.StatusSeeOther)
	return nil
}

func (p *Pages) finishIdentity(r *page.Request) error {
	first, token, _ := strings.Cut(r.Kept(identityCookie), ".")
	r.Forget(identityCookie)
	next := ""
	if b, err := base64.RawURLEncoding.DecodeString(first); err == nil && page.Local(string(b)) {
		next = string(b)
	}
	q := r.URL.Query()
	secret, s, err := p.Accounts.FinishOIDC(r.Context(), token, q.Get("state"), q.Get("code"), r.From())
	return p.signedIn(r, "", next, secret, s, err)
}

func (p *Pages) signOut(r *page.Request) error {
	if err := p.Accounts.SignOut(r.Context(), r.Secret()); err != nil {
		return err
	}
	r.SignedOut()
	return r.Redirect("/sign-in")
}
