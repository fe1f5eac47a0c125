package ledger

import "slices"

// RuleKind is when a recharge rule applies.
type RuleKind int

const (
	EachTime   RuleKind = iota + 1 // every recharge
	Percent                        // every recharge, with a share of what is paid
	FromAmount                     // a recharge of at least Threshold; only the highest reached applies
)

var ruleKindNames = []string{"", "each", "percent", "threshold"}

// String returns the kind's name in configuration files.
func (k RuleKind) String() string { return ruleKindNames[k] }

// ParseRuleKind returns the kind of that name; ok is false if there is none.
func ParseRuleKind(name string) (k RuleKind, ok bool) {
	i := slices.Index(ruleKindNames, name)
	return RuleKind(max(i, 0)), i > 0
}

// Rule is what a recharge gives on top. Rules in force add up: every EachTime rule, every Percent rule and the
// highest FromAmount rule reached.
type Rule struct {
	ID        RuleID
	Name      string
	Kind      RuleKind
	Threshold Fen   // FromAmount only
	AddMoney  Fen   // EachTime and FromAmount
	AddRate   Rate  // Percent only: share given as bonus, rounded down
	AddPoints int64 // points given, for every kind
	First     Date  // first day it is in force; 0 = from the beginning
	Last      Date  // last day it is in force; 0 = no end
	Ended     bool  // no longer in force, whatever its days
}

// InForce reports whether the rule applies to recharges on a day.
func (r Rule) InForce(day Date) bool {
	return !r.Ended && r.First <= day && (r.Last == 0 || day <= r.Last)
}

// Gives returns what the rule gives for a recharge it applies to.
func (r *Rule) Gives(paid Fen) RuleHit {
	if r.Kind == Percent {
		return RuleHit{r.Name, paid.Floor(r.AddRate), r.AddPoints}
	}
	return RuleHit{r.Name, r.AddMoney, r.AddPoints}
}

// LessBonus reduces what rules give to that much money: those that come last give less, or none.
func LessBonus(hits []RuleHit, bonus Fen) []RuleHit {
	for i := range hits {
		hits[i].Money = min(hits[i].Money, bonus)
		bonus -= hits[i].Money
	}
	return hits
}

// Gives reports whether a recharge of that amount on a day may have met these rules: none, because the caller wanted
// none; all that apply; or these with less of their money, but some.
func (m *Merchant) Gives(hits []RuleHit, paid Fen, day Date) bool {
	if len(hits) == 0 {
		return true
	}
	all := m.RulesFor(paid, day)
	bonus, _ := SumHits(hits)
	if most, _ := SumHits(all); bonus < most && bonus > 0 {
		all = LessBonus(all, bonus)
	}
	return slices.Equal(all, hits)
}

func SumHits(hits []RuleHit) (bonus Fen, points int64) {
	for _, h := range hits {
		bonus += h.Money
		points += h.Points
	}
	return bonus, points
}
