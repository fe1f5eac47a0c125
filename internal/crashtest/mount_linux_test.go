package crashtest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// mounted carries out a command of the program with from also mounted at to. The mount is in a mount namespace of
// its own, which ends with the command.
func (c *commands) mounted(from, to, line string) (string, error) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	cmd := c.command(ctx, line)
	return inNamespace(cmd, `mount --bind "$1" "$2"`, from, to)
}

// inNamespace runs the command in a new mount namespace, after a line of shell has made its mounts.
func inNamespace(cmd *exec.Cmd, mounts, from, to string) (string, error) {
	args := append([]string{"/bin/sh", "-c", `mount --make-rprivate / && ` + mounts + ` && shift 2 && exec "$@"`,
		"sh", from, to}, cmd.Args...)
	cmd.Path, cmd.Args = "/bin/sh", args
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if uid, gid := os.Getuid(), os.Getgid(); uid != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: gid, Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// mayMount reports whether this system lets the test mount, and logs why not.
func mayMount(t *testing.T) bool {
	t.Helper()
	dir := t.TempDir()
	out, err := inNamespace(exec.CommandContext(t.Context(), "true"), `mount --bind "$1" "$2"`, dir, dir)
	if err != nil {
		t.Logf("BIND MOUNTS WERE NOT TRIED: this system lets nobody mount here: %v, %s", err, out)
	}
	return err == nil
}

// TestMountedElsewhere opens a database that is mounted under another name, as in containers, beside a server and
// after one was killed. It fails if a second server starts, or if the log that lies beside the first name is
// ignored: what is in it is committed and acknowledged.
func TestMountedElsewhere(t *testing.T) {
	t.Parallel()
	if !mayMount(t) {
		return
	}
	dir, folder := t.TempDir(), t.TempDir()
	file, other := filepath.Join(dir, "books.db"), filepath.Join(t.TempDir(), "other.db")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	openBooks(t, "sqlite:"+file)
	s := startServer(t, "sqlite:"+file)
	asFile := &commands{t: t, dsn: "sqlite:" + other, dir: dir}
	asFolder := &commands{t: t, dsn: "sqlite:" + filepath.Join(folder, "books.db"), dir: dir}
	refused := func(c *commands, from, to, why, line string) {
		t.Helper()
		out, err := c.mounted(from, to, line)
		if err == nil || !strings.Contains(out, why) || strings.Count(out, "\n") != 1 {
			t.Errorf("tongka %s: %v, %s, want one line with %q", line, err, out, why)
		}
	}
	serve := "serve --addr 127.0.0.1:0"
	const alone = "is mounted by itself, but its log is kept beside it: mount the folder it is in"
	refused(asFolder, dir, folder, "in use by another process (tongka serve, process ", serve)
	if out, err := asFolder.mounted(dir, folder, "agent list --json"); err != nil || !strings.Contains(out, `"till"`) {
		t.Errorf("a command beside the server, by the folder: %v, %s", err, out)
	}
	for _, line := range []string{serve, "agent list", "agent stop till", "verify"} {
		refused(asFile, file, other, alone, line)
	}

	var book asked
	ctx, cancel := context.WithCancel(t.Context())
	done := book.load(ctx, s, 0)
	time.Sleep(300 * time.Millisecond)
	s.kill(t)
	cancel()
	<-done
	log, err := os.ReadFile(file + "-wal")
	if err != nil || len(log) == 0 || book.acked == 0 {
		t.Fatalf("the server left no log: %v, %d bytes, %d requests", err, len(log), book.acked)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{serve, "agent list", "agent stop till", "verify"} {
		refused(asFile, file, other, alone, line)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("what was refused has changed the file: %v", err)
	}
	out, err := asFolder.mounted(dir, folder, "verify --json")
	if err != nil || !strings.Contains(out, `"violations": 0`) {
		t.Errorf("the folder, with what the killed server left: %v, %s", err, out)
	}
	s = startServer(t, "sqlite:"+file)
	book.settle(t, s)
	s.kill(t)
	checkBooks(t, "sqlite:"+file, &book)
}
