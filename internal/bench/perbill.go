package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

const (
	neighbour = ledger.MerchantID(3) // has cards in the memory of a process in which another process disturbs the owner
	// keptCards are in memory of the usedCards that bills are on.
	keptCards = 10_000
	usedCards = keptCards * 11 / 10
	// missedBills are the bills in which loads are counted.
	missedBills = 50_000
	// warmBills and sizedBills are the bills before and while bytes are counted: the trees of the indexes exist then.
	warmBills, sizedBills = 4_000, 24_000
)

// costs is what a bill costs besides time.
type costs struct {
	misses  float64 // cards loaded for a bill, if slightly more are used than fit into memory
	foreign float64 // cards of another merchant loaded again for each, after a save of another process
	bytes   float64 // on the disk, with its request and all indexes
}

// perBill counts, on both engines, what a bill costs besides time.
func (r *run) perBill(ctx context.Context) error {
	for _, engine := range engines {
		c, err := r.costsOf(ctx, engine)
		if err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
		r.costs[engine] = c
		say("%s: %.3f cards loaded a bill, %.3f after another writer, %.0f bytes", engine, c.misses, c.foreign, c.bytes)
	}
	return nil
}

func (r *run) costsOf(ctx context.Context, engine string) (c costs, err error) {
	dsn, err := r.dsn(ctx, engine, "costs")
	if err != nil {
		return c, err
	}
	if err := r.fill(ctx, dsn, usedCards); err != nil {
		return c, err
	}
	err = withStore(ctx, dsn, func(st *store.Store) error {
		if c.misses, err = misses(ctx, st); err != nil {
			return err
		}
		c.foreign, err = r.foreign(ctx, st)
		return err
	})
	if err != nil {
		return c, err
	}
	c.bytes, err = r.bytesOfBill(ctx, engine, dsn)
	return c, err
}

// counted is a store that counts the cards that are loaded of a merchant.
type counted struct {
	*store.Store
	of    ledger.MerchantID
	cards atomic.Int64
}

func (c *counted) Load(ctx context.Context, wants ...command.Want) ([]command.Records, error) {
	for _, want := range wants {
		if want.Merchant == c.of {
			c.cards.Add(int64(len(want.Keys.Cards) + len(want.Keys.AllLots)))
		}
	}
	return c.Store.Load(ctx, wants...)
}

// misses bills all cards as often as each other where a few more are in use than fit into memory, and returns the
// loads a bill once memory is full.
func misses(ctx context.Context, st *store.Store) (loads float64, err error) {
	c := &counted{Store: st, of: owner}
	e := engine.New(c, engine.Config{Cards: keptCards})
	defer closeAll(ctx, &err, e)
	next := uint32(1)
	card := func(int) string {
		next = next*1664525 + 1013904223
		return number(1 + int(next>>8)%usedCards)
	}
	if err := billEach(ctx, e, owner, missedBills, card); err != nil {
		return 0, err
	}
	c.cards.Store(0)
	if err := billEach(ctx, e, owner, missedBills, card); err != nil {
		return 0, err
	}
	return float64(c.cards.Load()) / missedBills, nil
}

// foreign has cards of two merchants in memory, lets another process bill at one of them, and returns how often each
// card of the other is loaded again.
func (r *run) foreign(ctx context.Context, st *store.Store) (loads float64, err error) {
	const cards = 1000
	mine, theirs := &counted{Store: st, of: neighbour}, engine.New(st, engine.Config{})
	e := engine.New(mine, engine.Config{})
	defer closeAll(ctx, &err, e, theirs)
	if err := openNeighbour(ctx, st, e, cards); err != nil {
		return 0, err
	}
	for _, at := range []*engine.Engine{e, theirs, e} {
		if err := billEach(ctx, at, owner, 1, number); err != nil {
			return 0, err
		}
	}
	mine.cards.Store(0)
	if err := billEach(ctx, e, neighbour, cards, number); err != nil {
		return 0, err
	}
	return float64(mine.cards.Load()) / cards, nil
}

// closeAll closes engines, also where err tells of a failure before, and joins what goes wrong to it.
func closeAll(ctx context.Context, err *error, all ...*engine.Engine) {
	for _, e := range all {
		*err = errors.Join(*err, e.Close(ctx))
	}
}

func openNeighbour(ctx context.Context, st *store.Store, e *engine.Engine, cards int) error {
	err := st.SaveMerchant(ctx, ledger.Merchant{
		ID: neighbour, GUID: "{BENCH-NEIGHBOUR}", Name: "邻居", Zone: time.UTC,
		Shops:  []ledger.Shop{{ID: 30, GUID: "{BENCH-NEIGHBOUR-SHOP}", Name: "总店"}},
		Levels: []ledger.Level{{ID: 1, Name: "会员", PayRate: ledger.Percent100}},
	})
	if err != nil {
		return err
	}
	open := command.Import{Merchant: neighbour}
	for i := range cards {
		open.Cards = append(open.Cards, command.NewCard{
			Number: number(i), Level: 1, Principal: 100_00, Holder: ledger.Holder{Name: name(i)},
		})
	}
	if _, err := e.Do(ctx, open); err != nil {
		return err
	}
	return billEach(ctx, e, neighbour, cards, number)
}

// billEach sends bills, as many together as tills do. Which card the i-th bill is on is asked one at a time.
func billEach(
	ctx context.Context, e *engine.Engine, merchant ledger.MerchantID, bills int, card func(int) string,
) error {
	return tills(bills, card, func(_ int, card string) error {
		_, err := e.Do(ctx, command.Consume{Merchant: merchant, Card: card, Amount: 1})
		return err
	})
}

// tills has besideConns tills send bills, and returns the first error.
func tills(bills int, card func(int) string, send func(i int, card string) error) error {
	var (
		mu      sync.Mutex
		sent    int
		failed  error
		running sync.WaitGroup
	)
	next := func() (i int, number string, more bool) {
		mu.Lock()
		defer mu.Unlock()
		if sent == bills || failed != nil {
			return 0, "", false
		}
		sent++
		return sent - 1, card(sent - 1), true
	}
	for range besideConns {
		running.Go(func() {
			for {
				i, number, more := next()
				if !more {
					return
				}
				if err := send(i, number); err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
				}
			}
		})
	}
	running.Wait()
	return failed
}

// bytesOfBill sends bills with request ids as tills do, and returns how much the database has grown for each.
func (r *run) bytesOfBill(ctx context.Context, engine, dsn string) (float64, error) {
	sent := 0
	sizeAt := func(bills int) (int64, error) {
		s, err := r.serve(ctx, engine, "costs", dsn)
		if err != nil {
			return 0, err
		}
		err = tills(bills-sent, func(i int) string { return number(1 + (sent+i)*613%usedCards) },
			func(i int, card string) error {
				return ask(ctx, s, "consume", fmt.Sprintf(`{"card_id":%q,"money":%d.5,"request_id":"POS%02d-20260305-%06d"}`,
					card, 1+i%60, i%besideConns, sent+i))
			})
		s.stop() // SQLite's log is in the file after that
		if err != nil {
			return 0, err
		}
		sent = bills
		return r.size(ctx, engine, dsn)
	}
	before, err := sizeAt(warmBills)
	if err != nil {
		return 0, err
	}
	after, err := sizeAt(sizedBills)
	return float64(after-before) / (sizedBills - warmBills), err
}

// size returns the bytes of the tables that grow with each bill. How many old versions of cards and heads there are
// depends on when PostgreSQL cleans up; they are left out.
func (r *run) size(ctx context.Context, engine, dsn string) (size int64, err error) {
	if engine == "SQLite" {
		info, err := os.Stat(filepath.Join(r.dir, "costs.db"))
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close(ctx) }()
	err = conn.QueryRow(ctx, "SELECT pg_total_relation_size('entry') + pg_total_relation_size('request')").Scan(&size)
	return size, err
}

// costGoals are what a bill may cost besides time.
func (r *run) costGoals() (all []goal) {
	most := map[string]float64{"PostgreSQL": 550, "SQLite": 400}
	for _, engine := range engines {
		c := r.costs[engine]
		all = append(all,
			number3("cards loaded a bill where 10 of 11 fit into memory, "+engine, c.misses, 0.1),
			number3("cards of another merchant loaded again after a foreign save, each, "+engine, c.foreign, 0),
			goal{
				"bytes of a bill with its request, " + engine, "≤ " + count(most[engine]), count(c.bytes),
				c.bytes <= most[engine],
			})
	}
	return all
}

// number3 returns the goal of a small number of want or less.
func number3(what string, got, want float64) goal {
	return goal{what, fmt.Sprintf("≤ %.2f", want), fmt.Sprintf("%.3f", got), got <= want}
}
