package store

import (
	"context"
	"fmt"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

func writeGuard(r *rows, g *ledger.Guard) {
	writeGuardKey(r.int(int64(g.Merchant)), g.GuardKey)
	r.int(g.Count).time(g.Until).bytes(g.Hash[:])
}

func writeMessage(r *rows, m *ledger.Message) {
	r.int(int64(m.Merchant)).int(int64(m.ID)).int(int64(m.Card)).time(m.At).time(m.Until)
	r.text(m.To.OpenID).text(m.To.Phone).bytes(m.Sealed).time(m.At).int(0)
}

func writeGuardKey(r *rows, k ledger.GuardKey) { r.int(int64(k.Kind)).text(k.Subject) }

// UsedStep returns the time step of the last member code that was used with a card; 0 if none was, or so long ago
// that its guard has been dropped.
func (v *View) UsedStep(ctx context.Context, merchant ledger.MerchantID, card ledger.CardID) (int64, error) {
	keys := command.Keys{Guards: []ledger.GuardKey{command.StepGuard(card)}}
	found, err := v.Load(ctx, command.Want{Merchant: merchant, Keys: keys})
	if err != nil {
		return 0, fmt.Errorf("used step: %w", err)
	}
	if len(found[0].Guards) == 0 {
		return 0, nil
	}
	return found[0].Guards[0].Count, nil
}

func readGuard(r record) (g ledger.Guard, err error) {
	g.Merchant, g.GuardKey = ledger.MerchantID(r.int()), ledger.GuardKey{
		Kind: ledger.GuardKind(r.int()), Subject: r.text(),
	}
	g.Count, g.Until = r.int(), readTime(r)
	if g.Hash, err = readHash(r); err != nil {
		return g, fmt.Errorf("guard of kind %d of merchant %d: %w", g.Kind, g.Merchant, err) // the subject may be a phone
	}
	return g, nil
}

// DropGuards removes the guards whose end is before the given time; guards without an end stay. It needs no head,
// because a guard that has ended has no effect (ledger.GuardKept).
func (s *Store) DropGuards(ctx context.Context, before time.Time) error {
	return s.write(ctx, write{dropGuards, rowsFor(dropGuards, 1).time(before)})
}

// Outbox returns at most limit messages of all merchants that are due at the given time, the oldest first.
func (v *View) Outbox(ctx context.Context, now time.Time, limit int) ([]ledger.Parcel, error) {
	var found []ledger.Parcel
	args := rowsFor(outboxDue, 1).time(now).int(int64(limit))
	err := v.q.read(ctx, query{outboxDue, args, func(r record) error {
		var p ledger.Parcel
		p.Merchant, p.ID, p.Card = ledger.MerchantID(r.int()), ledger.MessageID(r.int()), ledger.CardID(r.int())
		p.At, p.Until = readTime(r), readTime(r)
		p.To = ledger.Recipient{OpenID: r.text(), Phone: r.text()}
		p.Sealed = r.bytes()
		r.int() // when it was due
		p.Tries = int(r.int())
		found = append(found, p)
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	return found, nil
}

// Failing returns how many of the merchant's messages could not be sent so far and will be tried again.
func (v *View) Failing(ctx context.Context, merchant ledger.MerchantID) (n int64, err error) {
	err = v.q.read(ctx, query{failing, merchantRow(failing, merchant), func(r record) error {
		n = r.int()
		return nil
	}})
	if err != nil {
		return 0, fmt.Errorf("failing messages: %w", err)
	}
	return n, nil
}

// GivenUp returns at most limit of the merchant's messages that were given up, the newest first.
func (v *View) GivenUp(ctx context.Context, merchant ledger.MerchantID, limit int) (all []ledger.GivenUp, err error) {
	args := merchantRow(givenUp, merchant).int(int64(limit))
	err = v.q.read(ctx, query{givenUp, args, func(r record) error {
		all = append(all, ledger.GivenUp{Card: ledger.CardID(r.int()), EndedAt: readTime(r), Tries: int(r.int())})
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("messages given up: %w", err)
	}
	return all, nil
}

// Guards returns the guards that a query asks for.
func (v *View) Guards(ctx context.Context, q ledger.GuardQuery) (all []ledger.Guard, err error) {
	args := merchantRow(guardsFull, q.Merchant).int(int64(q.Kind)).int(q.Least).time(q.After)
	args.int(int64(q.Looks)).int(int64(q.Limit))
	err = v.q.read(ctx, query{guardsFull, args, func(r record) error {
		g, err := readGuard(r)
		all = append(all, g)
		return err
	}})
	if err != nil {
		return nil, fmt.Errorf("guards: %w", err)
	}
	return all, nil
}

// Claim counts one more try of a message and holds it back until the given time. It returns command.ErrStale if
// somebody else has claimed or settled the message since p was read, so only one of two senders delivers it.
func (s *Store) Claim(ctx context.Context, p ledger.Parcel, until time.Time) error {
	args := rowsFor(claimMessage, 1).int(int64(p.Merchant)).int(int64(p.ID)).int(int64(p.Tries)).time(until)
	return s.write(ctx, write{claimMessage, args})
}

// Settle ends a message, which was sent at that time or given up because of a failure. Its text is removed.
func (s *Store) Settle(ctx context.Context, p ledger.Parcel, at time.Time, failure string) error {
	args := rowsFor(settleMessage, 1).int(int64(p.Merchant)).int(int64(p.ID))
	if failure == "" {
		args.int(0)
	} else {
		args.int(-at.UnixMilli())
	}
	args.time(at).text(failure).bytes(nil)
	return s.write(ctx, write{settleMessage, args})
}

// DropMessages removes the messages that were made before the given time, settled or not.
func (s *Store) DropMessages(ctx context.Context, before time.Time) error {
	return s.write(ctx, write{dropMessages, rowsFor(dropMessages, 1).time(before)})
}
