package console

import (
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// beside is what is known of a card's entries besides themselves.
type beside struct {
	was     map[ledger.EntryID]former          // what the card was before entries that tell it anew
	coupons map[ledger.CouponID]*ledger.Coupon // that entries changed
	undoing map[ledger.EntryID][]*ledger.Entry // the entries that refer to one that can be undone
}

// couponsNamed is how many coupons of an entry are told one by one.
const couponsNamed = 10

// besides reads what is to be known of a card's entries besides themselves.
func (c *call) besides(card ledger.CardKey, entries []ledger.Entry) (b beside, err error) {
	b.was = map[ledger.EntryID]former{}
	for kind := range tellers {
		if err := c.readFormer(&b, card, kind, entries); err != nil {
			return b, err
		}
	}
	want := command.Keys{}
	for i := range entries {
		e := &entries[i]
		if undoneBy[e.Kind] != "" {
			want.Entries = append(want.Entries, e.ID)
		}
		for _, p := range e.Coupons[:min(len(e.Coupons), couponsNamed)] {
			want.Coupons = append(want.Coupons, p.Coupon)
		}
	}
	records, err := c.cfg.Books.Load(c.r.Context(), command.Want{Merchant: c.merchant.ID, Keys: want})
	if err != nil {
		return b, err
	}
	b.knowCoupons(records[0].Coupons)
	b.undoing = map[ledger.EntryID][]*ledger.Entry{}
	known := map[ledger.EntryID]bool{}
	for i := range records[0].Entries { // one may be listed twice
		if e := &records[0].Entries[i]; e.RefersTo != 0 && !known[e.ID] {
			known[e.ID] = true
			b.undoing[e.RefersTo] = append(b.undoing[e.RefersTo], e)
		}
	}
	return b, nil
}

// knowCoupons notes what coupons there are.
func (b *beside) knowCoupons(all []ledger.Coupon) {
	b.coupons = map[ledger.CouponID]*ledger.Coupon{}
	for i := range all {
		b.coupons[all[i].ID] = &all[i]
	}
}

// readFormer reads what a card was before those of its entries that are of a kind which tells it anew.
func (c *call) readFormer(b *beside, card ledger.CardKey, kind ledger.Kind, entries []ledger.Entry) error {
	all := slices.DeleteFunc(slices.Clone(entries), func(e ledger.Entry) bool { return e.Kind != kind })
	if len(all) == 0 {
		return nil
	}
	newest := slices.MaxFunc(all, func(a, b ledger.Entry) int { return a.At.Compare(b.At) })
	told, err := c.cfg.Books.History(c.r.Context(), ledger.HistoryQuery{
		Card: card, Filter: ledger.Filter{Kinds: tellers[kind]}, To: newest.At, Page: 1, Size: 2 * linesAPage,
	})
	if err != nil {
		return err
	}
	for i := range all {
		for j := range told.Entries {
			if before := &told.Entries[j]; before.Seq < all[i].Seq && tells(kind, before) {
				b.was[all[i].ID] = former{}.after(before)
				break
			}
		}
	}
	return nil
}
