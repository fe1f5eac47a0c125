package engine

import (
	"context"
	"slices"

	"tongka/internal/command"
)

const (
	// turnsFor is for how many batches a lane takes turns at a merchant after another process was at it.
	turnsFor = 1000
	// aloneFor is after how many turns in a row that nobody else had the merchant between it takes none.
	aloneFor = 50
)

// turn is the right to save next among those who take turns. Save and End end it.
type turn = interface {
	Save(ctx context.Context, changes ...command.Changes) error
	End()
}

// turner is a store that several processes may write. Two that are busy with one merchant would make each
// other's batches stale most of the time; taking turns they do not, and each gets its share.
type turner interface {
	// Turn is Load by one who has the turn of all merchants whose heads are wanted. It is a hint: the heads guard.
	Turn(ctx context.Context, wants ...command.Want) ([]command.Records, turn, error)
}

// loadRecords loads, and takes a turn at merchants that others write meanwhile. Who does not get one goes on
// without it.
func (l *lane) loadRecords(asked []*books, wants []command.Want, ahead bool) ([]command.Records, error) {
	t, ok := l.store.(turner)
	if !ok || ahead || l.turn != nil ||
		!slices.ContainsFunc(asked, func(b *books) bool { return b.turns > 0 && !b.seen }) {
		return l.store.Load(l.ctx, wants...)
	}
	found, turn, err := t.Turn(l.ctx, wants...)
	if err != nil {
		return l.store.Load(l.ctx, wants...)
	}
	l.turn = turn
	for i, b := range asked {
		if b.turns > 0 && !b.seen {
			b.notice(found[i].Head.Version)
		}
	}
	return found, nil
}

// notice takes no more turns when nobody else has used one for a while.
func (b *books) notice(version int64) {
	if b.alone++; version != b.leftAt {
		b.alone = 0
	}
	if b.alone == aloneFor {
		b.turns = 0
	}
}

// endTurn gives back a turn in which nothing was saved.
func (l *lane) endTurn() {
	if l.turn != nil {
		l.turn.End()
		l.turn = nil
	}
}
