package verify

import "tongka"

// cashBack is what became of the cash back of a bill.
type cashBack struct {
	card        tongka.CardID
	given, left tongka.Fen
	odd         bool // taken where none was given or from another card, or given twice
}

// cashedBack gathers the cash back of bills. It is given by the entry behind the bill, and once.
func (l *ledger) cashedBack(e *tongka.Entry) {
	if e.Kind == tongka.Consumed {
		l.newestBill = e
	}
	if e.Kind != tongka.CashedBack {
		return
	}
	r := l.checks[32]
	r.Rows++
	b, there := l.cashBacks[e.Of]
	b.left += e.CardMoney()
	if e.CardMoney() > 0 {
		b.card, b.given = e.Card, e.CardMoney()
		bill := l.newestBill
		if bill == nil || bill.ID != e.Of || e.ID != bill.ID+1 || e.Card != bill.Card || e.Original != -bill.CardMoney() {
			r.fail("entry %d is cash back of another bill than the one before it", e.ID)
		}
	}
	b.odd = b.odd || there == (e.CardMoney() > 0) || b.card != e.Card
	l.cashBacks[e.Of] = b
}

// cashBackTaken checks that of the cash back of a refunded bill so much is left as its part that stays
// paid brings.
func (l *ledger) cashBackTaken(bill *tongka.Entry, refunded tongka.Fen) {
	b := l.cashBacks[bill.ID]
	delete(l.cashBacks, bill.ID)
	if b.odd || b.left != bill.CashBackKept(b.given, -bill.CardMoney()-refunded) {
		l.checks[32].fail("entry %d: of its cash back of %v there is %v left", bill.ID, b.given, b.left)
	}
}

// cashBackStays checks that nothing was taken of the cash back of bills that were not refunded.
func (l *ledger) cashBackStays() {
	for bill, b := range l.cashBacks {
		if b.odd || b.left != b.given {
			l.checks[32].fail("entry %d: of its cash back of %v there is %v left", bill, b.given, b.left)
		}
	}
}
