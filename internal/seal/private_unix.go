//go:build unix

package seal

import (
	"errors"
	"io/fs"
	"os"
)

// private reports whether only the owner may touch the file.
func private(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 == 0 }

// syncFolder makes a new name in the folder survive a power failure.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
