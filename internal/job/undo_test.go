package job_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tongka/internal/cardfile"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/job"
	"tongka/internal/ledger"
	"tongka/internal/sheet"
	"tongka/internal/store/storetest"
)

// office is a shop with a desk at which people ask for jobs, one after the other.
type office struct {
	person   ledger.PersonID // who asks for jobs
	agent    ledger.AgentID
	t        *testing.T
	store    *storetest.MemStore
	engine   *engine.Engine
	runner   *job.Runner
	now      time.Time
	commands int // that the next job may carry out before its program is killed
	jobs     int
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, store: storetest.NewMemStore(), now: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC), commands: 1000}
	o.must(o.store.SaveMerchant(t.Context(), ledger.Merchant{
		ID: 1, GUID: "{1}", Name: "店", Zone: time.UTC, Levels: []ledger.Level{{ID: 1, Name: "普通", PayRate: ledger.Percent100}},
		PayTypes: []ledger.PayType{{ID: 1, Name: "现金"}},
	}))
	clock := func() time.Time { return o.now }
	o.engine = engine.New(o.store, engine.Config{Clock: clock, Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { o.must(o.engine.Close(context.Background())) })
	desk := &job.Desk{
		Books: o.store, Clock: clock,
		Start: func() job.Starter { return &killed{Starter: o.engine.Bulk(nil), left: o.commands} },
	}
	o.runner = &job.Runner{Jobs: o.store, Kinds: desk.Kinds(), Clock: clock, Logger: slog.New(slog.DiscardHandler)}
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// ask has a job done, and returns it as it is then.
func (o *office) ask(kind string, ask any, files ...ledger.JobFile) ledger.Job {
	o.t.Helper()
	o.jobs++
	text, err := json.Marshal(ask)
	o.must(err)
	j := ledger.Job{
		Merchant: 1, ID: fmt.Sprint("j", o.jobs), Kind: kind, Ask: string(text), Person: o.person, Agent: o.agent,
		State: ledger.JobWaits, At: o.now, Until: o.now,
	}
	o.must(o.store.AddJob(o.t.Context(), j, files...))
	o.must(o.runner.Round(o.t.Context()))
	j, _, err = o.store.Job(o.t.Context(), 1, j.ID)
	o.must(err)
	return j
}

// brings imports a file.
func (o *office) brings(name, text string) ledger.Job {
	o.t.Helper()
	plan := cardfile.Plan{Columns: []string{"number", "name", "balance", "points"}, Level: 1, Operator: "x", Behind: name}
	return o.ask(cardfile.JobImport, plan, ledger.JobFile{Name: cardfile.Uploaded, Content: []byte(text)})
}

// undoes takes an import back, or tells what that would do.
func (o *office) undoes(kind string, of ledger.Job) (ledger.Job, cardfile.Undone) {
	o.t.Helper()
	f, ok, err := o.store.JobFile(o.t.Context(), 1, of.ID, cardfile.Brought)
	if err != nil || !ok {
		o.t.Fatalf("the import says nothing of what it opened: %v", err)
	}
	j := o.ask(kind, cardfile.Undo{Import: of.ID, Operator: "x"}, f)
	var out cardfile.Undone
	if j.State == ledger.JobDone {
		o.must(json.Unmarshal([]byte(j.Result), &out))
	}
	return j, out
}

// cards is a file of n cards, of which each has ten yuan and a point.
func cards(n int) string {
	var b strings.Builder
	b.WriteString("卡号,姓名,余额,积分\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,某人,10,1\n", 6001+i)
	}
	return b.String()
}

// An import is taken back, but for the cards that were used: they are told and listed. Then the mended file opens cards
// of the same numbers. Whoever asks again takes nothing back twice, and not the cards of the mended file.
func TestUndo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first := o.brings("a", cards(130)+"6001,又一次,1,1\n")
	if first.State != ledger.JobDone {
		t.Fatalf("%+v", first)
	}
	_, err := o.engine.Do(t.Context(), command.Recharge{Merchant: 1, Card: "6030", Amount: 1_00, PayType: 1})
	o.must(err)
	want := cardfile.Undone{
		Cards: 130, Closed: 129, Left: 1, Principal: 1290_00, Points: 129,
		First: []cardfile.StayingCard{{Card: 30, Number: "6030", Why: cardfile.Refused(ledger.Refusal{
			Reason: ledger.CardWasUsed, Detail: "6030",
		})}},
	}
	for _, kind := range []string{cardfile.JobUndoCheck, cardfile.JobUndo} {
		j, got := o.undoes(kind, first)
		if fmt.Sprint(got) != fmt.Sprint(want) || j.Done != 131 {
			t.Fatalf("%s: %+v of %+v, want %+v", kind, got, j, want)
		}
		f, _, err := o.store.JobFile(t.Context(), 1, j.ID, cardfile.Left)
		o.must(err)
		var rows []string
		o.must(sheet.ReadXLSX(f.Content, 1<<20, func(row []string) error {
			rows = append(rows, strings.Join(row, "|"))
			return nil
		}))
		if len(rows) != 2 || !strings.HasPrefix(rows[1], "6030|卡在导入之后") {
			t.Errorf("%s: the list is %q", kind, rows)
		}
	}
	second := o.brings("b", cards(131))
	var out cardfile.Outcome
	o.must(json.Unmarshal([]byte(second.Result), &out))
	if out.Opened != 130 || out.Taken != 1 {
		t.Fatalf("the mended file opened %+v", out.Report)
	}
	want.Closed, want.Before = 0, 129
	if _, got := o.undoes(cardfile.JobUndo, first); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("asked again: %+v", got)
	}
	if _, got := o.undoes(cardfile.JobUndo, second); got.Closed != 130 || got.Left != 0 {
		t.Errorf("the mended file: %+v", got)
	}
}

// A trial knows of the coupons that the cards before would have brought: there is no more of a kind than its stock.
func TestTrialOfCoupons(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	m, err := o.store.Merchants(t.Context())
	o.must(err)
	m[0].CouponKinds = []ledger.CouponKind{{
		CouponTerms: ledger.CouponTerms{Kind: 1, Name: "券", Type: ledger.CashCoupon, Face: 5_00}, Days: 30, Stock: 600,
	}}
	o.must(o.store.SaveMerchant(t.Context(), m[0]))
	var b strings.Builder
	b.WriteString("卡号,姓名,券\n")
	for i := range 700 {
		fmt.Fprintf(&b, "%d,某人,券\n", 6001+i)
	}
	plan := cardfile.Plan{Columns: []string{"number", "name", "coupon"}, Level: 1, Operator: "x", Behind: "a"}
	for _, kind := range []string{cardfile.JobCheck, cardfile.JobImport} {
		var out cardfile.Outcome
		j := o.ask(kind, plan, ledger.JobFile{Name: cardfile.Uploaded, Content: []byte(b.String())})
		o.must(json.Unmarshal([]byte(j.Result), &out))
		if out.Opened != 600 || out.Coupons != 600 || out.Refused != 100 || out.First[0].Why.Chinese != "券种的库存不足：券" {
			t.Errorf("%s: %+v of %+v", kind, out.Report, j)
		}
	}
}

// An import that was cut short is taken back too, and what takes it back goes on where it was.
func TestUndoOfWhatWasCutShort(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.commands = 3
	cut := o.brings("a", cards(130))
	o.commands = 2
	if j, _ := o.undoes(cardfile.JobUndo, cut); cut.State != ledger.JobFailed || j.State != ledger.JobFailed {
		t.Fatalf("they were not cut short: %+v, %+v", cut, j)
	}
	o.commands = 1000
	if _, got := o.undoes(cardfile.JobUndo, cut); got.Cards != 75 || got.Closed != 25 || got.Before != 50 {
		t.Errorf("%+v", got)
	}
	for number, there := range map[string]bool{"6001": false, "6075": false, "6076": false} {
		if c, err := o.store.Card(t.Context(), ledger.CardNamed(1, number)); err != nil || (c != nil) != there {
			t.Errorf("card %s: %+v, %v", number, c, err)
		}
	}
}
