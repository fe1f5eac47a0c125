package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"zombiezen.com/go/sqlite"

	"tongka/internal/whole"
)

// backupStep is how many pages are copied before ctx is checked again and the copy is flushed. A flush keeps a server's
// commits waiting: that of 512 KiB for some milliseconds, one of the whole copy in the end for as long as that takes.
const backupStep = 128

// backup copies the database through a reader, as of the moment it begins, while others write, and checks the copy. The
// copy gets its name when it is whole and on the disk: a backup that fails, or is killed, leaves nothing of that name.
func (db *sqliteDB) backup(ctx context.Context, file string, rest Rest) error {
	err := whole.Make(file, func(draft string) error {
		if err := noRemains(file); err != nil {
			return err
		}
		return db.withReader(ctx, func(c *sqliteConn) error {
			return c.transaction(beginRead, func() error { return c.copyTo(ctx, draft, rest) })
		})
	})
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("backup: %s is there already: give another name", file)
	}
	if err != nil {
		return fmt.Errorf("backup: %w", full(file, err))
	}
	return nil
}

// noRemains refuses a name beside which there is what SQLite would take for a part of the copy: out of the journal of
// another one that was cut short it would undo what is in the new one.
func noRemains(file string) error {
	for _, suffix := range []string{whole.Journal, "-wal"} {
		if _, err := os.Lstat(file + suffix); err == nil {
			return fmt.Errorf("%s is there already, and would be taken for a part of the copy: give another name, or move "+
				"it away if it belongs to no database", file+suffix)
		}
	}
	return nil
}

func (c *sqliteConn) copyTo(ctx context.Context, file string, rest Rest) error {
	// The first read fixes the moment; without it each step would see a newer one and start over.
	if err := c.read(ctx, query{
		settingOf, rowsFor(settingOf, 1).text("version"), func(record) error { return nil },
	}); err != nil {
		return err
	}
	disk, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer disk.Close() //nolint:errcheck // it was flushed before
	copied, err := openDatabase(file, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return err
	}
	if err := c.copyPages(ctx, copied, disk, rest); err != nil {
		return errors.Join(err, copied.close())
	}
	return checkCopy(ctx, copied, disk)
}

// copyPages copies the database into another one, step by step, and flushes each step. It stops when ctx ends.
func (c *sqliteConn) copyPages(ctx context.Context, to *sqliteConn, disk *os.File, rest Rest) (err error) {
	b, err := sqlite.NewBackup(to.conn, "main", c.conn, "main")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	for more := true; more; {
		begun := time.Now()
		if more, err = b.Step(backupStep); err == nil {
			err = errors.Join(ctx.Err(), disk.Sync())
		}
		if err == nil && rest != nil {
			err = rest(ctx, time.Since(begun))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkCopy reads and checks the whole copy, closes it, and flushes it to the disk.
func checkCopy(ctx context.Context, c *sqliteConn, disk *os.File) error {
	var verdict string
	err := c.read(ctx, query{integrity, rowsFor(integrity, 0), func(r record) error { verdict = r.text(); return nil }})
	if err == nil && verdict != "ok" {
		err = fmt.Errorf("the copy is damaged (%s): if a copy on another disk is as well, so is the database, and the "+
			"newest backup must be restored", verdict)
	}
	return errors.Join(err, c.close(), disk.Sync())
}
