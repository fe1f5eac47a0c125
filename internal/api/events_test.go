package api

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// open opens a stream of events, and returns its lines.
func (w *world) open(ctx context.Context, key, base, query, last string) (lines *bufio.Scanner, status int) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/v1/events/stream"+query, nil)
	w.must(err)
	r.Header.Set("Authorization", "Bearer "+key)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	answer, err := http.DefaultClient.Do(r)
	w.must(err)
	w.t.Cleanup(func() { _ = answer.Body.Close() })
	return bufio.NewScanner(answer.Body), answer.StatusCode
}

// stream opens a stream of events, and returns what reads the next one: its id, type and data. What has no data says
// where the stream stands, and is passed over.
func (w *world) stream(ctx context.Context, key, base, query, last string) (next func() [3]string, status int) {
	w.t.Helper()
	lines, status := w.open(ctx, key, base, query, last)
	return func() [3]string {
		for e := ([3]string{}); lines.Scan(); {
			if lines.Text() == "" && e[2] != "" {
				return e
			}
			for i, name := range []string{"id: ", "event: ", "data: "} {
				if value, ok := strings.CutPrefix(lines.Text(), name); ok {
					e[i] = value
				}
			}
		}
		return [3]string{}
	}, status
}

// A stream has what happens from now on, or behind what was received last: each event once, in order, none left out. It
// ends with the program, and a key has only some at a time.
func TestStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := make(chan struct{})
	w.api.cfg.Stop = stop
	ctx, url := w.listens()
	before := w.entries()
	next, status := w.stream(ctx, keyAll, url, "", "")
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	const n = 50
	go func() {
		for range n {
			if _, err := w.engine.Do(ctx, command.Recharge{Merchant: 1, Card: "6002", Amount: 1_00, PayType: 1}); err != nil {
				t.Error(err)
			}
		}
	}()
	for i := range n {
		e := next()
		if want := fmt.Sprint(before + 1 + i); e[0] != want || e[1] != "recharge" ||
			!strings.Contains(e[2], `"id":"evt_1_`+want+`_`) {
			t.Fatalf("event %d: %q", i, e)
		}
	}
	again, _ := w.stream(ctx, keyAll, url, "?type=recharge", fmt.Sprint(before+n-1))
	if e := again(); e[0] != fmt.Sprint(before+n) {
		t.Errorf("behind the last but one: %q", e)
	}
	for range streamsMost - 2 {
		w.stream(ctx, keyAll, url, "", "")
	}
	if _, status := w.stream(ctx, keyAll, url, "", ""); status != http.StatusTooManyRequests {
		t.Errorf("one stream too many: %d", status)
	}
	close(stop)
	if e := next(); e[0] != "" {
		t.Errorf("after the end: %q", e)
	}
}

// listens has the world's handler listen until the test ends, and returns its address and how long is waited for it.
func (w *world) listens() (ctx context.Context, url string) {
	srv := httptest.NewServer(w.handler)
	w.t.Cleanup(srv.Close)
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	w.t.Cleanup(cancel)
	return ctx, srv.URL
}

// A stream from 0 begins with the first event, as the pages do, also if the journal was empty when they were read.
func TestStreamFromTheFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, url := w.listens()
	next, _ := w.stream(ctx, keyAll, url, "?after=0", "")
	for i := range w.entries() {
		if e := next(); e[0] != fmt.Sprint(i+1) {
			t.Fatalf("event %d: %q", i, e)
		}
	}
	next, _ = w.stream(ctx, keyAll, url, "", "0")
	if e := next(); e[0] != "1" {
		t.Errorf("behind the id 0: %q", e)
	}
}

// A stream that has nothing to send says where it stands, at once: who is cut off then comes back there, and not to
// what happens from then on.
func TestStreamSaysWhereItStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, url := w.listens()
	lines, _ := w.open(ctx, keyAll, url, "?type=consume", "")
	if want := fmt.Sprint("id: ", w.entries()); !lines.Scan() || lines.Text() != want || !lines.Scan() || lines.Text() != "" {
		t.Errorf("got %q, want %q and an empty line", lines.Text(), want)
	}
}

// longBooks have a journal of so many recharges.
type longBooks struct {
	Books
	n ledger.EntryID
}

func (b longBooks) EachEntry(
	_ context.Context, m ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	for id := after + 1; id <= b.n; id++ {
		if err := fn(&ledger.Entry{Merchant: m, ID: id, Kind: ledger.Recharged}); err != nil {
			return err
		}
	}
	return nil
}

// A stream of what is rare in a long journal says how far it has looked, so that whoever is cut off does not begin
// again; and what is there already comes without pauses, a part at a time.
func TestStreamOfALongJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.api.cfg.Books = longBooks{w.store, 3*looked + 1}
	ctx, url := w.listens()
	lines, _ := w.open(ctx, keyAll, url, "?type=consume&after=0", "")
	for i := range 3 {
		if want := fmt.Sprint("id: ", (i+1)*looked); !lines.Scan() || lines.Text() != want || !lines.Scan() {
			t.Fatalf("got %q, want %q", lines.Text(), want)
		}
	}
	began := time.Now()
	next, _ := w.stream(ctx, keyAll, url, "?after=0", "")
	for i := range 3 * streamPass {
		if e := next(); e[0] != fmt.Sprint(i+1) {
			t.Fatalf("event %d: %q", i, e)
		}
	}
	if took := time.Since(began); took >= 2*streamLook {
		t.Errorf("it took %v", took)
	}
}
