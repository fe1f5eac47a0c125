package verify

import (
	"testing"

	"tongka/internal/ledger"
)

// shiftJournal is a day at two shops with two shifts of the one, and one of an operator there.
func shiftJournal() []ledger.Entry {
	lin, chen := ledger.Caller{Shop: 7, Operator: "lin"}, ledger.Caller{Shop: 7, Operator: "chen"}
	first := ledger.HandOver{
		Shop: 7, UpTo: 4, Cash: 1, Counted: 90_00,
		Takings: []ledger.Taking{{Times: 1, Out: 10_00}, {PayType: 1, Times: 2, In: 150_00, Back: 50_00}},
	}
	own := ledger.HandOver{
		Shop: 7, Operator: "lin", After: 1, UpTo: 6, Cash: 1, Counted: 5_00,
		Takings: []ledger.Taking{{PayType: 1, Times: 2, In: 5_00, Back: 50_00}},
	}
	second := ledger.HandOver{
		Shop: 7, After: 4, UpTo: 6, Cash: 1, Counted: 5_00, Takings: []ledger.Taking{{PayType: 1, Times: 1, In: 5_00}},
	}
	return []ledger.Entry{
		{ID: 1, Kind: ledger.Recharged, By: lin, PayType: 1, Gross: 150_00},
		{ID: 2, Kind: ledger.RechargeReversed, By: lin, PayType: 1, Gross: 50_00},
		{ID: 3, Kind: ledger.Recharged, By: ledger.Caller{Shop: 8, Operator: "lin"}, PayType: 1, Gross: 1_00},
		{ID: 4, Kind: ledger.Withdrawn, By: chen, Gross: 10_00},
		{ID: 5, Kind: ledger.HandedOver, By: chen, Settings: first.Text()},
		{ID: 6, Kind: ledger.Recharged, By: lin, PayType: 1, Gross: 5_00},
		{ID: 7, Kind: ledger.Recharged, By: lin, PayType: 1, Gross: 2_00},
		{ID: 8, Kind: ledger.HandedOver, By: lin, Settings: own.Text()},
		{ID: 9, Kind: ledger.HandedOver, By: chen, Settings: second.Text()},
	}
}

// checkShifts returns what is wrong with the shifts of a journal.
func checkShifts(t *testing.T, entries []ledger.Entry, guards ...ledger.Guard) (shifts, guarded *Result) {
	t.Helper()
	l := newAudit()
	l.begin()
	b := &books{entries: entries, guards: guards}
	for i := range entries {
		l.handedOver(&entries[i])
	}
	if err := l.shiftBooks(t.Context(), b, 1); err != nil {
		t.Fatal(err)
	}
	if err := l.guards(t.Context(), b, ledger.Head{Merchant: 1}); err != nil {
		t.Fatal(err)
	}
	return l.checks[49], l.checks[53]
}

// Shifts say what their entries add up to and begin where the one before ended, and the guard says where that was
// (invariant 49).
func TestInvariant49Shifts(t *testing.T) {
	t.Parallel()
	guard := ledger.Guard{GuardKey: ledger.GuardKey{Kind: ledger.ShiftClosed, Subject: "7/"}, Count: 6}
	r, guarded := checkShifts(t, shiftJournal(), guard)
	if r.Violations+guarded.Violations > 0 || r.Rows != 3 {
		t.Errorf("sound shifts: %+v, %+v", r, guarded)
	}
	guard.Count = 7
	if _, guarded := checkShifts(t, shiftJournal(), guard); guarded.Violations != 1 {
		t.Errorf("a guard that is wrong: %+v", guarded)
	}
	change := func(i int, do func(*ledger.HandOver)) func([]ledger.Entry) {
		return func(entries []ledger.Entry) {
			of, err := ledger.ParseHandOver(entries[i].Settings)
			if err != nil {
				t.Fatal(err)
			}
			do(&of)
			entries[i].Settings = of.Text()
		}
	}
	for what, tamper := range map[string]func([]ledger.Entry){
		"a recharge that was changed":   func(e []ledger.Entry) { e[0].Gross++ },
		"one by another pay type":       func(e []ledger.Entry) { e[0].PayType = 2 },
		"one by another operator":       func(e []ledger.Entry) { e[5].By.Operator = "x" },
		"a pay-out by a pay type":       func(e []ledger.Entry) { e[3].PayType = 1 },
		"a pay-out at another shop":     func(e []ledger.Entry) { e[3].By.Shop = 8 },
		"a text that cannot be read":    func(e []ledger.Entry) { e[4].Settings = "{}" },
		"a sum":                         change(4, func(h *ledger.HandOver) { h.Takings[1].In++ }),
		"a number of entries":           change(4, func(h *ledger.HandOver) { h.Takings[0].Times++ }),
		"no sums":                       change(4, func(h *ledger.HandOver) { h.Takings = nil }),
		"sums of one's own":             change(7, func(h *ledger.HandOver) { h.Takings[0].In-- }),
		"another end":                   change(4, func(h *ledger.HandOver) { h.UpTo-- }),
		"a gap":                         change(8, func(h *ledger.HandOver) { h.After++ }),
		"entries that count twice":      change(8, func(h *ledger.HandOver) { h.After-- }),
		"an end behind itself":          change(4, func(h *ledger.HandOver) { h.UpTo = 5 }),
		"an end before the beginning":   change(4, func(h *ledger.HandOver) { h.After = 4 }),
		"the shift of another shop":     change(4, func(h *ledger.HandOver) { h.Shop = 8 }),
		"less than nothing was counted": change(4, func(h *ledger.HandOver) { h.Counted = -1 }),
	} {
		entries := shiftJournal()
		tamper(entries)
		if r, _ := checkShifts(t, entries); r.Violations == 0 {
			t.Errorf("%s is not found", what)
		}
	}
}
