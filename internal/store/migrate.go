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

// Migrations go forward only. NNNN_name.sql is for both engines; NNNN_name.sqlite.sql and
// NNNN_name.postgres.sql hold what only one of them has, and run behind it in the same transaction.
//
//go:embed schema/*.sql
var schemaFiles embed.FS

// schema is how an engine takes the migrations.
type schema struct {
	dialect goose.Dialect
	name    string // in names of files
	words   map[string]string
	began   string // counts the table of versions, which a new database has not
	options []goose.ProviderOption
}

var sqliteSchema = schema{
	dialect: goose.DialectSQLite3,
	name:    "sqlite",
	began:   "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'",
	words: map[string]string{
		"bigint": "INTEGER", "bytea": "BLOB", `COLLATE "C"`: "",
		"{clustered}": "STRICT, WITHOUT ROWID", "{hot}": "STRICT, WITHOUT ROWID", "{hot by ref}": "STRICT",
		"{then ref}":    "", // it is behind the columns of every index anyway
		"{name of key}": "tongka_request_name(agent, scope, id)", "{first eight}": "tongka_first_eight(fingerprint)",
	},
}

var postgresSchema = schema{
	dialect: goose.DialectPostgres,
	name:    "postgres",
	began:   "SELECT count(to_regclass('schema_version'))",
	// Room in the pages keeps a row that changes beside its older self, out of the indexes.
	words: map[string]string{
		"{clustered}": "", "{hot}": "WITH (fillfactor = 70)", "{hot by ref}": "WITH (fillfactor = 70)", "{then ref}": ", ref",
		"{name of key}": `substr(sha256('tongka request 1'::bytea || int8send(agent)
			|| int8send(octet_length(scope)::bigint) || convert_to(scope, 'UTF8')
			|| int8send(octet_length(id)::bigint) || convert_to(id, 'UTF8')), 1, 15)`,
		"{first eight}": "('x' || encode(substr(fingerprint, 1, 8), 'hex'))::bit(64)::bigint",
	},
}

var schemaWords = regexp.MustCompile(`\bbigint\b|\bbytea\b|COLLATE "C"|\{[a-z ]+\}`)

// text reads a migration as the engine takes it.
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

// migrations are all there are, oldest first.
func (s schema) migrations() ([]*goose.Migration, error) {
	files, err := fs.Glob(schemaFiles, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	var all []*goose.Migration
	for _, file := range files {
		base := strings.TrimSuffix(strings.TrimPrefix(file, "schema/"), ".sql")
		if strings.Contains(base, ".") {
			continue // of one engine
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
			_, err := tx.ExecContext(ctx, common+own)
			return err
		}}, nil))
	}
	return all, nil
}

// holdsOthers reports whether a database has tables, of which a query lists the names, and these are not ours.
// A table of versions does not make them ours: other programs have one of the same name. While ours are being
// made for the first time there may be no more than the two that belong to the migrations.
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

// migrator brings a database's schema up to date.
type migrator struct {
	provider *goose.Provider
	db       *sql.DB
	began    string
	newest   int64 // version that the program knows
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

// up applies what is missing. It refuses a schema that a newer program made.
func (m *migrator) up(ctx context.Context) error {
	if _, _, err := m.current(ctx); err != nil {
		return err
	}
	if _, err := m.provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

var errEmpty = errors.New("the database is empty: choose another with --db, or start the server once to set it up")

// check refuses a schema that is not exactly the program's. The provider is not asked: it makes a table of versions
// where there is none, and whoever only reads leaves nothing behind.
func (m *migrator) check(ctx context.Context) error {
	current, began, err := m.current(ctx)
	switch {
	case err != nil:
		return err
	case !began:
		return errEmpty
	case current < m.newest:
		return fmt.Errorf("the schema is version %d, this program reads version %d: start the server once to bring "+
			"it up to date", current, m.newest)
	}
	return nil
}

// current is the schema's version, unless the database is new. It refuses one of a newer program, and versions with a
// gap: a migration is noted in the transaction that carries it out, so somebody else removed or added some.
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
	for version := range current { // from 0, which is the table itself
		if !slices.Contains(noted, version) {
			return current, true, brokenVersions(fmt.Sprintf("does not say that version %d was made, and says so of version %d",
				version, current))
		}
	}
	return current, true, nil
}

// noted are the versions that the database says were made, the oldest first.
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

// SchemaError is why a database is not opened: a newer program made its schema, or one of before the first release, or
// other hands changed what it says of itself. Nothing was written to it.
type SchemaError struct {
	Why string
	Do  string // what helps where the database holds anything of worth
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
