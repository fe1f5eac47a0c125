package sandy

import (
	"html"
	"strconv"
	"strings"

	"tongka/internal/ledger"
)

// shown is how history lists an entry of one kind.
type shown struct {
	event   int64 // the page's event number; 0 = not listed
	amounts func(*ledger.Entry) (original, actual ledger.Fen)
}

func asBilled(e *ledger.Entry) (original, actual ledger.Fen) { return e.Gross, e.Net }
func givenBack(e *ledger.Entry) (original, actual ledger.Fen) {
	return -e.Gross, -e.Net
}
func nothing(*ledger.Entry) (original, actual ledger.Fen) { return 0, 0 }

// kinds maps every kind of entry. Kinds that the page's list lacks are listed under the nearest event, with
// amounts such that a till's sums over consumes and recharges are right.
var kinds = map[ledger.Kind]shown{
	ledger.Opened:           {1, nothing},
	ledger.BalanceOpened:    {1, asBilled},
	ledger.CardReturned:     {2, asBilled},
	ledger.OpeningReversed:  {2, nothing}, // nobody was paid anything
	ledger.CardReplaced:     {3, nothing},
	ledger.ReportedLost:     {4, nothing},
	ledger.LossCancelled:    {5, nothing},
	ledger.Recharged:        {6, asBilled},
	ledger.RechargeReversed: {6, givenBack},
	ledger.Consumed:         {7, asBilled},
	ledger.ConsumeRefunded:  {7, givenBack},
	ledger.Renewed:          {7, asBilled},
	ledger.RenewalReversed:  {7, givenBack},
	ledger.AccountCharged:   {7, nothing},
	ledger.ChargeRefunded:   {7, nothing},
	ledger.PointsUsed:       {7, nothing},
	ledger.PointsAdjusted:   {7, nothing},
	ledger.LotsExpired:      {7, nothing},
	ledger.ExpiryReversed:   {7, nothing},
	ledger.CashedBack:       {7, nothing},
	ledger.BonusForfeited:   {7, nothing},
	ledger.BonusGiven:       {6, nothing}, // nobody paid it in
	ledger.AmountHeld:       {7, nothing}, // nothing was paid yet
	ledger.HoldReleased:     {7, nothing},
	ledger.MergedOut:        {20, asBilled},
	ledger.MergedIn:         {21, asBilled},
	ledger.TransferredOut:   {20, asBilled},
	ledger.TransferredIn:    {21, asBilled},
	ledger.Withdrawn:        {30, asBilled},
	ledger.LevelChanged:     {},
	ledger.HolderModified:   {},
	ledger.DetailsChanged:   {},
	ledger.PhoneBound:       {},
	ledger.CardStopped:      {},
	ledger.CardResumed:      {},
	ledger.Invoiced:         {},
	ledger.InvoiceReversed:  {},
	ledger.CouponSent:       {},
	ledger.CouponVoided:     {},
	ledger.CouponExpired:    {},
	ledger.ExpirySet:        {},
	ledger.ClockAccepted:    {}, // on no card, like the next two
	ledger.ClockTakenBack:   {},
	ledger.SettingsChanged:  {},
	ledger.AgentChanged:     {},
	ledger.MerchantAdded:    {},
	ledger.PersonChanged:    {},
	ledger.DataShown:        {}, // tills show nothing that is masked
	ledger.DataExported:     {},
	ledger.HandedOver:       {},
	ledger.WebhookChanged:   {},
}

// listed returns the kinds that an event number selects; 0 selects all that are listed.
func listed(event int64) []ledger.Kind {
	var chosen []ledger.Kind
	for _, k := range ledger.Kinds {
		if e := kinds[k].event; e != 0 && (event == 0 || e == event) {
			chosen = append(chosen, k)
		}
	}
	return chosen
}

// describe says in words what an entry did. The till shows the text as HTML, so what people typed is escaped.
func describe(e *ledger.Entry) string {
	switch e.Kind {
	case ledger.Opened:
		return "开卡"
	case ledger.BalanceOpened:
		return "期初余额" + amount(e.Net) + withAmount(",欠款", e.Net-e.Delta()) + withPoints(",积分", e.Points)
	case ledger.CardReturned:
		return "退卡:退款" + amount(e.Net)
	case ledger.CardReplaced:
		return describeMove(e)
	case ledger.ReportedLost:
		return "挂失"
	case ledger.LossCancelled:
		return "解挂"
	case ledger.Recharged:
		return describeRecharge(e)
	case ledger.Consumed:
		return describeConsume(e)
	case ledger.TransferredOut:
		return "转出" + amount(e.Net) + "至" + html.EscapeString(e.OtherCard) + withPoints(",转出积分", -e.Points)
	case ledger.TransferredIn:
		return html.EscapeString(e.OtherCard) + "转入" + amount(e.Net) + withPoints(",转入积分", e.Points)
	case ledger.Withdrawn:
		return "提现" + amount(e.Net) + withPoints(",收回积分", -e.Points)
	default:
		return describeOurs(e)
	}
}

// describeOurs describes the kinds that the page's list lacks.
func describeOurs(e *ledger.Entry) string {
	var s string
	switch e.Kind {
	case ledger.RechargeReversed:
		s = "充值撤销" + amount(e.Gross) + withAmount("收回赠送金额", e.Net-e.Gross) + withPoints("收回积分", -e.Points)
	case ledger.ConsumeRefunded:
		s = "消费退款" + amount(e.Net) + withPoints(",退回积分", e.ByPoints.Points) + withPoints(",收回积分", e.ByPoints.Points-e.Points)
	case ledger.OpeningReversed:
		s = "撤销开卡:" + amount(e.Net) + withPoints(",积分", -e.Points)
	case ledger.PointsUsed:
		s = "消费积分" + strconv.FormatInt(-e.Points, 10)
	case ledger.PointsAdjusted:
		s = "积分调整" + signed(e.Points)
	case ledger.Renewed, ledger.RenewalReversed:
		s = describeRenewal(e)
	case ledger.AccountCharged, ledger.ChargeRefunded:
		s = describeCharge(e)
	case ledger.CashedBack:
		s = describeCashBack(e)
	case ledger.BonusForfeited:
		s = "收回赠送金额" + amount(e.Net)
	case ledger.BonusGiven:
		s = "赠送金额" + amount(e.Net)
	case ledger.AmountHeld, ledger.HoldReleased:
		s = describeHold(e)
	case ledger.MergedOut, ledger.MergedIn:
		s = describeMerge(e)
	case ledger.LotsExpired, ledger.ExpiryReversed:
		s = describeExpiry(e)
	}
	if e.Note != "" {
		s += ":" + html.EscapeString(e.Note)
	}
	return s
}

func describeHold(e *ledger.Entry) string {
	if e.Kind == ledger.HoldReleased {
		return "解除预留" + amount(e.Gross)
	}
	return "预留" + amount(e.Gross)
}

func describeCharge(e *ledger.Entry) string {
	if e.Kind == ledger.ChargeRefunded {
		return "签单撤销" + amount(e.Gross)
	}
	return "签单" + amount(e.Gross)
}

func describeRenewal(e *ledger.Entry) string {
	s := amount(e.Net) + ",有效期至" + e.CardExpires.String()
	if e.Kind == ledger.RenewalReversed {
		return "续费撤销" + s
	}
	return "续费" + s
}

func describeExpiry(e *ledger.Entry) string {
	if e.Kind == ledger.LotsExpired {
		return "过期:" + withAmount("赠送金额", -e.Bonus) + withPoints("积分", -e.Points)
	}
	return "恢复过期:" + withAmount("赠送金额", e.Bonus) + withPoints("积分", e.Points)
}

func describeMerge(e *ledger.Entry) string {
	if e.Kind == ledger.MergedOut {
		return "并入" + html.EscapeString(e.OtherCard) + withRest(e, -1)
	}
	return html.EscapeString(e.OtherCard) + "并入" + withRest(e, 1)
}

// withRest says what went from one card to the other behind its principal when they were merged.
func withRest(e *ledger.Entry, sign int64) string {
	return withAmount(",赠送金额", e.Net) + withPoints(",积分", sign*e.Points) + withPoints(",优惠券", int64(len(e.Coupons)))
}

func describeCashBack(e *ledger.Entry) string {
	switch {
	case e.Delta() < 0:
		return "收回返现" + amount(e.Net)
	case e.PutsBack():
		return "退回已扣返现" + amount(e.Net)
	}
	return "返现" + amount(e.Net)
}

// describeRecharge names each rule that applied and what it gave, as on the page.
func describeRecharge(e *ledger.Entry) string {
	paid := "充值" + amount(e.Gross)
	if len(e.Rules) == 0 {
		return paid
	}
	lines := make([]string, len(e.Rules))
	for i, r := range e.Rules {
		lines[i] = html.EscapeString(r.Name) + ":" + paid + withAmount("赠送金额", r.Money)
		if r.Points != 0 {
			lines[i] += "赠送积分" + strconv.FormatInt(r.Points, 10) + ".0"
		}
	}
	return strings.Join(lines, "<br/>")
}

// describeConsume writes texts like 8折(0.8)<br/>消费80.0,获得积分80 and a line feed, as on the page. The line of the
// discount is left out if the discount took nothing off.
func describeConsume(e *ledger.Entry) string {
	var s strings.Builder
	if off := e.Gross - e.Net - e.ByCoupons() - e.ByPoints.Worth; off > 0 { // the rest is the level's discount
		s.WriteString(tenths(e.PayRate) + "折(" + ratio(e.PayRate) + ")<br/>")
	}
	s.WriteString("消费" + amount(e.Net))
	s.WriteString(withAmount(",优惠券抵扣", e.ByCoupons()))
	s.WriteString(withPoints(",使用积分", -e.ByPoints.Points) + withAmount("抵扣", e.ByPoints.Worth))
	s.WriteString(withAmount(",另付", e.PaidElsewhere()))
	s.WriteString(withPoints(",获得积分", e.Earned()) + "\n")
	return s.String()
}

// tenths formats a discount as people say it: 8 for 0.8, 8.5 for 0.85.
func tenths(r ledger.Rate) string { return (10 * r).String() }

func describeMove(e *ledger.Entry) string {
	other := html.EscapeString(e.OtherCard)
	if e.Status == ledger.Replaced {
		return "换卡:新卡号" + other
	}
	return "换卡:原卡号" + other
}

func withAmount(word string, f ledger.Fen) string {
	if f == 0 {
		return ""
	}
	return word + amount(f)
}

func withPoints(word string, n int64) string {
	if n == 0 {
		return ""
	}
	return word + strconv.FormatInt(n, 10)
}

func signed(n int64) string {
	if n > 0 {
		return "+" + strconv.FormatInt(n, 10)
	}
	return strconv.FormatInt(n, 10)
}
