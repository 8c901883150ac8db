// Package sqlite keeps a store in one SQLite file, in the WAL mode, durable at every commit.
//
// Any number of goroutines may use a [Store], and any number of processes and Stores one file. Inside a Store there is one
// writer connection, handed from writer to writer in the order of their coming, a few connections for views, opened on demand, and one that
// only watches for changes. A View may run inside an Update or a View, but not more than a few deep. Between processes, writers
// pass a turnstile: see [turnstile].
//
// Statements go straight to the driver's connection; database/sql serves only the migrations. Its pool and its conversions
// would cost more than the statements themselves.
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

const (
	readers     = 4
	writerCache = 16 << 10 // KiB of pages
	readerCache = 4 << 10
	// checkpointPages is how long the write-ahead log grows before it is copied into the file: a page that changes often is then
	// copied once. walLimit is when a log that readers keep from being started anew is dealt with by force.
	checkpointPages = 4000
	walLimit        = 256 << 20
)

// Config of the engine.
type Config struct {
	MaxPageCount int64 `toml:"max_page_count"` // pages of 8 KiB that the file may have; 0 is no limit
}

// Store implements store.Store.
type Store struct {
	path    string
	cfg     Config
	turn    *turnstile
	interns interns

	logLimit int64 // walLimit, but for tests
	logNext  int64 // how long the log must be for the next attempt to empty it; belongs to the writer

	writing chan struct{} // holds a token while a writer runs; waiters are served in order
	writer  *conn         // belongs to the holder of the token

	pool chan *conn // idle connections for views; nil is one not yet opened

	watching sync.Mutex
	watcher  *conn

	closed  chan struct{}
	closing sync.Once
}

var _ store.Store = (*Store)(nil)

// Open opens the store at path and brings its schema up to date; it creates the file, for its owner only, if there is none.
func Open(ctx context.Context, path string, cfg Config) (_ *Store, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	f.Close()
	turn, err := newTurnstile(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	s := &Store{
		path: path, cfg: cfg, turn: turn, logLimit: walLimit,
		writing: make(chan struct{}, 1), pool: make(chan *conn, readers), closed: make(chan struct{}),
	}
	s.interns.reset()
	for range readers {
		s.pool <- nil
	}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if err := s.migrate(ctx); err != nil {
		return nil, err
	}
	if s.writer, err = s.open(ctx, writerCache, false); err != nil {
		return nil, err
	}
	if s.watcher, err = s.open(ctx, 64, true); err != nil {
		return nil, err
	}
	if _, err := s.Version(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// open opens one more connection.
func (s *Store) open(ctx context.Context, cache int, readOnly bool) (*conn, error) {
	c, err := connect(ctx, s.path)
	if err != nil {
		return nil, s.fault(err)
	}
	pragmas := []string{
		"busy_timeout = 10000", // first: the others read the file, which the last one to close or the first one to open may have locked
		fmt.Sprintf("cache_size = -%d", cache),
		"temp_store = MEMORY",
		"synchronous = FULL",
	}
	if readOnly {
		pragmas = append(pragmas, "query_only = ON")
	} else {
		pragmas = append(pragmas,
			fmt.Sprintf("wal_autocheckpoint = %d", checkpointPages),
			fmt.Sprintf("journal_size_limit = %d", walLimit/4))
		if s.cfg.MaxPageCount > 0 {
			pragmas = append(pragmas, fmt.Sprintf("max_page_count = %d", s.cfg.MaxPageCount))
		}
		pragmas = append(pragmas, "busy_timeout = 0") // Update waits by itself
	}
	for _, p := range pragmas {
		if err := c.once(ctx, "PRAGMA "+p); err != nil {
			c.close()
			return nil, s.fault(err)
		}
	}
	return c, nil
}

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) error {
	select {
	case <-s.closed:
		return s.errClosed()
	default:
	}
	select {
	case s.writing <- struct{}{}:
	case <-s.closed:
		return s.errClosed()
	case <-ctx.Done():
		return s.fault(fmt.Errorf("waiting for other writers: %w", ctx.Err()))
	}
	defer func() { <-s.writing }()
	if err := s.begin(ctx); err != nil {
		return err
	}
	t := &tx{ctx: ctx, s: s, c: s.writer, writes: true}
	t.fresh.reset()
	committed := false
	defer func() { // also when f panics
		t.done = true
		if !committed {
			// SQLite may have rolled back by itself, for instance when the disk was full.
			_, _ = s.writer.exec(context.Background(), "ROLLBACK")
		}
	}()
	if err := f(t); err != nil {
		return err
	}
	if err := t.finish(); err != nil {
		return err
	}
	if _, err := s.writer.exec(context.Background(), "COMMIT"); err != nil {
		return s.fault(fmt.Errorf("commit: %w", err))
	}
	committed = true
	s.interns.add(&t.fresh)
	s.boundLog()
	return nil
}

// begin passes the turnstile and takes SQLite's write lock.
func (s *Store) begin(ctx context.Context) error {
	leave, err := s.turn.enter(ctx)
	if err != nil {
		return s.fault(fmt.Errorf("waiting for other processes: %w", err))
	}
	defer leave()
	for pause := new(pause); ; {
		_, err := s.writer.exec(ctx, "BEGIN IMMEDIATE")
		if err == nil || !isBusy(err) {
			return s.fault(err)
		}
		if err := pause.sleep(ctx); err != nil {
			return s.fault(fmt.Errorf("waiting for other processes: %w", err))
		}
	}
}

// boundLog empties a write-ahead log that has grown far beyond its limit, because at every checkpoint somebody was still
// reading it: it makes new readers use the file and waits, briefly, for the old ones.
func (s *Store) boundLog() {
	info, err := os.Stat(s.path + "-wal")
	if err != nil || info.Size() <= max(s.logLimit, s.logNext) {
		return
	}
	s.logNext = info.Size() + s.logLimit/4 // one long view must not make every commit wait
	ctx := context.Background()
	for _, p := range []string{"busy_timeout = 100", "wal_checkpoint(TRUNCATE)", "busy_timeout = 0"} {
		_ = s.writer.once(ctx, "PRAGMA "+p) // what fails now is tried again later
	}
	if info, err := os.Stat(s.path + "-wal"); err == nil && info.Size() <= s.logLimit {
		s.logNext = 0
	}
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, f func(store.Tx) error) (err error) {
	select {
	case <-s.closed:
		return s.errClosed()
	default:
	}
	var c *conn
	select {
	case c = <-s.pool:
	case <-s.closed:
		return s.errClosed()
	case <-ctx.Done():
		return s.fault(fmt.Errorf("waiting for other views: %w", ctx.Err()))
	}
	defer func() { s.pool <- c }()
	if c == nil {
		if c, err = s.open(ctx, readerCache, true); err != nil {
			return err
		}
	}
	if _, err := c.exec(ctx, "BEGIN"); err != nil {
		return s.fault(err)
	}
	t := &tx{ctx: ctx, s: s, c: c}
	defer func() {
		t.done = true
		if _, err := c.exec(context.Background(), "ROLLBACK"); err != nil {
			c.close()
			c = nil
		}
	}()
	return f(t)
}

// Version implements store.Store.
func (s *Store) Version(ctx context.Context) (version int64, err error) {
	s.watching.Lock()
	defer s.watching.Unlock()
	if s.watcher == nil {
		return 0, s.errClosed()
	}
	err = s.watcher.query(ctx, "PRAGMA data_version", nil, func(r *row) { version = r.int() })
	return version, s.fault(err)
}

// Close waits for running transactions and closes all connections. The last one of all processes empties the write-ahead log.
func (s *Store) Close() error {
	var errs []error
	s.closing.Do(func() {
		close(s.closed)
		for range readers {
			if c := <-s.pool; c != nil {
				errs = append(errs, c.close())
			}
		}
		s.watching.Lock()
		if s.watcher != nil {
			errs = append(errs, s.watcher.close())
			s.watcher = nil
		}
		s.watching.Unlock()
		s.writing <- struct{}{}
		if s.writer != nil {
			errs = append(errs, s.writer.close())
		}
		errs = append(errs, s.turn.close())
	})
	return s.fault(errors.Join(errs...))
}

func (s *Store) errClosed() error { return fault.New(fault.Unavailable, "store %s: closed", s.path) }

// pause sleeps a little longer each time, a millisecond at most.
type pause time.Duration

func (p *pause) sleep(ctx context.Context) error {
	*p = min(max(*p*2, pause(50*time.Microsecond)), pause(time.Millisecond))
	t := time.NewTimer(time.Duration(*p))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
