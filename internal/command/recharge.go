package command

import (
	"time"

	"tongka/internal/ledger"
)

// Recharge puts money on a card, and what the merchant's rules give on top.
type Recharge struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Amount   ledger.Fen // what is paid
	PayType  ledger.PayTypeID
	NoBonus  bool       // the rules give neither money nor points
	Bonus    ledger.Fen // only this much of the money the rules give; 0 = all of it
	Note     string
}

// Keys names the card.
func (r Recharge) Keys() Keys { return keysOf(r.Card) }

// Decide makes a new lot of what is paid and what is given.
func (r Recharge) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	if err := d.amountAllowed(r.Amount); err != nil {
		return Changes{}, err
	}
	payType, err := d.payType(r.PayType)
	if err != nil {
		return Changes{}, err
	}
	c, err := d.usableCard(r.Card)
	if err != nil {
		return Changes{}, err
	}
	if d.m.LevelOf(c).Rights.NoRecharge {
		return Changes{}, ledger.Refuse(ledger.NoRecharge, r.Card)
	}
	hits, err := r.given(d.m, d.now.In(d.m.Zone))
	if err != nil {
		return Changes{}, err
	}
	bonus, points := ledger.SumHits(hits)
	if err := d.roomFor(c, r.Amount+bonus, points); err != nil {
		return Changes{}, err
	}
	e := ledger.Entry{
		Kind: ledger.Recharged, Gross: r.Amount, Net: r.Amount + bonus, PayType: r.PayType,
		Allocations: []ledger.Allocation{d.lot(r.Amount, bonus)}, Rules: hits, Note: r.Note,
		Invoice: payType.Invoice(r.Amount),
	}
	e.PointAllocations, e.PointsOwed = ledger.AppendEarned(nil, c, points, d.pointsUntil())
	d.post(c, e)
	return d.finish()
}

// payType returns a pay type by which money changes hands now.
func (d *draft) payType(id ledger.PayTypeID) (ledger.PayType, error) {
	payType, ok := d.m.PayType(id)
	if !ok || payType.Ended {
		return ledger.PayType{}, ledger.Refuse(ledger.UnknownPayType)
	}
	return payType, nil
}

// given returns what the rules give, reduced to what the command asks for. It reduces the rules that come last.
func (r Recharge) given(m *ledger.Merchant, wall time.Time) ([]ledger.RuleHit, error) {
	if r.NoBonus {
		return nil, nil
	}
	hits := m.RulesFor(r.Amount, wall)
	bonus, _ := ledger.SumHits(hits)
	switch {
	case r.Bonus < 0:
		return nil, ledger.Refuse(ledger.BadAmount, r.Bonus.String())
	case r.Bonus > bonus:
		return nil, ledger.Refuse(ledger.BonusTooHigh, bonus.String())
	case r.Bonus == 0:
		return hits, nil
	}
	return ledger.LessBonus(hits, r.Bonus), nil
}

// ReverseRecharge takes back what is left of one recharge: the unused part of its lot, and the points that were given
// for that part. The principal goes back to the holder. Bonus that was given for that principal and is spent is
// forfeited when a refund brings it back. Money that was invoiced is given back only after its invoice was reversed.
type ReverseRecharge struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Entry    ledger.EntryID    // of the recharge
	Request  ledger.RequestKey // that made it; with an id, it names the recharge in place of Entry
	Whole    bool              // all of it or nothing: refused if some of it was used or has expired
	Note     string
}

// Keys names the card and the recharge.
func (r ReverseRecharge) Keys() Keys { return r.undo().keys() }

func (r *ReverseRecharge) undo() undo { return undo{r.Card, r.Entry, r.Request} }

// Decide empties the recharge's lot. A recharge is reversed at most once (invariant 13).
func (r ReverseRecharge) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	c, done, err := d.undoing(r.undo(), ledger.Recharged, d.usable)
	if err != nil {
		return Changes{}, err
	}
	made := done.Allocations[0]
	left, found := c.Lot(made.Lot, made.GoodUntil)
	switch {
	case !found && c.Behind(made):
		return Changes{}, ledger.NeedLots{Card: c.Key()}
	case !found:
		return Changes{}, ledger.Refuse(ledger.NothingLeft)
	case r.Whole && (left.Principal < made.Principal || left.Bonus < made.Bonus):
		return Changes{}, ledger.Refuse(ledger.ShortBalance, c.Number)
	}
	parts := []ledger.Allocation{{Lot: left.ID, GoodUntil: left.GoodUntil, Principal: -left.Principal, Bonus: -left.Bonus}}
	out := c.Reversal(done, parts)
	invoice, err := c.LessInvoiceable(out)
	if err != nil {
		return Changes{}, err
	}
	e := ledger.Entry{
		Kind: ledger.RechargeReversed, RefersTo: done.ID, Gross: left.Principal, Net: left.Principal + left.Bonus,
		PayType: done.PayType, Note: r.Note, Version: ledger.EntryVersion,
		Allocations: parts, Forfeits: out.Forfeits, Invoice: -invoice,
	}
	if err := d.takePoints(c, &e, &out); err != nil {
		return Changes{}, err
	}
	d.post(c, e)
	return d.finishTaking(c)
}

// undoing returns a card and an entry on it that is to be undone as a whole and has not been yet (invariant 13). may
// refuses a card whose status does not allow it.
func (d *draft) undoing(
	u undo, kind ledger.Kind, may func(*ledger.Card) error,
) (*ledger.Card, *ledger.Entry, error) {
	c, err := d.card(u.card)
	if err != nil {
		return nil, nil, err
	}
	e, undone, err := d.undoable(c, u, kind)
	if err != nil {
		return nil, nil, err
	}
	if err := may(c); err != nil {
		return nil, nil, err
	}
	if ledger.Undone(e, undone) {
		return nil, nil, ledger.Refuse(ledger.AlreadyReversed)
	}
	return c, e, nil
}

// undoable returns an entry of the card, which must be of that kind, and the entries that undid it before. Those of a
// card that was replaced are the account's, under its new number.
func (d *draft) undoable(c *ledger.Card, u undo, kind ledger.Kind) (*ledger.Entry, []*ledger.Entry, error) {
	id, err := d.entryOf(c, u)
	if err != nil {
		return nil, nil, err
	}
	e := d.s.entries.get(id)
	if e == nil || e.Card != c.ID {
		if c.Status == ledger.Replaced {
			return nil, nil, ledger.Refuse(ledger.CardIsReplaced, c.Number)
		}
		return nil, nil, ledger.Refuse(ledger.EntryNotFound)
	}
	if e.Kind != kind {
		return nil, nil, ledger.Refuse(ledger.NotReversible, e.Kind.String())
	}
	return e, d.s.undone.get(id), nil
}
