package dc78

import (
	"context"
	"errors"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

var errNoSending = errors.New("coupons cannot be sent: no source of numbers is set")

// coSend sends a holder coupons of one kind, all of them or none (shared rules of dc78, co_send).
func coSend(d *Dialect, ctx context.Context, c *call, f *fields) (result, error) {
	send, qty := c.newSending(f)
	key := c.requestKey(f, "")
	if err := f.err(); err != nil {
		return result{}, err
	}
	for range maxRedraw {
		var err error
		if send.Numbers, err = d.couponNumbers(qty); err != nil {
			return result{}, err
		}
		done, err := d.once(ctx, c, f, key, order{command: send, answer: couponsSent})
		// The drawn number is another coupon's. The till cannot help that, so other numbers are drawn.
		if refusal, ok := errors.AsType[ledger.Refusal](err); !ok || refusal.Reason != ledger.CouponTaken {
			return done, err
		}
	}
	return result{}, errNoNumber
}

// newSending reads what is to be sent, except the numbers, which are drawn later.
func (c *call) newSending(f *fields) (send command.SendCoupons, qty int64) {
	send = command.SendCoupons{
		Merchant: c.merchant.ID, By: c.by(f), Card: f.required("mbno"), Kind: ledger.CouponKindID(f.integer("deid")),
	}
	if qty = f.integerOr("qty", 1); qty < 1 || qty > ledger.MaxSend {
		f.bad("qty", wantQty)
	}
	send.Subject = f.note("subject", "memo")
	return send, qty
}

// couponNumbers draws n different numbers.
func (d *Dialect) couponNumbers(n int64) ([]string, error) {
	if d.cfg.NewCouponNumber == nil {
		return nil, errNoSending
	}
	drawn, numbers := taken{}, make([]string, n)
	for i := range numbers {
		var err error
		if numbers[i], err = drawn.draw(d.cfg.NewCouponNumber); err != nil {
			return nil, err
		}
	}
	return numbers, nil
}

// couponsSent writes the first coupon into the answer itself and, if there are several, all of them into a list.
func couponsSent(ch command.Changes) []byte {
	w := succeeded()
	w.Text("info", "发券成功")
	w.sent(&ch.Coupons[0])
	if len(ch.Coupons) > 1 {
		w.list("list", len(ch.Coupons), func(i int) {
			w.Open('{')
			w.sent(&ch.Coupons[i])
			w.Close('}')
		})
	}
	w.Close('}')
	return w.B
}

func (w *writer) sent(one *ledger.Coupon) {
	w.intText("id", int64(one.ID))
	w.Text("num", one.Masked())
	w.Text("enddate", compact(one.Until))
	w.Text("name", one.Name)
}
