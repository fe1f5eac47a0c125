package demo

import (
	"slices"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// visit has a guest come to a shop and pay.
func (y *year) visit(s *shop, dinner bool) {
	m := y.guest(s)
	if m == nil {
		return
	}
	c := y.card(m.id)
	if c.Status != ledger.Active {
		return
	}
	if c.Expired(y.day) && !y.renew(c, s) {
		return
	}
	m.seen = y.on
	amount := ledger.Fen(m.purse*(60+y.below(90))/100) * yuan
	if !dinner {
		amount = amount * 2 / 3
	}
	amount = max(12*yuan, amount/50*50)
	due := amount.HalfUp(y.own.state.Merchant().LevelOf(c).PayRate)
	if c.Amount() >= due || !y.percent(82) || c.Kind == ledger.StoredValue {
		y.pay(m, s, amount)
		return
	}
	y.recharge(m, s, due)
	y.plan(y.at.Add(time.Duration(30+y.below(90))*time.Second), func() { y.pay(m, s, amount) })
}

// pay pays a bill with a card, and with what it has of coupons and points. Now and then something of it is given back.
func (y *year) pay(m *member, s *shop, amount ledger.Fen) {
	c := y.card(m.id)
	if c.Amount() <= 0 {
		return
	}
	bill := command.Consume{Merchant: Merchant, By: y.till(s), Card: c.Number, Amount: amount}
	if y.percent(4) {
		bill.By.Agent, bill.By.Operator = y.moreID, "外卖订单"
	}
	if y.percent(9) {
		bill.NoDiscount = amount / 5 / 100 * 100 // drinks
	}
	bill.Coupons = y.couponsFor(c, s, amount)
	if c.Points > 800 && y.percent(10) {
		bill.Points.Points = min(c.Points/100*100, 2000, int64(amount/yuan/2)*100)
	}
	y.billed(y.do(bill), s)
}

// billed remembers a bill, and plans the refunds of some.
func (y *year) billed(ch command.Changes, s *shop) {
	if len(ch.Entries) == 0 {
		return
	}
	e := ch.Last()
	b := bill{e.Card, e.ID, s, -e.Delta(), y.on}
	y.bills = append(y.bills, b)
	if len(y.bills) > 400 {
		y.bills = slices.Delete(y.bills, 0, 200)
	}
	if y.below(1000) >= 9 || b.paid < 20*yuan {
		return
	}
	y.plan(y.at.Add(time.Duration(4+y.below(40))*time.Minute), func() {
		if y.percent(45) {
			y.refund(b, b.paid, "结错桌,重新结账")
		} else {
			y.refund(b, ledger.Fen(8+y.below(12))*yuan, "退一道菜")
		}
	})
}

// refund gives back a part of a bill, or all of it.
func (y *year) refund(b bill, amount ledger.Fen, why string) {
	if amount >= b.paid {
		amount = 0
	}
	y.do(command.RefundConsume{
		Merchant: Merchant, By: y.desk(b.shop), Card: y.card(b.card).Number, Entry: b.entry, Amount: amount, Note: why,
	})
}

// couponsFor returns the coupon that pays for a bill, if one can.
func (y *year) couponsFor(c *ledger.Card, s *shop, amount ledger.Fen) []ledger.CouponID {
	due := amount.HalfUp(y.own.state.Merchant().LevelOf(c).PayRate)
	for _, one := range y.wallets[c.ID] {
		good := one.From <= y.day && !one.Over(y.day) && (len(one.Shops) == 0 || slices.Contains(one.Shops, s.id))
		if good && due >= one.Least && y.percent(70) {
			return []ledger.CouponID{one.ID}
		}
	}
	return nil
}

// payType draws how a recharge is paid for.
func (y *year) payType() ledger.PayTypeID {
	switch at := y.below(100); {
	case at < 54:
		return wechat
	case at < 79:
		return alipay
	case at < 91:
		return cash
	case at < 97 || y.on >= changes[len(changes)-1].day:
		return bank
	}
	return groupBuy
}

// recharge recharges a card so that it can pay that much. Few are entered wrongly, and reversed at once.
func (y *year) recharge(m *member, s *shop, due ledger.Fen) {
	c := y.card(m.id)
	amount := [...]ledger.Fen{100, 200, 200, 300, 300, 300, 500, 500, 500, 1000, 1000, 2000}[y.below(12)] * yuan
	if s.school {
		amount = [...]ledger.Fen{50, 100, 100, 200, 200, 300}[y.below(6)] * yuan
	}
	for c.Amount()+amount < due {
		amount += 200 * yuan
	}
	r := command.Recharge{Merchant: Merchant, By: y.till(s), Card: c.Number, Amount: amount, PayType: y.payType()}
	if y.percent(1) {
		wrong := r
		wrong.Amount *= 10
		if wrong.Amount+c.Amount() < 9000*yuan {
			y.reverse(y.do(wrong), c.ID, s)
		}
	}
	ch := y.do(r)
	if len(ch.Entries) > 0 && r.PayType != groupBuy && y.percent(6) {
		y.plan(y.at.Add(90*time.Second), func() { y.invoice(c.ID, s, amount) })
	}
}

// reverse reverses a recharge that was entered wrongly.
func (y *year) reverse(wrong command.Changes, card ledger.CardID, s *shop) {
	if len(wrong.Entries) == 0 {
		return
	}
	y.at = y.at.Add(40 * time.Second)
	y.do(command.ReverseRecharge{
		Merchant: Merchant, By: y.desk(s), Card: y.card(card).Number, Entry: wrong.Last().ID, Note: "金额输错",
	})
	y.at = y.at.Add(15 * time.Second)
}

// invoice gives an invoice for what was paid in.
func (y *year) invoice(id ledger.CardID, s *shop, amount ledger.Fen) {
	c := y.card(id)
	ch := y.do(command.Invoice{
		Merchant: Merchant, By: y.till(s), Card: c.Number, Amount: min(amount, c.Invoiceable), Note: "电子普票",
	})
	if len(ch.Entries) > 0 && y.percent(8) {
		y.plan(y.at.Add(26*time.Hour), func() {
			y.do(command.ReverseInvoice{
				Merchant: Merchant, By: y.desk(s), Card: y.card(id).Number, Entry: ch.Last().ID, Note: "抬头开错",
			})
		})
	}
}

// renew moves the last day of a card, if it can pay for that, and reports whether it did.
func (y *year) renew(c *ledger.Card, s *shop) bool {
	months := 12
	if c.CanPay() < 99*yuan {
		months = 6
	}
	renewal := command.Renew{Merchant: Merchant, By: y.till(s), Card: c.Number, Months: months}
	ch := y.do(renewal)
	if len(ch.Entries) == 0 {
		return false
	}
	if ch.Last().ID%4 == 0 && y.card(c.ID).CanPay() >= 99*yuan { // the clerk pressed twice
		y.renewedTwice(renewal, s)
	}
	return true
}

// renewedTwice does a renewal once more, and undoes that.
func (y *year) renewedTwice(renewal command.Renew, s *shop) {
	ch := y.do(renewal)
	if len(ch.Entries) == 0 {
		return
	}
	y.at = y.at.Add(40 * time.Second)
	y.do(command.ReverseRenewal{
		Merchant: Merchant, By: y.desk(s), Card: renewal.Card, Entry: ch.Last().ID, Note: "重复续费",
	})
}
