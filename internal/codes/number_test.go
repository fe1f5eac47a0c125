package codes

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tongka/internal/command"
)

// seeded returns randomness that is the same each time.
func seeded(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

// The use of the source's bytes is fixed: 250 to 255 are skipped, or digits from 0 to 5 would be likelier.
func TestRandomDigits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source []byte
		n      int
		want   string
	}{
		{[]byte{0, 9, 10, 19, 249}, 5, "09099"},
		{[]byte{250, 255, 1, 7, 253, 8}, 3, "178"},
		{nil, 0, ""},
	} {
		if got, err := randomDigits(bytes.NewReader(c.source), c.n); err != nil || got != c.want {
			t.Errorf("%v: got %q, %v, want %q", c.source, got, err, c.want)
		}
	}
	for _, source := range [][]byte{nil, {1}, {250, 251, 252}} {
		if got, err := randomDigits(bytes.NewReader(source), 2); err == nil || got != "" {
			t.Errorf("%v is too little: got %q, %v", source, got, err)
		}
	}
	var seen [10]int
	digits, err := randomDigits(seeded(1), 100_000)
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(digits) {
		seen[digits[i]-'0']++
	}
	for digit, n := range seen {
		if n < 9_600 || n > 10_400 { // more than four standard deviations
			t.Errorf("digit %d stands %d times in 100000", digit, n)
		}
	}
}

// No number, password, coupon or transaction code begins with 0, which a spreadsheet would drop, and each of the
// other digits is equally likely. All bytes once give each of the nine 28 times.
func TestNothingBeginsWith0(t *testing.T) {
	t.Parallel()
	var seen [10]int
	for b := range 256 {
		if got, err := randomNumber(bytes.NewReader([]byte{byte(b)}), 1); err == nil {
			seen[got[0]-'0']++
		}
	}
	if want := [10]int{0, 28, 28, 28, 28, 28, 28, 28, 28, 28}; seen != want {
		t.Errorf("got %v, want %v", seen, want)
	}
	for seed := range byte(200) {
		random := seeded(seed)
		for name, draw := range map[string]func() (string, error){
			"number":      func() (string, error) { return NewNumber(random, "", 12) },
			"password":    func() (string, error) { return NewPassword(random) },
			"coupon":      func() (string, error) { return NewCoupon(random) },
			"transaction": func() (string, error) { return NewTransactionCode(random) },
		} {
			if got, err := draw(); err != nil || got[0] == '0' {
				t.Errorf("%s: got %q, %v", name, got, err)
			}
		}
	}
}

func TestNewNumber(t *testing.T) {
	t.Parallel()
	ones := func() io.Reader { return bytes.NewReader(bytes.Repeat([]byte{1}, 10_000)) }
	for name, c := range map[string]struct {
		source io.Reader
		prefix string
		digits int
		want   string // of the number or the error
		ok     bool
	}{
		"least":                  {ones(), "", 10, "21111111114", true},
		"with prefix":            {ones(), "6688", 11, "6688111111111119", true},
		"most":                   {ones(), "88", 29, "88111111111111111111111111111111", true},
		"too few":                {ones(), "6688", 9, "want at least 10", false},
		"too many":               {ones(), "", 32, "at most 32", false},
		"too many with prefix":   {ones(), "88", 30, "at most 32", false},
		"prefix too long":        {ones(), strings.Repeat("8", 40), 10, "at most 32", false},
		"negative":               {ones(), "", -1, "want at least 10", false},
		"prefix of 0":            {ones(), "06", 12, "begins with 0", false},
		"letters":                {ones(), "VIP", 12, "want digits", false},
		"full-width":             {ones(), "８", 12, "want digits", false},
		"payment barcode":        {ones(), "10", 15, "choose another", false},
		"may be payment barcode": {bytes.NewReader(make([]byte, 10_000)), "", 17, "choose another", false},
		"member code":            {ones(), "77", 17, "choose another", false},
		"20 digits, no code":     {ones(), "78", 17, "78111111111111111111", true},
		"no randomness":          {bytes.NewReader(nil), "", 10, "EOF", false},
	} {
		got, err := NewNumber(c.source, c.prefix, c.digits)
		if c.ok && (err != nil || got != c.want) {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, c.want)
		}
		if !c.ok && (got != "" || err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, c.want)
		}
	}
	if _, err := NewNumber(bytes.NewReader(nil), "", 10); !errors.Is(err, io.EOF) {
		t.Errorf("no randomness: got %v, want it wrapped", err)
	}
}

// A generated number has the length asked for, is valid, and is nothing else to a till. With one digit wrong, or two
// different neighbours other than 0 and 9 swapped, it is not valid.
func TestNumberProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.StringMatching(`[3-68-9][0-9]{0,8}|`).Draw(t, "prefix")
		if prefix != "" && prefix[0] == '3' {
			prefix = "9" + prefix[1:] // payment barcodes begin with 30
		}
		digits := rapid.IntRange(MinRandom, MaxNumber-1-len(prefix)).Draw(t, "digits")
		number, err := NewNumber(seeded(rapid.Byte().Draw(t, "seed")), prefix, digits)
		if err != nil {
			t.Fatal(err)
		}
		if len(number) != len(prefix)+digits+1 || !strings.HasPrefix(number, prefix) || !Valid(number) {
			t.Fatalf("%q with %d digits makes %q", prefix, digits, number)
		}
		if _, member := Parse(number); member || PaymentBarcode(number) {
			t.Fatalf("%q is something else at a till", number)
		}
		i := rapid.IntRange(0, len(number)-1).Draw(t, "place")
		wrong := []byte(number)
		wrong[i] = '0' + (wrong[i]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if Valid(string(wrong)) {
			t.Fatalf("%s is as valid as %s", wrong, number)
		}
		swapped := []byte(number)
		j := min(i+1, len(number)-1)
		swapped[i], swapped[j] = swapped[j], swapped[i]
		blind := swapped[i] == swapped[j] || min(swapped[i], swapped[j]) == '0' && max(swapped[i], swapped[j]) == '9'
		if !blind && Valid(string(swapped)) {
			t.Fatalf("%s is as valid as %s", swapped, number)
		}
	})
}

func TestValid(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]bool{
		"79927398713":           true, // the usual example
		"79927398710":           false,
		"4111111111111111":      true,
		"4111111111111112":      false,
		"00":                    true,
		"0":                     false,
		"":                      false,
		"7992739871３":           false,
		"7992739871-3":          false,
		strings.Repeat("0", 32): true,
		strings.Repeat("0", 33): false,
	} {
		if got := Valid(number); got != want {
			t.Errorf("%q: got %v", number, got)
		}
	}
}

func TestNewPassword(t *testing.T) {
	t.Parallel()
	got, err := NewPassword(bytes.NewReader([]byte{0, 0, 4, 2, 255, 3, 1, 7, 9}))
	if err != nil || got != "10423179" {
		t.Errorf("got %q, %v", got, err)
	}
}

// A coupon's number is one the core accepts, and nothing else to a till.
func TestNewCoupon(t *testing.T) {
	t.Parallel()
	got, err := NewCoupon(bytes.NewReader(bytes.Repeat([]byte{1, 255, 7}, 8)))
	if err != nil || got != "2717171717171717" || len(got) < command.MinCouponNumber ||
		len(got) > command.MaxCouponNumber {
		t.Errorf("got %q, %v", got, err)
	}
	if _, member := Parse(got); member || PaymentBarcode(got) {
		t.Errorf("%s is something else at a till", got)
	}
	if got, err := NewCoupon(bytes.NewReader(nil)); err == nil || got != "" {
		t.Errorf("without randomness: got %q, %v", got, err)
	}
}

func TestPaymentBarcode(t *testing.T) {
	t.Parallel()
	rest := strings.Repeat("7", 16)
	for text, want := range map[string]bool{
		"10" + rest: true, "15" + rest: true, "25" + rest: true, "30" + rest: true, "28" + rest: true, "13" + rest: true,
		"09" + rest: false, "16" + rest: false, "24" + rest: false, "31" + rest: false, "77" + rest: false,
		"10" + rest[1:]: false, "10" + rest + "7": false, "10" + rest[1:] + "x": false, "1a" + rest: false, "": false,
	} {
		if got := PaymentBarcode(text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

// A text is at most one thing to a till: a payment barcode or a member code. A valid number is digits.
func FuzzNumbers(f *testing.F) {
	for _, s := range []string{
		"79927398713", "131319208588832571", "281319208588832571", "77131319208588832571", "", "00", "７７",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, member := Parse(s)
		if member && PaymentBarcode(s) {
			t.Errorf("%q is a member code and a payment barcode", s)
		}
		if Valid(s) && (!isDigits(s) || len(s) > MaxNumber || checkDigit(s[:len(s)-1]) != rune(s[len(s)-1])) {
			t.Errorf("%q is valid", s)
		}
	})
}

// Whatever is asked for with whatever randomness, the number is as asked for, or there is an error.
func FuzzNewNumber(f *testing.F) {
	f.Add([]byte("0123456789abcdef0123456789abcdef"), "6688", 11)
	f.Add([]byte{255, 254, 253}, "", 10)
	f.Add([]byte("0123456789abcdef0123456789abcdef"), "10", 15)
	f.Fuzz(func(t *testing.T, source []byte, prefix string, digits int) {
		number, err := NewNumber(bytes.NewReader(source), prefix, digits)
		if err != nil {
			if number != "" {
				t.Errorf("got %q and %v", number, err)
			}
			return
		}
		if len(number) != len(prefix)+digits+1 || !strings.HasPrefix(number, prefix) || !Valid(number) ||
			PaymentBarcode(number) {
			t.Errorf("%q with %d digits makes %q", prefix, digits, number)
		}
	})
}
