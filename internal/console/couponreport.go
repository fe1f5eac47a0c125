package console

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"

	"tongka/internal/ledger"
	"tongka/internal/report"
)

// couponReport says what became of coupons.
var couponReport = &reportKind{
	"coupons", text{"优惠券", "Coupons"}, text{
		"每种优惠券发出、使用、退回、到期和收回的张数，以及抵扣的金额",
		"Coupons of each kind that were sent, used, given back, expired or taken back, and what they took off bills",
	}, false, asBars, report.Month, ledger.PartTotals, beginCoupons,
}

// What the report of coupons says.
var (
	wCouponKind  = text{"券种", "Kind"}
	wSentOnes    = text{"发出", "Sent"}
	wUsedOnes    = text{"使用", "Used"}
	wBackOnes    = text{"退款退回", "Came back"}
	wExpiredOnes = text{"到期", "Expired"}
	wVoidOnes    = text{"收回", "Taken back"}
	wLeftOnes    = text{"未用增减", "Unused, by"}
	wCouponCost  = text{"抵扣金额", "Taken off bills"}
	wByCoupon    = text{"按券种", "By kind"}

	wByDayAndKind = text{"按日和券种", "By day and kind"}
)

// couponColumns are what becomes of coupons. Of the days the first couponsDrawn are drawn.
var couponColumns = []tableColumn{
	{name: wSentOnes, kind: ofCount}, {name: wUsedOnes, kind: ofCount}, {name: wExpiredOnes, kind: ofCount},
	{name: wCouponCost, kind: ofMoney}, {name: wBackOnes, kind: ofCount}, {name: wVoidOnes, kind: ofCount},
	{name: wLeftOnes, kind: ofCount},
}

func couponCells(u report.CouponUse) []tableCell {
	return []tableCell{
		countCell(u.Sent), countCell(u.Used), countCell(u.Expired), moneyCell(u.Cost), countCell(u.Back), countCell(u.Void),
		countCell(u.Left()),
	}
}

const couponsDrawn = 3

// dayCoupon is a day and a kind of coupon.
type dayCoupon struct {
	day  ledger.Date
	kind ledger.CouponKindID
}

// couponUses adds up what became of coupons.
type couponUses struct {
	v     *reportView
	kinds map[ledger.CouponKindID]report.CouponUse
	days  map[ledger.Date]report.CouponUse
	both  map[dayCoupon]report.CouponUse
}

func beginCoupons(v *reportView) (reading, func() []*table) {
	u := &couponUses{
		v, map[ledger.CouponKindID]report.CouponUse{}, map[ledger.Date]report.CouponUse{}, map[dayCoupon]report.CouponUse{},
	}
	read := func(ctx context.Context, c *call, books DayBooks) error {
		return books.EachCouponTotal(ctx, c.merchant.ID, v.period.From, v.period.To, u.add)
	}
	return read, func() []*table { return []*table{u.byKind(), u.byDay(), u.byBoth()} }
}

func (u *couponUses) add(t *ledger.CouponTotal) error {
	if u.v.sees(t.Shop) {
		u.v.empty = false
		k := dayCoupon{t.Day, t.Coupon}
		u.kinds[t.Coupon], u.days[t.Day], u.both[k] = u.kinds[t.Coupon].Plus(t), u.days[t.Day].Plus(t), u.both[k].Plus(t)
	}
	return nil
}

// table returns an empty table of what becomes of coupons.
func (u *couponUses) table(name string, title text, keys ...tableColumn) *table {
	t := &table{name: name, title: title, columns: append(keys, couponColumns...)}
	t.summed(u.v.lang.of(wSum))
	return t
}

func (u *couponUses) byKind() *table {
	t := u.table("kinds", wByCoupon, tableColumn{name: wCouponKind})
	for _, kind := range slices.Sorted(maps.Keys(u.kinds)) {
		t.add(append([]tableCell{textCell(u.v.couponKind(kind))}, couponCells(u.kinds[kind])...)...)
	}
	return t
}

func (u *couponUses) byDay() *table {
	t := u.table("days", wByDay, tableColumn{name: wDay, kind: ofDay})
	for i := range couponsDrawn {
		t.columns[1+i].charted = true
	}
	for _, day := range u.v.days() {
		t.add(append([]tableCell{u.v.dayEntries(day)}, couponCells(u.days[day])...)...)
	}
	return t
}

func (u *couponUses) byBoth() *table {
	t := u.table("all", wByDayAndKind, tableColumn{name: wDay, kind: ofDay}, tableColumn{name: wCouponKind})
	compare := func(a, b dayCoupon) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.kind, b.kind)) }
	for _, k := range slices.SortedFunc(maps.Keys(u.both), compare) {
		t.add(append([]tableCell{u.v.dayEntries(k.day), textCell(u.v.couponKind(k.kind))}, couponCells(u.both[k])...)...)
	}
	return t
}

// couponKind returns the name of a kind of coupon, and its number if it has none any more.
func (v *reportView) couponKind(id ledger.CouponKindID) string {
	if k, ok := v.merchant.CouponKind(id); ok {
		return k.Name
	}
	return strconv.FormatInt(int64(id), 10)
}
