package command

import (
	"fmt"
	"slices"
	"time"

	"tongka/internal/ledger"
)

// The time is a fact of each merchant's books: entries that confirm it or take it back belong to card 0, which is no
// card but the chain of the merchant's own entries. See decision 0023.

// AcceptTime records that somebody checked the time and it is At. It is in the journal so that the program knows at
// its next start (see internal/clock); it moves nothing.
type AcceptTime struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	At       time.Time // if the journal is ahead of it, the journal's time is kept
	Note     string
}

// TakeBackTime records that the time is At, and that later dates in the journal came from a wrong clock: entries
// after this one go on from At. What expired by the wrong clock is given back by ReverseExpiry.
type TakeBackTime struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	At       time.Time
	Note     string
}

// ReverseExpiry gives back what an entry recorded as expired in time that was taken back: the same lots, the same
// last days, the same coupons. What has really expired by now is not given back, nor what a refund or a reversal in
// that time would have taken if it had not expired.
type ReverseExpiry struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Entry    ledger.EntryID
}

// Keys names nothing: every command gets the merchant.
func (a AcceptTime) Keys() Keys { return Keys{} }

// Decide makes the entry, also if the licence has ended.
func (a AcceptTime) Decide(s *State, _ time.Time) (Changes, error) {
	at := a.At.UTC().Truncate(time.Millisecond)
	if _, head := s.at(a.Merchant); at.Before(head.LastAt) {
		at = head.LastAt
	}
	return ownEntry(s, at, a.Merchant, a.By, ledger.Entry{Kind: ledger.ClockAccepted, Note: a.Note})
}

// Keys names nothing: every command gets the merchant.
func (b TakeBackTime) Keys() Keys { return Keys{} }

// Decide makes the entry, dated At.
func (b TakeBackTime) Decide(s *State, _ time.Time) (Changes, error) {
	return ownEntry(s, b.At.UTC().Truncate(time.Millisecond), b.Merchant, b.By, ledger.Entry{
		Kind: ledger.ClockTakenBack, Note: b.Note,
	})
}

// AnyTime marks a command that is carried out while the clock is in doubt.
func (AcceptTime) AnyTime() {}

// AnyTime marks a command that is carried out while the clock is in doubt.
func (TakeBackTime) AnyTime() {}

// ownEntry makes an entry of the merchant itself, on card 0.
func ownEntry(s *State, at time.Time, merchant ledger.MerchantID, by ledger.Caller, e ledger.Entry) (Changes, error) {
	d, err := draftAt(s, at, merchant, by)
	if err != nil {
		return Changes{}, err
	}
	own, err := d.own()
	if err != nil {
		return Changes{}, err
	}
	d.post(own, e)
	return d.finish()
}

// own returns the chain of the merchant's own entries in the form of a card.
func (d *draft) own() (*ledger.Card, error) {
	own := &ledger.Card{Merchant: d.m.ID}
	if d.head.Own == 0 {
		return own, nil
	}
	if !d.s.entries.knows(d.head.Own) {
		return nil, NeedRecords{Keys{Entries: []ledger.EntryID{d.head.Own}}}
	}
	e := d.s.entries.get(d.head.Own)
	if e == nil || e.Card != 0 {
		panic(fmt.Sprintf("entry %d is the merchant's own newest, and is not there", d.head.Own))
	}
	own.Seq, own.Hash, own.Last, own.Tally = e.Seq, e.Hash, e.At, e.Tally
	return own, nil
}

// Keys names the card and the entry.
func (r ReverseExpiry) Keys() Keys { return undo{card: r.Card, entry: r.Entry}.keys() }

// Decide gives back, once, what is good today.
func (r ReverseExpiry) Decide(s *State, now time.Time) (Changes, error) {
	_, head := s.at(r.Merchant)
	d, err := draftAt(s, later(now, head.LastAt), r.Merchant, r.By) // also if the licence has ended
	if err != nil {
		return Changes{}, err
	}
	c, err := d.cardIn(r.Card, ledger.Active, ledger.Lost, ledger.Stopped)
	if err != nil {
		return Changes{}, err
	}
	of := s.entries.get(r.Entry)
	if of == nil || of.Card != c.ID {
		return Changes{}, ledger.Refuse(ledger.EntryNotFound)
	}
	if err := d.needFor(of); err != nil {
		return Changes{}, err
	}
	if !d.takenBack(of) {
		return Changes{}, ledger.Refuse(ledger.NotReversible)
	}
	undone := ledger.OfKind(s.undone.get(r.Entry), ledger.ExpiryReversed)
	if c.MoreLots {
		return Changes{}, ledger.NeedLots{Card: c.Key()} // what is left of the lots may lie behind the loaded ones
	}
	e := ledger.Entry{Kind: ledger.ExpiryReversed, RefersTo: of.ID}
	if of.Kind == ledger.LotsExpired {
		e.Allocations, e.PointAllocations = stillGood(of, undone, d.day)
		if err := d.lessTaken(&e, of); err != nil {
			return Changes{}, err
		}
	}
	e.Coupons = d.couponsStillGood(of, undone)
	if len(e.Allocations)+len(e.PointAllocations)+len(e.Coupons) == 0 {
		if len(undone) > 0 {
			return Changes{}, ledger.Refuse(ledger.AlreadyReversed)
		}
		return Changes{}, ledger.Refuse(ledger.NothingExpired, r.Card)
	}
	d.post(c, e)
	if err := d.forfeit(c); err != nil {
		return Changes{}, err
	}
	return d.finish()
}

func later(a, b time.Time) time.Time {
	if a = a.UTC().Truncate(time.Millisecond); a.Before(b) {
		return b
	}
	return a
}

// needFor asks for the records that only the head or the entry to reverse names.
func (d *draft) needFor(of *ledger.Entry) error {
	var need Keys
	if back := d.head.TakenBack; back != 0 && !d.s.entries.knows(back) {
		need.Entries = append(need.Entries, back)
	}
	for _, p := range of.Coupons {
		if !d.s.coupons.knows(p.Coupon) {
			need.Coupons = append(need.Coupons, p.Coupon)
		}
	}
	if need.Empty() {
		return nil
	}
	return NeedRecords{need}
}

// takenBack reports whether an entry was dated in time that was later taken back.
func (d *draft) takenBack(of *ledger.Entry) bool {
	return d.head.TakenBack > of.ID && of.At.After(d.s.entries.get(d.head.TakenBack).At)
}

// lessTaken takes off an entry that reverses an expiry what refunds would have taken of a bill's cash back if it had
// not expired: they left it, because nobody had it.
func (d *draft) lessTaken(e, of *ledger.Entry) error {
	if of.RefersTo == 0 || len(e.Allocations) == 0 {
		return nil
	}
	expired, err := d.expiredOf(&ledger.Entry{ID: of.RefersTo})
	if err != nil {
		return err
	}
	given := d.s.entries.get(of.RefersTo)
	if given.Kind != ledger.CashedBack {
		return nil
	}
	undone, err := d.entriesOf(given.RefersTo)
	if err != nil {
		return err
	}
	bill := d.s.entries.get(given.RefersTo)
	_, left := ledger.CashBackOf(ledger.OfKind(undone, ledger.CashedBack))
	stays := ledger.Refundable(bill, ledger.OfKind(undone, ledger.ConsumeRefunded))
	back := &e.Allocations[0]
	back.Bonus = min(back.Bonus, expired-(left-bill.CashBackKept(given.Net, stays)))
	if back.Bonus <= 0 {
		e.Allocations = nil
	}
	return nil
}

// stillGood returns the opposite of an entry's expired allocations, as far as they are good today and have not come
// back for an entry that was undone.
func stillGood(
	of *ledger.Entry, undone []*ledger.Entry, today ledger.Date,
) (parts []ledger.Allocation, points []ledger.PointAllocation) {
	for _, p := range of.Allocations {
		again := func(e *ledger.Entry) bool { return slices.ContainsFunc(e.Allocations, p.SameLot) }
		if p.GoodUntil >= today && !slices.ContainsFunc(undone, again) {
			parts = append(parts, ledger.Allocation{Lot: p.Lot, GoodUntil: p.GoodUntil, Bonus: -p.Bonus})
		}
	}
	lapses := append([]*ledger.Entry{of}, undone...)
	for _, p := range of.PointAllocations {
		if left := of.Lapsed(p.GoodUntil, lapses); p.GoodUntil >= today && left > 0 {
			points = append(points, ledger.PointAllocation{GoodUntil: p.GoodUntil, Points: left})
		}
	}
	return parts, points
}

// couponsStillGood returns the coupons that an entry left expired, that still are, that have not come back for it, and
// that are good today.
func (d *draft) couponsStillGood(of *ledger.Entry, undone []*ledger.Entry) (parts []ledger.CouponPart) {
	for _, p := range of.Coupons {
		c := d.s.coupons.get(p.Coupon)
		again := func(e *ledger.Entry) bool {
			return slices.ContainsFunc(e.Coupons, func(q ledger.CouponPart) bool { return q.Coupon == p.Coupon })
		}
		if p.State == ledger.Expired && c.State == ledger.Expired && !c.Over(d.day) && !slices.ContainsFunc(undone, again) {
			parts = append(parts, ledger.CouponPart{Coupon: p.Coupon, State: ledger.Unused})
		}
	}
	return parts
}
