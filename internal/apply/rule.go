package apply

import (
	"fmt"

	"tongka"
)

func (b *builder) ruleKind() kind[tongka.Rule, tongka.RuleID] {
	return kind[tongka.Rule, tongka.RuleID]{
		name: "rule", order: byID,
		id:    func(r *tongka.Rule) *tongka.RuleID { return &r.ID },
		title: func(r *tongka.Rule) string { return r.Name },
		fields: func(r *tongka.Rule, d *diff) fields {
			return fields{
				"name":       scalar(&b.reader, d, &r.Name, parseText),
				"kind":       scalar(&b.reader, d, &r.Kind, parseRuleKind),
				"threshold":  scalar(&b.reader, d, &r.Threshold, parseMoney),
				"add_money":  scalar(&b.reader, d, &r.AddMoney, parseMoney),
				"add_rate":   scalar(&b.reader, d, &r.AddRate, parseShare),
				"add_points": scalar(&b.reader, d, &r.AddPoints, parseCount[int64](0, tongka.MaxRulePoints)),
				"first":      scalar(&b.reader, d, &r.First, parseDay),
				"last":       scalar(&b.reader, d, &r.Last, parseDay),
				"ended":      scalar(&b.reader, d, &r.Ended, parseBool),
			}
		},
		check: func(v value, r *tongka.Rule) { b.faulty(v, r.Faults()) }, turn: turnRule,
	}
}

// turnRule lets a rule become one of another kind: what only the old kind has goes, unless the file says
// otherwise.
func turnRule(v value, r *tongka.Rule, d *diff) {
	kind, known := tongka.ParseRuleKind(v.text("kind"))
	if !known || kind == r.Kind {
		return
	}
	if r.Threshold != 0 && v.find("threshold") == nil {
		d.note("threshold", r.Threshold, tongka.Fen(0))
		r.Threshold = 0
	}
	if r.AddMoney != 0 && v.find("add_money") == nil && kind == tongka.Percent {
		d.note("add_money", r.AddMoney, tongka.Fen(0))
		r.AddMoney = 0
	}
	if r.AddRate != 0 && v.find("add_rate") == nil {
		d.note("add_rate", r.AddRate, tongka.Rate(0))
		r.AddRate = 0
	}
}

func parseRuleKind(s string) (tongka.RuleKind, error) {
	k, ok := tongka.ParseRuleKind(s)
	if !ok {
		return 0, fmt.Errorf("want each, percent or threshold, got %q", s)
	}
	return k, nil
}
