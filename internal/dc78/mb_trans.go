package dc78

import (
	"slices"
	"time"

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
	f.unsupportedBut0("points", "ptamt", "ptrate", "bonus", "nobonus", "createpay", "iscompensated")
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
// has no field for the part of a bill that gets none.
func (c *call) transConsume(f *fields) order {
	number, amount := f.required("mbno"), f.money("amt")
	return order{
		kind: ".consume",
		command: inFull{tongka.Consume{
			Merchant:   c.merchant.ID,
			By:         c.by(f),
			Card:       number,
			Amount:     amount,
			NoDiscount: amount,
			Proof:      c.proof(f, amount),
			Coupons:    f.lsco(),
		}},
		answer: transacted(number, f.ref(), "消费成功"),
	}
}

// inFull is a consume that is refused where a merchant's cards may pay a part of a bill: the answer of
// this wire has no field for what is left, and a till would take the bill for paid.
type inFull struct{ tongka.Consume }

// Decide refuses what Consume would leave to be paid elsewhere.
func (p inFull) Decide(s *tongka.State, now time.Time) (tongka.Changes, error) {
	ch, err := p.Consume.Decide(s, now)
	if err == nil && ch.Denied == nil && ch.Last().Elsewhere() > 0 {
		return tongka.Changes{}, tongka.Refusal{Reason: tongka.ShortBalance, Detail: p.Card}
	}
	return ch, err
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

// transacted makes the answer: amt is what was paid, by the guest, by the card or by coupons.
func transacted(number, ref, info string) func(tongka.Changes) []byte {
	return func(ch tongka.Changes) []byte {
		e := ch.Last()
		w := succeeded()
		w.text("info", info)
		w.intText("id", int64(e.ID))
		w.text("mbno", number)
		w.amount("amt", e.Original)
		w.byCoupons(e)
		w.amount("balance", e.PrincipalAfter)
		w.amount("bns_balance", e.BonusAfter)
		w.intText("points", e.PointsAfter)
		w.text("ref", ref)
		w.close()
		return w.b
	}
}
