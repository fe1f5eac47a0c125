package command

import (
	"fmt"

	"tongka/internal/ledger"
)

// Layout is how an answer is written out of the entries a command made, so that they need not be kept twice: now, and
// again for whoever asks again, however long after. So it may look at nothing that can be otherwise then, but keep
// that in the rest.
type Layout struct {
	// Version is kept with the request, and not 0. A layout that writes other bytes has another; the old one stays, for
	// the requests that have it.
	Version int64
	// Rest is what is needed beside the entries.
	Rest func(Changes) []byte
	// Write makes the answer of Last, Newest and the rest of the changes.
	Write func(rest []byte, last, newest *ledger.Entry) []byte
}

// Answer writes the answer to what a command did.
func (l *Layout) Answer(ch Changes) []byte { return l.Write(l.Rest(ch), ch.Last(), ch.Newest()) }

// answer writes the answer to a request by the layout, and notes how to write it again. The newest entry has to be
// found then: where it does not refer to the last one, the answer is kept whole.
func (l *Layout) answer(r *ledger.Request, ch Changes) {
	rest := l.Rest(ch)
	last, newest := ch.Last(), ch.Newest()
	r.Answer = l.Write(rest, last, newest)
	if newest == last || newest.RefersTo == last.ID && newest.Asked == last.Asked {
		r.Layout, r.Rest, r.Sum = l.Version, rest, ledger.AnswerSum(r.Answer)
	}
}

// replay is what is told of a request that was carried out, with its answer. It asks for the entry the answer is
// written out of, if it has to be.
func (s *State) replay(first *ledger.Request, layouts []Layout) (Changes, error) {
	if first.Layout == 0 || first.Answer != nil {
		return Changes{Replay: first}, nil
	}
	if !s.entries.knows(first.Entry) || !s.undone.knows(first.Entry) {
		return Changes{}, NeedRecords{Keys{Entries: []ledger.EntryID{first.Entry}}}
	}
	last := s.entries.get(first.Entry)
	if last == nil {
		return Changes{}, &ledger.UnreadableError{
			Err: fmt.Errorf("entry %d, of which a request was answered, is gone", first.Entry),
		}
	}
	newest := last
	for _, e := range s.undone.get(first.Entry) {
		if e.Asked == last.Asked && e.ID > newest.ID {
			newest = e
		}
	}
	for i := range layouts {
		l := &layouts[i]
		if l.Version != first.Layout {
			continue
		}
		again := *first
		again.Answer = l.Write(first.Rest, last, newest)
		if ledger.AnswerSum(again.Answer) == first.Sum {
			return Changes{Replay: &again}, nil
		}
	}
	return Changes{}, &ledger.UnreadableError{Err: fmt.Errorf(
		"the answer about entry %d, of layout %d, cannot be written again as it was", first.Entry, first.Layout)}
}
