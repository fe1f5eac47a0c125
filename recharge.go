package tongka

import (
	"slices"
	"time"
)

// Recharge puts money on a card, with what the merchant's rules give on top.
type Recharge struct {
	Merchant MerchantID
	By       Caller
	Card     string
	Amount   Fen // what is paid
	PayType  PayTypeID
	NoBonus  bool // the rules give nothing, neither money nor points
	Bonus    Fen  // of the money the rules give, only so much; 0 = all of it
	Note     string
}

// Keys names the card.
func (r Recharge) Keys() Keys { return keysOf(r.Merchant, r.Card) }

// Decide makes a new lot of what is paid and what is given.
func (r Recharge) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	if err := d.amountAllowed(r.Amount); err != nil {
		return Changes{}, err
	}
	payType, ok := d.m.PayType(r.PayType)
	if !ok {
		return Changes{}, refuse(UnknownPayType)
	}
	c, err := d.usableCard(r.Card)
	if err != nil {
		return Changes{}, err
	}
	if d.m.LevelOf(c).Rights.NoRecharge {
		return Changes{}, refuse(NoRecharge, r.Card)
	}
	hits, err := r.given(d.m, d.day)
	if err != nil {
		return Changes{}, err
	}
	bonus, points := sumHits(hits)
	if err := d.roomFor(c, r.Amount+bonus, points); err != nil {
		return Changes{}, err
	}
	e := Entry{
		Kind: Recharged, Original: r.Amount, Actual: r.Amount + bonus, PayType: r.PayType,
		Parts: []Part{d.lot(r.Amount, bonus)}, Rules: hits, Note: r.Note,
	}
	if payType.Invoiceable {
		e.Invoice = r.Amount
	}
	d.earn(c, &e, points)
	d.post(c, e)
	return d.finish(c), nil
}

// given is what the rules give of what the command wants of it. It wants less by taking from the rules
// that come last.
func (r Recharge) given(m *Merchant, day Date) ([]RuleHit, error) {
	if r.NoBonus {
		return nil, nil
	}
	hits := m.rulesFor(r.Amount, day)
	bonus, _ := sumHits(hits)
	switch {
	case r.Bonus < 0:
		return nil, refuse(BadAmount, r.Bonus.String())
	case r.Bonus > bonus:
		return nil, refuse(BonusTooHigh, bonus.String())
	case r.Bonus == 0:
		return hits, nil
	}
	left := r.Bonus
	for i := range hits {
		hits[i].Money = min(hits[i].Money, left)
		left -= hits[i].Money
	}
	return hits, nil
}

// rulesFor are the rules a recharge of a day meets, of those in force: all of each time, all percentages, and
// the highest threshold reached.
func (m *Merchant) rulesFor(paid Fen, day Date) []RuleHit {
	var hits []RuleHit
	best := -1
	for i, r := range m.Rules {
		if !r.InForce(day) {
			continue
		}
		switch r.Kind {
		case EachTime:
			hits = append(hits, r.Gives(paid))
		case Percent:
			hits = append(hits, r.Gives(paid))
		case FromAmount:
			if paid >= r.Threshold && (best < 0 || r.Threshold > m.Rules[best].Threshold) {
				best = i
			}
		}
	}
	if best >= 0 {
		hits = append(hits, m.Rules[best].Gives(paid))
	}
	return hits
}

// Gives is what the rule gives for a recharge that meets it.
func (r *Rule) Gives(paid Fen) RuleHit {
	if r.Kind == Percent {
		return RuleHit{r.Name, paid.floor(r.AddRate), r.AddPoints}
	}
	return RuleHit{r.Name, r.AddMoney, r.AddPoints}
}

func sumHits(hits []RuleHit) (bonus Fen, points int64) {
	for _, h := range hits {
		bonus += h.Money
		points += h.Points
	}
	return bonus, points
}

// ReverseRecharge takes back what is left of one recharge: the unused part of its lot, and the points
// it gave. The principal goes back to the holder. Bonus that was given for it and is spent is forfeited when
// a refund brings it back. Money that was invoiced goes back when its invoice was taken back.
type ReverseRecharge struct {
	Merchant MerchantID
	By       Caller
	Card     string
	Entry    EntryID // of the recharge
	Note     string
}

// Keys names the card and the recharge.
func (r ReverseRecharge) Keys() Keys { return keysOfUndoing(r.Merchant, r.Card, r.Entry) }

// Decide empties the recharge's lot. A recharge is reversed at most once (invariant 13).
func (r ReverseRecharge) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	c, done, err := d.undoing(r.Card, r.Entry, Recharged, d.usable)
	if err != nil {
		return Changes{}, err
	}
	made := done.Parts[0]
	left, found := c.lot(made.Lot, made.GoodUntil)
	switch {
	case !found && c.behind(made):
		return Changes{}, ShallowError{c.Key()}
	case !found:
		return Changes{}, refuse(NothingLeft)
	}
	parts := []Part{{Lot: left.ID, GoodUntil: left.GoodUntil, Principal: -left.Principal, Bonus: -left.Bonus}}
	out := c.reversal(done, parts)
	invoice, err := c.lessInvoiceable(out)
	if err != nil {
		return Changes{}, err
	}
	e := Entry{
		Kind: RechargeReversed, Of: done.ID, Original: left.Principal, Actual: left.Principal + left.Bonus,
		PayType: done.PayType, Note: r.Note, Version: EntryVersion,
		Parts: parts, Forfeits: out.forfeits, Invoice: -invoice,
	}
	d.clawBack(c, &e, done.Earned(), done.PointParts)
	d.post(c, e)
	return d.finish(c), nil
}

// behind tells whether the lot of a part may lie behind the loaded ones.
func (c *Card) behind(p Part) bool {
	if !c.MoreLots {
		return false
	}
	return len(c.Lots) == 0 || c.Lots[len(c.Lots)-1].before(Lot{ID: p.Lot, GoodUntil: p.GoodUntil})
}

// anyBehind tells whether the lots of some parts, or where they would be, may lie behind the loaded ones.
func (c *Card) anyBehind(parts []Part) bool {
	return slices.ContainsFunc(parts, func(p Part) bool {
		_, found := c.lot(p.Lot, p.GoodUntil)
		return !found && c.behind(p)
	})
}

// undoing is a card, and the entry of it that is to be undone whole and has not been yet (invariant 13). may
// tells whether the card's status allows it.
func (d *draft) undoing(number string, id EntryID, kind Kind, may func(*Card) error) (*Card, *Entry, error) {
	c, err := d.card(number)
	if err != nil {
		return nil, nil, err
	}
	e, undone, err := d.undoable(c, id, kind)
	if err != nil {
		return nil, nil, err
	}
	if err := may(c); err != nil {
		return nil, nil, err
	}
	if len(undone) > 0 {
		return nil, nil, refuse(AlreadyReversed)
	}
	return c, e, nil
}

// undoable is an entry of the card that may be undone, with the entries that undid it before.
func (d *draft) undoable(c *Card, id EntryID, kind Kind) (*Entry, []*Entry, error) {
	key := EntryKey{d.m.ID, id}
	e := d.s.entry(key)
	if e == nil || e.Card != c.ID {
		return nil, nil, refuse(EntryNotFound)
	}
	if e.Kind != kind {
		return nil, nil, refuse(NotReversible, e.Kind.String())
	}
	return e, d.s.undone[key], nil
}
