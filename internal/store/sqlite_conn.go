package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// sqliteConn is a connection with its prepared statements, by their texts. It is used by one goroutine
// at a time.
type sqliteConn struct {
	conn     driver.Conn
	prepared map[string]driver.Stmt
	inserts  map[insertShape]driver.Stmt
}

// insertShape is an insert of so many rows with the columns it gives, as bits.
type insertShape struct {
	statement *statement
	given     uint64
	rows      int
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
		args.bind(values, i, s.first)
		if _, err := stmt.(driver.StmtExecContext).ExecContext(context.Background(), values); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// insertRows adds the rows, some at a time while there are enough of them, each with only the columns
// that are not zero or empty in one of those, which are what a column has by default. Most of an
// entry's are, and a value costs more to hand over than to keep.
func (c *sqliteConn) insertRows(s *statement, args *rows) error {
	values := ordered(min(s.block, args.n) * len(s.columns))
	for i := 0; i < args.n; {
		n := s.block
		if n > args.n-i {
			n = 1
		}
		shape := insertShape{s, args.given(i, n), n}
		stmt, err := c.insert(shape)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		bound := args.bindGiven(values, i, shape)
		if _, err := stmt.(driver.StmtExecContext).ExecContext(context.Background(), values[:bound]); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		i += n
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
		errs = append(errs, stmt.Close())
	}
	clear(c.inserts)
	return errors.Join(errs...)
}

// given are the columns of which one of n rows from row i on is not zero or empty, as bits. A blob
// always is given.
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

// bindGiven puts the given columns of the shape's rows, from row i on, into values, and answers how
// many they are.
func (r *rows) bindGiven(values []driver.NamedValue, i int, shape insertShape) (n int) {
	for row := i; row < i+shape.rows; row++ {
		for k := range r.columns {
			if shape.given&(1<<k) != 0 {
				values[n].Value = r.value(k, row)
				n++
			}
		}
	}
	return n
}

// value is one value of a row.
func (r *rows) value(column, row int) driver.Value {
	cell := &r.cells[column]
	switch r.columns[column].kind {
	case textual:
		return cell.texts[row]
	case blob:
		return cell.bytes[row]
	default:
		return cell.ints[row]
	}
}

// ordered are n values, numbered from 1.
func ordered(n int) []driver.NamedValue {
	values := make([]driver.NamedValue, n)
	for i := range values {
		values[i].Ordinal = i + 1
	}
	return values
}

// bind sets values to the arguments from row i on, row after row, each from its first column on.
// Behind the last row they are NULL, which is equal to nothing.
func (r *rows) bind(values []driver.NamedValue, i, first int) {
	for k := range values {
		if row := i + k/len(r.columns); row < r.n {
			values[k].Value = r.value((k+first)%len(r.columns), row)
		} else {
			values[k].Value = nil
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
		q.args.bind(values, i, 0)
		if err := queryRows(ctx, stmt, values, q.statement.packed, q.each); err != nil {
			return fmt.Errorf("%s: %w", q.statement.name, err)
		}
	}
	return nil
}

func queryRows(ctx context.Context, stmt driver.Stmt, values []driver.NamedValue, packed bool, each func(record) error) (err error) {
	found, err := stmt.(driver.StmtQueryContext).QueryContext(ctx, values)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	row := sqliteRecord{values: make([]driver.Value, len(found.Columns())), packed: packed}
	for {
		if err := found.Next(row.values); errors.Is(err, io.EOF) {
			return ctx.Err()
		} else if err != nil {
			return err
		}
		row.begin()
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
	packed bool
	plain  string // the plain columns of a packed row that are not read yet
}

// begin goes to the first column of a row.
func (r *sqliteRecord) begin() {
	r.next = 0
	if r.packed {
		r.plain = r.text()
	}
}

func (r *sqliteRecord) value() driver.Value {
	v := r.values[r.next]
	r.next++
	return v
}

func (r *sqliteRecord) int() int64 {
	if !r.packed {
		return r.value().(int64)
	}
	n, err := strconv.ParseInt(r.list(), 10, 64)
	if err != nil {
		panic("a packed row is read in another order than it is listed: " + err.Error())
	}
	return n
}

func (r *sqliteRecord) list() (s string) {
	if !r.packed {
		return r.text()
	}
	s, r.plain, _ = strings.Cut(r.plain, " ")
	return s
}

func (r *sqliteRecord) text() string  { return r.value().(string) }
func (r *sqliteRecord) bytes() []byte { return r.value().([]byte) }
