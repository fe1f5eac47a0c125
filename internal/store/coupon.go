package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// extraCoupon is what an entry did with one coupon.
type extraCoupon struct {
	Coupon ledger.CouponID    `json:"i"`
	State  ledger.CouponState `json:"s"`
	Pays   ledger.Fen         `json:"p,omitempty"`
	Number string             `json:"n,omitempty"`
	Until  ledger.Date        `json:"u,omitempty"`
}

// extraTerms are the terms of a coupon as its own row, its kind's and the entry that sent it keep them.
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
		e.Offer = &ledger.CouponOffer{CouponTerms: ledger.CouponTerms(o.Terms), From: o.From, Until: o.Until, Subject: o.Subject}
	}
}

func encodeTerms(t ledger.CouponTerms) (string, error) {
	b, err := marshal(extraTerms(t))
	return string(b), err
}

// termsReader decodes the terms of coupons that are read one after the other. Coupons that were sent
// together have the same, and to decode them is a third of what reading them takes.
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

// writeCouponKind writes a kind behind its merchant and place.
func writeCouponKind(r *rows, k *ledger.CouponKind) {
	writeTerms(r, k.CouponTerms).int(int64(k.Start)).int(int64(k.End)).int(int64(k.Days)).int(k.Stock).text(k.Info)
}

func readCouponKind(r record) (ledger.CouponKind, error) {
	terms, err := decodeTerms(r.text())
	return ledger.CouponKind{
		CouponTerms: terms, Start: readDate(r), End: readDate(r), Days: int(r.int()), Stock: r.int(), Info: r.text(),
	}, err
}

func couponRows(coupons []ledger.Coupon) write {
	r := rowsFor(putCoupon, len(coupons))
	for i := range coupons {
		c := &coupons[i]
		r.int(int64(c.Merchant)).int(int64(c.ID)).int(int64(c.Card)).text(c.Number)
		writeTerms(r, c.CouponTerms).int(int64(c.From)).int(int64(c.Until)).int(int64(c.State)).time(c.Sent)
		r.text(c.Subject).int(int64(c.UsedBy)).int(int64(c.Paid))
	}
	return write{putCoupon, r}
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

func stockRows(stocks []ledger.CouponStock) write {
	r := rowsFor(putStock, len(stocks))
	for _, s := range stocks {
		r.int(int64(s.Merchant)).int(int64(s.Kind)).int(s.Sent)
	}
	return write{putStock, r}
}

func readStock(r record) ledger.CouponStock {
	return ledger.CouponStock{Merchant: ledger.MerchantID(r.int()), Kind: ledger.CouponKindID(r.int()), Sent: r.int()}
}

// couponQueries find what the keys name of coupons.
func couponQueries(keys command.Keys, found *command.Records) []query {
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
			found.CouponNumbers = append(found.CouponNumbers, ledger.CouponNumberKey{
				Merchant: ledger.MerchantID(r.int()), Number: r.text(),
			})
			return nil
		}})
	}
	return queries
}

// couponsOfBills finds the coupons that are used on entries.
func couponsOfBills(keys []ledger.EntryKey, found *[]ledger.Coupon) query {
	args := rowsFor(couponsUsedBy, len(keys))
	for _, key := range keys {
		args.int(int64(key.Merchant)).int(int64(key.ID))
	}
	return query{couponsUsedBy, args, eachCoupon(found)}
}

// walletsOfCards finds the unused coupons of cards.
func walletsOfCards(keys []ledger.CardKey, found *[]ledger.Coupon) query {
	args := rowsFor(walletsOf, len(keys))
	for _, key := range keys {
		args.int(int64(key.Merchant)).text(ledger.FoldNumber(key.Number))
	}
	return query{walletsOf, args, eachCoupon(found)}
}

// walletSizesOfCards counts the unused coupons of cards.
func walletSizesOfCards(keys []ledger.CardKey, found *[]ledger.WalletSize) query {
	args := rowsFor(walletSizesOf, len(keys))
	for _, key := range keys {
		args.int(int64(key.Merchant)).text(key.Number)
	}
	return query{walletSizesOf, args, func(r record) error {
		size := ledger.WalletSize{Merchant: ledger.MerchantID(r.int()), Card: ledger.CardID(r.int()), Unused: int(r.int())}
		*found = append(*found, size)
		return nil
	}}
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

// Coupons are coupons of a card, by id. Both questions go through an index that is in this order.
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

// Wallet is a card, with all of its lots, and its unused coupons by id, as of one moment; nil when there
// is no such card. Hardly a card has more than ledger.MaxWallet unused coupons.
func (v *View) Wallet(ctx context.Context, key ledger.CardKey) (*ledger.Card, []ledger.Coupon, error) {
	var cards []ledger.Card
	var found []ledger.Coupon
	keys := []ledger.CardKey{key}
	if err := v.q.read(ctx, cardsByNumber(wholeCards, keys, true, &cards), walletsOfCards(keys, &found)); err != nil {
		return nil, nil, fmt.Errorf("wallet: %w", err)
	}
	if len(cards) == 0 {
		return nil, nil, nil
	}
	slices.SortFunc(found, func(a, b ledger.Coupon) int { return cmp.Compare(a.ID, b.ID) })
	return &cards[0], found, nil
}

// DueCoupons are cards with unused coupons that were good only through a day before the given one. It
// looks at so many coupons, the soonest over first, so there may be fewer cards than that.
func (v *View) DueCoupons(ctx context.Context, merchant ledger.MerchantID, before ledger.Date, limit int) ([]ledger.CardKey, error) {
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

// EachCoupon walks a merchant's coupons in the order of the ids. An error of fn ends the walk and is
// answered.
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

// Stocks are how many coupons were sent of each of a merchant's kinds, by kind.
func (v *View) Stocks(ctx context.Context, merchant ledger.MerchantID) ([]ledger.CouponStock, error) {
	var found []ledger.CouponStock
	err := v.readPage(ctx, "stocks", query{allStocks, merchantRow(allStocks, merchant), eachStock(&found)})
	return found, err
}
