package storetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tongka/internal/ledger"
)

// AddExchanges adds exchanges, except those that are there.
func (s *MemStore) AddExchanges(_ context.Context, all []ledger.Exchange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range all {
		if i, there := slices.BinarySearchFunc(s.exchanges, x, compareExchanges); !there {
			s.exchanges = slices.Insert(s.exchanges, i, x)
		}
	}
	return nil
}

// DropExchanges removes the oldest exchanges of a merchant from before a time.
func (s *MemStore) DropExchanges(
	_ context.Context, merchant ledger.MerchantID, before time.Time, most int,
) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	s.exchanges = slices.DeleteFunc(s.exchanges, func(x ledger.Exchange) bool {
		over := x.Merchant == merchant && x.At.Before(before) && n < most
		if over {
			n++
		}
		return over
	})
	return n == most, nil
}

// Exchange returns an exchange.
func (s *MemStore) Exchange(_ context.Context, merchant ledger.MerchantID, at time.Time, id string) (
	ledger.Exchange, bool, error,
) {
	return s.newestExchange(func(x *ledger.Exchange) bool {
		return x.Merchant == merchant && x.At.Equal(at) && x.ID == id
	})
}

// SeenExchange returns the newest exchange of an agent that ended in a way.
func (s *MemStore) SeenExchange(_ context.Context, q ledger.SeenExchange) (ledger.Exchange, bool, error) {
	before := ledger.Exchange{Merchant: q.Merchant, At: q.Before, ID: q.ID}
	return s.newestExchange(func(x *ledger.Exchange) bool {
		ended := ledger.SeenExchange{
			Merchant: x.Merchant, Agent: x.Agent, Endpoint: x.Endpoint, Outcome: x.Outcome, Reason: x.Reason,
			Before: q.Before, ID: q.ID,
		}
		return q == ended && (q.Before.IsZero() || compareExchanges(*x, before) < 0)
	})
}

func (s *MemStore) newestExchange(wanted func(*ledger.Exchange) bool) (x ledger.Exchange, ok bool, err error) {
	found := s.exchangesOf(1, wanted)
	if len(found) == 0 {
		return x, false, nil
	}
	return found[0], true, nil
}

// Exchanges returns a page of exchanges.
func (s *MemStore) Exchanges(_ context.Context, q ledger.ExchangeQuery) ([]ledger.Exchange, error) {
	before := ledger.Exchange{Merchant: q.Merchant, At: q.Before, ID: q.ID}
	return s.exchangesOf(q.Limit, func(x *ledger.Exchange) bool {
		return x.Merchant == q.Merchant && wants(q.Agent, x.Agent) && wants(q.Shop, x.Shop) &&
			wants(q.Endpoint, x.Endpoint) && wants(q.Outcome, x.Outcome) && wants(q.Mark, x.Mark) &&
			wants(q.Card, x.Card) && !x.At.Before(q.Since) && (q.Before.IsZero() || compareExchanges(*x, before) < 0)
	}), nil
}

// wants reports whether a value is the one that is asked for, or none is.
func wants[T comparable](want, is T) bool {
	var none T
	return want == none || want == is
}

// exchangesOf returns the newest exchanges that are wanted.
func (s *MemStore) exchangesOf(limit int, wanted func(*ledger.Exchange) bool) (found []ledger.Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range slices.Backward(s.exchanges) {
		if len(found) < limit && wanted(&x) {
			found = append(found, x)
		}
	}
	return found
}

func compareExchanges(a, b ledger.Exchange) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Merchant, b.Merchant))
}
