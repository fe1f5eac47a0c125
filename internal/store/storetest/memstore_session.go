package storetest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"tongka/internal/ledger"
)

// AddSession adds a session.
func (s *MemStore) AddSession(_ context.Context, one ledger.Session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[one.Place] = one
	return nil
}

// SeeSession notes that a session is used.
func (s *MemStore) SeeSession(_ context.Context, place [32]byte, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one, ok := s.sessions[place]; ok {
		one.SeenAt = at
		s.sessions[place] = one
	}
	return nil
}

// EndSession removes a session.
func (s *MemStore) EndSession(_ context.Context, place [32]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, place)
	return nil
}

// EndSessions removes all sessions of a person but one.
func (s *MemStore) EndSessions(_ context.Context, person ledger.PersonID, but [32]byte) error {
	return s.dropSessions(func(one ledger.Session) bool { return one.Person == person && one.Place != but })
}

// DropSessions removes the sessions that were last used before idle, or that have ended by now.
func (s *MemStore) DropSessions(_ context.Context, idle, now time.Time) error {
	return s.dropSessions(func(one ledger.Session) bool { return one.SeenAt.Before(idle) || !now.Before(one.Until) })
}

func (s *MemStore) dropSessions(which func(ledger.Session) bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.sessions, func(_ [32]byte, one ledger.Session) bool { return which(one) })
	return nil
}

// Session returns the session at a place.
func (s *MemStore) Session(_ context.Context, place [32]byte) (ledger.Session, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, ok := s.sessions[place]
	return one, ok, nil
}

// Sessions returns the sessions of a person, those used last first.
func (s *MemStore) Sessions(_ context.Context, person ledger.PersonID) ([]ledger.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []ledger.Session
	for _, one := range s.sessions {
		if one.Person == person {
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(a, b ledger.Session) int {
		return cmp.Or(b.SeenAt.Compare(a.SeenAt), slices.Compare(a.Place[:], b.Place[:]))
	})
	return found, nil
}
