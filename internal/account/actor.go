package account

import (
	"slices"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// Actor is on whose behalf something is done. It is made from a session, or by a command on the machine itself.
type Actor struct {
	kind, key string // of the record of a session or token
	id        string // of the account
	console   string
	from      string
}

// Actor is the session, acting from an address.
func (s *Session) Actor(from string) Actor {
	return Actor{kind: s.kind, key: s.key, id: s.Account.ID, from: clip(from)}
}

// Console is somebody at the machine itself, who can read the node's store and keys anyway: to that one everything is allowed, and the
// ledger says who it was.
func Console(who string) Actor { return Actor{console: clip(who)} }

// is says whether the actor is the account.
func (by Actor) is(id string) bool { return by.id != "" && by.id == id }

// clip bounds what comes along with a request and goes into the ledger.
func clip(s string) string {
	const most = 100
	if len(s) > most {
		s = s[:most]
	}
	return s
}

// acting is an actor whose rights were looked up in this transaction.
type acting struct {
	Actor
	account Account
	session sessionRecord // nothing for a service and at the console
}

// authorize looks up what the actor may do now: rights may have changed since the request came in.
func (a *Accounts) authorize(tx store.Tx, by Actor, action Action) (who acting, err error) {
	who.Actor = by
	if by.console != "" {
		return who, nil
	}
	switch by.kind {
	case kindSession:
		ok, err := get(tx, kindSession, by.key, &who.session)
		if err != nil {
			return who, err
		}
		if !ok || a.over(&who.session, a.now()) || who.session.Account.ID != by.id {
			return who, refuse(fault.NotFound, "session", "why-session")
		}
		who.account = who.session.Account
	case kindToken:
		var t tokenRecord
		ok, err := get(tx, kindToken, by.key, &t)
		if err != nil {
			return who, err
		}
		if !ok || t.over(a.now()) || t.Account.ID != by.id {
			return who, refuse(fault.NotFound, "token", "why-session")
		}
		who.account = t.Account
	default:
		return who, refuse(fault.Denied, "nobody", "why-denied")
	}
	if !Allowed(who.account.Roles, action) {
		return who, refuse(fault.Denied, string(action)+" by "+who.account.Name, "why-denied")
	}
	return who, nil
}

// name is what the ledger calls whoever did something.
func (w acting) name() string {
	if w.console != "" {
		return w.console
	}
	return w.account.Name
}

// event is one about an account, by the actor.
func (w acting) event(about Account, what What, detail string) Event {
	e := Event{Account: about.ID, What: what, Name: about.Name, From: w.from, Detail: detail}
	if !w.is(about.ID) {
		e.By = w.name()
	}
	return e
}

// enrolling says whether the actor has no credentials yet.
func (w acting) enrolling() bool { return slices.Contains(w.account.Roles, Enrolling) }
