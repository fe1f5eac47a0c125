package crashtest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience is how long a command may take beside a server under full load, on a machine that other tests keep busy too.
const patience = time.Minute

// patienceOfImports is how long an import may take: it leaves the database to the tills for nineteen of twenty parts of
// the time.
const patienceOfImports = 4 * time.Minute

// besideYAML gives the merchant and a level another name each time it is applied.
const besideYAML = `
merchants:
  - id: 1
    name: 第%d店
    levels: [{id: 2, name: 第%d级}]
agents:
  - {name: other, grants: [{merchant: 1, permissions: [read]}]}
`

// TestBesideServer carries out commands on an SQLite file beside a server that tills keep busy, kills an import
// and then the server. It fails if a command is refused, starved or has no effect, if an acknowledged bill or
// anything that a command reported is lost, or if the books do not hold.
func TestBesideServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dsn := "sqlite:" + filepath.Join(dir, "books.db")
	openBooks(t, dsn)
	c := &commands{t: t, dsn: dsn, dir: dir}
	imported := "cards import --json --merchant 1 " + c.cards("I", 8, 2000)
	c.want(imported, `"opened": 2000`) // with nobody beside it
	// Verify, backup and import stand back for as long as tills are at work, and every bill is proved in the end.
	book := asked{pause: 50 * time.Millisecond}
	s := startServer(t, dsn)
	ctx, cancel := context.WithCancel(t.Context())
	done := book.load(ctx, s, 0)
	c.want(imported, `"opened": 0`, `"opened_before": 2000`)
	for n := range 3 {
		c.round(n)
	}
	c.stopActs(s)
	imported = c.killImport()
	s.kill(t)
	cancel()
	<-done
	s = startServer(t, dsn)
	book.settle(t, s)
	s.kill(t)
	t.Logf("%d requests acknowledged beside %d commands, the slowest of which took %v", book.acked, c.n, c.slowest)
	if book.acked < 200 {
		t.Errorf("only %d requests were acknowledged: the load was no load, or the commands kept it out", book.acked)
	}
	checkBooks(t, dsn, &book)
	c.want("agent list --json", `"name": "t2"`)
	out := filepath.Join(dir, "out.csv")
	c.want("cards export --merchant 1 --out "+out, fmt.Sprintf("%d cards", cards+4*2000+10_000))
	c.want(imported, `"opened": 0`, `"opened_before": 10000`) // with nobody beside it
	c.want("verify --json", `"violations": 0`)
}

// commands carries out commands of the program and counts them.
type commands struct {
	t        *testing.T
	dsn, dir string
	n        int
	slowest  time.Duration
}

func (c *commands) command(ctx context.Context, line string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, append(strings.Fields(line), "--db", c.dsn)...)
	cmd.Env = append(os.Environ(), "TONGKA_KEY_FILE="+filepath.Join(filepath.Dir(program), "key"))
	return cmd
}

func (c *commands) run(line string) string {
	c.t.Helper()
	most := patience
	if strings.HasPrefix(line, "cards import") {
		most = patienceOfImports
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), most)
	defer cancel()
	begun := time.Now()
	out, err := c.command(ctx, line).CombinedOutput()
	c.n++
	c.slowest = max(c.slowest, time.Since(begun))
	if err != nil {
		c.t.Errorf("tongka %s, after %v: %v: %s", line, time.Since(begun), err, out)
	}
	return string(out)
}

func (c *commands) want(line string, texts ...string) {
	c.t.Helper()
	out := c.run(line)
	for _, text := range texts {
		if !strings.Contains(out, text) {
			c.t.Errorf("tongka %s: want %s, got %.2000s", line, text, out)
		}
	}
}

func (c *commands) file(name, text string) string {
	c.t.Helper()
	name = filepath.Join(c.dir, name)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return name
}

// round changes settings, agents and cards, and reads them.
func (c *commands) round(n int) {
	c.t.Helper()
	c.run("apply " + c.file(fmt.Sprintf("s%d.yaml", n), fmt.Sprintf(besideYAML, n, n)))
	c.run(fmt.Sprintf("agent add t%d --grant 1=read", n))
	c.want("cards import --json --merchant 1 "+c.cards("I", n, 2000), `"opened": 2000`, `"refused": 0`)
	c.run("verify")
	c.run(fmt.Sprintf("backup %s", filepath.Join(c.dir, fmt.Sprintf("copy%d.db", n))))
	c.want("merchant list --json", fmt.Sprintf("第%d店", n))
	c.want("level list --json", fmt.Sprintf("第%d级", n))
}

// cards makes a file of cards whose numbers begin with a letter and n.
func (c *commands) cards(letter string, n, rows int) string {
	var b strings.Builder
	b.WriteString("number,name,level,principal\n")
	for i := range rows {
		fmt.Fprintf(&b, "%s%d-%05d,某人,1,1.00\n", letter, n, i)
	}
	return c.file(fmt.Sprintf("%s%d.csv", letter, n), b.String())
}

// stopActs stops an agent. Its token must soon be refused.
func (c *commands) stopActs(s *server) {
	c.t.Helper()
	_, token, found := strings.Cut(c.run("agent add stolen --grant 1=read"), "once: ")
	if !found {
		c.t.Fatal("agent add shows no token")
	}
	c.status(s, strings.TrimSpace(token), http.StatusOK)
	c.run("agent stop stolen")
	c.status(s, strings.TrimSpace(token), http.StatusUnauthorized)
}

// status waits until the server answers the token with this status.
func (c *commands) status(s *server, token string, want int) {
	c.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, s.url+"/api2/member-cjb/cardlevellist", nil)
		if err != nil {
			c.t.Fatal(err)
		}
		req.Header.Set("AUTHORIZATION", token)
		req.Header.Set("CUSTOMERGUID", guid)
		res, err := s.client.Do(req)
		if err != nil {
			c.t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode == want {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("got %d, want %d", res.StatusCode, want)
		}
	}
}

// killImport kills an import half-way and runs it again.
func (c *commands) killImport() string {
	c.t.Helper()
	const rows = 10_000
	line := "cards import --json --merchant 1 " + c.cards("I", 9, rows)
	half := c.command(c.t.Context(), line)
	var out bytes.Buffer
	half.Stderr = &out
	if err := half.Start(); err != nil {
		c.t.Fatal(err)
	}
	time.Sleep(700 * time.Millisecond)
	_ = half.Process.Kill()
	_ = half.Wait() // returns that it was killed
	c.want(line, fmt.Sprintf(`"rows": %d`, rows), `"refused": 0`, fmt.Sprintf(`"principal_fen": %d`, rows*100))
	return line
}

// TestOneServerAFile starts servers on one file by all names it can have: only one may serve it. Commands are
// refused by names under which SQLite would use another log.
func TestOneServerAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, other := filepath.Join(dir, "books.db"), filepath.Join(dir, "other.db")
	openBooks(t, "sqlite:"+file)
	startServer(t, "sqlite:"+file)
	refused := func(name, why, line string) {
		t.Helper()
		c := &commands{t: t, dsn: "sqlite:" + name}
		out, err := c.command(t.Context(), line).CombinedOutput()
		if err == nil || !strings.Contains(string(out), why) || bytes.Count(out, []byte("\n")) != 1 {
			t.Errorf("tongka %s on %s: %v, %s, want one line with %q", line, filepath.Base(name), err, out, why)
		}
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	serve := "serve --addr 127.0.0.1:0"
	refused(file, "in use by another process (tongka serve, process ", serve)
	do(os.Symlink(file, other))
	refused(other, "in use by another process (tongka serve, process ", serve)
	(&commands{t: t, dsn: "sqlite:" + other}).want("agent list --json", `"name": "till"`) // a link leads to the same log
	do(os.Remove(other))

	do(os.Link(file, other))
	for _, line := range []string{serve, "agent list", "agent stop till", "verify"} {
		refused(other, "2 names (hard links)", line)
		refused(file, "2 names (hard links)", line)
	}
	do(os.Remove(other))

	do(os.Rename(file, other)) // like a file that was mounted elsewhere: its log has another name
	refused(other, "in use by another process", serve)
	for _, line := range []string{"agent list", "agent stop till", "verify"} {
		refused(other, "in use under another name", line)
	}
	do(os.Rename(other, file))
	(&commands{t: t, dsn: "sqlite:" + file}).want("agent list --json", `"stopped": false`)
}
