package api

import (
	"maps"
	"slices"

	"tongka/internal/ledger"
	"tongka/internal/report"
)

// Settlement is what shops owe each other.
type Settlement struct {
	Currency string     `json:"currency" enum:"CNY" doc:"Of all amounts, which are in fen: 100 of them are one yuan."`
	Shops    []ShopDues `json:"shops" doc:"What each shop has with all others."`
	Pairs    []PairDues `json:"pairs" doc:"What each two shops have with each other."`
	Days     []DaysDues `json:"days" doc:"What all of them have with each other, by business day."`
	Through  int64      `json:"through" doc:"The entry up to which the journal was added up."`
}

// ShopDues is what a shop has with all others.
type ShopDues struct {
	Shop          int64 `json:"shop" doc:"0 = the head office."`
	Receives      int64 `json:"receives" doc:"Principal that was paid in elsewhere and used here."`
	Pays          int64 `json:"pays" doc:"Principal that was paid in here and used elsewhere."`
	ReceivesBonus int64 `json:"receives_bonus" doc:"Bonus that was given elsewhere and used here, in fen."`
	PaysBonus     int64 `json:"pays_bonus" doc:"Bonus that was given here and used elsewhere, in fen."`
}

// PairDues is what a shop that was paid owes to another, where the money was used.
type PairDues struct {
	PaidIn int64 `json:"paid_in_at" doc:"The shop that was paid, and owes; 0 = the head office."`
	Used   int64 `json:"used_at" doc:"The shop where it was used; 0 = the head office."`
	Dues
}

// DaysDues is what shops owe each other for a business day.
type DaysDues struct {
	Day Day `json:"day" doc:"The business day on which it was used."`
	Dues
}

// Dues are amounts that are owed, and what they are made of.
type Dues struct {
	Principal     int64 `json:"principal" doc:"To be settled: spent and paid out, less what was refunded."`
	Bonus         int64 `json:"bonus" doc:"Bonus that went with it. Whether it is settled is the shops' agreement."`
	Spent         int64 `json:"spent" doc:"Principal that paid bills and renewals."`
	SpentBonus    int64 `json:"spent_bonus" doc:"Bonus that paid bills and renewals."`
	Refunded      int64 `json:"refunded" doc:"Principal that came back from there."`
	RefundedBonus int64 `json:"refunded_bonus" doc:"Bonus that came back from there."`
	Out           int64 `json:"paid_out" doc:"Principal that was paid out, or moved to another card."`
	OutBonus      int64 `json:"moved_bonus" doc:"Bonus that was moved to another card."`
}

func duesOf(d report.Dues) Dues {
	return Dues{
		int64(d.Principal()), int64(d.Bonus()), int64(d.Spent), int64(d.SpentBonus), int64(d.Back), int64(d.BackBonus),
		int64(d.Out), int64(d.OutBonus),
	}
}

func settlement(c *call, in *DaysQuery) (out Settlement, err error) {
	days, err := c.period(in)
	if err != nil {
		return out, err
	}
	sum, through := report.NewSettlement(c.agent.ActsAt), int64(0)
	err = c.cfg.Snapshot(c.ctx, func(r Reports) error {
		if through, err = c.through(r, ledger.PartTotals); err != nil {
			return err
		}
		return r.EachLotTotal(c.ctx, c.merchant.ID, days.From, days.To, func(t *ledger.LotTotal) error {
			sum.Add(t)
			return nil
		})
	})
	return settlementOf(sum, through), err
}

func settlementOf(sum *report.Settlement, through int64) Settlement {
	out := Settlement{Currency, []ShopDues{}, []PairDues{}, []DaysDues{}, through}
	shops := sum.Shops()
	for _, id := range slices.Sorted(maps.Keys(shops)) {
		got, paid := shops[id].Receives, shops[id].Pays
		out.Shops = append(out.Shops, ShopDues{
			int64(id), int64(got.Principal()), int64(paid.Principal()), int64(got.Bonus()), int64(paid.Bonus()),
		})
	}
	for _, pair := range sum.Sorted() {
		out.Pairs = append(out.Pairs, PairDues{int64(pair.Sold), int64(pair.Shop), duesOf(sum.Pairs[pair])})
	}
	for _, day := range slices.Sorted(maps.Keys(sum.Days)) {
		out.Days = append(out.Days, DaysDues{dayOf(day), duesOf(sum.Days[day])})
	}
	return out
}
