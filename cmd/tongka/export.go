package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"tongka/internal/cardfile"
	"tongka/internal/config"
	"tongka/internal/ledger"
	"tongka/internal/store"
	"tongka/internal/whole"
)

type cardsCmd struct {
	Import cardsImport `cmd:"" help:"Open the cards of a CSV file. Running it again, or after it was cut short, opens only what is missing."`
	Export cardsExport `cmd:"" help:"Write a merchant's cards to a CSV file, as of one moment. A bonus and points that have expired are left out. A card whose last day has passed has status active and that day in expires: imported elsewhere, it has expired there too. One that was returned or replaced is in the file as that, and an import refuses it. Not in the file are passwords, credit, coupons, bound phones, entries, what may be invoiced, points that are owed and the last days of bonus and points: an import gives these the days of its own merchant, from that day on. A card that owes has a negative principal, and owes as much where the file is imported. How many cards have a password, credit or unused coupons, and how many owe, is printed."`

	Password  cardsPassword  `cmd:"" help:"Give a card a new random password and print it, once: only its hash is stored. This also unlocks a card that was locked by wrong passwords. A micro card is never asked for one."`
	Credit    cardsCredit    `cmd:"" help:"Set a card's credit: how far bills may take it below zero."`
	LostPhone cardsLostPhone `cmd:"" help:"Invalidate the member codes of a lost phone."`

	Show       cardsShow       `cmd:"" help:"Show a card: what it holds, its coupons, and its newest entries with their ids."`
	Level      cardsLevel      `cmd:"" help:"Change a card's level."`
	Lost       cardsLost       `cmd:"" help:"Report a card lost: nothing moves on it from then on."`
	CancelLoss cardsCancelLoss `cmd:"" name:"cancel-loss" aliases:"found,cancel-lost" help:"Cancel a loss."`
	Stop       cardsStop       `cmd:"" help:"Stop a card: nothing moves on it from then on."`
	Resume     cardsResume     `cmd:"" help:"Let a stopped card be used again."`
	Replace    cardsReplace    `cmd:"" help:"Give a card's account a new number; the old card is closed."`
	Refund     cardsRefund     `cmd:"" help:"Refund a bill, in part or all that is left of it: what paid for it goes back to the card, and what it earned is taken back."`
	Reverse    cardsReverse    `cmd:"" help:"Reverse a recharge: what is left of it goes back to the holder; its bonus, and the points that rules gave for it, are forfeited."`
	Transfer   cardsTransfer   `cmd:"" help:"Move money from a card to another of the same merchant, with the bonus and the points that rules gave for it."`
	Merge      cardsMerge      `cmd:"" help:"Merge a card into another of the same merchant: principal, bonus, points, coupons and what may be invoiced go to the other, and the first is closed for good. What was paid with it cannot be refunded from then on."`
	Give       cardsGive       `cmd:"" help:"Give bonus by hand, for no recharge. It stays when principal is paid out."`
	Withdraw   cardsWithdraw   `cmd:"" help:"Pay principal out to the holder. The bonus and the points that rules gave for it are forfeited; points of it that were spent are owed."`
	Return     cardsReturn     `cmd:"" help:"Close a card for good: its principal is paid out, the rest is forfeited."`
	Void       cardsVoid       `cmd:"" help:"Take an unused coupon off a card."`
}

type cardsExport struct {
	config.Database
	Merchant string `required:"" placeholder:"ID|GUID" help:"Whose cards."`
	Out      string `required:"" placeholder:"FILE.csv" help:"The file to make. It must not exist."`
}

// Run writes the file.
func (c *cardsExport) Run(ctx context.Context, con *console) (err error) {
	s, err := openAll(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	m, err := findMerchant(ctx, s, c.Merchant)
	if err != nil {
		return err
	}
	now := newClock(s, true, slog.New(slog.DiscardHandler))
	if err := errors.Join(now.Look(ctx), timeKnown(now)); err != nil {
		return err // without the time it is unknown what has expired
	}
	var sum totals
	err = whole.Make(c.Out, func(draft string) error { // a partial export looks like a complete one
		file, err := os.OpenFile(draft, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		sum, err = exportCards(ctx, s, m, now.Now(), file)
		return errors.Join(err, file.Sync(), file.Close())
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(con.out, "%d cards of %s: principal %v, bonus %v, points %d\n", sum.cards, m.Name, sum.principal,
		sum.bonus, sum.points)
	sum.tellLeftOut(con.out)
	return nil
}

// tellLeftOut tells what cards have that is not in the file, or that stands there in a way nobody expects.
func (t *totals) tellLeftOut(out io.Writer) {
	for _, left := range []struct {
		cards int64
		text  string
	}{
		{t.passwords, "have a password, which is not in the file: imported elsewhere, they are used without one until " +
			"tongka cards password gives them a new one."},
		{t.credit, "have credit, which is not in the file: tongka cards credit gives it again."},
		{t.coupons, "have unused coupons, which are not in the file: a file of tongka apply sends them again."},
		{t.owing, "owe, and have a negative principal in the file: imported elsewhere, they owe as much."},
	} {
		if left.cards > 0 {
			fmt.Fprintf(out, "%d of them %s\n", left.cards, left.text)
		}
	}
}

// totals is the sum of what cards hold.
type totals struct {
	cards, points    int64
	passwords        int64 // cards that have one and are not closed; so are the next three
	credit           int64
	coupons          int64 // cards with coupons that are good, or will be
	owing            int64
	principal, bonus ledger.Fen
}

// exportCards writes the cards with what they are worth at the time now: bonus and points that have expired are
// left out, even if no entry has taken them off yet.
func exportCards(
	ctx context.Context, s *store.Store, m *ledger.Merchant, now time.Time, file io.Writer,
) (sum totals, err error) {
	today := m.Today(now)
	w, err := cardfile.NewWriter(bufio.NewWriterSize(file, 1<<16), cardfile.Columns)
	if err != nil {
		return sum, err
	}
	err = s.Snapshot(ctx, func(v *store.View) error {
		err := v.EachCard(ctx, m.ID, func(stored *ledger.Card) error {
			card := stored.Settled(now, today)
			sum.cards++
			sum.points += card.Points
			sum.principal += card.Principal
			sum.bonus += card.Bonus
			sum.leftOut(&card)
			return w.Card(&card)
		})
		if err != nil {
			return err
		}
		sum.coupons, err = cardsWithCoupons(ctx, v, m.ID, today)
		return err
	})
	return sum, errors.Join(err, w.Flush())
}

// leftOut counts what a card has that is not in the file, or that an import refuses.
func (t *totals) leftOut(c *ledger.Card) {
	if c.Status == ledger.Returned || c.Status == ledger.Replaced {
		return
	}
	if c.Details.Password != "" {
		t.passwords++
	}
	if c.Details.Credit > 0 {
		t.credit++
	}
	if c.Principal < 0 {
		t.owing++
	}
}

// cardsWithCoupons returns the number of the merchant's cards with unused coupons whose last day has not passed.
func cardsWithCoupons(
	ctx context.Context, v *store.View, merchant ledger.MerchantID, today ledger.Date,
) (int64, error) {
	cards := map[ledger.CardID]struct{}{}
	err := v.EachCoupon(ctx, merchant, func(c *ledger.Coupon) error {
		if c.State == ledger.Unused && c.Until >= today {
			cards[c.Card] = struct{}{}
		}
		return nil
	})
	return int64(len(cards)), err
}
