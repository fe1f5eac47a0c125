package report

import (
	"fmt"
	"maps"
	"slices"

	"tongka/internal/ledger"
)

// Parts adds up what one merchant's entries did to lots and coupons, by where these came from. A lot and a coupon name
// the entry that made them, which may be long before the entries that are added: Unknown says which of those it has to
// be told of first.
type Parts struct {
	calendar ledger.Calendar
	lots     map[ledger.LotKey]ledger.LotSums
	coupons  map[ledger.CouponKey]ledger.CouponSums
	origins  *Origins
}

// NewParts returns empty totals whose business days follow the calendar, with what is known of the journal.
func NewParts(calendar ledger.Calendar, known *Origins) *Parts {
	return &Parts{
		calendar: calendar, lots: map[ledger.LotKey]ledger.LotSums{}, coupons: map[ledger.CouponKey]ledger.CouponSums{},
		origins: known,
	}
}

// Origins are what is known of one merchant's journal: which lots or coupons an entry made. They may serve several
// Parts, one after the other. They are kept by number, for a journal has many entries that make lots and few shops.
type Origins struct {
	of     map[ledger.EntryID]int32
	number map[ledger.Origin]int32
	all    []ledger.Origin
}

// NewOrigins returns origins of which nothing is known.
func NewOrigins() *Origins {
	return &Origins{of: map[ledger.EntryID]int32{}, number: map[ledger.Origin]int32{}}
}

// Len returns the number of entries that are known.
func (o *Origins) Len() int { return len(o.of) }

func (o *Origins) learn(e *ledger.Entry) {
	origin, some := e.Makes()
	if !some {
		return
	}
	n, known := o.number[origin]
	if !known {
		n = int32(len(o.all)) //nolint:gosec // of shops and kinds of coupons there are few
		o.number[origin], o.all = n, append(o.all, origin)
	}
	o.of[e.ID] = n
}

// Know takes in which lots or coupons an entry made, and adds nothing.
func (p *Parts) Know(e *ledger.Entry) { p.origins.learn(e) }

// Unknown returns the entries, in order, that made lots or coupons which some entries name, and that are neither among
// these nor known.
func (p *Parts) Unknown(entries []*ledger.Entry) []ledger.EntryID {
	here, missing := map[ledger.EntryID]bool{}, map[ledger.EntryID]bool{}
	for _, e := range entries {
		here[e.ID] = true
	}
	note := func(id ledger.EntryID) {
		if _, known := p.origins.of[id]; !known && !here[id] {
			missing[id] = true
		}
	}
	for _, e := range entries {
		for _, part := range e.Allocations {
			if !part.IsDebt() {
				note(part.Lot)
			}
		}
		for _, part := range e.Coupons {
			note(part.Coupon.Sender())
		}
	}
	return slices.Sorted(maps.Keys(missing))
}

// Add adds an entry to the totals. It returns an error, and has added nothing, if the entry names a lot or a coupon of
// an entry that is not known.
func (p *Parts) Add(e *ledger.Entry) error {
	p.Know(e)
	day := p.calendar.Day(e.At)
	lots, coupons := make([]ledger.LotTotal, 0, 4), make([]ledger.CouponTotal, 0, 4)
	for _, part := range e.Allocations {
		sold := e.By.Shop
		if !part.IsDebt() {
			o, err := p.originOf(e, part.Lot)
			if err != nil {
				return err
			}
			sold = o.Shop
		}
		lots = append(lots, ledger.LotTotal{
			LotKey:  ledger.LotKey{Day: day, Sold: sold, Shop: e.By.Shop, Kind: e.Kind},
			LotSums: ledger.LotSums{Principal: part.Principal, Bonus: part.Bonus},
		})
	}
	for _, part := range e.Coupons {
		o, err := p.originOf(e, part.Coupon.Sender())
		if err != nil {
			return err
		}
		coupons = append(coupons, ledger.CouponTotal{
			CouponKey:  ledger.CouponKey{Day: day, Shop: e.By.Shop, Coupon: o.Coupon, Kind: e.Kind, State: part.State},
			CouponSums: ledger.CouponSums{Count: 1, Pays: part.Pays},
		})
	}
	for _, t := range lots {
		p.lots[t.LotKey] = p.lots[t.LotKey].Plus(t.LotSums)
	}
	for _, t := range coupons {
		p.coupons[t.CouponKey] = p.coupons[t.CouponKey].Plus(t.CouponSums)
	}
	return nil
}

func (p *Parts) originOf(e *ledger.Entry, maker ledger.EntryID) (ledger.Origin, error) {
	n, known := p.origins.of[maker]
	if !known {
		return ledger.Origin{}, fmt.Errorf("entry %d names a lot or a coupon of entry %d, which made none", e.ID, maker)
	}
	return p.origins.all[n], nil
}

// TakeLots removes the sums of lots of a key and returns them. ok is false if there are none.
func (p *Parts) TakeLots(k ledger.LotKey) (sums ledger.LotSums, ok bool) {
	sums, ok = p.lots[k]
	delete(p.lots, k)
	return sums, ok
}

// TakeCoupons does for coupons what TakeLots does for lots.
func (p *Parts) TakeCoupons(k ledger.CouponKey) (sums ledger.CouponSums, ok bool) {
	sums, ok = p.coupons[k]
	delete(p.coupons, k)
	return sums, ok
}

// Lots returns all totals of lots, ordered by key.
func (p *Parts) Lots() []ledger.LotTotal {
	all := make([]ledger.LotTotal, 0, len(p.lots))
	for _, k := range slices.SortedFunc(maps.Keys(p.lots), ledger.LotKey.Compare) {
		all = append(all, ledger.LotTotal{LotKey: k, LotSums: p.lots[k]})
	}
	return all
}

// Coupons returns all totals of coupons, ordered by key.
func (p *Parts) Coupons() []ledger.CouponTotal {
	all := make([]ledger.CouponTotal, 0, len(p.coupons))
	for _, k := range slices.SortedFunc(maps.Keys(p.coupons), ledger.CouponKey.Compare) {
		all = append(all, ledger.CouponTotal{CouponKey: k, CouponSums: p.coupons[k]})
	}
	return all
}
