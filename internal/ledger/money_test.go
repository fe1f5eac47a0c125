package ledger_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"testing"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// Every amount is read back as it was printed (invariant 46).
func TestInvariant46RoundTrip(t *testing.T) {
	t.Parallel()
	const most = 10_000_000
	b := make([]byte, 0, 32)
	for f := range ledger.Fen(most) {
		b = f.Append(b[:0])
		if got, err := ledger.ParseYuan(string(b)); err != nil || got != f {
			t.Fatalf("%d is printed %s and read as %d, %v", f, b, got, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		f := ledger.Fen(rapid.Int64Range(0, int64(ledger.MaxFen)-1).Draw(t, "fen"))
		s := f.String()
		if got, err := ledger.ParseYuan(s); err != nil || got != f {
			t.Fatalf("%d is printed %s and read as %d, %v", f, s, got, err)
		}
		if want := fmt.Sprintf("%d.%02d", f/100, f%100); s != want {
			t.Fatalf("%d is printed %s, want %s", f, s, want)
		}
		if want := "-" + s; f > 0 && (-f).String() != want {
			t.Fatalf("%d is printed %s, want %s", -f, (-f).String(), want)
		}
	})
}

func TestFenString(t *testing.T) {
	t.Parallel()
	for f, want := range map[ledger.Fen]string{
		0: "0.00", 1: "0.01", 10: "0.10", 99: "0.99", 100: "1.00", -1: "-0.01", -50: "-0.50", -100: "-1.00",
		14_493_80: "14493.80", ledger.MaxFen: "10000000000.00", -ledger.MaxFen: "-10000000000.00",
		math.MaxInt64: "92233720368547758.07", math.MinInt64: "-92233720368547758.08",
	} {
		if got := f.String(); got != want {
			t.Errorf("%d is printed %s, want %s", f, got, want)
		}
	}
}

// A JSON number within 0.000001 yuan of a fen is that fen, wherever the encoder's digits end. A text must be
// exact, and numbers written exactly are read exactly.
func TestParseYuanNumber(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]ledger.Fen{
		"19.989999999999998": 1999, "19.990000000000002": 1999, "0.28999999999999998": 29, "100.0": 10000, "100": 10000,
		"99.99999999999999": 10000, "9.999999": 1000, "9.990001": 999, "9.9900009": 999, "9.98999900000000": 999,
		"8796093022.2099991": 879609302221, "0.0000001": 0, "-0.0": 0, "1.50000000000000000000000000": 150,
	} {
		if got, err := ledger.ParseYuanNumber(s); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", s, got, err, want)
		}
	}
	for s, want := range map[string]error{
		"19.985": ledger.ErrDecimals, "19.990002": ledger.ErrDecimals, "19.9899": ledger.ErrDecimals,
		"19.989998": ledger.ErrDecimals, "9.9900011": ledger.ErrDecimals, "0.001": ledger.ErrDecimals,
		"-1": ledger.ErrAmount, "1e2": ledger.ErrAmount, "01": ledger.ErrAmount, "1.": ledger.ErrAmount,
		"12345678901": ledger.ErrDigits, "": ledger.ErrAmount,
	} {
		if got, err := ledger.ParseYuanNumber(s); !errors.Is(err, want) || !errors.Is(err, ledger.ErrAmount) {
			t.Errorf("%s: got %d, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"19.989999999999998", "19.990000000000002"} {
		if got, err := ledger.ParseYuan(s); !errors.Is(err, ledger.ErrDecimals) {
			t.Errorf("the text %s: got %d, %v, want ErrDecimals", s, got, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) { // the way encoders write the nearest binary fraction
		f := ledger.Fen(rapid.Int64Range(0, 1e11).Draw(t, "fen"))
		for _, written := range []string{
			strconv.FormatFloat(float64(f)/100, 'f', -1, 64), strconv.FormatFloat(float64(f)*0.01, 'f', -1, 64),
			fmt.Sprintf("%.17f", float64(f)/100),
		} {
			if got, err := ledger.ParseYuanNumber(written); err != nil || got != f {
				t.Fatalf("%s: got %d, %v, want %d", written, got, err, f)
			}
		}
	})
}

// The grammar of amounts: what is accepted, and what is refused instead of being rounded.
func TestParseYuan(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]ledger.Fen{
		"0": 0, "0.0": 0, "0.00": 0, "0.01": 1, "0.1": 10, "0.29": 29, "1": 100, "100": 10000, "100.0": 10000,
		"100.000": 10000, "100.000000": 10000, "14493.80": 1449380, "14608.8": 1460880, " 100 ": 10000,
		"1.50000000000000000000000000000000": 150, "\t1.5\r\n": 150, "9999999999": 999999999900,
		"9999999999.99": 999999999999, "9999999999.990000": 999999999999,
		"-0": 0, "-0.00": 0, " -0.0 ": 0,
	} {
		if got, err := ledger.ParseYuan(s); err != nil || got != want {
			t.Errorf("%q: got %d, %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{
		"", " ", ".", ".5", "5.", "00", "01", "00.10", "-1", "-0.01", "-00", "--0", "-0.", "-", "- 0", "+5", "1e2", "1E400", "1e-7", "0x10", "1_000", "1,000",
		"1/3", "0.005", "0.001", "100.001", "100.000001", "10000000000", "99999999999999999999999",
		"NaN", "Infinity", "null", "true", "１００", "1.２", "1 0", "1. 5", "1..5", "1.2.3", "¥5", "5元", "\u00a05",
		"\x001", "1\x00", "\xff",
	} {
		if got, err := ledger.ParseYuan(s); err == nil {
			t.Errorf("%q is taken as %v", s, got)
		}
	}
}

func TestParseRate(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]ledger.Rate{
		"0": 0, "0.8": 8000, "0.80": 8000, "1": ledger.Percent100, "1.0": ledger.Percent100, "0.0001": 1, "0.1234": 1234,
		"1.5": 15000, "999.9999": 9999999,
	} {
		if got, err := ledger.ParseRate(s); err != nil || got != want {
			t.Errorf("%q: got %d, %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{
		"", ".", ".8", "0.", "-0.8", "+0.8", "0.12345", "1000", "1e1", "８折", " 0.8", "0,8", "0.8.1",
	} {
		if got, err := ledger.ParseRate(s); err == nil {
			t.Errorf("%q is taken as %v", s, got)
		}
	}
	for r := range 3 * ledger.Percent100 {
		if got, err := ledger.ParseRate(r.String()); err != nil || got != r {
			t.Fatalf("%d is printed %v and read as %d, %v", r, r, got, err)
		}
	}
	for r, want := range map[ledger.Rate]string{
		0: "0", 1: "0.0001", 8000: "0.8", 8500: "0.85", ledger.Percent100: "1", 15000: "1.5", 100_000: "10",
	} {
		if got := r.String(); got != want {
			t.Errorf("%d is printed %s, want %s", r, got, want)
		}
	}
}

// MulDiv is exact if the result fits into int64, and panics otherwise.
func TestPropertyMulDiv(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		any64 := rapid.OneOf(rapid.Int64Range(0, math.MaxInt64), rapid.Int64Range(0, 20_000), rapid.Int64Range(-3, 3))
		a, b, c, add := any64.Draw(t, "a"), any64.Draw(t, "b"), any64.Draw(t, "c"), any64.Draw(t, "add")
		got, panicked := func() (q int64, panicked bool) {
			defer func() { panicked = recover() != nil }()
			return ledger.MulDiv(a, b, c, add), false
		}()
		if a < 0 || b < 0 || c <= 0 || add < 0 {
			if !panicked {
				t.Fatalf("(%d × %d + %d) ÷ %d is %d", a, b, add, c, got)
			}
			return
		}
		want := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
		want.Add(want, big.NewInt(add)).Div(want, big.NewInt(c))
		if panicked == want.IsInt64() || !panicked && want.Int64() != got {
			t.Fatalf("(%d × %d + %d) ÷ %d is %d, panicked %v, want %v", a, b, add, c, got, panicked, want)
		}
	})
}

// A split adds up, takes no more from a part than is in it, and is within a fen of its proportion.
func TestPropertySplitTwo(t *testing.T) {
	t.Parallel()
	check := func(fatalf func(string, ...any), amount, a, b ledger.Fen) {
		first, second := ledger.SplitTwo(amount, a, b)
		if first+second != amount || first < 0 || second < 0 || first > a || second > b {
			fatalf("%d over %d and %d: %d and %d", amount, a, b, first, second)
		}
		if a+b == 0 {
			return
		}
		exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(int64(amount)), big.NewInt(int64(a))),
			big.NewInt(int64(a+b)))
		off := exact.Sub(exact, new(big.Rat).SetInt64(int64(first)))
		if off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 {
			fatalf("%d over %d and %d: the first gets %d, off by %v", amount, a, b, first, off)
		}
	}
	for a := range ledger.Fen(24) {
		for b := range ledger.Fen(24) {
			for amount := range a + b + 1 {
				check(t.Fatalf, amount, a, b)
			}
		}
	}
	if first, second := ledger.SplitTwo(1, 1, 1); first != 1 || second != 0 {
		t.Errorf("half a fen each: %v and %v, want it with the first", first, second)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := ledger.Fen(rapid.Int64Range(0, int64(ledger.MaxFen)).Draw(t, "a"))
		b := ledger.Fen(rapid.Int64Range(0, int64(ledger.MaxFen-a)).Draw(t, "b"))
		check(t.Fatalf, ledger.Fen(rapid.Int64Range(0, int64(a+b)).Draw(t, "amount")), a, b)
	})
}

// Points are rounded down, at every level's rate.
func TestPointsFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		earn ledger.Rate
		paid ledger.Fen
		want int64
	}{
		{ledger.Percent100, 0, 0}, {ledger.Percent100, 99, 0}, {ledger.Percent100, 100, 1}, {ledger.Percent100, 80_00, 80},
		{15000, 85_00, 127}, {5000, 1_99, 0}, {5000, 2_00, 1},
		{0, 1000_00, 0}, {100 * ledger.Percent100, 1, 1}, {999_9999, ledger.MaxFen, 9_999_999_000_000},
	} {
		if got := (ledger.Level{Earn: c.earn}).PointsFor(c.paid); got != c.want {
			t.Errorf("%v at %v a yuan gives %d points, want %d", c.paid, c.earn, got, c.want)
		}
	}
}

// Commas between groups of three digits say nothing; any other comma may be the point of another country.
func TestUngrouped(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"1,000": "1000", "1,234,567.50": "1234567.50", "-1,000": "-1000", "999": "999", "": "", "12,345": "12345",
		"12,50": "12,50", "1,2345": "1,2345", "1,000,00": "1,000,00", ",500": ",500", "1000,000": "1000,000",
		"1,000.": "1,000.", "1,00a": "1,00a", "１,000": "１,000",
	} {
		if got := ledger.Ungrouped(number); got != want {
			t.Errorf("%q is %q, want %q", number, got, want)
		}
	}
}
