package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Fen is an amount of money in hundredths of the merchant's currency unit (1 yuan = 100 fen). Answers have it as
// a number or as a text: 14493.8, 100, "1420.00". It is sent as a number with two decimals.
type Fen int64

// String returns f in yuan with exactly two decimals, like "-0.50".
func (f Fen) String() string {
	u, sign := uint64(f), ""
	if f < 0 {
		u, sign = -u, "-"
	}
	return fmt.Sprintf("%s%d.%02d", sign, u/100, u%100)
}

// MarshalJSON writes f as a number with two decimals.
func (f Fen) MarshalJSON() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalJSON reads a number, or a text that contains one. More than two decimals other than 0 are an error.
func (f *Fen) UnmarshalJSON(token []byte) error { return read(f, token, 2) }

// Rate is a ratio in basis points: 10000 is 100 %, and 8000 is the wire's 0.8.
type Rate int64

// UnmarshalJSON reads a ratio with at most four decimals.
func (r *Rate) UnmarshalJSON(token []byte) error { return read(r, token, 4) }

// Count is a whole number of points or entries. Answers have it as 2555, 5.0 or "310".
type Count int64

// UnmarshalJSON reads a number, or a text that contains one. A fraction other than 0 is an error.
func (c *Count) UnmarshalJSON(token []byte) error { return read(c, token, 0) }

// Text is a text that may be sent as a number too: ids of 21 digits, the remarks 666. It has what was sent, digit
// by digit; null is "".
type Text string

// UnmarshalJSON reads a text or a number.
func (t *Text) UnmarshalJSON(token []byte) error {
	if c := token[0]; c == '-' || (c >= '0' && c <= '9') {
		*t = Text(token)
		return nil
	}
	return json.Unmarshal(token, (*string)(t))
}

// maxWhole limits the digits before the point, so that every number fits in an int64 with its decimals: 10^13 ×
// 10^4.
const maxWhole = 13

var errNumber = errors.New("not a plain decimal number, too long, or with too many decimals")

// read reads a number, or a text that contains one, as a multiple of 10^-places: an optional minus, digits
// without a leading zero, and an optional fraction whose digits beyond places are 0. Exponents, and escapes
// within a text, are errors.
func read[N ~int64](into *N, token []byte, places int) error {
	if token[0] == '"' {
		token = token[1 : len(token)-1]
	}
	number, negative := strings.CutPrefix(string(token), "-")
	whole, fraction, dotted := strings.Cut(number, ".")
	if !digits(whole) || len(whole) > maxWhole || (len(whole) > 1 && whole[0] == '0') || (dotted && !digits(fraction)) {
		return errNumber
	}
	if len(fraction) > places && strings.Trim(fraction[places:], "0") != "" {
		return errNumber
	}
	n, err := strconv.ParseInt(whole+(fraction + "0000")[:places], 10, 64)
	if negative {
		n = -n
	}
	*into = N(n)
	return err
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
