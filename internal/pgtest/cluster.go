package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// watch makes a cluster, serves it and prints that it is ready. It removes the cluster when its input ends, which
// is when the process that started it has ended. Processes that a test has frozen are resumed first.
const watch = `
if [ -n "$PRIMARY" ]; then
	"$BIN/pg_basebackup" -h 127.0.0.1 -p "$PRIMARY" -U postgres -D "$DIR/data" -R -X stream -c fast --no-sync \
		>"$DIR/log" 2>&1
else
	"$BIN/initdb" -D "$DIR/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$DIR/log" 2>&1
fi &&
"$BIN/pg_ctl" -D "$DIR/data" -l "$DIR/log" -w -o "-c listen_addresses=127.0.0.1 -c port=$PORT \
	-c unix_socket_directories='' $OPTIONS" start >>"$DIR/log" 2>&1 && echo ready || echo failed
read -r _
if PID=$(head -n 1 "$DIR/data/postmaster.pid" 2>/dev/null); then
	for F in /proc/[0-9]*/stat; do
		if [ "$(sed 's/.*) . //; s/ .*//' "$F" 2>/dev/null)" = "$PID" ]; then
			kill -CONT "$(basename "$(dirname "$F")")" 2>/dev/null
		fi
	done
	kill -CONT "$PID" 2>/dev/null
fi
"$BIN/pg_ctl" -D "$DIR/data" -m immediate stop >/dev/null 2>&1
rm -rf "$DIR/data" "$DIR/log"
rmdir "$DIR"
`

// Cluster is a temporary server on a free loopback port.
type Cluster struct {
	url  string
	port string
	dir  string
	bin  string
	held io.Closer // the watcher's input, open for as long as the server is needed
	gone chan error
}

// Start starts a server with some settings of its own, like "shared_buffers=1GB". The caller must stop it; if the
// process ends before that, the watcher does.
func Start(settings ...string) (*Cluster, error) { return begin("", settings) }

// Standby starts a server that replicates this one. The caller must stop it before this one.
func (c *Cluster) Standby(settings ...string) (*Cluster, error) { return begin(c.port, settings) }

// begin starts a server: a new one, or a standby of the primary on a port.
func begin(primary string, settings []string) (*Cluster, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "tongka-pg-")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	options := ""
	for _, s := range append([]string{"max_connections=200", "shared_buffers=64MB"}, settings...) {
		options += " -c " + s
	}
	cmd := exec.Command("/bin/sh", "-c", watch)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "BIN="+bin, "DIR="+dir, "PORT="+port, "OPTIONS="+options, "PRIMARY="+primary)
	if err := apart(cmd, dir); err != nil {
		return nil, err
	}
	c := &Cluster{
		bin: bin, dir: dir, port: port, url: "postgres://postgres@127.0.0.1:" + port + "/postgres?sslmode=disable",
		gone: make(chan error, 1),
	}
	return c, c.start(cmd, dir)
}

func (c *Cluster) start(cmd *exec.Cmd, dir string) error {
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.held = in
	said, err := bufio.NewReader(out).ReadString('\n')
	if said != "ready\n" {
		log, _ := os.ReadFile(filepath.Join(dir, "log")) // there may be none
		return fmt.Errorf("the throw-away server did not start: %w\n%s", errors.Join(err, in.Close()), log)
	}
	go func() { c.gone <- cmd.Wait() }()
	return nil
}

// Stop stops the server and removes its files.
func (c *Cluster) Stop() error { return errors.Join(c.held.Close(), <-c.gone) }

// Addr returns the server's address, HOST:PORT.
func (c *Cluster) Addr() string { return "127.0.0.1:" + c.port }

// URL returns the address of the server's own database.
func (c *Cluster) URL() string { return c.url }

// Program returns the path of one of PostgreSQL's programs.
func (c *Cluster) Program(name string) string { return filepath.Join(c.bin, name) }

// Create makes an empty database and returns its address.
func (c *Cluster) Create(ctx context.Context, name string) (string, error) {
	return create(ctx, c.url, name)
}

// programs returns the folder of PostgreSQL's programs.
func programs() (string, error) {
	if path, err := exec.LookPath("pg_config"); err == nil {
		if out, err := exec.Command(path, "--bindir").Output(); err == nil && has(strings.TrimSpace(string(out))) {
			return strings.TrimSpace(string(out)), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	for i := len(found) - 1; i >= 0; i-- { // in sorted order the newest version is last
		if has(found[i]) {
			return found[i], nil
		}
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil && has(filepath.Dir(real)) {
			return filepath.Dir(real), nil
		}
	}
	return "", errors.New("its programs are missing: install the package postgresql, or set TONGKA_TEST_PG to a " +
		"server's address")
}

// has reports whether the folder has a server and the programs to start it.
func has(dir string) bool {
	for _, name := range []string{"initdb", "pg_ctl", "postgres"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}
