package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

// Migrations only go forward. NNNN_name.sql is for both engines; NNNN_name.sqlite.sql and NNNN_name.postgres.sql
// hold what only one of them needs, and run after it in the same transaction.
//
//go:embed schema/*.sql
var schemaFiles embed.FS

// schema is what the migrations need to know about an engine.
type schema struct {
	dialect goose.Dialect
	name    string // in file names
	words   map[string]string
	began   string                               // counts the table of versions; 0 in a new database
	first   string                               // what each migration begins with
	last    func(context.Context, *sql.Tx) error // what each ends with; nil = nothing
	options []goose.ProviderOption
}

var sqliteSchema = schema{
	dialect: goose.DialectSQLite3,
	name:    "sqlite",
	began:   "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'",
	words: map[string]string{
		"bigint": "INTEGER", "bytea": "BLOB", `COLLATE "C"`: "",
		"{clustered}": "STRICT, WITHOUT ROWID", "{hot}": "STRICT, WITHOUT ROWID", "{hot by ref}": "STRICT",
		"{then ref}":    "", // every index ends with it anyway
		"{name of key}": "tongka_request_name(agent, scope, id)", "{first eight}": "tongka_first_eight(fingerprint)",
	},
}

var postgresSchema = schema{
	dialect: goose.DialectPostgres,
	name:    "postgres",
	began:   "SELECT count(to_regclass('schema_version'))",
	last:    stillAlone,
	// A migration of many cards takes minutes, and whoever set a limit for statements meant none of these. Not every
	// version of the server has all of the settings.
	first: `SELECT set_config(name, '0', true) FROM pg_settings
		WHERE name IN ('statement_timeout', 'transaction_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout');
		`,
	// With free room in the pages PostgreSQL puts a row's new version beside the old one, and no index need change.
	words: map[string]string{
		"{clustered}": "", "{hot}": "WITH (fillfactor = 70)", "{hot by ref}": "WITH (fillfactor = 70)", "{then ref}": ", ref",
		"{name of key}": `substr(sha256('tongka request 1'::bytea || int8send(agent)
			|| int8send(octet_length(scope)::bigint) || convert_to(scope, 'UTF8')
			|| int8send(octet_length(id)::bigint) || convert_to(id, 'UTF8')), 1, 15)`,
		"{first eight}": "('x' || encode(substr(fingerprint, 1, 8), 'hex'))::bit(64)::bigint",
	},
}

var schemaWords = regexp.MustCompile(`\bbigint\b|\bbytea\b|COLLATE "C"|\{[a-z ]+\}`)

// text returns a migration with its placeholders replaced for the engine.
func (s schema) text(file string) (string, error) {
	b, err := schemaFiles.ReadFile(file)
	if err != nil {
		return "", err
	}
	return schemaWords.ReplaceAllStringFunc(string(b), func(word string) string {
		if own, ok := s.words[word]; ok {
			return own
		}
		return word
	}), nil
}

// Schema returns the version of the schema that a served database has.
func Schema() int { return newestSchema(schemaFiles) }

// newestSchema returns the version that the newest migration makes.
func newestSchema(files fs.FS) (newest int) {
	names, _ := fs.Glob(files, "schema/*.sql") // the pattern is right, the only thing that could be wrong
	for _, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "schema/"), "_")
		if version, err := strconv.Atoi(number); err == nil {
			newest = max(newest, version)
		}
	}
	return newest
}

// migrations returns all migrations, oldest first.
func (s schema) migrations() ([]*goose.Migration, error) {
	files, err := fs.Glob(schemaFiles, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	var all []*goose.Migration
	for _, file := range files {
		base := strings.TrimSuffix(strings.TrimPrefix(file, "schema/"), ".sql")
		if strings.Contains(base, ".") {
			continue // for one engine only
		}
		number, _, _ := strings.Cut(base, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", file, err)
		}
		common, err := s.text(file)
		if err != nil {
			return nil, err
		}
		own, err := s.text("schema/" + base + "." + s.name + ".sql")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		all = append(all, goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, s.first)
			if prepare := preparations[version]; err == nil && prepare != nil {
				err = prepare(ctx, tx)
			}
			if err == nil {
				_, err = tx.ExecContext(ctx, common+own)
			}
			if err == nil && s.last != nil {
				err = s.last(ctx, tx)
			}
			return err
		}}, nil))
	}
	return all, nil
}

// holdsOthers reports whether a database has tables that are not Tongka's; names is a query that lists all tables but
// the engine's own. A table schema_version alone does not make them Tongka's, as other programs have one of that name.
// While the first migration runs, and after a start that was stopped before, there are only the two that belong to the
// migrations.
func holdsOthers(ctx context.Context, db *sql.DB, names string) (others bool, err error) {
	rows, err := db.QueryContext(ctx, names)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	known := map[string]bool{"schema_version": false, "schema_lock": false, "head": false}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return false, err
		}
		if _, ours := known[name]; ours {
			known[name] = true
		} else {
			others = true
		}
	}
	ours := known["schema_version"] && known["head"]
	return others && !ours, rows.Err()
}

// migrator brings the schema of a database up to date.
type migrator struct {
	provider *goose.Provider
	db       *sql.DB
	began    string
	newest   int64 // the newest version this program knows
}

func newMigrator(db *sql.DB, s schema) (*migrator, error) {
	all, err := s.migrations()
	if err != nil {
		return nil, err
	}
	options := append([]goose.ProviderOption{
		goose.WithGoMigrations(all...), goose.WithDisableGlobalRegistry(true),
		goose.WithTableName("schema_version"), goose.WithLogger(goose.NopLogger()),
	}, s.options...)
	p, err := goose.NewProvider(s.dialect, db, nil, options...)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return &migrator{p, db, s.began, all[len(all)-1].Version}, nil
}

// up applies the missing migrations. It refuses a schema that a newer program made, and an older one unless upgrade
// returns nil for it.
func (m *migrator) up(ctx context.Context, upgrade func(Older) error) error {
	current, began, err := m.current(ctx)
	if err != nil {
		return err
	}
	if began && current < m.newest {
		if upgrade == nil {
			return &olderError{current, m.newest}
		}
		older, err := m.older(ctx)
		if err == nil {
			err = upgrade(older)
		}
		if err != nil {
			return err
		}
	}
	if _, err := m.provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

var errEmpty = errors.New("the database is empty: choose another with --db, or start the server once to set it up")

// check refuses a schema that is not exactly the program's. It does not ask the provider, which would create a
// missing table of versions: a store that only reads must not leave anything behind.
func (m *migrator) check(ctx context.Context) error {
	current, began, err := m.current(ctx)
	switch {
	case err != nil:
		return err
	case !began:
		return errEmpty
	case current < m.newest:
		return &olderError{current, m.newest}
	}
	return nil
}

// olderError reports that a schema is older than the program.
type olderError struct{ has, wants int64 }

func (e *olderError) Error() string {
	return fmt.Sprintf("the schema is version %d, this program needs version %d: back the database up, and start the "+
		"server once (tongka serve) to bring it up to date", e.has, e.wants)
}

// older returns what a database says of itself. Every schema has these rows.
func (m *migrator) older(ctx context.Context) (o Older, err error) {
	value := func(name string) (n int64) {
		if err == nil {
			err = m.db.QueryRowContext(ctx, "SELECT value FROM setting WHERE name = '"+name+"'").Scan(&n)
		}
		return n
	}
	o = Older{Demo: value(demoSetting) != 0, KeyCheck: value(keySetting)}
	return o, err
}

// current returns the version of the schema; began is false if the database is new, or if the start that made it was
// stopped before its schema was whole, and nothing is in it. It refuses the schema of a newer program, and versions
// with a gap: each migration is recorded in its own transaction, so a gap means that somebody else added or removed
// rows.
func (m *migrator) current(ctx context.Context) (current int64, began bool, err error) {
	var tables int
	if err := m.db.QueryRowContext(ctx, m.began).Scan(&tables); err != nil {
		return 0, false, fmt.Errorf("schema version: %w", err)
	}
	if tables == 0 {
		return 0, false, nil
	}
	noted, err := m.noted(ctx)
	if err != nil {
		return 0, true, fmt.Errorf("the versions in table schema_version cannot be read: %w", err)
	}
	if len(noted) == 0 {
		return 0, true, brokenVersions("holds nothing, though the database's other tables are there")
	}
	current = noted[len(noted)-1]
	if current > m.newest {
		return current, true, &SchemaError{
			fmt.Sprintf("the schema is version %d, this program knows only up to %d", current, m.newest), "use a newer program",
		}
	}
	for version := range current { // from 0, which stands for the table of versions itself
		if !slices.Contains(noted, version) {
			return current, true, brokenVersions(fmt.Sprintf("does not say that version %d was made, and says so of version %d",
				version, current))
		}
	}
	began, err = m.holdsAny(ctx, current)
	return current, began, err
}

// noted returns the versions that the database records as applied, oldest first.
func (m *migrator) noted(ctx context.Context) (versions []int64, err error) {
	rows, err := m.db.QueryContext(ctx, "SELECT version_id FROM schema_version WHERE is_applied ORDER BY version_id")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var version int64
		if err := rows.Scan(&version); err != nil {
			return nil, err
		}
		versions = append(versions, version)
	}
	return versions, rows.Err()
}

// SchemaError reports that a database was not opened because its schema was made by a newer program or before the
// first release, or because something else changed the record of its versions. Nothing was written to it.
type SchemaError struct {
	Why string
	Do  string // what to do if the database holds anything of value
}

func (e *SchemaError) Error() string { return e.Why + ": " + e.Do }

func brokenVersions(what string) error {
	return &SchemaError{
		fmt.Sprintf("table schema_version, which tells the shape of all others, %s", what),
		"a build of before the first release made this database, or something other than Tongka changed it. Keep a copy " +
			"of it and restore the newest backup; where there is none, put into the table the rows it has in a new database " +
			"of the same release",
	}
}
