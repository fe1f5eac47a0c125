package storetest

import (
	"context"
	"maps"
	"slices"

	"tongka/internal/ledger"
)

// NoteUse notes the last use of an API key.
func (s *MemStore) NoteUse(_ context.Context, u ledger.KeyUse) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uses[u.Key] = u
	return nil
}

// KeyUses returns the last use of each of a merchant's API keys that was used, by key.
func (s *MemStore) KeyUses(_ context.Context, merchant ledger.MerchantID) (found []ledger.KeyUse, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(s.uses)) {
		if u := s.uses[id]; u.Merchant == merchant {
			found = append(found, u)
		}
	}
	return found, nil
}
