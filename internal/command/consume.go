package command

import (
	"time"

	"tongka/internal/ledger"
)

// Consume pays a bill with a card.
type Consume struct {
	Merchant   ledger.MerchantID
	By         ledger.Caller
	Card       string
	Amount     ledger.Fen // the bill before any discount; 0 only with coupons
	NoDiscount ledger.Fen // the part of it without discount
	Coupons    []ledger.CouponID
	Points     PointsOffered
	EarnOn     *ledger.Fen // points are earned on at most this much of what the card paid; nil = on all of it
	NoRewards  bool        // the bill earns no points and no cash back
	InFull     bool        // nothing may be left to be paid elsewhere, even if the merchant allows part payment
	Proof      *Proof      // that the holder agrees; nil = the till cannot send one
	Note       string

	shared shared
}

// shared is what a bill has of a ConsumeShared; the zero value is that of any other.
type shared struct {
	first ledger.EntryID // of the same bill; 0 = this is the first
	next  string         // number of the card that pays what this one leaves; "" = none
	most  ledger.Fen     // the card pays at most this much; 0 = all it can
}

// Keys names the card and the coupons.
func (p Consume) Keys() Keys {
	k := keysOf(p.Card)
	k.Coupons = p.Coupons
	return k
}

// Decide takes off the level's discount, then what the coupons pay, then what the points pay, then takes the rest
// from the lots and the credit, and gives points and cash back. If the merchant allows part payment, what the card
// cannot pay is left to be paid elsewhere. Points and cash back are given on what the card itself paid: not on what
// coupons or points paid, nor on what is paid elsewhere.
func (p Consume) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, p.Merchant, p.By)
	if err != nil {
		return Changes{}, err
	}
	c, err := p.payer(d)
	if err != nil {
		return Changes{}, err
	}
	if err := d.prove(c, p.Proof, p.Amount); err != nil {
		return d.no(err)
	}
	if _, err := p.paidBy(d, c); err != nil {
		return Changes{}, err
	}
	return d.finish()
}

// payer returns a copy of the card if it may pay today.
func (p *Consume) payer(d *draft) (*ledger.Card, error) {
	if err := p.allowed(d); err != nil { // before anything of the card shows
		return nil, err
	}
	return d.usableCard(p.Card)
}

// paidBy posts the bill on the card, whose holder has agreed, and returns what the card left of it.
func (p *Consume) paidBy(d *draft, c *ledger.Card) (rest ledger.Fen, err error) {
	level := d.m.LevelOf(c)
	e := ledger.Entry{
		Kind: ledger.Consumed, Gross: p.Amount, Discountable: p.Amount - p.NoDiscount, Net: p.due(level),
		PayRate: level.PayRate, SpendOrder: d.m.Settings.SpendOrder, Note: p.Note, RefersTo: p.shared.first,
	}
	if err := p.pay(d, c, &e); err != nil {
		return 0, err
	}
	if err := p.earn(d, c, &e, level); err != nil {
		return 0, err
	}
	if rest = e.Net + ledger.MoneyOf(e.Allocations); rest > 0 {
		e.OtherCard = p.shared.next
	}
	d.post(c, e)
	if err := d.keepPledge(c); err != nil {
		return 0, err
	}
	if !p.NoRewards {
		d.giveCashBack(c, level.Rights.CashBack)
	}
	return rest, nil
}

// allowed refuses a bill that no card can pay.
func (p *Consume) allowed(d *draft) error {
	if p.Amount != 0 || len(p.Coupons) == 0 { // coupons for goods may cover the whole bill
		if err := d.amountAllowed(p.Amount); err != nil {
			return err
		}
	}
	if p.NoDiscount < 0 || p.NoDiscount > p.Amount {
		return ledger.Refuse(ledger.BadDiscountable)
	}
	if p.EarnOn != nil && *p.EarnOn < 0 {
		return ledger.Refuse(ledger.BadAmount, p.EarnOn.String())
	}
	return p.Points.allowed(d.m.Settings)
}

// pay lets coupons, points and the card pay what is due, in this order.
func (p *Consume) pay(d *draft, c *ledger.Card, e *ledger.Entry) error {
	coupons, err := d.couponsFor(c, p.Coupons)
	if err != nil {
		return err
	}
	if e.Coupons, err = d.payWith(coupons, e.Net); err != nil {
		return err
	}
	e.Net -= e.ByCoupons()
	if err := d.payWithPoints(c, e, p.Points.Points); err != nil {
		return err
	}
	e.Allocations, err = d.payFromLots(c, p.asked(d, c, e.Net))
	return err
}

// earn gives points on what the card itself paid.
func (p *Consume) earn(d *draft, c *ledger.Card, e *ledger.Entry, level ledger.Level) error {
	paid := -ledger.MoneyOf(e.Allocations)
	if paid < e.Net {
		e.Version = ledger.EntryVersion
	}
	points := level.PointsFor(p.earnsOn(paid))
	if err := ledger.RoomForPoints(c, points+e.ByPoints.Points); err != nil {
		return err
	}
	e.PointAllocations, e.PointsOwed = ledger.AppendEarned(e.PointAllocations, c, points, d.pointsUntil())
	if points > 0 {
		e.EarnRate = level.Earn
	}
	return nil
}

// earnsOn returns how much of what the card paid earns points.
func (p *Consume) earnsOn(paid ledger.Fen) ledger.Fen {
	switch {
	case p.NoRewards:
		return 0
	case p.EarnOn != nil:
		return min(paid, *p.EarnOn)
	}
	return paid
}

// asked returns how much of what is due the card is asked for: all of it, or as much as it can if the rest may be paid
// elsewhere or by another card.
func (p *Consume) asked(d *draft, c *ledger.Card, due ledger.Fen) ledger.Fen {
	most, on := p.shared.most, p.shared.next != ""
	switch {
	case on && most > 0:
		return min(most, d.m.Settings.PartPaid(c, due))
	case on, !p.InFull && d.m.Settings.PartPayment:
		return d.m.Settings.PartPaid(c, due)
	}
	return due
}

// payFromLots returns what the card's lots and credit pay of an amount, which is all of it.
func (d *draft) payFromLots(c *ledger.Card, amount ledger.Fen) ([]ledger.Allocation, error) {
	if c.CanPay() < amount {
		return nil, ledger.Refuse(ledger.ShortBalance, c.Number)
	}
	return ledger.Take(c, amount, d.m.Settings.SpendOrder)
}

// due returns the bill after the level's discount, rounded once, half-up (invariant 33).
func (p Consume) due(l ledger.Level) ledger.Fen {
	return p.NoDiscount + (p.Amount - p.NoDiscount).HalfUp(min(l.PayRate, ledger.Percent100))
}

// RefundConsume gives back what a card paid of a bill, in whole or in part, as often as something is left of it: to
// the same lots, with the same expiry, what was taken last first. Points and cash back that the bill gave are taken
// back in proportion. Its coupons and the points that paid for it come back with the last of the money.
type RefundConsume struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Entry    ledger.EntryID    // of the consume
	Request  ledger.RequestKey // that made it; with an id, it names the consume in place of Entry
	Amount   ledger.Fen        // of what the card paid; 0 = all that is left, even if that is only coupons and points
	Note     string
}

// Keys names the card and the bill.
func (r RefundConsume) Keys() Keys { return r.undo().keys() }

func (r *RefundConsume) undo() undo { return undo{r.Card, r.Entry, r.Request} }

// amount returns how much is given back of what is left of the bill.
func (r RefundConsume) amount(c *ledger.Card, bill *ledger.Entry, undone []*ledger.Entry) (ledger.Fen, error) {
	left := ledger.Refundable(bill, ledger.OfKind(undone, ledger.ConsumeRefunded))
	amount := r.Amount
	if amount == 0 {
		amount = left
	}
	switch {
	case ledger.Undone(bill, undone):
		return 0, ledger.Refuse(ledger.AlreadyReversed)
	case amount > left:
		return 0, ledger.Refuse(ledger.RefundTooMuch, left.String())
	case c.Amount() > ledger.MaxFen-amount:
		return 0, ledger.Refuse(ledger.BalanceTooHigh, r.Card)
	}
	return amount, nil
}

// Decide runs the bill's allocations backwards.
func (r RefundConsume) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	if r.Amount < 0 {
		return Changes{}, ledger.Refuse(ledger.BadAmount)
	}
	if err := r.giveBack(d); err != nil {
		return Changes{}, err
	}
	return d.finish()
}

// giveBack posts the refund.
func (r *RefundConsume) giveBack(d *draft) error {
	c, err := d.card(r.Card)
	if err != nil {
		return err
	}
	bill, undone, err := d.undoable(c, r.undo(), ledger.Consumed)
	if err != nil {
		return err
	}
	if err := d.usable(c); err != nil {
		return err
	}
	if !bill.LeftTrace() {
		return ledger.Refuse(ledger.NotReversible, ledger.PaidNothing)
	}
	refunds := ledger.OfKind(undone, ledger.ConsumeRefunded)
	left := ledger.Refundable(bill, refunds)
	amount, err := r.amount(c, bill, undone)
	if err != nil {
		return err
	}
	parts := ledger.GiveBack(ledger.StillTaken(bill, refunds), amount, bill.SpendOrder)
	if c.AnyBehind(parts) {
		return ledger.NeedLots{Card: c.Key()}
	}
	e := ledger.Entry{
		Kind: ledger.ConsumeRefunded, RefersTo: bill.ID, Gross: amount, Net: amount, Note: r.Note, Allocations: parts,
	}
	if amount == left {
		if e.Coupons, err = d.couponsBack(bill); err != nil {
			return err
		}
		if e.ByPoints, e.PointAllocations, err = ledger.PointsReturned(c, bill); err != nil {
			return err
		}
	}
	points := ledger.PointsBack(bill, refunds, left-amount)
	if err := d.bringBack(c, bill, ledger.FirstPoints(bill.EarnedOn(refunds), points), needed{}); err != nil {
		return err
	}
	e.PointAllocations, e.PointsOwed = ledger.AppendClawedBack(
		e.PointAllocations, c, points, bill.PointAllocations, d.day)
	d.post(c, e)
	if err := d.forfeit(c); err != nil {
		return err
	}
	return d.takeCashBack(c, bill, ledger.OfKind(undone, ledger.CashedBack), left, left-amount)
}
