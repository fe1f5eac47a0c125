package command

import (
	"errors"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// Every detail has a limit, and a value at the limit is allowed.
func TestDetailsAllowed(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("卡", n) }
	for _, c := range []struct {
		details ledger.Details
		want    string // the field that is refused; "" = none
	}{
		{ledger.Details{}, ""},
		{*fullDetails(), ""},
		{ledger.Details{ExtID: strings.Repeat("0", ledger.MaxExtID)}, ""},
		{ledger.Details{ExtID: strings.Repeat("0", ledger.MaxExtID+1)}, "extid"},
		{ledger.Details{ExtID: "1x"}, "extid"},
		{ledger.Details{ExtID: "１"}, "extid"},
		{ledger.Details{Remarks: long(ledger.MaxRemarks)}, ""},
		{ledger.Details{Remarks: long(ledger.MaxRemarks + 1)}, "remarks"},
		{ledger.Details{Remarks: "a\nb"}, "remarks"},
		{ledger.Details{Referrer: long(ledger.MaxReferrer + 1)}, "referrer"},
		{ledger.Details{OpenID: long(ledger.MaxOpenID + 1)}, "openid"},
		{ledger.Details{OpenID: "\xff"}, "openid"},
		{ledger.Details{IDNumber: long(ledger.MaxIDNumber + 1)}, "idnumber"},
		{ledger.Details{Password: long(ledger.MaxPassword + 1)}, "password"},
		{ledger.Details{Physical: ledger.Physical{No: long(ledger.MaxNumber + 1)}}, "physical.no"},
		{ledger.Details{Physical: ledger.Physical{Type: long(ledger.MaxNameLen + 1)}}, "physical.type"},
		{ledger.Details{Physical: ledger.Physical{Name: long(ledger.MaxNameLen + 1)}}, "physical.name"},
		{ledger.Details{Physical: ledger.Physical{Balance: ledger.MaxFen, Points: ledger.MaxPoints}}, ""},
		{ledger.Details{Physical: ledger.Physical{Balance: ledger.MaxFen + 1}}, "physical.balance"},
		{ledger.Details{Physical: ledger.Physical{Balance: -1}}, "physical.balance"},
		{ledger.Details{Physical: ledger.Physical{Points: ledger.MaxPoints + 1}}, "physical.points"},
		{ledger.Details{Physical: ledger.Physical{Points: -1}}, "physical.points"},
		{ledger.Details{Credit: ledger.MaxFen}, ""},
		{ledger.Details{Credit: ledger.MaxFen + 1}, "credit"},
		{ledger.Details{Credit: -1}, "credit"},
	} {
		err := c.details.Allowed()
		want := error(ledger.Refusal{Reason: ledger.BadDetails, Detail: c.want})
		if c.want == "" {
			want = nil
		}
		if !errors.Is(err, want) {
			t.Errorf("%+v: got %v, want %v", c.details, err, want)
		}
	}
}

// The refusal of an Issue names the row as people count, with the same reason as any command.
func TestIssueNamesTheRow(t *testing.T) {
	t.Parallel()
	l, _, _ := cornered(t)
	before := dumpStore(l)
	cards := []NewCard{
		{Number: "fresh", Level: 1, Kind: ledger.StoredValue, Principal: 100},
		{Number: "good", Level: 1, Kind: ledger.StoredValue}, {Number: "x"},
	}
	_, err := l.do(Issue{Merchant: 1, Cards: cards}, monday)
	row, ok := errors.AsType[RowRefusal](err)
	if !ok || row.Row() != 2 || row.Refusal != (ledger.Refusal{Reason: ledger.CardTaken, Detail: "good"}) ||
		reasonOf(err) != ledger.CardTaken {
		t.Errorf("got %v, want row 2 to be taken", err)
	}
	if after := dumpStore(l); after != before {
		t.Errorf("a refused issue left a trace: %s", differ(after, before))
	}
	ch, err := l.do(Issue{
		Merchant: 1, Cards: append(cards[:1:1], NewCard{Number: "fresh2", Level: 1, Kind: ledger.StoredValue}),
	}, monday)
	if err != nil {
		t.Fatal(err)
	}
	if len(ch.Opened) != 2 || len(ch.Entries) != 3 || ch.Card("fresh").Principal != 100 ||
		ch.Card("fresh2").Kind != ledger.StoredValue {
		t.Errorf("opened %+v", ch.Opened)
	}
}

// A replaced card leaves its inner code with the old plastic and keeps everything else.
func TestReplaceLeavesTheInnerCode(t *testing.T) {
	t.Parallel()
	l, _, _ := cornered(t)
	details := *fullDetails()
	for _, cmd := range []Command{
		Open{
			Merchant: 1,
			Card: NewCard{
				Number: "first", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "李四"}, Details: details,
			},
		},
		Replace{Merchant: 1, Card: "first", Number: "second"},
		Replace{Merchant: 1, Card: "second", Number: "third"},
	} {
		if _, err := l.do(cmd, monday); err != nil {
			t.Fatalf("%+v: %v", cmd, err)
		}
	}
	bare := details
	bare.ExtID = ""
	for number, want := range map[string]ledger.Details{"first": {ExtID: details.ExtID}, "second": {}, "third": bare} {
		if c, _ := l.card(ledger.CardNamed(1, number), 0); c.Details != want || c.Kind != ledger.Common {
			t.Errorf("%s: %v with %+v, want %+v", number, c.Kind, c.Details, want)
		}
	}
	if err := l.check(); err != nil {
		t.Error(err)
	}
}

// Active cards come first, and among them the one used last.
func TestSortFound(t *testing.T) {
	t.Parallel()
	cards := []ledger.Card{
		{ID: 1, Status: ledger.Stopped, Last: nextDay.AddDate(0, 0, 1)}, {ID: 2, Status: ledger.Active, Last: monday},
		{ID: 3, Status: ledger.Active, Last: nextDay},
		{ID: 5, Status: ledger.Lost, Last: monday}, {ID: 4, Status: ledger.Replaced, Last: monday},
	}
	ledger.SortFound(cards)
	for i, want := range []ledger.CardID{3, 2, 1, 4, 5} {
		if cards[i].ID != want {
			t.Errorf("card %d stands at %d, want %d", cards[i].ID, i, want)
		}
	}
}
