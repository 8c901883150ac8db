package accounts

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/web/page"
)

// shownPeople is how many are on one page.
const shownPeople = 100

// people is the list of all accounts, or of those that a word finds.
type people struct {
	List     []row
	Query    string
	Found    int
	Next     int // where the next page begins; 0 if there is none
	Roles    []account.Role
	Typed    newcomer // what was typed, where it was not taken
	Identity bool
}

// row is an account as a list shows it.
type row struct {
	account.Details
	State state
}

// newcomer is what somebody typed about who is to get an account.
type newcomer struct {
	Name    string
	Roles   []account.Role
	Lang    locale.Lang
	Without bool // a link: that person signs in at the identity provider
	Service bool
}

// Has reports whether a role was marked.
func (n newcomer) Has(r account.Role) bool { return slices.Contains(n.Roles, r) }

// state is how it stands with an account.
type state struct {
	Code  string // of the texts
	Class string
	Until time.Time
}

func stateOf(d account.Details) state {
	switch {
	case d.Disabled:
		return state{Code: "accounts.state-disabled", Class: "bad"}
	case !d.Paused.IsZero():
		return state{"accounts.state-paused", "warn", d.Paused}
	case d.Complete && d.Kind == account.KindService:
		return state{Code: "accounts.state-token", Class: "good"}
	case d.Complete:
		return state{Code: "accounts.state-active", Class: "good"}
	case !d.Invited.IsZero():
		return state{"accounts.state-invited", "warn", d.Invited}
	case d.Kind == account.KindService:
		return state{Code: "accounts.state-no-token", Class: "warn"}
	}
	return state{Code: "accounts.state-incomplete", Class: "warn"}
}

// personRoles are those that a person may have.
func personRoles() []account.Role {
	return slices.DeleteFunc(slices.Clone(account.Roles[:]), func(r account.Role) bool { return r == account.Service })
}

func (p *Pages) loadPeople(r *page.Request) (l people, err error) {
	r.Back = "/accounts/people"
	all, err := p.Accounts.List(r.Context(), r.Actor())
	if err != nil {
		return l, err
	}
	l = people{Query: strings.TrimSpace(r.URL.Query().Get("q")), Roles: personRoles(), Typed: newcomer{Lang: r.Lang}, Identity: p.Accounts.HasOIDC()}
	word := strings.ToLower(l.Query)
	all = slices.DeleteFunc(all, func(d account.Details) bool { return !strings.Contains(strings.ToLower(d.Name), word) })
	l.Found = len(all)
	from, _ := strconv.Atoi(r.URL.Query().Get("from")) // what cannot be read is the beginning
	from = max(0, min(from, len(all)))
	if end := from + shownPeople; end < len(all) {
		l.Next, all = end, all[:end]
	}
	for _, d := range all[from:] {
		l.List = append(l.List, row{d, stateOf(d)})
	}
	return l, nil
}

func (p *Pages) people(r *page.Request) error {
	l, err := p.loadPeople(r)
	if err != nil {
		return err
	}
	return r.Render("accounts/people", l)
}

// rolesOf reads the roles that were marked.
func rolesOf(r *page.Request) (roles []account.Role, err error) {
	for _, name := range r.PostForm["role"] {
		role, err := account.ParseRole(name)
		if err != nil {
			return nil, err
		}
		roles = append(roles, role)
	}
	return roles, nil
}

// refusePeople shows the list again, with what was typed and why it was not taken.
func (p *Pages) refusePeople(r *page.Request, err error, typed newcomer) error {
	l, failed := p.loadPeople(r)
	if failed != nil {
		return failed
	}
	l.Typed = typed
	return r.Refuse(err, "accounts/people", l)
}

// invite makes an account of a person, and shows the link that opens it; who signs in at the identity provider needs none.
func (p *Pages) invite(r *page.Request) error {
	roles, err := rolesOf(r)
	if err != nil {
		return err
	}
	lang, err := parseLang(r)
	if err != nil {
		return err
	}
	typed := newcomer{Name: r.PostFormValue("name"), Roles: roles, Lang: lang, Without: r.PostFormValue("without") != ""}
	n := account.Newcomer{Name: typed.Name, Kind: account.KindPerson, Roles: roles, Lang: lang}
	if typed.Without {
		made, err := p.Accounts.Add(r.Context(), r.Actor(), n)
		if err != nil {
			return p.refusePeople(r, err, typed)
		}
		return r.Redirect("/accounts/people/" + made.ID)
	}
	made, l, err := p.Accounts.Invite(r.Context(), r.Actor(), n)
	if err != nil {
		return p.refusePeople(r, err, typed)
	}
	return showLink(r, made, l)
}

func (p *Pages) addService(r *page.Request) error {
	typed := newcomer{Name: r.PostFormValue("name"), Service: true, Lang: r.Lang}
	made, err := p.Accounts.Add(r.Context(), r.Actor(), account.Newcomer{Name: typed.Name, Kind: account.KindService, Lang: r.Lang})
	if err != nil {
		return p.refusePeople(r, err, typed)
	}
	return r.Redirect("/accounts/people/" + made.ID)
}

// once is what is shown this once.
type once struct {
	Name    string
	ID      string
	Token   string // its name; "" for a link
	Value   string
	Expires time.Time
}

// showLink shows the address of a one-time link. Its secret stands behind the #, which browsers keep to themselves.
func showLink(r *page.Request, who account.Account, l account.Link) error {
	r.Back = "/accounts/people/" + who.ID
	return r.Render("accounts/once", once{Name: who.Name, ID: who.ID, Value: r.Origin() + "/welcome#" + l.Secret, Expires: l.Expires})
}

// detail is the page of one account.
type detail struct {
	row
	Roles    []account.Role
	Own      bool // it is the reader's
	Identity bool
	Lasts    []lasting
	Now      time.Time
}

// lasting is how long a token may be made to last.
type lasting struct {
	Days int
	Code string // of the texts
}

var lastings = [...]lasting{{30, "accounts.month"}, {90, "accounts.quarter"}, {180, "accounts.half-year"}, {365, "accounts.year"}, {730, "accounts.two-years"}}

// Has reports whether the account has a role.
func (d detail) Has(r account.Role) bool { return slices.Contains(d.Account.Roles, r) }

// Person reports whether it is a person's.
func (d detail) Person() bool { return d.Kind == account.KindPerson }

func (p *Pages) loadPerson(r *page.Request) (d detail, err error) {
	id := r.PathValue("id")
	r.Back = "/accounts/people/" + id
	found, err := p.Accounts.Get(r.Context(), r.Actor(), id)
	if err != nil {
		return d, err
	}
	return detail{
		row: row{found, stateOf(found)}, Roles: personRoles(), Own: id == r.Session.Account.ID, Identity: p.Accounts.HasOIDC(), Lasts: lastings[:], Now: p.Now(),
	}, nil
}

func (p *Pages) person(r *page.Request) error {
	d, err := p.loadPerson(r)
	if err != nil {
		return err
	}
	return r.Render("accounts/person", d)
}

// done ends a change of an account: its page, with why it was not done where it was not.
func (p *Pages) done(r *page.Request, err error) error {
	if err == nil {
		return r.Redirect("/accounts/people/" + r.PathValue("id"))
	}
	d, failed := p.loadPerson(r)
	if failed != nil {
		return err
	}
	return r.Refuse(err, "accounts/person", d)
}

// change sets the name and, of a person, the roles.
func (p *Pages) change(r *page.Request) error {
	roles, err := rolesOf(r)
	if err != nil {
		return err
	}
	name := r.PostFormValue("name")
	c := account.Changes{Name: &name}
	if r.PostFormValue("kind") == string(account.KindPerson) {
		c.Roles = append([]account.Role{}, roles...) // none marked is none wanted, and refused in words
	}
	_, err = p.Accounts.Set(r.Context(), r.Actor(), r.PathValue("id"), c)
	return p.done(r, err)
}

func (p *Pages) disable(r *page.Request) error {
	var off bool
	switch r.PostFormValue("disabled") {
	case "yes":
		off = true
	case "no":
	default:
		return fault.New(fault.Invalid, "disabled: want yes or no")
	}
	_, err := p.Accounts.Set(r.Context(), r.Actor(), r.PathValue("id"), account.Changes{Disabled: &off})
	return p.done(r, err)
}

func (p *Pages) signOutPerson(r *page.Request) error {
	return p.done(r, p.Accounts.SignOutEverywhere(r.Context(), r.Actor(), r.PathValue("id")))
}

// remove removes an account, once whoever asks has marked that it is meant.
func (p *Pages) remove(r *page.Request) error {
	if r.PostFormValue("sure") != "yes" {
		return p.done(r, page.Refusal(fault.Invalid, "accounts.not-sure"))
	}
	if err := p.Accounts.Remove(r.Context(), r.Actor(), r.PathValue("id")); err != nil {
		return p.done(r, err)
	}
	return r.Redirect("/accounts/people")
}

// link makes a new link for somebody who never had credentials.
func (p *Pages) link(r *page.Request) error {
	l, err := p.Accounts.Reset(r.Context(), r.Actor(), r.PathValue("id"))
	if err != nil {
		return p.done(r, err)
	}
	d, err := p.Accounts.Get(r.Context(), r.Actor(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return showLink(r, d.Account, l)
}

func (p *Pages) addToken(r *page.Request) error {
	days, err := strconv.Atoi(r.PostFormValue("days"))
	if err != nil || days < 0 || days > 10_000 {
		return fault.New(fault.Invalid, "days: want a number")
	}
	id := r.PathValue("id")
	secret, token, err := p.Accounts.AddToken(r.Context(), r.Actor(), id, r.PostFormValue("name"), time.Duration(days)*24*time.Hour)
	if err != nil {
		return p.done(r, err)
	}
	d, err := p.Accounts.Get(r.Context(), r.Actor(), id)
	if err != nil {
		return err
	}
	r.Back = "/accounts/people/" + id
	return r.Render("accounts/once", once{Name: d.Name, ID: id, Token: token.Name, Value: secret, Expires: token.Expires})
}

func (p *Pages) revokeToken(r *page.Request) error {
	return p.done(r, p.Accounts.RevokeToken(r.Context(), r.Actor(), r.PathValue("id"), r.PostFormValue("token")))
}

func (p *Pages) linkIdentity(r *page.Request) error {
	return p.done(r, p.Accounts.LinkIdentity(r.Context(), r.Actor(), r.PathValue("id"), strings.TrimSpace(r.PostFormValue("subject"))))
}

func (p *Pages) unlinkIdentity(r *page.Request) error {
	who := account.Identity{Issuer: r.PostFormValue("issuer"), Subject: r.PostFormValue("subject")}
	return p.done(r, p.Accounts.UnlinkIdentity(r.Context(), r.Actor(), r.PathValue("id"), who))
}
