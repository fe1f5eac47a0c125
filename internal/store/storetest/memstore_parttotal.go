package storetest

import (
	"context"
	"errors"
	"maps"
	"slices"

	"tongka/internal/ledger"
)

// SavePartTotals saves a cursor as SaveCursor does and adds to the totals of lots and coupons in the same commit. With
// the cursor at entry 0 it removes all such totals of the merchant, and refuses to add any.
func (s *MemStore) SavePartTotals(
	_ context.Context, c ledger.Cursor, lots []ledger.LotTotal, coupons []ledger.CouponTotal,
) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Entry == 0 && len(lots)+len(coupons) > 0 {
		return errors.New("save: totals of no entry")
	}
	if err := s.saveCursor(c); err != nil {
		return err
	}
	b := s.books[c.Merchant]
	if c.Entry == 0 {
		clear(b.lots)
		clear(b.used)
	}
	for _, t := range lots {
		b.lots[t.LotKey] = b.lots[t.LotKey].Plus(t.LotSums)
	}
	for _, t := range coupons {
		b.used[t.CouponKey] = b.used[t.CouponKey].Plus(t.CouponSums)
	}
	return nil
}

// EachLotTotal calls fn with the merchant's totals of lots of the business days from first to last, both included, in
// the order of their keys. A first or last of 0 is no bound.
func (s *MemStore) EachLotTotal(
	_ context.Context, merchant ledger.MerchantID, first, last ledger.Date, fn func(*ledger.LotTotal) error,
) error {
	s.mu.Lock()
	var found []ledger.LotTotal
	if b, ok := s.books[merchant]; ok {
		for _, k := range slices.SortedFunc(maps.Keys(b.lots), ledger.LotKey.Compare) {
			if (first == 0 || first <= k.Day) && (last == 0 || k.Day <= last) {
				found = append(found, ledger.LotTotal{LotKey: k, LotSums: b.lots[k]})
			}
		}
	}
	s.mu.Unlock()
	return each(found, fn)
}

// EachCouponTotal does for the totals of coupons what EachLotTotal does for those of lots.
func (s *MemStore) EachCouponTotal(
	_ context.Context, merchant ledger.MerchantID, first, last ledger.Date, fn func(*ledger.CouponTotal) error,
) error {
	s.mu.Lock()
	var found []ledger.CouponTotal
	if b, ok := s.books[merchant]; ok {
		for _, k := range slices.SortedFunc(maps.Keys(b.used), ledger.CouponKey.Compare) {
			if (first == 0 || first <= k.Day) && (last == 0 || k.Day <= last) {
				found = append(found, ledger.CouponTotal{CouponKey: k, CouponSums: b.used[k]})
			}
		}
	}
	s.mu.Unlock()
	return each(found, fn)
}

// each calls fn with each of the rows, until it returns an error.
func each[T any](rows []T, fn func(*T) error) error {
	for i := range rows {
		if err := fn(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// EachOf calls fn with the merchant's entries of these ids. Missing ones are skipped.
func (s *MemStore) EachOf(
	_ context.Context, merchant ledger.MerchantID, ids []ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	s.mu.Lock()
	var found []ledger.Entry
	if b, ok := s.books[merchant]; ok {
		for _, id := range ids {
			if e, ok := b.entries[id]; ok {
				found = append(found, cloneEntry(e))
			}
		}
	}
	s.mu.Unlock()
	return each(found, fn)
}
