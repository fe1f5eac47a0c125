package report

import (
	"cmp"
	"maps"
	"slices"

	"tongka/internal/ledger"
)

// Pair is two shops: the one that sold lots, and the one where they were taken.
type Pair struct{ Sold, Shop ledger.ShopID }

// Dues are what entries at one shop took of lots that another had sold, and what they gave back.
type Dues struct {
	Spent, SpentBonus ledger.Fen // by bills and renewals
	Back, BackBonus   ledger.Fen // by refunds of bills, and renewals that were undone
	// Out is principal that was paid out or given back in cash, or went over to a card by a transfer, which makes a lot of
	// the shop that carries it out. OutBonus is the bonus that went over along with it.
	Out, OutBonus ledger.Fen
}

// Plus returns the dues with a total of lots counted in. Bonus that was given, taken back or expired is owed by nobody.
func (d Dues) Plus(t *ledger.LotTotal) Dues {
	switch ledger.MoneySides[t.Kind][0] {
	case ledger.Sales:
		if t.Kind == ledger.ConsumeRefunded || t.Kind == ledger.RenewalReversed {
			d.Back, d.BackBonus = d.Back+t.Principal, d.BackBonus+t.Bonus
		} else {
			d.Spent, d.SpentBonus = d.Spent-t.Principal, d.SpentBonus-t.Bonus
		}
	case ledger.Tender:
		d.Out -= t.Principal
	case ledger.Clearing:
		d.Out, d.OutBonus = d.Out-t.Principal, d.OutBonus-t.Bonus
	}
	return d
}

// Principal returns what the shop that sold the lots owes to the one where they were taken.
func (d Dues) Principal() ledger.Fen { return d.Spent - d.Back + d.Out }

// Bonus returns the bonus that goes with it. Whether it is settled is the shops' agreement.
func (d Dues) Bonus() ledger.Fen { return d.SpentBonus - d.BackBonus + d.OutBonus }

// And returns the sum of both.
func (d Dues) And(o Dues) Dues {
	return Dues{
		d.Spent + o.Spent, d.SpentBonus + o.SpentBonus, d.Back + o.Back, d.BackBonus + o.BackBonus, d.Out + o.Out,
		d.OutBonus + o.OutBonus,
	}
}

// Settlement adds up what shops owe each other: what was paid in at one and spent, refunded or paid out at another.
type Settlement struct {
	Pairs map[Pair]Dues
	Days  map[ledger.Date]Dues // of all pairs
	sees  func(ledger.ShopID) bool
}

// NewSettlement returns a settlement without totals, for whoever sees the figures of some shops.
func NewSettlement(sees func(ledger.ShopID) bool) *Settlement {
	return &Settlement{map[Pair]Dues{}, map[ledger.Date]Dues{}, sees}
}

// Sees reports whether whoever asks may see a total: each of two shops knows what it has with the other.
func (s *Settlement) Sees(t *ledger.LotTotal) bool { return s.sees(t.Shop) || s.sees(t.Sold) }

// Add takes a total in if it may be seen and two shops have to do with it.
func (s *Settlement) Add(t *ledger.LotTotal) {
	dues := Dues{}.Plus(t)
	if !s.Sees(t) || t.Sold == t.Shop || dues == (Dues{}) {
		return
	}
	pair := Pair{Sold: t.Sold, Shop: t.Shop}
	s.Pairs[pair], s.Days[t.Day] = s.Pairs[pair].And(dues), s.Days[t.Day].And(dues)
}

// Sorted returns the pairs, by the shop where the money was paid in.
func (s *Settlement) Sorted() []Pair {
	return slices.SortedFunc(maps.Keys(s.Pairs), func(a, b Pair) int {
		return cmp.Or(cmp.Compare(a.Sold, b.Sold), cmp.Compare(a.Shop, b.Shop))
	})
}

// ShopDues is what one shop has with all others.
type ShopDues struct{ Receives, Pays Dues }

// Shops returns what each shop that is seen has with all others. Of any other it would be a part.
func (s *Settlement) Shops() map[ledger.ShopID]ShopDues {
	all := map[ledger.ShopID]ShopDues{}
	for pair, dues := range s.Pairs {
		if s.sees(pair.Shop) {
			one := all[pair.Shop]
			one.Receives = one.Receives.And(dues)
			all[pair.Shop] = one
		}
		if s.sees(pair.Sold) {
			one := all[pair.Sold]
			one.Pays = one.Pays.And(dues)
			all[pair.Sold] = one
		}
	}
	return all
}

// CouponUse is what became of the coupons of a kind in some days.
type CouponUse struct {
	Sent, Used int64
	Back       int64 // with refunds of their bills, to be used again
	Expired    int64 // less those that came back because the time in which they expired was taken back
	Void       int64 // taken back, or left on cards that were returned
	Cost       ledger.Fen
}

// Plus returns the use with a total counted in.
func (u CouponUse) Plus(t *ledger.CouponTotal) CouponUse {
	switch t.Kind {
	case ledger.CouponSent:
		u.Sent += t.Count
	case ledger.Consumed:
		u.Used, u.Cost = u.Used+t.Count, u.Cost+t.Pays
	case ledger.ConsumeRefunded:
		u.Back, u.Cost = u.Back+t.Count, u.Cost-t.Pays
	case ledger.ExpiryReversed:
		u.Expired -= t.Count
	}
	switch t.State {
	case ledger.Expired:
		u.Expired += t.Count
	case ledger.Void:
		u.Void += t.Count
	}
	return u
}

// Left returns by how many the unused coupons grew.
func (u CouponUse) Left() int64 { return u.Sent - u.Used + u.Back - u.Expired - u.Void }
