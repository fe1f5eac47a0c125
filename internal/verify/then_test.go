package verify

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// rich is a merchant with several rules, whose cards give cash back.
func rich() ledger.Merchant {
	m := merchant()
	m.Levels[1].Earn = ledger.Percent100
	m.Rules = append(
		m.Rules,
		ledger.Rule{ID: 2, Name: "满100送5", Kind: ledger.FromAmount, Threshold: 100_00, AddMoney: 5_00},
		ledger.Rule{ID: 3, Name: "满50送4", Kind: ledger.FromAmount, Threshold: 50_00, AddMoney: 4_00},
	)
	return m
}

// Commands whose entries are forged.
var (
	recharged = command.Recharge{Merchant: 1, Card: "A0001", Amount: 100_00, PayType: 2}
	inCash    = command.Recharge{Merchant: 1, Card: "A0001", Amount: 100_00, PayType: 1}
	billed    = command.Consume{Merchant: 1, Card: "A0001", Amount: 100_00}
	plain     = command.Consume{Merchant: 1, Card: "A0001", Amount: 100_00, NoRewards: true}
	byPoints  = command.Consume{
		Merchant: 1, Card: "A0001", Amount: 100_00, NoRewards: true, Points: command.PointsOffered{Points: 100},
	}
)

// meets adds a rule to those a recharge met, with what it gives.
func meets(e *ledger.Entry, hit ledger.RuleHit) {
	e.Rules = append(e.Rules, hit)
	e.Allocations[0].Bonus, e.Bonus, e.Net = e.Allocations[0].Bonus+hit.Money, e.Bonus+hit.Money, e.Net+hit.Money
	e.PointAllocations[0].Points, e.Points = e.PointAllocations[0].Points+hit.Points, e.Points+hit.Points
}

// paysOnly has the card pay only that much of a bill.
func paysOnly(e *ledger.Entry, amount ledger.Fen) {
	e.Allocations[0].Principal, e.Principal, e.Version = -amount, -amount, ledger.EntryVersion
}

// forgeriesOfThen are changes of the last entry, each with the check that must find it.
var forgeriesOfThen = map[string]struct {
	number int
	want   string
	part   bool // part payment is on
	last   command.Command
	change func(*ledger.Entry)
}{
	"a rule that was met ten times": {8, "not those that apply together", false, recharged, func(e *ledger.Entry) {
		for range 9 {
			meets(e, e.Rules[0])
		}
	}},
	"a lower threshold beside the higher": {8, "not those that apply together", false, recharged, func(e *ledger.Entry) {
		meets(e, ledger.RuleHit{Name: "满50送4", Money: 4_00})
	}},
	"a rule without its money": {8, "not those that apply together", false, recharged, func(e *ledger.Entry) {
		bonus := e.Bonus
		for i := range e.Rules {
			e.Rules[i].Money = 0
		}
		e.Allocations[0].Bonus, e.Allocations[0].GoodUntil, e.Bonus, e.Net = 0, ledger.Forever, 0, e.Net-bonus
	}},
	"a bonus for longer": {61, "gives a bonus good through 2027", false, recharged, func(e *ledger.Entry) {
		e.Allocations[0].GoodUntil = 2027_12_31
	}},
	"points for longer": {61, "gives points good through 2027", false, recharged, func(e *ledger.Entry) {
		e.PointAllocations[0].GoodUntil = 2027_12_31
	}},
	"cash back of the whole bill": {
		32, "gives 100.00 back on 100.00, its level gave 10.00", false, billed,
		func(e *ledger.Entry) { e.Allocations[0].Bonus, e.Bonus, e.Net = 100_00, 100_00, 100_00 },
	},
	"points that pay more than they are worth": {
		32, "by 1 a yuan, the merchant's ratio was 100", false, byPoints,
		func(e *ledger.Entry) {
			e.ByPoints.Ratio, e.ByPoints.Worth = 1, 100_00
			e.Net, e.Principal, e.Allocations = 0, 0, nil
		},
	},
	"a part paid elsewhere": {9, "which the merchant did not allow", false, plain, func(e *ledger.Entry) {
		paysOnly(e, 1)
	}},
	"a part that the card had": {9, "its card could pay otherwise", true, plain, func(e *ledger.Entry) { paysOnly(e, 1) }},
	"an invoice of cash":       {56, "its pay type gives 0.00", false, inCash, func(e *ledger.Entry) { e.Invoice = 100_00 }},
	"a coupon of a hundred yuan": {28, "with other terms or days", false, command.SendCoupons{
		Merchant: 1, Card: "A0001", Kind: 1, Numbers: []string{"28000001"},
	}, func(e *ledger.Entry) { e.Offer.Face = 100_00 }},
	"a renewal for a century": {9, "which its level did not offer", false, command.Renew{
		Merchant: 1, Card: "B0001", Months: 12,
	}, func(e *ledger.Entry) { e.CardExpires = 2127_01_31 }},
	"a bill signed beyond what may be": {37, "which its level did not allow", false, command.ChargeToAccount{
		Merchant: 1, Card: "B0001", Amount: 50_00,
	}, func(e *ledger.Entry) { e.Gross, e.Net = 100_01, 100_01 }},
}

// An entry is changed, and all that follows from it made right, hashes too: it must still be what the settings of then
// give, by the rules that the commands themselves go by.
func TestForgeriesOfThen(t *testing.T) {
	t.Parallel()
	for what, c := range forgeriesOfThen {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			m := rich()
			m.Settings.PartPayment = c.part
			m.Levels[0].Rights.Account.Fixed = 100_00
			open := func(number string, level ledger.LevelID, until ledger.Date) at {
				return at{noon, command.Open{Merchant: 1, Card: command.NewCard{
					Number: number, Level: level, Holder: ledger.Holder{Name: "某人"}, Principal: 500_00, Points: 5000,
					Expires: until,
				}}}
			}
			books := func() *books {
				b := written(t, at{noon, command.ChangeSettings{Merchant: 1, By: ledger.Caller{Operator: "apply"}, To: m}},
					open("A0001", 2, 0), open("B0001", 1, 2027_01_31), at{noon, c.last})
				b.settings = []ledger.Merchant{m}
				b.redo()
				return b
			}
			b := books()
			for number, r := range checked(t, newAudit(), b) {
				if r.Violations > 0 {
					t.Fatalf("sound books: invariant %02d: %v", number, r.Examples)
				}
			}
			c.change(&b.entries[len(b.entries)-1])
			b.redo()
			if r := checked(t, newAudit(), b)[c.number]; !strings.Contains(strings.Join(r.Examples, "\n"), c.want) {
				t.Errorf("found %v, want %q", r.Examples, c.want)
			}
		})
	}
}

// A transfer is one command too, and moves no more than one may.
func TestTransfersOfThen(t *testing.T) {
	t.Parallel()
	m := rich()
	b := written(t, []at{
		{noon, command.ChangeSettings{Merchant: 1, To: m}},
		{noon, command.Open{Merchant: 1, Card: command.NewCard{
			Number: "A0001", Level: 1, Holder: ledger.Holder{Name: "某人"}, Principal: 500_00,
		}}},
		{noon, command.Open{Merchant: 1, Card: command.NewCard{Number: "B0001", Level: 1, Holder: ledger.Holder{Name: "某人"}}}},
		{noon, command.Transfer{Merchant: 1, From: "A0001", To: "B0001", Amount: 50_00}},
	}...)
	m.Settings.MaxAmount = 49_99
	text, err := ledger.SettingsText(&m)
	if err != nil {
		t.Fatal(err)
	}
	b.settings, b.entries[0].Settings = []ledger.Merchant{m}, text
	b.redo()
	for number, r := range checked(t, newAudit(), b) {
		found := strings.Contains(strings.Join(r.Examples, "\n"), "moves 50.00, the merchant allowed 49.99")
		if found != (number == 37) {
			t.Errorf("invariant %02d: %v", number, r.Examples)
		}
	}
}

// changeTo changes the settings, whoever changed them last, and notes that it did.
type changeTo struct {
	to    ledger.Merchant
	noted *[]ledger.Merchant
}

func (c changeTo) MerchantID() ledger.MerchantID { return c.to.ID }
func (c changeTo) Keys() command.Keys            { return command.ChangeSettings{To: c.to}.Keys() }

func (c changeTo) Decide(s *command.State, now time.Time) (command.Changes, error) {
	ch, err := command.ChangeSettings{Merchant: c.to.ID, From: s.Head().Settings, To: c.to}.Decide(s, now)
	if err == nil {
		*c.noted = []ledger.Merchant{c.to}
	}
	return ch, err
}

// Whatever is done by whatever settings, and however these change in between, books that the commands made hold: no
// entry is held against more than it was decided by.
func TestPropertySettingsOfThen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		draw := func(what string, most int) int { return rapid.IntRange(0, most).Draw(r, what) }
		now, numbers, noted := noon, 28000000, []ledger.Merchant{}
		steps := []at{{now, changeTo{drawSettings(r), &noted}}}
		for i, number := range cardsOfThen {
			steps = append(steps, at{now, command.Open{Merchant: 1, Card: command.NewCard{
				Number: number, Level: ledger.LevelID(1 + i%2), Holder: ledger.Holder{Name: "某人"},
				Principal: ledger.Fen(draw("principal", 100_00)), Bonus: ledger.Fen(draw("bonus", 9_00)),
				Points: int64(draw("points", 300)), Expires: 2026_06_30 * ledger.Date(i/2),
			}}})
		}
		for range draw("steps", 40) {
			now = now.Add(time.Duration(draw("hours", 1)*draw("more hours", 40)) * time.Hour)
			numbers++
			steps = append(steps, at{now, drawOfThen(r, numbers, &noted)})
		}
		b := attempted(t, true, steps)
		b.settings, b.heads[0].Version = noted, 1
		b.guids[ledger.FoldGUID("{S2}")] = 1
		if n := len(b.stocks); n > 1 {
			b.stocks = b.stocks[n-1:] // there is one kind
		}
		for number, found := range checked(t, newAudit(), b) {
			if found.Violations > 0 {
				for i := range b.entries {
					r.Logf("%+v", b.entries[i])
				}
				r.Fatalf("invariant %02d: %v", number, found.Examples)
			}
		}
	})
}

var cardsOfThen = []string{"A0001", "A0002", "A0003", "A0004"}

// drawSettings returns settings that commands can be decided by.
func drawSettings(r *rapid.T) ledger.Merchant {
	draw := func(what string, most int) int { return rapid.IntRange(0, most).Draw(r, what) }
	may := func(what string) bool { return draw(what, 3) == 0 }
	m := rich()
	m.Zone = time.FixedZone("somewhere", (draw("zone", 26)-12)*3600)
	m.Settings = ledger.Settings{
		SpendOrder: ledger.SpendOrder(draw("order", 2)), PartPayment: draw("part", 1) == 0, BonusDays: draw("bonus days", 3),
		PointsDays: draw("points days", 3), PointsRatio: int64(draw("ratio", 3) * 50),
	}
	if may("licence") {
		m.LicenceEnd = 2026_05_03 + ledger.Date(draw("licence end", 20))
	}
	if may("limits") {
		m.Settings.MaxAmount, m.Settings.MaxBalance = 80_00, 400_00
	}
	m.Levels[0].PayRate = ledger.Rate(1 + draw("discount", 9999))
	m.Levels[1].Earn = ledger.Rate(draw("earning", 10000))
	back := ledger.Fen(1 + draw("back", 1_00))
	m.Levels[1].Rights.CashBack = ledger.CashBack{Each: back + ledger.Fen(draw("each", 20_00)), Back: back}
	m.Levels[0].Rights.NoRecharge = may("no recharge")
	m.Levels[0].Rights.Account.Fixed = ledger.Fen(draw("fixed", 50_00))
	m.Levels[0].Rights.Account.MaxAmount = m.Levels[0].Rights.Account.Fixed + ledger.Fen(draw("account", 90_00))
	m.Levels[0].Rights.Renewals = []ledger.Renewal{
		{Price: 2_00, Months: 12}, {Price: 1_00, Months: 1 + draw("months", 10)},
	}
	m.Rules[0].AddRate = ledger.Rate(1 + draw("rate", 9999))
	m.Rules[1].First, m.Rules[1].Last = 2026_05_01+ledger.Date(draw("first", 9)), 2026_05_10+ledger.Date(draw("last", 9))
	m.Rules[2].Ended = may("ended rule")
	m.PayTypes[0].Ended, m.PayTypes[1].Invoiceable = may("ended pay type"), !may("invoiceable")
	m.CouponKinds[0].Days, m.CouponKinds[0].Grace = draw("days", 4), draw("grace", 2)
	m.CouponKinds[0].Stock = int64(draw("stock", 5))
	m.Shops = append(m.Shops, ledger.Shop{ID: 2, GUID: "{S2}", Name: "分店", Ended: may("ended shop")})
	if faults := m.AllFaults(); len(faults) > 0 {
		r.Fatalf("no settings: %+v", faults)
	}
	return m
}

// drawOfThen returns a command that settings decide about. It may be refused.
func drawOfThen(r *rapid.T, number int, noted *[]ledger.Merchant) command.Command {
	draw := func(what string, most int) int { return rapid.IntRange(0, most).Draw(r, what) }
	card, by := rapid.SampledFrom(cardsOfThen).Draw(r, "card"), ledger.Caller{Shop: ledger.ShopID(draw("shop", 2))}
	amount, entry := ledger.Fen(draw("amount", 120_00)), ledger.EntryID(draw("entry", 45))
	return rapid.SampledFrom([]func() command.Command{
		func() command.Command { return changeTo{drawSettings(r), noted} },
		func() command.Command {
			return command.Recharge{
				Merchant: 1, By: by, Card: card, Amount: amount, PayType: ledger.PayTypeID(1 + draw("pay type", 1)),
				NoBonus: draw("no bonus", 5) == 0, Bonus: ledger.Fen(draw("less", 1) * draw("bonus", 9_00)),
			}
		},
		func() command.Command {
			return command.Consume{
				Merchant: 1, By: by, Card: card, Amount: amount, NoDiscount: amount / 3, InFull: draw("in full", 2) == 0,
				NoRewards: draw("no rewards", 5) == 0,
				Points:    command.PointsOffered{Points: int64(draw("by points", 1) * draw("points", 200))},
			}
		},
		func() command.Command { return command.RefundConsume{Merchant: 1, By: by, Card: card, Entry: entry} },
		func() command.Command { return command.ReverseRecharge{Merchant: 1, By: by, Card: card, Entry: entry} },
		func() command.Command {
			return command.Renew{Merchant: 1, By: by, Card: card, Months: 1 + draw("months", 11)}
		},
		func() command.Command {
			return command.ChargeToAccount{Merchant: 1, By: by, Card: card, Amount: amount}
		},
		func() command.Command { return command.RefundCharge{Merchant: 1, By: by, Card: card, Entry: entry} },
		func() command.Command {
			return command.SendCoupons{Merchant: 1, By: by, Card: card, Kind: 1, Numbers: []string{fmt.Sprint(number)}}
		},
		func() command.Command {
			return command.UsePoints{Merchant: 1, By: by, Card: card, Points: int64(draw("points", 99))}
		},
		func() command.Command {
			return command.AdjustPoints{Merchant: 1, By: by, Card: card, Points: int64(draw("points", 300) - 150)}
		},
		func() command.Command {
			return command.ChangeLevel{Merchant: 1, By: by, Card: card, Level: ledger.LevelID(1 + draw("level", 1))}
		},
		func() command.Command {
			return command.Transfer{Merchant: 1, By: by, From: card, To: cardsOfThen[draw("to", 3)], Amount: amount}
		},
		func() command.Command {
			return command.Withdraw{
				Merchant: 1, By: by, Card: card, Amount: amount, PayType: ledger.PayTypeID(draw("paid out by", 2)),
			}
		},
		func() command.Command {
			return command.Replace{Merchant: 1, By: by, Card: card, Number: fmt.Sprint("R", number)}
		},
		func() command.Command { return command.Expire{Merchant: 1, By: by, Card: card} },
	}).Draw(r, "command")()
}
