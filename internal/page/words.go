package page

import (
	"strconv"
	"strings"

	"tongka"
)

// words are a text in both languages of the page.
type words struct{ Zh, En string }

// kindWords is every kind of entry in the words of a holder.
var kindWords = map[tongka.Kind]words{
	tongka.Opened:           {"开卡", "Card opened"},
	tongka.Closed:           {"退卡", "Card returned"},
	tongka.Moved:            {"换卡", "Card replaced"},
	tongka.ReportedLost:     {"挂失", "Reported lost"},
	tongka.Found:            {"解挂", "Found again"},
	tongka.Recharged:        {"充值", "Top-up"},
	tongka.Consumed:         {"消费", "Payment"},
	tongka.TransferredOut:   {"转出", "Transfer out"},
	tongka.TransferredIn:    {"转入", "Transfer in"},
	tongka.Withdrawn:        {"提现", "Withdrawal"},
	tongka.PointsUsed:       {"积分消费", "Points used"},
	tongka.PointsAdjusted:   {"积分调整", "Points adjusted"},
	tongka.RechargeReversed: {"充值撤销", "Top-up reversed"},
	tongka.ConsumeRefunded:  {"消费退款", "Refund"},
	tongka.LevelChanged:     {"等级变更", "Level changed"},
	tongka.HolderModified:   {"会员资料变更", "Holder's data changed"},
	tongka.LotsExpired:      {"到期清零", "Expired"},
	tongka.BalanceOpened:    {"期初余额", "Opening balance"},
	tongka.CardStopped:      {"停用", "Card stopped"},
	tongka.CardResumed:      {"恢复使用", "Card resumed"},
	tongka.DetailsChanged:   {"卡资料变更", "Card's details changed"},
	tongka.PhoneBound:       {"绑定手机", "Phone bound"},
	tongka.Renewed:          {"续费", "Renewal"},
	tongka.Invoiced:         {"开票", "Invoice"},
	tongka.InvoiceReversed:  {"开票撤销", "Invoice taken back"},
	tongka.BillSigned:       {"签单", "Bill signed"},
	tongka.SignedRefunded:   {"签单撤销", "Signed bill taken back"},
	tongka.CouponSent:       {"收到优惠券", "Coupons received"},
	tongka.CouponVoided:     {"优惠券作废", "Coupon withdrawn"},
	tongka.CouponExpired:    {"优惠券过期", "Coupons expired"},
	tongka.CashedBack:       {"返现", "Cash back"},
	tongka.ExpirySet:        {"有效期登记", "Last good day noted"},
	tongka.ExpiryReversed:   {"恢复误判过期", "Expiry taken back"},
	tongka.ClockAccepted:    {"确认时间", "Time accepted"},
	tongka.ClockTakenBack:   {"收回时间", "Time taken back"},
	tongka.BonusForfeited:   {"收回赠送金额", "Bonus taken back"},
}

// stateWords is why a card of each status cannot be used; an active one can.
var stateWords = map[tongka.Status]words{
	tongka.Lost: {"已挂失", "Reported lost"}, tongka.Stopped: {"已停用", "Stopped"},
}

// worth is what a coupon is good for.
func worth(t *tongka.CouponTerms) words {
	switch t.Type {
	case tongka.CashCoupon:
		return words{"¥" + yuan(t.Face), "off the bill"}
	case tongka.PercentCoupon:
		percent := (100 * t.Off).String() + "%"
		return words{"减" + percent, percent + " off"}
	}
	return words{"兑换券", "for goods"}
}

// terms is what a coupon asks for.
func (v *visit) terms(t *tongka.CouponTerms) words {
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

// shops names where a coupon is good; "" for everywhere. One that is configured no more goes by its
// number.
func (v *visit) shops(ids []tongka.ShopID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = strconv.FormatInt(int64(id), 10)
		if shop, ok := v.merchant.Shop(id); ok {
			names[i] = shop.Name
		}
	}
	return strings.Join(names, "、")
}

// yuan is an amount as people read it: 14,573.80.
func yuan(f tongka.Fen) string {
	whole, fen, _ := strings.Cut(f.String(), ".")
	return thousands(whole) + "." + fen
}

// signedYuan is an amount that was added, or taken.
func signedYuan(f tongka.Fen) string {
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

// grouped is a code in groups of four digits.
func grouped(code string) string {
	var groups []string
	for len(code) > 4 {
		groups, code = append(groups, code[:4]), code[4:]
	}
	return strings.Join(append(groups, code), " ")
}

// masked is a card's number for who may not know it: its beginning and its end. Numbers are ASCII.
func masked(number string) string {
	front, back := 2, 4
	if len(number) < 9 {
		front, back = 1, 2
	}
	return number[:front] + "****" + number[len(number)-back:]
}
