package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"tongka/internal/command"
)

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
	// To check once, before the commit, is enough: what was committed just before the file was moved is in the same
	// place as what is committed just after this. Next to a flush the check takes no time.
	if err := db.moved(); err != nil {
		return err
	}
	err := db.writeAll(writes)
	if !db.keeps {
		db.turn.end(errors.Is(err, command.ErrStale))
	}
	return err
}

// begin begins a transaction that writes, when it is this store's turn or after it has waited for turnPatience.
func (db *sqliteDB) begin() error {
	if db.keeps {
		db.turn.giveWay()
	} else {
		db.turn.take()
	}
	return insist(func() error { return db.writer.run(beginWrite) })
}

// insist calls do until nobody else has the file locked, for busyPatience at most. SQLite by itself would ask less
// and less often, in the end ten times a second: a process beside a busy server would hardly ever find the file
// free, and the server would sleep on after another process has ended a commit of a few milliseconds.
func insist(do func() error) error {
	for begun := time.Now(); ; time.Sleep(turnEvery) {
		err := do()
		if err == nil || !busy(err) || time.Since(begun) > busyPatience {
			return err
		}
	}
}

// busyPatience is how long others may have the file locked before a save is given up as stale.
const busyPatience = 5 * time.Second

// busy reports whether another connection is in the way.
func busy(err error) bool {
	code := sqlite.ErrCode(err).ToPrimary()
	return code == sqlite.ResultBusy || code == sqlite.ResultLocked
}

func (db *sqliteDB) writeAll(writes []write) error {
	if err := db.begin(); err != nil {
		return full(db.file, classifySQLite(err))
	}
	written := false
	err := db.writer.inTransaction(func() error {
		for _, w := range writes {
			if err := db.writer.exec(w); err != nil {
				return err
			}
		}
		written = true
		return nil
	})
	if written && err != nil && diskFailed(err) {
		return db.lose(err)
	}
	return full(db.file, classifySQLite(err))
}

// lose makes all saves from now on fail with ErrUnknown: a disk that is asked again may wrongly report success. The
// caller has locked mu.
func (db *sqliteDB) lose(err error) error {
	db.broken = fmt.Errorf("the disk failed, restart to find out what it holds: %w: %w", command.ErrUnknown, err)
	if db.lost != nil {
		db.lost(db.broken)
	}
	return db.broken
}

// classifySQLite tells apart stale saves and failed ones. A save for which the file was locked too long counts as
// stale.
func classifySQLite(err error) error {
	code := sqlite.ErrCode(err)
	switch {
	case busy(err), code == sqlite.ResultConstraintUnique, code == sqlite.ResultConstraintPrimaryKey,
		code == sqlite.ResultConstraintNotNull && slices.ContainsFunc(staleColumns, func(column string) bool {
			return strings.HasSuffix(err.Error(), column)
		}):
		return fmt.Errorf("%w: %w", command.ErrStale, err)
	}
	return err
}
