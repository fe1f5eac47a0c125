package store

import (
	"context"
	"errors"
	"fmt"
	"os"

	"zombiezen.com/go/sqlite"
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
	if err := c.read(ctx, query{
		settingOf, rowsFor(settingOf, 1).text("version"), func(record) error { return nil },
	}); err != nil {
		return err
	}
	copied, err := openDatabase(file, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return err
	}
	if err := c.copyPages(ctx, copied); err != nil {
		return errors.Join(err, copied.close())
	}
	return checkCopy(ctx, copied, file)
}

// copyPages copies the database into another one, until ctx ends.
func (c *sqliteConn) copyPages(ctx context.Context, to *sqliteConn) (err error) {
	b, err := sqlite.NewBackup(to.conn, "main", c.conn, "main")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	for more := true; more; {
		if more, err = b.Step(backupStep); err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
	}
	return nil
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
