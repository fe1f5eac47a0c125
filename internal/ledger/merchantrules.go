package ledger

import (
	"slices"
	"time"
)

// RulesFor returns what the rules in force give for a recharge at a time, which is in the merchant's zone: every
// EachTime rule, every Percent rule, and the highest threshold reached.
func (m *Merchant) RulesFor(paid Fen, wall time.Time) []RuleHit {
	var hits []RuleHit
	best := -1
	for i, r := range m.Rules {
		if !r.InForce(wall) {
			continue
		}
		switch r.Kind {
		case EachTime:
			hits = append(hits, r.Gives(paid))
		case Percent:
			hits = append(hits, r.Gives(paid))
		case FromAmount:
			if paid >= r.Threshold && (best < 0 || r.Threshold > m.Rules[best].Threshold) {
				best = i
			}
		}
	}
	if best >= 0 {
		hits = append(hits, m.Rules[best].Gives(paid))
	}
	return hits
}

// Gives reports whether a recharge of that amount at a time may have met these rules: none, because the caller wanted
// none; all that apply; or these with less of their money, but some.
func (m *Merchant) Gives(hits []RuleHit, paid Fen, wall time.Time) bool {
	if len(hits) == 0 {
		return true
	}
	all := m.RulesFor(paid, wall)
	bonus, _ := SumHits(hits)
	if most, _ := SumHits(all); bonus < most && bonus > 0 {
		all = LessBonus(all, bonus)
	}
	return slices.Equal(all, hits)
}
