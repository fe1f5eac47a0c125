package job

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/seal"
	"tongka/internal/store/storetest"
)

// moody fails so many times, and counts how often it was asked.
type moody struct{ fails, asked int }

func (m *moody) Send(context.Context, ledger.Recipient, string) error {
	m.asked++
	if m.asked <= m.fails {
		return errors.New("gateway is down")
	}
	return nil
}

// A message that cannot be sent is tried again later and later, and no more once it is of no use. A
// message that was sent is not sent again, also by another program.
func TestCourierTriesAgain(t *testing.T) {
	t.Parallel()
	key, err := seal.Open(filepath.Join(t.TempDir(), "key"), "")
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Date(2026, 3, 5, 4, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		fails, asked int
		rounds       []time.Duration
	}{
		"at once": {0, 1, []time.Duration{0, time.Second, time.Minute}},
		"third time": {
			2, 3, []time.Duration{0, 14 * time.Second, 15 * time.Second, 44 * time.Second, 45 * time.Second, 4 * time.Minute},
		},
		"never":       {99, 3, []time.Duration{0, 15 * time.Second, 45 * time.Second, 5 * time.Minute, 6 * time.Minute}},
		"much later":  {0, 0, []time.Duration{5 * time.Minute, 6 * time.Minute}},
		"two of them": {0, 1, []time.Duration{0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storetest.NewMemStore()
			if err := s.SaveMerchant(t.Context(), ledger.Merchant{ID: 1, Zone: time.UTC}); err != nil {
				t.Fatal(err)
			}
			m := ledger.Message{
				Merchant: 1, ID: 7, At: begun, Until: begun.Add(command.CodeLife), To: ledger.Recipient{Phone: "138"},
			}
			m.Sealed = key.Seal(MessageContext(1, 7), []byte("hello"))
			if err := s.Save(t.Context(), command.Changes{
				Head: &ledger.Head{Merchant: 1, Version: 1}, Messages: []ledger.Message{m},
			}); err != nil {
				t.Fatal(err)
			}
			gateway := &moody{fails: c.fails}
			for _, after := range c.rounds {
				two := Delivery{Outbox: s, Key: key, Sender: gateway, Clock: func() time.Time { return begun.Add(after) }}
				_ = two.Round(t.Context())
			}
			if gateway.asked != c.asked {
				t.Errorf("sent %d times, want %d", gateway.asked, c.asked)
			}
			if left, err := s.Outbox(t.Context(), begun.Add(time.Hour), 9); err != nil || len(left) != 0 {
				t.Errorf("left: %+v, %v", left, err)
			}
		})
	}
}

// slow takes its time for each message.
type slow struct {
	now   *time.Time
	asked int
}

func (s *slow) Send(context.Context, ledger.Recipient, string) error {
	s.asked++
	*s.now = s.now.Add(sendLimit)
	return nil
}

// Those that wait behind slow ones are looked at when it is their turn: what is over by then is not sent.
func TestCourierLooksAtTheClock(t *testing.T) {
	t.Parallel()
	key, err := seal.Open(filepath.Join(t.TempDir(), "key"), "")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 5, 4, 0, 0, 0, time.UTC)
	s := storetest.NewMemStore()
	if err := s.SaveMerchant(t.Context(), ledger.Merchant{ID: 1, Zone: time.UTC}); err != nil {
		t.Fatal(err)
	}
	ch := command.Changes{Head: &ledger.Head{Merchant: 1, Version: 1}}
	for id := ledger.MessageID(1); id <= 5; id++ {
		m := ledger.Message{
			Merchant: 1, ID: id, At: now, Until: now.Add(25 * time.Second), To: ledger.Recipient{Phone: "138"},
		}
		m.Sealed = key.Seal(MessageContext(1, id), []byte("hello"))
		ch.Messages = append(ch.Messages, m)
	}
	if err := s.Save(t.Context(), ch); err != nil {
		t.Fatal(err)
	}
	gateway := &slow{now: &now}
	c := Delivery{Outbox: s, Key: key, Sender: gateway, Clock: func() time.Time { return now }}
	if err := c.Round(t.Context()); err != nil || gateway.asked != 3 {
		t.Errorf("sent %d of 5, want the 3 of the first 25 seconds: %v", gateway.asked, err)
	}
}
