package main

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	walFile = 16 << 20 // bytes in a file of PostgreSQL's write-ahead log
	keptWAL = 6 << 30  // bytes of such files that PostgreSQL keeps at least
	// pgLoads is the number of loads of a round that are on PostgreSQL. Each fills about one file a second.
	pgLoads = 24
)

// age makes PostgreSQL create the files of its write-ahead log before the measurements. While a file is created,
// a commit waits for some 10 ms, once a second; a server that has run for a while reuses old files instead.
func (r *run) age(ctx context.Context, dsn string) (err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	files := r.rounds * pgLoads * int(r.each/time.Second)
	for range min(files, keptWAL/walFile) {
		if _, err := conn.Exec(ctx, "SELECT pg_logical_emit_message(false, 'bench', repeat('x', $1))", walFile); err != nil {
			return err
		}
	}
	_, err = conn.Exec(ctx, "CHECKPOINT") // from now on the files can be reused
	return err
}
