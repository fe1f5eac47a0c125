package command

import (
	"errors"
	"time"

	"tongka/internal/ledger"
)

// Once makes a command idempotent for as long as the journal lives: repeated under the same key with the same
// fingerprint it returns the first answer and does nothing; with another fingerprint it is refused. A refused command
// leaves no request, so the same request may succeed later.
type Once struct {
	Command     Command
	Key         ledger.RequestKey
	Fingerprint [32]byte // of what was asked
	// Answer makes the bytes that are stored for a repeated request. It runs before the commit, so it may use
	// nothing but the changes.
	Answer func(Changes) []byte
	// Layouts write the answer in place of Answer, where there are some: the first those to come, the others those of
	// before.
	Layouts []Layout
}

// Keys names the command's keys and the request.
func (o Once) Keys() Keys {
	k := o.Command.Keys()
	k.Requests = []ledger.RequestKey{o.Key}
	return k
}

// Decide returns the first answer in Changes.Replay, or decides the command and stores its answer. If the
// request is only assumed to be new, a save must be able to prove it wrong. So Decide asks for the request if
// the command is refused, which saves nothing, or makes neither entry nor message, since such a save does not
// show whether it was the first.
func (o Once) Decide(s *State, now time.Time) (Changes, error) {
	first, presumed := s.request(o.Key)
	if first != nil {
		if first.Fingerprint != ledger.Fingerprint(o.Fingerprint[:8]) {
			return Changes{}, ledger.Refuse(ledger.RequestReused)
		}
		return s.replay(first, o.Layouts)
	}
	r := ledger.Request{
		Merchant: s.id, Key: o.Key, Name: o.Key.Name(), Fingerprint: ledger.Fingerprint(o.Fingerprint[:8]),
	}
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
	if len(ch.Entries) > 0 {
		r.Entry = ch.Last().ID
	}
	if len(o.Layouts) > 0 && len(ch.Entries) > 0 {
		o.Layouts[0].answer(&r, ch)
	} else {
		r.Answer = o.Answer(ch)
	}
	r.Proof = r.Evidence()
	ch.Requests = []ledger.Request{r}
	return ch, nil
}
