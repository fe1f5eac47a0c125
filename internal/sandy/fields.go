package sandy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"tongka/internal/ledger"
)

// fields reads what a request asks for. It notes the first field of a wrong type, the first that is
// missing and the first with a bad value, and tells them in this order however they are asked for.
type fields struct {
	in             object
	wrong, missing string
	badValue       string // the field and what is wrong with it
}

// err is the fault of the request, or nil.
func (f *fields) err() error {
	switch {
	case f.wrong != "":
		return faultWrongType(f.wrong)
	case f.missing != "":
		return faultMissing(f.missing)
	case f.badValue != "":
		return faultBad(f.badValue)
	}
	return nil
}

// bad notes what is wrong with a field.
func (f *fields) bad(name, why string) {
	if f.badValue == "" {
		f.badValue = name + why
	}
}

// member finds a member of one of the kinds. One of another kind is noted, and is then as good as
// absent.
func (f *fields) member(name string, allowed ...kind) member {
	m := f.in.get(name)
	if m.kind == absent {
		return m
	}
	for _, k := range allowed {
		if m.kind == k {
			return m
		}
	}
	if f.wrong == "" {
		f.wrong = name
	}
	return member{name: name}
}

// required notes that a member is missing or empty.
func (f *fields) required(m member) member {
	if (m.kind == absent || m.value == "") && f.missing == "" {
		f.missing = m.name
	}
	return m
}

// text reads a text that must be there and not be empty.
func (f *fields) text(name string) string {
	return f.plain(f.required(f.member(name, text)))
}

// digits reads a text that must be there and not be empty. A plain JSON integer stands for its digits.
func (f *fields) digits(name string) string {
	return f.plain(f.required(f.digitsOf(name)))
}

// digitsOf is a member that is a text or a plain JSON integer.
func (f *fields) digitsOf(name string) member {
	if m := f.in.get(name); m.kind == number && allDigits(m.value) {
		return m
	}
	return f.member(name, text)
}

// card reads the number of a card, without the space around it.
func (f *fields) card(name string) string {
	m := f.digitsOf(name)
	m.value = strings.TrimSpace(m.value)
	return f.plain(f.required(m))
}

// textIfAny reads a text that may be left out; nil then. An empty one is not left out.
func (f *fields) textIfAny(name string) *string {
	return f.plainIfAny(f.member(name, text))
}

func (f *fields) plainIfAny(m member) *string {
	if m.kind == absent {
		return nil
	}
	s := f.plain(m)
	return &s
}

// plain refuses control characters: no card, person or search has any, and databases choke on some.
func (f *fields) plain(m member) string {
	if strings.ContainsFunc(m.value, unicode.IsControl) {
		f.bad(m.name, "含控制字符")
		return ""
	}
	return m.value
}

// money reads an amount that must be there.
func (f *fields) money(name string) ledger.Fen {
	return f.fen(f.required(f.member(name, text, number)), "必须大于0")
}

// moneyOr reads an amount that may be left out.
func (f *fields) moneyOr(name string, otherwise ledger.Fen) ledger.Fen {
	m := f.member(name, text, number)
	if m.value == "" {
		return otherwise
	}
	return f.fen(m, "不能为负数")
}

// fen reads an amount: a text exactly, a number as nearly as encoders write it. What is below 0 is told in the words
// of negative.
func (f *fields) fen(m member, negative string) ledger.Fen {
	if m.value == "" {
		return 0
	}
	parse := ledger.ParseYuan
	if m.kind == number {
		parse = ledger.ParseYuanNumber
	}
	fen, err := parse(m.value)
	switch {
	case err == nil:
	case errors.Is(err, ledger.ErrDecimals):
		f.bad(m.name, "最多两位小数")
	case errors.Is(err, ledger.ErrDigits):
		f.bad(m.name, "金额过大")
	case strings.HasPrefix(m.value, "-"):
		f.bad(m.name, negative)
	default:
		f.bad(m.name, "不是金额")
	}
	return fen
}

// whole reads a whole number that must be there.
func (f *fields) whole(name string) int64 {
	return f.integer(f.required(f.member(name, text, number)))
}

// wholeOr reads a whole number that may be left out.
func (f *fields) wholeOr(name string, otherwise int64) int64 {
	m := f.member(name, text, number)
	if m.value == "" {
		return otherwise
	}
	return f.integer(m)
}

func (f *fields) integer(m member) int64 {
	if m.value == "" {
		return 0
	}
	n, fraction, err := parseNumber(m.value)
	if err != nil || strings.Trim(fraction, "0") != "" {
		f.bad(m.name, "应为不带符号的整数")
		return 0
	}
	return n
}

// score reads a number of points that must be there. Its fraction is dropped (published page, part 7).
func (f *fields) score(name string) int64 {
	m := f.required(f.member(name, text, number))
	if m.value == "" {
		return 0
	}
	n, _, err := parseNumber(m.value)
	if err != nil {
		f.bad(name, "应为不带符号的数字")
	}
	return n
}

// between reads a whole number in a range.
func (f *fields) between(name string, least, most, otherwise int64) int64 {
	n := f.wholeOr(name, otherwise)
	if n < least || n > most {
		f.bad(name, fmt.Sprintf("应为%d到%d", least, most))
	}
	return n
}

// maxDigits keeps every number far below what an int64 holds.
const maxDigits = 15

// parseNumber reads digits and perhaps a fraction: no sign, no exponent, no leading zero.
func parseNumber(token string) (n int64, fraction string, err error) {
	token = strings.Trim(token, " \t\r\n")
	digits, fraction, dotted := strings.Cut(token, ".")
	if !allDigits(digits) || (dotted && !allDigits(fraction)) || (len(digits) > 1 && digits[0] == '0') ||
		len(digits) > maxDigits {
		return 0, "", strconv.ErrSyntax
	}
	n, err = strconv.ParseInt(digits, 10, 64)
	return n, fraction, err
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
