//go:build unix

package store

import (
	"io"
	"os"
	"syscall"
)

// lockFile takes the file for this process until it is closed or the process ends, however it ends.
func lockFile(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close() // the lock is what was wanted
		return nil, err
	}
	return f, nil
}
