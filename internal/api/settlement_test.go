package api

import (
	"net/http"
	"reflect"
	"slices"
	"testing"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// What was paid in at one shop and used at another is what they owe each other. A key of one shop is told what that one
// has with others, and no key without the permission for reports anything.
func TestSettlement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.store.SaveAgent(t.Context(), ledger.Agent{
		ID: 50, Name: "shop 11", TokenHash: auth.Hash("tk_one"), Owner: 1, Shops: []ledger.ShopID{11},
		Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.MayReports}},
	}))
	w.must(w.dir.Refresh(t.Context()))
	one, two := ledger.Caller{Shop: 11}, ledger.Caller{Shop: 12}
	w.do(
		command.Recharge{Merchant: 1, By: one, Card: "6002", Amount: 500_00, PayType: 1}, // with a bonus of 100.00
		command.Consume{Merchant: 1, By: two, Card: "6002", Amount: 120_00},
		command.Consume{Merchant: 1, By: one, Card: "6002", Amount: 60_00},
		command.Consume{Merchant: 1, By: two, Card: "6004", Amount: 7_00}, // of the head office
		command.Withdraw{Merchant: 1, By: two, Card: "6002", Amount: 10_00},
	)
	w.fold()
	const path = "/reports/settlement?from=2026-03-04&to=2026-03-04"
	pair := Dues{Principal: 110_00, Bonus: 20_00, Spent: 100_00, SpentBonus: 20_00, Out: 10_00}
	own := PairDues{11, 12, pair}
	got := read[Settlement](w, w.call("tk_one", http.MethodGet, path, ""), http.StatusOK)
	if want := (Settlement{
		Currency, []ShopDues{{11, 0, 110_00, 0, 20_00}}, []PairDues{own}, []DaysDues{{"2026-03-04", pair}}, got.Through,
	}); !reflect.DeepEqual(got, want) || got.Through == 0 {
		t.Errorf("of one shop:\n got %+v\nwant %+v", got, want)
	}
	got = read[Settlement](w, w.call(keyAll, http.MethodGet, path, ""), http.StatusOK)
	if want := []ShopDues{{0, 0, 7_00, 0, 0}, {11, 0, 110_00, 0, 20_00}, {12, 117_00, 0, 20_00, 0}}; !reflect.DeepEqual(
		got.Shops, want) || len(got.Pairs) != 2 || got.Days[0].Principal != 117_00 {
		t.Errorf("of all: %+v", got)
	}
	w.problem(w.call(keyRead, http.MethodGet, path, ""), 403, "forbidden")
	w.problem(w.call(keyAll, http.MethodGet, "/reports/settlement?from=2026-03-04&to=2026-03-03", ""), 422,
		"invalid_request")
}

// A replacement is an entry on each of two cards, and counts once among the totals of a day.
func TestReplacementsCountOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do(
		command.Replace{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "6001", Number: "6991"},
		command.Replace{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "6002", Number: "6992"},
	)
	w.fold()
	got := read[DayTotals](w, w.call(keyAll, http.MethodGet, "/reports/days?from=2026-03-04&to=2026-03-04", ""), 200)
	i := slices.IndexFunc(got.Totals, func(one DayTotal) bool { return one.Kind == "replace" })
	if i < 0 || got.Totals[i].Count != 2 {
		t.Errorf("two replacements are told as %+v", got.Totals)
	}
}
