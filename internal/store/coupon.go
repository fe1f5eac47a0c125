package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tongka/internal/ledger"
)

// extraCoupon is what an entry did to one coupon.
type extraCoupon struct {
	Coupon ledger.CouponID    `json:"i"`
	State  ledger.CouponState `json:"s"`
	Pays   ledger.Fen         `json:"p,omitempty"`
	Number string             `json:"n,omitempty"`
	Until  ledger.Date        `json:"u,omitempty"`
}

// extraTerms are a coupon's terms as they are stored in its own row, in that of its kind, and with the entry that
// sent it.
type extraTerms struct {
	Kind   ledger.CouponKindID `json:"k"`
	Name   string              `json:"n,omitempty"`
	Type   ledger.CouponType   `json:"t"`
	Face   ledger.Fen          `json:"f,omitempty"`
	Off    ledger.Rate         `json:"o,omitempty"`
	MaxOff ledger.Fen          `json:"x,omitempty"`
	Least  ledger.Fen          `json:"l,omitempty"`
	MaxUse int                 `json:"m,omitempty"`
	Alone  bool                `json:"a,omitempty"`
	Grace  int                 `json:"g,omitempty"`
	Shops  []ledger.ShopID     `json:"s,omitempty"`
}

type extraOffer struct {
	Terms   extraTerms  `json:"t"`
	From    ledger.Date `json:"f,omitempty"`
	Until   ledger.Date `json:"u,omitempty"`
	Subject string      `json:"s,omitempty"`
}

func (x *extra) addCoupons(e *ledger.Entry) {
	for _, p := range e.Coupons {
		x.Coupons = append(x.Coupons, extraCoupon(p))
	}
	if o := e.Offer; o != nil {
		x.Offer = &extraOffer{extraTerms(o.CouponTerms), o.From, o.Until, o.Subject}
	}
}

func (x *extra) coupons(e *ledger.Entry) {
	for _, p := range x.Coupons {
		e.Coupons = append(e.Coupons, ledger.CouponPart(p))
	}
	if o := x.Offer; o != nil {
		e.Offer = &ledger.CouponOffer{
			CouponTerms: ledger.CouponTerms(o.Terms), From: o.From, Until: o.Until, Subject: o.Subject,
		}
	}
}

func encodeTerms(t ledger.CouponTerms) (string, error) {
	b, err := marshal(extraTerms(t))
	return string(b), err
}

// termsReader decodes the terms of coupons that are read one after the other. Coupons that were sent together have
// the same terms, and decoding them takes a third of the time of reading the coupons, so each text is decoded once.
type termsReader struct {
	text  string
	terms ledger.CouponTerms
}

func (t *termsReader) decode(s string) (ledger.CouponTerms, error) {
	if s == "" || s != t.text {
		terms, err := decodeTerms(s)
		if err != nil {
			return terms, err
		}
		t.text, t.terms = s, terms
	}
	terms := t.terms
	terms.Shops = slices.Clone(terms.Shops)
	return terms, nil
}

func decodeTerms(s string) (ledger.CouponTerms, error) {
	var x extraTerms
	if err := json.Unmarshal([]byte(s), &x); err != nil {
		return ledger.CouponTerms{}, fmt.Errorf("terms of a coupon: %w", err)
	}
	return ledger.CouponTerms(x), nil
}

func writeTerms(r *rows, t ledger.CouponTerms) *rows {
	terms, err := encodeTerms(t)
	if err != nil {
		r.err = err
	}
	return r.text(terms)
}

// writeCouponKind writes a coupon kind after its merchant and place.
func writeCouponKind(r *rows, k *ledger.CouponKind) {
	writeTerms(r, k.CouponTerms).int(int64(k.Start)).int(int64(k.End)).int(int64(k.Days)).int(k.Stock).text(k.Info)
}

func readCouponKind(r record) (ledger.CouponKind, error) {
	terms, err := decodeTerms(r.text())
	return ledger.CouponKind{
		CouponTerms: terms, Start: readDate(r), End: readDate(r), Days: int(r.int()), Stock: r.int(), Info: r.text(),
	}, err
}

func writeCoupon(r *rows, c *ledger.Coupon) {
	r.int(int64(c.Merchant)).int(int64(c.ID)).int(int64(c.Card)).text(c.Number)
	writeTerms(r, c.CouponTerms).int(int64(c.From)).int(int64(c.Until)).int(int64(c.State)).time(c.Sent)
	r.text(c.Subject).int(int64(c.UsedBy)).int(int64(c.Paid))
}

func readCoupon(r record, terms *termsReader) (ledger.Coupon, error) {
	c := ledger.Coupon{
		Merchant: ledger.MerchantID(r.int()), ID: ledger.CouponID(r.int()), Card: ledger.CardID(r.int()), Number: r.text(),
	}
	var err error
	if c.CouponTerms, err = terms.decode(r.text()); err != nil {
		return c, fmt.Errorf("coupon %d of merchant %d: %w", c.ID, c.Merchant, err)
	}
	c.From, c.Until, c.State, c.Sent = readDate(r), readDate(r), ledger.CouponState(r.int()), readTime(r)
	c.Subject, c.UsedBy, c.Paid = r.text(), ledger.EntryID(r.int()), ledger.Fen(r.int())
	return c, nil
}

func writeStock(r *rows, s *ledger.CouponStock) {
	r.int(int64(s.Merchant)).int(int64(s.Kind)).int(s.Sent)
}

func readStock(r record) ledger.CouponStock {
	return ledger.CouponStock{Merchant: ledger.MerchantID(r.int()), Kind: ledger.CouponKindID(r.int()), Sent: r.int()}
}

// unusedOf asks for the unused coupons of a card.
func unusedOf(key ledger.CardKey, found *[]ledger.Coupon) query {
	return query{walletsOf, merchantRow(walletsOf, key.Merchant).key(ledger.FoldNumber(key.Number)), eachCoupon(found)}
}

func eachCoupon(found *[]ledger.Coupon) func(record) error {
	var terms termsReader
	return func(r record) error {
		c, err := readCoupon(r, &terms)
		*found = append(*found, c)
		return err
	}
}

func eachStock(found *[]ledger.CouponStock) func(record) error {
	return func(r record) error {
		*found = append(*found, readStock(r))
		return nil
	}
}

// Coupons returns at most q.Limit coupons of a card, by id, from after q.After on. Both queries use an index that is
// in this order.
func (v *View) Coupons(ctx context.Context, q ledger.CouponQuery) ([]ledger.Coupon, error) {
	var found []ledger.Coupon
	s := cardCoupons
	if q.Unused {
		s = cardUnused
	}
	args := merchantRow(s, q.Merchant).int(int64(q.Card)).int(int64(q.After)).int(int64(q.Limit))
	if err := v.readPage(ctx, "coupons", query{s, args, eachCoupon(&found)}); err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b ledger.Coupon) int { return cmp.Compare(a.ID, b.ID) })
	return found, nil
}

// Wallet returns a card, with all of its lots, and its unused coupons by id, as of one moment; a nil card if there
// is none of that number. Few cards have more than ledger.MaxWallet unused coupons.
func (v *View) Wallet(ctx context.Context, key ledger.CardKey) (*ledger.Card, []ledger.Coupon, error) {
	var cards []ledger.Card
	var found []ledger.Coupon
	if err := v.q.read(ctx, wholeCard(key, &cards), unusedOf(key, &found)); err != nil {
		return nil, nil, fmt.Errorf("wallet: %w", err)
	}
	if len(cards) == 0 {
		return nil, nil, nil
	}
	slices.SortFunc(found, func(a, b ledger.Coupon) int { return cmp.Compare(a.ID, b.ID) })
	return &cards[0], found, nil
}

// DueCoupons returns the cards that have unused coupons which were good only through a day before the given one,
// each card once. It looks at no more than limit such coupons, those first that ended first, so it may return fewer
// cards than limit although more are due.
func (v *View) DueCoupons(
	ctx context.Context, merchant ledger.MerchantID, before ledger.Date, limit int,
) ([]ledger.CardKey, error) {
	var due []ledger.CardKey
	args := merchantRow(dueCoupons, merchant).int(int64(before)).int(int64(limit))
	err := v.readPage(ctx, "due coupons", query{dueCoupons, args, func(r record) error {
		if key := (ledger.CardKey{Merchant: merchant, Number: r.text()}); !slices.Contains(due, key) {
			due = append(due, key)
		}
		return nil
	}})
	return due, err
}

// EachCoupon calls fn with every coupon of the merchant, by id. It stops at the first error of fn and returns it.
func (v *View) EachCoupon(ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.Coupon) error) error {
	return walk(func(last *ledger.Coupon, page *[]ledger.Coupon) error {
		var after ledger.CouponID
		if last != nil {
			after = last.ID
		}
		args := merchantRow(couponsAfter, merchant).int(int64(after)).int(walkPage)
		return v.readPage(ctx, "coupons", query{couponsAfter, args, eachCoupon(page)})
	}, fn)
}

// Stocks returns how many coupons of each of the merchant's kinds have been sent, by kind.
func (v *View) Stocks(ctx context.Context, merchant ledger.MerchantID) ([]ledger.CouponStock, error) {
	var found []ledger.CouponStock
	err := v.readPage(ctx, "stocks", query{allStocks, merchantRow(allStocks, merchant), eachStock(&found)})
	return found, err
}
