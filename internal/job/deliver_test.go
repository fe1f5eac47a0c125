package job

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/seal"
	"tongka/internal/store/storetest"
)

// moody fails a number of times, and counts how often it was called.
type moody struct{ fails, asked int }

func (m *moody) Send(context.Context, ledger.Recipient, string) error {
	m.asked++
	if m.asked <= m.fails {
		return errors.New("gateway is down")
	}
	return nil
}

// A message that cannot be sent is tried again at growing intervals, and no longer once its time is over. A message
// that was sent is not sent again, nor by another process.
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

// A message that waits behind slow ones is checked when its turn comes: if its time is over by then, it is not sent.
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

// talkative fails with an error that repeats what it was given, as gateways do.
type talkative struct{ err error }

func (t talkative) Send(context.Context, ledger.Recipient, string) error { return t.err }

// Whatever the text of a sender's error, the log has its reason, and neither phone, open id, text nor code.
func TestCourierIsDiscreet(t *testing.T) {
	t.Parallel()
	key, err := seal.Open(filepath.Join(t.TempDir(), "key"), "")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 5, 4, 0, 0, 0, time.UTC)
	const text = "您的验证码是 482913, 五分钟内有效"
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"plain":    {errors.New("gateway is down: 503"), "gateway is down: 503"},
		"phone":    {errors.New("13800138000 is blocked"), "… is blocked"},
		"+86":      {errors.New("number +86 138-0013-8000: blocked"), "number +…: blocked"},
		"open id":  {errors.New("user oABC_d-9 has gone"), "user … has gone"},
		"the text": {errors.New("refused " + text), "refused …"},
		"code":     {errors.New("template: 482913 too short"), "template: … too short"},
		"address": {fmt.Errorf("send: %w", &url.Error{
			Op: "Get", URL: "https://sms.example/send?key=s3cret&to=13800138000&text=" + url.QueryEscape(text),
			Err: context.DeadlineExceeded,
		}), `send: Get "…": context deadline exceeded`},
		"escaped": {errors.New("no route for text=" + url.QueryEscape(text)), "no route for …"},
	} {
		s := storetest.NewMemStore()
		if err := s.SaveMerchant(t.Context(), ledger.Merchant{ID: 1, Zone: time.UTC}); err != nil {
			t.Fatal(err)
		}
		m := ledger.Message{
			Merchant: 1, ID: 7, At: now, Until: now.Add(command.CodeLife), Sealed: key.Seal(MessageContext(1, 7), []byte(text)),
			To: ledger.Recipient{Phone: "13800138000", OpenID: "oABC_d-9"},
		}
		if err := s.Save(t.Context(), command.Changes{
			Head: &ledger.Head{Merchant: 1, Version: 1}, Messages: []ledger.Message{m},
		}); err != nil {
			t.Fatal(err)
		}
		d := Delivery{Outbox: s, Key: key, Sender: talkative{c.err}, Clock: func() time.Time { return now }}
		want := "message 7 of merchant 1: " + c.want
		if err := d.Round(t.Context()); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}
