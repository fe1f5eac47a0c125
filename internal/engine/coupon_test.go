package engine_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

// newCoupon returns a store with money and one coupon on card 6001.
func newCoupon(t *testing.T) (*storetest.MemStore, ledger.CouponID) {
	t.Helper()
	s := newStore(t, "6001")
	m := merchant(shop)
	m.CouponKinds = []ledger.CouponKind{
		{CouponTerms: ledger.CouponTerms{Kind: 1, Name: "券", Type: ledger.CashCoupon, Face: 1_00}},
	}
	saveMerchant(t, s, m)
	e := engine.New(s, quiet())
	defer closeNow(t, e)
	must(t, e, recharge("6001", 1000_00))
	ch := must(t, e, command.SendCoupons{Merchant: shop, Card: "6001", Kind: 1, Numbers: []string{"28000001"}})
	return s, ch.Coupons[0].ID
}

func consumeWith(coupon ledger.CouponID) command.Consume {
	return command.Consume{Merchant: shop, Card: "6001", Amount: 2_00, Coupons: []ledger.CouponID{coupon}}
}

// usedOnce checks that the coupon is on exactly one bill of the journal, and that its row agrees.
func usedOnce(t *testing.T, s *storetest.MemStore) {
	t.Helper()
	bills := 0
	for _, e := range entriesOf(t, s, ledger.Consumed) {
		bills += len(e.Coupons)
	}
	found, err := s.Coupons(t.Context(), ledger.CouponQuery{Merchant: shop, Card: 1, Limit: 9})
	if err != nil || len(found) != 1 || found[0].State != ledger.Used || bills != 1 {
		t.Errorf("coupons %+v, %v, on %d bills", found, err, bills)
	}
	audit(t, s)
}

// Of many bills in one batch only one gets the coupon, and all others are refused (invariant 27).
func TestOneCouponInABatch(t *testing.T) {
	t.Parallel()
	s, coupon := newCoupon(t)
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		e := start(t, &faulty{MemStore: s, onSave: g.wait}, quiet())
		first := ask(t.Context(), e, recharge("6001", 1_00))
		var batch []*asked
		for range 20 {
			batch = append(batch, ask(t.Context(), e, consumeWith(coupon)))
		}
		g.open()
		synctest.Wait()
		g.open()
		synctest.Wait()
		if !first.over.Load() || batch[0].err != nil {
			t.Fatalf("got %v", batch[0].err)
		}
		for _, a := range batch[1:] {
			wantRefusal(t, a.err, ledger.CouponIsUsed)
		}
	})
	usedOnce(t, s)
}

// Of many bills at two engines only one gets the coupon; of many refunds only one gives it back (invariants 27, 30).
func TestOneCouponAtTwoEngines(t *testing.T) {
	t.Parallel()
	s, coupon := newCoupon(t)
	var engines [2]*engine.Engine
	var decided sync.WaitGroup // each has, from the same books, before either saves
	var first [2]*sync.Once
	for i := range engines {
		together := func(int, command.Changes) fault {
			first[i].Do(func() {
				decided.Done()
				decided.Wait()
			})
			return none
		}
		engines[i] = start(t, &faulty{MemStore: s, onSave: together}, quiet())
	}
	race := func(cmd command.Command, otherwise ledger.Reason) (won command.Changes) {
		t.Helper()
		decided.Add(len(engines))
		first = [2]*sync.Once{{}, {}}
		var mu sync.Mutex
		var callers sync.WaitGroup
		wins := 0
		for i := range 32 {
			callers.Go(func() {
				ch, err := engines[i%2].Do(t.Context(), cmd)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					wins++
					won = ch
					return
				}
				if refusal, refused := errors.AsType[ledger.Refusal](err); !refused || refusal.Reason != otherwise {
					t.Errorf("%T: %v", cmd, err)
				}
			})
		}
		callers.Wait()
		if wins != 1 {
			t.Fatalf("%T won %d times", cmd, wins)
		}
		return won
	}
	bill := race(consumeWith(coupon), ledger.CouponIsUsed)
	usedOnce(t, s)
	back := race(command.RefundConsume{Merchant: shop, Card: "6001", Entry: bill.Last().ID}, ledger.AlreadyReversed)
	if len(back.Coupons) != 1 || back.Coupons[0].State != ledger.Unused {
		t.Errorf("the refund gave back %+v", back.Coupons)
	}
	audit(t, s)
}
