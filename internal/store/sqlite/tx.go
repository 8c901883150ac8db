package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/wagasa/wagasa/internal/store"
)

// tx implements store.Tx and all its parts.
type tx struct {
	ctx    context.Context
	s      *Store
	c      *conn
	writes bool
	done   bool
	broken error // a write failed, perhaps half-way: nothing may be committed

	fresh   interns // seen or made in this transaction; shared only after commit
	feed    []store.Entry
	tallies map[tallyKey]int64
	lists   map[store.Hash]int64 // lists of findings that this transaction has met, by SHA-256
}

func (t *tx) Objects() store.Objects { return (*objects)(t) }
func (t *tx) Feed() store.Feed       { return (*feed)(t) }
func (t *tx) Streams() store.Streams { return (*streams)(t) }
func (t *tx) Log() store.Log         { return (*log)(t) }
func (t *tx) Records() store.Records { return (*records)(t) }

// finish writes what is written last, before commit.
func (t *tx) finish() error {
	if t.broken != nil {
		return t.broken
	}
	if err := t.flushTallies(); err != nil {
		return err
	}
	if err := t.flushFeed(); err != nil {
		return err
	}
	return t.s.fault(t.ctx.Err())
}

// usable is asked by everything that touches the connection.
func (t *tx) usable() error {
	if t.done {
		return fmt.Errorf("store %s: the transaction is over", t.s.path)
	}
	return t.broken
}

// write is called first by every method that writes.
func (t *tx) write() error {
	if err := t.usable(); err != nil {
		return err
	}
	if !t.writes {
		return fmt.Errorf("store %s: writing in a View", t.s.path)
	}
	return nil
}

// exec runs a writing statement. Its failure is the transaction's.
func (t *tx) exec(query string, args ...driver.Value) (int64, error) {
	if err := t.write(); err != nil {
		return 0, err
	}
	n, err := t.c.exec(t.ctx, query, args...)
	if err != nil {
		t.broken = t.s.fault(err)
	}
	return n, t.broken
}

// insert runs query, which ends in VALUES, for rows of so many columns each, a few dozen at a time.
func (t *tx) insert(query string, columns int, values []driver.Value) error {
	for len(values) > 0 {
		n := 1
		if rows := len(values) / columns; rows >= insertRows {
			n = insertRows
		}
		if _, err := t.exec(query+" "+tuples(n, columns), values[:n*columns]...); err != nil {
			return err
		}
		values = values[n*columns:]
	}
	return nil
}

const insertRows = 32

// query calls f with each row of a statement that is quick.
func (t *tx) query(query string, args []driver.Value, f func(*row)) error {
	if err := t.usable(); err != nil {
		return err
	}
	return t.s.fault(t.c.query(t.ctx, query, args, f))
}

// search calls f with each row of a statement that may take long.
func (t *tx) search(query string, args []driver.Value, f func(*row)) error {
	if err := t.usable(); err != nil {
		return err
	}
	return t.s.fault(t.c.search(t.ctx, query, args, f))
}

// number runs a query for one integer; ok is false when there is no row.
func (t *tx) number(query string, args ...driver.Value) (n int64, ok bool, err error) {
	err = t.query(query, args, func(r *row) { n, ok = r.int(), true })
	return n, ok, err
}
