package dc78

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"tongka/internal/ledger"
)

// maxText is how many letters a text may have that nothing else bounds.
const maxText = 200

// fields reads what a request asks for. It notes the first parameter that is missing, the first with
// a bad value and the first that is not supported, and tells them in this order however they are asked
// for. A parameter nobody asks for is ignored.
type fields struct {
	get                             params
	missing, wrongValue, unforeseen string
	why                             string // of wrongValue: what is wrong with it, without what was sent
}

// err is the fault of the request, or nil.
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

// Why numbers and choices are wrong.
const (
	wantWhole  = "应为非负整数,最多15位"
	wantSigned = "应为整数,最多15位"
	wantFlag   = "应为0或1"
	wantFrom1  = "应为正整数"
)

// bad notes a parameter and what is wrong with it.
func (f *fields) bad(name, why string) {
	if f.wrongValue == "" {
		f.wrongValue, f.why = name, why
	}
}

// required reads a parameter that must be there and not be empty.
func (f *fields) required(name string) string {
	value := f.text(name)
	if value == "" && f.missing == "" {
		f.missing = name
	}
	return value
}

// text reads a parameter that may be left out; "" then.
func (f *fields) text(name string) string {
	value := f.get.value(name)
	if utf8.RuneCountInString(value) > maxText {
		f.bad(name, fmt.Sprintf("最多%d个字", maxText))
	}
	return value
}

// money reads an amount that must be there.
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

// moneyOr0 reads an amount that may be left out.
func (f *fields) moneyOr0(name string) ledger.Fen {
	if f.get.value(name) == "" {
		return 0
	}
	return f.money(name)
}

// whole reads a whole number that must be there.
func (f *fields) whole(name string) int64 {
	f.required(name)
	return f.wholeOr(name, 0)
}

// wholeOr reads a whole number that may be left out.
func (f *fields) wholeOr(name string, otherwise int64) int64 {
	value := f.get.value(name)
	if value == "" {
		return otherwise
	}
	n, ok := parseWhole(value)
	if !ok {
		f.bad(name, wantWhole)
	}
	return n
}

// birthday reads a day that may be left out.
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

// expiry reads a last good day that may be left out, perhaps counted from today.
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

// signed reads a whole number that must be there, perhaps with a sign. A plus that nobody encoded
// comes out of a query as a space.
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
	n, ok := parseWhole(digits)
	if !ok {
		f.bad(name, wantSigned)
	}
	if negative {
		return -n
	}
	return n
}

// flag reads 1, or 0 which is as good as absent.
func (f *fields) flag(name string) bool {
	value := f.get.value(name)
	if value != "" && value != "0" && value != "1" {
		f.bad(name, wantFlag)
	}
	return value == "1"
}

// never notes parameters that make no sense where they are sent, and why.
func (f *fields) never(why string, names ...string) {
	for _, name := range names {
		if f.get.value(name) != "" {
			f.bad(name, why)
		}
	}
}

// count reads how many like cards there are to be, of kinds that are not told apart by their holders.
func (f *fields) count(name string, kind ledger.CardKind) int64 {
	n := f.wholeOr(name, 1)
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

// Limits of the letters of a card's password.
const minPassword, maxPassword = 4, 32

// password reads a password that may be left out: letters, digits and signs that every till can type.
func (f *fields) password(name string) string {
	value := f.get.value(name)
	for i := range len(value) {
		if value[i] <= ' ' || value[i] >= 0x7f {
			f.bad(name, "只能有字母、数字和符号")
		}
	}
	if n := len(value); n > maxPassword || (n > 0 && n < minPassword) {
		f.bad(name, fmt.Sprintf("应为%d到%d位", minPassword, maxPassword))
	}
	return value
}

// page reads the number of a page, counted from 1.
func (f *fields) page(name string) int64 {
	value := f.get.value(name)
	if value == "" {
		return 1
	}
	n, ok := parseWhole(value)
	if !ok || n < 1 {
		f.bad(name, wantFrom1)
	}
	return n
}

// unsupported notes parameters that are sent and cannot be honoured.
func (f *fields) unsupported(names ...string) {
	for _, name := range names {
		if f.get.value(name) != "" && f.unforeseen == "" {
			f.unforeseen = name
		}
	}
}

// unsupportedBut0 notes parameters that are sent, not 0, and cannot be honoured.
func (f *fields) unsupportedBut0(names ...string) {
	for _, name := range names {
		if fen, err := ledger.ParseYuan(f.get.value(name)); err != nil || fen != 0 {
			f.unsupported(name)
		}
	}
}

// maxDigits keeps every number far below what an int64 holds.
const maxDigits = 15

// parseWhole reads digits, perhaps with decimals that are all 0: no sign, no exponent, no leading zero.
func parseWhole(token string) (n int64, ok bool) {
	digits, zeros, dotted := strings.Cut(token, ".")
	if !allDigits(digits) || len(digits) > maxDigits || (len(digits) > 1 && digits[0] == '0') {
		return 0, false
	}
	if dotted && (zeros == "" || len(zeros) > maxDigits || strings.Trim(zeros, "0") != "") {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// ref reads the till's business number of a change, "" where it sends none. One that is there and empty is refused,
// for a till that sends it takes itself to be protected.
func (f *fields) ref() string {
	ref := f.get.value("ref")
	if f.get.has("ref") && strings.TrimSpace(ref) == "" {
		f.bad("ref", "不能为空")
	}
	if utf8.RuneCountInString(ref) > ledger.MaxRequestID {
		f.bad("ref", fmt.Sprintf("最多%d个字符", ledger.MaxRequestID))
	}
	return ref
}

// by is how the caller stands in the journal, with the operator the till names.
func (c *call) by(f *fields) ledger.Caller {
	return ledger.Caller{Agent: c.agent.ID, Shop: c.shop.ID, Operator: f.text("op")}
}

// compact is a day as the published examples write birthdays: 20181018.
func compact(d ledger.Date) string { return strings.ReplaceAll(d.String(), "-", "") }
