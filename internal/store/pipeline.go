package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// pipeline is a list of statements that are sent to PostgreSQL in one round trip and run as one transaction: one of
// their own, or the one that the connection is already in.
type pipeline struct {
	conn   *pgx.Conn
	batch  pgconn.Batch
	own    int // the number of its first statements that begin added, and whose results are skipped
	shared bool
}

// begin starts a pipeline on a connection, which must be left alone until the pipeline was carried out. opening is a
// statement that begins a transaction; nil = the pipeline is a transaction by itself.
func (p *pipeline) begin(ctx context.Context, conn *pgx.Conn, opening *statement) error {
	p.conn = conn
	p.shared = conn.PgConn().CustomData()[sharedKey] == true
	_, report := conn.PgConn().CustomData()[reportKey]
	for _, s := range []*statement{opening, planHere} {
		if s == nil || s == planHere && (!p.shared || report) {
			continue
		}
		p.own++
		if err := p.add(ctx, s, noRows); err != nil {
			return err
		}
	}
	return nil
}

// add adds a statement with its arguments to the pipeline. The statement is prepared on first use, except behind a
// pooler: there the next pipeline may be run by another server process, which does not know the prepared statements.
func (p *pipeline) add(ctx context.Context, s *statement, args *rows) error {
	values := args.encode(s)
	if p.shared {
		p.batch.ExecParams(s.postgres, values, nil, binaryForm, binaryForm)
		return nil
	}
	prepared, err := p.conn.Prepare(ctx, s.name, s.postgres)
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	p.batch.ExecStatement(prepared, values, binaryForm, binaryForm)
	return nil
}

var binaryForm = []int16{1}

// commit carries out the writes. It returns command.ErrStale and command.ErrUnknown as Save does.
func (p *pipeline) commit(ctx context.Context) error {
	pg := p.conn.PgConn()
	delete(pg.CustomData(), warningKey)
	if err := pg.ExecBatch(ctx, &p.batch).Close(); err != nil {
		return classifyPostgres(err)
	}
	if warning, warned := pg.CustomData()[warningKey]; warned {
		return fmt.Errorf("%w: the server warned: %s", command.ErrUnknown, warning)
	}
	return nil
}

// read carries out the queries, which must have been added in this order. failed is the error of the first row that
// could not be used; the remaining rows are read and dropped. err is an error of the connection or of the server.
func (p *pipeline) read(ctx context.Context, queries []query) (failed, err error) {
	results := p.conn.PgConn().ExecBatch(ctx, &p.batch)
	for i := -p.own; results.NextResult(); i++ {
		for rows := results.ResultReader(); rows.NextRow(); {
			if i >= 0 && i < len(queries) && failed == nil {
				if bad := queries[i].each(&postgresRecord{values: rows.Values()}); bad != nil {
					failed = &ledger.UnreadableError{Err: bad}
				}
			}
		}
	}
	return failed, results.Close()
}
