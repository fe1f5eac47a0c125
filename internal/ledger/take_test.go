package ledger

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawCard draws a card with lots of every sort, in the order in which they are taken.
func drawCard(t *rapid.T) Card {
	var c Card
	for i := range rapid.IntRange(1, 6).Draw(t, "lots") {
		l := Lot{
			ID:        EntryID(i + 1),
			GoodUntil: rapid.SampledFrom([]Date{2026_01_10, 2026_02_10, 2026_03_10, Forever}).Draw(t, "good until"),
			Principal: Fen(rapid.IntRange(0, 9).Draw(t, "principal")), Bonus: Fen(rapid.IntRange(0, 9).Draw(t, "bonus")),
		}
		if l.Empty() {
			continue
		}
		c.addLot(Allocation{l.ID, l.GoodUntil, l.Principal, l.Bonus})
		c.Principal, c.Bonus = c.Principal+l.Principal, c.Bonus+l.Bonus
	}
	return c
}

// What is taken adds up, is in the lots, and follows the spend order (invariant 10). From the first lots alone the
// same is taken as from all, or Take asks for all.
func TestPropertyInvariant10Take(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCard(t)
		policy := rapid.SampledFrom([]SpendOrder{Proportional, BonusFirst, PrincipalFirst}).Draw(t, "policy")
		amount := Fen(rapid.IntRange(0, int(c.Amount())).Draw(t, "amount"))
		cash := min(amount, c.Principal)
		parts, err := Take(&c, amount, policy)
		if err != nil {
			t.Fatal(err)
		}
		var principal, bonus Fen
		for _, p := range parts {
			l, _ := c.Lot(p.Lot, p.GoodUntil)
			if p.Principal > 0 || p.Bonus > 0 || l.Principal+p.Principal < 0 || l.Bonus+p.Bonus < 0 {
				t.Fatalf("took %+v of %+v", p, l)
			}
			principal, bonus = principal-p.Principal, bonus-p.Bonus
		}
		switch {
		case principal+bonus != amount:
			t.Fatalf("took %v and %v of %v", principal, bonus, amount)
		case policy == BonusFirst && bonus != min(amount, c.Bonus), policy == PrincipalFirst && principal != cash:
			t.Fatalf("%v took %v and %v", policy, principal, bonus)
		}
		paid, err := TakeCash(&c, cash)
		if err != nil {
			t.Fatal(err)
		}
		front := c
		front.Lots = c.Lots[:rapid.IntRange(0, len(c.Lots)).Draw(t, "lots loaded")]
		front.MoreLots = len(front.Lots) < len(c.Lots)
		got, err := Take(&front, amount, policy)
		sameOrShallow(t, got, err, parts)
		got, err = TakeCash(&front, cash)
		sameOrShallow(t, got, err, paid)
	})
}

func sameOrShallow(t *rapid.T, got []Allocation, err error, want []Allocation) {
	if _, shallow := errors.AsType[NeedLots](err); shallow {
		return
	}
	if err != nil || len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Fatalf("on the first lots: %+v, %v, want %+v", got, err, want)
	}
}

// All bonus past its last day expires, and no other. From the first lots alone the result is the same, or all
// is false (invariant 48).
func TestPropertyInvariant48Expired(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCard(t)
		today := rapid.SampledFrom([]Date{2026_01_10, 2026_01_11, 2026_02_10, 2026_03_10, 2026_03_11}).Draw(t, "today")
		parts, _, all := ExpiredOn(&c, today)
		var want []Allocation
		for _, l := range c.Lots {
			if l.GoodUntil < today && l.Bonus > 0 {
				want = append(want, Allocation{Lot: l.ID, GoodUntil: l.GoodUntil, Bonus: -l.Bonus})
			}
		}
		if !all || !reflect.DeepEqual(parts, want) {
			t.Fatalf("on %v: %+v, all %v, want %+v", today, parts, all, want)
		}
		if next := c.NextExpiry(); len(want) > 0 && (next == 0 || next >= today) {
			t.Fatalf("%+v expired on %v, and the card is to be looked at on %v", want, today, next)
		}
		settled := c.Settled(time.Time{}, today)
		if again, _, _ := ExpiredOn(&settled, today); len(again) > 0 || settled.Principal != c.Principal ||
			BonusOf(settled.Lots) != settled.Bonus {
			t.Fatalf("settled on %v: %+v", today, settled)
		}
		front := c
		front.Lots = c.Lots[:rapid.IntRange(0, len(c.Lots)).Draw(t, "lots loaded")]
		front.MoreLots = len(front.Lots) < len(c.Lots)
		if got, _, all := ExpiredOn(&front, today); all && !reflect.DeepEqual(got, want) {
			t.Fatalf("on the first %d lots: %+v, want %+v", len(front.Lots), got, want)
		}
		if next := front.NextExpiry(); c.NextExpiry() != 0 && (next == 0 || next > c.NextExpiry()) {
			t.Fatalf("on the first %d lots the next expiry is %v, of all %v", len(front.Lots), next, c.NextExpiry())
		}
	})
}
