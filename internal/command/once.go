package command

import (
	"errors"
	"time"

	"tongka/internal/ledger"
)

// Once makes a command idempotent for as long as the journal lives: asked again under the same key
// with the same fingerprint it returns the first answer and does nothing, with another fingerprint it
// is refused. A refused command leaves no request, so the same request may succeed later.
type Once struct {
	Command     Command
	Key         ledger.RequestKey
	Fingerprint [32]byte // of what is asked
	// Answer makes the bytes to keep for the caller who asks again. It runs before the commit, so it
	// may only look at the changes.
	Answer func(Changes) []byte
}

// Keys names the command's keys and the request.
func (o Once) Keys() Keys {
	k := o.Command.Keys()
	k.Requests = []ledger.RequestKey{o.Key}
	return k
}

// Decide returns the first answer in Changes.Replay, or decides the command and keeps its answer. On a
// request that is only presumed to be new it decides nothing but what the store can tell from the first
// time: a refusal saves nothing, and without an entry or a message one save is like another.
func (o Once) Decide(s *State, now time.Time) (Changes, error) {
	first, presumed := s.request(o.Key)
	if first != nil {
		if first.Fingerprint != o.Fingerprint {
			return Changes{}, ledger.Refuse(ledger.RequestReused)
		}
		return Changes{Replay: first}, nil
	}
	r := ledger.Request{Merchant: s.id, Key: o.Key, Fingerprint: o.Fingerprint}
	s.asked = r.Mark()
	defer func() { s.asked = 0 }()
	ch, err := o.Command.Decide(s, now)
	_, refused := errors.AsType[ledger.Refusal](err)
	if presumed && (refused || err == nil && len(ch.Entries)+len(ch.Messages) == 0) {
		return Changes{}, NeedRecords{Keys{Requests: []ledger.RequestKey{o.Key}}}
	}
	if err != nil || ch.Denied != nil {
		return ch, err
	}
	r.Answer = o.Answer(ch)
	if len(ch.Entries) > 0 {
		r.Entry = ch.Last().ID
	}
	r.Proof = r.Evidence()
	ch.Requests = []ledger.Request{r}
	return ch, nil
}
