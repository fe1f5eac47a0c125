package console

import (
	"net/http"
	"slices"
	"strconv"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// actForm shows the form of an act, with the entry that it is about where it undoes one.
func (c *call) actForm(v *actView, status int) error {
	if err := c.readAbout(v); err != nil {
		return err
	}
	return c.show(status, actPage(*v))
}

// readAbout reads the entry that the form names. Of one that is not the card's nothing is told.
func (c *call) readAbout(v *actView) error {
	id, err := strconv.ParseInt(v.form.Get("entry"), 10, 64)
	if err != nil || id < 1 || !slices.ContainsFunc(v.act.fields, func(f field) bool { return f.name == "entry" }) {
		return nil
	}
	records, err := c.cfg.Books.Load(c.r.Context(), command.Want{
		Merchant: c.merchant.ID, Keys: command.Keys{Entries: []ledger.EntryID{ledger.EntryID(id)}},
	})
	if err != nil {
		return err
	}
	var e *ledger.Entry
	var undone []*ledger.Entry
	for i := range records[0].Entries {
		switch one := &records[0].Entries[i]; {
		case one.ID == ledger.EntryID(id):
			e = one
		case one.RefersTo == ledger.EntryID(id):
			undone = append(undone, one)
		}
	}
	if e == nil || e.Card != v.card.ID {
		return nil
	}
	there := slices.ContainsFunc(v.places, func(p place) bool { return p.ID == e.By.Shop })
	if there && c.r.Method == http.MethodGet { // nothing was chosen yet
		v.shop = e.By.Shop
	}
	v.beside.knowCoupons(records[0].Coupons)
	v.about = v.told(e, undone)
	return nil
}

// told returns what an entry is that is to be undone, of a bill how much is left to refund, and of a hold how much
// is left of it.
func (v *actView) told(e *ledger.Entry, undone []*ledger.Entry) []part {
	all := []part{
		{text(phrase.Kinds[e.Kind]), numbered(e.ID)}, {wWhen, v.moment(e.At)}, {wWhere, v.placeName(e.By.Shop)},
	}
	all = append(all, v.parts(e)...)
	if e.Kind == ledger.Consumed {
		refunds := ledger.OfKind(undone, ledger.ConsumeRefunded)
		left := ledger.Refundable(e, refunds)
		all = append(all, part{wRefunded, phrase.Yuan(-e.Delta() - left)}, part{wLeftToRefund, phrase.Yuan(left)})
	}
	if h, there := v.card.Hold(e.ID); there {
		all = append(all, part{wStillHeld, phrase.Yuan(h.Amount)})
	}
	return all
}

// whyNot says why the act is refused.
func (c *call) whyNot(v *actView, r ledger.Refusal) string {
	if r.Reason == ledger.AlreadyReversed && v.act.name == undoneBy[ledger.Consumed] {
		return c.lang.of(wAllRefunded)
	}
	return c.lang.of(c.refusal(r))
}
