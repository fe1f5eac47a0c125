package main

import (
	"context"
	"errors"
	"fmt"

	"tongka"
	"tongka/cmd/tongka/internal/cardfile"
)

// note is why a person does something.
type note struct {
	Note string `placeholder:"TEXT" help:"Why; it stands in the journal."`
}

type cardsLost struct{ cardAct }

// Run reports the card lost: nothing moves on it until it is found or replaced.
func (c *cardsLost) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m tongka.MerchantID, by tongka.Caller) tongka.Command {
		return tongka.ReportLost{Merchant: m, By: by, Card: c.Card}
	})
}

type cardsFound struct{ cardAct }

// Run cancels the loss.
func (c *cardsFound) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m tongka.MerchantID, by tongka.Caller) tongka.Command {
		return tongka.Unlose{Merchant: m, By: by, Card: c.Card}
	})
}

type cardsStop struct {
	cardAct
	note
}

// Run stops the card.
func (c *cardsStop) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m tongka.MerchantID, by tongka.Caller) tongka.Command {
		return tongka.Stop{Merchant: m, By: by, Card: c.Card, Note: c.Note}
	})
}

type cardsResume struct {
	cardAct
	note
}

// Run lets a stopped card be used again.
func (c *cardsResume) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m tongka.MerchantID, by tongka.Caller) tongka.Command {
		return tongka.Resume{Merchant: m, By: by, Card: c.Card, Note: c.Note}
	})
}

type cardsLevel struct {
	cardAct
	note
	Level string `arg:"" placeholder:"ID|NAME" help:"The level the card is to have: see tongka level list."`
}

// Run changes the card's level.
func (c *cardsLevel) Run(ctx context.Context, con *console) error {
	return c.actAt(ctx, con, "", func(m *tongka.Merchant, by tongka.Caller) (tongka.Command, error) {
		level, err := levelOf(m, c.Level)
		return tongka.ChangeLevel{Merchant: m.ID, By: by, Card: c.Card, Level: level, Note: c.Note}, err
	})
}

// levelOf is the merchant's level of that id or name.
func levelOf(m *tongka.Merchant, text string) (tongka.LevelID, error) {
	level, err := cardfile.NewLevels(m, 0).Find(text)
	if err != nil {
		return 0, fmt.Errorf("level: %w: see tongka level list", err)
	}
	return level, nil
}

type cardsReplace struct {
	cardAct
	Number string `arg:"" placeholder:"NEW-CARD" help:"The number the account is to have."`
}

// Run gives the account a new number. A second time it is refused, as the old card is closed.
func (c *cardsReplace) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m tongka.MerchantID, by tongka.Caller) tongka.Command {
		return tongka.Replace{Merchant: m, By: by, Card: c.Card, Number: c.Number}
	})
}

type cardsReturn struct{ cardAct }

// Run closes the card for good. A second time it is refused.
func (c *cardsReturn) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m tongka.MerchantID, by tongka.Caller) tongka.Command {
		return tongka.Return{Merchant: m, By: by, Card: c.Card}
	})
}

type cardsReverse struct {
	cardAct
	note
	Entry tongka.EntryID `arg:"" help:"The recharge's entry: see tongka cards show."`
}

// Run reverses a recharge. A second time it is refused.
func (c *cardsReverse) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m tongka.MerchantID, by tongka.Caller) tongka.Command {
		return tongka.ReverseRecharge{Merchant: m, By: by, Card: c.Card, Entry: c.Entry, Note: c.Note}
	})
}

type cardsVoid struct {
	cardAct
	note
	Coupon tongka.CouponID `arg:"" help:"The coupon, by id: see tongka cards show."`
}

// Run voids a coupon. A second time it is refused.
func (c *cardsVoid) Run(ctx context.Context, con *console) error {
	return c.act(ctx, con, "", func(m tongka.MerchantID, by tongka.Caller) tongka.Command {
		return tongka.VoidCoupon{Merchant: m, By: by, Card: c.Card, Coupon: c.Coupon, Note: c.Note}
	})
}

type cardsRefund struct {
	cardMoves
	note
	Entry  tongka.EntryID `arg:"" help:"The bill's entry: see tongka cards show."`
	Amount string         `arg:"" optional:"" help:"In yuan, of what the card paid; all that is left of it by default. A part of a bill wants a --request-id."`
}

// Run refunds a bill. All that is left of it is refunded once; a part could be again.
func (c *cardsRefund) Run(ctx context.Context, con *console) error {
	var amount tongka.Fen
	if c.Amount != "" {
		var err error
		if amount, err = c.amount(c.Amount); err != nil {
			return err
		}
	}
	return c.act(ctx, con, c.RequestID, func(m tongka.MerchantID, by tongka.Caller) tongka.Command {
		return tongka.RefundConsume{Merchant: m, By: by, Card: c.Card, Entry: c.Entry, Amount: amount, Note: c.Note}
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
	return c.act(ctx, con, c.RequestID, func(m tongka.MerchantID, by tongka.Caller) tongka.Command {
		return tongka.Transfer{Merchant: m, By: by, From: c.Card, To: c.To, Amount: amount}
	})
}

type cardsWithdraw struct {
	cardMoves
	Amount string `arg:"" help:"In yuan, of principal; the bonus that was given for it is forfeited."`
}

// Run pays principal out.
func (c *cardsWithdraw) Run(ctx context.Context, con *console) error {
	amount, err := c.amount(c.Amount)
	if err != nil {
		return err
	}
	return c.act(ctx, con, c.RequestID, func(m tongka.MerchantID, by tongka.Caller) tongka.Command {
		return tongka.Withdraw{Merchant: m, By: by, Card: c.Card, Amount: amount}
	})
}

// amount reads an amount that would move again if the same line was entered twice.
func (c *cardMoves) amount(text string) (tongka.Fen, error) {
	if c.RequestID == "" && !c.DryRun {
		return 0, errors.New("want --request-id: a name for this request, so that entering it twice moves the money once")
	}
	amount, err := tongka.ParseYuan(text)
	if err == nil && amount <= 0 {
		err = errors.New("want more than 0")
	}
	if err != nil {
		return 0, fmt.Errorf("amount: %w", err)
	}
	return amount, nil
}
