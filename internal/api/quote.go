package api

import (
	"encoding/base64"
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// BillBody is a bill that a card is to pay, or several.
type BillBody struct {
	By
	Card       string  `json:"card,omitempty" maxLength:"64" doc:"The card's number." example:"6001"`
	Cards      []Payer `json:"cards,omitempty" maxItems:"8" doc:"In place of card: several cards, in the order in which they pay. The first gives its level's discount, its coupons and its points; each other pays what is left."` //nolint:lll // a tag
	Amount     int64   `json:"amount,omitempty" minimum:"0" maximum:"1000000000000" doc:"The bill before any discount, in fen. With lines it is their sum, and may be left out." example:"10000"`                                   //nolint:lll // a tag
	NoDiscount int64   `json:"no_discount,omitempty" minimum:"0" maximum:"1000000000000" doc:"The part of it without discount, in fen. With lines it is the sum of those that are not discountable."`                               //nolint:lll // a tag
	Lines      []Line  `json:"lines,omitempty" maxItems:"500" doc:"What was bought."`
	Coupons    []int64 `json:"coupons,omitempty" maxItems:"100" doc:"The ids of the coupons that pay, of the first card."`
	Points     int64   `json:"points,omitempty" minimum:"0" maximum:"1000000000000" doc:"Points that pay." example:"0"`
	InFull     *bool   `json:"in_full,omitempty" doc:"A bill that the card, or the cards, cannot pay is refused; true if left out. false: they pay what they can, where the merchant allows part payment, and due says what is left to be paid elsewhere."` //nolint:lll // a tag
	Note       string  `json:"note,omitempty" maxLength:"200" doc:"What it is about: up to 200 characters. The entry keeps it."`                                                                                                                            //nolint:lll // a tag
}

// Line is one line of a bill.
type Line struct {
	Name         string `json:"name,omitempty" maxLength:"100" doc:"What was bought, up to 100 characters."`
	Category     string `json:"category,omitempty" maxLength:"100" doc:"What kind of thing it is, up to 100 characters."`
	Quantity     int64  `json:"quantity,omitempty" minimum:"1" maximum:"100000" default:"1" doc:"How many; 1 if left out."`
	Price        int64  `json:"price" minimum:"0" maximum:"1000000000000" doc:"Of one, in fen."`
	Discountable *bool  `json:"discountable,omitempty" doc:"The level's discount is taken off; true if left out."`
}

// sum returns what the line costs.
func (l *Line) sum() ledger.Fen { return ledger.Fen(max(l.Quantity, 1) * l.Price) }

// discounted reports whether the level's discount is taken off the line.
func (l *Line) discounted() bool { return unlessFalse(l.Discountable) }

// sums returns the bill and the part of it without discount. If it has lines, they add up to what is stated beside.
func (b *BillBody) sums(c *call) (amount, noDiscount ledger.Fen, err error) {
	if len(b.Lines) == 0 {
		return ledger.Fen(b.Amount), ledger.Fen(b.NoDiscount), nil
	}
	for i := range b.Lines {
		l := &b.Lines[i]
		if l.Price > int64(ledger.MaxFen)/max(l.Quantity, 1) || amount > ledger.MaxFen-l.sum() {
			return 0, 0, c.refuseField("body.lines", "want a sum within the limit of one bill")
		}
		amount += l.sum()
		if !l.discounted() {
			noDiscount += l.sum()
		}
	}
	if b.Amount != 0 && ledger.Fen(b.Amount) != amount {
		return 0, 0, c.refuseField("body.amount", "want the sum of the lines, or leave it out")
	}
	if b.NoDiscount != 0 && ledger.Fen(b.NoDiscount) != noDiscount {
		return 0, 0, c.refuseField("body.no_discount", "want the sum of the lines without discount, or leave it out")
	}
	return amount, noDiscount, nil
}

// consume returns the command that pays a bill, and who asks for it. proof returns how a card's holder agrees.
func (c *call) consume(
	b *BillBody, proof func(card string) *command.Proof,
) (cmd command.Command, by ledger.Caller, err error) {
	if by, err = c.by(b.By); err != nil {
		return nil, by, err
	}
	amount, noDiscount, err := b.sums(c)
	if err != nil {
		return nil, by, err
	}
	bill := command.Consume{
		Merchant: c.merchant.ID, By: by, Amount: amount, NoDiscount: noDiscount,
		Points: command.PointsOffered{Points: b.Points}, InFull: unlessFalse(b.InFull), Note: b.Note,
	}
	for _, id := range b.Coupons {
		bill.Coupons = append(bill.Coupons, ledger.CouponID(id))
	}
	if len(b.Cards) > 0 {
		return b.shared(bill, proof), by, nil
	}
	bill.Card, bill.Proof = b.Card, proof(b.Card)
	return bill, by, nil
}

// unlessFalse reports whether a parameter is true or left out. So is in_full, of a bill and of a reversal: a caller who
// does not know of due would give goods away that nobody has paid for, and one who does not look at what was taken back
// would pay out money that was spent.
func unlessFalse(sent *bool) bool { return sent == nil || *sent }

// ConsumeBody asks for a bill to be paid: the bill itself, or the quotation of one.
type ConsumeBody struct {
	BillBody
	Agreed
	MemberCode string            `json:"member_code,omitempty" maxLength:"64" doc:"What the holder's phone shows, in place of card, or beside a quotation for one card."`                                    //nolint:lll // a tag
	Passwords  map[string]Secret `json:"passwords,omitempty" maxProperties:"8" doc:"With several cards, in place of password: those of cards that have one, by the card's number."`                          //nolint:lll // a tag
	Quote      string            `json:"quote,omitempty" maxLength:"100000" doc:"The token of a quotation. Exactly that is done, or refused with a fresh quotation. Nothing else of the bill is sent then."` //nolint:lll // a tag
}

func consume(c *call, in *Asked[ConsumeBody]) (o outcome[Receipt], err error) {
	b := &in.Body
	code, err := c.codeBeside(b)
	if err != nil {
		return o, err
	}
	bill, quoted := &b.BillBody, command.Quotation{}
	if b.Quote != "" {
		t, err := c.quoted(b)
		if err != nil {
			return o, err
		}
		bill, quoted = &t.Bill, command.Quotation(t.Quoted)
		o.fresh = func() (*Quote, error) { return c.quote(bill) }
	}
	if err := c.payable(b, bill, code); err != nil {
		return o, err
	}
	cmd, by, err := c.consume(bill, c.proofs(b))
	if err != nil {
		return o, err
	}
	o.command = cmd
	if b.Quote != "" {
		o.command = command.AsQuoted{Command: cmd, Quoted: quoted}
	}
	if code != nil {
		if c.dry && !c.repeats(c.merchant.ID) { // nothing of it is saved, and a miss must be
			if err := code.check(c, by); err != nil {
				return o, err
			}
		}
		o.command = code.with(c, by, o.command)
	}
	if len(bill.Cards) > 0 {
		o.answer = receiptForAll(bill.numbers())
	} else {
		o.layouts = receipts
	}
	return o, nil
}

// codeBeside reads the member code of a bill; nil if there is none.
func (c *call) codeBeside(b *ConsumeBody) (*scan, error) {
	if b.MemberCode == "" {
		return nil, nil
	}
	if b.Card != "" {
		return nil, c.refuseField("body.member_code", "want either a card or a member code")
	}
	return c.scan(b.MemberCode)
}

// quoted reads the quotation that is to be done.
func (c *call) quoted(b *ConsumeBody) (*token, error) {
	if b.sent() {
		return nil, c.refuseField("body.quote", "want either a quotation or a bill")
	}
	t, ok := c.tokenOf(b.Quote)
	if !ok || t.Merchant != c.merchant.ID {
		return nil, c.refuse(faultQuote)
	}
	return &t, nil
}

// sent reports whether anything of a bill was sent.
func (b *BillBody) sent() bool {
	return b.Card != "" || b.Amount != 0 || b.NoDiscount != 0 || len(b.Cards)+len(b.Lines)+len(b.Coupons) != 0 ||
		b.Points != 0 || b.InFull != nil || b.Note != "" || b.By != (By{})
}

// Quote is what paying a bill would do, step by step.
type Quote struct {
	Token string `json:"token" doc:"For consumes: does exactly this, or refuses."`

	Currency  string      `json:"currency" enum:"CNY" doc:"Of all amounts, which are in fen: 100 of them are one yuan."`
	Gross     int64       `json:"gross" doc:"The bill." example:"10000"`
	Discount  int64       `json:"discount" doc:"What the level takes off." example:"1000"`
	Coupons   []CouponPay `json:"coupons" doc:"What each coupon pays."`
	Points    PointsPay   `json:"points" doc:"What points pay."`
	Net       int64       `json:"net" doc:"What is left for the card, or the cards." example:"9000"`
	Bonus     int64       `json:"bonus" doc:"What the card pays of its bonus, or the cards of theirs."`
	Principal int64       `json:"principal" doc:"What it pays of its principal."`
	Due       int64       `json:"due" doc:"What is left to be paid elsewhere."`
	Earns     int64       `json:"earns" doc:"Points that the bill gives."`
	CashBack  int64       `json:"cash_back" doc:"Bonus that the bill gives."`
	Lines     []LineShare `json:"lines,omitempty" doc:"The lines as they were sent, each with its share."`
	Cards     []CardShare `json:"cards,omitempty" doc:"With several cards what each of them pays, in their order."`
	After     CardBalance `json:"after" doc:"What would be on the card; with several on the first."`
}

// CouponPay is what a coupon pays of a bill.
type CouponPay struct {
	ID     int64 `json:"id" doc:"The coupon's id."`
	Amount int64 `json:"amount" doc:"In fen."`
}

// PointsPay is what points pay of a bill.
type PointsPay struct {
	Points int64 `json:"points" doc:"How many points are used; 0 = none."`
	Amount int64 `json:"amount" doc:"In fen."`
}

// LineShare is what pays one line. The shares of all lines add up to those of the bill.
type LineShare struct {
	Gross    int64 `json:"gross" doc:"What the line costs before anything is taken off, in fen."`
	Discount int64 `json:"discount" doc:"What the level takes off it, in fen."`
	Coupons  int64 `json:"coupons" doc:"What coupons pay of it, in fen."`
	Points   int64 `json:"points" doc:"What points pay of it, in fen."`
	Card     int64 `json:"card" doc:"What the card pays of it, or the cards, in fen."`
	Due      int64 `json:"due" doc:"What is left of it to be paid elsewhere, in fen."`
}

// QuoteBody asks what paying a bill would do.
type QuoteBody struct{ Body BillBody }

func quote(c *call, in *QuoteBody) (*Quote, error) {
	if err := c.oneOrMore(&in.Body); err != nil {
		return nil, err
	}
	return c.quote(&in.Body)
}

// quote decides a bill and saves nothing. Whether the holder agrees is asked when it is paid.
func (c *call) quote(b *BillBody) (*Quote, error) {
	agrees := &command.Proof{Password: func(string) bool { return true }}
	cmd, _, err := c.consume(b, func(string) *command.Proof { return agrees })
	if err != nil {
		return nil, err
	}
	ch, err := engine.Quote(c.ctx, c.cfg.Books, cmd, c.cfg.Clock())
	if err == nil {
		err = ch.Denied
	}
	if err != nil {
		return nil, err
	}
	e := ledger.WholeBill(ch.Entries)
	q := &Quote{
		Token: tokenFor(c.merchant.ID, b, ch.Quote()), Currency: Currency, Gross: int64(e.Gross),
		Discount: int64(e.Gross - e.Net - e.ByCoupons() - e.ByPoints.Worth),
		Coupons:  []CouponPay{}, Points: PointsPay{-e.ByPoints.Points, int64(e.ByPoints.Worth)}, Net: int64(e.Net),
		Bonus: -int64(e.Bonus), Principal: -int64(e.Principal), Due: int64(e.PaidElsewhere()), Earns: e.Earned(),
		Cards: b.shares(&ch), After: b.after(&ch),
	}
	for _, p := range e.Coupons {
		q.Coupons = append(q.Coupons, CouponPay{int64(p.Coupon), int64(p.Pays)})
	}
	for i := range ch.Entries {
		if ch.Entries[i].Kind == ledger.CashedBack {
			q.CashBack += int64(ch.Entries[i].Bonus)
		}
	}
	q.Lines = shares(b.Lines, &e)
	return q, nil
}

// shares divides a bill over its lines.
func shares(lines []Line, e *ledger.Entry) []LineShare {
	parts := make([]ledger.BillLine, len(lines))
	for i := range lines {
		parts[i] = ledger.BillLine{Gross: lines[i].sum(), Discounted: lines[i].discounted()}
	}
	var all []LineShare
	for _, s := range ledger.ShareBill(e, parts) {
		all = append(all, LineShare{
			int64(s.Gross), int64(s.Discount), int64(s.Coupons), int64(s.Points), int64(s.Card), int64(s.Due),
		})
	}
	return all
}

// token is a quotation as its caller keeps it: the bill, and what would be done. It needs no proof that we made it: one
// that somebody made himself is refused, or does what the same bill would do without it. So its bill is held to all
// that a bill which is sent is held to.
type token struct {
	Merchant ledger.MerchantID `json:"m"`
	Bill     BillBody          `json:"b"`
	Quoted   []byte            `json:"q"`
}

func tokenFor(merchant ledger.MerchantID, bill *BillBody, quoted command.Quotation) string {
	return base64.RawURLEncoding.EncodeToString(mustMarshal(token{merchant, *bill, quoted[:]}))
}

// tokenOf reads what tokenFor returned.
func (a *API) tokenOf(sent string) (t token, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(sent)
	if err != nil {
		return t, false
	}
	var parts any
	if readAny(raw, &parts) != nil || json.Unmarshal(raw, &t) != nil {
		return t, false
	}
	// With its three parts and nothing else the bill that was checked is the one that was read, which B would be, too.
	whole, _ := parts.(map[string]any)
	ours := len(whole) == 3 && len(t.Quoted) == len(command.Quotation{})
	return t, ours && a.valid(reflect.TypeFor[BillBody](), whole["b"])
}

// valid reports whether a value is as the description says that a body of that type is.
func (a *API) valid(body reflect.Type, value any) bool {
	known := a.huma.OpenAPI().Components.Schemas
	found := &huma.ValidateResult{}
	huma.Validate(known, known.Schema(body, true, ""), huma.NewPathBuffer([]byte{}, 0), huma.ModeWriteToServer, value,
		found)
	return len(found.Errors) == 0
}
