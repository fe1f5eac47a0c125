package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"go.uber.org/goleak"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	shop = ledger.MerchantID(7)
	cash = ledger.PayTypeID(1)
)

// newStore returns a store with a merchant that has open cards with nothing on them.
func newStore(t testing.TB, cards ...string) *storetest.MemStore {
	t.Helper()
	s := storetest.NewMemStore()
	saveMerchant(t, s, merchant(shop))
	e := engine.New(s, quiet())
	for _, number := range cards {
		must(t, e, open(shop, number))
	}
	closeNow(t, e)
	return s
}

func merchant(id ledger.MerchantID) ledger.Merchant {
	return ledger.Merchant{
		ID: id, GUID: fmt.Sprintf("{%d}", id), Name: "店", Zone: time.UTC,
		Settings: ledger.Settings{PointsDays: 365, BonusDays: 30},
		Levels:   []ledger.Level{{ID: 1, Name: "普通", PayRate: ledger.Percent100, Earn: ledger.Percent100}},
		Rules:    []ledger.Rule{{ID: 1, Name: "送", Kind: ledger.Percent, AddRate: 1000}},
		PayTypes: []ledger.PayType{{ID: cash, Name: "现金"}},
	}
}

func saveMerchant(t testing.TB, s *storetest.MemStore, m ledger.Merchant) {
	t.Helper()
	if err := s.SaveMerchant(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// quiet returns a configuration that logs nothing.
func quiet() engine.Config {
	return engine.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

// start runs an engine that is closed when the test ends.
func start(t testing.TB, s engine.Store, cfg engine.Config) *engine.Engine {
	t.Helper()
	e := engine.New(s, cfg)
	t.Cleanup(func() { closeNow(t, e) })
	return e
}

func closeNow(t testing.TB, e *engine.Engine) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := e.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

func must(t testing.TB, e *engine.Engine, cmd command.Command) command.Changes {
	t.Helper()
	ch, err := e.Do(t.Context(), cmd)
	if err != nil {
		t.Fatalf("%T: %v", cmd, err)
	}
	return ch
}

func open(m ledger.MerchantID, number string) command.Command {
	return command.Open{Merchant: m, Card: command.NewCard{Number: number, Level: 1, Holder: ledger.Holder{Name: "张三"}}}
}

func recharge(number string, f ledger.Fen) command.Command {
	return command.Recharge{Merchant: shop, Card: number, Amount: f, PayType: cash}
}

func consume(number string, f ledger.Fen) command.Command {
	return command.Consume{Merchant: shop, Card: number, Amount: f}
}

// once puts the command under a request id. The stored answer is the number of its entry.
func once(id string, cmd command.Command) command.Command {
	return command.Once{
		Command: cmd,
		Key:     ledger.RequestKey{Agent: 1, Scope: "test", ID: id},
		Answer:  func(ch command.Changes) []byte { return fmt.Append(nil, ch.Last().ID) },
	}
}

// answer returns the stored answer of a Once command, the first time or replayed.
func answer(ch command.Changes) string {
	if ch.Replay != nil {
		return string(ch.Replay.Answer)
	}
	return string(ch.Requests[0].Answer)
}

func wantRefusal(t testing.TB, err error, want ledger.Reason) {
	t.Helper()
	if got, ok := errors.AsType[ledger.Refusal](err); !ok || got.Reason != want {
		t.Errorf("got %v, want refusal: %v", err, want)
	}
}

func amountOf(t testing.TB, s *storetest.MemStore, number string) ledger.Fen {
	t.Helper()
	c, err := s.Card(t.Context(), ledger.CardKey{Merchant: shop, Number: number})
	if err != nil || c == nil {
		t.Fatalf("card %s: %v, %v", number, c, err)
	}
	return c.Amount()
}

// entriesOf returns all entries of a kind, oldest first.
func entriesOf(t testing.TB, s *storetest.MemStore, kind ledger.Kind) []ledger.Entry {
	t.Helper()
	var found []ledger.Entry
	err := s.EachEntry(t.Context(), shop, 0, func(e *ledger.Entry) error {
		if e.Kind == kind {
			found = append(found, *e)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// audit folds the whole journal again and compares: ids without gaps (invariant 04), the chain (23), time that never
// runs backwards (22), and cards that are the fold of their entries (03).
func audit(t testing.TB, s *storetest.MemStore) {
	t.Helper()
	merchants, err := s.Merchants(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i := range merchants {
		auditOne(t, s, merchants[i].ID)
	}
}

func auditOne(t testing.TB, s *storetest.MemStore, id ledger.MerchantID) {
	t.Helper()
	cards := map[ledger.CardID]*ledger.Card{}
	var last ledger.EntryID
	err := s.EachEntry(context.Background(), id, 0, func(e *ledger.Entry) error {
		if last++; e.ID != last {
			return fmt.Errorf("entry %d comes where %d should", e.ID, last)
		}
		c := cards[e.Card]
		if c == nil {
			c = &ledger.Card{}
			cards[e.Card] = c
		}
		if e.Hash != e.Chain(c.Hash) {
			return fmt.Errorf("entry %d is not chained to the one before it", e.ID)
		}
		_, err := c.Fold(e)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	err = s.EachCard(context.Background(), id, func(c *ledger.Card) error {
		want := cards[c.ID]
		if want == nil {
			return fmt.Errorf("card %d has no entries", c.ID)
		}
		if fmt.Sprint(*c) != fmt.Sprint(*want) || !reflect.DeepEqual(c.Holder, want.Holder) {
			return fmt.Errorf("card %d is not the fold of its entries:\ngot  %+v\nwant %+v", c.ID, *c, *want)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
