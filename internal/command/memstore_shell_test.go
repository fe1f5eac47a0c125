package command

import (
	"cmp"
	"errors"
	"time"

	"tongka/internal/ledger"
)

// do decides a command on fresh records and saves it, as a shell would.
func (l *memStore) do(cmd Command, now time.Time) (ch Changes, err error) {
	s := NewState(cmd.MerchantID())
	broken := l.batch(s, []order{{cmd: cmd, now: now}}, func(_ order, changes Changes, refused error) {
		ch, err = changes, refused
	})
	return ch, cmp.Or(broken, err)
}

// batches decides and saves commands, those of each merchant together, on what its State knows.
func (l *memStore) batches(
	kept map[ledger.MerchantID]*State, orders []order, decided func(order, Changes, error),
) error {
	for len(orders) > 0 {
		id := orders[0].cmd.MerchantID()
		if kept[id] == nil {
			kept[id] = NewState(id)
		}
		var own, others []order
		for _, o := range orders {
			if o.cmd.MerchantID() == id {
				own = append(own, o)
			} else {
				others = append(others, o)
			}
		}
		if err := l.batch(kept[id], own, decided); err != nil {
			return err
		}
		orders = others
	}
	return nil
}

// batch decides commands of one merchant one after the other on what s knows, and saves them together. If a command
// asks for all lots of a card, what is pending is saved first.
func (l *memStore) batch(s *State, orders []order, decided func(order, Changes, error)) error {
	var whole []string
	var named Keys
	for len(orders) > 0 {
		k := Keys{AllLots: whole}
		k.Add(named)
		for _, o := range orders {
			k.Add(o.cmd.Keys())
		}
		if missing := s.Missing(k); !missing.Empty() {
			s.Learn(missing, l.load(s.id, missing))
		}
		kept, before := whole, named // for a command that also asks for entries
		whole, named = nil, Keys{}
		for len(orders) > 0 && whole == nil {
			o := orders[0]
			ch, err := o.cmd.Decide(s, o.now)
			if short, shallow := errors.AsType[ledger.NeedLots](err); shallow {
				whole = []string{short.Card.Number}
				break
			}
			if more, missing := errors.AsType[NeedRecords](err); missing {
				if len(more.Keys.Entries)+len(more.Keys.Lapses) > 0 { // these may be among what this batch is about to save
					whole, named = kept, before
					named.Add(more.Keys)
					break
				}
				// Some may be known, and changed by this batch. Once it has the others, it may ask for all lots.
				if k := s.Missing(more.Keys); !k.Empty() {
					s.Learn(k, l.load(s.id, k))
					continue
				}
			}
			if err == nil && ch.Replay == nil {
				s.Apply(ch)
			}
			decided(o, ch, cmp.Or(err, ch.Denied))
			orders = orders[1:]
		}
		if err := l.commit(s); err != nil {
			return err
		}
		if named.Empty() {
			for _, key := range whole {
				s.Evict(key)
			}
		}
	}
	return nil
}

// commit saves what is pending.
func (l *memStore) commit(s *State) error {
	if pending := s.Pending(); pending.Head != nil {
		if s.Sent(); l.fails {
			return errors.New("save is lost")
		}
		if err := l.save(pending); err != nil {
			return err
		}
	}
	s.Saved()
	return nil
}

// teach loads the keys and the merchant.
func (l *memStore) teach(s *State, k Keys) {
	k.Head = true
	s.Learn(k, l.load(s.id, k))
}
