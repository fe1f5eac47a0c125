package command

import (
	"errors"
	"testing"

	"tongka/internal/ledger"
)

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
	details := ledger.Details{
		ExtID: "109", Remarks: "常客", Subject: "开业", Referrer: "29", OpenID: "o-30", IDNumber: "3205011000000", Credit: 31,
		Password: "hash", Pass: 50,
		Physical: ledger.Physical{No: "K32", Type: "老卡", Name: "贵宾", Balance: 33, Points: 34},
	}
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
