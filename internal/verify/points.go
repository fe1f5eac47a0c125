package verify

import (
	"maps"

	"tongka/internal/ledger"
)

// returned are the points that refunds gave back of those that paid for a bill.
type returned struct {
	pay  ledger.PointPay // the sum
	days map[ledger.Date]int64
}

// pointsPaid checks that only bills and refunds state points that pay. That the points are worth what they pay is
// checked with the bill's sum (09).
func (l *audit) pointsPaid(e *ledger.Entry) {
	if e.ByPoints == (ledger.PointPay{}) {
		return
	}
	r := l.checks[32]
	r.Rows++
	if e.Kind != ledger.Consumed && e.Kind != ledger.ConsumeRefunded {
		r.fail("entry %d: points cannot pay on a %v", e.ID, e.Kind)
	}
}

// add adds what a refund gave back.
func (t *returned) add(e *ledger.Entry) {
	t.pay.Points += e.ByPoints.Points
	t.pay.Worth += e.ByPoints.Worth
	t.pay.Ratio += e.ByPoints.Ratio
	for _, p := range e.PointAllocations {
		if p.Points > 0 {
			if t.days == nil {
				t.days = map[ledger.Date]int64{}
			}
			t.days[p.GoodUntil] += p.Points
		}
	}
}

// pointsBack checks that the points that paid for a bill came back with their last days, all at once, with the last
// of the money.
func (l *audit) pointsBack(bill *ledger.Entry, got returned, whole bool) {
	var want returned
	if whole {
		want.pay = bill.ByPoints
		want.pay.Points = -want.pay.Points
		want.days = map[ledger.Date]int64{}
		for _, p := range bill.PointAllocations {
			if p.Points < 0 {
				want.days[p.GoodUntil] -= p.Points
			}
		}
	}
	if got.pay != want.pay || !maps.Equal(got.days, want.days) {
		l.checks[32].fail("entry %d: other points came back than it was paid with", bill.ID)
	}
}

// earnedKept checks that a refunded bill keeps the points that what stays paid of it earns. Version 0 bills partly
// paid elsewhere may have kept more.
func (l *audit) earnedKept(bill *ledger.Entry, b *bill) {
	r := l.checks[31]
	r.Rows++
	if bill.Version == 0 && bill.PaidElsewhere() != 0 {
		return
	}
	kept := bill.Earned() + b.earned
	if want := bill.EarnedKept(-bill.Delta() - b.principal - b.bonus); kept != want {
		r.fail("entry %d: of its %d points %d are kept, %d are paid for", bill.ID, bill.Earned(), kept, want)
	}
}

// earned checks that a bill which earned points states its rate, as all bills do after the first one that does. That
// the points do not exceed the rate is checked by the table of kinds.
func (l *audit) earned(e *ledger.Entry) {
	if e.Kind != ledger.Consumed || e.Earned() == 0 {
		return
	}
	r := l.checks[31]
	r.Rows++
	switch {
	case e.EarnRate != 0:
		l.rated = true
	case l.rated:
		r.fail("entry %d does not state the rate by which it earned %d points, as earlier bills do", e.ID, e.Earned())
	default:
		r.Unknown++
	}
}
