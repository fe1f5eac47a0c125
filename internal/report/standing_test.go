package report

import (
	"reflect"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// Each lot is of one age and each card of one time of use; what is on credit, over or for ever is told apart.
func TestStanding(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	s := NewStanding(Moment{
		Today: 2026_03_05, Since: []ledger.EntryID{100, 50},
		Used: []time.Time{now.AddDate(0, 0, -30), now.AddDate(0, 0, -90)},
	})
	s.Add(&ledger.Card{
		Status: ledger.Active, OpenedShop: 7, Used: now, Principal: 60, Bonus: 6, Points: 9,
		Lots: []ledger.Lot{
			{ID: 0, Principal: -5}, {ID: 100, Principal: 10, Bonus: 1, GoodUntil: 2026_03_05},
			{ID: 99, Principal: 20, Bonus: 2, GoodUntil: 2026_03_04}, {ID: 50, Principal: 30, Bonus: 3, GoodUntil: ledger.Forever},
			{ID: 49, Principal: 40, GoodUntil: ledger.Forever},
		},
		PointLots: []ledger.PointLot{{GoodUntil: 2026_03_31, Points: 4}, {GoodUntil: ledger.Forever, Points: 5}},
	})
	s.Add(&ledger.Card{Status: ledger.Active, OpenedShop: 7, Used: now.AddDate(0, 0, -31), Principal: 1})
	s.Add(&ledger.Card{Status: ledger.Active, OpenedShop: 8, Used: now.AddDate(0, 0, -91), Principal: 2})
	s.Add(&ledger.Card{Status: ledger.Lost, OpenedShop: 8, Used: now})
	s.Add(&ledger.Card{Status: ledger.Active, OpenedShop: 8, Expires: 2026_03_04, Used: now})
	want := []ledger.LotSums{{Principal: 10, Bonus: 1}, {Principal: 50, Bonus: 5}, {Principal: 40}}
	if !reflect.DeepEqual(s.Aged, want) || s.Credit != -5 {
		t.Errorf("by age %+v, want %+v; on credit %v", s.Aged, want, s.Credit)
	}
	if want := map[ledger.Date]ledger.Owed{
		Past: {Bonus: 2}, 2026_03_01: {Bonus: 1, Points: 4}, ledger.Forever: {Bonus: 3, Points: 5},
	}; !reflect.DeepEqual(s.Ending, want) {
		t.Errorf("ending %+v, want %+v", s.Ending, want)
	}
	if want := map[ledger.ShopID][]Sleepers{
		7: {{1, ledger.Owed{Principal: 60, Bonus: 6, Points: 9}}, {1, ledger.Owed{Principal: 1}}, {}},
		8: {{}, {}, {1, ledger.Owed{Principal: 2}}},
	}; !reflect.DeepEqual(s.Used, want) {
		t.Errorf("used %+v, want %+v", s.Used, want)
	}
}
