package console

import (
	"context"
	"net/http"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
	"tongka/internal/report"
)

// What Today looks at.
const (
	curveDays = 30 // of the curves, today included
	soonDays  = 30 // how long before its last day an agent or a licence needs attention
)

// todayView is what the first page of a merchant shows.
type todayView struct {
	view
	searches bool        // the person may look for cards
	reports  bool        // and see figures: those of some shops at least
	whole    bool        // or of all shops, and what belongs to none
	day      ledger.Date // the business day
	fresh    freshness
	tiles    []tile
	owed     ledger.Owed
	curves   *table
	chart    *chart
	shops    *table
	notices  []notice
	jobs     []way  // what the person begins with who sees no figures
	acts     []*act // what the search leads to on a card that was scanned
}

// tile is one figure of the day beside those of days before.
type tile struct {
	name    text
	value   string
	more    string // what belongs to it, in small letters
	compare []compared
	url     string
}

// compared is the same figure of another day.
type compared struct {
	name  text
	value string
	url   string
}

// notice is something that needs attention.
type notice struct {
	said string
	bad  bool   // something has stopped working
	url  string // where it is mended; "" = nowhere that the person may go
}

// merchantHome is the first page of a merchant: the day's figures for those who may see any, and for others what they
// begin with.
func (c *call) merchantHome() error {
	v := &todayView{view: c.view(wToday), day: c.businessDay()}
	may := c.person.AllowedSomewhere(c.merchant.ID)
	v.searches, v.reports = may&ledger.MayRead != 0, may&ledger.MayReports != 0
	v.whole = c.person.May(ledger.MayReports, c.merchant.ID, 0)
	v.title = c.merchant.Name
	if v.reports {
		if err := c.readToday(v); err != nil {
			return err
		}
	} else {
		v.jobs = v.jobsOf(may)
		for _, name := range quickActs {
			if a := actNamed(name); may&a.needs == a.needs {
				v.acts = append(v.acts, a)
			}
		}
	}
	return c.show(http.StatusOK, todayPage(v))
}

// quickActs are what is done to a card that was scanned on the first page, without a look at its own.
var quickActs = []string{"recharge", "consume"}

// jobsOf are the jobs that somebody with permissions does all day. Money is taken on a card's page, so the way there is
// the search above them.
func (v *todayView) jobsOf(may ledger.Permission) (all []way) {
	for _, job := range []struct {
		name  text
		page  string
		needs ledger.Permission
	}{
		{wOpenCard, "cards/new", ledger.MayOpen}, {wCloseShift, "shifts/close", ledger.MayRecharge},
	} {
		if may&job.needs != 0 {
			all = append(all, way{name: job.name, url: v.at(job.page)})
		}
	}
	return all
}

// readToday adds up the figures of the last days.
func (c *call) readToday(v *todayView) error {
	sees := c.seesOnly(ledger.MayReports, "")
	days, shops := report.Groups[ledger.Date]{}, report.Groups[ledger.ShopID]{}
	var cares []notice
	err := c.readBooks(ledger.DayTotals, &v.fresh, func(ctx context.Context, books DayBooks) (err error) {
		first := v.day.AddDays(1 - curveDays)
		err = books.EachDayTotal(ctx, c.merchant.ID, first, v.day, func(t *ledger.DayTotal) error {
			if sees(t.Shop) {
				days.Add(t.Day, t)
				if t.Day == v.day {
					shops.Add(t.Shop, t)
				}
			}
			return nil
		})
		if err == nil && v.whole {
			v.owed, err = c.owedNow(ctx, books, v.fresh.counted)
		}
		if err == nil {
			cares, err = c.cares(ctx, books, v)
		}
		return err
	})
	if err != nil {
		return err
	}
	v.tiles = v.tilesOf(days)
	v.curves = v.curvesOf(days)
	if len(v.curves.rows) > 0 { // a new merchant has nothing to draw
		v.chart = v.chartOf(v.curves, asLines)
	}
	v.shops = v.shopsOf(shops)
	if v.whole {
		cares = append(c.endings(v), cares...)
	}
	v.notices = worstFirst(cares)
	return nil
}

// tilesOf returns the day's figures beside those of yesterday and of the same day last week.
func (v *todayView) tilesOf(days report.Groups[ledger.Date]) []tile {
	now := days.Of(v.day)
	yesterday, week := v.day.AddDays(-1), v.day.AddDays(-7)
	money := func(of func(report.Kinds) ledger.Fen) func(report.Kinds) string {
		return func(k report.Kinds) string { return yuanSign(of(k)) }
	}
	tileOf := func(name text, of func(report.Kinds) string, more string) tile {
		return tile{name: name, value: of(now), more: more, url: v.ofDay(v.day, ""), compare: []compared{
			{wYesterday, of(days.Of(yesterday)), v.ofDay(yesterday, "")},
			{lastWeekday[report.Weekday(week)], of(days.Of(week)), v.ofDay(week, "")},
		}}
	}
	times := func(n int64) string { return v.lang.of(wTimes) + " " + phrase.Count(n) }
	yuan := func(name text, f ledger.Fen) string { return v.lang.of(name) + " " + yuanSign(f) }
	return []tile{
		tileOf(wRecharges, money(report.Kinds.PaidIn), join([]string{
			times(now.Count(ledger.Recharged)), yuan(wGivenBon, now.Gift(ledger.Recharged)),
		})),
		tileOf(wSales, money(report.Kinds.Sold), join([]string{
			times(now.Count(ledger.Consumed)), yuan(wCardPaid, now.ByCard()),
		})),
		tileOf(wRefunds, money(report.Kinds.Refunded), join([]string{
			yuan(wPaidBack, now.PaidBack()), yuan(wPaidToAll, now.PaidOut()),
		})),
		tileOf(wNewCards, func(k report.Kinds) string { return phrase.Count(k.NewCards()) },
			v.lang.of(wReturned)+" "+phrase.Count(now.Count(ledger.CardReturned))),
		tileOf(wPointsMoved, func(k report.Kinds) string { return phrase.SignedCount(k.Moved().Points) },
			v.lang.of(wPointsUsed)+" "+phrase.Count(-now.Points(ledger.PointsUsed))),
	}
}

// curveFigures are what the curves show.
var curveFigures = []figure{
	renamed(fPaidIn, wRecharges).drawn(), renamed(fSold, wSales).drawn(), fRefunded, fCardPaid, fNewCards,
}

func renamed(f figure, name text) figure {
	f.name = name
	return f
}

// curvesOf returns a table of the last days.
func (v *todayView) curvesOf(days report.Groups[ledger.Date]) *table {
	t := v.newTable("days", wLast30, []text{wDay}, curveFigures)
	for _, day := range (report.Period{From: v.day.AddDays(1 - curveDays), To: v.day}).Days() {
		t.reckon(curveFigures, days.Of(day), dayCell(day).to(v.ofDay(day, "")))
	}
	return t
}

// shopsOf returns a table of the day by shop; nil if there is only one.
func (v *todayView) shopsOf(shops report.Groups[ledger.ShopID]) *table {
	t := v.newTable("shops", wByShop, []text{wWhere}, curveFigures)
	for _, s := range v.merchant.Shops {
		if k := shops.Of(s.ID); k != nil || !s.Ended && v.person.May(ledger.MayReports, v.merchant.ID, s.ID) {
			t.reckon(curveFigures, k, textCell(s.Name).to(v.ofDay(v.day, shopText(s.ID))))
		}
	}
	if k := shops.Of(0); k != nil {
		t.reckon(curveFigures, k, textCell(v.placeName(0)).to(v.ofDay(v.day, shopText(0))))
	}
	if len(t.rows) < 2 {
		return nil
	}
	return t
}

// yuanSign returns an amount with the sign of its currency.
func yuanSign(f ledger.Fen) string { return "¥" + phrase.Yuan(f) }

// begins returns the hour at which a business day begins.
func (v view) begins() string {
	at := v.merchant.Settings.CutOff.String()
	return v.lang.of(text{"营业日从 " + at + " 开始", "A business day begins at " + at})
}

// inDays returns a period in words.
func (v view) inDays(p report.Period) string {
	if p.From == p.To {
		return p.From.String() + " " + v.weekday(p.From)
	}
	return p.From.String() + " – " + p.To.String()
}

// weekday returns the day of the week in words.
func (v view) weekday(day ledger.Date) string {
	return v.lang.of(weekdayWords[report.Weekday(day)])
}

// weekdayWords are the days of the week.
var weekdayWords = map[time.Weekday]text{
	time.Monday: {"周一", "Monday"}, time.Tuesday: {"周二", "Tuesday"}, time.Wednesday: {"周三", "Wednesday"},
	time.Thursday: {"周四", "Thursday"}, time.Friday: {"周五", "Friday"}, time.Saturday: {"周六", "Saturday"},
	time.Sunday: {"周日", "Sunday"},
}
