package command

import (
	"time"

	"tongka/internal/ledger"
)

// Length limits of a coupon's number, in digits.
const (
	MinCouponNumber = 8
	MaxCouponNumber = 20
)

// SendCoupons puts coupons of one kind on a card, one for each number.
type SendCoupons struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Kind     ledger.CouponKindID
	Numbers  []string // 1 to MaxSend, each of 8–20 random digits
	Subject  string
}

// Keys names the card, its number of unused coupons, the kind's stock and the coupons' numbers.
func (c SendCoupons) Keys() Keys {
	k := keysOf(c.Card)
	k.WalletSizes = k.Cards
	k.CouponKinds, k.CouponNumbers = []ledger.CouponKindID{c.Kind}, c.Numbers
	return k
}

// Decide sends all the coupons or none.
func (c SendCoupons) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, c.Merchant, c.By)
	if err != nil {
		return Changes{}, err
	}
	if len(c.Numbers) < 1 || len(c.Numbers) > ledger.MaxSend {
		return Changes{}, ledger.Refuse(ledger.BadCouponCount)
	}
	if err := numbersAllowed(s, c.Numbers, map[string]bool{}); err != nil {
		return Changes{}, err
	}
	offer, err := d.offer(c.Kind)
	if err != nil {
		return Changes{}, err
	}
	offer.Subject = clean(c.Subject, maxNote)
	stock, err := d.stockFor(c.Kind, s.stocks.get(c.Kind), len(c.Numbers))
	if err != nil {
		return Changes{}, err
	}
	card, err := d.cardIn(c.Card, ledger.Active)
	if err != nil {
		return Changes{}, err
	}
	if s.walletSize(card.ID)+len(c.Numbers) > ledger.MaxWallet {
		return Changes{}, ledger.Refuse(ledger.WalletFull, c.Card)
	}
	d.sendCoupons(card, offer, c.Numbers)
	d.ch.Stocks = []ledger.CouponStock{stock}
	return d.finish()
}

// offer returns what coupons of a kind promise that are sent today.
func (d *draft) offer(id ledger.CouponKindID) (o ledger.CouponOffer, err error) {
	kind, ok := d.m.CouponKind(id)
	if !ok || len(kind.Faults()) > 0 {
		return o, ledger.Refuse(ledger.UnknownCouponKind)
	}
	from, until, ok := kind.Validity(d.day)
	if !ok {
		return o, ledger.Refuse(ledger.CouponKindOver, kind.End.String())
	}
	return ledger.CouponOffer{CouponTerms: kind.CouponTerms, From: from, Until: until}, nil
}

// stockFor returns the stock of a kind after n more of it.
func (d *draft) stockFor(id ledger.CouponKindID, stock ledger.CouponStock, n int) (ledger.CouponStock, error) {
	kind, _ := d.m.CouponKind(id)
	stock.Sent += int64(n)
	if kind.Stock > 0 && stock.Sent > kind.Stock {
		return stock, ledger.Refuse(ledger.NoCouponStock, kind.Name)
	}
	return stock, nil
}

// sendCoupons posts coupons with their numbers.
func (d *draft) sendCoupons(card *ledger.Card, offer ledger.CouponOffer, numbers []string) {
	e := ledger.Entry{Kind: ledger.CouponSent, Offer: &offer}
	first := ledger.CouponID(d.head.LastEntry+1) * ledger.CouponsAnEntry
	for i, n := range numbers {
		e.Coupons = append(e.Coupons, ledger.CouponPart{
			Coupon: first + ledger.CouponID(i) + 1, State: ledger.Unused, Number: n,
		})
	}
	d.post(card, e)
}

// numbersAllowed refuses numbers that are invalid, another coupon's, or among those seen, and adds them to these.
func numbersAllowed(s *State, numbers []string, seen map[string]bool) error {
	for _, n := range numbers {
		if !ledger.Digits(n, MinCouponNumber, MaxCouponNumber) || seen[n] {
			return ledger.Refuse(ledger.BadCouponNumber)
		}
		seen[n] = true
		if s.couponNumbers.get(n) {
			return ledger.Refuse(ledger.CouponTaken)
		}
	}
	return nil
}

// VoidCoupon voids an unused coupon permanently.
type VoidCoupon struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Coupon   ledger.CouponID
	Note     string
}

// Keys names the card and the coupon.
func (v VoidCoupon) Keys() Keys {
	k := keysOf(v.Card)
	k.Coupons = []ledger.CouponID{v.Coupon}
	return k
}

// Decide voids the coupon. The card may be lost or stopped.
func (v VoidCoupon) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, v.Merchant, v.By)
	if err != nil {
		return Changes{}, err
	}
	c, err := d.cardIn(v.Card, ledger.Active, ledger.Lost, ledger.Stopped)
	if err != nil {
		return Changes{}, err
	}
	coupon, err := d.coupon(c, v.Coupon)
	if err != nil {
		return Changes{}, err
	}
	if err := coupon.CheckUnused(); err != nil {
		return Changes{}, err
	}
	d.post(c, ledger.Entry{
		Kind: ledger.CouponVoided, Note: v.Note, Coupons: []ledger.CouponPart{{Coupon: v.Coupon, State: ledger.Void}},
	})
	return d.finish()
}

// ExpireCoupons records that a card's unused coupons have expired. They cannot be used after their last day anyway,
// so this only brings the books up to date.
type ExpireCoupons struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
}

// Keys names the card with its unused coupons.
func (x ExpireCoupons) Keys() Keys {
	k := keysOf(x.Card)
	k.Wallets = k.Cards
	return k
}

// Decide records what has expired.
func (x ExpireCoupons) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, x.Merchant, x.By)
	if err != nil {
		return Changes{}, err
	}
	c, err := d.cardIn(x.Card, ledger.Active, ledger.Lost, ledger.Stopped)
	if err != nil {
		return Changes{}, err
	}
	e := ledger.Entry{Kind: ledger.CouponExpired}
	for _, coupon := range d.wallet(c) {
		if coupon.Over(d.day) {
			e.Coupons = append(e.Coupons, ledger.CouponPart{Coupon: coupon.ID, State: ledger.Expired})
		}
	}
	if len(e.Coupons) == 0 {
		return Changes{}, ledger.Refuse(ledger.NothingExpired, x.Card)
	}
	d.post(c, e)
	return d.finish()
}

// dropCoupons returns what becomes of the card's unused coupons when it is closed.
func (d *draft) dropCoupons(c *ledger.Card) []ledger.CouponPart {
	var parts []ledger.CouponPart
	for _, coupon := range d.wallet(c) {
		state := ledger.Void
		if coupon.Over(d.day) {
			state = ledger.Expired
		}
		parts = append(parts, ledger.CouponPart{Coupon: coupon.ID, State: state})
	}
	return parts
}
