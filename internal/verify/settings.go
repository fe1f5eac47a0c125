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
	own   ledger.Settings
	rules []ledger.Rule
}

// settle applies the settings that an entry made, and what entries of the host state.
func (l *audit) settle(e *ledger.Entry) {
	switch e.Kind {
	case ledger.SettingsChanged:
		l.setTo(e.Settings, e.ID)
	case ledger.AgentChanged:
		l.tell(e)
	case ledger.MerchantAdded:
		l.add(e)
	}
}

// setTo puts settings in force from an entry on.
func (l *audit) setTo(text string, by ledger.EntryID) {
	own, rules, err := ledger.ParseSettings(text)
	if err != nil {
		l.checks[lawful].fail("entry %d changed the settings to something that cannot be read: %v", by, err)
	}
	l.then.known, l.then.entry, l.then.text, l.then.own, l.then.rules = true, by, text, own, rules
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
	among := l.then.rules
	if !l.then.known {
		among = l.rules[e.Merchant]
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
	if l.then.known && l.then.own.BreaksPledge(c, e) {
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
