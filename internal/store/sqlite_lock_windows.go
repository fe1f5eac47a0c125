package store

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// lockFile locks the file for this process until the lock is closed or the process ends, however it ends, by opening
// it so that nobody else can open it. It returns nil if another process has it open.
func lockFile(name string) (io.Closer, error) {
	path, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	const (
		shareNothing     = 0
		sharingViolation = syscall.Errno(32)
	)
	h, err := syscall.CreateFile(path, syscall.GENERIC_READ|syscall.GENERIC_WRITE, shareNothing, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(h), name), nil
}

// nameTaken reports whether a process has the file locked by lockFile. It does not make the file.
func nameTaken(name string) (bool, error) {
	if _, err := os.Stat(name); err != nil {
		return false, nil
	}
	lock, err := lockFile(name)
	if err != nil || lock == nil {
		return lock == nil && err == nil, err
	}
	return false, lock.Close()
}

// fileNumber returns "": on Windows nobody can move or remove a file that is open.
func fileNumber(os.FileInfo) string { return "" }

// links returns how many names the file has.
func links(f *os.File) (uint64, error) {
	var info syscall.ByHandleFileInformation
	err := syscall.GetFileInformationByHandle(syscall.Handle(f.Fd()), &info)
	return uint64(info.NumberOfLinks), err
}
