package ledger

import (
	"slices"
	"time"
)

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
	Weekdays  Weekdays
	From      Clock // time of the day from which it is in force
	Until     Clock // time of the day at which it ends; before From, it does so on the day after
	Ended     bool  // no longer in force, whatever its days
}

// InForce reports whether the rule applies to recharges at a time, which is in the merchant's zone. Hours that pass
// midnight are of the day on which they begin.
func (r *Rule) InForce(wall time.Time) bool {
	at, late := ClockOf(wall), r.pastMidnight()
	switch {
	case late && at < r.Until:
		wall = wall.AddDate(0, 0, -1)
	case at < r.From, !late && r.Until != 0 && at >= r.Until:
		return false
	}
	day := DateOf(wall)
	return !r.Ended && r.First <= day && (r.Last == 0 || day <= r.Last) && r.Weekdays.Has(wall.Weekday())
}

func (r *Rule) pastMidnight() bool { return r.Until != 0 && r.Until < r.From }

// Next returns the first time from wall on at which the rule is in force, on its minute; ok is false if it never is
// again.
func (r *Rule) Next(wall time.Time) (next time.Time, ok bool) {
	if r.InForce(wall) {
		return wall, true
	}
	from := DateOf(wall)
	if r.First > from {
		from = r.First
	}
	for day := from; day <= from.AddDays(7); day = day.AddDays(1) {
		next = day.At(r.From, wall.Location())
		if next.After(wall) && r.InForce(next) {
			return next, true
		}
	}
	return time.Time{}, false
}

// Gives returns what the rule gives for a recharge it applies to.
func (r *Rule) Gives(paid Fen) RuleHit {
	if r.Kind == Percent {
		return RuleHit{r.Name, paid.Floor(r.AddRate), r.AddPoints}
	}
	return RuleHit{r.Name, r.AddMoney, r.AddPoints}
}

// Faults reports a rule that gives nothing, or that member-cjb would misstate: on that wire a threshold of 0 means
// "each time" and one of 1 yuan means "percent" (getrechargerules).
func (r Rule) Faults() []Fault {
	var f faults
	f.name(r.Name)
	f.amount("add_money", r.AddMoney)
	f.amount("threshold", r.Threshold)
	f.count("add_points", r.AddPoints, MaxRulePoints)
	f.when(r.AddRate < 0 || r.AddRate > Percent100, "add_rate", "want a ratio above 0 and at most 1")
	r.faultsOfTime(&f)
	percent := r.Kind == Percent
	switch r.Kind {
	case FromAmount:
		f.when(r.Threshold == 0 || r.Threshold == oneYuan, "threshold",
			"want an amount other than 0 and 1.00: the member-cjb wire gives those another meaning")
	case EachTime, Percent:
		f.when(r.Threshold != 0, "threshold", "only a rule of kind threshold has one")
	default:
		f.when(true, "kind", "want a kind: each, percent or threshold")
		return f
	}
	f.when(percent && (r.AddRate == 0 || r.AddMoney != 0), "add_rate", "a percent rule gives add_rate and no add_money")
	f.when(!percent && (r.AddRate != 0 || r.AddMoney == 0 && r.AddPoints == 0), "add_money",
		"a rule of this kind gives add_money or add_points and no add_rate")
	return f
}

// faultsOfTime reports what is wrong with when a rule is in force.
func (r *Rule) faultsOfTime(f *faults) {
	f.when(r.First != 0 && r.Last != 0 && r.First > r.Last, "last", "the last day comes before the first")
	f.when(r.Weekdays < 0 || r.Weekdays >= 1<<7, "weekdays", "want days of the week")
	f.when(r.From < 0 || r.From >= dayLong, "from", "want a time of the day")
	f.when(r.Until < 0 || r.Until >= dayLong || r.Until == r.From && r.From != 0, "until",
		"want a time of the day other than the one at which it begins")
}

// LessBonus reduces what rules give to that much money: those that come last give less, or none.
func LessBonus(hits []RuleHit, bonus Fen) []RuleHit {
	for i := range hits {
		hits[i].Money = min(hits[i].Money, bonus)
		bonus -= hits[i].Money
	}
	return hits
}

// SumHits returns the bonus and the points that rules gave together.
func SumHits(hits []RuleHit) (bonus Fen, points int64) {
	for _, h := range hits {
		bonus += h.Money
		points += h.Points
	}
	return bonus, points
}
