package command

import (
	"time"

	"tongka/internal/ledger"
)

// Merge moves all that a card has to another card of the same merchant, and closes the first. Principal goes as by a
// Transfer, so it stays bound to the bonus, the points and the invoices that it was before. Behind it go the bonus
// and the points that are bound to no principal, each with its last day, the unused coupons with their numbers, and
// what may still be invoiced. Points of a recharge that were spent already, and whose last day is over, are owed on the
// other card from then on, as they go with the money. Level, holder, details and credit of the other card stay as they
// are. What was paid with the first card cannot be refunded any more, nor its recharges be reversed, and signed bills
// stay where they were signed. It is refused for a card that owes money, or points if these can pay, and for money that
// was invoiced: on the closed card nobody could take the invoice back.
type Merge struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	From, To string
}

// Keys names both cards, the unused coupons of the first, and how many the other has.
func (m Merge) Keys() Keys {
	k := keysOf(m.From, m.To)
	k.Wallets, k.WalletSizes = k.Cards[:1:1], k.Cards[1:]
	return k
}

// Decide makes the entries of a transfer, if there is any principal, and a pair for all else.
func (m Merge) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, m.Merchant, m.By)
	if err != nil {
		return Changes{}, err
	}
	from, to, err := d.pair(m.From, m.To)
	if err != nil {
		return Changes{}, err
	}
	if err := d.mayMerge(from, to); err != nil {
		return Changes{}, err
	}
	if _, _, err := d.emptied(from); err != nil {
		return Changes{}, err
	}
	if from.Principal > 0 {
		if err := d.transfer(from, to, from.Principal); err != nil {
			return Changes{}, err
		}
	}
	if owed := d.m.Settings.Pledge(from); owed > 0 {
		return Changes{}, ledger.Refuse(ledger.PointsPledged, owed.String())
	}
	d.mergeRest(from, to)
	return d.finish()
}

// mayMerge refuses to merge a card that owes money or of which some is held, or into one that would hold too much.
func (d *draft) mayMerge(from, to *ledger.Card) error {
	if held := from.HeldAt(d.now); held > 0 {
		return ledger.Refuse(ledger.MoneyHeld, held.String())
	}
	if from.Principal < 0 {
		return ledger.Refuse(ledger.CardOwes, (-from.Principal).String())
	}
	if from.Principal > 0 {
		if err := d.amountAllowed(from.Principal); err != nil {
			return err
		}
	}
	if err := d.roomFor(to, from.Amount(), from.Points); err != nil {
		return err
	}
	if come := len(d.wallet(from)); come > 0 && d.s.walletSize(to.ID)+come > ledger.MaxWallet {
		return ledger.Refuse(ledger.WalletFull, to.Number)
	}
	return nil
}

// mergeRest posts what goes behind the principal, and closes the card. Of a card that has taken something on credit the
// rest has principal too, which pays that off.
func (d *draft) mergeRest(from, to *ledger.Card) {
	out := ledger.Entry{
		Kind: ledger.MergedOut, Status: ledger.Returned, Net: from.Bonus, OtherCard: to.Number,
		Allocations: from.AllParts(), PointsOwed: -from.PointsOwed, Invoice: -from.Invoiceable,
		PointAllocations: ledger.Spend(from, from.Points),
	}
	for _, coupon := range d.wallet(from) {
		out.Coupons = append(out.Coupons, ledger.CouponPart{Coupon: coupon.ID, State: ledger.Unused})
	}
	d.post(from, out)
	d.ch.Coupons = nil // the other side has them as they are in the end
	in := ledger.Entry{
		Kind: ledger.MergedIn, Net: out.Net, OtherCard: from.Number, Invoice: -out.Invoice, Coupons: out.Coupons,
		Allocations: ledger.BonusArriving(out.Allocations, d.head.LastEntry+1),
	}
	in.PointAllocations, in.PointsOwed = ledger.Merged(to.PointsOwed, &out)
	d.post(to, in)
}
