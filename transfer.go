package tongka

import (
	"slices"
	"time"
)

// Transfer moves principal from one card to another of the same merchant. The bonus that was given for
// it goes along, with its expiry, and stays bonus; so does what may be invoiced of it.
type Transfer struct {
	Merchant MerchantID
	By       Caller
	From, To string
	Amount   Fen
}

// Keys names both cards.
func (t Transfer) Keys() Keys { return keysOf(t.Merchant, t.From, t.To) }

// Decide takes the amount off one card and makes lots of it on the other.
func (t Transfer) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, t.Merchant, t.By)
	if err != nil {
		return Changes{}, err
	}
	if err := d.amountAllowed(t.Amount); err != nil {
		return Changes{}, err
	}
	if d.key(t.From) == d.key(t.To) {
		return Changes{}, refuse(SameCard)
	}
	from, err := d.card(t.From)
	if err != nil {
		return Changes{}, err
	}
	to, err := d.card(t.To)
	if err != nil {
		return Changes{}, err
	}
	for _, c := range []*Card{from, to} {
		if err := d.usable(c); err != nil {
			return Changes{}, err
		}
	}
	out, err := d.cash(from, t.Amount)
	if err != nil {
		return Changes{}, err
	}
	if err := d.roomFor(to, -moneyOf(out.parts), 0); err != nil {
		return Changes{}, err
	}
	// What of it was invoiced stays so, on the card that got the invoice.
	invoice := min(out.invoiceable, max(0, from.Invoiceable))
	d.post(from, Entry{
		Kind: TransferredOut, Original: t.Amount, Actual: -moneyOf(out.parts), Other: to.Number, Parts: out.parts,
		Forfeits: out.forfeits, Invoice: -invoice, Version: EntryVersion,
	})
	arrived := arriving(out.parts, d.head.LastEntry+1)
	d.post(to, Entry{
		Kind: TransferredIn, Original: t.Amount, Actual: moneyOf(arrived), Other: from.Number, Parts: arrived,
		Invoice: invoice, Invoiceable: out.invoiceable,
	})
	return d.finish(from, to), nil
}

// arriving are the lots that parts taken off one card make on another by an entry: one for each expiry.
func arriving(taken []Part, by EntryID) (parts []Part) {
	for _, p := range taken {
		until := p.GoodUntil
		if p.Bonus == 0 {
			until = Forever
		}
		i := slices.IndexFunc(parts, func(q Part) bool { return q.GoodUntil == until })
		if i < 0 {
			i = len(parts)
			parts = append(parts, Part{Lot: by, GoodUntil: until})
		}
		parts[i].Principal -= p.Principal
		parts[i].Bonus -= p.Bonus
	}
	return parts
}

// moneyOf is what parts add up to.
func moneyOf(parts []Part) (sum Fen) {
	for _, p := range parts {
		sum += p.Principal + p.Bonus
	}
	return sum
}

// Withdraw pays principal out to the holder. The bonus that was given for it is forfeited. Money that was invoiced is
// paid out when its invoice was taken back.
type Withdraw struct {
	Merchant MerchantID
	By       Caller
	Card     string
	Amount   Fen
}

// Keys names the card.
func (w Withdraw) Keys() Keys { return keysOf(w.Merchant, w.Card) }

// Decide takes the amount from principal, and the bonus that goes with it.
func (w Withdraw) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, w.Merchant, w.By)
	if err != nil {
		return Changes{}, err
	}
	if err := d.amountAllowed(w.Amount); err != nil {
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
	invoice, err := c.lessInvoiceable(out)
	if err != nil {
		return Changes{}, err
	}
	d.post(c, Entry{
		Kind: Withdrawn, Original: w.Amount, Actual: w.Amount, Parts: out.parts, Forfeits: out.forfeits,
		Invoice: -invoice, Version: EntryVersion,
	})
	return d.finish(c), nil
}

// Return closes a card for good: the principal is paid out, bonus, points and coupons are forfeited. A
// card that owes money stays open, and so does one whose money was invoiced.
type Return struct {
	Merchant MerchantID
	By       Caller
	Card     string
}

// Keys names the card with its unused coupons.
func (r Return) Keys() Keys {
	k := keysOf(r.Merchant, r.Card)
	k.Wallets = k.Cards
	return k
}

// Decide empties the card. One past its last good day can be returned too: its principal is still the
// holder's.
func (r Return) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	c, err := d.cardIn(r.Card, Active)
	if err != nil {
		return Changes{}, err
	}
	if c.MoreLots {
		return Changes{}, ShallowError{c.Key()}
	}
	if err := d.settle(c); err != nil {
		return Changes{}, err
	}
	if c.Principal < 0 {
		return Changes{}, refuse(CardOwes, (-c.Principal).String())
	}
	made, err := d.makers(c, c.filledParts())
	if err != nil {
		return Changes{}, err
	}
	out, err := c.emptied(made)
	if err != nil {
		return Changes{}, err
	}
	invoice, err := c.lessInvoiceable(out)
	if err != nil {
		return Changes{}, err
	}
	e := Entry{
		Kind: Closed, Status: Returned, Original: c.Principal, Actual: c.Principal, PointsOwed: -c.PointsOwed,
		Parts: out.parts, Invoice: -invoice, Version: EntryVersion,
	}
	for _, l := range c.PointLots {
		e.PointParts = append(e.PointParts, PointPart{l.GoodUntil, -l.Points})
	}
	e.Coupons = d.dropCoupons(c)
	d.post(c, e)
	return d.finish(c), nil
}
