package engine

import (
	"cmp"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// mostBooks is of how many merchants a lane keeps books at least before it lets those go that nobody uses.
const mostBooks = 1024

// books are what a lane keeps of one merchant between batches. What a batch decided is what the store holds
// after it; whether another writer came in between shows in the version of the head.
type books struct {
	merchant ledger.MerchantID
	state    *command.State
	version  int64 // of the head in the store, as far as the lane knows
	seen     bool  // the version is known; what the state knows is of that version
	kept     bool  // some of what was last decided on may be older than the rest of it

	keys   command.Keys // of the jobs that are about to be decided
	round  int64        // in which they were gathered
	used   bool         // since idle books were last let go
	opened bool         // it is among those of the lane

	asks     bool  // the next batch asks for all of its request ids
	cautious int   // and so do so many after that
	turns    int   // for so many batches, turns are taken
	alone    int   // so many turns in a row, nobody else had the merchant between
	leftAt   int64 // version of the head as the last batch that took its turn left it
}

// reset forgets all records: they are not those of the store any more.
func (b *books) reset() {
	b.state.Reset()
	b.seen, b.kept = false, false
}

// begin begins a batch. Who takes turns keeps nothing from one to the next: others had the merchant between.
func (b *books) begin() {
	b.cautious, b.turns = max(0, b.cautious-1), max(0, b.turns-1)
	if b.turns == 0 || !b.seen {
		return
	}
	if b.state.Moved() {
		panic("bug: something was decided ahead at a merchant of whom turns are taken")
	}
	b.leftAt = b.version
	b.reset()
}

// stale notes that a save of the books was refused: of another writer, or of a request that was presumed to be new.
func (b *books) stale() {
	b.asks = true
	if b.turns > 0 {
		b.reset()
	}
}

// learn takes in what was found, and returns false where the head shows that somebody else was at the books
// since: then they are forgotten, and everything is asked for anew.
func (b *books) learn(keys command.Keys, found command.Records) bool {
	if keys.Head {
		if b.seen && found.Head.Version != b.version {
			b.reset()
			b.cautious, b.turns, b.alone = cautiousFor, turnsFor, 0
			return false
		}
		b.seen, b.version = true, found.Head.Version
	}
	if b.asks && len(found.Requests) > 0 { // one that was presumed to be new is old: more of these may come
		b.cautious = cautiousFor
	}
	b.state.Learn(keys, found)
	return true
}

// mayAssumeNew reports whether request ids that were not heard of may be taken to be new.
func (b *books) mayAssumeNew() bool { return b.kept && b.cautious == 0 && !b.asks }

// of are the books of a merchant.
func (l *lane) of(id ledger.MerchantID) *books {
	b := l.books[id]
	if b == nil {
		b = &books{merchant: id, state: l.shelf.State(id)}
		b.state.Writer = l.writer
		l.books[id] = b
	}
	b.used = true
	return b
}

// booksOf are the books of the jobs, each once, by merchant.
func (l *lane) booksOf(jobs []*job) []*books {
	l.round++
	var all []*books
	for _, j := range jobs {
		if j.books.round != l.round {
			j.books.round = l.round
			all = append(all, j.books)
		}
	}
	slices.SortFunc(all, func(a, b *books) int { return cmp.Compare(a.merchant, b.merchant) })
	return all
}

// open notes that the books hold what is forgotten once nothing is decided ahead, or when it came to nothing.
func (l *lane) open(some []*books) {
	for _, b := range some {
		if !b.opened {
			b.opened = true
			l.opened = append(l.opened, b)
		}
	}
}

// forget forgets, where nothing is decided ahead, what nobody may ask for again.
func (l *lane) forget() {
	if l.ahead > 0 {
		return
	}
	for _, b := range l.opened {
		b.opened = false
		b.state.Forget()
	}
	l.opened = l.opened[:0]
	if len(l.books) >= l.letGoAt {
		l.letGo()
	}
}

// letGo lets the books go that nobody has used since it was last done.
func (l *lane) letGo() {
	for _, j := range l.next {
		j.books.used = true
	}
	for id, b := range l.books {
		if !b.used {
			delete(l.books, id)
		}
		b.used = false
	}
	l.letGoAt = max(mostBooks, 2*len(l.books))
}

// drop forgets what was decided and is not in the store, and jobs that were decided ahead are decided again.
func (l *lane) drop() {
	for _, b := range l.opened {
		b.opened = false
		b.state.Abandon()
	}
	l.opened, l.decided, l.ahead = l.opened[:0], 0, 0
}
