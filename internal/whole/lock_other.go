//go:build !linux

package whole

import (
	"errors"
	"os"
)

// lock cannot lock a file here without keeping SQLite from it.
func lock(*os.File) (bool, error) { return false, errors.ErrUnsupported }
