package verify

import (
	"context"
	"maps"
	"slices"

	"tongka/internal/ledger"
)

// shapes is the check of what the database is made of.
const shapes = 65

// Checks of invariant 57 besides the table of kinds.
const (
	sameMerchants = 157 // the set of merchants
	derived       = 257 // columns that follow from others
	lawful        = 357 // settings within what may be set
)

// invariantOf returns the invariant under which a check is reported.
func invariantOf(check int) int { return check % 100 }

// counters must exist: if one is missing, servers do not notice changed settings, for instance.
var counters = []string{"clock", "demo", "earlier names", "key", "probe", "version"}

// merchants returns the ids of all merchants that rows belong to. Each must have settings and a head, and no row may
// belong to anything that does not exist.
func (l *audit) merchants(ctx context.Context, books Books) ([]ledger.MerchantID, error) {
	owners, err := books.Owners(ctx)
	if err != nil {
		return nil, err
	}
	r := l.checks[sameMerchants]
	known := map[ledger.MerchantID]bool{}
	for _, table := range slices.Sorted(maps.Keys(owners)) {
		for _, id := range owners[table] {
			r.Rows++
			known[id] = true
			if id == ledger.HostID {
				ofHost(r, table)
				continue
			}
			for _, must := range []string{"merchant", "head"} {
				if !slices.Contains(owners[must], id) {
					r.fail("%s: rows belong to merchant %d, which has no %s", table, id, must)
				}
			}
		}
	}
	if !slices.Contains(owners["head"], ledger.HostID) {
		r.fail("head: the host has none")
	}
	strays, err := books.Strays(ctx)
	for _, s := range strays {
		r.fail("%s: rows of merchant %d belong to %d, which has none of its own or is not there", s.Table, s.Merchant, s.ID)
	}
	return slices.Sorted(maps.Keys(known)), err
}

// ofHost checks that the host has a head and a journal, and nothing that only merchants have.
func ofHost(r *Result, table string) {
	if !slices.Contains([]string{"head", "entry", "request", "guard", "job", "job_file"}, table) {
		r.fail("%s: rows belong to merchant 0, which is the host and none", table)
	}
}

// settings checks the settings and the rows derived from them.
func (l *audit) settings(ctx context.Context, books Books) error {
	r := l.checks[derived]
	names, err := books.Counters(ctx)
	if err != nil {
		return err
	}
	for _, name := range counters {
		if !slices.Contains(names, name) {
			r.fail("setting: %s is missing", name)
		}
	}
	merchants, err := books.StoredMerchants(ctx)
	if err != nil {
		return err
	}
	guids, err := books.GUIDs(ctx)
	if err != nil {
		return err
	}
	l.mayBeSet(merchants)
	r.Rows += int64(len(guids))
	guidsMatch(r, merchants, guids)
	return nil
}

// mayBeSet checks that settings are within their bounds, and keeps what later checks need.
func (l *audit) mayBeSet(merchants []ledger.Merchant) {
	l.rules, l.levels = map[ledger.MerchantID][]ledger.Rule{}, map[ledger.MerchantID]map[ledger.LevelID]bool{}
	l.texts = map[ledger.MerchantID]string{}
	for i := range merchants {
		m := &merchants[i]
		// Later checks cannot calculate with invalid rules.
		l.rules[m.ID] = slices.DeleteFunc(slices.Clone(m.Rules), func(r ledger.Rule) bool { return len(r.Faults()) > 0 })
		l.levels[m.ID] = map[ledger.LevelID]bool{}
		l.texts[m.ID], _ = ledger.SettingsText(m) // "" never equals the text in the journal
		for _, level := range m.Levels {
			l.levels[m.ID][level.ID] = true
		}
		l.checks[lawful].Rows++
		for _, f := range m.AllFaults() {
			l.checks[lawful].fail("merchant %d: %s: %s", m.ID, f.Field, f.Text)
		}
		if m.Zone == nil {
			l.checks[lawful].fail("merchant %d: its time zone is not known: set column zone of its row in table merchant to "+
				"a name such as Asia/Shanghai", m.ID)
		}
	}
}

// guidsMatch checks that the stored GUIDs are exactly those of merchants and their shops.
func guidsMatch(r *Result, merchants []ledger.Merchant, guids map[string]ledger.MerchantID) {
	want := map[string]ledger.MerchantID{}
	for i := range merchants {
		m := &merchants[i]
		want[ledger.FoldGUID(m.GUID)] = m.ID
		for _, s := range m.Shops {
			want[ledger.FoldGUID(s.GUID)] = m.ID
		}
	}
	for guid, id := range guids {
		if of, ok := want[guid]; !ok || of != id {
			r.fail("guid: one belongs to merchant %d and is neither its own nor a shop's", id)
		}
	}
	for guid, id := range want {
		if _, ok := guids[guid]; !ok {
			r.fail("guid: one of merchant %d is missing", id)
		}
	}
}

// head checks a merchant's counters against its journal. If the last card is too low, no card can be opened.
func (l *audit) head(h ledger.Head) {
	r := l.checks[derived]
	if l.newest == nil && len(l.accounts) == 0 && h == (ledger.Head{Merchant: h.Merchant, Version: h.Version}) {
		return
	}
	r.Rows++
	if l.newest != nil && !h.LastAt.Equal(l.newest.At) {
		r.fail("merchant %d: the head has another time than the newest entry", h.Merchant)
	}
	opened := int64(0)
	var first, last ledger.CardID = 1, 0
	for id := range l.accounts {
		if id != 0 { // the merchant's own entries are on no card
			opened++
			first, last = min(first, id), max(last, id)
		}
	}
	if int64(h.LastCard) != opened {
		r.fail("merchant %d: the head says %d cards were opened, the journal %d", h.Merchant, h.LastCard, opened)
	}
	if first < 1 || last > h.LastCard {
		r.fail("merchant %d: cards %d to %d have entries, the head says %d was the last", h.Merchant, first, last, h.LastCard)
	}
	if h.Version < 1 {
		r.fail("merchant %d: the head is of version %d", h.Merchant, h.Version)
	}
}

// Guards and messages must be about existing cards. What they count and say is not in the journal.
func (l *audit) guards(ctx context.Context, books Books, h ledger.Head) error {
	r := l.checks[53]
	return books.EachGuard(ctx, h.Merchant, func(g *ledger.Guard) error {
		r.Rows++
		card, ok := g.About()
		if !ok || g.Count < 0 || card != 0 && l.accounts[card] == nil {
			r.fail("a guard of kind %d is about nothing that exists", g.Kind)
		}
		if g.Kind == ledger.ShiftClosed && !l.shifts.closedUpTo(g) {
			r.fail("shifts of %q are said to be closed up to entry %d", g.Subject, g.Count)
		}
		return nil
	})
}

func (l *audit) messages(ctx context.Context, books Books, h ledger.Head) error {
	r := l.checks[42]
	return books.EachMessage(ctx, h.Merchant, func(m *ledger.StoredMessage) error {
		r.Rows++
		if l.accounts[m.Card] == nil || !m.Sound() {
			r.fail("message %d is about a card that does not exist, or both done and to be sent", m.ID)
		}
		return nil
	})
}
