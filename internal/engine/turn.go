package engine

import (
	"context"
	"slices"

	"tongka/internal/command"
)

const (
	// busyFrom is how often another process must have been first at a merchant, with less than calmFor batches in
	// between, for turns to be taken there.
	busyFrom = 3
	calmFor  = 50
	// turnsFor is the number of batches for which a lane takes turns at a merchant after another process was first.
	turnsFor = 1000
	// aloneFor is the number of consecutive turns without anybody else at the merchant after which no more turns are
	// taken.
	aloneFor = 50
)

// turn is the right to be the next to save among those who take turns. Save and End give it up.
type turn = interface {
	Save(ctx context.Context, changes ...command.Changes) error
	End()
}

// turner is a store that several processes may write. If two are busy with one merchant, each makes most batches of
// the other stale; by taking turns neither does, and each gets its share.
type turner interface {
	// Turn is Load after getting the turn of all merchants whose heads are wanted. All others whose changes are saved in
	// it must be named too, be it with a want of nothing. A turn only avoids waste: what keeps saves correct are the
	// versions of the heads.
	Turn(ctx context.Context, wants ...command.Want) ([]command.Records, turn, error)
}

// loadRecords loads, and first takes a turn at merchants that others write too. If it gets none, it loads without.
// saved are the books of all that is saved next; nil = that is decided ahead.
func (l *lane) loadRecords(asked []*books, wants []command.Want, saved []*books) ([]command.Records, error) {
	t, ok := l.store.(turner)
	if !ok || saved == nil || l.turn != nil ||
		!slices.ContainsFunc(asked, func(b *books) bool { return b.turns > 0 && !b.seen }) {
		return l.store.Load(l.ctx, wants...)
	}
	for _, b := range saved {
		if !slices.Contains(asked, b) {
			wants = append(wants, command.Want{Merchant: b.merchant})
		}
	}
	found, turn, err := t.Turn(l.ctx, wants...)
	if err != nil {
		return l.store.Load(l.ctx, wants[:len(asked)]...)
	}
	l.turn = turn
	l.cfg.Observe.Turn()
	for i, b := range asked {
		if b.turns > 0 && !b.seen {
			b.notice(found[i].Head.Version)
		}
	}
	return found, nil
}

// notice stops taking turns if nobody else has used one for a while.
func (b *books) notice(version int64) {
	if b.alone++; version != b.leftAt {
		b.alone = 0
	}
	if b.alone == aloneFor {
		b.turns = 0
	}
}

// endTurn gives up a turn in which nothing was saved.
func (l *lane) endTurn() {
	if l.turn != nil {
		l.turn.End()
		l.turn = nil
	}
}
