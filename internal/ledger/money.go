package ledger

import (
	"errors"
	"fmt"
	"math/bits"
	"regexp"
	"strconv"
	"strings"
)

// grouped matches a number with commas between groups of three digits.
var grouped = regexp.MustCompile(`^-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$`)

// Ungrouped returns a number without the commas between groups of its digits. Any other text is returned as it is: the
// comma of 12,50 is the point of another country, and without it the number would be a hundred times as large.
func Ungrouped(number string) string {
	if !strings.Contains(number, ",") || !grouped.MatchString(number) {
		return number
	}
	return strings.ReplaceAll(number, ",", "")
}

// MaxPoints bounds the points of a card and what one command may move.
const MaxPoints = 1_000_000_000_000

// Fen is an amount of money in hundredths of the merchant's currency unit (1 yuan = 100 fen).
type Fen int64

// MaxFen bounds every amount, balance and sum of balances of one card (invariant 06).
const MaxFen Fen = 1_000_000_000_000

// tooLarge is an ErrAmount with a text of its own: the amount may well be written as it must.
type tooLarge struct{}

func (tooLarge) Error() string {
	return "amount is too large: want at most ten digits before the point"
}
func (tooLarge) Unwrap() error { return ErrAmount }

// Why a text is not an amount of money. All of them are ErrAmount and, unless they say otherwise, have its text.
var (
	ErrAmount   = errors.New("not an amount: want digits, a point and at most two decimals")
	ErrDecimals = fmt.Errorf("%w", ErrAmount) // more than two decimals

	// more than ten digits before the point; its text is its own
	ErrDigits error = tooLarge{}
)

// ParseYuan reads an amount in yuan: 0, or up to ten digits without a leading zero, then decimals, of which all after
// the second must be 0. It accepts no exponent, no sign but the minus of -0, and never rounds. Surrounding space is
// ignored.
func ParseYuan(token string) (Fen, error) {
	whole, frac, err := splitYuan(token)
	if err != nil {
		return 0, err
	}
	if len(frac) > 2 {
		return 0, ErrDecimals
	}
	return yuanOf(whole, frac)
}

// ParseYuanNumber reads an amount like ParseYuan from a JSON number that an encoder may have made of a binary
// fraction: a number within 0.000001 yuan of a fen, like 19.989999999999998, is that fen.
func ParseYuanNumber(token string) (Fen, error) {
	whole, frac, err := splitYuan(token)
	if err != nil {
		return 0, err
	}
	fen, err := yuanOf(whole, frac[:min(2, len(frac))])
	if err != nil || len(frac) <= 2 {
		return fen, err
	}
	switch rest := frac[2:]; {
	case strings.HasPrefix(rest, "0000"), rest == "0001":
		return fen, nil
	case strings.HasPrefix(rest, "9999"):
		return fen + 1, nil
	}
	return 0, ErrDecimals
}

// Unsigned returns a number without its minus if it is 0. Encoders write -0.00 for what rounding left of a small
// difference, and that is no less than 0. Any other text is returned as it is.
func Unsigned(token string) string {
	number, minus := strings.CutPrefix(strings.Trim(token, " \t\r\n"), "-")
	if minus && strings.Trim(number, "0.") == "" {
		return number
	}
	return token
}

// splitYuan splits an amount into the digits before the point and its decimals, without trailing zeros.
func splitYuan(token string) (whole, frac string, err error) {
	token = Unsigned(token)
	whole, frac, dotted := strings.Cut(strings.Trim(token, " \t\r\n"), ".")
	switch {
	case !Digits(whole, 1, len(whole)), len(whole) > 1 && whole[0] == '0':
		return "", "", ErrAmount
	case dotted && !Digits(frac, 1, len(frac)):
		return "", "", ErrAmount
	case len(whole) > 10:
		return "", "", ErrDigits
	}
	return whole, strings.TrimRight(frac, "0"), nil
}

// yuanOf returns the amount with those digits before the point and at most two decimals.
func yuanOf(whole, frac string) (Fen, error) {
	n, err := strconv.ParseInt(whole+(frac + "00")[:2], 10, 64)
	if err != nil {
		return 0, ErrAmount
	}
	return Fen(n), nil
}

// Digits reports whether s consists of ASCII digits only, between least and most of them.
func Digits(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// String returns f in yuan with exactly two decimals, like "-0.50". ParseYuan reads it back unless f is negative.
func (f Fen) String() string {
	return string(f.Append(nil))
}

// Append appends f in yuan with exactly two decimals to b.
func (f Fen) Append(b []byte) []byte {
	u := uint64(f)
	if f < 0 {
		b = append(b, '-')
		u = -u
	}
	b = strconv.AppendUint(b, u/100, 10)
	return append(b, '.', byte('0'+u/10%10), byte('0'+u%10))
}

// Rate is a share in basis points: 10000 is all of it, 8000 is 0.8.
type Rate int64

// Percent100 is the rate that changes nothing.
const Percent100 Rate = 10_000

// ParseRate reads a rate written as a ratio, like "0.8", "1" or "0.1234".
func ParseRate(token string) (Rate, error) {
	whole, frac, dotted := strings.Cut(token, ".")
	if !Digits(whole, 1, 3) || (dotted && !Digits(frac, 1, 4)) {
		return 0, fmt.Errorf("not a rate: %q, want a ratio like 0.8 with at most four decimals", token)
	}
	n, err := strconv.ParseInt(whole+(frac + "0000")[:4], 10, 64)
	return Rate(n), err
}

// String returns r as the shortest ratio, like "0.8".
func (r Rate) String() string {
	s := strconv.Itoa(int(r / Percent100))
	part := r % Percent100
	if part == 0 {
		return s
	}
	digits := strconv.Itoa(int(Percent100 + part))[1:] // keeps the leading zeros
	return s + "." + strings.TrimRight(digits, "0")
}

// HalfUp returns f × r rounded half-up to the fen. f and r must not be negative.
func (f Fen) HalfUp(r Rate) Fen {
	return Fen(MulDiv(int64(f), int64(r), int64(Percent100), int64(Percent100)/2))
}

// Floor returns f × r rounded down to the fen. f and r must not be negative.
func (f Fen) Floor(r Rate) Fen {
	return Fen(MulDiv(int64(f), int64(r), int64(Percent100), 0))
}

// MulDiv returns (a×b + add) ÷ c, rounded down, computed in 128 bits. It panics if the result exceeds int64 or an
// argument is negative: callers check ranges first, so that is a bug.
func MulDiv(a, b, c, add int64) int64 {
	if a < 0 || b < 0 || c <= 0 || add < 0 {
		panic(fmt.Sprintf("mulDiv(%d, %d, %d, %d): negative", a, b, c, add))
	}
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	lo, carry := bits.Add64(lo, uint64(add), 0)
	hi += carry
	if hi >= uint64(c) {
		panic(fmt.Sprintf("mulDiv(%d, %d, %d, %d): overflow", a, b, c, add))
	}
	q, _ := bits.Div64(hi, lo, uint64(c))
	if q > uint64(1)<<63-1 {
		panic(fmt.Sprintf("mulDiv(%d, %d, %d, %d): overflow", a, b, c, add))
	}
	return int64(q)
}

// SplitTwo divides amount in proportion to a and b by largest remainder: the first share is rounded half-up and the
// second gets the rest, so that they add up. 0 ≤ amount ≤ a+b. Neither share is more than its part: amount×a÷(a+b) is
// between amount-b and a, which are whole, and rounding does not pass a whole number.
func SplitTwo(amount, a, b Fen) (Fen, Fen) {
	if a+b == 0 {
		return 0, 0
	}
	first := Fen(MulDiv(int64(amount), int64(a), int64(a+b), int64(a+b)/2))
	return first, amount - first
}
