package command

import (
	"strconv"
	"time"

	"tongka/internal/ledger"
)

// Hold reserves an amount on a card for a bill to come, until a time at which it is free again by itself. Nothing
// moves; what is held is in no other bill's reach, nor in that of anything else which takes money off the card
// (invariant 63). The holder agrees to it as to a bill, so its captures ask nothing of him.
type Hold struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Amount   ledger.Fen
	Until    time.Time // zero = for as long as is usual, or the card is good
	Proof    *Proof    // that the holder agrees; nil = the till cannot send one
	Note     string
}

// Keys names the card.
func (h Hold) Keys() Keys { return keysOf(h.Card) }

// Decide places the hold.
func (h Hold) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, h.Merchant, h.By)
	if err != nil {
		return Changes{}, err
	}
	if err := d.amountAllowed(h.Amount); err != nil {
		return Changes{}, err
	}
	c, err := d.usableCard(h.Card)
	if err != nil {
		return Changes{}, err
	}
	if err := d.prove(c, h.Proof, h.Amount); err != nil {
		return d.no(err)
	}
	until, err := d.holdEnd(c, h.Until)
	if err != nil {
		return Changes{}, err
	}
	if len(c.Holds) >= ledger.MaxHolds {
		return Changes{}, ledger.Refuse(ledger.TooManyHolds, c.Number)
	}
	if c.CanPay() < h.Amount {
		return Changes{}, ledger.Refuse(ledger.ShortBalance, c.Number)
	}
	d.post(c, ledger.Entry{
		Kind: ledger.AmountHeld, Gross: h.Amount, Net: h.Amount, HeldUntil: until, Note: h.Note,
	})
	return d.finishTaking(c)
}

// holdEnd returns when a hold ends for which a caller wants that. None is placed for longer than its card is good, as
// nothing could be captured then.
func (d *draft) holdEnd(c *ledger.Card, want time.Time) (time.Time, error) {
	latest := d.now.Add(ledger.HoldLongest)
	if c.Expires != 0 {
		if end := c.Expires.AddDays(1).At(0, d.m.Zone).UTC(); end.Before(latest) {
			latest = end
		}
	}
	if want.IsZero() {
		if usual := d.now.Add(ledger.HoldUsual); usual.Before(latest) {
			return usual, nil
		}
		return latest, nil
	}
	want = want.UTC().Truncate(time.Millisecond)
	if !want.After(d.now) || want.After(latest) {
		return time.Time{}, ledger.Refuse(ledger.BadHoldEnd, holdMoment(latest, d.m))
	}
	return want, nil
}

// Capture pays a bill with what is held on a card, in whole or in part. The amount is what is paid: it was agreed to
// when it was held, after discounts and coupons, so the capture takes off no discount and takes no coupons and no
// points. It earns points and cash back like any bill. What it leaves of the hold is free again, unless it is to be
// kept for another capture.
type Capture struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Hold     ledger.EntryID
	Amount   ledger.Fen // 0 = all that is held
	KeepRest bool
	Note     string
}

// Keys names the card.
func (p Capture) Keys() Keys { return keysOf(p.Card) }

// Decide releases the rest, if it is not kept, and pays. The rest goes first, so that the bill is what the command is
// about, and its cash back follows it.
func (p Capture) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, p.Merchant, p.By)
	if err != nil {
		return Changes{}, err
	}
	c, err := d.usableCard(p.Card)
	if err != nil {
		return Changes{}, err
	}
	h, err := d.heldOn(c, p.Hold)
	if err != nil {
		return Changes{}, err
	}
	amount := p.Amount
	if amount == 0 {
		amount = h.Amount
	}
	if err := d.amountAllowed(amount); err != nil {
		return Changes{}, err
	}
	if amount > h.Amount {
		return Changes{}, ledger.Refuse(ledger.HeldTooLittle, h.Amount.String())
	}
	if h.Amount -= amount; h.Amount > 0 && !p.KeepRest {
		d.release(c, h, ledger.ByCapture, "")
	}
	level := d.m.LevelOf(c)
	e := ledger.Entry{
		Kind: ledger.Consumed, RefersTo: h.ID, Released: ledger.ByCapture,
		Gross: amount, Net: amount, PayRate: ledger.Percent100,
		SpendOrder: d.m.Settings.SpendOrder, Note: p.Note,
	}
	if e.Allocations, err = d.payFromLots(c, amount); err != nil {
		return Changes{}, err
	}
	bill := Consume{Amount: amount}
	if err := bill.earn(d, c, &e, level); err != nil {
		return Changes{}, err
	}
	d.post(c, e)
	d.giveCashBack(c, level.Rights.CashBack)
	return d.finish()
}

// heldOn returns a hold of a card whose ended holds were released. One that is not there is looked up in the journal:
// whoever asks for it again wants to know what became of it.
func (d *draft) heldOn(c *ledger.Card, id ledger.EntryID) (ledger.Hold, error) {
	if h, there := c.Hold(id); there {
		return h, nil
	}
	if err := d.knowEntries(id); err != nil {
		return ledger.Hold{}, err
	}
	placed := d.s.entries.get(id)
	if placed == nil || placed.Kind != ledger.AmountHeld || placed.Card != c.ID {
		return ledger.Hold{}, ledger.Refuse(ledger.NoHold, strconv.FormatInt(int64(id), 10))
	}
	fate := ledger.FateOf(placed, d.s.undone.get(id)).At(placed, d.now)
	detail := strconv.FormatInt(int64(fate.By), 10)
	if fate.Ended == ledger.ByExpiry { // which may not be booked yet
		detail = holdMoment(placed.HeldUntil, d.m)
	}
	return ledger.Hold{}, ledger.Refuse(endedReasons[fate.Ended], detail)
}

// endedReasons is why a hold that has ended can be neither captured nor released.
var endedReasons = map[ledger.Released]ledger.Reason{
	ledger.ByCapture: ledger.HoldIsCaptured, ledger.ByCaller: ledger.HoldIsReleased, ledger.ByExpiry: ledger.HoldIsExpired,
}

// holdMoment returns the end of a hold by the merchant's clocks.
func holdMoment(at time.Time, m *ledger.Merchant) string {
	return at.In(m.Zone).Format("2006-01-02 15:04 -07:00")
}

// ReleaseHold sets free what is held, also on a card that is lost, stopped or past its last good day: nothing moves.
type ReleaseHold struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Hold     ledger.EntryID
	Note     string
}

// Keys names the card.
func (r ReleaseHold) Keys() Keys { return keysOf(r.Card) }

// Decide releases the hold.
func (r ReleaseHold) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	c, err := d.cardIn(r.Card, ledger.Active, ledger.Lost, ledger.Stopped)
	if err != nil {
		return Changes{}, err
	}
	d.endHolds(c)
	h, err := d.heldOn(c, r.Hold)
	if err != nil {
		return Changes{}, err
	}
	d.release(c, h, ledger.ByCaller, r.Note)
	return d.finish()
}

// release posts that a hold, or so much of it, is free again.
func (d *draft) release(c *ledger.Card, h ledger.Hold, why ledger.Released, note string) {
	d.post(c, ledger.Entry{
		Kind: ledger.HoldReleased, RefersTo: h.ID, Gross: h.Amount, Net: h.Amount, Released: why, Note: note,
	})
}

// endHolds posts which holds of a card have ended by themselves.
func (d *draft) endHolds(c *ledger.Card) {
	if len(c.Holds) == 0 {
		return
	}
	for _, h := range c.EndedHolds(d.now) {
		d.release(c, h, ledger.ByExpiry, "")
	}
}
