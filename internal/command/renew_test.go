package command

import (
	"testing"

	"tongka/internal/ledger"
)

// A renewal of before, which did not say which day it moved, is not undone: where the card would be good to is unknown.
func TestOldRenewalsStay(t *testing.T) {
	t.Parallel()
	l := newMemStore(ledger.Merchant{ID: 1, Zone: shanghai, Levels: []ledger.Level{{
		ID: 1, PayRate: ledger.Percent100, Rights: ledger.Rights{Renewals: []ledger.Renewal{{Months: 1, Price: 2_00}}},
	}}})
	l.mustAt(t, monday, Open{Merchant: 1, Card: NewCard{
		Number: "6001", Level: 1, Holder: ledger.Holder{Name: "张三"}, Principal: 10_00, Expires: 2026_12_31,
	}})
	made := l.mustAt(t, monday, Renew{Merchant: 1, Card: "6001", Months: 1})
	id := made[len(made)-1].ID
	key := row[ledger.EntryID]{1, id}
	old := l.entries[key]
	old.ExpiredAt = 0
	l.entries[key] = old
	_, err := l.do(ReverseRenewal{Merchant: 1, Card: "6001", Entry: id}, monday)
	if reasonOf(err) != ledger.NotReversible || l.named(1, "6001").Expires != 2027_01_31 {
		t.Errorf("an old renewal: %v", err)
	}
}
