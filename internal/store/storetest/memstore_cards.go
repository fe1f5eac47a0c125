package storetest

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"tongka/internal/ledger"
)

// Cards returns the next of a merchant's cards, by number, that a filter chooses, and where to go on.
func (s *MemStore) Cards(_ context.Context, q ledger.CardsQuery) (page ledger.CardsPage, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.books[q.Merchant]
	if !ok || q.Limit < 1 {
		return page, nil
	}
	looks, last := cmp.Or(q.Looks, ledger.CardsLooked), ""
	for _, number := range slices.Sorted(maps.Keys(b.numbers)) {
		if number <= q.After {
			continue
		}
		if looks == 0 || len(page.Cards) == q.Limit {
			page.Next = last
			break
		}
		looks, last = looks-1, number
		if c := b.cards[b.numbers[number]]; q.Filter.Chooses(c) {
			page.Cards = append(page.Cards, front(c))
		}
	}
	return page, nil
}
