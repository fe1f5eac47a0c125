package console

import (
	"fmt"
	"math"
	"slices"

	"tongka/internal/ledger"
)

// pastVersion is what an entry changed of a thing that has versions: an agent, a webhook.
type pastVersion struct {
	by      ledger.Caller
	when    string
	note    string
	changes []difference
}

const (
	pastShown  = 8   // changes of a thing on its page
	pastLooked = 400 // entries of the journal itself that are looked through for them
)

// changesOf are the entries of a journal that changed one thing, and what they state otherwise of it.
type changesOf struct {
	journal     ledger.MerchantID
	about       func(*ledger.Entry) bool
	differences func(was, is string) ([]difference, error) // was "" = there was nothing before
}

// pastOf returns what was changed last, the newest first, as far as what was before is looked at too.
func (c *call) pastOf(v view, of changesOf) (all []pastVersion, err error) {
	entries, err := c.cfg.Books.OwnEntries(c.r.Context(), of.journal, math.MaxInt64, pastLooked)
	if err != nil {
		return nil, err
	}
	begins := len(entries) > 0 && entries[len(entries)-1].Seq == 1
	entries = slices.DeleteFunc(entries, func(e ledger.Entry) bool { return !of.about(&e) })
	for i := range entries[:min(len(entries), pastShown)] {
		e, before := &entries[i], ""
		switch {
		case i+1 < len(entries):
			before = entries[i+1].Settings
		case !begins:
			return all, nil
		}
		one := pastVersion{by: e.By, when: v.moment(e.At), note: v.noted(e.Note)}
		if one.changes, err = of.differences(before, e.Settings); err != nil {
			return nil, fmt.Errorf("entry %d: %w", e.ID, err)
		}
		all = append(all, one)
	}
	return all, nil
}

// whoMoved returns who changed a thing, which is of the version now, since a version of it was seen, and how, with
// the text of what was seen; "" if that is not known.
func (c *call) whoMoved(v view, of changesOf, now, seen ledger.EntryID) (m *moved, found string, err error) {
	m = &moved{}
	last, err := entryOf(c.r.Context(), c.cfg.Books, of.journal, now)
	if err != nil {
		return nil, "", err
	}
	was, err := entryOf(c.r.Context(), c.cfg.Books, of.journal, seen)
	if err != nil {
		return nil, "", err
	}
	if last != nil {
		m.by, m.when = last.By, v.moment(last.At)
	}
	if last == nil || was == nil || !of.about(was) {
		return m, "", nil
	}
	m.changes, err = of.differences(was.Settings, last.Settings)
	return m, was.Settings, err
}
