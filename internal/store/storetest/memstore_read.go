package storetest

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"tongka/internal/ledger"
)

// Card returns a card with all of its lots; nil if there is none of that number.
func (s *MemStore) Card(_ context.Context, key ledger.CardKey) (*ledger.Card, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.find(key)
	if c == nil {
		return nil, nil
	}
	found := cloneCard(c)
	return &found, nil
}

// Find returns the cards that have the first of id, inner code, phone and open id that the query gives, in the order
// of ledger.SortFound. If there are more than ledger.FindMost, only those opened first.
func (s *MemStore) Find(_ context.Context, q ledger.FindQuery) ([]ledger.Card, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.books[q.Merchant]
	if !ok {
		return nil, nil
	}
	var found []ledger.Card
	for _, id := range slices.Sorted(maps.Keys(b.cards)) {
		if asked(&q, b.cards[id]) && len(found) < ledger.FindMost {
			found = append(found, cloneCard(b.cards[id]))
		}
	}
	ledger.SortFound(found)
	return found, nil
}

// asked reports whether the query asks for the card.
func asked(q *ledger.FindQuery, c *ledger.Card) bool {
	switch {
	case q.ID != 0:
		return c.ID == q.ID
	case q.ExtID != "":
		return c.Details.ExtID == q.ExtID
	case q.Phone != "":
		return c.Holder.Phone == q.Phone
	default:
		return q.OpenID != "" && c.Details.OpenID == q.OpenID
	}
}

// Search returns at most q.Limit cards whose SearchText contains the key in any letter case: first the card with
// exactly that number, then by number.
func (s *MemStore) Search(_ context.Context, q ledger.SearchQuery) ([]ledger.Card, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.books[q.Merchant]
	if !ok {
		return nil, nil
	}
	key := strings.ToLower(q.Key)
	if strings.ContainsAny(key, "\n\x00") {
		return nil, nil // a key never matches across two fields
	}
	var hits []*ledger.Card
	for _, c := range b.cards {
		if strings.Contains(c.SearchText(), key) {
			hits = append(hits, c)
		}
	}
	slices.SortFunc(hits, func(x, y *ledger.Card) int {
		switch {
		case x.Key().Number == ledger.FoldNumber(q.Key):
			return -1
		case y.Key().Number == ledger.FoldNumber(q.Key):
			return 1
		}
		return strings.Compare(x.Key().Number, y.Key().Number)
	})
	var found []ledger.Card
	for _, c := range hits[:max(0, min(q.Limit, len(hits)))] {
		found = append(found, front(c))
	}
	return found, nil
}

// History returns one page of a card's journal, the newest entry first, and how many entries there are on all pages.
// It returns an empty page if there is no such card.
func (s *MemStore) History(_ context.Context, q ledger.HistoryQuery) (ledger.HistoryPage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page ledger.HistoryPage
	c := s.find(q.Card)
	if c == nil {
		return page, nil
	}
	var backs []ledger.TimeBack
	for _, e := range s.books[c.Merchant].ofCard[0] {
		if e.Kind == ledger.ClockTakenBack {
			backs = append(backs, ledger.TimeBack{Entry: e.ID, At: e.At})
		}
	}
	for _, e := range slices.Backward(s.books[c.Merchant].ofCard[c.ID]) {
		at := ledger.DoneAt(e.ID, e.At, backs)
		if !q.Filter.Chooses(e) || !q.From.IsZero() && at.Before(q.From) || !q.To.IsZero() && at.After(q.To) ||
			q.Below > 0 && e.Seq >= q.Below {
			continue
		}
		if len(page.Entries) < q.Size && page.Total/int64(q.Size) >= max(q.Page, 1)-1 {
			page.Entries = append(page.Entries, cloneEntry(e))
		}
		page.Total++
	}
	return page, nil
}

// Heads returns the heads of all merchants and, first, of the host.
func (s *MemStore) Heads(context.Context) ([]ledger.Head, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var heads []ledger.Head
	for _, id := range slices.Sorted(maps.Keys(s.books)) {
		heads = append(heads, s.books[id].head)
	}
	return heads, nil
}

// DueHolds returns at most limit cards with a hold on them that has ended by now, those first that ended first.
func (s *MemStore) DueHolds(
	_ context.Context, merchant ledger.MerchantID, now time.Time, limit int,
) ([]ledger.CardKey, error) {
	return s.dueCards(merchant, limit, func(c *ledger.Card) (due bool) {
		end := c.NextHoldEnd()
		return !end.IsZero() && !end.After(now)
	}, func(x, y *ledger.Card) int { return x.NextHoldEnd().Compare(y.NextHoldEnd()) }), nil
}

// DueCards returns at most limit cards with a bonus or points on them that were good only through a day before the
// given one, those first that expired first.
func (s *MemStore) DueCards(
	_ context.Context, merchant ledger.MerchantID, before ledger.Date, limit int,
) ([]ledger.CardKey, error) {
	return s.dueCards(merchant, limit, func(c *ledger.Card) (due bool) {
		next := c.NextExpiry()
		return next != 0 && next < before
	}, func(x, y *ledger.Card) int { return cmp.Compare(x.NextExpiry(), y.NextExpiry()) }), nil
}

// dueCards returns at most limit cards of a merchant that are due, in an order, and of those alike by it the oldest
// first.
func (s *MemStore) dueCards(
	merchant ledger.MerchantID, limit int, due func(*ledger.Card) bool, order func(x, y *ledger.Card) int,
) (keys []ledger.CardKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.books[merchant]
	if !ok {
		return nil
	}
	var found []*ledger.Card
	for _, c := range b.cards {
		if due(c) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(x, y *ledger.Card) int { return cmp.Or(order(x, y), cmp.Compare(x.ID, y.ID)) })
	for _, c := range found[:min(limit, len(found))] {
		keys = append(keys, c.Key())
	}
	return keys
}

// EachEntry calls fn with the merchant's entries after the given one, by id, and returns the first error of fn.
// Entries that are saved meanwhile are not among them.
func (s *MemStore) EachEntry(
	_ context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	var journal []*ledger.Entry
	s.mu.Lock()
	if b, ok := s.books[merchant]; ok {
		journal = b.journal
	}
	s.mu.Unlock()
	for _, kept := range journal {
		if kept.ID <= after {
			continue
		}
		e := cloneEntry(kept)
		if err := fn(&e); err != nil {
			return err
		}
	}
	return nil
}

// OwnEntries returns at most limit of the merchant's own entries, newest first, beginning with the one at a place.
func (s *MemStore) OwnEntries(
	_ context.Context, merchant ledger.MerchantID, from int64, limit int,
) (page []ledger.Entry, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.books[merchant]
	if !ok {
		return nil, nil
	}
	for _, e := range slices.Backward(b.ofCard[0]) {
		if e.Seq <= from && len(page) < limit {
			page = append(page, cloneEntry(e))
		}
	}
	return page, nil
}

// EachCard calls fn with every card of the merchant, by id, with all of its lots, and returns the first error of fn.
func (s *MemStore) EachCard(_ context.Context, merchant ledger.MerchantID, fn func(*ledger.Card) error) error {
	var cards []ledger.Card
	s.mu.Lock()
	if b, ok := s.books[merchant]; ok {
		for _, id := range slices.Sorted(maps.Keys(b.cards)) {
			cards = append(cards, cloneCard(b.cards[id]))
		}
	}
	s.mu.Unlock()
	for i := range cards {
		if err := fn(&cards[i]); err != nil {
			return err
		}
	}
	return nil
}

// EachRequest calls fn with every request of the merchant, by name, and returns the first error of fn.
func (s *MemStore) EachRequest(_ context.Context, merchant ledger.MerchantID, fn func(*ledger.Request) error) error {
	var all []ledger.Request
	s.mu.Lock()
	if b, ok := s.books[merchant]; ok {
		for _, q := range b.requests {
			all = append(all, cloneRequest(q))
		}
	}
	s.mu.Unlock()
	slices.SortFunc(all, func(x, y ledger.Request) int { return bytes.Compare(x.Name[:], y.Name[:]) })
	for i := range all {
		if err := fn(&all[i]); err != nil {
			return err
		}
	}
	return nil
}

// LevelInUse reports whether the merchant has a card of the level that is neither returned nor replaced.
func (s *MemStore) LevelInUse(
	ctx context.Context, merchant ledger.MerchantID, level ledger.LevelID,
) (used bool, err error) {
	err = s.EachCard(ctx, merchant, func(c *ledger.Card) error {
		used = used || c.Level == level && c.Status != ledger.Returned && c.Status != ledger.Replaced
		return nil
	})
	return used, err
}

// ShopInUse reports whether the merchant's journal has an entry of the shop.
func (s *MemStore) ShopInUse(
	ctx context.Context, merchant ledger.MerchantID, shop ledger.ShopID,
) (used bool, err error) {
	err = s.EachEntry(ctx, merchant, 0, func(e *ledger.Entry) error {
		used = used || e.By.Shop == shop
		return nil
	})
	return used, err
}

// PayTypeInUse reports whether the merchant's journal has an entry of the pay type.
func (s *MemStore) PayTypeInUse(
	ctx context.Context, merchant ledger.MerchantID, id ledger.PayTypeID,
) (used bool, err error) {
	err = s.EachEntry(ctx, merchant, 0, func(e *ledger.Entry) error {
		used = used || e.PayType == id
		return nil
	})
	return used, err
}
