package report

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// aDay is a day on which everything happened once or twice.
func aDay() Kinds {
	k := Kinds{}
	for kind, s := range map[ledger.Kind]ledger.DaySums{
		ledger.Recharged:        {Count: 2, Gross: 600_00, Net: 720_00, Principal: 600_00, Bonus: 120_00, Points: 60},
		ledger.RechargeReversed: {Count: 1, Gross: 100_00, Net: 120_00, Principal: -100_00, Bonus: -20_00, Points: -10},
		ledger.Withdrawn:        {Count: 1, Gross: 50_00, Net: 50_00, Principal: -50_00, Bonus: -10_00},
		ledger.CardReturned:     {Count: 1, Gross: 30_00, Net: 30_00, Principal: -30_00, Bonus: -5_00, Points: -7},
		ledger.Consumed:         {Count: 3, Gross: 200_00, Net: 160_00, Principal: -100_00, Bonus: -20_00, Points: 12},
		ledger.ConsumeRefunded:  {Count: 1, Gross: 40_00, Net: 40_00, Principal: 30_00, Bonus: 10_00, Points: -4},
		ledger.Renewed:          {Count: 1, Gross: 10_00, Net: 10_00, Principal: -8_00, Bonus: -2_00},
		ledger.CashedBack:       {Count: 1, Gross: 100_00, Net: 5_00, Bonus: 5_00},
		ledger.LotsExpired:      {Count: 1, Bonus: -3_00, Points: -9},
		ledger.BonusForfeited:   {Count: 1, Gross: 1_00, Net: 1_00, Bonus: -1_00},
		ledger.BalanceOpened:    {Count: 1, Gross: 500_00, Net: 550_00, Principal: 500_00, Bonus: 50_00, Points: 3},
		ledger.RenewalReversed:  {Count: 1, Gross: 4_00, Net: 4_00, Principal: 3_00, Bonus: 1_00},
		ledger.OpeningReversed:  {Count: 1, Gross: 20_00, Net: 22_00, Principal: -15_00, Bonus: -2_00, Points: -1},
		ledger.PointsUsed:       {Count: 1, Points: -5},
		ledger.Opened:           {Count: 4},
	} {
		k.Add(&ledger.DayTotal{DayKey: ledger.DayKey{Day: 2026_03_04, Kind: kind}, DaySums: s})
	}
	return k
}

// The figures of a day are what a merchant would reckon from the slips.
func TestFigures(t *testing.T) {
	t.Parallel()
	k := aDay()
	principal, bonus := k.Spent()
	for name, f := range map[string]struct{ got, want int64 }{
		"paid in": {int64(k.PaidIn()), 600_00}, "given back": {int64(k.PaidBack()), 100_00}, "paid out": {int64(k.PaidOut()), 80_00},
		"taken": {int64(k.Taken()), 420_00}, "billed": {int64(k.Billed()), 200_00}, "sold": {int64(k.Sold()), 160_00},
		"off": {int64(k.Off()), 40_00}, "by card": {int64(k.ByCard()), 120_00}, "refunded": {int64(k.Refunded()), 40_00},
		"principal spent": {int64(principal), 75_00}, "bonus spent": {int64(bonus), 11_00},
		// 120 given, 20 + 10 + 5 gone with money that left, 5 cash back, 3 expired, 1 forfeited; balances that were brought
		// from another system cost nothing here.
		"bonus cost": {int64(k.Gifts()), 120_00 - 20_00 - 10_00 - 5_00 + 5_00 - 3_00 - 1_00},
		"cash back":  {int64(k.Gift(ledger.CashedBack)), 5_00}, "opened": {k.Count(ledger.Opened, ledger.PointsUsed), 5},
		"new cards": {k.NewCards(), 3}, // one of the four should not have been brought in
		"points":    {k.Points(ledger.Consumed, ledger.ConsumeRefunded), 8},
	} {
		if f.got != f.want {
			t.Errorf("%s: got %d, want %d", name, f.got, f.want)
		}
	}
	want := ledger.DaySums{
		Count: 21, Gross: 1655_00, Net: 1712_00, Principal: 830_00, Bonus: 123_00, Points: 39,
	}
	if got := k.Moved(); got != want {
		t.Errorf("moved %+v, want %+v", got, want)
	}
}

// What cards hold moves by what came in, less what was spent, paid out and taken back, whatever the kinds: the figures
// leave nothing out and count nothing twice.
func TestFiguresAddUp(t *testing.T) {
	t.Parallel()
	k := aDay()
	principal, bonus := k.Spent()
	opened := k[ledger.BalanceOpened].Plus(k[ledger.OpeningReversed])
	if got := k.Taken() - principal + opened.Principal; got != k.Moved().Principal {
		t.Errorf("principal moved by %v, the figures say %v", k.Moved().Principal, got)
	}
	if got := k.Gifts() - bonus + opened.Bonus; got != k.Moved().Bonus {
		t.Errorf("bonus moved by %v, the figures say %v", k.Moved().Bonus, got)
	}
}

// Groups add up to the whole, in whatever way totals are grouped.
func TestPropertyGroupsAddUp(t *testing.T) {
	t.Parallel()
	entries := journal(rand.New(rand.NewPCG(3, 4)), 400)
	days := NewDays(utc)
	for i := range entries {
		days.Add(&entries[i])
	}
	all, shops, operators := Kinds{}, Groups[ledger.ShopID]{}, Groups[string]{}
	for _, total := range days.Totals() {
		all.Add(&total)
		shops.Add(total.Shop, &total)
		operators.Add(total.Operator, &total)
	}
	if !reflect.DeepEqual(shops.Sum(), all) || !reflect.DeepEqual(operators.Sum(), all) {
		t.Error("groups do not add up to the whole")
	}
	if shops.Of(99).Moved() != (ledger.DaySums{}) {
		t.Error("a shop at which nothing was done has figures")
	}
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]struct{ got, want Period }{
		"week from Wednesday": {Week(2026_03_04), Period{2026_03_02, 2026_03_04}},
		"week from Monday":    {Week(2026_03_02), Period{2026_03_02, 2026_03_02}},
		"week from Sunday":    {Week(2026_03_01), Period{2026_02_23, 2026_03_01}},
		"month":               {Month(2026_03_04), Period{2026_03_01, 2026_03_04}},
		"last month":          {LastMonth(2026_03_31), Period{2026_02_01, 2026_02_28}},
		"month before a year": {LastMonth(2026_01_01), Period{2025_12_01, 2025_12_31}},
	} {
		if p.got != p.want {
			t.Errorf("%s: got %v, want %v", name, p.got, p.want)
		}
	}
	want := []ledger.Date{2024_02_28, 2024_02_29, 2024_03_01}
	if got := (Period{2024_02_28, 2024_03_01}).Days(); !reflect.DeepEqual(got, want) {
		t.Errorf("days of a leap year: %v", got)
	}
	if got := len((Period{2024_01_01, 2030_01_01}).Days()); got != MostDays {
		t.Errorf("%d days of a long period", got)
	}
	if (Period{2024_01_01, 2024_12_31}).Long() || !(Period{2024_01_01, 2025_01_01}).Long() {
		t.Error("a leap year is not the longest period")
	}
	if Weekday(2026_03_04) != time.Wednesday {
		t.Error("the day of the week")
	}
}
