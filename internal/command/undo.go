package command

import "tongka/internal/ledger"

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

// entryOf returns the id of the entry to be undone.
func (d *draft) entryOf(u undo) (ledger.EntryID, error) {
	if u.request.ID == "" {
		return u.entry, nil
	}
	made, err := d.s.carriedOut(u.request)
	if err != nil {
		return 0, err
	}
	if !d.s.entries.knows(made.Entry) || !d.s.undone.knows(made.Entry) {
		return 0, NeedRecords{Keys{Entries: []ledger.EntryID{made.Entry}}}
	}
	return made.Entry, nil
}
