package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tongka/client"
	"tongka/internal/apply"
	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/config"
	"tongka/internal/engine"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/metrics"
	"tongka/internal/seal"
	"tongka/internal/store/storetest"
)

// shopFloor is the demo with a till of it, in a folder of its own.
type shopFloor struct {
	service *service
	till    *client.DC78
	dsn     string
	folder  string
	printed bytes.Buffer // what was sent to holders
	log     bytes.Buffer
}

func newShopFloor(t *testing.T) *shopFloor {
	t.Helper()
	f := &shopFloor{folder: t.TempDir()}
	f.dsn = "sqlite:" + filepath.Join(f.folder, "demo.db")
	b, err := openBooks(t.Context(), f.dsn, engine.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.mustClose(t) })
	key, err := openKey(t.Context(), b.Store, f.dsn, config.Secrets{}, "")
	if err == nil {
		err = b.fillDemo(t.Context(), key)
	}
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(&f.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	f.service = &service{books: b, key: key, log: log, count: metrics.New("test"), sender: newSender("log", &f.printed)}
	directory, err := auth.Open(t.Context(), b, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	f.service.settings.PageURL = "https://card.example.com/"
	handler, err := f.service.tills(directory)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(httpd.New(handler, httpd.Config{Logger: log}).Handler())
	t.Cleanup(server.Close)
	f.till = &client.DC78{BaseURL: server.URL, MSID: "10021", Key: apply.DemoAPIKey}
	return f
}

// wantInfo wants a refusal of the wire.
func wantInfo(t *testing.T, err error, info string) {
	t.Helper()
	if no, ok := errors.AsType[client.Error](err); !ok || no.Message != info {
		t.Errorf("got %v, want %s", err, info)
	}
}

// A code is sent, and pays; so do a password and a member code. Nothing of them is in the database or
// in the log.
func TestProofsFromEndToEnd(t *testing.T) {
	t.Parallel()
	f := newShopFloor(t)
	ctx := t.Context()
	bill := client.MbTransRequest{Action: client.TransConsume, Mbno: "47302320", Amount: 600_00}
	_, err := f.till.MbTrans(ctx, bill)
	wantInfo(t, err, "请输入验证码")
	sent, err := f.till.MbVericode(ctx, client.MbVericodeRequest{Action: client.TransConsume, Mbno: "47302320", Amount: 600_00})
	if err != nil || sent.Status != "1" || sent.Info != "验证码已发送客户手机" {
		t.Fatalf("%+v, %v", sent, err)
	}
	c := courier{f.service.books.Store, f.service.key, f.service.sender, time.Now}
	for range 2 { // the second round has nothing left to send
		if err := c.round(ctx); err != nil {
			t.Fatal(err)
		}
	}
	found := regexp.MustCompile(`^message to phone 15606132502: 聚客西餐:验证码(\d{6}),本次消费600\.00元,.*\n$`).FindStringSubmatch(f.printed.String())
	if found == nil {
		t.Fatalf("sent: %s", &f.printed)
	}
	bill.Vericode = found[1]
	if _, err := f.till.MbTrans(ctx, bill); err != nil {
		t.Errorf("with the code: %v", err)
	}

	const password = "90817263"
	sex := 1
	issued, err := f.till.MbNewcard(ctx, client.MbNewcardRequest{Cards: []client.NewCard{{Password: password, Balance: 50_00, Name: "密码", Phone: "13900000000", Sex: &sex}}})
	if err != nil {
		t.Fatal(err)
	}
	small := client.MbTransRequest{Action: client.TransConsume, Mbno: string(issued[0].Mbno), Amount: 1_00, Vericode: "11223344"}
	_, err = f.till.MbTrans(ctx, small)
	wantInfo(t, err, "卡密码错误")
	small.Vericode = password
	if _, err := f.till.MbTrans(ctx, small); err != nil {
		t.Errorf("with the password: %v", err)
	}

	var out, stderr bytes.Buffer
	if code := run(ctx, &console{out: &out, err: &stderr}, []string{"code", "--db", f.dsn, "--merchant", "10000", "47302320"}); code != 0 {
		t.Fatal(stderr.String())
	}
	bill.Mbno, bill.Vericode = strings.TrimSpace(out.String()), ""
	paid, err := f.till.MbTrans(ctx, bill)
	if err != nil || paid.Mbno != "47302320" {
		t.Errorf("by the member code %s: %+v, %v", bill.Mbno, paid, err)
	}
	_, err = f.till.MbTrans(ctx, bill)
	wantInfo(t, err, "会员码已使用,请刷新")

	for name, data := range f.everything(t) {
		for _, secret := range []string{found[1], password, "验证码" + found[1], bill.Mbno} {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s is in %s", secret, name)
			}
		}
	}
}

// everything is all that the program has written, but for the key.
func (f *shopFloor) everything(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(f.folder, "demo.db*"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%q, %v", files, err)
	}
	all := map[string][]byte{"the log": f.log.Bytes()}
	for _, file := range files {
		if data, err := os.ReadFile(file); err != nil {
			t.Error(err)
		} else if !strings.HasSuffix(file, ".key") {
			all[file] = data
		}
	}
	return all
}

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
			m.Sealed = key.Seal(messageContext(1, 7), []byte("hello"))
			if err := s.Save(t.Context(), command.Changes{
				Head: &ledger.Head{Merchant: 1, Version: 1}, Messages: []ledger.Message{m},
			}); err != nil {
				t.Fatal(err)
			}
			gateway := &moody{fails: c.fails}
			for _, after := range c.rounds {
				two := courier{s, key, gateway, func() time.Time { return begun.Add(after) }}
				_ = two.round(t.Context())
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
		m.Sealed = key.Seal(messageContext(1, id), []byte("hello"))
		ch.Messages = append(ch.Messages, m)
	}
	if err := s.Save(t.Context(), ch); err != nil {
		t.Fatal(err)
	}
	gateway := &slow{now: &now}
	c := courier{s, key, gateway, func() time.Time { return now }}
	if err := c.round(t.Context()); err != nil || gateway.asked != 3 {
		t.Errorf("sent %d of 5, want the 3 of the first 25 seconds: %v", gateway.asked, err)
	}
}
