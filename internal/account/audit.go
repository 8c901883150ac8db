package account

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
)

// What says what an event was.
type What string

// The events.
const (
	Created           What = "created"
	Changed           What = "changed"
	Disabled          What = "disabled"
	Enabled           What = "enabled"
	Removed           What = "removed"
	Invited           What = "invited" // a one-time link was given out
	LinkOpened        What = "link-opened"
	Enrolled          What = "enrolled" // the first credentials, or all anew after a recovery
	PasskeyAdded      What = "passkey-added"
	PasskeyRemoved    What = "passkey-removed"
	PasswordSet       What = "password-set"
	PasswordRemoved   What = "password-removed"
	CodeSet           What = "code-set"
	IdentityLinked    What = "identity-linked"
	IdentityUnlinked  What = "identity-unlinked"
	TokenMade         What = "token-made"
	TokenRevoked      What = "token-revoked"
	TokenUsed         What = "token-used" // at most one a day
	SignInDone        What = "signed-in"
	SignInFailed      What = "sign-in-failed"
	Paused            What = "paused" // sign-in by password, after repeated failures
	SignedOut         What = "signed-out"
	SignedOutAll      What = "signed-out-all"
	RecoveryAsked     What = "recovery-asked"
	RecoveryApproved  What = "recovery-approved"
	RecoveryWithdrawn What = "recovery-withdrawn"
)

// Event is one line about accounts in the national ledger.
type Event struct {
	Index   int64     `json:"-"` // of the entry
	Time    time.Time `json:"-"`
	Account string    `json:"-"` // id; empty where it is of none that there is
	What    What      `json:"what"`
	Name    string    `json:"name,omitempty"` // of the account, at that time
	By      string    `json:"by,omitempty"`   // who did it, by name at that time, if it was not the account itself
	From    string    `json:"from,omitempty"` // address
	Method  Method    `json:"method,omitempty"`
	Count   int       `json:"count,omitempty"`  // of failures, where more than one
	Detail  string    `json:"detail,omitempty"` // what changed; never a secret
}

// Label is what an event is called.
func (e Event) Label() locale.Reason { return text("event-" + string(e.What)) }

const maxDetail = 500 // bytes

// audit writes an event into the national ledger, in the transaction that does what it tells of.
func (a *Accounts) audit(tx store.Tx, e Event) error {
	if len(e.Detail) > maxDetail {
		e.Detail = string([]rune(e.Detail)[:maxDetail/4])
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("account %s: %w", e.Account, err)
	}
	return ledger.Append(tx, ledger.National, ledger.Entry{Kind: ledger.Account, Time: a.now(), Subject: e.Account, Items: [][]byte{line}}, nil)
}

// maxAuditScan bounds how many entries of the ledger are looked at for one page of events.
const maxAuditScan = 20_000

// Audit returns up to limit events before an index of the national ledger, the newest first; before 0 is the end. Next is the index to go on
// before; at 0 there are no more.
func (a *Accounts) Audit(ctx context.Context, by Actor, before int64, limit int) (events []Event, next int64, err error) {
	err = a.store.View(ctx, func(tx store.Tx) error {
		if _, err := a.authorize(tx, by, AuditRead); err != nil {
			return err
		}
		size, err := ledger.Size(tx, ledger.National)
		if err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		if before <= 0 || before > size {
			before = size
		}
		events, next, err = auditPage(tx, before, limit)
		return err
	})
	return events, next, err
}

func auditPage(tx store.Tx, before int64, limit int) (events []Event, next int64, err error) {
	last := max(0, before-maxAuditScan)
	for before > last {
		from := max(last, before-page)
		entries, err := ledger.Entries(tx, ledger.National, from, int(before-from))
		if err != nil {
			return nil, 0, fmt.Errorf("audit: %w", err)
		}
		for i, entry := range slices.Backward(entries) {
			before = from + int64(i)
			e, ok, err := eventOf(entry)
			if err != nil {
				return nil, 0, err
			}
			if !ok {
				continue
			}
			e.Index = before
			if events = append(events, e); len(events) >= limit {
				return events, before, nil
			}
		}
		before = from
	}
	return events, before, nil
}

// eventOf reads an entry; ok is false for one that is not about accounts.
func eventOf(entry ledger.Entry) (e Event, ok bool, err error) {
	if entry.Kind != ledger.Account || len(entry.Items) != 1 {
		return e, false, nil
	}
	if err := json.Unmarshal(entry.Items[0], &e); err != nil {
		return e, false, fault.New(fault.Internal, "audit: entry about %q: %w", entry.Subject, err)
	}
	e.Time, e.Account = entry.Time, entry.Subject
	return e, true, nil
}
