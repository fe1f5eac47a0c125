package ledger

import "cmp"

// PartTotals is the name of the follower that sums up what entries did to lots and coupons, by where these came from.
const PartTotals = "part totals"

// Origin is where lots and coupons came from: what is known of the entry that made them.
type Origin struct {
	Shop   ShopID       // where it was made; 0 = at no shop
	Coupon CouponKindID // the kind of coupons it sent; 0 = none
}

// Makes reports whether the entry made a lot or sent coupons, and what is to be known of it then.
func (e *Entry) Makes() (o Origin, some bool) {
	o.Shop = e.By.Shop
	if e.Offer != nil {
		o.Coupon, some = e.Offer.Kind, true
	}
	for _, p := range e.Allocations {
		some = some || p.Lot == e.ID
	}
	return o, some
}

// LotKey is what the parts of one total of lots have in common.
type LotKey struct {
	Day  Date   // the business day, by the merchant's calendar
	Sold ShopID // the shop that made the lot; what is taken on credit is a lot of the shop that gives it
	Shop ShopID // the shop of the entry
	Kind Kind   // of the entry
}

// Compare orders keys by day, shop that sold, shop and kind.
func (k LotKey) Compare(o LotKey) int {
	return cmp.Or(
		cmp.Compare(k.Day, o.Day), cmp.Compare(k.Sold, o.Sold), cmp.Compare(k.Shop, o.Shop), cmp.Compare(k.Kind, o.Kind))
}

// LotSums are what entries added to lots; negative if they took.
type LotSums struct {
	Principal Fen
	Bonus     Fen
}

// Plus returns the sum of s and t.
func (s LotSums) Plus(t LotSums) LotSums {
	return LotSums{s.Principal + t.Principal, s.Bonus + t.Bonus}
}

// LotTotal is the sum of the parts of one key. The totals of a day, a shop and a kind add up to the principal and the
// bonus of its day totals.
type LotTotal struct {
	LotKey
	LotSums
}

// CouponKey is what the coupons of one total have in common.
type CouponKey struct {
	Day    Date
	Shop   ShopID       // of the entry
	Coupon CouponKindID // the kind they are of
	Kind   Kind         // of the entry
	State  CouponState  // after the entry
}

// Compare orders keys by day, shop, kind of coupon, kind of entry and state.
func (k CouponKey) Compare(o CouponKey) int {
	return cmp.Or(
		cmp.Compare(k.Day, o.Day), cmp.Compare(k.Shop, o.Shop), cmp.Compare(k.Coupon, o.Coupon),
		cmp.Compare(k.Kind, o.Kind), cmp.Compare(k.State, o.State))
}

// CouponSums are sums over coupons.
type CouponSums struct {
	Count int64
	Pays  Fen // of bills; on refunds, what they had paid
}

// Plus returns the sum of s and t.
func (s CouponSums) Plus(t CouponSums) CouponSums {
	return CouponSums{s.Count + t.Count, s.Pays + t.Pays}
}

// CouponTotal is the sum of the coupons of one key.
type CouponTotal struct {
	CouponKey
	CouponSums
}
