package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tongka/internal/filetest"
	"tongka/internal/ledger"
)

// nobody is the id of a user who owns none of the files.
const nobody = 65534

// An error about permissions says who lacks which permission on what, whichever file or folder is in the way. If
// the test runs as root, whom permissions do not bind, the program runs as somebody else.
func TestNoPermission(t *testing.T) {
	t.Parallel()
	b, dsn := newBooks(t, time.Now(), ledger.Settings{})
	b.mustClose(t)
	from := strings.TrimPrefix(dsn, "sqlite:")
	dir := t.TempDir()
	// The folder of the whole test, which only its owner can enter.
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	program := programOfAll(t)
	put := func(name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		filetest.Copy(t, from, path, mode)
		return path
	}
	folder := func(name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		put(filepath.Join(name, "books.db"), 0o666)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(path, 0o700) })
		return path
	}
	unread, unwritten := put("unread.db", 0), put("unwritten.db", 0o444)
	closed, fixed := folder("closed", 0), folder("fixed", 0o555)
	settings := put("settings.yaml", 0)
	who := "user " + as(t, program)
	for _, c := range []struct{ args, want string }{
		{"merchant list --db sqlite:" + unread, who + " may not read " + unread + ", which belongs to "},
		{"apply --db sqlite:" + unread + " " + unread, who + " may not read " + unread},
		{
			"cards credit --merchant 1 x 5 --db sqlite:" + unwritten,
			who + " may not write " + unwritten + ", which belongs to ",
		},
		{
			"merchant list --db sqlite:" + closed + "/books.db",
			who + " may not look into folder " + closed + ", which belongs to ",
		},
		{"cards credit --merchant 1 x 5 --db sqlite:" + fixed + "/books.db", who + " may not make a file in folder " + fixed},
		{"serve --addr 127.0.0.1:0 --db sqlite:" + fixed + "/new.db", who + " may not make a file in folder " + fixed},
		{
			"cards export --merchant 1 --db sqlite:" + unwritten + " --out " + fixed + "/out.csv",
			who + " may not make a file in folder " + fixed,
		},
		{"verify --config " + settings, who + " may not read " + settings},
	} {
		cmd := asOther(program, strings.Fields(c.args)...)
		out, err := cmd.CombinedOutput()
		text := string(out)
		if err == nil || !strings.Contains(text, "tongka: "+c.want) || !strings.Contains(text, "(sudo -u)") {
			t.Errorf("%s: %v: %s", c.args, err, text)
		}
	}
}

// programOfAll copies the program to where everybody may run it, and returns its path.
func programOfAll(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tongka")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	filetest.Copy(t, self, path, 0o755)
	return path
}

// asOther returns a command that runs the program as somebody whom permissions bind.
func asOther(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), testProgramEnv+"=plain", "HOME=/nonexistent")
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return cmd
}

// as returns the name of the user as whom asOther runs the program.
func as(t *testing.T, program string) string {
	t.Helper()
	cmd := exec.Command("id", "-un")
	cmd.SysProcAttr = asOther(program).SysProcAttr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
