package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/dc78"
	"tongka/internal/ledger"
	"tongka/internal/seal"
)

// How messages are delivered.
const (
	deliverEvery  = time.Second
	deliverAtOnce = 50
	sendLimit     = 10 * time.Second
	firstRetry    = 15 * time.Second // longer than a try takes, so that no two are under way
	longestRetry  = 2 * time.Minute
	keepMessages  = 7 * 24 * time.Hour // for questions about what was sent
)

// sender brings messages to holders.
type sender interface {
	// Send delivers a text. After an error, or when the program ends meanwhile, it is asked again.
	Send(ctx context.Context, to ledger.Recipient, text string) error
}

// newSender is what the setting messages names; nil where nothing is sent.
func newSender(name string, out io.Writer) sender {
	if name == "log" {
		return printer{out}
	}
	return nil
}

// printer prints messages instead of sending them, for trying things out: whoever reads it can pay as
// any holder.
type printer struct{ out io.Writer }

// Send prints one line.
func (p printer) Send(_ context.Context, to ledger.Recipient, text string) error {
	where := "phone " + to.Phone
	if to.OpenID != "" {
		where = "open id " + to.OpenID
	}
	_, err := fmt.Fprintf(p.out, "message to %s: %s\n", where, text)
	return err
}

// outbox is how the dialect makes messages; nil where nothing would send them.
func (s *service) outbox() *dc78.Outbox {
	if s.sender == nil {
		return nil
	}
	return &dc78.Outbox{
		NewCode: func() (string, error) { return codes.NewTransactionCode(rand.Reader) },
		NewID:   newMessageID,
		Seal: func(merchant ledger.MerchantID, id ledger.MessageID, text string) []byte {
			return s.key.Seal(messageContext(merchant, id), []byte(text))
		},
	}
}

func newMessageID() ledger.MessageID {
	var b [8]byte
	rand.Read(b[:])                                               // never fails: it ends the program instead
	return ledger.MessageID(binary.BigEndian.Uint64(b[:])>>1 | 1) //nolint:gosec // 63 bits
}

func messageContext(merchant ledger.MerchantID, id ledger.MessageID) string {
	return fmt.Sprintf("message %d/%d", merchant, id)
}

// deliver sends what is in the outbox, until ctx ends.
func (s *service) deliver(ctx context.Context) {
	if s.sender == nil {
		return
	}
	c := courier{s.books.Store, s.key, s.sender, s.books.clock.Now}
	tick := time.NewTicker(deliverEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := c.round(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("deliver messages", "error", err)
		}
	}
}

// courier takes messages from an outbox to a sender, each at least once.
type courier struct {
	outbox outbox
	key    *seal.Key
	sender sender
	clock  func() time.Time
}

// outbox keeps messages until they are settled.
type outbox interface {
	Outbox(ctx context.Context, now time.Time, limit int) ([]ledger.Parcel, error)
	Claim(ctx context.Context, p ledger.Parcel, until time.Time) error
	Settle(ctx context.Context, p ledger.Parcel, at time.Time, failure string) error
}

// round delivers what is due. What could not be sent is due again later, until it is of no use any
// more. Errors name no recipient and no text.
func (c *courier) round(ctx context.Context) error {
	due, err := c.outbox.Outbox(ctx, c.clock(), deliverAtOnce)
	for _, p := range due {
		if failed := c.one(ctx, p); failed != nil {
			err = errors.Join(err, fmt.Errorf("message %d of merchant %d: %w", p.ID, p.Merchant, failed))
		}
	}
	return err
}

func (c *courier) one(ctx context.Context, p ledger.Parcel) error {
	now := c.clock() // anew: those before it may have taken their time
	if !now.Before(p.Until) {
		return c.outbox.Settle(ctx, p, now, fmt.Sprintf("given up after %d tries", p.Tries))
	}
	retry := min(firstRetry<<min(p.Tries, 10), longestRetry)
	if err := c.outbox.Claim(ctx, p, now.Add(retry)); err != nil {
		if errors.Is(err, command.ErrStale) {
			return nil // another process has it
		}
		return err
	}
	text, err := c.key.Unseal(messageContext(p.Merchant, p.ID), p.Sealed)
	if err != nil {
		return errors.Join(err, c.outbox.Settle(ctx, p, now, "cannot be unsealed"))
	}
	sending, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	if err := c.sender.Send(sending, p.To, string(text)); err != nil {
		return err
	}
	return c.outbox.Settle(ctx, p, c.clock(), "")
}

// forget removes what is over: guards that block and count nothing any more, and old messages.
func (b *books) forget(ctx context.Context, now time.Time) error {
	return errors.Join(
		b.DropGuards(ctx, now.Add(-ledger.GuardKept)),
		b.DropMessages(ctx, now.Add(-keepMessages)))
}
