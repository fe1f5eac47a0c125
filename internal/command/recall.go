package command

import (
	"time"

	"tongka/internal/ledger"
)

// Recall tells what became of a request, and does nothing: Changes.Replay is the request that was carried out.
// One that was not carried out by now is refused, RequestUnknown; that it never will be is not said.
type Recall struct {
	Merchant ledger.MerchantID
	Key      ledger.RequestKey
}

// Keys names the request.
func (r Recall) Keys() Keys { return Keys{Requests: []ledger.RequestKey{r.Key}} }

// Decide looks the request up. One that is only presumed to be new is asked for.
func (r Recall) Decide(s *State, _ time.Time) (Changes, error) {
	first, presumed := s.request(r.Key)
	switch {
	case presumed:
		return Changes{}, NeedRecords{Keys{Requests: []ledger.RequestKey{r.Key}}}
	case first == nil:
		return Changes{}, ledger.Refuse(ledger.RequestUnknown)
	}
	return Changes{Replay: first}, nil
}
