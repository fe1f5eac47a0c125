package command

import (
	"errors"
	"strings"
	"time"

	"tongka/internal/ledger"
)

// NewCard is a card to open. Balances come from another system and get an entry of their own.
type NewCard struct {
	Number    string // 1–40 letters, digits, "-" and "_"; surrounding space is ignored
	Kind      ledger.CardKind
	Level     ledger.LevelID
	Holder    ledger.Holder
	Details   ledger.Details
	Status    ledger.Status // 0 means Active; only an Import may bring Lost and Stopped
	Expires   ledger.Date   // last good day; 0 = no end; only an Import may bring a past one
	Principal ledger.Fen
	Bonus     ledger.Fen
	Points    int64
	Owes      ledger.Fen // only an Import may bring it: what the holder took on credit and has not paid
	Coupons   []BroughtCoupons
}

// BroughtCoupons are coupons of one kind that a card has in another system. Only an Import may bring them.
type BroughtCoupons struct {
	Kind    ledger.CouponKindID
	Numbers []string    // 1 to MaxSend, as SendCoupons has them
	Until   ledger.Date // last good day there; 0 = as of coupons of the kind that are sent today
}

// Open opens a card.
type Open struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     NewCard
}

// Import opens many cards from another system, with their balances, including cards that are lost, stopped or expired
// there. Each is opened or refused by itself; Changes.Refused lists the refusals.
type Import struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Cards    []NewCard
	// Alike has, for each card, numbers that differ from its own in leading zeros only, as a spreadsheet drops them. The
	// card is refused if there is a card of one of them, as that is rather the same card. nil = none is refused for that.
	Alike [][]string
}

// Needs returns the permissions a caller needs besides opening cards: a card opened with money is a recharge, and one
// opened with points gives points.
func (n *NewCard) Needs() (p ledger.Permission) {
	if n.Principal > 0 || n.Bonus > 0 {
		p |= ledger.MayRecharge
	}
	if n.Points > 0 {
		p |= ledger.MayPoints
	}
	return p
}

// Keys names the number and the inner code.
func (o Open) Keys() Keys { return keysOfNew([]NewCard{o.Card}) }

// keysOfNew returns the keys of a command that opens cards.
func keysOfNew(cards []NewCard) Keys {
	k := Keys{Cards: make([]string, len(cards))}
	for i := range cards {
		k.Cards[i] = ledger.FoldNumber(cards[i].Number)
		k.addExtID(cards[i].Details.ExtID)
		for _, c := range cards[i].Coupons {
			k.CouponKinds, k.CouponNumbers = append(k.CouponKinds, c.Kind), append(k.CouponNumbers, c.Numbers...)
		}
	}
	return k
}

// Decide opens the card.
func (o Open) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, o.Merchant, o.By)
	if err != nil {
		return Changes{}, err
	}
	if err := newOpening(d, 1).open(o.Card); err != nil {
		return Changes{}, err
	}
	return d.finish()
}

// Keys names the numbers, those that are alike, and the inner codes.
func (i Import) Keys() Keys {
	k := keysOfNew(i.Cards)
	for _, numbers := range i.Alike {
		k.Cards = append(k.Cards, numbers...)
	}
	return k
}

// Decide opens the cards that may be opened.
func (i Import) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, i.Merchant, i.By)
	if err != nil {
		return Changes{}, err
	}
	o := newOpening(d, len(i.Cards))
	o.brings = true
	for n, c := range i.Cards {
		if i.Alike != nil {
			o.alike = i.Alike[n]
		}
		err := ofRow(n, o.open(c))
		if row, refused := errors.AsType[RowRefusal](err); refused {
			d.ch.Refused = append(d.ch.Refused, row)
		} else if err != nil {
			return Changes{}, err
		}
	}
	d.ch.Stocks = o.stocks()
	return d.finish()
}

// opening opens cards in one draft. It remembers their numbers and inner codes, because they are not in the state
// before the draft is finished.
type opening struct {
	d       *draft
	brings  bool            // the cards were in use in another system
	alike   []string        // see Import.Alike; of the card that is being opened
	numbers map[string]bool // folded
	extIDs  map[string]bool
	coupons map[string]bool                            // numbers
	sent    map[ledger.CouponKindID]ledger.CouponStock // with the coupons of this command
}

func newOpening(d *draft, cards int) *opening {
	d.ch.Opened = make([]ledger.Card, 0, cards)
	d.ch.Entries = make([]ledger.Entry, 0, 2*cards) // one for opening, and one for the balance most have
	return &opening{
		d: d, numbers: make(map[string]bool, cards), extIDs: map[string]bool{}, coupons: map[string]bool{},
		sent: map[ledger.CouponKindID]ledger.CouponStock{},
	}
}

// open posts the first entry of a new card, and one for its balances if there are any. An expiry or a status that
// blocks the card comes after these, because money moves only on active cards that have not expired (invariant 26).
func (o *opening) open(n NewCard) error {
	n.Holder = n.Holder.Tidy()
	n.Number = strings.TrimSpace(n.Number)
	if err := o.mayOpen(n); err != nil {
		return err
	}
	d := o.d
	d.head.LastCard++
	c := &ledger.Card{ID: d.head.LastCard, Merchant: d.m.ID}
	holder := n.Holder
	until, passed := n.Expires, n.Expires != 0 && n.Expires < d.day
	if passed {
		until = 0
	}
	d.post(c, ledger.Entry{
		Kind: ledger.Opened, Number: n.Number, CardKind: n.Kind, Level: n.Level, Status: ledger.Active, CardExpires: until,
		Holder: &holder, Details: n.Details.ForEntry(),
	})
	if n.Principal > 0 || n.Bonus > 0 || n.Points > 0 || n.Owes > 0 {
		d.openBalance(c, n)
	}
	if passed {
		d.post(c, ledger.Entry{Kind: ledger.ExpirySet, CardExpires: n.Expires})
	}
	for _, coupons := range n.Coupons {
		o.bring(c, coupons)
	}
	switch n.Status {
	case ledger.Lost:
		d.post(c, ledger.Entry{Kind: ledger.ReportedLost, Status: ledger.Lost})
	case ledger.Stopped:
		d.post(c, ledger.Entry{Kind: ledger.CardStopped, Status: ledger.Stopped})
	}
	d.ch.Opened = append(d.ch.Opened, *c)
	o.numbers[c.Key().Number] = true
	if code := n.Details.ExtID; code != "" {
		o.extIDs[code] = true
	}
	return nil
}

func (o *opening) mayOpen(n NewCard) error {
	if err := o.factsAllowed(n); err != nil {
		return err
	}
	if n.Principal != 0 || n.Bonus != 0 || n.Points != 0 {
		if err := o.d.balanceAllowed(&ledger.Card{Number: n.Number}, n.Principal, n.Bonus, n.Points); err != nil {
			return err
		}
	}
	if n.Owes < 0 || n.Owes > ledger.MaxFen || n.Owes > 0 && !o.brings {
		return ledger.Refuse(ledger.BadAmount, n.Owes.String())
	}
	if err := o.free(n); err != nil || len(n.Coupons) == 0 {
		return err
	}
	return o.couponsAllowed(n.Coupons)
}

// factsAllowed refuses a card that is impossible whatever other cards there are.
func (o *opening) factsAllowed(n NewCard) error {
	d := o.d
	if !ledger.ValidNumber(n.Number) {
		return ledger.Refuse(ledger.BadNumber, n.Number)
	}
	if _, ok := ledger.CardKindNames[n.Kind]; !ok {
		return ledger.Refuse(ledger.BadKind, n.Kind.String())
	}
	if _, ok := d.m.Level(n.Level); !ok {
		return ledger.Refuse(ledger.UnknownLevel)
	}
	if err := d.holderAllowed(n.Kind, n.Holder); err != nil {
		return err
	}
	if err := n.Details.Allowed(); err != nil {
		return err
	}
	if err := n.notMasked(); err != nil && !o.brings {
		return err
	}
	if n.Expires != 0 && n.Expires < d.day && !o.brings {
		return ledger.Refuse(ledger.BadExpiry)
	}
	if !o.statusAllowed(n.Status) {
		return ledger.Refuse(ledger.BadDetails, "status")
	}
	return nil
}

// notMasked refuses data that somebody was shown masked and sends as if they were the holder's.
func (n *NewCard) notMasked() error {
	if ledger.Masked(n.Holder.Phone) {
		return ledger.Refuse(ledger.BadHolder, "phone")
	}
	if ledger.Masked(n.Details.IDNumber) {
		return ledger.Refuse(ledger.BadDetails, "idnumber")
	}
	return nil
}

// statusAllowed reports whether a card may be opened in that status: active always, and lost or stopped if it
// comes from another system.
func (o *opening) statusAllowed(s ledger.Status) bool {
	switch s {
	case 0, ledger.Active:
		return true
	case ledger.Lost, ledger.Stopped:
		return o.brings
	}
	return false
}

// free refuses a number or an inner code that another card has, also one opened by this command.
func (o *opening) free(n NewCard) error {
	if o.taken(ledger.FoldNumber(n.Number)) {
		return ledger.Refuse(ledger.CardTaken, n.Number)
	}
	for _, other := range o.alike {
		if ledger.SameButZeros(n.Number, other) && o.taken(other) {
			return ledger.Refuse(ledger.CardAlike, other)
		}
	}
	if o.extIDs[n.Details.ExtID] || o.d.extIDTaken(n.Details.ExtID) {
		return ledger.Refuse(ledger.ExtIDTaken, n.Details.ExtID)
	}
	return nil
}

func (o *opening) taken(folded string) bool { return o.numbers[folded] || o.d.s.card(folded) != nil }

func (d *draft) balanceAllowed(c *ledger.Card, principal, bonus ledger.Fen, points int64) error {
	if principal < 0 || bonus < 0 || principal > ledger.MaxFen || bonus > ledger.MaxFen {
		return ledger.Refuse(ledger.BadAmount)
	}
	if points < 0 || points > ledger.MaxPoints {
		return ledger.Refuse(ledger.BadScore)
	}
	return d.roomFor(c, principal+bonus, points)
}

// openBalance posts what a card brings from another system. What it owes there it owes here, beside the money it has.
func (d *draft) openBalance(c *ledger.Card, n NewCard) {
	e := ledger.Entry{Kind: ledger.BalanceOpened, Gross: n.Principal, Net: n.Principal + n.Bonus}
	if n.Principal > 0 || n.Bonus > 0 {
		e.Allocations = append(e.Allocations, d.lot(n.Principal, n.Bonus))
	}
	if n.Owes > 0 {
		e.Allocations = append(e.Allocations, ledger.DebtPart(-n.Owes))
	}
	if n.Points > 0 {
		e.PointAllocations, e.PointsOwed = ledger.AppendEarned(nil, c, n.Points, d.pointsUntil())
	}
	d.post(c, e)
}

// lot returns the allocation of a new lot that the next entry makes.
func (d *draft) lot(principal, bonus ledger.Fen) ledger.Allocation {
	until := ledger.Forever
	if bonus > 0 {
		until = ledger.GoodUntil(d.day, d.m.Settings.BonusDays)
	}
	return ledger.Allocation{Lot: d.head.LastEntry + 1, GoodUntil: until, Principal: principal, Bonus: bonus}
}

// holderAllowed refuses a holder's data that cannot be so; h must be tidied. Detail names the field of Holder.
func (d *draft) holderAllowed(kind ledger.CardKind, h ledger.Holder) error {
	switch {
	case kind != ledger.StoredValue && ledger.Blank(h.Name), !ledger.PlainText(h.Name, ledger.MaxNameLen):
		return ledger.Refuse(ledger.BadHolder, "name")
	case !ledger.PlainText(h.Phone, ledger.MaxPhoneLen), ledger.Exponent(h.Phone):
		return ledger.Refuse(ledger.BadHolder, "phone")
	case h.Gender != 0 && h.Gender != 1:
		return ledger.Refuse(ledger.BadHolder, "gender")
	case h.Birthday > d.day:
		return ledger.Refuse(ledger.BadHolder, "birthday")
	}
	return nil
}
