package report

import "tongka/internal/ledger"

// Pair is two shops: the one that sold lots, and the one where they were taken.
type Pair struct{ Sold, Shop ledger.ShopID }

// Dues are what entries at one shop took of lots that another had sold, and what they gave back.
type Dues struct {
	Spent, SpentBonus ledger.Fen // by bills and renewals
	Back, BackBonus   ledger.Fen // by refunds of bills, and renewals that were undone
	// Out is principal that was paid out or given back in cash, or went over to a card by a transfer, which makes a lot of
	// the shop that carries it out. OutBonus is the bonus that went over along with it.
	Out, OutBonus ledger.Fen
}

// Plus returns the dues with a total of lots counted in. Bonus that was given, taken back or expired is owed by nobody.
func (d Dues) Plus(t *ledger.LotTotal) Dues {
	switch ledger.MoneySides[t.Kind][0] {
	case ledger.Sales:
		if t.Kind == ledger.ConsumeRefunded || t.Kind == ledger.RenewalReversed {
			d.Back, d.BackBonus = d.Back+t.Principal, d.BackBonus+t.Bonus
		} else {
			d.Spent, d.SpentBonus = d.Spent-t.Principal, d.SpentBonus-t.Bonus
		}
	case ledger.Tender:
		d.Out -= t.Principal
	case ledger.Clearing:
		d.Out, d.OutBonus = d.Out-t.Principal, d.OutBonus-t.Bonus
	}
	return d
}

// Principal returns what the shop that sold the lots owes to the one where they were taken.
func (d Dues) Principal() ledger.Fen { return d.Spent - d.Back + d.Out }

// Bonus returns the bonus that goes with it. Whether it is settled is the shops' agreement.
func (d Dues) Bonus() ledger.Fen { return d.SpentBonus - d.BackBonus + d.OutBonus }

// And returns the sum of both.
func (d Dues) And(o Dues) Dues {
	return Dues{
		d.Spent + o.Spent, d.SpentBonus + o.SpentBonus, d.Back + o.Back, d.BackBonus + o.BackBonus, d.Out + o.Out,
		d.OutBonus + o.OutBonus,
	}
}

// CouponUse is what became of the coupons of a kind in some days.
type CouponUse struct {
	Sent, Used int64
	Back       int64 // with refunds of their bills, to be used again
	Expired    int64 // less those that came back because the time in which they expired was taken back
	Void       int64 // taken back, or left on cards that were returned
	Cost       ledger.Fen
}

// Plus returns the use with a total counted in.
func (u CouponUse) Plus(t *ledger.CouponTotal) CouponUse {
	switch t.Kind {
	case ledger.CouponSent:
		u.Sent += t.Count
	case ledger.Consumed:
		u.Used, u.Cost = u.Used+t.Count, u.Cost+t.Pays
	case ledger.ConsumeRefunded:
		u.Back, u.Cost = u.Back+t.Count, u.Cost-t.Pays
	case ledger.ExpiryReversed:
		u.Expired -= t.Count
	}
	switch t.State {
	case ledger.Expired:
		u.Expired += t.Count
	case ledger.Void:
		u.Void += t.Count
	}
	return u
}

// Left returns by how many the unused coupons grew.
func (u CouponUse) Left() int64 { return u.Sent - u.Used + u.Back - u.Expired - u.Void }
