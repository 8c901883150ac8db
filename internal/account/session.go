package account

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// Method is how somebody has proved to be somebody.
type Method string

// The methods.
const (
	ByPasskey  Method = "passkey"
	ByPassword Method = "password" // with a code
	ByIdentity Method = "identity" // at an identity provider
	ByLink     Method = "link"     // only to set credentials
	ByToken    Method = "token"    // a service
)

// Session is somebody who is signed in. It says what was so when it was looked up, and is looked up anew for each request.
type Session struct {
	ID      string  // names it to people; proves nothing
	Account Account // its Roles are those of the session: Enrolling alone, until there are credentials
	Method  Method
	From    string // the address at sign-in
	Started time.Time
	Seen    time.Time
	Expires time.Time // used or not
	kind    string    // of its record
	key     string
}

// May says whether the session may do something.
func (s *Session) May(action Action) bool { return Allowed(s.Account.Roles, action) }

// Enrolling says whether there are no credentials yet.
func (s *Session) Enrolling() bool { return slices.Contains(s.Account.Roles, Enrolling) }

// sessionRecord is a session as kept. Rights and name are copied into it, so that a look-up reads nothing else; whatever changes them
// changes or ends the sessions in the same transaction.
type sessionRecord struct {
	ID      string    `json:"id"`
	Account Account   `json:"account"`
	Method  Method    `json:"method"`
	From    string    `json:"from,omitempty"`
	Started time.Time `json:"started"`
	Seen    time.Time `json:"seen"`
	Expires time.Time `json:"expires"`

	Link    string       `json:"link,omitempty"`    // key of the one-time link that it began with
	Pending *credentials `json:"pending,omitempty"` // those that are to hold once they are complete
}

func (r *sessionRecord) session(key string) *Session {
	return &Session{r.ID, r.Account, r.Method, r.From, r.Started, r.Seen, r.Expires, kindSession, key}
}

// How long a session lasts, unless the configuration says otherwise.
const (
	defaultIdle    = 30 * time.Minute
	defaultSession = 12 * time.Hour // a shift
	enrolmentTime  = 30 * time.Minute
	touchEvery     = time.Minute            // how exactly it is known when a session was last used
	touchPatience  = 250 * time.Millisecond // how long a page waits to write that down
	freshFor       = 15 * time.Minute       // after sign-in credentials may be changed
	shownSessionID = 8                      // characters of newID that name a session among those of one account
)

func (a *Accounts) over(r *sessionRecord, now time.Time) bool {
	return !now.Before(r.Expires) || now.Sub(r.Seen) >= a.idle
}

// Session returns the session that a secret proves. One that is not there, or over, is fault.NotFound.
func (a *Accounts) Session(ctx context.Context, secret string) (*Session, error) {
	key, ok := secretKey(secret)
	if !ok {
		return nil, refuse(fault.NotFound, "session", "why-session")
	}
	var r sessionRecord
	err := a.store.View(ctx, func(tx store.Tx) (err error) {
		ok, err = get(tx, kindSession, key, &r)
		return err
	})
	switch now := a.now(); {
	case err != nil:
		return nil, err
	case !ok || a.over(&r, now):
		return nil, refuse(fault.NotFound, "session", "why-session")
	case now.Sub(r.Seen) >= touchEvery:
		a.touch(ctx, key)
	}
	return r.session(key), nil
}

// touch notes that a session is in use. When the store is too busy it is left: at worst a session ends earlier than it might, and the next
// request tries again.
func (a *Accounts) touch(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(ctx, touchPatience)
	defer cancel()
	_ = a.store.Update(ctx, func(tx store.Tx) error {
		var r sessionRecord
		ok, err := get(tx, kindSession, key, &r)
		if now := a.now(); err != nil || !ok || a.over(&r, now) || !now.After(r.Seen) {
			return err
		}
		r.Seen = a.now()
		return put(tx, kindSession, key, r, accountTerm(r.Account.ID))
	})
}

// start begins a session with a new secret. The account is as the session shall show it.
func (a *Accounts) start(tx store.Tx, r sessionRecord, lasts time.Duration) (secret string, s *Session, err error) {
	if err := a.makeRoom(tx, r.Account.ID); err != nil {
		return "", nil, err
	}
	secret = newSecret()
	key, _ := secretKey(secret)
	r.ID, r.Started = newID()[:shownSessionID], a.now()
	r.Seen, r.Expires = r.Started, r.Started.Add(lasts)
	if err := put(tx, kindSession, key, r, accountTerm(r.Account.ID)); err != nil {
		return "", nil, err
	}
	return secret, r.session(key), nil
}

// renew gives a session another secret; the old one is worth nothing from then on.
func renew(tx store.Tx, key string, r sessionRecord) (secret string, s *Session, err error) {
	if err := remove(tx, kindSession, key); err != nil {
		return "", nil, err
	}
	secret = newSecret()
	key, _ = secretKey(secret)
	if err := put(tx, kindSession, key, r, accountTerm(r.Account.ID)); err != nil {
		return "", nil, err
	}
	return secret, r.session(key), nil
}

// keyed is a session record with its key.
type keyed struct {
	sessionRecord
	key string
}

// sessionsOf returns the sessions of an account, those that are over too.
func sessionsOf(tx store.Tx, id string) (all []keyed, err error) {
	err = each(tx, kindSession, accountTerm(id), func(r store.Record) (bool, error) {
		k := keyed{key: r.Key}
		all = append(all, k)
		return true, decode(r, &all[len(all)-1].sessionRecord)
	})
	return all, err
}

// makeRoom ends what is over, and the oldest sessions of an account when there are too many.
func (a *Accounts) makeRoom(tx store.Tx, id string) error {
	all, err := sessionsOf(tx, id)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(x, y keyed) int { return cmp.Or(y.Seen.Compare(x.Seen), cmp.Compare(x.key, y.key)) })
	now := a.now()
	for i := range all {
		if i < maxSessions-1 && !a.over(&all[i].sessionRecord, now) {
			continue
		}
		if err := remove(tx, kindSession, all[i].key); err != nil {
			return err
		}
	}
	return nil
}

// endSessions ends the sessions of an account, all but one.
func endSessions(tx store.Tx, id, but string) error {
	return each(tx, kindSession, accountTerm(id), func(r store.Record) (bool, error) {
		if r.Key == but {
			return true, nil
		}
		return true, remove(tx, kindSession, r.Key)
	})
}

// Sessions lists the sessions of the account that asks, the latest used first.
func (a *Accounts) Sessions(ctx context.Context, by Actor) (sessions []*Session, err error) {
	err = a.store.View(ctx, func(tx store.Tx) error {
		who, err := a.authorize(tx, by, OwnSessions)
		if err != nil {
			return err
		}
		all, err := sessionsOf(tx, who.account.ID)
		now := a.now()
		sessions = nil
		for i := range all {
			if !a.over(&all[i].sessionRecord, now) {
				sessions = append(sessions, all[i].session(all[i].key))
			}
		}
		return err
	})
	slices.SortFunc(sessions, func(x, y *Session) int { return cmp.Or(y.Seen.Compare(x.Seen), cmp.Compare(x.ID, y.ID)) })
	return sessions, err
}

// SignOut ends the session that a secret proves. One that is over is ended already.
func (a *Accounts) SignOut(ctx context.Context, secret string) error {
	key, ok := secretKey(secret)
	if !ok {
		return nil
	}
	return a.store.Update(ctx, func(tx store.Tx) error {
		var r sessionRecord
		ok, err := get(tx, kindSession, key, &r)
		if err != nil || !ok {
			return err
		}
		if err := remove(tx, kindSession, key); err != nil {
			return err
		}
		return a.audit(tx, Event{Account: r.Account.ID, What: SignedOut, Name: r.Account.Name, Method: r.Method, From: r.From})
	})
}

// EndSession ends one of the sessions of the account that asks, by its ID.
func (a *Accounts) EndSession(ctx context.Context, by Actor, id string) error {
	return a.store.Update(ctx, func(tx store.Tx) error {
		who, err := a.authorize(tx, by, OwnSessions)
		if err != nil {
			return err
		}
		all, err := sessionsOf(tx, who.account.ID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(k keyed) bool { return k.ID == id })
		if at < 0 {
			return refuse(fault.NotFound, "session", "why-session")
		}
		if err := remove(tx, kindSession, all[at].key); err != nil {
			return err
		}
		return a.audit(tx, who.event(who.account, SignedOut, "session "+id))
	})
}

// SignOutEverywhere ends all sessions of an account: one's own, or, for who may manage accounts, anybody's.
func (a *Accounts) SignOutEverywhere(ctx context.Context, by Actor, id string) error {
	return a.store.Update(ctx, func(tx store.Tx) error {
		action := AccountManage
		if by.is(id) {
			action = OwnSessions
		}
		who, err := a.authorize(tx, by, action)
		if err != nil {
			return err
		}
		account, err := find(tx, id)
		if err != nil {
			return err
		}
		if err := endSessions(tx, id, ""); err != nil {
			return err
		}
		return a.audit(tx, who.event(account, SignedOutAll, ""))
	})
}

// copyToSessions writes what sessions and tokens show of an account after a change that takes no right away.
func copyToSessions(tx store.Tx, account Account) error {
	all, err := sessionsOf(tx, account.ID)
	if err != nil {
		return err
	}
	for _, k := range all {
		roles := k.Account.Roles
		k.Account = account
		k.Account.Roles = roles
		if err := put(tx, kindSession, k.key, k.sessionRecord, accountTerm(account.ID)); err != nil {
			return err
		}
	}
	return nil
}
