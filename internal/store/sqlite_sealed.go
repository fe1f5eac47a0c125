package store

import (
	"context"
	"errors"
	"os"
	"slices"

	"zombiezen.com/go/sqlite"
)

// sealed is how a database that nobody can write is read: on a read-only medium or in a read-only directory SQLite
// cannot make the memory that processes share beside a write-ahead log, and refuses the file. The zero value is an
// ordinary file.
type sealed struct {
	query   string // of the file's URI
	setting string // set first on every connection; "" = none
}

var (
	// immutable: the log is empty or there is none, and nothing changes.
	immutable = sealed{query: "immutable=1"}
	// alone: what was committed last is still in the log. Each connection reads the log for itself, in memory of its
	// own, and takes no locks, which nobody else could take either.
	alone = sealed{query: "vfs=unix-none", setting: "locking_mode(EXCLUSIVE)"}
)

// settings returns the settings of a connection, the own one first: SQLite looks at the file for some of the others.
func (s sealed) settings() []string {
	if s.setting == "" {
		return slices.Clone(settings)
	}
	return append([]string{s.setting}, settings...)
}

// findSealed returns how to read a file that an ordinary connection cannot read. While another process serves the
// file, its shared memory is there and SQLite reads that, so any error then is a real one.
func findSealed(ctx context.Context, file string, connect func() (*sqliteConn, error)) (sealed, error) {
	err := readable(ctx, connect)
	if code := sqlite.ErrCode(err).ToPrimary(); code != sqlite.ResultCantOpen && code != sqlite.ResultReadOnly {
		return sealed{}, err
	}
	if _, shared := os.Stat(file + "-shm"); shared == nil {
		return sealed{}, err
	}
	log, missing := os.Stat(file + "-wal")
	switch {
	case errors.Is(missing, os.ErrNotExist):
		return immutable, nil
	case missing != nil:
		return sealed{}, errors.Join(err, missing)
	case log.Size() == 0:
		return immutable, nil
	}
	return alone, nil
}

// readable returns the error of reading something through a new connection.
func readable(ctx context.Context, connect func() (*sqliteConn, error)) error {
	c, err := connect()
	if err != nil {
		return err
	}
	return errors.Join(c.read(ctx, query{schemaVersion, rowsFor(schemaVersion, 0), func(record) error { return nil }}),
		c.close())
}

var schemaVersion = define("schema_pragma", "", "PRAGMA schema_version")
