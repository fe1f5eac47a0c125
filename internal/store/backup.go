package store

import (
	"context"
	"errors"
	"fmt"
	"os"

	"tongka/internal/store/sqlite"
)

// backupStep is how many pages are copied before ctx is looked at again.
const backupStep = 4096

// backup copies the database through a reader, as of the moment it begins, beside all that is written
// meanwhile, and checks the copy.
func (db *sqliteDB) backup(ctx context.Context, file string) error {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("backup: %s is there already: give another name", file)
	}
	err := makePrivate(file)
	if err == nil {
		err = db.withReader(ctx, func(c *sqliteConn) error {
			return c.transaction(beginRead, func() error { return c.copyTo(ctx, file) })
		})
	}
	if err != nil {
		return errors.Join(fmt.Errorf("backup: %w", err), removeFile(file))
	}
	return nil
}

func (c *sqliteConn) copyTo(ctx context.Context, file string) error {
	// The first read fixes the moment; without it every step would see a newer one and start over.
	if err := c.read(ctx, query{settingOf, rowsFor(settingOf, 1).text("version"), func(record) error { return nil }}); err != nil {
		return err
	}
	copied, err := sqlite.Open(file)
	if err != nil {
		return err
	}
	if err := c.conn.CopyTo(copied, backupStep, ctx.Err); err != nil {
		return errors.Join(err, copied.Close())
	}
	return checkCopy(ctx, newSQLiteConn(copied), file)
}

// checkCopy reads the whole copy, and makes sure it is on the disk.
func checkCopy(ctx context.Context, c *sqliteConn, file string) (err error) {
	var verdict string
	err = c.read(ctx, query{integrity, rowsFor(integrity, 0), func(r record) error { verdict = r.text(); return nil }})
	if err == nil && verdict != "ok" {
		err = fmt.Errorf("the copy is damaged: %s", verdict)
	}
	if err = errors.Join(err, c.close()); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func removeFile(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
