package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"tongka"
)

// postgresDB is a database on a server. Every read and every save is one round trip: a batch of
// prepared statements, with their arguments and results in PostgreSQL's binary form.
type postgresDB struct{ pool *pgxpool.Pool }

var postgresSearch = &searchSQL{
	// The sum keeps the planner from walking an index that leads with the merchant, and strpos below
	// keeps it from the trigrams.
	hits: define("hits_postgres", hitsList, `
		WITH hit AS MATERIALIZED (
			SELECT id, number, search FROM card WHERE merchant + 0 = $1 AND search LIKE $2 LIMIT $4
		)
		SELECT (SELECT count(*) FROM hit), 0 AS id, '' AS number
		UNION ALL SELECT * FROM (SELECT 0, id, number FROM hit WHERE strpos(search, $5) > 0 ORDER BY number LIMIT $3) AS found
		ORDER BY number`),
	pattern: func(key string) string {
		return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(key) + "%"
	},
	walk: define("walk_postgres", walkList, `
		SELECT id FROM card WHERE merchant = $1 AND number > $4 AND strpos(search, $2) > 0 ORDER BY number LIMIT $3`),
	front: define("front_postgres", frontList, `
		SELECT id FROM (SELECT id, number, search FROM card WHERE merchant = $1 ORDER BY number LIMIT $4) AS c
		WHERE strpos(search, $2) > 0 ORDER BY number LIMIT $3`),
	small: 20_000,
}

func openPostgres(ctx context.Context, dsn string, opts Options) (*postgresDB, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	// A few more than the readers: lanes save, and somebody asks whether the server is well.
	cfg.MaxConns = max(cfg.MaxConns, int32(opts.Readers)+8)
	cfg.ConnConfig.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	cfg.ConnConfig.OnNotice = rememberWarning
	cfg.AfterConnect = checkSafe
	if _, set := cfg.ConnConfig.RuntimeParams["application_name"]; !set {
		cfg.ConnConfig.RuntimeParams["application_name"] = "tongka"
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	db := &postgresDB{pool}
	if err := db.migrate(ctx, opts); err != nil {
		pool.Close()
		return nil, err
	}
	return db, nil
}

func (db *postgresDB) migrate(ctx context.Context, opts Options) (err error) {
	locker, err := lock.NewPostgresTableLocker(lock.WithTableName("schema_lock"), lock.WithTableLogger(opts.Logger))
	if err != nil {
		return err
	}
	s := postgresSchema
	s.options = []goose.ProviderOption{goose.WithLocker(locker)}
	sqlDB := stdlib.OpenDBFromPool(db.pool)
	defer func() { err = errors.Join(err, sqlDB.Close()) }()
	m, err := newMigrator(sqlDB, s)
	if err != nil {
		return err
	}
	if opts.ReadOnly {
		return m.check(ctx)
	}
	return m.up(ctx)
}

// checkSafe refuses a server under whose settings a commit that was answered could be lost. Every
// connection is asked, for settings differ by database and role, and servers fail over.
func checkSafe(ctx context.Context, conn *pgx.Conn) error {
	for _, name := range []string{"fsync", "full_page_writes", "synchronous_commit", "server_encoding"} {
		var value string
		if err := conn.QueryRow(ctx, "SELECT current_setting($1)", name).Scan(&value); err != nil {
			return err
		}
		if err := safePostgres(name, value); err != nil {
			return err
		}
	}
	// Everything is found through an index, but the planner would scan a table while it is small and go
	// on doing so, by the plan it has made, when it has grown.
	// And a statement is planned once, not every time: planning a save costs as much as carrying it out.
	_, err := conn.Exec(ctx, "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
	return err
}

func safePostgres(name, value string) error {
	unsafe := value == "off" || name == "synchronous_commit" && value == "local" || name == "server_encoding" && value != "UTF8"
	if unsafe {
		return fmt.Errorf("postgresql has %s = %s, under which data could be lost", name, value)
	}
	return nil
}

// warningKey is where a connection keeps what the server warned of.
const warningKey = "warning"

// rememberWarning keeps a warning. While a commit waits for a standby, "canceling wait for synchronous
// replication" is one, in whatever language the server speaks.
func rememberWarning(conn *pgconn.PgConn, n *pgconn.Notice) {
	if n.SeverityUnlocalized == "WARNING" {
		conn.CustomData()[warningKey] = n.Message
	}
}

func (db *postgresDB) search() *searchSQL  { return postgresSearch }
func (db *postgresDB) forChange() querier  { return db }
func (db *postgresDB) index() *searchIndex { return nil }

func (db *postgresDB) bulk(_ context.Context, _ int64, fn func() error) error { return fn() }

func (db *postgresDB) close() error {
	db.pool.Close()
	return nil
}

func (db *postgresDB) backup(context.Context, string) error {
	return errors.New("backup: a PostgreSQL database is backed up by pg_dump or pgBackRest")
}

// settle makes a commit of its own. When it comes back, all before it are where it is: on the disk,
// and on the standbys that commits wait for.
func (db *postgresDB) settle(ctx context.Context) error {
	return db.write(ctx, []write{{moveSetting, rowsFor(moveSetting, 1).text("probe")}})
}

func (db *postgresDB) write(ctx context.Context, writes []write) error {
	conn, err := db.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	pg := conn.Conn().PgConn()
	delete(pg.CustomData(), warningKey)
	var batch pgconn.Batch
	some := false
	for _, w := range writes {
		if w.args.n == 0 {
			continue
		}
		if err := add(ctx, conn.Conn(), &batch, w.statement, w.args); err != nil {
			return err // nothing was sent but the preparation
		}
		some = true
	}
	if !some {
		return nil
	}
	// The batch is a transaction of its own, committed by its end.
	if err := pg.ExecBatch(ctx, &batch).Close(); err != nil {
		return classifyPostgres(err)
	}
	if warning, warned := pg.CustomData()[warningKey]; warned {
		return fmt.Errorf("%w: the server warned: %s", tongka.ErrUnknown, warning)
	}
	return nil
}

// classifyPostgres tells stale saves and failed ones, after which the server says so, from those of
// which nothing is known because the connection broke or ran out of time.
func classifyPostgres(err error) error {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case pgconn.SafeToRetry(err):
		return err
	case !ok || pg.SeverityUnlocalized != "ERROR":
		return fmt.Errorf("%w: %w", tongka.ErrUnknown, err)
	case pg.Code == "23505", // unique violation
		pg.Code == "40001", pg.Code == "40P01", // serialization failure, deadlock
		pg.Code == "23502" && slices.Contains(guardColumns, pg.TableName+"."+pg.ColumnName):
		return fmt.Errorf("%w: %w", tongka.ErrStale, err)
	}
	return err
}

var (
	beginSnapshot = define("begin_snapshot", "", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
	endSnapshot   = define("end_snapshot", "", "COMMIT")
	noRows        = &rows{}
)

func (db *postgresDB) read(ctx context.Context, queries ...query) error {
	conn, err := db.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if len(queries) > 1 {
		nothing := func(record) error { return nil }
		queries = append([]query{{beginSnapshot, noRows, nothing}}, queries...)
		queries = append(queries, query{endSnapshot, noRows, nothing})
	}
	return postgresConn{conn.Conn()}.read(ctx, queries...)
}

func (db *postgresDB) snapshot(ctx context.Context, fn func(querier) error) error {
	return pgx.BeginTxFunc(ctx, db.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return fn(postgresConn{tx.Conn()})
	})
}

// postgresConn reads on one connection.
type postgresConn struct{ conn *pgx.Conn }

func (c postgresConn) search() *searchSQL { return postgresSearch }

func (c postgresConn) read(ctx context.Context, queries ...query) error {
	var batch pgconn.Batch
	for _, q := range queries {
		if err := add(ctx, c.conn, &batch, q.statement, q.args); err != nil {
			return err
		}
	}
	results := c.conn.PgConn().ExecBatch(ctx, &batch)
	var failed error // of the first row that could not be used; the rest is drained
	for i := 0; results.NextResult(); i++ {
		for rows := results.ResultReader(); rows.NextRow(); {
			if failed == nil {
				failed = queries[i].each(&postgresRecord{values: rows.Values()})
			}
		}
	}
	if err := results.Close(); err != nil {
		return err
	}
	return failed
}

// add puts a statement with its arguments into a batch, prepared on first use.
func add(ctx context.Context, conn *pgx.Conn, batch *pgconn.Batch, s *statement, args *rows) error {
	prepared, err := conn.Prepare(ctx, s.name, s.postgres)
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	batch.ExecStatement(prepared, args.encode(s.over), binaryForm, binaryForm)
	return nil
}

var binaryForm = []int16{1}

// encode is the arguments in PostgreSQL's binary form: one array for each column, or the values of
// one row.
func (r *rows) encode(over bool) [][]byte {
	values := make([][]byte, len(r.columns))
	for i, c := range r.columns {
		if over {
			values[i] = r.cells[i].array(c.kind, r.n)
		} else {
			values[i] = r.cells[i].append([]byte{}, c.kind, 0) // nil would be NULL
		}
	}
	return values
}

// elementOID is the number PostgreSQL knows the type by.
var elementOID = [...]uint32{integer: 20, textual: 25, blob: 17}

// array is n values as a one-dimensional array.
func (c *cells) array(k kind, n int) []byte {
	const header = 20
	b := make([]byte, 0, header+n*24)
	for _, word := range [...]uint32{1, 0, elementOID[k], uint32(n), 1} { // dimensions, no NULLs, type, length, first index
		b = binary.BigEndian.AppendUint32(b, word)
	}
	for i := range n {
		at := len(b)
		b = c.append(append(b, 0, 0, 0, 0), k, i)
		binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	}
	return b
}

// append adds value i.
func (c *cells) append(b []byte, k kind, i int) []byte {
	switch k {
	case textual:
		return append(b, c.texts[i]...)
	case blob:
		return append(b, c.bytes[i]...)
	default:
		return binary.BigEndian.AppendUint64(b, uint64(c.ints[i]))
	}
}

// postgresRecord is a row in PostgreSQL's binary form.
type postgresRecord struct {
	values [][]byte
	next   int
}

func (r *postgresRecord) value() []byte {
	v := r.values[r.next]
	r.next++
	return v
}

func (r *postgresRecord) int() int64    { return int64(binary.BigEndian.Uint64(r.value())) }
func (r *postgresRecord) text() string  { return string(r.value()) }
func (r *postgresRecord) bytes() []byte { return append([]byte{}, r.value()...) }
