package api

import (
	"time"

	"tongka/internal/ledger"
)

// Entry is one line of the journal. It is never changed and never removed.
type Entry struct {
	ID   int64     `json:"id" doc:"1, 2, 3 … within the merchant, in the order in which they were made."`
	Card int64     `json:"card_id,omitempty" doc:"Left out for entries of the merchant itself."`
	Seq  int64     `json:"seq" doc:"1, 2, 3 … within the card."`
	Kind Kind      `json:"kind" doc:"What was done. There may be new kinds."`
	At   time.Time `json:"at" doc:"When it was done, in UTC."`
	By   Caller    `json:"by" doc:"Who did it, and where."`
	Note string    `json:"note,omitempty" doc:"What whoever did it wrote about it; left out if nothing."`

	Moved Moved   `json:"moved" doc:"What it added to the card; negative if it took."`
	After Balance `json:"after" doc:"What was on the card after it."`

	Bill       *Bill        `json:"bill,omitempty" doc:"With bills, recharges and what undoes them."`
	Lots       []Allocation `json:"allocations,omitempty" doc:"What it added to which lot; negative if it took."`
	Rules      []RuleHit    `json:"rules,omitempty" doc:"The rules that a recharge met, and what they gave."`
	Coupons    []CouponPart `json:"coupons,omitempty" doc:"What became of which coupon."`
	RefersTo   int64        `json:"refers_to,omitempty" doc:"The entry that it undoes or belongs to; of a bill that several cards pay, its first entry."` //nolint:lll // a tag
	HeldUntil  *time.Time   `json:"held_until,omitempty" doc:"When a hold ends by itself."`
	Released   string       `json:"released,omitempty" enum:"released,captured,expired" doc:"Why a hold was released: somebody asked for it, a capture took or left it, or it ended by itself."` //nolint:lll // a tag
	OtherCard  string       `json:"other_card,omitempty" doc:"The number of the other card, of a transfer for instance, or of the card that pays what this one left of a bill."`                 //nolint:lll // a tag
	CardStatus Status       `json:"card_status,omitempty" doc:"The card's status after it."`
	CardLevel  int64        `json:"card_level,omitempty" doc:"The card's level after it."`

	of *ledger.Entry // what it was made of
}

// Caller is who did something.
type Caller struct {
	Agent    int64  `json:"agent,omitempty" doc:"The key or the agent."`
	Person   int64  `json:"person,omitempty" doc:"Whoever did it in the console."`
	Proposer int64  `json:"proposer,omitempty" doc:"Who proposed what the person confirmed."`
	Shop     int64  `json:"shop,omitempty" doc:"Left out for the head office."`
	Operator string `json:"operator,omitempty" doc:"Who did it, as the caller calls him: a cashier or a till; left out if the caller named nobody."` //nolint:lll // a tag
}

// Moved is what an entry added to a card.
type Moved struct {
	Total     int64 `json:"total" doc:"Principal and bonus together, in fen."`
	Principal int64 `json:"principal" doc:"Of what was paid in, in fen."`
	Bonus     int64 `json:"bonus" doc:"Of what was given on top, in fen."`
	Points    int64 `json:"points" doc:"Points, as many as they are."`
}

// Bill is how an amount came about. Of a refund or a reversal gross and net are what was given back.
type Bill struct {
	Gross    int64 `json:"gross" doc:"The bill before any discount, or what was paid in."`
	Discount int64 `json:"discount" doc:"What the level took off."`
	Coupons  int64 `json:"by_coupons" doc:"What coupons paid, in fen."`
	Points   int64 `json:"by_points" doc:"What points paid, in fen."`
	Net      int64 `json:"net" doc:"What was left to be paid, or what a recharge put on the card."`
	Card     int64 `json:"by_card" doc:"What the card paid of it."`
	Due      int64 `json:"due" doc:"What is left to be paid by other_card, or elsewhere."`
	PayType  int64 `json:"pay_type,omitempty" doc:"The id of the pay type by which money was paid in, given back or paid out; left out if there is none."` //nolint:lll // a tag
}

// Allocation is what an entry added to one lot.
type Allocation struct {
	Lot       int64 `json:"lot" doc:"The entry that made the lot. 0 is no lot but what the card owes: below zero a bill was paid on credit, above it that was paid back."` //nolint:lll // a tag
	GoodUntil Day   `json:"good_until,omitempty" doc:"The last good day of the lot's bonus; left out if it has none."`
	Principal int64 `json:"principal" doc:"Principal that the lot got, in fen; negative if it was taken."`
	Bonus     int64 `json:"bonus" doc:"Bonus that the lot got, in fen; negative if it was taken."`
}

// RuleHit is a recharge rule that applied.
type RuleHit struct {
	Name   string `json:"name" doc:"The rule's name when it applied."`
	Bonus  int64  `json:"bonus" doc:"In fen."`
	Points int64  `json:"points" doc:"Points that it gave."`
}

// CouponPart is what became of a coupon.
type CouponPart struct {
	ID    int64  `json:"id" doc:"The coupon's id."`
	State string `json:"state" enum:"unused,used,void,expired" doc:"The coupon's state after the entry."`
	Pays  int64  `json:"pays,omitempty" doc:"Of the bill, in fen; of a refund what it had paid."`
}

// entryOf returns an entry as answers have it.
func entryOf(e *ledger.Entry) Entry {
	out := Entry{
		ID: int64(e.ID), Card: int64(e.Card), Seq: e.Seq, Kind: Kind(kinds.of[e.Kind]), At: e.At.UTC(), Note: e.Note,
		By:    Caller{int64(e.By.Agent), int64(e.By.Person), int64(e.By.Proposer), int64(e.By.Shop), e.By.Operator},
		Moved: Moved{int64(e.Delta()), int64(e.Principal), int64(e.Bonus), e.Points},
		After: after(e), Bill: billOf(e), RefersTo: int64(e.RefersTo), OtherCard: e.OtherCard,
		CardStatus: Status(statuses.of[e.Status]), CardLevel: int64(e.Level),
		HeldUntil: moment(e.HeldUntil), Released: ledger.ReleasedNames[e.Released], of: e,
	}
	for _, p := range e.Allocations {
		out.Lots = append(out.Lots, Allocation{int64(p.Lot), dayOf(p.GoodUntil), int64(p.Principal), int64(p.Bonus)})
	}
	for _, r := range e.Rules {
		out.Rules = append(out.Rules, RuleHit{r.Name, int64(r.Money), r.Points})
	}
	for _, p := range e.Coupons {
		out.Coupons = append(out.Coupons, CouponPart{int64(p.Coupon), p.State.String(), int64(p.Pays)})
	}
	return out
}

// after returns what was on the card after an entry.
func after(e *ledger.Entry) Balance {
	return Balance{
		Currency, int64(e.AmountAfter()), int64(e.PrincipalAfter), int64(e.BonusAfter), e.PointsAfter, e.OwedAfter,
	}
}

// billOf returns how an entry's amount came about; nil if it is about none.
func billOf(e *ledger.Entry) *Bill {
	if e.Gross == 0 && e.Net == 0 && e.PayRate == 0 {
		return nil
	}
	b := Bill{Gross: int64(e.Gross), Net: int64(e.Net), Due: int64(e.PaidElsewhere()), PayType: int64(e.PayType)}
	if e.Kind == ledger.Consumed {
		b.Coupons, b.Points, b.Card = int64(e.ByCoupons()), int64(e.ByPoints.Worth), -int64(e.Delta())
		b.Discount = b.Gross - b.Net - b.Coupons - b.Points
	}
	return &b
}
