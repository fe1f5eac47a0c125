package ledger

import (
	"fmt"
	"math"
	"slices"
)

// Limits of coupons.
const (
	MaxSend       = 100     // coupons sent at once (co_send of dc78), and coupons used on one bill
	MaxUse        = 100_000 // of one kind on one bill
	MaxStock      = math.MaxInt32
	MaxCouponInfo = 200 // characters of a kind's description
	// A card is not sent coupons beyond this number of unused ones, so that one entry can void them all when the card is
	// returned. Coupons given back by refunds may exceed it.
	MaxWallet = 1000
)

// CouponType is how a coupon pays.
type CouponType int

const (
	CashCoupon    CouponType = iota + 1 // pays up to Face
	GoodsCoupon                         // stands for goods; pays nothing of a bill
	PercentCoupon                       // takes a share of what is to pay
)

var couponTypeNames = []string{"", "cash", "goods", "percent"}

// String returns the type's name in configuration files.
func (t CouponType) String() string { return couponTypeNames[t] }

// ParseCouponType returns the type of that name; ok is false if there is none.
func ParseCouponType(name string) (t CouponType, ok bool) {
	i := slices.Index(couponTypeNames, name)
	return CouponType(max(i, 0)), i > 0
}

// CouponState is a coupon's state: unused ⇄ used, unused → void, unused or used → expired. An expired coupon is
// unused again if the time in which it expired was taken back.
type CouponState int

const (
	Unused CouponState = iota + 1
	Used
	Void
	Expired
)

var couponStateNames = []string{"", "unused", "used", "void", "expired"}

// String names the state for logs; texts for people are the dialect's.
func (s CouponState) String() string {
	if s > 0 && int(s) < len(couponStateNames) {
		return couponStateNames[s]
	}
	return fmt.Sprintf("state %d", int(s))
}

// CouponTerms are what a coupon promises. Each coupon has a copy of its kind's terms, so that it keeps them
// when the kind is changed.
type CouponTerms struct {
	Kind   CouponKindID
	Name   string
	Type   CouponType
	Face   Fen  // CashCoupon: the most it pays
	Off    Rate // PercentCoupon: the share it takes off, rounded half-up
	MaxOff Fen  // PercentCoupon: the most it takes off; 0 = any amount
	Least  Fen  // the bill, after the level's discount, that each coupon needs
	MaxUse int  // coupons of the kind on one bill, at most; 0 = any number
	Alone  bool // no coupon of another kind may be used on the same bill
	// Grace is how many days the coupon is good again, the first included, if its bill is refunded after its last day. It
	// gets them once. 0 = it expires.
	Grace int
	Shops []ShopID // where it is good; nil = in all shops
}

// CouponKind is a kind of coupon a merchant offers.
type CouponKind struct {
	CouponTerms
	Start Date  // first good day; 0 = the day it is sent
	End   Date  // last good day; 0 = Days decides
	Days  int   // without End: days it is good, the first included; 0 = it never expires
	Stock int64 // coupons sent of it, at most; 0 = any number
	Info  string
}

// CouponOffer is what all coupons sent by one entry have in common.
type CouponOffer struct {
	CouponTerms
	From, Until Date
	Subject     string
}

// CouponPart is what an entry did to one coupon.
type CouponPart struct {
	Coupon CouponID
	State  CouponState // its state after the entry
	Pays   Fen         // of the bill; on a refund, what it had paid
	Number string      // the coupon's number, on the entry that sent it
	Until  Date        // its new last good day, if a refund moved it
}

// Validity returns the first and the last good day of a coupon sent today. ok is false if the kind's last day has
// passed.
func (k *CouponKind) Validity(today Date) (from, until Date, ok bool) {
	from, until = max(k.Start, today), Forever
	switch {
	case k.End != 0:
		until = k.End
	case k.Days > 0:
		until = from.AddDays(k.Days - 1)
	}
	return from, until, until >= from
}

// Offers reports whether a coupon of these terms is what the kind gives on a day.
func (k *CouponKind) Offers(o *CouponOffer, today Date) bool {
	from, until, ok := k.Validity(today)
	return ok && o.From == from && o.Until == until && k.Same(&o.CouponTerms)
}

// Brings reports whether a coupon of these terms is what a card may bring of the kind from another system on a day:
// what the kind gives, but for its last day.
func (k *CouponKind) Brings(o *CouponOffer, today Date) bool {
	from, _, ok := k.Validity(today)
	return ok && o.From == from && k.Same(&o.CouponTerms)
}

// Same reports whether coupons of both terms promise the same, in all that CouponTerms has.
func (t *CouponTerms) Same(o *CouponTerms) bool {
	return t.Kind == o.Kind && t.Name == o.Name && t.Type == o.Type && t.Face == o.Face && t.Off == o.Off &&
		t.MaxOff == o.MaxOff && t.Least == o.Least && t.MaxUse == o.MaxUse && t.Alone == o.Alone && t.Grace == o.Grace &&
		slices.Equal(t.Shops, o.Shops)
}

// Offered reports whether one more coupon of the kind can be sent today, after sent of them.
func (k *CouponKind) Offered(today Date, sent int64) bool {
	_, _, ok := k.Validity(today)
	return ok && len(k.Faults()) == 0 && (k.Stock == 0 || sent < k.Stock)
}

// Faults reports a kind that promises nothing, or terms no bill can be calculated with. Such a kind is not sent.
func (k *CouponKind) Faults() []Fault {
	var f faults
	cash, percent := k.Type == CashCoupon, k.Type == PercentCoupon
	f.when(k.Kind <= 0, "id", "want an id from 1")
	f.name(k.Name)
	f.when(k.Type < CashCoupon || k.Type > PercentCoupon, "type", "want cash, goods or percent")
	f.amount("face", k.Face)
	f.when((k.Face != 0) != cash, "face", "a cash coupon has a face above 0, and no other has one")
	f.when(k.Off < 0 || k.Off > Percent100, "off", "want a ratio above 0 and at most 1")
	f.when((k.Off != 0) != percent, "off", "a percent coupon takes off a share, and no other does")
	f.amount("max_off", k.MaxOff)
	f.when(k.MaxOff != 0 && !percent, "max_off", "only a percent coupon has one")
	f.amount("least", k.Least)
	f.count("max_use", int64(k.MaxUse), MaxUse)
	f.count("grace", int64(k.Grace), MaxDays)
	f.when(k.End != 0 && k.End < k.Start, "end", "the last day comes before the first")
	f.when(k.End != 0 && k.Days != 0, "days", "want end or days, not both")
	f.count("days", int64(k.Days), MaxDays)
	f.count("stock", k.Stock, MaxStock)
	f.text("info", k.Info, MaxCouponInfo)
	return f
}

// goodIn reports whether the coupon is good in a shop.
func (t *CouponTerms) goodIn(shop ShopID) bool {
	return len(t.Shops) == 0 || slices.Contains(t.Shops, shop)
}
