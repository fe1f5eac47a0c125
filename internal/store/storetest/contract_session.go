package storetest

import (
	"testing"
	"time"

	"tongka/internal/ledger"
)

// Sessions are found by what the browser's token hashes to, and end one by one, all of a person, or by time.
func testSessions(t *testing.T, b *books) {
	at := func(hours int) time.Time { return time.Date(2026, 3, 5, hours, 0, 0, 7_000_000, time.UTC) }
	one := ledger.Session{
		Place: [32]byte{1, 0, 255}, Person: 1, MadeAt: at(1), SeenAt: at(2), Until: at(20), Address: "10.0.0.1",
		Browser: "Firefox <b> 手机",
	}
	two := ledger.Session{Place: [32]byte{2}, Person: 1, MadeAt: at(1), SeenAt: at(3), Until: at(10)}
	others := ledger.Session{Place: [32]byte{3}, Person: 2, MadeAt: at(1), SeenAt: at(1), Until: at(20)}
	for _, s := range []ledger.Session{one, two, others} {
		b.must(b.s.AddSession(b.ctx, s))
	}
	sessions := func(person ledger.PersonID) []ledger.Session {
		found, err := b.s.Sessions(b.ctx, person)
		b.must(err)
		return found
	}
	same(t, "a person's sessions, the last used first", sessions(1), []ledger.Session{two, one})
	b.must(b.s.SeeSession(b.ctx, one.Place, at(4)))
	b.must(b.s.SeeSession(b.ctx, [32]byte{9}, at(4)))
	one.SeenAt = at(4)
	got, ok, err := b.s.Session(b.ctx, one.Place)
	if err != nil || !ok {
		t.Errorf("no session where there is one: %v", err)
	}
	same(t, "a session", got, one)
	if _, ok, err := b.s.Session(b.ctx, [32]byte{9}); err != nil || ok {
		t.Errorf("a session that never was: %t, %v", ok, err)
	}
	b.must(b.s.DropSessions(b.ctx, at(2), at(10)))
	same(t, "idle ones have gone", sessions(2), []ledger.Session(nil))
	same(t, "those over have gone", sessions(1), []ledger.Session{one})
	b.must(b.s.AddSession(b.ctx, two))
	b.must(b.s.AddSession(b.ctx, others))
	b.must(b.s.EndSessions(b.ctx, 1, two.Place))
	same(t, "all but one", sessions(1), []ledger.Session{two})
	b.must(b.s.EndSession(b.ctx, two.Place))
	b.must(b.s.EndSession(b.ctx, two.Place))
	same(t, "none", sessions(1), []ledger.Session(nil))
	same(t, "another person's", sessions(2), []ledger.Session{others})
}
