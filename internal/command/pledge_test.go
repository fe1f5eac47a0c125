package command

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tongka/internal/ledger"
)

// Nobody gets goods for nothing with points: what points bought was earned by bills that stay, given by a rule for
// money that was not paid out again, or is covered by money that stays on the cards, whatever is refunded, reversed,
// transferred and paid out in whatever order (invariant 32).
func TestPropertyInvariant32NoGoodsForPoints(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ratio := rapid.SampledFrom([]int64{1, 3, 10, 100}).Draw(t, "points for a yuan")
		earn := rapid.SampledFrom([]ledger.Rate{0, ledger.Percent100, 5 * ledger.Percent100, ledger.Percent100 / 2}).Draw(t,
			"earn")
		given := rapid.SampledFrom([]int64{0, 7, 500}).Draw(t, "points for a recharge of 20.00")
		s := newShop(t, ledger.Merchant{
			Rules: []ledger.Rule{{ID: 1, Name: "满送", Kind: ledger.FromAmount, Threshold: 20_00, AddPoints: given}},
			Settings: ledger.Settings{
				PointsRatio: ratio, PartPayment: rapid.Bool().Draw(t, "part payment"),
				PointsDays: rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "points days"),
			},
			Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100, Earn: min(earn, ledger.Rate(ratio)*ledger.Percent100)}},
		})
		s.must(Open{Merchant: 1, Card: NewCard{Number: "6002", Level: 1, Holder: ledger.Holder{Name: "李四"}}})
		p := pointsBuyer{shop: s, bills: map[ledger.EntryID]*pointsBill{}, recharges: map[ledger.EntryID]string{}}
		steps := rapid.IntRange(1, 25).Draw(t, "steps")
		for range steps {
			p.step()
		}
		if rapid.Bool().Draw(t, "sends the rest to the other card") {
			p.sendAll("6001", "6002")
		}
		if rapid.Bool().Draw(t, "has the rest paid out") {
			p.cashOut("6001")
			p.cashOut("6002")
		}
		a, b := s.cardNamed("6001"), s.cardNamed("6002")
		var byPoints ledger.Fen
		for _, bill := range p.bills {
			if !bill.undone {
				byPoints += bill.worth
			}
		}
		level := s.merchants[1].Levels[0]
		earned := s.merchants[1].Settings.WorthOf(level.PointsFor(a.SumConsume + b.SumConsume))
		rounded := s.merchants[1].Settings.WorthOf(1) // PointsFor returns whole points
		byRule := s.merchants[1].Settings.WorthOf(given * int64(p.paid) / 20_00)
		if covered := earned + rounded + byRule + a.Amount() + b.Amount() + ledger.Fen(steps); byPoints > covered {
			t.Fatalf(
				"points have bought for %v; bills that stay have earned %v, the rule gave %v for %v, and %v is on the cards",
				byPoints,
				earned,
				byRule,
				p.paid,
				a.Amount()+b.Amount(),
			)
		}
		s.books()
	})
}

// pointsBuyer draws what a holder of two cards may do who wants points for nothing.
type pointsBuyer struct {
	*shop
	bills     map[ledger.EntryID]*pointsBill
	recharges map[ledger.EntryID]string
	paid      ledger.Fen // paid in and not paid out again
}

// pointsBill is a bill, and how much of it points paid.
type pointsBill struct {
	card   string
	worth  ledger.Fen
	undone bool
}

func (p *pointsBuyer) step() {
	t := p.t
	p.now = p.now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 0, 26}).Draw(t, "hours")) * time.Hour)
	card := rapid.SampledFrom([]string{"6001", "6001", "6002"}).Draw(t, "card")
	amount := ledger.Fen(rapid.IntRange(1, 40_00).Draw(t, "amount"))
	switch rapid.SampledFrom([]string{
		"recharge", "buy", "buy by points", "buy by points alone", "refund", "refund", "reverse", "send", "withdraw", "return",
	}).Draw(t, "step") {
	case "recharge":
		p.recharge(card, 20_00) // what the rule asks for, so that its points are in proportion to the money
	case "buy":
		p.buy(card, amount, 0)
	case "buy by points":
		p.buy(card, amount, p.cardNamed(card).Points)
	case "buy by points alone":
		points := p.cardNamed(card).Points
		p.buy(card, p.merchants[1].Settings.WorthOf(points), points)
	case "refund":
		if len(p.bills) > 0 {
			id := rapid.SampledFrom(slices.Sorted(maps.Keys(p.bills))).Draw(t, "bill")
			p.refund(id, rapid.SampledFrom([]ledger.Fen{amount / 4, 0}).Draw(t, "back"))
		}
	case "reverse":
		if len(p.recharges) > 0 {
			id := rapid.SampledFrom(slices.Sorted(maps.Keys(p.recharges))).Draw(t, "recharge")
			p.payOut(ReverseRecharge{Merchant: 1, Card: p.recharges[id], Entry: id})
		}
	case "send":
		to := map[string]string{"6001": "6002", "6002": "6001"}[card]
		_, _ = p.attempt(Transfer{Merchant: 1, From: card, To: to, Amount: min(amount, max(1, p.cardNamed(card).Principal))})
	case "withdraw":
		p.payOut(Withdraw{Merchant: 1, Card: card, Amount: min(amount, max(1, p.cardNamed(card).Principal))})
	case "return":
		p.payOut(Return{Merchant: 1, Card: card})
	}
}

func (p *pointsBuyer) payOut(cmd Command) {
	if ch, err := p.attempt(cmd); err == nil {
		p.paid -= ch.Last().Gross
	}
}

func (p *pointsBuyer) sendAll(from, to string) {
	for range 40 { // what must stay grows with what is sent
		c := p.cardNamed(from)
		most := c.Principal - p.merchants[1].Settings.Pledge(c)
		for _, amount := range []ledger.Fen{most, (c.Principal + 1) / 2} {
			_, _ = p.attempt(Transfer{Merchant: 1, From: from, To: to, Amount: amount})
		}
	}
}

// cashOut has all paid out that the card need not keep.
func (p *pointsBuyer) cashOut(card string) {
	p.payOut(Return{Merchant: 1, Card: card})
	for range 40 { // what is owed, and so must stay, grows with what is paid out
		c := p.cardNamed(card)
		p.payOut(Withdraw{Merchant: 1, Card: card, Amount: c.Principal - p.merchants[1].Settings.Pledge(c)})
		p.payOut(Withdraw{Merchant: 1, Card: card, Amount: (c.Principal + 1) / 2})
	}
}

func (p *pointsBuyer) recharge(card string, amount ledger.Fen) {
	if ch, err := p.attempt(Recharge{Merchant: 1, Card: card, Amount: amount, PayType: 1}); err == nil {
		p.recharges[ch.Last().ID] = card
		p.paid += amount
	}
}

// buy pays a bill with as many of the points as it admits.
func (p *pointsBuyer) buy(card string, amount ledger.Fen, points int64) {
	s := p.merchants[1].Settings
	for points > 0 && s.WorthOf(points) > amount {
		points /= 2
	}
	ch, err := p.attempt(Consume{Merchant: 1, Card: card, Amount: amount, Points: PointsOffered{Points: points}})
	if err == nil {
		p.bills[ch.Last().ID] = &pointsBill{card: card, worth: ch.Last().ByPoints.Worth}
	}
}

func (p *pointsBuyer) refund(id ledger.EntryID, amount ledger.Fen) {
	bill := p.bills[id]
	ch, err := p.attempt(RefundConsume{Merchant: 1, Card: bill.card, Entry: id, Amount: amount})
	if err != nil {
		return
	}
	for i := range ch.Entries {
		if e := &ch.Entries[i]; e.Kind == ledger.ConsumeRefunded && e.ByPoints.Points > 0 {
			bill.undone = true
		}
	}
}
