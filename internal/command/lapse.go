package command

import (
	"slices"

	"tongka/internal/ledger"
)

// takePoints has a new entry take back the points that leave with what it pays out or reverses. Before it, takePoints
// posts what comes back of those that expired unused.
func (d *draft) takePoints(c *ledger.Card, e *ledger.Entry, out *ledger.PayOut) error {
	var earned []ledger.PointAllocation
	need := needed{}
	if err := d.knowLapses(out.Points); err != nil {
		return err
	}
	for _, s := range out.Points {
		parts := s.ByDay()
		if err := d.bringBack(c, s.Gave, parts, need); err != nil {
			return err
		}
		earned = append(earned, parts...)
	}
	e.PointAllocations, e.PointsOwed = ledger.AppendClawedBack(nil, c, out.AllPoints(), earned, d.day)
	return nil
}

// knowLapses asks for the lapses after all that gave points of which some may have expired, all of them at once.
func (d *draft) knowLapses(shares []ledger.PointShare) error {
	var k Keys
	for _, s := range shares {
		mayHave := func(p ledger.PointAllocation) bool { return d.mayHaveExpired(p, s.Gave) }
		if slices.ContainsFunc(s.Gave.EarnedOn(nil), mayHave) && !d.s.lapses.knows(s.Gave.ID) {
			k.Entries, k.Lapses = append(k.Entries, s.Gave.ID), append(k.Lapses, s.Gave.ID)
		}
	}
	if len(k.Lapses) > 0 {
		return NeedRecords{k}
	}
	return nil
}

// mayHaveExpired reports whether the last day of points that an entry gave has passed, or may have before time was
// taken back.
func (d *draft) mayHaveExpired(p ledger.PointAllocation, gave *ledger.Entry) bool {
	return p.GoodUntil < d.day || d.head.TakenBack >= gave.ID
}

// needed is how many points of each last day are taken back already.
type needed map[ledger.Date]int64

// bringBack posts what comes back of the points that an entry gave and that expired unused, because the entry is about
// to be undone, or its money paid out, and these points are taken back: nobody had what expired, so it must not be
// owed. The entry that undoes takes all of it off again. need is what the same entry takes back besides.
func (d *draft) bringBack(c *ledger.Card, gave *ledger.Entry, parts []ledger.PointAllocation, need needed) error {
	for _, p := range parts {
		need[p.GoodUntil] += p.Points
		if !d.mayHaveExpired(p, gave) {
			continue
		}
		want := need[p.GoodUntil] - c.PointsUntil(p.GoodUntil)
		if want <= 0 {
			continue
		}
		lapses, err := d.lapsesOf(gave)
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
func (d *draft) lapsesOf(gave *ledger.Entry) (all []*ledger.Entry, err error) {
	if !d.s.lapses.knows(gave.ID) {
		return nil, NeedRecords{Keys{Entries: []ledger.EntryID{gave.ID}, Lapses: []ledger.EntryID{gave.ID}}}
	}
	all = append(all, d.s.lapses.get(gave.ID)...)
	for i := range d.ch.Entries {
		if e := &d.ch.Entries[i]; e.Lapse() && e.Card == gave.Card { // of a transfer both cards are settled
			all = append(all, e)
		}
	}
	return all, nil
}
