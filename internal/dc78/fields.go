package dc78

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tongka/internal/codes"
	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// maxText limits a text, in characters, that has no limit of its own.
const maxText = 200

// fields reads the parameters of a request. It records the first missing parameter, the first with a bad value
// and the first unsupported one; err reports them in this order, whatever order they were read in. Parameters
// that no action reads are ignored.
type fields struct {
	get                             params
	missing, wrongValue, unforeseen string
	why                             string // what is wrong with wrongValue, never what was sent
}

// err returns the fault of the request, or nil.
func (f *fields) err() error {
	switch {
	case f.missing != "":
		return faultMissing(f.missing)
	case f.wrongValue != "":
		return faultBad(f.wrongValue, f.why)
	case f.unforeseen != "":
		return faultUnsupported(f.unforeseen)
	}
	return nil
}

// Reasons for a wrong number or choice.
const (
	wantInteger = "应为非负整数,最多15位"
	wantSigned  = "应为整数,最多15位"
	wantFlag    = "应为0或1"
	wantFrom1   = "应为正整数"
)

// bad records a parameter and what is wrong with it, unless one was recorded before.
func (f *fields) bad(name, why string) {
	if f.wrongValue == "" {
		f.wrongValue, f.why = name, why
	}
}

// required reads a parameter that must be present and not empty.
func (f *fields) required(name string) string {
	value := f.text(name)
	if value == "" && f.missing == "" {
		f.missing = name
	}
	return value
}

// text reads an optional parameter; "" if it is absent.
func (f *fields) text(name string) string {
	value := f.get.value(name)
	if utf8.RuneCountInString(value) > maxText {
		f.bad(name, fmt.Sprintf("最多%d个字", maxText))
	}
	return value
}

// money reads a required amount.
func (f *fields) money(name string) ledger.Fen {
	value := f.required(name)
	if value == "" {
		return 0
	}
	fen, err := ledger.ParseYuan(value)
	switch {
	case err == nil:
	case errors.Is(err, ledger.ErrDecimals):
		f.bad(name, "最多两位小数")
	case errors.Is(err, ledger.ErrDigits):
		f.bad(name, "金额过大")
	case strings.HasPrefix(value, "-"):
		f.bad(name, "不能为负数")
	default:
		f.bad(name, "不是金额")
	}
	return fen
}

// moneyOr0 reads an optional amount.
func (f *fields) moneyOr0(name string) ledger.Fen {
	if f.get.value(name) == "" {
		return 0
	}
	return f.money(name)
}

// integer reads a required whole number.
func (f *fields) integer(name string) int64 {
	f.required(name)
	return f.integerOr(name, 0)
}

// integerOr reads an optional whole number.
func (f *fields) integerOr(name string, otherwise int64) int64 {
	value := f.get.value(name)
	if value == "" {
		return otherwise
	}
	n, ok := parseInteger(ledger.Unsigned(value))
	if !ok {
		f.bad(name, wantInteger)
	}
	return n
}

// birthday reads an optional day.
func (f *fields) birthday(name string) ledger.Date {
	value := f.get.value(name)
	if value == "" {
		return 0
	}
	day, err := ledger.ParseDate(value)
	if err != nil {
		f.bad(name, "应为日期,如20181018")
	}
	return day
}

// expiry reads an optional last valid day, which may be a period counted from today.
func (f *fields) expiry(name string, today ledger.Date) ledger.Date {
	value := f.get.value(name)
	if value == "" {
		return 0
	}
	day, err := ledger.ParseExpiry(value, today)
	if err != nil {
		f.bad(name, "应为日期或期限,如20410725、1month")
	}
	return day
}

// signed reads a required whole number with an optional sign. A plus that the till did not escape in the query
// arrives as a space.
func (f *fields) signed(name string) int64 {
	value := f.required(name)
	if value == "" {
		return 0
	}
	digits := strings.TrimSpace(value)
	negative := strings.HasPrefix(digits, "-")
	if negative || strings.HasPrefix(digits, "+") {
		digits = digits[1:]
	}
	n, ok := parseInteger(digits)
	if !ok {
		f.bad(name, wantSigned)
	}
	if negative {
		return -n
	}
	return n
}

// flag reads 0 or 1; an absent parameter counts as 0.
func (f *fields) flag(name string) bool {
	value := f.get.value(name)
	if value != "" && value != "0" && value != "1" {
		f.bad(name, wantFlag)
	}
	return value == "1"
}

// never refuses parameters that make no sense in this request.
func (f *fields) never(why string, names ...string) {
	for _, name := range names {
		if f.get.value(name) != "" {
			f.bad(name, why)
		}
	}
}

// count reads the number of identical cards to issue. Only stored-value cards may be more than one, because every
// other card has a holder of its own; for those 0 counts as 1.
func (f *fields) count(name string, kind ledger.CardKind) int64 {
	n := f.integerOr(name, 1)
	if kind != ledger.StoredValue && n == 0 {
		n = 1
	}
	switch {
	case n < 1:
		f.bad(name, wantFrom1)
	case n > 1 && kind != ledger.StoredValue:
		f.bad(name, "仅type为15时可大于1")
	}
	return n
}

// password reads an optional password of letters, digits and signs, which every till can type.
func (f *fields) password(name string) string {
	value := f.get.value(name)
	if !codes.Signs(value) {
		f.bad(name, "只能有字母、数字和符号")
	}
	if n := len(value); n > codes.MaxPassword || (n > 0 && n < codes.MinPassword) {
		f.bad(name, fmt.Sprintf("应为%d到%d位", codes.MinPassword, codes.MaxPassword))
	}
	return value
}

// page reads a page number, counted from 1.
func (f *fields) page(name string) int64 {
	value := f.get.value(name)
	if value == "" {
		return 1
	}
	n, ok := parseInteger(value)
	if !ok || n < 1 {
		f.bad(name, wantFrom1)
	}
	return n
}

// unsupported refuses parameters that cannot be honoured.
func (f *fields) unsupported(names ...string) {
	for _, name := range names {
		if f.get.value(name) != "" && f.unforeseen == "" {
			f.unforeseen = name
		}
	}
}

// unsupportedBut0 refuses parameters that cannot be honoured, unless they are 0.
func (f *fields) unsupportedBut0(names ...string) {
	for _, name := range names {
		if fen, err := ledger.ParseYuan(f.get.value(name)); err != nil || fen != 0 {
			f.unsupported(name)
		}
	}
}

// parseInteger reads digits, with decimals only if these are all 0. It accepts no sign, exponent or leading zero.
func parseInteger(token string) (n int64, ok bool) {
	digits, zeros, dotted := strings.Cut(token, ".")
	if !wire.AllDigits(digits) || len(digits) > wire.MaxDigits || (len(digits) > 1 && digits[0] == '0') {
		return 0, false
	}
	if dotted && (zeros == "" || len(zeros) > wire.MaxDigits || strings.Trim(zeros, "0") != "") {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// ref reads the till's business number for a change, or "" if none was sent. One that is sent empty is refused, and
// one by the name in other letters, like Ref: a till that sends it relies on being protected against a second charge.
func (f *fields) ref() string {
	if slices.ContainsFunc(f.get, func(p param) bool {
		return p.name != "ref" && len(p.name) == len("ref") && strings.EqualFold(p.name, "ref")
	}) {
		f.bad("ref", "须小写")
	}
	ref := ledger.FoldRequestID(f.get.value("ref"))
	if !f.get.has("ref") {
		return ""
	}
	if fault := ledger.CheckRequestID(ref); fault != 0 {
		f.bad("ref", wire.RequestIDFault(fault))
	}
	return ref
}

// by returns the caller as the journal records it, with the operator the till names.
func (c *call) by(f *fields) ledger.Caller {
	return ledger.Caller{Agent: c.agent.ID, Shop: c.shop.ID, Operator: f.text("op")}
}

// compact formats a day as the published examples write birthdays: 20181018. No day gives "".
func compact(d ledger.Date) string { return strings.ReplaceAll(d.String(), "-", "") }
