// Package pgtest gives tests PostgreSQL databases.
//
// TONGKA_TEST_PG may name a server for them. Otherwise the first test that needs one starts a temporary server on
// a free loopback port, for all tests of its process, never as root. It flushes to disk as a real one does. A
// watcher stops it and removes its files when the process has ended, however it ended.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

var databases atomic.Int64

// shared starts the server of this process's tests once.
var shared = sync.OnceValues(func() (*Cluster, error) { return Start() })

// DSN returns an empty database for the test. It is dropped when the test ends.
func DSN(t testing.TB) string {
	t.Helper()
	server := os.Getenv("TONGKA_TEST_PG")
	if server == "" {
		c, err := shared()
		if err != nil {
			t.Fatalf("PostgreSQL: %v", err)
		}
		server = c.url
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	name := fmt.Sprintf("tongka_test_%d_%d", os.Getpid(), databases.Add(1))
	dsn, err := create(ctx, server, name)
	if err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := admin(ctx, server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("PostgreSQL: %v", err)
		}
	})
	return dsn
}

// Filled returns a database for the test in which statements were carried out, such as those of a pg_dump.
func Filled(t testing.TB, statements string) string {
	t.Helper()
	dsn := DSN(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
	_, err = conn.PgConn().Exec(ctx, statements).ReadAll()
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
	return dsn
}

// create makes an empty database on the server and returns its address.
func create(ctx context.Context, server, name string) (string, error) {
	err := admin(ctx, server,
		"CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'")
	if err != nil {
		return "", err
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", fmt.Errorf("address of the server: %w", err)
	}
	u.Path = "/" + name
	return u.String(), nil
}

// admin runs a statement on the server's own database.
func admin(ctx context.Context, server, sql string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return errors.Join(err, conn.Close(ctx))
}

// Size returns how many bytes tables of a database take on the disk, with their indexes.
func Size(t testing.TB, dsn string, tables ...string) (size int64) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background()) //nolint:errcheck // it was only asked
	for _, table := range tables {
		var one int64
		if err := conn.QueryRow(context.Background(), "SELECT pg_total_relation_size($1)", table).Scan(&one); err != nil {
			t.Fatal(err)
		}
		size += one
	}
	return size
}
