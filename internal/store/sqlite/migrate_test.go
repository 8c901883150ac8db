package sqlite

import (
	"database/sql"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/wagasa/wagasa/internal/store"
)

// TestAStoreOfTheFirstSchema is taken over with all that it holds: nobody has judged it, and nothing of it is quarantined.
func TestAStoreOfTheFirstSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, folder, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(ctx, 1); err != nil {
		t.Fatal(err)
	}
	statements := []string{
		fmt.Sprintf("PRAGMA application_id = %d", applicationID),
		"INSERT INTO class VALUES (1, 'facts')",
		"INSERT INTO family VALUES (1, 1, 'tool', '', '2.1', '')",
	}
	for i, standing := range []int{0, 2, 3} {
		statements = append(statements,
			fmt.Sprintf("INSERT INTO variant VALUES (%d, 'tool--%d', 1, 5, zeroblob(32), zeroblob(32), 0, 0, 0, 0, %d, %d, 1, 0, 0, 0, 0, 2, '')", i+1, i, standing, max(0, 1-i)),
			fmt.Sprintf("INSERT INTO raw VALUES (%d, x'7b7d')", i+1),
			fmt.Sprintf("INSERT INTO tally VALUES (1, 0, %d, %d, 1)", standing, max(0, 1-i)))
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, path, Config{})
	if err := s.Update(ctx, func(tx store.Tx) error {
		o := tx.Objects()
		v, err := o.Variants([]string{"tool--0", "tool--1", "tool--2"})
		if err != nil || len(v) != 3 || v[0].Broken || v[1].Standing != store.Claim || v[2].Standing != store.Held {
			t.Errorf("%+v, %v", v, err)
		}
		current, err := o.Current([]string{"tool--0"})
		if err != nil || len(current) != 1 || string(current[0].Raw) != "{}" {
			t.Errorf("%+v, %v", current, err)
		}
		found, err := o.Findings([]int64{1, 2, 3})
		if err != nil || len(found) != 0 {
			t.Errorf("%v, %v", found, err)
		}
		contested, err := o.Contested("", 9)
		if err != nil || strings.Join(contested, " ") != "tool--1 tool--2" {
			t.Errorf("contested %v, %v", contested, err)
		}
		counts, err := o.Counts()
		if want := (store.Counts{Objects: 1, Variants: 3, Claims: 1, Held: 1, Received: map[store.Party]int{}}); err != nil || !reflect.DeepEqual(counts, want) {
			t.Errorf("%+v, %v", counts, err)
		}
		return o.Insert([]store.Variant{{ID: "tool--3", Type: "tool", Standing: store.Quarantined, Broken: true, Findings: []byte("f")}})
	}); err != nil {
		t.Fatal(err)
	}
}
