package dc78

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"tongka/internal/auth"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Resolver asks the payment apps who pays by a barcode.
type Resolver interface {
	// Resolve answers the open id of the payer, if it is a barcode of one the merchant's account knows.
	Resolve(ctx context.Context, merchant ledger.MerchantID, barcode string) (openID string, found bool, err error)
}

// scan is a member code that a till has read.
type scan struct {
	code codes.MemberCode
	card ledger.CardID // it may be of
}

// name lets an action see the stable number of a card where mbno is a member code or a payment barcode
// (published page, mbno). Nothing is refused here: what stands for no card stays as it is, and the
// command, which may have been carried out before, will not find it. A card that has such a number
// itself comes first.
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

// payer is the open id of who pays by the barcode; "" = nobody that is known.
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

// with is ps with another value of a parameter, on a copy.
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

// scanned is a command on the card of which the till has read a member code; as it is where it has read
// none. A command that is nil only looks.
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

// look checks the member code of an action that only looks. It uses up nothing: tills look a card up
// and charge by the same code.
func (d *Dialect) look(ctx context.Context, c *call, f *fields) error {
	if c.scan == nil {
		return nil
	}
	_, err := d.cfg.Doer.Do(ctx, c.scanned(f, nil))
	return err
}

// proof is what the holder shows to agree to a sale: vericode is the code that was sent for it, or the
// card's password, by the kind of the card.
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

// from is where guesses of the caller are counted.
func (c *call) from() string { return auth.Neighbourhood(c.client).String() }

// bind is the hash of a code and the transaction it allows; nil where there are no codes.
func (c *call) bind(code, action string, amount ledger.Fen) func(ledger.CardID) [32]byte {
	if c.cfg.Keys == nil {
		return nil
	}
	return func(card ledger.CardID) [32]byte {
		t := codes.Transaction{Merchant: int64(c.merchant.ID), Card: int64(card), Amount: int64(amount), Action: action}
		return c.cfg.Keys.Bind(t, code)
	}
}
