package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// CouponsAnEntry is the room for places in a CouponID.
const CouponsAnEntry = 128

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

// WalletSize is how many unused coupons a card has.
type WalletSize struct {
	Card   CardID
	Unused int
}

// CouponStock is how many coupons of a kind were ever sent.
type CouponStock struct {
	Merchant MerchantID
	Kind     CouponKindID
	Sent     int64
}

// CouponQuery asks for coupons of a card, in the order of their ids.
type CouponQuery struct {
	Merchant MerchantID
	Card     CardID
	Unused   bool     // only those that are not used, void or booked as expired
	After    CouponID // from behind this one
	Limit    int
}

// Over reports whether the coupon's last day has passed.
func (c *Coupon) Over(today Date) bool { return today > c.Until }

// Masked is the coupon's number as it may be shown: the first two and the last three digits.
func (c *Coupon) Masked() string {
	masked := []byte(c.Number)
	for i := 2; i < len(masked)-3; i++ {
		masked[i] = '*'
	}
	return string(masked)
}

// Sender is the entry that sent the coupon.
func (id CouponID) Sender() EntryID { return EntryID(id / CouponsAnEntry) }

// Fit reports whether coupons may stand together on a bill of that amount in that shop, after the
// level's discount (invariant 27): each is good in the shop and brings its own Least, of no kind are
// too many, and none is alone beside another kind.
func Fit(coupons []Coupon, shop ShopID, amount Fen) error {
	count := map[CouponKindID]int{}
	alone := false
	for i := range coupons {
		t := &coupons[i].CouponTerms
		if !t.goodIn(shop) {
			return Refuse(CouponNotHere, t.Name)
		}
		if t.Least > amount {
			return Refuse(CouponNeedsBill, t.Least.String())
		}
		amount -= t.Least
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
	CardReturned:    {{Unused, Void}, {Unused, Expired}},
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
	case e.Kind == ConsumeRefunded && (e.RefersTo != c.UsedBy || p.Pays != c.Paid):
		return fmt.Errorf("coupon %d paid %v of bill %d, and came back from bill %d with %v", c.ID, c.Paid, c.UsedBy,
			e.RefersTo, p.Pays)
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

func CompareCoupons(a, b Coupon) int {
	return cmp.Or(cmp.Compare(a.Merchant, b.Merchant), cmp.Compare(a.ID, b.ID))
}

// stateReasons is why a coupon of each state may not be used.
var stateReasons = map[CouponState]Reason{Used: CouponIsUsed, Void: CouponIsVoid, Expired: CouponIsExpired}

// CheckUnused refuses a coupon that is no longer so.
func (c *Coupon) CheckUnused() error {
	if c.State != Unused {
		return Refuse(stateReasons[c.State], c.Masked())
	}
	return nil
}
