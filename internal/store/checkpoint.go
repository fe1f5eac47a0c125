package store

import (
	"context"
	"time"
)

const (
	// checkpointEvery is how often the write-ahead log is copied into the database file, beside the
	// commits instead of within one of them.
	checkpointEvery = 250 * time.Millisecond
	// checkpointIdle is how many quiet rounds it takes to empty the log.
	checkpointIdle = 20
	// checkpointLarge is how many pages the log may hold before it is begun anew: without a pause
	// between commits it would grow for ever.
	checkpointLarge = 16_384
)

var (
	passive  = define("passive", "", "PRAGMA wal_checkpoint(PASSIVE)")
	restart  = define("restart", "", "PRAGMA wal_checkpoint(RESTART)")
	truncate = define("truncate", "", "PRAGMA wal_checkpoint(TRUNCATE)")
)

// checkpointer keeps the write-ahead log of a database short.
type checkpointer struct {
	db   *sqliteDB
	conn *sqliteConn
	quit chan struct{}
	done chan struct{}
}

func (db *sqliteDB) startCheckpointer(ctx context.Context) (*checkpointer, error) {
	// Beginning the log anew waits for readers of the old one while it keeps writers out: not for long.
	conn, err := db.connect(ctx, "wal_autocheckpoint(0)", "busy_timeout(50)")
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
	quiet := checkpointIdle
	for {
		select {
		case <-c.quit:
			return
		case <-ticker.C:
		}
		if c.written() {
			quiet = 0
		} else {
			quiet++
		}
		if quiet > checkpointIdle {
			continue
		}
		if err := c.round(quiet); err != nil {
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
	pages, err := c.pragma(passive)
	if err == nil && pages > checkpointLarge {
		_, err = c.pragma(restart)
	}
	return err
}

// pragma answers how many pages are in the log. That a reader was in the way is no error: the next
// round tries again.
func (c *checkpointer) pragma(s *statement) (pages int64, err error) {
	err = c.conn.query(context.Background(), query{s, rowsFor(s, 0), func(r record) error {
		r.int() // busy
		pages = r.int()
		return nil
	}})
	return pages, err
}

// written tells whether anything was written since it was asked last.
func (c *checkpointer) written() bool {
	c.db.mu.Lock()
	defer c.db.mu.Unlock()
	changed := c.db.changed
	c.db.changed = false
	return changed
}
