package api

import (
	"context"
	"errors"
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
	streamAlive = 20 * time.Second // of silence; then it is told where it stands, so that nothing takes it for dead
	streamWrite = 30 * time.Second // for what is sent in one pass
	streamPass  = 500              // events that one pass sends at most
	streamsMost = 4                // of one key at a time
)

// StreamQuery asks for a stream of events.
type StreamQuery struct {
	After int64  `query:"after" minimum:"0" doc:"Begin behind this entry, 0 for the first event; left out from now on."`
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
		about: "Each has the entry's id as its id, its type as its event, and the event as its data. An id without data " +
			"says how far the journal was looked at, first of all and whenever nothing else is to be said for 20 seconds. A " +
			"stream ends after 15 minutes, or with its key; whoever comes back with the last id (Last-Event-ID, or after) " +
			"misses none.",
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
	if c.query.Get("after") != "" {
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
// Whatever ends it, the caller comes back, and is told then what was wrong. He always knows where it stood, also if
// there was nothing for him yet: where it begins is told at once, and how far it has looked with each pass.
func (c *call) stream(w http.ResponseWriter, after ledger.EntryID, types []Kind) {
	out := http.NewResponseController(w)
	over, told := time.Now().Add(streamFor), time.Time{}
	for c.still() && time.Now().Before(over) {
		// Errors end the stream: the caller is gone, or the store is, and there is nobody to be told.
		_ = out.SetWriteDeadline(time.Now().Add(streamWrite))
		done, err := c.sendEvents(w, after, types)
		after = done.next
		tell := done.sent > 0
		if err == nil && !tell && (done.more || time.Since(told) > streamAlive) {
			tell = true
			_, err = fmt.Fprintf(w, "id: %d\n\n", after)
		}
		if err != nil {
			if c.ctx.Err() == nil {
				c.note.Err = err
			}
			return
		}
		if tell {
			told = time.Now()
			if err := out.Flush(); err != nil {
				return
			}
		}
		if !c.goesOn(done.more) {
			return
		}
	}
}

// goesOn waits until a stream is to look again, which is at once if there is more already. It returns false if the
// caller has left, or the program stops.
func (c *call) goesOn(more bool) bool {
	wait := streamLook
	if more {
		wait = 0
	}
	select {
	case <-c.ctx.Done():
		return false
	case <-c.cfg.Stop:
		return false
	case <-time.After(wait):
		return true
	}
}

// pass is what a stream has done in one look at the journal.
type pass struct {
	sent int
	next ledger.EntryID // the entry that was looked at last
	more bool           // there is more behind it already
}

// sendEvents writes the events behind an entry: so many at most as can be sent before it is asked again whether the
// caller may have them, and as he is to be told soon how far it is where hardly any are for him.
func (c *call) sendEvents(w io.Writer, after ledger.EntryID, types []Kind) (done pass, err error) {
	done.next = after
	n := 0
	err = c.cfg.Books.EachEntry(c.ctx, c.merchant.ID, after, func(e *ledger.Entry) error {
		if n == looked || done.sent == streamPass {
			done.more = true
			return errEnough
		}
		n++
		done.next = e.ID
		if kind := Kind(kinds.of[e.Kind]); !c.sees(e) || len(types) > 0 && !slices.Contains(types, kind) {
			return nil
		}
		done.sent++
		entry := entryOf(e)
		_, err := fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n", e.ID, entry.Kind, mustMarshal(c.event(entry)))
		return err
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return done, err
}
