package job_test

import (
	"encoding/json"
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
	o.person, o.agent = 0, 7
	if opened(tried.ID, 0) || opened(tried.ID, 2) {
		t.Error("an agent is taken for a second person")
	}
	o.person, o.agent = 3, 0
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
	// So does one that cannot be read, such as one of a level that is made afterwards, or of a card that has expired on a
	// day that has not passed.
	for name, text := range map[string]string{
		"level": "number,name,level,balance\n7001,x,new,600\n", "late level": "level,number,name,balance\nnew,7001,x,600\n",
		"of coupons":   "number,name,coupon,level,principal,bonus\n7001,x,没有的券,1,400,200\n",
		"not over yet": "number,name,level,principal,expires,status\n7001,x,1,600,2099-01-01,过期\n",
	} {
		file, plan := ledger.JobFile{Name: cardfile.Uploaded, Content: []byte(text)}, plan
		plan.Columns, plan.Behind, plan.Proposer = nil, "look", 0
		tried := o.ask(cardfile.JobCheck, plan, file)
		var trial cardfile.Outcome
		o.must(json.Unmarshal([]byte(tried.Result), &trial))
		if trial.Refused == 0 || !trial.TakesTwo(&m.Settings) {
			t.Errorf("%s: %+v takes one person", name, trial.Report)
		}
	}
	o.must(o.store.EachEntry(t.Context(), 1, 0, func(e *ledger.Entry) error {
		if !e.By.Two() {
			t.Errorf("%v by %+v", e.Kind, e.By)
		}
		return nil
	}))
}
