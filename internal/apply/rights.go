package apply

import (
	"fmt"
	"slices"
	"strings"

	"tongka"
)

// maxMonths bounds how far one renewal moves a card's last good day.
const maxMonths = 120

// rights are the fields of a level that say what it gives besides discount and points.
func (b *builder) rights(g *tongka.Rights, d *diff) fields {
	r := &b.reader
	return fields{
		"recharge": func(v value) {
			allowed := !g.NoRecharge
			scalar(r, d, &allowed, parseBool)(v)
			g.NoRecharge = !allowed
		},
		"member_price": scalar(r, d, &g.MemberPrice, parseBool),
		"cash_back": whole(d, &g.CashBack, func(back *tongka.CashBack, d *diff) fields {
			return fields{"each": scalar(r, d, &back.Each, parseMoney), "back": scalar(r, d, &back.Back, parseMoney)}
		}, b.object),
		"renewals": b.renewals(g, d),
		"account": whole(d, &g.Account, func(a *tongka.SigningAccount, d *diff) fields {
			return fields{
				"id":         scalar(r, d, &a.ID, parseCount(0, int64(maxID[tongka.LevelID]()))),
				"name":       scalar(r, d, &a.Name, parseText),
				"max_amount": scalar(r, d, &a.MaxAmount, parseMoney),
				"fixed":      scalar(r, d, &a.Fixed, parseMoney),
				"max_count":  scalar(r, d, &a.MaxCount, parseCount(0, 1_000_000)),
			}
		}, b.object),
	}
}

// whole reads an object that is one thing: its changes stand under its name.
func whole[T any](d *diff, into *T, fs func(*T, *diff) fields, object func(value, fields)) func(value) {
	return func(v value) {
		var changed diff
		object(v, fs(into, &changed))
		d.within(lastName(v), changed)
	}
}

func lastName(v value) string { return v.path[strings.LastIndexByte(v.path, '.')+1:] }

// renewals reads a list that takes the place of the one before.
func (b *builder) renewals(g *tongka.Rights, d *diff) func(value) {
	return func(v value) {
		var filed []tongka.Renewal
		b.list(func(v value) {
			var one tongka.Renewal
			var fresh diff
			b.object(v, fields{
				"price":  scalar(&b.reader, &fresh, &one.Price, parseMoney),
				"months": scalar(&b.reader, &fresh, &one.Months, parseCount(1, maxMonths)),
			})
			filed = append(filed, one)
		})(v)
		if !slices.Equal(filed, g.Renewals) {
			d.note(lastName(v), renewalsTold(g.Renewals), renewalsTold(filed))
			g.Renewals = filed
		}
	}
}

// renewalsTold reads like "12 months for 2.00 and 6 months for 1.50".
func renewalsTold(all []tongka.Renewal) string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = fmt.Sprintf("%d months for %v", one.Months, one.Price)
	}
	return strings.Join(texts, " and ")
}

// checkRights refuses rights that say nothing, or that a till would take for something else.
func (b *builder) checkRights(v value, g *tongka.Rights) {
	if back := g.CashBack; (back.Each == 0) != (back.Back == 0) || back.Back > back.Each {
		b.fail(v.key("cash_back"), "want each and back, and back no more than each")
	}
	if len(g.Renewals) > tongka.MaxRenewals {
		b.fail(v.key("renewals"), "want at most %d", tongka.MaxRenewals)
	}
	seen := map[int]bool{}
	for _, one := range g.Renewals {
		switch {
		case one.Price == 0 || one.Months == 0:
			b.fail(v.key("renewals"), "want a price and months for each")
		case seen[one.Months]:
			b.fail(v.key("renewals"), "%d months stand twice", one.Months)
		}
		seen[one.Months] = true
	}
	switch a := g.Account; {
	case a == tongka.SigningAccount{}:
	case a.ID == 0 || tongka.Blank(a.Name):
		b.fail(v.key("account"), "want an id and a name")
	case a.MaxAmount > 0 && a.Fixed > a.MaxAmount:
		b.fail(v.key("account"), "one bill may not be more than max_amount")
	}
}
