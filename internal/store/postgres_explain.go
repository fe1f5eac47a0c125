package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// SQLSTATEs that an operator can do something about.
const (
	mayNot         = "42501"
	noSchema       = "3F000"
	notSupported   = "0A000" // since PostgreSQL 15 also for an extension that is not installed
	noFile         = "58P01" // before that
	serverDiskFull = "53100"
	dataCorrupted  = "XX001"
	indexCorrupted = "XX002"
)

// explained is an error of a database, told in one line with what to do.
type explained struct {
	text string
	err  error
}

func (e *explained) Error() string { return e.text }
func (e *explained) Unwrap() error { return e.err }

// explain returns the error with what to do about it, if that is known.
func (db *postgresDB) explain(err error) error {
	if err == nil {
		return nil
	}
	said, ok := errors.AsType[*pgconn.PgError](err)
	if _, far := Unreachable(err); !ok || far {
		return err
	}
	conn := db.pool.cfg.ConnConfig
	text := ""
	switch said.Code {
	case mayNot:
		text = fmt.Sprintf("PostgreSQL does not let user %q at all tables of database %q (%s): give in --db the user who "+
			"owns them, or make this one a member of that (GRANT owner TO user)", conn.User, conn.Database, said.Message)
	case noSchema:
		text = fmt.Sprintf("PostgreSQL has no schema for the tables of user %q in database %q (%s): make one (CREATE SCHEMA "+
			"public), or set search_path to one that is there", conn.User, conn.Database, said.Message)
	case serverDiskFull:
		text = fmt.Sprintf("the disk of the PostgreSQL server is full (%s): make room there", said.Message)
	case dataCorrupted, indexCorrupted:
		text = fmt.Sprintf("PostgreSQL finds database %q damaged (%s): see its log; an index is made anew by REINDEX "+
			"DATABASE, tables are restored from a backup", conn.Database, said.Message)
	default:
		return err
	}
	return &explained{text, err}
}

// explainMigration is explain for an error of making or changing the tables.
func (db *postgresDB) explainMigration(ctx context.Context, sqlDB *sql.DB, err error) error {
	said, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return err
	}
	conn := db.pool.cfg.ConnConfig
	switch said.Code {
	case mayNot:
		var tables int
		if failed := sqlDB.QueryRowContext(ctx, postgresSchema.began).Scan(&tables); failed == nil && tables == 0 {
			return &explained{fmt.Sprintf("PostgreSQL lets user %q make no tables in database %q (%s): make it the owner "+
				"(ALTER DATABASE %[2]q OWNER TO %[1]q)", conn.User, conn.Database, said.Message), err}
		}
	case notSupported, noFile:
		return &explained{fmt.Sprintf("PostgreSQL lacks the extension pg_trgm (%s): install the package with its contrib "+
			"modules on the server", said.Message), err}
	}
	return db.explain(err)
}
