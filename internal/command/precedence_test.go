package command

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// cornered returns a merchant with a card in every condition, and a bill and a recharge to undo.
func cornered(t *testing.T) (l *memStore, bill, paid ledger.EntryID) {
	t.Helper()
	l = newMemStore(ledger.Merchant{
		ID: 1, Zone: shanghai, LicenceEnd: 2026_12_31,
		Settings: ledger.Settings{MaxAmount: 1000_00, MaxBalance: 2000_00, PointsRatio: 200},
		Levels:   []ledger.Level{{ID: 1, PayRate: ledger.Percent100, Earn: ledger.Percent100}},
		PayTypes: []ledger.PayType{{ID: 1, Name: "现金"}},
	})
	must := func(cmd Command) Changes {
		ch, err := l.do(cmd, monday)
		if err != nil {
			t.Fatalf("%+v: %v", cmd, err)
		}
		return ch
	}
	for _, n := range []string{"good", "poor", "full", "lost", "returned", "replaced", "stopped", "expired"} {
		card := NewCard{Number: n, Level: 1, Holder: ledger.Holder{Name: "张三"}}
		switch n {
		case "poor":
			card.Details.ExtID = "77"
		case "expired":
			card.Expires = ledger.DateOf(monday)
		case "full":
			card.Principal, card.Points = 2000_00, ledger.MaxPoints
		}
		must(Open{Merchant: 1, Card: card})
	}
	paid = must(Recharge{Merchant: 1, Card: "good", Amount: 100_00, PayType: 1}).Entries[0].ID
	bill = must(Consume{Merchant: 1, Card: "good", Amount: 40_00}).Entries[0].ID
	must(ReportLost{Merchant: 1, Card: "lost"})
	must(Return{Merchant: 1, Card: "returned"})
	must(Replace{Merchant: 1, Card: "replaced", Number: "replacement"})
	must(Stop{Merchant: 1, Card: "stopped"})
	must(Open{
		Merchant: 1, Card: NewCard{Number: "common", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "张三"}},
	})
	return l, bill, paid
}

var (
	monday = time.Date(2026, 1, 5, 12, 0, 0, 0, shanghai)
	// nextDay is when the card named "expired" has expired.
	nextDay = monday.AddDate(0, 0, 1)
	// tooLate is after the licence has ended.
	tooLate = monday.AddDate(1, 0, 0)
)

// attempt is a row of a table of precedence.
type attempt struct {
	now  time.Time
	cmd  Command
	want ledger.Reason // 0 = carried out
}

// Each row corrects the fault of the row above it: of several faults, the first in this order is reported.
func TestPrecedenceOfRefusals(t *testing.T) {
	t.Parallel()
	_, bill, paid := cornered(t)
	for name, rows := range map[string][]attempt{
		"open": attemptsToOpen(), "recharge": attemptsToRecharge(), "reverse-recharge": attemptsToReverse(paid, bill),
		"consume": attemptsToConsume(), "pay with points": attemptsToPayWithPoints(),
		"refund-consume": attemptsToRefund(bill, paid), "points": attemptsOnPoints(),
		"transfer": attemptsToTransfer(), "withdraw": attemptsToWithdraw(), "replace": attemptsToReplace(),
		"change-level": attemptsToChangeLevel(), "issue": attemptsToIssue(), "modify-details": attemptsToModifyDetails(),
		"bind-phone": attemptsToBind(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, row := range rows {
				l, _, _ := cornered(t)
				_, err := l.do(row.cmd, row.now)
				if got := reasonOf(err); got != row.want {
					t.Errorf("%+v: got %v, want %v", row.cmd, err, row.want)
				}
				if err := l.check(); err != nil {
					t.Errorf("%+v: %v", row.cmd, err)
				}
			}
		})
	}
}

func attemptsToOpen() []attempt {
	open := func(n NewCard) Command { return Open{Merchant: 1, Card: n} }
	someone := ledger.Holder{Name: "李四"}
	return []attempt{
		{tooLate, open(NewCard{Number: "x!", Expires: 2020_01_01, Principal: -1}), ledger.LicenceOver},
		{nextDay, open(NewCard{Number: "x!", Expires: 2020_01_01, Principal: -1}), ledger.BadNumber},
		{nextDay, open(NewCard{Number: "good", Kind: 1, Expires: 2020_01_01, Principal: -1}), ledger.BadKind},
		{nextDay, open(NewCard{Number: "good", Expires: 2020_01_01, Principal: -1}), ledger.UnknownLevel},
		{
			nextDay,
			open(NewCard{Number: "good", Level: 1, Expires: 2020_01_01, Principal: -1, Details: ledger.Details{Credit: -1}}),
			ledger.BadHolder,
		},
		{
			nextDay,
			open(NewCard{Number: "good", Level: 1, Holder: someone, Expires: 2020_01_01, Details: ledger.Details{Credit: -1}}),
			ledger.BadDetails,
		},
		{
			nextDay, open(NewCard{Number: "good", Level: 1, Holder: someone, Expires: 2020_01_01, Principal: -1}),
			ledger.BadExpiry,
		},
		{nextDay, open(NewCard{Number: "good", Level: 1, Holder: someone, Principal: -1, Points: -1}), ledger.BadAmount},
		{nextDay, open(NewCard{Number: "good", Level: 1, Holder: someone, Principal: 2000_01, Points: -1}), ledger.BadScore},
		{nextDay, open(NewCard{Number: "good", Level: 1, Holder: someone, Principal: 2000_01}), ledger.BalanceTooHigh},
		{
			nextDay,
			open(NewCard{Number: "good", Level: 1, Holder: someone, Principal: 2000_00, Details: ledger.Details{ExtID: "77"}}),
			ledger.CardTaken,
		},
		{
			nextDay,
			open(NewCard{Number: "fresh", Level: 1, Holder: someone, Principal: 2000_00, Details: ledger.Details{ExtID: "77"}}),
			ledger.ExtIDTaken,
		},
		{
			nextDay,
			open(NewCard{Number: "fresh", Level: 1, Holder: someone, Principal: 2000_00, Details: ledger.Details{ExtID: "78"}}),
			0,
		},
	}
}

func attemptsToIssue() []attempt {
	issue := func(cards ...NewCard) Command { return Issue{Merchant: 1, Cards: cards} }
	bare := func(number, code string) NewCard {
		return NewCard{Number: number, Kind: ledger.StoredValue, Level: 1, Details: ledger.Details{ExtID: code}}
	}
	many := make([]NewCard, MaxIssue+1)
	for i := range many {
		many[i] = bare(fmt.Sprint("many-", i), fmt.Sprint(1000+i))
	}
	return []attempt{
		{tooLate, issue(), ledger.LicenceOver},
		{nextDay, issue(), ledger.BadCount},
		{nextDay, issue(many...), ledger.BadCount},
		{nextDay, issue(bare("fresh", "1"), bare("x!", "1"), bare("good", "1")), ledger.BadNumber},
		{nextDay, issue(bare("fresh", "1"), bare("fresh", "1"), bare("x!", "2")), ledger.CardTaken},
		{nextDay, issue(bare("fresh", "1"), bare("good", "2"), bare("x!", "2")), ledger.CardTaken},
		{nextDay, issue(bare("fresh", "1"), bare("fresh2", "1"), bare("x!", "2")), ledger.ExtIDTaken},
		{nextDay, issue(bare("fresh", "1"), bare("fresh2", "77"), bare("x!", "2")), ledger.ExtIDTaken},
		{nextDay, issue(bare("fresh", "1"), bare("fresh2", "2")), 0},
		{nextDay, issue(many[1:]...), 0},
	}
}

func attemptsToModifyDetails() []attempt {
	modify := func(card, code string, credit ledger.Fen) Command {
		return ModifyDetails{Merchant: 1, Card: card, ExtID: &code, Credit: &credit}
	}
	return []attempt{
		{tooLate, modify("none", "x", -1), ledger.LicenceOver},
		{nextDay, modify("none", "77", -1), ledger.BadDetails},
		{nextDay, modify("none", "77", 1), ledger.CardNotFound},
		{nextDay, modify("returned", "77", 1), ledger.CardIsReturned},
		{nextDay, modify("lost", "77", 1), ledger.ExtIDTaken},
		{nextDay, modify("poor", "77", 1), 0}, // its own code
		{nextDay, modify("stopped", "78", 1), 0},
	}
}

// attemptsToBind bind phones. The bindable card has id 10 and its first pass.
func attemptsToBind() []attempt {
	bind := func(id ledger.CardID, card string, pass int64) Command {
		return BindPhone{Merchant: 1, ID: id, Card: card, Pass: pass}
	}
	return []attempt{
		{tooLate, bind(0, "none", 7), ledger.LicenceOver},
		{nextDay, bind(0, "none", 7), ledger.CardNotFound},
		{nextDay, bind(0, "lost", 7), ledger.CardIsLost},
		{nextDay, bind(0, "replaced", 7), ledger.CardIsReplaced},
		{nextDay, bind(0, "expired", 7), ledger.CardIsExpired},
		{nextDay, bind(0, "good", 7), ledger.NoBinding},
		{nextDay, bind(10, "common", 7), ledger.BindingOver},
		{nextDay, bind(9, "common", 0), ledger.BindingOver},
		{nextDay, bind(10, "common", 0), 0},
	}
}

func attemptsToRecharge() []attempt {
	return []attempt{
		{tooLate, Recharge{Merchant: 1, Card: "none", Amount: 0}, ledger.LicenceOver},
		{nextDay, Recharge{Merchant: 1, Card: "none", Amount: 0}, ledger.BadAmount},
		{nextDay, Recharge{Merchant: 1, Card: "none", Amount: 1000_01}, ledger.BadAmount},
		{nextDay, Recharge{Merchant: 1, Card: "none", Amount: 1000_00}, ledger.UnknownPayType},
		{nextDay, Recharge{Merchant: 1, Card: "none", Amount: 1000_00, PayType: 1}, ledger.CardNotFound},
		{nextDay, Recharge{Merchant: 1, Card: "lost", Amount: 1000_00, PayType: 1}, ledger.CardIsLost},
		{nextDay, Recharge{Merchant: 1, Card: "returned", Amount: 1000_00, PayType: 1}, ledger.CardIsReturned},
		{nextDay, Recharge{Merchant: 1, Card: "replaced", Amount: 1000_00, PayType: 1}, ledger.CardIsReplaced},
		{nextDay, Recharge{Merchant: 1, Card: "stopped", Amount: 1000_00, PayType: 1}, ledger.CardIsStopped},
		{nextDay, Recharge{Merchant: 1, Card: "expired", Amount: 1000_00, PayType: 1}, ledger.CardIsExpired},
		{nextDay, Recharge{Merchant: 1, Card: "full", Amount: 1000_00, PayType: 1}, ledger.BalanceTooHigh},
		{nextDay, Recharge{Merchant: 1, Card: "poor", Amount: 1000_00, PayType: 1}, 0},
	}
}

func attemptsToReverse(paid, bill ledger.EntryID) []attempt {
	return []attempt{
		{tooLate, ReverseRecharge{Merchant: 1, Card: "none", Entry: 99}, ledger.LicenceOver},
		{nextDay, ReverseRecharge{Merchant: 1, Card: "none", Entry: 99}, ledger.CardNotFound},
		{nextDay, ReverseRecharge{Merchant: 1, Card: "lost", Entry: 99}, ledger.EntryNotFound},
		{nextDay, ReverseRecharge{Merchant: 1, Card: "good", Entry: 99}, ledger.EntryNotFound},
		{nextDay, ReverseRecharge{Merchant: 1, Card: "poor", Entry: paid}, ledger.EntryNotFound},
		{nextDay, ReverseRecharge{Merchant: 1, Card: "good", Entry: bill}, ledger.NotReversible},
		{nextDay, ReverseRecharge{Merchant: 1, Card: "good", Entry: paid}, 0},
	}
}

func attemptsToConsume() []attempt {
	return []attempt{
		{tooLate, Consume{Merchant: 1, Card: "none", Amount: 0, NoDiscount: 1}, ledger.LicenceOver},
		{nextDay, Consume{Merchant: 1, Card: "none", Amount: 0, NoDiscount: 1}, ledger.BadAmount},
		{nextDay, Consume{Merchant: 1, Card: "none", Amount: 1000_01, NoDiscount: 1}, ledger.BadAmount},
		{nextDay, Consume{Merchant: 1, Card: "none", Amount: 100_00, NoDiscount: 100_01}, ledger.BadDiscountable},
		{nextDay, Consume{Merchant: 1, Card: "none", Amount: 100_00}, ledger.CardNotFound},
		{nextDay, Consume{Merchant: 1, Card: "lost", Amount: 100_00}, ledger.CardIsLost},
		{nextDay, Consume{Merchant: 1, Card: "expired", Amount: 100_00}, ledger.CardIsExpired},
		{nextDay, Consume{Merchant: 1, Card: "poor", Amount: 100_00}, ledger.ShortBalance},
		{nextDay, Consume{Merchant: 1, Card: "full", Amount: 100_00}, ledger.BalanceTooHigh},
		{nextDay, Consume{Merchant: 1, Card: "good", Amount: 60_00}, 0},
	}
}

// attemptsToPayWithPoints pay with a card that has 60.00 and 40 points, which are worth 0.20.
func attemptsToPayWithPoints() []attempt {
	wrong, right := ledger.Fen(21), ledger.Fen(20)
	pay := func(card string, amount ledger.Fen, points PointsOffered, coupons ...ledger.CouponID) Command {
		return Consume{Merchant: 1, Card: card, Amount: amount, Points: points, Coupons: coupons}
	}
	return []attempt{
		{tooLate, pay("none", 0, PointsOffered{-1, 100, &wrong}, 999), ledger.LicenceOver},
		{nextDay, pay("none", -1, PointsOffered{-1, 100, &wrong}, 999), ledger.BadAmount},
		{nextDay, pay("none", 10, PointsOffered{-1, 100, &wrong}, 999), ledger.BadScore},
		{nextDay, pay("none", 10, PointsOffered{1, 100, &wrong}, 999), ledger.OtherPointsRatio},
		{nextDay, pay("none", 10, PointsOffered{1, 200, &wrong}, 999), ledger.OtherPointsWorth},
		{nextDay, pay("none", 10, PointsOffered{1, 200, nil}, 999), ledger.CardNotFound},
		{nextDay, pay("good", 10, PointsOffered{1, 200, nil}, 999), ledger.CouponNotFound},
		{nextDay, pay("poor", 10, PointsOffered{1, 200, nil}), ledger.PointsNoMoney},
		{nextDay, pay("poor", 10, PointsOffered{40, 200, &right}), ledger.ShortPoints},
		{nextDay, pay("good", 10, PointsOffered{40, 200, &right}), ledger.TooManyPoints},
		{nextDay, pay("good", 60_21, PointsOffered{40, 200, &right}), ledger.ShortBalance},
		{nextDay, pay("good", 60_20, PointsOffered{40, 200, &right}), 0},
	}
}

func attemptsToRefund(bill, paid ledger.EntryID) []attempt {
	return []attempt{
		{tooLate, RefundConsume{Merchant: 1, Card: "none", Entry: 99, Amount: -1}, ledger.LicenceOver},
		{nextDay, RefundConsume{Merchant: 1, Card: "none", Entry: 99, Amount: -1}, ledger.BadAmount},
		{nextDay, RefundConsume{Merchant: 1, Card: "none", Entry: 99, Amount: 50_00}, ledger.CardNotFound},
		{nextDay, RefundConsume{Merchant: 1, Card: "good", Entry: 99, Amount: 50_00}, ledger.EntryNotFound},
		{nextDay, RefundConsume{Merchant: 1, Card: "good", Entry: paid, Amount: 50_00}, ledger.NotReversible},
		{nextDay, RefundConsume{Merchant: 1, Card: "good", Entry: bill, Amount: 50_00}, ledger.RefundTooMuch},
		{nextDay, RefundConsume{Merchant: 1, Card: "good", Entry: bill, Amount: 40_00}, 0},
	}
}

func attemptsOnPoints() []attempt {
	return []attempt{
		{tooLate, UsePoints{Merchant: 1, Card: "none"}, ledger.LicenceOver},
		{nextDay, UsePoints{Merchant: 1, Card: "none"}, ledger.BadScore},
		{nextDay, AdjustPoints{Merchant: 1, Card: "none"}, ledger.BadScore},
		{nextDay, UsePoints{Merchant: 1, Card: "none", Points: 50}, ledger.CardNotFound},
		{nextDay, UsePoints{Merchant: 1, Card: "stopped", Points: 50}, ledger.CardIsStopped},
		{nextDay, UsePoints{Merchant: 1, Card: "good", Points: 41}, ledger.ShortPoints},
		{nextDay, UsePoints{Merchant: 1, Card: "good", Points: 40}, 0},
		{nextDay, AdjustPoints{Merchant: 1, Card: "full", Points: 1}, ledger.BalanceTooHigh},
		{nextDay, AdjustPoints{Merchant: 1, Card: "full", Points: -1}, 0},
	}
}

func attemptsToTransfer() []attempt {
	return []attempt{
		{tooLate, Transfer{Merchant: 1, From: "none", To: "none"}, ledger.LicenceOver},
		{nextDay, Transfer{Merchant: 1, From: "none", To: "none"}, ledger.BadAmount},
		{nextDay, Transfer{Merchant: 1, From: "none", To: "none", Amount: 60_01}, ledger.SameCard},
		{nextDay, Transfer{Merchant: 1, From: "none", To: "no2", Amount: 60_01}, ledger.CardNotFound},
		{nextDay, Transfer{Merchant: 1, From: "lost", To: "full", Amount: 60_01}, ledger.CardIsLost},
		{nextDay, Transfer{Merchant: 1, From: "good", To: "full", Amount: 60_01}, ledger.ShortBalance},
		{nextDay, Transfer{Merchant: 1, From: "good", To: "no2", Amount: 60_00}, ledger.CardNotFound},
		{nextDay, Transfer{Merchant: 1, From: "good", To: "stopped", Amount: 60_00}, ledger.CardIsStopped},
		{nextDay, Transfer{Merchant: 1, From: "good", To: "full", Amount: 60_00}, ledger.BalanceTooHigh},
		{nextDay, Transfer{Merchant: 1, From: "good", To: "poor", Amount: 60_00}, 0},
	}
}

func attemptsToWithdraw() []attempt {
	return []attempt{
		{tooLate, Withdraw{Merchant: 1, Card: "none"}, ledger.LicenceOver},
		{nextDay, Withdraw{Merchant: 1, Card: "none"}, ledger.BadAmount},
		{nextDay, Withdraw{Merchant: 1, Card: "none", Amount: 60_01, PayType: 9}, ledger.UnknownPayType},
		{nextDay, Withdraw{Merchant: 1, Card: "none", Amount: 60_01, PayType: 1}, ledger.CardNotFound},
		{nextDay, Withdraw{Merchant: 1, Card: "expired", Amount: 60_01}, ledger.CardIsExpired},
		{nextDay, Withdraw{Merchant: 1, Card: "good", Amount: 60_01}, ledger.ShortBalance},
		{nextDay, Withdraw{Merchant: 1, Card: "good", Amount: 60_00}, 0},
	}
}

func attemptsToReplace() []attempt {
	return []attempt{
		{tooLate, Replace{Merchant: 1, Card: "x!", Number: "x!"}, ledger.LicenceOver},
		{nextDay, Replace{Merchant: 1, Card: "x!", Number: "x!"}, ledger.BadNumber},
		{nextDay, Replace{Merchant: 1, Card: "none", Number: "none"}, ledger.SameCard},
		{nextDay, Replace{Merchant: 1, Card: "none", Number: "good"}, ledger.CardNotFound},
		{nextDay, Replace{Merchant: 1, Card: "stopped", Number: "good"}, ledger.CardIsStopped},
		{nextDay, Replace{Merchant: 1, Card: "lost", Number: "good"}, ledger.CardTaken},
		{nextDay, Replace{Merchant: 1, Card: "lost", Number: "fresh"}, 0},
	}
}

func attemptsToChangeLevel() []attempt {
	return []attempt{
		{tooLate, ChangeLevel{Merchant: 1, Card: "none", Level: 2}, ledger.LicenceOver},
		{nextDay, ChangeLevel{Merchant: 1, Card: "none", Level: 2}, ledger.UnknownLevel},
		{nextDay, ChangeLevel{Merchant: 1, Card: "none", Level: 1}, ledger.CardNotFound},
		{nextDay, ChangeLevel{Merchant: 1, Card: "returned", Level: 1}, ledger.CardIsReturned},
		{nextDay, ChangeLevel{Merchant: 1, Card: "stopped", Level: 1}, 0},
	}
}

// reasonOf returns the reason of a refusal, 0 for nil and -1 for another error.
func reasonOf(err error) ledger.Reason {
	if err == nil {
		return 0
	}
	if r, ok := errors.AsType[ledger.Refusal](err); ok {
		return r.Reason
	}
	return -1
}

// Every command is refused in every status with that status's reason, and money moves on active cards only (invariant
// 26).
func TestInvariant26EveryCommandInEveryStatus(t *testing.T) {
	t.Parallel()
	_, bill, paid := cornered(t)
	type row struct {
		name string
		cmd  func(card string) Command
		also []string // statuses besides active in which it may be done
	}
	blocked := []string{"lost", "stopped"}
	rows := []row{
		{"recharge", func(c string) Command { return Recharge{Merchant: 1, Card: c, Amount: 1, PayType: 1} }, nil},
		{"consume", func(c string) Command { return Consume{Merchant: 1, Card: c, Amount: 1} }, nil},
		{"use-points", func(c string) Command { return UsePoints{Merchant: 1, Card: c, Points: 1} }, nil},
		{"adjust-points", func(c string) Command { return AdjustPoints{Merchant: 1, Card: c, Points: 1} }, nil},
		{"withdraw", func(c string) Command { return Withdraw{Merchant: 1, Card: c, Amount: 1} }, nil},
		{"transfer out", func(c string) Command { return Transfer{Merchant: 1, From: c, To: "poor", Amount: 1} }, nil},
		{"transfer in", func(c string) Command { return Transfer{Merchant: 1, From: "full", To: c, Amount: 1} }, nil},
		{"merge out", func(c string) Command { return Merge{Merchant: 1, From: c, To: "poor"} }, nil},
		{"merge in", func(c string) Command { return Merge{Merchant: 1, From: "poor", To: c} }, nil},
		{"give-bonus", func(c string) Command { return GiveBonus{Merchant: 1, Card: c, Amount: 1} }, nil},
		{"hold", func(c string) Command { return Hold{Merchant: 1, Card: c, Amount: 1} }, nil},
		{"capture", func(c string) Command { return Capture{Merchant: 1, Card: c, Hold: 1} }, nil},
		{"release-hold", func(c string) Command { return ReleaseHold{Merchant: 1, Card: c, Hold: 1} }, blocked},
		{"return", func(c string) Command { return Return{Merchant: 1, Card: c} }, nil},
		{"report-lost", func(c string) Command { return ReportLost{Merchant: 1, Card: c} }, nil},
		{"stop", func(c string) Command { return Stop{Merchant: 1, Card: c} }, nil},
		{"cancel-loss", func(c string) Command { return CancelLoss{Merchant: 1, Card: c} }, []string{"lost"}},
		{"resume", func(c string) Command { return Resume{Merchant: 1, Card: c} }, []string{"stopped"}},
		{"replace", func(c string) Command { return Replace{Merchant: 1, Card: c, Number: "fresh"} }, []string{"lost"}},
		{"expire", func(c string) Command { return Expire{Merchant: 1, Card: c} }, blocked},
		{"modify-holder", func(c string) Command { return ModifyHolder{Merchant: 1, Card: c} }, blocked},
		{"modify-details", func(c string) Command { return ModifyDetails{Merchant: 1, Card: c} }, blocked},
		{"bind-phone", func(c string) Command { return BindPhone{Merchant: 1, Card: c} }, nil},
		{"renew", func(c string) Command { return Renew{Merchant: 1, Card: c} }, nil},
		{"charge-account", func(c string) Command { return ChargeToAccount{Merchant: 1, Card: c, Amount: 1} }, nil},
		{"invoice", func(c string) Command { return Invoice{Merchant: 1, Card: c, Amount: 1} }, blocked},
		{"change-level", func(c string) Command { return ChangeLevel{Merchant: 1, Card: c, Level: 1} }, blocked},
	}
	reasons := map[string]ledger.Reason{
		"lost": ledger.CardIsLost, "returned": ledger.CardIsReturned, "replaced": ledger.CardIsReplaced,
		"stopped": ledger.CardIsStopped,
	}
	for _, r := range rows {
		for card, want := range reasons {
			l, _, _ := cornered(t)
			_, err := l.do(r.cmd(card), nextDay)
			got := reasonOf(err)
			if may := slices.Contains(r.also, card); may && got == want || !may && got != want {
				t.Errorf("%s of a card that is %s: got %v", r.name, card, err)
			}
		}
	}
	for _, cmd := range []Command{
		RefundConsume{Merchant: 1, Card: "good", Entry: bill}, ReverseRecharge{Merchant: 1, Card: "good", Entry: paid},
	} {
		l, _, _ := cornered(t)
		for _, block := range []Command{Stop{Merchant: 1, Card: "good"}, cmd} {
			if _, err := l.do(block, nextDay); block == cmd && reasonOf(err) != ledger.CardIsStopped {
				t.Errorf("%+v of a stopped card: got %v", cmd, err)
			}
		}
	}
}

// The lists that complete tables are checked against are complete themselves.
func TestListsAreComplete(t *testing.T) {
	t.Parallel()
	for _, r := range ledger.Reasons() {
		if r.String() == "" {
			t.Errorf("reason %d has no name", r)
		}
	}
	if len(ledger.ReasonNames) != len(ledger.Reasons()) {
		t.Errorf("%d reasons are named, there are %d", len(ledger.ReasonNames), len(ledger.Reasons()))
	}
	if len(ledger.KindNames) != len(ledger.Kinds) {
		t.Errorf("%d kinds are named, there are %d", len(ledger.KindNames), len(ledger.Kinds))
	}
	seen := map[string]ledger.Kind{}
	for _, k := range ledger.Kinds {
		if other, twice := seen[k.String()]; twice || ledger.KindNames[k] == "" {
			t.Errorf("kind %d is called %q, so is %d", k, k, other)
		}
		seen[k.String()] = k
	}
	if got, want := ledger.Kind(99).String(), "kind 99"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for kind := range ledger.MoneySides {
		if ledger.KindNames[kind] == "" {
			t.Errorf("postings of a kind there is not: %d", kind)
		}
	}
	if len(statusReasons)+1 != len(ledger.Statuses) {
		t.Errorf("%d statuses refuse, of %d", len(statusReasons), len(ledger.Statuses))
	}
}

// Decide may read only what it named in Keys, because a store loads no more than that.
func TestReadingWhatWasNotNamedPanics(t *testing.T) {
	t.Parallel()
	l, _, _ := cornered(t)
	s := NewState(1)
	l.teach(s, Keys{})
	for _, read := range []func(){
		func() { s.card("good") },
		func() { s.entries.get(1) },
		func() { s.request(ledger.RequestKey{}) },
		func() { s.extIDs.get("77") },
		func() { s.at(2) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("read what was not named")
				}
			}()
			read()
		}()
	}
}

// An operator's name is kept without surrounding space, and cut to its limit: one person is one operator.
func TestOperatorIsOnePerson(t *testing.T) {
	t.Parallel()
	l, _, _ := cornered(t)
	for _, c := range []struct{ given, want string }{
		{"小王", "小王"}, {"小王 ", "小王"}, {"\t　小王\x00 ", "小王"}, {"小 王", "小 王"}, {" ", ""},
		{" " + fmt.Sprintf("%064d", 1), fmt.Sprintf("%064d", 1)},
		{fmt.Sprintf("%063d  1", 1), fmt.Sprintf("%063d", 1)},
		{fmt.Sprintf("%064d", 1), fmt.Sprintf("%064d", 1)},
		{fmt.Sprintf("%065d", 1), fmt.Sprintf("%064d", 0)},
		{"一二三四五六七八九十一二三四五六七八九十一二三", "一二三四五六七八九十一二三四五六七八九十一"},
	} {
		ch, err := l.do(Recharge{Merchant: 1, By: ledger.Caller{Operator: c.given}, Card: "poor", Amount: 1, PayType: 1},
			monday)
		if err != nil {
			t.Fatal(err)
		}
		if got := ch.Last().By.Operator; got != c.want {
			t.Errorf("%q is kept as %q, want %q", c.given, got, c.want)
		}
	}
}

// Changes.Card finds the cards that the command opened or changed, and no others.
func TestChangesCard(t *testing.T) {
	t.Parallel()
	l, _, _ := cornered(t)
	ch, err := l.do(Replace{Merchant: 1, Card: "good", Number: "better"}, monday)
	if err != nil {
		t.Fatal(err)
	}
	if old, now := ch.Card("good"), ch.Card("better"); old.Status != ledger.Replaced || now.Status != ledger.Active ||
		now.Amount() != 60_00 {
		t.Errorf("old %+v, new %+v", old, now)
	}
	if c := ch.Card("poor"); c != nil {
		t.Errorf("got %+v, want none", c)
	}
	if want := (ledger.CardKey{Merchant: 1, Number: "BETTER"}); ch.Card("better").Key() != want {
		t.Errorf("got %v, want %v", ch.Card("better").Key(), want)
	}
}
