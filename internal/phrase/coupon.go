package phrase

import (
	"strconv"
	"strings"

	"tongka/internal/ledger"
)

// CouponWorth says what a coupon is good for, as people say it: in Chinese 8折 for 20 % off, and 8.5折 for 15 %.
func CouponWorth(t *ledger.CouponTerms) Text {
	switch t.Type {
	case ledger.CashCoupon:
		return Text{"¥" + Yuan(t.Face), "¥" + Yuan(t.Face) + " off"}
	case ledger.PercentCoupon:
		if t.Off >= ledger.Percent100 {
			return Text{"免单", "All of it"}
		}
		return Text{(10 * (ledger.Percent100 - t.Off)).String() + "折", Percent(t.Off) + " off"}
	}
	return Text{"兑换券", "For goods"}
}

// CouponConditions says when a coupon can be used; shops are the names of those where it is good, none for all. Without
// conditions both texts are empty.
func CouponConditions(t *ledger.CouponTerms, shops []string) Text {
	var zh, en []string
	add := func(there bool, said Text) {
		if there {
			zh, en = append(zh, said.Zh), append(en, said.En)
		}
	}
	least, most, n := "¥"+Yuan(t.Least), "¥"+Yuan(t.MaxOff), strconv.Itoa(t.MaxUse)
	add(t.Least > 0, Text{"满 " + least + " 可用", "bills from " + least})
	add(t.Type == ledger.PercentCoupon && t.MaxOff > 0, Text{"最高减 " + most, most + " off at most"})
	add(t.MaxUse > 0, Text{"每单限用 " + n + " 张", "at most " + n + " on a bill"})
	add(t.Alone, Text{"不与其他券同用", "not with other coupons"})
	add(len(shops) > 0, Text{"限 " + strings.Join(shops, "、"), "only at " + strings.Join(shops, ", ")})
	return Text{strings.Join(zh, " · "), strings.Join(en, " · ")}
}
