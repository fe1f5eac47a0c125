package phrase

import (
	"strconv"
	"strings"

	"tongka/internal/ledger"
)

// Part is one thing of which an entry is made up: its name, and an amount, a day or a thing.
type Part struct{ Name, Value Text }

// What the parts of an entry are called.
var (
	bill        = Text{"账单金额", "Bill"}
	discount    = Text{"会员折扣", "Level's discount"}
	byCoupons   = Text{"优惠券抵扣", "Paid by coupons"}
	byPoints    = Text{"积分抵扣", "Paid by points"}
	byCard      = Text{"卡付", "Paid by the card"}
	stillDue    = Text{"还需另付", "Still due"}
	leftToCard  = Text{"由另一张卡支付", "Left to another card"}
	paidIn      = Text{"实收", "Paid in"}
	paidOut     = Text{"付给会员", "Paid out"}
	bonusTaken  = Text{"收回赠送", "Bonus taken back"}
	givenBack   = Text{"退回卡内", "Given back"}
	invoiced    = Text{"开票金额", "Invoiced"}
	held        = Text{"预留金额", "Held"}
	released    = Text{"解除预留", "Released"}
	why         = Text{"原因", "Why"}
	captured    = Text{"扣自预留", "Out of a hold"}
	goodTo      = Text{"有效期至", "Good through"}
	owed        = Text{"欠款", "Owed"}
	couponsBack = Text{"退回优惠券", "Coupons given back"}
	someOf      = Text{"优惠券", "Coupons"}
	pointsUnit  = Text{"分", "points"}
)

// What the other card of an entry is called.
var (
	OtherNumber = Text{"对方卡号", "The other card"}
	NewNumber   = Text{"新卡号", "New number"}
	OldNumber   = Text{"原卡号", "Old number"}
)

// OtherCard returns what the other card of an entry is: of a replacement it is the same one under another number.
func OtherCard(e *ledger.Entry) Text {
	switch {
	case e.Kind != ledger.CardReplaced:
		return OtherNumber
	case e.Status == ledger.Replaced:
		return NewNumber
	}
	return OldNumber
}

// Parts returns of what an entry is made up: a bill's discount, coupons and points, what the card paid and what was
// left to be paid, what a recharge rule gave. It says nothing of who did it, and not which other card a transfer was
// with: a screen knows how much of that may be read there.
func Parts(e *ledger.Entry) (all []Part) {
	add := func(there bool, name Text, value string) {
		if there {
			all = append(all, Part{name, same(value)})
		}
	}
	add(e.Kind == ledger.AccountCharged || e.Kind == ledger.ChargeRefunded, bill, Yuan(e.Gross))
	if e.Kind == ledger.Consumed {
		off := e.Gross - e.Net - e.ByCoupons() - e.ByPoints.Worth
		add(true, bill, Yuan(e.Gross))
		add(off > 0, discount, SignedYuan(-off))
		add(e.ByCoupons() > 0, byCoupons, SignedYuan(-e.ByCoupons()))
		add(e.ByPoints.Worth > 0, byPoints, SignedYuan(-e.ByPoints.Worth))
		add(e.Delta() != 0, byCard, Yuan(-e.Delta()))
	}
	add(e.PaidElsewhere() > 0, left(e), Yuan(e.PaidElsewhere()))
	add(e.Kind == ledger.Recharged, paidIn, Yuan(e.Gross))
	// Net of a reversed recharge has the bonus as well, which the holder never paid in.
	add(e.Kind.PaysOut() && e.Kind != ledger.TransferredOut, paidOut, Yuan(e.Gross))
	add(e.Kind == ledger.RechargeReversed && e.Bonus != 0, bonusTaken, SignedYuan(e.Bonus))
	add((e.Kind == ledger.ConsumeRefunded || e.Kind == ledger.RenewalReversed) && e.Net > 0, givenBack, Yuan(e.Net))
	add(e.Captures(), captured, "#"+strconv.FormatInt(int64(e.RefersTo), 10))
	add(e.Kind == ledger.AmountHeld, held, Yuan(e.Gross))
	if e.Kind == ledger.HoldReleased {
		add(true, released, Yuan(e.Gross))
		all = append(all, Part{why, Released[e.Released]})
	}
	add(e.Kind == ledger.Invoiced || e.Kind == ledger.InvoiceReversed, invoiced, Yuan(-e.Invoice))
	for _, hit := range e.Rules {
		all = append(all, Part{same(hit.Name), gift(hit)})
	}
	until := givenUntil(e)
	add(until != 0, goodTo, until.String())
	add(e.Kind == ledger.BalanceOpened && e.Net > e.Delta(), owed, Yuan(e.Net-e.Delta()))
	add(e.Kind == ledger.ConsumeRefunded && len(e.Coupons) > 0, couponsBack, strconv.Itoa(len(e.Coupons)))
	add(takesCoupons(e), someOf, strconv.Itoa(len(e.Coupons)))
	add(movesDay(e), goodTo, e.CardExpires.String())
	if e.Offer != nil {
		add(true, someOf, e.Offer.Name+" × "+strconv.Itoa(len(e.Coupons)))
	}
	return all
}

// left returns who is to pay what a card left of a bill.
func left(e *ledger.Entry) Text {
	if e.OtherCard != "" {
		return leftToCard
	}
	return stillDue
}

// Released says why a hold was released.
var Released = map[ledger.Released]Text{
	ledger.ByCaller:  {"人工解除", "by hand"},
	ledger.ByCapture: {"扣款后的剩余", "what a bill left of it"},
	ledger.ByExpiry:  {"到期自动解除", "its time was over"},
}

// movesDay reports whether the entry set the card's last good day anew.
func movesDay(e *ledger.Entry) bool {
	return e.Kind == ledger.Renewed || e.Kind == ledger.RenewalReversed || e.Kind == ledger.ExpirySet
}

// takesCoupons reports whether coupons go with the entry: to another card, back, or for good.
func takesCoupons(e *ledger.Entry) bool {
	switch e.Kind {
	case ledger.MergedOut, ledger.MergedIn, ledger.OpeningReversed, ledger.CouponVoided, ledger.CouponExpired,
		ledger.CardReturned:
		return len(e.Coupons) > 0
	}
	return false
}

// givenUntil returns the last day of bonus that was given by hand; 0 if it has none.
func givenUntil(e *ledger.Entry) ledger.Date {
	if e.Kind == ledger.BonusGiven && len(e.Allocations) == 1 && e.Allocations[0].GoodUntil < ledger.Forever {
		return e.Allocations[0].GoodUntil
	}
	return 0
}

// gift says what a recharge rule gave.
func gift(hit ledger.RuleHit) Text {
	var zh, en []string
	if hit.Money != 0 {
		zh, en = append(zh, SignedYuan(hit.Money)), append(en, SignedYuan(hit.Money))
	}
	if hit.Points != 0 {
		n := SignedCount(hit.Points) + " "
		zh, en = append(zh, n+pointsUnit.Zh), append(en, n+pointsUnit.En)
	}
	return Text{strings.Join(zh, " "), strings.Join(en, " ")}
}

// same is what reads alike in both languages.
func same(s string) Text { return Text{s, s} }
