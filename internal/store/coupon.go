package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tongka"
)

// extraCoupon is what an entry did with one coupon.
type extraCoupon struct {
	Coupon tongka.CouponID    `json:"i"`
	State  tongka.CouponState `json:"s"`
	Pays   tongka.Fen         `json:"p,omitempty"`
	Number string             `json:"n,omitempty"`
	Until  tongka.Date        `json:"u,omitempty"`
}

// extraTerms are the terms of a coupon as its own row, its kind's and the entry that sent it keep them.
type extraTerms struct {
	Kind   tongka.CouponKindID `json:"k"`
	Name   string              `json:"n,omitempty"`
	Type   tongka.CouponType   `json:"t"`
	Face   tongka.Fen          `json:"f,omitempty"`
	Off    tongka.Rate         `json:"o,omitempty"`
	MaxOff tongka.Fen          `json:"x,omitempty"`
	Least  tongka.Fen          `json:"l,omitempty"`
	MaxUse int                 `json:"m,omitempty"`
	Alone  bool                `json:"a,omitempty"`
	Grace  int                 `json:"g,omitempty"`
	Shops  []tongka.ShopID     `json:"s,omitempty"`
}

type extraOffer struct {
	Terms   extraTerms  `json:"t"`
	From    tongka.Date `json:"f,omitempty"`
	Until   tongka.Date `json:"u,omitempty"`
	Subject string      `json:"s,omitempty"`
}

func (x *extra) addCoupons(e *tongka.Entry) {
	for _, p := range e.Coupons {
		x.Coupons = append(x.Coupons, extraCoupon(p))
	}
	if o := e.Offer; o != nil {
		x.Offer = &extraOffer{extraTerms(o.CouponTerms), o.From, o.Until, o.Subject}
	}
}

func (x *extra) coupons(e *tongka.Entry) {
	for _, p := range x.Coupons {
		e.Coupons = append(e.Coupons, tongka.CouponPart(p))
	}
	if o := x.Offer; o != nil {
		e.Offer = &tongka.CouponOffer{CouponTerms: tongka.CouponTerms(o.Terms), From: o.From, Until: o.Until, Subject: o.Subject}
	}
}

func encodeTerms(t tongka.CouponTerms) (string, error) {
	b, err := marshal(extraTerms(t))
	return string(b), err
}

// termsReader decodes the terms of coupons that are read one after the other. Coupons that were sent
// together have the same, and to decode them is a third of what reading them takes.
type termsReader struct {
	text  string
	terms tongka.CouponTerms
}

func (t *termsReader) decode(s string) (tongka.CouponTerms, error) {
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

func decodeTerms(s string) (tongka.CouponTerms, error) {
	var x extraTerms
	if err := json.Unmarshal([]byte(s), &x); err != nil {
		return tongka.CouponTerms{}, fmt.Errorf("terms of a coupon: %w", err)
	}
	return tongka.CouponTerms(x), nil
}

func writeTerms(r *rows, t tongka.CouponTerms) *rows {
	terms, err := encodeTerms(t)
	if err != nil {
		r.err = err
	}
	return r.text(terms)
}

// writeCouponKind writes a kind behind its merchant and place.
func writeCouponKind(r *rows, k *tongka.CouponKind) {
	writeTerms(r, k.CouponTerms).int(int64(k.Start)).int(int64(k.End)).int(int64(k.Days)).int(k.Stock).text(k.Info)
}

func readCouponKind(r record) (tongka.CouponKind, error) {
	terms, err := decodeTerms(r.text())
	return tongka.CouponKind{
		CouponTerms: terms, Start: readDate(r), End: readDate(r), Days: int(r.int()), Stock: r.int(), Info: r.text(),
	}, err
}

func couponRows(coupons []tongka.Coupon) write {
	r := rowsFor(putCoupon, len(coupons))
	for i := range coupons {
		c := &coupons[i]
		r.int(int64(c.Merchant)).int(int64(c.ID)).int(int64(c.Card)).text(c.Number)
		writeTerms(r, c.CouponTerms).int(int64(c.From)).int(int64(c.Until)).int(int64(c.State)).time(c.Sent)
		r.text(c.Subject).int(int64(c.UsedBy)).int(int64(c.Paid))
	}
	return write{putCoupon, r}
}

func readCoupon(r record, terms *termsReader) (tongka.Coupon, error) {
	c := tongka.Coupon{
		Merchant: tongka.MerchantID(r.int()), ID: tongka.CouponID(r.int()), Card: tongka.CardID(r.int()), Number: r.text(),
	}
	var err error
	if c.CouponTerms, err = terms.decode(r.text()); err != nil {
		return c, fmt.Errorf("coupon %d of merchant %d: %w", c.ID, c.Merchant, err)
	}
	c.From, c.Until, c.State, c.Sent = readDate(r), readDate(r), tongka.CouponState(r.int()), readTime(r)
	c.Subject, c.UsedBy, c.Paid = r.text(), tongka.EntryID(r.int()), tongka.Fen(r.int())
	return c, nil
}

func stockRows(stocks []tongka.CouponStock) write {
	r := rowsFor(putStock, len(stocks))
	for _, s := range stocks {
		r.int(int64(s.Merchant)).int(int64(s.Kind)).int(s.Sent)
	}
	return write{putStock, r}
}

func readStock(r record) tongka.CouponStock {
	return tongka.CouponStock{Merchant: tongka.MerchantID(r.int()), Kind: tongka.CouponKindID(r.int()), Sent: r.int()}
}

// couponQueries find what the keys name of coupons.
func couponQueries(keys tongka.Keys, found *tongka.Records) []query {
	var queries []query
	if len(keys.Coupons) > 0 {
		args := rowsFor(couponsOf, len(keys.Coupons))
		for _, key := range keys.Coupons {
			args.int(int64(key.Merchant)).int(int64(key.ID))
		}
		queries = append(queries, query{couponsOf, args, eachCoupon(&found.Coupons)})
	}
	if len(keys.Wallets) > 0 {
		queries = append(queries, walletsOfCards(keys.Wallets, &found.Coupons))
	}
	if len(keys.WalletSizes) > 0 {
		queries = append(queries, walletSizesOfCards(keys.WalletSizes, &found.WalletSizes))
	}
	if len(keys.CouponKinds) > 0 {
		args := rowsFor(stocksOf, len(keys.CouponKinds))
		for _, key := range keys.CouponKinds {
			args.int(int64(key.Merchant)).int(int64(key.Kind))
		}
		queries = append(queries, query{stocksOf, args, eachStock(&found.Stocks)})
	}
	if len(keys.CouponNumbers) > 0 {
		args := rowsFor(couponNumbersOf, len(keys.CouponNumbers))
		for _, key := range keys.CouponNumbers {
			args.int(int64(key.Merchant)).text(key.Number)
		}
		queries = append(queries, query{couponNumbersOf, args, func(r record) error {
			found.CouponNumbers = append(found.CouponNumbers, tongka.CouponNumberKey{
				Merchant: tongka.MerchantID(r.int()), Number: r.text(),
			})
			return nil
		}})
	}
	return queries
}

// couponsOfBills finds the coupons that are used on entries.
func couponsOfBills(keys []tongka.EntryKey, found *[]tongka.Coupon) query {
	args := rowsFor(couponsUsedBy, len(keys))
	for _, key := range keys {
		args.int(int64(key.Merchant)).int(int64(key.ID))
	}
	return query{couponsUsedBy, args, eachCoupon(found)}
}

// walletsOfCards finds the unused coupons of cards.
func walletsOfCards(keys []tongka.CardKey, found *[]tongka.Coupon) query {
	args := rowsFor(walletsOf, len(keys))
	for _, key := range keys {
		args.int(int64(key.Merchant)).text(tongka.FoldNumber(key.Number))
	}
	return query{walletsOf, args, eachCoupon(found)}
}

// walletSizesOfCards counts the unused coupons of cards.
func walletSizesOfCards(keys []tongka.CardKey, found *[]tongka.WalletSize) query {
	args := rowsFor(walletSizesOf, len(keys))
	for _, key := range keys {
		args.int(int64(key.Merchant)).text(key.Number)
	}
	return query{walletSizesOf, args, func(r record) error {
		size := tongka.WalletSize{Merchant: tongka.MerchantID(r.int()), Card: tongka.CardID(r.int()), Unused: int(r.int())}
		*found = append(*found, size)
		return nil
	}}
}

func eachCoupon(found *[]tongka.Coupon) func(record) error {
	var terms termsReader
	return func(r record) error {
		c, err := readCoupon(r, &terms)
		*found = append(*found, c)
		return err
	}
}

func eachStock(found *[]tongka.CouponStock) func(record) error {
	return func(r record) error {
		*found = append(*found, readStock(r))
		return nil
	}
}

// Coupons are coupons of a card, by id. Both questions go through an index that is in this order.
func (v *View) Coupons(ctx context.Context, q tongka.CouponQuery) ([]tongka.Coupon, error) {
	var found []tongka.Coupon
	s := cardCoupons
	if q.Unused {
		s = cardUnused
	}
	args := merchantRow(s, q.Merchant).int(int64(q.Card)).int(int64(q.After)).int(int64(q.Limit))
	if err := v.readPage(ctx, "coupons", query{s, args, eachCoupon(&found)}); err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b tongka.Coupon) int { return cmp.Compare(a.ID, b.ID) })
	return found, nil
}

// Wallet is a card, with all of its lots, and its unused coupons by id, as of one moment; nil when there
// is no such card. Hardly a card has more than tongka.MaxWallet unused coupons.
func (v *View) Wallet(ctx context.Context, key tongka.CardKey) (*tongka.Card, []tongka.Coupon, error) {
	var cards []tongka.Card
	var found []tongka.Coupon
	keys := []tongka.CardKey{key}
	if err := v.q.read(ctx, cardsByNumber(wholeCards, keys, true, &cards), walletsOfCards(keys, &found)); err != nil {
		return nil, nil, fmt.Errorf("wallet: %w", err)
	}
	if len(cards) == 0 {
		return nil, nil, nil
	}
	slices.SortFunc(found, func(a, b tongka.Coupon) int { return cmp.Compare(a.ID, b.ID) })
	return &cards[0], found, nil
}

// DueCoupons are cards with unused coupons that were good only through a day before the given one. It
// looks at so many coupons, the soonest over first, so there may be fewer cards than that.
func (v *View) DueCoupons(ctx context.Context, merchant tongka.MerchantID, before tongka.Date, limit int) ([]tongka.CardKey, error) {
	var due []tongka.CardKey
	args := merchantRow(dueCoupons, merchant).int(int64(before)).int(int64(limit))
	err := v.readPage(ctx, "due coupons", query{dueCoupons, args, func(r record) error {
		if key := (tongka.CardKey{Merchant: merchant, Number: r.text()}); !slices.Contains(due, key) {
			due = append(due, key)
		}
		return nil
	}})
	return due, err
}

// EachCoupon walks a merchant's coupons in the order of the ids. An error of fn ends the walk and is
// answered.
func (v *View) EachCoupon(ctx context.Context, merchant tongka.MerchantID, fn func(*tongka.Coupon) error) error {
	return walk(func(last *tongka.Coupon, page *[]tongka.Coupon) error {
		var after tongka.CouponID
		if last != nil {
			after = last.ID
		}
		args := merchantRow(couponsAfter, merchant).int(int64(after)).int(walkPage)
		return v.readPage(ctx, "coupons", query{couponsAfter, args, eachCoupon(page)})
	}, fn)
}

// Stocks are how many coupons were sent of each of a merchant's kinds, by kind.
func (v *View) Stocks(ctx context.Context, merchant tongka.MerchantID) ([]tongka.CouponStock, error) {
	var found []tongka.CouponStock
	err := v.readPage(ctx, "stocks", query{allStocks, merchantRow(allStocks, merchant), eachStock(&found)})
	return found, err
}
