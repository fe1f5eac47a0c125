package readmetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")
	goProgram  = regexp.MustCompile("(?s)```go\n(package main\n.*?)```")
)

// TestClientAsPrinted does what client/README.md tells a till's programmer, in a module of its own beside a clone of
// this one and without a network: the command it prints, then its program, built and run against a demo.
func TestClientAsPrinted(t *testing.T) {
	t.Parallel()
	page := read(t, "client/README.md")
	command, program := shellBlock.FindStringSubmatch(page), goProgram.FindStringSubmatch(page)
	if command == nil || program == nil {
		t.Fatal("client/README.md has no command or no program")
	}
	clone, err := filepath.Abs(top)
	if err != nil {
		t.Fatal(err)
	}
	beside := t.TempDir()
	if err := os.Symlink(clone, filepath.Join(beside, "tongka")); err != nil {
		t.Fatal(err)
	}
	till := filepath.Join(beside, "till")
	if err := os.Mkdir(till, 0o700); err != nil {
		t.Fatal(err)
	}
	addr, _, _ := demo(t, build(t), "sqlite:"+filepath.Join(t.TempDir(), "demo.db"))
	source := strings.ReplaceAll(program[1], address, addr)
	if err := os.WriteFile(filepath.Join(till, "main.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = till
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %q: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	run("go", "mod", "init", "example.com/till")
	run("sh", "-ec", command[1])
	run("go", "mod", "tidy")
	if got, want := run("go", "run", "."), "paid 80.00 of 100.00 left 14493.80\n"; got != want {
		t.Errorf("the program of client/README.md printed %q, want %q", got, want)
	}
}
