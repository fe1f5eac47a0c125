package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	driver "modernc.org/sqlite"
	"zombiezen.com/go/sqlite"
)

// fullError is the error of a database that could not be opened or written because its disk is full.
type fullError struct{ file string }

func (e *fullError) Error() string { return "the disk of " + e.file + " is full: make room" }

// leastRoom is the room without which not even the memory can be made that processes share beside a log: SQLite
// makes 32 KiB of it at a time.
const leastRoom = 64 << 10

// damagedError is the error of a file that SQLite cannot read any longer.
type damagedError struct {
	file string
	err  error
}

func (e *damagedError) Error() string {
	return fmt.Sprintf("%s is damaged or cut short (%v): keep a copy of it, and restore the newest backup "+
		"(docs/operating.md, Back up and restore)", e.file, e.err)
}

func (e *damagedError) Unwrap() error { return e.err }

// damaged returns the error as a damagedError if its cause is that the file is damaged.
func damaged(file string, err error) error {
	if err == nil || resultOf(err).ToPrimary() != sqlite.ResultCorrupt {
		return err
	}
	if _, told := errors.AsType[*damagedError](err); told {
		return err
	}
	return &damagedError{file, err}
}

// full returns the error as a fullError if its cause is that the disk of the file is full.
func full(file string, err error) error { return fullWith(file, damaged(file, err), roomFor) }

// fullWith is full with the function that returns how many bytes there is room for in a folder, if that is known.
// SQLite has a code of its own for a full disk only where it writes the file or its log; elsewhere it says that the
// disk failed, and only the room that is left tells why.
func fullWith(file string, err error, room func(folder string) (bytes uint64, known bool)) error {
	if _, told := errors.AsType[*fullError](err); told {
		return err
	}
	switch code := resultOf(err).ToPrimary(); {
	case code == sqlite.ResultFull, errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &fullError{file}
	case code == sqlite.ResultIOErr, code == sqlite.ResultCantOpen:
		if bytes, known := room(filepath.Dir(file)); known && bytes < leastRoom {
			return &fullError{file}
		}
	}
	return err
}

// resultOf returns the code of an error of either driver.
func resultOf(err error) sqlite.ResultCode {
	if e, ok := errors.AsType[*driver.Error](err); ok {
		return sqlite.ResultCode(e.Code())
	}
	return sqlite.ErrCode(err)
}
