package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Locks of open file descriptions go by the file, like SQLite's own, and not by the process: they are not lost
// when another descriptor is closed. These are their numbers in Linux.
const (
	ofdGet = 36
	ofdSet = 37
)

// Which byte of the file is locked for what. SQLite locks bytes at 2^30; a database need not be as long as this.
const (
	keeperByte = 1 << 40
	turnByte   = keeperByte + 1
)

// locksByFile is that the lock of who keeps a file goes by the file, and not only by its name.
const locksByFile = true

// openName is by what name the owner of this process can still open a file that it has open, until the process ends.
func openName(f *os.File) string { return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), f.Fd()) }

// lockKeeper takes or gives back the lock of who keeps the file, and reports whether it was to be had.
func lockKeeper(f *os.File, take bool) (bool, error) { return lockByte(f, keeperByte, take) }

// lockTurn takes or gives back the turn to write, and reports whether it was to be had.
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

// networks are file systems whose files other machines may have open, by the numbers Linux has for them.
var networks = map[uint32]string{
	0x6969: "NFS", 0xFF534D42: "CIFS", 0xFE534D42: "SMB", 0x517B: "SMB", 0x5346414F: "AFS", 0x00C36400: "Ceph",
	0x73757245: "Coda",
	0x01161970: "GFS2", 0x7461636F: "OCFS2", 0x0BD00BD0: "Lustre",
}

// networkFile is the name of the network file system the file is on, or "".
func networkFile(f *os.File) string {
	var stat syscall.Statfs_t
	if err := syscall.Fstatfs(int(f.Fd()), &stat); err != nil {
		return ""
	}
	return networks[uint32(stat.Type)]
}

// mountedAlone reports whether the file is mounted by itself, under a name that its log does not have. Kernels before
// 5.8 do not say.
func mountedAlone(f *os.File) bool {
	var stat unix.Statx_t
	if err := unix.Statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, 0, &stat); err != nil {
		return false
	}
	return stat.Attributes&stat.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT != 0
}

// bootID names the running system: processes with the same one share memory.
func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// processBegun is when the process began, in the kernel's ticks since its start; "" when there is none. Of two
// processes of one number at most one is this one.
func processBegun(pid string) string {
	b, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return ""
	}
	_, after, _ := strings.Cut(string(b), ") ") // the name before may have spaces
	const at = 22 - 3                           // of the fields that are counted from 1, without the first two
	if fields := strings.Fields(after); len(fields) > at {
		return fields[at]
	}
	return ""
}
