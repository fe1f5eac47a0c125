package command

import (
	"errors"
	"testing"

	"tongka/internal/ledger"
)

var twoLevels = ledger.Merchant{
	ID: 1, Name: "某店", Zone: shanghai,
	Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100}, {ID: 2, PayRate: ledger.Percent100}},
}

// A command that asks for what already is makes no entry, and its caller gets the card. A password is an exception:
// even the same one unlocks the card. And a holder's data is an entry each time a till sends it.
func TestUnchanged(t *testing.T) {
	t.Parallel()
	to := func(s string) *string { return &s }
	credit := ledger.Fen(5_00)
	for name, c := range map[string]struct {
		cmd    Command
		second int // entries made by the second of two equal commands
	}{
		"level":    {ChangeLevel{Merchant: 1, Card: "good", Level: 2}, 0},
		"credit":   {ModifyDetails{Merchant: 1, Card: "good", Credit: &credit}, 0},
		"remarks":  {ModifyDetails{Merchant: 1, Card: "good", Remarks: to("老客"), Physical: &ledger.Physical{No: "P-9"}}, 0},
		"holder":   {ModifyHolder{Merchant: 1, Card: "GOOD ", Name: to(" 李四 ")}, 1},
		"form":     {ModifyHolder{Merchant: 1, Card: "good", Name: to(" 李四 "), IfChanged: true}, 0},
		"password": {ModifyDetails{Merchant: 1, Card: "good", Password: to("hash")}, 1},
		"phone":    {ModifyDetails{Merchant: 1, Card: "good", NewPass: true}, 1},
	} {
		l := newMemStore(twoLevels)
		if _, err := l.do(Open{
			Merchant: 1, Card: NewCard{Number: "good", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "王五"}},
		}, monday); err != nil {
			t.Fatal(err)
		}
		for i, want := range []int{1, c.second} {
			ch, err := l.do(c.cmd, monday)
			if err != nil || len(ch.Entries) != want || (ch.Unchanged != nil) != (want == 0) || ch.Card("Good") == nil {
				t.Errorf("%s, asked for %d times: %d entries, unchanged %v, %v", name, i+1, len(ch.Entries), ch.Unchanged != nil,
					err)
			}
		}
		if err := l.check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Under a request id it is stored that nothing had to be done, and a repeated request gets the same answer.
func TestUnchangedOnce(t *testing.T) {
	t.Parallel()
	l := newMemStore(twoLevels)
	if _, err := l.do(Open{
		Merchant: 1, Card: NewCard{Number: "good", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "王五"}},
	}, monday); err != nil {
		t.Fatal(err)
	}
	level := ChangeLevel{Merchant: 1, Card: "good", Level: 2}
	if _, err := l.do(level, monday); err != nil {
		t.Fatal(err)
	}
	once := Once{
		Command: level, Key: ledger.RequestKey{Scope: "a", ID: "r"},
		Answer: func(Changes) []byte { return []byte("so it is") },
	}
	for _, replay := range []bool{false, true} {
		ch, err := l.do(once, monday)
		if err != nil || len(ch.Entries) != 0 || (ch.Replay != nil) != replay {
			t.Fatalf("%+v, %v", ch, err)
		}
	}
	if err := l.check(); err != nil {
		t.Error(err)
	}
}

// A request that stands for no entry proves nothing of a command that makes one: it is a row nobody of ours wrote, and
// neither an answer nor a reason to do it once more.
func TestNoEntryNoReplay(t *testing.T) {
	t.Parallel()
	l := newMemStore(twoLevels)
	card := NewCard{Number: "good", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "王五"}, Principal: 500_00}
	if _, err := l.do(Open{Merchant: 1, Card: card}, monday); err != nil {
		t.Fatal(err)
	}
	bill := Consume{Merchant: 1, Card: "good", Amount: 5_00}
	for name, cmd := range map[string]Command{"plain": bill, "scanned": Scanned{Merchant: 1, Card: "good", Command: bill}} {
		once := Once{Command: cmd, Key: ledger.RequestKey{Scope: "a", ID: name}, Answer: answerOf}
		r := ledger.Request{Merchant: 1, Key: once.Key, Name: once.Key.Name(), Answer: []byte("done")}
		r.Proof = r.Evidence()
		s := NewState(1)
		l.teach(s, once.Keys())
		s.Apply(Changes{Requests: []ledger.Request{r}})
		ch, err := once.Decide(s, monday)
		if _, corrupt := errors.AsType[*ledger.UnreadableError](err); !corrupt || ch.Replay != nil || len(ch.Entries) > 0 {
			t.Errorf("%s: got %+v, %v", name, ch, err)
		}
	}
}

// A replaced card is refused as replaced when it is to be replaced again, also by the same number.
func TestReplaceTwice(t *testing.T) {
	t.Parallel()
	l, _, _ := cornered(t)
	replace := Replace{Merchant: 1, Card: "good", Number: "better"}
	if _, err := l.do(replace, monday); err != nil {
		t.Fatal(err)
	}
	for _, number := range []string{"better", "best"} {
		replace.Number = number
		if _, err := l.do(replace, monday); reasonOf(err) != ledger.CardIsReplaced {
			t.Errorf("by %s: %v", number, err)
		}
	}
}
