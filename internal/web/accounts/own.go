package accounts

import (
	"html/template"
	"strings"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/web/page"
)

// mine is one's own account.
type mine struct {
	account.Details
	Passkeys  passkeys
	Have      []account.Passkey
	Open      []*account.Session
	ID        string // of the session that looks
	LastWay   bool   // there is only one way to sign in: it cannot be removed
	CodesLack bool   // a password without an authenticator app, which counts for nothing
}

func (p *Pages) loadMine(r *page.Request) (m mine, err error) {
	r.Back = "/accounts"
	if m.Details, err = p.Accounts.Get(r.Context(), r.Actor(), r.Session.Account.ID); err != nil {
		return m, err
	}
	if m.Open, err = p.Accounts.Sessions(r.Context(), r.Actor()); err != nil {
		return m, err
	}
	m.Passkeys, m.Have, m.ID = p.passkeys(r), m.Details.Passkeys, r.Session.ID
	ways := len(m.Have) + len(m.Identities)
	if m.Password && m.Codes {
		ways++
	}
	m.LastWay, m.CodesLack = ways <= 1, m.Password && !m.Codes
	return m, nil
}

func (p *Pages) mine(r *page.Request) error {
	m, err := p.loadMine(r)
	if err != nil {
		return err
	}
	return r.Render("accounts/mine", m)
}

// refuseOwn shows the page that a change of one's own credentials came from, with why it was not done.
func (p *Pages) refuseOwn(r *page.Request, err error) error {
	if r.Session.Enrolling() {
		r.Back = page.EnrolPath
		return r.Refuse(err, "accounts/enrol", enrolForm{p.passkeys(r)})
	}
	m, failed := p.loadMine(r)
	if failed != nil { // such as a session that is over
		return failed
	}
	return r.Refuse(err, "accounts/mine", m)
}

// changed ends a change of one's own credentials.
func (p *Pages) changed(r *page.Request, secret string, s *account.Session, err error) error {
	if err != nil {
		return p.refuseOwn(r, err)
	}
	enrolling := r.Session.Enrolling()
	renewed(r, secret, s)
	switch {
	case s.Enrolling():
		return r.Redirect(page.EnrolPath)
	case enrolling:
		return r.Redirect("/")
	}
	return r.Redirect("/accounts")
}

func (p *Pages) beginPasskey(r *page.Request) error {
	options, token, err := p.Accounts.BeginPasskey(r.Context(), r.Actor())
	return answer(r, options, token, err)
}

func (p *Pages) finishPasskey(r *page.Request) error {
	secret, s, err := p.Accounts.FinishPasskey(r.Context(), r.Actor(), r.PostFormValue("ceremony"), r.PostFormValue("name"), []byte(r.PostFormValue("response")))
	return p.changed(r, secret, s, err)
}

func (p *Pages) removePasskey(r *page.Request) error {
	secret, s, err := p.Accounts.RemovePasskey(r.Context(), r.Actor(), r.PostFormValue("id"))
	return p.changed(r, secret, s, err)
}

// setPassword sets a password, and goes on to the authenticator app where there is none: a password without codes counts for nothing.
func (p *Pages) setPassword(r *page.Request) error {
	password := r.PostFormValue("password")
	if password != r.PostFormValue("again") {
		return p.refuseOwn(r, page.Refusal(fault.Invalid, "accounts.password-differs"))
	}
	secret, s, err := p.Accounts.SetPassword(r.Context(), r.Actor(), password)
	if err != nil {
		return p.refuseOwn(r, err)
	}
	before := r.Session
	renewed(r, secret, s)
	if !before.Enrolling() {
		d, err := p.Accounts.Get(r.Context(), r.Actor(), s.Account.ID)
		if err != nil {
			return err
		}
		if d.Codes {
			return r.Redirect("/accounts")
		}
	}
	return p.enrolCode(r)
}

func (p *Pages) removePassword(r *page.Request) error {
	secret, s, err := p.Accounts.RemovePassword(r.Context(), r.Actor())
	return p.changed(r, secret, s, err)
}

// codeForm is what an authenticator app is set up by.
type codeForm struct {
	Secret string
	URI    template.URL
	QR     template.HTML
}

const (
	uriPrefix = "otpauth://totp/"
	mostURI   = 1024 // bytes
)

// newCodeForm draws what an authenticator app reads.
func newCodeForm(e account.Enrolment) (codeForm, error) {
	if !strings.HasPrefix(e.URI, uriPrefix) || len(e.URI) > mostURI {
		return codeForm{}, fault.New(fault.Invalid, "this is not what an authenticator app is set up by")
	}
	picture, err := drawQR(e.URI)
	return codeForm{e.Secret, template.URL(e.URI), picture}, err // it is of the one scheme that is meant
}

func (p *Pages) enrolCode(r *page.Request) error {
	e, err := p.Accounts.EnrolTOTP(r.Context(), r.Actor())
	if err != nil {
		return p.refuseOwn(r, err)
	}
	f, err := newCodeForm(e)
	if err != nil {
		return err
	}
	p.backFromCode(r)
	return r.Render("accounts/code", f)
}

func (p *Pages) backFromCode(r *page.Request) {
	r.Back = "/accounts"
	if r.Session.Enrolling() {
		r.Back = page.EnrolPath
	}
}

// confirmCode makes the app count. Where its code does not fit the same secret is shown again, from the form: the app has it already.
func (p *Pages) confirmCode(r *page.Request) error {
	secret, s, err := p.Accounts.ConfirmTOTP(r.Context(), r.Actor(), r.PostFormValue("code"))
	if fault.Of(err) == fault.Invalid {
		f, broken := newCodeForm(account.Enrolment{Secret: r.PostFormValue("secret"), URI: r.PostFormValue("uri")})
		if broken != nil {
			return p.refuseOwn(r, err)
		}
		p.backFromCode(r)
		return r.Refuse(err, "accounts/code", f)
	}
	return p.changed(r, secret, s, err)
}

func (p *Pages) endSession(r *page.Request) error {
	if err := p.Accounts.EndSession(r.Context(), r.Actor(), r.PostFormValue("id")); err != nil {
		return p.refuseOwn(r, err)
	}
	return r.Redirect("/accounts")
}

func (p *Pages) endSessions(r *page.Request) error {
	if err := p.Accounts.SignOutEverywhere(r.Context(), r.Actor(), r.Session.Account.ID); err != nil {
		return p.refuseOwn(r, err)
	}
	r.SignedOut()
	return r.Redirect("/sign-in")
}
