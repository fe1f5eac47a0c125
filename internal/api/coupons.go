package api

import (
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Coupon is a coupon on a card.
type Coupon struct {
	ID      int64     `json:"id" doc:"The coupon's id, by which bills and voidCoupon name it."`
	Number  string    `json:"number" doc:"Masked." example:"28***021"`
	Kind    int64     `json:"kind" doc:"The id of its kind."`
	Name    string    `json:"name" doc:"The name of its kind when it was sent."`
	State   string    `json:"state" enum:"unused,used,void,expired" doc:"What became of it. Only an unused one pays."`
	From    Day       `json:"good_from,omitempty" doc:"Its first good day."`
	Until   Day       `json:"good_until,omitempty" doc:"Its last good day; left out if it is good for ever."`
	SentAt  time.Time `json:"sent_at" doc:"When it was sent to the card."`
	Subject string    `json:"subject,omitempty" doc:"What it was sent for."`
	UsedBy  int64     `json:"used_by,omitempty" doc:"The entry of the bill that it was used on."`
	Paid    int64     `json:"paid,omitempty" doc:"What it paid of that bill, in fen."`
}

// CouponsQuery asks for coupons of a card.
type CouponsQuery struct {
	OfCard
	Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many are wanted at most."`
	After  int64 `query:"after" minimum:"0" doc:"The next of the page before; left out for the first page."`
	Unused bool  `query:"unused" doc:"Only those that can still be used, or could before their last good day."`
}

// Coupons is a page of coupons.
type Coupons struct {
	Coupons []Coupon `json:"coupons" doc:"A page of the card's coupons."`
	Next    int64    `json:"next,omitempty" doc:"Asks for the next page as after; left out on the last one."`
}

func listCoupons(c *call, in *CouponsQuery) (out Coupons, err error) {
	card, err := c.cardOf(&in.OfCard)
	if err != nil {
		return out, err
	}
	found, err := c.cfg.Books.Coupons(c.ctx, ledger.CouponQuery{
		Merchant: c.merchant.ID, Card: card.ID, Unused: in.Unused, After: ledger.CouponID(in.After),
		Limit: in.Limit,
	})
	if err == nil && len(found) == 0 {
		err = c.reached(int64(ledger.CouponID(in.After).Sender()))
	}
	out.Coupons = []Coupon{}
	for i := range found {
		out.Coupons = append(out.Coupons, couponOf(&found[i]))
	}
	if len(found) == in.Limit {
		out.Next = int64(found[in.Limit-1].ID)
	}
	return out, err
}

func couponOf(c *ledger.Coupon) Coupon {
	return Coupon{
		ID: int64(c.ID), Number: c.Masked(), Kind: int64(c.Kind), Name: c.Name, State: c.State.String(), From: dayOf(c.From),
		Until: dayOf(c.Until), SentAt: c.Sent.UTC(), Subject: c.Subject, UsedBy: int64(c.UsedBy), Paid: int64(c.Paid),
	}
}

// SendBody asks for coupons to be sent to a card.
type SendBody struct {
	By
	Kind    int64  `json:"kind" minimum:"1" doc:"The id of the kind." example:"1"`
	Count   int    `json:"count,omitempty" minimum:"1" maximum:"100" doc:"How many; 1 if left out."`
	Subject string `json:"subject,omitempty" maxLength:"200" doc:"What for."`
}

func sendCoupons(c *call, in *AskedOf[SendBody]) (o outcome[Receipt], err error) {
	b := &in.Body
	by, err := c.by(b.By)
	if err != nil {
		return o, err
	}
	cmd := command.SendCoupons{
		Merchant: c.merchant.ID, By: by, Card: in.Number, Kind: ledger.CouponKindID(b.Kind), Subject: b.Subject,
	}
	for range max(b.Count, 1) {
		number, err := c.cfg.CouponNumber()
		if err != nil {
			return o, err
		}
		cmd.Numbers = append(cmd.Numbers, number)
	}
	return outcome[Receipt]{command: cmd, answer: receiptFor(in.Number)}, nil
}

// VoidBody asks for a coupon to be taken back.
type VoidBody struct {
	By
	Coupon int64  `json:"coupon" minimum:"1" doc:"The coupon's id." example:"1024"`
	Note   string `json:"note,omitempty" maxLength:"200" doc:"Why."`
}

func voidCoupon(c *call, in *AskedOf[VoidBody]) (outcome[Receipt], error) {
	by, err := c.by(in.Body.By)
	return outcome[Receipt]{command: command.VoidCoupon{
		Merchant: c.merchant.ID, By: by, Card: in.Number, Coupon: ledger.CouponID(in.Body.Coupon), Note: in.Body.Note,
	}, answer: receiptFor(in.Number)}, err
}
