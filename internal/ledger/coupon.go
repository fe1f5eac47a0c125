package ledger

import (
	"fmt"
	"slices"
	"time"
)

// CouponsAnEntry is how many places each entry has for the coupons it sends: see CouponID.
const CouponsAnEntry = 128

// Coupon is a coupon on a card. Like a card, it is the fold of the entries that name it.
type Coupon struct {
	Merchant MerchantID
	ID       CouponID
	Card     CardID
	Number   string // random digits; unique within the merchant, shown masked
	CouponTerms
	From    Date // first good day
	Until   Date // last good day
	State   CouponState
	Sent    time.Time
	Subject string  // what the sender gave as the reason
	UsedBy  EntryID // the bill it was used on; 0 = none
	Paid    Fen     // what it paid of that bill
}

// WalletSize is the number of unused coupons on a card.
type WalletSize struct {
	Card   CardID
	Unused int
}

// CouponStock is the number of coupons of a kind ever sent.
type CouponStock struct {
	Merchant MerchantID
	Kind     CouponKindID
	Sent     int64
}

// CouponQuery asks for coupons of one card, in the order of their ids.
type CouponQuery struct {
	Merchant MerchantID
	Card     CardID
	Unused   bool     // only those that are not used, void or booked as expired
	After    CouponID // only coupons with ids above this one
	Limit    int
}

// Over reports whether the coupon's last day has passed.
func (c *Coupon) Over(today Date) bool { return today > c.Until }

// Masked returns the coupon's number as it may be shown: the first two and the last three digits.
func (c *Coupon) Masked() string {
	masked := []byte(c.Number)
	for i := 2; i < len(masked)-3; i++ {
		masked[i] = '*'
	}
	return string(masked)
}

// Sender returns the entry that sent the coupon.
func (id CouponID) Sender() EntryID { return EntryID(id / CouponsAnEntry) }

// Fit refuses coupons that may not be used together on a bill of that amount, after the level's discount, in that
// shop (invariant 27). Each must be good in the shop, the bill must cover the Least of all of them together, none may
// exceed its kind's MaxUse, and one that must stand alone excludes other kinds.
func Fit(coupons []Coupon, shop ShopID, amount Fen) error {
	count := map[CouponKindID]int{}
	alone, needed := false, Fen(0)
	for i := range coupons {
		t := &coupons[i].CouponTerms
		if !t.goodIn(shop) {
			return Refuse(CouponNotHere, t.Name)
		}
		if needed += t.Least; needed > amount {
			return Refuse(CouponNeedsBill, t.Name+" "+needed.String())
		}
		count[t.Kind]++
		if t.MaxUse > 0 && count[t.Kind] > t.MaxUse {
			return Refuse(TooManyCoupons, t.Name)
		}
		alone = alone || t.Alone
	}
	if alone && len(count) > 1 {
		return Refuse(CouponAlone)
	}
	return nil
}

// Worth returns what each coupon pays of a bill; together never more than there is to pay (invariant 28). Percent
// coupons come first, each on what the ones before it left; then cash coupons, in their order.
func Worth(coupons []Coupon, amount Fen) []Fen {
	pays := make([]Fen, len(coupons))
	left := amount
	for i := range coupons {
		t := &coupons[i]
		if t.Type != PercentCoupon {
			continue
		}
		pays[i] = left.HalfUp(max(0, min(t.Off, Percent100)))
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

// ByCoupons returns what coupons paid of the entry's bill.
func (e *Entry) ByCoupons() (sum Fen) {
	for _, p := range e.Coupons {
		sum += p.Pays
	}
	return sum
}

// couponSteps lists the only changes of a coupon's state there are, by kind of entry: state before, state after.
// State 0 means not sent yet.
var couponSteps = map[Kind][][2]CouponState{
	CouponSent:      {{0, Unused}},
	Consumed:        {{Unused, Used}},
	ConsumeRefunded: {{Used, Unused}, {Used, Expired}}, // invariant 30
	CouponVoided:    {{Unused, Void}},
	CouponExpired:   {{Unused, Expired}},
	CardReturned:    {{Unused, Void}, {Unused, Expired}},
	OpeningReversed: {{Unused, Void}, {Unused, Expired}},
	MergedOut:       {{Unused, Unused}},
	MergedIn:        {{Unused, Unused}},
	ExpiryReversed:  {{Expired, Unused}},
}

// Fold applies one more entry to the coupon. It is the only place where an entry changes a coupon. After an error the
// coupon's fields are undefined.
func (c *Coupon) Fold(e *Entry, p CouponPart) error {
	if !slices.Contains(couponSteps[e.Kind], [2]CouponState{c.State, p.State}) {
		return fmt.Errorf("coupon %d: a %v took it from %v to %v", p.Coupon, e.Kind, c.State, p.State)
	}
	if e.Kind == CouponSent {
		return c.begin(e, p)
	}
	switch {
	case e.Merchant != c.Merchant || e.Card != c.Card && e.Kind != MergedIn:
		return fmt.Errorf("coupon %d is card %d's, not card %d's", c.ID, c.Card, e.Card)
	case e.Kind == ConsumeRefunded && (e.RefersTo != c.UsedBy || p.Pays != c.Paid):
		return fmt.Errorf("coupon %d paid %v of bill %d, and came back from bill %d with %v", c.ID, c.Paid, c.UsedBy,
			e.RefersTo, p.Pays)
	case e.Kind != Consumed && e.Kind != ConsumeRefunded && p.Pays != 0:
		return fmt.Errorf("coupon %d paid %v of no bill", c.ID, p.Pays)
	}
	c.Card = e.Card
	c.State, c.UsedBy, c.Paid = p.State, 0, 0
	if p.State == Used {
		c.UsedBy, c.Paid = e.ID, p.Pays
	}
	if p.Until != 0 {
		c.Until = p.Until
	}
	return nil
}

// begin sets the facts of a new coupon from the entry that sent it.
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

// stateReasons is why a coupon in each state may not be used.
var stateReasons = map[CouponState]Reason{Used: CouponIsUsed, Void: CouponIsVoid, Expired: CouponIsExpired}

// CheckUnused refuses a coupon that is used, void or expired.
func (c *Coupon) CheckUnused() error {
	if c.State != Unused {
		return Refuse(stateReasons[c.State], c.Masked())
	}
	return nil
}
