package verify

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// at is a command at a time.
type at struct {
	now time.Time
	cmd command.Command
}

// written returns the books in which the commands were carried out.
func written(t *testing.T, steps ...at) *books {
	t.Helper()
	return attempted(t, false, steps)
}

// attempted is written for commands of which some may be refused.
func attempted(t *testing.T, mayRefuse bool, steps []at) *books {
	t.Helper()
	other := sound(t)
	b, s := &books{
		settings: other.settings, guids: other.guids, owners: other.owners, counters: other.counters,
	}, command.NewState(1)
	teachMerchant(s)
	for _, step := range steps {
		k := step.cmd.Keys()
		for range 4 { // some ask for more records
			missing := s.Missing(k)
			s.Learn(missing, command.Records{Entries: b.entries, Coupons: b.coupons, Stocks: b.stocks})
			ch, err := step.cmd.Decide(s, step.now)
			if _, refused := errors.AsType[ledger.Refusal](err); refused && mayRefuse {
				break
			}
			if more, ok := err.(command.NeedRecords); ok { //nolint:errorlint // it comes as it is
				k.Add(more.Keys)
				continue
			}
			if err != nil {
				t.Fatalf("%T: %v", step.cmd, err)
			}
			s.Apply(ch)
			b.save(s.Pending())
			s.Saved()
			break
		}
	}
	return b
}

// takenBack returns books whose clock was 40 days ahead for a while, in which what expired then is good again.
func takenBack(t *testing.T) *books {
	t.Helper()
	wrong, right := noon.AddDate(0, 0, 40), noon.Add(time.Minute)
	b := written(t, []at{
		{
			noon, command.Open{Merchant: 1, Card: command.NewCard{Number: "A0001", Level: 1, Holder: ledger.Holder{Name: "某人"}}},
		},
		{noon, command.Recharge{Merchant: 1, Card: "A0001", Amount: 100_00, PayType: 1}}, // 2
		{noon, command.SendCoupons{Merchant: 1, Card: "A0001", Kind: 1, Numbers: []string{"28000001"}}},
		{wrong, command.AcceptTime{Merchant: 1, At: wrong}},
		{wrong, command.Expire{Merchant: 1, Card: "A0001"}}, // 5
		{wrong, command.ExpireCoupons{Merchant: 1, Card: "A0001"}},
		{wrong, command.TakeBackTime{Merchant: 1, At: right}}, // 7
		{right, command.ReverseExpiry{Merchant: 1, Card: "A0001", Entry: 5}},
		{right, command.ReverseExpiry{Merchant: 1, Card: "A0001", Entry: 6}}, // 9
		{right.Add(time.Second), command.AdjustPoints{Merchant: 1, Card: "A0001", Points: 1}},
	}...)
	if n := len(b.entries); n != 10 || b.entries[7].Back != 7 {
		t.Fatalf("%d entries, the eighth %+v", n, b.entries[7])
	}
	return b
}

// TestTimeTakenBackHolds: entries that go back in time where time was taken back are no violation.
func TestTimeTakenBackHolds(t *testing.T) {
	t.Parallel()
	for number, r := range run(t, takenBack(t)) {
		if r.Violations != 0 {
			t.Errorf("invariant %02d: %v", number, r.Examples)
		}
	}
}

// TestTimeTampering: time goes back nowhere else, and only what wrongly expired comes back.
func TestTimeTampering(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		invariant int
		name      string
		change    func(*books)
	}{
		{22, "nothing took the time back", func(b *books) { b.entries[6].Kind = ledger.ClockAccepted }},
		{22, "an entry before the one before it", func(b *books) { b.entries[9].At = noon }},
		{22, "an entry that goes back by another", func(b *books) { b.entries[7].Back = 4 }},
		{22, "an entry that does not say why it goes back", func(b *books) { b.entries[7].Back = 0 }},
		{22, "an entry that need not go back", func(b *books) { b.entries[9].Back = 7 }},
		{57, "the time on a card", func(b *books) { b.entries[3].Card = 1 }},
		{13, "more bonus than had expired", func(b *books) { b.entries[7].Allocations[0].Bonus++ }},
		{13, "bonus of another day", func(b *books) { b.entries[7].Allocations[0].GoodUntil++ }},
		{57, "principal", func(b *books) { b.entries[7].Allocations[0].Principal++ }},
		{13, "more points than had expired", func(b *books) { b.entries[7].PointAllocations[0].Points++ }},
		{13, "what expired at the right time", func(b *books) { b.entries[6].At = b.entries[5].At }},
		{13, "what came back before its time was taken back", func(b *books) {
			b.entries[6].Kind, b.entries[9].Kind = ledger.ClockAccepted, ledger.ClockTakenBack
		}},
		{13, "the same twice", func(b *books) { b.entries[8].RefersTo = 5 }},
		{57, "what never expired", func(b *books) { b.entries[7].RefersTo = 2 }},
		{3, "a head that names another as its own", func(b *books) { b.heads[0].Own = 4 }},
		{3, "a head that forgot what took the time back", func(b *books) { b.heads[0].TakenBack = 0 }},
		{29, "a coupon that is over", func(b *books) { b.entries[8].At = noon.AddDate(1, 0, 0) }},
		{29, "a coupon that stayed expired", func(b *books) { b.coupons[0].State = ledger.Expired }},
	} {
		b := takenBack(t)
		c.change(b)
		b.rehash()
		if r := run(t, b)[c.invariant]; r.Violations == 0 {
			t.Errorf("%s: invariant %02d holds", c.name, c.invariant)
		}
	}
}

// takenBackTwice returns books whose time was taken back, and then again and further: at first only points were good
// again, and then also the bonus that expired with them.
func takenBackTwice(t *testing.T) *books {
	t.Helper()
	day := func(n int) time.Time { return noon.AddDate(0, 0, n) }
	b := written(t, []at{
		{
			noon, command.Open{Merchant: 1, Card: command.NewCard{Number: "A0001", Level: 1, Holder: ledger.Holder{Name: "某人"}}},
		},
		{noon, command.Recharge{Merchant: 1, Card: "A0001", Amount: 100_00, PayType: 1}},      // 2, good for 30 days
		{day(20), command.AdjustPoints{Merchant: 1, Card: "A0001", Points: 7, Note: "送"}},     // 3, good to day 50
		{day(60), command.Expire{Merchant: 1, Card: "A0001"}},                                 // 4
		{day(60), command.TakeBackTime{Merchant: 1, At: day(40)}},                             // 5
		{day(40), command.ReverseExpiry{Merchant: 1, Card: "A0001", Entry: 4}},                // 6
		{day(40), command.TakeBackTime{Merchant: 1, At: day(21)}},                             // 7
		{day(21), command.ReverseExpiry{Merchant: 1, Card: "A0001", Entry: 4}},                // 8
		{day(22), command.AdjustPoints{Merchant: 1, Card: "A0001", Points: 1, Note: "again"}}, // 9
	}...)
	if n := len(b.entries); n != 9 || len(b.entries[5].Allocations) != 0 || b.entries[5].Points != 7 ||
		b.entries[7].Bonus != -b.entries[3].Bonus || b.entries[7].Bonus == 0 {
		t.Fatalf("%d entries, came back %+v and %+v", n, b.entries[5], b.entries[7])
	}
	return b
}

// TestTimeTakenBackTwiceHolds: what expired may come back in parts, as it becomes good.
func TestTimeTakenBackTwiceHolds(t *testing.T) {
	t.Parallel()
	for number, r := range run(t, takenBackTwice(t)) {
		if r.Violations != 0 {
			t.Errorf("invariant %02d: %v", number, r.Examples)
		}
	}
}

// TestTimeTakenBackTwiceTampering: nothing comes back twice, or when it is over.
func TestTimeTakenBackTwiceTampering(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*books){
		"the same points twice": func(b *books) { b.entries[7].PointAllocations = b.entries[5].PointAllocations },
		"points that are over":  func(b *books) { b.entries[5].At = noon.AddDate(0, 0, 55) },
		"bonus that is over": func(b *books) {
			b.entries[7].At, b.entries[7].PointAllocations = noon.AddDate(0, 0, 35), nil
		},
		"more bonus than expired": func(b *books) { b.entries[7].Allocations[0].Bonus++ },
		"the same bonus twice": func(b *books) {
			e := &b.entries[8]
			e.Kind, e.RefersTo, e.Allocations, e.PointAllocations = ledger.ExpiryReversed, 4, b.entries[7].Allocations, nil
		},
	} {
		b := takenBackTwice(t)
		change(b)
		b.rehash()
		if r := run(t, b)[13]; r.Violations == 0 {
			t.Errorf("%s: invariant 13 holds", name)
		}
	}
}

// cashBackInWrongTime returns books in which a bill's cash back of 5.00 expired by a wrong clock, 2/5 of the bill was
// refunded then, and what is kept of the cash back came back by entry 9 when the time was taken back.
func cashBackInWrongTime(t *testing.T) *books {
	t.Helper()
	wrong, right := noon.AddDate(0, 0, 40), noon.Add(time.Minute)
	b := written(t, []at{
		{noon, command.Open{Merchant: 1, Card: command.NewCard{
			Number: "A0001", Level: 2, Holder: ledger.Holder{Name: "某人"}, Principal: 100_00,
		}}}, // 1, 2
		{noon, command.Consume{Merchant: 1, Card: "A0001", Amount: 50_00}},                  // 3, 4: its cash back
		{wrong, command.Expire{Merchant: 1, Card: "A0001"}},                                 // 5
		{wrong, command.RefundConsume{Merchant: 1, Card: "A0001", Entry: 3, Amount: 20_00}}, // 6
		{wrong, command.TakeBackTime{Merchant: 1, At: right}},                               // 7
		{right, command.ReverseExpiry{Merchant: 1, Card: "A0001", Entry: 5}},                // 8
	}...)
	if n := len(b.entries); n != 8 || b.entries[4].Bonus != -5_00 || b.entries[7].Bonus != 3_00 {
		t.Fatalf("%d entries, expired %+v, came back %+v", n, b.entries[4], b.entries[n-1])
	}
	return b
}

// TestCashBackInWrongTime: of cash back that expired by a wrong clock exactly what its bill keeps comes back.
func TestCashBackInWrongTime(t *testing.T) {
	t.Parallel()
	for number, r := range run(t, cashBackInWrongTime(t)) {
		if r.Violations != 0 {
			t.Errorf("invariant %02d: %v", number, r.Examples)
		}
	}
	for _, more := range []ledger.Fen{-1, 1} {
		b := cashBackInWrongTime(t)
		e, c := &b.entries[7], &b.cards[0]
		e.Allocations = slices.Clone(e.Allocations)
		e.Allocations[0].Bonus += more
		e.Bonus, e.BonusAfter, c.Bonus = e.Bonus+more, e.BonusAfter+more, c.Bonus+more
		for i := range c.Lots {
			if c.Lots[i].ID == e.Allocations[0].Lot {
				c.Lots[i].Bonus += more
			}
		}
		b.rehash()
		for number, r := range run(t, b) {
			if found := r.Violations > 0; found != (number == 32) {
				t.Errorf("%v more: invariant %02d: %v", more, number, r.Examples)
			}
		}
	}
}

// Whatever of a bill is refunded before, during and after a wrong time, and however often that is taken back, verify
// and the commands agree on how much of its cash back is there.
func TestPropertyCashBackInWrongTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		now := noon
		steps := []at{
			{now, command.Open{Merchant: 1, Card: command.NewCard{
				Number: "A0001", Level: 2, Holder: ledger.Holder{Name: "某人"}, Principal: 100_00,
			}}},
			{now, command.Consume{Merchant: 1, Card: "A0001", Amount: 50_00}}, // 3
			{now, command.Consume{Merchant: 1, Card: "A0001", Amount: 30_00}}, // 5
		}
		add := func(cmd command.Command) { steps = append(steps, at{now, cmd}) }
		meanwhile := func() {
			for _, refund := range rapid.SliceOfN(rapid.Bool(), 0, 3).Draw(r, "bills and refunds") {
				if refund {
					add(command.RefundConsume{
						Merchant: 1, Card: "A0001", Entry: rapid.SampledFrom([]ledger.EntryID{3, 5}).Draw(r, "bill"),
						Amount: ledger.Fen(rapid.IntRange(0, 20_00).Draw(r, "part")),
					})
				} else {
					add(command.Consume{Merchant: 1, Card: "A0001", Amount: ledger.Fen(rapid.IntRange(1, 9_99).Draw(r, "amount"))})
				}
			}
		}
		meanwhile()
		for range rapid.IntRange(1, 3).Draw(r, "wrong times") {
			now = now.AddDate(0, 0, rapid.SampledFrom([]int{1, 31, 40}).Draw(r, "days"))
			add(command.Expire{Merchant: 1, Card: "A0001"})
			meanwhile()
			now = later(now.AddDate(0, 0, -rapid.SampledFrom([]int{1, 20, 40}).Draw(r, "back")), noon)
			add(command.TakeBackTime{Merchant: 1, At: now})
			meanwhile()
			if rapid.Bool().Draw(r, "reversed") {
				for entry := range ledger.EntryID(40) { // what is no expiry is refused
					add(command.ReverseExpiry{Merchant: 1, Card: "A0001", Entry: entry})
				}
			}
			meanwhile()
		}
		for number, found := range run(t, attempted(t, true, steps)) {
			if found.Violations != 0 {
				r.Fatalf("invariant %02d: %v", number, found.Examples)
			}
		}
	})
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
