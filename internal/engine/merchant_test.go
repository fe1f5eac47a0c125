package engine_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

const other = shop + 1

// newTwoShops returns a store with a second merchant that has that number of cards with money, and an engine that has
// them in memory. loaded counts how many of these cards are loaded again.
func newTwoShops(t *testing.T, cards int) (s *faulty, e *engine.Engine, loaded *atomic.Int64) {
	s = &faulty{MemStore: newStore(t, "6001")}
	saveMerchant(t, s.MemStore, merchant(other))
	loaded = new(atomic.Int64)
	e = start(t, s, quiet())
	must(t, e, recharge("6001", 10_00))
	for i := range cards {
		must(t, e, command.Open{Merchant: other, Card: command.NewCard{
			Number: fmt.Sprint(8000 + i), Level: 1, Holder: ledger.Holder{Name: "李四"}, Principal: 100_00,
		}})
	}
	s.onLoad = func(_ int, keys command.Keys) error {
		for _, number := range slices.Concat(keys.Cards, keys.AllLots) {
			if number != "6001" {
				loaded.Add(1)
			}
		}
		return nil
	}
	return s, e, loaded
}

func billAtOther(i int) command.Command {
	return command.Consume{Merchant: other, Card: fmt.Sprint(8000 + i), Amount: 1_00}
}

// Another writer at one merchant, or a change of its settings, costs that merchant's records only. No card of another
// merchant is loaded again, neither in the stale batch nor after it.
func TestAnotherWriterCostsOneMerchantsRecords(t *testing.T) {
	t.Parallel()
	for name, disturb := range map[string]func(*testing.T, *storetest.MemStore){
		"a foreign bill": func(t *testing.T, s *storetest.MemStore) { must(t, start(t, s, quiet()), consume("6001", 1_00)) },
		"settings":       func(t *testing.T, s *storetest.MemStore) { saveMerchant(t, s, merchant(shop)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const cards = 1000
				s, e, loaded := newTwoShops(t, cards)
				disturb(t, s.MemStore)
				batch := []command.Command{consume("6001", 1_00)}
				for i := range 100 {
					batch = append(batch, billAtOther(i))
				}
				for _, a := range together(t, s, e, billAtOther(0), batch...) {
					if a.err != nil {
						t.Fatal(a.err)
					}
				}
				if got := loaded.Load(); got > 100 {
					t.Errorf("%d cards were loaded again, want the 100 of the stale save at most", got)
				}
				loaded.Store(0)
				for i := 100; i < cards; i++ {
					must(t, e, billAtOther(i))
				}
				if got := loaded.Load(); got != 0 {
					t.Errorf("%d of %d cards of the other merchant were loaded again, want 0", got, cards-100)
				}
				audit(t, s.MemStore)
			})
		})
	}
}

// Request ids of a merchant whose records were not stale are assumed to be new again at once.
func TestOthersRequestsArePresumedNew(t *testing.T) {
	t.Parallel()
	s, e, _ := newTwoShops(t, 10)
	var asked atomic.Int64
	s.onLoad = func(_ int, keys command.Keys) error {
		asked.Add(int64(len(keys.Requests)))
		return nil
	}
	must(t, start(t, s.MemStore, quiet()), consume("6001", 1_00))
	must(t, e, once("x", consume("6001", 1_00))) // is stale
	asked.Store(0)
	for i := range 10 {
		must(t, e, once(fmt.Sprint("o", i), billAtOther(i)))
	}
	if got := asked.Load(); got != 0 {
		t.Errorf("the store was asked for %d new requests of the other merchant", got)
	}
	must(t, e, once("y", consume("6001", 1_00)))
	if got := asked.Load(); got != 1 {
		t.Errorf("the store was asked for %d requests of the merchant with another writer, want 1", got)
	}
	audit(t, s.MemStore)
}

// With slightly more cards than a lane may keep, only those that do not fit are loaded, not all of them again and
// again.
func TestCardsThatDoNotFit(t *testing.T) {
	t.Parallel()
	const keep, cards, bills = 1000, 1100, 20_000
	s := &faulty{MemStore: newStore(t)}
	saveMerchant(t, s.MemStore, merchant(other))
	cfg := quiet()
	cfg.Cards = keep
	e := start(t, s, cfg)
	for i := range cards {
		must(t, e, command.Open{Merchant: other, Card: command.NewCard{
			Number: fmt.Sprint(8000 + i), Level: 1, Holder: ledger.Holder{Name: "李四"}, Principal: 1000_00,
		}})
	}
	before, _ := s.counts()
	at := uint32(1)
	for range bills {
		at = at*1664525 + 1013904223
		must(t, e, billAtOther(int(at>>8)%cards))
	}
	loads, _ := s.counts()
	if got := float64(loads-before) / bills; got > 0.10 {
		t.Errorf("%.3f loads a bill where %d of %d cards fit, want about %.3f", got, keep, cards, 1-float64(keep)/cards)
	}
	audit(t, s.MemStore)
}

// Merchants of one lane share its saves: what is stale at one is decided again, and everything is done once.
func TestMerchantsShareALane(t *testing.T) {
	t.Parallel()
	s, e, _ := newTwoShops(t, 20)
	rival := start(t, s.MemStore, quiet())
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			for n := range 20 {
				must(t, e, once(fmt.Sprint("a", i, "/", n), billAtOther(i)))
				must(t, e, once(fmt.Sprint("b", i, "/", n), recharge("6001", 1_00)))
				must(t, rival, once(fmt.Sprint("c", i, "/", n), recharge("6001", 1_00)))
			}
		})
	}
	all.Wait()
	if got := amountOf(t, s.MemStore, "6001"); got != 891_00 { // each recharge gives a tenth as bonus
		t.Errorf("%v on the card, want 891.00", got)
	}
	audit(t, s.MemStore)
}

// A lane drops the books of idle merchants, and loads them again when they come back.
func TestManyMerchants(t *testing.T) {
	t.Parallel()
	const merchants = 2500
	s := &faulty{MemStore: newStore(t)}
	for i := range merchants {
		saveMerchant(t, s.MemStore, merchant(ledger.MerchantID(1000+i)))
	}
	e := start(t, s, quiet())
	for round := range 2 {
		for i := range merchants {
			must(t, e, open(ledger.MerchantID(1000+i), fmt.Sprint("6", round)))
		}
	}
	audit(t, s.MemStore)
}
