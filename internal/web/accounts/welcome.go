package accounts

import (
	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/web/page"
)

// welcomeForm is what the page of a one-time link shows: first a field for its secret, then what the link is for.
type welcomeForm struct {
	Secret string
	Link   *account.LinkInfo // nil until the secret was looked at
	Name   string            // as typed, for the first administrator
	Lang   locale.Lang
}

func (p *Pages) welcome(r *page.Request) error { return r.Render("accounts/welcome", welcomeForm{}) }

// look shows what a link is for.
func (p *Pages) look(r *page.Request, secret string) (f welcomeForm, err error) {
	info, err := p.Accounts.Peek(r.Context(), secret, r.From())
	if err != nil {
		r.Back = "/welcome"
		return welcomeForm{}, err
	}
	f = welcomeForm{Secret: secret, Link: &info, Lang: r.Lang}
	if info.Name != "" { // whose it is was asked which language
		f.Lang, r.Lang = info.Lang, info.Lang
	}
	return f, nil
}

func (p *Pages) peek(r *page.Request) error {
	f, err := p.look(r, r.PostFormValue("secret"))
	if err != nil {
		return r.Refuse(err, "accounts/welcome", f)
	}
	return r.Render("accounts/welcome", f)
}

// open opens a link: from here on the browser has a session that may set credentials, and nothing else.
func (p *Pages) open(r *page.Request) error {
	secret, name := r.PostFormValue("secret"), r.PostFormValue("name")
	lang, err := parseLang(r)
	if err != nil {
		return err
	}
	cookie, s, err := p.Accounts.Redeem(r.Context(), secret, name, lang, r.From())
	if err != nil {
		f, gone := p.look(r, secret)
		if gone != nil {
			err = gone
		}
		f.Name, f.Lang = name, lang
		return r.Refuse(err, "accounts/welcome", f)
	}
	if s.Account.Lang != lang {
		if _, err := p.Accounts.Set(r.Context(), s.Actor(r.From()), s.Account.ID, account.Changes{Lang: &lang}); err != nil {
			return err
		}
	}
	if err := p.begin(r, cookie, s); err != nil {
		return err
	}
	r.ChooseLanguage(string(lang))
	return r.Redirect(page.EnrolPath)
}

// enrolForm is what somebody sees who has no credentials yet.
type enrolForm struct {
	Passkeys passkeys
}

func (p *Pages) enrol(r *page.Request) error {
	if !r.Session.Enrolling() {
		return r.Redirect("/accounts")
	}
	return r.Render("accounts/enrol", enrolForm{p.passkeys(r)})
}
