package console

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"tongka/internal/ledger"
	"tongka/internal/report"
)

// settlementReport says what shops owe each other: what was paid in at one and spent at another.
var settlementReport = &reportKind{
	"settlement", text{"跨店结算", "Settlement"}, text{
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

// settlement adds up what shops owe each other.
type settlement struct {
	v     *reportView
	pairs map[report.Pair]report.Dues
	days  map[ledger.Date]report.Dues
}

func beginSettlement(v *reportView) (reading, func() []*table) {
	s := &settlement{v, map[report.Pair]report.Dues{}, map[ledger.Date]report.Dues{}}
	read := func(ctx context.Context, c *call, books DayBooks) error {
		return books.EachLotTotal(ctx, c.merchant.ID, v.period.From, v.period.To, s.add)
	}
	return read, func() []*table { return []*table{s.shops(), s.between(), s.byDay()} }
}

// add takes a total in if two shops have to do with it, and the person may see one of them: each of the two knows what
// it has with the other.
func (s *settlement) add(t *ledger.LotTotal) error {
	if !s.v.sees(t.Shop) && !s.v.sees(t.Sold) {
		return nil
	}
	s.v.empty = false
	dues := report.Dues{}.Plus(t)
	if t.Sold == t.Shop || dues == (report.Dues{}) {
		return nil
	}
	pair := report.Pair{Sold: t.Sold, Shop: t.Shop}
	s.pairs[pair], s.days[t.Day] = s.pairs[pair].And(dues), s.days[t.Day].And(dues)
	return nil
}

// sorted are the pairs, by the shop where the money was paid in.
func (s *settlement) sorted() []report.Pair {
	return slices.SortedFunc(maps.Keys(s.pairs), func(a, b report.Pair) int {
		return cmp.Or(cmp.Compare(a.Sold, b.Sold), cmp.Compare(a.Shop, b.Shop))
	})
}

// shops is what each shop receives and pays. Of a shop that the person may not see, it would be a part.
func (s *settlement) shops() *table {
	t := &table{name: "shops", title: wShopNet, columns: []tableColumn{
		{name: wWhere}, {wReceives, ofMoney, true}, {wPays, ofMoney, true}, {name: wNetDue, kind: ofMoney},
		{name: wGetsBonus, kind: ofMoney}, {name: wPaysBonus, kind: ofMoney},
	}}
	t.summed(s.v.lang.of(wSum))
	gets, pays := map[ledger.ShopID]report.Dues{}, map[ledger.ShopID]report.Dues{}
	for pair, dues := range s.pairs {
		gets[pair.Shop], pays[pair.Sold] = gets[pair.Shop].And(dues), pays[pair.Sold].And(dues)
	}
	for _, p := range s.v.places {
		got, paid := gets[p.ID], pays[p.ID]
		if !s.v.sees(p.ID) || got == (report.Dues{}) && paid == (report.Dues{}) {
			continue
		}
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
	for _, pair := range s.sorted() {
		t.add(append([]tableCell{s.shop(pair.Sold), s.shop(pair.Shop)}, dueCells(s.pairs[pair])...)...)
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
		t.add(append([]tableCell{s.v.dayEntries(day)}, dueCells(s.days[day])...)...)
	}
	return t
}
