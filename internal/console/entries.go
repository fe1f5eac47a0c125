package console

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/sheet"
)

const (
	entriesAPage = 50
	// mostLooked is how many entries a page looks through for those that are wanted.
	mostLooked = 5000
	// entriesInFile is how many entries a file has at most, the first of the day.
	entriesInFile = 20_000
)

const (
	// entriesNeeds is what it takes to see the entries behind figures.
	entriesNeeds = ledger.MayReports | ledger.MayRead
	// exportsEntries is what it takes to take them out.
	exportsEntries = entriesNeeds | ledger.MayExport
)

// entriesView is the entries behind the figures of a day.
type entriesView struct {
	view
	day    ledger.Date
	shop   string      // the one that is chosen; "" = all that the person may see
	kind   ledger.Kind // 0 = every kind
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

// entriesOf returns the address of the entries of a day, of a shop and of a kind if one is chosen.
func (v view) entriesOf(day ledger.Date, shop string, kind ledger.Kind) string {
	q := url.Values{"day": {day.String()}}
	if shop != "" {
		q.Set("shop", shop)
	}
	if kind != 0 {
		q.Set("kind", strconv.Itoa(int(kind)))
	}
	return v.at("entries?" + q.Encode())
}

// more returns the address of the next page.
func (v *entriesView) more() string {
	return v.entriesOf(v.day, v.shop, v.kind) + "&after=" + strconv.FormatInt(int64(v.next), 10)
}

// file returns the address of the entries as a file.
func (v *entriesView) file(format sheet.Format) string {
	return strings.Replace(v.entriesOf(v.day, v.shop, v.kind), "entries?", "entries."+string(format)+"?", 1)
}

// kindName returns what the chosen kind is called.
func (v *entriesView) kindName() string { return v.view.kind(v.kind) }

// shopName returns what the chosen shop is called.
func (v *entriesView) shopName() string {
	for _, p := range v.places {
		if shopText(p.ID) == v.shop {
			return p.Name
		}
	}
	return ""
}

// showEntries shows the entries of a business day, in the order in which they were made.
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
		t.add(textCell(v.moment(e.At)), textCell(v.view.kind(e.Kind)), textCell(e.number), moneyCell(e.Delta()),
			countCell(e.Points), textCell(v.inWords(v.parts(&e.Entry))), textCell(v.merchant.ShopName(e.By.Shop)),
			textCell(v.who(e.By)), countCell(int64(e.ID)))
	}
	if v.next != 0 {
		row := make([]tableCell, len(t.columns))
		row[0] = textCell(v.lang.of(wFirstOnes.with(entriesInFile)))
		t.add(row...)
	}
	return c.sendTable("entries-"+v.day.String(), v.title, format, t)
}

// entriesView reads which entries are wanted, of shops where the person has some permissions.
func (c *call) entriesView(needs ledger.Permission) (*entriesView, error) {
	q := c.r.URL.Query()
	v := &entriesView{view: c.view(wEntries), day: c.businessDay(), shop: q.Get("shop"), places: c.reportPlaces(needs)}
	if day := q.Get("day"); day != "" {
		var err error
		if v.day, err = ledger.ParseDate(day); err != nil {
			return nil, errNowhere
		}
	}
	if v.shop != "" && !slices.ContainsFunc(v.places, func(p place) bool { return shopText(p.ID) == v.shop }) {
		return nil, errNowhere
	}
	if kind, err := strconv.Atoi(q.Get("kind")); err == nil {
		v.kind = ledger.Kind(kind)
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

// readEntries reads the next entries of the day that are wanted.
func (c *call) readEntries(ctx context.Context, books DayBooks, v *entriesView) error {
	calendar := c.merchant.Calendar()
	first, err := c.firstOf(ctx, books, v.day)
	if err != nil {
		return err
	}
	looked := 0
	err = books.EachEntry(ctx, c.merchant.ID, max(v.after, first-1), func(e *ledger.Entry) error {
		if calendar.Day(e.At) > v.day {
			return errEnough
		}
		if looked == v.looks || len(v.lines) == v.most {
			v.next = e.ID - 1
			return errEnough
		}
		looked++
		if calendar.Day(e.At) == v.day && v.sees(e.By.Shop) && (v.kind == 0 || v.kind == e.Kind) {
			v.lines = append(v.lines, entryLine{Entry: *e})
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// firstOf returns the first entry of a business day or of one behind it, or the one that the next entry will be.
// Entries are in the order of time; where time was taken back, entries before that may be of days behind it, and are
// passed over.
func (c *call) firstOf(ctx context.Context, books DayBooks, day ledger.Date) (ledger.EntryID, error) {
	last, err := c.lastEntry(ctx, books)
	if err != nil {
		return 0, err
	}
	calendar := c.merchant.Calendar()
	low, high := ledger.EntryID(1), last+1
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
				number = card.Number
			}
			known[id] = number
		}
		v.lines[i].number = number
	}
	return nil
}
