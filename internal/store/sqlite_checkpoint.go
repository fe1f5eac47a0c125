package store

import (
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	// checkpointEvery is how often the write-ahead log is copied into the database file, beside the commits instead of
	// within one of them. A page that many of them changed is copied only once.
	checkpointEvery = 4 * time.Second
	// lookEvery is how often the names of the database are checked to lead to its files.
	lookEvery = time.Second
	// checkpointIdle is after how many rounds in which nothing was written the log is emptied.
	checkpointIdle = 2
	// checkpointLarge is how many pages the log may hold before it is begun anew: without a pause
	// between commits it would grow without limit.
	checkpointLarge = 65_536
	// checkpointAgain is how many more times the log is copied before it is begun anew. To begin it anew keeps writers
	// out, and should have to copy only what was written during the last of these copies.
	checkpointAgain = 2
)

var (
	passive  = define("passive", "", "PRAGMA wal_checkpoint(PASSIVE)")
	restart  = define("restart", "", "PRAGMA wal_checkpoint(RESTART)")
	truncate = define("truncate", "", "PRAGMA wal_checkpoint(TRUNCATE)")
	// changes returns a number that moves with every commit of another connection, of this process or another.
	changes = define("changes", "", "PRAGMA data_version")
)

// checkpointer keeps the write-ahead log of a database short.
type checkpointer struct {
	db   *sqliteDB
	conn *sqliteConn
	seen int64 // of changes
	quit chan struct{}
	done chan struct{}

	names watcher
}

func (db *sqliteDB) startCheckpointer() (*checkpointer, error) {
	// Beginning the log anew waits for readers of the old one and keeps writers out meanwhile. Loads are done within
	// milliseconds; a proof or a backup is in the way for minutes, and must not cost tills a pause in each round.
	conn, err := db.connect("wal_autocheckpoint(0)", "busy_timeout(5)")
	if err != nil {
		return nil, err
	}
	c := &checkpointer{db: db, conn: conn, quit: make(chan struct{}), done: make(chan struct{})}
	go c.run()
	return c, nil
}

func (c *checkpointer) stop() error {
	close(c.quit)
	<-c.done
	return c.conn.close()
}

func (c *checkpointer) run() {
	defer close(c.done)
	ticker := time.NewTicker(checkpointEvery)
	defer ticker.Stop()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	quiet := checkpointIdle
	for {
		select {
		case <-c.quit:
			return
		case <-look.C:
			c.names.look(c)
			continue
		case <-ticker.C:
		}
		written, err := c.written()
		if written {
			quiet = 0
		} else {
			quiet++
		}
		if err == nil && quiet <= checkpointIdle {
			if err = c.round(quiet); errors.Is(err, errNotFlushed) || diskFailed(err) {
				c.db.mu.Lock()
				err = c.db.lose(err)
				c.db.mu.Unlock()
			}
		}
		if err != nil {
			c.db.log.Error("checkpoint", "error", err)
		}
	}
}

// round copies what can be copied, and begins the log anew if it has become large. If nobody writes it empties the
// log.
func (c *checkpointer) round(quiet int) error {
	if quiet == checkpointIdle {
		_, err := c.pragma(truncate)
		return err
	}
	pages, err := c.copy()
	if err == nil && pages > checkpointLarge {
		err = c.anew()
	}
	return err
}

// anew begins the log anew, between two commits.
func (c *checkpointer) anew() error {
	for range checkpointAgain {
		if _, err := c.copy(); err != nil {
			return err
		}
	}
	c.db.mu.Lock() // otherwise the writer would find the log locked, and wait
	defer c.db.mu.Unlock()
	_, err := c.pragma(restart)
	return err
}

// copy copies what it can while others write, and returns the number of pages in the log. SQLite would leave the
// copied pages in the system's memory until one copy reaches the end of the log, and would then flush all of them at
// once with everybody locked out.
func (c *checkpointer) copy() (pages int64, err error) {
	if pages, err = c.pragma(passive); err != nil {
		return pages, err
	}
	if err := c.db.hold.file.Sync(); err != nil {
		return pages, fmt.Errorf("%w: %w", errNotFlushed, err)
	}
	return pages, nil
}

// errNotFlushed reports that the system could not write the database file. It may have dropped what it could not
// write, and report success the next time.
var errNotFlushed = errors.New("not flushed")

// pragma runs a checkpoint and returns the number of pages in the log. A reader that is in the way is not an error:
// the next round tries again.
func (c *checkpointer) pragma(s *statement) (pages int64, err error) {
	err = c.conn.query(query{s, rowsFor(s, 0), func(r record) error {
		r.int() // busy
		pages = r.int()
		return nil
	}})
	return pages, err
}

// empty copies everything and empties the log; done is false if a reader was in the way. The caller has locked mu.
func (c *checkpointer) empty() (done bool, err error) {
	err = c.conn.query(query{truncate, rowsFor(truncate, 0), func(r record) error {
		done = r.int() == 0
		return nil
	}})
	if err == nil && done {
		err = c.db.hold.file.Sync()
	}
	return done && err == nil, err
}

// written reports whether anything was written since it was called last, by this process or another. It returns
// false if the log is empty, since emptying it moves the number too.
func (c *checkpointer) written() (bool, error) {
	if info, err := os.Stat(c.db.file + "-wal"); err == nil && info.Size() == 0 {
		return false, nil
	}
	before := c.seen
	err := c.conn.query(query{changes, rowsFor(changes, 0), func(r record) error {
		c.seen = r.int()
		return nil
	}})
	return c.seen != before, err
}
