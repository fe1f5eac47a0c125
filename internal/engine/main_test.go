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

	"tongka"
	"tongka/internal/engine"
	"tongka/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	shop = tongka.MerchantID(7)
	cash = tongka.PayTypeID(1)
)

// newStore is a store with a merchant that has some open cards with nothing on them.
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

func merchant(id tongka.MerchantID) tongka.Merchant {
	return tongka.Merchant{
		ID: id, GUID: fmt.Sprintf("{%d}", id), Name: "店", Zone: time.UTC,
		Settings: tongka.Settings{PointsDays: 365, BonusDays: 30},
		Levels:   []tongka.Level{{ID: 1, Name: "普通", Discount: tongka.Whole, Earn: tongka.Whole}},
		Rules:    []tongka.Rule{{ID: 1, Name: "送", Kind: tongka.Percent, AddRate: 1000}},
		PayTypes: []tongka.PayType{{ID: cash, Name: "现金"}},
	}
}

func saveMerchant(t testing.TB, s *storetest.MemStore, m tongka.Merchant) {
	t.Helper()
	if err := s.SaveMerchant(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// quiet is a configuration that logs nothing.
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

func must(t testing.TB, e *engine.Engine, cmd tongka.Command) tongka.Changes {
	t.Helper()
	ch, err := e.Do(t.Context(), cmd)
	if err != nil {
		t.Fatalf("%T: %v", cmd, err)
	}
	return ch
}

func open(m tongka.MerchantID, number string) tongka.Command {
	return tongka.Open{Merchant: m, Card: tongka.NewCard{Number: number, Level: 1, Holder: tongka.Holder{Name: "张三"}}}
}

func recharge(number string, f tongka.Fen) tongka.Command {
	return tongka.Recharge{Merchant: shop, Card: number, Amount: f, PayType: cash}
}

func consume(number string, f tongka.Fen) tongka.Command {
	return tongka.Consume{Merchant: shop, Card: number, Amount: f}
}

// once is the command under a request id; its kept answer is the number of its entry.
func once(id string, cmd tongka.Command) tongka.Command {
	return tongka.Once{
		Command: cmd,
		Key:     tongka.RequestKey{Merchant: shop, Agent: 1, Scope: "test", ID: id},
		Answer:  func(ch tongka.Changes) []byte { return fmt.Append(nil, ch.Last().ID) },
	}
}

// answer are the bytes a Once command answers, the first time or again.
func answer(ch tongka.Changes) string {
	if ch.Replay != nil {
		return string(ch.Replay.Answer)
	}
	return string(ch.Requests[0].Answer)
}

func wantRefusal(t testing.TB, err error, want tongka.Reason) {
	t.Helper()
	if got, ok := errors.AsType[tongka.Refusal](err); !ok || got.Reason != want {
		t.Errorf("got %v, want refusal: %v", err, want)
	}
}

func amountOf(t testing.TB, s *storetest.MemStore, number string) tongka.Fen {
	t.Helper()
	c, err := s.Card(t.Context(), tongka.CardKey{Merchant: shop, Number: number})
	if err != nil || c == nil {
		t.Fatalf("card %s: %v, %v", number, c, err)
	}
	return c.Amount()
}

// entriesOf are all entries of a kind, oldest first.
func entriesOf(t testing.TB, s *storetest.MemStore, kind tongka.Kind) []tongka.Entry {
	t.Helper()
	var found []tongka.Entry
	err := s.EachEntry(t.Context(), shop, 0, func(e *tongka.Entry) error {
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

// audit folds the whole journal again and compares: ids without a gap (invariant 04), the chain (23),
// time that never runs backwards (22), and cards that are the fold of their entries (03).
func audit(t testing.TB, s *storetest.MemStore) {
	t.Helper()
	cards := map[tongka.CardID]*tongka.Card{}
	var last tongka.EntryID
	err := s.EachEntry(context.Background(), shop, 0, func(e *tongka.Entry) error {
		if last++; e.ID != last {
			return fmt.Errorf("entry %d comes where %d should", e.ID, last)
		}
		c := cards[e.Card]
		if c == nil {
			c = &tongka.Card{}
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
	err = s.EachCard(context.Background(), shop, func(c *tongka.Card) error {
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
