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
	"tongka/internal/config"
	"tongka/internal/engine"
	"tongka/internal/httpd"
	"tongka/internal/job"
	"tongka/internal/ledger"
	"tongka/internal/metrics"
)

// shopFloor is a demo server with one of its tills, in a folder of its own.
type shopFloor struct {
	service *service
	till    *client.DC78
	dsn     string
	folder  string
	printed bytes.Buffer // what was sent to holders
	log     bytes.Buffer
	settle  func() // saves the requests that were kept
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
	f.service.settings.PageURL, f.service.settings.KeepRequests = "https://card.example.com/", 7
	handler, err := f.service.tills(directory)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(httpd.New(handler, httpd.Config{Logger: log, Keep: f.service.keep()}).Handler())
	t.Cleanup(server.Close)
	f.settle = func() {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // what is left is saved in the end
		f.service.requests.Run(ctx)
	}
	f.till = &client.DC78{BaseURL: server.URL, MSID: "10021", Key: apply.DemoAPIKey}
	return f
}

// wantInfo wants an error of the dc78 wire with the text info.
func wantInfo(t *testing.T, err error, info string) {
	t.Helper()
	if no, ok := errors.AsType[client.Error](err); !ok || no.Message != info {
		t.Errorf("got %v, want %s", err, info)
	}
}

// A code that was sent to the holder pays, and so do a password and a member code. None of them is readable in the
// database or in the log.
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
	c := job.Delivery{Outbox: f.service.books.Store, Key: f.service.key, Sender: f.service.sender, Clock: time.Now}
	for range 2 { // the second round has nothing left to send
		if err := c.Round(ctx); err != nil {
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

// everything returns all that the program has written, except the key, by name.
func (f *shopFloor) everything(t *testing.T) map[string][]byte {
	t.Helper()
	f.settle()
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

// What a till sends is kept for those who connect it, by its merchant and agent, with the text that the server signed
// where the signature is another one.
func TestRequestsFromEndToEnd(t *testing.T) {
	t.Parallel()
	f := newShopFloor(t)
	ctx := t.Context()
	if _, err := f.till.MbCheck(ctx, client.MbCheckRequest{Mbno: "M000123"}); err != nil {
		t.Fatal(err)
	}
	wrong := *f.till
	wrong.Key = "another"
	if _, err := wrong.MbCheck(ctx, client.MbCheckRequest{Mbno: "M000123"}); err == nil {
		t.Fatal("a wrong key signs")
	}
	_, err := f.till.MbTrans(ctx, client.MbTransRequest{Action: client.TransConsume, Mbno: "M000123", Amount: 90_000_00, Ref: "r1"})
	wantInfo(t, err, "余额不足")
	f.settle()
	books := f.service.books
	found, err := books.Exchanges(ctx, ledger.ExchangeQuery{Merchant: 10000, Limit: 9})
	if err != nil || len(found) != 3 {
		t.Fatalf("kept %+v, %v", found, err)
	}
	of := map[string]ledger.Exchange{}
	for _, x := range found { // all may be of one millisecond, and then stand in no order
		of[x.Outcome] = x
	}
	refused, denied, well := of["refused"], of["credentials"], of["ok"]
	if refused.Endpoint != "mb_trans/1" || refused.Reason != ledger.ShortBalance.String() || refused.Card != "M000123" ||
		refused.Agent == 0 || refused.Shop != 10021 || refused.Mark != ledger.ExchangeFailed {
		t.Errorf("the refusal is %+v", refused)
	}
	if denied.Outcome != "credentials" || denied.Agent != refused.Agent || !strings.Contains(denied.Told, `"signed":"mb_check\n10021\n`) {
		t.Errorf("the wrong signature is %+v", denied)
	}
	if well.Outcome != "ok" || well.Endpoint != "mb_check" || strings.Contains(well.Told, `"signed"`) {
		t.Errorf("the look is %+v", well)
	}
	if f.service.requests.LastUse(well.Agent).IsZero() {
		t.Error("the agent's last use is not known")
	}
}
