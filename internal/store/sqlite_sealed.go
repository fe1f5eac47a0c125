package store

import (
	"context"
	"errors"
	"os"
	"slices"

	"zombiezen.com/go/sqlite"
)

// sealed is how a database is read that nobody can write: on a medium or in a directory that is read-only, SQLite
// cannot make the memory that processes share beside a write-ahead log, and refuses the file. The zero value is a file
// that is opened as any.
type sealed struct {
	query   string // of the file's URI
	setting string // that every connection is given first; "" = none
}

var (
	// immutable: nothing is in the log, or there is none, and nothing changes.
	immutable = sealed{query: "immutable=1"}
	// alone: what was committed last is still in the log. Each connection goes through it by itself, with the memory
	// for that its own, and without locks, which nobody else could take either.
	alone = sealed{query: "vfs=unix-none", setting: "locking_mode(EXCLUSIVE)"}
)

// settings are what a connection is opened with. SQLite looks at the file for some of them, so the own one is first.
func (s sealed) settings() []string {
	if s.setting == "" {
		return slices.Clone(settings)
	}
	return append([]string{s.setting}, settings...)
}

// findSealed tells how a file is read of which a connection opened as any cannot read. While another process
// serves it, its shared memory is there, and SQLite reads that.
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

// readable is the error of reading something by a new connection.
func readable(ctx context.Context, connect func() (*sqliteConn, error)) error {
	c, err := connect()
	if err != nil {
		return err
	}
	return errors.Join(c.read(ctx, query{schemaVersion, rowsFor(schemaVersion, 0), func(record) error { return nil }}),
		c.close())
}

var schemaVersion = define("schema_pragma", "", "PRAGMA schema_version")
