package whole

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lockedByte is far behind those that SQLite locks in a database. A byte can be locked that the file does not have.
const lockedByte = 1 << 41

// lock locks the file until it is closed or the process ends, however it ends. It returns false if somebody else has it
// locked. The lock belongs to the open file, and not to the process, which would lose it with any other that it closes.
func lock(f *os.File) (bool, error) {
	err := unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_WRLCK, Start: lockedByte, Len: 1})
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return false, nil
	}
	return err == nil, err
}
