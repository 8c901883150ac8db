package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// credentials are what an account can prove itself by.
type credentials struct {
	Password    string     `json:"password,omitempty"` // hash
	PasswordSet time.Time  `json:"password_set,omitzero"`
	Code        *totp      `json:"code,omitempty"`
	NewCode     *totp      `json:"new_code,omitempty"` // not confirmed by a code yet
	Passkeys    []passkey  `json:"passkeys,omitempty"`
	Identities  []Identity `json:"identities,omitempty"`
}

// Identity is somebody at an identity provider.
type Identity struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
}

// complete says whether one can sign in with them.
func (c *credentials) complete() bool {
	return c.own() || len(c.Identities) > 0
}

// own says whether the account itself has set what it needs to sign in.
func (c *credentials) own() bool {
	return c.Password != "" && c.Code != nil || len(c.Passkeys) > 0
}

func passkeyTerm(id []byte) string {
	sum := sha256.Sum256(id)
	return "passkey:" + hex.EncodeToString(sum[:])
}

func (i Identity) term() string {
	sum := sha256.Sum256([]byte(i.Issuer + "\x00" + i.Subject))
	return "identity:" + hex.EncodeToString(sum[:])
}

func (c *credentials) terms() (terms []string) {
	for _, p := range c.Passkeys {
		terms = append(terms, passkeyTerm(p.Credential.ID))
	}
	for _, i := range c.Identities {
		terms = append(terms, i.term())
	}
	return terms
}

func credentialsOf(tx store.Tx, id string) (c credentials, err error) {
	_, err = get(tx, kindCredentials, id, &c)
	return c, err
}

// keep stores credentials, unless another account has one of them.
func (c *credentials) keep(tx store.Tx, id string) error {
	terms := c.terms()
	for _, term := range terms {
		found, err := tx.Records().Find(kindCredentials, term, "", 2)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(found, func(r store.Record) bool { return r.Key != id }) {
			return refuse(fault.Conflict, "account "+id, "why-taken")
		}
	}
	return put(tx, kindCredentials, id, c, terms...)
}

// change is a change of one's own credentials.
type change struct {
	who         acting
	credentials credentials
	endOthers   bool // sessions: something that they may rest on is gone
	event       What
	detail      string
}

// changeOwn changes the credentials of the account that asks and gives its session a new secret. A session that began with a one-time
// link becomes a full one once its credentials are complete; they then take the place of any earlier ones.
func (a *Accounts) changeOwn(ctx context.Context, by Actor, f func(tx store.Tx, c *change) error) (secret string, s *Session, err error) {
	err = a.store.Update(ctx, func(tx store.Tx) error {
		c, err := a.ownChange(tx, by)
		if err != nil {
			return err
		}
		if err := f(tx, c); err != nil {
			return err
		}
		if c.who.enrolling() {
			secret, s, err = a.enrol(tx, c)
		} else {
			secret, s, err = a.changed(tx, c)
		}
		return err
	})
	if err != nil {
		return "", nil, err
	}
	return secret, s, nil
}

// ownChange looks up who asks and what that one has. Credentials are changed soon after sign-in, or after signing in anew: a session that was
// left open somewhere must not become somebody's for ever.
func (a *Accounts) ownChange(tx store.Tx, by Actor) (*change, error) {
	who, err := a.authorize(tx, by, OwnCredentials)
	if err != nil {
		return nil, err
	}
	c := &change{who: who}
	if by.kind != kindSession {
		return nil, refuse(fault.Denied, "credentials", "why-denied")
	}
	if c.who.enrolling() {
		c.credentials = *who.session.Pending
		return c, nil
	}
	if a.now().Sub(who.session.Started) >= freshFor {
		return nil, refuse(fault.Denied, "credentials of "+who.account.Name, "why-fresh")
	}
	c.credentials, err = credentialsOf(tx, who.account.ID)
	return c, err
}

// changed keeps the credentials of an account that had some before.
func (a *Accounts) changed(tx store.Tx, c *change) (secret string, s *Session, err error) {
	id := c.who.account.ID
	if !c.credentials.complete() {
		return "", nil, refuse(fault.Conflict, "credentials of "+c.who.account.Name, "why-last-credential")
	}
	if err := c.credentials.keep(tx, id); err != nil {
		return "", nil, err
	}
	if c.endOthers {
		if err := endSessions(tx, id, c.who.key); err != nil {
			return "", nil, err
		}
	}
	if err := a.audit(tx, c.who.event(c.who.account, c.event, c.detail)); err != nil {
		return "", nil, err
	}
	return renew(tx, c.who.key, c.who.session)
}

// enrol keeps the credentials of a session that began with a one-time link: with the session until they are complete, with the account then.
func (a *Accounts) enrol(tx store.Tx, c *change) (secret string, s *Session, err error) {
	r := c.who.session
	if !c.credentials.own() {
		r.Pending = &c.credentials
		return renew(tx, c.who.key, r)
	}
	account, err := find(tx, r.Account.ID)
	if err != nil {
		return "", nil, err
	}
	var l linkRecord
	if ok, err := get(tx, kindLink, r.Link, &l); err != nil || !ok || account.Disabled {
		if err == nil {
			err = refuse(fault.Denied, "account "+account.Name, "why-link")
		}
		return "", nil, err
	}
	earlier, err := credentialsOf(tx, account.ID)
	if err != nil {
		return "", nil, err
	}
	c.credentials.Identities, c.credentials.NewCode = earlier.Identities, nil
	if err := c.credentials.keep(tx, account.ID); err != nil {
		return "", nil, err
	}
	if err := endSessions(tx, account.ID, ""); err != nil {
		return "", nil, err
	}
	if err := removeAll(tx, kindLink, accountTerm(account.ID)); err != nil {
		return "", nil, err
	}
	if err := a.succeeded(tx, account.ID, ""); err != nil {
		return "", nil, err
	}
	method := ByPasskey
	if len(c.credentials.Passkeys) == 0 {
		method = ByPassword
	}
	if err := a.audit(tx, Event{Account: account.ID, What: Enrolled, Name: account.Name, From: c.who.from, Method: method, Detail: string(l.Purpose)}); err != nil {
		return "", nil, err
	}
	return a.start(tx, sessionRecord{Account: account, Method: method, From: c.who.from}, a.lasts)
}

// SetPassword sets the password of the account that asks, and ends its other sessions. It counts together with codes only.
func (a *Accounts) SetPassword(ctx context.Context, by Actor, password string) (secret string, s *Session, err error) {
	err = a.store.View(ctx, func(tx store.Tx) error { // nobody else makes this node hash
		c, err := a.ownChange(tx, by)
		if err != nil {
			return err
		}
		return checkPassword(password, c.who.account.Name)
	})
	if err != nil {
		return "", nil, err
	}
	hashed, err := a.hasher.hash(ctx, password)
	if err != nil {
		return "", nil, err
	}
	return a.changeOwn(ctx, by, func(_ store.Tx, c *change) error {
		c.credentials.Password, c.credentials.PasswordSet = hashed, a.now()
		c.endOthers, c.event = true, PasswordSet
		return nil
	})
}

// RemovePassword removes password and codes of the account that asks, unless nothing else is left, and ends its other sessions.
func (a *Accounts) RemovePassword(ctx context.Context, by Actor) (secret string, s *Session, err error) {
	return a.changeOwn(ctx, by, func(_ store.Tx, c *change) error {
		c.credentials.Password, c.credentials.PasswordSet, c.credentials.Code, c.credentials.NewCode = "", time.Time{}, nil, nil
		c.endOthers, c.event = true, PasswordRemoved
		return nil
	})
}

// Enrolment is what an authenticator app needs, shown once.
type Enrolment struct {
	Secret string // in base32, to type
	URI    string // to show as a QR code
}

// EnrolTOTP makes a new secret for codes. Until ConfirmTOTP was given one of them the earlier secret, if there is one, holds.
func (a *Accounts) EnrolTOTP(ctx context.Context, by Actor) (e Enrolment, err error) {
	secret, algorithm := newCodeSecret()
	err = a.store.Update(ctx, func(tx store.Tx) error {
		c, err := a.ownChange(tx, by)
		if err != nil {
			return err
		}
		id := c.who.account.ID
		e = Enrolment{codeSecretText(secret), codeURI(secret, algorithm, a.node, c.who.account.Name)}
		c.credentials.NewCode = &totp{Sealed: a.sealer.seal(sealCode, id, secret), Algorithm: algorithm}
		if !c.who.enrolling() {
			return c.credentials.keep(tx, id)
		}
		r := c.who.session
		r.Pending = &c.credentials
		return put(tx, kindSession, by.key, r, accountTerm(id))
	})
	if err != nil {
		return Enrolment{}, err
	}
	return e, nil
}

// ConfirmTOTP makes the secret of EnrolTOTP count, once a code of it is given, and ends the account's other sessions.
func (a *Accounts) ConfirmTOTP(ctx context.Context, by Actor, given string) (secret string, s *Session, err error) {
	return a.changeOwn(ctx, by, func(_ store.Tx, c *change) error {
		fresh := c.credentials.NewCode
		if fresh == nil {
			return refuse(fault.Conflict, "codes of "+c.who.account.Name, "why-no-code")
		}
		step, ok, err := a.matchCode(fresh, c.who.account.ID, given)
		if err != nil {
			return err
		}
		if !ok {
			return refuse(fault.Invalid, "codes of "+c.who.account.Name, "why-code")
		}
		fresh.Last = step
		c.credentials.Code, c.credentials.NewCode = fresh, nil
		c.endOthers, c.event = true, CodeSet
		return nil
	})
}

// matchCode finds the step of a code that was given for an account.
func (a *Accounts) matchCode(t *totp, id, given string) (step int64, ok bool, err error) {
	secret, err := a.sealer.open(sealCode, id, t.Sealed)
	if err != nil {
		return 0, false, fault.New(fault.Internal, "account %s: its secret for codes cannot be unsealed: %s/%s was replaced; put the key back, or reset the account", id, keyFolder, keyFile)
	}
	digits, readable := parseCode(given)
	step, ok = match(secret, t.Algorithm, digits, a.now(), t.Last)
	return step, ok && readable, nil
}
