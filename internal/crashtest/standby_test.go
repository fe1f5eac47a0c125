//go:build unix

package crashtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCommandsOnStandby carries out commands on a standby, first while tills keep its primary busy, then after
// they have stopped. It fails if a command that only reads tries to write or reads something else than on the
// primary, or if a command that writes does not say, in one line, that it cannot.
func TestCommandsOnStandby(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	openBooks(t, site.dsn)
	s := startServer(t, site.dsn)
	u, err := url.Parse(site.newDSN(t))
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = "sslmode=disable" // as an operator writes it, without target_session_attrs
	dir := t.TempDir()
	standby := &commands{t: t, dsn: u.String(), dir: dir}
	primary := &commands{t: t, dsn: site.dsn, dir: dir}

	var book asked
	ctx, stop := context.WithCancel(t.Context())
	done := book.load(ctx, s, 0)
	for n := range 3 {
		standby.want("verify --json", `"violations": 0`)
		standby.want(fmt.Sprintf("cards export --merchant 1 --out %s/busy%d.csv", dir, n), fmt.Sprintf("%d cards", cards))
	}
	stop()
	<-done
	book.settle(t, s)
	if book.acked < 100 {
		t.Errorf("only %d requests were acknowledged: the load was no load", book.acked)
	}
	waitFolded(t, site.dsn)
	waitFolded(t, u.String()) // the standby lags a moment behind its primary
	for _, line := range []string{
		"report days --merchant 1", "report days --merchant 1 --by paytype", "agent list --json", "merchant list --json",
		"merchant history --merchant 1", "shop list --json", "level list --json", "rule list --json", "coupon list --json",
		"cards show --merchant 1 " + number(0),
	} {
		if got, want := standby.run(line), primary.run(line); got != want || got == "" {
			t.Errorf("tongka %s: the standby has %s, its primary %s", line, got, want)
		}
	}
	compareExports(t, standby, primary)
	for _, line := range []string{
		"serve --addr 127.0.0.1:0", "agent stop till", "agent add x --grant 1=read", "cards lost --merchant 1 " + number(0),
		"cards import --merchant 1 " + standby.cards("I", 1, 3), "report refold --merchant 1",
		"apply " + standby.file("s.yaml", "merchants:\n  - {id: 1, name: 别的}\n"),
	} {
		out, err := standby.command(t.Context(), line).CombinedOutput()
		if err == nil || strings.Count(string(out), "\n") != 1 || !strings.Contains(string(out), "standby") {
			t.Errorf("tongka %s: %v, %s, want one line that says standby", line, err, out)
		}
	}
}

// compareExports checks that a standby exports the same as its primary.
func compareExports(t *testing.T, standby, primary *commands) {
	t.Helper()
	var files [2]string
	for i, c := range []*commands{standby, primary} {
		file := filepath.Join(c.dir, fmt.Sprintf("at-rest%d.csv", i))
		c.want("cards export --merchant 1 --out "+file, fmt.Sprintf("%d cards", cards))
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		files[i] = string(b)
	}
	if files[0] != files[1] {
		t.Errorf("the standby exports %s, its primary %s", files[0], files[1])
	}
}
