package dc78

import (
	"slices"
	"strings"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// transRecharge is mb_trans with action 0. The bonus is what the rules give, unless the till asks for none or for
// less.
func (c *call) transRecharge(f *fields) order {
	number := f.required("mbno")
	f.never(whyConsume, "lsco")
	f.unsupportedBut0("points", "ptamt", "ptrate")
	recharge := command.Recharge{
		Merchant: c.merchant.ID,
		By:       c.byLate(f),
		Card:     number,
		Amount:   f.money("amt"),
		PayType:  c.payType(f),
		NoBonus:  f.flag("nobonus"),
		Bonus:    f.moneyOr0("bonus"),
		Note:     f.note("subject", "market"),
	}
	if recharge.NoBonus && recharge.Bonus > 0 {
		f.bad("bonus", "不能与nobonus同用")
	}
	return order{
		kind:    ".recharge",
		command: recharge,
		layouts: transacted(receipt{ref: f.ref(), info: recharged}),
	}
}

// payNames maps the wire's pay types to names, for a merchant's pay types that have no code.
var payNames = map[string]string{"wx": "微信", "ali": "支付宝", "bk": "银行卡", "ca": "现金"}

// payType returns the pay type of a recharge: cash if the till does not say. If the merchant has none of that code it
// returns 0, which is no pay type's id: the command refuses that, and a request that was carried out before is
// answered even if its pay type has ended or been renamed since.
func (c *call) payType(f *fields) ledger.PayTypeID {
	code := f.text("paytype")
	if code == "" {
		code = "ca"
	}
	coded := func(p ledger.PayType) bool { return !p.Ended && p.Code == code }
	named := func(p ledger.PayType) bool {
		return !p.Ended && p.Code == "" && p.Name == payNames[code] && p.Name != ""
	}
	for _, meant := range []func(ledger.PayType) bool{coded, named} {
		if i := slices.IndexFunc(c.merchant.PayTypes, meant); i >= 0 {
			return c.merchant.PayTypes[i].ID
		}
	}
	return 0
}

// byLate returns the caller as the journal records it. With iscompensated=1 the till reports a transaction of
// earlier, and trantime says when that was.
func (c *call) byLate(f *fields) ledger.Caller {
	by := c.by(f)
	if f.flag("iscompensated") {
		by.Claimed = c.time(f, f.required("trantime"))
	} else {
		f.never("须与iscompensated=1同用", "trantime")
	}
	return by
}

// wholeSecond is the form of trantime.
const wholeSecond = "20060102150405"

// time reads trantime, which is in the merchant's zone.
func (c *call) time(f *fields, value string) time.Time {
	at, err := time.ParseInLocation(wholeSecond, value, c.merchant.Zone)
	if value != "" && (err != nil || len(value) != len(wholeSecond) || at.IsZero()) {
		f.bad("trantime", "应为yyyyMMddHHmmss")
	}
	return at
}

// note joins the texts that a till sends for people to read.
func (f *fields) note(names ...string) string {
	var texts []string
	for _, name := range names {
		if text := f.text(name); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, " ")
}
