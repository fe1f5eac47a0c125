package console

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
	"tongka/internal/report"
)

// figure is a column whose cells are reckoned from the sums of their row.
type figure struct {
	tableColumn
	from func(report.Kinds) tableCell
}

// drawn returns the figure as one that the chart has.
func (f figure) drawn() figure {
	f.charted = true
	return f
}

func moneyFigure(name text, from func(report.Kinds) ledger.Fen) figure {
	return figure{tableColumn{name: name, kind: ofMoney}, func(k report.Kinds) tableCell { return moneyCell(from(k)) }}
}

func countFigure(name text, from func(report.Kinds) int64) figure {
	return figure{tableColumn{name: name, kind: ofCount}, func(k report.Kinds) tableCell { return countCell(from(k)) }}
}

func timesFigure(name text, kinds ...ledger.Kind) figure {
	return countFigure(name, func(k report.Kinds) int64 { return k.Count(kinds...) })
}

func pointsFigure(name text, kinds ...ledger.Kind) figure {
	return countFigure(name, func(k report.Kinds) int64 { return k.Points(kinds...) })
}

// The figures of which tables are made up.
var (
	fTopUps   = timesFigure(wTopUps, ledger.Recharged)
	fPaidIn   = moneyFigure(wPaidIn, report.Kinds.PaidIn)
	fPaidBack = moneyFigure(wPaidBack, report.Kinds.PaidBack)
	fPaidOut  = moneyFigure(wPaidToAll, report.Kinds.PaidOut)
	fTaken    = moneyFigure(wTaken, report.Kinds.Taken)
	fGiven    = moneyFigure(wGivenBon, func(k report.Kinds) ledger.Fen { return k.Gift(ledger.Recharged) })
	fBills    = timesFigure(wBills, ledger.Consumed)
	fBilled   = moneyFigure(wBilled, report.Kinds.Billed)
	fOff      = moneyFigure(wOff, report.Kinds.Off)
	fSold     = moneyFigure(wSold, report.Kinds.Sold)
	fCardPaid = moneyFigure(wCardPaid, report.Kinds.ByCard)
	fRefunded = moneyFigure(wRefunds, report.Kinds.Refunded)
	fNewCards = countFigure(wNewCards, report.Kinds.NewCards)
	fCashBack = moneyFigure(wCashBack, func(k report.Kinds) ledger.Fen { return k.Gift(ledger.CashedBack) })
	fByHand   = moneyFigure(wByHand, func(k report.Kinds) ledger.Fen { return k.Gift(ledger.BonusGiven) })
	fLapsed   = moneyFigure(wLapsed, func(k report.Kinds) ledger.Fen {
		return k.Gifts() - k.Gift(ledger.Recharged) - k.Gift(ledger.CashedBack) - k.Gift(ledger.BonusGiven)
	})
	fGifts     = moneyFigure(wGiftCost, report.Kinds.Gifts)
	fSpent     = moneyFigure(wSpentPrin, func(k report.Kinds) ledger.Fen { p, _ := k.Spent(); return p })
	fSpentGift = moneyFigure(wSpentBonus, func(k report.Kinds) ledger.Fen { _, b := k.Spent(); return b })
	fPosition  = moneyFigure(wPosition, func(k report.Kinds) ledger.Fen { p, _ := k.Spent(); return k.Taken() - p })
)

// dayFigures are what a day is closed by. What matters most comes first: a phone shows only so many columns at once.
var dayFigures = []figure{
	fTaken.drawn(), fSold.drawn(), fRefunded, fCardPaid, fNewCards, fTopUps, fPaidIn, fPaidBack, fPaidOut, fGiven, fBills,
	fBilled, fOff,
}

// tillFigures are what must be in the till.
var tillFigures = []figure{fTaken, fTopUps, fPaidIn, fPaidBack, fPaidOut}

// pointFigures are what moved points.
var pointFigures = []figure{
	pointsFigure(wByBills, ledger.Consumed, ledger.ConsumeRefunded).drawn(),
	pointsFigure(wByRules, ledger.Recharged, ledger.RechargeReversed).drawn(),
	pointsFigure(wPointsUsed, ledger.PointsUsed).drawn(),
	pointsFigure(wAdjusted, ledger.PointsAdjusted).drawn(),
	pointsFigure(wPointsLapsed, ledger.LotsExpired, ledger.ExpiryReversed).drawn(),
	countFigure(wOthers, func(k report.Kinds) int64 {
		return k.Moved().Points - k.Points(ledger.Consumed, ledger.ConsumeRefunded, ledger.Recharged,
			ledger.RechargeReversed, ledger.PointsUsed, ledger.PointsAdjusted, ledger.LotsExpired, ledger.ExpiryReversed)
	}).drawn(),
	countFigure(wSum, func(k report.Kinds) int64 { return k.Moved().Points }),
}

// cardFigures are what became of cards.
var cardFigures = []figure{
	fNewCards.drawn(), timesFigure(wReturned, ledger.CardReturned).drawn(),
	timesFigure(wMergedOnes, ledger.MergedOut),
	countFigure(wReplacedOnes, func(k report.Kinds) int64 { return k.Times(ledger.CardReplaced) }),
	timesFigure(wLostOnes, ledger.ReportedLost), timesFigure(wFoundOnes, ledger.LossCancelled),
	timesFigure(wStoppedOnes, ledger.CardStopped), timesFigure(wResumedOnes, ledger.CardResumed),
	timesFigure(wLevelMoves, ledger.LevelChanged).drawn(),
	countFigure(wRenewals, func(k report.Kinds) int64 {
		return k.Count(ledger.Renewed) - k.Count(ledger.RenewalReversed)
	}),
}

// newTable returns a table with columns that say what a row is about, the figures behind them, and a last line.
func (v view) newTable(name string, title text, keys []text, figures []figure) *table {
	t := &table{name: name, title: title}
	for _, key := range keys {
		kind := ofText
		if key == wDay {
			kind = ofDay
		}
		t.columns = append(t.columns, tableColumn{name: key, kind: kind})
	}
	for _, f := range figures {
		t.columns = append(t.columns, f.tableColumn)
	}
	t.summed(v.lang.of(wSum))
	return t
}

// reckon adds a row: what it is about, and its figures.
func (t *table) reckon(figures []figure, k report.Kinds, keys ...tableCell) {
	for _, f := range figures {
		keys = append(keys, f.from(k))
	}
	t.add(keys...)
}

// kind returns what a kind of entry is called.
func (v view) kind(k ledger.Kind) string { return v.lang.of(text(phrase.Kinds[k])) }

// reportKind is one of the reports.
type reportKind struct {
	name        string // in its address
	title, help text
	whole       bool // it is of the merchant as a whole: only for those who may see all shops
	drawn       drawing
	usual       func(today ledger.Date) report.Period
	from        string // the follower whose totals it is made of; "" = it is of what is on all cards now
	// begin returns what reads the figures of the report, and what returns its tables then.
	begin func(*reportView) (reading, func() []*table)
}

// now reports whether the report is of the present, and of no days.
func (k *reportKind) now() bool { return k.from == "" }

// reading reads what a report is made of.
type reading func(ctx context.Context, c *call, books DayBooks) error

// ofDays makes a report of day totals: begin returns what adds one of them, and what returns the tables then. A report
// of the whole begins with what was owed before.
func ofDays(begin func(*reportView) (func(*ledger.DayTotal), func() []*table)) func(*reportView) (
	reading, func() []*table,
) {
	return func(v *reportView) (reading, func() []*table) {
		add, done := begin(v)
		return func(ctx context.Context, c *call, books DayBooks) (err error) {
			if v.of.whole {
				if v.owed, err = c.owedBefore(ctx, books, v.period.From, v.fresh.counted); err != nil {
					return err
				}
			}
			return books.EachDayTotal(ctx, c.merchant.ID, v.period.From, v.period.To, func(t *ledger.DayTotal) error {
				if v.sees(t.Shop) {
					v.empty = false
					add(t)
				}
				return nil
			})
		}, done
	}
}

func aDay(day ledger.Date) report.Period { return report.Period{From: day, To: day} }

// reportKinds are all reports.
var reportKinds = []*reportKind{
	{"day", text{"日结", "Day close"}, text{
		"按门店、操作人和支付方式，核对收款、消费和退款", "Takings, bills and refunds by shop, operator and pay type",
	}, false, asBars, aDay, ledger.DayTotals, ofDays(beginDayClose)},
	{"pay", text{"收款", "Takings"}, text{
		"充值收款按支付方式汇总，已减去撤销和付给会员的款项",
		"What was paid in by pay type, less what was given back and paid out",
	}, false, asStack, report.Month, ledger.DayTotals, ofDays(beginPay)},
	{"shops", text{"门店往来", "Between shops"}, text{
		"收款减消费本金：大于 0 的门店，还有收来的钱没有消费；小于 0 的门店，消费的是其他门店或以前收的钱",
		"Taken less principal spent: a shop above 0 holds money still to be spent, there or elsewhere; " +
			"one below 0 has sold for money that other shops took, or took before",
	}, false, asBars, report.Month, ledger.DayTotals, ofDays(beginShops)},
	settlementReport,
	{"liability", text{"负债", "Liability"}, text{
		"每天营业结束时，卡内还有多少本金、赠送和积分", "Principal, bonus and points on all cards at the end of each day",
	}, true, asLines, report.Month, ledger.DayTotals, ofDays(beginLiability)},
	agesReport,
	{"cost", text{"优惠成本", "Cost of offers"}, text{
		"折扣、优惠券和积分抵扣让出的金额，以及赠送的净成本",
		"What discounts, coupons and points took off bills, and what bonus cost, less what expired",
	}, false, asStack, report.Month, ledger.DayTotals, ofDays(beginCost)},
	couponReport,
	{"points", text{"积分", "Points"}, text{
		"积分的增加和减少。消费赚的积分和抵扣用掉的积分合在一栏",
		"Where points came from and went to. What a bill earned and what paid for it are one figure",
	}, false, asStack, report.Month, ledger.DayTotals, ofDays(beginPoints)},
	{"cards", text{"卡片变动", "Cards"}, text{
		"开卡、退卡、换卡、挂失、停用、等级变更和续费", "Cards opened, returned, replaced, lost, stopped, moved to a level, renewed",
	}, false, asBars, report.Month, ledger.DayTotals, ofDays(beginCards)},
	sleepingReport,
	{"kinds", text{"业务汇总", "All figures"}, text{
		"每天每种业务的笔数、金额、本金、赠送和积分", "Count, amounts, principal, bonus and points of each day, by what was done",
	}, false, asBars, report.Month, ledger.DayTotals, ofDays(beginKinds)},
}

type (
	shopOperator struct {
		shop     ledger.ShopID
		operator string
	}
	shopTill struct {
		shopOperator
		payType ledger.PayTypeID
	}
	dayPay struct {
		day     ledger.Date
		payType ledger.PayTypeID
	}
	dayKind struct {
		day  ledger.Date
		kind ledger.Kind
	}
)

func (a shopOperator) compare(b shopOperator) int {
	return cmp.Or(cmp.Compare(a.shop, b.shop), cmp.Compare(a.operator, b.operator))
}

func beginDayClose(v *reportView) (func(*ledger.DayTotal), func() []*table) {
	shops, operators := report.Groups[ledger.ShopID]{}, report.Groups[shopOperator]{}
	tills := report.Groups[shopTill]{}
	add := func(t *ledger.DayTotal) {
		who := shopOperator{t.Shop, t.Operator}
		shops.Add(t.Shop, t)
		operators.Add(who, t)
		tills.Add(shopTill{who, t.PayType}, t)
	}
	return add, func() []*table {
		byShop := v.newTable("shops", wByShop, []text{wWhere}, dayFigures)
		for _, id := range slices.Sorted(maps.Keys(shops)) {
			byShop.reckon(dayFigures, shops.Of(id), v.shopCell(id))
		}
		byOperator := v.newTable("operators", wByOperator, []text{wWhere, wOperator}, dayFigures)
		for _, k := range slices.SortedFunc(maps.Keys(operators), shopOperator.compare) {
			byOperator.reckon(dayFigures, operators.Of(k), v.shopCell(k.shop), v.operatorCell(k))
		}
		byTill := v.newTable("tills", wByPayType, []text{wWhere, wOperator, wPayType}, tillFigures)
		compare := func(a, b shopTill) int {
			return cmp.Or(a.compare(b.shopOperator), cmp.Compare(a.payType, b.payType))
		}
		for _, k := range slices.SortedFunc(maps.Keys(tills), compare) {
			if sums := tills.Of(k); sums.PaidIn() != 0 || sums.PaidBack() != 0 || sums.PaidOut() != 0 {
				paid := v.entriesLink(textCell(v.paidBy(k.payType, sums)), v.behindOf(k.shopOperator).paid(k.payType))
				byTill.reckon(tillFigures, sums, v.shopCell(k.shop), v.operatorCell(k.shopOperator), paid)
			}
		}
		return []*table{byShop, byOperator, byTill}
	}
}

func beginPay(v *reportView) (func(*ledger.DayTotal), func() []*table) {
	types, days := report.Groups[ledger.PayTypeID]{}, report.Groups[dayPay]{}
	add := func(t *ledger.DayTotal) {
		types.Add(t.PayType, t)
		days.Add(dayPay{t.Day, t.PayType}, t)
	}
	return add, func() []*table {
		byType := v.newTable("types", wByPayType, []text{wPayType}, tillFigures)
		var paid []ledger.PayTypeID // those by which anything was paid
		for _, id := range slices.Sorted(maps.Keys(types)) {
			if k := types.Of(id); k.PaidIn() != 0 || k.PaidBack() != 0 || k.PaidOut() != 0 {
				paid = append(paid, id)
				byType.reckon(tillFigures, k, v.entriesLink(textCell(v.paidBy(id, k)), v.behind(v.period).paid(id)))
			}
		}
		byDay := &table{name: "days", title: wByDay, columns: []tableColumn{{name: wDay, kind: ofDay}}}
		for _, id := range paid {
			name := v.paidBy(id, types.Of(id))
			byDay.columns = append(byDay.columns, tableColumn{text{name, name}, ofMoney, true})
		}
		byDay.columns = append(byDay.columns, tableColumn{name: wTaken, kind: ofMoney})
		byDay.summed(v.lang.of(wSum))
		for _, day := range v.days() {
			row, all := []tableCell{v.dayLink(day)}, ledger.Fen(0)
			for _, id := range paid {
				taken := days.Of(dayPay{day, id}).Taken()
				row, all = append(row, moneyCell(taken)), all+taken
			}
			byDay.add(append(row, moneyCell(all))...)
		}
		return []*table{byType, byDay}
	}
}

func beginShops(v *reportView) (func(*ledger.DayTotal), func() []*table) {
	figures := []figure{fTaken.drawn(), fSpent.drawn(), fSpentGift, fPosition}
	shops := report.Groups[ledger.ShopID]{}
	return func(t *ledger.DayTotal) { shops.Add(t.Shop, t) }, func() []*table {
		t := v.newTable("shops", wByShop, []text{wWhere}, figures)
		for _, id := range slices.Sorted(maps.Keys(shops)) {
			t.reckon(figures, shops.Of(id), v.shopCell(id))
		}
		return []*table{t}
	}
}

func beginLiability(v *reportView) (func(*ledger.DayTotal), func() []*table) {
	days, all := report.Groups[ledger.Date]{}, report.Kinds{}
	add := func(t *ledger.DayTotal) {
		days.Add(t.Day, t)
		all.Add(t)
	}
	return add, func() []*table {
		t := &table{name: "days", title: wByDay, columns: []tableColumn{
			{wDay, ofDay, false}, {wSum, ofMoney, false}, {wPrincipal, ofMoney, true}, {wBonus, ofMoney, true},
			{wPoints, ofCount, false}, {wPrincipalBy, ofMoney, false}, {wBonusBy, ofMoney, false}, {wPointsBy, ofCount, false},
		}}
		owed := v.owed
		for _, day := range v.days() {
			by := days.Of(day).Moved()
			owed = owed.Plus(by)
			t.add(v.dayLink(day), moneyCell(owed.Principal+owed.Bonus), moneyCell(owed.Principal), moneyCell(owed.Bonus),
				countCell(owed.Points), moneyCell(by.Principal), moneyCell(by.Bonus), countCell(by.Points))
		}
		return []*table{t, v.causes(all)}
	}
}

// causes is a table of what moved balances, by kind.
func (v *reportView) causes(all report.Kinds) *table {
	t := &table{name: "kinds", title: wByKind, columns: []tableColumn{
		{name: wCause}, {name: wTimes, kind: ofCount}, {name: wPrincipalBy, kind: ofMoney},
		{name: wBonusBy, kind: ofMoney}, {name: wPointsBy, kind: ofCount},
	}}
	t.summed(v.lang.of(wSum))
	for _, kind := range ledger.Kinds {
		if s := all[kind]; s.Principal != 0 || s.Bonus != 0 || s.Points != 0 {
			t.add(v.kindLink(v.period, kind), countCell(s.Count), moneyCell(s.Principal), moneyCell(s.Bonus),
				countCell(s.Points))
		}
	}
	return t
}

// byDays returns a report of figures by day, and by shop.
func byDays(figures ...figure) func(*reportView) (func(*ledger.DayTotal), func() []*table) {
	return func(v *reportView) (func(*ledger.DayTotal), func() []*table) {
		days, shops := report.Groups[ledger.Date]{}, report.Groups[ledger.ShopID]{}
		add := func(t *ledger.DayTotal) {
			days.Add(t.Day, t)
			shops.Add(t.Shop, t)
		}
		return add, func() []*table {
			byDay := v.newTable("days", wByDay, []text{wDay}, figures)
			for _, day := range v.days() {
				byDay.reckon(figures, days.Of(day), v.dayLink(day))
			}
			byShop := v.newTable("shops", wByShop, []text{wWhere}, figures)
			for _, id := range slices.Sorted(maps.Keys(shops)) {
				byShop.reckon(figures, shops.Of(id), v.shopCell(id))
			}
			return []*table{byDay, byShop}
		}
	}
}

var (
	beginCost   = byDays(fBilled, fOff.drawn(), fGiven, fCashBack, fByHand, fLapsed, fGifts.drawn())
	beginPoints = byDays(pointFigures...)
	beginCards  = byDays(cardFigures...)
)

func beginKinds(v *reportView) (func(*ledger.DayTotal), func() []*table) {
	sums := report.Groups[dayKind]{}
	return func(t *ledger.DayTotal) { sums.Add(dayKind{t.Day, t.Kind}, t) }, func() []*table {
		t := &table{name: "kinds", title: wByKind, columns: []tableColumn{
			{name: wDay, kind: ofDay}, {name: wCause}, {name: wTimes, kind: ofCount}, {name: wGross, kind: ofMoney},
			{name: wNet, kind: ofMoney}, {name: wPrincipal, kind: ofMoney}, {name: wBonus, kind: ofMoney},
			{name: wPoints, kind: ofCount},
		}}
		compare := func(a, b dayKind) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.kind, b.kind)) }
		for _, k := range slices.SortedFunc(maps.Keys(sums), compare) {
			all := sums.Of(k)
			s := all[k.kind]
			gross := s.Gross
			if k.kind == ledger.CashedBack { // it is that of the bills, which stand in a line of their own
				gross = 0
			}
			t.add(v.dayLink(k.day), v.kindLink(aDay(k.day), k.kind), countCell(all.Times(k.kind)), moneyCell(gross),
				moneyCell(s.Net), moneyCell(s.Principal), moneyCell(s.Bonus), countCell(s.Points))
		}
		return []*table{t}
	}
}
