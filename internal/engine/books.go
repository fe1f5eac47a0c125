package engine

import (
	"cmp"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// mostBooks is the number of merchants whose books a lane always keeps; above it, unused ones may be dropped.
const mostBooks = 1024

// books is what a lane keeps of one merchant between batches. It is what the store holds after the last batch, unless
// another writer came in between; the version of the head shows that.
type books struct {
	merchant ledger.MerchantID
	state    *command.State
	version  int64 // of the head in the store, as far as the lane knows
	seen     bool  // version is known, and all that the state knows belongs to it
	kept     bool  // records of earlier batches were used, which may be older than those just loaded

	keys   command.Keys // of the jobs about to be decided
	round  int64        // number of the booksOf call that last listed it
	used   bool         // since letGo last ran
	opened bool         // it is in the lane's opened list

	asks     bool  // all request ids of the next batch are looked up
	cautious int   // for this number of further batches too
	foreign  int   // how often another process was first, each within calmFor batches of the last time
	calm     int   // number of batches since
	turns    int   // for this number of batches, turns are taken
	alone    int   // number of consecutive turns between which nobody else had the merchant
	leftAt   int64 // version of the head after the last batch that took a turn
}

// reset forgets all records, because they may differ from those in the store.
func (b *books) reset() {
	b.state.Reset()
	b.seen, b.kept = false, false
}

// begin starts a batch. While turns are taken nothing is kept from one batch to the next, since others have the
// merchant in between.
func (b *books) begin() {
	b.cautious, b.turns = max(0, b.cautious-1), max(0, b.turns-1)
	if b.calm++; b.calm == calmFor {
		b.foreign = 0
	}
	if b.turns == 0 || !b.seen {
		return
	}
	if b.state.Moved() {
		panic("bug: something was decided ahead at a merchant of whom turns are taken")
	}
	b.leftAt = b.version
	b.reset()
}

// stale notes that a save of the books was refused: another writer was first, or a request that was assumed to be new
// was not.
func (b *books) stale() {
	b.asks = true
	if b.turns > 0 {
		b.reset()
	}
}

// otherWasFirst notes that another process changed the books. One that does so now and then, as for a change of
// settings, costs this one a save. With one that is busy here too it is better to take turns.
func (b *books) otherWasFirst() {
	b.cautious, b.calm = cautiousFor, 0
	if b.foreign++; b.foreign >= busyFrom {
		b.turns, b.alone = turnsFor, 0
	}
}

// learn adds what was found to the state. It returns false if the head shows that another writer changed the books
// since; then all records are forgotten and everything must be loaded again.
func (b *books) learn(keys command.Keys, found command.Records) bool {
	if keys.Head {
		if b.seen && found.Head.Version != b.version {
			b.reset()
			b.otherWasFirst()
			return false
		}
		b.seen, b.version = true, found.Head.Version
	}
	if b.asks && len(found.Requests) > 0 { // one that was assumed to be new is old: more of these may come
		b.cautious = cautiousFor
	}
	b.state.Learn(keys, found)
	return true
}

// mayAssumeNew reports whether request ids that were not seen before may be assumed to be new.
func (b *books) mayAssumeNew() bool { return b.kept && b.cautious == 0 && !b.asks }

// of returns the books of a merchant, and creates them if needed.
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

// booksOf returns the books of the jobs, each once, ordered by merchant.
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

// open adds books to those that forget and drop go through.
func (l *lane) open(some []*books) {
	for _, b := range some {
		if !b.opened {
			b.opened = true
			l.opened = append(l.opened, b)
		}
	}
}

// forget drops records that are no longer needed, unless something is decided ahead.
func (l *lane) forget() {
	if l.ahead > 0 || l.largeAhead > 0 {
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

// letGo drops the books that were not used since it last ran.
func (l *lane) letGo() {
	for _, jobs := range [][]*job{l.next, l.large} {
		for _, j := range jobs {
			j.books.used = true
		}
	}
	for id, b := range l.books {
		if !b.used {
			delete(l.books, id)
		}
		b.used = false
	}
	l.letGoAt = max(mostBooks, 2*len(l.books))
}

// drop forgets what was decided and is not in the store. Jobs that were decided ahead are decided again.
func (l *lane) drop() {
	for _, b := range l.opened {
		b.opened = false
		b.state.Abandon()
	}
	l.opened, l.decided, l.ahead = l.opened[:0], 0, 0
	l.largeAhead, l.largeNames, l.readied = 0, 0, nil
}
