package account

import (
	"context"
	"errors"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
)

// Purpose says what a one-time link is for.
type Purpose string

// The purposes.
const (
	First      Purpose = "first"      // it makes the first administrator
	Invitation Purpose = "invitation" // a new account sets its credentials
	Recovery   Purpose = "recovery"   // an account sets all its credentials anew
)

// Link is a one-time link: its secret is shown once, to be given to whom it is for.
type Link struct {
	Secret  string
	Expires time.Time
}

// linkRecord is a link as kept.
type linkRecord struct {
	Purpose Purpose   `json:"purpose"`
	Account string    `json:"account,omitempty"` // id; of the first administrator only once it was opened
	Expires time.Time `json:"expires"`
}

// How long links are good.
const (
	firstTime      = 24 * time.Hour
	invitationTime = 72 * time.Hour
	recoveryTime   = 24 * time.Hour
)

func purposeTerm(p Purpose) string { return "purpose:" + string(p) }

func (l linkRecord) terms() []string {
	terms := []string{purposeTerm(l.Purpose)}
	if l.Account != "" {
		terms = append(terms, accountTerm(l.Account))
	}
	return terms
}

// makeLink makes the one link of an account that is good; earlier ones, and what they began, end.
func (a *Accounts) makeLink(tx store.Tx, who acting, account Account, purpose Purpose) (Link, error) {
	if account.Kind != KindPerson {
		return Link{}, refuse(fault.Invalid, "account "+account.Name, "why-service")
	}
	if err := a.endLinks(tx, account.ID); err != nil {
		return Link{}, err
	}
	lasts := invitationTime
	if purpose == Recovery {
		lasts = recoveryTime
	}
	l, err := a.newLink(tx, linkRecord{Purpose: purpose, Account: account.ID}, lasts)
	if err != nil {
		return Link{}, err
	}
	return l, a.audit(tx, who.event(account, Invited, string(purpose)))
}

func (a *Accounts) newLink(tx store.Tx, r linkRecord, lasts time.Duration) (Link, error) {
	l := Link{newSecret(), a.now().Add(lasts).UTC()}
	r.Expires = l.Expires
	key, _ := secretKey(l.Secret)
	return l, put(tx, kindLink, key, r, r.terms()...)
}

// endLinks ends the links of an account and the sessions that began with them.
func (a *Accounts) endLinks(tx store.Tx, id string) error {
	if err := removeAll(tx, kindLink, accountTerm(id)); err != nil {
		return err
	}
	all, err := sessionsOf(tx, id)
	if err != nil {
		return err
	}
	for _, k := range all {
		if k.Link == "" {
			continue
		}
		if err := remove(tx, kindSession, k.key); err != nil {
			return err
		}
	}
	return nil
}

// FirstLink makes the link by which the first administrator comes to be, when there is none who can sign in; earlier such links end.
// Needed is false where there is one.
func (a *Accounts) FirstLink(ctx context.Context) (l Link, needed bool, err error) {
	count := 0
	err = a.store.View(ctx, func(tx store.Tx) (err error) {
		count, err = administrators(tx, "")
		return err
	})
	if err != nil || count > 0 {
		return Link{}, false, err
	}
	err = a.store.Update(ctx, func(tx store.Tx) error {
		if count, err = administrators(tx, ""); err != nil || count > 0 {
			return err
		}
		if err := a.dropFirst(tx); err != nil {
			return err
		}
		if l, err = a.newLink(tx, linkRecord{Purpose: First}, firstTime); err != nil {
			return err
		}
		return a.audit(tx, Event{What: Invited, Detail: string(First)})
	})
	if err != nil || count > 0 {
		return Link{}, false, err
	}
	return l, true, nil
}

// dropFirst ends earlier links for the first administrator, with the accounts that they began and nobody finished.
func (a *Accounts) dropFirst(tx store.Tx) error {
	return each(tx, kindLink, purposeTerm(First), func(r store.Record) (bool, error) {
		var l linkRecord
		if err := decode(r, &l); err != nil {
			return false, err
		}
		if l.Account != "" {
			c, err := credentialsOf(tx, l.Account)
			if err != nil {
				return false, err
			}
			if !c.complete() {
				if err := a.forget(tx, l.Account); err != nil {
					return false, err
				}
			}
		}
		return true, remove(tx, kindLink, r.Key)
	})
}

// LinkInfo is what somebody sees who holds a link.
type LinkInfo struct {
	Purpose Purpose
	Name    string      // empty for the first administrator: chosen by who opens it
	Lang    locale.Lang // of the account
	Expires time.Time
}

var errNoLink = errors.New("no such link")

// linkBy finds the link that a secret proves, and its account, if it has one.
func (a *Accounts) linkBy(tx store.Tx, key string) (l linkRecord, account Account, err error) {
	ok, err := get(tx, kindLink, key, &l)
	if err != nil {
		return l, account, err
	}
	if !ok || !a.now().Before(l.Expires) {
		return l, account, errNoLink
	}
	if l.Account == "" {
		return l, account, nil
	}
	account, ok, err = lookup(tx, l.Account)
	if err == nil && (!ok || account.Disabled) {
		err = errNoLink
	}
	return l, account, err
}

// Peek says what a link is for. It uses nothing up. One that is not good, or no more, is fault.NotFound.
func (a *Accounts) Peek(ctx context.Context, link, from string) (info LinkInfo, err error) {
	if err := a.limit.take(from, a.now()); err != nil {
		return info, err
	}
	err = errNoLink
	if key, ok := secretKey(link); ok {
		err = a.store.View(ctx, func(tx store.Tx) error {
			l, account, err := a.linkBy(tx, key)
			info = LinkInfo{l.Purpose, account.Name, account.Lang, l.Expires}
			return err
		})
	}
	if err != nil {
		return LinkInfo{}, a.failedLink(ctx, err, from)
	}
	a.limit.succeeded(from)
	return info, nil
}

// failedLink counts the failure of a link that is not good.
func (a *Accounts) failedLink(ctx context.Context, err error, from string) error {
	if !errors.Is(err, errNoLink) {
		return err
	}
	err = a.store.Update(ctx, func(tx store.Tx) error { return a.fail(tx, unknown, "", from, ByLink, false) })
	if err == nil {
		err = refuse(fault.NotFound, "link", "why-link")
	}
	return err
}

// Redeem opens a link: it begins a session that may do nothing but set credentials, and becomes a full one when they are complete. Only then
// the link is used up, so that whoever loses the page on the way may open it again; each opening begins anew. Name and language count for
// the first administrator alone.
func (a *Accounts) Redeem(ctx context.Context, link, name string, lang locale.Lang, from string) (secret string, s *Session, err error) {
	if err := a.limit.take(from, a.now()); err != nil {
		return "", nil, err
	}
	err = errNoLink
	if key, ok := secretKey(link); ok {
		err = a.store.Update(ctx, func(tx store.Tx) error {
			secret, s, err = a.redeem(tx, key, name, lang, clip(from))
			return err
		})
	}
	if err != nil {
		return "", nil, a.failedLink(ctx, err, from)
	}
	a.limit.succeeded(from)
	return secret, s, nil
}

func (a *Accounts) redeem(tx store.Tx, key, name string, lang locale.Lang, from string) (secret string, s *Session, err error) {
	l, account, err := a.linkBy(tx, key)
	if err != nil {
		return "", nil, err
	}
	if l.Account == "" {
		who := acting{Actor: Actor{console: "one-time link", from: from}}
		if account, err = a.add(tx, who, Newcomer{name, KindPerson, []Role{Administrator}, lang}); err != nil {
			return "", nil, err
		}
		l.Account = account.ID
		if err := put(tx, kindLink, key, l, l.terms()...); err != nil {
			return "", nil, err
		}
	}
	if err := a.audit(tx, Event{Account: account.ID, What: LinkOpened, Name: account.Name, From: from, Method: ByLink, Detail: string(l.Purpose)}); err != nil {
		return "", nil, err
	}
	account.Roles = []Role{Enrolling}
	return a.start(tx, sessionRecord{Account: account, Method: ByLink, From: from, Link: key, Pending: &credentials{}}, min(enrolmentTime, l.Expires.Sub(a.now())))
}

// Reset makes a link by which an account sets all its credentials anew. Without a second person that is for the console alone, and for
// accounts that never had any: over the web it takes [Accounts.Recover] and [Accounts.Approve].
func (a *Accounts) Reset(ctx context.Context, by Actor, id string) (l Link, err error) {
	err = a.store.Update(ctx, func(tx store.Tx) error {
		who, err := a.authorize(tx, by, AccountManage)
		if err != nil {
			return err
		}
		account, err := find(tx, id)
		if err != nil {
			return err
		}
		c, err := credentialsOf(tx, id)
		if err != nil {
			return err
		}
		purpose := Invitation
		if c.complete() {
			purpose = Recovery
			if who.console == "" {
				return refuse(fault.Denied, "account "+account.Name, "why-two-people")
			}
		}
		if who.console != "" {
			if err := a.succeeded(tx, id, ""); err != nil { // sign-in goes on at once
				return err
			}
		}
		l, err = a.makeLink(tx, who, account, purpose)
		return err
	})
	if err != nil {
		return Link{}, err
	}
	return l, nil
}
