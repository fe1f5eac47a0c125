package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/filetest"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
	"tongka/internal/store"
)

var upgrading = store.Options{Upgrade: func(store.Older) error { return nil }}

// TestUpgradeFromSchema1 proves that books of the first schema are brought up to date, verify, and go on:
// testdata/schema-1.db.gz was made by the demo of that day, with cards whose numbers differ by the case of
// a letter only, a phone as a spreadsheet wrote it, and a bill partly paid elsewhere that earned points for
// all of it.
func TestUpgradeFromSchema1(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "books.db")
	unzip(t, "testdata/schema-1.db.gz", file)
	dsn := "sqlite:" + file
	if code, stderr := carryOut(t.Context(), "verify", "--db", dsn); code != exitFailed ||
		!strings.Contains(stderr, "bring it up to date") {
		t.Errorf("verify before: got %d %s", code, stderr)
	}
	b, err := openBooksWith(t.Context(), dsn, upgrading, engine.Config{
		Clock: func() time.Time { return time.Date(2026, 11, 30, 4, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	b.mustDo(t, command.RefundConsume{Merchant: 10001, Card: "M000123", Entry: 3}) // its points go too
	for _, card := range []string{"wx001", "=wx002", "=WX002"} {
		b.mustDo(t, command.Recharge{Merchant: 10000, Card: card, Amount: 100_00, PayType: 1})
		b.mustDo(t, command.Consume{Merchant: 10000, Card: card, Amount: 20_00})
	}
	_, err = b.engine.Do(t.Context(), command.Consume{Merchant: 10000, Card: "wx002", Amount: 1_00})
	if refusal, _ := errors.AsType[ledger.Refusal](err); refusal.Reason != ledger.CardNotFound {
		t.Errorf("a number that was two cards': %v", err)
	}
	b.mustClose(t)
	wantBooksHold(t, dsn)
}

// TestUpgradeFromSchema14 proves the same for books of a later day: testdata/schema-14.db.gz was made by the demo of
// that day and by what member-cjb, tongka apply and tongka agent did beside it, so that it has requests with and
// without a stored answer, settings, agents, a card that is lost, and day totals.
func TestUpgradeFromSchema14(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "books.db")
	unzip(t, "testdata/schema-14.db.gz", file)
	dsn := "sqlite:" + file
	b, err := openBooksWith(t.Context(), dsn, upgrading, engine.Config{
		Clock: func() time.Time { return time.Date(2026, 11, 30, 4, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	// The lost card is found again, and the books go on.
	b.mustDo(t, command.CancelLoss{Merchant: 10000, Card: "000001"})
	b.mustDo(t, command.Recharge{Merchant: 10000, Card: "UP001", Amount: 100_00, PayType: 1})
	b.mustDo(t, command.Consume{Merchant: 10000, Card: "wx001", Amount: 20_00})
	m, err := findMerchant(t.Context(), b, "10000")
	if err != nil || m.Settings.CutOff != ledger.CutOffAt(5) {
		t.Errorf("the settings are %+v, %v", m, err)
	}
	agents, err := b.Agents(t.Context())
	if err != nil || !slices.ContainsFunc(agents, func(a ledger.Agent) bool { return a.Name == "till-2" && a.Stopped }) {
		t.Errorf("the agents are %+v, %v", agents, err)
	}
	b.mustClose(t)
	wantBooksHold(t, dsn)
}

// TestUpgradeFromSchema16 proves the same for books of the release, on both databases. scripts/fixture.sh made them:
// bills and recharges with and without a request id, a transfer, a withdrawal, a reversal, cards that are lost,
// replaced and returned, an agent that is stopped, a shop that has ended. Every later migration is tested on them.
func TestUpgradeFromSchema16(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "books.db")
	unzip(t, "testdata/schema-16.db.gz", file)
	for name, dsn := range map[string]string{
		"SQLite":     "sqlite:" + file,
		"PostgreSQL": pgtest.Filled(t, string(filetest.Unzip(t, "testdata/schema-16.sql.gz"))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			goOnAfterUpgrade(t, dsn)
		})
	}
}

// goOnAfterUpgrade brings the books of scripts/fixture.sh up to date, goes on with them, and has them verified.
func goOnAfterUpgrade(t *testing.T, dsn string) {
	t.Helper()
	b, err := openBooksWith(t.Context(), dsn, upgrading, engine.Config{
		Clock: func() time.Time { return time.Date(2026, 12, 3, 4, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	b.mustDo(t, command.CancelLoss{Merchant: 10000, Card: "UP001"})
	b.mustDo(t, command.Recharge{Merchant: 10000, Card: "UP001", Amount: 100_00, PayType: 1})
	b.mustDo(t, command.Consume{Merchant: 10000, Card: "UP002", Amount: 20_00})
	// Not with the first command: of that every record is looked up.
	wantRepeated(t, b, "fixture-4", command.Recharge{Merchant: 10000, Card: "UP001", Amount: 1_00, PayType: 1})
	for number, reason := range map[string]ledger.Reason{
		"UP003": ledger.CardIsReplaced, "UP004": ledger.CardIsReturned, "UP005": ledger.CardNotFound,
	} {
		_, err = b.engine.Do(t.Context(), command.Consume{Merchant: 10000, Card: number, Amount: 1_00})
		if refusal, _ := errors.AsType[ledger.Refusal](err); refusal.Reason != reason {
			t.Errorf("%s: got %v, want %v", number, err, reason)
		}
	}
	key := ledger.Agent{
		ID: 99, Name: "ERP", TokenHash: [32]byte{99}, Owner: 10000, Shops: []ledger.ShopID{10022},
		Grants: []ledger.Grant{{Merchant: 10000, Permissions: ledger.MayRead}},
	}
	b.mustDo(t, command.ChangeAgent{To: key})
	if err := b.NoteUse(t.Context(), ledger.KeyUse{Merchant: 10000, Key: 99, At: time.Now()}); err != nil {
		t.Error(err)
	}
	agents, err := b.Agents(t.Context())
	if err != nil || agents[0].Owner != 0 || agents[0].Shops != nil || len(agents[len(agents)-1].Shops) != 1 {
		t.Errorf("the agents are %+v, %v", agents, err)
	}
	m, err := findMerchant(t.Context(), b, "10000")
	if err != nil {
		t.Fatal(err)
	}
	if shop, _ := m.Shop(10022); !shop.Ended || m.Settings.CutOff != ledger.CutOffAt(5) {
		t.Errorf("the settings are %+v", m)
	}
	b.mustClose(t)
	wantBooksHold(t, dsn)
}

// wantRepeated repeats a request that the command line made before the upgrade, with another content: it must be known.
func wantRepeated(t *testing.T, b *books, id string, cmd command.Command) {
	t.Helper()
	_, err := b.engine.Do(t.Context(), command.Once{
		Command: cmd, Key: ledger.RequestKey{Scope: actScope, ID: id},
		Answer: func(command.Changes) []byte { return nil },
	})
	if refusal, _ := errors.AsType[ledger.Refusal](err); refusal.Reason != ledger.RequestReused {
		t.Errorf("the request %s of before: got %v, want that it is in use", id, err)
	}
}

// TestOnlyServersUpgrade: commands, and a server that would refuse to serve, leave an older schema as it is. There is
// no way back from a newer one, and on PostgreSQL an older server may be at work.
func TestOnlyServersUpgrade(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "books.db")
	unzip(t, "testdata/schema-16.db.gz", file)
	yaml := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(yaml, []byte("merchants: [{id: 10000, name: 改名}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dsn := range []string{
		"sqlite:" + file, pgtest.Filled(t, string(filetest.Unzip(t, "testdata/schema-16.sql.gz"))),
	} {
		for want, commands := range map[string][]string{
			"(tongka serve) to bring it up to date": {
				"apply " + yaml, "apply --check " + yaml, "agent stop test", "agent stop nosuch", "agent list", "verify",
				"cards lost --merchant 10000 UP002", "cards export --merchant 10000 --out " + filepath.Join(t.TempDir(), "cards.csv"),
				"clock status", "report refold --merchant 10000",
			},
			"this is a demo database":                  {"serve --addr 127.0.0.1:0"},
			"is missing, and the database has secrets": {"demo --addr 127.0.0.1:0"},
		} {
			for _, command := range commands {
				args := append(strings.Fields(command), "--db", dsn)
				if code, stderr := carryOut(t.Context(), args...); code == 0 || !strings.Contains(stderr, want) {
					t.Errorf("%s: got %d %s", command, code, stderr)
				}
			}
		}
		s, err := store.Open(t.Context(), dsn, store.Options{ReadOnly: true})
		if err == nil || !strings.Contains(err.Error(), "the schema is version 16") {
			t.Errorf("afterwards: got %v", err)
		}
		if err == nil {
			_ = s.Close()
		}
	}
}

func wantBooksHold(t *testing.T, dsn string) {
	t.Helper()
	if code, stderr := carryOut(t.Context(), "verify", "--db", dsn); code != 0 ||
		!strings.Contains(stderr, "0 are broken") {
		t.Errorf("verify: got %d %s", code, stderr)
	}
}

func unzip(t *testing.T, from, to string) {
	t.Helper()
	if err := os.WriteFile(to, filetest.Unzip(t, from), 0o600); err != nil {
		t.Fatal(err)
	}
}
