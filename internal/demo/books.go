package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Store has the books that the year is written into.
type Store interface {
	Load(ctx context.Context, wants ...command.Want) ([]command.Records, error)
	Save(ctx context.Context, changes ...command.Changes) error
}

// books are those of a merchant, or the host's, as the commands before have left them.
type books struct {
	state *command.State
	load  func(missing command.Keys) (command.Records, error)
}

// mostLoads is more often than any command asks for more records.
const mostLoads = 10

// do has a command decided at a time, on top of those before it. Nothing is saved yet.
func (b *books) do(at time.Time, cmd command.Command) (command.Changes, error) {
	keys := cmd.Keys()
	for range mostLoads {
		if err := b.know(keys); err != nil {
			return command.Changes{}, err
		}
		ch, err := cmd.Decide(b.state, at)
		if more, ok := errors.AsType[command.NeedRecords](err); ok {
			keys = more.Keys
			continue
		}
		if err != nil {
			return command.Changes{}, err
		}
		b.state.Apply(ch)
		return ch, ch.Denied
	}
	return command.Changes{}, fmt.Errorf("bug: %T asks for more again and again", cmd)
}

// know loads what the state does not know of the keys.
func (b *books) know(keys command.Keys) error {
	missing := b.state.Missing(keys)
	if missing.Empty() {
		return nil
	}
	found, err := b.load(missing)
	if err == nil {
		b.state.Learn(missing, found)
	}
	return err
}

// blank is what the store holds of a merchant whose journal is empty: nothing. So what the state does not know is not
// there, as long as it forgets nothing that was decided. Of entries it keeps those alone that somebody has named, so
// each is named before it is made; and which entries let points expire is known only to those who were told, so blank
// remembers them.
type blank struct {
	state  *command.State
	named  ledger.EntryID                   // entries up to this one are named
	cards  []ledger.CardID                  // of each entry, by its id; the first is of none
	lapses map[ledger.CardID][]ledger.Entry // by which points expired, of each card
}

// aheadBy is how many entries are named ahead. No command makes more of them.
const aheadBy = 5000

func newBlank(state *command.State) *blank {
	return &blank{state: state, cards: make([]ledger.CardID, 1), lapses: map[ledger.CardID][]ledger.Entry{}}
}

// load answers that there is nothing, but for the entries by which points expired.
func (b *blank) load(missing command.Keys) (r command.Records, _ error) {
	for _, id := range missing.Lapses {
		r.Entries = append(r.Entries, b.lapses[b.cards[id]]...)
	}
	return r, nil
}

// nameAhead names the entries that the next command may make.
func (b *blank) nameAhead() {
	if b.named >= b.state.Head().LastEntry+aheadBy {
		return
	}
	ids := make([]ledger.EntryID, 2*aheadBy)
	for i := range ids {
		ids[i] = b.named + ledger.EntryID(i) + 1
	}
	b.state.Learn(command.Keys{Entries: ids}, command.Records{})
	b.named = ids[len(ids)-1]
}

// saw remembers what entries were made.
func (b *blank) saw(entries []ledger.Entry) {
	for i := range entries {
		e := &entries[i]
		b.cards = append(b.cards, e.Card)
		if e.Lapse() {
			b.lapses[e.Card] = append(b.lapses[e.Card], *e)
		}
	}
}
