package command

import (
	"slices"
	"time"

	"tongka/internal/ledger"
)

// Transfer moves principal from one card to another of the same merchant. The bonus that was given for it goes along
// as bonus, with its expiry, and so do the points that rules gave for it, and its invoiceable share.
type Transfer struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	From, To string
	Amount   ledger.Fen
}

// Keys names both cards.
func (t Transfer) Keys() Keys { return keysOf(t.From, t.To) }

// Decide takes the amount off one card and makes lots of it on the other.
func (t Transfer) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, t.Merchant, t.By)
	if err != nil {
		return Changes{}, err
	}
	if err := d.amountAllowed(t.Amount); err != nil {
		return Changes{}, err
	}
	from, to, err := d.pair(t.From, t.To)
	if err != nil {
		return Changes{}, err
	}
	if err := d.transfer(from, to, t.Amount); err != nil {
		return Changes{}, err
	}
	return d.finish()
}

// pair returns copies of two cards between which money may move today.
func (d *draft) pair(number, other string) (from, to *ledger.Card, err error) {
	if ledger.FoldNumber(number) == ledger.FoldNumber(other) {
		return nil, nil, ledger.Refuse(ledger.SameCard)
	}
	if from, err = d.card(number); err != nil {
		return nil, nil, err
	}
	if to, err = d.card(other); err != nil {
		return nil, nil, err
	}
	for _, c := range []*ledger.Card{from, to} {
		if err := d.usable(c); err != nil {
			return nil, nil, err
		}
	}
	return from, to, nil
}

// transfer posts both sides of principal that goes from one card to another, with all that must go with it.
func (d *draft) transfer(from, to *ledger.Card, amount ledger.Fen) error {
	out, err := d.cash(from, amount)
	if err != nil {
		return err
	}
	// Bonus whose last day is over stays for what is held alone.
	over := func(p ledger.Allocation) bool { return p.Bonus != 0 && p.GoodUntil < d.day }
	if slices.ContainsFunc(out.Allocations, over) {
		return ledger.Refuse(ledger.MoneyHeld, from.HeldAt(d.now).String())
	}
	if err := d.roomFor(to, -ledger.MoneyOf(out.Allocations), 0); err != nil {
		return err
	}
	// Money that was invoiced stays invoiced, on the card that got the invoice.
	invoiceable, invoice := from.Brings(out)
	e := ledger.Entry{
		Kind: ledger.TransferredOut, Gross: amount, Net: -ledger.MoneyOf(out.Allocations), OtherCard: to.Number,
		Allocations: out.Allocations,
		Forfeits:    out.Forfeits, Invoice: -invoice, Version: ledger.EntryVersion,
	}
	if err := d.takePoints(from, &e, &out); err != nil {
		return err
	}
	d.post(from, e)
	if err := d.keepPledge(from); err != nil {
		return err
	}
	arrived := ledger.Arriving(out.Allocations, d.head.LastEntry+1)
	in := ledger.Entry{
		Kind: ledger.TransferredIn, Gross: amount, Net: ledger.MoneyOf(arrived), OtherCard: from.Number,
		Allocations: arrived,
		Invoice:     invoice, Invoiceable: invoiceable,
	}
	sent := e.Sent(out.AllPoints(), d.day)
	if err := ledger.RoomForPoints(to, ledger.PointsOf(sent)); err != nil {
		return err
	}
	in.PointAllocations, in.PointsOwed = ledger.AppendBrought(nil, to, sent)
	d.post(to, in)
	return nil
}

// Withdraw pays principal out to the holder. The bonus and the points that were given for it are forfeited; points that
// were spent are owed. Money that was invoiced is paid out only after its invoice was reversed.
type Withdraw struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Amount   ledger.Fen
	PayType  ledger.PayTypeID // by which the holder is paid; 0 = not stated, and shifts count it as cash
}

// Keys names the card.
func (w Withdraw) Keys() Keys { return keysOf(w.Card) }

// Decide takes the amount from principal, and the bonus that goes with it.
func (w Withdraw) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, w.Merchant, w.By)
	if err != nil {
		return Changes{}, err
	}
	if err := d.amountAllowed(w.Amount); err != nil {
		return Changes{}, err
	}
	if err := d.paidOutBy(w.PayType); err != nil {
		return Changes{}, err
	}
	c, err := d.usableCard(w.Card)
	if err != nil {
		return Changes{}, err
	}
	out, err := d.cash(c, w.Amount)
	if err != nil {
		return Changes{}, err
	}
	invoice, err := c.LessInvoiceable(out)
	if err != nil {
		return Changes{}, err
	}
	e := ledger.Entry{
		Kind: ledger.Withdrawn, Gross: w.Amount, Net: w.Amount, Allocations: out.Allocations, Forfeits: out.Forfeits,
		PayType: w.PayType, Invoice: -invoice, Version: ledger.EntryVersion,
	}
	if err := d.takePoints(c, &e, &out); err != nil {
		return Changes{}, err
	}
	d.post(c, e)
	return d.finishTaking(c)
}

// Return closes a card permanently: the principal is paid out; bonus, points and coupons are forfeited. It is refused
// for a card that owes money, or points if these can pay, and for money that was invoiced. Points that rules gave for
// the principal and that were spent are owed like others.
type Return struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	PayType  ledger.PayTypeID // as for Withdraw; a card on which there is nothing to pay out is returned without
}

// Keys names the card with its unused coupons.
func (r Return) Keys() Keys {
	k := keysOf(r.Card)
	k.Wallets = k.Cards
	return k
}

// Decide empties the card. A card past its last good day can be returned too, because its principal still belongs to
// the holder.
func (r Return) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	if err := d.paidOutBy(r.PayType); err != nil {
		return Changes{}, err
	}
	c, err := d.cardIn(r.Card, ledger.Active)
	if err != nil {
		return Changes{}, err
	}
	if err := d.settle(c); err != nil {
		return Changes{}, err
	}
	if c.Principal < 0 {
		return Changes{}, ledger.Refuse(ledger.CardOwes, (-c.Principal).String())
	}
	out, invoice, err := d.emptied(c)
	if err != nil {
		return Changes{}, err
	}
	if err := d.owesNoPoints(c, &out); err != nil {
		return Changes{}, err
	}
	e := ledger.Entry{
		Kind: ledger.CardReturned, Status: ledger.Returned, Gross: c.Principal, Net: c.Principal, PointsOwed: -c.PointsOwed,
		Allocations: out.Allocations, Invoice: -invoice, Version: ledger.EntryVersion,
		PointAllocations: ledger.Spend(c, c.Points),
	}
	if e.Gross > 0 {
		e.PayType = r.PayType
	}
	e.Coupons = d.dropCoupons(c)
	d.post(c, e)
	return d.finish()
}

// owesNoPoints refuses to return a card that would owe points which are money, once those that leave with its principal
// are taken back. If the card has too few, what had expired unused comes back before.
func (d *draft) owesNoPoints(c *ledger.Card, out *ledger.PayOut) error {
	pledge := func(more int64) ledger.Fen {
		return d.m.Settings.Pledge(&ledger.Card{PointsOwed: c.PointsOwed + more})
	}
	if _, owed := ledger.AppendClawedBack(nil, c, out.AllPoints(), nil, d.day); pledge(owed) == 0 {
		return nil
	}
	var back ledger.Entry
	if err := d.takePoints(c, &back, out); err != nil {
		return err
	}
	if owed := pledge(back.PointsOwed); owed > 0 {
		return ledger.Refuse(ledger.PointsPledged, owed.String())
	}
	return nil
}
