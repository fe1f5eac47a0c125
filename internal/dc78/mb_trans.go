package dc78

import (
	"time"

	"tongka"
)

// The transactions of mb_trans: its get parameter action.
const (
	transRecharge = "0"
	transConsume  = "1"
	transSign     = "2" // ours, as is the next
	transUnsign   = "3"
)

// mayTrans: the parameter says what it takes. What is neither is told only to those who may consume.
func mayTrans(get params) tongka.Permission {
	if get.value("action") == transRecharge {
		return tongka.MayRecharge
	}
	return tongka.MayConsume
}

// mbTrans recharges a card or pays with it (shared rules of dc78, mb_trans). Parameters that would
// change what is done, and that there is no command for yet, are refused.
func mbTrans(c *call, f *fields) order {
	action := f.required("action")
	f.unsupported("vericode")
	f.unsupportedBut0("points", "ptamt", "ptrate")
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
	f.bad("action")
	return order{}
}

// transConsume takes the bill as it is: mb_check has told the till the level's discount, and the wire
// has no field for the part of a bill that gets none.
func (c *call) transConsume(f *fields) order {
	number, amount := f.required("mbno"), f.money("amt")
	f.unsupportedBut0("bonus", "nobonus", "createpay")
	return order{
		kind: ".consume",
		command: inFull{tongka.Consume{
			Merchant:   c.merchant.ID,
			By:         c.byLate(f),
			Card:       number,
			Amount:     amount,
			NoDiscount: amount,
			Coupons:    f.lsco(),
			Note:       f.note("subject", "market"),
		}},
		answer: transacted(receipt{number: number, ref: f.ref(), info: "消费成功"}),
	}
}

// inFull is a consume that is refused where a merchant's cards may pay a part of a bill: the answer of
// this wire has no field for what is left, and a till would take the bill for paid.
type inFull struct{ tongka.Consume }

// Decide refuses what Consume would leave to be paid elsewhere.
func (p inFull) Decide(s *tongka.State, now time.Time) (tongka.Changes, error) {
	ch, err := p.Consume.Decide(s, now)
	if err == nil && ch.Last().Elsewhere() > 0 {
		return tongka.Changes{}, tongka.Refusal{Reason: tongka.ShortBalance, Detail: p.Card}
	}
	return ch, err
}

// receipt is what an answer tells besides the entry.
type receipt struct {
	number, ref, info string
	payID, signed     bool
}

// transacted makes the answer: amt is what was paid, by the guest, by the card or by coupons.
func transacted(r receipt) func(tongka.Changes) []byte {
	return func(ch tongka.Changes) []byte {
		e := ch.Last()
		w := succeeded()
		w.text("info", r.info)
		w.intText("id", int64(e.ID))
		w.text("mbno", r.number)
		w.amount("amt", e.Original)
		w.byCoupons(e)
		w.amount("balance", e.PrincipalAfter)
		w.amount("bns_balance", e.BonusAfter)
		w.intText("points", e.PointsAfter)
		w.text("ref", r.ref)
		if r.payID {
			w.intText("payid", int64(e.ID))
		}
		if r.signed {
			w.used(ch.Card(r.number).Signed)
		}
		w.close()
		return w.b
	}
}
