package sandy

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strconv"

	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// What the field money of a rule says when it is no threshold.
const (
	moneyEachTime = 0
	moneyPercent  = 1
)

// getRechargeRules lists the recharge rules in force today by id and the pay types in their order.
func getRechargeRules(d *Dialect, ctx context.Context, c *call, f *fields) ([]byte, error) {
	number := f.card("card_id")
	if err := f.err(); err != nil {
		return nil, err
	}
	if _, err := d.card(ctx, c, number); err != nil {
		return nil, err
	}
	rules := slices.SortedFunc(slices.Values(c.merchant.Rules), func(a, b ledger.Rule) int { return cmp.Compare(a.ID, b.ID) })
	var w writer
	w.open('{')
	w.key("rules")
	w.open('[')
	for _, r := range rules {
		if r.InForce(c.today) {
			w.rule(r)
		}
	}
	w.close(']')
	w.key("paytypes")
	w.open('[')
	for _, p := range c.merchant.PayTypes {
		w.payType(p)
	}
	w.close(']')
	w.close('}')
	return w.b, nil
}

func (w *writer) rule(r ledger.Rule) {
	w.next()
	w.open('{')
	switch r.Kind {
	case ledger.EachTime:
		w.int("money", moneyEachTime)
	case ledger.Percent:
		w.int("money", moneyPercent)
	case ledger.FromAmount:
		w.key("money")
		w.b = append(w.b, shortest(r.Threshold)...)
	}
	w.points("add_score", r.AddPoints)
	w.text("description", r.Name)
	if r.Kind == ledger.Percent {
		w.rate("add_money", r.AddRate)
	} else {
		w.amount("add_money", r.AddMoney)
	}
	w.close('}')
}

// shortest is an amount without decimals that are 0: the page shows thresholds so.
func shortest(f ledger.Fen) []byte {
	return bytes.TrimSuffix(appendAmount(nil, f), []byte(".0"))
}

// payType writes a pair, like [1,"现金"].
func (w *writer) payType(p ledger.PayType) {
	w.next()
	w.open('[')
	w.b = strconv.AppendInt(w.b, int64(p.ID), 10)
	w.b = append(w.b, ',')
	w.b = wire.AppendText(w.b, p.Name)
	w.close(']')
}
