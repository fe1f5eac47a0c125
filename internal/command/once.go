package command

import (
	"errors"
	"fmt"
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

// entryless is implemented by commands that may be carried out without an entry, because they found nothing to change
// or only send something. All others make one, so no request of theirs stands without it.
type entryless interface{ mayMakeNoEntry() bool }

func mayMakeNoEntry(c Command) bool {
	may, some := c.(entryless)
	return some && may.mayMakeNoEntry()
}

func (m ModifyDetails) mayMakeNoEntry() bool { return true }
func (l ChangeLevel) mayMakeNoEntry() bool   { return true }
func (i Import) mayMakeNoEntry() bool        { return true }
func (p SendCode) mayMakeNoEntry() bool      { return true }
func (p Scanned) mayMakeNoEntry() bool       { return p.Command == nil || mayMakeNoEntry(p.Command) }

// Keys names the command's keys and the request.
func (o Once) Keys() Keys {
	k := o.Command.Keys()
	k.Requests = []ledger.RequestKey{o.Key}
	return k
}

// Decide returns the first answer in Changes.Replay, or decides the command and stores its answer. A request that
// stands for no entry is no proof that a command which makes one was carried out: that is an UnreadableError. If the
// request is only assumed to be new, a save must be able to prove it wrong. So Decide asks for the request if
// the command is refused, which saves nothing, or makes neither entry nor message, since such a save does not
// show whether it was the first.
func (o Once) Decide(s *State, now time.Time) (Changes, error) {
	first, presumed := s.request(o.Key)
	if first != nil {
		if first.Fingerprint != ledger.Fingerprint(o.Fingerprint[:8]) {
			return Changes{}, ledger.Refuse(ledger.RequestReused)
		}
		if first.Entry == 0 && !mayMakeNoEntry(o.Command) { // no program of ours wrote it
			return Changes{}, &ledger.UnreadableError{
				Err: fmt.Errorf("request %x says that a %T was carried out, and stands for no entry", first.Name, o.Command),
			}
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
	switch {
	case len(ch.Entries) > 0:
		r.Entry = ch.Last().ID
	case !mayMakeNoEntry(o.Command):
		panic(fmt.Sprintf("a %T made no entry, and its request would prove nothing", o.Command))
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
