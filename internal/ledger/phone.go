package ledger

import (
	"strings"
	"unicode"
)

// NormalPhone is a phone number in the one form in which it is kept and asked for. Spaces, dashes,
// brackets and characters nobody sees are left out, full-width digits are digits, and the country code
// is left out of a Chinese mobile number: "+86 138-0013-8000" is 13800138000. Other countries' numbers
// keep theirs. A fraction of 0, which spreadsheets add, is dropped. A text that is no number, like two of
// them, stays as it is but for what nobody sees.
func NormalPhone(text string) string {
	if Digits(text, 1, chineseMobile) {
		return text
	}
	text = strings.TrimFunc(strings.Map(seen, text), unseen)
	whole := strings.TrimSuffix(text, ".0")
	if whole == "" {
		return text
	}
	number := make([]byte, 0, MaxPhoneLen)
	for _, r := range whole {
		switch d := narrow(r); {
		case d >= '0' && d <= '9', d == '+' && len(number) == 0:
			number = append(number, byte(d))
		case unseen(r) && !unicode.IsControl(r), betweenDigits(r):
		default:
			return text
		}
	}
	if s := strings.TrimPrefix(string(number), "+"); s == "" && len(number) > 0 {
		return text
	}
	return withoutChina(string(number))
}

// chineseMobile is how many digits a Chinese mobile number has; the first is 1 and the second at least 3.
const chineseMobile = 11

// withoutChina is a number without the country code of a Chinese mobile number.
func withoutChina(number string) string {
	for _, code := range [...]string{"+86", "0086", "86"} {
		if rest, has := strings.CutPrefix(number, code); has && len(rest) == chineseMobile && rest[0] == '1' &&
			rest[1] >= '3' {
			return rest
		}
	}
	return number
}

// SearchKeys are the keys to search cards by for what somebody typed, the next where nothing is found by
// the one before: the text itself, and what it is as a phone number. There is none for a text in which
// nothing is to be seen.
func SearchKeys(typed string) []string {
	typed = strings.TrimFunc(typed, unseen)
	if Blank(typed) {
		return nil
	}
	phone := NormalPhone(typed)
	if rest := strings.TrimPrefix(phone, "+86"); rest != "" { // also of the beginning of a number
		phone = rest
	}
	isNumber := strings.Trim(phone, "0123456789") == ""
	switch {
	case phone == typed || !isNumber:
		return []string{typed}
	case strings.ContainsFunc(typed, func(r rune) bool {
		return r > unicode.MaxASCII || r == ' ' || r == '+' ||
			r == '('
	}):
		return []string{phone} // neither a card nor a person is called so
	}
	return []string{typed, phone}
}

// betweenDigits reports whether people write a character between the digits of a phone number.
func betweenDigits(r rune) bool {
	return strings.ContainsRune("()（）", r) || unicode.Is(unicode.Pd, r) || r == '\u2212' // minus
}

// Exponent reports whether a text is a number as spreadsheets write long ones, like 1.38E+10: its last
// digits are lost.
func Exponent(text string) bool {
	digit := func(r rune) bool { return r >= '0' && r <= '9' }
	mantissa, power, found := strings.Cut(strings.ToUpper(text), "E")
	power = strings.TrimLeft(power, "+-")
	return found && mantissa != "" && power != "" && digit(rune(mantissa[0])) &&
		strings.TrimFunc(power, digit) == "" && strings.Trim(mantissa, "0123456789.,") == ""
}

// Tidy is the holder's data as it is kept.
func (h Holder) Tidy() Holder {
	h.Name = strings.TrimFunc(h.Name, unseen)
	h.Phone = NormalPhone(h.Phone)
	return h
}
