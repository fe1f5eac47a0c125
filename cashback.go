package tongka

// Of is what is given back of a bill the card paid so much of: whole steps only, and never more than was
// paid.
func (b CashBack) Of(paid Fen) Fen {
	if b.Each <= 0 || b.Back <= 0 {
		return 0
	}
	steps := paid / b.Each
	if steps > paid/b.Back {
		return paid
	}
	return steps * b.Back
}

// giveCashBack posts what the level gives back of the bill that was just posted, as a lot of bonus.
func (d *draft) giveCashBack(c *Card, give CashBack) {
	bill := d.ch.Last()
	paid := -bill.CardMoney()
	back := give.Of(paid)
	if back == 0 {
		return
	}
	d.post(c, Entry{Kind: CashedBack, Of: bill.ID, Original: paid, Actual: back, Parts: []Part{d.lot(0, back)}})
}

// takeCashBack posts what is taken back of a bill's cash back when the card still pays so much of the
// bill. It comes off the lot that was given; what of that is spent comes off the card's other bonus, then
// off its principal, and last off bonus that the refund gave back although its day is over: that pays for
// nothing. The refund that was just posted has put at least as much on the card; where that was forfeited,
// what is not there is owed.
func (d *draft) takeCashBack(c *Card, bill *Entry, posted []*Entry, stays Fen) error {
	given, left := cashBackOf(posted)
	if given == nil {
		return nil
	}
	amount := left - bill.CashBackKept(given.Actual, stays)
	if amount == 0 {
		return nil
	}
	made := given.Parts[0]
	lot, found := c.lot(made.Lot, made.GoodUntil)
	if !found && c.behind(made) {
		return ShallowError{c.Key()}
	}
	own := Part{Lot: made.Lot, GoodUntil: made.GoodUntil, Bonus: -min(amount, lot.Bonus)}
	others := *c
	others.addLot(own)
	others.Bonus += own.Bonus
	parts, err := d.takeLiveFirst(&others, amount+own.Bonus)
	if err != nil {
		return err
	}
	if own.Bonus != 0 {
		parts = append(parts, own)
	}
	d.post(c, Entry{Kind: CashedBack, Of: bill.ID, Original: amount, Actual: amount, Parts: parts})
	return nil
}

// takeLiveFirst takes an amount from the lots, bonus first, and from bonus that is over only what the
// others do not hold.
func (d *draft) takeLiveFirst(c *Card, amount Fen) ([]Part, error) {
	live := c.Settled(d.day)
	parts, err := take(&live, min(amount, max(0, live.Amount())), BonusFirst)
	if err != nil {
		return nil, err
	}
	left := *c
	for _, p := range parts {
		amount += p.Principal + p.Bonus
		left.addLot(p)
		left.Principal += p.Principal
		left.Bonus += p.Bonus
	}
	rest, err := take(&left, amount, BonusFirst)
	return append(parts, rest...), err
}

// cashBackOf is the entry that gave a bill's cash back, nil if none did, and what is left of it after
// those that took of it again.
func cashBackOf(posted []*Entry) (given *Entry, left Fen) {
	for _, e := range posted {
		left += e.CardMoney()
		if e.CardMoney() > 0 {
			given = e
		}
	}
	return given, left
}

// CashBackKept is how much of the cash back of a bill is kept while the card still pays so much of the
// bill: in proportion and rounded down, so that a refund in pieces gains nothing.
func (e *Entry) CashBackKept(given, stays Fen) Fen {
	paid := -e.CardMoney()
	if paid <= 0 || stays <= 0 || given <= 0 {
		return 0
	}
	return Fen(mulDiv(int64(given), int64(stays), int64(paid), 0))
}

// cashBackAddsUp tells whether cash back is bonus and no more than was paid, and what was taken of it
// what the entry says.
func (e *Entry) cashBackAddsUp() bool {
	if e.CardMoney() < 0 {
		return e.Actual == e.Original && e.Actual == -e.CardMoney() && e.Principal <= 0 && e.Bonus <= 0
	}
	return e.Principal == 0 && e.Actual == e.Bonus && e.Actual > 0 && e.Actual <= e.Original
}
