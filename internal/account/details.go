package account

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/wagasa/wagasa/internal/store"
)

// Details is an account with what it can sign in by.
type Details struct {
	Account
	Passkeys    []Passkey
	Password    bool
	PasswordSet time.Time
	Codes       bool
	Identities  []Identity
	Tokens      []Token
	Complete    bool      // it can sign in, unless it is disabled
	Invited     time.Time // until when a link for it is good; zero if there is none
	Failures    int       // of its password since it last signed in
	Paused      time.Time // until when sign-in by password waits
	Sessions    int
}

// List returns all accounts, by name.
func (a *Accounts) List(ctx context.Context, by Actor) (all []Details, err error) {
	err = a.store.View(ctx, func(tx store.Tx) error {
		if _, err := a.authorize(tx, by, AccountView); err != nil {
			return err
		}
		return each(tx, kindAccount, "", func(r store.Record) (bool, error) {
			var account Account
			if err := decode(r, &account); err != nil {
				return false, err
			}
			d, err := a.details(tx, account)
			all = append(all, d)
			return true, err
		})
	})
	slices.SortFunc(all, func(x, y Details) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	return all, err
}

// Get returns one account by its id: one's own, or anybody's for who may see accounts.
func (a *Accounts) Get(ctx context.Context, by Actor, id string) (d Details, err error) {
	err = a.store.View(ctx, func(tx store.Tx) error {
		action := AccountView
		if by.is(id) {
			action = OwnCredentials
		}
		if _, err := a.authorize(tx, by, action); err != nil {
			return err
		}
		account, err := find(tx, id)
		if err == nil {
			d, err = a.details(tx, account)
		}
		return err
	})
	return d, err
}

// Resolve finds the account that somebody means, by name or id. None is fault.NotFound.
func (a *Accounts) Resolve(ctx context.Context, by Actor, name string) (d Details, err error) {
	err = a.store.View(ctx, func(tx store.Tx) error {
		if _, err := a.authorize(tx, by, AccountView); err != nil {
			return err
		}
		account, ok, err := byName(tx, name)
		if err == nil && !ok {
			account, err = find(tx, name)
		}
		if err == nil {
			d, err = a.details(tx, account)
		}
		return err
	})
	return d, err
}

func (a *Accounts) details(tx store.Tx, account Account) (Details, error) {
	d := Details{Account: account}
	c, err := credentialsOf(tx, account.ID)
	if err != nil {
		return d, err
	}
	for _, p := range c.Passkeys {
		d.Passkeys = append(d.Passkeys, p.shown())
	}
	d.Password, d.PasswordSet, d.Codes, d.Identities = c.Password != "", c.PasswordSet, c.Code != nil, c.Identities
	if d.Tokens, err = tokensOf(tx, account.ID); err != nil {
		return d, err
	}
	now := a.now()
	d.Complete = c.complete() || slices.ContainsFunc(d.Tokens, func(t Token) bool { return now.Before(t.Expires) })
	f, err := failuresOf(tx, account.ID)
	if err != nil {
		return d, err
	}
	d.Failures = f.Count
	if now.Before(f.Until) {
		d.Paused = f.Until
	}
	err = each(tx, kindLink, accountTerm(account.ID), func(r store.Record) (bool, error) {
		var l linkRecord
		err := decode(r, &l)
		if now.Before(l.Expires) {
			d.Invited = l.Expires
		}
		return true, err
	})
	if err != nil {
		return d, err
	}
	all, err := sessionsOf(tx, account.ID)
	for i := range all {
		if !a.over(&all[i].sessionRecord, now) {
			d.Sessions++
		}
	}
	return d, err
}
