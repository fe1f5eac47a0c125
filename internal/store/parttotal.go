package store

import (
	"context"
	"errors"
	"math"

	"tongka/internal/ledger"
)

const (
	lotKeyList      = "day sold shop kind"
	lotTotalList    = "merchant " + lotKeyList + " principal bonus"
	couponKeyList   = "day shop coupon kind state"
	couponTotalList = "merchant " + couponKeyList + " count pays"
)

var (
	addLotTotal = insertAnd("add_lot_total", "lot_total", lotTotalList, "INSERT",
		` ON CONFLICT (merchant, day, sold, shop, kind) DO UPDATE SET
		principal = lot_total.principal + excluded.principal, bonus = lot_total.bonus + excluded.bonus`)
	addCouponTotal = insertAnd("add_coupon_total", "coupon_total", couponTotalList, "INSERT",
		` ON CONFLICT (merchant, day, shop, coupon, kind, state) DO UPDATE SET
		count = coupon_total.count + excluded.count, pays = coupon_total.pays + excluded.pays`)
	dropLotTotals    = drop("lot_total", "merchant")
	dropCouponTotals = drop("coupon_total", "merchant")

	lotTotalsBehind = define("lot_totals_behind", "merchant "+lotKeyList+" last most",
		"SELECT "+listed("", lotTotalList)+` FROM lot_total
		WHERE merchant = $1 AND (day, sold, shop, kind) > ($2, $3, $4, $5) AND day <= $6
		ORDER BY day, sold, shop, kind LIMIT $7`)
	couponTotalsBehind = define("coupon_totals_behind", "merchant "+couponKeyList+" last most",
		"SELECT "+listed("", couponTotalList)+` FROM coupon_total
		WHERE merchant = $1 AND (day, shop, coupon, kind, state) > ($2, $3, $4, $5, $6) AND day <= $7
		ORDER BY day, shop, coupon, kind, state LIMIT $8`)
)

// SavePartTotals saves a cursor as SaveCursor does, and in the same commit adds what the entries between the old cursor
// and the new one did to lots and coupons to their totals. Each key may be held only once. With the cursor at entry 0
// all such totals of the merchant are removed instead, and none may be added.
func (s *Store) SavePartTotals(
	ctx context.Context, c ledger.Cursor, lots []ledger.LotTotal, coupons []ledger.CouponTotal,
) error {
	if c.Entry == 0 {
		if len(lots)+len(coupons) > 0 {
			return errors.New("save: totals of no entry")
		}
		return s.write(ctx, cursorWrite(c), write{dropLotTotals, merchantRow(dropLotTotals, c.Merchant)},
			write{dropCouponTotals, merchantRow(dropCouponTotals, c.Merchant)})
	}
	writes := []write{cursorWrite(c)}
	if len(lots) > 0 {
		writes = append(writes, write{addLotTotal, lotTotalRows(c.Merchant, lots)})
	}
	if len(coupons) > 0 {
		writes = append(writes, write{addCouponTotal, couponTotalRows(c.Merchant, coupons)})
	}
	return s.write(ctx, writes...)
}

func lotTotalRows(merchant ledger.MerchantID, lots []ledger.LotTotal) *rows {
	args := rowsFor(addLotTotal, len(lots))
	for i := range lots {
		t := &lots[i]
		writeLotPlace(args.int(int64(merchant)).int(int64(t.Day)), t.LotKey).int(int64(t.Principal)).int(int64(t.Bonus))
	}
	return args
}

func couponTotalRows(merchant ledger.MerchantID, coupons []ledger.CouponTotal) *rows {
	args := rowsFor(addCouponTotal, len(coupons))
	for i := range coupons {
		t := &coupons[i]
		writeCouponPlace(args.int(int64(merchant)).int(int64(t.Day)), t.CouponKey).int(t.Count).int(int64(t.Pays))
	}
	return args
}

func writeLotPlace(r *rows, k ledger.LotKey) *rows {
	return r.int(int64(k.Sold)).int(int64(k.Shop)).int(int64(k.Kind))
}

func writeCouponPlace(r *rows, k ledger.CouponKey) *rows {
	return r.int(int64(k.Shop)).int(int64(k.Coupon)).int(int64(k.Kind)).int(int64(k.State))
}

// EachLotTotal calls fn with the merchant's totals of lots of the business days from first to last, both included, in
// the order of their keys; a first or last of 0 is no bound. It stops at the first error of fn and returns it.
func (v *View) EachLotTotal(
	ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date, fn func(*ledger.LotTotal) error,
) error {
	from, to := daysBetween(first, last)
	after := ledger.LotKey{Sold: math.MinInt64, Shop: math.MinInt64, Kind: math.MinInt64}
	return walk(func(end *ledger.LotTotal, page *[]ledger.LotTotal) error {
		if end != nil {
			from, after = int64(end.Day), end.LotKey
		}
		args := writeLotPlace(merchantRow(lotTotalsBehind, merchant).int(from), after).int(to).int(walkPage)
		return v.readPage(ctx, "totals of lots", query{lotTotalsBehind, args, func(r record) error {
			r.int() // the merchant
			day, err := dayOf(r.int())
			*page = append(*page, ledger.LotTotal{
				LotKey: ledger.LotKey{
					Day: day, Sold: ledger.ShopID(r.int()), Shop: ledger.ShopID(r.int()), Kind: ledger.Kind(r.int()),
				},
				LotSums: ledger.LotSums{Principal: ledger.Fen(r.int()), Bonus: ledger.Fen(r.int())},
			})
			return err
		}})
	}, fn)
}

// EachCouponTotal does for the totals of coupons what EachLotTotal does for those of lots.
func (v *View) EachCouponTotal(
	ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date, fn func(*ledger.CouponTotal) error,
) error {
	from, to := daysBetween(first, last)
	after := ledger.CouponKey{Shop: math.MinInt64, Coupon: math.MinInt64, Kind: math.MinInt64, State: math.MinInt64}
	return walk(func(end *ledger.CouponTotal, page *[]ledger.CouponTotal) error {
		if end != nil {
			from, after = int64(end.Day), end.CouponKey
		}
		args := writeCouponPlace(merchantRow(couponTotalsBehind, merchant).int(from), after).int(to).int(walkPage)
		return v.readPage(ctx, "totals of coupons", query{couponTotalsBehind, args, func(r record) error {
			r.int() // the merchant
			day, err := dayOf(r.int())
			*page = append(*page, ledger.CouponTotal{
				CouponKey: ledger.CouponKey{
					Day: day, Shop: ledger.ShopID(r.int()), Coupon: ledger.CouponKindID(r.int()), Kind: ledger.Kind(r.int()),
					State: ledger.CouponState(r.int()),
				},
				CouponSums: ledger.CouponSums{Count: r.int(), Pays: ledger.Fen(r.int())},
			})
			return err
		}})
	}, fn)
}
