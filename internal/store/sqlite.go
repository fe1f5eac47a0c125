package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"tongka"
)

// oldestSQLite is the first version without the bug that could corrupt a database when a write-ahead
// log was reset.
const oldestSQLite = 3_051_003

// sqliteDB is a database file with one connection that writes and several that read. It goes past
// database/sql, which would be between every row and the driver.
type sqliteDB struct {
	file    string
	log     *slog.Logger
	lock    io.Closer // nil when opened for reading
	readers chan *sqliteConn
	pool    int

	mu      sync.Mutex // over the writer
	writer  *sqliteConn
	broken  error // the disk failed while a commit was under way: nothing can be known any more
	changed bool  // since the last checkpoint

	checkpointer *checkpointer
}

var sqliteSearch = &searchSQL{
	// CROSS keeps the planner from walking the cards and looking for hits.
	hits: define("hits_sqlite", hitsList, `
		WITH hit AS MATERIALIZED (
			SELECT rowid - ($1 << 32) AS id FROM card_search
			WHERE card_search MATCH $2 AND rowid > ($1 << 32) AND rowid < (($1 + 1) << 32) LIMIT $4
		)
		SELECT (SELECT count(*) FROM hit), 0 AS id, '' AS number
		UNION ALL SELECT * FROM (
			SELECT 0, card.id, card.number FROM hit CROSS JOIN card ON card.merchant = $1 AND card.id = hit.id
			WHERE instr(card.search, $5) > 0 ORDER BY card.number LIMIT $3)
		ORDER BY number`),
	pattern: lastTrigrams,
	walk: define("walk_sqlite", walkList, `
		SELECT id FROM card WHERE merchant = $1 AND instr(search, $2) > 0 ORDER BY number LIMIT $3`),
	front: define("front_sqlite", frontList, `
		SELECT id FROM (SELECT id, number, search FROM card WHERE merchant = $1 ORDER BY number LIMIT $4) AS c
		WHERE instr(search, $2) > 0 ORDER BY number LIMIT $3`),
	small: firstCards,
}

var sqliteIndex = &searchIndex{
	add:     define("index_card", "ref search:text", `INSERT INTO card_search (rowid, search) VALUES ($1, $2)`),
	replace: define("reindex_card", "ref search:text", `INSERT OR REPLACE INTO card_search (rowid, search) VALUES ($1, $2)`),
	write: func(r *rows, c *tongka.Card) {
		r.int(int64(c.Merchant)<<32 | int64(c.ID)).text(searchText(c))
	},
}

// lastTrigrams asks for the cards that have the last trigram of the key, and the one before it. Two
// find few enough; a third would often be the beginning that all numbers share, and its cards are as
// many as the merchant's. That the others are there too is seen on the cards.
func lastTrigrams(key string) string {
	letters := []rune(key)
	trigram := func(end int) string {
		return `"` + strings.ReplaceAll(string(letters[end-shortKey:end]), `"`, `""`) + `"`
	}
	last := len(letters)
	if last == shortKey {
		return trigram(last)
	}
	return trigram(last) + " AND " + trigram(max(last-shortKey, shortKey))
}

func openSQLite(ctx context.Context, file string, opts Options) (*sqliteDB, error) {
	if file == "" || strings.HasPrefix(file, ":") {
		return nil, errors.New("sqlite: want a file")
	}
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	db := &sqliteDB{file: file, log: opts.Logger, pool: opts.Readers}
	if err := db.open(ctx, opts.ReadOnly); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return db, nil
}

func (db *sqliteDB) open(ctx context.Context, readOnly bool) (err error) {
	if readOnly {
		if _, err := os.Stat(db.file); err != nil {
			return err
		}
	} else {
		if db.lock, err = lockFile(db.file + ".lock"); err != nil {
			return fmt.Errorf("%s is in use by another process: %w", db.file, err)
		}
	}
	if err := db.migrate(ctx, readOnly); err != nil {
		return err
	}
	if !readOnly {
		if db.writer, err = db.connect(ctx, "journal_mode(WAL)", "wal_autocheckpoint(0)", "cache_size(-131072)"); err != nil {
			return err
		}
		if err := db.writer.checkSafe(ctx); err != nil {
			return err
		}
		if db.checkpointer, err = db.startCheckpointer(ctx); err != nil {
			return err
		}
	}
	db.readers = make(chan *sqliteConn, db.pool)
	for range db.pool {
		c, err := db.connect(ctx, "query_only(1)", "cache_size(-16384)")
		if err != nil {
			return err
		}
		db.readers <- c
	}
	return nil
}

// dsn names the file, with what every connection is opened with.
func (db *sqliteDB) dsn(pragmas ...string) string {
	pragmas = append([]string{"busy_timeout(5000)", "synchronous(FULL)", "foreign_keys(1)", "fullfsync(1)", "temp_store(MEMORY)"}, pragmas...)
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(db.file)}).EscapedPath()}
	u.RawQuery = url.Values{"_txlock": {"immediate"}, "_pragma": pragmas}.Encode()
	return u.String()
}

// migrate brings the schema up to date, or only looks at it.
func (db *sqliteDB) migrate(ctx context.Context, readOnly bool) (err error) {
	pool, err := db.sqlPool()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	m, err := newMigrator(pool, sqliteSchema)
	if err != nil {
		return err
	}
	if readOnly {
		return m.check(ctx)
	}
	return m.up(ctx)
}

// sqlPool is one connection for those who know database/sql only.
func (db *sqliteDB) sqlPool() (*sql.DB, error) {
	connector, err := sqlite.NewConnector(db.dsn("journal_mode(WAL)"))
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(1)
	return pool, nil
}

func (db *sqliteDB) connect(ctx context.Context, pragmas ...string) (*sqliteConn, error) {
	connector, err := sqlite.NewConnector(db.dsn(pragmas...))
	if err != nil {
		return nil, err
	}
	conn, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return newSQLiteConn(conn), nil
}

func (db *sqliteDB) search() *searchSQL           { return sqliteSearch }
func (db *sqliteDB) index() *searchIndex          { return sqliteIndex }
func (db *sqliteDB) settle(context.Context) error { return db.failure() }

func (db *sqliteDB) failure() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.broken
}

func (db *sqliteDB) write(_ context.Context, writes []write) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.broken != nil {
		return db.broken
	}
	db.changed = true
	c := db.writer
	if err := c.run(beginWrite); err != nil {
		return classifySQLite(err)
	}
	for _, w := range writes {
		if err := c.exec(w); err != nil {
			c.undo()
			return classifySQLite(err)
		}
	}
	err := c.run(commit)
	if err == nil {
		return nil
	}
	if sqliteCode(err)&0xff == sqlite3.SQLITE_IOERR {
		// The commit may or may not be on the disk, and asking the disk again may get a wrong answer.
		db.broken = fmt.Errorf("the disk failed, restart to find out what it holds: %w: %w", tongka.ErrUnknown, err)
		return db.broken
	}
	c.undo()
	return classifySQLite(err)
}

// classifySQLite tells a stale save from a failed one.
func classifySQLite(err error) error {
	switch code := sqliteCode(err); {
	case code&0xff == sqlite3.SQLITE_BUSY, code&0xff == sqlite3.SQLITE_LOCKED,
		code == sqlite3.SQLITE_CONSTRAINT_UNIQUE, code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
		code == sqlite3.SQLITE_CONSTRAINT_NOTNULL && strings.HasSuffix(err.Error(), "head.version (1299)"):
		return fmt.Errorf("%w: %w", tongka.ErrStale, err)
	}
	return err
}

func sqliteCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()
	}
	return 0
}

func (db *sqliteDB) read(ctx context.Context, queries ...query) error {
	return db.withReader(ctx, func(c *sqliteConn) error {
		if len(queries) == 1 && queries[0].args.n <= 1 {
			return c.query(ctx, queries[0]) // one statement sees one moment anyhow
		}
		return c.transaction(func() error { return c.read(ctx, queries...) })
	})
}

func (db *sqliteDB) snapshot(ctx context.Context, fn func(querier) error) error {
	return db.withReader(ctx, func(c *sqliteConn) error {
		return c.transaction(func() error { return fn(c) })
	})
}

func (db *sqliteDB) withReader(ctx context.Context, fn func(*sqliteConn) error) error {
	select {
	case c := <-db.readers:
		defer func() { db.readers <- c }()
		return fn(c)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (db *sqliteDB) close() error {
	var errs []error
	if db.checkpointer != nil {
		errs = append(errs, db.checkpointer.stop())
	}
	for range cap(db.readers) {
		if len(db.readers) > 0 {
			errs = append(errs, (<-db.readers).close())
		}
	}
	if db.writer != nil {
		errs = append(errs, db.writer.close()) // the last one: it empties the write-ahead log
	}
	if db.lock != nil {
		errs = append(errs, db.lock.Close())
	}
	return errors.Join(errs...)
}

// sqliteConn is a connection with its prepared statements, by their texts. It is used by one goroutine
// at a time.
type sqliteConn struct {
	conn     driver.Conn
	prepared map[string]driver.Stmt
	inserts  map[insertShape]driver.Stmt
}

// insertShape is an insert with the columns it gives, as bits.
type insertShape struct {
	statement *statement
	given     uint64
}

// maxShapes bounds how many inserts are kept prepared. Rows of the same kind have few shapes.
const maxShapes = 500

func newSQLiteConn(conn driver.Conn) *sqliteConn {
	return &sqliteConn{conn: conn, prepared: map[string]driver.Stmt{}, inserts: map[insertShape]driver.Stmt{}}
}

var (
	beginRead  = define("begin_read", "", "BEGIN")
	beginWrite = define("begin_write", "", "BEGIN IMMEDIATE")
	commit     = define("commit", "", "COMMIT")
	rollback   = define("rollback", "", "ROLLBACK")
	version    = define("version", "", "SELECT sqlite_version()")
	journaling = define("journaling", "", "PRAGMA journal_mode")
	syncing    = define("syncing", "", "PRAGMA synchronous")
	integrity  = define("integrity", "", "PRAGMA integrity_check(1)")
)

func (c *sqliteConn) search() *searchSQL { return sqliteSearch }

func (c *sqliteConn) prepare(text string) (driver.Stmt, error) {
	if stmt, ok := c.prepared[text]; ok {
		return stmt, nil
	}
	stmt, err := c.conn.Prepare(text)
	if err != nil {
		return nil, err
	}
	c.prepared[text] = stmt
	return stmt, nil
}

// run carries out a statement that has no arguments.
func (c *sqliteConn) run(s *statement) error { return c.execRows(s, nil, 1) }

// exec carries a statement out once for each row of arguments.
func (c *sqliteConn) exec(w write) error { return c.execRows(w.statement, w.args, w.args.n) }

func (c *sqliteConn) execRows(s *statement, args *rows, n int) error {
	if n == 0 {
		return nil
	}
	if s.sparse != nil {
		return c.insertRows(s, args)
	}
	stmt, err := c.prepare(s.sqlite)
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	values := ordered(len(s.columns))
	for i := range n {
		args.bind(values, i)
		if _, err := stmt.(driver.StmtExecContext).ExecContext(context.Background(), values); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// insertRows adds the rows one by one, each with only the columns that are not zero or empty, which
// are what a column has by default. Most of an entry's are, and a value costs more to hand over than
// to keep.
func (c *sqliteConn) insertRows(s *statement, args *rows) error {
	values := ordered(len(s.columns))
	for i := range args.n {
		given := args.given(i)
		stmt, err := c.insert(insertShape{s, given})
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		n := args.bindGiven(values, i, given)
		if _, err := stmt.(driver.StmtExecContext).ExecContext(context.Background(), values[:n]); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// insert is the prepared insert of a shape.
func (c *sqliteConn) insert(shape insertShape) (driver.Stmt, error) {
	if stmt, ok := c.inserts[shape]; ok {
		return stmt, nil
	}
	var given []column
	for k, column := range shape.statement.columns {
		if shape.given&(1<<k) != 0 {
			given = append(given, column)
		}
	}
	stmt, err := c.conn.Prepare(shape.statement.sparse(given))
	if err != nil {
		return nil, err
	}
	if len(c.inserts) == maxShapes {
		err = c.closeInserts()
	}
	c.inserts[shape] = stmt
	return stmt, err
}

func (c *sqliteConn) closeInserts() error {
	var errs []error
	for _, stmt := range c.inserts {
		errs = append(errs, stmt.Close())
	}
	clear(c.inserts)
	return errors.Join(errs...)
}

// given are the columns of row i that are not zero or empty, as bits. A blob always is given.
func (r *rows) given(i int) (bits uint64) {
	for k := range r.columns {
		cell := &r.cells[k]
		switch r.columns[k].kind {
		case textual:
			if cell.texts[i] == "" {
				continue
			}
		case integer:
			if cell.ints[i] == 0 {
				continue
			}
		}
		bits |= 1 << k
	}
	return bits
}

// bindGiven puts the given columns of row i into values, and answers how many they are.
func (r *rows) bindGiven(values []driver.NamedValue, i int, given uint64) (n int) {
	for k := range r.columns {
		if given&(1<<k) == 0 {
			continue
		}
		switch cell := &r.cells[k]; r.columns[k].kind {
		case textual:
			values[n].Value = cell.texts[i]
		case blob:
			values[n].Value = cell.bytes[i]
		default:
			values[n].Value = cell.ints[i]
		}
		n++
	}
	return n
}

// ordered are n values, numbered from 1.
func ordered(n int) []driver.NamedValue {
	values := make([]driver.NamedValue, n)
	for i := range values {
		values[i].Ordinal = i + 1
	}
	return values
}

// bind sets values to the arguments from row i on, row after row. Behind the last row they are NULL,
// which is equal to nothing.
func (r *rows) bind(values []driver.NamedValue, i int) {
	for k := range values {
		column, row := k%len(r.columns), i+k/len(r.columns)
		cell := &r.cells[column]
		switch {
		case row >= r.n:
			values[k].Value = nil
		case r.columns[column].kind == textual:
			values[k].Value = cell.texts[row]
		case r.columns[column].kind == blob:
			values[k].Value = cell.bytes[row]
		default:
			values[k].Value = cell.ints[row]
		}
	}
}

// undo ends a transaction that failed. SQLite may have done so already; then this does nothing.
func (c *sqliteConn) undo() { _ = c.run(rollback) }

// transaction runs fn in one moment of the database.
func (c *sqliteConn) transaction(fn func() error) error {
	if err := c.run(beginRead); err != nil {
		return err
	}
	return errors.Join(fn(), c.run(commit))
}

func (c *sqliteConn) read(ctx context.Context, queries ...query) error {
	for _, q := range queries {
		if err := c.query(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// query asks for one row of arguments, or for some at a time.
func (c *sqliteConn) query(ctx context.Context, q query) error {
	text, step := q.statement.sqlite, 1
	if q.args.n > 1 && q.statement.many != "" {
		text, step = q.statement.many, manyRows
	}
	stmt, err := c.prepare(text)
	if err != nil {
		return fmt.Errorf("%s: %w", q.statement.name, err)
	}
	values := ordered(len(q.statement.columns) * step)
	for i := 0; i < max(1, q.args.n); i += step {
		q.args.bind(values, i)
		if err := queryRows(ctx, stmt, values, q.each); err != nil {
			return fmt.Errorf("%s: %w", q.statement.name, err)
		}
	}
	return nil
}

func queryRows(ctx context.Context, stmt driver.Stmt, values []driver.NamedValue, each func(record) error) (err error) {
	found, err := stmt.(driver.StmtQueryContext).QueryContext(ctx, values)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	row := sqliteRecord{values: make([]driver.Value, len(found.Columns()))}
	for {
		if err := found.Next(row.values); errors.Is(err, io.EOF) {
			return ctx.Err()
		} else if err != nil {
			return err
		}
		row.next = 0
		if err := each(&row); err != nil {
			return err
		}
	}
}

// checkSafe refuses a library or a file with which a commit that was answered could be lost.
func (c *sqliteConn) checkSafe(ctx context.Context) error {
	var library, mode string
	var level int64
	err := c.read(ctx,
		query{version, rowsFor(version, 0), func(r record) error { library = r.text(); return nil }},
		query{journaling, rowsFor(journaling, 0), func(r record) error { mode = r.text(); return nil }},
		query{syncing, rowsFor(syncing, 0), func(r record) error { level = r.int(); return nil }})
	if err != nil {
		return err
	}
	return safeSQLite(library, mode, level)
}

func safeSQLite(library, mode string, level int64) error {
	var major, minor, patch int
	if n, err := fmt.Sscanf(library, "%d.%d.%d", &major, &minor, &patch); n != 3 {
		return fmt.Errorf("sqlite version %q: %w", library, err)
	}
	if major*1_000_000+minor*1_000+patch < oldestSQLite {
		return fmt.Errorf("sqlite %s can corrupt a database, want 3.51.3 or newer", library)
	}
	if mode != "wal" {
		return fmt.Errorf("sqlite journals by %q, want a write-ahead log: is the file on a network?", mode)
	}
	if level != 2 {
		return fmt.Errorf("sqlite synchronous is %d, want 2 (FULL)", level)
	}
	return nil
}

func (c *sqliteConn) close() error {
	errs := []error{c.closeInserts()}
	for _, stmt := range c.prepared {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, c.conn.Close())...)
}

// sqliteRecord is a row as the driver gives it.
type sqliteRecord struct {
	values []driver.Value
	next   int
}

func (r *sqliteRecord) value() driver.Value {
	v := r.values[r.next]
	r.next++
	return v
}

func (r *sqliteRecord) int() int64    { return r.value().(int64) }
func (r *sqliteRecord) text() string  { return r.value().(string) }
func (r *sqliteRecord) bytes() []byte { return r.value().([]byte) }
