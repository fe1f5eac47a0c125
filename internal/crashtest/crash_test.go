package crashtest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
	"tongka/internal/store"
	"tongka/internal/verify"
)

const (
	kills   = 12 // on each database
	cards   = 8
	tills   = 12 // that send requests at the same time
	opening = ledger.Fen(1_000_000_00)
	token   = "crash-test-token"
	guid    = "{CRASH-TEST}"
)

var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "crashtest")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "tongka")
	build := exec.Command("go", "build", "-o", program, "tongka/cmd/tongka")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("build: %v: %s", err, out))
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// TestKillUnderLoad fails if kill -9 loses an acknowledged consume, if a request repeated under its id is charged
// twice, or if the books do not hold afterwards.
func TestKillUnderLoad(t *testing.T) {
	for name, dsn := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "books.db") },
		"postgres": func(t *testing.T) string { return pgtest.DSN(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			killUnderLoad(t, dsn(t))
		})
	}
}

func killUnderLoad(t *testing.T, dsn string) {
	openBooks(t, dsn)
	var book asked
	for round := range kills {
		s := startServer(t, dsn)
		book.settle(t, s) // what the previous kill left open
		ctx, cancel := context.WithCancel(t.Context())
		done := book.load(ctx, s, round)
		time.Sleep(time.Duration(50+rand.IntN(350)) * time.Millisecond)
		s.kill(t)
		cancel()
		<-done
	}
	s := startServer(t, dsn)
	book.settle(t, s)
	s.kill(t)
	if book.acked < kills {
		t.Fatalf("only %d requests were acknowledged: the load was no load", book.acked)
	}
	if book.open == 0 {
		t.Error("no kill left a request open: the kills hit nothing")
	}
	t.Logf("%d requests acknowledged, %d left open by %d kills and settled", book.acked, book.open, kills)
	checkBooks(t, dsn, &book)
}

// openBooks makes a merchant, an agent and a few cards with money on them.
func openBooks(t *testing.T, dsn string) {
	t.Helper()
	ctx := t.Context()
	st, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	merchant := ledger.Merchant{
		ID: 1, GUID: guid, Name: "崩溃测试", Zone: time.UTC,
		Shops:    []ledger.Shop{{ID: 10, GUID: "{CRASH-TEST-SHOP}", Name: "总店"}},
		Levels:   []ledger.Level{{ID: 1, Name: "会员", PayRate: ledger.Percent100, Earn: ledger.Percent100}},
		Rules:    []ledger.Rule{{ID: 1, Name: "充值送10%", Kind: ledger.Percent, AddRate: 1000}},
		PayTypes: []ledger.PayType{{ID: 1, Name: "现金"}},
	}
	if err := st.SaveMerchant(ctx, merchant); err != nil {
		t.Fatal(err)
	}
	agent := ledger.Agent{ID: 1, Name: "till", TokenHash: sha256.Sum256([]byte(token)), Grants: []ledger.Grant{{
		Merchant: 1, Permissions: ledger.MayRead | ledger.MayConsume | ledger.MayRecharge | ledger.MayReports,
	}}}
	if err := st.SaveAgent(ctx, agent); err != nil {
		t.Fatal(err)
	}
	e := engine.New(st, engine.Config{})
	open := command.Import{Merchant: 1}
	for i := range cards {
		open.Cards = append(open.Cards, command.NewCard{
			Number: number(i), Level: 1, Holder: ledger.Holder{Name: "某人"}, Principal: opening,
		})
	}
	if _, err := e.Do(ctx, open); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

func number(i int) string { return fmt.Sprintf("C%05d", i) }

// checkBooks compares every balance with the acknowledged requests, and verifies the books.
func checkBooks(t *testing.T, dsn string, book *asked) {
	t.Helper()
	ctx := t.Context()
	st, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	for i := range cards {
		c, err := st.Card(ctx, ledger.CardKey{Merchant: 1, Number: number(i)})
		if err != nil || c == nil {
			t.Fatalf("card %d: %v, %v", i, c, err)
		}
		if want := opening + book.moved[i]; c.Amount() != want {
			t.Errorf("card %d holds %v, the acknowledged requests make %v", i, c.Amount(), want)
		}
	}
	var results []verify.Result
	err = st.Snapshot(ctx, func(v *store.View) (err error) {
		results, _, err = verify.Run(ctx, v, st, func(int64, int64) {})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Violations > 0 {
			t.Errorf("invariant %02d: %d violations in %d rows: %v", r.Invariant, r.Violations, r.Rows, r.Examples)
		}
	}
}
