package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"tongka/internal/store"
)

// polite makes of what people type first what the parser knows.
func polite(args []string) []string {
	switch {
	case len(args) == 0:
		return []string{"--help"}
	case args[0] == "help":
		return append(append([]string{}, args[1:]...), "--help")
	case args[0] == "--version":
		return []string{"version"}
	}
	return args
}

// told is an error in one line, with what to do about it where that is known.
func told(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	if strings.Contains(err.Error(), ": nothing was changed:\n") { // a list of faults, one a line
		return err.Error()
	}
	if at, ok := errors.AsType[*net.OpError](err); ok && at.Op == "listen" {
		return fmt.Sprintf("%v cannot be listened on (%v): stop the program that has it, or choose another with --addr or --admin-addr", at.Addr, at.Err)
	}
	if line, ok := store.Unreachable(err); ok {
		return line
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		switch {
		case errors.Is(path, syscall.EACCES), errors.Is(path, syscall.EROFS):
			return fmt.Sprintf("%s: no permission: run this as the user it belongs to, or choose another file", path.Path)
		case errors.Is(path, fs.ErrNotExist):
			folder := filepath.Dir(path.Path)
			if _, err := os.Stat(folder); err == nil {
				return text + ": give the right name"
			}
			return fmt.Sprintf("%s: there is no folder %s: make it first, or give the right name", text, folder)
		}
	}
	return text
}
