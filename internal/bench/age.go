package main

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	walFile = 16 << 20 // bytes in a file of PostgreSQL's log
	keptWAL = 6 << 30  // bytes of them that PostgreSQL keeps at least
	// pgLoads is how many loads of a round are on PostgreSQL. Each writes about a file a second.
	pgLoads = 24
)

// age has PostgreSQL make the files of its log before it is measured. A commit waits while one is made,
// some 10 ms once a second; a server that has run for a while takes old ones instead.
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
	_, err = conn.Exec(ctx, "CHECKPOINT") // from here on they are old
	return err
}
