package page

import (
	"strings"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// words is a text in both languages of the page.
type words struct{ Zh, En string }

// worth says what a coupon is good for.
func worth(t *ledger.CouponTerms) words {
	switch t.Type {
	case ledger.CashCoupon:
		return words{"¥" + phrase.Yuan(t.Face), "off the bill"}
	case ledger.PercentCoupon:
		percent := phrase.Percent(t.Off)
		return words{"减" + percent, percent + " off"}
	}
	return words{"兑换券", "for goods"}
}

// terms says under which conditions a coupon can be used.
func (v *visit) terms(t *ledger.CouponTerms) words {
	var zh, en []string
	add := func(there bool, said words) {
		if there {
			zh, en = append(zh, said.Zh), append(en, said.En)
		}
	}
	least, shops := phrase.Yuan(t.Least), v.shops(t.Shops)
	add(t.Least > 0, words{"满 ¥" + least + " 可用", "bills from ¥" + least})
	add(shops != "", words{"限 " + shops, "not everywhere"})
	add(t.Alone, words{"不与其他券同用", "not with others"})
	return words{strings.Join(zh, " · "), strings.Join(en, " · ")}
}

// shops names the shops where a coupon is valid; "" = everywhere.
func (v *visit) shops(ids []ledger.ShopID) string {
	return strings.Join(v.merchant.ShopNames(ids), "、")
}

// grouped splits a code into groups of four digits.
func grouped(code string) string {
	var groups []string
	for len(code) > 4 {
		groups, code = append(groups, code[:4]), code[4:]
	}
	return strings.Join(append(groups, code), " ")
}
