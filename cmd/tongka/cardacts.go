package main

import (
	"context"
	"errors"
	"fmt"

	"tongka/internal/cardfile"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// note is the flag for why a person does something.
type note struct {
	Note string `placeholder:"TEXT" help:"Why; it stands in the journal."`
}

type cardsLost struct{ cardAct }

// Run reports the card lost: it cannot be used until the loss is cancelled or the card replaced.
func (c *cardsLost) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m ledger.MerchantID, by ledger.Caller) command.Command {
		return command.ReportLost{Merchant: m, By: by, Card: c.Card}
	})
}

type cardsCancelLoss struct{ cardAct }

// Run cancels the loss.
func (c *cardsCancelLoss) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m ledger.MerchantID, by ledger.Caller) command.Command {
		return command.CancelLoss{Merchant: m, By: by, Card: c.Card}
	})
}

type cardsStop struct {
	cardAct
	note
}

// Run stops the card.
func (c *cardsStop) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m ledger.MerchantID, by ledger.Caller) command.Command {
		return command.Stop{Merchant: m, By: by, Card: c.Card, Note: c.Note}
	})
}

type cardsResume struct {
	cardAct
	note
}

// Run lets a stopped card be used again.
func (c *cardsResume) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m ledger.MerchantID, by ledger.Caller) command.Command {
		return command.Resume{Merchant: m, By: by, Card: c.Card, Note: c.Note}
	})
}

type cardsLevel struct {
	cardAct
	note
	Level string `arg:"" placeholder:"ID|NAME" help:"The level the card is to have: see tongka level list."`
}

// Run changes the card's level.
func (c *cardsLevel) Run(ctx context.Context, con *console) error {
	return c.actAt(ctx, con, "", func(m *ledger.Merchant, by ledger.Caller) (command.Command, error) {
		level, err := levelOf(m, c.Level)
		return command.ChangeLevel{Merchant: m.ID, By: by, Card: c.Card, Level: level, Note: c.Note}, err
	})
}

// levelOf returns the merchant's level with that id or name.
func levelOf(m *ledger.Merchant, text string) (ledger.LevelID, error) {
	level, err := cardfile.NewLevels(m, 0).Find(text)
	if err != nil {
		return 0, fmt.Errorf("level: %w: see tongka level list", err)
	}
	return level, nil
}

type cardsCredit struct {
	cardAct
	Amount string `arg:"" help:"In yuan; 0 ends the credit, and what is owed stays owed."`
}

// Run sets the card's credit line.
func (c *cardsCredit) Run(ctx context.Context, con *console) error {
	credit, err := yuan(c.Amount)
	if err != nil {
		return err
	}
	return c.act(ctx, con, "", func(m ledger.MerchantID, by ledger.Caller) command.Command {
		return command.ModifyDetails{Merchant: m, By: by, Card: c.Card, Credit: &credit}
	})
}

type cardsLostPhone struct{ cardAct }

// Run invalidates the member codes of phones bound to the card.
func (c *cardsLostPhone) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m ledger.MerchantID, by ledger.Caller) command.Command {
		return command.ModifyDetails{Merchant: m, By: by, Card: c.Card, NewPass: true}
	})
}

type cardsReplace struct {
	cardAct
	Number string `arg:"" placeholder:"NEW-CARD" help:"The number the account is to have."`
}

// Run gives the account a new number. A second run is refused, as the old card is closed then.
func (c *cardsReplace) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m ledger.MerchantID, by ledger.Caller) command.Command {
		return command.Replace{Merchant: m, By: by, Card: c.Card, Number: c.Number}
	})
}

// paidBy are the options of acts that pay money out to the holder.
type paidBy struct {
	PayType int `placeholder:"ID" help:"The pay type by which the holder is paid; without it the money counts as cash out of the till."`
}

func (p paidBy) id() ledger.PayTypeID { return ledger.PayTypeID(p.PayType) }

type cardsReturn struct {
	cardAct
	paidBy
}

// Run closes the card for good. A second run is refused.
func (c *cardsReturn) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m ledger.MerchantID, by ledger.Caller) command.Command {
		return command.Return{Merchant: m, By: by, Card: c.Card, PayType: c.id()}
	})
}

type cardsReverse struct {
	cardAct
	note
	Entry ledger.EntryID `arg:"" help:"The recharge's entry: see tongka cards show."`
}

// Run reverses a recharge. A second run is refused.
func (c *cardsReverse) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m ledger.MerchantID, by ledger.Caller) command.Command {
		return command.ReverseRecharge{Merchant: m, By: by, Card: c.Card, Entry: c.Entry, Note: c.Note}
	})
}

type cardsVoid struct {
	cardAct
	note
	Coupon ledger.CouponID `arg:"" help:"The coupon, by id: see tongka cards show."`
}

// Run voids a coupon. A second run is refused.
func (c *cardsVoid) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m ledger.MerchantID, by ledger.Caller) command.Command {
		return command.VoidCoupon{Merchant: m, By: by, Card: c.Card, Coupon: c.Coupon, Note: c.Note}
	})
}

type cardsRefund struct {
	cardMoves
	note
	Entry  ledger.EntryID `arg:"" help:"The bill's entry: see tongka cards show."`
	Amount *string        `arg:"" optional:"" help:"In yuan, of what the card paid; all that is left of it by default. A part of a bill wants a --request-id."`
}

// Run refunds a bill. A refund of all that is left cannot happen twice; a partial one can, so it needs a request id.
func (c *cardsRefund) Run(ctx context.Context, con *console) error {
	var amount ledger.Fen
	if c.Amount != nil {
		var err error
		if amount, err = c.amount(*c.Amount); err != nil {
			return err
		}
	}
	return c.act(ctx, con, c.RequestID, func(m ledger.MerchantID, by ledger.Caller) command.Command {
		return command.RefundConsume{Merchant: m, By: by, Card: c.Card, Entry: c.Entry, Amount: amount, Note: c.Note}
	})
}

type cardsTransfer struct {
	cardMoves
	To     string `arg:"" help:"The card that gets the money."`
	Amount string `arg:"" help:"In yuan, of principal; its bonus goes along."`
}

// Run moves money to another card.
func (c *cardsTransfer) Run(ctx context.Context, con *console) error {
	amount, err := c.amount(c.Amount)
	if err != nil {
		return err
	}
	return c.act(ctx, con, c.RequestID, func(m ledger.MerchantID, by ledger.Caller) command.Command {
		return command.Transfer{Merchant: m, By: by, From: c.Card, To: c.To, Amount: amount}
	})
}

type cardsMerge struct {
	cardAct
	To string `arg:"" help:"The card that gets everything."`
}

// Run merges the card into another. A second run is refused, as the first card is closed then.
func (c *cardsMerge) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m ledger.MerchantID, by ledger.Caller) command.Command {
		return command.Merge{Merchant: m, By: by, From: c.Card, To: c.To}
	})
}

type cardsGive struct {
	cardMoves
	note
	Until  string `placeholder:"YYYY-MM-DD" help:"Its last good day; by default as long as a bonus of a recharge is good."`
	Amount string `arg:"" help:"In yuan, of bonus."`
}

// Run gives bonus by hand.
func (c *cardsGive) Run(ctx context.Context, con *console) error {
	amount, err := c.amount(c.Amount)
	if err != nil {
		return err
	}
	var until ledger.Date
	if c.Until != "" {
		if until, err = ledger.ParseDate(c.Until); err != nil {
			return fmt.Errorf("until: %w", err)
		}
	}
	return c.act(ctx, con, c.RequestID, func(m ledger.MerchantID, by ledger.Caller) command.Command {
		return command.GiveBonus{Merchant: m, By: by, Card: c.Card, Amount: amount, Until: until, Note: c.Note}
	})
}

type cardsWithdraw struct {
	cardMoves
	paidBy
	Amount string `arg:"" help:"In yuan, of principal; the bonus that was given for it is forfeited."`
}

// Run pays principal out.
func (c *cardsWithdraw) Run(ctx context.Context, con *console) error {
	amount, err := c.amount(c.Amount)
	if err != nil {
		return err
	}
	return c.act(ctx, con, c.RequestID, func(m ledger.MerchantID, by ledger.Caller) command.Command {
		return command.Withdraw{Merchant: m, By: by, Card: c.Card, Amount: amount, PayType: c.id()}
	})
}

// amount parses an amount above 0. As the money would move again if the same line was entered twice, it returns an
// error if there is no request id.
func (c *cardMoves) amount(text string) (ledger.Fen, error) {
	if ledger.FoldRequestID(c.RequestID) == "" && !c.DryRun {
		return 0, errors.New("want --request-id: a name for this request, so that entering it twice moves the money once")
	}
	amount, err := yuan(text)
	if err == nil && amount == 0 {
		return 0, fmt.Errorf("amount: want more than 0, got %q", text)
	}
	return amount, err
}

// yuan parses an amount of 0 or more.
func yuan(text string) (ledger.Fen, error) {
	amount, err := ledger.ParseYuan(text)
	if err != nil && signed(text) {
		return 0, fmt.Errorf("amount: want none below 0, got %q", text)
	}
	if err != nil {
		return 0, fmt.Errorf("amount: %w", err)
	}
	return amount, nil
}
