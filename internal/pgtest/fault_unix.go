//go:build unix

package pgtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Freeze suspends all processes of the server, like a machine that hangs: connections stay open, new ones are
// accepted, and nothing answers.
func (c *Cluster) Freeze() error { return c.signal(syscall.SIGSTOP) }

// Thaw resumes them.
func (c *Cluster) Thaw() error { return c.signal(syscall.SIGCONT) }

// Kill ends all processes of the server at once. To clients that looks like a power failure, but nothing that the
// server wrote to files is lost.
func (c *Cluster) Kill() error { return c.signal(syscall.SIGKILL) }

// Shutdown ends the server in an orderly way: it closes connections, and standbys receive everything.
func (c *Cluster) Shutdown() error {
	pid, err := c.pid()
	if err != nil {
		return err
	}
	return syscall.Kill(pid, syscall.SIGINT)
}

// signal sends a signal to the first process of the server, and then to those it has started.
func (c *Cluster) signal(sig syscall.Signal) error {
	pid, err := c.pid()
	if err != nil {
		return err
	}
	err = syscall.Kill(pid, sig)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		b, _ := os.ReadFile(file) // a process may be gone by now
		_, rest, _ := strings.Cut(string(b), ") ")
		fields := strings.Fields(rest)
		if len(fields) < 2 || fields[1] != strconv.Itoa(pid) {
			continue
		}
		child, convErr := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if no := syscall.Kill(child, sig); no != nil && !errors.Is(no, syscall.ESRCH) {
			err = errors.Join(err, no)
		}
		err = errors.Join(err, convErr)
	}
	return err
}

func (c *Cluster) pid() (int, error) {
	b, err := os.ReadFile(filepath.Join(c.dir, "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return 0, fmt.Errorf("postmaster.pid: %w", err)
	}
	return pid, nil
}
