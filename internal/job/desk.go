package job

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tongka/internal/cardfile"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Desk does what people and agents ask for of many cards at once: it looks at files, tries imports and carries them
// out, takes them back, and issues series. The cards of an import come in by commands of 25, so that tills go first.
type Desk struct {
	Books interface {
		Requests
		Numbers
	}
	Start  func() Starter // what carries out the large commands of one job
	Clock  func() time.Time
	Seal   func(context string, plain []byte) []byte
	Unseal func(context string, sealed []byte) ([]byte, error)
	// HashPassword returns the form in which a card's password is kept.
	HashPassword func(merchant, password string) string
}

// Kinds returns the works by the kinds of jobs that they do.
func (d *Desk) Kinds() map[string]Work {
	return map[string]Work{
		cardfile.JobLook: d.look, cardfile.JobCheck: d.check, cardfile.JobImport: d.carryOut, codes.JobSeries: d.series,
		cardfile.JobUndoCheck: d.checkUndo, cardfile.JobUndo: d.undo,
	}
}

// merchant returns the merchant of a job.
func (d *Desk) merchant(ctx context.Context, r *Running) (*ledger.Merchant, error) {
	want := command.Want{Merchant: r.Job.Merchant, Keys: command.Keys{Head: true}}
	found, err := d.Books.Load(ctx, want)
	if err != nil {
		return nil, err
	}
	if found[0].Merchant == nil {
		return nil, fmt.Errorf("there is no merchant %d", r.Job.Merchant)
	}
	return found[0].Merchant, nil
}

// told makes of what the rules do not allow, like work at a merchant whose licence has ended, a text for whoever asked.
func told(err error) error {
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
		return Fault{refusal}
	}
	return err
}

// by returns who a job's commands are carried out for.
func by(j *ledger.Job, shop ledger.ShopID, operator string) ledger.Caller {
	return ledger.Caller{Person: j.Person, Agent: j.Agent, Shop: shop, Operator: operator}
}

// uploaded returns how a file is to be imported, and the file.
func uploaded(ctx context.Context, r *Running) (plan cardfile.Plan, f *cardfile.File, book bool, err error) {
	if err := json.Unmarshal([]byte(r.Job.Ask), &plan); err != nil {
		return plan, nil, false, err
	}
	came, err := r.File(ctx, cardfile.Uploaded)
	if err != nil {
		return plan, nil, false, err
	}
	text, book, err := cardfile.Text(came.Content)
	if err != nil {
		return plan, nil, book, err
	}
	encoding := plan.Encoding
	if book {
		encoding = cardfile.UTF8
	}
	f, err = cardfile.Look(bytes.NewReader(text), encoding)
	return plan, f, book, err
}

// look tells what a file has, and what its columns are taken for.
func (d *Desk) look(ctx context.Context, r *Running) (any, error) {
	_, f, book, err := uploaded(ctx, r)
	var columns []cardfile.Column
	if err == nil {
		columns, err = f.Columns()
	}
	if why, is := cardfile.Unreadable(err); is {
		return cardfile.Seen{Fault: why}, Fault{why}
	}
	if err != nil {
		return nil, err
	}
	seen := cardfile.Seen{Rows: f.Rows, Blank: f.Blank, Above: len(f.Above), Columns: columns}
	if !book {
		seen.Encoding = f.Encoding
	}
	return seen, nil
}

// check tells what an import would do, and gives the whole file back with what is wrong with its rows.
func (d *Desk) check(ctx context.Context, r *Running) (any, error) {
	return d.bring(ctx, r, NewTrial(d.Books, d.Clock), true)
}

// carryOut imports a file, and gives the rows back that were refused.
func (d *Desk) carryOut(ctx context.Context, r *Running) (any, error) {
	return d.bring(ctx, r, d.Start(), false)
}

// mayBring refuses an import that takes two people and was confirmed by the one who tried it, or by an agent.
func mayBring(ctx context.Context, r *Running, m *ledger.Merchant, plan *cardfile.Plan) error {
	two := ledger.Caller{Person: r.Job.Person, Proposer: plan.Proposer}
	if m.Settings.SecondPerson == 0 || two.Two() {
		return nil
	}
	tried, ok, err := r.jobs.Job(ctx, r.Job.Merchant, plan.Behind)
	if err != nil {
		return err
	}
	var trial cardfile.Outcome
	if ok {
		if err := json.Unmarshal([]byte(tried.Result), &trial); err != nil {
			return err
		}
	}
	if !ok || trial.TakesTwo(&m.Settings) {
		return Fault{ledger.Refuse(ledger.NeedsSecondPerson, m.Settings.SecondPerson.String())}
	}
	return nil
}

// bring reads a file and has its cards opened. A trial gives the whole file back, an import the rows that were refused.
func (d *Desk) bring(ctx context.Context, r *Running, do Starter, trial bool) (any, error) {
	m, err := d.merchant(ctx, r)
	if err != nil {
		return nil, err
	}
	plan, f, book, err := uploaded(ctx, r)
	var rows *cardfile.Reader
	if err == nil {
		rows, err = f.Reader(cardfile.Terms{
			Levels: cardfile.NewLevels(m, plan.Level), Today: m.Today(d.Clock()), Columns: plan.Columns,
			Coupons: m.CouponKinds,
		})
	}
	if why, is := cardfile.Unreadable(err); is {
		return cardfile.Outcome{Fault: why}, Fault{why}
	}
	if err != nil {
		return nil, err
	}
	if !trial {
		if err := mayBring(ctx, r, m, &plan); err != nil {
			return nil, err
		}
	}
	i := &Import{
		File: f, Rows: rows, Merchant: m, Level: plan.Level, By: by(&r.Job, plan.Shop, plan.Operator), Name: plan.Behind,
		Do:   do,
		Step: func(n int) { r.Step(int64(n)) },
	}
	i.By.Proposer = plan.Proposer
	if trial {
		i.Chunk = chunkTried
	}
	if !plan.OwnZeros {
		if err := i.RefuseAlike(ctx, d.Books); err != nil {
			return nil, err
		}
	}
	r.Of(int64(f.Rows))
	b := &bringing{Import: i, run: r, plan: &plan, book: book, trial: trial, whole: trial && f.Size <= mostReturned}
	return b.do(ctx)
}
