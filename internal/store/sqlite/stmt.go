package sqlite

import (
	"errors"
	"math"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Stmt is a prepared statement. Arguments are bound by their places, from 1; then Step goes from row to
// row, whose columns are read by their places, from 0; then Reset makes it ready for other arguments, all of
// which must be bound anew.
type Stmt struct {
	conn   *Conn
	stmt   uintptr
	memory memory
	err    error // of the first argument that could not be bound
}

// Prepare prepares one statement. It is to be used often, and must be closed.
func (c *Conn) Prepare(text string) (*Stmt, error) {
	sql, err := libc.CString(text)
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(c.tls, sql)
	s := &Stmt{conn: c, memory: memory{tls: c.tls}}
	err = c.answered(func(place uintptr) int32 {
		return sqlite3.Xsqlite3_prepare_v3(c.tls, c.db, sql, -1, sqlite3.SQLITE_PREPARE_PERSISTENT, place, 0)
	}, &s.stmt)
	if err == nil && s.stmt == 0 {
		err = errors.New("no statement")
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// BindInt sets an argument to a number.
func (s *Stmt) BindInt(place int, n int64) {
	s.bound(sqlite3.Xsqlite3_bind_int64(s.conn.tls, s.stmt, int32(place), n))
}

// BindText sets an argument to a text.
func (s *Stmt) BindText(place int, text string) {
	if at := put(&s.memory, text); s.fits(at, len(text)) {
		s.bound(sqlite3.Xsqlite3_bind_text(s.conn.tls, s.stmt, int32(place), at, int32(len(text)), 0))
	}
}

// BindBytes sets an argument to a blob, which is not NULL even when it is empty.
func (s *Stmt) BindBytes(place int, b []byte) {
	if at := put(&s.memory, b); s.fits(at, len(b)) {
		s.bound(sqlite3.Xsqlite3_bind_blob(s.conn.tls, s.stmt, int32(place), at, int32(len(b)), 0))
	}
}

// BindNull sets an argument to nothing.
func (s *Stmt) BindNull(place int) {
	s.bound(sqlite3.Xsqlite3_bind_null(s.conn.tls, s.stmt, int32(place)))
}

func (s *Stmt) fits(at uintptr, size int) bool {
	if (at == 0 || size > math.MaxInt32) && s.err == nil {
		s.err = errMemory
	}
	return s.err == nil
}

// bound remembers what went wrong with an argument until Step.
func (s *Stmt) bound(code int32) {
	if code != sqlite3.SQLITE_OK && s.err == nil {
		s.err = s.conn.check(code)
	}
}

// Step goes to the next row, or carries the statement out if it has none. It tells whether there is a
// row. After an error, or when there is no further row, the statement must be reset.
func (s *Stmt) Step() (row bool, err error) {
	if s.err != nil {
		return false, s.err
	}
	switch code := sqlite3.Xsqlite3_step(s.conn.tls, s.stmt); code {
	case sqlite3.SQLITE_ROW:
		return true, nil
	case sqlite3.SQLITE_DONE:
		return false, nil
	default:
		return false, s.conn.check(code)
	}
}

// Reset ends a statement, so that it may be given other arguments. That it had failed was told by Step.
func (s *Stmt) Reset() {
	sqlite3.Xsqlite3_reset(s.conn.tls, s.stmt)
	s.memory.drop()
	s.err = nil
}

// Int is a number of the row.
func (s *Stmt) Int(column int) int64 {
	return sqlite3.Xsqlite3_column_int64(s.conn.tls, s.stmt, int32(column))
}

// Text is a text of the row; NULL is "".
func (s *Stmt) Text(column int) string {
	at := sqlite3.Xsqlite3_column_text(s.conn.tls, s.stmt, int32(column))
	return string(s.value(at, column))
}

// Bytes is a blob of the row, the caller's own. It is never nil.
func (s *Stmt) Bytes(column int) []byte {
	at := sqlite3.Xsqlite3_column_blob(s.conn.tls, s.stmt, int32(column))
	return append([]byte{}, s.value(at, column)...)
}

// value is a text or blob in SQLite's memory.
func (s *Stmt) value(at uintptr, column int) []byte {
	if at == 0 {
		return nil
	}
	return libc.GoBytes(at, int(sqlite3.Xsqlite3_column_bytes(s.conn.tls, s.stmt, int32(column))))
}

// Close frees the statement.
func (s *Stmt) Close() error {
	sqlite3.Xsqlite3_finalize(s.conn.tls, s.stmt) // answers once more what Step did
	s.memory.free()
	return nil
}
