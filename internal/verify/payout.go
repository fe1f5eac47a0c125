package verify

import (
	"context"
	"slices"
	"time"

	"tongka/internal/ledger"
)

// outgo is an entry by which principal left a card. It is checked once the entries that made the lots have been
// loaded, which happens once per chunk.
type outgo struct {
	entry *ledger.Entry
	card  ledger.Card   // as it was before the entry
	in    *ledger.Entry // the other side of a transfer
}

// leaves notes that principal is about to leave a card. Entries without a version are not checked against the rules.
// None may follow older rules than one before it.
func (l *audit) leaves(c *ledger.Card, e *ledger.Entry) {
	if !e.Kind.PaysOut() {
		return
	}
	r := l.checks[12]
	switch {
	case e.Version < l.version:
		r.fail("entry %d follows older rules than the entries before it", e.ID)
	case e.Version > 0:
		l.version = e.Version
		l.outgoes = append(l.outgoes, outgo{entry: e, card: *c})
	default:
		r.Unknown++
	}
}

// arrives sets the other side of a transfer out that was noted just before.
func (l *audit) arrives(e *ledger.Entry) {
	if n := len(l.outgoes); n > 0 && e.Kind == ledger.TransferredIn && l.outgoes[n-1].entry.ID == e.ID-1 {
		l.outgoes[n-1].in = e
	}
}

// paidOut checks the pay-outs of a chunk against the entries that made their lots: the bonus that leaves with the
// principal (12), and the invoiceable share (56).
func (l *audit) paidOut(ctx context.Context, books Books, merchant ledger.MerchantID) error {
	begun := time.Now()
	var ids []ledger.EntryID
	for i := range l.outgoes {
		o := &l.outgoes[i]
		ids = append(ids, o.entry.RefersTo)
		for _, p := range o.entry.Allocations {
			ids = append(ids, p.Lot)
		}
	}
	slices.Sort(ids)
	made := map[ledger.EntryID]*ledger.Entry{}
	for some := range slices.Chunk(slices.Compact(ids), chunkSize) {
		err := books.EachOf(ctx, merchant, some, func(e *ledger.Entry) error {
			one := *e
			made[e.ID] = &one
			return nil
		})
		if err != nil {
			return err
		}
	}
	r := l.checks[12]
	for i := range l.outgoes {
		l.leftRight(r, &l.outgoes[i], made)
	}
	clear(l.outgoes)
	l.outgoes = l.outgoes[:0]
	r.Took += time.Since(begun)
	return nil
}

func (l *audit) leftRight(r *Result, o *outgo, made map[ledger.EntryID]*ledger.Entry) {
	defer r.recovered(o.entry)
	if err := o.card.PaidOut(o.entry, o.in, func(id ledger.EntryID) *ledger.Entry { return made[id] }); err != nil {
		r.fail("%v", err)
	}
}
