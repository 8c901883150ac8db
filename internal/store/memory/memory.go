// Package memory is the store of tests and simulations: the whole contract of package store on ordered maps. The Store value
// is the disk: a simulated node that crashes is started again on the same value and finds what was committed, no more.
//
// Any number of goroutines may use a Store. Writers wait in line for each other, views share a read lock; so, unlike on
// SQLite, a transaction must not be begun inside another one. Nothing depends on time, randomness or map order: the same calls give the
// same answers. Bytes and slices are copied on the way in and on the way out.
package memory

import (
	"context"
	"fmt"
	"sync"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// Store implements store.Store.
type Store struct {
	writing chan struct{} // holds a token while a writer runs; waiters are served in order
	mu      sync.RWMutex  // guards all below; held for writing by the writer, for reading by views
	data    data
	version int64
	fail    int
	closed  bool
}

var _ store.Store = (*Store)(nil)

// New returns an empty store.
func New() *Store {
	return &Store{writing: make(chan struct{}, 1), data: newData()}
}

// FailCommits makes the next n Updates whose function succeeds fail with fault.Unavailable, as a full disk would, and keep nothing.
func (s *Store) FailCommits(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = n
}

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return fault.New(fault.Unavailable, "store: %w", err)
	}
	select {
	case s.writing <- struct{}{}:
	case <-ctx.Done():
		return fault.New(fault.Unavailable, "store: waiting for other writers: %w", ctx.Err())
	}
	defer func() { <-s.writing }()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed()
	}
	t := &tx{ctx: ctx, data: &s.data, undo: new(undo)}
	committed := false
	defer func() { // also when f panics
		t.done = true
		if !committed {
			t.undo.rollBack()
		}
	}()
	if err := f(t); err != nil {
		return err
	}
	if t.broken != nil {
		return t.broken
	}
	if err := ctx.Err(); err != nil {
		return fault.New(fault.Unavailable, "store: %w", err)
	}
	if s.fail > 0 {
		s.fail--
		return fault.New(fault.Unavailable, "store: commit: the store is full (injected)")
	}
	t.flushFeed()
	if len(t.undo.steps) > 0 {
		s.version++
	}
	committed = true
	return nil
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, f func(store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return fault.New(fault.Unavailable, "store: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return errClosed()
	}
	t := &tx{ctx: ctx, data: &s.data}
	defer func() { t.done = true }()
	return f(t)
}

// Version implements store.Store.
func (s *Store) Version(ctx context.Context) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, fault.New(fault.Unavailable, "store: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0, errClosed()
	}
	return s.version, nil
}

// Close makes all further calls fail until Reopen.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// Reopen undoes Close: the disk is mounted again.
func (s *Store) Reopen() *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = false
	return s
}

func errClosed() error { return fault.New(fault.Unavailable, "store: closed") }

// tx implements store.Tx and all its parts. A nil undo makes it read-only.
type tx struct {
	ctx    context.Context
	data   *data
	undo   *undo
	feed   []store.Entry
	broken error // a write failed half-way: nothing may be committed
	done   bool
}

func (t *tx) Objects() store.Objects { return (*objects)(t) }
func (t *tx) Feed() store.Feed       { return (*feed)(t) }
func (t *tx) Streams() store.Streams { return (*streams)(t) }
func (t *tx) Log() store.Log         { return (*log)(t) }
func (t *tx) Records() store.Records { return (*records)(t) }

// read is called first by every method that reads.
func (t *tx) read() error {
	if t.done {
		return fmt.Errorf("store: the transaction is over")
	}
	if err := t.ctx.Err(); err != nil {
		return fault.New(fault.Unavailable, "store: %w", err)
	}
	return t.broken
}

// write is called first by every method that writes.
func (t *tx) write() error {
	if err := t.read(); err != nil {
		return err
	}
	if t.undo == nil {
		return fmt.Errorf("store: writing in a View")
	}
	return nil
}
