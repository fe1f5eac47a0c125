package command

import (
	"cmp"
	"maps"

	"tongka/internal/ledger"
)

// couponsAllowed refuses coupons that a new card may not bring, and counts those that it may as sent.
func (o *opening) couponsAllowed(all []BroughtCoupons) error {
	if !o.brings {
		return ledger.Refuse(ledger.BadCouponCount)
	}
	var sum int
	stocks := map[ledger.CouponKindID]ledger.CouponStock{}
	var numbers []string
	for _, c := range all {
		if len(c.Numbers) < 1 || len(c.Numbers) > ledger.MaxSend {
			return ledger.Refuse(ledger.BadCouponCount)
		}
		if _, err := o.offer(c); err != nil {
			return err
		}
		stock, known := stocks[c.Kind]
		if !known {
			stock = o.stock(c.Kind)
		}
		stock, err := o.d.stockFor(c.Kind, stock, len(c.Numbers))
		if err != nil {
			return err
		}
		stocks[c.Kind] = stock
		sum, numbers = sum+len(c.Numbers), append(numbers, c.Numbers...)
	}
	if sum > ledger.MaxWallet {
		return ledger.Refuse(ledger.WalletFull)
	}
	if err := numbersAllowed(o.d.s, numbers, o.coupons); err != nil {
		return err
	}
	maps.Copy(o.sent, stocks)
	return nil
}

// offer returns what coupons promise that a card brings: what their kind does, until the day they were good in the
// other system.
func (o *opening) offer(c BroughtCoupons) (ledger.CouponOffer, error) {
	offer, err := o.d.offer(c.Kind)
	if err != nil || c.Until == 0 {
		return offer, err
	}
	if c.Until < offer.From || c.Until > ledger.Forever {
		return offer, ledger.Refuse(ledger.CouponDayOver, c.Until.String())
	}
	offer.Until = c.Until
	return offer, nil
}

// bring puts coupons on a new card, which couponsAllowed has allowed.
func (o *opening) bring(card *ledger.Card, c BroughtCoupons) {
	offer, err := o.offer(c)
	if err != nil {
		panic(err) // couponsAllowed was not asked
	}
	o.d.sendCoupons(card, offer, c.Numbers)
}

// stock returns how many coupons of a kind were sent, with those of this command.
func (o *opening) stock(kind ledger.CouponKindID) ledger.CouponStock {
	if stock, known := o.sent[kind]; known {
		return stock
	}
	return o.d.s.stocks.get(kind)
}

// stocks returns the stocks that the command changes.
func (o *opening) stocks() []ledger.CouponStock {
	return inOrder(o.sent, func(a, b ledger.CouponStock) int { return cmp.Compare(a.Kind, b.Kind) })
}
