package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ErrMoved is the error of every save while a name of an SQLite database leads to another file than the one that is
// open, or to none. Saves succeed again when the name leads to the open file again.
var ErrMoved = errors.New("the database file was moved or replaced")

// movedError is an ErrMoved.
type movedError struct {
	path string // that no longer leads to its file
	why  string
	log  bool // it is the write-ahead log or the memory shared beside it, and not the database
}

func (e *movedError) Error() string { return e.path + " " + e.why }

func (e *movedError) Is(target error) bool { return target == ErrMoved }

// fileNames are the names by which a database was opened, and the files these led to then. SQLite opens a file once
// and goes by what it has open, while every other process opens by name: as soon as the two differ, what is
// committed here is not seen there, and processes that share only one of the files damage them.
type fileNames struct {
	paths []string // the database's, its log's, its shared memory's, and the name it was given by if that is a link
	files []os.FileInfo
}

// namesOf looks up the names of an open database.
func namesOf(given, path string) (*fileNames, error) {
	n := &fileNames{paths: []string{path, path + "-wal", path + "-shm"}}
	if given != path {
		n.paths = append(n.paths, given)
	}
	for _, name := range n.paths {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fmt.Errorf("look at the open database: %w", err)
		}
		n.files = append(n.files, info)
	}
	return n, nil
}

// check returns an ErrMoved unless all names lead to the files they led to. That takes a few microseconds.
func (n *fileNames) check() error {
	for i, path := range n.paths {
		info, err := os.Stat(path)
		why := "leads to another file than the one that is open"
		switch {
		case err == nil && os.SameFile(info, n.files[i]):
			continue
		case errors.Is(err, fs.ErrNotExist):
			why = "is gone"
		case err != nil:
			why = "cannot be looked at: " + err.Error()
		}
		return &movedError{path: path, why: why, log: i == 1 || i == 2}
	}
	return nil
}

// moved returns an ErrMoved if a name of the database no longer leads to its file.
func (db *sqliteDB) moved() error {
	if db.names == nil { // it is only read, as it was when it was opened
		return nil
	}
	return db.names.check()
}

// advice returns what to do about a movedError.
func (db *sqliteDB) advice(err error) string {
	moved, ok := errors.AsType[*movedError](err)
	switch {
	case ok && moved.log:
		return fmt.Sprintf("put it back, or stop the server in the ordinary way, which leaves everything in %s; "+
			"then remove %[1]s-wal and %[1]s-shm, and start it again", db.file)
	case removed(db.hold.file):
		return fmt.Sprintf("do not end the server before %s, which has no name any more, was copied away; then stop it, "+
			"move whatever is called %s, with -wal and -shm, out of the way, put the copy there, and start it again",
			openName(db.hold.file), db.file)
	}
	return "put it back, and the server goes on"
}

// removed reports whether the file has lost its last name.
func removed(f *os.File) bool {
	n, err := links(f)
	return err == nil && n == 0
}

// watcher logs that the database's names lead elsewhere, and meanwhile copies everything into the open file, which
// may be all that can be saved.
type watcher struct {
	moved bool // at the last look
	whole bool // everything that was committed is in the file, and the log says so
}

// look checks the names once.
func (w *watcher) look(c *checkpointer) {
	err := c.db.moved()
	switch {
	case err == nil && w.moved:
		*w = watcher{}
		c.db.log.Info("the database file is back, saving again", "file", c.db.file)
	case err == nil:
		return
	case !w.moved:
		w.moved = true
		c.db.log.Error("nothing is saved any more", "error", err, "do", c.db.advice(err))
	}
	if w.moved && !w.whole {
		w.save(c)
	}
}

// save copies the whole log into the file, and logs where the file can still be opened.
func (w *watcher) save(c *checkpointer) {
	c.db.mu.Lock()
	emptied, err := c.empty()
	c.db.mu.Unlock()
	if err != nil {
		c.db.log.Error("checkpoint", "error", err)
	}
	if emptied {
		w.whole = true
		c.db.log.Warn("everything that was acknowledged is whole in " + openName(c.db.hold.file))
	}
}

// leave copies everything into the open file if a name leads elsewhere, and keeps SQLite from removing, by name, the
// -wal and -shm of another database, as it would when its last connection is closed.
func (db *sqliteDB) leave() {
	if db.moved() == nil {
		return
	}
	if db.writer != nil {
		if err := db.writer.runOnce("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			db.log.Error("checkpoint", "error", err)
		}
	}
	_, _ = db.readers.take() // stays open until the process ends
}
