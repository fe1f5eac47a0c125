package command

import "tongka/internal/ledger"

// bringBack posts what comes back of the points that an entry gave and that expired unused, because the entry is about
// to be undone and that many points are taken back: nobody had what expired, so it must not be owed. The entry that
// undoes takes all of it off again. undone are the entries that undid a part of it before.
func (d *draft) bringBack(c *ledger.Card, gave *ledger.Entry, undone []*ledger.Entry, points int64) error {
	for _, p := range gave.EarnedOn(undone) {
		if p.GoodUntil >= d.day && d.head.TakenBack < gave.ID {
			continue // they cannot have expired
		}
		want := min(points, p.Points) - c.PointsUntil(p.GoodUntil)
		if want <= 0 {
			continue
		}
		lapses, err := d.lapsesOf(gave.ID)
		if err != nil {
			return err
		}
		for _, l := range ledger.OfKind(lapses, ledger.LotsExpired) {
			if n := min(want, l.Lapsed(p.GoodUntil, lapses)); n > 0 {
				want -= n
				d.post(c, ledger.Entry{
					Kind: ledger.ExpiryReversed, RefersTo: l.ID,
					PointAllocations: []ledger.PointAllocation{{GoodUntil: p.GoodUntil, Points: n}},
				})
			}
		}
	}
	return nil
}

// lapsesOf returns the entries after one that gave points, on its card, by which points expired or came back after
// that, this draft's included. It asks for them if they are unknown.
func (d *draft) lapsesOf(id ledger.EntryID) (all []*ledger.Entry, err error) {
	if !d.s.lapses.knows(id) {
		return nil, NeedRecords{Keys{Entries: []ledger.EntryID{id}, Lapses: []ledger.EntryID{id}}}
	}
	all = append(all, d.s.lapses.get(id)...)
	for i := range d.ch.Entries {
		if e := &d.ch.Entries[i]; e.Lapse() {
			all = append(all, e)
		}
	}
	return all, nil
}
