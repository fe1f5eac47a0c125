package api

import (
	"strconv"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// RechargeBody asks for a recharge.
type RechargeBody struct {
	By
	Card    string `json:"card" minLength:"1" maxLength:"64" doc:"The card's number." example:"6001"`
	Amount  int64  `json:"amount" minimum:"1" maximum:"1000000000000" doc:"What is paid, in fen." example:"50000"`
	PayType int64  `json:"pay_type" minimum:"1" doc:"The id of the pay type." example:"2"`
	NoBonus bool   `json:"no_bonus,omitempty" doc:"The rules give neither money nor points."`
	Note    string `json:"note,omitempty" maxLength:"200" doc:"What it was for, or why: up to 200 characters. The entry keeps it."` //nolint:lll // a tag
}

func recharge(c *call, in *Asked[RechargeBody]) (o outcome[Receipt], err error) {
	b := &in.Body
	by, err := c.by(b.By)
	return outcome[Receipt]{command: command.Recharge{
		Merchant: c.merchant.ID, By: by, Card: b.Card, Amount: ledger.Fen(b.Amount), PayType: ledger.PayTypeID(b.PayType),
		NoBonus: b.NoBonus, Note: b.Note,
	}, layouts: receipts}, err
}

// UndoBody names an entry that is to be undone.
type UndoBody struct {
	By
	Card  string `json:"card" minLength:"1" maxLength:"64" doc:"The card's number." example:"6001"`
	Entry int64  `json:"entry" minimum:"1" doc:"The entry that is to be undone." example:"4"`
	Note  string `json:"note,omitempty" maxLength:"200" doc:"Why."`
}

// undo returns what undoes an entry by the command that make returns.
func undo(make func(c *call, by ledger.Caller, b *UndoBody) command.Command) func(
	*call, *Asked[UndoBody],
) (outcome[Receipt], error) {
	return func(c *call, in *Asked[UndoBody]) (o outcome[Receipt], err error) {
		by, err := c.by(in.Body.By)
		if err != nil {
			return o, err
		}
		return outcome[Receipt]{command: make(c, by, &in.Body), answer: receiptFor(in.Body.Card)}, nil
	}
}

// ReversalBody names a recharge that is to be taken back.
type ReversalBody struct {
	By
	Card    string `json:"card" minLength:"1" maxLength:"64" doc:"The card's number." example:"6001"`
	Entry   int64  `json:"entry,omitempty" minimum:"1" doc:"The recharge." example:"4"`
	Request string `json:"request,omitempty" maxLength:"64" doc:"The Idempotency-Key of the recharge, in place of its entry: for whoever lost the answer."`                                            //nolint:lll // a tag
	InFull  *bool  `json:"in_full,omitempty" doc:"All of it or nothing: refused with short_balance if some of it was used or has expired; true if left out. false: what is left of it is taken back."` //nolint:lll // a tag
	Note    string `json:"note,omitempty" maxLength:"200" doc:"Why."`
}

func reverseRecharge(c *call, in *Asked[ReversalBody]) (o outcome[Receipt], err error) {
	b := &in.Body
	by, err := c.by(b.By)
	if err != nil {
		return o, err
	}
	if err := c.oneNamed(b.Entry, b.Request, "recharge"); err != nil {
		return o, err
	}
	return outcome[Receipt]{command: command.ReverseRecharge{
		Merchant: c.merchant.ID, By: by, Card: b.Card, Entry: ledger.EntryID(b.Entry), Request: c.ownRequest(b.Request),
		Whole: unlessFalse(b.InFull), Note: b.Note,
	}, answer: receiptFor(b.Card)}, nil
}

// oneNamed refuses what does not name an entry either by its id or by the request that made it.
func (c *call) oneNamed(entry int64, request, what string) error {
	if named := ledger.FoldRequestID(request) != ""; named == (entry != 0) {
		return c.refuseField("body.entry", "want either the entry or the request of a "+what)
	}
	return nil
}

// ownRequest is the key of a request that the caller made before.
func (c *call) ownRequest(name string) ledger.RequestKey {
	return ledger.RequestKey{Agent: c.agent.ID, Scope: scope, ID: ledger.FoldRequestID(name)}
}

func refundCharge(c *call, by ledger.Caller, b *UndoBody) command.Command {
	return command.RefundCharge{
		Merchant: c.merchant.ID, By: by, Card: b.Card, Entry: ledger.EntryID(b.Entry), Note: b.Note,
	}
}

func reverseInvoice(c *call, by ledger.Caller, b *UndoBody) command.Command {
	return command.ReverseInvoice{
		Merchant: c.merchant.ID, By: by, Card: b.Card, Entry: ledger.EntryID(b.Entry), Note: b.Note,
	}
}

// RefundBody asks for a refund of a bill.
type RefundBody struct {
	By
	Card    string   `json:"card,omitempty" maxLength:"64" doc:"The card's number." example:"6001"`
	Cards   []string `json:"cards,omitempty" minItems:"1" maxItems:"8" doc:"In place of card: several cards that paid the bill together. What was paid last comes back first."` //nolint:lll // a tag
	Entry   int64    `json:"entry,omitempty" minimum:"1" doc:"The entry of the bill; with cards, any of its entries." example:"4"`                                              //nolint:lll // a tag
	Request string   `json:"request,omitempty" maxLength:"64" doc:"In place of entry: the Idempotency-Key by which the bill was paid."`                                         //nolint:lll // a tag
	Note    string   `json:"note,omitempty" maxLength:"200" doc:"Why."`
	Amount  int64    `json:"amount,omitempty" minimum:"1" maximum:"1000000000000" doc:"Of what the card paid, or the cards, in fen; left out for all that is left, with coupons and points."` //nolint:lll // a tag
}

func refund(c *call, in *Asked[RefundBody]) (o outcome[Receipt], err error) {
	b := &in.Body
	by, err := c.by(b.By)
	if err != nil {
		return o, err
	}
	if err := c.refundable(b); err != nil {
		return o, err
	}
	request := c.ownRequest(b.Request)
	if len(b.Cards) > 0 {
		return outcome[Receipt]{command: command.RefundShared{
			Merchant: c.merchant.ID, By: by, Cards: b.Cards, Entry: ledger.EntryID(b.Entry), Request: request,
			Amount: ledger.Fen(b.Amount), Note: b.Note,
		}, answer: receiptForAll(b.Cards)}, nil
	}
	return outcome[Receipt]{command: command.RefundConsume{
		Merchant: c.merchant.ID, By: by, Card: b.Card, Entry: ledger.EntryID(b.Entry), Request: request,
		Amount: ledger.Fen(b.Amount), Note: b.Note,
	}, answer: receiptFor(b.Card)}, nil
}

// refundable refuses a refund that does not name one card or several, and one bill.
func (c *call) refundable(b *RefundBody) error {
	if err := c.oneOrMore(&BillBody{Card: b.Card, Cards: make([]Payer, len(b.Cards))}); err != nil {
		return err
	}
	return c.oneNamed(b.Entry, b.Request, "bill")
}

// SumBody asks for an amount to be moved at a card.
type SumBody struct {
	By
	Card   string `json:"card" minLength:"1" maxLength:"64" doc:"The card's number." example:"6001"`
	Amount int64  `json:"amount" minimum:"1" maximum:"1000000000000" doc:"In fen." example:"5000"`
}

// AmountBody is a SumBody with a note that the entry keeps.
type AmountBody struct {
	SumBody
	Note string `json:"note,omitempty" maxLength:"200" doc:"What it was for, or why: up to 200 characters. The entry keeps it."` //nolint:lll // a tag
}

// PaidBy says by which pay type a holder is paid.
type PaidBy struct {
	PayType int64 `json:"pay_type,omitempty" minimum:"1" doc:"The id of the pay type by which the holder is paid; left out if nobody says, and then shifts count it as cash." example:"2"` //nolint:lll // a tag
}

// WithdrawalBody asks for principal to be paid out.
type WithdrawalBody struct {
	SumBody
	PaidBy
}

func withdraw(c *call, in *Asked[WithdrawalBody]) (outcome[Receipt], error) {
	b := &in.Body
	by, err := c.by(b.By)
	return outcome[Receipt]{command: command.Withdraw{
		Merchant: c.merchant.ID, By: by, Card: b.Card, Amount: ledger.Fen(b.Amount), PayType: ledger.PayTypeID(b.PayType),
	}, answer: receiptFor(b.Card)}, err
}

func invoice(c *call, in *Asked[AmountBody]) (outcome[Receipt], error) {
	by, err := c.by(in.Body.By)
	return outcome[Receipt]{command: command.Invoice{
		Merchant: c.merchant.ID, By: by, Card: in.Body.Card, Amount: ledger.Fen(in.Body.Amount), Note: in.Body.Note,
	}, answer: receiptFor(in.Body.Card)}, err
}

// ChargeBody asks for a bill to be charged to the house account of the card's level.
type ChargeBody struct {
	AmountBody
	Agreed
}

func charge(c *call, in *Asked[ChargeBody]) (outcome[Receipt], error) {
	b := &in.Body
	by, err := c.by(b.By)
	return outcome[Receipt]{command: command.ChargeToAccount{
		Merchant: c.merchant.ID, By: by, Card: b.Card, Amount: ledger.Fen(b.Amount), Proof: c.proof(b.Agreed), Note: b.Note,
	}, answer: receiptFor(b.Card)}, err
}

// TransferBody asks for principal to go to another card.
type TransferBody struct {
	By
	From   string `json:"from" minLength:"1" maxLength:"64" doc:"The number of the card that pays." example:"6001"`
	To     string `json:"to" minLength:"1" maxLength:"64" doc:"The number of the card that gets it." example:"6002"`
	Amount int64  `json:"amount" minimum:"1" maximum:"1000000000000" doc:"In fen." example:"5000"`
}

func transfer(c *call, in *Asked[TransferBody]) (outcome[Receipt], error) {
	b := &in.Body
	by, err := c.by(b.By)
	return outcome[Receipt]{command: command.Transfer{
		Merchant: c.merchant.ID, By: by, From: b.From, To: b.To, Amount: ledger.Fen(b.Amount),
	}, answer: receiptFor(b.From)}, err
}

// GiftBody asks for bonus that belongs to no recharge.
type GiftBody struct {
	By
	Card   string `json:"card" minLength:"1" maxLength:"64" doc:"The card's number." example:"6001"`
	Amount int64  `json:"amount" minimum:"1" maximum:"1000000000000" doc:"In fen." example:"2000"`
	Until  Day    `json:"until,omitempty" doc:"Its last good day; left out for that of a recharge's bonus."`
	Note   string `json:"note" minLength:"1" maxLength:"200" doc:"Why." example:"sorry for the wait"`
}

func giveBonus(c *call, in *Asked[GiftBody]) (o outcome[Receipt], err error) {
	b := &in.Body
	by, err := c.by(b.By)
	if err != nil {
		return o, err
	}
	until, err := c.date("body.until", b.Until)
	return outcome[Receipt]{command: command.GiveBonus{
		Merchant: c.merchant.ID, By: by, Card: b.Card, Amount: ledger.Fen(b.Amount), Until: until, Note: b.Note,
	}, answer: receiptFor(b.Card)}, err
}

// PointUseBody asks for points to be used.
type PointUseBody struct {
	By
	Agreed
	Card   string `json:"card" minLength:"1" maxLength:"64" doc:"The card's number." example:"6001"`
	Points int64  `json:"points" minimum:"1" maximum:"1000000000000" doc:"How many points, from 1 on." example:"50"`
}

func usePoints(c *call, in *Asked[PointUseBody]) (outcome[Receipt], error) {
	b := &in.Body
	by, err := c.by(b.By)
	return outcome[Receipt]{command: command.UsePoints{
		Merchant: c.merchant.ID, By: by, Card: b.Card, Points: b.Points, Proof: c.proof(b.Agreed),
	}, layouts: receipts}, err
}

// PointsBody asks for points to be given or taken.
type PointsBody struct {
	By
	Agreed
	Card   string `json:"card" minLength:"1" maxLength:"64" doc:"The card's number." example:"6001"`
	Points int64  `json:"points" minimum:"-1000000000000" maximum:"1000000000000" doc:"Below zero they are taken." example:"50"`   //nolint:lll // a tag
	Note   string `json:"note,omitempty" maxLength:"200" doc:"What it was for, or why: up to 200 characters. The entry keeps it."` //nolint:lll // a tag
}

func adjustPoints(c *call, in *Asked[PointsBody]) (outcome[Receipt], error) {
	b := &in.Body
	by, err := c.by(b.By)
	return outcome[Receipt]{command: command.AdjustPoints{
		Merchant: c.merchant.ID, By: by, Card: b.Card, Points: b.Points, Note: b.Note, Proof: c.proof(b.Agreed),
	}, layouts: receipts}, err
}

// Agreed is how the holder agrees.
type Agreed struct {
	Password Secret `json:"password,omitempty" maxLength:"64" doc:"The card's password, where it has one."`
}

// proof is what the holder shows to agree. Where nothing is to be saved, it is taken as if it were right: a wrong one
// counts.
func (c *call) proof(a Agreed) *command.Proof {
	if c.dry {
		return &command.Proof{Password: func(string) bool { return true }}
	}
	p := &command.Proof{From: c.note.Neighbourhood().String()}
	if a.Password != "" {
		merchant := strconv.FormatInt(int64(c.merchant.ID), 10)
		p.Password = func(kept string) bool { return c.cfg.CheckPassword(merchant, string(a.Password), kept) }
	}
	return p
}
