package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"strconv"
	"time"
)

// Event is something that happened, as webhooks have it.
type Event struct {
	ID       string          `json:"id"`
	Type     string          `json:"type"`
	At       time.Time       `json:"timestamp"`
	Merchant int64           `json:"merchant"`
	Data     json.RawMessage `json:"data"` // the entry
}

// EventPage is some of what happened. Whoever keeps Next when all of Events is done, and begins there again, gets each
// event once and misses none.
type EventPage struct {
	Events []Event `json:"events"`
	Next   int64   `json:"next"`
	More   bool    `json:"more"`
}

// eventsPerPage is as many as the API gives at once.
const eventsPerPage = "200"

// Events yields what happened behind an entry, 0 = from the first, up to now. If there are types, others are left out.
// An error ends it.
func (a *API) Events(ctx context.Context, after int64, types ...string) iter.Seq2[EventPage, error] {
	return func(yield func(EventPage, error) bool) {
		for more := true; more; {
			query := url.Values{"after": {strconv.FormatInt(after, 10)}, "limit": {eventsPerPage}}
			if len(types) > 0 {
				query["type"] = types
			}
			var page EventPage
			err := a.Get(ctx, "/v1/events", query, &page)
			if !yield(page, err) || err != nil {
				return
			}
			after, more = page.Next, page.More
		}
	}
}
