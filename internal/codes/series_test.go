package codes_test

import (
	"bytes"
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"tongka/internal/codes"
)

func TestSeriesNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		series codes.Series
		i      int
		want   string
	}{
		{codes.Series{Prefix: "V-", Start: 1, Digits: 6}, 0, "V-000001"},
		{codes.Series{Prefix: "88", Start: 995, Digits: 3}, 4, "88999"},
		{codes.Series{Prefix: "799273987", Start: 1, Digits: 1, Check: true}, 0, "79927398713"},
	} {
		got, err := c.series.Number(c.i, nil)
		if err != nil || got != c.want {
			t.Errorf("%+v %d: got %s, %v, want %s", c.series, c.i, got, err, c.want)
		}
		if c.series.Check && !codes.Valid(got) {
			t.Errorf("%s has another check digit", got)
		}
	}
	drawn := codes.Series{Count: 1, Prefix: "88", Drawn: true}
	got, err := drawn.Number(0, rand.Reader)
	if err != nil || !codes.Valid(got) || !strings.HasPrefix(got, "88") || len(got) != 2+codes.DrawnDigits+1 {
		t.Errorf("drawn %s, %v", got, err)
	}
}

func TestSeriesFault(t *testing.T) {
	t.Parallel()
	good := codes.Series{Count: 100, Prefix: "A", Start: 1, Digits: 3}
	for _, c := range []struct {
		change func(*codes.Series)
		want   codes.SeriesFault
	}{
		{func(*codes.Series) {}, 0},
		{func(s *codes.Series) { s.Count = 0 }, codes.SeriesCount},
		{func(s *codes.Series) { s.Count = codes.MaxSeries + 1 }, codes.SeriesCount},
		{func(s *codes.Series) { s.Count, s.Digits = codes.MaxSeries, 5 }, 0},
		{func(s *codes.Series) { s.Prefix = "A B" }, codes.SeriesPrefix},
		{func(s *codes.Series) { s.Prefix = "店" }, codes.SeriesPrefix},
		{func(s *codes.Series) { s.Check = true }, codes.SeriesPrefix},
		{func(s *codes.Series) { s.Check, s.Prefix = true, "8" }, 0},
		{func(s *codes.Series) { s.Digits = 0 }, codes.SeriesDigits},
		{func(s *codes.Series) { s.Digits = 19 }, codes.SeriesDigits},
		{func(s *codes.Series) { s.Prefix = strings.Repeat("A", 38) }, codes.SeriesDigits},
		{func(s *codes.Series) { s.Prefix = strings.Repeat("A", 37) }, 0},
		{func(s *codes.Series) { s.Start = -1 }, codes.SeriesStart},
		{func(s *codes.Series) { s.Start = 900 }, 0},
		{func(s *codes.Series) { s.Start = 901 }, codes.SeriesStart},
		{func(s *codes.Series) { s.Start = 1 << 62 }, codes.SeriesStart},
		{func(s *codes.Series) { s.Prefix, s.Digits = "10", 16 }, codes.SeriesBarcode},
		{func(s *codes.Series) { s.Prefix, s.Digits = "77", 18 }, codes.SeriesBarcode},
		{func(s *codes.Series) { s.Drawn, s.Digits, s.Prefix = true, 0, "" }, 0},
		{func(s *codes.Series) { s.Drawn = true }, codes.SeriesPrefix},
		{func(s *codes.Series) { s.Drawn, s.Prefix = true, "01" }, codes.SeriesPrefix},
		{func(s *codes.Series) { s.Drawn, s.Prefix = true, strings.Repeat("8", 20) }, codes.SeriesPrefix},
		{func(s *codes.Series) { s.Drawn, s.Prefix = true, "12345" }, codes.SeriesBarcode},
		{func(s *codes.Series) { s.Drawn, s.Prefix = true, "16345" }, 0},
		{func(s *codes.Series) { s.Drawn, s.Prefix = true, "7700000" }, codes.SeriesBarcode},
		{func(s *codes.Series) { s.Drawn, s.Prefix = true, "7600000" }, 0},
	} {
		s := good
		c.change(&s)
		if got := s.Fault(); got != c.want {
			t.Errorf("%+v: got %d, want %d", s, got, c.want)
		}
	}
}

func TestNewPIN(t *testing.T) {
	t.Parallel()
	for range 2000 {
		pin, err := codes.NewPIN(rand.Reader, "88123456")
		if err != nil || len(pin) != codes.PINDigits || codes.Weak(pin, "88123456") {
			t.Fatalf("got %q, %v", pin, err)
		}
	}
}

// The cards that were made are found again by what they were drawn from. Of two numbers alike the first was made.
func TestMadeOfASeries(t *testing.T) {
	t.Parallel()
	seed := bytes.Repeat([]byte{7}, codes.SeedSize)
	for name, s := range map[string]codes.Series{
		"counted": {Count: 5, Prefix: "A", Start: 1, Digits: 2, Passwords: true},
		"drawn":   {Count: 5, Drawn: true, Passwords: true},
		"plain":   {Count: 5, Start: 1, Digits: 2},
	} {
		all, err := s.Made(seed, &codes.Issued{Opened: 5})
		if err != nil || len(all) != 5 {
			t.Fatalf("%s: %v %v", name, all, err)
		}
		some, err := s.Made(seed, &codes.Issued{Opened: 3, Taken: []string{all[1].Number}})
		if want := []codes.SeriesCard{all[0], all[2], all[3]}; err != nil || !slices.Equal(some, want) {
			t.Errorf("%s: %v %v, want %v", name, some, err, want)
		}
	}
	if _, err := new(codes.Series).Made(seed[1:], new(codes.Issued)); err == nil {
		t.Error("a short seed is taken")
	}
}
