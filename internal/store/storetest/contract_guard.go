package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// withPassword opens a card with 100.00 on it whose password is "right".
func withPassword(number string) command.Open {
	o := open(number)
	o.Card.Kind, o.Card.Principal, o.Card.Details.Password = ledger.Common, 100_00, "right"
	return o
}

func pay(number, typed string) command.Consume {
	c := consume(number, 1_00)
	c.Proof = &command.Proof{From: "10.0.0.1", Password: func(kept string) bool { return typed == kept }}
	return c
}

// guards returns the guards that are stored under the keys at merchant 1.
func (b *books) guards(keys ...ledger.GuardKey) []ledger.Guard {
	b.t.Helper()
	return b.records(1, command.Keys{Guards: keys}).Guards
}

// A guard comes back as it was saved and belongs to one merchant. DropGuards removes it once its end has passed; one
// without an end is kept permanently.
func testGuards(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	key := ledger.GuardKey{Kind: ledger.PasswordAtAgent, Subject: "1/9 <b>&\"'\\"}
	other := key
	other.Kind = ledger.PasswordOfCard
	first := ledger.Guard{Merchant: 1, GuardKey: key, Count: 7, Until: b.now, Hash: [32]byte{1, 31: 2}}
	forever := ledger.Guard{Merchant: 1, GuardKey: other, Count: 99}
	save := func(id ledger.MerchantID, guards ...ledger.Guard) error {
		head := b.records(id, command.Keys{Head: true}).Head
		return b.s.Save(b.ctx, command.Changes{Head: &head, Guards: guards})
	}
	b.must(save(1, first, forever))
	same(t, "guards", b.guards(key, other), []ledger.Guard{first, forever})
	var each []ledger.Guard
	b.must(b.s.EachGuard(b.ctx, 1, func(g *ledger.Guard) error {
		each = append(each, *g)
		return nil
	}))
	same(t, "each guard", each, []ledger.Guard{first, forever})
	first.Count, first.Until, first.Hash = 8, b.now.Add(time.Hour), [32]byte{}
	b.must(save(1, first))
	same(t, "changed", b.guards(key), []ledger.Guard{first})
	if err := b.s.Save(b.ctx, command.Changes{Guards: []ledger.Guard{first}}); err == nil {
		t.Error("a guard was kept without its merchant's head")
	}
	late := ledger.Guard{Merchant: 2, GuardKey: key, Count: 1, Until: b.now.Add(2 * time.Hour)}
	b.must(save(2, late))
	b.must(b.s.DropGuards(b.ctx, b.now.Add(time.Hour)))
	same(t, "not over yet", b.guards(key), []ledger.Guard{first})
	b.must(b.s.DropGuards(b.ctx, b.now.Add(time.Hour+1*time.Millisecond)))
	same(t, "forgotten", b.guards(key, other), []ledger.Guard{forever})
	same(t, "kept for the other merchant", b.records(2, command.Keys{Guards: []ledger.GuardKey{key}}).Guards,
		[]ledger.Guard{
			late,
		})
	b.must(save(2, ledger.Guard{Merchant: 2, GuardKey: command.StepGuard(7), Count: 59_000_000}))
	for card, want := range map[ledger.CardID]int64{7: 59_000_000, 8: 0} {
		got, err := b.s.UsedStep(b.ctx, 2, card)
		b.must(err)
		same(t, "used step", got, want)
	}
}

// However many callers guess at once, in batches and through two engines, exactly three wrong passwords are
// compared, because the check, the count and the effect are in one commit.
func testGuardsRace(t *testing.T, b *books) {
	b.do(withPassword("10001"), withPassword("10002"))
	engines := []*engine.Engine{engine.New(b.s, engine.Config{}), engine.New(b.s, engine.Config{})}
	var mu sync.Mutex
	wrong, late := 0, 0
	var callers sync.WaitGroup
	for i := range 64 {
		callers.Go(func() {
			_, err := engines[i%2].Do(b.ctx, pay("10001", "wrong"))
			mu.Lock()
			defer mu.Unlock()
			refusal, _ := errors.AsType[ledger.Refusal](err)
			switch refusal.Reason {
			case ledger.PasswordWrong:
				wrong++
			case ledger.TooManyTries:
				late++
			default:
				t.Errorf("got %v", err)
			}
		})
	}
	callers.Wait()
	if wrong != 3 || late != 61 {
		t.Errorf("%d passwords were looked at and %d not, want 3 and 61", wrong, late)
	}
	_, err := engines[0].Do(b.ctx, pay("10001", "right"))
	if refusal, _ := errors.AsType[ledger.Refusal](err); refusal.Reason != ledger.TooManyTries {
		t.Errorf("the right one, too late: %v", err)
	}
	_, err = engines[1].Do(b.ctx, pay("10002", "right"))
	b.must(err)
	for _, e := range engines {
		b.must(e.Close(b.ctx))
	}
	if c := b.card("10001"); c.Principal != 100_00 {
		t.Errorf("%v is left on the card that was guessed at", c.Principal)
	}
}

// A message is failing from the begin of its second try until it is settled, at its own merchant only.
func testFailing(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	b.do(open("10001"))
	send := command.SendCode{
		Merchant: 1, By: clerk, Card: "10001", Kind: ledger.Consumed, Amount: 100_00,
		Hash:    func(ledger.CardID) [32]byte { return [32]byte{9} },
		Message: ledger.Message{ID: 7, Sealed: []byte("x")},
	}
	ch := b.decide(send)
	b.must(b.s.Save(b.ctx, ch))
	want := func(when string, merchant ledger.MerchantID, n int64) {
		t.Helper()
		if got, err := b.s.Failing(b.ctx, merchant); err != nil || got != n {
			t.Errorf("%s: %d failing at merchant %d, %v, want %d", when, got, merchant, err, n)
		}
	}
	parcel := ledger.Parcel{Message: ch.Messages[0]}
	want("at first", 1, 0)
	b.must(b.s.Claim(b.ctx, parcel, parcel.At.Add(time.Minute)))
	want("while it is tried", 1, 0)
	parcel.Tries = 1
	b.must(b.s.Claim(b.ctx, parcel, parcel.At.Add(time.Hour)))
	want("after a try", 1, 1)
	want("after a try", 2, 0)
	want("after a try", 77, 0)
	parcel.Tries = 2
	b.must(b.s.Settle(b.ctx, parcel, parcel.At.Add(time.Hour), "given up"))
	want("given up", 1, 0)
}

// Messages that were given up come newest first, those of their own merchant only, and are sound; one that was sent is
// not among them.
func testGivenUp(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	b.do(open("10001"))
	send := func(id ledger.MessageID) ledger.Parcel {
		t.Helper()
		ch := b.decide(command.SendCode{
			Merchant: 1, By: clerk, Card: "10001", Kind: ledger.Consumed, Amount: 100_00,
			Hash:    func(ledger.CardID) [32]byte { return [32]byte{9} },
			Message: ledger.Message{ID: id, Sealed: []byte("x")},
		})
		b.must(b.s.Save(b.ctx, ch))
		return ledger.Parcel{Message: ch.Messages[0]}
	}
	var want []ledger.GivenUp
	for id, why := range []string{"", "given up after 1 tries", "cannot be unsealed"} {
		p := send(ledger.MessageID(100 - id))
		b.must(b.s.Claim(b.ctx, p, p.At.Add(time.Minute)))
		p.Tries = 1
		ended := p.At.Add(time.Duration(id) * time.Minute)
		b.must(b.s.Settle(b.ctx, p, ended, why))
		if why != "" {
			want = append([]ledger.GivenUp{{Card: p.Card, EndedAt: ended, Tries: 1}}, want...)
		}
		b.now = b.now.Add(time.Hour)
	}
	for limit, want := range map[int][]ledger.GivenUp{9: want, 1: want[:1], 0: nil} {
		got, err := b.s.GivenUp(b.ctx, 1, limit)
		b.must(err)
		same(t, "given up", got, want)
	}
	if got, err := b.s.GivenUp(b.ctx, 2, 9); err != nil || len(got) != 0 {
		t.Errorf("of another merchant: %+v, %v", got, err)
	}
	if due, err := b.s.Outbox(b.ctx, b.now.AddDate(1, 0, 0), 9); err != nil || len(due) != 0 {
		t.Errorf("due again: %+v, %v", due, err)
	}
}

// A query finds the guards of a kind that have counted enough and still hold, by subject, of as many as it may look at.
func testGuardQueries(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	guard := func(
		m ledger.MerchantID, kind ledger.GuardKind, subject string, count int64, left time.Duration,
	) ledger.Guard {
		return ledger.Guard{
			Merchant: m, GuardKey: ledger.GuardKey{Kind: kind, Subject: subject}, Count: count, Until: b.now.Add(left),
			Hash: [32]byte{1},
		}
	}
	const kind = ledger.PasswordAtAgent
	first, second := guard(1, kind, "1/9", 3, time.Hour), guard(1, kind, "4/9", 12, time.Millisecond)
	for _, g := range []ledger.Guard{
		second, first, guard(1, kind, "2/9", 2, time.Hour), guard(1, kind, "3/9", 9, 0),
		guard(1, ledger.PasswordsOfYear, "1/9", 9, time.Hour), guard(2, kind, "1/9", 9, time.Hour),
	} {
		head := b.records(g.Merchant, command.Keys{Head: true}).Head
		b.must(b.s.Save(b.ctx, command.Changes{Head: &head, Guards: []ledger.Guard{g}}))
	}
	for _, c := range []struct {
		looks, limit int
		want         []ledger.Guard
	}{
		{9, 9, []ledger.Guard{first, second}}, {9, 1, []ledger.Guard{first}}, {3, 9, []ledger.Guard{first}}, {0, 9, nil},
	} {
		got, err := b.s.Guards(b.ctx, ledger.GuardQuery{
			Merchant: 1, Kind: kind, Least: 3, After: b.now, Looks: c.looks, Limit: c.limit,
		})
		b.must(err)
		same(t, fmt.Sprintf("%d looks, %d at most", c.looks, c.limit), got, c.want)
	}
}

// A message is saved in the same commit as its code. It may be sent until it is settled, and only by the one process
// that has claimed it.
func testOutbox(t *testing.T, b *books) {
	b.do(open("10001"))
	hash := func(ledger.CardID) [32]byte { return [32]byte{9} }
	send := command.SendCode{Merchant: 1, By: clerk, Card: "10001", Kind: ledger.Consumed, Amount: 100_00, Hash: hash}
	send.Message = ledger.Message{ID: 1<<63 - 1, Sealed: []byte{0, 255, 1}}
	asked := once("v1", send, 1)
	asked.Answer = func(ch command.Changes) []byte { return fmt.Append(nil, ch.Messages[0].ID) }
	ch := b.decide(asked)
	saved := func(want bool, ch command.Changes) {
		t.Helper()
		if got, err := b.s.Saved(b.ctx, ch); err != nil || got != want {
			t.Errorf("saved = %v, %v, want %v", got, err, want)
		}
	}
	other := ch // the same request, carried out by another process
	other.Messages = []ledger.Message{{Merchant: 1, ID: 99}}
	saved(false, ch)
	b.must(b.s.Save(b.ctx, ch))
	saved(true, ch)
	saved(false, other)
	b.unchanged(func() {
		again := ch
		again.Requests = nil
		again.Head = b.decide(send).Head
		if err := b.s.Save(b.ctx, again); !errors.Is(err, command.ErrStale) {
			t.Errorf("an id that is taken: %v, want ErrStale", err)
		}
	})
	due := func(now time.Time) []ledger.Parcel {
		t.Helper()
		found, err := b.s.Outbox(b.ctx, now, 10)
		b.must(err)
		return found
	}
	at := ch.Messages[0].At
	if early := due(at.Add(-time.Millisecond)); len(early) != 0 {
		t.Errorf("due before it was made: %+v", early)
	}
	want := ledger.Parcel{Message: ch.Messages[0]}
	same(t, "due", due(at), []ledger.Parcel{want})
	b.must(b.s.Claim(b.ctx, want, at.Add(time.Minute)))
	taken := func(when string) {
		t.Helper()
		if err := b.s.Claim(b.ctx, want, at.Add(time.Minute)); !errors.Is(err, command.ErrStale) {
			t.Errorf("claimed %s: %v, want ErrStale", when, err)
		}
	}
	taken("by two")
	if kept := due(at.Add(time.Second)); len(kept) != 0 {
		t.Errorf("due while it is kept back: %+v", kept)
	}
	want.Tries = 1
	same(t, "due again", due(at.Add(time.Minute)), []ledger.Parcel{want})
	b.must(b.s.Settle(b.ctx, want, at, "no such phone"))
	if left := due(at.Add(time.Hour)); len(left) != 0 {
		t.Errorf("due after it was settled: %+v", left)
	}
	taken("after it was settled")
	send.Message = ledger.Message{ID: 5, Sealed: []byte("x")}
	dropsMessages(t, b, send, due)
}

// dropsMessages checks that DropMessages removes messages made before the given time, and no others.
func dropsMessages(t *testing.T, b *books, send command.SendCode, due func(time.Time) []ledger.Parcel) {
	t.Helper()
	second := b.decide(send)
	b.must(b.s.Save(b.ctx, second))
	b.must(b.s.DropMessages(b.ctx, second.Messages[0].At))
	if left := due(second.Messages[0].At); len(left) != 1 || !bytes.Equal(left[0].Sealed, []byte("x")) {
		t.Errorf("after the old ones are gone: %+v", left)
	}
	b.must(b.s.DropMessages(b.ctx, second.Messages[0].At.Add(time.Millisecond)))
	if left := due(second.Messages[0].At); len(left) != 0 {
		t.Errorf("after all are gone: %+v", left)
	}
}
