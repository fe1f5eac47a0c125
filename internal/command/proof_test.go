package command

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// guarded returns a merchant that asks for every kind of proof.
func guarded(t interface{ Fatal(...any) }) *memStore {
	l := newMemStore(
		ledger.Merchant{
			ID: 1, Zone: shanghai, Settings: ledger.Settings{CodeFrom: 100_00, MaxAmount: 1000_00},
			Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100}},
		},
		ledger.Merchant{ID: 2, Zone: shanghai, Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100}}},
	)
	for _, c := range []struct {
		merchant ledger.MerchantID
		card     NewCard
	}{
		{1, NewCard{Number: "phone", Holder: ledger.Holder{Name: "张三", Phone: "138"}}},
		{1, NewCard{Number: "pass", Kind: ledger.Common, Details: ledger.Details{Password: "right"}}},
		{1, NewCard{Number: "nobody"}},
		{1, NewCard{Number: "stopped"}},
		{2, NewCard{Number: "phone"}},
		{2, NewCard{Number: "pass", Kind: ledger.Common, Details: ledger.Details{Password: "right"}}},
	} {
		c.card.Level, c.card.Principal = 1, 1000_00
		c.card.Holder.Name = "张三"
		if _, err := l.do(Open{Merchant: c.merchant, Card: c.card}, monday); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.do(Stop{Merchant: 1, Card: "stopped"}, monday); err != nil {
		t.Fatal(err)
	}
	return l
}

// typed returns a bill paid with a password; looked is called when the password is compared.
func typed(merchant ledger.MerchantID, agent ledger.AgentID, password string, looked func()) Consume {
	return Consume{Merchant: merchant, By: ledger.Caller{Agent: agent}, Card: "pass", Amount: 1, Proof: &Proof{
		From:     "10.0.0.1",
		Password: func(kept string) bool { looked(); return kept == password },
	}}
}

// Each row corrects the fault of the row above it.
func TestPrecedenceOfProofs(t *testing.T) {
	t.Parallel()
	none := &Proof{}
	wrong := &Proof{Password: func(string) bool { return false }, Code: bindCode("1", 1)}
	good := func(*ledger.Card, time.Time) (int64, bool) { return 5, true }
	bad := func(*ledger.Card, time.Time) (int64, bool) { return 5, false }
	hash := bindCode("1", 200_00)
	for name, rows := range map[string][]attempt{
		"password": {
			{monday, Consume{Merchant: 1, Card: "stopped", Amount: 1001_00, Proof: none}, ledger.BadAmount},
			{monday, Consume{Merchant: 1, Card: "stopped", Amount: 1000_00, Proof: none}, ledger.CardIsStopped},
			{monday, Consume{Merchant: 1, Card: "pass", Amount: 1000_00, Proof: none, Coupons: []ledger.CouponID{9}}, ledger.PasswordNeeded},
			{monday, Consume{Merchant: 1, Card: "pass", Amount: 1000_00, Proof: wrong, Coupons: []ledger.CouponID{9}}, ledger.PasswordWrong},
			{monday, Consume{Merchant: 1, Card: "nobody", Amount: 1000_00, Proof: none, Coupons: []ledger.CouponID{9}}, ledger.CodeNeeded},
			{monday, Consume{Merchant: 1, Card: "nobody", Amount: 1000_00, Proof: wrong, Coupons: []ledger.CouponID{9}}, ledger.CodeOver},
			{monday, Consume{Merchant: 1, Card: "nobody", Amount: 99_00, Proof: wrong, Coupons: []ledger.CouponID{9}}, ledger.CouponNotFound},
			{monday, Consume{Merchant: 1, Card: "nobody", Amount: 99_00, Proof: wrong}, 0},
		},
		"send": {
			{monday, SendCode{Merchant: 1, Card: "none", Amount: 0}, ledger.BadAmount},
			{monday, SendCode{Merchant: 1, Card: "none", Amount: 99_99}, ledger.CardNotFound},
			{monday, SendCode{Merchant: 1, Card: "stopped", Amount: 99_99}, ledger.CardIsStopped},
			{monday, SendCode{Merchant: 1, Card: "pass", Kind: ledger.Consumed, Amount: 200_00}, ledger.CodeNotNeeded},
			{monday, SendCode{Merchant: 1, Card: "nobody", Kind: ledger.Recharged, Amount: 200_00}, ledger.CodeNotNeeded},
			{monday, SendCode{Merchant: 1, Card: "nobody", Kind: ledger.Consumed, Amount: 99_99}, ledger.CodeNotNeeded},
			{monday, SendCode{Merchant: 1, Card: "nobody", Kind: ledger.Consumed, Amount: 200_00, Present: true}, ledger.CodeNotNeeded},
			{monday, SendCode{Merchant: 1, Card: "nobody", Kind: ledger.Consumed, Amount: 200_00}, ledger.NoSender},
			{monday, SendCode{Merchant: 1, Card: "nobody", Kind: ledger.Consumed, Amount: 200_00, Hash: hash}, ledger.NoRecipient},
			{monday, SendCode{Merchant: 1, Card: "phone", Kind: ledger.Consumed, Amount: 200_00, Hash: hash}, 0},
		},
		"scanned": {
			{monday, Scanned{Merchant: 1, ID: 1, Card: "none", Check: good, Command: Consume{Merchant: 1, Card: "none"}}, ledger.MemberCodeWrong},
			{monday, Scanned{Merchant: 1, ID: 2, Card: "phone", Check: good, Command: Consume{Merchant: 1, Card: "phone"}}, ledger.MemberCodeWrong},
			{monday, Scanned{Merchant: 1, ID: 1, Card: "phone", Check: bad, Command: Consume{Merchant: 1, Card: "phone"}}, ledger.MemberCodeWrong},
			{monday, Scanned{Merchant: 1, ID: 1, Card: "phone", Check: good, Command: Consume{Merchant: 1, Card: "phone"}}, ledger.BadAmount},
			{monday, Scanned{Merchant: 1, ID: 1, Card: "phone", Check: good, Command: Consume{Merchant: 1, Card: "phone", Amount: 1}}, 0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, row := range rows {
				_, err := guarded(t).do(row.cmd, row.now)
				if got := reasonOf(err); got != row.want {
					t.Errorf("%+v: got %v, want %v", row.cmd, err, row.want)
				}
			}
		})
	}
}

// A sale that needs no proof loads no guard, even if a proof is sent.
func TestPlainSalesLoadNoGuards(t *testing.T) {
	t.Parallel()
	l := guarded(t)
	none := &Proof{From: "10.0.0.1", Password: func(string) bool { return false }, Code: bindCode("1", 1)}
	for _, cmd := range []Consume{
		{Merchant: 1, Card: "pass", Amount: 1}, {Merchant: 1, Card: "phone", Amount: 500_00},
		{Merchant: 1, Card: "phone", Amount: 99_00, Proof: none}, {Merchant: 2, Card: "phone", Amount: 99_00, Proof: none},
		{Merchant: 1, Card: "phone", Amount: 100_00, Proof: &Proof{Present: true}},
	} {
		s := NewState(cmd.Merchant)
		l.teach(s, cmd.Keys())
		if ch, err := cmd.Decide(s, monday); err != nil || len(ch.Guards) > 0 || len(cmd.Keys().Guards) > 0 {
			t.Errorf("%+v: guards %v, %v", cmd, ch.Guards, err)
		}
	}
}

// Guesses at one merchant lock nothing at another (invariant 35).
func TestGuardsAreOfOneMerchant(t *testing.T) {
	t.Parallel()
	l := guarded(t)
	look := Scanned{Merchant: 1, By: ledger.Caller{Agent: 1}, From: "10.0.0.1"}
	for range missesOfAgent {
		if _, err := l.do(look, monday); reasonOf(err) != ledger.MemberCodeWrong {
			t.Fatal(err)
		}
	}
	for range freeFailures {
		if _, err := l.do(typed(1, 2, "wrong", func() {}), monday); reasonOf(err) != ledger.PasswordWrong {
			t.Fatal(err)
		}
	}
	for merchant, want := range map[ledger.MerchantID][2]ledger.Reason{
		1: {ledger.TooManyMisses, ledger.TooManyTries}, 2: {ledger.MemberCodeWrong, 0},
	} {
		look.Merchant = merchant
		if _, err := l.do(look, monday); reasonOf(err) != want[0] {
			t.Errorf("merchant %d, a code: %v", merchant, err)
		}
		if _, err := l.do(typed(merchant, 2, "right", func() {}), monday); reasonOf(err) != want[1] {
			t.Errorf("merchant %d, a password: %v", merchant, err)
		}
	}
}

// A denied sale changes nothing but guards: not the card, on which something has expired, and not the merchant's
// counters.
func TestDeniedSavesGuardsOnly(t *testing.T) {
	t.Parallel()
	l := guarded(t)
	m := l.merchants[1]
	m.Settings.BonusDays, m.Rules = 1, []ledger.Rule{{ID: 1, Kind: ledger.Percent, AddRate: 1000}}
	m.PayTypes = []ledger.PayType{{ID: 1}}
	l.merchants[1] = m
	if _, err := l.do(Recharge{Merchant: 1, Card: "pass", Amount: 10_00, PayType: 1}, monday); err != nil {
		t.Fatal(err)
	}
	before := l.clone()
	ch, err := l.do(Once{
		Command: typed(1, 1, "wrong", func() {}), Key: ledger.RequestKey{ID: "r"},
		Answer: func(Changes) []byte { t.Error("an answer was made"); return nil },
	}, monday.AddDate(0, 0, 9))
	if reasonOf(err) != ledger.PasswordWrong || len(ch.Guards) != 5 || len(l.requests) != 0 {
		t.Errorf("%+v, %v", ch, err)
	}
	if head := l.heads[1]; head.LastEntry != before.heads[1].LastEntry || head.LastAt != before.heads[1].LastAt {
		t.Errorf("head %+v", head)
	}
	before.guards = l.guards
	if got, want := dumpStore(l), dumpStore(before); got != want {
		t.Error(differ(got, want))
	}
}

// Whatever is typed at whichever agents, in batches of any size and at any time: within a year an agent gets at
// most thirty wrong passwords compared, and after a hundred at all agents none is compared at an agent where the
// right one was never typed, even if right ones are typed in between. After three in a row each further one
// doubles the agent's wait.
func TestPropertyPasswordTries(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, now := guarded(t), monday
		wrong, known, all := map[ledger.AgentID]int64{}, map[ledger.AgentID]bool{}, int64(0)
		inARow, last := map[ledger.AgentID]int64{}, map[ledger.AgentID]time.Time{}
		s := NewState(1)
		for range rapid.IntRange(1, 60).Draw(t, "batches") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 30, 60, 600, 7200, 86400}).Draw(t,
				"seconds")) * time.Second)
			var batch []order
			var agents []ledger.AgentID
			looks := map[int]bool{}
			for i := range rapid.IntRange(1, 5).Draw(t, "batch") {
				agent := ledger.AgentID(rapid.IntRange(1, 5).Draw(t, "agent"))
				password := rapid.SampledFrom([]string{"wrong", "wrong", "wrong", "wrong", "right"}).Draw(t, "typed")
				batch = append(batch, order{cmd: typed(1, agent, password, func() { looks[i] = true }), now: now})
				agents = append(agents, agent)
			}
			i := -1
			err := l.batch(s, batch, func(_ order, _ Changes, err error) {
				i++
				agent := agents[i]
				reason := reasonOf(err)
				if looked := reason == 0 || reason == ledger.PasswordWrong; looked != looks[i] {
					t.Fatalf("looked at: %v, answered %v", looks[i], err)
				}
				n := inARow[agent]
				if looks[i] && n >= freeFailures && now.Sub(last[agent]) < backOff(n) {
					t.Fatalf("agent %d: looked at after %d failures and %v", agent, n, now.Sub(last[agent]))
				}
				switch reason {
				case 0:
					inARow[agent], known[agent] = 0, true
				case ledger.PasswordWrong:
					if now.Sub(last[agent]) >= backOff(n)+ledger.GuardKept {
						inARow[agent] = 0
					}
					inARow[agent]++
					last[agent] = now
					if wrong[agent]++; wrong[agent] > yearsFailures || all >= lastFailures && !known[agent] {
						t.Fatalf("agent %d: %d wrong passwords were looked at, %d in all, known: %v", agent, wrong[agent], all+1,
							known[agent])
					}
					all++
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// However it is tried, a code pays once, within its life, and is compared at most five times.
func TestPropertyCodeTries(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, now := guarded(t), monday
		send := SendCode{Merchant: 1, Card: "phone", Kind: ledger.Consumed, Amount: 100_00, Hash: bindCode("right", 100_00)}
		if _, err := l.do(send, now); err != nil {
			t.Fatal(err)
		}
		paid, compared := 0, 0
		for i := range rapid.IntRange(1, 12).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "seconds")) * time.Second)
			code := rapid.SampledFrom([]string{"right", "wrong"}).Draw(t, "typed")
			amount := ledger.Fen(rapid.SampledFrom([]int{100_00, 100_01}).Draw(t, "amount"))
			_, err := l.do(Consume{
				Merchant: 1, By: ledger.Caller{Agent: ledger.AgentID(i)}, Card: "phone", Amount: amount,
				Proof: &Proof{Code: bindCode(code, amount)},
			}, now)
			reason := reasonOf(err)
			switch {
			case reason == 0:
				paid++
			case reason != ledger.CodeWrong && reason != ledger.CodeOver:
				t.Fatal(err)
			}
			if reason != ledger.CodeOver {
				compared++
			}
			right := code == "right" && amount == 100_00
			if reason == 0 && (!right || now.Sub(monday) >= CodeLife) || reason == ledger.CodeWrong && right {
				t.Fatalf("%s for %v after %v: %v", code, amount, now.Sub(monday), err)
			}
		}
		if paid > 1 || compared > codeTries {
			t.Fatalf("paid %d times, compared %d times", paid, compared)
		}
	})
}

// A batch of guesses leaves the same guards as the same guesses one by one.
func TestPropertyGuardsInABatch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var orders []order
		for i := range rapid.IntRange(1, 12).Draw(t, "commands") {
			agent := ledger.AgentID(rapid.IntRange(1, 2).Draw(t, "agent"))
			step := int64(rapid.IntRange(0, 3).Draw(t, "step"))
			cmd := rapid.SampledFrom([]Command{
				typed(1, agent, "wrong", func() {}), typed(1, agent, "right", func() {}),
				SendCode{
					Merchant: 1, Card: "phone", Kind: ledger.Consumed, Amount: 100_00, Hash: bindCode("1", 100_00),
					Message: ledger.Message{ID: ledger.MessageID(i)},
				},
				Consume{Merchant: 1, Card: "phone", Amount: 100_00, Proof: &Proof{Code: bindCode("1", 100_00)}},
				Scanned{
					Merchant: 1, ID: 1, Card: "phone", Command: Consume{Merchant: 1, Card: "phone", Amount: 1},
					Check: memberStep(step, 0),
				},
			}).Draw(t, "command")
			orders = append(orders, order{cmd: cmd, now: monday.UTC().Truncate(24 * time.Hour).Add(45 * time.Second)})
		}
		whole, single := guarded(t), guarded(t)
		var got, want []string
		if err := whole.batch(NewState(1), orders, func(_ order, _ Changes, err error) {
			got = append(got, fmt.Sprint(err))
		}); err != nil {
			t.Fatal(err)
		}
		for _, o := range orders {
			_, err := single.do(o.cmd, o.now)
			want = append(want, fmt.Sprint(err))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("answered\n%q one by one\n%q", got, want)
		}
		if a, b := dumpStore(whole), dumpStore(single); a != b {
			t.Fatal(differ(a, b))
		}
	})
}

// Whoever guesses at the console stops nobody but himself, and locks the card at his shop only.
func TestGuessesAtTheConsole(t *testing.T) {
	t.Parallel()
	l := guarded(t)
	m := l.merchants[1]
	m.Shops = []ledger.Shop{{ID: 11}, {ID: 12}}
	l.merchants[1] = m
	at := func(person ledger.PersonID, shop ledger.ShopID, password string) ledger.Reason {
		bill := typed(1, 0, password, func() {})
		bill.By = ledger.Caller{Person: person, Shop: shop}
		_, err := l.do(bill, monday)
		return reasonOf(err)
	}
	for range freeFailures {
		if got := at(1, 11, "wrong"); got != ledger.PasswordWrong {
			t.Fatal(got)
		}
	}
	for _, c := range []struct {
		person ledger.PersonID
		shop   ledger.ShopID
		want   ledger.Reason
	}{{1, 11, ledger.TooManyTries}, {2, 11, ledger.TooManyTries}, {2, 12, 0}} {
		if got := at(c.person, c.shop, "right"); got != c.want {
			t.Errorf("person %d at shop %d: %v", c.person, c.shop, got)
		}
	}
	look := Scanned{Merchant: 1, From: "10.0.0.1"}
	guess := func(person ledger.PersonID) ledger.Reason {
		look.By = ledger.Caller{Person: person, Shop: 12}
		_, err := l.do(look, monday)
		return reasonOf(err)
	}
	for range missesOfAgent {
		guess(3)
	}
	if got := guess(3); got != ledger.TooManyMisses {
		t.Errorf("after %d guesses: %v", missesOfAgent, got)
	}
	if got := guess(2); got != ledger.MemberCodeWrong {
		t.Errorf("a colleague: %v", got)
	}
	if got := at(3, 12, "right"); got != ledger.TooManyMisses {
		t.Errorf("the guesser types a password: %v", got)
	}
}

// A card in a phone is proved by a code, whatever password it has.
func TestWhoProvesByPassword(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		card ledger.Card
		want bool
	}{
		{ledger.Card{Kind: ledger.Common}, false},
		{ledger.Card{Kind: ledger.Common, Details: ledger.Details{Password: "kept"}}, true},
		{ledger.Card{Kind: ledger.Micro, Details: ledger.Details{Password: "kept"}}, false},
	} {
		if got := c.card.ProvesByPassword(); got != c.want {
			t.Errorf("%+v: %t", c.card, got)
		}
	}
}
