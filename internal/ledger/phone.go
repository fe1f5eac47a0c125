package ledger

import (
	"strings"
	"unicode"
)

// NormalPhone returns the one form in which a phone number is stored and looked up. It drops spaces, dashes, brackets
// and invisible characters, makes full-width digits ASCII, and drops the country code of a Chinese mobile number:
// "+86 138-0013-8000" becomes 13800138000. Numbers of other countries keep theirs. It drops the ".0" that
// spreadsheets add. A text that is not one phone number, such as two of them, loses only its invisible characters.
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
		switch d := Narrow(r); {
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

// Mask is what stands in the middle of a value that is shown to those who may not see it whole: 186****2465.
const Mask = "****"

// Masked reports whether a text is a value as it is shown to those who may not see it whole. It is nobody's.
func Masked(text string) bool { return strings.Contains(text, Mask) }

// chineseMobile is the length of a Chinese mobile number. Its first digit is 1 and its second at least 3.
const chineseMobile = 11

// withoutChina returns the number without the country code if it is a Chinese mobile number.
func withoutChina(number string) string {
	for _, code := range [...]string{"+86", "0086", "86"} {
		if rest, has := strings.CutPrefix(number, code); has && len(rest) == chineseMobile && rest[0] == '1' &&
			rest[1] >= '3' {
			return rest
		}
	}
	return number
}

// SearchKeys returns the keys to search cards by for what somebody typed; each is tried if the one before it finds
// nothing: the text itself, then the text as a phone number. For a text with no visible characters there are none.
func SearchKeys(typed string) []string {
	typed = strings.TrimFunc(typed, unseen)
	if Blank(typed) {
		return nil
	}
	phone := NormalPhone(typed)
	if rest := strings.TrimPrefix(phone, "+86"); rest != "" { // also the beginning of a number may have the country code
		phone = rest
	}
	// Of "-" nothing is left as a number, and every phone begins with nothing.
	isNumber := phone != "" && strings.Trim(phone, "0123456789") == ""
	switch {
	case phone == typed || !isNumber:
		return []string{typed}
	case strings.ContainsFunc(typed, func(r rune) bool {
		return r > unicode.MaxASCII || r == ' ' || r == '+' ||
			r == '('
	}):
		return []string{phone} // neither card numbers nor names look like this
	}
	return []string{typed, phone}
}

// betweenDigits reports whether people write the character between the digits of a phone number.
func betweenDigits(r rune) bool {
	return strings.ContainsRune("()（）", r) || unicode.Is(unicode.Pd, r) || r == '\u2212' // minus
}

// Exponent reports whether a text is a number as spreadsheets write long ones, like 1.38E+10. Its last digits are lost.
func Exponent(text string) bool {
	digit := func(r rune) bool { return r >= '0' && r <= '9' }
	mantissa, power, found := strings.Cut(strings.ToUpper(text), "E")
	power = strings.TrimLeft(power, "+-")
	return found && mantissa != "" && power != "" && digit(rune(mantissa[0])) &&
		strings.TrimFunc(power, digit) == "" && strings.Trim(mantissa, "0123456789.,") == ""
}

// Tidy returns the holder's data as it is stored: without surrounding space, the phone normalised.
func (h Holder) Tidy() Holder {
	h.Name = strings.TrimFunc(h.Name, unseen)
	h.Phone = NormalPhone(h.Phone)
	return h
}
