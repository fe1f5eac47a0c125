package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Cursors returns the cursors of one follower at all merchants, by merchant.
func (s *MemStore) Cursors(_ context.Context, follower string) ([]ledger.Cursor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []ledger.Cursor
	for _, id := range slices.Sorted(maps.Keys(s.books)) {
		if c, ok := s.books[id].cursors[follower]; ok {
			found = append(found, c)
		}
	}
	return found, nil
}

// CursorsOf returns the cursors of all followers at one merchant, by name.
func (s *MemStore) CursorsOf(_ context.Context, merchant ledger.MerchantID) ([]ledger.Cursor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.books[merchant]
	if !ok {
		return nil, nil
	}
	var found []ledger.Cursor
	for _, name := range slices.Sorted(maps.Keys(b.cursors)) {
		found = append(found, b.cursors[name])
	}
	return found, nil
}

// EachDayTotal calls fn with the merchant's totals of the business days from first to last, both included, in the
// order of their keys. A first or last of 0 is no bound.
func (s *MemStore) EachDayTotal(
	_ context.Context, merchant ledger.MerchantID, first, last ledger.Date, fn func(*ledger.DayTotal) error,
) error {
	s.mu.Lock()
	var found []ledger.DayTotal
	if b, ok := s.books[merchant]; ok {
		for _, k := range slices.SortedFunc(maps.Keys(b.days), ledger.DayKey.Compare) {
			if (first == 0 || first <= k.Day) && (last == 0 || k.Day <= last) {
				found = append(found, ledger.DayTotal{DayKey: k, DaySums: b.days[k]})
			}
		}
	}
	s.mu.Unlock()
	return each(found, fn)
}

// OwedThrough returns what the merchant owed at the end of a business day; with 0 what it owes by all of its totals.
func (s *MemStore) OwedThrough(
	ctx context.Context, merchant ledger.MerchantID, last ledger.Date,
) (owed ledger.Owed, err error) {
	err = s.EachDayTotal(ctx, merchant, 0, last, func(t *ledger.DayTotal) error {
		owed = owed.Plus(t.DaySums)
		return nil
	})
	return owed, err
}

// SaveCursor saves a cursor whose version the caller has moved by one; the first version is 1. It returns
// command.ErrStale if the stored version is not the one before it, or if there is no such merchant.
func (s *MemStore) SaveCursor(_ context.Context, c ledger.Cursor) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.saveCursor(c)
}

// SaveDayTotals saves a cursor as SaveCursor does and adds to the totals in the same commit. With the cursor at
// entry 0 it removes all totals of the merchant, and refuses to add any.
func (s *MemStore) SaveDayTotals(_ context.Context, c ledger.Cursor, add []ledger.DayTotal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Entry == 0 && len(add) > 0 {
		return errors.New("save: totals of no entry")
	}
	if err := s.saveCursor(c); err != nil {
		return err
	}
	days := s.books[c.Merchant].days
	if c.Entry == 0 {
		clear(days)
	}
	for _, t := range add {
		days[t.DayKey] = days[t.DayKey].Plus(t.DaySums)
	}
	return nil
}

func (s *MemStore) saveCursor(c ledger.Cursor) error {
	b, ok := s.books[c.Merchant]
	if !ok || b.cursors[c.Follower].Version != c.Version-1 {
		return fmt.Errorf("cursor: %w", command.ErrStale)
	}
	b.cursors[c.Follower] = c
	return nil
}

// EachEntryInBrief calls fn with the merchant's entries after the given one, in order, with only those fields set
// that day totals are computed from.
func (s *MemStore) EachEntryInBrief(
	ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	return s.EachEntry(ctx, merchant, after, func(e *ledger.Entry) error {
		brief := ledger.Entry{
			Merchant: e.Merchant, ID: e.ID, Kind: e.Kind, At: e.At, Card: e.Card,
			By:      ledger.Caller{Agent: e.By.Agent, Shop: e.By.Shop, Operator: e.By.Operator},
			PayType: e.PayType, RefersTo: e.RefersTo, Asked: e.Asked,
			Principal: e.Principal, Bonus: e.Bonus, Points: e.Points, Gross: e.Gross, Net: e.Net,
		}
		if e.Captures() {
			brief.Released = e.Released
		}
		return fn(&brief)
	})
}
