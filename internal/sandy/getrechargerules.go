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

// Values of the field money of a rule that has no threshold.
const (
	moneyEachTime = 0
	moneyPercent  = 1
)

// getRechargeRules lists the recharge rules in force now, ordered by id, and the pay types in their configured
// order.
func getRechargeRules(d *Dialect, ctx context.Context, c *call, f *fields) ([]byte, error) {
	number := f.card("card_id")
	if err := f.err(); err != nil {
		return nil, err
	}
	if _, err := d.card(ctx, c, number); err != nil {
		return nil, err
	}
	rules := slices.SortedFunc(slices.Values(c.merchant.Rules), func(a, b ledger.Rule) int {
		return cmp.Compare(a.ID, b.ID)
	})
	var w writer
	w.Open('{')
	w.Key("rules")
	w.Open('[')
	for _, r := range rules {
		if r.InForce(c.wall) {
			w.rule(r)
		}
	}
	w.Close(']')
	w.Key("paytypes")
	w.Open('[')
	for _, p := range c.merchant.PayTypesNow() {
		w.payType(p)
	}
	w.Close(']')
	w.Close('}')
	return w.B, nil
}

func (w *writer) rule(r ledger.Rule) {
	w.Next()
	w.Open('{')
	switch r.Kind {
	case ledger.EachTime:
		w.Int("money", moneyEachTime)
	case ledger.Percent:
		w.Int("money", moneyPercent)
	case ledger.FromAmount:
		w.Key("money")
		w.B = append(w.B, shortest(r.Threshold)...)
	}
	w.points("add_score", r.AddPoints)
	w.Text("description", r.Name)
	if r.Kind == ledger.Percent {
		w.rate("add_money", r.AddRate)
	} else {
		w.amount("add_money", r.AddMoney)
	}
	w.Close('}')
}

// shortest formats an amount without decimals that are 0, as the page shows thresholds.
func shortest(f ledger.Fen) []byte {
	return bytes.TrimSuffix(appendAmount(nil, f), []byte(".0"))
}

// payType writes a pair, like [1,"现金"].
func (w *writer) payType(p ledger.PayType) {
	w.Next()
	w.Open('[')
	w.B = strconv.AppendInt(w.B, int64(p.ID), 10)
	w.B = append(w.B, ',')
	w.B = wire.AppendText(w.B, p.Name)
	w.Close(']')
}
