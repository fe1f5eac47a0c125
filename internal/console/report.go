package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/report"
	"tongka/internal/sheet"
)

// DayBooks are what Today and the reports are made of: internal/store, all of it as of one moment.
type DayBooks interface {
	engine.Loader
	finder
	jobLister
	webhookLister
	EachEntry(ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error) error
	EachDayTotal(ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date,
		fn func(*ledger.DayTotal) error) error
	EachEntryInBrief(ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID,
		fn func(*ledger.Entry) error) error
	OwedThrough(ctx context.Context, merchant ledger.MerchantID, last ledger.Date) (ledger.Owed, error)
	EachLotTotal(ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date,
		fn func(*ledger.LotTotal) error) error
	EachCouponTotal(ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date,
		fn func(*ledger.CouponTotal) error) error
	EachCard(ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.Card) error) error
	CursorsOf(ctx context.Context, merchant ledger.MerchantID) ([]ledger.Cursor, error)
	DueCards(ctx context.Context, merchant ledger.MerchantID, before ledger.Date, limit int) ([]ledger.CardKey, error)
	Failing(ctx context.Context, merchant ledger.MerchantID) (int64, error)
	GivenUp(ctx context.Context, merchant ledger.MerchantID, limit int) ([]ledger.GivenUp, error)
	Guards(ctx context.Context, q ledger.GuardQuery) ([]ledger.Guard, error)
}

// reportRoutes are of reports. What a report is about says itself who may see it: see reportKinds.
var reportRoutes = []route{
	{"GET /console/m/{merchant}/reports", "reports", inside, ledger.MayReports, (*call).showReports},
	{"GET /console/m/{merchant}/reports/{report}", "report", inside, ledger.MayReports, (*call).showReport},
	{"GET /console/m/{merchant}/reports/{report}/{file}", "report file", inside, ledger.MayReports | ledger.MayExport,
		(*call).sendReport},
	{"GET /console/m/{merchant}/entries", "entries", inside, entriesNeeds, (*call).showEntries},
	{"GET /console/m/{merchant}/entries.csv", "entries as a file", inside, exportsEntries, (*call).exportEntries},
	{"GET /console/m/{merchant}/entries.xlsx", "entries as a file", inside, exportsEntries, (*call).exportEntries},
}

const (
	// reportLimit bounds how long the books are read for one page.
	reportLimit = 15 * time.Second
	// mostShown is how many rows of a table a page shows.
	mostShown = 400
)

// reportView is what a report's page shows.
type reportView struct {
	view
	of      *reportKind
	today   ledger.Date // the business day
	period  report.Period
	typed   [2]string // the first and the last day, as they were typed
	shop    string    // the one that is chosen, as addresses have it; "" = all that the person may see
	sees    func(ledger.ShopID) bool
	places  []place
	whole   bool // the person may see all shops, and what belongs to none
	exports bool
	reads   bool        // the person may see cards, and so the entries behind figures
	owed    ledger.Owed // at the end of the day before the period; only of a report of the whole
	fresh   freshness
	empty   bool
	tables  []*table
	chart   *chart
}

// freshness says how far the figures go.
type freshness struct {
	counted ledger.EntryID // the last that is
	behind  int64          // entries that are not yet
	at      time.Time      // when they were, if they are not of totals; otherwise zero
	anew    bool           // the days are by a calendar of before
}

// businessDay returns the merchant's business day.
func (c *call) businessDay() ledger.Date { return c.merchant.Calendar().Day(c.cfg.Clock()) }

// reportPlaces are the places whose figures the person may see, also of shops that have ended.
func (c *call) reportPlaces(needs ledger.Permission) (all []place) {
	for _, s := range c.merchant.Shops {
		if c.person.May(needs, c.merchant.ID, s.ID) {
			all = append(all, place{s.ID, s.Name})
		}
	}
	if c.person.May(needs, c.merchant.ID, 0) {
		all = append(all, place{0, c.lang.of(wHeadOffice)})
	}
	return all
}

// seesOnly returns a function that reports whether figures of a shop are to be seen: the person has all of these
// permissions there, and it is the one that is chosen, if one is.
func (c *call) seesOnly(needs ledger.Permission, chosen string) func(ledger.ShopID) bool {
	known := map[ledger.ShopID]bool{}
	return func(shop ledger.ShopID) bool {
		sees, ok := known[shop]
		if !ok {
			sees = c.person.May(needs, c.merchant.ID, shop) && (chosen == "" || chosen == shopText(shop))
			known[shop] = sees
		}
		return sees
	}
}

// reportsFor are the reports that the person may see.
func (c *call) reportsFor() (all []*reportKind) {
	whole := c.person.May(ledger.MayReports, c.merchant.ID, 0)
	for _, k := range reportKinds {
		if whole || !k.whole {
			all = append(all, k)
		}
	}
	return all
}

func (c *call) showReports() error {
	return c.show(http.StatusOK, reportsPage(c.view(wReports), c.reportsFor()))
}

// reportView returns the view of the report of the path, without its figures. What is exported takes a permission more.
func (c *call) reportView(needs ledger.Permission) (*reportView, error) {
	name := c.r.PathValue("report")
	i := slices.IndexFunc(reportKinds, func(k *reportKind) bool { return k.name == name })
	if i < 0 {
		return nil, errNowhere
	}
	v := &reportView{view: c.view(reportKinds[i].title), of: reportKinds[i], today: c.businessDay()}
	v.whole = c.person.May(needs, c.merchant.ID, 0)
	if v.of.whole && !v.whole {
		return nil, errNotYours
	}
	q := c.r.URL.Query()
	var fault text
	if v.period, fault = periodOf(q, v.of.usual(v.today)); fault != (text{}) {
		v.fault = c.lang.of(fault)
		v.typed = [2]string{q.Get("from"), q.Get("to")}
	} else {
		v.typed = [2]string{v.period.From.String(), v.period.To.String()}
	}
	v.places = c.reportPlaces(needs)
	if !v.of.whole {
		v.shop = q.Get("shop")
	}
	if v.shop != "" && !slices.ContainsFunc(v.places, func(p place) bool { return shopText(p.ID) == v.shop }) {
		return nil, errNowhere
	}
	v.sees = c.seesOnly(needs, v.shop)
	v.reads = c.person.AllowedSomewhere(c.merchant.ID)&ledger.MayRead != 0
	v.exports = slices.ContainsFunc(v.places, func(p place) bool {
		return c.person.May(ledger.MayReports|ledger.MayExport, c.merchant.ID, p.ID)
	})
	return v, nil
}

// readReport adds up the figures of a report.
func (c *call) readReport(v *reportView) error {
	v.empty = true
	read, done := v.of.begin(v)
	if v.of.now() {
		of := c.standings.of(c.merchant.ID)
		of.Lock()
		defer of.Unlock()
	}
	err := c.readBooks(v.of.from, &v.fresh, func(ctx context.Context, books DayBooks) error {
		return read(ctx, c, books)
	})
	if err != nil {
		return err
	}
	v.tables = done()
	for _, t := range v.tables {
		if v.chart == nil && slices.ContainsFunc(t.columns, func(c tableColumn) bool { return c.charted }) {
			v.chart = v.chartOf(t, v.of.drawn)
		}
	}
	return nil
}

// readBooks calls fn with the books as of one moment, and finds out how far the totals of a follower go; "" = all cards
// are read, and no totals.
func (c *call) readBooks(follower string, f *freshness, fn func(context.Context, DayBooks) error) error {
	limit := reportLimit
	if follower == "" {
		limit = standingLimit
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), limit)
	defer cancel()
	return c.cfg.Snapshot(ctx, func(books DayBooks) error {
		if follower == "" {
			return fn(ctx, books)
		}
		last, err := c.lastEntry(ctx, books)
		if err != nil {
			return err
		}
		cursors, err := books.CursorsOf(ctx, c.merchant.ID)
		if err != nil {
			return err
		}
		var cursor ledger.Cursor
		for _, one := range cursors {
			if one.Follower == follower {
				cursor = one
			}
		}
		f.counted, f.behind = cursor.Entry, int64(last-cursor.Entry)
		f.anew = cursor.Entry > 0 && cursor.Calendar != c.merchant.Calendar().String()
		return fn(ctx, books)
	})
}

// lastEntry returns the newest entry of the merchant's journal.
func (c *call) lastEntry(ctx context.Context, books DayBooks) (ledger.EntryID, error) {
	head, err := c.head(ctx, books)
	return head.LastEntry, err
}

// head returns the head of the merchant's journal.
func (c *call) head(ctx context.Context, from engine.Loader) (head ledger.Head, err error) {
	return headOf(ctx, from, c.merchant.ID)
}

// headOf returns the head of a merchant's journal, or of the host's.
func headOf(ctx context.Context, from engine.Loader, merchant ledger.MerchantID) (head ledger.Head, err error) {
	records, err := from.Load(ctx, command.Want{Merchant: merchant, Keys: command.Keys{Head: true}})
	if err != nil {
		return head, err
	}
	return records[0].Head, nil
}

func (c *call) showReport() error {
	v, err := c.reportView(ledger.MayReports)
	if err != nil {
		return err
	}
	if v.fault != "" { // figures of other days would be taken for those that were asked for
		return c.show(http.StatusUnprocessableEntity, reportPage(v))
	}
	if err := c.readReport(v); err != nil {
		return err
	}
	return c.show(http.StatusOK, reportPage(v))
}

// sendReport sends a table of a report as a file.
func (c *call) sendReport() error {
	v, err := c.reportView(ledger.MayReports | ledger.MayExport)
	if err != nil {
		return err
	}
	format, err := c.format()
	if err != nil || v.fault != "" {
		return errNowhere
	}
	if err := c.readReport(v); err != nil {
		return err
	}
	file := c.r.PathValue("file")
	i := slices.IndexFunc(v.tables, func(t *table) bool { return t.name+"."+string(format) == file })
	if i < 0 {
		return errNowhere
	}
	t := v.tables[i]
	called := strings.Join([]string{v.of.name, t.name, v.period.From.String(), v.period.To.String()}, "-")
	return c.sendTable(called, v.title+" "+v.lang.of(t.title), format, t)
}

// here returns the address of the report with another period, or of another shop.
func (v *reportView) here(p report.Period, shop string) string {
	return v.at("reports/" + v.of.name + queryOf(p, shop))
}

// file returns the address of a table as a file.
func (v *reportView) file(t *table, format sheet.Format) string {
	return v.at("reports/" + v.of.name + "/" + url.PathEscape(t.name) + "." + string(format) + queryOf(v.period, v.shop))
}

// everywhere returns what the shops are called that the person sees together.
func (v *reportView) everywhere() string {
	if v.whole {
		return v.lang.of(wAllIHave)
	}
	return v.lang.of(wMyShops)
}

// printed says on paper what the form says on the screen: of whom, of which days and shops.
func (v *reportView) printed() string {
	all := []string{v.merchant.Name}
	if !v.of.now() {
		all = append(all, v.inDays(v.period))
	}
	if !v.of.whole {
		all = append(all, v.shopsShown())
	}
	return join(all)
}

// shopsShown returns what the shop is called whose figures are shown, or all of them.
func (v *reportView) shopsShown() string {
	for _, p := range v.places {
		if shopText(p.ID) == v.shop {
			return p.Name
		}
	}
	return v.everywhere()
}

// formatName returns what a kind of file is called.
func formatName(f sheet.Format) string { return strings.ToUpper(string(f)) }

// is reports whether a period is the one that is shown.
func (v *reportView) is(p report.Period) bool { return v.fault == "" && p == v.period }

// chosen returns which of the presets is the period: the first, as a Monday is all of its week so far; -1 = none.
func (v *reportView) chosen() int {
	return slices.IndexFunc(presetsOf(v.today), func(p preset) bool { return v.is(p.Period) })
}

// known returns in words how far the figures go, and whether that is far enough.
func (v view) known(f freshness) (said string, far bool) {
	switch {
	case !f.at.IsZero():
		return v.lang.of(wAsOf) + v.moment(f.at), true
	case f.anew:
		return v.lang.of(wFoldedAnew), false
	case f.behind > 0:
		return v.count(int(f.behind), wBehindOne, wBehind), false
	}
	return v.lang.of(wUpToDate), true
}

// days are the days of the period that have begun.
func (v *reportView) days() []ledger.Date {
	return report.Period{From: v.period.From, To: min(v.period.To, max(v.today, v.period.From))}.Days()
}

// behind are the entries behind the figures of some days.
func (v *reportView) behind(p report.Period) sought { return sought{Period: p, shop: v.shop} }

// allEntries returns the address of the entries behind the whole report; "" if the person may not see them.
func (v *reportView) allEntries() string {
	s := v.behind(v.period)
	switch {
	case !v.reads:
		return ""
	case v.of.name == acrossShops:
		return v.across(s)
	}
	return v.entriesOf(s)
}

// across returns the address of entries at all shops: what one is owed was done at others, so that whoever does not see
// those is led nowhere, which is "".
func (v *reportView) across(s sought) string {
	if !v.person.May(entriesNeeds, v.merchant.ID, 0) {
		return ""
	}
	s.shop = ""
	return v.entriesOf(s)
}

// entriesLink leads to entries, if the person may see them.
func (v *reportView) entriesLink(c tableCell, s sought) tableCell {
	if !v.reads {
		return c
	}
	return c.to(v.entriesOf(s))
}

// kindLink is a kind of entry that leads to those of some days.
func (v *reportView) kindLink(p report.Period, kind ledger.Kind) tableCell {
	s := v.behind(p)
	s.ofKind = kind
	return v.entriesLink(textCell(v.kind(kind)), s)
}

// shopCell names a shop and leads to its figures alone or, if they are shown alone, to their entries.
func (v *reportView) shopCell(id ledger.ShopID) tableCell {
	if v.shop == shopText(id) {
		return v.entriesLink(textCell(v.placeName(id)), v.behind(v.period))
	}
	return textCell(v.placeName(id)).to(v.here(v.period, shopText(id)))
}

// operatorCell names an operator and leads to his entries at a shop.
func (v *reportView) operatorCell(of shopOperator) tableCell {
	return v.entriesLink(textCell(v.operatorOf(of.operator)), v.behindOf(of))
}

// behindOf are the entries of an operator at a shop.
func (v *reportView) behindOf(of shopOperator) sought {
	s := v.behind(v.period).by(of.operator)
	s.shop = shopText(of.shop)
	return s
}

// dayLink is a day that leads to its day close.
func (v *reportView) dayLink(day ledger.Date) tableCell { return dayCell(day).to(v.ofDay(day, v.shop)) }

// dayEntries is a day that leads to its entries, if the person may see them.
func (v *reportView) dayEntries(day ledger.Date) tableCell {
	return v.entriesLink(dayCell(day), v.behind(aDay(day)))
}

// operatorOf returns the name of an operator; entries may have none.
func (v view) operatorOf(name string) string {
	if name == "" {
		return v.lang.of(wNotStated)
	}
	return v.operator(name)
}

// payType returns the name of a pay type; entries may have none.
func (v view) payType(id ledger.PayTypeID) string {
	if id == 0 {
		return v.lang.of(wNotStated)
	}
	return v.payTypeName(id)
}

// paidBy returns what sums of a pay type are called: what members were paid is cash, as a shift counts it.
func (v view) paidBy(id ledger.PayTypeID, sums report.Kinds) string {
	if id == 0 && sums.PaidIn() == 0 && sums.PaidBack() == 0 {
		return v.lang.of(wPaidOutCash)
	}
	return v.payType(id)
}

// payTypeName returns the name of a pay type, and its number if it has none any more.
func (v view) payTypeName(id ledger.PayTypeID) string { return payTypeName(v.merchant, id) }

func payTypeName(m *ledger.Merchant, id ledger.PayTypeID) string {
	if p, ok := m.PayType(id); ok {
		return p.Name
	}
	return strconv.FormatInt(int64(id), 10)
}
