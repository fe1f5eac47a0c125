package store

import (
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	// checkpointEvery is how often the write-ahead log is copied into the database file, beside the
	// commits instead of within one of them. A page that many of them changed is copied once for all.
	checkpointEvery = 4 * time.Second
	// lookEvery is how often it is looked whether the names still lead to the files.
	lookEvery = time.Second
	// checkpointIdle is how many quiet rounds it takes to empty the log.
	checkpointIdle = 2
	// checkpointLarge is how many pages the log may hold before it is begun anew: without a pause
	// between commits it would grow without limit.
	checkpointLarge = 65_536
	// checkpointAgain is how often the log is copied once more before it is begun anew. Nobody writes
	// while that is done, and what is left to copy then is what was written during the last of these.
	checkpointAgain = 2
)

var (
	passive  = define("passive", "", "PRAGMA wal_checkpoint(PASSIVE)")
	restart  = define("restart", "", "PRAGMA wal_checkpoint(RESTART)")
	truncate = define("truncate", "", "PRAGMA wal_checkpoint(TRUNCATE)")
	// changes moves with every commit of another connection, of this process or another.
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
	// Beginning the log anew waits for readers of the old one while it keeps writers out: not for long.
	conn, err := db.connect("wal_autocheckpoint(0)", "busy_timeout(50)")
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

// round copies what can be copied, and begins the log anew when it has become large or nobody writes.
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

// anew has the log begin anew, between two commits.
func (c *checkpointer) anew() error {
	for range checkpointAgain {
		if _, err := c.copy(); err != nil {
			return err
		}
	}
	c.db.mu.Lock() // rather than have the writer find the log locked, and sleep
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

// empty has everything copied and the log emptied, unless a reader is in the way. The writer is locked.
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

// written reports whether anything was written since it was asked last, by this process or another. An empty
// log says no: to empty it is a change too.
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
