package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"tongka/internal/store"
)

// polite translates what people try first into what the parser knows: no arguments, help, and --version.
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

// amountLast moves a negative amount behind a "--", so that the parser does not take it for a flag and the command
// can refuse it properly. That is possible because an amount is the last argument of every command that has one. A
// negative number that may be the value of a flag stays where it is, and is refused as that flag's value.
func amountLast(parser *kong.Kong, args []string) []string {
	if slices.Contains(args, "--") {
		return args
	}
	for i, arg := range args {
		if i == 0 || !signed(arg) || takesValue(parser.Model.Node, args[i-1]) {
			continue
		}
		return append(slices.Delete(slices.Clone(args), i, i+1), "--", arg)
	}
	return args
}

// signed reports whether an argument is a minus sign followed by digits and dots.
func signed(arg string) bool {
	return len(arg) > 1 && arg[0] == '-' && strings.Trim(arg[1:], "0123456789.") == ""
}

// takesValue reports whether arg is a flag that takes the next argument as its value. It looks at the flags of all
// commands below node, as it does not know which one is meant.
func takesValue(node *kong.Node, arg string) bool {
	name, isFlag := strings.CutPrefix(arg, "--")
	if !isFlag || strings.Contains(name, "=") {
		return false
	}
	for _, flag := range node.Flags {
		if flag.Name == name && !flag.IsBool() {
			return true
		}
	}
	return slices.ContainsFunc(node.Children, func(child *kong.Node) bool { return takesValue(child, arg) })
}

// told returns the text of an error on one line, with advice if the cause is known. Only a list of problems keeps
// its lines.
func told(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	if strings.Contains(err.Error(), ": nothing was changed:\n") { // a list of problems, one per line
		return err.Error()
	}
	if at, ok := errors.AsType[*net.OpError](err); ok && at.Op == "listen" {
		return cannotListen(at)
	}
	if line, ok := store.Unreachable(err); ok {
		return line
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		switch {
		case errors.Is(path, syscall.EROFS):
			return fmt.Sprintf("%s: its file system can only be read: mount it for writing, or choose another place", path.Path)
		case errors.Is(path, syscall.ENOSPC), errors.Is(path, syscall.EDQUOT):
			return fmt.Sprintf("the disk of %s is full: make room", path.Path)
		case errors.Is(path, fs.ErrPermission):
			return mayNot(path.Path)
		case errors.Is(path, fs.ErrExist):
			return text + ": it is not written over: give another name"
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

// cannotListen returns what to do about an address that cannot be listened on.
func cannotListen(at *net.OpError) string {
	do := "stop the program that has it, or choose another"
	switch {
	case errors.Is(at, fs.ErrPermission):
		do = "ports below 1024 want root or CAP_NET_BIND_SERVICE: choose a higher one"
	case errors.Is(at, syscall.EADDRNOTAVAIL):
		do = "this machine has no such address: choose one it has"
	}
	return fmt.Sprintf("%v cannot be listened on (%v): %s with --addr or --admin-addr", at.Addr, at.Err, do)
}

// mayNot returns a text that says which user lacks which permission, on the path itself or on the folder that is in
// the way, and who owns that.
func mayNot(path string) string {
	info, err := os.Stat(path)
	do, at := "", path
	switch {
	case err == nil && canRead(path):
		do = "write"
	case err == nil:
		do = "read"
	case errors.Is(err, fs.ErrNotExist):
		do, at = "make a file in folder", filepath.Dir(path)
		info, err = os.Stat(at)
	}
	for do == "" && filepath.Dir(at) != at {
		at = filepath.Dir(at)
		if info, err = os.Stat(at); err == nil {
			do = "look into folder"
		}
	}
	if err != nil {
		return path + ": no permission: run this as the user it belongs to, or choose another"
	}
	text := fmt.Sprintf("%s may not %s %s", thisUser(), do, at)
	if owner, ok := ownerOf(info); ok {
		text += fmt.Sprintf(", which belongs to %s (%v)", owner, info.Mode())
	}
	if at != path {
		text += ", for " + path
	}
	return text +
		": run this as the user it belongs to (sudo -u), let this one do it (chown, chmod), or choose another place"
}

func canRead(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

// thisUser returns the user who runs the program, like "user tongka".
func thisUser() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return "user " + u.Username
	}
	return fmt.Sprintf("user %d", os.Getuid())
}
