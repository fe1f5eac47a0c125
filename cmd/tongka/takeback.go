package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tongka/internal/clock"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

const (
	// A server that still uses the wrong time may date another entry by it before it learns that the time was taken
	// back. So the journals are looked at again, up to this many times at this interval.
	takeBackTries = 10
	takeBackWait  = 2 * time.Second
	// windowStep is the number of entries per step back in the search for where the wrong time began.
	windowStep = 1000
	// notDoneTries bounds how often a command that was not carried out is tried again, every 200 ms.
	notDoneTries = 50
)

// tookBack is what taking the time back did, with the sums of what is there again.
type tookBack struct {
	merchants int // number of merchants whose journal was ahead
	cards     map[ledger.CardKey]bool
	bonus     ledger.Fen
	points    int64
	coupons   int
	// A line for each card that did not keep the bonus that came back, whose points did not, or that is closed.
	forfeits []string
}

// wrongTime is what was recorded in time that was taken back.
type wrongTime struct {
	expired []*ledger.Entry            // entries that made something expire
	sentTo  map[ledger.CardID][]string // to which cards principal went whose bonus was not there
	lost    []lostPoints
	// On their way to be lost: points that came back because their money left, to be taken off with it.
	leaving map[ledger.CardID]int64
	merges  merges
	right   ledger.Date // no later than the day to which the time was taken back
}

// lostPoints are points of a rule that expired by the wrong time, so that they did not go along when the money for
// which they were given was sent to another card.
type lostPoints struct {
	from   ledger.CardID
	to     string
	points int64
}

// takeBackTime takes the time back at all merchants whose journal is ahead of now, and restores what expired in the
// time that was ahead. It also restores what an earlier call that was cut short has left.
func (b *books) takeBackTime(ctx context.Context, now time.Time, by ledger.Caller, note string) (*tookBack, error) {
	took := &tookBack{cards: map[ledger.CardKey]bool{}}
	done := map[ledger.MerchantID]bool{}
	for try := 0; ; try++ {
		n, err := b.takeBackOnce(ctx, now, by, note, done)
		if err != nil {
			return took, err
		}
		if n == 0 {
			break
		}
		if try == takeBackTries {
			return took, errors.New("another server goes on dating entries ahead: set its clock right, or stop it")
		}
		if err := sleep(ctx, takeBackWait); err != nil {
			return took, err
		}
	}
	delete(done, ledger.HostID) // the host does not count as a merchant
	took.merchants = len(done)
	if err := errors.Join(b.SaveSeen(ctx, now), b.clock.Look(ctx)); err != nil {
		return took, err
	}
	heads, err := b.Heads(ctx)
	if err != nil {
		return took, err
	}
	for _, h := range heads {
		if h.TakenBack == 0 {
			continue
		}
		if err := b.restore(ctx, h, by, took); err != nil {
			return took, fmt.Errorf("merchant %d: %w", h.Merchant, err)
		}
	}
	return took, nil
}

// takeBackOnce takes the time back at each merchant whose journal is ahead of now, and returns at how many. It also
// drops guards, such as locks after wrong passwords, that end later than now: those that the wrong clock set would end
// too late. It drops them first, so that a call which was cut short in between is made good by the next.
func (b *books) takeBackOnce(
	ctx context.Context, now time.Time, by ledger.Caller, note string, done map[ledger.MerchantID]bool,
) (n int, err error) {
	heads, err := b.Heads(ctx)
	if err != nil {
		return 0, err
	}
	for _, h := range heads {
		if h.LastAt.Sub(now) <= clock.Step {
			continue
		}
		if err := b.DropGuardsAfter(ctx, h.Merchant, now); err != nil {
			return n, err
		}
		if _, err := b.engine.Do(ctx, command.TakeBackTime{Merchant: h.Merchant, By: by, At: now, Note: note}); err != nil {
			return n, fmt.Errorf("merchant %d: %w", h.Merchant, err)
		}
		done[h.Merchant] = true
		n++
	}
	return n, nil
}

// restore gives back what expired at a merchant in the time that was last taken back.
func (b *books) restore(ctx context.Context, h ledger.Head, by ledger.Caller, took *tookBack) error {
	back, err := b.entry(ctx, h.Merchant, h.TakenBack)
	if err != nil {
		return err
	}
	wrong, err := b.wrongTime(ctx, h.Merchant, back)
	if err != nil {
		return err
	}
	for _, e := range wrong.expired {
		if err := b.reverse(ctx, e, wrong.sentTo[e.Card], by, took); err != nil {
			return fmt.Errorf("entry %d: %w", e.ID, err)
		}
	}
	for _, l := range wrong.lost {
		cards, err := b.Find(ctx, ledger.FindQuery{Merchant: h.Merchant, ID: l.from})
		if err != nil || len(cards) == 0 {
			return errors.Join(err, errOnlyIf(err == nil, "a card is not there"))
		}
		took.forfeits = append(took.forfeits, fmt.Sprintf("merchant %d, card %s: %d points that had expired did not go "+
			"along when the principal they were given for was sent to card %s", h.Merchant, cards[0].Number, l.points, l.to))
	}
	lines, err := b.toldMerges(ctx, h.Merchant, &wrong)
	took.forfeits = append(took.forfeits, lines...)
	return err
}

// entry returns one of a merchant's entries, or an error if it does not exist.
func (b *books) entry(
	ctx context.Context, merchant ledger.MerchantID, id ledger.EntryID,
) (found *ledger.Entry, err error) {
	err = b.EachEntry(ctx, merchant, id-1, func(e *ledger.Entry) error {
		found = e
		return errFound
	})
	if err != nil && !errors.Is(err, errFound) {
		return nil, err
	}
	if found == nil || found.ID != id {
		return nil, fmt.Errorf("entry %d is not there", id)
	}
	return found, nil
}

// errFound ends a walk over entries early.
var errFound = errors.New("found")

// wrongTime looks at the entries of the time that the entry back took back: those before it that are dated later than
// it. The search steps back until it finds an entry that is not.
func (b *books) wrongTime(ctx context.Context, merchant ledger.MerchantID, back *ledger.Entry) (wrongTime, error) {
	wrong := wrongTime{
		sentTo: map[ledger.CardID][]string{}, leaving: map[ledger.CardID]int64{},
		merges: merges{gone: map[ledger.CardID]*expiredOf{}},
		right:  ledger.EarliestDay(back.At),
	}
	first := back.ID
	for first > 1 {
		first = max(1, first-windowStep)
		e, err := b.entry(ctx, merchant, first)
		if err != nil {
			return wrong, err
		}
		if !e.At.After(back.At) {
			break
		}
	}
	err := b.EachEntry(ctx, merchant, first-1, func(e *ledger.Entry) error {
		if e.ID >= back.ID {
			return errFound
		}
		if e.At.After(back.At) {
			wrong.add(e)
		}
		return nil
	})
	if errors.Is(err, errFound) {
		err = nil
	}
	return wrong, err
}

func (w *wrongTime) add(e *ledger.Entry) {
	if expires(e) {
		w.expired = append(w.expired, e)
	}
	to := w.sentTo[e.Card]
	if e.Kind == ledger.TransferredOut && len(e.Forfeits) > 0 && !slices.Contains(to, e.OtherCard) {
		w.sentTo[e.Card] = append(to, e.OtherCard)
	}
	w.addPoints(e)
	w.merges.add(e, w.right)
}

// addPoints notes points that would have been good at the right time, came back for a transfer and were taken off by
// it.
func (w *wrongTime) addPoints(e *ledger.Entry) {
	switch {
	case e.Kind == ledger.ExpiryReversed:
		for _, p := range e.PointAllocations {
			if p.GoodUntil >= w.right {
				w.leaving[e.Card] += p.Points
			}
		}
	case e.Kind == ledger.TransferredOut && w.leaving[e.Card] > 0:
		w.lost = append(w.lost, lostPoints{e.Card, e.OtherCard, w.leaving[e.Card]})
		fallthrough
	default:
		delete(w.leaving, e.Card)
	}
}

// expires reports whether an entry made lots or coupons expire that can be restored: those of a returned card cannot.
func expires(e *ledger.Entry) bool {
	if e.Kind == ledger.LotsExpired {
		return true
	}
	for _, p := range e.Coupons {
		if p.State == ledger.Expired && e.Kind != ledger.CardReturned {
			return true
		}
	}
	return false
}

// reverse restores what an entry made expire, and adds it to took, unless it was restored before. sentTo are the cards
// to which the card's principal went in the wrong time.
func (b *books) reverse(
	ctx context.Context, e *ledger.Entry, sentTo []string, by ledger.Caller, took *tookBack,
) error {
	cards, err := b.Find(ctx, ledger.FindQuery{Merchant: e.Merchant, ID: e.Card})
	if err != nil || len(cards) == 0 {
		return errors.Join(err, errOnlyIf(err == nil, "its card is not there"))
	}
	cmd := command.ReverseExpiry{Merchant: e.Merchant, By: by, Card: cards[0].Number, Entry: e.ID}
	changes, err := b.engine.Do(ctx, cmd)
	for try := 0; errors.Is(err, engine.ErrNotDone) && try < notDoneTries; try++ {
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return err
		}
		changes, err = b.engine.Do(ctx, cmd)
	}
	if _, refused := errors.AsType[ledger.Refusal](err); refused {
		return nil // restored already, expired by the right time too, or the card was closed since
	}
	if err != nil {
		return err
	}
	took.add(&cards[0], changes.Entries, sentTo)
	return nil
}

// add adds what entries gave back to a card, less what was forfeited of it at once.
func (t *tookBack) add(c *ledger.Card, entries []ledger.Entry, sentTo []string) {
	var forfeited ledger.Fen
	for i := range entries {
		e := &entries[i]
		t.bonus += e.Bonus
		t.points += e.Points
		t.coupons += len(e.Coupons)
		if e.Kind == ledger.BonusForfeited {
			forfeited += e.Net
		}
	}
	t.cards[c.Key()] = true
	if forfeited > 0 {
		how := "paid out"
		if len(sentTo) > 0 {
			how = "sent to card " + strings.Join(sentTo, ", ")
		}
		t.forfeits = append(t.forfeits, fmt.Sprintf("merchant %d, card %s: a bonus of %v that came back was forfeited, "+
			"because the principal it was given for had been %s", c.Merchant, c.Number, forfeited, how))
	}
}

func errOnlyIf(bad bool, text string) error {
	if bad {
		return errors.New(text)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
