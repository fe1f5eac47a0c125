package dc78

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongka/internal/ledger"
)

// How many elements one answer lists of a card's coupons.
const (
	couponsAPage = 100 // each for itself
	groupsAPage  = 500 // like ones together
)

// couponTypes is what a coupon is good for on the wire: 0 金额券, 1 单品券; 2 is ours, for a share off.
var couponTypes = map[ledger.CouponType]string{
	ledger.CashCoupon: "0", ledger.GoodsCoupon: "1", ledger.PercentCoupon: "2",
}

// couponCash is what a coupon pays, 0.00 where that is no amount.
func couponCash(t *ledger.CouponTerms) string {
	if t.Type == ledger.CashCoupon {
		return t.Face.String()
	}
	return ledger.Fen(0).String()
}

// wallet is what mb_check shows of a card's coupons.
type wallet struct {
	asked   bool  // getlist=1; without it there is no list
	merged  bool  // merge=1: like ones together
	page    int64 // from 1
	coupons []ledger.Coupon
}

// wallet reads which coupons are asked for.
func (f *fields) wallet() wallet {
	return wallet{asked: f.flag("getlist"), merged: f.flag("merge"), page: f.page("coPage")}
}

// read reads the card of a number, and as of the same moment its coupons where they are asked for; nil
// when there is no such card.
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
	// Those that are over cannot be used any more, whether that is booked already or not.
	l.coupons = slices.DeleteFunc(coupons, func(one ledger.Coupon) bool { return one.Over(c.today) })
	return card, nil
}

// like is all that like coupons have in common.
type like struct {
	store, name, maxUse, vdate, cash, least, deid, info, kind string
	promise                                                   string // the terms: some of them the till is not told
}

// like is how a coupon reads but for what is its own.
func (c *call) like(one *ledger.Coupon) like {
	kind, _ := c.merchant.CouponKind(one.Kind)
	most := one.MaxUse
	if most == 0 {
		most = ledger.MaxSend // the most there may be on any bill
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

// storesOf names the shops a coupon is good in.
func (c *call) storesOf(t *ledger.CouponTerms) string {
	if len(t.Shops) == 0 {
		return "全部"
	}
	return strings.Join(c.merchant.ShopNames(t.Shops), ",")
}

// group is like coupons, shown as the first of them.
type group struct {
	like
	coupons []*ledger.Coupon
}

// groups are the coupons with like ones together, in the order of the first of each.
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

// pageOf is a page of a list, from 1; nothing behind the end.
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

// coupon writes one, and leaves the object open. No coupon is sold, so its price is 0.
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

// list writes a list of so many elements, which element writes.
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

// maxCouponDigits keeps every coupon's id within what an int64 holds.
const maxCouponDigits = 18

// lsco reads the ids of the coupons a bill is to be paid with, with commas between them, each once.
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

// parseCouponID reads digits without a leading zero. There is one way to write an id.
func parseCouponID(text string) (ledger.CouponID, bool) {
	if !allDigits(text) || len(text) > maxCouponDigits || text[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return ledger.CouponID(n), err == nil
}

// byCoupons tells a till that sent coupons what they paid of its bill.
func (w *writer) byCoupons(e *ledger.Entry) {
	if len(e.Coupons) > 0 {
		w.amount("co_amt", e.ByCoupons())
	}
}
