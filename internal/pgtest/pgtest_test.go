package pgtest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"tongka/internal/pgtest"
)

// Every test has a database of its own, on a server that flushes what it commits.
func TestDSN(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	first, second := pgtest.DSN(t), pgtest.DSN(t)
	for _, dsn := range []string{first, second} {
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			t.Fatal(err)
		}
		var fsync string
		if err := conn.QueryRow(ctx, "SELECT current_setting('fsync')").Scan(&fsync); err != nil || fsync != "on" {
			t.Errorf("fsync = %q, %v, want on", fsync, err)
		}
		if _, err := conn.Exec(ctx, "CREATE TABLE mine (id bigint)"); err != nil {
			t.Errorf("%s is not its own: %v", dsn, err)
		}
		if err := conn.Close(ctx); err != nil {
			t.Error(err)
		}
	}
}
