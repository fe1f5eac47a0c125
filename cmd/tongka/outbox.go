package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"

	"tongka/internal/codes"
	"tongka/internal/dc78"
	"tongka/internal/job"
	"tongka/internal/ledger"
)

// newSender returns the sender that the setting messages names, or nil if no messages are sent.
func newSender(name string, out io.Writer) job.Sender {
	if name == "log" {
		return printer{out}
	}
	return nil
}

// printer prints messages instead of sending them. It is only for trying things out: the codes in the messages let
// whoever reads them pay with the holders' cards.
type printer struct{ out io.Writer }

// Send prints the message on one line.
func (p printer) Send(_ context.Context, to ledger.Recipient, text string) error {
	where := "phone " + to.Phone
	if to.OpenID != "" {
		where = "open id " + to.OpenID
	}
	_, err := fmt.Fprintf(p.out, "message to %s: %s\n", where, text)
	return err
}

// outbox returns what the dc78 dialect makes messages with, or nil if no messages are sent.
func (s *service) outbox() *dc78.Outbox {
	if s.sender == nil {
		return nil
	}
	return &dc78.Outbox{
		NewCode: func() (string, error) { return codes.NewTransactionCode(rand.Reader) },
		NewID:   newMessageID,
		Seal: func(merchant ledger.MerchantID, id ledger.MessageID, text string) []byte {
			return s.key.Seal(job.MessageContext(merchant, id), []byte(text))
		},
	}
}

func newMessageID() ledger.MessageID {
	var b [8]byte
	rand.Read(b[:])                                               // never returns an error: it crashes instead
	return ledger.MessageID(binary.BigEndian.Uint64(b[:])>>1 | 1) //nolint:gosec // 63 bits
}
