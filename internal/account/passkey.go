package account

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// passkey is a passkey as kept.
type passkey struct {
	Name       string              `json:"name"`
	Added      time.Time           `json:"added"`
	Used       time.Time           `json:"used,omitzero"`
	Credential webauthn.Credential `json:"credential"`
}

// Passkey is one as shown.
type Passkey struct {
	ID     string
	Name   string
	Added  time.Time
	Used   time.Time
	Synced bool // it may be on several devices
}

func (p *passkey) shown() Passkey {
	return Passkey{base64.RawURLEncoding.EncodeToString(p.Credential.ID), p.Name, p.Added, p.Used, p.Credential.Flags.BackupEligible}
}

// relyingParty is what authenticators sign for. Passkeys are bound to the name of a host, never to an address: without one there are none,
// and the error says so.
func relyingParty(origin, node string) (*webauthn.WebAuthn, error) {
	if origin == "" {
		return nil, nil
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.User != nil || u.Fragment != "" {
		return nil, fault.New(fault.Invalid, "url %q: want scheme and host, such as https://node.example", origin)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost") || protocol.ValidateRPID(u.Hostname()) != nil {
		return nil, nil
	}
	return webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: node, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired, // a passkey is two factors
		},
		Timeouts: webauthn.TimeoutsConfig{
			Login:        webauthn.TimeoutConfig{Timeout: ceremonyTime},
			Registration: webauthn.TimeoutConfig{Timeout: ceremonyTime},
		},
	})
}

// HasPasskeys says whether there may be passkeys: where browsers reach the pages has to be known by a name.
func (a *Accounts) HasPasskeys() bool { return a.relying != nil }

func (a *Accounts) passkeys() error {
	if a.relying == nil {
		return refuse(fault.Unavailable, "passkeys", "why-no-passkeys")
	}
	return nil
}

// holder is an account as the library wants it.
type holder struct {
	account Account
	keys    []passkey
}

func (h holder) WebAuthnID() []byte          { return []byte(h.account.ID) }
func (h holder) WebAuthnName() string        { return h.account.Name }
func (h holder) WebAuthnDisplayName() string { return h.account.Name }

func (h holder) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, len(h.keys))
	for i := range h.keys {
		all[i] = h.keys[i].Credential
	}
	return all
}

// maxResponse bounds what a browser answers in a ceremony.
const maxResponse = 64 << 10

// BeginPasskey begins to register a passkey for the account that asks. Options are for navigator.credentials.create (JSON with the member publicKey),
// ceremony is to be handed back to FinishPasskey.
func (a *Accounts) BeginPasskey(ctx context.Context, by Actor) (options []byte, ceremony string, err error) {
	if err := a.passkeys(); err != nil {
		return nil, "", err
	}
	var h holder
	err = a.store.View(ctx, func(tx store.Tx) error {
		c, err := a.ownChange(tx, by)
		if err != nil {
			return err
		}
		h = holder{c.who.account, c.credentials.Passkeys}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	algorithms := []protocol.CredentialParameter{}
	for _, alg := range []webauthncose.COSEAlgorithmIdentifier{webauthncose.AlgES256, webauthncose.AlgEdDSA, webauthncose.AlgRS256} {
		algorithms = append(algorithms, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: alg})
	}
	creation, session, err := a.relying.BeginRegistration(h, webauthn.WithCredentialParameters(algorithms),
		webauthn.WithExclusions(webauthn.Credentials(h.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return nil, "", fmt.Errorf("passkey: %w", err)
	}
	if options, err = json.Marshal(creation); err != nil {
		return nil, "", fmt.Errorf("passkey: %w", err)
	}
	ceremony, err = a.begin(sealRegister, by.key, session)
	return options, ceremony, err
}

// FinishPasskey registers the passkey that an authenticator made. Response is the credential as JSON (PublicKeyCredential.toJSON).
func (a *Accounts) FinishPasskey(ctx context.Context, by Actor, ceremony, name string, response []byte) (secret string, s *Session, err error) {
	if err := a.passkeys(); err != nil {
		return "", nil, err
	}
	if name, err = checkName(name); err != nil {
		return "", nil, err
	}
	var session webauthn.SessionData
	c, err := a.resume(sealRegister, by.key, ceremony, &session)
	if err != nil {
		return "", nil, err
	}
	parsed, err := parseCreation(response)
	if err != nil {
		return "", nil, err
	}
	return a.changeOwn(ctx, by, func(tx store.Tx, change *change) error {
		if err := a.spend(tx, c); err != nil {
			return err
		}
		keys := change.credentials.Passkeys
		if len(keys) >= maxPasskeys {
			return refuse(fault.Conflict, "account "+change.who.account.Name, "why-too-many")
		}
		made, err := a.relying.CreateCredential(holder{change.who.account, keys}, session, parsed)
		if err != nil {
			return because(errors.New(explain(err)), fault.Invalid, "passkey of "+change.who.account.Name, "why-passkey")
		}
		made.Attestation = webauthn.CredentialAttestation{} // nothing was attested
		change.credentials.Passkeys = append(slices.Clone(keys), passkey{Name: name, Added: a.now().UTC(), Credential: *made})
		change.event, change.detail = PasskeyAdded, name
		return nil
	})
}

func parseCreation(response []byte) (*protocol.ParsedCredentialCreationData, error) {
	if len(response) > maxResponse {
		return nil, refuse(fault.Invalid, "passkey", "why-passkey")
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return nil, because(errors.New(explain(err)), fault.Invalid, "passkey", "why-passkey")
	}
	return parsed, nil
}

// explain is what the library has to say for the operator.
func explain(err error) string {
	var e *protocol.Error
	if errors.As(err, &e) {
		return clip(e.Details + ": " + e.DevInfo)
	}
	return clip(err.Error())
}

// RemovePasskey removes a passkey of the account that asks, unless nothing else is left, and ends its other sessions.
func (a *Accounts) RemovePasskey(ctx context.Context, by Actor, id string) (secret string, s *Session, err error) {
	return a.changeOwn(ctx, by, func(_ store.Tx, c *change) error {
		keys := c.credentials.Passkeys
		at := slices.IndexFunc(keys, func(p passkey) bool { return p.shown().ID == id })
		if at < 0 {
			return refuse(fault.NotFound, "account "+c.who.account.Name, "why-no-passkey")
		}
		c.event, c.detail, c.endOthers = PasskeyRemoved, keys[at].Name, true
		c.credentials.Passkeys = slices.Delete(slices.Clone(keys), at, at+1)
		return nil
	})
}

// BeginPasskeySignIn begins a sign-in by passkey; the authenticator knows whose it is. Options are for navigator.credentials.get, ceremony is to be
// handed back to FinishPasskeySignIn. It costs the store nothing.
func (a *Accounts) BeginPasskeySignIn(context.Context) (options []byte, ceremony string, err error) {
	if err := a.passkeys(); err != nil {
		return nil, "", err
	}
	assertion, session, err := a.relying.BeginDiscoverableLogin()
	if err != nil {
		return nil, "", fmt.Errorf("passkey: %w", err)
	}
	if options, err = json.Marshal(assertion); err != nil {
		return nil, "", fmt.Errorf("passkey: %w", err)
	}
	ceremony, err = a.begin(sealPasskey, "", session)
	return options, ceremony, err
}

// FinishPasskeySignIn signs in whose passkey has answered.
func (a *Accounts) FinishPasskeySignIn(ctx context.Context, ceremony string, response []byte, from string) (secret string, s *Session, err error) {
	if err := a.passkeys(); err != nil {
		return "", nil, err
	}
	if err := a.limit.take(from, a.now()); err != nil {
		return "", nil, err
	}
	var session webauthn.SessionData
	c, err := a.resume(sealPasskey, "", ceremony, &session)
	if err != nil {
		return "", nil, err
	}
	parsed := parseAssertion(response)
	err = a.store.Update(ctx, func(tx store.Tx) error {
		secret, s, err = a.asserted(tx, c, session, parsed, from)
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

// parseAssertion reads the answer of an authenticator. What cannot be read is nil: it fails like any other, and counts.
func parseAssertion(response []byte) *protocol.ParsedCredentialAssertionData {
	if len(response) > maxResponse {
		return nil
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return nil
	}
	return parsed
}

// asserted decides about an assertion, and counts it. The session is nil when it fails.
func (a *Accounts) asserted(tx store.Tx, c ceremony, session webauthn.SessionData, parsed *protocol.ParsedCredentialAssertionData, from string) (secret string, s *Session, err error) {
	if parsed == nil {
		return "", nil, a.fail(tx, unknown, "", from, ByPasskey, false)
	}
	account, ok, err := lookup(tx, string(parsed.Response.UserHandle))
	if err != nil {
		return "", nil, err
	}
	if !ok {
		return "", nil, a.fail(tx, unknown, "", from, ByPasskey, false)
	}
	kept, err := credentialsOf(tx, account.ID)
	if err != nil {
		return "", nil, err
	}
	used, err := a.relying.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) {
		return holder{account, kept.Passkeys}, nil
	}, session, parsed)
	// A counter that does not go on may be a copy of the key: it is refused, and stands in the ledger as a failure.
	if err != nil || used.Authenticator.CloneWarning || account.Disabled {
		return "", nil, a.fail(tx, account.ID, account.Name, from, ByPasskey, false)
	}
	if err := a.spend(tx, c); err != nil {
		return "", nil, err
	}
	at := slices.IndexFunc(kept.Passkeys, func(p passkey) bool { return bytes.Equal(p.Credential.ID, used.ID) })
	kept.Passkeys[at].Credential, kept.Passkeys[at].Used = *used, a.now().UTC()
	if err := kept.keep(tx, account.ID); err != nil {
		return "", nil, err
	}
	return a.signedIn(tx, account, ByPasskey, from)
}
