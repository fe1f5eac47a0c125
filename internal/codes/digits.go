package codes

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
)

// randomDigits returns n digits, all ten equally likely.
func randomDigits(random io.Reader, n int) (string, error) {
	return draw(random, n, func(digits []byte, b byte) []byte {
		if b < 250 { // higher bytes would make 0 to 5 likelier
			digits = append(digits, '0'+b%10)
		}
		return digits
	})
}

// randomNumber returns n random digits, of which the first is not 0: a spreadsheet, or a till that reads the text as
// a number, would drop it.
func randomNumber(random io.Reader, n int) (string, error) {
	return draw(random, n, func(digits []byte, b byte) []byte {
		switch {
		case len(digits) > 0 && b < 250:
			digits = append(digits, '0'+b%10)
		case len(digits) == 0 && b < 252: // higher bytes would make 1 to 4 likelier
			digits = append(digits, '1'+b%9)
		}
		return digits
	})
}

// draw reads random bytes until take has made n digits of them.
func draw(random io.Reader, n int, take func(digits []byte, b byte) []byte) (string, error) {
	digits := make([]byte, 0, n)
	for len(digits) < n {
		raw := make([]byte, n-len(digits))
		if _, err := io.ReadFull(random, raw); err != nil {
			return "", fmt.Errorf("random digits: %w", err)
		}
		for _, b := range raw {
			digits = take(digits, b)
		}
	}
	return string(digits), nil
}

// isDigits reports whether s consists of ASCII digits only.
func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// keyed returns the HMAC-SHA-256 of a label, numbers and finally a text. Each label has a fixed number of numbers, so
// that different inputs cannot have the same encoding.
func keyed(key [32]byte, label string, numbers []int64, text string) [32]byte {
	b := append([]byte(label), 0)
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	mac := hmac.New(sha256.New, key[:])
	mac.Write(append(b, text...))
	return [32]byte(mac.Sum(nil))
}

// below returns a number from 0 to n-1 made from a hash. n is so far below 2^64 that the bias of the modulus is
// negligible.
func below(hash [32]byte, n int64) int64 {
	return int64(binary.BigEndian.Uint64(hash[:]) % uint64(n))
}
