package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongka/internal/cardfile"
	"tongka/internal/command"
	"tongka/internal/job"
	"tongka/internal/ledger"
)

// cardsFile writes a file with that many rows, of which every hundredth is wrong.
func cardsFile(t testing.TB, rows int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("number,level,name,phone,principal,bonus,points\n")
	for n := range rows {
		number := fmt.Sprintf("%08d", n)
		if n%100 == 99 {
			number = "*"
		}
		fmt.Fprintf(&b, "%s,1,王%d,138%08d,10.00,2.00,5\n", number, n, n)
	}
	path := filepath.Join(t.TempDir(), "cards.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// importing is an import with the file of the rows it refuses.
type importing struct {
	*job.Import
	refused *refusedFile
}

func (b *books) importer(t testing.TB, path string, chunk int) *importing {
	t.Helper()
	source, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = source.Close() })
	file, err := cardfile.Look(source, "")
	if err != nil {
		t.Fatal(err)
	}
	c := &cardsImport{File: path, Merchant: "1"}
	i, err := c.prepare(t.Context(), &importInto{books: b, do: b.engine.Bulk(nil)}, file)
	if err != nil {
		t.Fatal(err)
	}
	refused := &refusedFile{from: i.Rows}
	if refused.path, err = c.refusedPath(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = refused.close() })
	i.Chunk, i.Each = chunk, refused.add
	return &importing{i, refused}
}

// run imports the file.
func (i *importing) run(t testing.TB) cardfile.Report {
	t.Helper()
	report, err := i.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// cutAt makes an import fail at one of its chunks.
type cutAt struct {
	job.Starter
	suffix string
	err    error
}

func (c cutAt) Start(ctx context.Context, cmd command.Command) func() (command.Changes, error) {
	if strings.HasSuffix(cmd.(command.Once).Key.ID, c.suffix) {
		return func() (command.Changes, error) { return command.Changes{}, c.err }
	}
	return c.Starter.Start(context.WithoutCancel(ctx), cmd)
}

// An import that was cut short goes on where it was: nothing is opened twice or left out, and the report and the
// refused rows are the same as those of an uninterrupted import (invariant 44).
func TestImportResumes(t *testing.T) {
	t.Parallel()
	const chunk, rows = 90, 317
	path := cardsFile(t, rows)
	b, _ := newBooks(t, time.Now(), ledger.Settings{})
	defer b.mustClose(t)

	cut := errors.New("cut")
	broken := b.importer(t, path, chunk)
	broken.Do = cutAt{broken.Do, "-2", cut}
	if _, err := broken.Run(t.Context()); !errors.Is(err, cut) {
		t.Fatalf("got %v", err)
	}

	again := b.importer(t, path, chunk)
	r := again.run(t)
	const refused = rows / 100
	if r.Rows != rows || r.Opened+r.Before != rows-refused || r.Before < 2*chunk-2 || r.Opened == 0 ||
		r.Refused != refused {
		t.Errorf("report: %+v", r)
	}
	const opened = rows - refused
	if r.Principal != opened*10_00 || r.Bonus != opened*2_00 || r.Points != opened*5 {
		t.Errorf("totals of %d cards: %v, %v and %d", opened, r.Principal, r.Bonus, r.Points)
	}
	var sum totals
	err := b.EachCard(t.Context(), 1, func(c *ledger.Card) error {
		sum.cards++
		sum.principal += c.Principal
		sum.bonus += c.Bonus
		sum.points += c.Points
		return nil
	})
	if err != nil || sum.cards != opened || sum.principal != r.Principal || sum.bonus != r.Bonus ||
		sum.points != r.Points {
		t.Errorf("books: %+v, %v", sum, err)
	}
	if err := again.refused.close(); err != nil {
		t.Fatal(err)
	}
	again.refused.file = nil
	text, err := os.ReadFile(again.refused.path)
	if err != nil || strings.Count(string(text), "\n") != 1+refused {
		t.Errorf("refused rows: %s, %v", text, err)
	}
}

// A dry run decides by the same rules as an import, across chunks too, and changes nothing.
func TestImportDryRun(t *testing.T) {
	t.Parallel()
	const chunk, rows = 20, 50
	path := cardsFile(t, rows)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, "00000000,1,again,,,,\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	b, _ := newBooks(t, time.Now(), ledger.Settings{})
	defer b.mustClose(t)
	report := func(dry bool) cardfile.Report {
		t.Helper()
		i := b.importer(t, path, chunk)
		if dry {
			i.Do = job.NewTrial(b, time.Now)
		}
		return i.run(t)
	}
	trial := report(true)
	if trial.Opened != rows || trial.Refused != 1 {
		t.Errorf("trial: %+v", trial)
	}
	if real := report(false); real != trial {
		t.Errorf("got %+v, the trial said %+v", real, trial)
	}
	if again := report(true); again.Opened != 0 || again.Before != rows || again.Refused != 1 {
		t.Errorf("trial of what is done: %+v", again)
	}
}

// An inner code belongs to one card, in a dry run as in an import, whether the other row with it is in the same
// chunk, in the next one, which is decided while this one is saved, or in a later one.
func TestImportInnerCodes(t *testing.T) {
	t.Parallel()
	const chunk = 2
	rows := "number,level,name,extid\n" +
		"A0001,1,x,7\nA0002,1,x,7\n" + // A0002 is refused
		"A0003,1,x,7\nA0004,1,x,8\n" + // A0003
		"A0005,1,x,8\nA0006,1,x,\n" + // A0005
		"A0007,1,x,7\nA0008,1,x,\n" // A0007
	path := filepath.Join(t.TempDir(), "cards.csv")
	if err := os.WriteFile(path, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	b, _ := newBooks(t, time.Now(), ledger.Settings{})
	defer b.mustClose(t)
	for _, dry := range []bool{true, false} {
		i := b.importer(t, path, chunk)
		if dry {
			i.Do = job.NewTrial(b, time.Now)
		}
		if r := i.run(t); r.Opened != 4 || r.Refused != 4 {
			t.Errorf("dry run %t: %+v", dry, r)
		}
	}
}

// BenchmarkImport opens 500,000 cards with balances on SQLite.
func BenchmarkImport(b *testing.B) {
	const rows = 500_000
	path := cardsFile(b, rows)
	for b.Loop() {
		b.StopTimer()
		into, _ := newBooks(b, time.Now(), ledger.Settings{})
		i := into.importer(b, path, 0)
		b.StartTimer()
		i.run(b)
		b.StopTimer()
		into.mustClose(b)
		b.StartTimer()
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "cards/s")
}

// An import beside a server that works on the same merchant makes progress, and loses and duplicates nothing.
func TestImportBesideAServer(t *testing.T) {
	t.Parallel()
	const rows = 400
	b, _ := newBooks(t, time.Now(), ledger.Settings{})
	defer b.mustClose(t)
	card := command.NewCard{Number: "busy-1", Level: 1, Holder: ledger.Holder{Name: "某人"}, Principal: 1_000_00}
	if _, err := b.engine.Do(t.Context(), command.Open{Merchant: 1, Card: card}); err != nil {
		t.Fatal(err)
	}
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		bills := 0
		for {
			select {
			case <-stop:
				done <- bills
				return
			case <-time.After(30 * time.Millisecond):
			}
			if _, err := b.engine.Do(context.Background(), command.Consume{Merchant: 1, Card: "busy-1", Amount: 1}); err != nil {
				t.Errorf("bill: %v", err)
			}
			bills++
		}
	}()
	i := b.importer(t, cardsFile(t, rows), 50)
	report := i.run(t)
	close(stop)
	bills := <-done
	if want := rows - rows/100; report.Opened != want || report.Before != 0 {
		t.Errorf("report: %+v, want %d opened", report, want)
	}
	c, err := b.Card(t.Context(), ledger.CardKey{Merchant: 1, Number: "busy-1"})
	if err != nil || c.SumConsume != ledger.Fen(bills) {
		t.Errorf("%d bills, the card has %v spent, %v", bills, c.SumConsume, err)
	}
}

// What has expired is not exported, even if no entry has taken it off yet: an import would make it valid again.
func TestExportLeavesOutWhatExpired(t *testing.T) {
	t.Parallel()
	now := time.Now()
	b, _ := newBooks(t, now, ledger.Settings{BonusDays: 1, PointsDays: 1})
	defer b.mustClose(t)
	card := command.NewCard{
		Number: "A0001", Level: 1, Holder: ledger.Holder{Name: "某人"}, Principal: 10_00, Bonus: 5_00, Points: 7,
	}
	if _, err := b.engine.Do(t.Context(), command.Open{Merchant: 1, Card: card}); err != nil {
		t.Fatal(err)
	}
	m, err := findMerchant(t.Context(), b, "1")
	if err != nil {
		t.Fatal(err)
	}
	for days, want := range map[int]string{0: ",10.00,5.00,7,", 3: ",10.00,0.00,0,"} {
		var file strings.Builder
		sum, err := exportCards(t.Context(), b.Store, m, now.AddDate(0, 0, days), &file)
		if err != nil || !strings.Contains(file.String(), want) {
			t.Errorf("after %d days: got %s, %v", days, file.String(), err)
		}
		if told := fmt.Sprintf(",%v,%v,%d,", sum.principal, sum.bonus, sum.points); told != want {
			t.Errorf("after %d days: told %s", days, told)
		}
	}
}

// What an export leaves out is told with the number of cards that have it. Cards that are closed, which an import
// refuses, and coupons that are used up or whose last day has passed do not count.
func TestExportTellsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	b, dsn := newBooks(t, time.Now(), ledger.Settings{})
	m, err := findMerchant(t.Context(), b, "1")
	if err != nil {
		t.Fatal(err)
	}
	terms := ledger.CouponTerms{Kind: 1, Name: "券", Type: ledger.CashCoupon, Face: 1_00}
	m.CouponKinds = []ledger.CouponKind{{CouponTerms: terms, Days: 2}}
	if err := b.SaveMerchant(t.Context(), *m); err != nil {
		t.Fatal(err)
	}
	export := func(name string) string {
		t.Helper()
		var out, stderr bytes.Buffer
		args := []string{"cards", "export", "--db", dsn, "--merchant", "1", "--out", filepath.Join(t.TempDir(), name)}
		if code := run(t.Context(), &console{out: &out, err: &stderr}, args); code != 0 {
			t.Fatalf("got %d, %s", code, stderr.String())
		}
		return out.String()
	}
	for _, number := range []string{"A1", "A2", "A3", "A4"} {
		b.mustDo(t, command.Open{Merchant: 1, Card: newCard(number)})
	}
	if told := export("none.csv"); told != "4 cards of n: principal 0.00, bonus 0.00, points 0\n" {
		t.Errorf("nothing is left out: got %s", told)
	}
	credit := ledger.Fen(5_00)
	for _, number := range []string{"A1", "A2", "A4"} {
		b.mustDo(t, command.ModifyDetails{Merchant: 1, Card: number, Credit: &credit})
	}
	b.mustDo(t, command.Consume{Merchant: 1, Card: "A2", Amount: 3_00})
	b.mustDo(t, command.SendCoupons{Merchant: 1, Card: "A3", Kind: 1, Numbers: []string{"10000001", "10000002"}})
	b.mustDo(t, command.SendCoupons{Merchant: 1, Card: "A4", Kind: 1, Numbers: []string{"10000003"}})
	b.mustDo(t, command.Return{Merchant: 1, Card: "A4"})
	told := export("all.csv")
	for _, want := range []string{
		"\n2 of them have credit, ", "\n1 of them have unused coupons, ", "\n1 of them owe, and have a negative principal in the file: ",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("got %s, want %s", told, want)
		}
	}
	var file strings.Builder
	sum, err := exportCards(t.Context(), b.Store, m, time.Now().AddDate(0, 0, 5), &file)
	if err != nil || sum.coupons != 0 || sum.credit != 2 || sum.owing != 1 ||
		!strings.Contains(file.String(), ",-3.00,0.00,") {
		t.Errorf("after the coupons' last day: got %+v, %v, %s", sum, err, file.String())
	}
	b.mustClose(t)
}

// An import that was begun beside tills is recognised when it goes on without them, and the other way round,
// although the chunks differ in size.
func TestImportKnowsHowAFileWasDivided(t *testing.T) {
	t.Parallel()
	const rows = 250
	for _, alone := range []bool{true, false} {
		b, _ := newBooks(t, time.Now(), ledger.Settings{})
		defer b.mustClose(t)
		path := cardsFile(t, rows)
		for run, beside := range []bool{alone, !alone} {
			i := b.importer(t, path, 0)
			if err := i.Divide(t.Context(), b, beside); err != nil {
				t.Fatal(err)
			}
			if r := i.run(t); r.Before != run*(rows-rows/100) || r.Taken != 0 {
				t.Errorf("first alone %t, run %d: %+v", alone, run, r)
			}
		}
	}
}

// A file that is read otherwise than before, by another level of rows that name none, or since a level is there that
// its rows name, is decided again: what was refused comes in, nothing does twice, and nothing is told to be there that
// is not.
func TestImportReadOtherwise(t *testing.T) {
	t.Parallel()
	b, _ := newBooks(t, time.Now(), ledger.Settings{})
	defer b.mustClose(t)
	path := filepath.Join(t.TempDir(), "cards.csv")
	if err := os.WriteFile(path, []byte("number,name,level,balance\nA0001,x,1,5\nA0002,x,金卡,5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(want cardfile.Report) {
		t.Helper()
		i := b.importer(t, path, 0)
		if err := i.Divide(t.Context(), b, true); err != nil {
			t.Fatal(err)
		}
		if got := i.run(t); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	run(cardfile.Report{Rows: 2, Opened: 1, Refused: 1, Principal: 5_00, Whole: 10_00})
	run(cardfile.Report{Rows: 2, Before: 1, Refused: 1, Principal: 5_00, Whole: 10_00})
	m, err := findMerchant(t.Context(), b, "1")
	if err != nil {
		t.Fatal(err)
	}
	m.Levels = append(m.Levels, ledger.Level{ID: 2, Name: "金卡", PayRate: ledger.Percent100, Earn: ledger.Percent100})
	if err := b.SaveMerchant(t.Context(), *m); err != nil {
		t.Fatal(err)
	}
	run(cardfile.Report{Rows: 2, Opened: 1, Refused: 1, Taken: 1, Principal: 5_00, Whole: 10_00})
	run(cardfile.Report{Rows: 2, Before: 1, Refused: 1, Taken: 1, Principal: 5_00, Whole: 10_00})
	i := b.importer(t, path, 0)
	i.Level = 2
	if got := i.run(t); got.Taken != 2 || got.Rows != 2 {
		t.Errorf("another level: %+v", got)
	}
	if c, err := b.Card(t.Context(), ledger.CardKey{Merchant: 1, Number: "a0002"}); err != nil || c == nil ||
		c.Principal != 5_00 {
		t.Errorf("A0002 is %+v, %v", c, err)
	}
}

// An import that was cut short, of a file that then got more rows: what was opened is told to be there, the rest comes
// in, and nothing is opened twice.
func TestImportOfALongerFile(t *testing.T) {
	t.Parallel()
	const chunk, rows, more = 90, 317, 400
	path := cardsFile(t, rows)
	b, _ := newBooks(t, time.Now(), ledger.Settings{})
	defer b.mustClose(t)
	broken := b.importer(t, path, chunk)
	broken.Do = cutAt{broken.Do, "-2", errors.New("cut")}
	if _, err := broken.Run(t.Context()); err == nil {
		t.Fatal("it was not cut")
	}
	longer := b.importer(t, cardsFile(t, more), chunk)
	r := longer.run(t)
	const bad = more / 100
	if r.Rows != more || r.Before != 0 || r.Taken < 2*chunk-bad || r.Opened != more-bad-r.Taken ||
		r.Refused != r.Taken+bad {
		t.Errorf("report: %+v", r)
	}
	cards := 0
	err := b.EachCard(t.Context(), 1, func(c *ledger.Card) error {
		cards++
		if c.Principal != 10_00 || c.Points != 5 {
			t.Errorf("card %s has %v and %d", c.Number, c.Principal, c.Points)
		}
		return nil
	})
	if err != nil || cards != more-bad {
		t.Errorf("%d cards, %v, want %d", cards, err, more-bad)
	}
}

// What the refused file is to be imported with is told so that a shell takes it.
func TestQuoted(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"普通": "普通", "a b": "'a b'", "it's": `'it'\''s'`, "": "''", "$x": "'$x'", "会员(旧)": "'会员(旧)'", "./a-1.csv": "./a-1.csv",
	} {
		if got := quoted(arg); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
