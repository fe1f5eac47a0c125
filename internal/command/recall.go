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
	first, err := s.carriedOut(r.Key)
	if err != nil {
		return Changes{}, err
	}
	return s.replay(first, r.Layouts)
}

// carriedOut returns a request that was carried out. It asks for one that is only assumed to be new.
func (s *State) carriedOut(key ledger.RequestKey) (*ledger.Request, error) {
	first, assumed := s.request(key)
	switch {
	case assumed:
		return nil, NeedRecords{Keys{Requests: []ledger.RequestKey{key}}}
	case first == nil:
		return nil, ledger.Refuse(ledger.RequestUnknown)
	}
	return first, nil
}
