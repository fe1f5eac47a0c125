package store

import (
	"context"
	"fmt"
	"time"

	"tongka/internal/ledger"
)

// AddSession adds the session of somebody who has signed in.
func (s *Store) AddSession(ctx context.Context, one ledger.Session) error {
	row := rowsFor(addSession, 1).bytes(one.Place[:]).int(int64(one.Person)).time(one.MadeAt).time(one.SeenAt)
	row.time(one.Until).text(one.Address).text(one.Browser)
	return s.write(ctx, write{addSession, row})
}

// SeeSession notes that a session is used. One that has ended meanwhile stays so.
func (s *Store) SeeSession(ctx context.Context, place [32]byte, at time.Time) error {
	return s.write(ctx, write{seeSession, rowsFor(seeSession, 1).bytes(place[:]).time(at)})
}

// EndSession removes a session, if it is there.
func (s *Store) EndSession(ctx context.Context, place [32]byte) error {
	return s.write(ctx, write{endSession, rowsFor(endSession, 1).bytes(place[:])})
}

// EndSessions removes all sessions of a person but one; the zero place is none.
func (s *Store) EndSessions(ctx context.Context, person ledger.PersonID, but [32]byte) error {
	return s.write(ctx, write{endSessions, rowsFor(endSessions, 1).int(int64(person)).bytes(but[:])})
}

// DropSessions removes the sessions that were last used before idle, or that have ended by now.
func (s *Store) DropSessions(ctx context.Context, idle, now time.Time) error {
	return s.write(ctx, write{dropSessions, rowsFor(dropSessions, 1).time(idle).time(now)})
}

// Session returns the session at a place; ok is false if there is none.
func (v *View) Session(ctx context.Context, place [32]byte) (one ledger.Session, ok bool, err error) {
	err = v.q.read(ctx, query{sessionAt, rowsFor(sessionAt, 1).bytes(place[:]), func(r record) error {
		one, err = readSession(r)
		ok = err == nil
		return err
	}})
	if err != nil {
		return one, false, fmt.Errorf("session: %w", err)
	}
	return one, ok, nil
}

// Sessions returns the sessions of a person, those used last first.
func (v *View) Sessions(ctx context.Context, person ledger.PersonID) ([]ledger.Session, error) {
	var found []ledger.Session
	err := v.q.read(ctx, query{sessionsOf, rowsFor(sessionsOf, 1).int(int64(person)), func(r record) error {
		one, err := readSession(r)
		found = append(found, one)
		return err
	}})
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return found, nil
}

func readSession(r record) (one ledger.Session, err error) {
	if one.Place, err = readHash(r); err != nil {
		return one, err
	}
	one.Person = ledger.PersonID(r.int())
	one.MadeAt, one.SeenAt, one.Until = readTime(r), readTime(r), readTime(r)
	one.Address, one.Browser = r.text(), r.text()
	return one, nil
}
