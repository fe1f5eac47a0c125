package apply

import (
	"fmt"

	"tongka/internal/ledger"
)

func (b *builder) ruleKind() kind[ledger.Rule, ledger.RuleID] {
	return kind[ledger.Rule, ledger.RuleID]{
		name: "rule", order: byID,
		id:    func(r *ledger.Rule) *ledger.RuleID { return &r.ID },
		title: func(r *ledger.Rule) string { return r.Name },
		fields: func(r *ledger.Rule, d *diff) fields {
			return fields{
				"name":       scalar(&b.reader, d, &r.Name, parseText),
				"kind":       scalar(&b.reader, d, &r.Kind, parseRuleKind),
				"threshold":  scalar(&b.reader, d, &r.Threshold, parseMoney),
				"add_money":  scalar(&b.reader, d, &r.AddMoney, parseMoney),
				"add_rate":   scalar(&b.reader, d, &r.AddRate, parseShare),
				"add_points": scalar(&b.reader, d, &r.AddPoints, parseCount[int64](0, ledger.MaxRulePoints)),
				"first":      scalar(&b.reader, d, &r.First, parseDay),
				"last":       scalar(&b.reader, d, &r.Last, parseDay),
				"weekdays":   scalar(&b.reader, d, &r.Weekdays, ledger.ParseWeekdays),
				"from":       scalar(&b.reader, d, &r.From, parseClock),
				"until":      scalar(&b.reader, d, &r.Until, parseClock),
				"ended":      scalar(&b.reader, d, &r.Ended, parseBool),
			}
		},
		check: func(v value, r *ledger.Rule) { b.faultyTogether(v, r.Faults()) }, turn: turnRule,
	}
}

// turnRule clears the fields that only a rule's old kind uses, if the file changes its kind. A field the file sets
// is left to it, so that a value the new kind cannot have is still refused.
func turnRule(v value, r *ledger.Rule, d *diff) {
	kind, known := ledger.ParseRuleKind(v.text("kind"))
	if !known || kind == r.Kind {
		return
	}
	if r.Threshold != 0 && v.find("threshold") == nil {
		d.note("threshold", r.Threshold, ledger.Fen(0))
		r.Threshold = 0
	}
	if r.AddMoney != 0 && v.find("add_money") == nil && kind == ledger.Percent {
		d.note("add_money", r.AddMoney, ledger.Fen(0))
		r.AddMoney = 0
	}
	if r.AddRate != 0 && v.find("add_rate") == nil {
		d.note("add_rate", r.AddRate, ledger.Rate(0))
		r.AddRate = 0
	}
}

func parseRuleKind(s string) (ledger.RuleKind, error) {
	k, ok := ledger.ParseRuleKind(s)
	if !ok {
		return 0, fmt.Errorf("want each, percent or threshold, got %q", s)
	}
	return k, nil
}

// parseClock reads a time of the day; nothing is none.
func parseClock(s string) (ledger.Clock, error) {
	if s == "" {
		return 0, nil
	}
	return ledger.ParseClock(s)
}
