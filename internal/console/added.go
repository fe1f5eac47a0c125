package console

import "tongka/internal/ledger"

// One kind of entry adds a person, an agent or a webhook and changes it: it holds what it was from then on. Which of
// the two it did shows when no entry before it is about the same.

// subject is what an entry that adds or changes is about.
type subject struct {
	kind ledger.Kind
	id   int64
}

// subjectOf returns what an entry that adds or changes something is about; ok is false for others.
func subjectOf(e *ledger.Entry) (of subject, ok bool, err error) {
	of.kind = e.Kind
	switch e.Kind {
	case ledger.AgentChanged:
		a, err := ledger.ParseAgent(e.Settings)
		of.id = int64(a.ID)
		return of, true, err
	case ledger.PersonChanged:
		p, err := ledger.ParsePerson(e.Settings)
		of.id = int64(p.ID)
		return of, true, err
	case ledger.WebhookChanged:
		w, err := ledger.ParseWebhook(e.Settings)
		of.id = int64(w.ID)
		return of, true, err
	}
	return of, false, nil
}

// meets remembers that an entry was met, behind all newer ones: the line of a newer one about the same changed it, and
// lines from n on are its own.
func (v *auditView) meets(e *ledger.Entry, n int) error {
	of, ok, err := subjectOf(e)
	if !ok || err != nil {
		return err
	}
	if newer, there := v.eldest[of]; there && removes(e) {
		v.lines[newer].fresh = true // what was removed is another one
	}
	delete(v.eldest, of)
	if n < len(v.lines) {
		if v.eldest == nil {
			v.eldest = map[subject]int{}
		}
		v.eldest[of] = n
	}
	return nil
}

// removes reports whether an entry removed what it is about.
func removes(e *ledger.Entry) bool {
	if e.Kind != ledger.WebhookChanged {
		return false
	}
	w, err := ledger.ParseWebhook(e.Settings)
	return err == nil && w.Removed
}

// findAdded finds which lines added what they are about: those before which the journal has nothing of the same. Where
// that is too long ago to be looked for, a line says that something was changed, as of one that was.
func (c *call) findAdded(v *auditView) error {
	for looked, place := 0, v.lowest-1; place > 0 && len(v.eldest) > 0; {
		if looked >= auditBack {
			return nil
		}
		entries, err := c.cfg.Books.OwnEntries(c.r.Context(), v.journal(), place, auditRead)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			break
		}
		for i := range entries {
			if err := v.meets(&entries[i], len(v.lines)); err != nil {
				return err
			}
		}
		looked += len(entries)
		place = entries[len(entries)-1].Seq - 1
	}
	for _, n := range v.eldest {
		v.lines[n].fresh = true
	}
	return nil
}

// called says what a line did.
func (v view) called(l *auditLine) string {
	switch {
	case l.owned && l.fresh:
		return v.lang.of(wKeyAdded)
	case l.owned:
		return v.lang.of(wKeyChanged)
	case l.gone:
		return v.lang.of(wHookRemoved)
	}
	if said, ok := addedWords[l.Kind]; ok && l.fresh {
		return v.lang.of(said)
	}
	return v.kind(l.Kind)
}
