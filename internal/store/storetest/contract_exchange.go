package storetest

import (
	"fmt"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// exchange returns an exchange of the first merchant with every field.
func exchange(id string, second int) ledger.Exchange {
	return ledger.Exchange{
		Merchant: 1, At: time.Date(2026, 3, 5, 1, 0, second, 7_000_000, time.UTC), ID: id, Agent: 3, Shop: 7, Dialect: "dc78",
		Endpoint: "mb_trans", Outcome: "refused", Reason: "balance is too low", Mark: ledger.ExchangeFailed, Status: 200,
		Took: 12345 * time.Microsecond, Card: "M0001", Told: `{"body":"<b>'\"\\ 卡"}`,
	}
}

// seesExchanges looks for the newest exchange that ended in one way: third, and before it first.
func (b *books) seesExchanges(t *testing.T, third, first ledger.Exchange) {
	t.Helper()
	seen := ledger.SeenExchange{
		Merchant: 1, Agent: 3, Endpoint: "mb_trans", Outcome: "refused", Reason: "balance is too low",
	}
	got, _, err := b.s.SeenExchange(b.ctx, seen)
	b.must(err)
	same(t, "the newest of a way to end", got, third)
	seen.Before, seen.ID = third.At, third.ID
	got, _, err = b.s.SeenExchange(b.ctx, seen)
	b.must(err)
	same(t, "the one before it", got, first)
	seen.Before, seen.ID = first.At, first.ID
	if _, ok, err := b.s.SeenExchange(b.ctx, seen); err != nil || ok {
		t.Errorf("one before the first that ended so: %t, %v", ok, err)
	}
	seen.Before, seen.ID = third.At, third.ID+"A"
	got, _, err = b.s.SeenExchange(b.ctx, seen)
	b.must(err)
	same(t, "the newest before another of the same time", got, third)
	seen.Before, seen.ID = time.Time{}, ""
	seen.Reason = ""
	if _, ok, err := b.s.SeenExchange(b.ctx, seen); err != nil || ok {
		t.Errorf("one that ended otherwise: %t, %v", ok, err)
	}
}

// Exchanges are found by what they were, newest first and page by page, by their merchant only; the old ones go.
func testExchanges(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	first, second, third, others := exchange("B", 1), exchange("A", 2), exchange("C", 2), exchange("C", 2)
	others.Merchant = 2
	second.Agent, second.Shop, second.Endpoint, second.Outcome = 4, 8, "consume", "ok"
	second.Mark, second.Card = 0, "M0002"
	second.Reason = ""
	third.Mark = ledger.ExchangeSlow
	b.must(b.s.AddExchanges(b.ctx, []ledger.Exchange{third, others, first}))
	b.must(b.s.AddExchanges(b.ctx, []ledger.Exchange{second, first}))
	page := func(q ledger.ExchangeQuery) []ledger.Exchange {
		t.Helper()
		q.Merchant = 1
		q.Limit = max(q.Limit, 1)
		found, err := b.s.Exchanges(b.ctx, q)
		b.must(err)
		return found
	}
	all := []ledger.Exchange{third, second, first}
	same(t, "all", page(ledger.ExchangeQuery{Limit: 9}), all)
	same(t, "the newest", page(ledger.ExchangeQuery{Limit: 1}), all[:1])
	same(t, "those before", page(ledger.ExchangeQuery{Before: third.At, ID: "C", Limit: 1}), all[1:2])
	same(t, "the last", page(ledger.ExchangeQuery{Before: second.At, ID: "A", Limit: 9}), all[2:])
	for what, q := range map[string]ledger.ExchangeQuery{
		"an agent's": {Agent: 4}, "a shop's": {Shop: 8}, "an endpoint's": {Endpoint: "consume"},
		"those that went well": {Outcome: "ok"},
		"a card's":             {Card: "M0002"}, "a card's at an agent": {Card: "M0002", Agent: 4},
	} {
		q.Limit = 9
		same(t, what, page(q), all[1:2])
	}
	same(t, "slow ones", page(ledger.ExchangeQuery{Mark: ledger.ExchangeSlow, Limit: 9}), all[:1])
	failed := ledger.ExchangeQuery{Mark: ledger.ExchangeFailed, Card: "M0001", Limit: 9}
	same(t, "failed ones of a card", page(failed), all[2:])
	same(t, "those since", page(ledger.ExchangeQuery{Since: second.At, Limit: 9}), all[:2])
	same(t, "of no card", page(ledger.ExchangeQuery{Card: "m0001", Limit: 9}), []ledger.Exchange(nil))

	got, ok, err := b.s.Exchange(b.ctx, 1, first.At, "B")
	b.must(err)
	same(t, "one", got, first)
	if _, wrong, err := b.s.Exchange(b.ctx, 1, first.At, "b"); err != nil || wrong || !ok {
		t.Errorf("one of another name: %t, %v", wrong, err)
	}
	b.seesExchanges(t, third, first)
	b.dropsExchanges(t, all)
}

// dropsExchanges removes all of the first merchant's exchanges, a few at a time.
func (b *books) dropsExchanges(t *testing.T, all []ledger.Exchange) {
	t.Helper()
	for n := range 3 {
		b.must(b.s.AddExchanges(b.ctx, []ledger.Exchange{exchange(fmt.Sprint("old", n), -60+n)}))
	}
	drop := func(before time.Time, want bool) {
		t.Helper()
		more, err := b.s.DropExchanges(b.ctx, 1, before, 2)
		b.must(err)
		if more != want {
			t.Errorf("there are more: %t", more)
		}
	}
	before := all[2].At
	drop(before, true)
	drop(before, false)
	drop(before, false)
	left, err := b.s.Exchanges(b.ctx, ledger.ExchangeQuery{Merchant: 1, Limit: 9})
	b.must(err)
	same(t, "what is not old", left, all)
	left, err = b.s.Exchanges(b.ctx, ledger.ExchangeQuery{Merchant: 2, Limit: 9})
	b.must(err)
	if len(left) != 1 {
		t.Errorf("another merchant's: %d", len(left))
	}
}
