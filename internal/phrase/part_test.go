package phrase

import (
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// said returns parts as one line in a language.
func said(parts []Part, l ledger.Language) string {
	var all []string
	for _, p := range parts {
		all = append(all, p.Name.In(l)+" "+p.Value.In(l))
	}
	return strings.Join(all, "; ")
}

// A bill says by whom each part of it was paid, and a recharge what its rules gave.
func TestParts(t *testing.T) { //nolint:funlen // one story, or one table
	t.Parallel()
	for _, c := range []struct {
		e      ledger.Entry
		zh, en string
	}{
		{
			ledger.Entry{
				Kind: ledger.Consumed, Gross: 128_50, Net: 70_00, Principal: -60_00, Bonus: -5_00,
				Coupons: []ledger.CouponPart{{Pays: 30_00}}, ByPoints: ledger.PointPay{Points: 800, Worth: 8_00},
			},
			"账单金额 128.50; 会员折扣 -20.50; 优惠券抵扣 -30.00; 积分抵扣 -8.00; 卡付 65.00; 还需另付 5.00",
			"Bill 128.50; Level's discount -20.50; Paid by coupons -30.00; Paid by points -8.00; " +
				"Paid by the card 65.00; Still due 5.00",
		},
		{
			ledger.Entry{Kind: ledger.Consumed, Gross: 10_00, Net: 10_00, Principal: -4_00, OtherCard: "6002"},
			"账单金额 10.00; 卡付 4.00; 由另一张卡支付 6.00", "Bill 10.00; Paid by the card 4.00; Left to another card 6.00",
		},
		{ledger.Entry{Kind: ledger.Consumed, Gross: 10_00, Net: 10_00, Principal: -10_00}, "账单金额 10.00; 卡付 10.00", "Bill 10.00; Paid by the card 10.00"},
		{ // what it left of the hold is told by the release before it
			ledger.Entry{
				Kind: ledger.Consumed, Gross: 10_00, Net: 10_00, Principal: -10_00, RefersTo: 9, Released: ledger.ByCapture,
			},
			"账单金额 10.00; 卡付 10.00; 扣自预留 #9", "Bill 10.00; Paid by the card 10.00; Out of a hold #9",
		},
		{
			ledger.Entry{Kind: ledger.HoldReleased, Gross: 5_00, Net: 5_00, RefersTo: 9, Released: ledger.ByCapture},
			"解除预留 5.00; 原因 扣款后的剩余", "Released 5.00; Why what a bill left of it",
		},
		{
			ledger.Entry{
				Kind: ledger.Recharged, Gross: 500_00, Net: 500_00, Principal: 500_00, Bonus: 50_00,
				Rules: []ledger.RuleHit{{Name: "充500送50", Money: 50_00, Points: 20}},
			},
			"实收 500.00; 充500送50 +50.00 +20 分", "Paid in 500.00; 充500送50 +50.00 +20 points",
		},
		{ledger.Entry{Kind: ledger.ConsumeRefunded, Gross: 8_00, Net: 8_00, Principal: 8_00}, "退回卡内 8.00", "Given back 8.00"},
		{ // the holder gets what he paid in, never the bonus
			ledger.Entry{Kind: ledger.RechargeReversed, Gross: 500_00, Net: 560_00, Principal: -500_00, Bonus: -60_00},
			"付给会员 500.00; 收回赠送 -60.00", "Paid out 500.00; Bonus taken back -60.00",
		},
		{
			ledger.Entry{Kind: ledger.RechargeReversed, Gross: 500_00, Net: 500_00, Principal: -500_00},
			"付给会员 500.00", "Paid out 500.00",
		},
		{ledger.Entry{Kind: ledger.Withdrawn, Gross: 10_00, Net: 10_00, Principal: -10_00}, "付给会员 10.00", "Paid out 10.00"},
		{ledger.Entry{Kind: ledger.Invoiced, Invoice: -20_00}, "开票金额 20.00", "Invoiced 20.00"},
		{ledger.Entry{Kind: ledger.InvoiceReversed, Invoice: 20_00}, "开票金额 -20.00", "Invoiced -20.00"},
		{ledger.Entry{Kind: ledger.AccountCharged, Gross: 66_00}, "账单金额 66.00", "Bill 66.00"},
		{ledger.Entry{Kind: ledger.Renewed, CardExpires: 20270131}, "有效期至 2027-01-31", "Good through 2027-01-31"},
		{
			ledger.Entry{
				Kind: ledger.BonusGiven, Bonus: 5_00, Allocations: []ledger.Allocation{{GoodUntil: 20261231, Bonus: 5_00}},
			},
			"有效期至 2026-12-31", "Good through 2026-12-31",
		},
		{
			ledger.Entry{
				Kind: ledger.BonusGiven, Bonus: 5_00, Allocations: []ledger.Allocation{{GoodUntil: ledger.Forever, Bonus: 5_00}},
			}, "", "",
		},
		{ledger.Entry{Kind: ledger.BalanceOpened, Gross: 20_00, Net: 22_00, Principal: 20_00, Bonus: 2_00}, "", ""},
		{
			ledger.Entry{Kind: ledger.BalanceOpened, Gross: 20_00, Net: 22_00, Principal: -15_00, Bonus: 2_00},
			"欠款 35.00", "Owed 35.00",
		},
		{
			ledger.Entry{Kind: ledger.RenewalReversed, Net: 20_00, CardExpires: 20260131},
			"退回卡内 20.00; 有效期至 2026-01-31", "Given back 20.00; Good through 2026-01-31",
		},
		{ledger.Entry{Kind: ledger.OpeningReversed, Coupons: make([]ledger.CouponPart, 2)}, "优惠券 2", "Coupons 2"},
		{
			ledger.Entry{Kind: ledger.ConsumeRefunded, Coupons: make([]ledger.CouponPart, 2)}, "退回优惠券 2",
			"Coupons given back 2",
		},
		{ledger.Entry{Kind: ledger.CouponVoided, Coupons: make([]ledger.CouponPart, 1)}, "优惠券 1", "Coupons 1"},
		{ledger.Entry{Kind: ledger.MergedIn, Coupons: make([]ledger.CouponPart, 3)}, "优惠券 3", "Coupons 3"},
		{ledger.Entry{Kind: ledger.TransferredOut, Net: 5_00, Principal: -5_00, OtherCard: "6002"}, "", ""},
		{
			ledger.Entry{
				Kind: ledger.CouponSent, Coupons: make([]ledger.CouponPart, 2),
				Offer: &ledger.CouponOffer{CouponTerms: ledger.CouponTerms{Name: "甜品券"}},
			},
			"优惠券 甜品券 × 2", "Coupons 甜品券 × 2",
		},
	} {
		parts := Parts(&c.e)
		if zh, en := said(parts, ledger.Chinese), said(parts, ledger.English); zh != c.zh || en != c.en {
			t.Errorf("%v: got %q, %q, want %q, %q", c.e.Kind, zh, en, c.zh, c.en)
		}
	}
}

// A coupon says what it is worth as people say it, and everything that stands in the way of its use.
func TestCoupons(t *testing.T) {
	t.Parallel()
	percent := func(off ledger.Rate) ledger.CouponTerms {
		return ledger.CouponTerms{Type: ledger.PercentCoupon, Off: off}
	}
	for _, c := range []struct {
		terms ledger.CouponTerms
		want  Text
	}{
		{percent(2000), Text{"8折", "20% off"}},
		{percent(1500), Text{"8.5折", "15% off"}},
		{percent(1250), Text{"8.75折", "12.5% off"}},
		{percent(500), Text{"9.5折", "5% off"}},
		{percent(9500), Text{"0.5折", "95% off"}},
		{percent(ledger.Percent100), Text{"免单", "All of it"}},
		{ledger.CouponTerms{Type: ledger.CashCoupon, Face: 1030_00}, Text{"¥1,030.00", "¥1,030.00 off"}},
		{ledger.CouponTerms{Type: ledger.GoodsCoupon}, Text{"兑换券", "For goods"}},
	} {
		if got := CouponWorth(&c.terms); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.terms, got, c.want)
		}
	}
	all := ledger.CouponTerms{Type: ledger.PercentCoupon, Off: 2000, Least: 100_00, MaxOff: 50_00, MaxUse: 1, Alone: true}
	want := Text{
		"满 ¥100.00 可用 · 最高减 ¥50.00 · 每单限用 1 张 · 不与其他券同用 · 限 人民路店、湖滨店",
		"bills from ¥100.00 · ¥50.00 off at most · at most 1 on a bill · not with other coupons · only at 人民路店, 湖滨店",
	}
	if got := CouponConditions(&all, []string{"人民路店", "湖滨店"}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := CouponConditions(&ledger.CouponTerms{Type: ledger.CashCoupon, MaxOff: 1}, nil); got != (Text{}) {
		t.Errorf("got %q of a coupon without conditions", got)
	}
}
