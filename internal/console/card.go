package console

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// linesAPage is the number of entries on a page of a card's history.
const linesAPage = 30

// maxCoupons is how many unused coupons of a card are shown.
const maxCoupons = 200

// cardView is what a card's page shows.
type cardView struct {
	view
	card    ledger.Card // without what has expired
	coupons []ledger.Coupon
	history ledger.HistoryPage
	page    int64
	acts    []*act
	waits   []proposalLine                   // what waits for a second person
	wanted  string                           // the act for which it was searched; "" = none
	unmasks bool                             // what is masked can be shown here
	origins map[ledger.EntryID]*ledger.Entry // that made the card's lots and holds
}

// cardHere returns the card of the path.
func (c *call) cardHere() (*ledger.Card, error) {
	id, err := strconv.ParseInt(c.r.PathValue("card"), 10, 64)
	if err != nil || id < 1 {
		return nil, errNowhere
	}
	card, err := c.cardOf(c.r.Context(), c.cfg.Books, ledger.CardID(id))
	if err == nil && card == nil {
		err = errNowhere
	}
	return card, err
}

// cardOf returns a card of the merchant; nil if there is none of that id.
func (c *call) cardOf(ctx context.Context, from finder, id ledger.CardID) (*ledger.Card, error) {
	found, err := from.Find(ctx, ledger.FindQuery{Merchant: c.merchant.ID, ID: id})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func (c *call) showCard() error {
	card, err := c.cardHere()
	if err != nil {
		return err
	}
	v := cardView{view: c.view(wCard), page: pageOf(c.r.URL.Query())}
	v.card = c.current(card)
	v.title = v.name()
	if do := c.r.URL.Query().Get("do"); slices.Contains(quickActs, do) {
		v.wanted = do
	}
	v.acts, v.waits = c.actsFor(&v.card), c.waitingOn(card.ID)
	v.unmasks = c.person.AllowedSomewhere(c.merchant.ID)&ledger.MayReveal != 0
	v.coupons, err = c.cfg.Books.Coupons(c.r.Context(), ledger.CouponQuery{
		Merchant: c.merchant.ID, Card: card.ID, Unused: true, Limit: maxCoupons,
	})
	if err != nil {
		return err
	}
	v.history, err = c.cfg.Books.History(c.r.Context(), ledger.HistoryQuery{
		Card: card.Key(), Page: v.page, Size: linesAPage,
	})
	if err != nil {
		return err
	}
	if v.beside, err = c.besides(card.Key(), v.history.Entries); err != nil {
		return err
	}
	if err := c.readOrigins(&v); err != nil {
		return err
	}
	return c.show(http.StatusOK, cardPage(v))
}

// wantedFor returns the address of the card's page for one on which an act was to be done: of a card that was replaced
// it leads on to the same act.
func (v *cardView) wantedFor(a *act) string {
	if v.card.Status != ledger.Replaced || !slices.Contains(quickActs, a.name) {
		return v.at(cardPath(v.card.ID))
	}
	return v.at(cardPath(v.card.ID) + "?do=" + a.name)
}

// searched returns the address that opens the card of a number, for what this one was wanted for.
func (v *cardView) searched(number string) string {
	q := url.Values{"q": {number}}
	if v.wanted != "" {
		q.Set("do", v.wanted)
	}
	return v.at("cards?" + q.Encode())
}

// today returns the merchant's civil day.
func (c *call) today() ledger.Date { return c.merchant.Today(c.cfg.Clock()) }

// current returns a card as it may be used now.
func (c *call) current(card *ledger.Card) ledger.Card {
	now := c.cfg.Clock()
	return card.Settled(now, c.merchant.Today(now))
}

// pageOf returns the page that is asked for, from 1.
func pageOf(q url.Values) int64 {
	n, err := strconv.ParseInt(q.Get("page"), 10, 64)
	if err != nil || n < 1 || n > 1_000_000 {
		return 1
	}
	return n
}

// name returns what a card's page is called: its holder, or its number if it has none.
func (v *cardView) name() string {
	if v.card.Holder.Name != "" {
		return v.card.Holder.Name
	}
	return v.card.NumberThen()
}

// phone returns the holder's phone as everybody may see it.
func (v *cardView) phone() string { return phrase.Masked(v.card.Holder.Phone) }

// level returns the name of the card's level.
func (v *cardView) level() string { return v.merchant.LevelOf(&v.card).Name }

// available returns how much a bill can take, and how much of a credit is in it.
func (v *cardView) available() string {
	all := yuanSign(v.card.Available())
	if credit := v.card.Details.Credit; credit > 0 {
		all += v.lang.of(wWithCredit.withText(text{yuanSign(credit), yuanSign(credit)}))
	}
	return all
}

// expires returns the last good day.
func (v *cardView) expires() string {
	if v.card.Expires == 0 {
		return v.lang.of(wForever)
	}
	return v.card.Expires.String()
}

// about returns what is known of the holder and of the card in the hand. Of a birthday everybody sees the day, to wish
// well by, and not the year.
func (v *cardView) about() (all []part) {
	add := func(name text, value string) {
		if value != "" {
			all = append(all, part{name, value})
		}
	}
	if born := v.card.Holder.Birthday; born != 0 {
		add(wBirthday, fmt.Sprintf("%02d-%02d", born/100%100, born%100))
	}
	if gender := v.card.Holder.Gender; gender != 0 {
		add(wGender, v.gender(gender))
	}
	add(wReferrer, v.card.Details.Referrer)
	add(wPhysical, v.card.Details.Physical.No)
	return all
}

// blocked reports whether the card cannot be used, and why.
func (v *cardView) blocked() (why string, blocked bool) {
	switch {
	case v.card.Status != ledger.Active:
		return v.lang.of(text(phrase.StatusOf(&v.card))), true
	case v.card.Expired(v.merchant.Today(v.now)):
		return v.lang.of(wExpired), true
	}
	return v.lang.of(text(phrase.StatusOf(&v.card))), false
}

// older returns the address of the next page of the history; "" = this is the last.
func (v *cardView) older() string {
	if v.page*linesAPage >= v.history.Total {
		return ""
	}
	return v.at(cardPath(v.card.ID) + "?page=" + strconv.FormatInt(v.page+1, 10))
}

// cardPath returns the address of a card's page within its merchant's.
func cardPath(id ledger.CardID) string { return "cards/" + strconv.FormatInt(int64(id), 10) }

// undo returns the address of the act that undoes an entry; "" = none does, nothing of it is left to undo, or the
// person may not.
func (v *cardView) undo(e *ledger.Entry) string {
	name, ok := undoneBy[e.Kind]
	if !ok || !v.undoable(e) || !v.offers(name) {
		return ""
	}
	return v.at(cardPath(v.card.ID) + "/do/" + name + "?entry=" + strconv.FormatInt(int64(e.ID), 10))
}

// undoable reports whether anything of an entry is left to undo.
func (v view) undoable(e *ledger.Entry) bool {
	return !ledger.Undone(e, v.beside.undoing[e.ID]) && (e.Kind != ledger.Consumed || e.LeftTrace())
}

// undoName returns what the button says that leads there: of a bill, a part may be given back.
func (v *cardView) undoName(e *ledger.Entry) string {
	switch e.Kind {
	case ledger.Consumed:
		return v.lang.of(wRefund)
	case ledger.Invoiced:
		return v.lang.of(text(phrase.Kinds[ledger.InvoiceReversed]))
	}
	return v.lang.of(wUndo)
}

// undoneBy names the act that undoes an entry of a kind.
var undoneBy = map[ledger.Kind]string{
	ledger.Consumed: "refund", ledger.Recharged: "reverse", ledger.AccountCharged: "refund-charge",
	ledger.Invoiced: "reverse-invoice", ledger.Renewed: "reverse-renewal",
}

// who returns who made an entry, for people.
func (v view) who(by ledger.Caller) string {
	who := by.Operator
	switch {
	case by.Person != 0:
		who = v.people.called(by.Person, by.Operator)
	case by.Agent != 0 && who == "":
		who = v.agent(by.Agent)
	case by.Agent == 0:
		if said, ok := programs[who]; ok {
			who = v.lang.of(said)
		}
	}
	if by.Proposer != 0 {
		proposer := v.people.called(by.Proposer, strconv.FormatInt(int64(by.Proposer), 10))
		who += v.lang.of(wProposedBy.withText(text{proposer, proposer}))
	}
	return who
}

// agent returns the name of an agent, or says which one it is where the name is not known here.
func (v view) agent(id ledger.AgentID) string {
	name, known := v.people.agent(id)
	if !known {
		return v.lang.of(wAgent) + " " + name
	}
	return name
}

// placeName returns what a place is called where something is done.
func (v view) placeName(shop ledger.ShopID) string {
	if shop == 0 {
		return v.lang.of(wHeadOffice)
	}
	return v.merchant.ShopName(shop)
}

// part is one thing of which an entry is made up.
type part struct {
	name  text
	value string
}

// inWords returns parts one after the other, as a file has them in a cell.
func (v view) inWords(all []part) string {
	var b strings.Builder
	for i, p := range all {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(v.lang.of(p.name) + " " + p.value)
	}
	return b.String()
}

// newNumber returns the number of the card to which all went of one that was replaced or merged; "" if it was neither,
// or the page of its history has no entry of that.
func (v cardView) newNumber() string {
	by := map[ledger.Status]ledger.Kind{ledger.Replaced: ledger.CardReplaced, ledger.Returned: ledger.MergedOut}
	kind, closed := by[v.card.Status]
	if !closed {
		return ""
	}
	for i := range v.history.Entries {
		if e := &v.history.Entries[i]; e.Kind == kind {
			return e.OtherCard
		}
	}
	return ""
}

// parts returns of what an entry is made up, what of its money is principal, and what it changed of what the card is.
func (v view) parts(e *ledger.Entry) []part {
	return slices.Concat(v.made(e), v.split(e), v.altered(e))
}

// made returns of what an entry is made up, by what it was paid, which coupons it is about, and which other card it was
// with.
func (v view) made(e *ledger.Entry) (all []part) {
	for _, p := range phrase.Parts(e) {
		all = append(all, part{text(p.Name), v.lang.of(text(p.Value))})
	}
	if !e.HeldUntil.IsZero() {
		all = append(all, part{wHeldUntil, v.moment(e.HeldUntil)})
	}
	if e.PayType != 0 {
		all = append(all, part{wPayType, v.payTypeName(e.PayType)})
	}
	all = append(all, v.couponsOf(e)...)
	if e.OtherCard != "" {
		all = append(all, part{text(phrase.OtherCard(e)), e.OtherCard})
	}
	return all
}

// couponsOf returns which coupons an entry is about, where they are known. One that sent them has the name itself.
func (v view) couponsOf(e *ledger.Entry) (all []part) {
	if e.Kind == ledger.CouponSent {
		return nil
	}
	for _, p := range e.Coupons[:min(len(e.Coupons), couponsNamed)] {
		if one := v.beside.coupons[p.Coupon]; one != nil {
			all = append(all, part{text{one.Name, one.Name}, v.worth(&one.CouponTerms) + " " + one.Masked()})
		}
	}
	return all
}

// worth returns what a coupon is good for.
func (v view) worth(t *ledger.CouponTerms) string { return v.lang.of(text(phrase.CouponWorth(t))) }

// conditions returns when a coupon can be used; "" = always.
func (v view) conditions(t *ledger.CouponTerms) string {
	return v.lang.of(text(phrase.CouponConditions(t, v.merchant.ShopNames(t.Shops))))
}

// shows reports whether what the balance and the points are made of is anything.
func (v *cardView) shows() bool { return len(v.card.Lots) > 0 || len(v.card.PointLots) > 0 }

// stuck says why nothing is done with the card, and who or what helps; "" = it can be used, or the person can help it.
func (v *cardView) stuck() string {
	helps := map[ledger.Status]struct {
		act  string
		said text
	}{
		ledger.Lost: {"found", wLostAsk}, ledger.Stopped: {"resume", wStoppedAsk}, ledger.Replaced: {"", wReplacedSee},
		ledger.Returned: {"", wClosedSee},
	}
	help, blocked := helps[v.card.Status]
	if !blocked || v.offers(help.act) {
		return ""
	}
	return v.lang.of(help.said)
}

// offers reports whether the person may do an act to the card.
func (v *cardView) offers(name string) bool {
	return slices.ContainsFunc(v.acts, func(a *act) bool { return a.name == name })
}

// ofHold returns the address of the form of an act that is about a hold.
func (v *cardView) ofHold(act string, hold ledger.EntryID) string {
	return v.at(cardPath(v.card.ID) + "/do/" + act + "?entry=" + strconv.FormatInt(int64(hold), 10))
}

// ofLine reports whether an act is offered at a line of the history, the coupons or the holds, and not by itself.
func (a *act) ofLine() bool {
	return a.name == "void-coupon" || a.name == "capture-hold" || a.name == "release-hold" ||
		slices.Contains(slices.Collect(maps.Values(undoneBy)), a.name)
}

// until returns a last day of bonus or points.
func (v view) until(d ledger.Date) string {
	if d == ledger.Forever || d == 0 {
		return v.lang.of(wForever)
	}
	return d.String()
}
