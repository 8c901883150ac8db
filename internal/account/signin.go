package account

import (
	"context"

	"github.com/wagasa/wagasa/internal/store"
)

// attempt is what was found for a sign-in by password before the slow part.
type attempt struct {
	id   string // unknown if there is no such account
	hash string
}

// SignIn signs in by name, password and code. Whatever is wrong, the answer is the same, and takes as long. Being too often is
// fault.Unavailable, with [Wait].
func (a *Accounts) SignIn(ctx context.Context, name, password, given, from string) (secret string, s *Session, err error) {
	if err := a.limit.take(from, a.now()); err != nil {
		return "", nil, err
	}
	var t attempt
	err = a.store.View(ctx, func(tx store.Tx) (err error) {
		t, err = look(tx, name)
		return err
	})
	if err != nil {
		return "", nil, err
	}
	matched, outdated, err := a.hasher.check(ctx, t.hash, password)
	if err != nil {
		return "", nil, err
	}
	anew := ""
	if matched && outdated { // the cost has grown, or FIPS mode was switched
		if anew, err = a.hasher.hash(ctx, password); err != nil {
			return "", nil, err
		}
	}
	err = a.store.Update(ctx, func(tx store.Tx) error {
		secret, s, err = a.judge(tx, t, matched, anew, given, from)
		return err
	})
	switch {
	case err != nil:
		return "", nil, err
	case s == nil:
		return "", nil, refuseSignIn()
	}
	a.limit.succeeded(from)
	return secret, s, nil
}

// look finds the hash to hold a password against.
func look(tx store.Tx, name string) (attempt, error) {
	account, ok, err := byName(tx, name)
	if err != nil || !ok {
		return attempt{id: unknown}, err
	}
	c, err := credentialsOf(tx, account.ID)
	return attempt{account.ID, c.Password}, err
}

// judge decides about an attempt, and counts it. The session is nil when it fails.
func (a *Accounts) judge(tx store.Tx, t attempt, matched bool, anew, given, from string) (secret string, s *Session, err error) {
	if t.id == unknown {
		return "", nil, a.fail(tx, unknown, "", from, ByPassword, false)
	}
	account, ok, err := lookup(tx, t.id)
	if err != nil {
		return "", nil, err
	}
	if !ok { // removed in between
		return "", nil, a.fail(tx, unknown, "", from, ByPassword, false)
	}
	c, err := credentialsOf(tx, t.id)
	if err != nil {
		return "", nil, err
	}
	f, err := failuresOf(tx, t.id)
	if err != nil {
		return "", nil, err
	}
	good := matched && c.Password == t.hash && !account.Disabled && !a.now().Before(f.Until) && c.Code != nil
	if good {
		var step int64
		if step, good, err = a.matchCode(c.Code, t.id, given); err != nil {
			return "", nil, err
		}
		c.Code.Last = max(step, c.Code.Last)
	}
	if !good {
		return "", nil, a.fail(tx, t.id, account.Name, from, ByPassword, true)
	}
	if anew != "" {
		c.Password = anew
	}
	if err := c.keep(tx, t.id); err != nil { // the code counts no more
		return "", nil, err
	}
	return a.signedIn(tx, account, ByPassword, from)
}

// signedIn begins the session of an account that has proved itself.
func (a *Accounts) signedIn(tx store.Tx, account Account, method Method, from string) (secret string, s *Session, err error) {
	if err := a.succeeded(tx, account.ID, method); err != nil {
		return "", nil, err
	}
	if err := a.audit(tx, Event{Account: account.ID, What: SignInDone, Name: account.Name, From: clip(from), Method: method}); err != nil {
		return "", nil, err
	}
	return a.start(tx, sessionRecord{Account: account, Method: method, From: clip(from)}, a.lasts)
}
