package command

import (
	"fmt"
	"testing"

	"tongka/internal/ledger"
)

// askFor returns that a phone asks for the code 1 of a card.
func askFor(phone Phone, card string, id ledger.CardID, asker, from string) SendHolderCode {
	return SendHolderCode{
		Merchant: 1, Phone: phone, From: from, Card: card, ID: id, Asker: asker, Hash: bindCode("1", 0),
		Message: ledger.Message{ID: 1, Sealed: []byte("sealed")},
	}
}

// withPhone is guarded, whose card pass, the second, has a phone number.
func withPhone(t *testing.T) *memStore {
	t.Helper()
	l, phone := guarded(t), "13800000001"
	if _, err := l.do(ModifyHolder{Merchant: 1, Card: "pass", Phone: &phone}, monday); err != nil {
		t.Fatal(err)
	}
	return l
}

// A stranger who asks for many codes is stopped by the network he is in, and many strangers together, whether or not
// there are such cards. The phone that is bound, or was, is not stopped along with them.
func TestStrangersAskForMany(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from func(i int) string
		most int
	}{
		"from one address":   {func(int) string { return "10.0.0.1" }, holderAsks},
		"from all addresses": {func(i int) string { return fmt.Sprint("address ", i) }, merchantsAsks},
	} {
		l := withPhone(t)
		for i := range c.most {
			if _, err := l.do(askFor(OtherPhone, fmt.Sprint("none", i), 0, "a", c.from(i)), monday); err != nil {
				t.Fatalf("%s, ask %d: %v", name, i, err)
			}
		}
		if _, err := l.do(askFor(OtherPhone, "pass", 2, "a", c.from(c.most)), monday); reasonOf(err) != ledger.TooManyCodes {
			t.Errorf("%s: one more is answered %v", name, err)
		}
		ch, err := l.do(askFor(FormerPhone, "pass", 2, "old", c.from(0)), monday)
		if err != nil || len(ch.Messages) != 1 {
			t.Errorf("%s: the phone of before is sent %d, %v", name, len(ch.Messages), err)
		}
		ch, err = l.do(askFor(OtherPhone, "pass", 2, "a", c.from(0)), monday.Add(askWindow))
		if err != nil || len(ch.Messages) != 1 {
			t.Errorf("%s: a while later %d are sent, %v", name, len(ch.Messages), err)
		}
		if err := l.check(); err != nil {
			t.Fatal(err)
		}
	}
}

// However often strangers ask and guess, a card gets five messages a day, and they have five tries of each code: after
// them the right one is wrong too.
func TestStrangersGuessCodes(t *testing.T) {
	t.Parallel()
	l, now, sent := withPhone(t), monday, 0
	for i := range 100 {
		asker, from := fmt.Sprint("asker ", i), fmt.Sprint("address ", i)
		ch, err := l.do(askFor(OtherPhone, "pass", 2, asker, from), now)
		if err != nil {
			t.Fatal(err)
		}
		sent += len(ch.Messages)
		for _, code := range []string{"2", "3", "4", "5", "6", "1"} {
			b := ByHolder{
				Merchant: 1, Phone: OtherPhone, From: from, Card: "pass", ID: 2, Asker: asker, Code: bindCode(code, 0),
				Command: BindPhone{Merchant: 1, Card: "pass", ID: 2},
			}
			if _, err := l.do(b, now); reasonOf(err) != ledger.CodeWrong {
				t.Fatalf("code %s: %v", code, err)
			}
		}
		now = now.Add(missWindow)
	}
	if sent != holderSends {
		t.Errorf("%d messages were sent, want %d", sent, holderSends)
	}
	if err := l.check(); err != nil {
		t.Fatal(err)
	}
}
