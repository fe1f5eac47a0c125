package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Locks of open file descriptions belong to the descriptor and not, like SQLite's, to the process: they are not lost
// when another descriptor of the file is closed. These are their numbers in Linux.
const (
	ofdGet = 36
	ofdSet = 37
)

// Which byte of the file is locked for what. SQLite locks bytes at 2^30. A byte can be locked that the file does not
// have.
const (
	keeperByte = 1 << 40
	turnByte   = keeperByte + 1
)

// locksByFile reports whether the lock of whoever keeps a file is on the file itself, and not only on its name.
const locksByFile = true

// openName returns a name by which the owner of this process can open a file that the process has open, until it
// ends.
func openName(f *os.File) string { return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), f.Fd()) }

// lockKeeper takes or gives back the lock of whoever keeps the file. It returns false if another process has it.
func lockKeeper(f *os.File, take bool) (bool, error) { return lockByte(f, keeperByte, take) }

// lockTurn takes or gives back the turn to write. It returns false if another process has it.
func lockTurn(f *os.File, take bool) (bool, error) { return lockByte(f, turnByte, take) }

// keptElsewhere reports whether another process keeps the file.
func keptElsewhere(f *os.File) (bool, error) { return byteLocked(f, keeperByte) }

// turnTaken reports whether another process has the turn to write.
func turnTaken(f *os.File) (bool, error) { return byteLocked(f, turnByte) }

func lockByte(f *os.File, at int64, take bool) (bool, error) {
	lock := syscall.Flock_t{Type: syscall.F_UNLCK, Start: at, Len: 1}
	if take {
		lock.Type = syscall.F_WRLCK
	}
	err := syscall.FcntlFlock(f.Fd(), ofdSet, &lock)
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) {
		return false, nil
	}
	return err == nil, err
}

func byteLocked(f *os.File, at int64) (bool, error) {
	lock := syscall.Flock_t{Type: syscall.F_RDLCK, Start: at, Len: 1}
	err := syscall.FcntlFlock(f.Fd(), ofdGet, &lock)
	return lock.Type != syscall.F_UNLCK, err
}

// networks are the file systems whose files other machines may have open, by their numbers in Linux.
var networks = map[uint32]string{
	0x6969: "NFS", 0xFF534D42: "CIFS", 0xFE534D42: "SMB", 0x517B: "SMB", 0x5346414F: "AFS", 0x00C36400: "Ceph",
	0x73757245: "Coda",
	0x01161970: "GFS2", 0x7461636F: "OCFS2", 0x0BD00BD0: "Lustre",
}

// networkFile returns the name of the network file system that the file is on; "" if it is on none of those known.
func networkFile(f *os.File) string {
	var stat syscall.Statfs_t
	if err := syscall.Fstatfs(int(f.Fd()), &stat); err != nil {
		return ""
	}
	return networks[uint32(stat.Type)]
}

// mountedAlone reports whether the file is mounted by itself, so that its log is not beside it. On kernels before
// 5.8 it returns false.
func mountedAlone(f *os.File) bool {
	var stat unix.Statx_t
	if err := unix.Statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, 0, &stat); err != nil {
		return false
	}
	return stat.Attributes&stat.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT != 0
}

// bootID returns an id of the running system, "" if it has none. Processes that see the same id share memory.
func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// processBegun returns when the process began, in the kernel's ticks since the system started; "" if there is no
// such process. It tells apart two processes that had the same number.
func processBegun(pid string) string {
	b, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return ""
	}
	_, after, _ := strings.Cut(string(b), ") ") // the command's name, in brackets, may have spaces
	const at = 22 - 3                           // field 22, counted from 1, of which the first two are cut off
	if fields := strings.Fields(after); len(fields) > at {
		return fields[at]
	}
	return ""
}

// roomFor returns how many bytes this process may still write to the file system of a folder, and whether that is
// known.
func roomFor(folder string) (bytes uint64, known bool) {
	var stat unix.Statfs_t
	if err := unix.Statfs(folder, &stat); err != nil {
		return 0, false
	}
	return stat.Bavail * uint64(stat.Bsize), true
}
