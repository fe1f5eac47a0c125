package storetest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// outboxRow is a message with when it is due next and whether it is settled.
type outboxRow struct {
	ledger.Parcel
	nextAt time.Time
	done   bool
	ended  time.Time
	why    string // it was given up
}

// UsedStep returns the time step of the last member code that was used with a card; 0 if none was, or so long ago
// that its guard has been dropped.
func (s *MemStore) UsedStep(_ context.Context, merchant ledger.MerchantID, card ledger.CardID) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.books[merchant]
	if !ok {
		return 0, nil
	}
	return b.guards[command.StepGuard(card)].Count, nil
}

func (b *book) checkMessages(ch *command.Changes) error {
	for _, m := range ch.Messages {
		if b.outbox[m.ID] != nil {
			return fmt.Errorf("message: %w", command.ErrStale)
		}
	}
	return nil
}

func (b *book) putGuards(ch *command.Changes) {
	for _, g := range ch.Guards {
		b.guards[g.GuardKey] = g
	}
	for _, m := range ch.Messages {
		m.Sealed = slices.Clone(m.Sealed)
		b.outbox[m.ID] = &outboxRow{Parcel: ledger.Parcel{Message: m}, nextAt: m.At}
	}
}

// EachGuard calls fn with every guard of the merchant, by key, and returns the first error of fn.
func (s *MemStore) EachGuard(_ context.Context, merchant ledger.MerchantID, fn func(*ledger.Guard) error) error {
	var all []ledger.Guard
	s.mu.Lock()
	if b, ok := s.books[merchant]; ok {
		all = slices.SortedFunc(maps.Values(b.guards), func(x, y ledger.Guard) int {
			return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Subject, y.Subject))
		})
	}
	s.mu.Unlock()
	for i := range all {
		if err := fn(&all[i]); err != nil {
			return err
		}
	}
	return nil
}

// DropGuards removes the guards whose end is before the given time. Guards without an end stay.
func (s *MemStore) DropGuards(_ context.Context, before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.books {
		for key, g := range b.guards {
			if !g.Until.IsZero() && g.Until.Before(before) {
				delete(b.guards, key)
			}
		}
	}
	return nil
}

// Outbox returns at most limit messages of all merchants that are due, the oldest first.
func (s *MemStore) Outbox(_ context.Context, now time.Time, limit int) ([]ledger.Parcel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []ledger.Parcel
	for _, b := range s.books {
		for _, row := range b.outbox {
			if !row.done && !row.nextAt.After(now) {
				p := row.Parcel
				p.Sealed = slices.Clone(p.Sealed)
				due = append(due, p)
			}
		}
	}
	slices.SortFunc(due, func(a, b ledger.Parcel) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Merchant, b.Merchant), cmp.Compare(a.ID, b.ID))
	})
	return due[:min(len(due), limit)], nil
}

// Failing returns how many of the merchant's messages could not be sent so far and will be tried again.
func (s *MemStore) Failing(_ context.Context, merchant ledger.MerchantID) (n int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.books[merchant]; ok {
		for _, row := range b.outbox {
			if !row.done && row.Tries > 1 {
				n++
			}
		}
	}
	return n, nil
}

// GivenUp returns at most limit of the merchant's messages that were given up, the newest first.
func (s *MemStore) GivenUp(_ context.Context, merchant ledger.MerchantID, limit int) (all []ledger.GivenUp, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.books[merchant]; ok {
		for _, row := range b.outbox {
			if row.why != "" {
				all = append(all, ledger.GivenUp{Card: row.Card, EndedAt: row.ended, Tries: row.Tries})
			}
		}
	}
	slices.SortFunc(all, func(a, b ledger.GivenUp) int { return b.EndedAt.Compare(a.EndedAt) })
	return all[:min(len(all), limit)], nil
}

// Guards returns the guards that a query asks for.
func (s *MemStore) Guards(ctx context.Context, q ledger.GuardQuery) (all []ledger.Guard, err error) {
	looks := 0
	err = s.EachGuard(ctx, q.Merchant, func(g *ledger.Guard) error {
		if g.Kind != q.Kind {
			return nil
		}
		if looks++; looks <= q.Looks && g.Count >= q.Least && g.Until.After(q.After) && len(all) < q.Limit {
			all = append(all, *g)
		}
		return nil
	})
	return all, err
}

// Claim counts one more try of the message and holds it back until the given time. It returns command.ErrStale if
// somebody else has claimed or settled it since p was read.
func (s *MemStore) Claim(_ context.Context, p ledger.Parcel, until time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	row := s.books[p.Merchant].outbox[p.ID]
	if row == nil || row.done || row.Tries != p.Tries {
		return fmt.Errorf("message: %w", command.ErrStale)
	}
	row.Tries, row.nextAt = row.Tries+1, until
	return nil
}

// Settle ends a message: it is not sent again, and its text is removed.
func (s *MemStore) Settle(_ context.Context, p ledger.Parcel, at time.Time, failure string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if row := s.books[p.Merchant].outbox[p.ID]; row != nil { // a message that was dropped needs no settling
		row.done, row.ended, row.why, row.Sealed = true, at, failure, nil
	}
	return nil
}

// DropMessages removes the messages that were made before the given time, settled or not.
func (s *MemStore) DropMessages(_ context.Context, before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.books {
		for id, row := range b.outbox {
			if row.At.Before(before) {
				delete(b.outbox, id)
			}
		}
	}
	return nil
}
