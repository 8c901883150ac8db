package account

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/store"
)

// After so many failures of its password in sequence an account's sign-in by password pauses, for longer each time. Passkeys cannot be
// guessed and go on: who locks somebody out by failing on purpose does not keep out those who have one.
const (
	pauseAfter    = 5
	firstPause    = 30 * time.Second
	longestPause  = time.Hour
	forgetAfter   = 24 * time.Hour // without another failure
	failureWindow = 10 * time.Minute
	maxFailedFrom = 8 // addresses named in one entry
)

// unknown is where failures are counted that belong to no account: of names, tokens and links that there are not. The names are not kept:
// people type passwords there.
const unknown = "unknown"

// failures counts what failed for one account. The first failure of a window is logged as it happens; those after it are counted, and logged
// as one entry when the window is over, at a pause, or when sign-in succeeds.
type failures struct {
	Name  string    `json:"name,omitempty"`
	Count int       `json:"count"` // of passwords, since the last success
	Last  time.Time `json:"last"`
	Until time.Time `json:"until,omitzero"` // sign-in by password pauses until then

	Window time.Time `json:"window,omitzero"` // when it began
	Seen   int       `json:"seen"`            // in the window, not yet logged
	From   []string  `json:"from,omitempty"`  // of those
	More   bool      `json:"more,omitempty"`  // there were more addresses
}

func failuresOf(tx store.Tx, key string) (f failures, err error) {
	_, err = get(tx, kindFailures, key, &f)
	return f, err
}

// fail counts a failure of an account, or of none when id is unknown, in the ledger too. Password says that one was tried against
// an account that exists.
func (a *Accounts) fail(tx store.Tx, id, name, from string, method Method, password bool) error {
	f, err := failuresOf(tx, id)
	if err != nil {
		return err
	}
	now := a.now()
	f.Name = name
	if now.Sub(f.Window) >= failureWindow {
		if err := a.report(tx, id, &f, method); err != nil {
			return err
		}
		f.Window = now
		if err := a.audit(tx, Event{Account: realID(id), What: SignInFailed, Name: name, From: clip(from), Method: method}); err != nil {
			return err
		}
	} else {
		f.add(clip(from))
	}
	if password && !now.Before(f.Until) {
		if now.Sub(f.Last) >= forgetAfter {
			f.Count = 0
		}
		f.Count++
		if f.Count >= pauseAfter {
			f.Until = now.Add(pause(f.Count))
			if err := a.report(tx, id, &f, method); err != nil {
				return err
			}
			until := fmt.Sprintf("%d failures; until %s", f.Count, f.Until.UTC().Format(time.RFC3339))
			if err := a.audit(tx, Event{Account: realID(id), What: Paused, Name: name, Method: method, Detail: until}); err != nil {
				return err
			}
		}
	}
	f.Last = now
	return put(tx, kindFailures, id, f)
}

// realID is the id of an account for the ledger.
func realID(key string) string {
	if key == unknown {
		return ""
	}
	return key
}

func (f *failures) add(from string) {
	f.Seen++
	switch {
	case slices.Contains(f.From, from):
	case len(f.From) < maxFailedFrom:
		f.From = append(f.From, from)
	default:
		f.More = true
	}
}

// report logs what was counted since the last entry, as one.
func (a *Accounts) report(tx store.Tx, id string, f *failures, method Method) error {
	if f.Seen == 0 {
		return nil
	}
	from := strings.Join(f.From, " ")
	if f.More {
		from += " …"
	}
	err := a.audit(tx, Event{Account: realID(id), What: SignInFailed, Name: f.Name, Method: method, Count: f.Seen, Detail: from})
	f.Seen, f.From, f.More = 0, nil, false
	return err
}

// pause is how long sign-in waits after so many failures.
func pause(count int) time.Duration {
	d := firstPause
	for ; count > pauseAfter && d < longestPause; count-- {
		d *= 2
	}
	return min(d, longestPause)
}

// succeeded forgets the failures of an account, and logs those that were only counted.
func (a *Accounts) succeeded(tx store.Tx, id string, method Method) error {
	f, err := failuresOf(tx, id)
	if err != nil {
		return err
	}
	if err := a.report(tx, id, &f, method); err != nil {
		return err
	}
	return remove(tx, kindFailures, id)
}

// aged logs what a window has counted once it is over, and says whether there is nothing more to remember.
func (a *Accounts) aged(tx store.Tx, id string, f *failures) (gone bool, err error) {
	now := a.now()
	if now.Sub(f.Window) < failureWindow {
		return false, nil
	}
	if err := a.report(tx, id, f, ""); err != nil {
		return false, err
	}
	return f.Count == 0 || now.Sub(f.Last) >= forgetAfter, nil
}
