package command

import (
	"errors"
	"fmt"
	"time"

	"tongka/internal/ledger"
)

// Command is one thing a caller asks to have done.
type Command interface {
	// MerchantID is the merchant at which it is carried out. All records it names are that merchant's.
	MerchantID() ledger.MerchantID
	// Keys names every record Decide reads or writes.
	Keys() Keys
	// Decide returns the changes, a Refusal, or a NeedLots when the cards must be loaded whole
	// first, or a NeedRecords when more must be loaded. It changes nothing itself: same state and time, same answer.
	Decide(s *State, now time.Time) (Changes, error)
}

// Changes are what a command, or a batch of them, has decided at one merchant: records to save all or nothing,
// in their state after it.
type Changes struct {
	Head   *ledger.Head  // the merchant's; nil = there is nothing to save
	Opened []ledger.Card // cards that were not there before
	Cards  []ledger.Card // cards whose amounts, status, level or newest entry changed
	// of those, the ones whose number, holder, details, sums of invoices or signed bills, or forfeits changed
	Holders  []ledger.Card
	Lots     []LotChange
	Entries  []ledger.Entry       // in the order of their ids
	Coupons  []ledger.Coupon      // whole: new ones and changed ones
	Stocks   []ledger.CouponStock // of the kinds that were sent
	Guards   []ledger.Guard       // whole: new ones and changed ones
	Messages []ledger.Message     // to be sent
	Settings *ledger.Merchant     // the merchant's from now on; nil = they stay
	Requests []ledger.Request
	Refused  []RowRefusal    // of an Import: the rows that were not taken
	Replay   *ledger.Request // the answer was given before: nothing is saved
	Denied   error           // the Refusal that is answered: nothing is saved but guards

	Unchanged *ledger.Card // what was asked for was so already: this card has no new entry
}

// RowRefusal is a row of an Import or an Issue that was refused. As an error it is the refusal too.
type RowRefusal struct {
	Index   int // from 0
	Refusal ledger.Refusal
}

// Row is the place of the row as people count, from 1.
func (r RowRefusal) Row() int { return r.Index + 1 }

// Error is for logs; people's words are the dialect's.
func (r RowRefusal) Error() string { return fmt.Sprintf("row %d: %v", r.Row(), r.Refusal) }

// Unwrap is the refusal.
func (r RowRefusal) Unwrap() error { return r.Refusal }

// ofRow returns why row i cannot be done: a RowRefusal where it is refused, and any other error, such as one
// that asks for more records, as it is. An error that is no refusal must not pass for a row that was taken.
func ofRow(i int, err error) error {
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
		return RowRefusal{i, refusal}
	}
	return err
}

// LotChange is a lot of a card as it stands now. One that holds nothing is removed.
type LotChange struct {
	Merchant ledger.MerchantID
	Card     ledger.CardID
	Lot      ledger.Lot
}

// Newest is the last entry of all: what is left on its card is what is left in the end.
func (c *Changes) Newest() *ledger.Entry { return &c.Entries[len(c.Entries)-1] }

// Last is the entry the command is about: the newest, but for the cash back that goes with a bill or with
// its refund, and for what is forfeited of a refund.
func (c *Changes) Last() *ledger.Entry {
	last := len(c.Entries) - 1
	for last > 0 && c.Entries[last].Kind.Follows() {
		last--
	}
	return &c.Entries[last]
}

// Card is the named card after the command; it is Unchanged or among Opened or Cards.
func (c *Changes) Card(number string) *ledger.Card {
	number = ledger.FoldNumber(number)
	for i := range c.Opened {
		if ledger.FoldNumber(c.Opened[i].Number) == number {
			return &c.Opened[i]
		}
	}
	for i := range c.Cards {
		if ledger.FoldNumber(c.Cards[i].Number) == number {
			return &c.Cards[i]
		}
	}
	if c.Unchanged != nil && ledger.FoldNumber(c.Unchanged.Number) == number {
		return c.Unchanged
	}
	return nil
}

// ErrStale is what a store returns for a save that was decided from older records than it holds. The
// command can be loaded and decided again.
var ErrStale = errors.New("decided from stale records")

// ErrUnknown is what a store returns when it cannot tell whether a save took effect, as when the
// connection broke while the commit was under way.
var ErrUnknown = errors.New("outcome of the commit is unknown")
