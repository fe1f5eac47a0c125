package apply_test

import (
	"strings"
	"testing"
)

// Problems of a level's rights and of pay types name their line and field too.
func TestProblemsOfRights(t *testing.T) {
	t.Parallel()
	level := func(rights string) string { return strings.Replace(base, "name: 普通", "name: a, "+rights, 1) }
	for _, c := range []struct{ text, want string }{
		{level("recharge: 1"), "levels[0].recharge: want true or false"},
		{level("cash_back: {each: 5}"), "levels[0].cash_back: want each and back"},
		{level("cash_back: {each: 5, back: 6}"), "levels[0].cash_back: want each and back, and back no more"},
		{level("renewals: [{price: 5}]"), "levels[0].renewals: want a price and at most 120 months for each"},
		{level("renewals: [{months: 5}]"), "levels[0].renewals: want a price and at most 120 months for each"},
		{level("renewals: [{price: 5, months: 121}]"), "levels[0].renewals[0].months: want a whole number from 1 to 120"},
		{level("renewals: [{price: 5, months: 1}, {price: 6, months: 1}]"), "levels[0].renewals: 1 months stand twice"},
		{level("renewals: [" + strings.Repeat("{price: 1, months: 1},", 21) + "]"), "levels[0].renewals: want at most 20"},
		{level("account: {name: x}"), "levels[0].account: want an id and a name"},
		{
			level("account: {id: 1, name: x, max_amount: 5, fixed: 6}"),
			"levels[0].account: one bill may not be more than max_amount",
		},
		{base + "    pay_types: [{id: 1, name: x, code: WX}]\n", "pay_types[0].code: want at most 16 letters"},
		{
			base + "    pay_types: [{id: 1, name: x, code: wx}, {id: 2, name: y, code: wx}]\n",
			"pay_types: code wx stands for two pay types",
		},
	} {
		wantProblem(t, c.text, c.want)
	}
}
