package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"tongka/internal/ledger"
)

// sqliteConn is a connection with its prepared statements. It is used by one goroutine at a time.
type sqliteConn struct {
	conn      *sqlite.Conn
	inserts   map[insertShape]*sqlite.Stmt
	interrupt context.CancelFunc // ends what the connection does; may be called by any goroutine
}

// insertShape is an insert of a number of rows with only the given columns, as bits.
type insertShape struct {
	statement *statement
	given     uint64
	rows      int
}

// maxShapes bounds how many inserts are kept prepared. Rows of one table have few shapes.
const maxShapes = 500

// openDatabase opens a database file. It does not wait for what others have locked, unless a setting says so: the
// library by itself would wait without limit.
func openDatabase(name string, flags sqlite.OpenFlags) (*sqliteConn, error) {
	conn, err := sqlite.OpenConn(name, flags)
	if err != nil {
		return nil, err
	}
	conn.SetBusyTimeout(0)
	c := &sqliteConn{conn: conn, inserts: map[insertShape]*sqlite.Stmt{}}
	c.listen()
	return c, nil
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

// runOnce carries out a statement and does not keep it prepared.
func (c *sqliteConn) runOnce(text string) error { return sqlitex.ExecuteTransient(c.conn, text, nil) }

// run carries out a statement without arguments.
func (c *sqliteConn) run(s *statement) error { return c.execRows(s, nil, 1) }

// exec carries out a statement once for each row of arguments.
func (c *sqliteConn) exec(w write) error { return c.execRows(w.statement, w.args, w.args.n) }

func (c *sqliteConn) execRows(s *statement, args *rows, n int) error {
	if n == 0 {
		return nil
	}
	if s.sparse != nil {
		return c.insertRows(s, args)
	}
	stmt, err := c.conn.Prepare(s.sqlite)
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	for i := range n {
		args.bind(stmt, i, 1, s.first)
		if err := carryOut(stmt); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// carryOut carries out a statement whose arguments are bound, and drops the rows it returns.
func carryOut(stmt *sqlite.Stmt) error {
	defer reset(stmt)
	for {
		if row, err := stmt.Step(); !row || err != nil {
			return err
		}
	}
}

// reset ends a statement, so that nothing it has read stays locked. Its error was returned by the last step already.
func reset(stmt *sqlite.Stmt) { _ = stmt.Reset() }

// insertRows adds the rows, in blocks that become smaller when fewer are left. Each insert has only the columns that
// are not zero or empty in one of its rows: zero and empty are the defaults, and most of an entry's columns are.
func (c *sqliteConn) insertRows(s *statement, args *rows) error {
	for i := 0; i < args.n; {
		n := s.block
		for n > args.n-i {
			n /= 4
		}
		shape := insertShape{s, args.given(i, n), n}
		stmt, err := c.insert(shape)
		if err == nil {
			args.bindGiven(stmt, i, shape)
			err = carryOut(stmt)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		i += n
	}
	return nil
}

// insert returns the prepared insert of a shape.
func (c *sqliteConn) insert(shape insertShape) (*sqlite.Stmt, error) {
	if stmt, ok := c.inserts[shape]; ok {
		return stmt, nil
	}
	var given []column
	for k, column := range shape.statement.columns {
		if shape.given&(1<<k) != 0 {
			given = append(given, column)
		}
	}
	stmt, err := c.conn.Prepare(shape.statement.sparse(given, shape.rows))
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
		errs = append(errs, stmt.Finalize())
	}
	clear(c.inserts)
	return errors.Join(errs...)
}

// given returns, as bits, the columns that are not zero or empty in one of n rows from row i on. A blob always
// counts as given.
func (r *rows) given(i, n int) (bits uint64) {
	for k := range r.columns {
		cell := &r.cells[k]
		set := true
		switch r.columns[k].kind {
		case textual:
			set = slices.ContainsFunc(cell.texts[i:i+n], func(s string) bool { return s != "" })
		case integer:
			set = slices.ContainsFunc(cell.ints[i:i+n], func(n int64) bool { return n != 0 })
		}
		if set {
			bits |= 1 << k
		}
	}
	return bits
}

// bindGiven sets the arguments of an insert to the given columns of the shape's rows, from row i on.
func (r *rows) bindGiven(stmt *sqlite.Stmt, i int, shape insertShape) {
	place := 0
	for row := i; row < i+shape.rows; row++ {
		for k := range r.columns {
			if shape.given&(1<<k) != 0 {
				place++
				r.bindCell(stmt, place, k, row)
			}
		}
	}
}

// bindCell sets one argument to the value of a row.
func (r *rows) bindCell(stmt *sqlite.Stmt, place, column, row int) {
	cell := &r.cells[column]
	switch r.columns[column].kind {
	case textual:
		stmt.BindText(place, cell.texts[row])
	case blob:
		stmt.BindBytes(place, cell.bytes[row])
	default:
		stmt.BindInt64(place, cell.ints[row])
	}
}

// bind sets the arguments to n rows from row i on, row after row, each row rotated to begin with column first. After
// the last row the arguments are NULL, which is equal to nothing. If r is nil there are no arguments.
func (r *rows) bind(stmt *sqlite.Stmt, i, n, first int) {
	if r == nil {
		return
	}
	for k := range n * len(r.columns) {
		if row := i + k/len(r.columns); row < r.n {
			r.bindCell(stmt, k+1, (k+first)%len(r.columns), row)
		} else {
			stmt.BindNull(k + 1)
		}
	}
}

// undo rolls back a transaction that failed. SQLite may have done so already; then this does nothing.
func (c *sqliteConn) undo() { _ = c.run(rollback) }

// transaction runs fn in a transaction of its own and commits it. If fn fails or panics, the transaction is rolled
// back: a connection that was given back with one open would be of no use to whoever has it next.
func (c *sqliteConn) transaction(begin *statement, fn func() error) error {
	if err := c.run(begin); err != nil {
		return err
	}
	return c.inTransaction(fn)
}

// inTransaction is transaction from when it has begun.
func (c *sqliteConn) inTransaction(fn func() error) error {
	open := true
	defer func() {
		if open {
			c.undo()
		}
	}()
	if err := fn(); err != nil {
		return err
	}
	err := c.run(commit)
	open = err != nil && !diskFailed(err) // only a restart finds out what a failed disk holds
	return err
}

// diskFailed reports whether the disk did not do what it was asked to. If that was a commit, it may or may not be on
// the disk.
func diskFailed(err error) bool {
	return sqlite.ErrCode(err).ToPrimary() == sqlite.ResultIOErr
}

func (c *sqliteConn) read(ctx context.Context, queries ...query) error {
	defer c.interruptible(ctx)()
	for _, q := range queries {
		if err := c.query(q); err != nil {
			return errors.Join(ctx.Err(), err)
		}
	}
	return ctx.Err()
}

// readAtOnce reads as of one moment.
func (c *sqliteConn) readAtOnce(ctx context.Context, queries []query) error {
	if len(queries) == 1 && queries[0].args.n <= 1 {
		return c.read(ctx, queries...) // a single statement is as of one moment by itself
	}
	return c.transaction(beginRead, func() error { return c.read(ctx, queries...) })
}

// query runs a query for one row of arguments at a time, or for manyRows at a time.
func (c *sqliteConn) query(q query) error {
	text, step := q.statement.sqlite, 1
	if q.args.n > 1 && q.statement.many != "" {
		text, step = q.statement.many, manyRows
	}
	stmt, err := c.conn.Prepare(text)
	if err != nil {
		return fmt.Errorf("%s: %w", q.statement.name, err)
	}
	for i := 0; i < max(1, q.args.n); i += step {
		q.args.bind(stmt, i, step, 0)
		if err := queryRows(stmt, q.each); err != nil {
			return fmt.Errorf("%s: %w", q.statement.name, err)
		}
	}
	return nil
}

// interruptible ends what the connection does when ctx ends, until the returned function is called.
func (c *sqliteConn) interruptible(ctx context.Context) (end func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	stop := context.AfterFunc(ctx, c.interrupt)
	return func() {
		if !stop() {
			c.listen() // the old channel would interrupt what is done next
		}
	}
}

// listen makes the function that interrupts the connection. The library starts a goroutine for each channel it is
// given, which costs as much as a look-up, so a channel serves until it is used.
func (c *sqliteConn) listen() {
	interrupted, interrupt := context.WithCancel(context.Background())
	c.conn.SetInterrupt(interrupted.Done())
	c.interrupt = interrupt
}

func queryRows(stmt *sqlite.Stmt, each func(record) error) error {
	defer reset(stmt)
	row := sqliteRecord{stmt: stmt}
	for {
		if found, err := stmt.Step(); !found || err != nil {
			return err
		}
		row.next = 0
		if err := each(&row); err != nil {
			return &ledger.UnreadableError{Err: err}
		}
	}
}

// checkSafe refuses a library or a file with which an acknowledged commit could be lost.
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

// close ends the connection and all of its statements.
func (c *sqliteConn) close() error { return c.conn.Close() }

// sqliteRecord is the row that a statement is at.
type sqliteRecord struct {
	stmt *sqlite.Stmt
	next int
}

func (r *sqliteRecord) column() int {
	r.next++
	return r.next - 1
}

func (r *sqliteRecord) int() int64   { return r.stmt.ColumnInt64(r.column()) }
func (r *sqliteRecord) text() string { return r.stmt.ColumnText(r.column()) }

func (r *sqliteRecord) bytes() []byte {
	column := r.column()
	b := make([]byte, r.stmt.ColumnLen(column))
	r.stmt.ColumnBytes(column, b)
	return b
}
