package command

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"tongka/internal/ledger"
)

// ConsumeShared pays one bill with several cards, in their order. The first pays it as one card would, with its level's
// discount, its coupons and its points; each other pays what is left, as a bill of its own without discount. What the
// last one cannot pay is left to be paid elsewhere where a single card could leave it. All of them pay or none. See
// decision 0046.
type ConsumeShared struct {
	Bill  Consume // without Card and Proof, which the payers have
	Cards []Payer
}

// Payer is one of the cards that share a bill.
type Payer struct {
	Card  string
	Most  ledger.Fen // it pays at most this much; 0 = as much as it can. The last one has none: it pays the rest.
	Proof *Proof     // as in Consume
}

// Keys names the cards, and the coupons of the first.
func (p ConsumeShared) Keys() Keys {
	k := keysOf(p.numbers()...)
	k.Coupons = p.Bill.Coupons
	return k
}

func (p *ConsumeShared) numbers() []string {
	numbers := make([]string, len(p.Cards))
	for i := range p.Cards {
		numbers[i] = p.Cards[i].Card
	}
	return numbers
}

// Decide decides one bill after the other, each for what the card before it left, until nothing is left. A refusal that
// is about a card is a RowRefusal. A card that may not pay today refuses the bill even if nothing is left for it.
func (p ConsumeShared) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, p.Bill.Merchant, p.Bill.By)
	if err != nil {
		return Changes{}, err
	}
	if err := p.Bill.allowed(d); err != nil {
		return Changes{}, err
	}
	cards, err := p.payers(d)
	if err != nil {
		return Changes{}, err
	}
	bill := p.Bill
	for i := range p.Cards {
		bill.Card, bill.Proof, bill.shared.most = cards[i].Number, p.Cards[i].Proof, p.Cards[i].Most
		bill.shared.next = ""
		if i+1 < len(cards) {
			bill.shared.next = cards[i+1].Number
		}
		c, err := bill.payer(d)
		if err != nil {
			return Changes{}, ofRow(i, err)
		}
		proven := len(d.ch.Guards)
		if err := d.prove(c, bill.Proof, bill.Amount); err != nil {
			d.ch.Guards = d.ch.Guards[proven:] // what the cards before it were proved by is not used up
			return d.no(ofRow(i, err))
		}
		rest, err := bill.paidBy(d, c)
		if err != nil {
			return Changes{}, ofRow(i, err)
		}
		if rest == 0 {
			break
		}
		bill.goOn(d.billPaid(), rest)
	}
	return d.finish()
}

// payers returns the cards, each of which must be one that may pay today. It asks for what they may be proved by, all
// of it at once.
func (p *ConsumeShared) payers(d *draft) (cards []*ledger.Card, err error) {
	if len(p.Cards) == 0 || len(p.Cards) > ledger.MaxPayers {
		return nil, ledger.Refuse(ledger.BadCount)
	}
	if err := noCardTwice(p.numbers()); err != nil {
		return nil, err
	}
	var guards []ledger.GuardKey
	for i, payer := range p.Cards {
		if payer.Most < 0 || payer.Most > 0 && i == len(p.Cards)-1 {
			return nil, ofRow(i, ledger.Refuse(ledger.BadAmount, payer.Most.String()))
		}
		c, err := d.card(payer.Card)
		if err == nil {
			err = d.inUse(c)
		}
		if err != nil {
			return nil, ofRow(i, err)
		}
		if payer.Proof != nil && (payer.Proof.Password != nil || payer.Proof.Code != nil) {
			guards = append(guards, d.proofKeys(c, payer.Proof.From)...)
		}
		cards = append(cards, c)
	}
	_, err = d.guards(guards...)
	return cards, err
}

// noCardTwice refuses numbers of which two are those of one card.
func noCardTwice(numbers []string) error {
	keys := keysOf(numbers...).Cards
	for i, key := range keys {
		if slices.Contains(keys[:i], key) {
			return ofRow(i, ledger.Refuse(ledger.SameCard))
		}
	}
	return nil
}

// billPaid returns the newest bill of the draft.
func (d *draft) billPaid() *ledger.Entry {
	i := len(d.ch.Entries) - 1
	for d.ch.Entries[i].Kind != ledger.Consumed {
		i--
	}
	return &d.ch.Entries[i]
}

// goOn makes the bill that of the next card: what the one before left, without discount.
func (p *Consume) goOn(paid *ledger.Entry, rest ledger.Fen) {
	p.shared.first = paid.First()
	p.Amount, p.NoDiscount, p.Coupons, p.Points = rest, rest, nil, PointsOffered{}
	if p.EarnOn != nil {
		left := max(0, *p.EarnOn+paid.Delta())
		p.EarnOn = &left
	}
}

// RefundShared gives back what cards paid of a bill that they share, in whole or in part: what was paid last first, so
// the last card before the first. Each card gets its own as by RefundConsume.
type RefundShared struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Cards    []string          // of the bill, in any order; a card of the bill that is not named gets nothing back
	Entry    ledger.EntryID    // any entry of the bill
	Request  ledger.RequestKey // that made it; with an id, it names the bill in place of Entry
	Amount   ledger.Fen        // of what these cards paid; 0 = all that is left, even if that is only coupons and points
	Note     string
}

// Keys names the cards and the entry. Other entries of the bill are asked for once it is known.
func (r RefundShared) Keys() Keys {
	k := undo{"", r.Entry, r.Request}.keys()
	k.Cards = keysOf(r.Cards...).Cards
	return k
}

// Decide decides one refund after the other.
func (r RefundShared) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	switch {
	case r.Amount < 0:
		return Changes{}, ledger.Refuse(ledger.BadAmount)
	case len(r.Cards) == 0 || len(r.Cards) > ledger.MaxPayers:
		return Changes{}, ledger.Refuse(ledger.BadCount)
	}
	if err := noCardTwice(r.Cards); err != nil {
		return Changes{}, err
	}
	id, err := d.namedBy(undo{"", r.Entry, r.Request})
	if err != nil {
		return Changes{}, err
	}
	all, err := d.entriesOfBill(id)
	if err != nil {
		return Changes{}, err
	}
	parts, err := r.parts(d, all)
	if err != nil {
		return Changes{}, err
	}
	// No part rests on another, so what all of them ask for is asked for at once.
	var more Keys
	for _, p := range parts {
		err := p.refund.giveBack(d)
		if missing, asks := errors.AsType[NeedRecords](err); asks {
			more.Add(missing.Keys)
		} else if err != nil {
			return Changes{}, ofRow(p.row, err)
		}
	}
	if !more.Empty() {
		return Changes{}, NeedRecords{more}
	}
	return d.finish()
}

// part is what one card gets back.
type part struct {
	row    int // of the card in RefundShared.Cards
	refund RefundConsume
}

// parts returns what each of the cards gets back, the last that paid first.
func (r *RefundShared) parts(d *draft, bill []*ledger.Entry) (parts []part, err error) {
	rows, err := r.rows(d, bill)
	if err != nil {
		return nil, err
	}
	wanted := r.Amount
	for _, e := range slices.Backward(bill) {
		row, named := rows[e.ID]
		undone := d.s.undone.get(e.ID)
		if !named || !e.LeftTrace() || ledger.Undone(e, undone) {
			continue
		}
		amount := min(wanted, ledger.Refundable(e, ledger.OfKind(undone, ledger.ConsumeRefunded)))
		wanted -= amount
		if amount == 0 && r.Amount > 0 {
			continue
		}
		parts = append(parts, part{row, RefundConsume{
			Merchant: r.Merchant, By: r.By, Card: r.Cards[row], Entry: e.ID, Amount: amount, Note: r.Note,
		}})
	}
	switch {
	case wanted > 0:
		return nil, ledger.Refuse(ledger.RefundTooMuch, (r.Amount - wanted).String())
	case len(parts) == 0:
		return nil, ledger.Refuse(ledger.AlreadyReversed)
	}
	return parts, nil
}

// rows returns which card each entry of the bill is on, of those that are named. Each of these must have one.
func (r *RefundShared) rows(d *draft, bill []*ledger.Entry) (map[ledger.EntryID]int, error) {
	rows := map[ledger.EntryID]int{}
	for row, number := range r.Cards {
		c, err := d.card(number)
		if err != nil {
			return nil, ofRow(row, err)
		}
		i := slices.IndexFunc(bill, func(e *ledger.Entry) bool { return e.Card == c.ID })
		if i < 0 {
			return nil, ofRow(row, ledger.Refuse(ledger.EntryNotFound))
		}
		rows[bill[i].ID] = row
	}
	return rows, nil
}

// entriesOfBill returns all entries of a bill, in their order, by any of them. It asks for those that are unknown.
func (d *draft) entriesOfBill(id ledger.EntryID) ([]*ledger.Entry, error) {
	e := d.s.entries.get(id)
	switch {
	case e == nil:
		return nil, ledger.Refuse(ledger.EntryNotFound)
	case e.Kind != ledger.Consumed:
		return nil, ledger.Refuse(ledger.NotReversible, e.Kind.String())
	}
	if err := d.knowEntries(e.First()); err != nil {
		return nil, err
	}
	first := d.s.entries.get(e.First())
	all := append([]*ledger.Entry{first}, ledger.OfKind(d.s.undone.get(first.ID), ledger.Consumed)...)
	slices.SortFunc(all, func(a, b *ledger.Entry) int { return cmp.Compare(a.ID, b.ID) })
	ids := make([]ledger.EntryID, len(all))
	for i, e := range all {
		ids[i] = e.ID
	}
	return all, d.knowEntries(ids...)
}

// knowEntries asks for entries with those that refer to them, unless they are known.
func (d *draft) knowEntries(ids ...ledger.EntryID) error {
	unknown := func(id ledger.EntryID) bool { return !d.s.entries.knows(id) || !d.s.undone.knows(id) }
	if slices.ContainsFunc(ids, unknown) {
		return NeedRecords{Keys{Entries: ids}}
	}
	return nil
}
