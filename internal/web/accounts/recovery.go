package accounts

import (
	"strconv"
	"strings"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/web/page"
)

// recover asks that an account may set its credentials anew.
func (p *Pages) recover(r *page.Request) error {
	if _, err := p.Accounts.Recover(r.Context(), r.Actor(), r.PathValue("id"), r.PostFormValue("reason")); err != nil {
		return p.done(r, err)
	}
	return r.Redirect("/accounts/recovery")
}

// waiting is a request for recovery, and whether the reader is the other administrator that it takes.
type waiting struct {
	account.Request
	Mine bool
}

func (p *Pages) loadRequests(r *page.Request) (list []waiting, err error) {
	r.Back = "/accounts/recovery"
	all, err := p.Accounts.Requests(r.Context(), r.Actor())
	for _, q := range all {
		me := r.Session.Account.ID
		list = append(list, waiting{q, q.By == me || q.Account == me})
	}
	return list, err
}

func (p *Pages) requests(r *page.Request) error {
	list, err := p.loadRequests(r)
	if err != nil {
		return err
	}
	return r.Render("accounts/recovery", list)
}

func (p *Pages) refuseRequest(r *page.Request, err error) error {
	list, failed := p.loadRequests(r)
	if failed != nil {
		return failed
	}
	return r.Refuse(err, "accounts/recovery", list)
}

// approve shows the link to hand to whom the account belongs.
func (p *Pages) approve(r *page.Request) error {
	list, err := p.loadRequests(r)
	if err != nil {
		return err
	}
	l, err := p.Accounts.Approve(r.Context(), r.Actor(), r.PathValue("id"))
	if err != nil {
		return p.refuseRequest(r, err)
	}
	for _, q := range list {
		if q.ID == r.PathValue("id") {
			return showLink(r, account.Account{ID: q.Account, Name: q.Name}, l)
		}
	}
	return fault.New(fault.Internal, "recovery: the request that was approved is not among those that waited")
}

func (p *Pages) withdraw(r *page.Request) error {
	if err := p.Accounts.Withdraw(r.Context(), r.Actor(), r.PathValue("id")); err != nil {
		return p.refuseRequest(r, err)
	}
	return r.Redirect("/accounts/recovery")
}

// shownEvents is how many lines of the audit are on one page.
const shownEvents = 100

// event is a line of the audit. Words are its details, where they are names that the texts know.
type event struct {
	account.Event
	Words []locale.Reason
}

// eventOf finds words for the details: roles, and what a link is for. All else stands as it was written.
func eventOf(e account.Event) event {
	switch e.What {
	case account.Created:
		var words []locale.Reason
		for name := range strings.FieldsSeq(e.Detail) {
			role, err := account.ParseRole(name)
			if err != nil {
				return event{Event: e}
			}
			words = append(words, role.Label())
		}
		return event{e, words}
	case account.Invited, account.LinkOpened, account.Enrolled:
		switch purpose := account.Purpose(e.Detail); purpose {
		case account.First, account.Invitation, account.Recovery:
			return event{e, []locale.Reason{purpose.Label()}}
		}
	}
	return event{Event: e}
}

// audit is what the national ledger tells of accounts.
type audit struct {
	Events []event
	Next   int64 // 0 if there is none
	First  bool  // it is the newest page
}

func (p *Pages) audit(r *page.Request) error {
	before, err := int64(0), error(nil)
	if s := r.URL.Query().Get("before"); s != "" {
		if before, err = strconv.ParseInt(s, 10, 64); err != nil || before < 0 {
			return fault.New(fault.Invalid, "before: want a number")
		}
	}
	events, next, err := p.Accounts.Audit(r.Context(), r.Actor(), before, shownEvents)
	if err != nil {
		return err
	}
	page := audit{Next: next, First: before == 0}
	for _, e := range events {
		page.Events = append(page.Events, eventOf(e))
	}
	return r.Render("accounts/audit", page)
}
