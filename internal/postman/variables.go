package main

import (
	"regexp"
	"strings"
)

// variables are what requests of the API name, with what a demo has: its first merchant, and cards and settings of
// that. The rest is set by what was answered before (keep.js).
var variables = []pair{
	{Key: "merchant", Value: "10000"}, {Key: "shop", Value: "10021"},
	{Key: "card", Value: "M000123"}, {Key: "other_card", Value: "wx001"},
	{Key: "new_card", Value: "T90000001"}, {Key: "next_card", Value: "T90000002"},
	{Key: "phone", Value: "66538536"}, {Key: "coupon_kind", Value: "28200"},
	{Key: "etag", Value: `"1"`}, {Key: "version", Value: "1"}, {Key: "entry", Value: "1"},
	{Key: "coupon", Value: "1"}, {Key: "hold_entry", Value: "1"}, {Key: "consume_entry", Value: "1"},
	{Key: "recharge_entry", Value: "1"}, {Key: "charge_account_entry", Value: "1"}, {Key: "invoice_entry", Value: "1"},
	{Key: "renew_entry", Value: "1"}, {Key: "request", Value: "order-4711"},
	{Key: "key", Value: "1"}, {Key: "webhook", Value: "1"}, {Key: "person", Value: "1"},
	{Key: "import", Value: "1"}, {Key: "export", Value: "1"}, {Key: "series", Value: "1"},
}

// named are the parts of a request that a variable stands for: in bodies everywhere, and in the addresses.
var named = map[string]string{
	"card": "card", "from": "card", "to": "other_card", "shop": "shop", "coupon": "coupon",
}

// namedOf are those of single operations.
var namedOf = map[string]map[string]string{
	"openCard":        {"number": "new_card"},
	"setPassword":     {"/number": "new_card"},
	"replaceCard":     {"/number": "new_card", "number": "next_card"},
	"returnCard":      {"/number": "next_card"},
	"mergeCard":       {"/number": "new_card", "number": "card"},
	"reverseRecharge": {"entry": "recharge_entry"},
	"refund":          {"entry": "consume_entry"},
	"reverseRenewal":  {"entry": "renew_entry"},
	"reverseInvoice":  {"entry": "invoice_entry"},
	"refundCharge":    {"entry": "charge_account_entry"},
	"sendCoupons":     {"kind": "coupon_kind"},
	"redeliver":       {"first": "entry", "last": "entry"},
}

// inPaths are the variables of addresses.
var inPaths = map[string]string{
	"number": "card", "entry": "entry", "hold": "hold_entry", "id": "request", "key": "key", "webhook": "webhook",
	"person": "person", "version": "version", "import": "import", "export": "export",
	"series": "series",
}

// scalar matches a member of an indented body that is a number or a text.
var scalar = regexp.MustCompile(`(?m)^(\s*"(\w+)": )("[^"]*"|-?\d+)(,?)$`)

// onlyShop matches the one or several shops of a list.
var onlyShop = regexp.MustCompile(`("shops": \[)[^\]]*(\])`)

// holdEnd matches when a hold ends.
var holdEnd = regexp.MustCompile(`\s*"until": "[^"]*",?`)

// filled returns a body with variables in place of what a demo has otherwise.
func filled(operation, body string) string {
	switch operation {
	case "replaceSettings", "changeSettings": // what stands there is no card or shop of the demo, but what is set
		return body
	}
	body = scalar.ReplaceAllStringFunc(body, func(line string) string {
		m := scalar.FindStringSubmatch(line)
		name := namedOf[operation][m[2]]
		if name == "" {
			name = named[m[2]]
		}
		if name == "" {
			return line
		}
		text := "{{" + name + "}}"
		if strings.HasPrefix(m[3], `"`) {
			text = `"` + text + `"`
		}
		return m[1] + text + m[4]
	})
	if operation == "placeHold" {
		body = holdEnd.ReplaceAllString(body, "") // which is over: without one it ends after a day
	}
	return onlyShop.ReplaceAllString(body, "${1}{{shop}}${2}")
}

// pathVariable returns what stands for a part of an operation's address.
func pathVariable(operation, name string) string {
	if of := namedOf[operation]["/"+name]; of != "" {
		return "{{" + of + "}}"
	}
	return "{{" + inPaths[name] + "}}"
}
