package command

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
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
	// Signature is what the request was proved by, if another request could be proved by the same.
	Signature Signature
}

// Signature names a proof under which one request is carried out, and no other.
type Signature struct {
	Subject string    // "" = nothing to guard
	Until   time.Time // when the proof is not accepted any longer
}

// entryless is implemented by commands that may be carried out without an entry, because they found nothing to change
// or only send something. All others make one, so no request of theirs stands without it.
type entryless interface{ mayMakeNoEntry() bool }

func mayMakeNoEntry(c Command) bool {
	may, some := c.(entryless)
	return some && may.mayMakeNoEntry()
}

func (m ModifyDetails) mayMakeNoEntry() bool { return true }
func (m ModifyHolder) mayMakeNoEntry() bool  { return m.IfChanged }
func (l ChangeLevel) mayMakeNoEntry() bool   { return true }
func (i Import) mayMakeNoEntry() bool        { return true }
func (p SendCode) mayMakeNoEntry() bool      { return true }
func (p Scanned) mayMakeNoEntry() bool       { return p.Command == nil || mayMakeNoEntry(p.Command) }

// Keys names the command's keys and the request.
func (o Once) Keys() Keys {
	k := o.Command.Keys()
	k.Requests = append(slices.Clip(k.Requests), o.Key)
	if o.Signature.Subject != "" {
		k.Guards = append(slices.Clip(k.Guards), o.Signature.guardKey())
	}
	return k
}

// Decide returns the first answer in Changes.Replay, or decides the command and stores its answer. A request that
// stands for no entry is no proof that a command which makes one was carried out: that is an UnreadableError. If the
// request is only assumed to be new, a save must be able to prove it wrong. So Decide asks for the request if
// the command is refused, which saves nothing, or makes neither entry nor message, since such a save does not
// show whether it was the first.
func (o Once) Decide(s *State, now time.Time) (Changes, error) {
	first, assumed := s.request(o.Key)
	if first != nil {
		return o.again(s, first)
	}
	r := ledger.Request{
		Merchant: s.id, Key: o.Key, Name: o.Key.Name(), Fingerprint: ledger.Fingerprint(o.Fingerprint[:8]),
	}
	used, err := o.signature(s, now)
	if err != nil {
		return Changes{}, err
	}
	s.asked = r.Mark()
	defer func() { s.asked = 0 }()
	ch, err := o.Command.Decide(s, now)
	_, refused := errors.AsType[ledger.Refusal](err)
	if assumed && (refused || err == nil && len(ch.Entries)+len(ch.Messages) == 0) {
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
	ch.Guards = append(ch.Guards, used...)
	return ch, nil
}

// again returns the first answer.
func (o Once) again(s *State, first *ledger.Request) (Changes, error) {
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

func (s Signature) guardKey() ledger.GuardKey {
	sum := sha256.Sum256([]byte(s.Subject))
	return ledger.GuardKey{Kind: ledger.SignatureUsed, Subject: hex.EncodeToString(sum[:])}
}

// signature returns the guard to be saved with the request, so that its signature serves no other request. It refuses
// a request whose signature another one was carried out under.
func (o Once) signature(s *State, now time.Time) ([]ledger.Guard, error) {
	if o.Signature.Subject == "" {
		return nil, nil
	}
	name := o.Key.Name()
	used := ledger.Guard{
		Merchant: s.id, GuardKey: o.Signature.guardKey(), Count: 1,
		Until: o.Signature.Until.UTC().Truncate(time.Millisecond),
		Hash:  sha256.Sum256(append(name[:], o.Fingerprint[:]...)),
	}
	if g := s.guards.get(used.GuardKey); g != nil && !g.Over(now) && g.Hash != used.Hash {
		return nil, ledger.Refuse(ledger.RequestReused)
	}
	return []ledger.Guard{used}, nil
}
