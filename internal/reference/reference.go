// Package reference knows which objects refer to which: what an object names, and what names it. In flow the entries of the feed about objects;
// out flow, for an object, those that refer to it, by type and in pages. It decides nothing about release: whoever may ask sees whatever the node
// holds.
//
// What an object names stands in its bytes. What names it is Records, made from the current versions and rebuildable from the feed. Who created an
// object, and what it is marked with, the store finds by itself ([store.Objects]); that is left out.
//
// An [Index] holds no state beside its store. [Index.Run] belongs to one goroutine; everything else may be called from any.
package reference

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/store"
)

// kindReference are the records: what one object names, at most perRecord of it in one. The key is the object's type, its age, its id and a number:
// within a type the newest come first. The terms are the ids that it names, and one for itself, by which its records are found again.
const kindReference = "reference"

// consumer is the name of the cursor in the feed.
const consumer = "reference"

// The bounds of one transaction, and of one record: whoever finds one reads all of its terms.
const (
	feedPage  = 500
	pageBytes = 4 << 20 // of objects that are read at a time
	perRecord = 64
)

// Index is the index of one store.
type Index struct {
	Store store.Store
}

const (
	lookEvery = 100 * time.Millisecond
	restFor   = 5 * time.Second // how long a store is left alone that failed
)

// Run keeps the index up to date until ctx ends. What the store refuses is tried again.
func (x *Index) Run(ctx context.Context, log *slog.Logger) error {
	version := int64(-1)
	for ctx.Err() == nil {
		now, err := x.Store.Version(ctx)
		more := false
		if err == nil && now != version {
			if more, err = x.Follow(ctx); err == nil && !more {
				version = now
			}
		}
		rest := lookEvery
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !errors.Is(err, context.Canceled):
			log.Error("reference: the index does not follow; it will be tried again", "error", err)
			rest = restFor
		case more:
			rest = time.Millisecond // others write too
		}
		select {
		case <-ctx.Done():
		case <-time.After(rest):
		}
	}
	return nil
}

// errOvertaken says that another process took the page.
var errOvertaken = errors.New("somebody was faster")

// Follow takes one page of the feed; more says that there may be another. The objects are read on a snapshot: what changed meanwhile has entries
// behind these.
func (x *Index) Follow(ctx context.Context) (more bool, err error) {
	var b batch
	if err := x.Store.View(ctx, b.prepare); err != nil || len(b.entries) == 0 {
		return false, wrap(err)
	}
	err = x.Store.Update(ctx, b.apply)
	if errors.Is(err, errOvertaken) {
		return true, nil
	}
	return err == nil && len(b.entries) == feedPage, wrap(err)
}

func wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("reference: %w", err)
}

// batch is what a page of the feed changes.
type batch struct {
	cursor  int64
	entries []store.Entry
	ids     []string
	objects map[string]object // those that are current
}

// object is what the index has of one.
type object struct {
	time  int64    // modified; of what has no version, arrived
	names []string // ids, sorted and distinct
}

func (b *batch) prepare(tx store.Tx) (err error) {
	if b.cursor, err = tx.Feed().Cursor(consumer); err != nil {
		return err
	}
	if b.entries, err = tx.Feed().After(b.cursor, feedPage); err != nil {
		return err
	}
	b.objects = map[string]object{}
	for _, e := range b.entries {
		if e.Kind != store.KindObject && e.Kind != store.KindRemoval {
			continue
		}
		id, _, err := store.SplitObjectKey(e.Key)
		if err != nil {
			return err
		}
		b.ids = append(b.ids, id)
	}
	slices.Sort(b.ids)
	b.ids = slices.Compact(b.ids)
	variants, err := tx.Objects().Variants(b.ids)
	if err != nil {
		return err
	}
	for portion := range store.Portions(variants, pageBytes) {
		current, err := tx.Objects().Current(portion)
		if err != nil {
			return err
		}
		for i := range current {
			v := &current[i]
			b.objects[v.ID] = object{cmp.Or(v.Modified, v.Arrived), names(v.ID, v.Raw)}
		}
	}
	return nil
}

// names are the ids that the index has of an object: sorted and distinct.
func names(id string, raw []byte) (ids []string) {
	list, _ := In(raw, MostReferences)
	for _, r := range list {
		if r.ID != id && !r.Common() {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (b *batch) apply(tx store.Tx) error {
	cursor, err := tx.Feed().Cursor(consumer)
	if err != nil {
		return err
	}
	if cursor != b.cursor {
		return errOvertaken
	}
	for _, id := range b.ids {
		if err := put(tx, id, b.objects[id]); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	return tx.Feed().SetCursor(consumer, b.entries[len(b.entries)-1].Position)
}

// put makes the records of an object those of what it names; records that are right already stay.
func put(tx store.Tx, id string, o object) error {
	var after []store.Record
	for names := range slices.Chunk(o.names, perRecord) {
		after = append(after, store.Record{Kind: kindReference, Key: key(id, o.time, len(after)), Terms: append(names, itself(id))})
	}
	before, err := tx.Records().Find(kindReference, itself(id), "", mostRecords)
	if err != nil {
		return err
	}
	same := func(a, b store.Record) bool { return a.Key == b.Key && slices.Equal(a.Terms, b.Terms) }
	for _, r := range before {
		if !slices.ContainsFunc(after, func(a store.Record) bool { return a.Key == r.Key }) {
			if err := tx.Records().Delete(kindReference, r.Key); err != nil {
				return err
			}
		}
	}
	for _, r := range after {
		if slices.ContainsFunc(before, func(b store.Record) bool { return same(b, r) }) {
			continue
		}
		if err := tx.Records().Put(r); err != nil {
			return err
		}
	}
	return nil
}

// mostRecords is how many records one object has at most.
const mostRecords = (MostReferences + perRecord - 1) / perRecord

// key puts later times before earlier ones.
func key(id string, time int64, n int) string {
	typ, _, _ := strings.Cut(id, "--")
	return fmt.Sprintf("%s %019d %s %04d", typ, math.MaxInt64-max(time, 0), id, n)
}

// itself is the term by which the records of an object are found.
func itself(id string) string { return "of " + id }
