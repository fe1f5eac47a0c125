package command

import (
	"errors"
	"fmt"
	"time"

	"tongka/internal/ledger"
)

// Command is one thing a caller asks to have done.
type Command interface {
	// MerchantID returns the merchant at which the command is carried out. All records it names are that merchant's.
	MerchantID() ledger.MerchantID
	// Keys names every record that Decide reads or writes.
	Keys() Keys
	// Decide returns the changes, a Refusal, a NeedLots if all lots of a card must be loaded first, or a NeedRecords if
	// more records must be loaded. It changes nothing itself: the same state and time give the same result.
	Decide(s *State, now time.Time) (Changes, error)
}

// Changes is what a command, or a batch of them, has decided at one merchant: the records to save, in their new
// state. All of them are saved or none.
type Changes struct {
	Head   *ledger.Head  // the merchant's; nil = nothing to save
	Opened []ledger.Card // cards that did not exist before
	Cards  []ledger.Card // cards whose amounts, status, level or newest entry changed
	// Holders are those of Cards whose number, holder, details, invoiceable amount, charged bills, forfeits or holds
	// changed. They are a list of their own so that a save, which writes these columns apart, need not go through all
	// entries.
	Holders  []ledger.Card
	Freed    []string // folded numbers that cards of Holders had and that are free from now on
	Lots     []LotChange
	Entries  []ledger.Entry       // in the order of their ids
	Coupons  []ledger.Coupon      // complete: new and changed ones
	Stocks   []ledger.CouponStock // of the kinds that were sent
	Guards   []ledger.Guard       // complete: new and changed ones
	Webhooks []ledger.Webhook     // complete: new and changed ones
	Unhooked []ledger.WebhookKey  // of which nothing that is stored stays, but what Webhooks has
	Messages []ledger.Message     // to be sent
	Settings *ledger.Merchant     // the merchant's new settings; nil = unchanged
	Agents   []ledger.Agent       // the host's: complete, new and changed ones
	People   []ledger.Person      // the host's: complete, new and changed ones
	Added    []ledger.Merchant    // the host's: new merchants
	Requests []ledger.Request
	Refused  []RowRefusal    // of an Import: the rows that were refused
	Replay   *ledger.Request // the request was carried out before, and this is its answer; nothing is saved
	Denied   error           // the Refusal to answer; only guards are saved

	Unchanged *ledger.Card // the card already was as asked for; it has no new entry
}

// RowRefusal is a refused row of an Import or an Issue, or a refused card of several that share a bill. As an error it
// wraps the refusal.
type RowRefusal struct {
	Index   int // from 0
	Refusal ledger.Refusal
}

// Row returns the number of the row as people count, from 1.
func (r RowRefusal) Row() int { return r.Index + 1 }

// Error is for logs; texts for people are the dialect's.
func (r RowRefusal) Error() string { return fmt.Sprintf("row %d: %v", r.Row(), r.Refusal) }

// Unwrap returns the refusal.
func (r RowRefusal) Unwrap() error { return r.Refusal }

// ofRow returns why row i cannot be done: a RowRefusal if it was refused, and any other error, such as one that asks
// for more records, unchanged. If such an error were ignored, the row would count as done.
func ofRow(i int, err error) error {
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
		return RowRefusal{i, refusal}
	}
	return err
}

// LotChange is the new state of a lot of a card. An empty lot is removed.
type LotChange struct {
	Merchant ledger.MerchantID
	Card     ledger.CardID
	Lot      ledger.Lot
}

// Newest returns the last of all entries. The balances after it are the card's final ones.
func (c *Changes) Newest() *ledger.Entry { return &c.Entries[len(c.Entries)-1] }

// Last returns the entry the command is about: the newest, except the cash back and the forfeits that follow a bill
// or its refund.
func (c *Changes) Last() *ledger.Entry {
	last := len(c.Entries) - 1
	for last > 0 && c.Entries[last].Kind.Follows() {
		last--
	}
	return &c.Entries[last]
}

// About returns the card of Last after the command.
func (c *Changes) About() *ledger.Card {
	id := c.Last().Card
	for _, cards := range [...][]ledger.Card{c.Cards, c.Opened} {
		for i := range cards {
			if cards[i].ID == id {
				return &cards[i]
			}
		}
	}
	panic(fmt.Sprintf("card %d has an entry and is not among the changes", id))
}

// Card returns the named card after the command, which is Unchanged or in Opened or Cards; otherwise nil.
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

// ErrStale is returned by a store for a save that was decided from older records than it holds. The command can be
// loaded and decided again.
var ErrStale = errors.New("decided from stale records")

// ErrUnknown is returned by a store that cannot tell whether a save took effect, for instance because the connection
// broke during the commit.
var ErrUnknown = errors.New("outcome of the commit is unknown")
