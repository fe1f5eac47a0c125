package sqlite

import (
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// CopyTo copies the database into another one, so many pages at a time; between them it calls next,
// whose error ends the copying.
func (c *Conn) CopyTo(to *Conn, pages int, next func() error) error {
	name, err := libc.CString("main")
	if err != nil {
		return err
	}
	defer libc.Xfree(c.tls, name)
	b := sqlite3.Xsqlite3_backup_init(c.tls, to.db, name, c.db, name)
	if b == 0 {
		return to.check(sqlite3.Xsqlite3_extended_errcode(c.tls, to.db))
	}
	code := int32(sqlite3.SQLITE_OK)
	for code == sqlite3.SQLITE_OK && err == nil {
		code = sqlite3.Xsqlite3_backup_step(c.tls, b, int32(pages))
		err = next()
	}
	finished := sqlite3.Xsqlite3_backup_finish(c.tls, b)
	if err == nil && code != sqlite3.SQLITE_DONE {
		err = to.check(code)
	}
	if err == nil {
		err = to.check(finished)
	}
	return err
}
