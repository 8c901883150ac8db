package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	driver "modernc.org/sqlite"

	"github.com/wagasa/wagasa/internal/fault"
)

//go:embed migrations/*.sql
var migrations embed.FS

const (
	schemaVersion = 2          // of the newest migration
	applicationID = 0x57614761 // "WaGa", in the header of the file
	pageSize      = 8192
)

// migrate brings the schema to schemaVersion. It looks before it starts goose, which takes longer than all the rest of opening.
func (s *Store) migrate(ctx context.Context) error {
	c, err := connect(ctx, s.path)
	if err != nil {
		return s.fault(err)
	}
	defer c.close()
	if err := c.once(ctx, "PRAGMA busy_timeout = 10000"); err != nil {
		return s.fault(err)
	}
	current, err := s.current(ctx, c)
	if current || err != nil {
		return err
	}
	leave, err := s.turn.enter(ctx)
	if err != nil {
		return s.fault(fmt.Errorf("waiting for another process: %w", err))
	}
	defer leave()
	// Another process may have been faster.
	current, err = s.current(ctx, c)
	if current || err != nil {
		return err
	}
	for _, p := range []string{
		fmt.Sprintf("page_size = %d", pageSize),
		"journal_mode = WAL",
		"synchronous = FULL",
		fmt.Sprintf("application_id = %d", applicationID),
	} {
		if err := c.once(ctx, "PRAGMA "+p); err != nil {
			return s.fault(fmt.Errorf("creating: %w", err))
		}
	}
	connector, err := driver.NewConnector(dsn(s.path) + "&_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)")
	if err != nil {
		return s.fault(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return s.fault(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, folder, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return s.fault(fmt.Errorf("migrating: %w", err))
	}
	if _, err := provider.Up(ctx); err != nil {
		return s.fault(fmt.Errorf("migrating: %w", err))
	}
	return nil
}

// current says whether the schema is up to date, and refuses files that this program must not touch. It looks at one snapshot: another process
// may be creating the store, and it says whose file it is before it creates the first table.
func (s *Store) current(ctx context.Context, c *conn) (bool, error) {
	if err := c.once(ctx, "BEGIN"); err != nil {
		return false, s.fault(err)
	}
	defer func() { _ = c.once(context.Background(), "ROLLBACK") }()
	var version, application, tables int64
	for _, q := range []struct {
		query string
		into  *int64
	}{
		{"PRAGMA user_version", &version},
		{"PRAGMA application_id", &application},
		{"SELECT count(*) FROM sqlite_schema", &tables},
	} {
		if err := c.query(ctx, q.query, nil, func(r *row) { *q.into = r.int() }); err != nil {
			return false, s.fault(err)
		}
	}
	switch {
	case application != applicationID && (application != 0 || tables > 0):
		return false, fault.New(fault.Invalid, "store %s: an SQLite database, but not a store of Wagasa", s.path)
	case version > schemaVersion:
		return false, fault.New(fault.Invalid, "store %s: schema %d is newer than this program, which knows up to %d; use the newer program",
			s.path, version, schemaVersion)
	}
	return version == schemaVersion, nil
}
