package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
	"tongka/internal/sandy"
)

// The bytes on disk of a bill, which are its entry, its request and all indexes, are bounded, as a chain of shops
// makes millions of bills a year. The request ids are as long as those of tills.
func TestBytesOfABill(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "books.db")
	server := pgtest.DSN(t)
	for dsn, c := range map[string]struct {
		size func() int64
		most int64
	}{
		"sqlite:" + file: {func() int64 { return fileSize(t, file) }, 400},
		// Cards and heads are left out: how many old versions of their rows exist depends on when PostgreSQL vacuums.
		server: {func() int64 { return pgtest.Size(t, server, "entry", "request") }, 550},
	} {
		const cards, few, many = 1000, 4_000, 24_000
		billed := 0
		bills := func(upTo int) int64 {
			b, err := openBooks(t.Context(), dsn, engine.Config{})
			if err != nil {
				t.Fatal(err)
			}
			if billed == 0 {
				openShopWithCards(t, b, cards)
			}
			billEach(t, b, cards, billed, upTo)
			billed = upTo
			b.mustClose(t)
			return c.size()
		}
		before := bills(few) // from here on the trees exist, and only bills add to them
		got := (bills(many) - before) / (many - few)
		engine, _, _ := strings.Cut(dsn, ":")
		t.Logf("%s: %d bytes a bill", engine, got)
		if got > c.most || got < 100 {
			t.Errorf("%s: %d bytes a bill, want at most %d", engine, got, c.most)
		}
	}
}

func fileSize(t *testing.T, file string) int64 {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

const sizeToken = "a-token-that-is-long-enough-for-a-test"

func openShopWithCards(t *testing.T, b *books, cards int) {
	t.Helper()
	m := ledger.Merchant{
		ID: 1, GUID: "{1}", Name: "某店", Zone: time.UTC,
		Levels: []ledger.Level{{ID: 1, Name: "普通", PayRate: ledger.Percent100, Earn: ledger.Percent100}},
	}
	if err := b.SaveMerchant(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	all := command.Import{Merchant: 1}
	for i := range cards {
		card := newCard(sizeCard(i))
		card.Principal = 10_000_00
		all.Cards = append(all.Cards, card)
	}
	b.mustDo(t, all)
	agent := ledger.Agent{
		ID: 1, Name: "till", TokenHash: auth.Hash(sizeToken),
		Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.MayConsume}},
	}
	if err := b.SaveAgent(t.Context(), agent); err != nil {
		t.Fatal(err)
	}
}

func sizeCard(i int) string { return fmt.Sprintf("88%010d", i*7919) }

// billEach makes tills send bills, each with a request id of its own.
func billEach(t *testing.T, b *books, cards, from, to int) {
	t.Helper()
	directory, err := auth.Open(t.Context(), b, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	sandy.New(sandy.Config{Doer: b.engine, Reader: b, Directory: directory, Clock: time.Now}).Register(mux)
	var tills sync.WaitGroup
	const most = 64
	for till := range most {
		tills.Go(func() {
			for i := from + till; i < to; i += most {
				body := fmt.Sprintf(`{"card_id":%q,"money":%d.5,"request_id":"POS%02d-20260305-%06d"}`,
					sizeCard(i*613%cards), 1+i%60, till, i)
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, sandy.Base+"consume", strings.NewReader(body))
				r.Header.Set("AUTHORIZATION", sizeToken)
				r.Header.Set("CUSTOMERGUID", "{1}")
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				mux.ServeHTTP(w, r)
				if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "cur_score") {
					t.Errorf("%d %s", w.Code, w.Body.String())
					return
				}
			}
		})
	}
	tills.Wait()
}
