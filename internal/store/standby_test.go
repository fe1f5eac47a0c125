//go:build unix

package store_test

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
	"tongka/internal/store"
)

// pair starts a primary and a standby that its commits wait for, each a server of its own.
func pair(t *testing.T) (primary, standby *pgtest.Cluster) {
	t.Helper()
	primary, err := pgtest.Start()
	must(t, err)
	t.Cleanup(func() { must(t, primary.Stop()) })
	standby, err = primary.Standby()
	must(t, err)
	t.Cleanup(func() { must(t, standby.Stop()) })
	sqlOn(t, primary.URL(), "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
	return primary, standby
}

// synchronous waits until the primary's commits wait for the standby.
func synchronous(t *testing.T, primary *pgtest.Cluster) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, primary.URL())
	must(t, err)
	defer conn.Close(ctx) //nolint:errcheck // it only asked
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var waits bool
		must(t, conn.QueryRow(ctx, "SELECT count(*) > 0 FROM pg_stat_replication WHERE sync_state = 'sync'").Scan(&waits))
		if waits {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the standby does not follow")
		}
	}
}

// A save that is cut short while it waits for the standby is on the primary's disk only, and is lost if the primary
// is. Whoever repeats the request gets no answer before the standby has the save too. Before, the answer came at
// once.
func TestReplayWaitsForStandby(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	primary, standby := pair(t)
	dsn, err := primary.Create(ctx, "books")
	must(t, err)
	synchronous(t, primary)
	s, err := store.Open(ctx, dsn, store.Options{Limits: store.Limits{Save: 500 * time.Millisecond}})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	openShop(t, s)
	bill := command.Once{
		Command: bill(100), Key: ledger.RequestKey{Agent: 1, ID: "r1"},
		Answer: func(command.Changes) []byte { return []byte("done") },
	}
	e := engine.New(s, engine.Config{Settle: time.Second})
	must(t, standby.Freeze())
	if _, err := e.Do(ctx, bill); !errors.Is(err, command.ErrUnknown) {
		t.Errorf("a bill that no standby has: %v, want open", err)
	}
	must(t, e.Close(ctx))
	e = engine.New(s, engine.Config{Settle: time.Second}) // like another process, which finds only what is stored
	defer func() { must(t, e.Close(ctx)) }()
	for range 3 {
		if ch, err := e.Do(ctx, bill); !errors.Is(err, command.ErrUnknown) {
			t.Fatalf("asked again, no standby has it: replay %t, %v, want open", ch.Replay != nil, err)
		}
	}
	must(t, standby.Thaw())
	for deadline := time.Now().Add(20 * time.Second); ; {
		ch, err := e.Do(ctx, bill)
		if err == nil && ch.Replay != nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the standby is back: replay %t, %v", ch.Replay != nil, err)
		}
	}
	if got := balance(t, s); got != 99_00 {
		t.Errorf("balance = %v, want 99.00", got)
	}
}

// A standby can be opened for reading: everything that the commands that read need works there, and a write is
// refused.
func TestReadStandby(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	primary, standby := pair(t)
	dsn, err := primary.Create(ctx, "books")
	must(t, err)
	synchronous(t, primary)
	s := open(t, dsn)
	openShop(t, s)
	save(t, s, bill(100))
	u, err := url.Parse(dsn)
	must(t, err)
	u.Host = standby.Addr()
	if writer, err := store.Open(ctx, u.String(), store.Options{}); err == nil {
		t.Error("a standby was opened for writing", writer.Close())
	}
	reader, err := store.Open(ctx, u.String(), store.Options{ReadOnly: true})
	must(t, err)
	t.Cleanup(func() { must(t, reader.Close()) })
	for deadline := time.Now().Add(20 * time.Second); balance(t, reader) != 99_00; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) { // it is on the standby's disk before queries there see it
			t.Fatalf("balance on the standby = %v, want 99.00", balance(t, reader))
		}
	}
	entries, cards := 0, 0
	must(t, reader.Snapshot(ctx, func(v *store.View) error {
		return errors.Join(
			v.EachEntry(ctx, 1, 0, func(*ledger.Entry) error { entries++; return nil }),
			v.EachCard(ctx, 1, func(*ledger.Card) error { cards++; return nil }))
	}))
	found, err := reader.Search(ctx, ledger.SearchQuery{Merchant: 1, Key: "600", Limit: 10})
	must(t, err)
	if entries != 3 || cards != 1 || len(found) != 1 {
		t.Errorf("%d entries, %d cards, %d found, want 3, 1 and 1", entries, cards, len(found))
	}
	must(t, reader.Ping(ctx))
	if err := reader.Probe(ctx); err == nil {
		t.Error("a standby took a write")
	}
}
