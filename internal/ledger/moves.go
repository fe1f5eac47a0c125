package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// way is the direction in which an entry may move an amount. Zero means it may not move it.
type way int8

const (
	gives  way = iota + 1 // it may add
	takes                 // it may take
	either                // it may do both
)

func (w way) allows(n int64) bool {
	return n == 0 || w == either || w == gives && n > 0 || w == takes && n < 0
}

// facts is the set of what an entry states besides the amounts it moves.
type facts uint32

const (
	aBill     facts = 1 << iota // Gross, Net
	aDiscount                   // Discountable, PayRate
	aPolicy
	aPayType
	anAccount // ChargedTo
	someRules
	someCoupons
	anOffer
	aPointPay
	aHolder
	someDetails
	aNumber
	aCardKind
	aDay  // CardExpires
	aCard // OtherCard
	anEarnRate
	someForfeits
	aVersion
	someSettings
	aDayBefore
	anEnd    // HeldUntil
	aRelease // Released
	aLevel   // a level other than the card's before it
)

var factNames = map[facts]string{
	aBill: "a bill", aDiscount: "a discount", aPolicy: "a policy", aPayType: "a pay type", anAccount: "a house account",
	someRules: "rules", someCoupons: "coupons", anOffer: "an offer of coupons", aPointPay: "points that pay",
	aHolder: "a holder", someDetails: "details", aNumber: "a number", aCardKind: "a kind of card",
	aDay: "a last good day", aCard: "another card", anEarnRate: "a rate of points",
	someForfeits: "bonus to be forfeited", aVersion: "a version of the rules", someSettings: "settings",
	anEnd: "the end of a hold", aRelease: "why a hold was released",
	aLevel: "another level", aDayBefore: "a last good day of before",
}

// String returns the name of the first fact in the set.
func (f facts) String() string {
	if f == 0 {
		return "nothing"
	}
	return factNames[f&-f]
}

// lotsOf is which lots the allocations of an entry may name.
type lotsOf int8

const (
	lotsThere lotsOf = iota // lots of earlier entries, and the debt
	lotsMade                // its own lot only
	lotsEither
	lotUndone   // the lot made by the entry it undoes
	lotsSettled // like lotsThere, and the debt is paid off out of them
	lotsBrought // its own lot, and what the card owes
)

// whose is in whose journal entries of a kind may be.
type whose int8

const (
	aMerchant whose = iota // any merchant's, but not the host's
	theHost
	anybody
)

func (w whose) allows(id MerchantID) bool { return w == anybody || (w == theHost) == (id == HostID) }

// step is a change of a card's status. 0 = there is no card yet.
type step struct{ from, to Status }

var (
	active = []step{{Active, Active}}
	stays  = []step{{Active, Active}, {Lost, Lost}, {Stopped, Stopped}}
	ever   = append(slices.Clip(stays), step{Returned, Returned}, step{Replaced, Replaced})
)

// moves is what entries of a kind may move, state and undo. What is not listed they may not.
type moves struct {
	principal, bonus, points, owed, invoice way

	lots   lotsOf
	must   facts  // what each entry states
	may    facts  // what some state besides
	undoes Kind   // the kind of entry that RefersTo names, on the same card but for a bill's; 0 = it names none
	others []Kind // other kinds that RefersTo may name
	any    bool   // RefersTo may be 0
	of     whose  // whose journal it may be in
	own    bool   // the merchant's own, on card 0; all other kinds are on a card
	steps  []step // nil = the card must be active and not expired, and stays active
	also   func(*Card, *Entry) error
}

// allowed is the closed table of kinds (invariants 12, 26, 57). A new kind needs a line here.
var allowed = map[Kind]moves{
	Opened: {must: aHolder | aNumber, may: aCardKind | someDetails | aDay | aLevel, steps: []step{{0, Active}}},
	CardReturned: {
		principal: takes, bonus: takes, points: takes, owed: takes, invoice: takes, lots: lotsSettled,
		may: aBill | aPayType | someCoupons | aVersion, steps: []step{{Active, Returned}}, also: closesEmpty,
	},
	CardReplaced: {
		must: aNumber | aCard, may: aHolder | aCardKind | someDetails | aDay | aLevel,
		steps: []step{{0, Replaced}, {Active, Active}, {Lost, Active}}, also: movesNumber,
	},

	ReportedLost:  {steps: []step{{Active, Lost}}},
	LossCancelled: {steps: []step{{Lost, Active}}},
	CardStopped:   {steps: []step{{Active, Stopped}}},
	CardResumed:   {steps: []step{{Stopped, Active}}},

	Recharged: {
		principal: gives, bonus: gives, points: gives, owed: takes, invoice: gives, lots: lotsMade, must: aBill,
		may: aPayType | someRules, also: oneLot,
	},
	RechargeReversed: {
		principal: takes, bonus: takes, points: takes, owed: either, invoice: takes, lots: lotUndone, must: aBill,
		may: aPayType | someForfeits | aVersion, undoes: Recharged, also: earnsNothing,
	},
	BalanceOpened: {
		principal: either, bonus: gives, points: gives, lots: lotsBrought, may: aBill, steps: active, also: onlyBehindOpening,
	},
	OpeningReversed: {
		principal: either, bonus: takes, points: takes, lots: lotsSettled, must: aNumber,
		may: aBill | someDetails | someCoupons, undoes: Opened,
		steps: []step{{Active, Returned}, {Lost, Returned}, {Stopped, Returned}}, also: onlyUntouched,
	},
	Withdrawn: {
		principal: takes, bonus: takes, points: takes, owed: either, invoice: takes, must: aBill,
		may: aPayType | someForfeits | aVersion, also: earnsNothing,
	},
	TransferredOut: {
		principal: takes, bonus: takes, points: takes, owed: either, invoice: takes, must: aBill | aCard,
		may: someForfeits | aVersion, also: earnsNothing,
	},
	TransferredIn: {
		principal: gives, bonus: gives, points: gives, owed: takes, invoice: gives, lots: lotsMade, must: aBill | aCard,
	},
	MergedOut: {
		principal: takes, bonus: takes, points: takes, owed: takes, invoice: either, lots: lotsSettled, must: aCard,
		may: aBill | someCoupons, steps: []step{{Active, Returned}}, also: leavesNothing,
	},
	MergedIn: {
		bonus: gives, points: gives, owed: either, invoice: either, lots: lotsMade, must: aCard, may: aBill | someCoupons,
		also: paysOwedFirst,
	},
	BonusGiven: {bonus: gives, lots: lotsMade, must: aBill, also: oneGift},

	Consumed: {
		principal: takes, bonus: takes, points: either, owed: takes,
		may:    aBill | aDiscount | aPolicy | someCoupons | aPointPay | anEarnRate | aVersion | aCard | aRelease,
		undoes: Consumed, others: []Kind{AmountHeld}, any: true, also: paysBill,
	},
	ConsumeRefunded: {
		principal: gives, bonus: gives, points: either, owed: either, may: aBill | someCoupons | aPointPay, undoes: Consumed,
		also: earnsNothing,
	},
	CashedBack: {
		principal: either, bonus: either, lots: lotsEither, must: aBill, may: someForfeits | aVersion, undoes: Consumed,
		steps: stays, also: cashBackLots,
	},
	BonusForfeited: {
		bonus: takes, must: aBill, undoes: ConsumeRefunded, others: []Kind{ExpiryReversed, CashedBack, RenewalReversed},
		steps: stays,
	},
	AmountHeld:   {must: aBill | anEnd, also: holdsSome},
	HoldReleased: {must: aBill | aRelease, undoes: AmountHeld, steps: stays, also: holdKnown},
	Renewed: {
		principal: takes, bonus: takes, must: aBill | aDay, may: aPolicy | aDayBefore, steps: active, also: movesByMonths,
	},
	RenewalReversed: {principal: gives, bonus: gives, must: aBill | aDay, undoes: Renewed, also: movesBack},
	AccountCharged:  {must: aBill | anAccount},
	ChargeRefunded:  {must: aBill | anAccount, undoes: AccountCharged},
	Invoiced:        {invoice: takes, must: aBill, steps: stays},
	InvoiceReversed: {invoice: gives, must: aBill, undoes: Invoiced, steps: stays},

	PointsUsed:     {points: takes, also: movesPoints},
	PointsAdjusted: {points: either, owed: takes, also: movesPoints},
	LotsExpired: {
		bonus: takes, points: takes, undoes: CashedBack, any: true,
		others: []Kind{Recharged, BalanceOpened, TransferredIn, MergedIn, BonusGiven},
		steps:  stays, also: onlyExpired,
	},

	ExpirySet:      {must: aDay, steps: active, also: onlyBroughtDay},
	LevelChanged:   {may: aLevel, steps: stays},
	HolderModified: {must: aHolder, steps: stays},
	DetailsChanged: {must: someDetails, steps: stays, also: keepsPass},
	PhoneBound:     {must: someDetails, also: nextPassOnly},

	CouponSent:    {must: someCoupons | anOffer, steps: active, also: sendsInOrder},
	CouponVoided:  {must: someCoupons, steps: stays},
	CouponExpired: {must: someCoupons, steps: stays},

	ClockAccepted:   {own: true, of: anybody, steps: []step{{0, 0}}},
	ClockTakenBack:  {own: true, of: anybody, steps: []step{{0, 0}}},
	SettingsChanged: {own: true, must: someSettings, steps: []step{{0, 0}}},
	AgentChanged:    {own: true, of: theHost, must: someSettings, steps: []step{{0, 0}}},
	MerchantAdded:   {own: true, of: theHost, must: someSettings, steps: []step{{0, 0}}},
	PersonChanged:   {own: true, of: theHost, must: someSettings, steps: []step{{0, 0}}},
	DataShown:       {steps: ever},
	DataExported:    {own: true, of: anybody, steps: []step{{0, 0}}},
	HandedOver:      {own: true, must: someSettings, steps: []step{{0, 0}}},
	WebhookChanged:  {own: true, must: someSettings, steps: []step{{0, 0}}},
	ExpiryReversed: {
		bonus: gives, points: gives, may: someCoupons, undoes: LotsExpired, others: []Kind{CouponExpired, ConsumeRefunded},
		steps: stays, also: bringsBack,
	},
}

// Takes reports whether an entry of the kind may change a card's status in this way. 0 is the status of a card
// that does not exist yet.
func (k Kind) Takes(from, to Status) bool {
	m, known := allowed[k]
	if known && m.steps == nil {
		m.steps = active
	}
	return slices.Contains(m.steps, step{from, to})
}

// Undoes reports whether entries of the kind may refer to an entry of kind of.
func (k Kind) Undoes(of Kind) bool {
	m := allowed[k]
	return m.undoes != 0 && m.undoes == of || slices.Contains(m.others, of)
}

// Allows returns an error if an entry may not follow on the card as it is before the entry: its kind may not move
// what it moves or in that direction, state what it states, undo an entry, or follow on a card with that status. Fold
// checks the sums; what the entry undoes is checked where the other entries are known.
func (c *Card) Allows(e *Entry) error {
	m, known := allowed[e.Kind]
	if !known {
		return fmt.Errorf("entry %d is of an unknown kind, %d", e.ID, int(e.Kind))
	}
	if e.Version < 0 || e.Version > EntryVersion {
		return fmt.Errorf("entry %d is by rules of an unknown version, %d", e.ID, e.Version)
	}
	if !m.canMove(e) {
		return fmt.Errorf("entry %d: a %v may not move that", e.ID, e.Kind)
	}
	if err := m.names(c, e); err != nil {
		return err
	}
	if err := m.follows(c, e); err != nil {
		return err
	}
	if err := c.forfeitsFirst(e); err != nil {
		return err
	}
	if m.also != nil {
		return m.also(c, e)
	}
	return nil
}

// canMove reports whether all amounts have a sign they may have, and so the allocations they are made of.
func (m *moves) canMove(e *Entry) bool {
	if !m.principal.allows(int64(e.Principal)) || !m.bonus.allows(int64(e.Bonus)) || !m.points.allows(e.Points) ||
		!m.owed.allows(e.PointsOwed) || !m.invoice.allows(int64(e.Invoice)) {
		return false
	}
	for i := range e.Allocations {
		if !m.canMovePart(e, &e.Allocations[i]) {
			return false
		}
	}
	for i := range e.PointAllocations {
		if n := e.PointAllocations[i].Points; n == 0 || !m.points.allows(n) {
			return false
		}
	}
	return e.Gross >= 0 && e.Net >= 0
}

func (m *moves) canMovePart(e *Entry, p *Allocation) bool {
	settles := p.IsDebt() && m.lots == lotsSettled && p.Principal > 0
	return (settles || m.principal.allows(int64(p.Principal))) && m.bonus.allows(int64(p.Bonus)) && m.lots.allow(e, p)
}

// allow reports whether an allocation names a lot the entry may touch. A new lot's last day must be possible: no
// bonus may be past its last day when it is given, and a lot without bonus is good until Forever.
func (l lotsOf) allow(e *Entry, p *Allocation) bool {
	if p.Principal == 0 && p.Bonus == 0 {
		return false
	}
	if l == lotUndone {
		return p.Lot == e.RefersTo
	}
	if p.IsDebt() {
		return l != lotsMade && (l != lotsBrought || p.Principal < 0)
	}
	if p.Lot != e.ID {
		return l != lotsMade && l != lotsBrought
	}
	return l != lotsThere && l != lotsSettled && p.mayBegin(e.At)
}

// mayBegin reports whether an allocation may be what a new lot has: see allow.
func (p *Allocation) mayBegin(at time.Time) bool {
	switch {
	case p.Principal < 0 || p.Bonus < 0:
		return false
	case p.Bonus == 0:
		return p.GoodUntil == Forever
	}
	return p.GoodUntil == Forever || p.GoodUntil >= EarliestDay(at) && p.GoodUntil < Forever
}

// names checks what else the entry states.
func (m *moves) names(c *Card, e *Entry) error {
	says := e.facts()
	if c.Seq == 0 || e.Level != c.Level {
		says |= aLevel
	}
	if more := says &^ (m.must | m.may); more != 0 && (more != aLevel || c.Seq > 0 || m.own && e.Level != 0) {
		return fmt.Errorf("entry %d: a %v may not name %v", e.ID, e.Kind, more)
	}
	if missing := m.must &^ says; missing != 0 {
		return fmt.Errorf("entry %d: a %v must name %v", e.ID, e.Kind, missing)
	}
	for _, p := range e.Coupons {
		if p.Number != "" && e.Kind != CouponSent || p.Until != 0 && (p.State != Unused || e.Kind == CouponSent) {
			return fmt.Errorf("entry %d: a %v gives coupon %d a number or another day", e.ID, e.Kind, p.Coupon)
		}
	}
	return m.refers(e)
}

// refers checks which entry it undoes or is about.
func (m *moves) refers(e *Entry) error {
	switch {
	case m.undoes == 0 && e.RefersTo != 0:
		return fmt.Errorf("entry %d: a %v undoes nothing, and this one entry %d", e.ID, e.Kind, e.RefersTo)
	case m.undoes != 0 && (e.RefersTo < 0 || e.RefersTo == 0 && !m.any || e.RefersTo >= e.ID):
		return fmt.Errorf("entry %d: this %v undoes entry %d, which is not before it", e.ID, e.Kind, e.RefersTo)
	}
	return nil
}

// facts returns what the entry states, except the level.
func (e *Entry) facts() facts {
	return aBill.when(e.Gross != 0 || e.Net != 0) |
		aDiscount.when(e.Discountable != 0 || e.PayRate != 0) |
		aPolicy.when(e.SpendOrder != 0) |
		aPayType.when(e.PayType != 0) |
		anAccount.when(e.ChargedTo != 0) |
		someRules.when(len(e.Rules) > 0) |
		someCoupons.when(len(e.Coupons) > 0) |
		anOffer.when(e.Offer != nil) |
		aPointPay.when(e.ByPoints != PointPay{}) |
		aHolder.when(e.Holder != nil) |
		someDetails.when(e.Details != nil) |
		aNumber.when(e.Number != "") |
		aCardKind.when(e.CardKind != 0) |
		aDay.when(e.CardExpires != 0) |
		aDayBefore.when(e.ExpiredAt != 0) |
		aCard.when(e.OtherCard != "") |
		anEarnRate.when(e.EarnRate != 0) |
		someForfeits.when(len(e.Forfeits) > 0) |
		aVersion.when(e.Version != 0) |
		anEnd.when(!e.HeldUntil.IsZero()) |
		aRelease.when(e.Released != 0) |
		someSettings.when(e.Settings != "")
}

// when returns the fact if said is true, otherwise no fact.
func (f facts) when(said bool) facts {
	if said {
		return f
	}
	return 0
}

// follows checks the change of the card's status. A kind without steps may only follow on a card that can be used.
func (m *moves) follows(c *Card, e *Entry) error {
	if !m.of.allows(e.Merchant) {
		return fmt.Errorf("entry %d: a %v in the journal of merchant %d", e.ID, e.Kind, e.Merchant)
	}
	if m.own != (e.Card == 0) {
		return fmt.Errorf("entry %d: a %v on card %d", e.ID, e.Kind, e.Card)
	}
	steps := m.steps
	if steps == nil {
		steps = active
		if c.pastLastDay(e) {
			return fmt.Errorf("entry %d: a %v on a card that was good through %v", e.ID, e.Kind, c.Expires)
		}
	}
	for _, s := range steps {
		if s == (step{c.Status, e.Status}) && (m.own || (s.from == 0) == (c.Seq == 0)) {
			return nil
		}
	}
	return fmt.Errorf("entry %d: a %v took the card from status %d to %d", e.ID, e.Kind, c.Status, e.Status)
}

// sendsInOrder checks that coupons are numbered by the entry that sends them, and that none is past its last day when
// sent.
func sendsInOrder(_ *Card, e *Entry) error {
	for i, p := range e.Coupons {
		if p.Coupon != CouponID(e.ID)*CouponsAnEntry+CouponID(i)+1 || p.Number == "" {
			return fmt.Errorf("entry %d sends coupon %d in place %d", e.ID, p.Coupon, i+1)
		}
	}
	o := e.Offer
	least := min(int64(o.Face), int64(o.Off), int64(o.MaxOff), int64(o.Least), int64(o.MaxUse), int64(o.Grace))
	if least < 0 || (o.Face > 0) != (o.Type == CashCoupon) || (o.Off > 0 || o.MaxOff > 0) && o.Type != PercentCoupon {
		return fmt.Errorf("entry %d sends coupons with terms of another type", e.ID)
	}
	if o.From < EarliestDay(e.At) || o.Until < o.From {
		return fmt.Errorf("entry %d sends coupons that are good %v to %v", e.ID, o.From, o.Until)
	}
	return nil
}

// movesByMonths checks that the last good day moves by whole months, counted from itself or, if it has passed, from
// today.
func movesByMonths(c *Card, e *Entry) error {
	if e.ExpiredAt != 0 && e.ExpiredAt != c.Expires {
		return fmt.Errorf("entry %d moves a last good day from %v, which was %v", e.ID, e.ExpiredAt, c.Expires)
	}
	for from := max(c.Expires, EarliestDay(e.At)); from <= max(c.Expires, LatestDay(e.At)); from = from.AddDays(1) {
		for months := 1; ; months++ {
			until := from.AddMonths(months)
			if until == e.CardExpires {
				return nil
			}
			if until > e.CardExpires || until > Forever {
				break
			}
		}
	}
	return fmt.Errorf("entry %d moves a last good day from %v to %v", e.ID, c.Expires, e.CardExpires)
}

// movesBack checks that the last good day goes back. To which day, follows from the renewal that is undone.
func movesBack(c *Card, e *Entry) error {
	if e.CardExpires >= c.Expires {
		return fmt.Errorf("entry %d moves a last good day back from %v to %v", e.ID, c.Expires, e.CardExpires)
	}
	return nil
}

func closesEmpty(c *Card, e *Entry) error {
	if e.PrincipalAfter != 0 || e.BonusAfter != 0 || e.PointsAfter != 0 || e.OwedAfter != 0 {
		return fmt.Errorf("entry %d closes a card that holds something", e.ID)
	}
	return nil
}

// leavesNothing checks that the card is empty after it was merged into another: that nothing may be invoiced either,
// and that only what is owed took principal, since the rest has gone by a transfer. Coupons keep their days.
func leavesNothing(c *Card, e *Entry) error {
	for _, p := range e.Coupons {
		if p.Until != 0 {
			return fmt.Errorf("entry %d gives coupon %d another day", e.ID, p.Coupon)
		}
	}
	if e.Principal != 0 || c.Invoiceable+e.Invoice != 0 {
		return fmt.Errorf("entry %d takes %v and leaves %v to be invoiced on a card that it closes", e.ID, -e.Principal,
			c.Invoiceable+e.Invoice)
	}
	return closesEmpty(c, e)
}

// paysOwedFirst checks that points which a merge brings pay what the card owes, before it gets any.
func paysOwedFirst(c *Card, e *Entry) error {
	if e.Points > 0 && c.PointsOwed+e.PointsOwed > 0 {
		return fmt.Errorf("entry %d brings %d points to a card that owes some", e.ID, e.Points)
	}
	return nil
}

func oneGift(_ *Card, e *Entry) error {
	if len(e.Allocations) != 1 || e.Bonus <= 0 {
		return fmt.Errorf("entry %d gives a bonus of %v in %d lots", e.ID, e.Bonus, len(e.Allocations))
	}
	return nil
}

// movesNumber checks both entries of a replacement: the old number becomes a card of its own that has the facts, and
// the account gets the new number and at most loses its inner code.
func movesNumber(c *Card, e *Entry) error {
	if c.Seq == 0 {
		if e.Holder == nil {
			return fmt.Errorf("entry %d replaces a card and does not say whose", e.ID)
		}
		return nil
	}
	if e.facts()&(aHolder|aCardKind|aDay) != 0 || e.Level != c.Level {
		return fmt.Errorf("entry %d gives a card more than a new number", e.ID)
	}
	if bare := c.Details.WithoutExtID(); e.Details != nil && (bare == nil || *e.Details != *bare) {
		return fmt.Errorf("entry %d changes more details than the inner code", e.ID)
	}
	return nil
}

func oneLot(_ *Card, e *Entry) error {
	if len(e.Allocations) != 1 || e.Principal <= 0 {
		return fmt.Errorf("entry %d recharges %v in %d lots", e.ID, e.Principal, len(e.Allocations))
	}
	for _, r := range e.Rules {
		if r.Money < 0 || r.Points < 0 {
			return fmt.Errorf("entry %d: a rule took something", e.ID)
		}
	}
	return nil
}

func onlyBehindOpening(c *Card, e *Entry) error {
	if c.Seq != 1 || len(e.Allocations) == 0 && e.Points == 0 {
		return fmt.Errorf("entry %d is an opening balance of a card with %d entries", e.ID, c.Seq)
	}
	return nil
}

// opens are the kinds of entries that bring a card from another system, all by one command.
var opens = []Kind{Opened, BalanceOpened, ExpirySet, CouponSent, ReportedLost, CardStopped}

// Untouched reports whether the card has no entry but those that brought it.
func (c *Card) Untouched() bool {
	touched := func(n Count) bool { return !slices.Contains(opens, n.Kind) }
	return c.Last.Equal(c.OpenedAt) && !slices.ContainsFunc(c.Tally, touched)
}

// onlyUntouched checks that a card of which the opening is taken back has no entry but those that brought it, that
// nothing is left on it, and that it gets a name in place of its number and at most loses its inner code.
func onlyUntouched(c *Card, e *Entry) error {
	if !c.Untouched() {
		return fmt.Errorf("entry %d takes back the opening of a card that was used", e.ID)
	}
	if bare := c.Details.WithoutExtID(); e.Details != nil && (bare == nil || *e.Details != *bare) {
		return fmt.Errorf("entry %d changes more details than the inner code", e.ID)
	}
	if e.Number != c.FreedNumber() {
		return fmt.Errorf("entry %d leaves a card the number %s", e.ID, e.Number)
	}
	return closesEmpty(c, e)
}

// onlyBroughtDay checks that the day had passed, and that the card was just brought from another system and has no
// last day.
func onlyBroughtDay(c *Card, e *Entry) error {
	if c.Expires != 0 || c.Seq > 2 || e.CardExpires >= LatestDay(e.At) {
		return fmt.Errorf("entry %d sets %v as the last good day of a card with %d entries", e.ID, e.CardExpires, c.Seq)
	}
	return nil
}

func paysBill(_ *Card, e *Entry) error {
	if earned := e.Earned(); earned < 0 || earned > 0 && e.Delta() == 0 && e.Net == 0 {
		return fmt.Errorf("entry %d earned %d points on a bill of %v", e.ID, earned, e.Net)
	}
	if e.EarnRate < 0 || e.EarnRate > 0 && e.Earned() > (Level{Earn: e.EarnRate}).PointsFor(-e.Delta()) {
		return fmt.Errorf("entry %d earned %d points for %v, its rate gives fewer", e.ID, e.Earned(), -e.Delta())
	}
	return cmp.Or(e.sharesBill(), e.capturesOnly())
}

func earnsNothing(_ *Card, e *Entry) error {
	if e.Earned() > 0 {
		return fmt.Errorf("entry %d earned %d points by undoing", e.ID, e.Earned())
	}
	return nil
}

func movesPoints(_ *Card, e *Entry) error {
	if e.Earned() == 0 || e.Points < 0 && e.PointsOwed != 0 {
		return fmt.Errorf("entry %d moves no points", e.ID)
	}
	return nil
}

// onlyExpired checks that whole bonuses and points are taken, and that their last day had passed everywhere.
func onlyExpired(c *Card, e *Entry) error {
	if len(e.Allocations)+len(e.PointAllocations) == 0 {
		return fmt.Errorf("entry %d has nothing expire", e.ID)
	}
	if e.RefersTo != 0 && (len(e.Allocations) != 1 || e.Allocations[0].Lot != e.RefersTo || len(e.PointAllocations) > 0) {
		return fmt.Errorf("entry %d has more expire than lot %d", e.ID, e.RefersTo)
	}
	today := LatestDay(e.At)
	for _, p := range e.Allocations {
		if lot, _ := c.Lot(p.Lot, p.GoodUntil); p.GoodUntil >= today || lot.Bonus != -p.Bonus {
			return fmt.Errorf("entry %d has a bonus expire that was good through %v, or a part of one", e.ID, p.GoodUntil)
		}
	}
	for _, p := range e.PointAllocations {
		if p.GoodUntil >= today || !slices.Contains(c.PointLots, PointLot{p.GoodUntil, -p.Points}) {
			return fmt.Errorf("entry %d has points expire that were good through %v, or a part of them", e.ID, p.GoodUntil)
		}
	}
	return nil
}

func bringsBack(_ *Card, e *Entry) error {
	if len(e.Allocations)+len(e.PointAllocations)+len(e.Coupons) == 0 {
		return fmt.Errorf("entry %d brings nothing back", e.ID)
	}
	return nil
}

func keepsPass(c *Card, e *Entry) error {
	if more := e.Details.Pass - c.Details.Pass; more < 0 || more > 1 || e.Details.Credit < 0 || e.Details.Credit > MaxFen {
		return fmt.Errorf("entry %d gives a card a pass or a credit it cannot have", e.ID)
	}
	return nil
}

func nextPassOnly(c *Card, e *Entry) error {
	want := c.Details
	want.Pass++
	if *e.Details != want {
		return fmt.Errorf("entry %d binds a phone and changes more than the pass", e.ID)
	}
	return nil
}
