package codes

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of generated numbers.
const (
	// MinRandom is the least number of random digits in a card number. At 1.7 million guesses an hour, all numbers of 8
	// digits are tried in 59 hours, those of 10 in 245 days.
	MinRandom      = 10
	MaxNumber      = 32 // digits of a card number
	PasswordDigits = 8
	CouponDigits   = 16

	maxDraws = 64
)

// NewNumber makes the number of a generated card: the prefix, which is digits or empty, then that many random digits,
// then a Luhn check digit. It never makes one that a till would read as a payment barcode or a member code. The
// caller must check that no card has the number.
func NewNumber(random io.Reader, prefix string, digits int) (string, error) {
	if !isDigits(prefix) {
		return "", fmt.Errorf("number prefix %q: want digits", prefix)
	}
	if strings.HasPrefix(prefix, "0") {
		return "", fmt.Errorf("number prefix %q: a number that begins with 0 loses it in a spreadsheet", prefix)
	}
	if digits < MinRandom || digits > MaxNumber-1-len(prefix) {
		return "", fmt.Errorf("%d random digits: want at least %d, and with prefix and check digit at most %d", digits,
			MinRandom, MaxNumber)
	}
	for range maxDraws {
		body, err := bodyOf(random, prefix, digits)
		if err != nil {
			return "", err
		}
		number := prefix + body
		number += string(checkDigit(number))
		if !otherwise(number) {
			return number, nil
		}
	}
	return "", errors.New("numbers of that prefix and length are payment barcodes or member codes: choose another")
}

// otherwise reports whether a till reads a number as something else than a card.
func otherwise(number string) bool {
	_, member := Parse(number)
	return member || PaymentBarcode(number)
}

// bodyOf draws the digits after the prefix.
func bodyOf(random io.Reader, prefix string, digits int) (string, error) {
	if prefix == "" {
		return randomNumber(random, digits)
	}
	return randomDigits(random, digits)
}

// Valid reports whether a number is digits with a correct Luhn check digit at the end, so that a typing error in a
// generated number is noticed before anything is looked up. Numbers made elsewhere need not be valid.
func Valid(number string) bool {
	last := len(number) - 1
	return last >= 1 && last < MaxNumber && isDigits(number) && checkDigit(number[:last]) == rune(number[last])
}

// NewPassword makes a card password of eight random digits, of which the first is not 0. It is never Weak. It
// should be shown once only.
func NewPassword(random io.Reader) (string, error) {
	for range maxDraws {
		if password, err := randomNumber(random, PasswordDigits); err != nil || !Weak(password) {
			return password, err
		}
	}
	return "", errWeakDraws
}

var errWeakDraws = errors.New("no password but weak ones was drawn: the source of randomness is broken")

// NewCoupon makes the number of a coupon: 16 random digits, of which the first is not 0. No till reads it as a
// payment barcode or a member code. The caller must check that no coupon has the number.
func NewCoupon(random io.Reader) (string, error) { return randomNumber(random, CouponDigits) }

// PaymentBarcode reports whether a till has read a payment barcode instead of a card: 18 digits that begin with 10–15
// are WeChat's, with 25–30 Alipay's (dc78 mb_check).
func PaymentBarcode(text string) bool {
	if len(text) != 18 || !isDigits(text) {
		return false
	}
	first := text[:2]
	return "10" <= first && first <= "15" || "25" <= first && first <= "30"
}

// checkDigit returns the digit that makes the Luhn sum of body and it a multiple of ten: from the end of the whole
// number, every second digit is doubled, and the digits of the result are added.
func checkDigit(body string) rune {
	sum := 0
	for i := range len(body) {
		d := int(body[len(body)-1-i] - '0')
		if i%2 == 0 {
			d = d*2/10 + d*2%10
		}
		sum += d
	}
	return rune('0' + (10-sum%10)%10)
}

// Lengths of a card's password that people choose, in characters.
const MinPassword, MaxPassword = 4, 32

// Signs reports whether a text has nothing but letters, digits and signs of ASCII, which every till can type.
func Signs(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] >= 0x7f {
			return false
		}
	}
	return true
}

// Typeable reports whether people may choose a password for a card.
func Typeable(password string) bool {
	return len(password) >= MinPassword && len(password) <= MaxPassword && Signs(password)
}
