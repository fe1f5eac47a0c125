package dc78

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

// doFunc is a Doer that fails in ways the books cannot be made to.
type doFunc func(context.Context, command.Command) (command.Changes, error)

func (f doFunc) Do(ctx context.Context, c command.Command) (command.Changes, error) { return f(ctx, c) }

// over serves the demo with another Doer and Reader. Without a source of numbers it issues no cards.
func (w *world) over(do Doer, reader Reader) {
	w.t.Helper()
	w.overWith(Config{}, do, reader)
}

func (w *world) overWith(cfg Config, do Doer, reader Reader) {
	w.t.Helper()
	clock := func() time.Time { return w.now }
	directory, err := auth.Open(context.Background(), settings{demoMerchants()}, clock)
	if err != nil {
		w.t.Fatal(err)
	}
	cfg.Doer, cfg.Reader, cfg.Directory, cfg.Shops, cfg.Clock = do, reader, directory, w.shops, clock
	mux := http.NewServeMux()
	New(cfg).Register(mux)
	w.handler = httpd.New(mux, httpd.Config{Logger: slog.New(slog.NewJSONHandler(w.log, nil))}).Handler()
}

// TestPanic: a bug is answered like any failure, and the server goes on.
func TestPanic(t *testing.T) {
	t.Parallel()
	w := demo(t)
	w.over(doFunc(func(context.Context, command.Command) (command.Changes, error) { panic("a bug") }), w.books)
	wantFault(t, w.ask("10021", pageKey, "mb_pttrans", "mbno=PLAIN1&pt=1"), 500, "内部错误")
	if !strings.Contains(w.log.String(), "panic: a bug") {
		t.Errorf("the log does not tell: %s", w.log)
	}
	wantFault(t, w.ask("10021", pageKey, "mb_check", "mbno=PLAIN1"), 200, "")
}

// TestGone: a caller who hung up is not counted as a failure.
func TestGone(t *testing.T) {
	t.Parallel()
	w := demo(t)
	w.over(doFunc(func(ctx context.Context, _ command.Command) (command.Changes, error) {
		return command.Changes{}, fmt.Errorf("outcome open: %w", ctx.Err())
	}), w.books)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w.send(newGet("/Api/mb_pttrans?msid=10023&mbno=PLAIN1&pt=1&ref=r").WithContext(ctx))
	if log := w.log.String(); !strings.Contains(log, `"outcome":"gone"`) || strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("got %s", log)
	}
}

// TestOnceInARace: of many simultaneous requests with one ref, one is carried out and all get the same answer. It
// goes over real connections, to the engine over a store.
func TestOnceInARace(t *testing.T) {
	t.Parallel()
	w := demo(t)
	store := storetest.NewMemStore()
	for _, m := range demoMerchants() {
		if err := store.SaveMerchant(context.Background(), m); err != nil {
			t.Fatal(err)
		}
	}
	e := engine.New(store, engine.Config{Clock: func() time.Time { return w.now }})
	t.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	card := command.NewCard{
		Number: "RACE01", Level: 1, Kind: ledger.Common, Holder: ledger.Holder{Name: "赛", Phone: "13700000009"},
	}
	if _, err := e.Do(context.Background(), command.Open{Merchant: 10000, Card: card}); err != nil {
		t.Fatal(err)
	}
	w.over(e, store)
	server := httptest.NewServer(w.handler)
	t.Cleanup(server.Close)
	const racers = 32
	answers := make([]string, racers)
	var running sync.WaitGroup
	for i := range racers {
		running.Go(func() {
			answers[i] = fetch(server.URL + "/Api/mb_trans?msid=10023&action=0&mbno=RACE01&amt=100&ref=one")
		})
	}
	running.Wait()
	const want = `200 {"status":"1","info":"充值成功","id":"2","mbno":"RACE01","amt":"100.00","balance":"100.00","bns_balance":"10.00","points":"0","ref":"one",`
	for i, got := range answers {
		if !strings.HasPrefix(got, want) {
			t.Errorf("racer %d got %s, want %s", i, got, want)
		}
	}
	wantPart(t, w.ask("10021", pageKey, "mb_check", "phone=13700000009"), `"balance":"100.00"`)
}

// fetch returns an answer in one line, or the error.
func fetch(url string) string {
	got, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = got.Body.Close() }() // it was read to its end
	body, err := io.ReadAll(got.Body)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %s", got.StatusCode, body)
}
