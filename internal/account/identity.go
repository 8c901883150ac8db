package account

import (
	"context"
	"slices"

	"github.com/wagasa/wagasa/internal/account/oidc"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// maxSubject bounds what somebody is called at an identity provider.
const maxSubject = 255

// HasOIDC says whether people may sign in at an identity provider.
func (a *Accounts) HasOIDC() bool { return a.provider != nil }

var errNoProvider = "why-no-provider"

// StartOIDC begins a sign-in at the identity provider: address is where to send the browser, ceremony what to hand back to FinishOIDC and to
// keep in that browser alone. A provider that cannot be reached is fault.Unavailable.
func (a *Accounts) StartOIDC(ctx context.Context) (address, ceremony string, err error) {
	if a.provider == nil {
		return "", "", refuse(fault.NotFound, "sign-in", errNoProvider)
	}
	address, state, err := a.provider.Start(ctx)
	if err != nil {
		return "", "", because(err, fault.Of(err), "sign-in", "why-provider")
	}
	ceremony, err = a.begin(sealIdentity, "", state)
	return address, ceremony, err
}

// FinishOIDC signs in whom the provider names, if an administrator has linked that identity to an account.
func (a *Accounts) FinishOIDC(ctx context.Context, ceremony, state, code, from string) (secret string, s *Session, err error) {
	if a.provider == nil {
		return "", nil, refuse(fault.NotFound, "sign-in", errNoProvider)
	}
	if err := a.limit.take(from, a.now()); err != nil {
		return "", nil, err
	}
	var begun oidc.State
	c, err := a.resume(sealIdentity, "", ceremony, &begun)
	if err != nil {
		return "", nil, err
	}
	subject, err := a.provider.Finish(ctx, begun, state, code)
	if fault.Of(err) == fault.Denied {
		failed := a.store.Update(ctx, func(tx store.Tx) error { return a.fail(tx, unknown, "", from, ByIdentity, false) })
		if failed != nil {
			return "", nil, failed
		}
		return "", nil, because(err, fault.Denied, "sign-in", "why-sign-in")
	}
	if err != nil {
		return "", nil, because(err, fault.Of(err), "sign-in", "why-provider")
	}
	who := Identity{a.provider.Issuer(), subject}
	err = a.store.Update(ctx, func(tx store.Tx) error {
		if err := a.spend(tx, c); err != nil {
			return err
		}
		secret, s, err = a.identified(tx, who, from)
		return err
	})
	switch {
	case err != nil:
		return "", nil, err
	case s == nil:
		return "", nil, refuse(fault.Denied, "sign-in", "why-not-linked")
	}
	a.limit.succeeded(from)
	return secret, s, nil
}

// identified signs in the account that has an identity; the session is nil where none has.
func (a *Accounts) identified(tx store.Tx, who Identity, from string) (secret string, s *Session, err error) {
	found, err := tx.Records().Find(kindCredentials, who.term(), "", 1)
	if err != nil {
		return "", nil, err
	}
	if len(found) == 0 {
		return "", nil, a.fail(tx, unknown, "", from, ByIdentity, false)
	}
	account, err := find(tx, found[0].Key)
	if err != nil {
		return "", nil, err
	}
	if account.Disabled {
		return "", nil, a.fail(tx, account.ID, account.Name, from, ByIdentity, false)
	}
	return a.signedIn(tx, account, ByIdentity, from)
}

// LinkIdentity lets somebody at the identity provider sign in as a person's account. An identity belongs to one account. To an account that can sign
// in already only the console links one: it would let one administrator become somebody else.
func (a *Accounts) LinkIdentity(ctx context.Context, by Actor, id, subject string) error {
	if a.provider == nil {
		return refuse(fault.Invalid, "account", errNoProvider)
	}
	if subject == "" || len(subject) > maxSubject {
		return refuse(fault.Invalid, "account", "why-subject")
	}
	who := Identity{a.provider.Issuer(), subject}
	return a.changeIdentities(ctx, by, id, IdentityLinked, who, func(c *credentials) bool {
		if slices.Contains(c.Identities, who) {
			return false
		}
		c.Identities = append(c.Identities, who)
		return true
	})
}

// UnlinkIdentity takes that back, and ends the account's sessions.
func (a *Accounts) UnlinkIdentity(ctx context.Context, by Actor, id string, who Identity) error {
	return a.changeIdentities(ctx, by, id, IdentityUnlinked, who, func(c *credentials) bool {
		before := len(c.Identities)
		c.Identities = slices.DeleteFunc(c.Identities, func(i Identity) bool { return i == who })
		return len(c.Identities) < before
	})
}

func (a *Accounts) changeIdentities(ctx context.Context, by Actor, id string, what What, who Identity, f func(*credentials) bool) error {
	return a.store.Update(ctx, func(tx store.Tx) error {
		actor, err := a.authorize(tx, by, AccountManage)
		if err != nil {
			return err
		}
		account, err := find(tx, id)
		if err != nil {
			return err
		}
		if account.Kind != KindPerson {
			return refuse(fault.Invalid, "account "+account.Name, "why-service")
		}
		c, err := credentialsOf(tx, id)
		if err != nil {
			return err
		}
		if what == IdentityLinked && c.complete() && actor.console == "" {
			return refuse(fault.Denied, "account "+account.Name, "why-two-people")
		}
		if !f(&c) {
			return nil
		}
		if what == IdentityUnlinked {
			if !c.complete() {
				if err := another(tx, account); err != nil {
					return err
				}
			}
			if err := endSessions(tx, id, ""); err != nil {
				return err
			}
		}
		if err := c.keep(tx, id); err != nil {
			return err
		}
		return a.audit(tx, actor.event(account, what, who.Issuer+" "+who.Subject))
	})
}
