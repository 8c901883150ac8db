package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// conn is one connection with its prepared statements. One goroutine at a time uses it.
type conn struct {
	driver     driver.Conn
	statements map[string]statement
	args       []driver.NamedValue
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func dsn(path string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	return u.String() + "?_dqs=0&_defensive=1&_error_rc=1"
}

func connect(ctx context.Context, path string) (*conn, error) {
	connector, err := sqlite.NewConnector(dsn(path))
	if err != nil {
		return nil, err
	}
	c, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{driver: c, statements: map[string]statement{}}, nil
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.driver.Close())...)
}

// once runs a statement that is not worth keeping.
func (c *conn) once(ctx context.Context, query string) error {
	_, err := c.driver.(driver.ExecerContext).ExecContext(ctx, query, nil)
	return err
}

func (c *conn) prepare(query string) (statement, error) {
	if s, ok := c.statements[query]; ok {
		return s, nil
	}
	p, err := c.driver.Prepare(query)
	if err != nil {
		return nil, fmt.Errorf("%w, in %s", err, query)
	}
	s := p.(statement)
	c.statements[query] = s
	return s, nil
}

func (c *conn) bind(args []driver.Value) []driver.NamedValue {
	c.args = c.args[:0]
	for i, a := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return c.args
}

// exec runs a statement and returns how many rows it changed. It is not interrupted when ctx ends, since watching ctx costs the driver
// a goroutine a statement: what takes long is done in pieces.
func (c *conn) exec(ctx context.Context, query string, args ...driver.Value) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s, err := c.prepare(query)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(context.Background(), c.bind(args))
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// query calls f with each row. What f finds wrong with a row it leaves in the row. Inside f no statement of the same text may run.
func (c *conn) query(ctx context.Context, query string, args []driver.Value, f func(*row)) error {
	return c.scan(ctx, context.Background(), query, args, f)
}

// search is query for statements that may take long before their first row: it is interrupted when ctx ends.
func (c *conn) search(ctx context.Context, query string, args []driver.Value, f func(*row)) error {
	return c.scan(ctx, ctx, query, args, f)
}

func (c *conn) scan(ctx, interrupt context.Context, query string, args []driver.Value, f func(*row)) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	s, err := c.prepare(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(interrupt, c.bind(args))
	if err != nil {
		return err
	}
	defer func() {
		if closing := rows.Close(); err == nil {
			err = closing
		}
	}()
	r := row{values: make([]driver.Value, len(rows.Columns()))}
	for n := 1; ; n++ {
		switch err := rows.Next(r.values); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		r.next = 0
		f(&r)
		if r.err != nil {
			return fmt.Errorf("a stored row is damaged: %w, in %s", r.err, query)
		}
		if n%64 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
}

// row hands out the columns of a row from left to right and remembers the first that is not what was expected.
type row struct {
	values []driver.Value
	next   int
	err    error
}

func column[T any](r *row) (v T) {
	if r.next >= len(r.values) {
		r.fail("column %d is missing", r.next)
		return v
	}
	v, ok := r.values[r.next].(T)
	if !ok {
		r.fail("column %d is %T, want %T", r.next, r.values[r.next], v)
	}
	r.next++
	return v
}

func (r *row) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *row) int() int64   { return column[int64](r) }
func (r *row) text() string { return column[string](r) }

// blob is a column that may be null.
func (r *row) blob() []byte {
	if r.next < len(r.values) && r.values[r.next] == nil {
		r.next++
		return nil
	}
	return column[[]byte](r)
}

func (r *row) hash() (h store.Hash) {
	b := column[[]byte](r)
	if len(b) != len(h) {
		r.fail("column %d has %d bytes, want %d", r.next-1, len(b), len(h))
		return h
	}
	return store.Hash(b)
}

// upTo is an integer from 0 to greatest.
func (r *row) upTo(greatest int64) int64 {
	n := r.int()
	if n < 0 || n > greatest {
		r.fail("column %d is %d, want 0 to %d", r.next-1, n, greatest)
		return 0
	}
	return n
}

func (r *row) bool() bool { return r.upTo(1) == 1 }

// ordered is a uint64 stored by [ordered].
func (r *row) ordered() uint64 { return uint64(r.int()) ^ 1<<63 }

// ordered maps a uint64 to an int64 so that order is kept.
func ordered(n uint64) int64 { return int64(n ^ 1<<63) }

func boolean(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// optional is a blob that is null when empty.
func optional(b []byte) driver.Value {
	if len(b) == 0 {
		return nil
	}
	return b
}

// batches are the lengths of lists in statements: few, so that few statements are kept.
var batches = [...]int{1, 4, 16, 64, 256}

// inList runs f for pieces of list; query is the query with (?*) replaced by a list of as many parameters as there are args. The
// last piece is filled up with repetitions, which do no harm in an IN.
func inList[T any](query string, list []T, f func(query string, args []driver.Value) error) error {
	for len(list) > 0 {
		size := batches[len(batches)-1]
		for _, b := range batches {
			if len(list) <= b {
				size = b
				break
			}
		}
		n := min(size, len(list))
		args := make([]driver.Value, size)
		for i := range args {
			args[i] = list[min(i, n-1)]
		}
		if err := f(strings.Replace(query, "(?*)", tuples(1, size), 1), args); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// tuples is rows times (?,…,?) or, for one, a list of that many.
func tuples(rows, columns int) string {
	one := "(" + strings.Repeat("?,", columns-1) + "?)"
	return strings.Repeat(one+",", rows-1) + one
}

// fault gives an error of SQLite its kind and names the store.
func (s *Store) fault(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault.New(fault.Unavailable, "store %s: %w", s.path, err)
	}
	switch code(err) & 0xff {
	case sqlite3.SQLITE_FULL:
		return fault.New(fault.Unavailable, "the store is full: %s: make room, or raise max_page_count in wagasa.toml: %w", s.path, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fault.New(fault.Unavailable, "the store is busy: %s: %w", s.path, err)
	case sqlite3.SQLITE_NOTADB:
		return fault.New(fault.Internal, "store %s: not a database, or its first page is damaged: %w", s.path, err)
	case sqlite3.SQLITE_CORRUPT:
		return fault.New(fault.Internal, "store %s: the file is damaged: %w", s.path, err)
	case sqlite3.SQLITE_CONSTRAINT:
		if c := code(err); c == sqlite3.SQLITE_CONSTRAINT_UNIQUE || c == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY || c == sqlite3.SQLITE_CONSTRAINT_ROWID {
			return fault.New(fault.Conflict, "store %s: %w", s.path, err)
		}
	}
	return fmt.Errorf("store %s: %w", s.path, err)
}

func isBusy(err error) bool { return code(err)&0xff == sqlite3.SQLITE_BUSY }

// code is SQLite's extended result code, 0 if err does not come from SQLite.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}
