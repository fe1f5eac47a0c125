package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
)

// readyz returns what /readyz of a server on the books responds.
func readyz(t *testing.T, r *readiness) (status int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
	return w.Code, w.Body.String()
}

// A server whose saves fail is not ready and says why. It makes no commit to find out, and is ready again after the
// first save that succeeds. It used to report that it was ready while every bill failed.
func TestReadyWhileSavesFail(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dsn := pgtest.DSN(t)
	b, err := openBooks(ctx, dsn, engine.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.mustClose(t)
	if err := b.SaveMerchant(ctx, ledger.Merchant{
		ID: 1, GUID: "{1}", Zone: time.UTC, Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100}},
	}); err != nil {
		t.Fatal(err)
	}
	admin, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx) //nolint:errcheck // the database is dropped next
	run := func(statement string) {
		if _, err := admin.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	run(`CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no space left on device'; END $$`)
	run(`CREATE TRIGGER no BEFORE INSERT ON entry EXECUTE FUNCTION no()`)
	service := &service{books: b, directory: &auth.Directory{}}
	ready := newReadiness(time.Now, service.checks()...)
	if status, body := readyz(t, ready); status != http.StatusOK || body != "ready\n" {
		t.Errorf("before: %d %s", status, body)
	}
	open := func(number string) error {
		_, err := b.engine.Do(ctx, command.Open{
			Merchant: 1, Card: command.NewCard{Number: number, Level: 1, Holder: ledger.Holder{Name: "某人"}},
		})
		return err
	}
	for _, number := range []string{"600001", "600002", "600003"} {
		if err := open(number); err == nil || errors.Is(err, command.ErrUnknown) {
			t.Fatalf("a save that must fail: %v", err)
		}
	}
	for range 3 {
		ready.asked = time.Time{}
		if status, body := readyz(t, ready); status != http.StatusServiceUnavailable || body != "not ready: saves fail\n" {
			t.Errorf("while saves fail: %d %s", status, body)
		}
	}
	var probes int64
	if err := admin.QueryRow(ctx, "SELECT value FROM setting WHERE name = 'probe'").Scan(&probes); err != nil ||
		probes != 0 {
		t.Errorf("to find out took %d commits, %v", probes, err)
	}
	run(`DROP TRIGGER no ON entry`)
	if err := open("600004"); err != nil {
		t.Fatal(err)
	}
	ready.asked = time.Time{}
	if status, body := readyz(t, ready); status != http.StatusOK {
		t.Errorf("after: %d %s", status, body)
	}
}

// However many ask, each check is made once a second, and all that fail are named.
func TestReadinessIsKept(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	asked := 0
	no := errors.New("10.0.0.1: disk full")
	r := newReadiness(func() time.Time { return now },
		check{"one", func(context.Context) error { asked++; return no }},
		check{"two", func(context.Context) error { return nil }},
		check{"three", func(context.Context) error { return no }})
	var callers sync.WaitGroup
	for range 50 {
		callers.Go(func() {
			if status, body := readyz(t, r); status != http.StatusServiceUnavailable ||
				body != "not ready: one\nnot ready: three\n" {
				t.Errorf("%d %s", status, body)
			}
		})
	}
	callers.Wait()
	if asked != 1 {
		t.Errorf("asked %d times, want once", asked)
	}
	no, now = nil, now.Add(readyFor)
	if status, body := readyz(t, r); status != http.StatusOK || !strings.HasPrefix(body, "ready") || asked != 2 {
		t.Errorf("a second later: %d %s, asked %d times", status, body, asked)
	}
}
