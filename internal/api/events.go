package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// EventsQuery asks for events.
type EventsQuery struct {
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many are wanted at most."`
	After int64  `query:"after" minimum:"0" doc:"The next of the page before; left out to begin with the first event."`
	Type  []Kind `query:"type" maxItems:"50" doc:"Only events of these types."`
}

// Events is a page of events.
type Events struct {
	Events []Event `json:"events" doc:"In the order in which they happened."`
	Next   int64   `json:"next" doc:"Asks for what happens from here on as after, now or later."`
	More   bool    `json:"more" doc:"There may be more behind it already."`
}

func listEvents(c *call, in *EventsQuery) (out Events, err error) {
	page, err := listEntries(c, &JournalQuery{Limit: in.Limit, After: in.After, Kind: in.Type})
	out = Events{Events: make([]Event, 0, len(page.Entries)), Next: page.Next, More: page.More}
	for _, e := range page.Entries {
		out.Events = append(out.Events, c.event(e))
	}
	return out, err
}

// event is the event of an entry, as webhooks have it.
func (c *call) event(e Entry) Event {
	return Event{ID: ledger.EventID(e.of), Type: EventKind(e.Kind), At: e.At, Merchant: int64(c.merchant.ID), Data: e}
}

// Limits of a stream.
const (
	streamFor   = 15 * time.Minute // then it ends, and the caller goes on where it stood
	streamLook  = time.Second      // between two looks for what is new
	streamAlive = 20 * time.Second // of silence; then a comment is sent, so that nothing between takes it for dead
	streamWrite = 30 * time.Second // for one write
	streamsMost = 4                // of one key at a time
)

// StreamQuery asks for a stream of events.
type StreamQuery struct {
	After int64  `query:"after" minimum:"0" doc:"Begin behind this entry; left out for what happens from now on."`
	Last  string `header:"Last-Event-ID" maxLength:"20" doc:"The id that was received last."`
	Type  []Kind `query:"type" maxItems:"50" doc:"Only events of these types."`
}

// streams counts those that are open, by key.
type streams struct {
	mu   sync.Mutex
	open map[ledger.AgentID]int
}

// begin counts a stream in; ok is false if the key has as many as it may.
func (s *streams) begin(key ledger.AgentID) (end func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[ledger.AgentID]int{}
	}
	if s.open[key] == streamsMost {
		return nil, false
	}
	s.open[key]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.open[key]--; s.open[key] == 0 {
			delete(s.open, key)
		}
	}, true
}

// registerStream adds the stream of events, which is no JSON and so described by hand.
func (a *API) registerStream() {
	o := operation{
		id: "streamEvents", method: http.MethodGet, path: "/events/stream", tag: "journal", needs: ledger.MayReports,
		summary: "Get events as they happen, as server-sent events", streams: true,
		about: "Each has the entry's id as its id, its type as its event, and the event as its data. A stream ends after " +
			"15 minutes, or with its key; whoever comes back with the last id (Last-Event-ID, or after) misses none.",
	}
	op := a.describe(&o)
	op.Responses[strconv.Itoa(http.StatusOK)] = &huma.Response{
		Description: "Server-sent events",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: "string"}}},
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *StreamQuery) (*huma.StreamResponse, error) {
		c := callOf(ctx)
		after, err := c.streamFrom(in)
		if err != nil {
			return nil, c.problem(notDone(err))
		}
		end, ok := a.streams.begin(c.agent.ID)
		if !ok {
			return nil, c.refuse(faultStreams)
		}
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			defer end()
			ctx.SetHeader("Content-Type", "text/event-stream")
			ctx.SetStatus(http.StatusOK)
			if r, w := humago.Unwrap(ctx); r.Method != http.MethodHead { // which has no body to wait for
				c.stream(w, after, in.Type)
			}
		}}, nil
	})
}

// streamFrom returns the entry behind which a stream begins.
func (c *call) streamFrom(in *StreamQuery) (ledger.EntryID, error) {
	if in.Last != "" {
		n, err := strconv.ParseInt(in.Last, 10, 64)
		if err != nil || n < 0 {
			return 0, c.refuseField("header.Last-Event-ID", "want the id of an event")
		}
		return ledger.EntryID(n), c.reached(n)
	}
	if in.After != 0 {
		return ledger.EntryID(in.After), c.reached(in.After)
	}
	return c.newest()
}

// newest returns the merchant's newest entry.
func (c *call) newest() (ledger.EntryID, error) {
	found, err := c.cfg.Books.Load(c.ctx, command.Want{Merchant: c.merchant.ID, Keys: command.Keys{Head: true}})
	if err != nil {
		return 0, err
	}
	return found[0].Head.LastEntry, nil
}

// stream sends events until the caller leaves or may not have them any more, the program stops or the time is over.
// Whatever ends it, the caller comes back, and is told then what was wrong.
func (c *call) stream(w http.ResponseWriter, after ledger.EntryID, types []Kind) {
	out := http.NewResponseController(w)
	over, silent := time.Now().Add(streamFor), time.Time{} // a comment comes at once: the caller sees that it is heard
	for c.still() && time.Now().Before(over) {
		// Errors end the stream: the caller is gone, or the store is, and there is nobody to be told.
		_ = out.SetWriteDeadline(time.Now().Add(streamWrite))
		sent, next, err := c.sendEvents(w, after, types)
		if err != nil {
			if c.ctx.Err() == nil {
				c.note.Err = err
			}
			return
		}
		if after = next; sent == 0 && time.Since(silent) > streamAlive {
			sent = 1
			if _, err := io.WriteString(w, ":\n\n"); err != nil {
				return
			}
		}
		if sent > 0 {
			silent = time.Now()
			if err := out.Flush(); err != nil {
				return
			}
		}
		select {
		case <-c.ctx.Done():
			return
		case <-c.cfg.Stop:
			return
		case <-time.After(streamLook):
		}
	}
}

// sendEvents writes the events behind an entry, and returns how many they were and the entry that was looked at last.
func (c *call) sendEvents(w io.Writer, after ledger.EntryID, types []Kind) (sent int, next ledger.EntryID, err error) {
	next = after
	err = c.cfg.Books.EachEntry(c.ctx, c.merchant.ID, after, func(e *ledger.Entry) error {
		next = e.ID
		if kind := Kind(kinds.of[e.Kind]); !c.sees(e) || len(types) > 0 && !slices.Contains(types, kind) {
			return nil
		}
		sent++
		entry := entryOf(e)
		_, err := fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n", e.ID, entry.Kind, mustMarshal(c.event(entry)))
		return err
	})
	return sent, next, err
}
