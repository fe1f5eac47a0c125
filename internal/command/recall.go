package command

import (
	"time"

	"tongka/internal/ledger"
)

// Recall looks a request up and does nothing else: Changes.Replay is the request that was carried out. If it has not
// been carried out yet, Recall refuses with RequestUnknown, which does not mean that it never will be.
type Recall struct {
	Merchant ledger.MerchantID
	Key      ledger.RequestKey
	Layouts  []Layout // by which the request may have been answered
}

// Keys names the request.
func (r Recall) Keys() Keys { return Keys{Requests: []ledger.RequestKey{r.Key}} }

// Decide looks the request up, and asks for it if it is only assumed to be new.
func (r Recall) Decide(s *State, _ time.Time) (Changes, error) {
	first, assumed := s.request(r.Key)
	switch {
	case assumed:
		return Changes{}, NeedRecords{Keys{Requests: []ledger.RequestKey{r.Key}}}
	case first == nil:
		return Changes{}, ledger.Refuse(ledger.RequestUnknown)
	}
	return s.replay(first, r.Layouts)
}
