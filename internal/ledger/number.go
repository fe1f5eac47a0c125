package ledger

import "strings"

// distinct begins a number that differs from another one only in letter case, as older books allowed, and the name of
// a card whose number is free. No new number begins with it.
const distinct = "="

// CardKey identifies a card by the number on it. The number must be as FoldNumber returns it; CardNamed makes keys.
type CardKey struct {
	Merchant MerchantID
	Number   string
}

// CardNamed returns the key of a merchant's card from its number in any spelling.
func CardNamed(merchant MerchantID, number string) CardKey {
	return CardKey{merchant, FoldNumber(number)}
}

// FoldNumber returns the form in which card numbers are compared: without surrounding space, in upper case. It does
// not allocate for a number that already has that form, as most do.
func FoldNumber(number string) string {
	number = strings.TrimSpace(number)
	if strings.HasPrefix(number, distinct) {
		return number
	}
	for i := range len(number) {
		if c := number[i]; c >= 'a' && c <= 'z' {
			return upper(number, i)
		}
	}
	return number
}

// upper returns number in upper case; letters before from are upper case already. It leaves letters beyond ASCII
// alone: no number has them, and the upper case of some is an ASCII letter.
func upper(number string, from int) string {
	b := []byte(number)
	for i := from; i < len(b); i++ {
		if b[i] >= 'a' && b[i] <= 'z' {
			b[i] -= 'a' - 'A'
		}
	}
	return string(b)
}

func ValidNumber(s string) bool {
	if len(s) < MinNumber || len(s) > MaxNumber {
		return false
	}
	for _, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return true
}

// CutZeros returns a number of digits without its leading zeros, and how many those are. ok is false for a number that
// is not of digits only: spreadsheets take no zeros from that.
func CutZeros(number string) (digits string, zeros int, ok bool) {
	if !Digits(number, 1, MaxNumber) {
		return "", 0, false
	}
	digits = strings.TrimLeft(number, "0")
	return digits, len(number) - len(digits), true
}

// SameButZeros reports whether two numbers differ, and in leading zeros only.
func SameButZeros(a, b string) bool {
	of, _, ok := CutZeros(a)
	than, _, both := CutZeros(b)
	return ok && both && of == than && a != b
}
