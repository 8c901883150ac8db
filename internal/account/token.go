package account

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// tokenPrefix stands before the secret of a token, so that one that lies about somewhere is found by who looks for such things.
const tokenPrefix = "wagasa_"

// The bounds of how long a token may last.
const maxTokenTime = 2 * 366 * 24 * time.Hour

// Token is what a service signs in by. Its secret is shown when it is made, and never again.
type Token struct {
	ID      string // names it among those of the service
	Name    string
	Created time.Time
	Expires time.Time
	Used    time.Time // to the hour; zero if never
}

// tokenRecord is a token as kept. Like a session it holds a copy of the account, so that a look-up reads nothing else.
type tokenRecord struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Account  Account   `json:"account"`
	Created  time.Time `json:"created"`
	Expires  time.Time `json:"expires"`
	Used     time.Time `json:"used,omitzero"`
	Reported time.Time `json:"reported,omitzero"` // its use, in the ledger
}

func (t *tokenRecord) over(now time.Time) bool { return !now.Before(t.Expires) || t.Account.Disabled }

func (t *tokenRecord) token() Token { return Token{t.ID, t.Name, t.Created, t.Expires, t.Used} }

// AddToken makes a token of a service. The secret is returned this once.
func (a *Accounts) AddToken(ctx context.Context, by Actor, id, name string, lasts time.Duration) (secret string, t Token, err error) {
	err = a.store.Update(ctx, func(tx store.Tx) error {
		who, err := a.authorize(tx, by, AccountManage)
		if err != nil {
			return err
		}
		secret, t, err = a.addToken(tx, who, id, name, lasts)
		return err
	})
	if err != nil {
		return "", Token{}, err
	}
	return secret, t, nil
}

func (a *Accounts) addToken(tx store.Tx, who acting, id, name string, lasts time.Duration) (secret string, t Token, err error) {
	account, err := find(tx, id)
	if err != nil {
		return "", Token{}, err
	}
	if account.Kind != KindService {
		return "", Token{}, refuse(fault.Invalid, "account "+account.Name, "why-person")
	}
	if name, err = checkName(name); err != nil {
		return "", Token{}, err
	}
	if lasts < time.Hour || lasts > maxTokenTime {
		return "", Token{}, refuse(fault.Invalid, "token "+name, "why-token-time")
	}
	all, err := tokensOf(tx, id)
	if err != nil {
		return "", Token{}, err
	}
	switch {
	case slices.ContainsFunc(all, func(t Token) bool { return t.Name == name }):
		return "", Token{}, refuse(fault.Conflict, "token "+name, "why-name-taken", name)
	case len(all) >= maxTokens:
		return "", Token{}, refuse(fault.Conflict, "account "+account.Name, "why-too-many")
	}
	bare := newSecret()
	key, _ := secretKey(bare)
	now := a.now().UTC()
	r := tokenRecord{ID: newID()[:shownSessionID], Name: name, Account: account, Created: now, Expires: now.Add(lasts)}
	if err := put(tx, kindToken, key, r, accountTerm(id)); err != nil {
		return "", Token{}, err
	}
	detail := name + "; until " + r.Expires.Format(time.RFC3339)
	return tokenPrefix + bare, r.token(), a.audit(tx, who.event(account, TokenMade, detail))
}

// RevokeToken ends a token of a service, by its id or name.
func (a *Accounts) RevokeToken(ctx context.Context, by Actor, id, token string) error {
	return a.store.Update(ctx, func(tx store.Tx) error {
		who, err := a.authorize(tx, by, AccountManage)
		if err != nil {
			return err
		}
		account, err := find(tx, id)
		if err != nil {
			return err
		}
		found := false
		err = each(tx, kindToken, accountTerm(id), func(r store.Record) (bool, error) {
			var t tokenRecord
			if err := decode(r, &t); err != nil || t.ID != token && t.Name != token {
				return true, err
			}
			found = true
			if err := remove(tx, kindToken, r.Key); err != nil {
				return false, err
			}
			return true, a.audit(tx, who.event(account, TokenRevoked, t.Name))
		})
		if err == nil && !found {
			err = refuse(fault.NotFound, "account "+account.Name, "why-no-token", clip(token))
		}
		return err
	})
}

// tokensOf returns the tokens of a service, by name.
func tokensOf(tx store.Tx, id string) (all []Token, err error) {
	err = each(tx, kindToken, accountTerm(id), func(r store.Record) (bool, error) {
		var t tokenRecord
		err := decode(r, &t)
		all = append(all, t.token())
		return true, err
	})
	slices.SortFunc(all, byTokenName)
	return all, err
}

func byTokenName(x, y Token) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) }

// copyToTokens writes what tokens show of an account after a change of it.
func copyToTokens(tx store.Tx, account Account) error {
	return each(tx, kindToken, accountTerm(account.ID), func(r store.Record) (bool, error) {
		var t tokenRecord
		if err := decode(r, &t); err != nil {
			return false, err
		}
		t.Account = account
		return true, put(tx, kindToken, r.Key, t, accountTerm(account.ID))
	})
}

// parseToken returns under which key a token stands.
func parseToken(secret string) (key string, ok bool) {
	bare, ok := strings.CutPrefix(secret, tokenPrefix)
	if !ok {
		return "", false
	}
	return secretKey(bare)
}

// Token returns the service that a token proves, as a session for this one request. A token that is not there, over, or of a service that is
// disabled is fault.NotFound. Nothing is hashed slowly: one look-up decides.
func (a *Accounts) Token(ctx context.Context, secret, from string) (*Session, error) {
	key, ok := parseToken(secret)
	var t tokenRecord
	if ok {
		err := a.store.View(ctx, func(tx store.Tx) (err error) {
			ok, err = get(tx, kindToken, key, &t)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	now := a.now()
	if !ok || t.over(now) {
		return nil, a.failedToken(ctx, from)
	}
	if now.Sub(t.Used) >= tokenUseShown {
		a.tokenUsed(ctx, key, clip(from))
	}
	return &Session{t.ID, t.Account, ByToken, clip(from), now, now, t.Expires, kindToken, key}, nil
}

// failedToken counts a token that is not good, as far as the limits let: those who come too often are turned away without a trace.
func (a *Accounts) failedToken(ctx context.Context, from string) error {
	if err := a.limit.take(from, a.now()); err != nil {
		return err
	}
	err := a.store.Update(ctx, func(tx store.Tx) error { return a.fail(tx, unknown, "", from, ByToken, false) })
	if err == nil {
		err = refuse(fault.NotFound, "token", "why-token")
	}
	return err
}

// How exactly the use of a token is known, and how often the ledger tells of it.
const (
	tokenUseShown   = time.Hour
	tokenUseReports = 24 * time.Hour
)

// tokenUsed notes the use of a token. As with sessions, a busy store is no reason to fail.
func (a *Accounts) tokenUsed(ctx context.Context, key, from string) {
	ctx, cancel := context.WithTimeout(ctx, touchPatience)
	defer cancel()
	_ = a.store.Update(ctx, func(tx store.Tx) error {
		var t tokenRecord
		if ok, err := get(tx, kindToken, key, &t); err != nil || !ok {
			return errors.Join(err)
		}
		now := a.now().UTC()
		t.Used = now
		if now.Sub(t.Reported) >= tokenUseReports {
			t.Reported = now
			if err := a.audit(tx, Event{Account: t.Account.ID, What: TokenUsed, Name: t.Account.Name, From: from, Method: ByToken, Detail: t.Name}); err != nil {
				return err
			}
		}
		return put(tx, kindToken, key, t, accountTerm(t.Account.ID))
	})
}
