package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// How messages are delivered.
const (
	deliverEvery  = time.Second
	deliverAtOnce = 50
	sendLimit     = 10 * time.Second
	firstRetry    = 15 * time.Second // longer than sendLimit, so that two attempts never overlap
	longestRetry  = 2 * time.Minute
)

// Sender sends messages to card holders.
type Sender interface {
	// Send delivers a text. After an error, or when the program ends before the message is settled, it is called again
	// with the same text, so a holder may get it twice. An error names no secret of the sender's own, such as a
	// gateway's key: it goes to the log.
	Send(ctx context.Context, to ledger.Recipient, text string) error
}

// Outbox stores messages until they are settled. Claim returns command.ErrStale if another process has claimed the
// message.
type Outbox interface {
	Outbox(ctx context.Context, now time.Time, limit int) ([]ledger.Parcel, error)
	Claim(ctx context.Context, p ledger.Parcel, until time.Time) error
	Settle(ctx context.Context, p ledger.Parcel, at time.Time, failure string) error
}

// Sealer decrypts what was sealed in the same context.
type Sealer interface {
	Unseal(context string, sealed []byte) ([]byte, error)
}

// Delivery passes messages from an outbox to a sender. It tries each until the sender accepts it or its time is
// over; it may send one twice. A message whose time is over is settled unsent, even if it was never tried.
type Delivery struct {
	Outbox Outbox
	Key    Sealer
	Sender Sender
	Clock  func() time.Time
	Logger *slog.Logger
}

// MessageContext returns the context in which a message is sealed.
func MessageContext(merchant ledger.MerchantID, id ledger.MessageID) string {
	return fmt.Sprintf("message %d/%d", merchant, id)
}

// Run delivers what is in the outbox every second, until ctx is done. Failures are logged.
func (d *Delivery) Run(ctx context.Context) {
	tick := time.NewTicker(deliverEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := d.Round(ctx); err != nil && ctx.Err() == nil {
			d.Logger.Error("deliver messages", "error", err)
		}
	}
}

// Round delivers what is due, and returns all that failed. A message that could not be sent is due again later, until
// its time is over. The error contains the sender's own words, but neither recipient, text nor code: see discreet.
func (d *Delivery) Round(ctx context.Context) error {
	due, err := d.Outbox.Outbox(ctx, d.Clock(), deliverAtOnce)
	for _, p := range due {
		if failed := d.one(ctx, p); failed != nil {
			err = errors.Join(err, fmt.Errorf("message %d of merchant %d: %w", p.ID, p.Merchant, failed))
		}
	}
	return err
}

func (d *Delivery) one(ctx context.Context, p ledger.Parcel) error {
	now := d.Clock() // read again, as the messages before it may have taken long
	if !now.Before(p.Until) {
		return d.Outbox.Settle(ctx, p, now, fmt.Sprintf("given up after %d tries", p.Tries))
	}
	retry := min(firstRetry<<min(p.Tries, 10), longestRetry)
	if err := d.Outbox.Claim(ctx, p, now.Add(retry)); err != nil {
		if errors.Is(err, command.ErrStale) {
			return nil // another process has it
		}
		return err
	}
	text, err := d.Key.Unseal(MessageContext(p.Merchant, p.ID), p.Sealed)
	if err != nil {
		return errors.Join(err, d.Outbox.Settle(ctx, p, now, "cannot be unsealed"))
	}
	sending, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	if err := d.Sender.Send(sending, p.To, string(text)); err != nil {
		return discreet(err, p.To, string(text))
	}
	return d.Outbox.Settle(ctx, p, d.Clock(), "")
}

// telling matches what may repeat a message or its recipient: a URL, text escaped as in a URL, and four or more
// digits, which may be a phone number or a code. A status such as 503 is shorter and stays.
var telling = regexp.MustCompile(`\w+://[^\s"]+|[^\s"]*%[0-9A-Fa-f]{2}[^\s"]*|\d[\d ()-]*\d{3}`)

// discreet returns a sender's error with recipient, text and whatever telling matches replaced by "…", because a
// log must not have them: gateways repeat what they were sent, and errors of net/http repeat the URL.
func discreet(err error, to ledger.Recipient, text string) error {
	said := err.Error()
	for _, secret := range []string{text, to.Phone, to.OpenID} {
		if secret != "" {
			said = strings.ReplaceAll(said, secret, "…")
		}
	}
	return errors.New(telling.ReplaceAllString(said, "…"))
}
