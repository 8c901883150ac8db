package account

import (
	"cmp"
	"context"
	"fmt"
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
		all = nil
		err := each(tx, kindAccount, "", func(r store.Record) (bool, error) {
			var account Account
			err := decode(r, &account)
			all = append(all, Details{Account: account})
			return true, err
		})
		if err != nil {
			return err
		}
		return a.fill(tx, all)
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
	all := []Details{{Account: account}}
	err := a.fill(tx, all)
	return all[0], err
}

// fill looks up what accounts sign in by. For one account it reads what is that one's, for more it reads each kind of records once.
func (a *Accounts) fill(tx store.Tx, all []Details) error {
	of := make(map[string]*Details, len(all))
	for i := range all {
		of[all[i].ID] = &all[i]
	}
	term, key := "", ""
	if len(all) == 1 {
		key = all[0].ID
		term = accountTerm(key)
	}
	now := a.now()
	for _, part := range []struct {
		kind string
		keep func(r store.Record) error
	}{
		{kindCredentials, func(r store.Record) error { return keepCredentials(of[r.Key], r) }},
		{kindFailures, func(r store.Record) error { return keepFailures(of[r.Key], r, now) }},
		{kindToken, func(r store.Record) error { return keepToken(of, r) }},
		{kindLink, func(r store.Record) error { return keepLink(of, r, now) }},
		{kindSession, func(r store.Record) error { return a.keepSession(of, r, now) }},
	} {
		err := func() error {
			if key == "" || part.kind != kindCredentials && part.kind != kindFailures {
				return each(tx, part.kind, term, func(r store.Record) (bool, error) { return true, part.keep(r) })
			}
			r, ok, err := tx.Records().Get(part.kind, key)
			if err != nil || !ok {
				return err
			}
			return part.keep(r)
		}()
		if err != nil {
			return fmt.Errorf("%s: %w", part.kind, err)
		}
	}
	for i := range all {
		d := &all[i]
		slices.SortFunc(d.Tokens, byTokenName)
		d.Complete = d.Complete || slices.ContainsFunc(d.Tokens, func(t Token) bool { return now.Before(t.Expires) })
	}
	return nil
}

func keepCredentials(d *Details, r store.Record) error {
	if d == nil {
		return nil
	}
	var c credentials
	if err := decode(r, &c); err != nil {
		return err
	}
	for _, p := range c.Passkeys {
		d.Passkeys = append(d.Passkeys, p.shown())
	}
	d.Password, d.PasswordSet, d.Codes, d.Identities, d.Complete = c.Password != "", c.PasswordSet, c.Code != nil, c.Identities, c.complete()
	return nil
}

func keepFailures(d *Details, r store.Record, now time.Time) error {
	if d == nil { // of no account
		return nil
	}
	var f failures
	err := decode(r, &f)
	d.Failures = f.Count
	if now.Before(f.Until) {
		d.Paused = f.Until
	}
	return err
}

func keepToken(of map[string]*Details, r store.Record) error {
	var t tokenRecord
	err := decode(r, &t)
	if d := of[t.Account.ID]; d != nil {
		d.Tokens = append(d.Tokens, t.token())
	}
	return err
}

func keepLink(of map[string]*Details, r store.Record, now time.Time) error {
	var l linkRecord
	err := decode(r, &l)
	if d := of[l.Account]; d != nil && now.Before(l.Expires) {
		d.Invited = l.Expires
	}
	return err
}

func (a *Accounts) keepSession(of map[string]*Details, r store.Record, now time.Time) error {
	var s sessionRecord
	err := decode(r, &s)
	if d := of[s.Account.ID]; d != nil && !a.over(&s, now) {
		d.Sessions++
	}
	return err
}
