package dc78

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Resolver asks the payment apps whose a barcode is.
type Resolver interface {
	// Resolve returns the open id of the payer. found is false if the merchant's account does not know the
	// barcode's payer.
	Resolve(ctx context.Context, merchant ledger.MerchantID, barcode string) (openID string, found bool, err error)
}

// scan is a member code that a till has read.
type scan struct {
	code codes.MemberCode
	card ledger.CardID // the card it claims, not yet checked
}

// name replaces a member code or payment barcode in mbno by the stable number of its card (published page, mbno).
// It refuses nothing: a code without a card stays as it is, and the command then finds no card, unless it was
// carried out before and is answered from its stored answer. A card whose own number looks like a code takes
// precedence.
func (d *Dialect) name(ctx context.Context, c *call, f *fields) error {
	mbno := f.get.value("mbno")
	code, isCode := codes.Parse(mbno)
	isCode = isCode && d.cfg.Keys != nil
	isBarcode := d.cfg.Resolver != nil && codes.PaymentBarcode(mbno)
	if !isCode && !isBarcode {
		return nil
	}
	card, err := d.cfg.Reader.Card(ctx, c.key(mbno))
	if err != nil || card != nil {
		return err
	}
	query := ledger.FindQuery{Merchant: c.merchant.ID}
	if isCode {
		c.scan = &scan{code, ledger.CardID(d.cfg.Keys.Card(code, int64(c.merchant.ID)))}
		query.ID = c.scan.card
	} else if query.OpenID, err = d.payer(ctx, c, mbno); err != nil {
		return err
	}
	if query == (ledger.FindQuery{Merchant: query.Merchant}) {
		return nil
	}
	cards, err := d.cfg.Reader.Find(ctx, query)
	if err != nil {
		return fmt.Errorf("find: %w", err)
	}
	if len(cards) > 0 {
		f.get = f.get.with("mbno", cards[0].Number)
	}
	return nil
}

// payer returns the open id of the barcode's payer, or "" if it is unknown.
func (d *Dialect) payer(ctx context.Context, c *call, barcode string) (string, error) {
	openID, found, err := d.cfg.Resolver.Resolve(ctx, c.merchant.ID, barcode)
	if err != nil {
		return "", fmt.Errorf("resolve barcode: %w", err)
	}
	if !found {
		return "", nil
	}
	return openID, nil
}

// with returns a copy of ps in which the named parameter has another value.
func (ps params) with(name, value string) params {
	changed := make(params, 0, len(ps))
	for _, p := range ps {
		if p.name == name {
			p.value = value
		}
		changed = append(changed, p)
	}
	return changed
}

// scanned wraps a command so that the member code which the till has read is checked and used up by it. Without a
// member code it returns cmd. If cmd is nil, the code is only checked.
func (c *call) scanned(f *fields, cmd command.Command) command.Command {
	if c.scan == nil {
		return cmd
	}
	return command.Scanned{
		Merchant: c.merchant.ID, By: c.by(f), ID: c.scan.card, Card: f.get.value("mbno"), From: c.from(), Command: cmd,
		Check: func(card *ledger.Card, now time.Time) (int64, bool) {
			member := codes.Member{Merchant: int64(card.Merchant), Card: int64(card.ID)}
			return c.cfg.Keys.Check(c.scan.code, member, card.Details.Pass, now)
		},
	}
}

// look checks the member code of an action that only reads. It does not use the code up, because tills look a
// card up and charge it by the same code.
func (d *Dialect) look(ctx context.Context, c *call, f *fields) error {
	if c.scan == nil {
		return nil
	}
	_, err := d.cfg.Doer.Do(ctx, c.scanned(f, nil))
	return err
}

// proof returns what the holder shows to agree to a sale. vericode is the code sent for the sale or the card's
// password, depending on the kind of card.
func (c *call) proof(f *fields, action string, amount ledger.Fen) *command.Proof {
	p := &command.Proof{Present: c.scan != nil, From: c.from()}
	typed := f.text(proofName)
	if typed == "" {
		return p
	}
	p.Password = func(kept string) bool {
		return c.cfg.CheckPassword != nil && c.cfg.CheckPassword(strconv.FormatInt(int64(c.merchant.ID), 10), typed, kept)
	}
	p.Code = c.bind(typed, action, amount)
	return p
}

// from returns the network under which wrong guesses of the caller are counted.
func (c *call) from() string { return c.near.String() }

// bind returns a function that hashes a code together with the transaction it allows; nil if there are no codes.
func (c *call) bind(code, action string, amount ledger.Fen) func(ledger.CardID) [32]byte {
	if c.cfg.Keys == nil {
		return nil
	}
	return func(card ledger.CardID) [32]byte {
		t := codes.Transaction{Merchant: int64(c.merchant.ID), Card: int64(card), Amount: int64(amount), Action: action}
		return c.cfg.Keys.Bind(t, code)
	}
}
