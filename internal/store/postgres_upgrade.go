package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// upAlone makes the schema or brings it up to date. An older program goes on as if nothing had happened, and would
// write what is not true of the new schema, so an older schema stays as it is while one is connected. Another process
// of this program may be making it at the same moment, so what is refused is looked at again for a while.
func upAlone(ctx context.Context, m *migrator, upgrade func(Older) error) (err error) {
	var alone func(Older) error
	if upgrade != nil {
		alone = func(o Older) error {
			if err := m.alone(ctx); err != nil {
				return err
			}
			return upgrade(o)
		}
	}
	for begun := time.Now(); ; {
		err = m.up(ctx, alone)
		_, older := errors.AsType[*olderError](err)
		_, used := errors.AsType[*usedError](err)
		if !older && !used || time.Since(begun) > lockPatience {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * lockEvery):
		}
	}
}

// usedError reports that an older schema is in use.
type usedError struct{ sessions int }

func (e *usedError) Error() string {
	return fmt.Sprintf("the schema has to be brought up to date, and older processes of Tongka are connected to the "+
		"database (%d connections): stop them first; SELECT * FROM pg_stat_activity WHERE application_name LIKE "+
		"'tongka%%' shows them", e.sessions)
}

// alone returns a usedError if older programs are connected to the database.
func (m *migrator) alone(ctx context.Context) error { return noneOlder(ctx, m.db) }

// stillAlone is the end of a migration. An older program that was started meanwhile has found the schema that it knows
// and would go on with it. One that has not looked yet waits now, and finds a newer one.
func stillAlone(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, "LOCK TABLE schema_version IN ACCESS EXCLUSIVE MODE"); err != nil {
		return err
	}
	return noneOlder(ctx, tx)
}

func noneOlder(ctx context.Context, db interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}) error {
	var sessions int
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
		AND (application_name = 'tongka' OR application_name LIKE 'tongka %' AND application_name <> $1)`, ourName).
		Scan(&sessions)
	if err == nil && sessions > 0 {
		err = &usedError{sessions}
	}
	return err
}
