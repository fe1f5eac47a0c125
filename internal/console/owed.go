package console

import (
	"context"
	"errors"
	"sync"

	"tongka/internal/ledger"
)

const (
	// mostSince is how many entries are read to go on from what was owed before; of more, the totals are added up anew.
	mostSince = 20_000
	// farBack is how many days back it is quicker to add up what was before than what has been since.
	farBack = 400
)

// owedCache remembers what merchants owed when somebody last looked. To add up all totals takes longer with every year.
// What was owed after an entry never changes, so from there on only later entries are added.
type owedCache struct {
	mu    sync.Mutex
	known map[ledger.MerchantID]owedAfter
}

// owedAfter is what is owed after an entry.
type owedAfter struct {
	entry ledger.EntryID
	owed  ledger.Owed
}

func (o *owedCache) get(id ledger.MerchantID) owedAfter {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.known[id]
}

func (o *owedCache) put(id ledger.MerchantID, at owedAfter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.known == nil {
		o.known = map[ledger.MerchantID]owedAfter{}
	}
	o.known[id] = at
}

// owedNow returns what the merchant owes after the last entry that the totals have counted. Where they are counted
// anew, as after they were found wrong, so is this.
func (c *call) owedNow(ctx context.Context, books DayBooks, counted ledger.EntryID) (ledger.Owed, error) {
	at := c.owed.get(c.merchant.ID)
	if at.entry == 0 || at.entry > counted || counted-at.entry > mostSince {
		owed, err := books.OwedThrough(ctx, c.merchant.ID, 0)
		if err == nil {
			c.owed.put(c.merchant.ID, owedAfter{counted, owed})
		}
		return owed, err
	}
	if at.entry == counted {
		return at.owed, nil
	}
	err := books.EachEntryInBrief(ctx, c.merchant.ID, at.entry, func(e *ledger.Entry) error {
		at.owed = at.owed.Plus(ledger.DaySums{Principal: e.Principal, Bonus: e.Bonus, Points: e.Points})
		if at.entry = e.ID; at.entry == counted {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		return ledger.Owed{}, errors.Join(err, errors.New("the totals have counted entries that are not there"))
	}
	c.owed.put(c.merchant.ID, at)
	return at.owed, nil
}

// owedBefore returns what the merchant owed when a business day began.
func (c *call) owedBefore(
	ctx context.Context, books DayBooks, day ledger.Date, counted ledger.EntryID,
) (ledger.Owed, error) {
	if day < c.businessDay().AddDays(-farBack) {
		return books.OwedThrough(ctx, c.merchant.ID, day.AddDays(-1))
	}
	owed, err := c.owedNow(ctx, books, counted)
	if err != nil {
		return owed, err
	}
	err = books.EachDayTotal(ctx, c.merchant.ID, day, 0, func(t *ledger.DayTotal) error {
		owed = owed.Plus(ledger.DaySums{Principal: -t.Principal, Bonus: -t.Bonus, Points: -t.Points})
		return nil
	})
	return owed, err
}
