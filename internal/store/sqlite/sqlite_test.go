package sqlite

import (
	"context"
	"database/sql/driver"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/storetest"
)

func TestMain(m *testing.M) {
	child()
	goleak.VerifyTestMain(m)
}

func open(t testing.TB, path string, cfg Config) *Store {
	t.Helper()
	s, err := Open(context.Background(), path, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestStore runs the suite and then looks at how SQLite would run every statement that the suite made the engine prepare: none may
// read a table or an index from end to end.
func TestStore(t *testing.T) {
	statements := map[string]bool{}
	storetest.Run(t, func(t *testing.T) (store.Store, func() store.Store) {
		path := filepath.Join(t.TempDir(), "store")
		s := open(t, path, Config{})
		t.Cleanup(func() { collect(s, statements) })
		return s, func() store.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return open(t, path, Config{})
		}
	})
	if t.Failed() {
		return
	}
	s := open(t, filepath.Join(t.TempDir(), "store"), Config{})
	for _, query := range slices.Sorted(maps.Keys(statements)) {
		if strings.HasPrefix(query, "PRAGMA") || strings.HasPrefix(query, "BEGIN") || slices.Contains(wholeByIntent, query) {
			continue
		}
		var plan []string
		bindings := make([]driver.Value, strings.Count(query, "?"))
		if err := s.watcher.query(context.Background(), "EXPLAIN QUERY PLAN "+query, bindings, func(r *row) {
			r.next = 3
			plan = append(plan, r.text())
		}); err != nil {
			t.Errorf("%v", err)
		}
		for _, step := range plan {
			if scan.MatchString(step) {
				t.Errorf("%s\nin\n%s\nis run as\n%s", step, query, strings.Join(plan, "\n"))
			}
		}
	}
	if len(statements) < 80 {
		t.Errorf("the suite made the engine prepare only %d statements", len(statements))
	}
}

// wholeByIntent read small tables whole, or one end of a larger one.
var wholeByIntent = []string{
	"SELECT num, facts FROM class",
	"SELECT origin, standing, current, sum(n) FROM tally GROUP BY 1, 2, 3 HAVING sum(n) > 0",
	"SELECT name FROM tree ORDER BY name",
}

// scan matches a step that reads a whole table; max(…) of a key is a search, and subqueries with a LIMIT are materialised.
var scan = regexp.MustCompile(`^SCAN (\w+)( |$)(USING|VIRTUAL)?`)

// collect notes all statements that the connections of s have prepared.
func collect(s *Store, statements map[string]bool) {
	select {
	case <-s.closed:
		return
	default:
	}
	var idle []*conn
	for range readers {
		idle = append(idle, <-s.pool)
	}
	for _, c := range append(idle, s.writer) {
		if c != nil {
			for query := range c.statements {
				statements[query] = true
			}
		}
	}
	for _, c := range idle {
		s.pool <- c
	}
}

func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(b *testing.B) store.Store { return open(b, filepath.Join(b.TempDir(), "store"), Config{}) })
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "store")
	open(b, path, Config{})
	for b.Loop() {
		s, err := Open(context.Background(), path, Config{})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

func BenchmarkCreate(b *testing.B) {
	for b.Loop() {
		s, err := Open(context.Background(), filepath.Join(b.TempDir(), "store"), Config{})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
