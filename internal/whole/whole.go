// Package whole makes files that have their name only when all of them is on the disk.
package whole

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// Suffix ends the names of files that are not whole yet, after a dot and a number.
const Suffix = ".tongka-draft"

// Journal follows the name of a database in that of the file by which SQLite takes back what was cut short.
const Journal = "-journal"

// Make calls fill with the name of an empty file that only its owner can read, in the folder of the new file. What fill
// has written and flushed gets the new file's name when fill has returned. If anything fails, or the process is killed,
// there is no file of that name; what a killed one has left, under a name of its own, is removed by the next in the
// same folder. A file that is there is never written over: the error is fs.ErrExist.
func Make(file string, fill func(draft string) error) error {
	if _, err := os.Lstat(file); err == nil {
		return taken(file)
	}
	folder := filepath.Dir(file)
	removeAbandoned(folder)
	d, err := newDraft(folder)
	if err != nil {
		return named(err, file)
	}
	if err = fill(d.path); err == nil {
		err = giveName(d.path, file)
	}
	if err = errors.Join(err, d.drop()); err != nil {
		return named(err, file)
	}
	return flushFolder(folder)
}

// named returns an error that names a draft with the name that the user knows.
func named(err error, file string) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok && strings.HasSuffix(e.Path, Suffix) {
		e.Path = file
	}
	return err
}

func taken(file string) error { return &fs.PathError{Op: "open", Path: file, Err: syscall.EEXIST} }

// draft is a file that is being made. Whoever makes it has it locked, so that others know it from one that was left
// behind by a process that was killed.
type draft struct {
	path string
	lock *os.File // nil = files cannot be locked here
}

func newDraft(folder string) (*draft, error) {
	for {
		f, err := os.CreateTemp(folder, ".*"+Suffix)
		if err != nil {
			return nil, err
		}
		d := &draft{f.Name(), f}
		ours, err := d.hold()
		if err != nil {
			return nil, errors.Join(err, d.drop())
		}
		if ours {
			return d, nil
		}
	}
}

// hold locks the file. It returns false if another process took it, before it was locked, for one that was left behind.
// Where files cannot be locked it is not, and others leave it alone because they cannot lock it either.
func (d *draft) hold() (ours bool, err error) {
	if ours, err = lock(d.lock); err != nil {
		err, d.lock = d.lock.Close(), nil
		return true, err
	}
	_, gone := os.Stat(d.path)
	if !ours || errors.Is(gone, fs.ErrNotExist) {
		return false, d.lock.Close()
	}
	return true, gone
}

// drop removes what is left of the draft under its own name.
func (d *draft) drop() error {
	err := errors.Join(remove(d.path), remove(d.path+Journal))
	if d.lock != nil {
		err = errors.Join(err, d.lock.Close())
	}
	return err
}

// removeAbandoned removes the drafts that killed processes left in a folder. One that cannot be removed stays: it is in
// nobody's way but for its room.
func removeAbandoned(folder string) {
	all, _ := os.ReadDir(folder) // of a folder that may only be written to nothing is known
	for _, entry := range all {
		name := entry.Name()
		if !entry.Type().IsRegular() || !strings.HasPrefix(name, ".") || !strings.HasSuffix(name, Suffix) {
			continue
		}
		path := filepath.Join(folder, name)
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if abandoned, err := lock(f); err == nil && abandoned {
			_ = (&draft{path, f}).drop()
		} else {
			_ = f.Close()
		}
	}
}

// giveName gives a draft that is whole its name.
func giveName(path, file string) error {
	err := os.Link(path, file)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		return taken(file)
	}
	return moveOver(path, file)
}

// moveOver is giveName where the file system knows no hard links. It makes an empty file of the name, which fails if
// there is one, and moves the draft over that.
func moveOver(path, file string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Close(), os.Rename(path, file)); err != nil {
		return errors.Join(err, remove(file))
	}
	return nil
}

// flushFolder makes a new name in the folder survive a power failure, where folders can be flushed.
func flushFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil // it keeps new names without
	}
	f, err := os.Open(folder)
	if errors.Is(err, fs.ErrPermission) {
		return nil // it may be written to, and not read
	}
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	return errors.Join(err, f.Close())
}

func remove(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
