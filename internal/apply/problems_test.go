package apply_test

import (
	"strings"
	"testing"
)

// base is a file without a problem.
const base = `merchants:
  - id: 1
    guid: "{A}"
    name: 甲
    shops: [{id: 11, guid: "{B}", name: 甲店}]
    levels: [{id: 1, name: 普通}]
`

type problem struct{ text, want string }

// problemsOfForm are problems of a file, or of a merchant in it, whose form is wrong.
var problemsOfForm = []problem{
	{"", "the file is empty"},
	{"merchants: [{name: \xc3\xe6\xb9\xdd}]", "the file is not UTF-8: save it as UTF-8"},
	{"merchants: [", "line 1: did not find expected node content: this is no YAML there or just before"},
	{"- a\n", "line 1: want fields like agents: …, of agents, merchants"},
	{"merchant: []\n", "line 1: merchant: there is no such field: want agents, merchants"},
	{"merchants: 1\n", "line 1: merchants: want a list"},
	{"merchants:\n  - {id: 1, guid: g, name: n}\n", "line 2: merchants[0]: want at least one shop"},
	{base + "    nam: x\n", "line 7: merchants[0].nam: there is no such field"},
	{base + "    name: x\n", `line 7: merchants[0].name: stands twice`},
	{
		base + "    zone: Mars/Olympus\n",
		"line 7: merchants[0].zone: want a time zone like Asia/Shanghai, got \"Mars/Olympus\"",
	},
	{base + "    licence_end: 2026-02-30\n", "line 7: merchants[0].licence_end: not a day of the calendar"},
	{
		base + "    settings: {policy: greedy}\n",
		"line 7: merchants[0].settings.policy: want proportional, bonus_first or principal_first",
	},
	{base + "    settings: {part_payment: yes}\n", "line 7: merchants[0].settings.part_payment: want true or false"},
	{base + "    settings: {bonus_days: -1}\n", "line 7: merchants[0].settings.bonus_days: want a whole number"},
	{base + "    settings: {max_amount: 1e3}\n", "line 7: merchants[0].settings.max_amount: not an amount"},
	{
		strings.Replace(base, "name: 普通", "name: 普通, discount: 1.2", 1),
		"line 6: merchants[0].levels[0].discount: want a ratio above 0",
	},
	{strings.Replace(base, "name: 普通", "discount: 0.8", 1), "line 6: merchants[0].levels[0]: want a name"},
	{
		strings.Replace(base, "{id: 1, name: 普通}", "{id: 1, name: a}, {id: 1, name: b}", 1),
		"line 6: merchants[0].levels[1].id: level 1 stands twice",
	},
	{strings.Replace(base, "{B}", "a", 1), "line 5: merchants[0].shops: GUID a belongs to another merchant or shop"},
	{strings.Replace(base, "name: 甲店", "absent: true", 1), "there is no such field"},
	{base + "    absent: true\n", "merchants[0].absent: a merchant stays in the books: give it a licence_end"},
	{base + "---\n" + base, "line 8: a second document begins here"},
	{base + "---\nmerchants: [", "line 8: "},
}

// problemsOfItems are problems of list items without an id or a name.
var problemsOfItems = []problem{
	{"merchants: [1]\n", "line 1: merchants[0]: want an item with fields, like {id: 1, name: …}"},
	{"agents: [5]\n", "line 1: agents[0]: want an item with fields, like {name: till, grants: […]}"},
	{
		"agents: [{name: a, grants: [read]}]\n",
		"line 1: agents[0].grants[0]: want an item with fields, like {merchant: 1, permissions: [read]}",
	},
	{base + "    rules: [five]\n", "line 7: merchants[0].rules[0]: want an item with fields, like {id: 1, name: …}"},
	{base + "    pay_types: [现金]\n", "line 7: merchants[0].pay_types[0]: want an item with fields, like {id: 1, name: …}"},
	{
		base + "    coupon_kinds: [[]]\n",
		"line 7: merchants[0].coupon_kinds[0]: want an item with fields, like {id: 1, name: …}",
	},
	{
		strings.Replace(base, "{id: 11, guid: \"{B}\", name: 甲店}", "甲店", 1),
		"line 5: merchants[0].shops[0]: want an item with fields, like {id: 1, name: …}",
	},
	{
		base + "    cards: [A0001]\n",
		"line 7: merchants[0].cards[0]: want an item with fields, like {number: A0001, level: 1, name: …}",
	},
	{
		base + "    cards: [{number: abcd, level: 1, name: x, coupons: [1]}]\n",
		"line 7: merchants[0].cards[0].coupons[0]: want an item with fields, like {kind: 1, count: 1}",
	},
	{
		strings.Replace(base, "{id: 1, name: 普通}", "1", 1),
		"line 6: merchants[0].levels[0]: want an item with fields, like {id: 1, name: …}",
	},
	{
		strings.Replace(base, "name: 普通", "name: 普通, renewals: [12]", 1),
		"line 6: merchants[0].levels[0].renewals[0]: want an item with fields, like {price: 10.00, months: 12}",
	},
}

var problemsOfRules = []problem{
	{
		base + "    rules:\n      - {id: 1, name: r, kind: threshold, threshold: 1.00, add_money: 5}\n",
		"line 8: merchants[0].rules[0].threshold: want an amount other than 0 and 1.00",
	},
	{
		base + "    rules:\n      - {id: 1, name: r, kind: threshold, add_money: 5}\n",
		"line 8: merchants[0].rules[0]: want an amount other than 0 and 1.00",
	},
	{
		base + "    rules: [{id: 1, name: r, kind: each, threshold: 5, add_money: 5}]\n",
		"rules[0].threshold: only a rule of kind threshold has one",
	},
	{
		base + "    rules: [{id: 1, name: r, kind: percent, add_money: 5}]\n",
		"a percent rule gives add_rate and no add_money",
	},
	{base + "    rules: [{id: 1, name: r, kind: each}]\n", "a rule of this kind gives add_money or add_points"},
	{base + "    rules: [{id: 1, name: r}]\n", "want a kind: each, percent or threshold"},
	{
		base + "    rules: [{id: 1, name: r, kind: each, add_money: 5, first: 2026-02-01, last: 2026-01-31}]\n",
		"rules[0].last: the last day comes before the first",
	},
	{
		base + "    rules: [{id: 1, name: r, kind: each, add_money: 5, weekdays: monday}]\n",
		"rules[0].weekdays: want days like mon,tue, each once",
	},
	{base + "    rules: [{id: 1, name: r, kind: each, add_money: 5, from: 25:00}]\n", "rules[0].from: not a time of the day"},
	{
		base + "    rules: [{id: 1, name: r, kind: each, add_money: 5, from: 9:00, until: 9:00}]\n",
		"rules[0].until: want a time of the day other than the one at which it begins",
	},
	{base + "    rules: [{id: 1, absent: true, kind: each}]\n", "rules[0].kind: there is no such field"},
	{base + "    rules: [{id: 1, absent: maybe}]\n", "rules[0].absent: want true or false"},
	{base + "    rules: [{id: 1, absent: true}, {id: 1, absent: true}]\n", "rules[1].id: rule 1 stands twice"},
}

var problemsOfCards = []problem{
	{
		base + "    cards:\n      - {number: abc!, level: 1, name: x}\n",
		"line 8: merchants[0].cards[0]: card number is not allowed: abc!",
	},
	{base + "    cards:\n      - {number: abcd, level: 2, name: x}\n", "line 8: merchants[0].cards[0]: level is unknown"},
	{
		base + "    cards:\n      - {number: abcd, level: 1, name: x}\n      - {number: abcd, level: 1, name: x}\n",
		"line 9: merchants[0].cards[1]: card number is taken: abcd",
	},
	{
		base + "    cards:\n      - {number: abcd, level: 1, name: x, principal: 1.234}\n",
		"line 8: merchants[0].cards[0].principal: not an amount",
	},
	{
		base + "    licence_end: 2020-01-01\n    cards: [{number: abcd, level: 1, name: x}]\n",
		"line 8: merchants[0].cards: licence has ended",
	},
}

// problemsOfCoupons are problems of coupon kinds, and of the coupons a card starts with.
var problemsOfCoupons = []problem{
	{
		base + "    coupon_kinds:\n      - {id: 1, name: 券, type: gift}\n",
		"line 8: merchants[0].coupon_kinds[0].type: want cash, goods or percent",
	},
	{
		base + "    coupon_kinds:\n      - {id: 1, name: 券, type: cash}\n",
		"line 8: merchants[0].coupon_kinds[0]: a cash coupon has a face above 0",
	},
	{base + "    coupon_kinds:\n      - {id: 1, type: goods}\n", "line 8: merchants[0].coupon_kinds[0]: want a name"},
	{
		base + "    coupon_kinds:\n      - {id: 1, name: 券, type: goods, end: 2026-12-01, days: 3}\n",
		"line 8: merchants[0].coupon_kinds[0].days: want end or days, not both",
	},
	{
		base + "    coupon_kinds:\n      - {id: 1, name: 券, type: percent, off: 1.5}\n",
		"line 8: merchants[0].coupon_kinds[0].off: want a ratio above 0",
	},
	{
		base + "    coupon_kinds:\n      - {id: 1, name: 券, type: goods, stock: -1}\n",
		"line 8: merchants[0].coupon_kinds[0].stock: want a whole number",
	},
	{
		base + "    coupon_kinds:\n      - {id: 1, name: 券, type: goods, info: " + strings.Repeat("x", 201) + "}\n",
		"coupon_kinds[0].info: want at most 200 characters",
	},
	{
		base + "    coupon_kinds:\n      - {id: 1, name: 券, type: goods, shops: [x]}\n",
		"line 8: merchants[0].coupon_kinds[0].shops[0]: want a whole number",
	},
	{
		base + "    coupon_kinds:\n      - {id: 1, name: 券, type: goods, shops: [99]}\n",
		"line 8: merchants[0].coupon_kinds: coupon kind 1: there is no shop 99",
	},
	{
		base + "    coupon_kinds: [{id: 1, name: 券, type: goods}, {id: 1, name: 券, type: goods}]\n",
		"merchants[0].coupon_kinds[1].id: coupon kind 1 stands twice",
	},
	{
		base + "    cards:\n      - {number: abcd, level: 1, name: x, coupons: [{kind: 1}]}\n",
		"line 8: merchants[0].cards: card abcd: there is no coupon kind 1",
	},
	{
		base + "    cards: [{number: abcd, level: 1, name: x, coupons: [{kind: 1, count: 101}]}]\n",
		"merchants[0].cards[0].coupons[0].count: want a whole number from 1 to 100",
	},
	{
		base + "    cards: [{number: abcd, level: 1, name: x, coupons: [{kind: 1}, {kind: 1}]}]\n",
		"merchants[0].cards[0].coupons[1]: coupon kind 1 stands twice",
	},
	{
		base + "    cards: [{number: abcd, level: 1, name: x, coupons: [{count: 1}]}]\n",
		"card abcd: there is no coupon kind 0",
	},
}

var problemsOfAgents = []problem{
	{"agents: [{name: a, absent: true}]\n", "agents[0].absent: an agent stays in the books: say stopped: true"},
	{base + "agents: [{token: x}]\n", "line 7: agents[0]: want a name"},
	{base + "agents: [{name: a}, {name: a}]\n", `line 7: agents[1].name: agent "a" stands twice`},
	{base + "agents: [{name: a, allow: [here]}]\n", "line 7: agents[0].allow[0]: want an address or a range"},
	{
		base + "agents: [{name: a, grants: [{merchant: 2}]}]\n",
		`line 7: agents[0].grants[0].merchant: there is no merchant "2"`,
	},
	{
		base + "agents: [{name: a, grants: [{merchant: 1, permissions: [all]}]}]\n", `permissions[0]: want one of read, open`,
	},
	{base + "agents: [{name: a, token: t}]\n", "line 7: agents[0]: a chosen token needs the addresses"},
	{
		base + "agents: [{name: a, token: t, allow: [0.0.0.0/0], until: 2026-12-22}]\n",
		"line 7: agents[0].allow: a chosen token: 0.0.0.0/0 is too wide: want ranges of /8 or narrower",
	},
	{
		base + "agents: [{name: a, token: t, allow: [10.0.0.1], until: 2027-11-22}]\n",
		"line 7: agents[0].until: a chosen token needs a last day, at most 90 days ahead (2027-02-20)",
	},
	{base +
		"agents: [{name: a, token: t, allow: [10.0.0.1], until: 2027-01-01}, {name: b, token: t, allow: [10.0.0.2], until: 2027-01-01}]\n", "line 7: agents[1].token: agent a has this token: each needs its own"},
	{
		base + "agents: [{name: a, token: test, allow: [10.0.0.1], until: 2027-01-01}]\n",
		"line 7: agents[0].token: this token is published",
	},
}

// Every problem names its line and field, and a file with a problem changes nothing.
func TestProblems(t *testing.T) {
	t.Parallel()
	for name, problems := range map[string][]problem{
		"form": problemsOfForm, "items": problemsOfItems, "rules": problemsOfRules,
		"cards": problemsOfCards, "coupons": problemsOfCoupons, "agents": problemsOfAgents,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, c := range problems {
				wantProblem(t, c.text, c.want)
			}
		})
	}
}

func wantProblem(t *testing.T, text, want string) {
	t.Helper()
	b := newBooks(t)
	_, err := b.plan(t, text, options())
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s\ngot  %v\nwant %s", text, err, want)
	}
}

// The checks above must not refuse a weak token that meets their conditions.
func TestWeakTokenFencedIn(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	if _, err := b.plan(t, "agents: [{name: a, token: t, allow: [10.0.0.1], until: 2027-02-20}]", options()); err != nil {
		t.Error(err)
	}
	demo := options()
	demo.Demo = true
	if _, err := b.plan(t, "agents: [{name: a, token: test}]", demo); err != nil {
		t.Error(err)
	}
}

// What could not be read is told alone: what a rule then lacks, the file may well say.
func TestUnreadIsToldAlone(t *testing.T) {
	t.Parallel()
	for item, want := range map[string]string{
		"rules: [{id: 1, name: a, kind: each, add_money: 5.005}]":                "rules[0].add_money: ",
		"rules: [{id: 1, name: a, kind: each, add_points: x}]":                   "rules[0].add_points: ",
		"rules: [{id: 1, name: a, kind: percent, add_rate: 10}]":                 "rules[0].add_rate: ",
		"rules: [{id: 1, name: a, kind: threshold, threshold: x, add_money: 1}]": "rules[0].threshold: ",
		"rules: [{id: 1, name: a, kind: monthly, add_rate: 0.1}]":                "rules[0].kind: ",
		"zone: Mars": "merchants[0].zone: ",
	} {
		_, err := newBooks(t).plan(t, base+"    "+item+"\n", options())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), "line ") != 1 {
			t.Errorf("%s: got %v", item, err)
		}
	}
}

// If two places had one GUID, a till of one merchant could work on the cards of the other.
func TestGUIDOfAnotherMerchantInTheBooks(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.apply(t, shopFile(t))
	_, err := b.plan(t, `merchants: [{id: 2, guid: shop-12, name: x, shops: [{id: 12, guid: y, name: x}]}]`, options())
	if err == nil || !strings.Contains(err.Error(), "merchants[0].guid: GUID shop-12 belongs to another") ||
		!strings.Contains(err.Error(), "merchants[0].shops: shop id 12 belongs to another") {
		t.Errorf("got %v", err)
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := newBooks(t).plan(t, "merchants:\n  - {id: x}\n  - {id: 2, nam: y}\nagents: [{name: ''}]\n", options())
	if err == nil || strings.Count(err.Error(), "line ") < 5 {
		t.Errorf("got %v", err)
	}
}

// What can never be removed is told so, and not what it lacks besides.
func TestAbsentOfWhatStays(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.apply(t, shopFile(t))
	for text, want := range map[string]string{
		"merchants: [{id: 2, absent: true}]":                           "merchants[0].absent: a merchant stays in the books",
		"merchants: [{id: 1, absent: true}]":                           "merchants[0].absent: a merchant stays in the books",
		"agents: [{name: new, absent: true}]":                          "agents[0].absent: an agent stays in the books",
		"merchants: [{id: 1, cards: [{number: A0001, absent: true}]}]": "cards[0].absent: a card stays in the books",
	} {
		_, err := b.plan(t, text, options())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") ||
			!strings.Contains(err.Error(), "(absent is for shops, levels, rules, pay types and coupon kinds)") {
			t.Errorf("%s: got %v, want %s alone", text, err, want)
		}
	}
}
