package account

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
)

// Newcomer is who is to get an account.
type Newcomer struct {
	Name  string
	Kind  Kind
	Roles []Role
	Lang  locale.Lang
}

// Invite makes an account of a person and the one-time link by which that person sets credentials.
func (a *Accounts) Invite(ctx context.Context, by Actor, n Newcomer) (account Account, l Link, err error) {
	n.Kind = KindPerson
	err = a.store.Update(ctx, func(tx store.Tx) error {
		who, err := a.authorize(tx, by, AccountManage)
		if err != nil {
			return err
		}
		if account, err = a.add(tx, who, n); err != nil {
			return err
		}
		l, err = a.makeLink(tx, who, account, Invitation)
		return err
	})
	if err != nil {
		return Account{}, Link{}, err
	}
	return account, l, nil
}

// Add makes an account without credentials: of a service, which then gets tokens, or of a person who signs in at an identity provider.
func (a *Accounts) Add(ctx context.Context, by Actor, n Newcomer) (account Account, err error) {
	err = a.store.Update(ctx, func(tx store.Tx) error {
		who, err := a.authorize(tx, by, AccountManage)
		if err == nil {
			account, err = a.add(tx, who, n)
		}
		return err
	})
	if err != nil {
		return Account{}, err
	}
	return account, nil
}

func (a *Accounts) add(tx store.Tx, who acting, n Newcomer) (Account, error) {
	account := Account{ID: newID(), Kind: n.Kind, Lang: n.Lang, Created: a.now().UTC()}
	if account.Kind == KindService && len(n.Roles) == 0 {
		n.Roles = []Role{Service}
	}
	var err error
	if account.Name, err = checkName(n.Name); err != nil {
		return Account{}, err
	}
	if account.Roles, err = checkRoles(n.Kind, n.Roles); err != nil {
		return Account{}, err
	}
	if err := checkLang(n.Lang); err != nil {
		return Account{}, err
	}
	if err := room(tx); err != nil {
		return Account{}, err
	}
	if err := keepAccount(tx, account); err != nil {
		return Account{}, err
	}
	return account, a.audit(tx, who.event(account, Created, account.rights()))
}

// room refuses one account too many.
func room(tx store.Tx) error {
	count := 0
	err := each(tx, kindAccount, "", func(store.Record) (bool, error) { count++; return true, nil })
	if err == nil && count >= maxAccounts {
		err = fault.New(fault.Unavailable, "accounts: there are %d: remove some first", count)
	}
	return err
}

func checkRoles(kind Kind, roles []Role) ([]Role, error) {
	if kind != KindPerson && kind != KindService {
		return nil, fault.New(fault.Invalid, "kind %q: want %q or %q", kind, KindPerson, KindService)
	}
	var kept []Role
	for _, r := range Roles { // in their order, once each
		if slices.Contains(roles, r) {
			kept = append(kept, r)
		}
	}
	for _, r := range roles {
		switch {
		case !slices.Contains(Roles[:], r):
			return nil, fault.New(fault.Invalid, "role %q: want one of %v", r, Roles)
		case (r == Service) != (kind == KindService):
			return nil, refuse(fault.Invalid, "role "+string(r), "why-role-kind")
		}
	}
	if len(kept) == 0 {
		return nil, refuse(fault.Invalid, "account", "why-no-role")
	}
	return kept, nil
}

func checkLang(l locale.Lang) error {
	if !slices.Contains(locale.Langs[:], l) {
		return fault.New(fault.Invalid, "language %q: want one of %v", l, locale.Langs)
	}
	return nil
}

// keepAccount stores an account, unless another has its name.
func keepAccount(tx store.Tx, account Account) error {
	term := nameTerm(account.Name)
	found, err := tx.Records().Find(kindAccount, term, "", 2)
	if err != nil {
		return fmt.Errorf("account: %w", err)
	}
	if slices.ContainsFunc(found, func(r store.Record) bool { return r.Key != account.ID }) {
		return refuse(fault.Conflict, "account "+account.Name, "why-name-taken", account.Name)
	}
	terms := []string{term}
	for _, r := range account.Roles {
		terms = append(terms, roleTerm(r))
	}
	return put(tx, kindAccount, account.ID, account, terms...)
}

// lookup returns an account by its id.
func lookup(tx store.Tx, id string) (account Account, ok bool, err error) {
	ok, err = get(tx, kindAccount, id, &account)
	return account, ok, err
}

// find is lookup where there has to be one.
func find(tx store.Tx, id string) (Account, error) {
	account, ok, err := lookup(tx, id)
	if err == nil && !ok {
		err = refuse(fault.NotFound, "account "+clip(id), "why-no-account", clip(id))
	}
	return account, err
}

// byName returns an account by its name, however that is written.
func byName(tx store.Tx, name string) (account Account, ok bool, err error) {
	term := nameTerm(name)
	if term == "" {
		return Account{}, false, nil
	}
	found, err := tx.Records().Find(kindAccount, term, "", 1)
	if err != nil || len(found) == 0 {
		return Account{}, false, err
	}
	return account, true, decode(found[0], &account)
}

// rights are an account's roles in a line of the ledger.
func (account Account) rights() string {
	var names []string
	for _, r := range account.Roles {
		names = append(names, string(r))
	}
	return strings.Join(names, " ")
}

// Changes of an account; nil leaves one as it is.
type Changes struct {
	Name     *string
	Roles    []Role
	Lang     *locale.Lang
	Disabled *bool
}

// Set changes an account. Its own language everybody may change; the rest is for who manages accounts, and nobody gives rights to themselves.
// Whoever loses or gets rights has to sign in anew. The last administrator who can sign in keeps being one.
func (a *Accounts) Set(ctx context.Context, by Actor, id string, c Changes) (account Account, err error) {
	err = a.store.Update(ctx, func(tx store.Tx) error {
		action := AccountManage
		if by.is(id) && c.Name == nil && c.Roles == nil && c.Disabled == nil {
			action = OwnLanguage
		}
		who, err := a.authorize(tx, by, action)
		if err == nil {
			account, err = a.set(tx, who, id, c)
		}
		return err
	})
	if err != nil {
		return Account{}, err
	}
	return account, nil
}

func (a *Accounts) set(tx store.Tx, who acting, id string, c Changes) (Account, error) {
	before, err := find(tx, id)
	if err != nil {
		return Account{}, err
	}
	after, details, err := c.applied(before)
	if err != nil || len(details) == 0 {
		return before, err
	}
	rights := after.Disabled != before.Disabled || !slices.Equal(after.Roles, before.Roles)
	if rights && who.is(id) && slices.ContainsFunc(after.Roles, func(r Role) bool { return !slices.Contains(before.Roles, r) }) {
		return Account{}, refuse(fault.Denied, "account "+before.Name, "why-own-rights")
	}
	if after.Disabled || !slices.Contains(after.Roles, Administrator) {
		if err := another(tx, before); err != nil {
			return Account{}, err
		}
	}
	if err := keepAccount(tx, after); err != nil {
		return Account{}, err
	}
	if rights {
		err = endSessions(tx, id, "")
	} else {
		err = copyToSessions(tx, after)
	}
	if err == nil {
		err = copyToTokens(tx, after)
	}
	if err != nil {
		return Account{}, err
	}
	what := Changed
	if after.Disabled != before.Disabled {
		what = map[bool]What{true: Disabled, false: Enabled}[after.Disabled]
	}
	return after, a.audit(tx, who.event(after, what, strings.Join(details, "; ")))
}

// applied is an account after changes, and what they were, for the ledger.
func (c Changes) applied(account Account) (after Account, details []string, err error) {
	after = account
	if c.Name != nil {
		if after.Name, err = checkName(*c.Name); err != nil {
			return account, nil, err
		}
		if after.Name != account.Name {
			details = append(details, "name before: "+account.Name)
		}
	}
	if c.Roles != nil {
		if after.Roles, err = checkRoles(account.Kind, c.Roles); err != nil {
			return account, nil, err
		}
		if !slices.Equal(after.Roles, account.Roles) {
			details = append(details, "roles: "+after.rights()+"; before: "+account.rights())
		}
	}
	if c.Lang != nil {
		if err := checkLang(*c.Lang); err != nil {
			return account, nil, err
		}
		if after.Lang = *c.Lang; after.Lang != account.Lang {
			details = append(details, "language: "+string(after.Lang))
		}
	}
	if c.Disabled != nil {
		if after.Disabled = *c.Disabled; after.Disabled != account.Disabled {
			details = append(details, "sign-in")
		}
	}
	return after, details, nil
}

// another refuses what would leave the node without an administrator who can sign in: account is the one that ceases to be one.
func another(tx store.Tx, account Account) error {
	able, err := able(tx, account)
	if err != nil || !able {
		return err
	}
	others, err := administrators(tx, account.ID)
	if err == nil && others == 0 {
		err = refuse(fault.Conflict, "account "+account.Name, "why-last-administrator")
	}
	return err
}

// able says whether an account is an administrator who can sign in.
func able(tx store.Tx, account Account) (bool, error) {
	if account.Disabled || !slices.Contains(account.Roles, Administrator) {
		return false, nil
	}
	c, err := credentialsOf(tx, account.ID)
	return c.complete(), err
}

// administrators counts those who can sign in, all but one.
func administrators(tx store.Tx, but string) (count int, err error) {
	err = each(tx, kindAccount, roleTerm(Administrator), func(r store.Record) (bool, error) {
		var account Account
		if err := decode(r, &account); err != nil || account.ID == but {
			return true, err
		}
		is, err := able(tx, account)
		if is {
			count++
		}
		return true, err
	})
	return count, err
}

// Remove removes an account with all that it has. The ledger keeps telling of it. The last administrator who can sign in cannot be removed.
func (a *Accounts) Remove(ctx context.Context, by Actor, id string) error {
	return a.store.Update(ctx, func(tx store.Tx) error {
		who, err := a.authorize(tx, by, AccountManage)
		if err != nil {
			return err
		}
		account, err := find(tx, id)
		if err != nil {
			return err
		}
		if err := another(tx, account); err != nil {
			return err
		}
		if err := a.audit(tx, who.event(account, Removed, account.rights())); err != nil {
			return err
		}
		return a.forget(tx, id)
	})
}

// forget deletes an account and all that belongs to it.
func (a *Accounts) forget(tx store.Tx, id string) error {
	for _, kind := range []string{kindSession, kindToken, kindLink, kindRecovery} {
		if err := removeAll(tx, kind, accountTerm(id)); err != nil {
			return err
		}
	}
	if err := a.succeeded(tx, id, ""); err != nil { // what was only counted is logged before it is forgotten
		return err
	}
	for _, kind := range []string{kindCredentials, kindAccount} {
		if err := remove(tx, kind, id); err != nil {
			return err
		}
	}
	return nil
}
