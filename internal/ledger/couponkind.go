package ledger

import (
	"fmt"
	"math"
	"slices"
)

// Limits of coupons.
const (
	MaxSend       = 100     // coupons sent at once (co_send of the dc78 wire), and used on one bill
	MaxUse        = 100_000 // of one kind on a bill
	MaxStock      = math.MaxInt32
	MaxCouponInfo = 200 // letters of what a kind says of itself
	// unused coupons that a card is sent more up to, so that it can be closed by one entry; those that refunds give
	// back may come on top
	MaxWallet = 1000
)

// CouponType is what a coupon is good for.
type CouponType int

const (
	CashCoupon    CouponType = iota + 1 // pays Face
	GoodsCoupon                         // stands for goods; it pays nothing of a bill
	PercentCoupon                       // takes Off off what is to pay
)

var couponTypeNames = []string{"", "cash", "goods", "percent"}

// String is the type's name in configuration files.
func (t CouponType) String() string { return couponTypeNames[t] }

// ParseCouponType reads a type's name; ok is false when there is none of that name.
func ParseCouponType(name string) (t CouponType, ok bool) {
	i := slices.Index(couponTypeNames, name)
	return CouponType(max(i, 0)), i > 0
}

// CouponState is where a coupon stands in its life: unused ⇄ used, unused → void, unused or used →
// expired; and back from there where the time it expired in was taken back.
type CouponState int

const (
	Unused CouponState = iota + 1
	Used
	Void
	Expired
)

var couponStateNames = []string{"", "unused", "used", "void", "expired"}

// String names the state for logs; people's words are the dialect's.
func (s CouponState) String() string {
	if s > 0 && int(s) < len(couponStateNames) {
		return couponStateNames[s]
	}
	return fmt.Sprintf("state %d", int(s))
}

// CouponTerms are what a coupon promises. It carries a copy of its kind's, so that what was sent stays
// good when the kind is changed.
type CouponTerms struct {
	Kind   CouponKindID
	Name   string
	Type   CouponType
	Face   Fen  // CashCoupon: the most it pays
	Off    Rate // PercentCoupon: the share it takes off, rounded half-up
	MaxOff Fen  // PercentCoupon: the most it takes off; 0 = any amount
	Least  Fen  // the bill, after the level's discount, that each such coupon needs
	MaxUse int  // most of the kind on one bill; 0 = any number
	Alone  bool // no coupon of another kind may stand on the same bill
	// days it is good, the first included, when an undone bill gives it back after its last day; 0 = it has expired then
	Grace int
	Shops []ShopID // where it is good; nil = in all
}

// CouponKind is a kind of coupon as a merchant offers it.
type CouponKind struct {
	CouponTerms
	Start Date  // first good day; 0 = the day it is sent
	End   Date  // last good day; 0 = after Days
	Days  int   // without End: good for so many days from the first; 0 = for ever
	Stock int64 // most that are sent of it; 0 = any number
	Info  string
}

// Validity is from when and through when a coupon sent today is good. ok is false when the kind's
// last day has passed.
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

// Offered reports whether one more coupon of the kind can be sent today, when so many were.
func (k *CouponKind) Offered(today Date, sent int64) bool {
	_, _, ok := k.Validity(today)
	return ok && len(k.Faults()) == 0 && (k.Stock == 0 || sent < k.Stock)
}

// goodIn reports whether the coupon is good in a shop.
func (t *CouponTerms) goodIn(shop ShopID) bool {
	return len(t.Shops) == 0 || slices.Contains(t.Shops, shop)
}
