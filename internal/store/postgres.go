package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"tongka/internal/command"
)

// postgresDB is a database on a server. Every read and every save is one round trip, once its statements are
// prepared: a batch of statements with arguments and results in PostgreSQL's binary form, within a time limit.
type postgresDB struct {
	pool   *postgresPool
	limits Limits
	finder *postgresDB // the same database, with a pool for searches

	reports *postgresPool // its connections have none of the settings that tills need
}

var postgresSearch = &searchSQL{
	// `merchant + 0` keeps the planner from walking an index that leads with the merchant, and strpos below keeps it
	// from looking in the trigram index for the key as well.
	hits: define("hits_postgres", hitsList, `
		WITH hit AS MATERIALIZED (
			SELECT ref, number, search FROM card_search WHERE merchant + 0 = $1 AND search LIKE $2 LIMIT $4
		)
		SELECT (SELECT count(*) FROM hit), 0 AS id, '' AS number
		UNION ALL SELECT * FROM (
			SELECT 0, ref - ($1 << 32), number FROM hit WHERE strpos(search, $5) > 0 ORDER BY number LIMIT $3) AS found
		ORDER BY number`),
	pattern: func(key string) string {
		return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(key) + "%"
	},
	front: define("front_postgres", frontList, `
		SELECT id FROM (SELECT id, number, search FROM card WHERE merchant = $1 AND number > $5 ORDER BY number LIMIT $4) AS c
		WHERE strpos(search, $2) > 0 ORDER BY number LIMIT $3`),
	small: 20_000,
	// A piece has both of its ends, and an order, so that it is found by the key of card whatever the planner believes to
	// be behind the mark.
	late: define("late_postgres", lateList, `
		WITH beginning AS (SELECT CASE $5::bigint WHEN 0 THEN
			COALESCE((SELECT m.card FROM search_mark AS m WHERE m.merchant = $1), 0) ELSE $5 END AS id
		), piece AS MATERIALIZED (
			SELECT card.ref, card.number, card.search FROM card
			WHERE card.merchant = $1 AND card.ref > ($1 << 32) + (SELECT id FROM beginning)
			AND card.ref <= ($1 << 32) + (SELECT id FROM beginning) + $4 ORDER BY card.ref
		)
		SELECT (SELECT CASE WHEN h.last_card > b.id + $4 THEN b.id + $4 ELSE 0 END FROM beginning AS b
			JOIN head AS h ON h.merchant = $1), 0 AS id, '' AS number
		UNION ALL SELECT * FROM (
			SELECT 0, ref - ($1 << 32), number FROM piece WHERE strpos(search, $2) > 0 ORDER BY number LIMIT $3) AS found`),
}

func openPostgres(ctx context.Context, dsn string, opts Options) (*postgresDB, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	conn := cfg.ConnConfig
	conn.OnNotice = rememberWarning
	conn.DefaultQueryExecMode = pgx.QueryExecModeExec // leaves nothing prepared on a connection that a pooler lends
	cfg.AfterConnect = prepareRead
	if !opts.ReadOnly {
		conn.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
		cfg.AfterConnect = prepareWrite
	}
	if conn.ConnectTimeout == 0 || conn.ConnectTimeout == libpqPatience {
		conn.ConnectTimeout = opts.Limits.Connect
	}
	if _, set := conn.RuntimeParams["application_name"]; !set {
		conn.RuntimeParams["application_name"] = ourName
	}
	// A few more than the readers: lanes save, and health checks ask whether the server is well.
	pool, err := openPool(ctx, cfg, max(int(cfg.MaxConns), opts.Readers+8))
	if err != nil {
		return nil, err
	}
	finders, err := openPool(ctx, cfg, searchers)
	if err != nil {
		pool.close()
		return nil, err
	}
	cfg.AfterConnect = prepareReport
	reports, err := openPool(ctx, cfg, reporters)
	if err != nil {
		pool.close()
		finders.close()
		return nil, err
	}
	db := &postgresDB{
		pool: pool, limits: opts.Limits, finder: &postgresDB{pool: finders, limits: opts.Limits}, reports: reports,
	}
	if err := db.migrate(ctx, opts); err != nil {
		return nil, errors.Join(err, db.close())
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
	sqlDB := stdlib.OpenDBFromPool(db.pool.current())
	defer func() { err = errors.Join(err, sqlDB.Close()) }()
	foreign, err := holdsOthers(ctx, sqlDB, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
	if foreign {
		return errors.New("the PostgreSQL database is that of another program: make one for Tongka (createdb), and name " +
			"it with --db")
	}
	if err != nil {
		return err
	}
	m, err := newMigrator(sqlDB, s)
	if err != nil {
		return err
	}
	if opts.ReadOnly {
		return db.explain(m.check(ctx))
	}
	return db.explainMigration(ctx, sqlDB, upAlone(ctx, m, opts.Upgrade))
}

// ourName is by what the server knows a connection of this program, unless the address says otherwise. The number is
// that of the schema that the program needs.
var ourName = fmt.Sprintf("tongka %d", Schema())

// sharedKey is the key in a connection's custom data under which it says whether a pooler lends it, and may lend it
// to others between two transactions.
const sharedKey = "shared"

// reportKey is the key in a connection's custom data under which it says that it is for reports.
const reportKey = "report"

// planning sets how statements are planned. Everything is found through an index, but the planner would scan a table
// while it is small, keep that plan, and go on scanning when the table has grown.
const planning = "SET enable_seqscan = off"

// planHere is planning for one transaction: on a connection that others share, nothing may be set for longer.
var planHere = define("plan_here", "", "SELECT set_config('enable_seqscan', 'off', true)")

// prepareWrite refuses a server with settings under which an acknowledged commit could be lost. Every new connection
// is checked, because settings differ by database and role, and servers fail over.
func prepareWrite(ctx context.Context, conn *pgx.Conn) error {
	names := []string{"fsync", "full_page_writes", "synchronous_commit", "server_encoding"}
	values := make([]string, len(names))
	var process uint32
	err := conn.QueryRow(ctx, "SELECT pg_backend_pid(), current_setting('fsync'), current_setting('full_page_writes'), "+
		"current_setting('synchronous_commit'), current_setting('server_encoding')").
		Scan(&process, &values[0], &values[1], &values[2], &values[3])
	if err != nil {
		return err
	}
	for i, name := range names {
		if err := safePostgres(name, values[i]); err != nil {
			return err
		}
	}
	return plan(ctx, conn, process)
}

// prepareRead prepares a connection that only reads. A standby will do.
func prepareRead(ctx context.Context, conn *pgx.Conn) error {
	process, err := processOf(ctx, conn)
	if err != nil {
		return err
	}
	return plan(ctx, conn, process)
}

// prepareReport prepares a connection for reports, which may ask anything: their statements are planned as the
// server plans by default.
func prepareReport(ctx context.Context, conn *pgx.Conn) error {
	process, err := processOf(ctx, conn)
	conn.PgConn().CustomData()[reportKey] = true
	conn.PgConn().CustomData()[sharedKey] = process != conn.PgConn().PID()
	return err
}

// processOf returns the id of the server process behind the connection.
func processOf(ctx context.Context, conn *pgx.Conn) (process uint32, err error) {
	err = conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&process)
	return process, err
}

// plan sets how statements are planned, unless the connection is shared: then the process behind it is not the one
// that was connected to, and planHere does so for each transaction.
func plan(ctx context.Context, conn *pgx.Conn, process uint32) error {
	shared := process != conn.PgConn().PID()
	conn.PgConn().CustomData()[sharedKey] = shared
	if shared {
		return nil
	}
	_, err := conn.Exec(ctx, planning)
	return err
}

func safePostgres(name, value string) error {
	unsafe, do := value == "off", "set "+name+" = on in postgresql.conf and reload the server"
	switch name {
	case "synchronous_commit":
		unsafe = unsafe || value == "local"
		do = "set synchronous_commit = on in postgresql.conf, and for the role and the database where ALTER … SET has " +
			"another"
	case "server_encoding":
		unsafe = value != "UTF8"
		do = "make the database anew by CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
	}
	if unsafe {
		return fmt.Errorf("postgresql has %s = %s, under which data could be lost: %s", name, value, do)
	}
	return nil
}

// warningKey is the key in a connection's custom data under which it keeps the server's last warning.
const warningKey = "warning"

// rememberWarning keeps a warning. During a commit that waits for a standby, "canceling wait for synchronous
// replication" is one, in whatever language the server writes.
func rememberWarning(conn *pgconn.PgConn, n *pgconn.Notice) {
	if n.SeverityUnlocalized == "WARNING" {
		conn.CustomData()[warningKey] = n.Message
	}
}

func (db *postgresDB) search() *searchSQL  { return postgresSearch }
func (db *postgresDB) forChange() querier  { return postgresChange{db} }
func (db *postgresDB) searcher() querier   { return db.finder }
func (db *postgresDB) index() *searchIndex { return postgresIndex }

func (db *postgresDB) bulk(_ context.Context, _ int64, fn func(alone bool) error) error {
	return fn(false)
}

func (db *postgresDB) close() error {
	db.pool.close()
	db.finder.pool.close()
	db.reports.close()
	return nil
}

func (db *postgresDB) backup(context.Context, string, Rest) error {
	return errors.New("backup: a PostgreSQL database is backed up by pg_dump or pgBackRest")
}

// moved returns nil: the server keeps track of its own files.
func (db *postgresDB) moved() error { return nil }

func (db *postgresDB) shape() *shape { return postgresShape }

// settle makes a commit of its own. When that returns, all commits before it are as safe as it is: on the disk, and
// on the standbys that commits wait for.
func (db *postgresDB) settle(ctx context.Context) error {
	return db.write(ctx, []write{{moveSetting, rowsFor(moveSetting, 1).text("probe")}})
}

// write begins a transaction, carries out the writes and commits, in one round trip. BEGIN and COMMIT are sent
// explicitly: where tables are spread over several servers, statements outside of the two may be kept one by one.
func (db *postgresDB) write(ctx context.Context, writes []write) error {
	if !slices.ContainsFunc(writes, func(w write) bool { return w.args.n > 0 }) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, db.limits.save(writes))
	defer cancel()
	conn, pool, err := db.pool.acquire(ctx)
	if err != nil {
		return err
	}
	defer db.giveBack(conn, pool)
	return db.commit(ctx, conn, pool, beginTurn, writes)
}

// commit carries out writes and commits. opening begins the transaction; nil if one is open. After an error that the
// server reports, the transaction is still open.
func (db *postgresDB) commit(
	ctx context.Context, conn *pgxpool.Conn, pool *pgxpool.Pool, opening *statement, writes []write,
) error {
	var p pipeline
	err := p.begin(ctx, conn.Conn(), opening)
	for _, w := range writes {
		if err == nil && w.args.n > 0 {
			err = p.add(ctx, w.statement, w.args)
		}
	}
	if err == nil {
		err = p.add(ctx, endTurn, noRows)
	}
	if err == nil { // until here only preparations were sent
		err = p.commit(ctx)
	}
	db.pool.doubt(pool, err)
	return db.explain(err)
}

// giveBack returns a connection to its pool, and first rolls back what was not committed on it.
func (db *postgresDB) giveBack(conn *pgxpool.Conn, pool *pgxpool.Pool) {
	if c := conn.Conn(); !c.IsClosed() && c.PgConn().TxStatus() != 'I' {
		ctx, cancel := context.WithTimeout(context.Background(), db.limits.Save)
		_, err := c.Exec(ctx, dropTurn.postgres)
		db.pool.doubt(pool, err)
		cancel()
	}
	conn.Release()
}

// classifyPostgres tells apart stale saves, failed saves, which the server reports, and saves whose outcome is
// unknown because the connection broke or the time ran out.
func classifyPostgres(err error) error {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case pgconn.SafeToRetry(err):
		return err
	case !ok || pg.SeverityUnlocalized != "ERROR":
		return fmt.Errorf("%w: %w", command.ErrUnknown, err)
	case pg.Code == "23505", // unique violation
		pg.Code == "40001", pg.Code == "40P01", pg.Code == "55P03", // serialization failure, deadlock, lock timeout
		pg.Code == "23502" && guardColumn(pg.TableName, pg.ColumnName),
		pg.Code == "XX000" && shardRefused(pg.Message):
		return fmt.Errorf("%w: %w", command.ErrStale, err)
	}
	return err
}

// shardSuffix follows a table's name on a server that has a part of the table: head_102032.
var shardSuffix = regexp.MustCompile(`_[0-9]+$`)

// guardColumn reports whether a column of a table, or of a part of one, is one of staleColumns.
func guardColumn(table, column string) bool {
	return slices.Contains(staleColumns, shardSuffix.ReplaceAllString(table, "")+"."+column)
}

// noVersion is the message of a server whose column refused NULL.
var noVersion = regexp.MustCompile(`null value in column "([^"]+)" of relation "([^"]+)"`)

// shardRefused reports whether the message passes on that the server with a part of a table refused a row as stale
// or as a duplicate. Such an error has no code of its own, only this text, which is English in whatever language the
// servers write their own messages.
func shardRefused(message string) bool {
	if m := noVersion.FindStringSubmatch(message); m != nil {
		return guardColumn(m[2], m[1])
	}
	return strings.Contains(message, "duplicate key value violates unique constraint")
}

var (
	beginSnapshot = define("begin_snapshot", "", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
	endSnapshot   = define("end_snapshot", "", "COMMIT")
	noRows        = &rows{}
)

func (db *postgresDB) read(ctx context.Context, queries ...query) error {
	return db.readWithin(ctx, db.limits.Read, queries)
}

// readWithin carries out the queries as of one moment. After an error that the server did not report, all
// connections to it are given up: see doubt.
func (db *postgresDB) readWithin(ctx context.Context, limit time.Duration, queries []query) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	conn, pool, err := db.pool.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	failed, err := postgresConn{conn.Conn()}.ask(ctx, queries, len(queries) > 1)
	db.pool.doubt(pool, err)
	return errors.Join(failed, db.explain(err))
}

// postgresChange reads what is about to be changed, within the limit of a save, since a till waits for both alike.
type postgresChange struct{ db *postgresDB }

func (c postgresChange) search() *searchSQL { return postgresSearch }

func (c postgresChange) read(ctx context.Context, queries ...query) error {
	return c.db.readWithin(ctx, c.db.limits.Save, queries)
}

func (db *postgresDB) snapshot(ctx context.Context, fn func(querier) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return db.explain(pgx.BeginTxFunc(ctx, db.reports.current(), options, func(tx pgx.Tx) error {
		return fn(postgresConn{tx.Conn()})
	}))
}

// postgresConn reads on one connection.
type postgresConn struct{ conn *pgx.Conn }

func (c postgresConn) search() *searchSQL { return postgresSearch }

func (c postgresConn) read(ctx context.Context, queries ...query) error {
	failed, err := c.ask(ctx, queries, false)
	return errors.Join(failed, err)
}

// ask carries out the queries; with own, in a transaction of their own, so that all are as of one moment. failed is
// the error of the first row that could not be used; err is an error of the connection or the server.
func (c postgresConn) ask(ctx context.Context, queries []query, own bool) (failed, err error) {
	var p pipeline
	var opening *statement
	if own {
		opening = beginSnapshot
	}
	if err := p.begin(ctx, c.conn, opening); err != nil {
		return nil, err
	}
	for _, q := range queries {
		if err := p.add(ctx, q.statement, q.args); err != nil {
			return nil, err
		}
	}
	if own {
		if err := p.add(ctx, endSnapshot, noRows); err != nil {
			return nil, err
		}
	}
	return p.read(ctx, queries)
}

// encode returns the arguments in PostgreSQL's binary form: one array for each column if the statement takes many
// rows, otherwise the values of one row.
func (r *rows) encode(s *statement) [][]byte {
	values := make([][]byte, len(r.columns))
	for i, c := range r.columns {
		if s.over {
			values[i] = r.cells[i].array(c.kind, r.n, s.nulls > 0 && i >= s.nulls)
		} else {
			values[i] = r.cells[i].append([]byte{}, c.kind, 0) // nil would be NULL
		}
	}
	return values
}

// elementOID is PostgreSQL's number of each type.
var elementOID = [...]uint32{integer: 20, textual: 25, blob: 17}

// array returns n values as a one-dimensional array. With nulls, a value that is 0 or empty becomes NULL.
func (c *cells) array(k kind, n int, nulls bool) []byte {
	const header = 20
	b := make([]byte, 0, header+n*24)
	for _, word := range [...]uint32{1, 0, elementOID[k], uint32(n), 1} { // dimensions, NULLs, type, length, first index
		b = binary.BigEndian.AppendUint32(b, word)
	}
	for i := range n {
		at := len(b)
		if b = append(b, 0, 0, 0, 0); nulls && c.zero(k, i) {
			binary.BigEndian.PutUint32(b[at:], 1<<32-1)
			b[7] = 1 // there are NULLs
			continue
		}
		b = c.append(b, k, i)
		binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	}
	return b
}

// zero reports whether value i is 0 or an empty text.
func (c *cells) zero(k kind, i int) bool {
	return k == integer && c.ints[i] == 0 || k == textual && c.texts[i] == ""
}

// append appends value i in binary form.
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

func (r *postgresRecord) int() int64 {
	v := r.value()
	if v == nil { // see small
		return 0
	}
	return int64(binary.BigEndian.Uint64(v))
}
func (r *postgresRecord) text() string  { return string(r.value()) }
func (r *postgresRecord) bytes() []byte { return append([]byte{}, r.value()...) }
