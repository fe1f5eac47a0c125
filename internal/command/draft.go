package command

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tongka/internal/ledger"
)

// How many bytes are kept of free text from callers.
const (
	maxOperator = 64
	maxNote     = 1604 // two texts of 200 characters
)

// How far from now a caller may claim that something was done: in the past, as long as a till may be offline; in the
// future, as much as clocks may differ.
const (
	maxClaimedAgo   = 7 * 24 * time.Hour
	maxClaimedAhead = 300 * time.Second
)

// draft is what a command builds while it decides: entries folded into copies of cards. Nobody else sees it before it
// is finished.
type draft struct {
	s    *State
	m    *ledger.Merchant
	by   ledger.Caller
	now  time.Time   // never before the merchant's last entry, unless time was taken back
	day  ledger.Date // the merchant's civil day at now
	head ledger.Head
	ch   Changes
	two  bool // an entry is above what one person may do alone

	held ledger.Fen // what was held on a card that an entry broke the holds of; 0 = none did

	lastCard ledger.CardID // before the command: cards with a greater id are opened by it
	touched  []touched
	few      [2]touched // room for touched; there are hardly ever more
}

// begin starts a draft at a merchant, or refuses because its licence has ended.
func begin(s *State, now time.Time, merchant ledger.MerchantID, by ledger.Caller) (*draft, error) {
	m, head := s.at(merchant)
	now = now.UTC().Truncate(time.Millisecond)
	if now.Before(head.LastAt) {
		now = head.LastAt
	}
	if !m.Licensed(now) {
		return nil, ledger.Refuse(ledger.LicenceOver)
	}
	if by.Shop != 0 {
		if shop, _ := m.Shop(by.Shop); shop.Ended {
			return nil, ledger.Refuse(ledger.ShopEnded, shop.Name)
		}
	}
	return draftAt(s, now, merchant, by)
}

// draftAt starts a draft at a given time, which is before the merchant's last entry if time is taken back.
func draftAt(s *State, now time.Time, merchant ledger.MerchantID, by ledger.Caller) (*draft, error) {
	m, head := s.at(merchant)
	by.Operator = Operator(by.Operator)
	if at := by.Claimed; !at.IsZero() {
		if at.Before(now.Add(-maxClaimedAgo)) || at.After(now.Add(maxClaimedAhead)) {
			return nil, ledger.Refuse(ledger.BadClaimedTime)
		}
		by.Claimed = at.UTC().Truncate(time.Millisecond)
	}
	return &draft{s: s, m: m, by: by, now: now, day: m.Today(now), head: head, lastCard: head.LastCard}, nil
}

// Operator returns the form in which the name of an operator is kept, so that each is one person in reports: without
// surrounding space, which tills send where they fill a field up.
func Operator(name string) string {
	name = strings.TrimSpace(clean(name, len(name)))
	return strings.TrimSpace(clean(name, maxOperator)) // the cut may leave space at the end
}

// clean returns s without control characters and invalid UTF-8, cut to at most that many bytes at a character's
// boundary.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// card returns a copy of a card to work on.
func (d *draft) card(number string) (*ledger.Card, error) {
	known := d.s.card(ledger.FoldNumber(number))
	if known == nil {
		return nil, ledger.Refuse(ledger.CardNotFound, number)
	}
	c := *known
	return &c, nil
}

// statusReasons is why a card in each status may not be used.
var statusReasons = map[ledger.Status]ledger.Reason{
	ledger.Lost: ledger.CardIsLost, ledger.Returned: ledger.CardIsReturned, ledger.Replaced: ledger.CardIsReplaced,
	ledger.Stopped: ledger.CardIsStopped,
}

// inStatus refuses a card that has none of the statuses.
func inStatus(c *ledger.Card, allowed ...ledger.Status) error {
	for _, s := range allowed {
		if c.Status == s {
			return nil
		}
	}
	return ledger.Refuse(statusReasons[c.Status], c.Number)
}

// cardIn returns a copy of a card, which must have one of the statuses.
func (d *draft) cardIn(number string, allowed ...ledger.Status) (*ledger.Card, error) {
	c, err := d.card(number)
	if err != nil {
		return nil, err
	}
	return c, inStatus(c, allowed...)
}

// usable refuses a card that may not move money today. Otherwise it takes off what has expired.
func (d *draft) usable(c *ledger.Card) error {
	if err := d.inUse(c); err != nil {
		return err
	}
	return d.settle(c)
}

// inUse refuses a card that may not move money today.
func (d *draft) inUse(c *ledger.Card) error {
	if err := inStatus(c, ledger.Active); err != nil {
		return err
	}
	if c.Expired(d.day) {
		return ledger.Refuse(ledger.CardIsExpired, c.Number)
	}
	return nil
}

// usableCard returns a copy of a card that may move money today.
func (d *draft) usableCard(number string) (*ledger.Card, error) {
	c, err := d.card(number)
	if err != nil {
		return nil, err
	}
	return c, d.usable(c)
}

// post makes an entry. The command has filled in what it does; post adds who asked for it and when, and Card.Post the
// rest.
func (d *draft) post(c *ledger.Card, entry ledger.Entry) {
	d.ch.Entries = append(d.ch.Entries, entry)
	e := &d.ch.Entries[len(d.ch.Entries)-1] // taking the address of entry instead would move it to the heap
	e.Merchant, e.ID, e.At, e.By = d.m.ID, d.head.LastEntry+1, d.now, d.by
	if e.Released == ledger.ByExpiry { // whoever came by then has not released it
		e.By = ledger.ByItself
	}
	if e.Kind == ledger.LotsExpired { // what ended by itself is not what the till claims to have done then
		e.By.Claimed = time.Time{}
	}
	e.Writer, e.Asked, e.Note = d.s.Writer, d.s.asked, clean(e.Note, maxNote)
	if e.At.Before(c.Last) && e.Kind != ledger.ClockTakenBack {
		e.Back = d.head.TakenBack
	}
	credit, free, held := c.Details.Credit, c.Free(e.At), c.HeldAt(e.At)
	lots, err := c.Post(e)
	if err != nil {
		panic(fmt.Sprintf("%v of %v made an entry that breaks the books: %v", e.Kind, e.Gross, err))
	}
	if c.BreaksHolds(free, e) {
		d.held = held
	}
	d.two = d.two || d.m.Settings.TakesTwo(credit, e)
	d.touch(c, e.Rare())
	d.postCoupons(e)
	for _, l := range lots {
		d.ch.Lots = append(d.ch.Lots, LotChange{Merchant: d.m.ID, Card: c.ID, Lot: l})
	}
	d.head.LastEntry, d.head.LastAt = e.ID, e.At
	if e.Card == 0 {
		d.postOwn(e)
	}
}

// postOwn updates the newest entries of each sort in the merchant's head.
func (d *draft) postOwn(e *ledger.Entry) {
	d.head.Own = e.ID
	switch e.Kind {
	case ledger.ClockTakenBack:
		d.head.TakenBack, d.head.Clock = e.ID, e.ID
	case ledger.ClockAccepted:
		d.head.Clock = e.ID
	case ledger.SettingsChanged:
		d.head.Settings = e.ID
	}
}

// touched is a card that existed before the command and got entries from it.
type touched struct {
	card *ledger.Card
	rare bool // more changed than on an everyday entry: see Changes.Holders
}

// touch notes that a card has a new entry. Cards that the command opens are added to Opened by their command instead.
func (d *draft) touch(c *ledger.Card, rare bool) {
	if c.ID == 0 || c.ID > d.lastCard {
		return
	}
	for i := range d.touched {
		if t := &d.touched[i]; t.card == c {
			t.rare = t.rare || rare
			return
		}
	}
	if d.touched == nil {
		d.touched = d.few[:0]
	}
	d.touched = append(d.touched, touched{c, rare})
}

// finish ends the draft. It refuses what takes money that is held, and what takes two people if only one stands behind
// it. Every command ends its draft here, so no door can forget that.
func (d *draft) finish() (Changes, error) {
	if d.held > 0 {
		return Changes{}, ledger.Refuse(ledger.MoneyHeld, d.held.String())
	}
	if d.by.Twice() || d.two && !d.by.Two() {
		return Changes{}, ledger.Refuse(ledger.NeedsSecondPerson, d.m.Settings.SecondPerson.String())
	}
	return d.changes(), nil
}

// changes are what is to be saved. It follows from the entries.
func (d *draft) changes() Changes {
	d.ch.Head = &d.head
	for _, t := range d.touched {
		d.ch.Cards = append(d.ch.Cards, *t.card)
		if t.rare {
			d.ch.Holders = append(d.ch.Holders, *t.card)
		}
	}
	return d.ch
}

// unchanged ends a draft that found the card to be as asked for. It makes no entry, but a request that asked for it
// is still stored.
func (d *draft) unchanged(c *ledger.Card) Changes {
	ch := d.changes()
	ch.Unchanged = c
	return ch
}

// finishTaking ends the draft of a command that has just posted an entry by which money left the card, or was held. It
// refuses if less is left than the points the card owes are worth.
func (d *draft) finishTaking(c *ledger.Card) (Changes, error) {
	if err := d.keepPledge(c); err != nil {
		return Changes{}, err
	}
	return d.finish()
}

// keepPledge checks the newest entry of the draft, which must be on the card.
func (d *draft) keepPledge(c *ledger.Card) error {
	if d.m.Settings.BreaksPledge(c, &d.ch.Entries[len(d.ch.Entries)-1]) {
		return ledger.Refuse(ledger.PointsPledged, d.m.Settings.Pledge(c).String())
	}
	return nil
}

// amountAllowed refuses an amount no command may move.
func (d *draft) amountAllowed(f ledger.Fen) error {
	if f <= 0 || f > d.m.MaxAmount() {
		return ledger.Refuse(ledger.BadAmount, f.String())
	}
	return nil
}

// roomFor refuses if the card would hold more than the merchant allows.
func (d *draft) roomFor(c *ledger.Card, money ledger.Fen, points int64) error {
	if c.Amount() > d.m.MaxBalance()-money {
		return ledger.Refuse(ledger.BalanceTooHigh, c.Number)
	}
	return ledger.RoomForPoints(c, points)
}
