// Package sqlite is SQLite's C interface, as far as a store of records needs it: connections, prepared
// statements, and copies of a database while it is used.
//
// It is a few calls around the library that modernc.org/sqlite has translated to Go, beside its driver
// for database/sql: what the driver does for each value of each row costs as much as SQLite itself
// (docs/decisions/0016-past-the-driver.md).
//
// A connection and its statements belong to one goroutine at a time; only Interrupt may be called by
// another. Memory that SQLite is shown is never Go's. Nothing here knows what is stored.
package sqlite

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Conn is an open database.
type Conn struct {
	tls *libc.TLS
	db  uintptr
}

// Open opens a database file, and makes it where there is none. Connections lock nothing against
// another goroutine that uses them at the same time.
func Open(file string) (*Conn, error) {
	return open(file, sqlite3.SQLITE_OPEN_READWRITE|sqlite3.SQLITE_OPEN_CREATE)
}

// OpenToRead opens a database file that is there, with parameters of SQLite's URIs such as immutable=1.
func OpenToRead(file, parameters string) (*Conn, error) {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(file)}).EscapedPath(), RawQuery: parameters}
	return open(u.String(), sqlite3.SQLITE_OPEN_READONLY|sqlite3.SQLITE_OPEN_URI)
}

func open(file string, mode int32) (*Conn, error) {
	tls := libc.NewTLS()
	c := &Conn{tls: tls}
	name, err := libc.CString(file)
	if err != nil {
		tls.Close()
		return nil, err
	}
	defer libc.Xfree(tls, name)
	flags := mode | sqlite3.SQLITE_OPEN_NOMUTEX
	err = c.answered(func(place uintptr) int32 { return sqlite3.Xsqlite3_open_v2(tls, name, place, flags, 0) }, &c.db)
	if err == nil {
		err = c.check(sqlite3.Xsqlite3_extended_result_codes(tls, c.db, 1))
	}
	if err != nil {
		return nil, errors.Join(err, c.Close()) // a connection that could not be opened must be closed too
	}
	return c, nil
}

// answered calls a function that leaves a pointer in a place it is given.
func (c *Conn) answered(call func(place uintptr) int32, pointer *uintptr) error {
	place := sqlite3.Xsqlite3_malloc(c.tls, int32(pointerSize))
	if place == 0 {
		return errMemory
	}
	defer sqlite3.Xsqlite3_free(c.tls, place)
	code := call(place)
	*pointer = loadPointer(place)
	return c.check(code)
}

// Run carries out a statement and drops what it answers.
func (c *Conn) Run(text string) error {
	s, err := c.Prepare(text)
	if err != nil {
		return err
	}
	for more := true; more && err == nil; {
		more, err = s.Step()
	}
	return errors.Join(err, s.Close())
}

// Interrupt ends what the connection is doing with an Error of code SQLITE_INTERRUPT. It may be called
// by any goroutine until the connection is closed.
func (c *Conn) Interrupt() {
	tls := libc.NewTLS() // the connection's own is in use
	defer tls.Close()
	sqlite3.Xsqlite3_interrupt(tls, c.db)
}

// Close closes the connection. Its statements must have been closed before.
func (c *Conn) Close() error {
	err := c.check(sqlite3.Xsqlite3_close_v2(c.tls, c.db))
	c.db = 0
	c.tls.Close()
	return err
}

// Error is what SQLite says of a call that failed.
type Error struct {
	Code int // the extended result code
	Text string
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%d)", e.Text, e.Code) }

var errMemory = &Error{sqlite3.SQLITE_NOMEM, "out of memory"}

// check is the error a result code stands for.
func (c *Conn) check(code int32) error {
	if code == sqlite3.SQLITE_OK {
		return nil
	}
	text := libc.GoString(sqlite3.Xsqlite3_errstr(c.tls, code))
	if c.db != 0 && sqlite3.Xsqlite3_extended_errcode(c.tls, c.db) == code {
		text = libc.GoString(sqlite3.Xsqlite3_errmsg(c.tls, c.db)) // of this very call
	}
	return &Error{int(code), text}
}
