package api

import (
	"context"

	"tongka/internal/ledger"
	"tongka/internal/report"
)

// Reports are what figures are read from: internal/store.
type Reports interface {
	CursorsOf(ctx context.Context, merchant ledger.MerchantID) ([]ledger.Cursor, error)
	EachDayTotal(
		ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date, fn func(*ledger.DayTotal) error,
	) error
	EachLotTotal(
		ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date, fn func(*ledger.LotTotal) error,
	) error
	OwedThrough(ctx context.Context, merchant ledger.MerchantID, last ledger.Date) (ledger.Owed, error)
}

// DaysQuery asks for figures of business days.
type DaysQuery struct {
	From Day `query:"from" required:"true" doc:"The first business day."`
	To   Day `query:"to" required:"true" doc:"The last one; at most 92 days in all."`
}

// mostDays is how many business days are told at once.
const mostDays = 92

// DayTotals are the totals of business days.
type DayTotals struct {
	Totals  []DayTotal `json:"totals" doc:"By day, shop, operator, kind and pay type. A key of some shops gets those of its shops."` //nolint:lll // a tag
	Through int64      `json:"through" doc:"The entry up to which the journal was added up."`
}

// DayTotal is the sum of all entries that are alike in these things.
type DayTotal struct {
	Day      Day    `json:"day" doc:"The business day, which begins at the merchant's cut-off hour."`
	Shop     int64  `json:"shop" doc:"0 = the head office."`
	Operator string `json:"operator" doc:"Who did it, as callers call him; empty if they named nobody."`
	Kind     Kind   `json:"kind" doc:"What was done."`
	PayType  int64  `json:"pay_type" doc:"0 = none."`

	Currency  string `json:"currency" enum:"CNY" doc:"Of all amounts, which are in fen: 100 of them are one yuan."`
	Count     int64  `json:"count" doc:"How often it was done: the number of entries, but of a replacement, which is one on each of two cards and counts once."` //nolint:lll // a tag
	Gross     int64  `json:"gross" doc:"Of bills: before discount, coupons and points. A bill that several cards pay counts once, with its first entry."`        //nolint:lll // a tag
	Net       int64  `json:"net" doc:"Of bills: after them, whoever paid it. It has what was due beside the card; what the cards paid is principal and bonus."`  //nolint:lll // a tag
	Principal int64  `json:"principal" doc:"What they added to cards; negative if they took."`
	Bonus     int64  `json:"bonus" doc:"Bonus that they added to cards, in fen; negative if they took."`
	Points    int64  `json:"points" doc:"Points that they added to cards; negative if they took."`
}

func dayTotals(c *call, in *DaysQuery) (out DayTotals, err error) {
	days, err := c.period(in)
	if err != nil {
		return out, err
	}
	out.Totals = []DayTotal{}
	err = c.cfg.Snapshot(c.ctx, func(r Reports) error {
		if out.Through, err = c.through(r, ledger.DayTotals); err != nil {
			return err
		}
		return r.EachDayTotal(c.ctx, c.merchant.ID, days.From, days.To, func(t *ledger.DayTotal) error {
			if !c.agent.ActsAt(t.Shop) {
				return nil
			}
			out.Totals = append(out.Totals, DayTotal{
				Day: dayOf(t.Day), Shop: int64(t.Shop), Operator: t.Operator, Kind: Kind(kinds.of[t.Kind]),
				PayType: int64(t.PayType), Currency: Currency, Count: t.Kind.Times(t.Count), Gross: int64(t.Gross),
				Net: int64(t.Net), Principal: int64(t.Principal), Bonus: int64(t.Bonus), Points: t.Points,
			})
			return nil
		})
	})
	return out, err
}

// period returns the business days that are asked for.
func (c *call) period(in *DaysQuery) (p report.Period, err error) {
	if p.From, err = c.date("query.from", in.From); err != nil {
		return p, err
	}
	if p.To, err = c.date("query.to", in.To); err != nil {
		return p, err
	}
	if p.To < p.From || p.From.AddDays(mostDays-1) < p.To {
		return p, c.refuseField("query.to", "want a day from the first one on, at most 92 days in all")
	}
	return p, nil
}

// through returns up to which entry a follower has added up the journal.
func (c *call) through(r Reports, follower string) (int64, error) {
	cursors, err := r.CursorsOf(c.ctx, c.merchant.ID)
	for _, one := range cursors {
		if one.Follower == follower {
			return int64(one.Entry), err
		}
	}
	return 0, err
}

// LiabilityQuery asks what a merchant owes to its cards' holders.
type LiabilityQuery struct {
	Day Day `query:"day" doc:"At the end of that business day; left out for now."`
}

// Liability is what a merchant owes to its cards' holders.
type Liability struct {
	Currency  string `json:"currency" enum:"CNY" doc:"Of all amounts, which are in fen: 100 of them are one yuan."`
	Principal int64  `json:"principal" doc:"What was paid in and not yet used, on all cards, in fen."`
	Bonus     int64  `json:"bonus" doc:"What was given on top and not yet used, on all cards, in fen."`
	Points    int64  `json:"points" doc:"Points on all cards."`
	Through   int64  `json:"through" doc:"The entry up to which the journal was added up."`
}

func liability(c *call, in *LiabilityQuery) (out Liability, err error) {
	day, err := c.date("query.day", in.Day)
	if err != nil {
		return out, err
	}
	if day > c.today {
		return out, c.refuseField("query.day", "want a day that has begun, or leave it out for now")
	}
	err = c.cfg.Snapshot(c.ctx, func(r Reports) error {
		owed, err := r.OwedThrough(c.ctx, c.merchant.ID, day)
		if err != nil {
			return err
		}
		through, err := c.through(r, ledger.DayTotals)
		out = Liability{Currency, int64(owed.Principal), int64(owed.Bonus), owed.Points, through}
		return err
	})
	return out, err
}
