package tongka

import (
	"slices"
	"time"
)

// Consume pays a bill with a card.
type Consume struct {
	Merchant   MerchantID
	By         Caller
	Card       string
	Amount     Fen // the bill before any discount; 0 only with coupons
	NoDiscount Fen // the part of it that gets no discount
	Coupons    []CouponID
	Points     PointsOffered
	EarnOn     *Fen   // points are earned on so much of what the card paid at most; nil = on all of it
	NoRewards  bool   // the bill earns no points and no cash back
	InFull     bool   // nothing may be left to be paid elsewhere, even where the merchant allows part payment
	Proof      *Proof // that the holder agrees; nil = the till has no way to send one
	Note       string
}

// Keys names the card and the coupons.
func (p Consume) Keys() Keys {
	k := keysOf(p.Merchant, p.Card)
	for _, id := range p.Coupons {
		k.Coupons = append(k.Coupons, CouponKey{p.Merchant, id})
	}
	return k
}

// Decide takes the level's discount, then what the coupons pay, then what the points pay, then the
// money from the lots and the credit, and gives the points and the cash back. Where the merchant allows
// part payment, what the card cannot pay is left to be paid elsewhere. Points and cash back are given for
// what the card itself paid: not for what coupons or points paid, nor for what is paid elsewhere.
func (p Consume) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, p.Merchant, p.By)
	if err != nil {
		return Changes{}, err
	}
	if p.Amount != 0 || len(p.Coupons) == 0 { // coupons may stand for all of the goods
		if err := d.amountAllowed(p.Amount); err != nil {
			return Changes{}, err
		}
	}
	if p.NoDiscount < 0 || p.NoDiscount > p.Amount {
		return Changes{}, refuse(BadDiscountable)
	}
	if p.EarnOn != nil && *p.EarnOn < 0 {
		return Changes{}, refuse(BadAmount, p.EarnOn.String())
	}
	if err := p.Points.allowed(d.m.Settings); err != nil { // before the card is looked at
		return Changes{}, err
	}
	c, err := d.usableCard(p.Card)
	if err != nil {
		return Changes{}, err
	}
	if err := d.prove(c, p.Proof, p.Amount); err != nil {
		return d.no(err)
	}
	coupons, err := d.couponsFor(c, p.Coupons)
	if err != nil {
		return Changes{}, err
	}
	level := d.m.LevelOf(c)
	e := Entry{
		Kind: Consumed, Original: p.Amount, Discountable: p.Amount - p.NoDiscount, Actual: p.due(level),
		Discount: level.Discount, Policy: d.m.Settings.Policy, Note: p.Note,
	}
	if e.Coupons, err = d.payWith(coupons, e.Actual); err != nil {
		return Changes{}, err
	}
	e.Actual -= e.ByCoupons()
	if err := d.payWithPoints(c, &e, p.Points.Points); err != nil {
		return Changes{}, err
	}
	if e.Parts, err = d.payFromLots(c, e.Actual, p.InFull); err != nil {
		return Changes{}, err
	}
	paid := -moneyOf(e.Parts)
	if paid < e.Actual {
		e.Version = EntryVersion
	}
	points := level.pointsFor(p.earnsOn(paid))
	if err := roomForPoints(c, points+e.ByPoints.Points); err != nil {
		return Changes{}, err
	}
	if d.earn(c, &e, points); points > 0 {
		e.EarnRate = level.Earn
	}
	d.post(c, e)
	if !p.NoRewards {
		d.giveCashBack(c, level.Rights.CashBack)
	}
	return d.finish(c), nil
}

// earnsOn is how much of what the card paid earns points.
func (p Consume) earnsOn(paid Fen) Fen {
	switch {
	case p.NoRewards:
		return 0
	case p.EarnOn != nil:
		return min(paid, *p.EarnOn)
	}
	return paid
}

// payFromLots is what a card's lots and its credit pay of an amount: all of it, or as much as they can
// where the rest may be paid elsewhere.
func (d *draft) payFromLots(c *Card, amount Fen, inFull bool) ([]Part, error) {
	if c.CanPay() < amount {
		if inFull || !d.m.Settings.PartPayment {
			return nil, refuse(ShortBalance, c.Number)
		}
		amount = c.CanPay()
	}
	return take(c, amount, d.m.Settings.Policy)
}

// due is the bill after the level's discount: rounded once, half-up (invariant 33).
func (p Consume) due(l Level) Fen {
	return p.NoDiscount + (p.Amount - p.NoDiscount).halfUp(min(l.Discount, Whole))
}

// RefundConsume gives back what a card paid of a bill, whole or in part, as often as there is
// something left of it: to the same lots, with the same expiry, the last taken first. The points the
// bill earned and its cash back are taken back in proportion. Its coupons and the points it was paid
// with come back with the last of the money.
type RefundConsume struct {
	Merchant MerchantID
	By       Caller
	Card     string
	Entry    EntryID // of the consume
	Amount   Fen     // of what the card paid; 0 = all that is left, be it only coupons and points
	Note     string
}

// Keys names the card and the bill.
func (r RefundConsume) Keys() Keys { return keysOfUndoing(r.Merchant, r.Card, r.Entry) }

// Decide runs the bill's parts backwards.
func (r RefundConsume) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	if r.Amount < 0 {
		return Changes{}, refuse(BadAmount)
	}
	c, err := d.card(r.Card)
	if err != nil {
		return Changes{}, err
	}
	bill, undone, err := d.undoable(c, r.Entry, Consumed)
	if err != nil {
		return Changes{}, err
	}
	if err := d.usable(c); err != nil {
		return Changes{}, err
	}
	if !bill.leftTrace() {
		return Changes{}, refuse(NotReversible)
	}
	refunds := ofKind(undone, ConsumeRefunded)
	left := refundable(bill, refunds)
	amount := r.Amount
	if amount == 0 {
		amount = left
	}
	if left == 0 && len(refunds) > 0 {
		return Changes{}, refuse(AlreadyReversed)
	}
	if amount > left {
		return Changes{}, refuse(RefundTooMuch)
	}
	if c.Amount() > MaxFen-amount {
		return Changes{}, refuse(BalanceTooHigh, r.Card)
	}
	parts := giveBack(stillTaken(bill, refunds), amount, bill.Policy)
	if c.anyBehind(parts) {
		return Changes{}, ShallowError{c.Key()}
	}
	e := Entry{Kind: ConsumeRefunded, Of: bill.ID, Original: amount, Actual: amount, Note: r.Note, Parts: parts}
	if amount == left {
		e.Coupons = d.couponsBack(bill)
		if err := e.returnPoints(c, bill); err != nil {
			return Changes{}, err
		}
	}
	d.clawBack(c, &e, pointsBack(bill, refunds, left-amount), bill.PointParts)
	d.post(c, e)
	if err := d.forfeit(c); err != nil {
		return Changes{}, err
	}
	if err := d.takeCashBack(c, bill, ofKind(undone, CashedBack), left-amount); err != nil {
		return Changes{}, err
	}
	return d.finish(c), nil
}

// ofKind are the entries of one kind.
func ofKind(entries []*Entry, k Kind) (chosen []*Entry) {
	for _, e := range entries {
		if e.Kind == k {
			chosen = append(chosen, e)
		}
	}
	return chosen
}

// refundable is what is left of what the card paid.
func refundable(bill *Entry, refunds []*Entry) Fen {
	left := -bill.CardMoney()
	for _, r := range refunds {
		left -= r.CardMoney()
	}
	return left
}

// stillTaken are the bill's parts as positive amounts, less what refunds gave back.
func stillTaken(bill *Entry, refunds []*Entry) []Part {
	taken := slices.Clone(bill.Parts)
	for i := range taken {
		taken[i].Principal, taken[i].Bonus = -taken[i].Principal, -taken[i].Bonus
		for _, r := range refunds {
			for _, p := range r.Parts {
				if p.Lot == taken[i].Lot && p.GoodUntil == taken[i].GoodUntil {
					taken[i].Principal -= p.Principal
					taken[i].Bonus -= p.Bonus
				}
			}
		}
	}
	return taken
}

// leftTrace tells whether the bill changed anything that a refund could give back or take back. One that
// was paid elsewhere altogether, and earned nothing, did not.
func (e *Entry) leftTrace() bool {
	return e.CardMoney() != 0 || len(e.Coupons) > 0 || e.ByPoints.Points != 0 || e.Earned() != 0
}

// pointsBack is how many points a refund takes back when so much of what the card paid stays paid.
func pointsBack(bill *Entry, refunds []*Entry, stays Fen) int64 {
	kept := bill.Earned()
	for _, r := range refunds {
		kept += r.Earned()
	}
	return kept - bill.EarnedKept(stays)
}

// EarnedKept is how many of the points a bill earned are kept while the card still pays so much of it: in
// proportion to what the card paid, whatever was paid elsewhere, and rounded down, so that a refund in
// pieces gains nothing (invariant 31).
func (e *Entry) EarnedKept(stays Fen) int64 {
	paid := -e.CardMoney()
	if paid <= 0 || stays <= 0 || e.Earned() <= 0 {
		return 0
	}
	return mulDiv(e.Earned(), int64(min(stays, paid)), int64(paid), 0)
}

// BillAddsUp reports whether what the entry says was paid, given, paid out or given back agrees with
// what moved (invariants 08, 09 and 12), and whether what may be invoiced and who pays a signed bill go with
// it.
func (e *Entry) BillAddsUp() bool {
	if !e.invoiceAddsUp() || !e.signedAddsUp() {
		return false
	}
	switch e.Kind {
	case Consumed:
		switch {
		case e.Original > MaxFen || e.Discountable < 0 || e.Discountable > e.Original:
			return false
		case e.Discount < 0 || e.Discount > Whole || e.Elsewhere() < 0 || e.CardMoney() > 0:
			return false
		}
		due := e.Original - e.Discountable + e.Discountable.halfUp(e.Discount) - e.ByCoupons() - e.ByPoints.Worth
		return e.Actual >= 0 && e.Actual == due && e.pointsAddUp()
	case Recharged:
		bonus, points := sumHits(e.Rules)
		return e.Original == e.Principal && e.Actual == e.CardMoney() && e.Bonus == bonus && e.Earned() == points
	case Renewed:
		return e.Original == e.Actual && e.Actual == -e.CardMoney() && e.Earned() == 0
	case CashedBack:
		return e.cashBackAddsUp()
	case ConsumeRefunded:
		return e.Original == e.Actual && e.Actual == e.CardMoney()
	case Withdrawn, Closed:
		return e.Original == e.Actual && e.Actual == -e.Principal
	case TransferredOut, RechargeReversed:
		return e.Original == -e.Principal && e.Actual == -e.CardMoney()
	case TransferredIn, BalanceOpened:
		return e.Original == e.Principal && e.Actual == e.CardMoney()
	case Invoiced, InvoiceReversed:
		return e.Original == e.Actual
	case BonusForfeited:
		return e.Original == e.Actual && e.Actual == -e.Bonus
	default:
		return true
	}
}

// EarnedAddsUp tells whether an entry that is a bill earned points only where the card paid (invariant 55).
// Bills of before the version earned them on what was paid elsewhere too.
func (e *Entry) EarnedAddsUp() bool {
	switch {
	case e.Kind != Consumed:
		return true
	case e.Earned() < 0:
		return false
	case e.Version == EntryVersion && e.Elsewhere() == 0:
		return false // only where it makes a difference
	case e.Version == EntryVersion || e.Elsewhere() == 0:
		return e.Earned() == 0 || e.CardMoney() != 0
	}
	return true
}
