// Package account knows the people and services of a node: who they are, what each may do, how they prove it, and for how long that holds.
//
// In flow what somebody at the door says: a name with a password and a code, the bytes of a passkey, the answer of an identity provider, the
// secret of a one-time link, of a session or of a token, each with the address that it came from. Out flow sessions, which say who it is and what
// that one may do ([Allowed], one table, default deny), and entries of the national ledger: every change and every sign-in, failed ones
// counted, is logged in the transaction that does it. The package knows no HTTP; what speaks it to an identity provider is package
// account/oidc.
//
// Truth is in Records of the store: accounts, credentials, sessions, tokens, links, requests for recovery and failures. Of secrets that this
// node gives out only SHA-256 is kept (they are 256 random bits), of passwords a slow hash, of TOTP what a key file beside the store has sealed.
// So a session survives a restart, works with every network cut, and costs one look-up.
//
// An Accounts may be used by many goroutines, and by commands in other processes at the same time. What is only in memory, the limits of how
// often an address may try, counts for one process.
package account

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/wagasa/wagasa/internal/account/oidc"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
)

// Kind says whether an account is of a person or of a service.
type Kind string

// The kinds. A service has tokens and nothing else; a person has everything but tokens.
const (
	KindPerson  Kind = "person"
	KindService Kind = "service"
)

// Account is a person or a service.
type Account struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"` // unique, however it is written
	Kind     Kind        `json:"kind"`
	Roles    []Role      `json:"roles"`
	Lang     locale.Lang `json:"lang"`
	Disabled bool        `json:"disabled,omitempty"`
	Created  time.Time   `json:"created"`
}

// Bounds of what there may be.
const (
	maxName     = 64   // runes of a name
	maxPasskeys = 10   // of one account
	maxSessions = 20   // of one account; one more ends the oldest
	maxTokens   = 20   // of one service
	maxAccounts = 5000 // of a node
	page        = 256  // records read at a time
)

// Config is the node's section about accounts.
type Config struct {
	URL          string      `toml:"url" comment:"where people reach the pages, such as https://node.example: passkeys are bound to its name; empty: where serve listens"`
	IdleMinutes  int         `toml:"idle_minutes" comment:"a session ends after so many minutes without use; 0 is 30"`
	SessionHours int         `toml:"session_hours" comment:"a session ends after so many hours, used or not; 0 is 12"`
	OIDC         oidc.Config `toml:"oidc"`
}

// Params are what New needs.
type Params struct {
	Store  store.Store
	Dir    string // the node's folder: the key stands in it
	Node   string // its name, as an authenticator shows it
	Origin string // where browsers reach the pages, unless Config.URL says; without both there are no passkeys
	Config Config
	Now    func() time.Time // nil is time.Now
}

// Accounts is what the package does. New makes it.
type Accounts struct {
	store       store.Store
	node        string
	url         string
	now         func() time.Time
	idle, lasts time.Duration // of sessions
	sealer      *sealer
	hasher      *hasher
	limit       *limiter
	relying     *webauthn.WebAuthn // nil: no passkeys
	provider    *oidc.Provider     // nil: none
}

// New makes an Accounts. It reaches nobody. Where the node's folder has no key yet one is made.
func New(p Params) (*Accounts, error) {
	a := &Accounts{store: p.Store, node: p.Node, now: p.Now, idle: defaultIdle, lasts: defaultSession, hasher: newHasher(), limit: newLimiter()}
	if a.now == nil {
		a.now = time.Now
	}
	if m := p.Config.IdleMinutes; m < 0 || m > maxIdleMinutes {
		return nil, fault.New(fault.Invalid, "accounts: idle_minutes = %d: want 0 to %d", m, maxIdleMinutes)
	} else if m > 0 {
		a.idle = time.Duration(m) * time.Minute
	}
	if h := p.Config.SessionHours; h < 0 || h > maxSessionHours {
		return nil, fault.New(fault.Invalid, "accounts: session_hours = %d: want 0 to %d", h, maxSessionHours)
	} else if h > 0 {
		a.lasts = time.Duration(h) * time.Hour
	}
	key, err := loadKey(p.Dir)
	if err != nil {
		return nil, err
	}
	if a.sealer, err = newSealer(key); err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	a.url = strings.TrimSuffix(cmp.Or(p.Config.URL, p.Origin), "/")
	if a.relying, err = relyingParty(a.url, p.Node); err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	if a.provider, err = oidc.New(p.Config.OIDC, a.now); err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	return a, nil
}

// URL is where people reach the pages, "" if that is not known.
func (a *Accounts) URL() string { return a.url }

// The longest that the configuration may ask for.
const (
	maxIdleMinutes  = 24 * 60
	maxSessionHours = 7 * 24
)
