package console

import (
	"context"
	"errors"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/report"
	"tongka/internal/sheet"
)

const (
	entriesAPage = 50
	// mostLooked is how many entries a page looks through for those that are wanted.
	mostLooked = 5000
	// entriesInFile is how many entries a file has at most, the first ones.
	entriesInFile = 20_000
)

const (
	// entriesNeeds is what it takes to see the entries behind figures.
	entriesNeeds = ledger.MayReports | ledger.MayRead
	// exportsEntries is what it takes to take them out.
	exportsEntries = entriesNeeds | ledger.MayExport
)

// sought is which entries are wanted.
type sought struct {
	report.Period
	shop       string            // as addresses have it; "" = all that the person may see
	ofKind     ledger.Kind       // 0 = every kind
	byOperator *string           // nil = everybody's; "" = those that state none
	byPayType  *ledger.PayTypeID // nil = all; otherwise those that take or give money by it
}

// chooses reports whether an entry is wanted, wherever it was made.
func (s *sought) chooses(e *ledger.Entry) bool {
	return (s.ofKind == 0 || s.ofKind == e.Kind) && (s.byOperator == nil || *s.byOperator == e.By.Operator) &&
		(s.byPayType == nil || *s.byPayType == e.PayType && e.TakesMoney())
}

// by returns those of an operator among them.
func (s sought) by(operator string) sought {
	s.byOperator = &operator
	return s
}

// paid returns those by a pay type among them.
func (s sought) paid(by ledger.PayTypeID) sought {
	s.byPayType = &by
	return s
}

// entriesView is the entries behind figures.
type entriesView struct {
	view
	sought
	places []place
	sees   func(ledger.ShopID) bool
	after  ledger.EntryID // those behind it are wanted
	most   int            // so many of them
	looks  int            // among so many
	lines  []entryLine
	sends  bool           // the person may export them
	next   ledger.EntryID // entries from behind it on are on the next page; 0 = this is the last
}

// entryLine is an entry with the card it is of.
type entryLine struct {
	ledger.Entry
	number string
}

// entriesOf returns the address of entries.
func (v view) entriesOf(s sought) string {
	q := url.Values{"from": {s.From.String()}, "to": {s.To.String()}}
	if s.From == s.To {
		q = url.Values{"day": {s.From.String()}}
	}
	if s.shop != "" {
		q.Set("shop", s.shop)
	}
	if s.ofKind != 0 {
		q.Set("kind", strconv.Itoa(int(s.ofKind)))
	}
	if s.byOperator != nil {
		q.Set("operator", *s.byOperator)
	}
	if s.byPayType != nil {
		q.Set("paytype", strconv.FormatInt(int64(*s.byPayType), 10))
	}
	return v.at("entries?" + q.Encode())
}

// soughtBy reads which entries are wanted; today is the day where none is named.
func soughtBy(q url.Values, today ledger.Date) (s sought, err error) {
	if day := q.Get("day"); day != "" {
		q = maps.Clone(q)
		q.Set("from", day)
		q.Set("to", day)
	}
	var fault text
	if s.Period, fault = periodOf(q, report.Period{From: today, To: today}); fault != (text{}) {
		return s, errNowhere
	}
	s.shop = q.Get("shop")
	if kind, err := strconv.Atoi(q.Get("kind")); err == nil {
		s.ofKind = ledger.Kind(kind)
	}
	if q.Has("operator") {
		s = s.by(q.Get("operator"))
	}
	if id, err := strconv.ParseInt(q.Get("paytype"), 10, 64); err == nil {
		s = s.paid(ledger.PayTypeID(id))
	}
	return s, nil
}

// more returns the address of the next page.
func (v *entriesView) more() string {
	return v.entriesOf(v.sought) + "&after=" + strconv.FormatInt(int64(v.next), 10)
}

// file returns the address of the entries as a file.
func (v *entriesView) file(format sheet.Format) string {
	return strings.Replace(v.entriesOf(v.sought), "entries?", "entries."+string(format)+"?", 1)
}

// chosen says besides the days which entries are wanted.
func (v *entriesView) chosen() (all []string) {
	if v.ofKind != 0 {
		all = append(all, v.kind(v.ofKind))
	}
	for _, p := range v.places {
		if shopText(p.ID) == v.shop {
			all = append(all, p.Name)
		}
	}
	if v.byOperator != nil {
		all = append(all, v.operatorOf(*v.byOperator))
	}
	if v.byPayType != nil {
		all = append(all, v.payType(*v.byPayType))
	}
	return all
}

// showEntries shows the entries of some business days, in the order in which they were made.
func (c *call) showEntries() error {
	v, err := c.entriesView(entriesNeeds)
	if err != nil {
		return err
	}
	v.most, v.looks = entriesAPage, mostLooked
	v.sends = c.person.AllowedSomewhere(c.merchant.ID)&exportsEntries == exportsEntries
	if err := c.readLines(v); err != nil {
		return err
	}
	return c.show(http.StatusOK, entriesPage(v))
}

// exportEntries sends the entries that are chosen as a file. Where there are more, its last row says so.
func (c *call) exportEntries() error {
	format, err := c.format()
	if err != nil {
		return err
	}
	v, err := c.entriesView(exportsEntries)
	if err != nil {
		return err
	}
	v.most, v.looks, v.after = entriesInFile, math.MaxInt, 0
	if err := c.readLines(v); err != nil {
		return err
	}
	t := &table{columns: []tableColumn{
		{name: wWhen}, {name: wKindOf}, {name: wCardNumber}, {name: wChange, kind: ofMoney},
		{name: wPointsMoved, kind: ofCount}, {name: wFacts}, {name: wWhere}, {name: wOperator}, {name: wEntry, kind: ofCount},
	}}
	for i := range v.lines {
		e := &v.lines[i]
		t.add(textCell(v.moment(e.At)), textCell(v.kind(e.Kind)), textCell(e.number), moneyCell(e.Delta()),
			countCell(e.Points), textCell(v.inWords(v.parts(&e.Entry))), textCell(v.merchant.ShopName(e.By.Shop)),
			textCell(v.who(e.By)), countCell(int64(e.ID)))
	}
	if v.next != 0 {
		t.ends(v.lang.of(wFirstOnes.with(entriesInFile)))
	}
	called := "entries-" + v.From.String()
	if v.To != v.From {
		called += "-" + v.To.String()
	}
	return c.sendTable(called, v.title, format, t)
}

// entriesView reads which entries are wanted, of shops where the person has some permissions.
func (c *call) entriesView(needs ledger.Permission) (*entriesView, error) {
	q := c.r.URL.Query()
	v := &entriesView{view: c.view(wEntries), places: c.reportPlaces(needs)}
	var err error
	if v.sought, err = soughtBy(q, c.businessDay()); err != nil {
		return nil, err
	}
	if v.shop != "" && !slices.ContainsFunc(v.places, func(p place) bool { return shopText(p.ID) == v.shop }) {
		return nil, errNowhere
	}
	after, err := strconv.ParseInt(q.Get("after"), 10, 64)
	if err != nil || after < 0 {
		after = 0
	}
	v.after, v.sees = ledger.EntryID(after), c.seesOnly(needs, v.shop)
	return v, nil
}

// readLines reads the entries that are wanted, with the numbers of their cards.
func (c *call) readLines(v *entriesView) error {
	ctx, cancel := context.WithTimeout(c.r.Context(), reportLimit)
	defer cancel()
	err := c.cfg.Snapshot(ctx, func(books DayBooks) error { return c.readEntries(ctx, books, v) })
	if err != nil {
		return err
	}
	return c.numberLines(v)
}

// errEnough ends a walk.
var errEnough = errors.New("enough")

// readEntries reads the next entries that are wanted.
func (c *call) readEntries(ctx context.Context, books DayBooks, v *entriesView) error {
	runs, err := c.runs(ctx, books)
	if err != nil {
		return err
	}
	looked := 0
	for _, one := range runs {
		if err := c.readRun(ctx, books, v, one, &looked); err != nil || v.next != 0 {
			return err
		}
	}
	return nil
}

// readRun reads those of one run. looked counts the entries that were looked at.
func (c *call) readRun(ctx context.Context, books DayBooks, v *entriesView, in run, looked *int) error {
	if v.after >= in.end-1 {
		return nil
	}
	calendar := c.merchant.Calendar()
	first, err := c.firstIn(ctx, books, in, v.From)
	if err != nil {
		return err
	}
	err = books.EachEntry(ctx, c.merchant.ID, max(v.after, first-1), func(e *ledger.Entry) error {
		day := calendar.Day(e.At)
		if e.ID >= in.end || day > v.To {
			return errEnough
		}
		if *looked == v.looks || len(v.lines) == v.most {
			v.next = e.ID - 1
			return errEnough
		}
		*looked++
		if day >= v.From && v.sees(e.By.Shop) && v.chooses(e) {
			v.lines = append(v.lines, entryLine{Entry: *e})
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// run is a part of the journal in which entries are in the order of time: from first to before end.
type run struct{ first, end ledger.EntryID }

// runs returns the parts of the merchant's journal. Where time was taken back, entries before that may be of later days
// than those behind it.
func (c *call) runs(ctx context.Context, books DayBooks) ([]run, error) {
	head, err := c.head(ctx, books)
	if err != nil {
		return nil, err
	}
	if back := head.TakenBack; back > 1 {
		return []run{{1, back}, {back, head.LastEntry + 1}}, nil
	}
	return []run{{1, head.LastEntry + 1}}, nil
}

// firstOf returns the first entry that was made on a business day or behind it, or the one that the next entry will be.
// What is dated later and was made before time was taken back was made before the day on which that was done ended.
func (c *call) firstOf(ctx context.Context, books DayBooks, day ledger.Date) (ledger.EntryID, error) {
	runs, err := c.runs(ctx, books)
	if err != nil {
		return 0, err
	}
	first := ledger.EntryID(0)
	for _, one := range slices.Backward(runs) {
		found, err := c.firstIn(ctx, books, one, day)
		if err != nil {
			return 0, err
		}
		if first = found; first > one.first { // the run began before the day
			break
		}
	}
	return first, nil
}

// firstIn returns the first entry of a run that is of a business day or of one behind it; the run's end if none is.
func (c *call) firstIn(ctx context.Context, books DayBooks, in run, day ledger.Date) (ledger.EntryID, error) {
	calendar := c.merchant.Calendar()
	low, high := in.first, in.end
	for low < high {
		middle := low + (high-low)/2
		e, err := entryOf(ctx, books, c.merchant.ID, middle)
		if err != nil {
			return 0, err
		}
		if e == nil {
			return 0, errors.New("an entry is missing: see what tongka verify says")
		}
		if calendar.Day(e.At) < day {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}

// entryOf returns an entry of a merchant's journal; nil if there is none of that id.
func entryOf(
	ctx context.Context, from engine.Loader, merchant ledger.MerchantID, id ledger.EntryID,
) (*ledger.Entry, error) {
	records, err := from.Load(ctx, command.Want{
		Merchant: merchant, Keys: command.Keys{Entries: []ledger.EntryID{id}},
	})
	if err != nil {
		return nil, err
	}
	for i := range records[0].Entries { // those that refer to it are there as well
		if e := &records[0].Entries[i]; e.ID == id {
			return e, nil
		}
	}
	return nil, nil
}

// numberLines finds the numbers of the cards.
func (c *call) numberLines(v *entriesView) error {
	known := map[ledger.CardID]string{}
	for i := range v.lines {
		id := v.lines[i].Card
		number, ok := known[id]
		if !ok && id != 0 {
			card, err := c.cardOf(c.r.Context(), c.cfg.Books, id)
			if err != nil {
				return err
			}
			if card != nil {
				number = card.NumberThen()
			}
			known[id] = number
		}
		v.lines[i].number = number
	}
	return nil
}
