package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
)

// Late indexes are left out while many cards are opened, and are made when the file is opened without them.
// card_walk is for walking the cards in the order of their numbers without reading them.
var (
	makeLate = []string{
		"CREATE INDEX IF NOT EXISTS card_walk ON card (merchant, number, search)",
		"CREATE INDEX IF NOT EXISTS card_phone ON card (merchant, phone) WHERE phone <> ''",
		"CREATE INDEX IF NOT EXISTS card_openid ON card (merchant, openid) WHERE openid <> ''",
	}
	dropLate = []string{"DROP INDEX card_walk", "DROP INDEX card_phone", "DROP INDEX card_openid"}
)

// bulk leaves out the late indexes while fn opens cards, if these make the file larger by a quarter or more and
// nobody else keeps the file. Sorted in the end, the indexes cost a tenth of what they do when each card is put in
// its place.
//
// No commit is flushed until then either: what fn did may be acknowledged only when bulk has returned, and the
// commits that make the indexes flush all that was written to the log before them. If the power fails meanwhile, the
// file is as it was after one of fn's commits.
func (db *sqliteDB) bulk(ctx context.Context, cards int64, fn func(alone bool) error) error {
	return db.alone(func(alone bool) error {
		if !alone {
			return fn(false)
		}
		return db.bulkAlone(ctx, cards, func() error { return fn(true) })
	})
}

func (db *sqliteDB) bulkAlone(ctx context.Context, cards int64, fn func() error) error {
	var before int64
	err := db.read(ctx, query{allHeads, rowsFor(allHeads, 0), func(r record) error {
		before += int64(readHead(r).LastCard)
		return nil
	}})
	if err != nil {
		return err
	}
	if cards < before/4 {
		return fn()
	}
	err = db.runAll(append(slices.Clone(dropLate), keepMuch, flushLater)...)
	if err == nil {
		err = fn()
	}
	return errors.Join(err, db.runAll(keepLittle, flushEach), db.makeIndexes())
}

// alone keeps the file while fn runs, unless somebody else keeps it, and tells fn whether this store does. Beside a
// server nothing may be left out: it searches, and what it acknowledges must be flushed as always.
func (db *sqliteDB) alone(fn func(alone bool) error) (err error) {
	if db.keeps {
		return fn(true)
	}
	kept, err := db.hold.tryKeep()
	if err != nil {
		return err
	}
	if !kept {
		return fn(false)
	}
	db.keeps = true
	defer func() {
		db.keeps = false
		err = errors.Join(err, db.stopCheckpointer(), db.runAll("PRAGMA "+db.autoCheckpoint()), db.hold.letGo())
	}()
	if err = db.hold.tell(db.names); err != nil {
		return err
	}
	if db.checkpointer, err = db.startCheckpointer(); err != nil {
		return err
	}
	if err = db.runAll("PRAGMA " + db.autoCheckpoint()); err != nil {
		return err
	}
	return fn(true)
}

// Where an index is sorted. In files it is sorted in pieces, each small enough for a processor's cache, and on all
// processors. In memory it is sorted as one list, which takes twice as long.
const (
	sortInFiles  = "PRAGMA temp_store(FILE)"
	sortInMemory = "PRAGMA temp_store(MEMORY)"
)

// makeIndexes makes the late indexes that are missing, in two rounds. The first sorts in files, for which the system
// may have no place; the second sorts in memory what the first could not make, and sets sorting back to memory. If the
// second makes them, the error of the first is only logged.
func (db *sqliteDB) makeIndexes() error { return makeLateIndexes(db.runAll, db.log) }

func makeLateIndexes(runAll func(statements ...string) error, log *slog.Logger) error {
	inFiles := runAll(append([]string{sortInFiles}, makeLate...)...)
	if err := runAll(append([]string{sortInMemory}, makeLate...)...); err != nil {
		return errors.Join(inFiles, err)
	}
	if inFiles != nil {
		log.Warn("indexes were sorted in memory, which takes longer, because they could not be sorted in files",
			"error", inFiles)
	}
	return nil
}

// runAll carries out all of the statements, also after one fails, and returns all errors. None is kept prepared:
// many settings take effect when a statement is prepared, not when it runs.
func (db *sqliteDB) runAll(statements ...string) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	var errs []error
	for _, text := range statements {
		if err := insist(func() error { return db.writer.runOnce(text) }); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", text, err))
		}
	}
	return errors.Join(errs...)
}
