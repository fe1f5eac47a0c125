package dc78

import (
	"context"
	"fmt"

	"tongka/internal/ledger"
)

// coDelist lists the kinds of coupons that can be sent today (shared rules of dc78, co_delist).
func coDelist(d *Dialect, ctx context.Context, c *call, _ *fields) ([]byte, error) {
	stocks, err := d.cfg.Reader.Stocks(ctx, c.merchant.ID)
	if err != nil {
		return nil, fmt.Errorf("stocks: %w", err)
	}
	sent := map[ledger.CouponKindID]int64{}
	for _, stock := range stocks {
		sent[stock.Kind] = stock.Sent
	}
	var offered []*ledger.CouponKind
	for i := range c.merchant.CouponKinds {
		if kind := &c.merchant.CouponKinds[i]; kind.Offered(c.today, sent[kind.Kind]) {
			offered = append(offered, kind)
		}
	}
	w := succeeded()
	w.Text("info", "")
	w.list("list", len(offered), func(i int) { w.couponKind(offered[i]) })
	w.emptyList("act_list")
	w.Close('}')
	return w.B, nil
}

// couponOfShop is the type that co_delist gives every kind: 1, 优惠券. Type 2, 活动券, is for coupons of activities
// (act_list), which this server does not have.
const couponOfShop = "1"

func (w *writer) couponKind(k *ledger.CouponKind) {
	w.Open('{')
	w.intText("deid", int64(k.Kind))
	w.Text("name", k.Name)
	w.Text("cash", couponCash(&k.CouponTerms))
	w.Text("type", couponOfShop)
	w.Text("cotype", couponTypes[k.Type])
	w.Close('}')
}
