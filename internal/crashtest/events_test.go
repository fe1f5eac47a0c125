package crashtest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tongka/internal/api"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
	"tongka/internal/store"
)

const (
	eventKills = 6 // on each database
	// readWithin is how soon a reader must have all there is, once nobody kills the server any more.
	readWithin = 30 * time.Second
)

// TestEventsThroughKills has somebody read the events page by page and somebody else in one stream, while tills are at
// work and the server is killed again and again. Each goes on from what it had, and it fails if one of them gets an
// event twice, in another order, not at all, or other than the journal has it in the end.
func TestEventsThroughKills(t *testing.T) {
	for name, dsn := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "books.db") },
		"postgres": func(t *testing.T) string { return pgtest.DSN(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eventsThroughKills(t, dsn(t))
		})
	}
}

func eventsThroughKills(t *testing.T, dsn string) {
	openBooks(t, dsn)
	book := asked{pause: 5 * time.Millisecond} // a journal that is read twice as it grows, on two cores
	var at atomic.Pointer[server]
	readers := []*eventReader{{name: "pages", read: readPages}, {name: "stream", read: readStream}}
	reading, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	for round := range eventKills {
		s := startServer(t, dsn)
		at.Store(s)
		if round == 0 {
			for _, r := range readers {
				running.Go(func() { r.run(reading, &at) })
			}
		}
		book.settle(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		done := book.load(ctx, s, round)
		time.Sleep(time.Duration(300+rand.IntN(1200)) * time.Millisecond)
		s.kill(t)
		cancel()
		<-done
	}
	s := startServer(t, dsn)
	at.Store(s)
	book.settle(t, s)
	want := journal(t, dsn)
	for _, r := range readers {
		r.wait(t, len(want))
	}
	stop()
	running.Wait()
	s.kill(t)
	for _, r := range readers {
		r.check(t, want)
	}
}

// journal returns the events of all entries, as a webhook would be sent them.
func journal(t *testing.T, dsn string) (events []string) {
	t.Helper()
	st, err := store.Open(t.Context(), dsn, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	err = st.EachEntry(t.Context(), 1, 0, func(e *ledger.Entry) error {
		text, err := api.EventOf(ledger.EventID(e), e)
		events = append(events, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// eventReader reads the events of the merchant from the first one on, whatever becomes of the server meanwhile.
type eventReader struct {
	name string
	read func(ctx context.Context, s *server, r *eventReader) error // until it breaks off
	next int64                                                      // where it stands

	mu     sync.Mutex
	events []string
	cuts   int // times that it was broken off
}

func (r *eventReader) run(ctx context.Context, at *atomic.Pointer[server]) {
	for ctx.Err() == nil {
		if err := r.read(ctx, at.Load(), r); err != nil {
			r.mu.Lock()
			r.cuts++
			r.mu.Unlock()
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// took notes what was received, and that the reader stands at next.
func (r *eventReader) took(next int64, events ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next, r.events = next, append(r.events, events...)
}

// askEvents begins a request of a reader.
func (s *server) askEvents(ctx context.Context, path, last string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		_ = res.Body.Close()
		return nil, fmt.Errorf("%s: status %d", path, res.StatusCode)
	}
	return res.Body, nil
}

// readPages reads one page.
func readPages(ctx context.Context, s *server, r *eventReader) error {
	body, err := s.askEvents(ctx, fmt.Sprintf("/v1/events?limit=200&after=%d", r.next), "")
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	var page struct {
		Events []json.RawMessage `json:"events"`
		Next   int64             `json:"next"`
	}
	if err := json.NewDecoder(body).Decode(&page); err != nil {
		return err
	}
	texts := make([]string, len(page.Events))
	for i, e := range page.Events {
		texts[i] = string(e)
	}
	r.took(page.Next, texts...)
	return nil
}

// readStream reads one stream to its end. What is not ended by an empty line was cut off, and is no event.
func readStream(ctx context.Context, s *server, r *eventReader) error {
	body, err := s.askEvents(ctx, "/v1/events/stream", strconv.FormatInt(r.next, 10))
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	var id, data string
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch {
		case name == "id":
			id = value
		case name == "data":
			data = value
		case lines.Text() == "" && data != "":
			n, err := strconv.ParseInt(id, 10, 64)
			if err != nil {
				return err
			}
			r.took(n, data)
			id, data = "", ""
		}
	}
	return errors.Join(errors.New("the stream has ended"), lines.Err())
}

// wait waits until the reader has n events.
func (r *eventReader) wait(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(readWithin); ; time.Sleep(50 * time.Millisecond) {
		r.mu.Lock()
		got := len(r.events)
		r.mu.Unlock()
		if got >= n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %d events of %d after %v", r.name, got, n, readWithin)
		}
	}
}

// check compares what was received with what the journal has.
func (r *eventReader) check(t *testing.T, want []string) {
	t.Helper()
	if r.cuts < eventKills/2 {
		t.Errorf("%s: broken off only %d times by %d kills", r.name, r.cuts, eventKills)
	}
	if len(r.events) != len(want) {
		t.Errorf("%s: %d events, the journal has %d", r.name, len(r.events), len(want))
	}
	for i := range min(len(r.events), len(want)) {
		if r.events[i] != want[i] {
			t.Fatalf("%s: event %d is\n%s\nand the journal has\n%s", r.name, i, r.events[i], want[i])
		}
	}
	t.Logf("%s: %d events, broken off %d times", r.name, len(r.events), r.cuts)
}
