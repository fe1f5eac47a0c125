package page

import (
	"strconv"
	"strings"

	"tongka/internal/ledger"
)

// words is a text in both languages of the page.
type words struct{ Zh, En string }

// kindWords names every kind of entry for holders.
var kindWords = map[ledger.Kind]words{
	ledger.Opened:           {"开卡", "Card opened"},
	ledger.CardReturned:     {"退卡", "Card returned"},
	ledger.CardReplaced:     {"换卡", "Card replaced"},
	ledger.ReportedLost:     {"挂失", "Reported lost"},
	ledger.LossCancelled:    {"解挂", "Loss cancelled"},
	ledger.Recharged:        {"充值", "Top-up"},
	ledger.Consumed:         {"消费", "Payment"},
	ledger.TransferredOut:   {"转出", "Transfer out"},
	ledger.TransferredIn:    {"转入", "Transfer in"},
	ledger.Withdrawn:        {"提现", "Withdrawal"},
	ledger.PointsUsed:       {"积分消费", "Points used"},
	ledger.PointsAdjusted:   {"积分调整", "Points adjusted"},
	ledger.RechargeReversed: {"充值撤销", "Top-up reversed"},
	ledger.ConsumeRefunded:  {"消费退款", "Refund"},
	ledger.LevelChanged:     {"等级变更", "Level changed"},
	ledger.HolderModified:   {"会员资料变更", "Holder's data changed"},
	ledger.LotsExpired:      {"到期清零", "Expired"},
	ledger.BalanceOpened:    {"期初余额", "Opening balance"},
	ledger.CardStopped:      {"停用", "Card stopped"},
	ledger.CardResumed:      {"恢复使用", "Card resumed"},
	ledger.DetailsChanged:   {"卡资料变更", "Card's details changed"},
	ledger.PhoneBound:       {"绑定手机", "Phone bound"},
	ledger.Renewed:          {"续费", "Renewal"},
	ledger.Invoiced:         {"开票", "Invoice"},
	ledger.InvoiceReversed:  {"开票撤销", "Invoice taken back"},
	ledger.AccountCharged:   {"签单", "Charged to account"},
	ledger.ChargeRefunded:   {"签单撤销", "Charge refunded"},
	ledger.CouponSent:       {"收到优惠券", "Coupons received"},
	ledger.CouponVoided:     {"优惠券作废", "Coupon withdrawn"},
	ledger.CouponExpired:    {"优惠券过期", "Coupons expired"},
	ledger.CashedBack:       {"返现", "Cash back"},
	ledger.ExpirySet:        {"有效期登记", "Last good day noted"},
	ledger.ExpiryReversed:   {"恢复过期", "Expiry taken back"},
	ledger.ClockAccepted:    {"确认时间", "Time accepted"},
	ledger.ClockTakenBack:   {"收回时间", "Time taken back"},
	ledger.SettingsChanged:  {"修改设置", "Settings changed"},
	ledger.AgentChanged:     {"修改代理商", "Agent changed"},
	ledger.MerchantAdded:    {"新增商户", "Merchant added"},
	ledger.PersonChanged:    {"修改人员", "Person changed"},
	ledger.BonusForfeited:   {"收回赠送金额", "Bonus taken back"},
}

// stateWords says why a card of a status cannot be used. An active card is not listed.
var stateWords = map[ledger.Status]words{
	ledger.Lost: {"已挂失", "Reported lost"}, ledger.Stopped: {"已停用", "Stopped"},
}

// worth says what a coupon is good for.
func worth(t *ledger.CouponTerms) words {
	switch t.Type {
	case ledger.CashCoupon:
		return words{"¥" + yuan(t.Face), "off the bill"}
	case ledger.PercentCoupon:
		percent := (100 * t.Off).String() + "%"
		return words{"减" + percent, percent + " off"}
	}
	return words{"兑换券", "for goods"}
}

// terms says under which conditions a coupon can be used.
func (v *visit) terms(t *ledger.CouponTerms) words {
	var zh, en []string
	add := func(there bool, said words) {
		if there {
			zh, en = append(zh, said.Zh), append(en, said.En)
		}
	}
	least, shops := yuan(t.Least), v.shops(t.Shops)
	add(t.Least > 0, words{"满 ¥" + least + " 可用", "bills from ¥" + least})
	add(shops != "", words{"限 " + shops, "not everywhere"})
	add(t.Alone, words{"不与其他券同用", "not with others"})
	return words{strings.Join(zh, " · "), strings.Join(en, " · ")}
}

// shops names the shops where a coupon is valid; "" = everywhere.
func (v *visit) shops(ids []ledger.ShopID) string {
	return strings.Join(v.merchant.ShopNames(ids), "、")
}

// yuan formats an amount for people: 14,573.80.
func yuan(f ledger.Fen) string {
	whole, fen, _ := strings.Cut(f.String(), ".")
	return thousands(whole) + "." + fen
}

// signedYuan formats an amount with its sign.
func signedYuan(f ledger.Fen) string {
	if f > 0 {
		return "+" + yuan(f)
	}
	return yuan(f)
}

func signedPoints(n int64) string {
	s := thousands(strconv.FormatInt(n, 10))
	if n > 0 {
		return "+" + s
	}
	return s
}

// thousands puts commas into a whole number.
func thousands(digits string) string {
	digits, negative := strings.CutPrefix(digits, "-")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if negative {
		return "-" + digits
	}
	return digits
}

// grouped splits a code into groups of four digits.
func grouped(code string) string {
	var groups []string
	for len(code) > 4 {
		groups, code = append(groups, code[:4]), code[4:]
	}
	return strings.Join(append(groups, code), " ")
}

// masked shows only the beginning and the end of a card's number, to people who may not know it. Numbers are
// ASCII.
func masked(number string) string {
	front, back := 2, 4
	if len(number) < 9 {
		front, back = 1, 2
	}
	return number[:front] + "****" + number[len(number)-back:]
}
