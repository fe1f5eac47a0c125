package sandy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// fields reads the fields of a request. It records the first field of a wrong type, the first missing one and the
// first with a bad value; err reports them in this order, whatever order they were read in.
type fields struct {
	in             object
	wrong, missing string
	badValue       string // the field and what is wrong with it
}

// err returns the fault of the request, or nil.
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

// bad records what is wrong with a field, unless something was recorded before.
func (f *fields) bad(name, why string) {
	if f.badValue == "" {
		f.badValue = name + why
	}
}

// member returns a member of one of the allowed kinds. A member of another kind is recorded, and then counts as
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

// required records a member as missing if it is absent or empty.
func (f *fields) required(m member) member {
	if (m.kind == absent || m.value == "") && f.missing == "" {
		f.missing = m.name
	}
	return m
}

// text reads a required text.
func (f *fields) text(name string) string {
	return f.plain(f.required(f.member(name, text)))
}

// digits reads a required text, for which a plain JSON integer is accepted too.
func (f *fields) digits(name string) string {
	return f.plain(f.required(f.digitsOf(name)))
}

// digitsOf returns a member that is a text or a plain JSON integer.
func (f *fields) digitsOf(name string) member {
	if m := f.in.get(name); m.kind == number && wire.AllDigits(m.value) {
		return m
	}
	return f.member(name, text)
}

// card reads the number of a card, without surrounding space.
func (f *fields) card(name string) string {
	m := f.digitsOf(name)
	m.value = strings.TrimSpace(m.value)
	return f.plain(f.required(m))
}

// textIfAny reads an optional text; nil if it is absent. An empty text is not absent.
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

// plain refuses control characters: no card, person or search needs one, and some databases reject them.
func (f *fields) plain(m member) string {
	if strings.ContainsFunc(m.value, unicode.IsControl) {
		f.bad(m.name, "含控制字符")
		return ""
	}
	return m.value
}

// money reads a required amount.
func (f *fields) money(name string) ledger.Fen {
	m := f.required(f.member(name, text, number))
	fen := f.fen(m, "必须大于0")
	if fen == 0 {
		f.tooFine(m)
	}
	return fen
}

// tooFine refuses an amount that came out as 0, if it is more than that: to call it 0 would be no reason to its sender.
func (f *fields) tooFine(m member) {
	if strings.ContainsAny(m.value, "123456789") {
		f.bad(m.name, "最多两位小数")
	}
}

// moneyOr reads an optional amount.
func (f *fields) moneyOr(name string, otherwise ledger.Fen) ledger.Fen {
	m := f.member(name, text, number)
	if m.value == "" {
		return otherwise
	}
	return f.fen(m, "不能为负数")
}

// fen reads an amount. A text must be exact; a number may carry the error of a binary fraction. negative is the
// refusal of an amount below 0.
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

// integer reads a required whole number.
func (f *fields) integer(name string) int64 {
	return f.integerOf(f.required(f.member(name, text, number)))
}

// integerOr reads an optional whole number.
func (f *fields) integerOr(name string, otherwise int64) int64 {
	m := f.member(name, text, number)
	if m.value == "" {
		return otherwise
	}
	return f.integerOf(m)
}

func (f *fields) integerOf(m member) int64 {
	if m.value == "" {
		return 0
	}
	n, fraction, err := parseNumber(ledger.Unsigned(m.value))
	if err != nil || strings.Trim(fraction, "0") != "" {
		f.bad(m.name, "应为不带符号的整数")
		return 0
	}
	return n
}

// score reads a required number of points. Its fraction is dropped (published page, part 7).
func (f *fields) score(name string) int64 {
	m := f.required(f.member(name, text, number))
	if m.value == "" {
		return 0
	}
	n, _, err := parseNumber(ledger.Unsigned(m.value))
	if err != nil {
		f.bad(name, "应为不带符号的数字")
	}
	return n
}

// between reads an optional whole number within a range.
func (f *fields) between(name string, least, most, otherwise int64) int64 {
	n := f.integerOr(name, otherwise)
	if n < least || n > most {
		f.bad(name, fmt.Sprintf("应为%d到%d", least, most))
	}
	return n
}

// parseNumber reads digits with an optional fraction. It accepts no sign, exponent or leading zero.
func parseNumber(token string) (n int64, fraction string, err error) {
	token = strings.Trim(token, " \t\r\n")
	digits, fraction, dotted := strings.Cut(token, ".")
	if !wire.AllDigits(digits) || (dotted && !wire.AllDigits(fraction)) || (len(digits) > 1 && digits[0] == '0') ||
		len(digits) > wire.MaxDigits {
		return 0, "", strconv.ErrSyntax
	}
	n, err = strconv.ParseInt(digits, 10, 64)
	return n, fraction, err
}
