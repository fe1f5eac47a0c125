package command

import (
	"slices"

	"tongka/internal/ledger"
)

// undo names the entry of a card that a command undoes: by its id, or by the request that made it. A till which got no
// answer knows only the latter.
type undo struct {
	card    string
	entry   ledger.EntryID
	request ledger.RequestKey // without an id = entry names it
}

// keys returns the keys of the command. What a request made is asked for once the request is known.
func (u undo) keys() Keys {
	k := keysOf(u.card)
	if u.request.ID != "" {
		k.Requests = []ledger.RequestKey{u.request}
	} else {
		k.Entries = []ledger.EntryID{u.entry}
	}
	return k
}

// entryOf returns the id of the entry to be undone. A request that several cards have paid a bill by made one on each
// of them.
func (d *draft) entryOf(c *ledger.Card, u undo) (ledger.EntryID, error) {
	id, err := d.namedBy(u)
	if err != nil || u.request.ID == "" {
		return id, err
	}
	if e := d.s.entries.get(id); e != nil && e.Card != c.ID && e.Shared() {
		all, err := d.entriesOfBill(id)
		if err != nil {
			return 0, err
		}
		if i := slices.IndexFunc(all, func(e *ledger.Entry) bool { return e.Card == c.ID }); i >= 0 {
			return all[i].ID, nil
		}
	}
	return id, nil
}

// namedBy returns the id of the entry that is named, by a request the last that it made.
func (d *draft) namedBy(u undo) (ledger.EntryID, error) {
	if u.request.ID == "" {
		return u.entry, nil
	}
	made, err := d.s.carriedOut(u.request)
	if err != nil {
		return 0, err
	}
	return made.Entry, d.knowEntries(made.Entry)
}
