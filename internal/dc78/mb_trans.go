package dc78

import (
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Values of mb_trans's get parameter action.
const (
	transRecharge = "0"
	transConsume  = "1"
	transSign     = "2" // this and the next are our additions
	transUnsign   = "3"
)

// mayTrans returns the permission that the parameter action needs. To take a bill on the house account back needs
// more than to make one, so that no till can clear what its guests owe. An unknown action needs permission to
// consume; others are refused before they learn that it is unknown.
func mayTrans(get params) ledger.Permission {
	switch get.value("action") {
	case transRecharge:
		return ledger.MayRecharge
	case transUnsign:
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
	case transSign:
		return c.transSign(f)
	case transUnsign:
		return c.transUnsign(f)
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
		answer: transacted(receipt{number: number, ref: f.ref(), info: "消费成功", payID: pay}),
	}
}

// receipt is what an answer contains besides the entry.
type receipt struct {
	number, ref, info string
	payID, signed     bool
}

// transacted returns the function that writes the answer. amt is the whole amount, whether the guest, the card,
// coupons or points paid it. The balances include the cash back.
func transacted(r receipt) func(command.Changes) []byte {
	return func(ch command.Changes) []byte {
		e, after := ch.Last(), ch.Newest()
		w := succeeded()
		w.Text("info", r.info)
		w.intText("id", int64(e.ID))
		w.Text("mbno", ch.Card(r.number).Number)
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
		if r.signed {
			w.used(ch.Card(r.number).Signed)
		}
		w.Close('}')
		return w.B
	}
}
