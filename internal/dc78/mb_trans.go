package dc78

import (
	"slices"

	"tongka"
)

// The transactions of mb_trans: its get parameter action.
const (
	transRecharge = "0"
	transConsume  = "1"
)

// mayTrans: the parameter says what it takes. What is neither is told only to those who may consume.
func mayTrans(get params) tongka.Permission {
	if get.value("action") == transRecharge {
		return tongka.MayRecharge
	}
	return tongka.MayConsume
}

// mbTrans recharges a card or pays with it (shared rules of dc78, mb_trans). Parameters that would
// change what is done, and that there is no command for yet, are refused; subject and market change
// nothing and are not kept.
func mbTrans(c *call, f *fields) order {
	action := f.required("action")
	f.unsupported("trantime")
	f.unsupportedBut0("bonus", "nobonus", "createpay", "iscompensated")
	switch action {
	case transRecharge:
		return c.transRecharge(f)
	case transConsume:
		return c.transConsume(f)
	}
	f.bad("action")
	return order{}
}

func (c *call) transRecharge(f *fields) order {
	number := f.required("mbno")
	f.never("lsco")
	f.unsupportedBut0("points", "ptamt", "ptrate")
	return order{
		kind: ".recharge",
		command: tongka.Recharge{
			Merchant: c.merchant.ID,
			By:       c.by(f),
			Card:     number,
			Amount:   f.money("amt"),
			PayType:  c.payType(f),
		},
		answer: transacted(number, f.ref(), "充值成功"),
	}
}

// transConsume takes the bill as it is: mb_check has told the till the level's discount, and the wire
// has no field for the part of a bill that gets none. It is paid in full or not at all: the answer has
// no field for what is left either, and a till would take the bill for paid.
func (c *call) transConsume(f *fields) order {
	number, amount := f.required("mbno"), f.money("amt")
	return order{
		kind: ".consume",
		command: tongka.Consume{
			Merchant:   c.merchant.ID,
			By:         c.by(f),
			Card:       number,
			Amount:     amount,
			NoDiscount: amount,
			Proof:      c.proof(f, amount),
			Coupons:    f.lsco(),
			Points:     f.points(),
			InFull:     true,
		},
		answer: transacted(number, f.ref(), "消费成功"),
	}
}

// payNames are the pay types of the wire, by the names merchants give them.
var payNames = map[string]string{"wx": "微信", "ali": "支付宝", "bk": "银行卡", "ca": "现金"}

// payType is what a recharge is paid by; cash where the till does not say.
func (c *call) payType(f *fields) tongka.PayTypeID {
	code := f.text("paytype")
	if code == "" {
		code = "ca"
	}
	name, known := payNames[code]
	i := slices.IndexFunc(c.merchant.PayTypes, func(p tongka.PayType) bool { return p.Name == name })
	if !known || i < 0 {
		f.bad("paytype")
		return 0
	}
	return c.merchant.PayTypes[i].ID
}

// transacted makes the answer: amt is what was paid, by the guest, by the card, by coupons or by points. What
// is left is so with the cash back.
func transacted(number, ref, info string) func(tongka.Changes) []byte {
	return func(ch tongka.Changes) []byte {
		e, after := ch.Last(), ch.Newest()
		w := succeeded()
		w.text("info", info)
		w.intText("id", int64(e.ID))
		w.text("mbno", number)
		w.amount("amt", e.Original)
		w.byCoupons(e)
		w.byPoints(e)
		w.amount("balance", after.PrincipalAfter)
		w.amount("bns_balance", after.BonusAfter)
		w.intText("points", after.PointsAfter)
		w.text("ref", ref)
		w.close()
		return w.b
	}
}
