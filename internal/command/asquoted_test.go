package command

import (
	"errors"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// quotedBooks returns books with two cards, one of which has 100.00.
func quotedBooks(t *testing.T) *memStore {
	t.Helper()
	l := newMemStore(ledger.Merchant{
		ID: 1, Zone: shanghai, PayTypes: []ledger.PayType{{ID: 1}},
		Levels:      []ledger.Level{{ID: 1, PayRate: ledger.Percent100}, {ID: 2, PayRate: 8000}},
		CouponKinds: []ledger.CouponKind{{CouponTerms: ledger.CouponTerms{Kind: 1, Name: "券", Type: ledger.GoodsCoupon}}},
		Settings:    ledger.Settings{PartPayment: true},
	})
	for _, number := range []string{"6001", "6002"} {
		l.mustAt(t, monday, Open{Merchant: 1, Card: NewCard{Number: number, Level: 1, Holder: ledger.Holder{Name: "张三"}}})
	}
	l.mustAt(t, monday, Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 1})
	return l
}

// What somebody has agreed to is done, whoever confirms it and whenever, and nothing else: a balance, a rule or a level
// that has changed in between changes the quotation.
func TestAsQuoted(t *testing.T) {
	t.Parallel()
	bill := Consume{Merchant: 1, Card: "6001", Amount: 30_00, By: ledger.Caller{Person: 1, Operator: "one"}}
	confirmed := bill
	confirmed.By = ledger.Caller{Person: 2, Proposer: 1, Operator: "two"}
	send := func(n string) Command { return SendCoupons{Merchant: 1, Card: "6001", Kind: 1, Numbers: []string{n}} }
	set := func(password string) Command { return ModifyDetails{Merchant: 1, Card: "6001", Password: &password} }
	for _, c := range []struct {
		name    string
		asked   Command
		done    Command
		between []Command
		want    ledger.Reason // 0 = it is done
	}{
		{"nothing happens", bill, confirmed, nil, 0},
		{
			"another card pays", bill, confirmed,
			[]Command{Recharge{Merchant: 1, Card: "6002", Amount: 5_00, PayType: 1}}, 0,
		},
		{
			"the holder gets another name", bill, confirmed,
			[]Command{ModifyDetails{Merchant: 1, Card: "6001", NewPass: true}}, 0,
		},
		{
			"the balance is another one", bill, confirmed,
			[]Command{Consume{Merchant: 1, Card: "6001", Amount: 1_00}}, ledger.QuoteMoved,
		},
		{
			"the level is another one", bill, confirmed,
			[]Command{ChangeLevel{Merchant: 1, Card: "6001", Level: 2}}, ledger.QuoteMoved,
		},
		{"another bill", bill, Consume{Merchant: 1, Card: "6001", Amount: 31_00}, nil, ledger.QuoteMoved},
		{"refused meanwhile", bill, confirmed, []Command{ReportLost{Merchant: 1, Card: "6001"}}, ledger.CardIsLost},
		{"coupons get other numbers", send("28000001"), send("28000002"), nil, 0},
		{"a password gets another salt", set("salt/hash"), set("other/hash"), nil, 0},
		{
			"a transfer makes a lot", Transfer{Merchant: 1, From: "6001", To: "6002", Amount: 10_00},
			Transfer{Merchant: 1, From: "6001", To: "6002", Amount: 10_00},
			[]Command{Open{Merchant: 1, Card: NewCard{Number: "6003", Level: 1, Holder: ledger.Holder{Name: "李四"}}}}, 0,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			shown, err := quotedBooks(t).do(c.asked, monday)
			if err != nil {
				t.Fatal(err)
			}
			l := quotedBooks(t)
			for _, cmd := range c.between {
				l.mustAt(t, monday, cmd)
			}
			ch, err := l.do(AsQuoted{Command: c.done, Quoted: shown.Quote()}, monday.Add(time.Hour))
			refusal, _ := errors.AsType[ledger.Refusal](err)
			if refusal.Reason != c.want || (err == nil) != (c.want == 0) {
				t.Fatalf("got %v, want reason %d", err, c.want)
			}
			if c.want == 0 && len(ch.Entries) == 0 {
				t.Error("nothing was done")
			}
		})
	}
}

// A command that would do nothing is quoted as that.
func TestQuoteOfNothing(t *testing.T) {
	t.Parallel()
	card := ledger.Card{Number: "6001"}
	if (&Changes{Unchanged: &card}).Quote() == (&Changes{}).Quote() {
		t.Error("doing nothing is quoted as something")
	}
}
