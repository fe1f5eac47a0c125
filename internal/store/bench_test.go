package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
	"tongka/internal/store"
)

// till decides bills in memory, as the engine does, so that only the saves are measured.
type till struct {
	s     *store.Store
	state *command.State
	now   time.Time
}

func openTill(b *testing.B, dsn string, cards int) *till {
	b.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	m := ledger.Merchant{
		ID: 1, GUID: "1", Zone: time.UTC,
		Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100, Earn: ledger.Percent100}},
	}
	if err := s.SaveMerchant(ctx, m); err != nil {
		b.Fatal(err)
	}
	t := &till{s: s, state: command.NewState(1), now: time.Date(2026, 3, 5, 2, 30, 0, 0, time.UTC)}
	for from := 0; from < cards; from += 10_000 {
		batch := command.Import{Merchant: 1}
		for i := from; i < min(cards, from+10_000); i++ {
			batch.Cards = append(batch.Cards, command.NewCard{
				Number: cardNumber(i), Level: 1, Principal: 1_000_000_00,
				Holder: ledger.Holder{Name: fmt.Sprintf("持卡人%d", i), Phone: fmt.Sprint(13800000000 + i*7919)},
			})
		}
		t.do(b, batch)
		t.save(b)
	}
	if err := s.Bulk(ctx, 0, func(bool) error { return nil }); err != nil { // nothing is indexed beside what is measured
		b.Fatal(err)
	}
	return t
}

// cardNumber returns numbers that are far apart for neighbours, as the numbers on cards are.
func cardNumber(i int) string { return fmt.Sprintf("6%015d", (i*7_368_787+12345)%1_000_000_007) }

func (t *till) do(b *testing.B, c command.Command) {
	b.Helper()
	missing := t.state.Missing(c.Keys())
	records, err := t.s.Load(context.Background(), command.Want{Merchant: 1, Keys: missing})
	if err != nil {
		b.Fatal(err)
	}
	t.state.Learn(missing, records[0])
	ch, err := c.Decide(t.state, t.now)
	if err != nil {
		b.Fatal(err)
	}
	t.state.Apply(ch)
}

func (t *till) save(b *testing.B) {
	b.Helper()
	if err := t.s.Save(context.Background(), t.state.Pending()); err != nil {
		b.Fatal(err)
	}
	t.state.Saved()
}

var benchEngines = []struct {
	name string
	dsn  func(*testing.B) string
}{
	{"SQLite", func(b *testing.B) string { return "sqlite:" + b.TempDir() + "/tongka.db" }},
	{"Postgres", func(b *testing.B) string { return pgtest.DSN(b) }},
}

// BenchmarkSave measures what it costs, per bill, to save a batch of bills.
func BenchmarkSave(b *testing.B) {
	const cards = 20_000
	for _, engine := range benchEngines {
		b.Run(engine.name, func(b *testing.B) {
			till := openTill(b, engine.dsn(b), cards)
			for _, size := range []int{1, 32, 256} {
				b.Run(fmt.Sprint(size), func(b *testing.B) {
					rng := rand.New(rand.NewPCG(1, uint64(size)))
					for n := 0; n < b.N; n += size {
						b.StopTimer()
						for range size {
							till.do(b, command.Consume{Merchant: 1, Card: cardNumber(rng.IntN(cards)), Amount: 100})
						}
						b.StartTimer()
						till.save(b)
					}
				})
			}
		})
	}
}

// BenchmarkIssue measures what it costs to decide and save the most cards that one mb_newcard may ask for, and what the
// slowest of the saves took, for which the tills of the merchant wait.
func BenchmarkIssue(b *testing.B) {
	const cards = 100_000
	for _, engine := range benchEngines {
		b.Run(engine.name, func(b *testing.B) {
			till := openTill(b, engine.dsn(b), cards)
			next := cards
			var slowest, saves time.Duration
			for b.Loop() {
				issue := command.Issue{Merchant: 1}
				for range command.MaxIssue {
					issue.Cards = append(issue.Cards, command.NewCard{
						Number: cardNumber(next), Level: 1,
						Holder: ledger.Holder{Name: fmt.Sprintf("持卡人%d", next), Phone: fmt.Sprint(13800000000 + next*7919)},
					})
					next++
				}
				till.do(b, issue)
				begun := time.Now()
				till.save(b)
				took := time.Since(begun)
				slowest, saves = max(slowest, took), saves+took
			}
			b.ReportMetric(float64(saves.Microseconds())/1000/float64(b.N), "save-ms")
			b.ReportMetric(float64(slowest.Milliseconds()), "slowest-save-ms")
		})
	}
}

// BenchmarkLapses measures what it costs to look for expired points among so many entries of a card.
func BenchmarkLapses(b *testing.B) {
	for _, engine := range benchEngines {
		b.Run(engine.name, func(b *testing.B) {
			till := openTill(b, engine.dsn(b), 2000)
			last := 0
			for _, size := range []int{10, 1000, 10_000} {
				for ; last < size; last++ {
					till.do(b, command.Consume{Merchant: 1, Card: cardNumber(0), Amount: 100})
					for i := range 9 {
						till.do(b, command.Consume{Merchant: 1, Card: cardNumber(1 + (last*9+i)%1900), Amount: 100})
					}
					if last%200 == 199 || last == size-1 {
						till.save(b)
					}
				}
				b.Run(fmt.Sprint(size), func(b *testing.B) {
					for b.Loop() {
						keys := command.Keys{Entries: []ledger.EntryID{1}, Lapses: []ledger.EntryID{1}}
						r, err := till.s.Load(context.Background(), command.Want{Merchant: 1, Keys: keys})
						if err != nil || len(r[0].Entries) != 1 {
							b.Fatal(err, r)
						}
					}
				})
			}
		})
	}
}
