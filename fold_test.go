package tongka

import (
	"strings"
	"testing"
	"time"
)

// A journal that was tampered with does not fold (invariants 03–06, 22). Each row spoils one thing in
// the last entry of a good journal.
func TestFoldRefusesWhatCannotFollow(t *testing.T) {
	t.Parallel()
	l := newLedger(Merchant{
		ID: 1, Zone: shanghai, Levels: []Level{{ID: 1, Discount: Whole, Earn: Whole}}, PayTypes: []PayType{{ID: 1}},
		Rules: []Rule{{ID: 1, Kind: Percent, AddRate: 1000}},
	})
	for _, cmd := range []Command{
		Open{Merchant: 1, Card: NewCard{Number: "6001", Level: 1, Holder: Holder{Name: "张三"}}},
		Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 1},
		Consume{Merchant: 1, Card: "6001", Amount: 55_00},
	} {
		if _, err := l.do(cmd, monday); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(*Entry)
		want  string // "" = it folds
	}{
		{"as it was", func(*Entry) {}, ""},
		{"a number left out", func(e *Entry) { e.Seq++ }, "does not follow"},
		{"a number twice", func(e *Entry) { e.Seq-- }, "does not follow"},
		{"of another card", func(e *Entry) { e.Card++ }, "does not follow"},
		{"of another merchant", func(e *Entry) { e.Merchant++ }, "does not follow"},
		{"older", func(e *Entry) { e.At = e.At.Add(-time.Millisecond) }, "older"},
		{"cheaper", func(e *Entry) { e.Principal++ }, "do not add up"},
		{"less bonus", func(e *Entry) { e.Bonus++ }, "do not add up"},
		{"a part cheaper", func(e *Entry) { e.Parts[0].Principal++ }, "do not add up"},
		{"richer after", func(e *Entry) { e.PrincipalAfter++ }, "not balance before"},
		{"bonus richer after", func(e *Entry) { e.BonusAfter++ }, "not balance before"},
		{"from a lot there is not", func(e *Entry) { e.Parts[0].Lot = 99 }, "more from lot 99"},
		{"more than there is", func(e *Entry) { e.Parts[0].Principal -= 100_00; e.Principal -= 100_00 }, "more from lot"},
		{"more bonus than there is", func(e *Entry) { e.Parts[0].Bonus -= 100_00; e.Bonus -= 100_00 }, "more from lot"},
		{"more than a card holds", func(e *Entry) {
			e.Parts[0].Principal += MaxFen
			e.Principal += MaxFen
			e.PrincipalAfter += MaxFen
		}, "out of range"},
		{"a renewal to no day", func(e *Entry) { e.Kind = Renewed }, "does not move"},
		{"a phone without a pass", func(e *Entry) { e.Kind = PhoneBound }, "no new pass"},
		{"a phone with the pass there was", func(e *Entry) { e.Kind, e.Details = PhoneBound, &Details{} }, "no new pass"},
		{"a signed bill there was not", func(e *Entry) { e.Kind = SignedRefunded }, "more than was signed"},
		{"more points", func(e *Entry) { e.Points++ }, "points parts do not add up"},
		{"more points after", func(e *Entry) { e.PointsAfter++ }, "points after"},
		{"points owed after", func(e *Entry) { e.OwedAfter++ }, "points after"},
		{"points below zero", func(e *Entry) { e.PointParts[0].Points, e.Points, e.PointsAfter = -1, -1, -1 }, "below zero"},
		{"owed below zero", func(e *Entry) { e.PointsOwed, e.OwedAfter = -1, -1 }, "below zero"},
		{"points of a day there is not", func(e *Entry) {
			e.PointParts = append(e.PointParts, PointPart{2026_09_09, -5})
			e.Points, e.PointsAfter = e.Points-5, e.PointsAfter-5
		}, "more points of 2026-09-09"},
	} {
		var card Card
		var err error
		for _, e := range l.entriesOf(1) {
			e.Parts = append([]Part(nil), e.Parts...)
			e.PointParts = append([]PointPart(nil), e.PointParts...)
			if e.ID == 3 {
				c.spoil(e)
			}
			if _, err = card.Fold(e); err != nil {
				break
			}
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// A bill that was tampered with does not add up (invariants 08, 09), or did not take what its policy
// takes (10).
func TestBillAddsUp(t *testing.T) {
	t.Parallel()
	consume := Entry{
		Kind: Consumed, Original: 100_00, Discountable: 60_00, Actual: 91_00, Discount: 8500, Principal: -70_00, Bonus: -1_00,
	}
	recharge := Entry{
		Kind: Recharged, Original: 100_00, Actual: 110_00, Principal: 100_00, Bonus: 10_00, Points: 3, PointsOwed: -2,
		Rules: []RuleHit{{Money: 10_00, Points: 5}},
	}
	renewal := Entry{Kind: Renewed, Original: 2_00, Actual: 2_00, Principal: -1_50, Bonus: -50}
	cashBack := Entry{ID: 9, Kind: CashedBack, Original: 71_00, Actual: 5_00, Bonus: 5_00, Parts: []Part{{Lot: 9}}}
	for _, c := range []struct {
		name  string
		entry Entry
		spoil func(*Entry)
		want  bool
	}{
		{"a bill", consume, func(*Entry) {}, true},
		{"nothing on the card", consume, func(e *Entry) { e.Principal, e.Bonus = 0, 0 }, true},
		{"discountable over the bill", consume, func(e *Entry) { e.Discountable = 100_01 }, false},
		{"discountable negative", consume, func(e *Entry) { e.Discountable = -1 }, false},
		{"discount negative", consume, func(e *Entry) { e.Discount = -1 }, false},
		{"discount over the whole", consume, func(e *Entry) { e.Discount = Whole + 1 }, false},
		{"a fen cheaper", consume, func(e *Entry) { e.Actual-- }, false},
		{"more than the bill from the card", consume, func(e *Entry) { e.Principal = -90_01 }, false},
		{"money to the card", consume, func(e *Entry) { e.Principal, e.Bonus = 1, 0 }, false},
		{"too big", consume, func(e *Entry) { e.Original = MaxFen + 1 }, false},
		{"points that pay", consume, byPoints(PointPay{-150, 1_50, 100}, -150), true},
		{"points that pay too much", consume, byPoints(PointPay{-150, 1_51, 100}, -150), false},
		{"points that were not taken", consume, byPoints(PointPay{-150, 1_50, 100}, -149), false},
		{"points taken for nothing", consume, byPoints(PointPay{}, -150), false},
		{"points that are given and pay", consume, byPoints(PointPay{150, 1_50, 100}, 150), false},
		{"cash back", cashBack, func(*Entry) {}, true},
		{"cash back of more than was paid", cashBack, func(e *Entry) { e.Original = 4_99 }, false},
		{"cash back in principal", cashBack, func(e *Entry) { e.Principal, e.Bonus = 5_00, 0 }, false},
		{"cash back of another sum", cashBack, func(e *Entry) { e.Actual++ }, false},
		{"cash back of nothing", cashBack, func(e *Entry) { e.Actual, e.Bonus = 0, 0 }, false},
		{"cash back taken", cashBack, func(e *Entry) { e.Original, e.Principal, e.Bonus = 5_00, -2_00, -3_00 }, true},
		{"cash back taken that gives principal", cashBack, func(e *Entry) { e.Original, e.Principal, e.Bonus = 5_00, 1_00, -6_00 }, false},
		{"cash back taken of another sum", cashBack, func(e *Entry) { e.Original, e.Actual, e.Bonus = 5_00, 4_99, -5_00 }, false},
		{"a recharge", recharge, func(*Entry) {}, true},
		{"a fen not paid", recharge, func(e *Entry) { e.Principal++; e.Actual++ }, false},
		{"a bonus no rule gave", recharge, func(e *Entry) { e.Bonus++; e.Actual++ }, false},
		{"points no rule gave", recharge, func(e *Entry) { e.Points++ }, false},
		{"a rule that gave more", recharge, func(e *Entry) { e.Rules = []RuleHit{{Money: 10_01, Points: 5}} }, false},
		{"a recharge that may be invoiced", recharge, func(e *Entry) { e.Invoice = 100_00 }, true},
		{"a recharge that may be invoiced in part", recharge, func(e *Entry) { e.Invoice = 99_99 }, false},
		{"a bill that may be invoiced", consume, func(e *Entry) { e.Invoice = 1 }, false},
		{"a bill that somebody signed for", consume, func(e *Entry) { e.SignedTo = 7 }, false},
		{"a renewal", renewal, func(*Entry) {}, true},
		{"a renewal that earns", renewal, func(e *Entry) { e.Points = 1 }, false},
		{"a renewal at another price", renewal, func(e *Entry) { e.Original++ }, false},
		{"a renewal not paid", renewal, func(e *Entry) { e.Principal++ }, false},
		{"an invoice", Entry{Kind: Invoiced, Original: 7, Actual: 7, Invoice: -7}, func(*Entry) {}, true},
		{"an invoice of another amount", Entry{Kind: Invoiced, Original: 7, Actual: 7, Invoice: -6}, func(*Entry) {}, false},
		{"an invoice of nothing", Entry{Kind: Invoiced}, func(*Entry) {}, false},
		{"an invoice taken back", Entry{Kind: InvoiceReversed, Original: 7, Actual: 7, Invoice: 7}, func(*Entry) {}, true},
		{"an invoice taken back the wrong way", Entry{Kind: InvoiceReversed, Original: 7, Actual: 7, Invoice: -7}, func(*Entry) {}, false},
		{"a reversal", Entry{Kind: RechargeReversed, Original: 7, Actual: 7, Principal: -7, Invoice: -7}, func(*Entry) {}, true},
		{"a reversal of other money", Entry{Kind: RechargeReversed, Original: 7, Actual: 7, Principal: -7, Invoice: -8}, func(*Entry) {}, false},
		{"a signed bill", Entry{Kind: BillSigned, Original: 7, Actual: 7, SignedTo: 1}, func(*Entry) {}, true},
		{"a signed bill of nobody", Entry{Kind: BillSigned, Original: 7, Actual: 7}, func(*Entry) {}, false},
		{"a signed bill of another amount", Entry{Kind: BillSigned, Original: 7, Actual: 8, SignedTo: 1}, func(*Entry) {}, false},
		{"a signed bill that earns", Entry{Kind: BillSigned, Original: 7, Actual: 7, SignedTo: 1, Points: 1}, func(*Entry) {}, false},
		{"another kind has no bill", Entry{Kind: PointsUsed, Original: 7}, func(*Entry) {}, true},
	} {
		c.spoil(&c.entry)
		if got := c.entry.BillAddsUp(); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// The same for what is paid out, moved or given back.
func TestPayOutsAddUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		entry Entry
		want  bool
	}{
		{"a refund", Entry{Kind: ConsumeRefunded, Original: 7, Actual: 7, Principal: 4, Bonus: 3}, true},
		{"a refund of another amount", Entry{Kind: ConsumeRefunded, Original: 8, Actual: 8, Principal: 4, Bonus: 3}, false},
		{"a withdrawal", Entry{Kind: Withdrawn, Original: 7, Actual: 7, Principal: -7, Bonus: -1}, true},
		{"a withdrawal of bonus", Entry{Kind: Withdrawn, Original: 8, Actual: 8, Principal: -7, Bonus: -1}, false},
		{"cash back put back", Entry{Kind: CashedBack, Original: 5, Actual: 5, Principal: 2, Bonus: 3, Parts: []Part{{Lot: 3}}}, true},
		{"a transfer of bonus as principal", Entry{Kind: TransferredIn, Original: 7, Actual: 8, Principal: 8}, false},
	} {
		if got := c.entry.BillAddsUp(); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// byPoints has points pay of a bill.
func byPoints(pay PointPay, taken int64) func(*Entry) {
	return func(e *Entry) {
		e.ByPoints = pay
		e.Actual -= pay.Worth
		e.Principal += pay.Worth
		e.PointParts = []PointPart{{Forever, taken}, {Forever, 3}}
	}
}

func TestInvariant10TookByPolicy(t *testing.T) {
	t.Parallel()
	card := Card{Principal: 200, Bonus: 100, Lots: []Lot{{1, 2026_02_01, 100, 50}, {2, 2026_03_01, 100, 50}}}
	first := func(principal, bonus Fen) []Part { return []Part{{1, 2026_02_01, principal, bonus}} }
	for _, c := range []struct {
		name   string
		policy Policy
		parts  []Part
		want   bool
	}{
		{"in proportion", Proportional, first(-20, -10), true},
		{"not in proportion", Proportional, first(-21, -9), false},
		{"bonus first", BonusFirst, first(0, -30), true},
		{"not bonus first", BonusFirst, first(-20, -10), false},
		{"principal first", PrincipalFirst, first(-30, 0), true},
		{"not principal first", PrincipalFirst, first(-20, -10), false},
		{"the second lot first", PrincipalFirst, []Part{{2, 2026_03_01, -30, 0}}, false},
		{"from both", BonusFirst, []Part{{1, 2026_02_01, 0, -50}, {2, 2026_03_01, 0, -7}}, true},
		{"nothing", Proportional, nil, true},
		{"more than there is", Proportional, first(-301, 0), false},
		{"money to the card", Proportional, first(1, 0), false},
	} {
		e := Entry{Kind: Consumed, Policy: c.policy, Parts: c.parts}
		for _, p := range c.parts {
			e.Principal, e.Bonus = e.Principal+p.Principal, e.Bonus+p.Bonus
		}
		if got := card.TookByPolicy(&e); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// Only kinds that may move money do: the table of legs is closed (invariant 01).
func TestInvariant01LegsByKind(t *testing.T) {
	t.Parallel()
	for _, k := range Kinds {
		e := Entry{Kind: k, Principal: 3, Bonus: 2, Points: 5, PointsOwed: 1}
		legs, ok := e.Legs()
		if _, may := moneySides[k]; ok != may {
			t.Errorf("%v may move money: %v", k, ok)
		}
		var money Fen
		var points int64
		for _, l := range legs {
			money, points = money+l.Money, points+l.Points
		}
		if money != 0 || points != 0 || ok && len(legs) != 6 {
			t.Errorf("%v: legs %+v", k, legs)
		}
	}
}

// What a page of history counts is what its filter chooses (invariant 24).
func TestTallyCountsWhatTheFilterChooses(t *testing.T) {
	t.Parallel()
	var tally Tally
	var entries []Entry
	for i, k := range append(append([]Kind{Consumed, Consumed}, Kinds...), Recharged, Consumed) {
		entries = append(entries, Entry{Kind: k, Points: int64(i % 3)})
		before := len(tally)
		longer := tally.plus(&entries[i])
		if len(tally) != before {
			t.Fatal("the tally before was changed")
		}
		tally = longer
	}
	for _, f := range []Filter{
		{}, {MovedPoints: true}, {Kinds: []Kind{Consumed}}, {Kinds: []Kind{Consumed}, MovedPoints: true},
		{Kinds: []Kind{Recharged, Opened, Consumed}}, {Kinds: []Kind{}}, {Kinds: []Kind{99}},
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
	if got, want := tally.Count(Filter{}), int64(len(entries)); got != want {
		t.Errorf("all: got %d, want %d", got, want)
	}
}
