package verify

import (
	"slices"
	"testing"

	"tongka/internal/ledger"
)

// The same holds for coupons.
func TestTamperedCouponsAreFound(t *testing.T) {
	t.Parallel()
	findTampering(t, []tampering{
		{26, "a coupon of a closed card", func(b *books) {
			b.cards[0].Status, b.entries[len(b.entries)-1].Status = ledger.Returned, ledger.Returned
		}},
		{27, "a coupon used twice", func(b *books) {
			e := b.withCoupons(ledger.Consumed)
			e.Coupons = append(slices.Clone(e.Coupons), e.Coupons[0])
		}},
		{
			27, "a coupon used after its last day", func(b *books) { b.withCoupons(ledger.CouponSent).Offer.Until = 2026_05_02 },
		},
		{
			27, "a coupon used before its first day",
			func(b *books) { b.withCoupons(ledger.CouponSent).Offer.From = 2026_05_06 },
		},
		{27, "a coupon used elsewhere", func(b *books) { b.withCoupons(ledger.Consumed).By.Shop = 2 }},
		{27, "a bill too low", func(b *books) { b.withCoupons(ledger.CouponSent).Offer.Least = 50_00 }},
		{27, "too many of a kind", func(b *books) { b.withCoupons(ledger.CouponSent).Offer.MaxUse = 1 }},
		{27, "another card's coupon", func(b *books) { b.withCoupons(ledger.Consumed).Card = 2 }},
		{28, "a coupon that paid more", func(b *books) { b.withCoupons(ledger.Consumed).Coupons[0].Pays++ }},
		{28, "a face value", func(b *books) { b.withCoupons(ledger.CouponSent).Offer.Face++ }},
		{9, "a bill that coupons did not pay", func(b *books) { b.withCoupons(ledger.Consumed).Coupons = nil }},
		{29, "a coupon's state", func(b *books) { b.coupons[0].State = ledger.Void }},
		{29, "a coupon's last day", func(b *books) { b.coupons[0].Until++ }},
		{29, "a coupon's number", func(b *books) { b.coupons[0].Number += "1" }},
		{29, "a coupon's holder", func(b *books) { b.coupons[0].Card++ }},
		{29, "a coupon's shops", func(b *books) { b.coupons[0].Shops = nil }},
		{29, "a coupon that is gone", func(b *books) { b.coupons = b.coupons[1:] }},
		{29, "a coupon nobody sent", func(b *books) {
			b.coupons = append(b.coupons, ledger.Coupon{Merchant: 1, ID: 129, State: ledger.Unused})
		}},
		{29, "a stock", func(b *books) { b.stocks[0].Sent-- }},
		{29, "a stock that is gone", func(b *books) { b.stocks = nil }},
		{29, "a used coupon made void", func(b *books) { b.withCoupons(ledger.CouponVoided).Coupons[0].Coupon = sent + 2 }},
		{30, "a coupon that came back by itself", func(b *books) { b.withCoupons(ledger.ConsumeRefunded).RefersTo = 8 }},
		{
			30, "a coupon that came back worth more", func(b *books) { b.withCoupons(ledger.ConsumeRefunded).Coupons[0].Pays++ },
		},
		{
			30, "a coupon that came back before the money", func(b *books) { b.withCoupons(ledger.ConsumeRefunded).Principal-- },
		},
		{
			30, "money that came back without the coupons",
			func(b *books) { b.withCoupons(ledger.ConsumeRefunded).Coupons = nil },
		},
	})
}

// The same holds for what leaves a card with its principal.
func TestTamperedPayOutsAreFound(t *testing.T) {
	t.Parallel()
	findTampering(t, []tampering{
		{12, "bonus that comes back for nothing", func(b *books) {
			e := b.entry(ledger.Withdrawn)
			e.Forfeits = []ledger.Forfeit{{Lot: e.Allocations[0].Lot, GoodUntil: e.Allocations[0].GoodUntil, Bonus: 1}}
		}},
		{12, "bonus that stays when its principal goes", func(b *books) {
			e := b.entry(ledger.TransferredOut)
			e.Allocations[0].Bonus++
			e.Bonus++
		}},
		{12, "a pay-out by rules of before", func(b *books) { b.entry(ledger.CardReturned).Version = 0 }},
		{12, "a reversal that has bonus forfeited", func(b *books) {
			e := b.entry(ledger.RechargeReversed)
			e.Forfeits = []ledger.Forfeit{{Lot: e.RefersTo, GoodUntil: e.Allocations[0].GoodUntil, Bonus: 1}}
		}},
		{
			12, "money of another kind that was sent as invoiceable",
			func(b *books) { b.entry(ledger.TransferredIn).Invoiceable = 1 },
		},
		{12, "money that may be invoiced and was paid out", func(b *books) { b.entry(ledger.Withdrawn).Invoice = -1 }},
	})
}

// The same holds for points that pay.
func TestTamperedPointsAreFound(t *testing.T) {
	t.Parallel()
	findTampering(t, []tampering{
		{9, "points that paid more", func(b *books) { b.withPoints(ledger.Consumed).ByPoints.Worth++ }},
		{9, "another ratio", func(b *books) { b.withPoints(ledger.Consumed).ByPoints.Ratio = 90 }},
		{9, "more points than were taken", func(b *books) {
			b.withPoints(ledger.Consumed).ByPoints = ledger.PointPay{Points: -151, Worth: 1_50, Ratio: 100}
		}},
		{9, "points taken that paid nothing", func(b *books) {
			e := b.withPoints(ledger.Consumed)
			e.Net += e.ByPoints.Worth
			e.ByPoints = ledger.PointPay{}
		}},
		{32, "points that pay on what is no bill", func(b *books) { b.entry(ledger.Recharged).ByPoints.Points = -1 }},
		{32, "more points that came back", func(b *books) { b.withPoints(ledger.ConsumeRefunded).ByPoints.Points++ }},
		{
			32, "points that came back and had paid more",
			func(b *books) { b.withPoints(ledger.ConsumeRefunded).ByPoints.Worth++ },
		},
		{
			32, "points that came back for longer",
			func(b *books) { b.withPoints(ledger.ConsumeRefunded).PointAllocations[0].GoodUntil++ },
		},
		{32, "points that came back before the money", func(b *books) { b.withPoints(ledger.ConsumeRefunded).Principal-- }},
		{32, "money that came back without the points", func(b *books) {
			b.withPoints(ledger.ConsumeRefunded).ByPoints = ledger.PointPay{}
		}},
		{31, "points taken back that the bill keeps", func(b *books) { b.entry(ledger.ConsumeRefunded).PointsOwed = 1 }},
		{55, "points of a bill that the card paid nothing of", func(b *books) {
			e := b.entry(ledger.Consumed)
			e.Principal, e.Bonus, e.Version = 0, 0, ledger.EntryVersion
		}},
		{
			57, "a version of the rules on what has none",
			func(b *books) { b.entry(ledger.Recharged).Version = ledger.EntryVersion },
		},
		{32, "points that came back by themselves", func(b *books) { b.withPoints(ledger.ConsumeRefunded).RefersTo = 8 }},
	})
}

// The same holds for cash back: entries 33 and 37 gave some, and 35 took a quarter of the first back.
func TestTamperedCashBackIsFound(t *testing.T) {
	t.Parallel()
	at := func(b *books, id int) *ledger.Entry {
		e := &b.entries[id-1]
		if e.Kind != ledger.CashedBack {
			t.Errorf("entry %d is a %v", id, e.Kind)
		}
		return e
	}
	findTampering(t, []tampering{
		{9, "cash back beyond the bill", func(b *books) { at(b, 33).Gross = 3_99 }},
		{9, "cash back of more than was given", func(b *books) { at(b, 33).Net++ }},
		{9, "cash back in principal", func(b *books) { at(b, 33).Principal = 1 }},
		{9, "cash back taken that was not", func(b *books) { at(b, 35).Net++ }},
		{32, "cash back of a bill of another amount", func(b *books) { at(b, 33).Gross-- }},
		{32, "cash back of another bill", func(b *books) { at(b, 37).RefersTo = 32 }},
		{32, "cash back of no bill", func(b *books) { at(b, 37).RefersTo = 31 }},
		{32, "too little taken again", func(b *books) { at(b, 35).Bonus++ }},
		{32, "nothing taken again", func(b *books) { at(b, 35).Kind = ledger.LotsExpired }},
		{32, "taken again of a bill that stays", func(b *books) { at(b, 35).RefersTo = 36 }},
		{32, "taken again from another card", func(b *books) { at(b, 35).Card++ }},
		{32, "taken again and never given", func(b *books) { at(b, 35).RefersTo = 22 }},
		// Of the 10.00 that 51 gave, 9.00 were spent when 54 took them back; 57 puts 5.00 of these back.
		{57, "taken elsewhere, and not to be forfeited", func(b *books) { at(b, 54).Forfeits = nil }},
		{57, "taken elsewhere, and less to be forfeited", func(b *books) { at(b, 54).Forfeits[0].Bonus-- }},
		{32, "taken elsewhere for another lot", func(b *books) { at(b, 54).Forfeits[0].Lot = 33 }},
		{32, "taken elsewhere, as if of before", func(b *books) { at(b, 54).Forfeits, at(b, 54).Version = nil, 0 }},
		{32, "more put back than was forfeited", func(b *books) { at(b, 57).Principal++ }},
		{32, "put back to another lot", func(b *books) { at(b, 57).Allocations[0].Lot = 2 }},
		{32, "put back of another bill", func(b *books) { at(b, 57).RefersTo = 32 }},
		{32, "put back by another command", func(b *books) { at(b, 57).Writer++ }},
		{32, "forfeited and not put back", func(b *books) { at(b, 57).Kind = ledger.LotsExpired }},
	})
}

// The same holds for what is owed: entry 30 takes 16.00 of a credit of 50.00, which entry 29 gave.
func TestTamperedCreditIsFound(t *testing.T) {
	t.Parallel()
	bill := func(b *books) *ledger.Entry { return &b.entries[30-1] }
	findTampering(t, []tampering{
		{5, "a bill beyond the credit", func(b *books) { b.entries[29-1].Details.Credit = 15_99 }},
		{5, "a renewal beyond the credit", func(b *books) {
			b.entries[29-1].Details.Credit, b.entries[30-1].Kind = 15_99, ledger.Renewed
		}},
		{5, "a bill beyond the lots that no credit paid", func(b *books) {
			parts := bill(b).Allocations
			parts[len(parts)-1].Lot = 3
		}},
		{5, "a credit that gave more than it took", func(b *books) {
			parts := bill(b).Allocations
			parts[len(parts)-1].Principal = 1
		}},
		{3, "a card that owes less", func(b *books) { b.cards[1].Principal++; b.cards[1].Lots[0].Principal++ }},
		{10, "a credit taken before the lots", func(b *books) {
			parts := bill(b).Allocations
			parts[0].Principal++
			parts[len(parts)-1].Principal--
		}},
	})
}
