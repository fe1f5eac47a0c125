package dc78

import (
	"slices"
	"strings"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// transRecharge is mb_trans with action 0. The bonus is what the rules give, unless the till wants none
// or less of it.
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
		answer:  transacted(receipt{number: number, ref: f.ref(), info: "充值成功"}),
	}
}

// payNames are the pay types of the wire, by the names of those that have no code.
var payNames = map[string]string{"wx": "微信", "ali": "支付宝", "bk": "银行卡", "ca": "现金"}

// payType is what a recharge is paid by; cash where the till does not say.
func (c *call) payType(f *fields) ledger.PayTypeID {
	code := f.text("paytype")
	if code == "" {
		code = "ca"
	}
	coded := func(p ledger.PayType) bool { return p.Code == code }
	named := func(p ledger.PayType) bool { return p.Code == "" && p.Name == payNames[code] && p.Name != "" }
	for _, meant := range []func(ledger.PayType) bool{coded, named} {
		if i := slices.IndexFunc(c.merchant.PayTypes, meant); i >= 0 {
			return c.merchant.PayTypes[i].ID
		}
	}
	f.bad("paytype", noPayType)
	return 0
}

// byLate is how the caller stands in the journal when he may tell late, with iscompensated=1, when
// something was done.
func (c *call) byLate(f *fields) ledger.Caller {
	by := c.by(f)
	if f.flag("iscompensated") {
		by.Claimed = c.time(f, f.required("trantime"))
	} else {
		f.never("须与iscompensated=1同用", "trantime")
	}
	return by
}

// wholeSecond is how trantime is written.
const wholeSecond = "20060102150405"

// time reads trantime, which is by the merchant's clock.
func (c *call) time(f *fields, value string) time.Time {
	at, err := time.ParseInLocation(wholeSecond, value, c.merchant.Zone)
	if value != "" && (err != nil || len(value) != len(wholeSecond) || at.IsZero()) {
		f.bad("trantime", "应为yyyyMMddHHmmss")
	}
	return at
}

// note is what a till says for people, out of several texts.
func (f *fields) note(names ...string) string {
	var texts []string
	for _, name := range names {
		if text := f.text(name); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, " ")
}
