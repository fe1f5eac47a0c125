package apply

import (
	"fmt"
	"slices"
	"strings"

	"tongka/internal/ledger"
)

// rights returns the readers of a level's fields other than name, discount and earn.
func (b *builder) rights(g *ledger.Rights, d *diff) fields {
	r := &b.reader
	return fields{
		"recharge": func(v value) {
			allowed := !g.NoRecharge
			scalar(r, d, &allowed, parseBool)(v)
			g.NoRecharge = !allowed
		},
		"member_price": scalar(r, d, &g.MemberPrice, parseBool),
		"cash_back": whole(d, &g.CashBack, func(back *ledger.CashBack, d *diff) fields {
			return fields{"each": scalar(r, d, &back.Each, parseMoney), "back": scalar(r, d, &back.Back, parseMoney)}
		}, b.object),
		"renewals": b.renewals(g, d),
		"account": whole(d, &g.Account, func(a *ledger.HouseAccount, d *diff) fields {
			return fields{
				"id":         scalar(r, d, &a.ID, parseCount(0, int64(maxID[ledger.LevelID]()))),
				"name":       scalar(r, d, &a.Name, parseText),
				"max_amount": scalar(r, d, &a.MaxAmount, parseMoney),
				"fixed":      scalar(r, d, &a.Fixed, parseMoney),
				"max_count":  scalar(r, d, &a.MaxCount, parseCount(0, ledger.MaxCharges)),
			}
		}, b.object),
	}
}

// whole returns a reader of a nested object into *into. Its fields are updated one by one: those the file leaves
// out keep their values. The changes are noted in d under the object's name.
func whole[T any](d *diff, into *T, fs func(*T, *diff) fields, object func(value, fields)) func(value) {
	return func(v value) {
		var changed diff
		object(v, fs(into, &changed))
		d.within(lastName(v), changed)
	}
}

func lastName(v value) string { return v.path[strings.LastIndexByte(v.path, '.')+1:] }

// renewals reads a list that replaces the existing one as a whole, since renewals have no ids.
func (b *builder) renewals(g *ledger.Rights, d *diff) func(value) {
	return func(v value) {
		var filed []ledger.Renewal
		b.list(func(v value) {
			if !b.named(v, "{price: 10.00, months: 12}") {
				return
			}
			var one ledger.Renewal
			var fresh diff
			b.object(v, fields{
				"price":  scalar(&b.reader, &fresh, &one.Price, parseMoney),
				"months": scalar(&b.reader, &fresh, &one.Months, parseCount(1, ledger.MaxMonths)),
			})
			filed = append(filed, one)
		})(v)
		if !slices.Equal(filed, g.Renewals) {
			d.note(lastName(v), renewalsTold(g.Renewals), renewalsTold(filed))
			g.Renewals = filed
		}
	}
}

// renewalsTold returns a text like "12 months for 2.00 and 6 months for 1.50".
func renewalsTold(all []ledger.Renewal) string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = fmt.Sprintf("%d months for %v", one.Months, one.Price)
	}
	return strings.Join(texts, " and ")
}
