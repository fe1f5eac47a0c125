package console

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"tongka/internal/cardfile"
	"tongka/internal/codes"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// Bounds of lists of cards.
const (
	cardsAPage = 50
	hitsMost   = 200 // cards that a search finds
	hitsShown  = 50  // of those, on the page
	pageLooks  = 800 // cards that are looked at at a time, however few a filter chooses
	mostLooks  = 25  // times for a page
	maxTyped   = 64  // characters of what is searched for
	maxDays    = 3650

	lookTime = 30 * time.Millisecond // after which a page that is not full is looked for no further
)

// takesCards is what it takes to take cards out: nobody takes out what he may not look at.
const takesCards = ledger.MayRead | ledger.MayExport

// listRoutes are of all cards, and of new ones.
var listRoutes = []route{
	{"GET /console/m/{merchant}/cards", "cards", inside, ledger.MayRead, (*call).showCards},
	{"GET /console/m/{merchant}/cards.csv", "cards as a file", inside, takesCards, (*call).exportCards},
	{"GET /console/m/{merchant}/cards.xlsx", "cards as a file", inside, takesCards, (*call).exportCards},
	{"POST /console/m/{merchant}/cards.csv", "cards as a file", inside, takesCards, (*call).beginExport},
	{"POST /console/m/{merchant}/cards.xlsx", "cards as a file", inside, takesCards, (*call).beginExport},
	{"GET /console/m/{merchant}/cards/new", "new card", inside, ledger.MayOpen, (*call).showNewCard},
	{"POST /console/m/{merchant}/cards/new", "new card", inside, ledger.MayOpen, (*call).openCard},
}

// listView is what the list of cards shows.
type listView struct {
	view
	form   url.Values
	faults map[string]text
	typed  string // what is searched for
	filter ledger.CardFilter
	order  *order        // nil = by number
	sorted int           // how many cards were sorted, if not all; 0 = all
	cards  []ledger.Card // without what has expired
	next   string        // where the next page begins: a number, or a cursor of the order; "" = there is none
	more   bool          // the search found more cards than are shown
	cut    bool          // it came to its bound before it had looked at all cards
	slow   bool          // it came to no end
	opens  bool          // the person may open cards
	sends  bool          // the person may export them
	brings bool          // and import some
	do     *act          // what the card is wanted for; nil = to look at it
}

// showCards shows the cards that are searched for, or a page of all that a filter chooses. It opens the card whose
// number or inner code was scanned or typed as a whole.
func (c *call) showCards() error {
	v := c.listView()
	if v.typed == "" && v.do != nil {
		v.fault = c.lang.of(wCardFirst)
		return c.show(http.StatusUnprocessableEntity, cardsPage(v))
	}
	if len(v.faults) > 0 {
		return c.show(http.StatusUnprocessableEntity, cardsPage(v))
	}
	if v.typed == "" && v.order != nil {
		if err := c.sortedCards(&v); err != nil {
			return c.tooSlow(&v, err)
		}
		return c.show(http.StatusOK, cardsPage(v))
	}
	if v.typed == "" {
		if err := c.pageOfCards(&v); err != nil {
			return c.tooSlow(&v, err)
		}
		return c.show(http.StatusOK, cardsPage(v))
	}
	found, cut, err := c.search(v.typed)
	if err != nil {
		return c.tooSlow(&v, err)
	}
	v.cut = cut
	exact := slices.IndexFunc(found, func(card ledger.Card) bool { return isNamed(&card, v.typed) })
	if exact >= 0 && c.r.Header.Get("HX-Request") == "" { // somebody has pressed Enter, and does not type on
		return c.to(v.opening(&found[exact]))
	}
	found = matching(found, &v.filter)
	v.more = len(found) > hitsShown
	found = c.settled(found)
	if v.order != nil {
		v.order.sort(found)
	}
	v.cards = found[:min(len(found), hitsShown)]
	return c.show(http.StatusOK, cardsPage(v))
}

// pageOfCards puts the next cards that the filter chooses into the view: a page of them, or as many as are found in the
// time that a page has.
func (c *call) pageOfCards(v *listView) error {
	q := ledger.CardsQuery{
		Merchant: c.merchant.ID, After: v.form.Get("after"), Limit: cardsAPage, Looks: pageLooks, Filter: v.filter,
	}
	until := c.cfg.Clock().Add(lookTime)
	for range mostLooks {
		page, err := c.cfg.Books.Cards(c.r.Context(), q)
		if err != nil {
			return err
		}
		v.cards, v.next = append(v.cards, c.settled(page.Cards)...), page.Next
		q.After, q.Limit = page.Next, cardsAPage-len(v.cards)
		if q.After == "" || q.Limit == 0 || !c.cfg.Clock().Before(until) {
			break
		}
	}
	return nil
}

// tooSlow shows that cards could not be read in the time that a search has; any other error is returned.
func (c *call) tooSlow(v *listView, err error) error {
	if !errors.Is(err, context.DeadlineExceeded) || c.r.Context().Err() != nil {
		return err
	}
	v.slow = true
	return c.show(http.StatusServiceUnavailable, cardsPage(*v))
}

// listView reads what a list is asked for.
func (c *call) listView() listView {
	may := c.person.AllowedSomewhere(c.merchant.ID)
	v := listView{
		view: c.view(wCards), form: c.r.URL.Query(), opens: may&ledger.MayOpen != 0, sends: may&takesCards == takesCards,
		brings: may&cardfile.MayImport == cardfile.MayImport,
	}
	if do := v.form.Get("do"); slices.Contains(quickActs, do) {
		v.do = actNamed(do)
	}
	typed := []rune(strings.ToValidUTF8(strings.TrimSpace(v.form.Get("q")), ""))
	v.typed = string(typed[:min(len(typed), maxTyped)])
	if half := ledger.HalfWidth(v.typed); strings.IndexFunc(half, notASCII) < 0 { // a number, a phone or initials
		v.typed = half
	}
	a := &asked{call: c, form: v.form, faults: map[string]text{}}
	v.filter, v.order, v.faults = a.filter(), a.order(), a.faults
	return v
}

func notASCII(r rune) bool { return r > unicode.MaxASCII }

// expired is what cards in use whose last day has passed are called in addresses.
const expired = "expired"

// statusNames are what statuses are called in addresses.
var statusNames = map[string]ledger.Status{
	"active": ledger.Active, "lost": ledger.Lost, "stopped": ledger.Stopped, "returned": ledger.Returned,
	"replaced": ledger.Replaced,
}

// filter reads which cards are wanted.
func (a *asked) filter() (f ledger.CardFilter) {
	number := func(name string) int64 {
		if a.value(name) == "" {
			return 0
		}
		return a.id(name)
	}
	f.Level, f.Shop, f.BirthMonth = ledger.LevelID(number("level")), ledger.ShopID(number("shop")), int(number("month"))
	f.AtLeast, f.AtMost = a.bound("from"), a.bound("to")
	if f.AtLeast != nil && f.AtMost != nil && *f.AtLeast > *f.AtMost {
		a.bad("to", wUnderOther)
	}
	f.UsedFrom, f.UsedBefore = a.day("since"), a.day("before")
	a.status(&f)
	a.expiring(&f)
	return f
}

// status reads the status that cards have. One whose last day has passed is not in use.
func (a *asked) status(f *ledger.CardFilter) {
	switch status := a.value("status"); status {
	case "":
	case expired:
		f.Status, f.ExpiresTo = ledger.Active, a.today().AddDays(-1)
	case "active":
		f.Status, f.ExpiresFrom = ledger.Active, a.today()
	default:
		if f.Status = statusNames[status]; f.Status == 0 {
			a.bad("status", wChoose)
		}
	}
}

// expiring reads within how many days the last day of cards comes. Those that are closed are not meant, unless their
// status is asked for: nobody can use them until that day.
func (a *asked) expiring(f *ledger.CardFilter) {
	typed := a.value("days")
	if typed == "" {
		return
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n < 0 || n > maxDays {
		a.bad("days", wNoDays)
		return
	}
	if f.Status == 0 {
		f.Status = ledger.Active
	}
	f.ExpiresFrom = a.today()
	if last := a.today().AddDays(n); f.ExpiresTo == 0 || last < f.ExpiresTo {
		f.ExpiresTo = last
	}
}

// bound reads an amount that may be left out.
func (a *asked) bound(name string) *ledger.Fen {
	if a.value(name) == "" {
		return nil
	}
	f := a.fen(name)
	return &f
}

// day reads a day, and returns when it begins at the merchant; zero if the field is empty.
func (a *asked) day(name string) time.Time {
	d := a.date(name)
	if d == 0 {
		return time.Time{}
	}
	return a.begins(d)
}

// search returns the cards that have what was typed in their number, name or phone, first the one of exactly that
// number. The card of exactly that inner code comes before them. Who may not see phones does not find cards by what is
// hidden of them. cut says that there are more than it looks at: what a filter chooses, or what somebody may find, may
// be among those as well.
func (c *call) search(typed string) (found []ledger.Card, cut bool, err error) {
	for _, key := range ledger.SearchKeys(typed) {
		found, err = c.cfg.Books.Search(c.r.Context(), ledger.SearchQuery{
			Merchant: c.merchant.ID, Key: key, Limit: hitsMost + 1,
		})
		if err != nil {
			return nil, false, err
		}
		cut = cut || len(found) > hitsMost
		found = found[:min(len(found), hitsMost)]
		if c.person.AllowedSomewhere(c.merchant.ID)&ledger.MayReveal == 0 {
			found = phrase.FoundMasked(found, key)
		}
		if len(found) > 0 {
			break
		}
	}
	if !ledger.Digits(typed, 1, ledger.MaxExtID) || len(found) > 0 && isNamed(&found[0], typed) {
		return found, cut, nil
	}
	inner, err := c.cfg.Books.Find(c.r.Context(), ledger.FindQuery{Merchant: c.merchant.ID, ExtID: typed})
	if err != nil || len(inner) == 0 {
		return found, cut, err
	}
	found = slices.DeleteFunc(found, func(card ledger.Card) bool { return card.ID == inner[0].ID })
	return slices.Insert(found, 0, inner[0]), cut, nil
}

// matching returns those of the cards that a filter chooses.
func matching(cards []ledger.Card, filter *ledger.CardFilter) []ledger.Card {
	return slices.DeleteFunc(cards, func(card ledger.Card) bool { return !filter.Chooses(&card) })
}

// isNamed reports whether what was typed is a card's number or inner code.
func isNamed(card *ledger.Card, typed string) bool {
	return card.Key().Number == ledger.FoldNumber(typed) || card.Details.ExtID == typed
}

// settled returns cards without what has expired on them.
func (c *call) settled(cards []ledger.Card) []ledger.Card {
	for i := range cards {
		cards[i] = c.current(&cards[i])
	}
	return cards
}

// opening returns the address at which a card is opened: of what it is wanted for, or its page.
func (v *listView) opening(card *ledger.Card) string {
	path := cardPath(card.ID)
	if v.do != nil {
		path += "/do/" + v.do.name
	}
	return v.at(path)
}

// row is a card in the list.
func (v *listView) row(card ledger.Card) cardView { return cardView{view: v.view, card: card} }

// filtered reports whether not all cards are wanted.
func (v *listView) filtered() bool { return !v.filter.All() || v.order != nil || len(v.faults) > 0 }

// to returns the address of a page with what was asked for, without the empty fields.
func (v *listView) to(page, after string) string {
	form := maps.Clone(v.form)
	form.Del("after")
	for name := range form {
		if form.Get(name) == "" {
			form.Del(name)
		}
	}
	if after != "" {
		form.Set("after", after)
	}
	if len(form) == 0 {
		return v.at(page)
	}
	return v.at(page) + "?" + form.Encode()
}

// listFilters are what cards are chosen by.
var listFilters = []field{
	{name: "level", label: wLevel}, {name: "status", label: wState}, {name: "shop", label: wOpenedAt},
	{name: "month", label: wBirthMonth}, {name: "from", label: wAtLeast, kind: inMoney},
	{name: "to", label: wAtMost, kind: inMoney}, {name: "since", label: wUsedFrom, kind: inDate},
	{name: "before", label: wUsedBefore, kind: inDate}, {name: "days", label: wExpiring, kind: inCount},
	{name: "sort", label: wSort},
}

// none is what a filter says that is not used.
func (v *listView) none(name string) string {
	if name == "sort" {
		return v.lang.of(wByNumber)
	}
	return v.lang.of(wAny)
}

// wanted says which cards are wanted.
func (v *listView) wanted() string {
	var all []string
	for _, f := range listFilters {
		typed := strings.TrimSpace(v.form.Get(f.name))
		for _, one := range v.options(f.name) {
			if one.value == typed {
				typed = one.said
				break
			}
		}
		if typed != "" {
			all = append(all, v.lang.of(f.label)+" "+typed)
		}
	}
	return join(all)
}

// options are what a filter offers; nil = it is typed.
func (v *listView) options(name string) (all []choice) {
	add := func(value, said string) { all = append(all, choice{value, said}) }
	number := func(id int64, said string) { add(strconv.FormatInt(id, 10), said) }
	switch name {
	case "level":
		for _, l := range v.merchant.Levels {
			number(int64(l.ID), l.Name)
		}
	case "status":
		for _, status := range []string{"active", "lost", "stopped", "returned", "replaced"} {
			said := text(phrase.Statuses[statusNames[status]])
			if statusNames[status] == ledger.Returned {
				said = wClosedEither // in the books both have this status
			}
			add(status, v.lang.of(said))
		}
		add(expired, v.lang.of(wExpired))
	case "shop":
		for _, s := range v.merchant.Shops {
			number(int64(s.ID), s.Name)
		}
	case "sort":
		for _, o := range orders {
			add(o.name, v.lang.of(o.label))
		}
	case "month":
		for n := 1; n <= 12; n++ {
			number(int64(n), v.lang.of(text{strconv.Itoa(n) + " 月", time.Month(n).String()}))
		}
	}
	return all
}

// wrong returns what is wrong with a field; "" = nothing.
func (v *listView) wrong(name string) string { return v.lang.of(v.faults[name]) }

// sum says how many cards are shown.
func (v *listView) sum() string {
	switch {
	case v.more:
		return v.lang.of(wFirstCards.with(len(v.cards)))
	case v.next != "" || v.form.Get("after") != "":
		return v.lang.of(wCardsHere.with(len(v.cards)))
	}
	return v.count(len(v.cards), wOneCard, wManyCards)
}

// oneTime reports whether what was searched for is a code that a phone shows for a moment: a card's member code, or a
// payment barcode. Tills read them; as the number of a card it would be nobody's the next moment.
func (v *listView) oneTime() bool {
	_, memberCode := codes.Parse(v.typed)
	return memberCode || codes.PaymentBarcode(v.typed)
}

// begin returns the address at which a card is opened with what was searched for: as its number if it may be one, or as
// the holder's phone or name. "" = the person may open none, or it is nothing to open a card with.
func (v *listView) begin() string {
	if !v.opens || v.oneTime() {
		return ""
	}
	field := "name"
	switch phone := ledger.NormalPhone(v.typed); {
	case v.typed == "":
		return v.at("cards/new")
	case ledger.Digits(phone, 11, 11) && phone[0] == '1':
		field = "phone"
	case ledger.ValidNumber(v.typed) && strings.ContainsAny(v.typed, "0123456789"):
		field = "number"
	}
	return v.at("cards/new") + "?" + url.Values{field: {v.typed}}.Encode()
}
