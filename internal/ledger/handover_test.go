package ledger_test

import (
	"testing"

	"tongka/internal/ledger"
)

// What should be in the till is the cash that was taken, less what was given back of it and paid out: what was paid out
// by another pay type is not missing there.
func TestHandOver(t *testing.T) {
	t.Parallel()
	h := ledger.HandOver{
		Shop: 7, Operator: "lin <b>", After: 3, UpTo: 9, Cash: 1, Counted: 640_00,
		Takings: []ledger.Taking{
			{Times: 2, Out: 20_00}, {PayType: 1, Times: 5, In: 700_00, Back: 20_00, Out: 10_00},
			{PayType: 2, Times: 2, In: 500_00, Out: 80_00},
		},
	}
	if h.Expected() != 650_00 || h.Difference() != -10_00 {
		t.Errorf("expected %v, difference %v", h.Expected(), h.Difference())
	}
	again, err := ledger.ParseHandOver(h.Text())
	if err != nil || again.Text() != h.Text() {
		t.Errorf("read back: %+v, %v", again, err)
	}
	for _, text := range []string{"", "{}", "[]", `{"shop":1}`, h.Text() + " ", `{"shop":7,"after":0,"up_to":1,"cash":1,"counted":0,"x":1}`} {
		if got, err := ledger.ParseHandOver(text); err == nil {
			t.Errorf("%s is read as %+v", text, got)
		}
	}
	if shop := (ledger.HandOver{Shop: 7}); shop.GuardKey() == h.GuardKey() {
		t.Error("the shifts of a shop and of an operator are one")
	}
}

// A shift has the entries of its shop, and of its operator if it is one's, behind the shift before.
func TestConcerns(t *testing.T) {
	t.Parallel()
	h := ledger.HandOver{Shop: 7, After: 3, UpTo: 9}
	entry := func(id ledger.EntryID, shop ledger.ShopID) *ledger.Entry {
		return &ledger.Entry{ID: id, By: ledger.Caller{Shop: shop, Operator: "lin"}}
	}
	for id, want := range map[ledger.EntryID]bool{3: false, 4: true, 9: true, 10: false} {
		if h.Concerns(entry(id, 7)) != want {
			t.Errorf("entry %d: %t", id, !want)
		}
	}
	if h.Concerns(entry(5, 8)) {
		t.Error("an entry of another shop")
	}
	h.Operator = "chen"
	if h.Concerns(entry(5, 7)) {
		t.Error("an entry of another operator")
	}
}
