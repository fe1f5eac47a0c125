package command

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tongka/internal/ledger"
)

// AsQuoted carries out a command only if it does what was shown before: somebody has agreed to that and to nothing
// else.
type AsQuoted struct {
	Command Command
	Quoted  Quotation
}

// Quotation stands for what a command would do. It is the same for the same amounts, balances and states, whenever it
// is taken.
type Quotation [sha256.Size]byte

// Quote returns the quotation of what was decided.
func (c *Changes) Quote() Quotation {
	effects := make([]ledger.Entry, len(c.Entries))
	for i := range c.Entries {
		effects[i] = c.effect(&c.Entries[i])
	}
	text, err := json.Marshal(struct {
		Entries   []ledger.Entry
		Unchanged bool
	}{effects, c.Unchanged != nil})
	if err != nil {
		panic(fmt.Sprintf("quotation: %v", err)) // entries are numbers and texts
	}
	return sha256.Sum256(text)
}

// effect returns a copy of an entry without what differs from one time to the other: who, when, and the numbers that
// the journal gives.
func (c *Changes) effect(of *ledger.Entry) ledger.Entry {
	e := *of
	e.ID, e.Card, e.Seq, e.Tally, e.Hash = 0, 0, 0, nil, [32]byte{}
	e.At, e.By, e.Writer, e.Asked, e.Back = time.Time{}, ledger.Caller{}, 0, 0, 0
	if e.Offer != nil { // the coupons' numbers are drawn when they are sent
		e.Coupons = nil
	}
	if e.Details != nil && e.Details.Password != "" { // it is hashed with another salt each time
		details := *e.Details
		details.Password = "set"
		e.Details = &details
	}
	isNew := func(id ledger.EntryID) bool {
		return slices.ContainsFunc(c.Entries, func(o ledger.Entry) bool { return o.ID == id })
	}
	if isNew(e.RefersTo) {
		e.RefersTo = 0
	}
	e.Allocations = slices.Clone(e.Allocations)
	for i := range e.Allocations {
		if isNew(e.Allocations[i].Lot) {
			e.Allocations[i].Lot = 0
		}
	}
	return e
}

// MerchantID returns the command's merchant.
func (q AsQuoted) MerchantID() ledger.MerchantID { return q.Command.MerchantID() }

// Keys names the command's keys.
func (q AsQuoted) Keys() Keys { return q.Command.Keys() }

func (q AsQuoted) mayMakeNoEntry() bool { return mayMakeNoEntry(q.Command) }

// Decide decides the command, and refuses if it would do something else than was shown.
func (q AsQuoted) Decide(s *State, now time.Time) (Changes, error) {
	ch, err := q.Command.Decide(s, now)
	if err != nil || ch.Denied != nil || ch.Quote() == q.Quoted {
		return ch, err
	}
	return Changes{}, ledger.Refuse(ledger.QuoteMoved)
}
