package store

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// lockFile takes the file for this process until it is closed or the process ends, however it ends: it is
// opened so that nobody else may open it. nil when another has it.
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

// nameTaken reports whether a process has the file by lockFile. It makes none.
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

// fileNumber is "": Windows lets nobody move or remove a file that is open.
func fileNumber(os.FileInfo) string { return "" }

// links is how many names the file has.
func links(f *os.File) (uint64, error) {
	var info syscall.ByHandleFileInformation
	err := syscall.GetFileInformationByHandle(syscall.Handle(f.Fd()), &info)
	return uint64(info.NumberOfLinks), err
}
