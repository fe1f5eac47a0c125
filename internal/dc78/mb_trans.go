package dc78

import (
	"strings"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Values of mb_trans's get parameter action.
const (
	transRecharge     = "0"
	transConsume      = "1"
	transCharge       = "2" // this and the next are our additions
	transRefundCharge = "3"
)

// What answers say that mb_trans has done.
const (
	billPaid  = "消费成功"
	recharged = "充值成功"
)

// transLayouts are those of mb_trans, by the kind of order.
func transLayouts(kind string) []command.Layout {
	switch kind {
	case ".consume":
		return transacted(receipt{info: billPaid})
	case ".recharge":
		return transacted(receipt{info: recharged})
	}
	return nil
}

// mayTrans returns the permission that the parameter action needs. To take a bill on the house account back needs
// more than to make one, so that no till can clear what its guests owe. An unknown action needs permission to
// consume; others are refused before they learn that it is unknown.
func mayTrans(get params) ledger.Permission {
	switch get.value("action") {
	case transRecharge:
		return ledger.MayRecharge
	case transRefundCharge:
		return ledger.MayModify | ledger.MayConsume
	}
	return ledger.MayConsume
}

// mbTrans recharges a card, pays with it, charges a bill to its house account or takes such a bill back (shared
// rules of dc78, mb_trans). Parameters of another action that would change what is done are refused.
func mbTrans(c *call, f *fields) order {
	action := f.required("action")
	switch action {
	case transRecharge:
		return c.transRecharge(f)
	case transConsume:
		return c.transConsume(f)
	case transCharge:
		return c.transCharge(f)
	case transRefundCharge:
		return c.transRefundCharge(f)
	}
	f.bad("action", "应为0、1、2或3")
	return order{}
}

// transConsume takes the bill as it is: mb_check has given the till the level's discount, and the wire has no
// field for the part of a bill that gets none. The card pays in full or the bill is refused, because the answer
// has no field for a remainder and the till would take the bill as paid. The parameter bonus belongs to a
// recharge and has no effect. The payment record that createpay asks for is the entry.
func (c *call) transConsume(f *fields) order {
	number, amount := f.required("mbno"), f.money("amt")
	points, pay := f.points(), f.flag("createpay")
	if pay && points.Points > 0 {
		f.required("ptrate")
	}
	return order{
		kind: ".consume",
		command: command.Consume{
			Merchant:   c.merchant.ID,
			By:         c.byLate(f),
			Card:       number,
			Amount:     amount,
			NoDiscount: amount,
			Proof:      c.proof(f, transConsume, amount),
			Coupons:    f.lsco(),
			Points:     points,
			EarnOn:     f.earnOn(),
			NoRewards:  f.flag("nobonus"),
			InFull:     true,
			Note:       f.note("subject", "market"),
		},
		layouts: transacted(receipt{ref: f.ref(), info: billPaid, payID: pay}),
	}
}

// receipt is what an answer tells besides the entry.
type receipt struct {
	number, ref, info string
	payID             bool
	charged           *ledger.Charges // of the card, where the bill was charged to an account
}

// chargedFor makes the answer about a bill that was charged to an account, which tells what the card has charged in
// all.
func chargedFor(r receipt) func(command.Changes) []byte {
	return func(ch command.Changes) []byte {
		card, told := ch.Card(r.number), r
		told.number, told.charged = card.Number, &card.Charges
		return told.write(ch.Last(), ch.Newest())
	}
}

// transacted is how the answer about a bill or a recharge is written out of its entry. What a version has written it
// must write for ever: a change is another version, put first.
func transacted(r receipt) []command.Layout {
	return []command.Layout{{Version: 1, Rest: r.rest, Write: func(rest []byte, last, newest *ledger.Entry) []byte {
		kept := receipt{info: r.info, payID: len(rest) > 0 && rest[0] == '1'}
		kept.number, kept.ref, _ = strings.Cut(string(rest[min(1, len(rest)):]), "\n")
		return kept.write(last, newest)
	}}}
}

// rest is what the entry does not tell: whether its id is told as the payment's, the card's number as it was, which has
// no line in it, and ref.
func (r receipt) rest(ch command.Changes) []byte {
	b := []byte{'0'}
	if r.payID {
		b[0] = '1'
	}
	b = append(append(b, ch.About().Number...), '\n')
	return append(b, r.ref...)
}

// write makes the answer: amt is what was paid, by the guest, by the card, by coupons or by
// points. What is left is so with the cash back.
func (r receipt) write(e, after *ledger.Entry) []byte {
	w := succeeded()
	w.Text("info", r.info)
	w.intText("id", int64(e.ID))
	w.Text("mbno", r.number)
	w.amount("amt", e.Gross)
	w.byCoupons(e)
	w.byPoints(e)
	w.amount("balance", after.PrincipalAfter)
	w.amount("bns_balance", after.BonusAfter)
	w.intText("points", after.PointsAfter)
	w.Text("ref", r.ref)
	if r.payID {
		w.intText("payid", int64(e.ID))
	}
	if r.charged != nil {
		w.used(*r.charged)
	}
	w.Close('}')
	return w.B
}
