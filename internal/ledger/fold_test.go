package ledger_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// spoiledFolds are changes to the last entry of a good journal, and what Fold reports.
var spoiledFolds = []struct {
	name  string
	spoil func(*ledger.Entry)
	want  string // "" = it folds
}{
	{"as it was", func(*ledger.Entry) {}, ""},
	{"a number left out", func(e *ledger.Entry) { e.Seq++ }, "does not follow"},
	{"a number twice", func(e *ledger.Entry) { e.Seq-- }, "does not follow"},
	{"of another card", func(e *ledger.Entry) { e.Card++ }, "does not follow"},
	{"of another merchant", func(e *ledger.Entry) { e.Merchant++ }, "does not follow"},
	{"older", func(e *ledger.Entry) { e.At = e.At.Add(-time.Millisecond) }, "older"},
	{"cheaper", func(e *ledger.Entry) { e.Principal++ }, "do not add up"},
	{"less bonus", func(e *ledger.Entry) { e.Bonus++ }, "do not add up"},
	{"a part cheaper", func(e *ledger.Entry) { e.Allocations[0].Principal++ }, "do not add up"},
	{"richer after", func(e *ledger.Entry) { e.PrincipalAfter++ }, "not balance before"},
	{"bonus richer after", func(e *ledger.Entry) { e.BonusAfter++ }, "not balance before"},
	{"from a lot there is not", func(e *ledger.Entry) { e.Allocations[0].Lot = 99 }, "more from lot 99"},
	{
		"more than there is", func(e *ledger.Entry) { e.Allocations[0].Principal -= 100_00; e.Principal -= 100_00 },
		"more from lot",
	},
	{
		"more bonus than there is", func(e *ledger.Entry) { e.Allocations[0].Bonus -= 100_00; e.Bonus -= 100_00 },
		"more from lot",
	},
	{"more than a card holds", func(e *ledger.Entry) {
		e.Allocations[0].Principal += ledger.MaxFen
		e.Principal += ledger.MaxFen
		e.PrincipalAfter += ledger.MaxFen
	}, "out of range"},
	{"a renewal to no day", func(e *ledger.Entry) { e.Kind = ledger.Renewed }, "does not move"},
	{"a phone without a pass", func(e *ledger.Entry) { e.Kind = ledger.PhoneBound }, "no new pass"},
	{
		"a phone with the pass there was", func(e *ledger.Entry) { e.Kind, e.Details = ledger.PhoneBound, &ledger.Details{} },
		"no new pass",
	},
	{"a charge there was not", func(e *ledger.Entry) { e.Kind = ledger.ChargeRefunded }, "more than was charged"},
	{"more points", func(e *ledger.Entry) { e.Points++ }, "points parts do not add up"},
	{"more points after", func(e *ledger.Entry) { e.PointsAfter++ }, "points after"},
	{"points owed after", func(e *ledger.Entry) { e.OwedAfter++ }, "points after"},
	{
		"points below zero", func(e *ledger.Entry) { e.PointAllocations[0].Points, e.Points, e.PointsAfter = -1, -1, -1 },
		"below zero",
	},
	{"owed below zero", func(e *ledger.Entry) { e.PointsOwed, e.OwedAfter = -1, -1 }, "below zero"},
	{"points of a day there is not", func(e *ledger.Entry) {
		e.PointAllocations = append(e.PointAllocations, ledger.PointAllocation{GoodUntil: 2026_09_09, Points: -5})
		e.Points, e.PointsAfter = e.Points-5, e.PointsAfter-5
	}, "more points of 2026-09-09"},
}

// A journal that was tampered with does not fold (invariants 03–06, 22). Each row spoils one thing in the last
// entry of a good journal.
func TestFoldRefusesWhatCannotFollow(t *testing.T) {
	t.Parallel()
	journal := goodJournal(t)
	for _, c := range spoiledFolds {
		var card ledger.Card
		var err error
		for _, e := range journal {
			e.Allocations, e.PointAllocations = slices.Clone(e.Allocations), slices.Clone(e.PointAllocations)
			if e.ID == 3 {
				c.spoil(&e)
			}
			if _, err = card.Fold(&e); err != nil {
				break
			}
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// goodJournal returns a card's opening, a recharge that gives a tenth and a bill that earns points.
func goodJournal(t *testing.T) []ledger.Entry {
	t.Helper()
	card := ledger.Card{Merchant: 1, ID: 1}
	journal := []ledger.Entry{
		{Kind: ledger.Opened, Number: "6001", Holder: &ledger.Holder{Name: "张三"}, Status: ledger.Active, Level: 1},
		{
			Kind: ledger.Recharged, Gross: 100_00, Net: 110_00, PayType: 1, Rules: []ledger.RuleHit{{Money: 10_00}},
			Allocations: []ledger.Allocation{{Lot: 2, GoodUntil: ledger.Forever, Principal: 100_00, Bonus: 10_00}},
		},
		{
			Kind: ledger.Consumed, Gross: 55_00, Discountable: 55_00, Net: 55_00, PayRate: ledger.Percent100,
			Allocations:      []ledger.Allocation{{Lot: 2, GoodUntil: ledger.Forever, Principal: -50_00, Bonus: -5_00}},
			PointAllocations: []ledger.PointAllocation{{GoodUntil: ledger.Forever, Points: 55}}, EarnRate: ledger.Percent100,
		},
	}
	for i := range journal {
		e := &journal[i]
		e.ID, e.Merchant, e.At = ledger.EntryID(i+1), 1, monday
		if _, err := card.Post(e); err != nil {
			t.Fatal(err)
		}
	}
	return journal
}

// Entries that add up.
var (
	goodConsume = ledger.Entry{
		Kind: ledger.Consumed, Gross: 100_00, Discountable: 60_00, Net: 91_00, PayRate: 8500, Principal: -70_00, Bonus: -1_00,
	}
	goodRecharge = ledger.Entry{
		Kind: ledger.Recharged, Gross: 100_00, Net: 110_00, Principal: 100_00, Bonus: 10_00, Points: 3, PointsOwed: -2,
		Rules: []ledger.RuleHit{{Money: 10_00, Points: 5}},
	}
	goodRenewal  = ledger.Entry{Kind: ledger.Renewed, Gross: 2_00, Net: 2_00, Principal: -1_50, Bonus: -50}
	goodCashBack = ledger.Entry{
		ID: 9, Kind: ledger.CashedBack, Gross: 71_00, Net: 5_00, Bonus: 5_00, Allocations: []ledger.Allocation{{Lot: 9}},
	}
)

// spoiledBills are changes to entries that add up, and whether they still do afterwards.
var spoiledBills = []struct {
	name  string
	entry ledger.Entry
	spoil func(*ledger.Entry)
	want  bool
}{
	{"a bill", goodConsume, func(*ledger.Entry) {}, true},
	{"nothing on the card", goodConsume, func(e *ledger.Entry) { e.Principal, e.Bonus = 0, 0 }, true},
	{"discountable over the bill", goodConsume, func(e *ledger.Entry) { e.Discountable = 100_01 }, false},
	{"discountable negative", goodConsume, func(e *ledger.Entry) { e.Discountable = -1 }, false},
	{"discount negative", goodConsume, func(e *ledger.Entry) { e.PayRate = -1 }, false},
	{"discount over the whole", goodConsume, func(e *ledger.Entry) { e.PayRate = ledger.Percent100 + 1 }, false},
	{"a fen cheaper", goodConsume, func(e *ledger.Entry) { e.Net-- }, false},
	{"more than the bill from the card", goodConsume, func(e *ledger.Entry) { e.Principal = -90_01 }, false},
	{"money to the card", goodConsume, func(e *ledger.Entry) { e.Principal, e.Bonus = 1, 0 }, false},
	{"too big", goodConsume, func(e *ledger.Entry) { e.Gross = ledger.MaxFen + 1 }, false},
	{"points that pay", goodConsume, byPoints(ledger.PointPay{Points: -150, Worth: 1_50, Ratio: 100}, -150), true},
	{
		"points that pay too much", goodConsume, byPoints(ledger.PointPay{Points: -150, Worth: 1_51, Ratio: 100}, -150),
		false,
	},
	{
		"points that were not taken", goodConsume, byPoints(ledger.PointPay{Points: -150, Worth: 1_50, Ratio: 100}, -149),
		false,
	},
	{"points taken for nothing", goodConsume, byPoints(ledger.PointPay{}, -150), false},
	{
		"points that are given and pay", goodConsume, byPoints(ledger.PointPay{Points: 150, Worth: 1_50, Ratio: 100}, 150),
		false,
	},
	{"cash back", goodCashBack, func(*ledger.Entry) {}, true},
	{"cash back of more than was paid", goodCashBack, func(e *ledger.Entry) { e.Gross = 4_99 }, false},
	{"cash back in principal", goodCashBack, func(e *ledger.Entry) { e.Principal, e.Bonus = 5_00, 0 }, false},
	{"cash back of another sum", goodCashBack, func(e *ledger.Entry) { e.Net++ }, false},
	{"cash back of nothing", goodCashBack, func(e *ledger.Entry) { e.Net, e.Bonus = 0, 0 }, false},
	{"cash back taken", goodCashBack, func(e *ledger.Entry) { e.Gross, e.Principal, e.Bonus = 5_00, -2_00, -3_00 }, true},
	{
		"cash back taken that gives principal", goodCashBack,
		func(e *ledger.Entry) { e.Gross, e.Principal, e.Bonus = 5_00, 1_00, -6_00 }, false,
	},
	{
		"cash back taken of another sum", goodCashBack, func(e *ledger.Entry) { e.Gross, e.Net, e.Bonus = 5_00, 4_99, -5_00 },
		false,
	},
	{"a recharge", goodRecharge, func(*ledger.Entry) {}, true},
	{"a fen not paid", goodRecharge, func(e *ledger.Entry) { e.Principal++; e.Net++ }, false},
	{"a bonus no rule gave", goodRecharge, func(e *ledger.Entry) { e.Bonus++; e.Net++ }, false},
	{"points no rule gave", goodRecharge, func(e *ledger.Entry) { e.Points++ }, false},
	{
		"a rule that gave more", goodRecharge,
		func(e *ledger.Entry) { e.Rules = []ledger.RuleHit{{Money: 10_01, Points: 5}} }, false,
	},
	{"a recharge that may be invoiced", goodRecharge, func(e *ledger.Entry) { e.Invoice = 100_00 }, true},
	{"a recharge that may be invoiced in part", goodRecharge, func(e *ledger.Entry) { e.Invoice = 99_99 }, false},
	{"a bill that may be invoiced", goodConsume, func(e *ledger.Entry) { e.Invoice = 1 }, false},
	{"a bill that somebody signed for", goodConsume, func(e *ledger.Entry) { e.ChargedTo = 7 }, false},
	{"a renewal", goodRenewal, func(*ledger.Entry) {}, true},
	{"a renewal that earns", goodRenewal, func(e *ledger.Entry) { e.Points = 1 }, false},
	{"a renewal at another price", goodRenewal, func(e *ledger.Entry) { e.Gross++ }, false},
	{
		"a renewal undone", ledger.Entry{Kind: ledger.RenewalReversed, Gross: 2_00, Net: 2_00, Principal: 1_50, Bonus: 50},
		func(*ledger.Entry) {}, true,
	},
	{
		"a renewal undone for less", ledger.Entry{Kind: ledger.RenewalReversed, Gross: 2_00, Net: 2_00, Principal: 1_50},
		func(*ledger.Entry) {}, false,
	},
	{"a renewal not paid", goodRenewal, func(e *ledger.Entry) { e.Principal++ }, false},
	{"an invoice", ledger.Entry{Kind: ledger.Invoiced, Gross: 7, Net: 7, Invoice: -7}, func(*ledger.Entry) {}, true},
	{
		"an invoice of another amount", ledger.Entry{Kind: ledger.Invoiced, Gross: 7, Net: 7, Invoice: -6},
		func(*ledger.Entry) {}, false,
	},
	{"an invoice of nothing", ledger.Entry{Kind: ledger.Invoiced}, func(*ledger.Entry) {}, false},
	{
		"an invoice taken back", ledger.Entry{Kind: ledger.InvoiceReversed, Gross: 7, Net: 7, Invoice: 7},
		func(*ledger.Entry) {}, true,
	},
	{
		"an invoice taken back the wrong way", ledger.Entry{Kind: ledger.InvoiceReversed, Gross: 7, Net: 7, Invoice: -7},
		func(*ledger.Entry) {}, false,
	},
	{
		"a reversal", ledger.Entry{Kind: ledger.RechargeReversed, Gross: 7, Net: 7, Principal: -7, Invoice: -7},
		func(*ledger.Entry) {}, true,
	},
	{
		"a reversal of other money",
		ledger.Entry{Kind: ledger.RechargeReversed, Gross: 7, Net: 7, Principal: -7, Invoice: -8}, func(*ledger.Entry) {},
		false,
	},
	{
		"a signed bill", ledger.Entry{Kind: ledger.AccountCharged, Gross: 7, Net: 7, ChargedTo: 1}, func(*ledger.Entry) {},
		true,
	},
	{
		"a signed bill of nobody", ledger.Entry{Kind: ledger.AccountCharged, Gross: 7, Net: 7}, func(*ledger.Entry) {}, false,
	},
	{
		"a signed bill of another amount", ledger.Entry{Kind: ledger.AccountCharged, Gross: 7, Net: 8, ChargedTo: 1},
		func(*ledger.Entry) {}, false,
	},
	{
		"a signed bill that earns", ledger.Entry{Kind: ledger.AccountCharged, Gross: 7, Net: 7, ChargedTo: 1, Points: 1},
		func(*ledger.Entry) {}, false,
	},
	{"another kind has no bill", ledger.Entry{Kind: ledger.PointsUsed, Gross: 7}, func(*ledger.Entry) {}, true},
}

// A bill that was tampered with does not add up (invariants 08, 09), or did not take what its spend order takes (10).
func TestBillAddsUp(t *testing.T) {
	t.Parallel()
	for _, c := range spoiledBills {
		c.spoil(&c.entry)
		if got := c.entry.BillAddsUp(); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// The same holds for what is paid out, moved or given back.
func TestPayOutsAddUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		entry ledger.Entry
		want  bool
	}{
		{"a refund", ledger.Entry{Kind: ledger.ConsumeRefunded, Gross: 7, Net: 7, Principal: 4, Bonus: 3}, true},
		{
			"a refund of another amount", ledger.Entry{Kind: ledger.ConsumeRefunded, Gross: 8, Net: 8, Principal: 4, Bonus: 3},
			false,
		},
		{"a withdrawal", ledger.Entry{Kind: ledger.Withdrawn, Gross: 7, Net: 7, Principal: -7, Bonus: -1}, true},
		{"a withdrawal of bonus", ledger.Entry{Kind: ledger.Withdrawn, Gross: 8, Net: 8, Principal: -7, Bonus: -1}, false},
		{
			"cash back put back",
			ledger.Entry{
				Kind: ledger.CashedBack, Gross: 5, Net: 5, Principal: 2, Bonus: 3, Allocations: []ledger.Allocation{{Lot: 3}},
			}, true,
		},
		{"what a card brings", ledger.Entry{Kind: ledger.BalanceOpened, Gross: 7, Net: 9, Principal: 7, Bonus: 2}, true},
		{
			"what a card brings that owes",
			ledger.Entry{
				Kind: ledger.BalanceOpened, Gross: 7, Net: 9, Principal: 2, Bonus: 2,
				Allocations: []ledger.Allocation{{Lot: 3, Principal: 7, Bonus: 2}, ledger.DebtPart(-5)},
			}, true,
		},
		{"a debt as money", ledger.Entry{
			Kind: ledger.BalanceOpened, Gross: 2, Net: 2, Principal: 2, Allocations: []ledger.Allocation{{Principal: -5}},
		}, false},
		{"what is taken back of it", ledger.Entry{
			Kind: ledger.OpeningReversed, Gross: 7, Net: 9, Principal: -2, Bonus: -2,
			Allocations: []ledger.Allocation{{Lot: 3, Principal: -7, Bonus: -2}, ledger.DebtPart(5)},
		}, true},
		{"more of it than it says", ledger.Entry{Kind: ledger.OpeningReversed, Gross: 7, Net: 9, Principal: -8, Bonus: -2}, false},
		{"bonus given by hand", ledger.Entry{Kind: ledger.BonusGiven, Gross: 7, Net: 7, Bonus: 7}, true},
		{"more of it than it says", ledger.Entry{Kind: ledger.BonusGiven, Gross: 7, Net: 7, Bonus: 8}, false},
		{"a merge", ledger.Entry{Kind: ledger.MergedOut, Net: 7, Bonus: -7, Invoice: -3}, true},
		{"a merge of more than it says", ledger.Entry{Kind: ledger.MergedIn, Net: 7, Bonus: 8}, false},
		{"a merge that pays something", ledger.Entry{Kind: ledger.MergedOut, Gross: 7, Net: 7, Bonus: -7}, false},
		{"a transfer of bonus as principal", ledger.Entry{Kind: ledger.TransferredIn, Gross: 7, Net: 8, Principal: 8}, false},
	} {
		if got := c.entry.BillAddsUp(); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// byPoints lets points pay part of a bill.
func byPoints(pay ledger.PointPay, taken int64) func(*ledger.Entry) {
	return func(e *ledger.Entry) {
		e.ByPoints = pay
		e.Net -= pay.Worth
		e.Principal += pay.Worth
		e.PointAllocations = []ledger.PointAllocation{
			{GoodUntil: ledger.Forever, Points: taken}, {GoodUntil: ledger.Forever, Points: 3},
		}
	}
}

func TestInvariant10TookByPolicy(t *testing.T) {
	t.Parallel()
	card := ledger.Card{
		Principal: 200, Bonus: 100,
		Lots: []ledger.Lot{
			{ID: 1, GoodUntil: 2026_02_01, Principal: 100, Bonus: 50}, {ID: 2, GoodUntil: 2026_03_01, Principal: 100, Bonus: 50},
		},
	}
	first := func(principal, bonus ledger.Fen) []ledger.Allocation {
		return []ledger.Allocation{{Lot: 1, GoodUntil: 2026_02_01, Principal: principal, Bonus: bonus}}
	}
	for _, c := range []struct {
		name   string
		policy ledger.SpendOrder
		parts  []ledger.Allocation
		want   bool
	}{
		{"in proportion", ledger.Proportional, first(-20, -10), true},
		{"not in proportion", ledger.Proportional, first(-21, -9), false},
		{"bonus first", ledger.BonusFirst, first(0, -30), true},
		{"not bonus first", ledger.BonusFirst, first(-20, -10), false},
		{"principal first", ledger.PrincipalFirst, first(-30, 0), true},
		{"not principal first", ledger.PrincipalFirst, first(-20, -10), false},
		{
			"the second lot first", ledger.PrincipalFirst,
			[]ledger.Allocation{{Lot: 2, GoodUntil: 2026_03_01, Principal: -30, Bonus: 0}}, false,
		},
		{
			"from both", ledger.BonusFirst,
			[]ledger.Allocation{
				{Lot: 1, GoodUntil: 2026_02_01, Principal: 0, Bonus: -50}, {Lot: 2, GoodUntil: 2026_03_01, Principal: 0, Bonus: -7},
			}, true,
		},
		{"nothing", ledger.Proportional, nil, true},
		{"more than there is", ledger.Proportional, first(-301, 0), false},
		{"money to the card", ledger.Proportional, first(1, 0), false},
	} {
		e := ledger.Entry{Kind: ledger.Consumed, SpendOrder: c.policy, Allocations: c.parts}
		for _, p := range c.parts {
			e.Principal, e.Bonus = e.Principal+p.Principal, e.Bonus+p.Bonus
		}
		if got := card.TookByPolicy(&e); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// Only kinds that may move money do: the table of postings is closed (invariant 01).
func TestInvariant01LegsByKind(t *testing.T) {
	t.Parallel()
	// What the holder paid or was paid is the till's money, what cards bought is sold, what the merchant gave is his
	// expense; the principal's side comes first.
	sides := map[[2]ledger.Account][]ledger.Kind{
		{ledger.Tender, ledger.BonusExpense}: {
			ledger.Recharged, ledger.RechargeReversed, ledger.Withdrawn, ledger.CardReturned,
		},
		{ledger.Sales, ledger.Sales}: {ledger.Consumed, ledger.ConsumeRefunded, ledger.Renewed, ledger.RenewalReversed},
		{ledger.Clearing, ledger.Clearing}: {
			ledger.TransferredOut, ledger.TransferredIn, ledger.MergedOut, ledger.MergedIn,
		},
		{ledger.BonusExpense, ledger.BonusExpense}: {
			ledger.LotsExpired, ledger.ExpiryReversed, ledger.CashedBack, ledger.BonusForfeited, ledger.BonusGiven,
		},
		{ledger.OpeningBalances, ledger.OpeningBalances}: {ledger.BalanceOpened, ledger.OpeningReversed},
	}
	want := map[ledger.Kind][2]ledger.Account{}
	for accounts, kinds := range sides {
		for _, k := range kinds {
			want[k] = accounts
		}
	}
	for _, k := range ledger.Kinds {
		e := ledger.Entry{Kind: k, Principal: 3, Bonus: 2, Points: 5, PointsOwed: 1}
		postings, ok := e.Postings()
		accounts, may := want[k]
		if ok != may {
			t.Errorf("%v may move money: %v", k, ok)
		}
		var money ledger.Fen
		var points int64
		for _, l := range postings {
			money, points = money+l.Money, points+l.Points
		}
		if money != 0 || points != 0 || ok && len(postings) != 6 {
			t.Errorf("%v: postings %+v", k, postings)
		}
		if ok && (postings[1].Account != accounts[0] || postings[3].Account != accounts[1]) {
			t.Errorf("%v: postings %+v, want the sides %v", k, postings, accounts)
		}
	}
}

// The total of a page of history is the number of entries its filter chooses (invariant 24).
func TestTallyCountsWhatTheFilterChooses(t *testing.T) {
	t.Parallel()
	var tally ledger.Tally
	var entries []ledger.Entry
	for i, k := range append(append([]ledger.Kind{ledger.Consumed, ledger.Consumed}, ledger.Kinds...), ledger.Recharged,
		ledger.Consumed) {
		entries = append(entries, ledger.Entry{Kind: k, Points: int64(i % 3)})
		before := len(tally)
		longer := tally.Plus(&entries[i])
		if len(tally) != before {
			t.Fatal("the tally before was changed")
		}
		tally = longer
	}
	for _, f := range []ledger.Filter{
		{}, {MovedPoints: true}, {Kinds: []ledger.Kind{ledger.Consumed}},
		{Kinds: []ledger.Kind{ledger.Consumed}, MovedPoints: true},
		{Kinds: []ledger.Kind{ledger.Recharged, ledger.Opened, ledger.Consumed}}, {Kinds: []ledger.Kind{}},
		{Kinds: []ledger.Kind{99}},
	} {
		var want int64
		for i := range entries {
			if f.Chooses(&entries[i]) {
				want++
			}
		}
		if got := tally.Count(f); got != want {
			t.Errorf("%+v: got %d, want %d", f, got, want)
		}
	}
	if got, want := tally.Count(ledger.Filter{}), int64(len(entries)); got != want {
		t.Errorf("all: got %d, want %d", got, want)
	}
}

// TestFoldGoesBackOnlyWhereItMay: an entry dated before the card's newest is refused unless it names the entry that
// took time back; one that is not dated before must not name any (invariant 22).
func TestFoldGoesBackOnlyWhereItMay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		at   time.Duration
		back ledger.EntryID
		kind ledger.Kind
		ok   bool
	}{
		{"later", time.Second, 0, ledger.LevelChanged, true},
		{"earlier", -time.Second, 0, ledger.LevelChanged, false},
		{"earlier, by entry 5", -time.Second, 5, ledger.LevelChanged, true},
		{"earlier, by itself", -time.Second, 9, ledger.LevelChanged, false},
		{"later, by entry 5", time.Second, 5, ledger.LevelChanged, false},
		{"taking back", -time.Second, 0, ledger.ClockTakenBack, true},
	} {
		card := ledger.Card{Merchant: 1, ID: 2, Seq: 3, Last: monday, Status: ledger.Active}
		e := ledger.Entry{
			Merchant: 1, ID: 9, Card: 2, Seq: 4, Kind: c.kind, At: monday.Add(c.at), Back: c.back, Status: ledger.Active,
		}
		e.Tally = card.Tally.Plus(&e)
		_, err := card.Fold(&e)
		if (err == nil) != c.ok {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}
