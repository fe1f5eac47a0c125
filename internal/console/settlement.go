package console

import (
	"context"

	"tongka/internal/ledger"
	"tongka/internal/report"
)

// acrossShops is what the settlement is called in addresses.
const acrossShops = "settlement"

// settlementReport says what shops owe each other: what was paid in at one and spent at another.
var settlementReport = &reportKind{
	acrossShops, text{"跨店结算", "Settlement"}, text{
		"在一家店充值、在另一家店消费、退款或提现的金额，本金和赠送分开",
		"What was paid in at one shop and spent, refunded or paid out at another, principal and bonus apart",
	}, false, asBars, report.Month, ledger.PartTotals, beginSettlement,
}

// What the settlement says.
var (
	wSoldAt    = text{"充值门店", "Paid in at"}
	wTakenAt   = text{"使用门店", "Used at"}
	wBackPrin  = text{"退回本金", "Principal refunded"}
	wBackBonus = text{"退回赠送", "Bonus refunded"}
	wOutPrin   = text{"付出与转出", "Paid out, moved"}
	wDuePrin   = text{"结算本金", "To settle"}
	wDueBonus  = text{"结算赠送", "Bonus to settle"}
	wReceives  = text{"应收", "Receives"}
	wPays      = text{"应付", "Pays"}
	wNetDue    = text{"净额（本金）", "Net (principal)"}
	wGetsBonus = text{"应收赠送", "Bonus received"}
	wPaysBonus = text{"应付赠送", "Bonus paid"}
	wShopNet   = text{"各店应收应付", "What each shop receives and pays"}
	wPairs     = text{"店与店", "Shop by shop"}
)

// settlement shows what shops owe each other.
type settlement struct {
	v   *reportView
	sum *report.Settlement
}

func beginSettlement(v *reportView) (reading, func() []*table) {
	s := &settlement{v, report.NewSettlement(v.sees)}
	read := func(ctx context.Context, c *call, books DayBooks) error {
		return books.EachLotTotal(ctx, c.merchant.ID, v.period.From, v.period.To, s.add)
	}
	return read, func() []*table { return []*table{s.shops(), s.between(), s.byDay()} }
}

func (s *settlement) add(t *ledger.LotTotal) error {
	s.v.empty = s.v.empty && !s.sum.Sees(t)
	s.sum.Add(t)
	return nil
}

// shops is what each shop receives and pays.
func (s *settlement) shops() *table {
	t := &table{name: "shops", title: wShopNet, columns: []tableColumn{
		{name: wWhere}, {wReceives, ofMoney, true}, {wPays, ofMoney, true}, {name: wNetDue, kind: ofMoney},
		{name: wGetsBonus, kind: ofMoney}, {name: wPaysBonus, kind: ofMoney},
	}}
	t.summed(s.v.lang.of(wSum))
	all := s.sum.Shops()
	for _, p := range s.v.places {
		one := all[p.ID]
		if one == (report.ShopDues{}) {
			continue
		}
		got, paid := one.Receives, one.Pays
		t.add(s.v.shopCell(p.ID), moneyCell(got.Principal()), moneyCell(paid.Principal()),
			moneyCell(got.Principal()-paid.Principal()), moneyCell(got.Bonus()), moneyCell(paid.Bonus()))
	}
	return t
}

// dueColumns are what two shops have with each other.
var dueColumns = []tableColumn{
	{name: wDuePrin, kind: ofMoney}, {name: wDueBonus, kind: ofMoney}, {name: wSpentPrin, kind: ofMoney},
	{name: wSpentBonus, kind: ofMoney}, {name: wBackPrin, kind: ofMoney}, {name: wBackBonus, kind: ofMoney},
	{name: wOutPrin, kind: ofMoney},
}

func dueCells(d report.Dues) []tableCell {
	return []tableCell{
		moneyCell(d.Principal()), moneyCell(d.Bonus()), moneyCell(d.Spent), moneyCell(d.SpentBonus), moneyCell(d.Back),
		moneyCell(d.BackBonus), moneyCell(d.Out),
	}
}

// between is what each two shops have with each other.
func (s *settlement) between() *table {
	t := &table{name: "pairs", title: wPairs, columns: append([]tableColumn{{name: wSoldAt}, {name: wTakenAt}},
		dueColumns...)}
	t.summed(s.v.lang.of(wSum))
	for _, pair := range s.sum.Sorted() {
		t.add(append([]tableCell{s.shop(pair.Sold), s.shop(pair.Shop)}, dueCells(s.sum.Pairs[pair])...)...)
	}
	return t
}

// shop names a shop, and leads to its figures if the person may see them.
func (s *settlement) shop(id ledger.ShopID) tableCell {
	if s.v.sees(id) {
		return s.v.shopCell(id)
	}
	return textCell(s.v.placeName(id))
}

// byDay is what all of them have with each other, by day.
func (s *settlement) byDay() *table {
	t := &table{name: "days", title: wByDay, columns: append([]tableColumn{{name: wDay, kind: ofDay}}, dueColumns...)}
	t.summed(s.v.lang.of(wSum))
	for _, day := range s.v.days() {
		t.add(append([]tableCell{s.day(day)}, dueCells(s.sum.Days[day])...)...)
	}
	return t
}

// day is a day that leads to its entries at all shops.
func (s *settlement) day(day ledger.Date) tableCell {
	return dayCell(day).to(s.v.across(s.v.behind(aDay(day))))
}
