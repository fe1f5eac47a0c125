package job_test

import (
	"testing"

	"tongka/internal/cardfile"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Whatever asks for it, an import above the limit of a second person is refused unless another person than the one who
// confirms it has tried it. The entries name both.
func TestImportTakesTwo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	records, err := o.store.Load(t.Context(), command.Want{Merchant: 1, Keys: command.Keys{Head: true}})
	o.must(err)
	m := *records[0].Merchant
	m.Settings.SecondPerson = 500_00
	o.must(o.store.SaveMerchant(t.Context(), m))
	file := ledger.JobFile{Name: cardfile.Uploaded, Content: []byte(cards(60))} // of 600 yuan
	plan := cardfile.Plan{Columns: []string{"number", "name", "balance", "points"}, Level: 1, Operator: "x", Behind: "look"}
	tried := o.ask(cardfile.JobCheck, plan, file)
	opened := func(behind string, proposer ledger.PersonID) bool {
		t.Helper()
		plan.Behind, plan.Proposer = behind, proposer
		return o.ask(cardfile.JobImport, plan, file).State == ledger.JobDone
	}
	o.person = 3
	if opened(tried.ID, 0) || opened(tried.ID, 3) || opened("none", 0) {
		t.Error("one person brings as much as takes two")
	}
	if !opened(tried.ID, 2) {
		t.Fatal("two people may not bring it")
	}
	// A row that is refused at the trial counts, too: its number may be free when the file is confirmed.
	o.person = 2
	again := o.ask(cardfile.JobCheck, plan, file)
	o.person = 3
	if plan.Behind, plan.Proposer = again.ID, 0; o.ask(cardfile.JobImport, plan, file).State == ledger.JobDone {
		t.Error("rows that were refused at the trial were not counted")
	}
	o.must(o.store.EachEntry(t.Context(), 1, 0, func(e *ledger.Entry) error {
		if !e.By.Two() {
			t.Errorf("%v by %+v", e.Kind, e.By)
		}
		return nil
	}))
}
