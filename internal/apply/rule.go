package apply

import (
	"fmt"

	"tongka"
)

const yuan tongka.Fen = 100

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
				"add_points": scalar(&b.reader, d, &r.AddPoints, parseCount[int64](0, 1_000_000_000)),
				"first":      scalar(&b.reader, d, &r.First, parseDay),
				"last":       scalar(&b.reader, d, &r.Last, parseDay),
				"ended":      scalar(&b.reader, d, &r.Ended, parseBool),
			}
		},
		check: b.checkRule, turn: turnRule,
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

// checkRule refuses rules that say nothing or that the member-cjb wire would say wrongly: there a
// threshold of 0 means "each time" and one of 1 yuan means "percent".
func (b *builder) checkRule(v value, r *tongka.Rule) {
	b.named(v, r.Name)
	switch r.Kind {
	case 0:
		b.fail(v.key("kind"), "want a kind: each, percent or threshold")
		return
	case tongka.FromAmount:
		if r.Threshold == 0 || r.Threshold == yuan {
			b.fail(v.key("threshold"), "want an amount other than 0 and 1.00: the member-cjb wire gives those another meaning")
		}
	default:
		if r.Threshold != 0 {
			b.fail(v.key("threshold"), "only a rule of kind threshold has one")
		}
	}
	if r.First != 0 && r.Last != 0 && r.First > r.Last {
		b.fail(v.key("last"), "the last day comes before the first")
	}
	if r.Kind == tongka.Percent && (r.AddRate == 0 || r.AddMoney != 0) {
		b.fail(v.key("add_rate"), "a percent rule gives add_rate and no add_money")
	}
	if r.Kind != tongka.Percent && (r.AddRate != 0 || r.AddMoney == 0 && r.AddPoints == 0) {
		b.fail(v.key("add_money"), "a rule of this kind gives add_money or add_points and no add_rate")
	}
}

func parseRuleKind(s string) (tongka.RuleKind, error) {
	k, ok := tongka.ParseRuleKind(s)
	if !ok {
		return 0, fmt.Errorf("want each, percent or threshold, got %q", s)
	}
	return k, nil
}
