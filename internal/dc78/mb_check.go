package dc78

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tongka/internal/codes"
	"tongka/internal/ledger"
)

// mbCheck looks up one card (published page mb_check).
func mbCheck(d *Dialect, ctx context.Context, c *call, f *fields) ([]byte, error) {
	id := f.identifier()
	query := ledger.FindQuery{Merchant: c.merchant.ID}
	switch id.name {
	case "id":
		query.ID = f.cardID(id.value)
	case "extid":
		query.ExtID = id.value
	case "phone":
		query.Phone = ledger.NormalPhone(id.value)
	case "openid":
		query.OpenID = id.value
	}
	show := shown{
		coupons: f.wallet(),
		bindQR:  f.flag("getBindQr"),
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	if err := d.look(ctx, c, f); err != nil {
		return nil, err
	}
	card, err := d.lookUp(ctx, c, id, query, &show.coupons)
	if err != nil {
		return nil, err
	}
	settled := card.Settled(c.now, c.today)
	return c.checked(&settled, show), nil
}

// shown is what an answer contains besides the card.
type shown struct {
	coupons wallet
	bindQR  bool
}

// identifiers lists the parameters that name a card. Published examples send several at once; the first in this
// order that is not empty counts.
var identifiers = [...]string{"mbno", "id", "extid", "phone", "openid"}

// identifier returns the parameter that names the card.
func (f *fields) identifier() param {
	for _, name := range identifiers {
		if value := f.text(name); value != "" {
			return param{name, value}
		}
	}
	f.missing = identifiers[0]
	return param{}
}

func (f *fields) cardID(value string) ledger.CardID {
	n, ok := parseInteger(value)
	if !ok {
		f.bad("id", wantInteger)
	}
	return ledger.CardID(n)
}

// lookUp finds the card and, if coupons are asked for, fills the wallet. Of several cards with one phone it takes
// the first in the order of ledger.SortFound: an active one, used last.
func (d *Dialect) lookUp(
	ctx context.Context, c *call, id param, query ledger.FindQuery, l *wallet,
) (*ledger.Card, error) {
	if id.name == "mbno" {
		card, err := l.read(ctx, d, c, id.value)
		if err == nil && card == nil {
			return nil, d.notFound(id.value)
		}
		return card, err
	}
	if query == (ledger.FindQuery{Merchant: query.Merchant}) { // id=0
		return nil, faultNoCard
	}
	cards, err := d.cfg.Reader.Find(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("find: %w", err)
	}
	if len(cards) == 0 {
		return nil, faultNoCard
	}
	if !l.asked {
		return &cards[0], nil
	}
	card, err := l.read(ctx, d, c, cards[0].Number)
	if err == nil && card == nil { // replaced since Find
		return nil, faultNoCard
	}
	return card, err
}

// notFound returns the fault for a member number that no card has.
func (d *Dialect) notFound(mbno string) fault {
	if d.cfg.Resolver == nil && codes.PaymentBarcode(mbno) {
		return faultNoResolver
	}
	return faultNoCard
}

// noCard replaces a refusal of an unknown card by the fault of notFound.
func (d *Dialect) noCard(err error, mbno string) error {
	if refusal, ok := errors.AsType[ledger.Refusal](err); ok && refusal.Reason == ledger.CardNotFound {
		return d.notFound(mbno)
	}
	return err
}

// states maps a card's status to state on the wire: 1 normal, -1 stopped, -2 void.
var states = map[ledger.Status]string{
	ledger.Active: "1", ledger.Lost: "-1", ledger.Stopped: "-1", ledger.Returned: "-2", ledger.Replaced: "-2",
}

// state returns the card's state on the wire. An expired card counts as stopped.
func (c *call) state(card *ledger.Card) string {
	if card.Status == ledger.Active && card.Expired(c.today) {
		return states[ledger.Stopped]
	}
	return states[card.Status]
}

// checked writes the answer, with the keys and types of the published example.
func (c *call) checked(card *ledger.Card, show shown) []byte {
	level := c.merchant.LevelOf(card)
	w := succeededIn(1280)
	w.Text("mbno", card.Number)
	w.intText("id", int64(card.ID))
	w.intText("mbid", int64(c.merchant.ID))
	w.Text("name", card.Holder.Name)
	w.Text("phone", card.Holder.Phone)
	w.intText("gender", int64(card.Holder.Gender))
	w.Text("birthday", compact(card.Holder.Birthday))
	principal, bonus := card.AvailableParts()
	w.amount("balance", principal)
	w.intText("points", card.Points)
	w.amount("bns_balance", bonus)
	w.Text("subject", card.Details.Subject)
	w.Text("state", c.state(card))
	w.intText("level", int64(level.ID))
	w.Text("level_name", level.Name)
	w.Text("credit", shortest(card.Details.Credit))
	w.physical(card.Details.Physical, card.Kind)
	w.Text("pt_ratio", c.pointsRatio())
	w.remarks(card.Details.Remarks)
	w.Text("refId", card.Details.Referrer)
	w.Text("active", followed(card.Details.OpenID))
	w.Text("extid", card.Details.ExtID)
	w.Text("expiry_date", card.Expires.String())
	w.Text("src_msid", c.openedAt(card))
	w.rights(level, card.Charges, c.opened(card))
	w.colist(c, show.coupons)
	if show.bindQR && card.Kind == ledger.Common {
		w.Text("bind_qr", c.bindQR(card))
	}
	w.amount("invoice_balance", card.InvoiceBalance())
	w.Close('}')
	return w.B
}

// opened returns when the card was opened, by the merchant's clock; "" for a number that was replaced.
func (c *call) opened(card *ledger.Card) string {
	at, _, known := card.Opening()
	if !known {
		return ""
	}
	return at.In(c.merchant.Zone).Format(time.DateTime)
}

// openedAt returns the msid of the shop that opened the card, or of the merchant's first shop if that is unknown; ""
// for a number that was replaced.
func (c *call) openedAt(card *ledger.Card) string {
	_, id, known := card.Opening()
	if !known {
		return ""
	}
	if id == 0 && len(c.merchant.Shops) > 0 {
		id = c.merchant.Shops[0].ID
	}
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}

// bindQR returns the address that binds a phone to the card. Whoever has the address can pay with the card, so
// only a till with permission to modify gets it; a till that may only read gets "".
func (c *call) bindQR(card *ledger.Card) string {
	if c.cfg.BindLink == nil || !c.agent.May(ledger.MayModify, c.merchant.ID) {
		return ""
	}
	return c.cfg.BindLink(c.merchant, card)
}

// physical writes the bound card of another system. The published order has this card's own kind in the middle of
// it.
func (w *writer) physical(p ledger.Physical, kind ledger.CardKind) {
	w.Text("card_no", p.No)
	w.Text("card_type", p.Type)
	w.Text("card_name", p.Name)
	w.amount("card_balance", p.Balance)
	w.Int("type", int64(kind))
	w.intText("card_points", p.Points)
}

// pointsRatio returns how many points are worth one yuan, as 100:1, or "" if points do not pay.
func (c *call) pointsRatio() string {
	if c.merchant.Settings.PointsRatio == 0 {
		return ""
	}
	return strconv.FormatInt(c.merchant.Settings.PointsRatio, 10) + ":1"
}

// remarks writes ext_info: a plain number as a number, as in the published example, anything else as a text.
func (w *writer) remarks(s string) {
	if n, ok := parseInteger(s); ok && !strings.Contains(s, ".") {
		w.Int("ext_info", n)
		return
	}
	w.Text("ext_info", s)
}

// followed returns active on the wire: 1 for a holder whose open id is known.
func followed(openID string) string {
	if openID == "" {
		return "0"
	}
	return "1"
}
