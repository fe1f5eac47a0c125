//go:build unix

package store

import (
	"errors"
	"io"
	"os"
	"strconv"
	"syscall"
)

// lockFile locks the file for this process until the lock is closed or the process ends, however it ends. It returns
// nil if another process has the lock.
func lockFile(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = nil
	}
	return nil, errors.Join(err, f.Close())
}

// nameTaken reports whether a process has the file locked by lockFile. It does not make the file; one that does not
// exist or may not be read counts as free.
func nameTaken(name string) (taken bool, err error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		taken, err = true, nil
	}
	return taken, errors.Join(err, f.Close())
}

// fileNumber returns a number that tells apart the files of one file system; "" if they have none.
func fileNumber(info os.FileInfo) string {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return strconv.FormatUint(uint64(stat.Ino), 10) //nolint:unconvert // its type differs between systems
	}
	return ""
}

// links returns how many names the file has.
func links(f *os.File) (uint64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Nlink), nil //nolint:unconvert // its type differs between systems
	}
	return 1, nil
}
