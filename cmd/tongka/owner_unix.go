//go:build unix

package main

import (
	"fmt"
	"io/fs"
	"os/user"
	"strconv"
	"syscall"
)

// ownerOf is whose a file is; ok is false where the system does not say.
func ownerOf(info fs.FileInfo) (name string, ok bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", false
	}
	id := strconv.FormatUint(uint64(stat.Uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username, true
	}
	return fmt.Sprintf("user %s", id), true
}
