package tongka

import (
	"fmt"
	"slices"
	"time"
)

// The time is a merchant's own fact: what somebody vouched for, or took back, stands in the journal as an
// entry of card 0, which is no card but a chain of the merchant's own entries. See decision 0023.

// AcceptTime says that it is At, because somebody looked. It stands in the journal, so that the next start
// knows (see internal/clock), and moves nothing.
type AcceptTime struct {
	Merchant MerchantID
	By       Caller
	At       time.Time // where the journal is ahead of it, the journal's time stays
	Note     string
}

// TakeBackTime says that it is At, and that what the journal dates after that was dated by a wrong clock:
// entries after this one go on from At. What expired meanwhile comes back by ReverseExpiry.
type TakeBackTime struct {
	Merchant MerchantID
	By       Caller
	At       time.Time
	Note     string
}

// ReverseExpiry gives back what an entry booked as expired in a time that was taken back: the same lots, the
// same days, the same coupons. What has expired by now stays so.
type ReverseExpiry struct {
	Merchant MerchantID
	By       Caller
	Card     string
	Entry    EntryID
}

// Keys names the merchant.
func (a AcceptTime) Keys() Keys { return keysOf(a.Merchant) }

// Decide makes the entry. A licence that is over is no reason not to.
func (a AcceptTime) Decide(s *State, _ time.Time) (Changes, error) {
	at := a.At.UTC().Truncate(time.Millisecond)
	if _, head := s.merchant(a.Merchant); at.Before(head.LastAt) {
		at = head.LastAt
	}
	return ownEntry(s, at, a.Merchant, a.By, Entry{Kind: ClockAccepted, Note: a.Note})
}

// Keys names the merchant.
func (b TakeBackTime) Keys() Keys { return keysOf(b.Merchant) }

// Decide makes the entry, dated At.
func (b TakeBackTime) Decide(s *State, _ time.Time) (Changes, error) {
	return ownEntry(s, b.At.UTC().Truncate(time.Millisecond), b.Merchant, b.By, Entry{Kind: ClockTakenBack, Note: b.Note})
}

// SetsTime marks the commands that are carried out while the clock is in doubt.
func (AcceptTime) SetsTime() {}

// SetsTime marks it too.
func (TakeBackTime) SetsTime() {}

// ownEntry makes an entry of the merchant itself.
func ownEntry(s *State, at time.Time, merchant MerchantID, by Caller, e Entry) (Changes, error) {
	d, err := draftAt(s, at, merchant, by)
	if err != nil {
		return Changes{}, err
	}
	own, err := d.own()
	if err != nil {
		return Changes{}, err
	}
	d.post(own, e)
	return d.finish(), nil
}

// own is the chain of the merchant's own entries, as a card that nobody carries.
func (d *draft) own() (*Card, error) {
	own := &Card{Merchant: d.m.ID}
	if d.head.Own == 0 {
		return own, nil
	}
	key := EntryKey{d.m.ID, d.head.Own}
	e, known := d.s.entries[key]
	if !known {
		return nil, MissingError{Keys{Entries: []EntryKey{key}}}
	}
	if e == nil || e.Card != 0 {
		panic(fmt.Sprintf("entry %d is the merchant's own newest, and is not there", d.head.Own))
	}
	own.Seq, own.Hash, own.Last, own.Tally = e.Seq, e.Hash, e.At, e.Tally
	return own, nil
}

// Keys names the card and the entry.
func (r ReverseExpiry) Keys() Keys { return keysOfUndoing(r.Merchant, r.Card, r.Entry) }

// Decide gives back what is good today, once.
func (r ReverseExpiry) Decide(s *State, now time.Time) (Changes, error) {
	_, head := s.merchant(r.Merchant)
	d, err := draftAt(s, later(now, head.LastAt), r.Merchant, r.By) // a licence that is over does not matter
	if err != nil {
		return Changes{}, err
	}
	c, err := d.cardIn(r.Card, Active, Lost, Stopped)
	if err != nil {
		return Changes{}, err
	}
	key := EntryKey{r.Merchant, r.Entry}
	of := s.entry(key)
	if of == nil || of.Card != c.ID {
		return Changes{}, refuse(EntryNotFound)
	}
	if err := d.needFor(of); err != nil {
		return Changes{}, err
	}
	if !d.takenBack(of) {
		return Changes{}, refuse(NotReversible)
	}
	if slices.ContainsFunc(s.undone[key], func(e *Entry) bool { return e.Kind == ExpiryReversed }) {
		return Changes{}, refuse(AlreadyReversed)
	}
	if c.MoreLots {
		return Changes{}, ShallowError{c.Key()} // what is left of the lots may lie behind the loaded ones
	}
	e := Entry{Kind: ExpiryReversed, Of: of.ID}
	if of.Kind == LotsExpired {
		e.Parts, e.PointParts = stillGood(of, d.day)
	}
	e.Coupons = d.couponsStillGood(of)
	if len(e.Parts)+len(e.PointParts)+len(e.Coupons) == 0 {
		return Changes{}, refuse(NothingExpired, r.Card)
	}
	d.post(c, e)
	if err := d.forfeit(c); err != nil {
		return Changes{}, err
	}
	return d.finish(c), nil
}

func later(a, b time.Time) time.Time {
	if a = a.UTC().Truncate(time.Millisecond); a.Before(b) {
		return b
	}
	return a
}

// needFor asks for what only the head and the entry to reverse name.
func (d *draft) needFor(of *Entry) error {
	var need Keys
	back := EntryKey{d.m.ID, d.head.TakenBack}
	if _, known := d.s.entries[back]; !known && back.ID != 0 {
		need.Entries = append(need.Entries, back)
	}
	for _, p := range of.Coupons {
		key := CouponKey{d.m.ID, p.Coupon}
		if _, known := d.s.coupons[key]; !known {
			need.Coupons = append(need.Coupons, key)
		}
	}
	if need.Empty() {
		return nil
	}
	return MissingError{need}
}

// takenBack tells whether an entry was dated in a time that was taken back after it.
func (d *draft) takenBack(of *Entry) bool {
	return d.head.TakenBack > of.ID && of.At.After(d.s.entry(EntryKey{d.m.ID, d.head.TakenBack}).At)
}

// stillGood is what of the expired parts of an entry is good today, the other way round.
func stillGood(of *Entry, today Date) (parts []Part, points []PointPart) {
	for _, p := range of.Parts {
		if p.GoodUntil >= today {
			parts = append(parts, Part{Lot: p.Lot, GoodUntil: p.GoodUntil, Bonus: -p.Bonus})
		}
	}
	for _, p := range of.PointParts {
		if p.GoodUntil >= today {
			points = append(points, PointPart{p.GoodUntil, -p.Points})
		}
	}
	return parts, points
}

// couponsStillGood are the coupons an entry left expired that are still so and good today.
func (d *draft) couponsStillGood(of *Entry) (parts []CouponPart) {
	for _, p := range of.Coupons {
		c := d.s.coupon(CouponKey{d.m.ID, p.Coupon})
		if p.State == Expired && c.State == Expired && !c.Over(d.day) {
			parts = append(parts, CouponPart{Coupon: p.Coupon, State: Unused})
		}
	}
	return parts
}

// TimeBack is where a merchant's time was taken back to.
type TimeBack struct {
	Entry EntryID
	At    time.Time
}

// DoneAt is when the entry was done: as it is dated, but no later than the time was taken back to after it.
// By that, a card's entries never go back in time. backs are all of the merchant's.
func DoneAt(id EntryID, at time.Time, backs []TimeBack) time.Time {
	for _, b := range backs {
		if id < b.Entry && at.After(b.At) {
			at = b.At
		}
	}
	return at
}
