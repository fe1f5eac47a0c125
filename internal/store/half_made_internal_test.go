package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"tongka/internal/pgtest"
)

// TestHalfMade: a first start that is stopped, by kill or by a full disk, between any two transactions that make the
// schema leaves a database in which nothing is. It is no other program's, nor an older one, and every later start makes
// it whole.
func TestHalfMade(t *testing.T) {
	t.Parallel()
	for _, engine := range bothEngines {
		all, err := engine.s.migrations()
		if err != nil {
			t.Fatal(err)
		}
		for version := range int64(len(all)) {
			for name, opts := range map[string]Options{"serve": {}, "beside": {Beside: true}} {
				if engine.name == "Postgres" && opts.Beside != (version%2 == 0) {
					continue // these two differ on SQLite alone
				}
				t.Run(fmt.Sprintf("%s %d %s", engine.name, version, name), func(t *testing.T) {
					t.Parallel()
					dsn := halfMade(t, engine.name, version)
					if _, err := Open(t.Context(), dsn, Options{ReadOnly: true}); !errors.Is(err, errEmpty) {
						t.Errorf("for reading: %v, want that it is empty", err)
					}
					s, err := Open(t.Context(), dsn, opts)
					if err != nil {
						t.Fatal(err)
					}
					if err := errors.Join(s.SaveMerchant(t.Context(), someMerchant), s.Close()); err != nil {
						t.Error(err)
					}
				})
			}
		}
	}
}

// halfMade makes a database up to a version of the schema, as a start does that is stopped there. Version 0 is the
// table of versions alone.
func halfMade(t *testing.T, engine string, version int64) (dsn string) {
	t.Helper()
	var pool *sql.DB
	var s schema
	if engine == "SQLite" {
		db := &sqliteDB{file: filepath.Join(t.TempDir(), "tongka.db"), log: slog.Default()}
		opened, err := db.sqlPool(false)
		if err != nil {
			t.Fatal(err)
		}
		dsn, pool, s = "sqlite:"+db.file, opened, sqliteSchema
	} else {
		dsn = pgtest.DSN(t)
		opened, err := sql.Open("pgx", dsn)
		if err != nil {
			t.Fatal(err)
		}
		locker, err := lock.NewPostgresTableLocker(lock.WithTableName("schema_lock"))
		if err != nil {
			t.Fatal(err)
		}
		pool, s = opened, postgresSchema
		s.options = append(s.options, goose.WithLocker(locker))
	}
	m, err := newMigrator(pool, s)
	if err != nil {
		t.Fatal(err)
	}
	if version == 0 {
		_, err = m.provider.GetDBVersion(t.Context()) // makes the table
	} else {
		_, err = m.provider.UpTo(t.Context(), version)
	}
	if err := errors.Join(err, pool.Close()); err != nil {
		t.Fatal(err)
	}
	return dsn
}

// TestHalfMadeLock: on PostgreSQL the table by which migrations are locked is made before all others.
func TestHalfMadeLock(t *testing.T) {
	t.Parallel()
	dsn := halfMade(t, "Postgres", 0)
	pool, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	_, err = pool.ExecContext(t.Context(), "DROP TABLE schema_version")
	if err := errors.Join(err, pool.Close()); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), dsn, Options{Beside: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestUsedIsNotHalfMade: a database of an older schema in which anything is, or was ever done, is left as it is by what
// may not bring it up to date.
func TestUsedIsNotHalfMade(t *testing.T) {
	t.Parallel()
	for _, engine := range bothEngines {
		for _, use := range []string{
			"UPDATE setting SET value = 1 WHERE name = 'demo'",
			"UPDATE setting SET value = 1 WHERE name = 'version'",
			"INSERT INTO merchant (merchant) VALUES (1)",
			"INSERT INTO agent (agent, token_hash, api_key) VALUES (1, '', '')",
			"INSERT INTO card (ref, merchant, id, hash, seq) VALUES (4294967297, 1, 1, '', 1)",
			"INSERT INTO entry (merchant, id, seq, hash) VALUES (1, 1, 1, '')",
		} {
			t.Run(engine.name+" "+strings.Join(strings.Fields(use)[:3], " "), func(t *testing.T) {
				t.Parallel()
				dsn := halfMade(t, engine.name, 1)
				useHalfMade(t, engine.name, dsn, use)
				var older *olderError
				for name, opts := range map[string]Options{"serve": {}, "beside": {Beside: true}, "read": {ReadOnly: true}} {
					if _, err := Open(t.Context(), dsn, opts); !errors.As(err, &older) {
						t.Errorf("%s: %v, want that the schema is older", name, err)
					}
				}
			})
		}
	}
}

func useHalfMade(t *testing.T, engine, dsn, use string) {
	t.Helper()
	driver, name := "pgx", dsn
	if engine == "SQLite" {
		driver, name = "sqlite", strings.TrimPrefix(dsn, "sqlite:")
		use = strings.ReplaceAll(use, "''", "x''") // a blob
	}
	pool, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = pool.ExecContext(context.Background(), use)
	if err := errors.Join(err, pool.Close()); err != nil {
		t.Fatal(err)
	}
}
