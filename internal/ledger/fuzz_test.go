package ledger

import (
	"strings"
	"testing"
)

// What ParseYuan accepts is an amount in range that prints as the digits that were given.
func FuzzParseYuan(f *testing.F) {
	for _, s := range []string{
		"0", "100", "0.29", "14493.80", "9999999999.99", "100.000000", "0.005", "1e2", "-1", "00", "１", " 5 ", ".5", "5.", "-0.0",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		fen, err := ParseYuan(s)
		if err != nil {
			if fen != 0 {
				t.Errorf("%q is refused with %v", s, fen)
			}
			return
		}
		if fen < 0 || fen >= MaxFen {
			t.Errorf("%q is taken as %v", s, fen)
		}
		if got, err := ParseYuan(fen.String()); err != nil || got != fen {
			t.Errorf("%q is %v, and that is %v, %v", s, fen, got, err)
		}
		digits := strings.Trim(s, " \t\r\n")
		if fen == 0 {
			digits = strings.TrimPrefix(digits, "-")
		}
		whole, frac, _ := strings.Cut(digits, ".")
		if got, want := fen.String(), whole+"."+
			(strings.TrimRight(frac, "0") + "00")[:max(2, len(strings.TrimRight(frac, "0")))]; got != want {
			t.Errorf("%q is %s, want %s", s, got, want)
		}
	})
}

// What ParseDate accepts is a day of the calendar, and the same day in every spelling.
func FuzzParseDate(f *testing.F) {
	for _, s := range []string{
		"1999-09-09", "1999-9-9", "1999/9/9", "19990909", "2023-02-29", "0000-01-01", "9999-12-31", "1999-9/9", "--",
		"1999-09-09-",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s)
		if err != nil {
			if d != 0 {
				t.Errorf("%q is refused with %v", s, d)
			}
			return
		}
		plain := func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "/", "-"), "-0", "-") }
		if want := plain(s); want != plain(d.String()) && want != strings.ReplaceAll(d.String(), "-", "") {
			t.Errorf("%q is %v", s, d)
		}
		if d < 1900_01_01 || d > Forever || d.AddDays(1).AddDays(-1) != d {
			t.Errorf("%q is taken as %d", s, d)
		}
		if got, err := ParseDate(d.String()); err != nil || got != d {
			t.Errorf("%q is %v, and that is %v, %v", s, d, got, err)
		}
	})
}

// What ParseExpiry accepts is a day of the calendar, and later than today if it is counted from today.
func FuzzParseExpiry(f *testing.F) {
	for _, s := range []string{
		"20190725", "1day", "1week", "1month", "1year", "999year", "0day", "01day", "1", "20190230", "1monthyear",
	} {
		f.Add(s, 0)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		today := Date(2024_01_01).AddDays(n % 100_000)
		d, err := ParseExpiry(s, today)
		if err != nil {
			if d != 0 {
				t.Errorf("%q is refused with %v", s, d)
			}
			return
		}
		if got, err := ParseDate(d.String()); err != nil || got != d {
			t.Errorf("%q from %v is %v, and that is %v, %v", s, today, d, got, err)
		}
		if len(s) != 8 && d <= today || len(s) == 8 && Digits(s, 8, 8) && strings.ReplaceAll(d.String(), "-", "") != s {
			t.Errorf("%q from %v is %v", s, today, d)
		}
	})
}

// What ParseRate accepts is a share in range that is read back as it is printed.
func FuzzParseRate(f *testing.F) {
	for _, s := range []string{"0.8", "1", "0.1234", "999.9999", "0.", ".8", "-1", "1e1", "0.80", "007"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRate(s)
		if err != nil {
			if r != 0 {
				t.Errorf("%q is refused with %v", s, r)
			}
			return
		}
		if r < 0 || r >= 1000*Percent100 {
			t.Errorf("%q is taken as %v", s, r)
		}
		if got, err := ParseRate(r.String()); err != nil || got != r {
			t.Errorf("%q is %v, and that is %v, %v", s, r, got, err)
		}
	})
}

// Braces, surrounding space and letter case do not distinguish GUIDs.
func FuzzFoldGUID(f *testing.F) {
	for _, s := range []string{"", "{}", "{D2F2B8F6-0C5B-4C68-9C3E-0123456789AB}", "d2f2b8f6", "}{", "{{a}}", " a "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		plain := strings.Map(func(r rune) rune {
			if r <= ' ' || r > '~' || r == '{' || r == '}' {
				return -1
			}
			return r
		}, s)
		want := FoldGUID(plain)
		for _, same := range []string{"{" + plain + "}", strings.ToLower(plain), " {" + strings.ToUpper(plain) + "}\r\n"} {
			if got := FoldGUID(same); got != want {
				t.Errorf("%q: got %q, want %q", same, got, want)
			}
		}
		if got := FoldGUID(want); got != want {
			t.Errorf("%q folds on to %q", want, got)
		}
	})
}
