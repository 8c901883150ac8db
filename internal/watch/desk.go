package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// Waiting is how many objects wait for an acknowledgement.
func Waiting(tx store.Tx) (counts [4]int, err error) {
	for _, p := range store.Precedences {
		if counts[p], err = waitingOf(tx, p); err != nil {
			return counts, err
		}
	}
	return counts, nil
}

// List returns up to limit objects that wait, the greatest precedence first, then the newest; after is the cursor of the page before, "" at first.
func List(tx store.Tx, after string, limit int) (list []Arrival, next string, err error) {
	return arrivals(tx, kindWaiting, after, limit)
}

// Latest returns up to limit of the last arrivals, the newest first, acknowledged or not.
func Latest(tx store.Tx, limit int) (list []Arrival, err error) {
	list, _, err = arrivals(tx, kindArrived, "", limit)
	return list, err
}

func arrivals(tx store.Tx, kind, after string, limit int) (list []Arrival, next string, err error) {
	records, err := tx.Records().List(kind, after, limit)
	if err != nil {
		return nil, "", err
	}
	for _, r := range records {
		var a Arrival
		if err := json.Unmarshal(r.Value, &a); err != nil {
			return nil, "", fmt.Errorf("inbox %s: %w", r.Key, err)
		}
		list = append(list, a)
	}
	if len(records) == limit {
		next = records[limit-1].Key
	}
	return list, next, nil
}

// DoneWith tells who acknowledged which version of an object; ok is false if nobody did.
func DoneWith(tx store.Tx, id string) (d Done, ok bool, err error) {
	r, ok, err := tx.Records().Get(kindDone, id)
	if err != nil || !ok {
		return d, false, err
	}
	if err := json.Unmarshal(r.Value, &d); err != nil {
		return d, false, fmt.Errorf("acknowledgement of %s: %w", id, err)
	}
	return d, true, nil
}

// MostAtOnce bounds the objects of one acknowledgement.
const MostAtOnce = 1000

// Seen is an object and the version of it that somebody looked at.
type Seen struct {
	ID       string
	Modified int64
}

// Acknowledge takes what somebody saw out of the inbox, and notes who. A version that came meanwhile stays: nobody saw that. It returns how many
// were taken out.
func (b *Inbox) Acknowledge(ctx context.Context, by string, seen []Seen) (n int, err error) {
	if len(seen) > MostAtOnce {
		return 0, fault.New(fault.Invalid, "%d objects at once are more than %d", len(seen), MostAtOnce)
	}
	err = b.Store.Update(ctx, func(tx store.Tx) error {
		n = 0
		for _, s := range seen {
			done, err := b.acknowledge(tx, by, s)
			if err != nil {
				return fmt.Errorf("acknowledge %s: %w", s.ID, err)
			}
			if done {
				n++
			}
		}
		return nil
	})
	return n, err
}

func (b *Inbox) acknowledge(tx store.Tx, by string, s Seen) (done bool, err error) {
	waiting, err := waits(tx, s.ID)
	if err != nil || len(waiting) == 0 || waiting[0].arrival.Modified != s.Modified {
		return false, err
	}
	value, err := json.Marshal(Done{s.Modified, by, b.Now().UTC()})
	if err != nil {
		return false, err
	}
	if err := tx.Records().Put(store.Record{Kind: kindDone, Key: s.ID, Value: value}); err != nil {
		return false, err
	}
	return true, drop(tx, s.ID)
}

// Note is what one watch tells the next.
type Note struct {
	Text string    `json:"text"`
	By   string    `json:"by"` // the account's name
	Time time.Time `json:"time"`
}

const (
	kindNote = "watch-note" // newest first
	// MostNote bounds the bytes of a note.
	MostNote = 16 << 10
)

// Write adds a note. Notes are never changed.
func (b *Inbox) Write(ctx context.Context, by, text string) error {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return fault.New(fault.Invalid, "the note is empty")
	case len(text) > MostNote || !utf8.ValidString(text):
		return fault.New(fault.Invalid, "a note is text of at most %d bytes", MostNote)
	}
	now := b.Now().UTC()
	value, err := json.Marshal(Note{text, by, now})
	if err != nil {
		return err
	}
	return b.Store.Update(ctx, func(tx store.Tx) error {
		key := newest(now.UnixNano())
		for {
			_, taken, err := tx.Records().Get(kindNote, key)
			if err != nil {
				return err
			}
			if !taken {
				return tx.Records().Put(store.Record{Kind: kindNote, Key: key, Value: value})
			}
			key += "." // two at one instant
		}
	})
}

// Notes returns up to limit notes, the newest first; next is the cursor of the page behind, "" if there is none.
func Notes(tx store.Tx, after string, limit int) (list []Note, next string, err error) {
	records, err := tx.Records().List(kindNote, after, limit)
	if err != nil {
		return nil, "", err
	}
	for _, r := range records {
		var n Note
		if err := json.Unmarshal(r.Value, &n); err != nil {
			return nil, "", fmt.Errorf("note %s: %w", r.Key, err)
		}
		list = append(list, n)
	}
	if len(records) == limit {
		next = records[limit-1].Key
	}
	return list, next, nil
}
