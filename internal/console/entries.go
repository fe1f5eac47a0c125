package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

const (
	entriesAPage = 50
	// mostLooked is how many entries a page looks through for those that are wanted.
	mostLooked = 5000
)

// entriesView is the entries behind the figures of a day.
type entriesView struct {
	view
	day    ledger.Date
	shop   string      // the one that is chosen; "" = all that the person may see
	kind   ledger.Kind // 0 = every kind
	places []place
	lines  []entryLine
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
	const needs = ledger.MayReports | ledger.MayRead
	q := c.r.URL.Query()
	v := &entriesView{view: c.view(wEntries), day: c.businessDay(), shop: q.Get("shop"), places: c.reportPlaces(needs)}
	if day := q.Get("day"); day != "" {
		var err error
		if v.day, err = ledger.ParseDate(day); err != nil {
			return errNowhere
		}
	}
	if v.shop != "" && !slices.ContainsFunc(v.places, func(p place) bool { return shopText(p.ID) == v.shop }) {
		return errNowhere
	}
	if kind, err := strconv.Atoi(q.Get("kind")); err == nil {
		v.kind = ledger.Kind(kind)
	}
	after, err := strconv.ParseInt(q.Get("after"), 10, 64)
	if err != nil || after < 0 {
		after = 0
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), reportLimit)
	defer cancel()
	err = c.cfg.Snapshot(ctx, func(books DayBooks) error {
		return c.readEntries(ctx, books, v, ledger.EntryID(after), c.seesOnly(needs, v.shop))
	})
	if err != nil {
		return err
	}
	if err := c.numberLines(v); err != nil {
		return err
	}
	return c.show(http.StatusOK, entriesPage(v))
}

// errEnough ends a walk.
var errEnough = errors.New("enough")

// readEntries reads the next entries of the day that are wanted, behind a given one.
func (c *call) readEntries(
	ctx context.Context, books DayBooks, v *entriesView, after ledger.EntryID, sees func(ledger.ShopID) bool,
) error {
	calendar := c.merchant.Calendar()
	first, err := c.firstOf(ctx, books, v.day)
	if err != nil {
		return err
	}
	looked := 0
	err = books.EachEntry(ctx, c.merchant.ID, max(after, first-1), func(e *ledger.Entry) error {
		if calendar.Day(e.At) > v.day {
			return errEnough
		}
		if looked == mostLooked || len(v.lines) == entriesAPage {
			v.next = e.ID - 1
			return errEnough
		}
		looked++
		if calendar.Day(e.At) == v.day && sees(e.By.Shop) && (v.kind == 0 || v.kind == e.Kind) {
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
