package search

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/wagasa/wagasa/internal/store"
)

// Index is the index of one store.
type Index struct {
	store  store.Store
	bounds bounds

	working sync.Mutex // held by whoever changes the index

	mu     sync.Mutex // guards all below
	opened map[int64]*opened
	clock  int64 // counts uses of opened
}

// New makes an Index on a store. Nothing is read before it is used.
func New(s store.Store) *Index { return &Index{store: s, bounds: usual, opened: map[int64]*opened{}} }

const (
	lookEvery = 100 * time.Millisecond  // how often Run looks whether the store changed
	restFor   = 5 * time.Second         // how long it leaves a store alone that failed
	mostRest  = time.Second             // between two batches
	rush      = 100                     // so many entries between two looks are an import,
	rushFor   = 1500 * time.Millisecond // which goes on for so long at least,
	standBack = 5 * time.Second         // and is left alone for so long between two batches
)

// Run keeps the index up to date until ctx ends. It works half of the time at most, and while an import goes on it nearly stands still, so that
// the import has the machine to itself. What the store refuses is tried again.
func (x *Index) Run(ctx context.Context, log *slog.Logger) error {
	version, head := int64(-1), int64(0)
	var worked, quiet time.Time
	for ctx.Err() == nil {
		began := time.Now()
		did := false
		now, err := x.store.Version(ctx)
		if err == nil && now != version {
			before := head
			if head, err = x.head(ctx); head-before >= rush {
				quiet = began.Add(rushFor)
			}
			if err == nil && (!began.Before(quiet) || began.Sub(worked) >= standBack) {
				if did, err = x.step(ctx); err == nil && !did {
					version = now
					err = x.warm(ctx)
				}
				worked = time.Now()
			}
		}
		rest := lookEvery
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errOvertaken): // somebody else did it
		case err != nil:
			log.Error("search: the index does not follow; it will be tried again", "error", err)
			rest = restFor
		case did:
			rest = min(worked.Sub(began), mostRest)
		}
		select {
		case <-ctx.Done():
		case <-time.After(rest):
		}
	}
	return nil
}

// head is where the feed ends.
func (x *Index) head(ctx context.Context) (head int64, err error) {
	err = x.store.View(ctx, func(tx store.Tx) (err error) {
		head, err = tx.Feed().Head()
		return err
	})
	return head, err
}

// CatchUp brings the index up to what the feed has now. progress, if not nil, is told now and then how many entries are left, counted up to
// BehindLimit.
func (x *Index) CatchUp(ctx context.Context, progress func(left int)) error {
	head, err := x.head(ctx)
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	for {
		done := false
		err := x.store.View(ctx, func(tx store.Tx) error {
			m, ok, err := loadManifest(tx)
			if err != nil {
				return err
			}
			cursor, err := tx.Feed().Cursor(consumer)
			done = ok && !m.Wiping && cursor >= head
			return err
		})
		if err != nil || done {
			return err
		}
		if _, err := x.step(ctx); err != nil && !errors.Is(err, errOvertaken) {
			return err
		}
		if progress != nil {
			left, err := x.Behind(ctx)
			if err != nil {
				return err
			}
			progress(left)
		}
	}
}

// BehindLimit is up to how many entries Behind counts.
const BehindLimit = 10_000

// Behind tells how many feed entries the index has not looked at yet, counted up to BehindLimit.
func (x *Index) Behind(ctx context.Context) (n int, err error) {
	err = x.store.View(ctx, func(tx store.Tx) error {
		cursor, err := tx.Feed().Cursor(consumer)
		if err != nil {
			return err
		}
		if m, ok, err := loadManifest(tx); err != nil {
			return err
		} else if !ok || m.Wiping {
			cursor = 0
		}
		entries, err := tx.Feed().After(cursor, BehindLimit)
		n = len(entries)
		return err
	})
	return n, err
}

// Rebuild drops the index and lets it be made anew from the feed, by Run or CatchUp.
func (x *Index) Rebuild(ctx context.Context) error {
	return x.store.Update(ctx, func(tx store.Tx) error {
		m, _, err := loadManifest(tx)
		if err != nil {
			return err
		}
		m = manifest{Format: format, Generation: m.Generation, Next: m.Next, Wiping: true}
		return m.save(tx)
	})
}

// step does the next piece of work, if there is any: it goes on with deleting what is not needed any more, takes a batch of the feed, or
// merges segments.
func (x *Index) step(ctx context.Context) (did bool, err error) {
	x.working.Lock()
	defer x.working.Unlock()
	b, err := x.prepare(ctx)
	switch m := b.manifest; {
	case err != nil:
	case b.wipe:
		err = x.wipe(ctx)
	case len(b.merge) > 0:
		err = x.merge(ctx, m, b.merge)
	case len(m.Garbage) > 0:
		err = x.sweep(ctx, m)
	case b.last > 0:
		err = x.store.Update(ctx, b.apply)
	default:
		return false, nil
	}
	if errors.Is(err, errCorrupt) {
		err = errors.Join(err, x.Rebuild(ctx))
	}
	return err == nil, err
}

// batch is what a page of the feed makes of the index.
type batch struct {
	manifest manifest
	wipe     bool // there is no index to go on with
	merge    []segmentInfo
	cursor   int64 // where it begins
	last     int64 // where it ends; 0 is no batch
	records  []store.Record
	info     segmentInfo
	dead     map[int64]deadSet // by segment: what is dead now
	links    map[string]string
}

// prepare makes a batch of what the feed has, on a snapshot.
func (x *Index) prepare(ctx context.Context) (b *batch, err error) {
	b = &batch{}
	err = x.store.View(ctx, func(tx store.Tx) error {
		m, ok, err := loadManifest(tx)
		if err != nil {
			return err
		}
		b.manifest, b.wipe = m, !ok || m.Wiping
		if b.wipe {
			return nil
		}
		if b.cursor, err = tx.Feed().Cursor(consumer); err != nil {
			return err
		}
		if b.merge = plan(m.Segments); len(b.merge) > 0 || len(m.Garbage) > 0 {
			return nil
		}
		entries, err := tx.Feed().After(b.cursor, x.bounds.entries)
		if err != nil || len(entries) == 0 {
			return err
		}
		return b.fill(ctx, tx, entries, x.bounds)
	})
	if err != nil {
		err = fmt.Errorf("search: feed after %d: %w", b.cursor, err)
	}
	return b, err
}

// fill makes the segment and finds what it replaces.
func (b *batch) fill(ctx context.Context, tx store.Tx, entries []store.Entry, bounds bounds) error {
	g, err := gather(tx, bounds)
	if err != nil {
		return err
	}
	if b.last, err = g.take(entries); err != nil || len(g.affected) == 0 {
		return err
	}
	b.links = g.links
	docs, err := g.make()
	if err != nil {
		return err
	}
	if len(docs) > 0 {
		b.info, err = build(b.manifest.Next, docs, func(r store.Record) error {
			b.records = append(b.records, r)
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return b.replace(tx, slices.Sorted(maps.Keys(g.affected)))
}

// replace finds out which documents die.
func (b *batch) replace(tx store.Tx, ids []string) error {
	b.dead = map[int64]deadSet{}
	for i := range b.manifest.Segments {
		info := &b.manifest.Segments[i]
		dead, err := loadDead(tx.Records(), *info)
		if err != nil {
			return err
		}
		s, err := openSegment(tx.Records(), info.Number)
		if err != nil {
			return err
		}
		changed := false
		err = s.findAll(tx.Records(), ids, func(n int) {
			if dead.has(n) {
				return
			}
			if !changed {
				grown := make(deadSet, (info.Docs+7)/8)
				copy(grown, dead)
				dead, changed = grown, true
			}
			dead[n/8] |= 1 << (n % 8)
			info.Dead++
		})
		if err != nil {
			return err
		}
		if changed {
			b.dead[info.Number] = dead
		}
	}
	return nil
}

// apply writes a batch, unless somebody was faster.
func (b *batch) apply(tx store.Tx) error {
	if err := b.manifest.unchanged(tx); err != nil {
		return err
	}
	cursor, err := tx.Feed().Cursor(consumer)
	if err != nil {
		return err
	}
	if cursor != b.cursor {
		return errOvertaken
	}
	if err := tx.Feed().SetCursor(consumer, b.last); err != nil {
		return err
	}
	if len(b.records) == 0 && len(b.dead) == 0 && len(b.links) == 0 {
		return nil
	}
	for _, r := range b.records {
		if err := tx.Records().Put(r); err != nil {
			return fmt.Errorf("search: %w", err)
		}
	}
	m := &b.manifest
	if len(b.records) > 0 {
		m.Next++
		m.Segments = append(m.Segments, b.info)
	}
	if err := b.bury(tx); err != nil {
		return err
	}
	for lc, of := range b.links {
		if err := link(tx, lc, of); err != nil {
			return fmt.Errorf("search: %s: %w", lc, err)
		}
	}
	return m.save(tx)
}

// bury writes which documents are dead; segments that have no other go.
func (b *batch) bury(tx store.Tx) error {
	m := &b.manifest
	m.Segments = slices.DeleteFunc(m.Segments, func(s segmentInfo) bool {
		if s.Dead < s.Docs {
			return false
		}
		m.Garbage = append(m.Garbage, s.Number)
		delete(b.dead, s.Number)
		return true
	})
	for number, dead := range b.dead {
		if err := tx.Records().Put(store.Record{Kind: kindSegment, Key: partKey(number, 'x', 0), Value: dead}); err != nil {
			return fmt.Errorf("search: %w", err)
		}
	}
	return nil
}

// link remembers what a language-content translates.
func link(tx store.Tx, lc, of string) error {
	if of == "" {
		return tx.Records().Delete(kindTranslation, lc)
	}
	return tx.Records().Put(store.Record{Kind: kindTranslation, Key: lc, Value: []byte(of), Terms: []string{of}})
}
