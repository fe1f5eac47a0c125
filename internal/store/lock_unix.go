//go:build unix

package store

import (
	"io"
	"os"
	"syscall"
	"time"
)

// lockPatience is how long a lock that is taken is asked for. Whoever ends gives it back with its last
// descriptor, and a process that is just being started by it holds a copy of that for a moment.
const lockPatience = 500 * time.Millisecond

// lockFile takes the file for this process until it is closed or the process ends, however it ends.
func lockFile(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if time.Since(begun) > lockPatience {
			_ = f.Close() // the lock is what was wanted
			return nil, err
		}
	}
}
