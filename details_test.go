package tongka

import (
	"errors"
	"strings"
	"testing"
)

// Every detail has a limit, and what is on it is allowed.
func TestDetailsAllowed(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("卡", n) }
	for _, c := range []struct {
		details Details
		want    string // the field that is refused; "" = none
	}{
		{Details{}, ""},
		{*fullDetails(), ""},
		{Details{ExtID: strings.Repeat("0", MaxExtID)}, ""},
		{Details{ExtID: strings.Repeat("0", MaxExtID+1)}, "extid"},
		{Details{ExtID: "1x"}, "extid"},
		{Details{ExtID: "１"}, "extid"},
		{Details{Remarks: long(MaxRemarks)}, ""},
		{Details{Remarks: long(MaxRemarks + 1)}, "remarks"},
		{Details{Remarks: "a\nb"}, "remarks"},
		{Details{Referrer: long(MaxReferrer + 1)}, "referrer"},
		{Details{OpenID: long(MaxOpenID + 1)}, "openid"},
		{Details{OpenID: "\xff"}, "openid"},
		{Details{IDNumber: long(MaxIDNumber + 1)}, "idnumber"},
		{Details{Password: long(MaxPassword + 1)}, "password"},
		{Details{Physical: Physical{No: long(MaxNumber + 1)}}, "physical.no"},
		{Details{Physical: Physical{Type: long(MaxNameLen + 1)}}, "physical.type"},
		{Details{Physical: Physical{Name: long(MaxNameLen + 1)}}, "physical.name"},
		{Details{Physical: Physical{Balance: MaxFen, Points: MaxPoints}}, ""},
		{Details{Physical: Physical{Balance: MaxFen + 1}}, "physical.balance"},
		{Details{Physical: Physical{Balance: -1}}, "physical.balance"},
		{Details{Physical: Physical{Points: MaxPoints + 1}}, "physical.points"},
		{Details{Physical: Physical{Points: -1}}, "physical.points"},
		{Details{Credit: MaxFen}, ""},
		{Details{Credit: MaxFen + 1}, "credit"},
		{Details{Credit: -1}, "credit"},
	} {
		err := c.details.allowed()
		want := error(Refusal{BadDetails, c.want})
		if c.want == "" {
			want = nil
		}
		if !errors.Is(err, want) {
			t.Errorf("%+v: got %v, want %v", c.details, err, want)
		}
	}
}

// The row an issue is refused for is told as people count, and the reason as that of any command.
func TestIssueNamesTheRow(t *testing.T) {
	t.Parallel()
	l, _, _ := cornered(t)
	before := dumpLedger(l)
	cards := []NewCard{
		{Number: "fresh", Level: 1, Kind: StoredValue, Principal: 100}, {Number: "good", Level: 1, Kind: StoredValue}, {Number: "x"},
	}
	_, err := l.do(Issue{Merchant: 1, Cards: cards}, monday)
	row, ok := errors.AsType[RowRefusal](err)
	if !ok || row.Row() != 2 || row.Refusal != (Refusal{CardTaken, "good"}) || reasonOf(err) != CardTaken {
		t.Errorf("got %v, want row 2 to be taken", err)
	}
	if after := dumpLedger(l); after != before {
		t.Errorf("a refused issue left a trace: %s", differ(after, before))
	}
	ch, err := l.do(Issue{Merchant: 1, Cards: append(cards[:1:1], NewCard{Number: "fresh2", Level: 1, Kind: StoredValue})}, monday)
	if err != nil {
		t.Fatal(err)
	}
	if len(ch.Opened) != 2 || len(ch.Entries) != 3 || ch.Card("fresh").Principal != 100 || ch.Card("fresh2").Kind != StoredValue {
		t.Errorf("opened %+v", ch.Opened)
	}
}

// A replaced card leaves its inner code with the old plastic and takes everything else along.
func TestReplaceLeavesTheInnerCode(t *testing.T) {
	t.Parallel()
	l, _, _ := cornered(t)
	details := *fullDetails()
	for _, cmd := range []Command{
		Open{Merchant: 1, Card: NewCard{Number: "first", Kind: Common, Level: 1, Holder: Holder{Name: "李四"}, Details: details}},
		Replace{Merchant: 1, Card: "first", Number: "second"},
		Replace{Merchant: 1, Card: "second", Number: "third"},
	} {
		if _, err := l.do(cmd, monday); err != nil {
			t.Fatalf("%+v: %v", cmd, err)
		}
	}
	bare := details
	bare.ExtID = ""
	for number, want := range map[string]Details{"first": {ExtID: details.ExtID}, "second": {}, "third": bare} {
		if c, _ := l.card(CardNamed(1, number), 0); c.Details != want || c.Kind != Common {
			t.Errorf("%s: %v with %+v, want %+v", number, c.Kind, c.Details, want)
		}
	}
	if err := l.check(); err != nil {
		t.Error(err)
	}
}

// Of several cards the active one that was used last comes first.
func TestSortFound(t *testing.T) {
	t.Parallel()
	cards := []Card{
		{ID: 1, Status: Stopped, Last: nextDay.AddDate(0, 0, 1)}, {ID: 2, Status: Active, Last: monday}, {ID: 3, Status: Active, Last: nextDay},
		{ID: 5, Status: Lost, Last: monday}, {ID: 4, Status: Replaced, Last: monday},
	}
	SortFound(cards)
	for i, want := range []CardID{3, 2, 1, 4, 5} {
		if cards[i].ID != want {
			t.Errorf("card %d stands at %d, want %d", cards[i].ID, i, want)
		}
	}
}
