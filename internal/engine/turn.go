package engine

import (
	"context"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

const (
	// turnsFor is for how many batches a lane takes turns with other processes after a save that was stale.
	turnsFor = 1000
	// aloneFor is after how many turns in a row that nobody else had the merchants between it takes none.
	aloneFor = 50
)

// turn is the right to save next among those who take turns. Save and End end it.
type turn = interface {
	Save(ctx context.Context, ch command.Changes) error
	End()
}

// turner is a store that several processes may write. Two that are busy with one merchant would make each
// other's batches stale most of the time; taking turns they do not, and each gets its share.
type turner interface {
	// Turn is Load by one who has the turn of all merchants of the keys. It is a hint: the heads guard.
	Turn(ctx context.Context, keys command.Keys) (command.Records, turn, error)
}

// loadRecords loads, and takes a turn while others write the same merchants. Who does not get one goes on
// without it.
func (l *lane) loadRecords(keys command.Keys, kept bool) (command.Records, error) {
	if t, ok := l.store.(turner); ok && l.turns > 0 && !kept {
		if found, turn, err := t.Turn(l.ctx, keys); err == nil {
			l.turn = turn
			l.notice(found.Heads)
			return found, nil
		}
	}
	return l.store.Load(l.ctx, keys)
}

// notice takes no more turns when nobody else has used one for a while.
func (l *lane) notice(heads []ledger.Head) {
	l.alone++
	for _, h := range heads {
		if left, known := l.leftAt[h.Merchant]; known && left != h.Version {
			l.alone = 0
		}
	}
	if l.alone == aloneFor {
		l.turns = 0
	}
}

// endTurn gives back a turn in which nothing was saved.
func (l *lane) endTurn() {
	if l.turn != nil {
		l.turn.End()
		l.turn = nil
	}
}
