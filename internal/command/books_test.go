package command

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"tongka/internal/ledger"
)

// check verifies the books of every merchant.
func (l *memStore) check() error {
	for id := range l.merchants {
		b := books{
			l: l, merchant: id, folded: map[ledger.CardID]*ledger.Card{}, money: map[ledger.Account]ledger.Fen{},
			points: map[ledger.Account]int64{},
		}
		if err := b.check(); err != nil {
			return fmt.Errorf("merchant %d: %w", id, err)
		}
	}
	return nil
}

// books is one merchant's journal, folded again.
type books struct {
	l            *memStore
	merchant     ledger.MerchantID
	last         *ledger.Entry // the entry before the current one
	backs        []ledger.TimeBack
	folded       map[ledger.CardID]*ledger.Card
	money        map[ledger.Account]ledger.Fen
	broughtDebts ledger.Fen // what cards owed in another system
	points       map[ledger.Account]int64
}

func (b *books) check() error {
	entries := b.l.entriesOf(b.merchant)
	for i, e := range entries {
		if e.ID != ledger.EntryID(i+1) {
			return fmt.Errorf("entry %d stands where %d should", e.ID, i+1)
		}
		if err := b.add(e); err != nil {
			return fmt.Errorf("invariant %w, at entry %d (%v)", err, e.ID, e.Kind)
		}
	}
	if last := b.l.heads[b.merchant].LastEntry; last != ledger.EntryID(len(entries)) {
		return fmt.Errorf("head's last entry is %d, want %d", last, len(entries))
	}
	if err := b.sums(); err != nil {
		return err
	}
	if err := b.undone(entries); err != nil {
		return err
	}
	if err := b.coupons(entries); err != nil {
		return err
	}
	return b.compare()
}

// add folds one more entry, and checks all that a single entry can show.
func (b *books) add(e *ledger.Entry) error {
	c := b.folded[e.Card]
	if c == nil {
		c = &ledger.Card{}
		b.folded[e.Card] = c
	}
	before := *c
	if err := b.inTime(e, &before); err != nil {
		return fmt.Errorf("22: %w", err)
	}
	if e.Chain(c.Hash) != e.Hash {
		return errors.New("23: the chain does not recompute")
	}
	if _, err := c.Fold(e); err != nil {
		return fmt.Errorf("03-06, 22: %w", err)
	}
	held := c.HeldAt(e.At)
	short := held > 0 && c.Amount()+c.Details.Credit < held && len(b.backs) == 0 // in time that was taken back it may be
	if short || c.BreaksHolds(before.Free(e.At), e) {
		return fmt.Errorf("63: %v is held, and %v left", held, c.Amount())
	}
	if !slices.Equal(e.Tally, c.Tally) {
		return fmt.Errorf("25: tally is %v, want %v", e.Tally, c.Tally)
	}
	if !e.At.Equal(e.At.Truncate(time.Millisecond)) || e.At.Location() != time.UTC {
		return fmt.Errorf("22: %v is no whole millisecond in UTC", e.At)
	}
	if err := edge(&before, e); err != nil {
		return fmt.Errorf("26: %w", err)
	}
	if err := bill(e); err != nil {
		return err
	}
	if e.Kind.TakesInOrder() && !before.TookByPolicy(e) {
		return fmt.Errorf("10: %+v is not what %v takes", e.Allocations, e.SpendOrder)
	}
	return b.post(e)
}

// inTime checks that the journal goes back in time only where time was taken back, and that each card does so only
// after the newest such entry.
func (b *books) inTime(e *ledger.Entry, before *ledger.Card) error {
	if b.last != nil && e.At.Before(b.last.At) && e.Kind != ledger.ClockTakenBack {
		return errors.New("older than the entry before it")
	}
	if e.Back != 0 && e.Back != b.backs[len(b.backs)-1].Entry {
		return fmt.Errorf("goes back to entry %d", e.Back)
	}
	if was := ledger.DoneAt(e.ID-1, before.Last, b.backs); e.Card != 0 && e.At.Before(was) && len(b.backs) == 0 {
		return errors.New("older than the entry before it on its card")
	}
	if e.Kind == ledger.ClockTakenBack {
		b.backs = append(b.backs, ledger.TimeBack{Entry: e.ID, At: e.At})
	}
	b.last = e
	return nil
}

func (b *books) post(e *ledger.Entry) error {
	postings, ok := e.Postings()
	if !ok {
		return errors.New("01: moves what its kind may not move")
	}
	var money ledger.Fen
	var points int64
	for _, p := range postings {
		money, points = money+p.Money, points+p.Points
		b.money[p.Account] += p.Money
		b.points[p.Account] += p.Points
	}
	if money != 0 || points != 0 {
		return fmt.Errorf("01: postings add up to %v and %d points", money, points)
	}
	if e.Kind == ledger.BalanceOpened || e.Kind == ledger.OpeningReversed {
		for _, part := range e.Allocations {
			if part.IsDebt() { // it was spent in the other system
				b.broughtDebts -= part.Principal
			}
		}
	}
	if more := b.money[ledger.Tender] + b.money[ledger.OpeningBalances] - b.broughtDebts; more > 0 {
		return fmt.Errorf("12: %v more was paid out than was ever paid in", more)
	}
	return nil
}

// sums checks the accounts (invariant 02).
func (b *books) sums() error {
	var want, money, consumed ledger.Fen
	var wantPoints, points int64
	for _, c := range b.folded {
		consumed += c.SumConsume
		want, wantPoints = want+c.Amount(), wantPoints+c.Points-c.PointsOwed
	}
	if got := b.money[ledger.CardPrincipal] + b.money[ledger.CardBonus]; got != want {
		return fmt.Errorf("invariant 02: the cards' accounts hold %v, the cards %v", got, want)
	}
	if got := b.points[ledger.CardPoints]; got != wantPoints {
		return fmt.Errorf("invariant 02: the cards' accounts hold %d points, the cards %d", got, wantPoints)
	}
	if got := b.money[ledger.Sales]; got != consumed {
		return fmt.Errorf("invariant 25: cards paid for %v, and %v is sold", consumed, got)
	}
	for _, m := range b.money {
		money += m
	}
	for _, p := range b.points {
		points += p
	}
	if money != 0 || points != 0 || b.money[ledger.Clearing] != 0 {
		return fmt.Errorf("invariant 02: accounts sum to %v and %d points, %v is in transit", money, points,
			b.money[ledger.Clearing])
	}
	return nil
}

// compare checks the stored cards against the folded ones (invariant 03).
func (b *books) compare() error {
	stored := 0
	own := b.folded[0]
	delete(b.folded, 0)
	if h := b.l.heads[b.merchant]; (own == nil) != (h.Own == 0) || own != nil &&
		b.l.entries[row[ledger.EntryID]{b.merchant, h.Own}].Hash != own.Hash {
		return fmt.Errorf("invariant 03: entry %d is not the merchant's own newest", h.Own)
	}
	for ref, c := range b.l.cards {
		if ref.merchant != b.merchant {
			continue
		}
		stored++
		c.Lots = b.l.lotsOf(ref)
		want := b.folded[ref.key]
		if want == nil {
			return fmt.Errorf("card %d has no entry", ref.key)
		}
		if got, want := fmt.Sprintf("%+v", c), fmt.Sprintf("%+v", *want); got != want {
			return fmt.Errorf("invariant 03: card %d is stored as\n%s\nits entries fold to\n%s", ref.key, got, want)
		}
		if !bytes.Equal(c.Hash[:], want.Hash[:]) || ledger.PrincipalOf(c.Lots) != c.Principal ||
			ledger.BonusOf(c.Lots) != c.Bonus {
			return fmt.Errorf("invariant 03: card %d: lots do not add up to its balances", ref.key)
		}
		if want.MustForfeit() {
			return fmt.Errorf("card %d got bonus back that was to be forfeited", ref.key)
		}
		if rows := b.l.lotsApart(ref); !c.LotsApart && len(rows) > 0 {
			return fmt.Errorf("invariant 03: card %d has its lots with it, and %d rows of lots besides", ref.key, len(rows))
		}
	}
	if stored != len(b.folded) || ledger.CardID(stored) != b.l.heads[b.merchant].LastCard {
		return fmt.Errorf("%d cards stored, %d in the journal, %d counted", stored, len(b.folded),
			b.l.heads[b.merchant].LastCard)
	}
	return nil
}
