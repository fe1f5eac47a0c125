package command

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// A card is opened, found, replaced and transferred to by its number in any spelling, and no other card can have the
// number in another spelling. It is shown as it was first written.
func TestOneCardInAnySpelling(t *testing.T) {
	t.Parallel()
	l, _, _ := cornered(t)
	long := strings.Repeat("9", ledger.MaxNumber)
	for _, number := range []string{" vip-Ab1 ", "7", long} {
		if _, err := l.do(Open{Merchant: 1, Card: NewCard{Number: number, Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "李四"}}}, monday); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		cmd  Command
		want ledger.Reason
	}{
		{Open{Merchant: 1, Card: NewCard{Number: "VIP-aB1", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "王五"}}}, ledger.CardTaken},
		{Open{Merchant: 1, Card: NewCard{Number: long + "9", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "王五"}}}, ledger.BadNumber},
		{Open{Merchant: 1, Card: NewCard{Number: "  ", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "王五"}}}, ledger.BadNumber},
		{Replace{Merchant: 1, Card: "vip-ab1", Number: "VIP-AB1"}, ledger.SameCard},
		{Replace{Merchant: 1, Card: "7", Number: "Vip-ab1"}, ledger.CardTaken},
		{Transfer{Merchant: 1, From: "GOOD", To: "good ", Amount: 100}, ledger.SameCard},
		{Transfer{Merchant: 1, From: "GOOD", To: "VIP-AB1", Amount: 100}, 0},
		{Import{Merchant: 1, Cards: []NewCard{
			{Number: "twice", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "一"}}, {Number: "TWICE", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "二"}},
		}}, 0},
	} {
		ch, err := l.do(c.cmd, monday)
		if reasonOf(err) != c.want {
			t.Errorf("%+v: got %v, want %v", c.cmd, err, c.want)
		}
		if _, ok := c.cmd.(Import); ok &&
			(len(ch.Opened) != 1 || len(ch.Refused) != 1 || ch.Refused[0].Refusal.Reason != ledger.CardTaken) {
			t.Errorf("opened %d, refused %v", len(ch.Opened), ch.Refused)
		}
		if _, ok := c.cmd.(Transfer); ok && c.want == 0 &&
			(ch.Entries[0].OtherCard != "vip-Ab1" || ch.Entries[1].OtherCard != "good") {
			t.Errorf(
				"between %q and %q, want the numbers as they were first written",
				ch.Entries[0].OtherCard,
				ch.Entries[1].OtherCard,
			)
		}
	}
	ch, err := l.do(Recharge{Merchant: 1, Card: "VIP-AB1", Amount: 100, PayType: 1}, monday)
	if err != nil || ch.Card("vip-ab1").Number != "vip-Ab1" {
		t.Errorf("recharged %+v, %v", ch.Cards, err)
	}
	ch, err = l.do(Replace{Merchant: 1, Card: "VIP-AB1", Number: " vip-Cd2"}, monday)
	if err != nil {
		t.Fatal(err)
	}
	if now, old := ch.Card("VIP-CD2"), ch.Card("VIP-AB1"); now.Number != "vip-Cd2" || old.Number != "vip-Ab1" ||
		ch.Entries[1].OtherCard != "vip-Ab1" {
		t.Errorf("replaced %q by %q, told of %q", old.Number, now.Number, ch.Entries[1].OtherCard)
	}
	if err := l.check(); err != nil {
		t.Error(err)
	}
}

// A bill earns points on at most what its caller says and the card paid, and on nothing with NoRewards.
func TestEarnOn(t *testing.T) {
	t.Parallel()
	fen := func(f ledger.Fen) *ledger.Fen { return &f }
	for _, c := range []struct {
		on        *ledger.Fen
		noRewards bool
		want      int64
	}{
		{nil, false, 10}, {fen(10_00), false, 10}, {fen(99_00), false, 10}, {fen(4_99), false, 4}, {fen(0), false, 0},
		{nil, true, 0}, {fen(4_00), true, 0},
	} {
		l, _, _ := cornered(t)
		before, _ := l.card(ledger.CardNamed(1, "good"), 0)
		ch, err := l.do(Consume{
			Merchant: 1, Card: "good", Amount: 10_00, NoDiscount: 10_00, EarnOn: c.on, NoRewards: c.noRewards,
		}, monday)
		if err != nil {
			t.Fatal(err)
		}
		if got := ch.Last().Earned(); got != c.want {
			t.Errorf("%+v: earned %d, want %d", c, got, c.want)
		}
		if err := l.check(); err != nil {
			t.Error(err)
		}
		if _, err := l.do(RefundConsume{Merchant: 1, Card: "good", Entry: ch.Last().ID}, monday); err != nil {
			t.Error(err)
		}
		if after, _ := l.card(ledger.CardNamed(1, "good"), 0); after.Points != before.Points ||
			after.PointsOwed != before.PointsOwed {
			t.Errorf("%+v: %d points after the refund, %d before the bill", c, after.Points, before.Points)
		}
	}
	l, _, _ := cornered(t)
	if _, err := l.do(Consume{Merchant: 1, Card: "good", Amount: 1, EarnOn: fen(-1)},
		monday); reasonOf(err) != ledger.BadAmount {
		t.Errorf("points on a negative amount: %v", err)
	}
}

// Recall looks a request up by its key and does nothing else. That the request is assumed to be new does not suffice
// to say that it is unknown.
func TestRecall(t *testing.T) {
	t.Parallel()
	key := ledger.RequestKey{Agent: 7, Scope: "a", ID: "r"}
	s := NewState(1)
	s.AssumeNew(key)
	if _, err := (Recall{Merchant: 1, Key: key}).Decide(s, monday); !errors.As(err, new(NeedRecords)) {
		t.Errorf("assumed: %v, want to have it looked up", err)
	}
	s.Learn(Keys{Requests: []ledger.RequestKey{key}}, Records{})
	if _, err := (Recall{Merchant: 1, Key: key}).Decide(s, monday); reasonOf(err) != ledger.RequestUnknown {
		t.Errorf("none: %v, want RequestUnknown", err)
	}
	s.Learn(Keys{Requests: []ledger.RequestKey{key}}, Records{
		Requests: []ledger.Request{{Key: key, Entry: 5, Answer: []byte("x")}},
	})
	ch, err := Recall{Merchant: 1, Key: key}.Decide(s, monday)
	if err != nil || ch.Replay == nil || ch.Replay.Entry != 5 || len(ch.Entries) > 0 {
		t.Errorf("got %+v, %v", ch, err)
	}
}

// What a request made is undone by the key of that request. That the request is assumed to be new does not suffice to
// say that it made nothing, and what it made is asked for.
func TestUndoByRequest(t *testing.T) {
	t.Parallel()
	l, bill, _ := cornered(t)
	of := ledger.RequestKey{Agent: 7, Scope: "a", ID: "r"}
	undo := RefundConsume{Merchant: 1, Card: "good", Request: of}
	s := NewState(1)
	l.teach(s, keysOf("good"))
	s.AssumeNew(of)
	once := Once{Command: undo, Key: ledger.RequestKey{ID: "v"}, Answer: answerOf}
	s.AssumeNew(once.Key)
	for _, cmd := range []Command{undo, once} {
		var more NeedRecords
		_, err := cmd.Decide(s, monday)
		if !errors.As(err, &more) || !slices.Equal(more.Keys.Requests, []ledger.RequestKey{of}) {
			t.Errorf("%T, assumed: %v, want to have it looked up", cmd, err)
		}
	}
	s.Learn(Keys{Requests: []ledger.RequestKey{of}}, Records{Requests: []ledger.Request{{Key: of, Entry: bill}}})
	var more NeedRecords
	_, err := undo.Decide(s, monday)
	if !errors.As(err, &more) || !slices.Equal(more.Keys.Entries, []ledger.EntryID{bill}) {
		t.Fatalf("known: %v, want to have its entry loaded", err)
	}
	l.teach(s, more.Keys)
	ch, err := undo.Decide(s, monday)
	if err != nil || ch.Last().RefersTo != bill || ch.Last().Net != 40_00 {
		t.Errorf("got %+v, %v", ch.Entries, err)
	}
	if got := once.Keys().Requests; !slices.Equal(got, []ledger.RequestKey{of, once.Key}) {
		t.Errorf("once names %v", got)
	}
}

// A spreadsheet drops leading zeros, so a number that differs from a card's in nothing else is refused where the import
// names it. What is named and is not alike, or not taken, refuses nothing.
func TestImportRefusesWhatIsAlikeButForZeros(t *testing.T) {
	t.Parallel()
	l, _, _ := cornered(t)
	card := func(number string) NewCard {
		return NewCard{Number: number, Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "王五"}}
	}
	if _, err := l.do(Open{Merchant: 1, Card: card("00123")}, monday); err != nil {
		t.Fatal(err)
	}
	ch, err := l.do(Import{
		Merchant: 1,
		Cards:    []NewCard{card("123"), card("0123"), card("00123"), card("77"), card("077"), card("A07"), card("88")},
		Alike:    [][]string{{"00123", "0123"}, {"00123"}, {"123"}, nil, {"77"}, {"GOOD"}, {"088", "00123"}},
	}, monday)
	if err != nil {
		t.Fatal(err)
	}
	want := []RowRefusal{
		{0, ledger.Refusal{Reason: ledger.CardAlike, Detail: "00123"}},
		{1, ledger.Refusal{Reason: ledger.CardAlike, Detail: "00123"}},
		{2, ledger.Refusal{Reason: ledger.CardTaken, Detail: "00123"}},
		{4, ledger.Refusal{Reason: ledger.CardAlike, Detail: "77"}},
	}
	if !slices.Equal(ch.Refused, want) || len(ch.Opened) != 3 {
		t.Errorf("%d were opened, and refused were %v, want %v", len(ch.Opened), ch.Refused, want)
	}
	if ch, err = l.do(Import{Merchant: 1, Cards: []NewCard{card("123")}}, monday); err != nil || len(ch.Opened) != 1 {
		t.Errorf("an import that names nothing alike refuses %v, %v", ch.Refused, err)
	}
}
