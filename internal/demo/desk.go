package demo

import (
	"slices"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// tasks are what people come to the desk for. Shops take them in turns, so that each comes often enough.
var tasks = []func(*year, *shop){
	(*year).lose, (*year).stop, (*year).transfer, (*year).withdraw, (*year).returned, (*year).adjust, (*year).swap,
	(*year).treat, (*year).void, (*year).rename, (*year).remark, (*year).askInvoice, (*year).sign, (*year).unsign,
	(*year).sign, (*year).rebind, (*year).regret, (*year).late, (*year).renewal, (*year).lend,
	(*year).call, (*year).gift, (*year).merge,
}

// task does what somebody has come for.
func (y *year) task(s *shop) {
	y.tasks++
	tasks[y.tasks%len(tasks)](y, s)
}

// some draws a member whose card is so, nil if there is none.
func (y *year) some(fits func(*ledger.Card) bool) *member {
	if len(y.members) == 0 {
		return nil
	}
	from := y.below(len(y.members))
	for i := range y.members {
		m := y.members[(from+i)%len(y.members)]
		if c := y.card(m.id); c.Status == ledger.Active && !c.Expired(y.day) && fits(c) {
			return m
		}
	}
	return nil
}

// somebody draws a card that is so, nil if there is none.
func (y *year) somebody(fits func(*ledger.Card) bool) *ledger.Card {
	m := y.some(fits)
	if m == nil {
		return nil
	}
	return y.card(m.id)
}

func named(c *ledger.Card) bool { return c.Kind != ledger.StoredValue }

// holds returns what asks for that much principal.
func holds(amount ledger.Fen) func(*ledger.Card) bool {
	return func(c *ledger.Card) bool { return named(c) && c.Principal >= amount && c.PointsOwed == 0 }
}

// lose reports a card lost. It turns up again, or is replaced.
func (y *year) lose(s *shop) {
	c := y.somebody(named)
	if c == nil {
		return
	}
	id := c.ID
	y.do(command.ReportLost{Merchant: Merchant, By: y.till(s), Card: c.Number})
	back, found := y.at.Add(time.Duration(20+y.below(60))*time.Hour), y.percent(40)
	if back.Hour() < 11 {
		back = back.Add(11 * time.Hour)
	}
	y.plan(back, func() {
		lost := y.card(id)
		if found {
			y.do(command.CancelLoss{Merchant: Merchant, By: y.desk(s), Card: lost.Number})
			return
		}
		y.do(command.Replace{Merchant: Merchant, By: y.desk(s), Card: lost.Number, Number: y.number()})
	})
}

// stop stops a card, until it is known that nothing was wrong.
func (y *year) stop(s *shop) {
	c := y.somebody(named)
	if c == nil {
		return
	}
	id := c.ID
	y.do(command.Stop{Merchant: Merchant, By: y.desk(s), Card: c.Number, Note: "疑似他人冒用,待核实"})
	y.plan(y.at.Add(22*time.Hour), func() {
		y.do(command.Resume{Merchant: Merchant, By: y.desk(s), Card: y.card(id).Number, Note: "已核实是本人"})
	})
}

// transfer moves money from one of a family to another.
func (y *year) transfer(s *shop) {
	from, to := y.somebody(holds(150*yuan)), y.somebody(named)
	if from == nil || from == to {
		return
	}
	y.do(command.Transfer{
		Merchant: Merchant, By: y.desk(s), From: from.Number, To: to.Number, Amount: ledger.Fen(5+y.below(10)) * 10 * yuan,
	})
}

// withdraw pays money out.
func (y *year) withdraw(s *shop) {
	if c := y.somebody(holds(200 * yuan)); c != nil {
		y.do(command.Withdraw{Merchant: Merchant, By: y.desk(s), Card: c.Number, Amount: 100 * yuan})
	}
}

// returned takes back the card of somebody who moves away.
func (y *year) returned(s *shop) {
	m := y.some(func(c *ledger.Card) bool { return holds(20*yuan)(c) && c.Principal < 200*yuan })
	if m == nil {
		return
	}
	m.until = y.on - 1
	y.do(command.Return{Merchant: Merchant, By: y.desk(s), Card: y.card(m.id).Number})
}

// merge has somebody who has two cards keep one of them.
func (y *year) merge(s *shop) {
	m := y.some(func(c *ledger.Card) bool { return holds(yuan)(c) && c.Principal < 100*yuan })
	to := y.somebody(func(c *ledger.Card) bool { return named(c) && c.PointsOwed == 0 })
	if m == nil || to == nil || m.id == to.ID {
		return
	}
	from := y.card(m.id)
	ch := y.do(command.Merge{Merchant: Merchant, By: y.desk(s), From: from.Number, To: to.Number})
	if len(ch.Entries) > 0 {
		m.until = y.on - 1
		delete(y.wallets, from.ID) // they are the other card's now
	}
}

// gift gives somebody bonus because of the evening.
func (y *year) gift(s *shop) {
	if c := y.somebody(named); c != nil {
		y.do(command.GiveBonus{
			Merchant: Merchant, By: y.desk(s), Card: c.Number, Amount: ledger.Fen(2+y.below(4)) * 10 * yuan,
			Until: y.day.AddDays(60), Note: "等位过久,致歉",
		})
	}
}

// adjust gives or takes points by hand.
func (y *year) adjust(s *shop) {
	by := command.AdjustPoints{Merchant: Merchant, By: y.desk(s), Points: 200, Note: "上菜慢,致歉"}
	if y.percent(25) {
		by.Points, by.Note = -50, "积分重复登记"
	}
	if c := y.somebody(func(c *ledger.Card) bool { return named(c) && c.Points > 100 }); c != nil {
		by.Card = c.Number
		y.do(by)
	}
}

// swap gives something for points.
func (y *year) swap(s *shop) {
	if c := y.somebody(func(c *ledger.Card) bool { return c.Points >= 600 }); c != nil {
		y.do(command.UsePoints{Merchant: Merchant, By: y.till(s), Card: c.Number, Points: 500})
	}
}

// treat sends somebody a coupon because of the evening.
func (y *year) treat(s *shop) {
	kind := couponBack
	if y.on > changes[1].day {
		kind = couponDish
	}
	if c := y.somebody(named); c != nil {
		y.send(c.ID, kind, "店长赠券", y.desk(s))
	}
}

// void takes back a coupon that was sent by mistake.
func (y *year) void(s *shop) {
	c := y.somebody(func(c *ledger.Card) bool { return len(y.wallets[c.ID]) > 0 })
	if c == nil {
		return
	}
	y.do(command.VoidCoupon{
		Merchant: Merchant, By: y.desk(s), Card: c.Number, Coupon: y.wallets[c.ID][0].ID, Note: "发错人",
	})
}

// rename changes what is known of a holder.
func (y *year) rename(s *shop) {
	c := y.somebody(named)
	if c == nil {
		return
	}
	change := command.ModifyHolder{Merchant: Merchant, By: y.desk(s), Card: c.Number}
	to := y.holder()
	if y.percent(60) {
		change.Phone = &to.Phone
	} else {
		change.Birthday = &to.Birthday
	}
	y.do(change)
}

// remark notes what somebody likes.
func (y *year) remark(s *shop) {
	remark := [...]string{"不吃香菜", "少辣", "常坐靠窗", "海鲜过敏", "开发票抬头见名片", "喜欢包间"}[y.below(6)]
	if c := y.somebody(named); c != nil {
		y.do(command.ModifyDetails{Merchant: Merchant, By: y.desk(s), Card: c.Number, Remarks: &remark})
	}
}

// askInvoice gives an invoice for what was paid in some time ago.
func (y *year) askInvoice(s *shop) {
	if c := y.somebody(func(c *ledger.Card) bool { return c.Invoiceable >= 200*yuan }); c != nil {
		y.invoice(c.ID, s, 200*yuan)
	}
}

// sign has somebody of the firm sign for a bill.
func (y *year) sign(s *shop) {
	if len(y.signers) == 0 {
		return
	}
	c := y.card(y.signers[y.below(len(y.signers))])
	ch := y.do(command.ChargeToAccount{
		Merchant: Merchant, By: y.till(s), Card: c.Number, Amount: ledger.Fen(120+y.below(900)) * yuan, Note: "商务宴请",
	})
	if len(ch.Entries) > 0 {
		y.charges = append(y.charges, ch.Last().ID)
	}
}

// unsign takes back the newest bill that was signed for.
func (y *year) unsign(s *shop) {
	if len(y.charges) == 0 {
		return
	}
	last := y.charges[len(y.charges)-1]
	y.charges = y.charges[:len(y.charges)-1]
	y.do(command.RefundCharge{
		Merchant: Merchant, By: y.desk(s), Card: y.card(y.blank.cards[last]).Number, Entry: last, Note: "改付现金",
	})
}

// rebind binds a card to another phone.
func (y *year) rebind(*shop) {
	if c := y.somebody(func(c *ledger.Card) bool { return c.Kind == ledger.Common }); c != nil {
		y.bind(c.ID)
	}
}

// regret is a feast that is paid for and called off: what was paid out by then takes the bonus with it that comes back.
func (y *year) regret(s *shop) {
	c := y.somebody(func(c *ledger.Card) bool { return named(c) && c.Amount() < 100*yuan && c.Principal >= 0 })
	if c == nil {
		return
	}
	id := c.ID
	pay := y.payType()
	y.do(command.Recharge{Merchant: Merchant, By: y.till(s), Card: c.Number, Amount: 1000 * yuan, PayType: pay})
	y.at = y.at.Add(2 * time.Minute)
	ch := y.do(command.Consume{
		Merchant: Merchant, By: y.till(s), Card: c.Number, Amount: 600 * yuan, NoRewards: true, Note: "包间订金",
	})
	y.plan(y.at.Add(50*time.Minute), func() {
		y.do(command.Withdraw{Merchant: Merchant, By: y.desk(s), Card: y.card(id).Number, Amount: 300 * yuan})
	})
	if len(ch.Entries) > 0 {
		b := bill{id, ch.Last().ID, s, 0, y.on}
		y.plan(y.at.Add(3*time.Hour), func() { y.refund(b, 0, "宴席取消") })
	}
}

// late refunds a bill of a day before.
func (y *year) late(*shop) {
	for i := len(y.bills) - 1; i >= 0; i-- {
		if b := y.bills[i]; b.day < y.on && b.paid > 40*yuan && y.card(b.card).Status == ledger.Active {
			y.bills = slices.Delete(y.bills, i, i+1)
			y.refund(b, b.paid/2, "投诉,退半价")
			return
		}
	}
}

// renewal renews a card before its last day.
func (y *year) renewal(s *shop) {
	soon := y.day.AddDays(45)
	c := y.somebody(func(c *ledger.Card) bool { return c.Expires != 0 && c.Expires < soon && c.CanPay() >= 68*yuan })
	if c != nil {
		y.renew(c, s)
	}
}

// call looks up the phone of somebody who left something behind.
func (y *year) call(s *shop) {
	if c := y.somebody(func(c *ledger.Card) bool { return c.Holder.Phone != "" }); c != nil {
		y.do(command.ShowData{Merchant: Merchant, By: y.desk(s), Card: c.Number, What: ledger.ShownPhone})
	}
}

// lend lets the bills of somebody who comes often take his card below zero.
func (y *year) lend(s *shop) {
	credit := 200 * yuan
	c := y.somebody(func(c *ledger.Card) bool { return c.Level == gold && named(c) && c.Details.Credit == 0 })
	if c != nil {
		y.do(command.ModifyDetails{Merchant: Merchant, By: y.person("admin", s), Card: c.Number, Credit: &credit})
	}
}
