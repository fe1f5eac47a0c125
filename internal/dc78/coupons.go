package dc78

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// Limits of the list of a card's coupons in one answer.
const (
	couponsAPage = 100 // single coupons
	groupsAPage  = 500 // groups of like coupons
)

// couponTypes maps what a coupon is good for to its number on the wire: 0 金额券, 1 单品券. 2 is our addition, for a
// percentage off.
var couponTypes = map[ledger.CouponType]string{
	ledger.CashCoupon: "0", ledger.GoodsCoupon: "1", ledger.PercentCoupon: "2",
}

// couponCash returns the amount a coupon pays, or 0.00 if its value is not an amount.
func couponCash(t *ledger.CouponTerms) string {
	if t.Type == ledger.CashCoupon {
		return t.Face.String()
	}
	return ledger.Fen(0).String()
}

// wallet is the part of mb_check's answer about a card's coupons.
type wallet struct {
	asked   bool  // getlist=1; without it there is no list
	merged  bool  // merge=1: like coupons as one group
	page    int64 // from 1
	coupons []ledger.Coupon
}

// wallet reads which coupons are asked for.
func (f *fields) wallet() wallet {
	return wallet{asked: f.flag("getlist"), merged: f.flag("merge"), page: f.page("coPage")}
}

// read returns the card with that number, or nil if there is none. If coupons are asked for, it fills the wallet
// with those the card had at the same moment.
func (l *wallet) read(ctx context.Context, d *Dialect, c *call, number string) (*ledger.Card, error) {
	if !l.asked {
		card, err := d.cfg.Reader.Card(ctx, c.key(number))
		if err != nil {
			return nil, fmt.Errorf("card: %w", err)
		}
		return card, nil
	}
	card, coupons, err := d.cfg.Reader.Wallet(ctx, c.key(number))
	if err != nil {
		return nil, fmt.Errorf("wallet: %w", err)
	}
	// An expired coupon cannot be used any more, whether or not its expiry is booked already.
	l.coupons = slices.DeleteFunc(coupons, func(one ledger.Coupon) bool { return one.Over(c.today) })
	return card, nil
}

// like holds all that coupons shown as one group have in common.
type like struct {
	store, name, maxUse, vdate, cash, least, deid, info, kind string
	promise                                                   string // all terms, some of which the till is not shown
}

// like returns what is shown of a coupon, except what is the coupon's own.
func (c *call) like(one *ledger.Coupon) like {
	kind, _ := c.merchant.CouponKind(one.Kind)
	most := one.MaxUse
	if most == 0 {
		most = ledger.MaxSend // the limit on any bill
	}
	return like{
		store:  c.storesOf(&one.CouponTerms),
		name:   one.Name,
		maxUse: strconv.Itoa(most),
		vdate:  compact(one.From) + "~" + compact(one.Until),
		cash:   couponCash(&one.CouponTerms),
		least:  shortest(one.Least),
		deid:   strconv.FormatInt(int64(one.Kind), 10),
		info:   kind.Info,
		kind:   couponTypes[one.Type],

		promise: fmt.Sprint(one.CouponTerms),
	}
}

// storesOf returns the names of the shops where a coupon is valid.
func (c *call) storesOf(t *ledger.CouponTerms) string {
	if len(t.Shops) == 0 {
		return "全部"
	}
	return strings.Join(c.merchant.ShopNames(t.Shops), ",")
}

// group is a set of like coupons. What is shown of the group is the first of them.
type group struct {
	like
	coupons []*ledger.Coupon
}

// groups puts like coupons together, in the order of the first coupon of each group.
func (c *call) groups(coupons []ledger.Coupon) []group {
	var groups []group
	place := map[like]int{}
	for i := range coupons {
		look := c.like(&coupons[i])
		at, known := place[look]
		if !known {
			at = len(groups)
			place[look] = at
			groups = append(groups, group{like: look})
		}
		groups[at].coupons = append(groups[at].coupons, &coupons[i])
	}
	return groups
}

// pageOf returns one page of a list, counted from 1. A page behind the end is empty.
func pageOf[T any](all []T, page, size int64) []T {
	from := min((page-1)*size, int64(len(all)))
	return all[from:min(from+size, int64(len(all)))]
}

// colist writes the coupons that are asked for (published page mb_check).
func (w *writer) colist(c *call, l wallet) {
	switch {
	case !l.asked:
	case l.merged:
		groups := pageOf(c.groups(l.coupons), l.page, groupsAPage)
		w.list("colist", len(groups), func(i int) {
			g := &groups[i]
			w.coupon(c, g.like, g.coupons[0])
			w.Int("qty", int64(len(g.coupons)))
			w.list("coids", len(g.coupons), func(n int) { w.couponID(g.coupons[n].ID) })
			w.Close('}')
		})
	default:
		coupons := pageOf(l.coupons, l.page, couponsAPage)
		w.list("colist", len(coupons), func(i int) {
			w.coupon(c, c.like(&coupons[i]), &coupons[i])
			w.Close('}')
		})
	}
}

// coupon writes one coupon and leaves the object open. Coupons are never sold, so the price is 0.
func (w *writer) coupon(c *call, l like, one *ledger.Coupon) {
	w.Open('{')
	w.Text("store", l.store)
	w.Text("name", l.name)
	w.intText("coid", int64(one.ID))
	w.Text("maxUseQty", l.maxUse)
	w.Text("cono", one.Masked())
	w.Text("vdate", l.vdate)
	w.Text("cash", l.cash)
	w.Text("time", one.Sent.In(c.merchant.Zone).Format(time.DateTime))
	w.Int("price", 0)
	w.Text("requireamt", l.least)
	w.Text("deid", l.deid)
	w.Text("info", l.info)
	w.Text("subject", one.Subject)
	w.intText("accid", int64(one.Card))
	w.Text("type", l.kind)
}

func (w *writer) couponID(id ledger.CouponID) {
	w.B = append(w.B, '"')
	w.B = strconv.AppendInt(w.B, int64(id), 10)
	w.B = append(w.B, '"')
}

// list writes a list of n elements, calling element for each.
func (w *writer) list(name string, n int, element func(i int)) {
	w.Key(name)
	w.B = append(w.B, '[')
	for i := range n {
		if i > 0 {
			w.B = append(w.B, ',')
		}
		element(i)
	}
	w.B = append(w.B, ']')
}

// maxCouponDigits keeps every coupon id within an int64.
const maxCouponDigits = 18

// lsco reads the ids of the coupons that pay on a bill, separated by commas. No id may occur twice.
func (f *fields) lsco() []ledger.CouponID {
	value := f.get.value("lsco")
	if value == "" {
		return nil
	}
	var ids []ledger.CouponID
	for item := range strings.SplitSeq(value, ",") {
		id, ok := parseCouponID(item)
		if !ok || slices.Contains(ids, id) || len(ids) == ledger.MaxSend {
			f.bad("lsco", wantCoupons)
			return nil
		}
		ids = append(ids, id)
	}
	return ids
}

// parseCouponID reads digits without a leading zero, so that an id has only one spelling.
func parseCouponID(text string) (ledger.CouponID, bool) {
	if !wire.AllDigits(text) || len(text) > maxCouponDigits || text[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return ledger.CouponID(n), err == nil
}

// byCoupons writes what coupons paid of a bill, if there were any.
func (w *writer) byCoupons(e *ledger.Entry) {
	if len(e.Coupons) > 0 {
		w.amount("co_amt", e.ByCoupons())
	}
}
