// Package watch is the watch floor's desk: what came from partners and nobody has acknowledged yet, what came last, and the notes by which one
// watch hands over to the next.
//
// In flow the feed (with its own cursor), acknowledgements and notes; out flow lists for pages and commands. All of it is Records: what stands
// in the inbox follows from the feed and the acknowledgements, so that it can be made anew.
//
// An [Inbox] holds no state beside its store. [Inbox.Run] belongs to one goroutine; everything else may be called from any.
package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// The kinds of records.
const (
	kindWaiting = "watch-waiting" // by precedence, then newest first; term: the object's id
	kindArrived = "watch-arrived" // newest first: the last ones that came
	kindDone    = "watch-done"    // by the object's id: the version that was acknowledged
	kindCount   = "watch-count"   // how many wait, by precedence
)

// consumer is the name of the cursor in the feed.
const consumer = "watch"

// Bounds of what is done in one transaction, and of what is kept of the last arrivals.
const (
	feedPage    = 500
	keptArrived = 200
)

// Inbox is the desk of one node.
type Inbox struct {
	Store store.Store
	Now   func() time.Time
}

// Arrival is the current version of an object that a partner sent.
type Arrival struct {
	ID         string           `json:"id"`
	Type       string           `json:"type"`
	Modified   int64            `json:"modified"` // ns since 1970
	Origin     store.Party      `json:"origin"`
	Precedence store.Precedence `json:"precedence"`
	TLP        uint8            `json:"tlp"`
	Arrived    int64            `json:"arrived"` // ns since 1970
	Revoked    bool             `json:"revoked,omitempty"`
	Title      string           `json:"title,omitempty"` // foreign text
}

// Done is an acknowledgement.
type Done struct {
	Modified int64     `json:"modified"` // of the version that was seen
	By       string    `json:"by"`       // the account's name
	Time     time.Time `json:"time"`
}

// Run follows the feed until ctx ends.
func (b *Inbox) Run(ctx context.Context, log *slog.Logger) error {
	const look = 200 * time.Millisecond
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		for {
			more, err := b.Follow(ctx)
			if err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
				log.Error("watch: the inbox does not follow", "error", err)
			}
			if err != nil || !more {
				break
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Follow takes one page of the feed; more says that there may be another.
func (b *Inbox) Follow(ctx context.Context) (more bool, err error) {
	var entries []store.Entry
	look := func(tx store.Tx) error {
		at, err := tx.Feed().Cursor(consumer)
		if err != nil {
			return err
		}
		entries, err = tx.Feed().After(at, feedPage)
		return err
	}
	if err := b.Store.View(ctx, look); err != nil || len(entries) == 0 {
		return false, err
	}
	err = b.Store.Update(ctx, func(tx store.Tx) error {
		if err := look(tx); err != nil || len(entries) == 0 { // another process may have been here
			return err
		}
		if err := take(tx, entries); err != nil {
			return err
		}
		return tx.Feed().SetCursor(consumer, entries[len(entries)-1].Position)
	})
	if err != nil {
		return false, fmt.Errorf("watch: %w", err)
	}
	return len(entries) == feedPage, nil
}

// take brings the inbox up to what the entries changed.
func take(tx store.Tx, entries []store.Entry) error {
	var ids []string
	at := map[string]int64{}
	for _, e := range entries {
		if e.Kind != store.KindObject && e.Kind != store.KindRemoval {
			continue
		}
		id, _, err := store.SplitObjectKey(e.Key)
		if err != nil {
			return err
		}
		if _, ok := at[id]; !ok {
			ids = append(ids, id)
		}
		at[id] = e.Position
	}
	current, err := tx.Objects().Current(ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		i := slices.IndexFunc(current, func(v store.Variant) bool { return v.ID == id })
		if i < 0 || current[i].Origin == store.Self {
			if err := drop(tx, id); err != nil {
				return err
			}
			continue
		}
		if err := arrive(tx, &current[i], at[id]); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	return trim(tx)
}

// arrive puts a version into the inbox, unless it waits there or was acknowledged.
func arrive(tx store.Tx, v *store.Variant, position int64) error {
	if done, ok, err := DoneWith(tx, v.ID); err != nil || ok && done.Modified >= v.Modified {
		return err
	}
	waiting, err := waits(tx, v.ID)
	if err != nil {
		return err
	}
	if len(waiting) > 0 && waiting[0].arrival.Modified == v.Modified {
		return nil
	}
	if err := drop(tx, v.ID); err != nil {
		return err
	}
	a := Arrival{
		ID: v.ID, Type: v.Type, Modified: v.Modified, Origin: v.Origin, Precedence: v.Precedence, TLP: v.TLP, Arrived: v.Arrived, Revoked: v.Revoked,
		Title: stix.Title(v.Raw),
	}
	value, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if err := tx.Records().Put(store.Record{Kind: kindArrived, Key: newest(position), Value: value}); err != nil {
		return err
	}
	if err := tx.Records().Put(store.Record{Kind: kindWaiting, Key: order(v.Precedence) + newest(position), Value: value, Terms: []string{v.ID}}); err != nil {
		return err
	}
	return count(tx, v.Precedence, 1)
}

// newest is a key that puts later positions before earlier ones.
func newest(position int64) string { return fmt.Sprintf("%019d", int64(1<<62)-position) }

// order is the beginning of a key that puts greater precedences first.
func order(p store.Precedence) string { return fmt.Sprintf("%d-", store.Flash-p) }

type waitingRecord struct {
	key     string
	arrival Arrival
}

// waits finds an object in the inbox.
func waits(tx store.Tx, id string) (list []waitingRecord, err error) {
	found, err := tx.Records().Find(kindWaiting, id, "", 10)
	for _, r := range found {
		var a Arrival
		if err := json.Unmarshal(r.Value, &a); err != nil {
			return nil, fmt.Errorf("inbox %s: %w", r.Key, err)
		}
		list = append(list, waitingRecord{r.Key, a})
	}
	return list, err
}

// drop takes an object out of the inbox.
func drop(tx store.Tx, id string) error {
	list, err := waits(tx, id)
	if err != nil {
		return err
	}
	for _, w := range list {
		if err := tx.Records().Delete(kindWaiting, w.key); err != nil {
			return err
		}
		if err := count(tx, w.arrival.Precedence, -1); err != nil {
			return err
		}
	}
	return nil
}

// count keeps how many wait, so that no page has to count them.
func count(tx store.Tx, p store.Precedence, change int) error {
	n, err := waitingOf(tx, p)
	if err != nil {
		return err
	}
	return tx.Records().Put(store.Record{Kind: kindCount, Key: p.Letter(), Value: fmt.Append(nil, n+change)})
}

func waitingOf(tx store.Tx, p store.Precedence) (n int, err error) {
	r, ok, err := tx.Records().Get(kindCount, p.Letter())
	if err != nil || !ok {
		return 0, err
	}
	if _, err := fmt.Sscan(string(r.Value), &n); err != nil {
		return 0, fmt.Errorf("inbox count %s: %w", p, err)
	}
	return n, nil
}

// trim forgets all but the last arrivals.
func trim(tx store.Tx) error {
	list, err := tx.Records().List(kindArrived, "", keptArrived+feedPage)
	if err != nil {
		return err
	}
	for i := keptArrived; i < len(list); i++ {
		if err := tx.Records().Delete(kindArrived, list[i].Key); err != nil {
			return err
		}
	}
	return nil
}
