package sqlite

import (
	"bytes"
	"context"
	"database/sql/driver"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

var ctx = context.Background()

func put(s store.Store, key string, value []byte) error {
	return s.Update(ctx, func(tx store.Tx) error {
		if err := tx.Feed().Append(1, store.KindPolicy, key); err != nil {
			return err
		}
		return tx.Records().Put(store.Record{Kind: "k", Key: key, Value: value})
	})
}

func keys(t *testing.T, s store.Store) (keys []string) {
	t.Helper()
	err := s.View(ctx, func(tx store.Tx) error {
		list, err := tx.Records().List("k", "", 1<<20)
		for _, r := range list {
			keys = append(keys, r.Key)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func version(t *testing.T, s store.Store) int64 {
	t.Helper()
	v, err := s.Version(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTwoStores(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store ?#%41 日本") // a name that a URI would mistake
	a, b := open(t, path, Config{}), open(t, path, Config{})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("stat: %v, %v; want mode 0600", info, err)
	}
	for pragma, want := range map[string]driver.Value{"synchronous": int64(2), "journal_mode": "wal"} { // what durability hangs on
		if err := a.writer.query(ctx, "PRAGMA "+pragma, nil, func(r *row) {
			if r.values[0] != want {
				t.Errorf("%s is %v, want %v", pragma, r.values[0], want)
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	before := version(t, b)
	if version(t, b) != before {
		t.Error("the version changed without a commit")
	}
	if err := put(a, "1", nil); err != nil {
		t.Fatal(err)
	}
	if version(t, b) == before {
		t.Error("the version did not change with the commit of another store")
	}
	if err := put(b, "2", nil); err != nil {
		t.Fatal(err)
	}
	for _, s := range []store.Store{a, b} {
		if got := strings.Join(keys(t, s), " "); got != "1 2" {
			t.Errorf("keys %q", got)
		}
	}
	// What one interned, the other must not number again.
	for i, s := range []store.Store{a, b, a} {
		if err := s.Update(ctx, func(tx store.Tx) error {
			n, err := tx.Objects().Intern(fmt.Sprint("facts ", i))
			if err == nil && n != int64(i+1) {
				t.Errorf("class %d, want %d", n, i+1)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s, err := Open(ctx, path, Config{})
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			if err := put(s, fmt.Sprint(i), nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := keys(t, open(t, path, Config{})); len(got) != 8 {
		t.Errorf("keys %q", got)
	}
}

func TestFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s, err := Open(ctx, path, Config{MaxPageCount: 100})
	if err != nil {
		t.Fatal(err)
	}
	value := bytes.Repeat([]byte("v"), 50_000)
	n := 0
	for err == nil && n < 100 {
		if err = put(s, fmt.Sprintf("%03d", n), value); err == nil {
			n++
		}
	}
	if fault.Of(err) != fault.Unavailable || !strings.Contains(err.Error(), "the store is full") || n == 0 {
		t.Fatalf("got %v after %d records, want one that is unavailable", err, n)
	}
	for range 3 {
		if err := put(s, "more", value); fault.Of(err) != fault.Unavailable {
			t.Errorf("got %v, want unavailable", err)
		}
		if got := keys(t, s); len(got) != n {
			t.Errorf("%d records, want %d", len(got), n)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, Config{})
	if err := put(s, "more", value); err != nil {
		t.Error(err)
	}
	if got := keys(t, s); len(got) != n+1 {
		t.Errorf("%d records, want %d", len(got), n+1)
	}
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	run := func(path string, statements ...string) {
		t.Helper()
		c, err := connect(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		for _, q := range statements {
			if err := c.once(ctx, q); err != nil {
				t.Fatal(err)
			}
		}
	}
	newer := filepath.Join(dir, "newer")
	s, err := Open(ctx, newer, Config{})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	run(newer, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion+1))
	foreign := filepath.Join(dir, "foreign")
	run(foreign, "CREATE TABLE t (a)")
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, bytes.Repeat([]byte("not a database\n"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		path string
		kind fault.Kind
		says string
	}{
		{newer, fault.Invalid, "newer than this program"},
		{foreign, fault.Invalid, "not a store of Wagasa"},
		{text, fault.Internal, "not a database"},
		{dir, fault.Internal, "is a directory"},
	} {
		s, err := Open(ctx, test.path, Config{})
		if err == nil {
			s.Close()
		}
		if fault.Of(err) != test.kind || err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), test.path) {
			t.Errorf("got %v, want one that is %v, says %q and names %s", err, test.kind, test.says, test.path)
		}
	}
}

// TestDamagedRows stores nonsense behind the engine's back.
func TestDamagedRows(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store"), Config{})
	if err := s.Update(ctx, func(tx store.Tx) error {
		err := tx.Objects().Insert([]store.Variant{{ID: "a", Type: "x", Current: true, Origin: "p", Markings: []string{"m"}}})
		if err != nil {
			return err
		}
		return tx.Records().Put(store.Record{Kind: "k", Key: "r", Terms: []string{"t"}})
	}); err != nil {
		t.Fatal(err)
	}
	read := func() error {
		s.interns.reset()
		return s.View(ctx, func(tx store.Tx) error {
			if _, err := tx.Objects().Current([]string{"a"}); err != nil {
				return err
			}
			_, _, err := tx.Records().Get("k", "r")
			return err
		})
	}
	if err := read(); err != nil {
		t.Fatal(err)
	}
	for _, damage := range [][2]string{
		{"UPDATE variant SET standing = 9", "UPDATE variant SET standing = 0"},
		{"UPDATE variant SET tlp = -1", "UPDATE variant SET tlp = 0"},
		{"UPDATE variant SET digest = x'00'", "UPDATE variant SET digest = zeroblob(32)"},
		{"UPDATE variant SET family = 77", "UPDATE variant SET family = 1"},
		{"UPDATE variant SET origin = 77", "UPDATE variant SET origin = 1"},
		{"UPDATE family SET markings = '9:m'", "UPDATE family SET markings = '1:m'"},
		{"UPDATE family SET markings = 'm'", "UPDATE family SET markings = '1:m'"},
		{"UPDATE record SET terms = '-1:'", "UPDATE record SET terms = ''"},
	} {
		if err := s.writer.once(ctx, damage[0]); err != nil {
			t.Fatal(err)
		}
		if err := read(); err == nil || fault.Of(err) != fault.Internal {
			t.Errorf("after %s: %v, want an internal error", damage[0], err)
		}
		if err := s.writer.once(ctx, damage[1]); err != nil {
			t.Fatal(err)
		}
		if err := read(); err != nil {
			t.Errorf("after %s: %v", damage[1], err)
		}
	}
}

// TestLogIsBounded lets views overlap, so that there is always one that keeps the write-ahead log from being started anew.
func TestLogIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s := open(t, path, Config{})
	s.logLimit = 1 << 20
	if err := s.writer.once(ctx, "PRAGMA wal_autocheckpoint = 10"); err != nil {
		t.Fatal(err)
	}
	value := bytes.Repeat([]byte("v"), 50_000)
	next := make(chan chan struct{}, 2)
	var wg sync.WaitGroup
	view := func() { // begins now and lasts until the channel is closed
		started, end := make(chan struct{}), make(chan struct{})
		wg.Go(func() {
			if err := s.View(ctx, func(tx store.Tx) error {
				_, err := tx.Feed().Head()
				close(started)
				<-end
				return err
			}); err != nil {
				t.Error(err)
			}
		})
		<-started
		next <- end
	}
	view()
	var largest int64
	for i := range 150 {
		if err := put(s, fmt.Sprint(i%7), value); err != nil {
			t.Fatal(err)
		}
		if i%10 == 9 {
			view()
			close(<-next)
		}
		if info, err := os.Stat(path + "-wal"); err == nil {
			largest = max(largest, info.Size())
		}
	}
	close(<-next)
	wg.Wait()
	if err := put(s, "last", value); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if largest > 5<<20 || info.Size() > 2<<20 {
		t.Errorf("the log grew to %d bytes and has %d now", largest, info.Size())
	}
	t.Logf("the log grew to %d KiB of %d written", largest>>10, 150*len(value)>>10)
}
