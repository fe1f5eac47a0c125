package crashtest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// beside is a command line as it is carried out beside a server. What stands in braces is filled in by facts.
type beside struct {
	line    string
	want    string // is in what it prints
	refused bool   // it prints one line, and fails
	apart   bool   // it opens no database
}

// besideServer has a line for every command of the program, in the order in which they are carried out.
var besideServer = []beside{
	{line: "demo --addr 127.0.0.1:0", want: "in use by another process", refused: true},
	{line: "serve --addr 127.0.0.1:0", want: "in use by another process", refused: true},
	{line: "ping --ready --addr {addr}", want: "ready", apart: true},
	{line: "version", want: "tongka", apart: true},

	{line: "apply {coupons}", want: "created"},
	{line: "merchant list", want: "第2店"},
	{line: "merchant history --merchant 1", want: "coupon_kinds[1].name"},
	{line: "shop list", want: "总店"},
	{line: "level list", want: "第2级"},
	{line: "rule list", want: "充值送10%"},
	{line: "coupon list", want: "满减券"},

	{line: "agent list", want: "t0"},
	{line: "agent status t0 always-200"},
	{line: "agent token t0", want: "once: "},
	{line: "agent stop t0"},
	{line: "agent resume t0"},
	{line: "agent add dc1 --shop 10 --grant 1=read", want: "once: "},
	{line: "agent history --json", want: `"note": "agent token"`},
	{line: "key add ERP --merchant 1 --permissions read,reports --shops 10", want: "once: tk_"},
	{line: "key renew ERP --merchant 1", want: "once: tk_"},
	{line: "key retire ERP --merchant 1"},
	{line: "key stop ERP --merchant 1"},
	{line: "key resume ERP --merchant 1"},
	{line: "key list", want: "ERP"},

	{line: "webhook add ERP --merchant 1 --url https://127.0.0.1:1/ --webhook-allow 127.0.0.1", want: "once: whsec_"},
	{line: "webhook renew ERP --merchant 1", want: "once: whsec_"},
	{line: "webhook retire ERP --merchant 1"},
	{line: "webhook stop ERP --merchant 1"},
	{line: "webhook resume ERP --merchant 1"},
	{line: "webhook pause ERP --merchant 1", want: "webhook ERP is paused"},
	{line: "webhook resume ERP --merchant 1", want: "goes on"},
	{line: "webhook redeliver ERP --merchant 1 --first 1", want: "once more"},
	{line: "webhook tries ERP --merchant 1"},
	{line: "webhook list", want: "ERP"},
	{line: "webhook stop ERP --merchant 1"},
	{line: "webhook remove ERP --merchant 1", want: "webhook ERP is removed"},
	{line: "person add mei --role cashier --merchant 1", want: "mei may sign in"},
	{line: "person passwd mei", want: "never again"},
	{line: "person stop mei", want: "mei is stopped"},
	{line: "person resume mei", want: "mei may sign in again"},
	{line: "person list", want: "1=cashier"},
	{
		line: "dc78 set --shop 10 --scheme custom digest=sha256 secret=suffix key=prefix --secret-file {secret}",
		want: "digest: sha256",
	},
	{line: "dc78 show --shop 10", want: "digest: sha256"},
	{line: "dc78 settings", want: "action_twice", apart: true},
	{line: "dc78 find-scheme {secret}", want: "give the ApiKey by", refused: true, apart: true},

	{line: "cards import --json --merchant 1 {cards}", want: `"opened": 10`},
	{line: "cards show --merchant 1 B7-00001", want: "1.00"},
	{line: "cards password --merchant 1 B7-00001"},
	{line: "cards lost-phone --merchant 1 B7-00001", want: "modify-details"},
	{line: "cards level --merchant 1 B7-00001 2", want: "第2级"},
	{line: "cards stop --merchant 1 B7-00001", want: "stopped"},
	{line: "cards resume --merchant 1 B7-00001", want: "active"},
	{line: "cards lost --merchant 1 B7-00001", want: "lost"},
	{line: "cards cancel-loss --merchant 1 B7-00001", want: "active"},
	{line: "cards credit --merchant 1 B7-00001 5", want: "5.00"},
	{line: "cards transfer --merchant 1 --request-id a B7-00001 B7-00002 0.50", want: "0.50"},
	{line: "cards withdraw --merchant 1 --request-id b B7-00002 0.25", want: "1.25"},
	{line: "cards give --merchant 1 --request-id c --note 致歉 B7-00006 0.75", want: "0.75"},
	{line: "cards merge --merchant 1 B7-00006 B7-00007", want: "merge-out"},
	{line: "cards replace --merchant 1 B7-00003 B7-NEW", want: "B7-NEW"},
	{line: "cards return --merchant 1 B7-00004", want: "1.00"},
	{line: "cards refund --merchant 1 B7-00005 {bill}", want: "refund-consume"},
	{line: "cards reverse --merchant 1 B7-00005 {recharge}", want: "reverse-recharge"},
	{line: "cards void --merchant 1 V0001 {coupon}", want: "void"},
	{line: "code --merchant 1 B7-00001", want: "77"},
	{line: "cards export --merchant 1 --out {dir}/beside.csv", want: "cards of 第2店"},

	{line: "report days --merchant 1 --to 2001-01-31", want: "up to entry"},
	{line: "report refold --merchant 1"},
	{line: "clock status", want: "newest entry"},
	{line: "clock accept {today}", want: "is accepted at 1 merchants"},
	{line: "clock take-back {today}", want: "at 0 merchants"},
	{line: "verify --json", want: `"violations": 0`},
	{line: "backup {dir}/beside.db", want: "bytes"},
}

const couponsYAML = `
merchants:
  - id: 1
    coupon_kinds: [{id: 1, name: 满减券, type: cash, face: 30, days: 31}]
    cards: [{number: V0001, level: 1, name: 某人, coupons: [{kind: 1, count: 1}]}]
`

// TestEveryCommandHasALine fails if a command of the program has no line in besideServer, so that nobody knows whether
// it works beside a server. The manual is made of the program's command table.
func TestEveryCommandHasALine(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), program, "manual").Output()
	if err != nil {
		t.Fatal(err)
	}
	commands := map[string]bool{}
	for _, found := range regexp.MustCompile("(?m)^### `([a-z][^`]*)`$").FindAllStringSubmatch(string(out), -1) {
		commands[path(found[1])] = false
	}
	for _, b := range besideServer {
		if _, known := commands[path(b.line)]; !known {
			t.Errorf("%q is no command", b.line)
		}
		commands[path(b.line)] = true
	}
	for _, name := range slices.Sorted(maps.Keys(commands)) {
		if !commands[name] {
			t.Errorf("%q has no line in besideServer", name)
		}
	}
	if len(commands) < 45 {
		t.Errorf("the manual has only %d commands: is it read as it is written?", len(commands))
	}
}

// groups are the commands that have others.
var groups = []string{
	"agent", "cards", "clock", "coupon", "dc78", "key", "level", "merchant", "person", "report", "rule", "shop",
	"webhook",
}

// path returns the names of the command that a line begins with.
func path(line string) string {
	fields := strings.Fields(line)
	if len(fields) > 1 && slices.Contains(groups, fields[0]) {
		return fields[0] + " " + fields[1]
	}
	return fields[0]
}

// TestEveryCommandBesideServer carries out every command of the program on an SQLite file that a server works on. It
// fails if one is refused, starved or has no effect, or if the books do not hold.
func TestEveryCommandBesideServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dsn := "sqlite:" + filepath.Join(dir, "books.db")
	openBooks(t, dsn)
	c := &commands{t: t, dsn: dsn, dir: dir}
	for n := range 3 {
		c.run("apply " + c.file("settings.yaml", fmt.Sprintf(besideYAML, n, n)))
	}
	c.run("agent add t0 --grant 1=read")
	s := startServer(t, dsn)
	ctx, cancel := context.WithCancel(t.Context())
	book := make(chan *asked, 1)
	go func() { book <- steadily(ctx, s) }()
	c.everyCommand(s)
	cancel()
	served := <-book
	s.kill(t)
	t.Logf("%d bills beside %d commands, the slowest of which took %v", served.acked, c.n, c.slowest)
	if served.acked < c.n {
		t.Error("there was hardly a bill beside the commands")
	}
	checkBooks(t, dsn, served)
}

// steadily is a till that is served now and then.
func steadily(ctx context.Context, s *server) *asked {
	var book asked
	for n := 0; ctx.Err() == nil; n++ {
		r := &request{id: fmt.Sprintf("steady-%d", n), kind: "consume", card: n % cards, fen: 1}
		answer, _, err := s.ask(context.WithoutCancel(ctx), r)
		if err != nil {
			break // a bill that is not known of is missed by checkBooks
		}
		book.note(r, answer)
		time.Sleep(10 * time.Millisecond)
	}
	return &book
}

// everyCommand carries out the lines of besideServer.
func (c *commands) everyCommand(s *server) {
	c.t.Helper()
	facts := map[string]string{
		"addr": strings.TrimPrefix(s.url, "http://"), "dir": c.dir, "today": time.Now().Format(time.DateOnly),
		"cards": c.cards("B", 7, 10), "coupons": c.file("coupons.yaml", couponsYAML), "secret": c.file("secret", "a secret"),
	}
	for _, b := range besideServer {
		for name, fact := range facts {
			b.line = strings.ReplaceAll(b.line, "{"+name+"}", fact)
		}
		if strings.Contains(b.line, "{") {
			maps.Copy(facts, c.entries(s))
			for name, fact := range facts {
				b.line = strings.ReplaceAll(b.line, "{"+name+"}", fact)
			}
		}
		c.besideOne(b)
	}
}

func (c *commands) besideOne(b beside) {
	c.t.Helper()
	if b.refused || b.apart {
		cmd := c.command(c.t.Context(), b.line)
		if b.apart {
			cmd.Args = cmd.Args[:len(cmd.Args)-2]
		}
		out, err := cmd.CombinedOutput()
		if (err != nil) != b.refused || !strings.Contains(string(out), b.want) {
			c.t.Errorf("tongka %s: want %s, got %v, %.2000s", b.line, b.want, err, out)
		}
		return
	}
	c.want(b.line, b.want)
}

// entries pays money in on a card and takes it off, and returns which entries these are, and a coupon.
func (c *commands) entries(s *server) map[string]string {
	c.t.Helper()
	facts := map[string]string{}
	for _, kind := range []string{"recharge", "consume"} {
		r := &request{id: "beside-" + kind, kind: kind, name: "B7-00005", fen: 50}
		if _, _, err := s.ask(c.t.Context(), r); err != nil {
			c.t.Fatal(err)
		}
	}
	var shown struct {
		Entries []struct {
			Entry int64  `json:"entry"`
			Kind  string `json:"kind"`
		} `json:"entries"`
		Coupons []struct {
			Coupon int64 `json:"coupon"`
		} `json:"coupons"`
	}
	for _, card := range []string{"B7-00005", "V0001"} {
		if err := json.Unmarshal([]byte(c.run("cards show --json --merchant 1 "+card)), &shown); err != nil {
			c.t.Fatal(err)
		}
		for _, e := range shown.Entries {
			switch e.Kind {
			case "consume":
				facts["bill"] = fmt.Sprint(e.Entry)
			case "recharge":
				facts["recharge"] = fmt.Sprint(e.Entry)
			}
		}
		for _, coupon := range shown.Coupons {
			facts["coupon"] = fmt.Sprint(coupon.Coupon)
		}
	}
	return facts
}
