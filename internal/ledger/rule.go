package ledger

import "slices"

// RuleKind says when a recharge rule applies.
type RuleKind int

const (
	EachTime   RuleKind = iota + 1 // every recharge
	Percent                        // every recharge, a share of what is paid
	FromAmount                     // a recharge of at least Threshold; of these only the highest reached
)

var ruleKindNames = []string{"", "each", "percent", "threshold"}

// String is the kind's name in configuration files.
func (k RuleKind) String() string { return ruleKindNames[k] }

// ParseRuleKind reads a kind's name; ok is false when there is none of that name.
func ParseRuleKind(name string) (k RuleKind, ok bool) {
	i := slices.Index(ruleKindNames, name)
	return RuleKind(max(i, 0)), i > 0
}

// Rule is what a recharge gives on top. Rules in force add up: every EachTime rule, every Percent rule and
// the highest FromAmount rule reached.
type Rule struct {
	ID        RuleID
	Name      string
	Kind      RuleKind
	Threshold Fen   // FromAmount only
	AddMoney  Fen   // EachTime and FromAmount
	AddRate   Rate  // Percent only: the share given as bonus, rounded down
	AddPoints int64 // points given, whatever the kind
	First     Date  // the first day it is in force; 0 = from the beginning
	Last      Date  // the last one; 0 = no end
	Ended     bool  // it is in force no more, whatever its days
}

// InForce reports whether recharges of a day meet the rule.
func (r Rule) InForce(day Date) bool {
	return !r.Ended && r.First <= day && (r.Last == 0 || day <= r.Last)
}

// Gives is what the rule gives for a recharge that meets it.
func (r *Rule) Gives(paid Fen) RuleHit {
	if r.Kind == Percent {
		return RuleHit{r.Name, paid.Floor(r.AddRate), r.AddPoints}
	}
	return RuleHit{r.Name, r.AddMoney, r.AddPoints}
}

func SumHits(hits []RuleHit) (bonus Fen, points int64) {
	for _, h := range hits {
		bonus += h.Money
		points += h.Points
	}
	return bonus, points
}
