package account

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// Request asks that an account may set all its credentials anew. It waits for another administrator, from a session of that one's own.
type Request struct {
	ID      string
	Account string // id
	Name    string // of the account
	By      string // id of who asks
	ByName  string
	Reason  string
	Asked   time.Time
	Expires time.Time
}

const (
	requestTime = 24 * time.Hour
	maxRequests = 100 // that wait
	maxReason   = 500 // bytes
)

// Recover asks that an account may set all its credentials anew. Nothing changes until another administrator approves; an earlier request for
// the account is replaced.
func (a *Accounts) Recover(ctx context.Context, by Actor, id, reason string) (r Request, err error) {
	if reason == "" || len(reason) > maxReason || !utf8.ValidString(reason) || strings.ContainsFunc(reason, unicode.IsControl) {
		return r, refuse(fault.Invalid, "recovery", "why-reason")
	}
	err = a.store.Update(ctx, func(tx store.Tx) error {
		who, err := a.authorize(tx, by, RecoverAsk)
		if err != nil {
			return err
		}
		if by.kind != kindSession {
			return refuse(fault.Denied, "recovery", "why-denied")
		}
		account, err := find(tx, id)
		if err != nil {
			return err
		}
		switch {
		case by.is(id):
			return refuse(fault.Denied, "recovery of "+account.Name, "why-own-recovery")
		case account.Kind != KindPerson:
			return refuse(fault.Invalid, "account "+account.Name, "why-service")
		case account.Disabled:
			return refuse(fault.Conflict, "account "+account.Name, "why-disabled")
		}
		if err := removeAll(tx, kindRecovery, accountTerm(id)); err != nil {
			return err
		}
		waiting, err := a.requests(tx)
		if err == nil && len(waiting) >= maxRequests {
			err = fault.New(fault.Unavailable, "recovery: %d requests wait", len(waiting))
		}
		if err != nil {
			return err
		}
		now := a.now().UTC()
		r = Request{newID(), id, account.Name, who.account.ID, who.account.Name, reason, now, now.Add(requestTime)}
		if err := put(tx, kindRecovery, r.ID, r, accountTerm(id)); err != nil {
			return err
		}
		return a.audit(tx, who.event(account, RecoveryAsked, reason))
	})
	if err != nil {
		return Request{}, err
	}
	return r, nil
}

func (a *Accounts) requests(tx store.Tx) (waiting []Request, err error) {
	now := a.now()
	err = each(tx, kindRecovery, "", func(rec store.Record) (bool, error) {
		var r Request
		if err := decode(rec, &r); err != nil {
			return false, err
		}
		if now.Before(r.Expires) {
			waiting = append(waiting, r)
		}
		return true, nil
	})
	slices.SortFunc(waiting, func(x, y Request) int { return x.Asked.Compare(y.Asked) })
	return waiting, err
}

// Requests lists what waits for approval, the oldest first.
func (a *Accounts) Requests(ctx context.Context, by Actor) (waiting []Request, err error) {
	err = a.store.View(ctx, func(tx store.Tx) error {
		if _, err := a.authorize(tx, by, RecoverApprove); err != nil {
			return err
		}
		waiting, err = a.requests(tx)
		return err
	})
	return waiting, err
}

// Approve approves a request of another administrator, once, and returns the one-time link to hand to whom the account belongs. The earlier
// credentials hold until that link was used.
func (a *Accounts) Approve(ctx context.Context, by Actor, request string) (l Link, err error) {
	err = a.store.Update(ctx, func(tx store.Tx) error {
		who, err := a.authorize(tx, by, RecoverApprove)
		if err != nil {
			return err
		}
		r, account, err := a.request(tx, request)
		if err != nil {
			return err
		}
		switch {
		case by.kind != kindSession:
			return refuse(fault.Denied, "recovery of "+account.Name, "why-denied")
		case by.is(r.By), by.is(r.Account):
			return refuse(fault.Denied, "recovery of "+account.Name, "why-own-request")
		}
		if err := a.standing(tx, r); err != nil {
			return err
		}
		if err := remove(tx, kindRecovery, r.ID); err != nil {
			return err
		}
		if l, err = a.makeLink(tx, who, account, Recovery); err != nil {
			return err
		}
		return a.audit(tx, who.event(account, RecoveryApproved, "asked by "+r.ByName))
	})
	if err != nil {
		return Link{}, err
	}
	return l, nil
}

// standing refuses a request whose asker may not ask any more.
func (a *Accounts) standing(tx store.Tx, r Request) error {
	asker, ok, err := lookup(tx, r.By)
	if err == nil && (!ok || asker.Disabled || !Allowed(asker.Roles, RecoverAsk)) {
		err = refuse(fault.Denied, "recovery of "+r.Name, "why-asker")
	}
	return err
}

func (a *Accounts) request(tx store.Tx, id string) (r Request, account Account, err error) {
	ok, err := get(tx, kindRecovery, id, &r)
	if err != nil {
		return r, account, err
	}
	if !ok || !a.now().Before(r.Expires) {
		return r, account, refuse(fault.NotFound, "recovery", "why-request")
	}
	account, err = find(tx, r.Account)
	return r, account, err
}

// Withdraw takes a request back, or turns it down.
func (a *Accounts) Withdraw(ctx context.Context, by Actor, request string) error {
	return a.store.Update(ctx, func(tx store.Tx) error {
		who, err := a.authorize(tx, by, RecoverApprove)
		if err != nil {
			return err
		}
		r, account, err := a.request(tx, request)
		if err != nil {
			return err
		}
		if err := remove(tx, kindRecovery, r.ID); err != nil {
			return err
		}
		return a.audit(tx, who.event(account, RecoveryWithdrawn, "asked by "+r.ByName))
	})
}
