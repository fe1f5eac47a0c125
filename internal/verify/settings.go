package verify

import (
	"slices"
	"time"

	"tongka/internal/ledger"
)

// inForce is what the journal says about the settings at one of its entries.
type inForce struct {
	clock ledger.EntryID // the newest entry about the clock; 0 = none yet
	known bool           // the settings are known, so the next fields are valid
	entry ledger.EntryID // the entry that made them; 0 = the one in the host's journal that added the merchant
	text  string
	as    *ledger.Merchant // with its settings, shops, levels, rules and pay types
}

// settle applies the settings that an entry made, and what entries of the host state.
func (l *audit) settle(e *ledger.Entry) {
	switch e.Kind {
	case ledger.SettingsChanged:
		l.setTo(e.Settings, e.ID)
	case ledger.ClockTakenBack:
		l.wentBack = l.wentBack || e.Merchant == ledger.HostID
	case ledger.AgentChanged:
		l.tell(e)
	case ledger.PersonChanged:
		l.tellPerson(e)
	case ledger.MerchantAdded:
		l.add(e)
	case ledger.WebhookChanged:
		l.tellWebhook(e)
	}
}

// setTo puts settings in force from an entry on.
func (l *audit) setTo(text string, by ledger.EntryID) {
	as, err := ledger.ParseSettings(text)
	if err != nil {
		l.checks[lawful].fail("entry %d changed the settings to something that cannot be read: %v", by, err)
	}
	l.then.known, l.then.entry, l.then.text, l.then.as = true, by, text, as
}

// settleAdded starts a merchant's books with the settings it was created with.
func (l *audit) settleAdded() {
	if text, ok := l.added[l.id]; ok {
		l.setTo(text, 0)
	}
}

// settled checks that a merchant's settings are those the journal says.
func (l *audit) settled(id ledger.MerchantID) {
	if !l.then.known {
		return
	}
	l.checks[61].Rows++
	if l.texts[id] != l.then.text {
		l.checks[61].fail("merchant %d: its settings are not those that entry %d made", id, l.then.entry)
	}
}

// byRules holds the rules a recharge met against those in force: all that apply, or less of their money, or none. That
// what they gave adds up is checked with the bill. If the journal does not say which rules there were, it looks among
// the current ones; a rule that is not found or gives something else then counts as unknown.
func (l *audit) byRules(e *ledger.Entry) {
	if len(e.Rules) == 0 {
		return
	}
	r := l.checks[8]
	defer r.recovered(e)
	r.Rows++
	among, m := l.rules[e.Merchant], l.then.as
	if l.then.known {
		among = m.Rules
	}
	i := slices.IndexFunc(e.Rules, func(hit ledger.RuleHit) bool { return !given(among, e, hit) })
	switch {
	case i >= 0 && !l.then.known:
		r.Unknown++
	case i >= 0:
		r.fail("entry %d met a rule that was not in force: %s", e.ID, e.Rules[i].Name)
	case l.then.known && !ledger.AtSomeClock(e.At, func(at time.Time) bool { return m.Gives(e.Rules, e.Gross, at) }):
		r.fail("entry %d met %d rules, and not those that apply together at its time", e.ID, len(e.Rules))
	}
}

// pledged checks that after an entry that took money off a card as much is left as the points it owes are worth, if
// the journal says what points are worth (invariant 32).
func (l *audit) pledged(c *ledger.Card, e *ledger.Entry) {
	if l.then.known && l.then.as.Settings.BreaksPledge(c, e) {
		l.checks[32].fail("entry %d leaves less on a card than the points it owes are worth", e.ID)
	}
}

// given reports whether one of the rules gives what a recharge got by it, or more, since the caller may have wanted
// less.
func given(rules []ledger.Rule, e *ledger.Entry, hit ledger.RuleHit) bool {
	return slices.ContainsFunc(rules, func(rule ledger.Rule) bool {
		gives := rule.Gives(min(max(0, e.Gross), ledger.MaxFen))
		return !rule.Ended && gives.Name == hit.Name && hit.Money <= gives.Money && hit.Points == gives.Points
	})
}

// bySettings holds an entry against the settings in force, if they are known. c is its card before it.
func (l *audit) bySettings(c *ledger.Card, e *ledger.Entry) {
	if !l.then.known {
		return
	}
	m := l.then.as
	if e.Kind.TakesInOrder() && e.SpendOrder != m.Settings.SpendOrder {
		l.checks[10].fail("entry %d was paid by policy %v, the merchant's was %v", e.ID, e.SpendOrder, m.Settings.SpendOrder)
	}
	l.works(m, e)
	l.byRights(m, c, e)
	l.goodThrough(m, e)
	l.withinLimits(m, e)
	l.byTwo(m, c, e)
}

// byTwo checks that two different people stand behind what the merchant's limit wants two for (invariant 62).
func (l *audit) byTwo(m *ledger.Merchant, c *ledger.Card, e *ledger.Entry) {
	if e.By.Person == 0 && e.By.Proposer == 0 {
		return
	}
	r := l.checks[62]
	r.Rows++
	switch {
	case e.By.Twice():
		r.fail("entry %d, a %v, names a proposer who is no second person", e.ID, e.Kind)
	case m.Settings.TakesTwo(c.Details.Credit, e) && !e.By.Two():
		r.fail("entry %d, a %v of %v by person %d, is above the limit of %v and has no second person", e.ID, e.Kind,
			m.Settings.AtStake(c.Details.Credit, e), e.By.Person, m.Settings.SecondPerson)
	}
}

// byRights holds an entry against what its kind and the level of its card give.
func (l *audit) byRights(m *ledger.Merchant, c *ledger.Card, e *ledger.Entry) {
	switch level := m.LevelOf(c); e.Kind {
	case ledger.Consumed:
		l.billed(level, c, e)
	case ledger.CashedBack:
		if back := level.Rights.CashBack.Of(e.Gross); e.GivesCashBack() && e.Net != back {
			l.checks[32].fail("entry %d gives %v back on %v, its level gave %v", e.ID, e.Net, e.Gross, back)
		}
	case ledger.Recharged:
		l.recharged(level, e)
	case ledger.Withdrawn, ledger.CardReturned:
		l.paidOutBy(e)
	case ledger.Renewed:
		if !slices.ContainsFunc(level.Rights.Renewals, func(r ledger.Renewal) bool { return renews(r, c, e) }) {
			l.checks[9].fail("entry %d is a renewal for %v, which its level did not offer, to %v", e.ID, e.Gross, e.CardExpires)
		}
	case ledger.AccountCharged:
		if account := level.Rights.Account; account.ID != e.ChargedTo || account.Allows(c.Charges, e.Gross) != nil {
			l.checks[37].fail("entry %d charges %v to account %d, which its level did not allow", e.ID, e.Gross, e.ChargedTo)
		}
	case ledger.Opened, ledger.LevelChanged:
		if _, ok := m.Level(e.Level); !ok {
			l.checks[61].fail("entry %d puts a card on level %d, which there was not", e.ID, e.Level)
		}
	case ledger.CouponSent:
		l.offers(m, c, e)
	}
}

// works checks that a merchant without a licence, or a shop that has ended, does no work.
func (l *audit) works(m *ledger.Merchant, e *ledger.Entry) {
	if !e.Kind.Works() {
		return
	}
	licensed := func(day ledger.Date) bool { return day <= m.LicenceEnd }
	if m.LicenceEnd != 0 && !ledger.OnSomeDay(e.At, licensed) {
		l.checks[37].fail("entry %d, a %v, was made after the licence ended", e.ID, e.Kind)
	}
	if shop, _ := m.Shop(e.By.Shop); shop.Ended {
		l.checks[37].fail("entry %d was made at shop %d, which had ended", e.ID, shop.ID)
	}
}

// billed holds a bill against the rates of its level, against what points are worth, and against what the card could
// pay of it.
func (l *audit) billed(level ledger.Level, c *ledger.Card, e *ledger.Entry) {
	s := &l.then.as.Settings
	rate := level.PayRate
	if e.Captures() {
		rate = ledger.Percent100 // what is held was agreed to after the discount
	}
	if e.PayRate != rate {
		l.checks[9].fail("entry %d has a discount that its level did not give", e.ID)
	}
	if e.EarnRate != 0 && e.EarnRate != level.Earn || e.Earned() > level.PointsFor(e.Net) {
		l.checks[31].fail("entry %d earned points by a rate that its level did not have", e.ID)
	}
	if e.ByPoints.Points != 0 && e.ByPoints.Ratio != s.PointsRatio {
		l.checks[32].fail("entry %d: %d points paid, by %d a yuan, the merchant's ratio was %d", e.ID, -e.ByPoints.Points,
			e.ByPoints.Ratio, s.PointsRatio)
	}
	switch elsewhere := e.PaidElsewhere(); {
	case elsewhere <= 0:
	case e.OtherCard != "": // it was asked for no more than somebody said, and other cards pay the rest
		if -e.Delta() > s.PartPaid(c, e.Net) {
			l.checks[9].fail("entry %d took more from its card than it could leave to another one", e.ID)
		}
	case !s.PartPayment:
		l.checks[9].fail("entry %d leaves %v to be paid elsewhere, which the merchant did not allow", e.ID, elsewhere)
	case -e.Delta() != s.PartPaid(c, e.Net):
		l.checks[9].fail("entry %d leaves %v to be paid elsewhere, and its card could pay otherwise", e.ID, elsewhere)
	}
}

// recharged holds a recharge against its pay type and the rights of its level. Its rules are checked by byRules.
func (l *audit) recharged(level ledger.Level, e *ledger.Entry) {
	payType, ok := l.then.as.PayType(e.PayType)
	if !ok || payType.Ended {
		l.checks[8].fail("entry %d was paid by pay type %d, which there was not", e.ID, e.PayType)
	}
	if ok && e.Invoice != payType.Invoice(e.Gross) {
		l.checks[56].fail("entry %d adds %v to what may be invoiced, its pay type gives %v", e.ID, e.Invoice,
			payType.Invoice(e.Gross))
	}
	if level.Rights.NoRecharge {
		l.checks[8].fail("entry %d recharges a card of level %d, which takes none", e.ID, level.ID)
	}
}

// paidOutBy holds what a holder was paid against its pay type, if it names one.
func (l *audit) paidOutBy(e *ledger.Entry) {
	if payType, ok := l.then.as.PayType(e.PayType); e.PayType != 0 && (!ok || payType.Ended) {
		l.checks[8].fail("entry %d was paid out by pay type %d, which there was not", e.ID, e.PayType)
	}
}

// renews reports whether an entry is that renewal.
func renews(r ledger.Renewal, c *ledger.Card, e *ledger.Entry) bool {
	return r.Price == e.Gross && ledger.OnSomeDay(e.At, func(day ledger.Date) bool {
		return r.Until(c.Expires, day) == e.CardExpires
	})
}

// offers checks that coupons have the terms and days of their kind, and that there were as many of it. Those that a
// card brought from another system keep their last day.
func (l *audit) offers(m *ledger.Merchant, c *ledger.Card, e *ledger.Entry) {
	if e.Offer == nil {
		return // the table of kinds says so
	}
	kind, ok := m.CouponKind(e.Offer.Kind)
	offers := kind.Offers
	if c.Untouched() && e.At.Equal(c.OpenedAt) {
		offers = kind.Brings
	}
	if !ok || !ledger.OnSomeDay(e.At, func(day ledger.Date) bool { return offers(e.Offer, day) }) {
		l.checks[28].fail("entry %d sends coupons of kind %d with other terms or days than it had", e.ID, e.Offer.Kind)
	}
	if sent := l.offered[kind.Kind]; kind.Stock > 0 && sent > kind.Stock {
		l.checks[28].fail("entry %d sends coupons of kind %d up to the %dth, of %d", e.ID, kind.Kind, sent, kind.Stock)
	}
}

// goodThrough checks how long the bonus and the points are good that an entry gives.
func (l *audit) goodThrough(m *ledger.Merchant, e *ledger.Entry) {
	switch e.Kind {
	case ledger.Recharged, ledger.BalanceOpened, ledger.CashedBack, ledger.Consumed, ledger.PointsAdjusted:
	default:
		return // what they give was given before
	}
	wrong := func(until ledger.Date, days int) bool {
		return !ledger.OnSomeDay(e.At, func(day ledger.Date) bool { return ledger.GoodUntil(day, days) == until })
	}
	for _, p := range e.Allocations {
		if p.Lot == e.ID && p.Bonus > 0 && wrong(p.GoodUntil, m.Settings.BonusDays) {
			l.checks[61].fail("entry %d gives a bonus good through %v, by %d days", e.ID, p.GoodUntil, m.Settings.BonusDays)
		}
	}
	for _, p := range e.PointAllocations {
		if p.Points > 0 && wrong(p.GoodUntil, m.Settings.PointsDays) {
			l.checks[61].fail("entry %d gives points good through %v, by %d days", e.ID, p.GoodUntil, m.Settings.PointsDays)
		}
	}
}

// filling are the kinds that no card may be too full after. What comes back to a card was on it before.
var filling = []ledger.Kind{
	ledger.Recharged, ledger.TransferredIn, ledger.MergedIn, ledger.BonusGiven, ledger.BalanceOpened,
}

// withinLimits checks what one command may move and what a card may hold.
func (l *audit) withinLimits(m *ledger.Merchant, e *ledger.Entry) {
	r := l.checks[37]
	switch e.Kind {
	case ledger.Consumed, ledger.Recharged, ledger.Renewed, ledger.Withdrawn, ledger.TransferredOut, ledger.AccountCharged,
		ledger.BonusGiven, ledger.AmountHeld:
		r.Rows++
		if e.Gross > m.MaxAmount() {
			r.fail("entry %d moves %v, the merchant allowed %v", e.ID, e.Gross, m.MaxAmount())
		}
	}
	if slices.Contains(filling, e.Kind) && e.AmountAfter() > m.MaxBalance() {
		r.fail("entry %d leaves %v on a card, the merchant allowed %v", e.ID, e.AmountAfter(), m.MaxBalance())
	}
}
