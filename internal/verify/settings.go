package verify

import (
	"slices"

	"tongka/internal/ledger"
)

// inForce is what the journal says of the settings at one of its entries.
type inForce struct {
	clock ledger.EntryID // the newest entry that says what time it is; 0 = none yet
	entry ledger.EntryID // that made the settings; 0 = it is not known which there were
	text  string
	own   ledger.Settings
	rules []ledger.Rule
}

// settle takes the settings that an entry made.
func (l *audit) settle(e *ledger.Entry) {
	if e.Kind != ledger.SettingsChanged {
		return
	}
	own, rules, err := ledger.ParseSettings(e.Settings)
	if err != nil {
		l.checks[lawful].fail("entry %d changed the settings to what cannot be read: %v", e.ID, err)
	}
	l.then.entry, l.then.text, l.then.own, l.then.rules = e.ID, e.Settings, own, rules
}

// settled wants a merchant's settings to be those that the journal says it has.
func (l *audit) settled(id ledger.MerchantID) {
	if l.then.entry == 0 {
		return
	}
	l.checks[lawful].Rows++
	if l.texts[id] != l.then.text {
		l.checks[lawful].fail("merchant %d: its settings are not those that entry %d made", id, l.then.entry)
	}
}

// byRules looks for the rules a recharge met among those that were in force. That what they gave adds up is proved with
// the bill. Where the journal does not say which there were, it looks among those there are now: one that is gone
// by now, or gives something else, is not known.
func (l *audit) byRules(e *ledger.Entry) {
	if len(e.Rules) == 0 {
		return
	}
	r := l.checks[8]
	r.Rows++
	among := l.then.rules
	if l.then.entry == 0 {
		among = l.rules[e.Merchant]
	}
	for _, hit := range e.Rules {
		if given(among, e, hit) {
			continue
		}
		if l.then.entry != 0 {
			r.fail("entry %d met a rule that there was not: %s", e.ID, hit.Name)
			return
		}
		r.Unknown++
		return
	}
}

// pledged wants money of the worth of the points it owes to be left on a card after an entry that took money off it,
// where the journal says what points are worth (invariant 32).
func (l *audit) pledged(c *ledger.Card, e *ledger.Entry) {
	if l.then.entry != 0 && l.then.own.BreaksPledge(c, e) {
		l.checks[32].fail("entry %d leaves less on a card than the points it owes are worth", e.ID)
	}
}

// given reports whether one of the rules gives what a recharge got by it, or more, as where the caller wanted less.
func given(rules []ledger.Rule, e *ledger.Entry, hit ledger.RuleHit) bool {
	return slices.ContainsFunc(rules, func(rule ledger.Rule) bool {
		gives := rule.Gives(min(max(0, e.Gross), ledger.MaxFen))
		return !rule.Ended && gives.Name == hit.Name && hit.Money <= gives.Money && hit.Points == gives.Points
	})
}
