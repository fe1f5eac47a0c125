package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// A full disk is one line that says which, whatever first wants room on it: the lock beside the database, the memory
// shared beside its log, its tables, or a file that is written.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	b, dsn := newBooks(t, time.Now(), ledger.Settings{})
	b.mustClose(t)
	dir := t.TempDir()
	if out, err := onSmallDisk(t, dir, dsn, "", "true").CombinedOutput(); err != nil {
		t.Logf("A FULL DISK WAS NOT TRIED: this system lets nobody mount here: %v, %s", err, out)
		return
	}
	settings, cards := filepath.Join(t.TempDir(), "shop.yaml"), filepath.Join(t.TempDir(), "cards.csv")
	for name, text := range map[string]string{
		settings: "merchants: [{id: 1, name: other}]\n", cards: "number,name\n123456,x\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "books.db")
	for _, c := range []struct{ before, args, full string }{
		{"", "serve --addr 127.0.0.1:0", file},
		{"", "apply " + settings, file},
		{"touch books.db.lock", "serve --addr 127.0.0.1:0", file},
		{"echo 1 >books.db.lock", "serve --addr 127.0.0.1:0", file},
		{"echo 1 >books.db.lock", "apply " + settings, file},
		{"echo 1 >books.db.lock", "cards import --merchant 1 " + cards, file},
		{"", "verify", file},
		{"", "cards show --merchant 1 1", file},
		{"mkdir free; mount -t tmpfs none free; mv books.db free", "backup copy.db", "copy.db"},
	} {
		from := "sqlite:" + file
		if strings.HasPrefix(c.before, "mkdir free") {
			from = "sqlite:" + filepath.Join(dir, "free", "books.db")
		}
		cmd := onSmallDisk(t, dir, dsn, c.before, "tongka", append(strings.Fields(c.args), "--db", from)...)
		out, err := cmd.CombinedOutput()
		text := string(out)
		if err == nil || !strings.HasSuffix(text, "the disk of "+c.full+" is full: make room\n") ||
			strings.Count(text, "\n") != 1 {
			t.Errorf("%s, %s: %v: %s", c.before, c.args, err, text)
		}
	}
}

// onSmallDisk returns a command that runs a program in dir on a disk of its own, which has the database, and which
// a line of shell has prepared before the rest of it was filled. The mount ends with the command.
func onSmallDisk(t *testing.T, dir, dsn, before, program string, args ...string) *exec.Cmd {
	t.Helper()
	const fill = `mount --make-rprivate / && mount -t tmpfs -o size=1m none "$1" && cd "$1" && cp "$2" books.db &&
		{ eval "$3"; dd if=/dev/zero of=fill bs=4k 2>/dev/null; shift 3; exec "$@"; }`
	cmd := exec.CommandContext(t.Context(), "/bin/sh", append([]string{
		"-c", fill, "sh", dir, strings.TrimPrefix(dsn, "sqlite:"), before, program,
	}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if uid, gid := os.Getuid(), os.Getgid(); uid != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: gid, Size: 1}}
	}
	return cmd
}
