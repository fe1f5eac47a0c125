package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/client"
	"tongka/internal/clock"
	"tongka/internal/command"
	"tongka/internal/config"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
	"tongka/internal/store"
	"tongka/internal/verify"
)

// testProgramEnv makes the test binary run as the program: "plain" with the machine's clock, "clock" with a clock
// that a file sets.
const testProgramEnv = "TONGKA_TEST_PROGRAM"

// replaceClock replaces the program's clock by what the file says: how far the wall clock is off, and as a number
// whether the kernel calls it synchronised.
func replaceClock(file string) {
	testClock = true
	said := func() (off time.Duration, kernel clock.Kernel) {
		text, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		var word string
		if _, err := fmt.Sscan(string(text), &word, &kernel); err != nil {
			panic(err)
		}
		off, err = time.ParseDuration(word)
		if err != nil {
			panic(err)
		}
		return off, kernel
	}
	real := clock.System()
	machine = func() clock.Machine {
		return clock.Machine{
			Read: func() clock.Reading {
				r := real.Read()
				off, _ := said()
				r.Wall = r.Wall.Add(off)
				return r
			},
			Boot:   real.Boot,
			Kernel: func() clock.Kernel { _, kernel := said(); return kernel },
		}
	}
}

// TestClockSettingIsForTests: the real program refuses to start if the variable that tests use is set.
func TestClockSettingIsForTests(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "version")
	cmd.Env = append(os.Environ(), testProgramEnv+"=plain", testClockEnv+"=anything")
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); err == nil || code != exitUsage ||
		!strings.Contains(string(out), testClockEnv+" is for tests") {
		t.Errorf("exit %d, %s", code, out)
	}
}

// TestClockOfNoBooks: the clock commands refuse a mistyped database name, and create no empty database there, for
// which they would report success.
func TestClockOfNoBooks(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "typo.db")
	say := sayTime{Database: config.Database{DB: "sqlite:" + file}, Today: time.Now().Format(time.DateOnly)}
	for name, c := range map[string]interface {
		Run(context.Context, *console) error
	}{"accept": &clockAccept{say}, "take-back": &clockTakeBack{say}} {
		var out strings.Builder
		if err := c.Run(t.Context(), &console{out: &out}); !errors.Is(err, fs.ErrNotExist) || out.Len() > 0 {
			t.Errorf("%s: %v, %q", name, err, out.String())
		}
		if made, err := filepath.Glob(file + "*"); err != nil || len(made) > 0 {
			t.Errorf("%s made %v, %v", name, made, err)
		}
	}
}

// shop is a server with a clock that the test sets, and a till for each wire.
type shop struct {
	t     *testing.T
	dsn   string
	file  string // has how far the clock is off
	addr  string
	cmd   *exec.Cmd
	log   *bytes.Buffer
	guid  string
	token string
	key   string
}

const (
	clockGUID = "{CLOCK-TEST}"
	clockShop = "20001"
)

const clockYAML = `
merchants:
  - id: 1
    guid: "{CLOCK-TEST}"
    name: 钟表店
    settings: {bonus_days: 30, points_days: 30}
    shops: [{id: 20001, guid: "{CLOCK-TEST-SHOP}", name: 总店}]
    levels: [{id: 1, name: 普通, discount: 1, earn: 1}]
    rules: [{id: 1, name: 送一成, kind: percent, add_rate: 0.1}]
    pay_types: [{id: 1, name: 现金}]
    coupon_kinds: [{id: 1, name: 代金券, type: cash, face: 10, days: 30}]
    cards: [{number: A0001, level: 1, name: 王五}, {number: A0002, level: 1, name: 李四}]
agents:
  - {name: till, grants: [{merchant: 1, permissions: [read, consume, recharge, points]}]}
  - {name: dc78, shop: 20001, grants: [{merchant: 1, permissions: [read, modify, consume, recharge, points]}]}
`

// openShop makes books with two cards that have bonus, points and coupons for 30 days.
func openShop(t *testing.T, dsn string) *shop {
	t.Helper()
	dir := t.TempDir()
	s := &shop{t: t, dsn: dsn, file: filepath.Join(dir, "clock"), guid: clockGUID}
	s.set(0, clock.Unsynchronised)
	yaml := filepath.Join(dir, "shop.yaml")
	licence := time.Now().AddDate(0, 0, 60).Format(time.DateOnly)
	text := strings.Replace(clockYAML, "    shops:", "    licence_end: "+licence+"\n    shops:", 1)
	text = strings.ReplaceAll(text, ", grants:", ", until: "+licence+", grants:") // agents have a last day, too
	if err := os.WriteFile(yaml, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out := s.must("apply", "--db", dsn, "--key-file", filepath.Join(dir, "key"), yaml)
	s.token = find(t, `agent till, shown this once: (\S+)`, out)
	s.key = find(t, `agent dc78, shown this once: (\S+)`, out)
	b, err := openBooks(t.Context(), dsn, engine.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.mustClose(t)
	for n, card := range []string{"A0001", "A0002"} {
		b.mustDo(t, command.Recharge{Merchant: 1, Card: card, Amount: 100_00, PayType: 1})
		b.mustDo(t, command.AdjustPoints{Merchant: 1, Card: card, Points: 70})
		b.mustDo(t, command.SendCoupons{Merchant: 1, Card: card, Kind: 1, Numbers: []string{fmt.Sprintf("2800000%d", n)}})
	}
	return s
}

func find(t *testing.T, pattern, in string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(in)
	if m == nil {
		t.Fatalf("no %s in %s", pattern, in)
	}
	return m[1]
}

// set moves the clock that the program reads.
func (s *shop) set(off time.Duration, kernel clock.Kernel) {
	s.t.Helper()
	next := s.file + ".next"
	if err := os.WriteFile(next, fmt.Appendf(nil, "%v %d", off, kernel), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(next, s.file); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) program(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), testProgramEnv+"=clock", testClockEnv+"="+s.file)
	return cmd
}

// run carries out a command line.
func (s *shop) run(args ...string) (string, error) {
	out, err := s.program(args...).CombinedOutput()
	return string(out), err
}

func (s *shop) must(args ...string) string {
	s.t.Helper()
	out, err := s.run(args...)
	if err != nil {
		s.t.Fatalf("%v: %v: %s", args, err, out)
	}
	return out
}

// serve starts the server. It must live, whatever the clock says.
func (s *shop) serve() {
	s.t.Helper()
	s.start("serve", "--db", s.dsn, "--key-file", filepath.Join(filepath.Dir(s.file), "key"),
		"--page-url", "https://card.example.com")
}

func (s *shop) start(args ...string) {
	s.t.Helper()
	addr, err := freeAddr()
	if err != nil {
		s.t.Fatal(err)
	}
	s.addr, s.log = addr, &bytes.Buffer{}
	s.cmd = s.program(append(args, "--addr", addr)...)
	s.cmd.Stderr = s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	cmd := s.cmd
	s.t.Cleanup(func() { _ = cmd.Process.Kill() })
	s.ready(-1, "")
}

func (s *shop) stop() {
	s.t.Helper()
	_ = s.cmd.Process.Signal(os.Interrupt)
	if err := s.cmd.Wait(); err != nil {
		s.t.Fatalf("%v: %s", err, s.log)
	}
}

// ready waits until /readyz responds with a status and a text; -1 stands for any status.
func (s *shop) ready(status int, text string) {
	s.t.Helper()
	last := ""
	for begun := time.Now(); time.Since(begun) < 20*time.Second; time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get("http://" + s.addr + "/readyz")
		if err != nil {
			last = err.Error()
			continue
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		last = fmt.Sprintf("%d %s", resp.StatusCode, body)
		if status == -1 || resp.StatusCode == status && strings.Contains(string(body), text) {
			return
		}
	}
	s.t.Fatalf("readyz says %s, want %d %s; log: %s", last, status, text, s.log)
}

// consume pays a fen with a card by member-cjb, and returns the status; 0 = it was refused by an answer of status 200.
func (s *shop) consume(card string) int {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodPost, "http://"+s.addr+"/api2/member-cjb/consume",
		strings.NewReader(`{"card_id": "`+card+`", "money": "0.01"}`))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("AUTHORIZATION", s.token)
	req.Header.Set("CUSTOMERGUID", s.guid)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode == http.StatusOK && bytes.Contains(body, []byte(`"errcode"`)) {
		return 0
	}
	return resp.StatusCode
}

// dc78 asks for a card by dc78, signed with the right time.
func (s *shop) dc78() error {
	d := &client.DC78{BaseURL: "http://" + s.addr, MSID: clockShop, Key: s.key}
	_, err := d.MbCheck(s.t.Context(), client.MbCheckRequest{Mbno: "A0001"})
	return err
}

// phone returns a phone that is bound to a card.
func (s *shop) phone(card string) *cardPhone {
	s.t.Helper()
	d := &client.DC78{BaseURL: "http://" + s.addr, MSID: clockShop, Key: s.key}
	member, err := d.MbCheck(s.t.Context(), client.MbCheckRequest{Mbno: card, Bind: 1})
	if err != nil {
		s.t.Fatal(err)
	}
	p := &cardPhone{t: s.t, base: d.BaseURL}
	p.bind(strings.TrimPrefix(string(member.BindQR), "https://card.example.com"))
	return p
}

// holds is what a card holds that can expire.
type holds struct {
	Lots    []ledger.Lot
	Points  []ledger.PointLot
	Coupons []ledger.Coupon
}

// state reads from the books what a card holds, while nobody serves them.
func (s *shop) state(card string) (h holds) {
	s.t.Helper()
	st := s.reader()
	defer func() { _ = st.Close() }()
	c, coupons, err := st.Wallet(s.t.Context(), ledger.CardKey{Merchant: 1, Number: card})
	if err != nil {
		s.t.Fatal(err)
	}
	for i := range c.Lots {
		c.Lots[i].Principal = 0 // bills are paid meanwhile
	}
	return holds{c.Lots, c.PointLots, coupons}
}

func (s *shop) reader() *store.Store {
	s.t.Helper()
	st, err := openReader(s.t.Context(), s.dsn)
	if err != nil {
		s.t.Fatal(err)
	}
	return st
}

// newest returns the time of the newest entry, while nobody serves the books.
func (s *shop) newest() time.Time {
	s.t.Helper()
	st := s.reader()
	defer func() { _ = st.Close() }()
	newest, err := st.Newest(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return newest
}

// verify verifies the books, and that no entry is dated in the future.
func (s *shop) verify() {
	s.t.Helper()
	if newest := s.newest(); time.Until(newest) > time.Minute {
		s.t.Errorf("the newest entry is of %v", newest)
	}
	st := s.reader()
	defer func() { _ = st.Close() }()
	err := st.Snapshot(s.t.Context(), func(v *store.View) error {
		results, _, err := verify.Run(context.Background(), v, st, func(int64, int64) {})
		for _, r := range results {
			if r.Violations != 0 {
				s.t.Errorf("invariant %02d: %v", r.Invariant, r.Examples)
			}
		}
		return err
	})
	if err != nil {
		s.t.Error(err)
	}
}

func onBoth(t *testing.T, test func(*testing.T, string)) {
	t.Helper()
	for name, dsn := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "books.db") },
		"postgres": func(t *testing.T) string { return pgtest.DSN(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, dsn(t))
		})
	}
}

// TestClockJumps: the clock of a server is 40 or 400 days ahead for a while, and then right again. Tills of both
// wires are served all the time, /readyz says why the server is not ready, and nothing expires. A server started
// under such a clock stays up, writes nothing, and goes on by itself when the clock is right.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		s := openShop(t, dsn)
		before := map[string]holds{"A0001": s.state("A0001"), "A0002": s.state("A0002")}
		s.serve()
		s.ready(200, "ready")
		phone := s.phone("A0002") // for half a year
		for _, days := range []time.Duration{40, 400} {
			for _, system := range []clock.Kernel{clock.Unsynchronised, clock.Synchronised} { // the kernel may be misled too
				s.set(days*24*time.Hour, system)
				s.ready(503, "the clock is in doubt")
				if status, err := s.consume("A0001"), s.dc78(); status != 200 || err != nil {
					t.Errorf("%d days ahead: consume answers %d, mb_check %v", days, status, err)
				}
				phone.base = "http://" + s.addr // which is another after a start
				if body := phone.ask(http.MethodGet, "/m/", nil); !strings.Contains(body, "110.00") {
					t.Errorf("%d days ahead the phone does not see its card", days)
				}
			}
			s.set(0, clock.Unsynchronised)
			s.ready(200, "ready")
			if status, err := s.consume("A0001"), s.dc78(); status != 200 || err != nil {
				t.Errorf("right again: consume answers %d, mb_check %v", status, err)
			}
			s.set(days*24*time.Hour, clock.Unsynchronised)
			s.stop()
			s.serve()
			s.ready(503, "the clock is in doubt")
			if status := s.consume("A0001"); status != 503 {
				t.Errorf("started %d days ahead: consume answers %d", days, status)
			}
			s.set(0, clock.Unsynchronised)
			s.ready(200, "ready")
			if status, err := s.consume("A0001"), s.dc78(); status != 200 || err != nil {
				t.Errorf("started wrong and right again: consume answers %d, mb_check %v", status, err)
			}
		}
		s.stop()
		for card, want := range before {
			if got := s.state(card); !reflect.DeepEqual(got, want) {
				t.Errorf("card %s: got %+v, want %+v", card, got, want)
			}
		}
		s.verify()
	})
}

// sweptAhead has the hourly sweep run by a clock that is ahead, and then so many cards opened that what expired is
// further back than is looked at in one step.
func (s *shop) sweptAhead(ahead time.Duration) {
	s.t.Helper()
	now := func() time.Time { return time.Now().Add(ahead) }
	b, err := openBooks(s.t.Context(), s.dsn, engine.Config{Clock: now})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := b.sweep(nil).Expire(s.t.Context(), now()); err != nil {
		s.t.Fatal(err)
	}
	more := command.Import{Merchant: 1}
	for i := range windowStep + 1 {
		more.Cards = append(more.Cards, newCard(fmt.Sprintf("C%04d", i)))
	}
	b.mustDo(s.t, more)
	b.mustClose(s.t)
}

// TestClockWronglyAccepted: somebody accepts a clock that is 40 days ahead. When the time is taken back, all that
// had expired by it is restored to the fen and the day. Between the two the server starts like any other.
func TestClockWronglyAccepted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		s := openShop(t, dsn)
		before := map[string]holds{"A0001": s.state("A0001"), "A0002": s.state("A0002")}
		const wrong = 40 * 24 * time.Hour
		s.set(wrong, clock.Unsynchronised)
		day := time.Now().UTC().Add(wrong).Format(time.DateOnly)
		if out, err := s.run("clock", "accept", "--db", dsn, time.Now().UTC().Format(time.DateOnly)); err == nil || !strings.Contains(out, "set it right first") {
			t.Errorf("accepted by a day that the clock does not show: %v, %s", err, out)
		}
		s.must("clock", "accept", "--db", dsn, day)
		s.serve()
		s.ready(200, "ready")
		for _, card := range []string{"A0001", "A0002"} {
			if status := s.consume(card); status != 200 {
				t.Errorf("consume answers %d", status)
			}
		}
		s.stop()
		s.sweptAhead(wrong)
		if got := s.state("A0001"); len(got.Coupons) != 0 || len(got.Points) != 0 {
			t.Fatalf("nothing expired: %+v", got)
		}
		s.set(0, clock.Unsynchronised)
		s.serve()
		s.ready(503, "the clock is in doubt")
		if status := s.consume("A0001"); status != 503 {
			t.Errorf("consume answers %d", status)
		}
		s.stop()
		today := time.Now().UTC().Format(time.DateOnly)
		if out, err := s.run("clock", "accept", "--db", dsn, today); err == nil || !strings.Contains(out, "take-back") {
			t.Errorf("accepted a time that is behind: %v, %s", err, out)
		}
		out := s.must("clock", "take-back", "--db", dsn, "--note", "年份错", today)
		if !strings.Contains(out, "at 1 merchants; on 2 cards") || !strings.Contains(out, "2 coupons") {
			t.Errorf("it says %s", out)
		}
		if out := s.must("clock", "take-back", "--db", dsn, today); !strings.Contains(out, "at 0 merchants; on 0 cards") {
			t.Errorf("a second time it says %s", out)
		}
		for card, want := range before {
			if got := s.state(card); !reflect.DeepEqual(got, want) {
				t.Errorf("card %s: got %+v, want %+v", card, got, want)
			}
		}
		s.serve()
		s.ready(200, "ready")
		if status, err := s.consume("A0001"), s.dc78(); status != 200 || err != nil {
			t.Errorf("afterwards: consume answers %d, mb_check %v", status, err)
		}
		s.stop()
		s.verify()
	})
}

// TestTakeBackNamesForfeits: a bonus that expired by a wrong clock and comes back after its principal was sent to
// another card or paid out is forfeited. What is said counts it as not there, and names the card.
func TestTakeBackNamesForfeits(t *testing.T) {
	t.Parallel()
	s := openShop(t, "sqlite:"+filepath.Join(t.TempDir(), "tongka.db"))
	const wrong = 40 * 24 * time.Hour
	b, err := openBooks(t.Context(), s.dsn, engine.Config{Clock: func() time.Time { return time.Now().Add(wrong) }})
	if err != nil {
		t.Fatal(err)
	}
	b.mustDo(t, command.Transfer{Merchant: 1, From: "A0001", To: "A0002", Amount: 60_00})
	b.mustDo(t, command.Withdraw{Merchant: 1, Card: "A0002", Amount: 10_00}) // of the principal that came
	b.mustDo(t, command.Withdraw{Merchant: 1, Card: "A0002", Amount: 150_00})
	b.mustClose(t)
	out := s.must("clock", "take-back", "--db", s.dsn, time.Now().UTC().Format(time.DateOnly))
	for _, want := range []string{
		"at 1 merchants; on 2 cards something is there again: bonus 4.00, 140 points, 0 coupons\n",
		"merchant 1, card A0001: a bonus of 6.00 that came back was forfeited, because the principal it was given for had " +
			"been sent to card A0002\n",
		"merchant 1, card A0002: a bonus of 10.00 that came back was forfeited, because the principal it was given for had " +
			"been paid out\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it says\n%swant\n%s", out, want)
		}
	}
	var bonus ledger.Fen
	for _, card := range []string{"A0001", "A0002"} {
		for _, lot := range s.state(card).Lots {
			bonus += lot.Bonus
		}
	}
	if bonus != 4_00 {
		t.Errorf("the cards have a bonus of %v", bonus)
	}
	s.verify()
}

// TestTakeBackNamesMerges: what expired by a wrong clock cannot come back to a card that was merged meanwhile. It is
// told with both cards; what did not expire by it, and went along, is not.
func TestTakeBackNamesMerges(t *testing.T) {
	t.Parallel()
	for swept, told := range map[bool]string{false: "bonus 10.00, 70 points, 0 coupons", true: "bonus 10.00, 70 points, 1 coupons"} {
		t.Run(told, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, "sqlite:"+filepath.Join(t.TempDir(), "tongka.db"))
			const wrong = 40 * 24 * time.Hour
			if swept {
				s.sweptAhead(wrong)
			}
			b, err := openBooks(t.Context(), s.dsn, engine.Config{Clock: func() time.Time { return time.Now().Add(wrong) }})
			if err != nil {
				t.Fatal(err)
			}
			b.mustDo(t, command.Merge{Merchant: 1, From: "A0001", To: "A0002"})
			b.mustClose(t)
			out := s.must("clock", "take-back", "--db", s.dsn, time.Now().UTC().Format(time.DateOnly))
			want := "merchant 1, card A0001: what had expired did not go along when the card was merged into card A0002: " +
				told + "\n"
			if strings.Count(out, "merchant 1, card") != 1 || !strings.Contains(out, want) {
				t.Errorf("it says %s\nwant %s", out, want)
			}
			s.verify()
		})
	}
}

// TestTakeBackNamesPoints: points of a rule that expired by a wrong clock do not go along when their money is sent to
// another card, and are told with both cards; those that would have expired by the right time too are not.
func TestTakeBackNamesPoints(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "tongka.db")
	now := time.Now()
	b, err := openBooks(t.Context(), dsn, engine.Config{Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.SaveMerchant(t.Context(), ledger.Merchant{
		ID: 1, GUID: "{M}", Name: "店家", Zone: time.UTC, Settings: ledger.Settings{PointsDays: 10},
		Shops:    []ledger.Shop{{ID: 1, GUID: "{S}", Name: "店"}},
		Levels:   []ledger.Level{{ID: 1, Name: "会员", PayRate: ledger.Percent100}},
		PayTypes: []ledger.PayType{{ID: 1, Name: "现金"}},
		Rules:    []ledger.Rule{{ID: 1, Name: "送", Kind: ledger.FromAmount, Threshold: 20_00, AddPoints: 500}},
	}); err != nil {
		t.Fatal(err)
	}
	right := now
	for i, card := range []string{"A0002", "A0001", "B0001"} {
		now = right.AddDate(0, 0, 40*min(0, i-1)) // the first one's points expire by the right time, too
		b.mustDo(t, command.Open{Merchant: 1, Card: newCard(card)})
		b.mustDo(t, command.Recharge{Merchant: 1, Card: card, Amount: 20_00, PayType: 1})
	}
	now = right.AddDate(0, 0, 40)
	for _, card := range []string{"A0001", "A0002"} {
		b.mustDo(t, command.Transfer{Merchant: 1, From: card, To: "B0001", Amount: 20_00})
	}
	b.mustClose(t)
	var out, failed bytes.Buffer
	args := []string{"clock", "take-back", "--db", dsn, right.UTC().Format(time.DateOnly)}
	if code := run(t.Context(), &console{out: &out, err: &failed}, args); code != 0 {
		t.Fatal(failed.String())
	}
	const told = "merchant 1, card A0001: 500 points that had expired did not go along when the principal they were " +
		"given for was sent to card B0001\n"
	if !strings.Contains(out.String(), told) || strings.Contains(out.String(), "card A0002") {
		t.Errorf("it says\n%s", out.String())
	}
	if code, stderr := carryOut(t.Context(), "verify", "--db", dsn); code != 0 {
		t.Error(stderr)
	}
}

// TestTakeBackKeepsGuards: taking the time back forgets locks and counts that end after it, once; a later call does not
// forget those of since. A signature that was used stays used.
func TestTakeBackKeepsGuards(t *testing.T) {
	t.Parallel()
	s := openShop(t, "sqlite:"+filepath.Join(t.TempDir(), "tongka.db"))
	guards := func() (kinds []ledger.GuardKind) {
		st := s.reader()
		defer func() { _ = st.Close() }()
		err := st.EachGuard(t.Context(), 1, func(g *ledger.Guard) error {
			kinds = append(kinds, g.Kind)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return kinds
	}
	act := func(ahead time.Duration, signature string) {
		now := func() time.Time { return time.Now().Add(ahead) }
		b, err := openBooks(t.Context(), s.dsn, engine.Config{Clock: now})
		if err != nil {
			t.Fatal(err)
		}
		defer b.mustClose(t)
		_, _ = b.engine.Do(t.Context(), command.Scanned{
			Merchant: 1, ID: 1, Card: "A0001", From: "192.0.2.1",
			Check: func(*ledger.Card, time.Time) (int64, bool) { return 0, false },
		})
		b.mustDo(t, command.Once{
			Command: command.Consume{Merchant: 1, Card: "A0001", Amount: 1},
			Key:     ledger.RequestKey{Scope: "test", ID: signature}, Answer: func(command.Changes) []byte { return nil },
			Signature: command.Signature{Subject: signature, Until: now().Add(time.Hour)},
		})
	}
	back := func(want ...ledger.GuardKind) {
		t.Helper()
		s.must("clock", "take-back", "--db", s.dsn, time.Now().UTC().Format(time.DateOnly))
		if got := guards(); !slices.Equal(got, want) {
			t.Errorf("guards of kinds %v, want %v", got, want)
		}
	}
	act(40*24*time.Hour, "one")
	back(ledger.SignatureUsed)
	act(0, "two")
	back(ledger.MissesOfAgent, ledger.MissesOfAddress, ledger.SignatureUsed, ledger.SignatureUsed)
	s.verify()
}

// TestStartAfterMonths: a server that was off for months goes into service by itself if the kernel calls the clock
// synchronised, and otherwise when a person accepts the clock from the command line; neither needs a restart.
func TestStartAfterMonths(t *testing.T) {
	t.Parallel()
	const months = 90 * 24 * time.Hour
	t.Run("system", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, "sqlite:"+filepath.Join(t.TempDir(), "books.db"))
		s.set(months, clock.Unsynchronised)
		s.serve()
		s.ready(503, "the clock is in doubt")
		s.set(months, clock.Synchronised)
		s.ready(200, "ready")
		s.stop()
	})
	t.Run("person", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, dsn string) {
			s := openShop(t, dsn)
			s.set(40*24*time.Hour, clock.Unsynchronised) // the licence is for 60 days
			s.serve()
			s.ready(503, "the clock is in doubt")
			if out := s.must("clock", "status", "--db", dsn); !strings.Contains(out, "in doubt: ") ||
				!strings.Contains(out, "tongka clock accept") {
				t.Errorf("it says %s", out)
			}
			if out, err := s.run("cards", "credit", "--db", dsn, "--merchant", "1", "A0001", "5"); err == nil ||
				!strings.Contains(out, "the clock") {
				t.Errorf("a command that writes: %v, %s", err, out)
			}
			csv := filepath.Join(t.TempDir(), "cards.csv") // what has expired is not exported
			if out, err := s.run("cards", "export", "--db", dsn, "--merchant", "1", "--out", csv); err == nil ||
				!strings.Contains(out, "the clock") {
				t.Errorf("an export: %v, %s", err, out)
			}
			s.must("clock", "accept", "--db", dsn, time.Now().UTC().AddDate(0, 0, 40).Format(time.DateOnly))
			s.ready(200, "ready")
			if status := s.consume("A0001"); status != 200 {
				t.Errorf("consume answers %d", status)
			}
			s.stop()
		})
	})
}

// TestCommandConfirmsNothing: while a server doubts a clock that was set far forward, no command that is run beside it
// believes that clock, whatever the kernel says: its entry would end the server's doubt. What may be done at any time
// is dated by the time that is known. A server that starts, or a person, may confirm it.
func TestCommandConfirmsNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		s := openShop(t, dsn)
		dir := filepath.Dir(s.file)
		key := filepath.Join(dir, "key")
		cards := filepath.Join(dir, "cards.csv")
		if err := os.WriteFile(cards, []byte("number,level,name\nB0001,1,孙七\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		yaml := filepath.Join(dir, "more.yaml")
		more := strings.Replace(clockYAML, "cards: [", "cards: [{number: A0003, level: 1, name: 赵六}, ", 1)
		if err := os.WriteFile(yaml, []byte(more), 0o600); err != nil {
			t.Fatal(err)
		}
		before := s.state("A0001")
		s.serve()
		s.ready(200, "ready")
		for _, days := range []time.Duration{40, 400} {
			s.set(days*24*time.Hour, clock.Synchronised)
			s.ready(503, "the clock is in doubt")
			for _, args := range [][]string{
				{"cards", "lost", "--db", dsn, "--merchant", "1", "A0002"},
				{"cards", "password", "--db", dsn, "--key-file", key, "--merchant", "1", "A0002"},
				{"cards", "import", "--db", dsn, "--merchant", "1", cards},
				{"cards", "export", "--db", dsn, "--merchant", "1", "--out", filepath.Join(dir, "out.csv")},
				{"apply", "--db", dsn, "--key-file", key, yaml},
			} {
				if out, err := s.run(args...); err == nil || !strings.Contains(out, "the clock of this machine") ||
					!strings.Contains(out, "tongka clock accept") {
					t.Errorf("%d days ahead, %s: %v, %s", days, strings.Join(args[:2], " "), err, out)
				}
			}
			s.must("agent", "stop", "--db", dsn, "dc78")
			s.must("agent", "token", "--db", dsn, "--key-file", key, "dc78")
			if out := s.must("clock", "status", "--db", dsn); !strings.Contains(out, "tongka clock accept") ||
				strings.HasPrefix(dsn, "sqlite:") != strings.Contains(out, "a command does not: ") {
				t.Errorf("%d days ahead, clock status says %s", days, out)
			}
			time.Sleep(1500 * time.Millisecond) // the server looks at the books every second
			s.ready(503, "the clock is in doubt")
			if status := s.consume("A0001"); status != 200 {
				t.Errorf("%d days ahead: consume answers %d", days, status)
			}
			s.set(0, clock.Unsynchronised)
			s.ready(200, "ready")
			s.must("agent", "resume", "--db", dsn, "dc78")
		}
		s.must("cards", "lost", "--db", dsn, "--merchant", "1", "A0002")
		s.stop()
		if got := s.state("A0001"); !reflect.DeepEqual(got, before) {
			t.Errorf("got %+v, want %+v", got, before)
		}
		s.verify()
	})
}

// TestTakeBackBesideServer: the time is taken back while a server still dates bills by the wrong time. The server
// notices, goes on at the right time without a restart, on both wires, and no bill is lost or permanently refused.
func TestTakeBackBesideServer(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		s := openShop(t, dsn)
		const wrong = 40 * 24 * time.Hour
		s.set(wrong, clock.Unsynchronised)
		s.must("clock", "accept", "--db", dsn, time.Now().UTC().Add(wrong).Format(time.DateOnly))
		s.serve()
		s.ready(200, "ready")
		if status := s.consume("A0001"); status != 200 {
			t.Fatalf("consume answers %d", status)
		}
		s.set(0, clock.Unsynchronised)
		s.ready(503, "the clock is in doubt")
		stop := make(chan struct{})
		paid := make(chan int)
		go func() {
			n := 0
			for {
				select {
				case <-stop:
					paid <- n
					return
				case <-time.After(20 * time.Millisecond):
					if s.consume("A0002") == 200 {
						n++
					}
				}
			}
		}()
		out := s.must("clock", "take-back", "--db", dsn, time.Now().UTC().Format(time.DateOnly))
		s.ready(200, "ready")
		close(stop)
		if n := <-paid; n == 0 {
			t.Error("no bill was paid meanwhile")
		}
		if !strings.Contains(out, "at 1 merchants") {
			t.Errorf("it says %s", out)
		}
		if status, err := s.consume("A0001"), s.dc78(); status != 200 || err != nil {
			t.Errorf("afterwards: consume answers %d, mb_check %v", status, err)
		}
		s.stop()
		s.verify()
		if h := s.state("A0001"); len(h.Lots) != 1 || h.Lots[0].Bonus != 10_00 || len(h.Points) == 0 ||
			h.Coupons[0].State != ledger.Unused {
			t.Errorf("card A0001 holds %+v", h)
		}
	})
}

// TestDemoGoesByAnyClock: the demo has nothing to lose, so it accepts whatever the machine's clock says, and starts
// even after an earlier run whose clock was ahead.
func TestDemoGoesByAnyClock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := &shop{
		t: t, dsn: "sqlite:" + filepath.Join(dir, "demo.db"), file: filepath.Join(dir, "clock"),
		guid: "{DEFAULT-AUTO-8E5A-BDE2-34ABA1BD956C9}", token: "test",
	}
	for _, days := range []time.Duration{0, 400, 0, 800} {
		s.set(days*24*time.Hour, clock.Unsynchronised)
		s.start("demo", "--no-year", "--db", s.dsn)
		s.ready(200, "ready")
		if status := s.consume("M000123"); status != 200 {
			t.Errorf("%d days ahead: consume answers %d", days, status)
		}
		s.set(days*24*time.Hour+8*24*time.Hour, clock.Unsynchronised) // the laptop slept for a week
		if status := s.consume("M000123"); status != 200 {
			t.Errorf("%d days ahead, and a week later: consume answers %d", days, status)
		}
		s.stop()
		newest, want := s.newest(), time.Now().Add((days+8)*24*time.Hour)
		if newest.Sub(want).Abs() > time.Minute {
			t.Errorf("%d days ahead, and a week later: a bill is dated %v", days, newest)
		}
	}
	s.set(0, clock.Unsynchronised)
	s.start("demo", "--no-year", "--db", s.dsn)
	s.ready(200, "ready")
	s.stop()
	s.verify()
}
