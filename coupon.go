package tongka

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Numbers of coupons and their kinds.
type (
	CouponKindID int64 // the deid of the dc78 wire
	CouponID     int64 // the coid of the dc78 wire: the entry that sent it × 128, and its place there from 1
)

// Limits of coupons.
const (
	MaxSend       = 100  // coupons sent at once (co_send of the dc78 wire), and used on one bill
	MaxCouponInfo = 200  // letters of what a kind says of itself
	MaxWallet     = 1000 // unused coupons that a card is sent more up to, so that it can be closed by one entry; those that refunds give back may come on top
)

// couponsAnEntry is the room for places in a CouponID.
const couponsAnEntry = 128

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
	Face   Fen      // CashCoupon: the most it pays
	Off    Rate     // PercentCoupon: the share it takes off, rounded half-up
	MaxOff Fen      // PercentCoupon: the most it takes off; 0 = any amount
	Least  Fen      // the bill, after the level's discount, that each such coupon needs
	MaxUse int      // most of the kind on one bill; 0 = any number
	Alone  bool     // no coupon of another kind may stand on the same bill
	Grace  int      // days it is good, the first included, when an undone bill gives it back after its last day; 0 = it has expired then
	Shops  []ShopID // where it is good; nil = in all
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

// Coupon is a coupon on a card. It is the fold of the entries that name it, as a card is.
type Coupon struct {
	Merchant MerchantID
	ID       CouponID
	Card     CardID
	Number   string // random digits; unique in the merchant, and shown masked
	CouponTerms
	From    Date // first good day
	Until   Date // last good day
	State   CouponState
	Sent    time.Time
	Subject string  // what the sender gave as the reason
	UsedBy  EntryID // the bill it is used on; 0 = none
	Paid    Fen     // of that bill
}

// CouponKey names a coupon.
type CouponKey struct {
	Merchant MerchantID
	ID       CouponID
}

// CouponNumberKey names a coupon by its number.
type CouponNumberKey struct {
	Merchant MerchantID
	Number   string
}

// CouponKindKey names a kind of coupon.
type CouponKindKey struct {
	Merchant MerchantID
	Kind     CouponKindID
}

// WalletSize is how many unused coupons a card has.
type WalletSize struct {
	Merchant MerchantID
	Card     CardID
	Unused   int
}

// CouponStock is how many coupons of a kind were ever sent.
type CouponStock struct {
	Merchant MerchantID
	Kind     CouponKindID
	Sent     int64
}

// CouponPart is what an entry did with one coupon.
type CouponPart struct {
	Coupon CouponID
	State  CouponState // after it
	Pays   Fen         // of the bill; on a refund, what it had paid
	Number string      // of the coupon, on the entry that sent it
	Until  Date        // its last good day, where a refund moved that
}

// CouponOffer is what all coupons of one sending have in common.
type CouponOffer struct {
	CouponTerms
	From, Until Date
	Subject     string
}

// CouponQuery asks for coupons of a card, in the order of their ids.
type CouponQuery struct {
	Merchant MerchantID
	Card     CardID
	Unused   bool     // only those that are not used, void or booked as expired
	After    CouponID // from behind this one
	Limit    int
}

// Key is how the coupon is named.
func (c *Coupon) Key() CouponKey { return CouponKey{c.Merchant, c.ID} }

// Over tells whether the coupon's last day has passed.
func (c *Coupon) Over(today Date) bool { return today > c.Until }

// Masked is the coupon's number as it may be shown: the first two and the last three digits.
func (c *Coupon) Masked() string {
	masked := []byte(c.Number)
	for i := 2; i < len(masked)-3; i++ {
		masked[i] = '*'
	}
	return string(masked)
}

// Key is how the kind is named.
func (s *CouponStock) Key() CouponKindKey { return CouponKindKey{s.Merchant, s.Kind} }

// Sender is the entry that sent the coupon.
func (id CouponID) Sender() EntryID { return EntryID(id / couponsAnEntry) }

// Check answers what of the kind nobody can offer.
func (k *CouponKind) Check() error {
	for _, field := range []struct {
		name string
		ok   bool
	}{
		{"id", k.Kind > 0},
		{"name", !Blank(k.Name) && plainText(k.Name, MaxNameLen)},
		{"type", k.Type >= CashCoupon && k.Type <= PercentCoupon},
		{"face", k.Face >= 0 && k.Face <= MaxFen && (k.Face > 0) == (k.Type == CashCoupon)},
		{"off", k.Off >= 0 && k.Off <= Whole && (k.Off > 0) == (k.Type == PercentCoupon)},
		{"max off", k.MaxOff >= 0 && k.MaxOff <= MaxFen && (k.MaxOff == 0 || k.Type == PercentCoupon)},
		{"least", k.Least >= 0 && k.Least <= MaxFen},
		{"max use", k.MaxUse >= 0},
		{"grace", k.Grace >= 0},
		{"end", k.End == 0 || k.End >= k.Start && k.Days == 0},
		{"days", k.Days >= 0},
		{"stock", k.Stock >= 0},
		{"info", plainText(k.Info, MaxCouponInfo)},
	} {
		if !field.ok {
			return fmt.Errorf("coupon kind %d: its %s is not allowed", k.Kind, field.name)
		}
	}
	return nil
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

// Offered tells whether one more coupon of the kind can be sent today, when so many were.
func (k *CouponKind) Offered(today Date, sent int64) bool {
	_, _, ok := k.Validity(today)
	return ok && k.Check() == nil && (k.Stock == 0 || sent < k.Stock)
}

// goodIn tells whether the coupon is good in a shop.
func (t *CouponTerms) goodIn(shop ShopID) bool {
	return len(t.Shops) == 0 || slices.Contains(t.Shops, shop)
}

// Fit tells whether coupons may stand together on a bill of that amount in that shop, after the
// level's discount (invariant 27): each is good in the shop and brings its own Least, of no kind are
// too many, and none is alone beside another kind.
func Fit(coupons []Coupon, shop ShopID, amount Fen) error {
	count := map[CouponKindID]int{}
	alone := false
	for i := range coupons {
		t := &coupons[i].CouponTerms
		if !t.goodIn(shop) {
			return refuse(CouponNotHere, t.Name)
		}
		if t.Least > amount {
			return refuse(CouponNeedsBill, t.Least.String())
		}
		amount -= t.Least
		count[t.Kind]++
		if t.MaxUse > 0 && count[t.Kind] > t.MaxUse {
			return refuse(TooManyCoupons, t.Name)
		}
		alone = alone || t.Alone
	}
	if alone && len(count) > 1 {
		return refuse(CouponAlone)
	}
	return nil
}

// Worth is what each coupon pays of a bill, which is never more than there is to pay (invariant 28).
// Percent coupons come first, each on what the ones before it left; then cash coupons, in their order.
func Worth(coupons []Coupon, amount Fen) []Fen {
	pays := make([]Fen, len(coupons))
	left := amount
	for i := range coupons {
		t := &coupons[i]
		if t.Type != PercentCoupon {
			continue
		}
		pays[i] = left.halfUp(max(0, min(t.Off, Whole)))
		if t.MaxOff > 0 {
			pays[i] = min(pays[i], t.MaxOff)
		}
		left -= pays[i]
	}
	for i := range coupons {
		if t := &coupons[i]; t.Type == CashCoupon {
			pays[i] = min(t.Face, left)
			left -= pays[i]
		}
	}
	return pays
}

// ByCoupons is what coupons paid of the entry's bill.
func (e *Entry) ByCoupons() (sum Fen) {
	for _, p := range e.Coupons {
		sum += p.Pays
	}
	return sum
}

// couponSteps are the only steps of a coupon's life there are, by the kind of entry; the first state
// is the one before, 0 = not there yet.
var couponSteps = map[Kind][][2]CouponState{
	CouponSent:      {{0, Unused}},
	Consumed:        {{Unused, Used}},
	ConsumeRefunded: {{Used, Unused}, {Used, Expired}}, // invariant 30
	CouponVoided:    {{Unused, Void}},
	CouponExpired:   {{Unused, Expired}},
	Closed:          {{Unused, Void}, {Unused, Expired}},
	ExpiryReversed:  {{Expired, Unused}},
}

// Fold is the coupon after what one more entry did with it. It is the one place where an entry changes
// a coupon. After an error the coupon is in no defined state.
func (c *Coupon) Fold(e *Entry, p CouponPart) error {
	if !slices.Contains(couponSteps[e.Kind], [2]CouponState{c.State, p.State}) {
		return fmt.Errorf("coupon %d: a %v took it from %v to %v", p.Coupon, e.Kind, c.State, p.State)
	}
	if e.Kind == CouponSent {
		return c.begin(e, p)
	}
	switch {
	case e.Merchant != c.Merchant || e.Card != c.Card:
		return fmt.Errorf("coupon %d is card %d's, not card %d's", c.ID, c.Card, e.Card)
	case e.Kind == ConsumeRefunded && (e.Of != c.UsedBy || p.Pays != c.Paid):
		return fmt.Errorf("coupon %d paid %v of bill %d, and came back from bill %d with %v", c.ID, c.Paid, c.UsedBy, e.Of, p.Pays)
	case e.Kind != Consumed && e.Kind != ConsumeRefunded && p.Pays != 0:
		return fmt.Errorf("coupon %d paid %v of no bill", c.ID, p.Pays)
	}
	c.State, c.UsedBy, c.Paid = p.State, 0, 0
	if p.State == Used {
		c.UsedBy, c.Paid = e.ID, p.Pays
	}
	if p.Until != 0 {
		c.Until = p.Until
	}
	return nil
}

// begin takes the facts of a new coupon from the entry that sent it.
func (c *Coupon) begin(e *Entry, p CouponPart) error {
	if e.Offer == nil || p.Coupon.Sender() != e.ID || p.Pays != 0 || p.Until != 0 {
		return fmt.Errorf("coupon %d was not sent by entry %d", p.Coupon, e.ID)
	}
	*c = Coupon{
		Merchant: e.Merchant, ID: p.Coupon, Card: e.Card, Number: p.Number, CouponTerms: e.Offer.CouponTerms,
		From: e.Offer.From, Until: e.Offer.Until, State: Unused, Sent: e.At, Subject: e.Offer.Subject,
	}
	return nil
}

func compareCoupons(a, b Coupon) int {
	return cmp.Or(cmp.Compare(a.Merchant, b.Merchant), cmp.Compare(a.ID, b.ID))
}
