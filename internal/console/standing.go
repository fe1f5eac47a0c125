package console

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/report"
)

const (
	// standingKept is how long what was on all cards is shown again, although cards have moved since: to read a million of
	// them takes seconds.
	standingKept = 5 * time.Minute
	// standingLimit bounds how long all cards are read for one page.
	standingLimit = time.Minute
)

// lotAges and useAges are the days that bound the ages of lots, and how long ago cards were used.
var (
	lotAges = []int{30, 90, 180, 365}
	useAges = []int{30, 60, 90, 180, 365}
)

// standingThen is what was on all cards of a merchant at one time. Who asks for it while it is read waits, without a
// connection, and gets the same.
type standingThen struct {
	sync.Mutex
	at    time.Time
	entry ledger.EntryID // the newest then
	is    *report.Standing
}

// standing returns what is on all cards, and as of when. It may be some minutes old, but not of another day. The
// merchant's standing must be locked.
func (c *call) standing(ctx context.Context, books DayBooks) (*report.Standing, time.Time, error) {
	now := c.cfg.Clock()
	then := c.standings.of(c.merchant.ID)
	last, err := c.lastEntry(ctx, books)
	if err != nil {
		return nil, now, err
	}
	today, age := c.merchant.Today(now), now.Sub(then.at)
	fresh := then.entry == last || age >= 0 && age < standingKept
	if then.is != nil && fresh && c.merchant.Today(then.at) == today {
		return then.is, then.at, nil
	}
	at, err := c.moment(ctx, books, today)
	if err != nil {
		return nil, now, err
	}
	is := report.NewStanding(at)
	err = books.EachCard(ctx, c.merchant.ID, func(card *ledger.Card) error {
		is.Add(card)
		return nil
	})
	if err == nil {
		then.at, then.entry, then.is = now, last, is
	}
	return is, now, err
}

// moment returns what a standing of today is reckoned by.
func (c *call) moment(ctx context.Context, books DayBooks, today ledger.Date) (at report.Moment, err error) {
	at.Today = today
	for _, days := range lotAges {
		first, err := c.firstOf(ctx, books, today.AddDays(-days))
		if err != nil {
			return at, err
		}
		at.Since = append(at.Since, first)
	}
	for _, days := range useAges {
		at.Used = append(at.Used, c.begins(today.AddDays(-days)))
	}
	return at, nil
}

// begins returns when a civil day begins at the merchant.
func (c *call) begins(d ledger.Date) time.Time {
	return d.At(0, c.merchant.Zone)
}

// ageName says between which days of age, like "31–90 days"; the last has no end.
func (v view) ageName(bounds []int, i int) string {
	switch {
	case i == len(bounds):
		return v.lang.of(wOverDays.with(bounds[i-1]))
	case i == 0:
		return v.lang.of(wDaysOld.with(bounds[0]))
	}
	from, to := strconv.Itoa(bounds[i-1]+1), strconv.Itoa(bounds[i])
	return v.lang.of(text{from + "–" + to + " 天", from + "–" + to + " days"})
}

// What the reports of what is on cards say.
var (
	wDaysOld    = text{"N 天以内", "Up to N days"}
	wOverDays   = text{"N 天以上", "Over N days"}
	wAge        = text{"充值距今", "Paid in"}
	wOnCredit   = text{"透支", "On credit"}
	wByAge      = text{"按账龄", "By age"}
	wEnding     = text{"按到期月份", "By month of expiry"}
	wEndsIn     = text{"到期月份", "Expires in"}
	wEnded      = text{"已过期，待入账", "Over, booked soon"}
	wNeverEnds  = text{"长期有效", "Never"}
	wEndsLater  = text{"更晚", "Later"}
	wLastVisit  = text{"最近使用", "Last used"}
	wCardsCount = text{"卡数", "Cards"}
	wOnThem     = text{"余额", "Money on them"}
	wByVisit    = text{"按最近使用", "By last use"}
	wAsleep     = text{"超过 90 天未使用", "Not used for 90 days"}
	wAsleepOn   = text{"其余额", "Money on those"}
	wAsOf       = text{"截至 ", "As of "}
)

// agesReport says how old what is owed is.
var agesReport = &reportKind{
	name: "ages", title: text{"负债账龄", "Liability by age"}, help: text{
		"卡内本金和赠送按充值时间分段；赠送和积分按到期月份。积分没有取得日期，只有到期日",
		"Principal and bonus on cards by how long ago they were paid in; bonus and points by the month they expire. " +
			"Of points the books know when they expire, not when they were earned",
	}, whole: true, drawn: asStack, usual: aDay, begin: beginAges,
}

// sleepingReport says which cards have not been used for long.
var sleepingReport = &reportKind{
	name: "sleeping", title: text{"沉睡会员", "Inactive members"}, help: text{
		"可用的卡按最近一次使用分段，门店是开卡的门店。点卡数查看是哪些卡",
		"Cards that can be used, by when they last were; shops are where they were opened. A number leads to its cards",
	}, drawn: asBars, usual: aDay, begin: beginSleeping,
}

func beginAges(v *reportView) (reading, func() []*table) {
	var is *report.Standing
	read := func(ctx context.Context, c *call, books DayBooks) (err error) {
		is, v.fresh.at, err = c.standing(ctx, books)
		v.empty = false
		return err
	}
	return read, func() []*table { return []*table{v.byAge(is), v.byEnd(is)} }
}

// byAge is what is owed by the age of lots.
func (v *reportView) byAge(is *report.Standing) *table {
	t := &table{name: "ages", title: wByAge, columns: []tableColumn{
		{name: wAge}, {wPrincipal, ofMoney, true}, {wBonus, ofMoney, true}, {name: wOwedMoney, kind: ofMoney},
	}}
	t.summed(v.lang.of(wSum))
	for i, sums := range is.Aged {
		t.add(textCell(v.ageName(lotAges, i)), moneyCell(sums.Principal), moneyCell(sums.Bonus),
			moneyCell(sums.Principal+sums.Bonus))
	}
	if is.Credit != 0 {
		t.add(textCell(v.lang.of(wOnCredit)), moneyCell(is.Credit), moneyCell(0), moneyCell(is.Credit))
	}
	return t
}

// monthsAhead is how many months of expiry are told one by one.
const monthsAhead = 12

// byEnd is bonus and points by when they expire.
func (v *reportView) byEnd(is *report.Standing) *table {
	t := &table{name: "months", title: wEnding, columns: []tableColumn{
		{name: wEndsIn}, {name: wBonus, kind: ofMoney}, {name: wPoints, kind: ofCount},
	}}
	t.summed(v.lang.of(wSum))
	add := func(name string, o ledger.Owed) {
		t.add(textCell(name), moneyCell(o.Bonus), countCell(o.Points))
	}
	month := v.merchant.Today(v.now)/100*100 + 1
	if past := is.Ending[report.Past]; past != (ledger.Owed{}) {
		add(v.lang.of(wEnded), past)
	}
	for range monthsAhead {
		add(month.String()[:len("2026-01")], is.Ending[month])
		month = month.AddMonths(1)
	}
	var later ledger.Owed
	for end, owed := range is.Ending {
		if end >= month && end != ledger.Forever {
			later = later.Plus(ledger.DaySums{Bonus: owed.Bonus, Points: owed.Points})
		}
	}
	add(v.lang.of(wEndsLater), later)
	add(v.lang.of(wNeverEnds), is.Ending[ledger.Forever])
	return t
}

func beginSleeping(v *reportView) (reading, func() []*table) {
	var is *report.Standing
	read := func(ctx context.Context, c *call, books DayBooks) (err error) {
		if is, v.fresh.at, err = c.standing(ctx, books); err != nil {
			return err
		}
		for shop := range is.Used {
			v.empty = v.empty && !v.sees(shop)
		}
		return nil
	}
	return read, func() []*table { return []*table{v.byVisit(is), v.sleepers(is)} }
}

// byVisit is the cards by when they were last used.
func (v *reportView) byVisit(is *report.Standing) *table {
	t := &table{name: "visits", title: wByVisit, columns: []tableColumn{
		{name: wLastVisit}, {wCardsCount, ofCount, true}, {name: wPrincipal, kind: ofMoney}, {name: wBonus, kind: ofMoney},
		{name: wOnThem, kind: ofMoney}, {name: wPoints, kind: ofCount},
	}}
	t.summed(v.lang.of(wSum))
	for i := range len(useAges) + 1 {
		var all report.Sleepers
		for shop, of := range is.Used {
			if v.sees(shop) {
				all = all.Plus(of[i])
			}
		}
		cards := countCell(all.Cards)
		if url := v.sleepersURL(i); all.Cards > 0 && url != "" {
			cards = cards.to(url)
		}
		t.add(textCell(v.ageName(useAges, i)), cards, moneyCell(all.Principal), moneyCell(all.Bonus),
			moneyCell(all.Principal+all.Bonus), countCell(all.Points))
	}
	return t
}

// sleepersURL returns the address of the list of cards that were last used between two bounds; "" if the list cannot
// show these cards and no others.
func (v *reportView) sleepersURL(i int) string {
	shop := v.shop
	if shop == "" && !v.whole && len(v.places) == 1 {
		shop = shopText(v.places[0].ID)
	}
	if !v.reads || shop == "" && !v.whole || shop == shopText(0) {
		return ""
	}
	q := url.Values{"status": {"active"}}
	today := v.merchant.Today(v.now)
	if i < len(useAges) {
		q.Set("since", today.AddDays(-useAges[i]).String())
	}
	if i > 0 {
		q.Set("before", today.AddDays(-useAges[i-1]).String())
	}
	if shop != "" {
		q.Set("shop", shop)
	}
	return v.at("cards?" + q.Encode())
}

// sleepers are the cards that were not used for 90 days, by shop.
func (v *reportView) sleepers(is *report.Standing) *table {
	t := &table{name: "shops", title: wByShop, columns: []tableColumn{
		{name: wWhere}, {name: wCardsCount, kind: ofCount}, {name: wAsleep, kind: ofCount}, {name: wAsleepOn, kind: ofMoney},
	}}
	t.summed(v.lang.of(wSum))
	long := slices.Index(useAges, 90) + 1
	for _, p := range v.places {
		of := is.Used[p.ID]
		if of == nil || !v.sees(p.ID) {
			continue
		}
		var all, asleep report.Sleepers
		for i, some := range of {
			all = all.Plus(some)
			if i >= long {
				asleep = asleep.Plus(some)
			}
		}
		t.add(v.shopCell(p.ID), countCell(all.Cards), countCell(asleep.Cards), moneyCell(asleep.Principal+asleep.Bonus))
	}
	return t
}
