package verify

import (
	"slices"

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
	case ledger.MerchantAdded:
		l.add(e)
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

// byRules looks for the rules a recharge met among those in force. That what they gave adds up is checked with the
// bill. If the journal does not say which rules there were, it looks among the current ones; a rule that is not found
// or gives something else then counts as unknown.
func (l *audit) byRules(e *ledger.Entry) {
	if len(e.Rules) == 0 {
		return
	}
	r := l.checks[8]
	r.Rows++
	among := l.rules[e.Merchant]
	if l.then.known {
		among = l.then.as.Rules
	}
	for _, hit := range e.Rules {
		if given(among, e, hit) {
			continue
		}
		if l.then.known {
			r.fail("entry %d met a rule that was not in force: %s", e.ID, hit.Name)
			return
		}
		r.Unknown++
		return
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
	switch level := m.LevelOf(c); e.Kind {
	case ledger.Consumed:
		if e.PayRate != level.PayRate {
			l.checks[9].fail("entry %d has a discount that its level did not give", e.ID)
		}
		if e.EarnRate != 0 && e.EarnRate != level.Earn {
			l.checks[31].fail("entry %d earned points by a rate that its level did not have", e.ID)
		}
	case ledger.Renewed:
		if !slices.ContainsFunc(level.Rights.Renewals, func(r ledger.Renewal) bool { return r.Price == e.Gross }) {
			l.checks[9].fail("entry %d is a renewal for %v, which its level did not offer", e.ID, e.Gross)
		}
	case ledger.Recharged:
		if p, ok := m.PayType(e.PayType); (!ok || p.Ended) && e.PayType != 0 {
			l.checks[8].fail("entry %d was paid by pay type %d, which there was not", e.ID, e.PayType)
		}
	}
	if shop, _ := m.Shop(e.By.Shop); shop.Ended {
		l.checks[37].fail("entry %d was made at shop %d, which had ended", e.ID, shop.ID)
	}
	l.withinLimits(m, e)
}

// withinLimits checks what one command may move and what a card may hold.
func (l *audit) withinLimits(m *ledger.Merchant, e *ledger.Entry) {
	r := l.checks[37]
	switch e.Kind {
	case ledger.Consumed, ledger.Recharged, ledger.Renewed, ledger.Withdrawn, ledger.AccountCharged:
		r.Rows++
		if e.Gross > m.MaxAmount() {
			r.fail("entry %d moves %v, the merchant allowed %v", e.ID, e.Gross, m.MaxAmount())
		}
	}
	if (e.Kind == ledger.Recharged || e.Kind == ledger.TransferredIn) && e.AmountAfter() > m.MaxBalance() {
		r.fail("entry %d leaves %v on a card, the merchant allowed %v", e.ID, e.AmountAfter(), m.MaxBalance())
	}
}
