package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
)

func openFile(t *testing.T) (*Store, *sqliteDB, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tongka.db")
	s, err := Open(context.Background(), "sqlite:"+file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, s.backend.(*sqliteDB), file
}

var someMerchant = ledger.Merchant{ID: 1, GUID: "1", Zone: time.UTC}

var someTime = time.Date(2026, 3, 5, 4, 0, 0, 0, time.UTC)

// A save on a full disk fails with a plain error and changes nothing; when there is room again, saves work.
func TestSQLiteFull(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, db, _ := openFile(t)
	limit := func(pages string) {
		t.Helper()
		if err := db.writer.run(define("limit", "", "PRAGMA max_page_count = "+pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit("1") // SQLite takes at least the number of pages there are
	big := someMerchant
	big.Name = strings.Repeat("大", 100_000)
	err := s.SaveMerchant(ctx, big)
	if err == nil || errors.Is(err, command.ErrStale) || errors.Is(err, command.ErrUnknown) {
		t.Errorf("save = %v, want a plain error", err)
	}
	if all, err := s.Merchants(ctx); err != nil || len(all) != 0 {
		t.Errorf("%d merchants, %v, want none", len(all), err)
	}
	limit("1000000")
	if err := s.SaveMerchant(ctx, big); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// After the disk has failed, every save returns ErrUnknown, and settle fails.
func TestSQLiteBroken(t *testing.T) {
	t.Parallel()
	s, db, _ := openFile(t)
	db.mu.Lock()
	db.broken = command.ErrUnknown
	db.mu.Unlock()
	if err := s.SaveMerchant(context.Background(), someMerchant); !errors.Is(err, command.ErrUnknown) {
		t.Errorf("save = %v, want ErrUnknown", err)
	}
	if err := db.settle(context.Background()); err == nil {
		t.Error("a broken store knows what it holds")
	}
}

// The write-ahead log is emptied when nobody writes.
func TestSQLiteCheckpoint(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, db, file := openFile(t)
	if err := s.SaveMerchant(ctx, someMerchant); err != nil {
		t.Fatal(err)
	}
	conn, err := db.connect("wal_autocheckpoint(0)")
	if err != nil {
		t.Fatal(err)
	}
	c := &checkpointer{db: db, conn: conn}
	logged := func() int64 {
		t.Helper()
		if err := s.SaveMerchant(ctx, someMerchant); err != nil {
			t.Fatal(err)
		}
		pages, err := c.copy()
		if err != nil {
			t.Fatal(err)
		}
		return pages
	}
	before := logged()
	if err := c.anew(); err != nil {
		t.Fatal(err)
	}
	if after := logged(); after > before {
		t.Errorf("%d pages in the log, and then %d: it did not begin anew", before, after)
	}
	for _, quiet := range []int{0, checkpointIdle} {
		if err := c.round(quiet); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(file + "-wal"); err != nil || info.Size() != 0 {
		t.Errorf("the log: %v, %v, want it empty", info, err)
	}
	if err := conn.close(); err != nil {
		t.Error(err)
	}
}

func TestSafeSQLite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		library, mode string
		level         int64
		safe          bool
	}{
		{"3.51.2", "delete", 1, false},
		{"3.51.3", "delete", 1, false},
		{"3.51.3", "wal", 1, false},
		{"3.51.3", "wal", 2, true},
		{"4.0.0", "wal", 2, true},
		{"3.53", "wal", 2, false},
	} {
		if err := safeSQLite(c.library, c.mode, c.level); (err == nil) != c.safe {
			t.Errorf("safeSQLite(%s, %s, %d) = %v", c.library, c.mode, c.level, err)
		}
	}
}

func TestSafePostgres(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, value string
		do          string // "" = safe
	}{
		{"fsync", "on", ""}, {"fsync", "off", ": set fsync = on in postgresql.conf"},
		{"full_page_writes", "off", ": set full_page_writes = on in postgresql.conf"},
		{"synchronous_commit", "on", ""}, {"synchronous_commit", "remote_apply", ""},
		{"synchronous_commit", "off", ": set synchronous_commit = on in postgresql.conf, and for the role"},
		{"synchronous_commit", "local", ": set synchronous_commit = on in postgresql.conf, and for the role"},
		{"server_encoding", "UTF8", ""},
		{"server_encoding", "SQL_ASCII", ": make the database anew by CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"},
	} {
		err := safePostgres(c.name, c.value)
		if (err == nil) != (c.do == "") || err != nil && !strings.Contains(err.Error(), c.do) {
			t.Errorf("safePostgres(%s, %s) = %v", c.name, c.value, err)
		}
	}
}

// passedOn returns the error by which one server passes on the error of another.
func passedOn(message string) error {
	return &pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "XX000", Message: message}
}

func TestClassifyPostgres(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		want error // nil = plain
	}{
		{"taken", &pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "23505"}, command.ErrStale},
		{"serialization", &pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "40001"}, command.ErrStale},
		{"deadlock", &pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "40P01"}, command.ErrStale},
		{
			"version", &pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "23502", TableName: "head", ColumnName: "version"},
			command.ErrStale,
		},
		{
			"other null", &pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "23502", TableName: "card", ColumnName: "name"},
			nil,
		},
		{"check", &pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "23514"}, nil},
		{"full", &pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "53100"}, nil},
		{"shutdown", &pgconn.PgError{SeverityUnlocalized: "FATAL", Code: "57P01"}, command.ErrUnknown},
		{"fsync failed", &pgconn.PgError{SeverityUnlocalized: "PANIC", Code: "58030"}, command.ErrUnknown},
		{"waited for a lock", &pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "55P03"}, command.ErrStale},
		{"broken", errors.New("unexpected EOF"), command.ErrUnknown},
		{"late", context.DeadlineExceeded, command.ErrUnknown},
	} {
		got := classifyPostgres(c.err)
		for _, e := range []error{command.ErrStale, command.ErrUnknown} {
			if errors.Is(got, e) != errors.Is(c.want, e) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
	}
}

// A stale save is recognised whatever the server with a part of a table calls that part, also if the error is passed
// on as text.
func TestClassifyShards(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		want error // nil = plain
	}{
		{
			"version of a shard",
			&pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "23502", TableName: "head_102032", ColumnName: "version"},
			command.ErrStale,
		},
		{
			"tries of a shard",
			&pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "23502", TableName: "outbox_102040", ColumnName: "tries"},
			command.ErrStale,
		},
		{
			"other null of a shard",
			&pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "23502", TableName: "card_102036", ColumnName: "name"}, nil,
		},
		{
			"not a shard's",
			&pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "23502", TableName: "head_old", ColumnName: "version"}, nil,
		},
		{
			"taken on a shard", &pgconn.PgError{
				SeverityUnlocalized: "ERROR", Code: "23505", TableName: "request_102060", ConstraintName: "request_pkey_102060",
			}, command.ErrStale,
		},
		{
			"taken, passed on", passedOn(`duplicate key value violates unique constraint "entry_pkey_102044"`), command.ErrStale,
		},
		{
			"version, passed on",
			passedOn(`null value in column "version" of relation "head_102032" violates not-null constraint`), command.ErrStale,
		},
		{
			"other null, passed on",
			passedOn(`null value in column "name" of relation "card_102036" violates not-null constraint`), nil,
		},
		{"bug of the server", passedOn("could not open relation with OID 1"), nil},
	} {
		got := classifyPostgres(c.err)
		for _, e := range []error{command.ErrStale, command.ErrUnknown} {
			if errors.Is(got, e) != errors.Is(c.want, e) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
	}
}

// A database that a newer program has changed is left alone.
func TestNewerSchema(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	_, db, file := openFile(t)
	if err := db.writer.run(define("newer", "",
		"INSERT INTO schema_version (version_id, is_applied) VALUES (9999, 1)")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, "sqlite:"+file, Options{ReadOnly: true}); err == nil ||
		!strings.Contains(err.Error(), "newer program") {
		t.Errorf("open = %v, want a refusal that says why", err)
	}
}

// Every migration has a text for both databases and uses the three types only (invariant 06); the key of every table
// begins with the merchant, except in the small tables that belong to none.
func TestSchemaText(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(schemaFiles, "schema/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	column := regexp.MustCompile(`(?m)^    [a-z_]+ ([A-Za-z]+)`)
	key := regexp.MustCompile(`(?:PRIMARY KEY|INDEX [a-z_]+ ON [a-z_]+) \(([a-z_]+)`)
	for _, file := range files {
		b, err := schemaFiles.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range column.FindAllStringSubmatch(string(b), -1) {
			if typ := m[1]; typ != "bigint" && typ != "text" && typ != "bytea" && typ != "KEY" && strings.ToUpper(typ) != typ {
				t.Errorf("%s: column of type %s", file, typ)
			}
		}
		for _, m := range key.FindAllStringSubmatch(string(b), -1) {
			if !slices.Contains([]string{"merchant", "agent", "person", "sign_in"}, m[1]) {
				t.Errorf("%s: a key leads with %s", file, m[1])
			}
		}
		for _, word := range []string{"TRIGGER", "SEQUENCE", "SERIAL", "REFERENCES", "REAL", "numeric", "double"} {
			if strings.Contains(string(b), word) {
				t.Errorf("%s: uses %s", file, word)
			}
		}
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	parts := []ledger.Allocation{
		{Lot: 7, GoodUntil: ledger.Forever, Principal: -100, Bonus: 0}, {Lot: 1 << 62, Principal: 3, Bonus: -1 << 62},
	}
	tally := ledger.Tally{{Kind: 6, N: 3}, {Kind: 6, MovedPoints: true, N: 1 << 40}}
	gotParts, err := decodeParts(encodeParts(parts))
	if err != nil || !reflect.DeepEqual(gotParts, parts) {
		t.Errorf("parts %v, %v", gotParts, err)
	}
	gotTally, err := decodeTally(encodeTally(tally))
	if err != nil || !reflect.DeepEqual(gotTally, tally) {
		t.Errorf("tally %v, %v", gotTally, err)
	}
	for _, s := range []string{
		"x", "1", "1:2", "1:2:3:4", "1:2:3,", "1:2:3,,1:2:3", "1::3", " 1:2:3", "1:2:99999999999999999999",
	} {
		if got, err := decodeTally(s); err == nil {
			t.Errorf("decodeTally(%q) = %v, want an error", s, got)
		}
	}
}

// A list is read back as it was written, and no text makes reading panic.
func FuzzList(f *testing.F) {
	f.Add("1:0:3,6:1:2")
	f.Add("-1:2:3")
	f.Add(",")
	f.Fuzz(func(t *testing.T, s string) {
		tally, err := decodeTally(s)
		if err != nil {
			return
		}
		again, err := decodeTally(encodeTally(tally))
		if err != nil || !reflect.DeepEqual(again, tally) {
			t.Errorf("%q: %v, then %v, %v", s, tally, again, err)
		}
	})
}

// Every migration applies to the version before it.
func TestMigrations(t *testing.T) {
	t.Parallel()
	for _, engine := range bothEngines {
		t.Run(engine.name, func(t *testing.T) {
			t.Parallel()
			all, err := engine.s.migrations()
			if err != nil {
				t.Fatal(err)
			}
			for _, to := range all {
				migrateFromBefore(t, engine.pool(t), engine.s, to.Version)
			}
		})
	}
}

// bothEngines makes new SQLite and PostgreSQL databases without tables.
var bothEngines = []struct {
	name string
	s    schema
	pool func(t *testing.T) *sql.DB
}{
	{"SQLite", sqliteSchema, func(t *testing.T) *sql.DB {
		db := &sqliteDB{file: filepath.Join(t.TempDir(), "tongka.db"), log: slog.Default()}
		pool, err := db.sqlPool(false)
		if err != nil {
			t.Fatal(err)
		}
		return pool
	}},
	{"Postgres", postgresSchema, func(t *testing.T) *sql.DB {
		pool, err := sql.Open("pgx", pgtest.DSN(t))
		if err != nil {
			t.Fatal(err)
		}
		return pool
	}},
}

// migrateFromBefore migrates up to the version before, takes one step, and goes on to the newest.
func migrateFromBefore(t *testing.T, pool *sql.DB, s schema, version int64) {
	t.Helper()
	m, err := newMigrator(pool, s)
	if err != nil {
		t.Fatal(err)
	}
	migrateStep(t, m, version)
	if err := m.up(t.Context(), func(Older) error { return nil }); err != nil {
		t.Errorf("from version %d: %v", version, err)
	}
	if err := m.check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
}

func migrateStep(t *testing.T, m *migrator, version int64) {
	t.Helper()
	if version > 1 {
		if _, err := m.provider.UpTo(context.Background(), version-1); err != nil {
			t.Fatalf("up to version %d: %v", version-1, err)
		}
	}
	if _, err := m.provider.UpTo(context.Background(), version); err != nil {
		t.Fatalf("from version %d to %d: %v", version-1, version, err)
	}
}

// Old books may have cards whose numbers differ only by letter case. When these books are brought up to date such
// cards stay apart, and none of them is found by a number that could mean another. All other cards are found in any
// letter case and are shown as before.
func TestNumbersOfOldBooks(t *testing.T) {
	t.Parallel()
	for _, engine := range bothEngines {
		pool := engine.pool(t)
		t.Cleanup(func() { _ = pool.Close() })
		m, err := newMigrator(pool, engine.s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.provider.UpTo(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		for id, number := range []string{"wx001", "6001", "VIP", "vip", "Vip", "M01"} {
			if _, err := pool.ExecContext(t.Context(), `INSERT INTO card (ref, merchant, id, number, hash, seq, search)
				VALUES ($1, 1, $2, $3, $4, 1, $5)`, 1<<32+id+1, id+1, number, []byte{1}, strings.ToLower(number)+"\n\n"); err != nil {
				t.Fatal(err)
			}
		}
		if err := m.up(t.Context(), func(Older) error { return nil }); err != nil {
			t.Fatal(err)
		}
		rows, err := pool.QueryContext(t.Context(), "SELECT number, spelled, search FROM card ORDER BY ref")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close() //nolint:errcheck // what was read is looked at
		var got []string
		for rows.Next() {
			var number, spelled, search string
			if err := rows.Scan(&number, &spelled, &search); err != nil {
				t.Fatal(err)
			}
			got = append(got, number+" "+spelled+" "+strings.TrimSpace(search))
		}
		want := []string{"WX001 wx001 wx001", "6001  6001", "=VIP  =vip", "=vip  =vip", "=Vip  =vip", "M01  m01"}
		if err := rows.Err(); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v, want %q", engine.name, got, err, want)
		}
	}
}
