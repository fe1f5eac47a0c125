package tongka

import (
	"errors"
	"fmt"
	"slices"
)

// edges are the steps a card's life may take, by the kind of entry (invariant 26).
var edges = map[Kind][][2]Status{
	Opened: {{0, Active}}, Moved: {{0, Replaced}, {Active, Active}, {Lost, Active}},
	ReportedLost: {{Active, Lost}}, Found: {{Lost, Active}},
	CardStopped: {{Active, Stopped}}, CardResumed: {{Stopped, Active}}, Closed: {{Active, Returned}},
	LotsExpired:     {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	LevelChanged:    {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	HolderModified:  {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	Invoiced:        {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	InvoiceReversed: {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	DetailsChanged:  {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	CouponVoided:    {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	CouponExpired:   {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	ExpiryReversed:  {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	ClockAccepted:   {{0, 0}},
	ClockTakenBack:  {{0, 0}},
}

func edge(before *Card, e *Entry) error {
	allowed, listed := edges[e.Kind]
	if !listed {
		allowed = [][2]Status{{Active, Active}}
	}
	if !slices.Contains(allowed, [2]Status{before.Status, e.Status}) {
		return fmt.Errorf("%v took the card from %d to %d", e.Kind, before.Status, e.Status)
	}
	closed := e.Status == Returned || e.Status == Replaced
	if closed && (e.PrincipalAfter != 0 || e.BonusAfter != 0 || e.PointsAfter != 0 || e.OwedAfter != 0) {
		return errors.New("a closed card holds something")
	}
	return nil
}

// bill looks at the sums of one entry (invariants 08–12).
func bill(e *Entry) error {
	if !e.BillAddsUp() {
		return errors.New("08, 09: the bill does not add up")
	}
	if !e.EarnedAddsUp() {
		return errors.New("55: points that the card did not pay for")
	}
	switch e.Kind {
	case Recharged:
		var bonus Fen
		for _, r := range e.Rules {
			bonus += r.Money
		}
		if e.Principal != e.Original || e.Bonus != bonus || e.Actual != e.Principal+e.Bonus {
			return errors.New("08: the lot is not what was paid and given")
		}
	case Consumed:
		discount := e.Original - e.Actual - e.ByCoupons() - e.ByPoints.Worth
		if discount < 0 || discount > e.Discountable || e.Discountable > e.Original || e.Elsewhere() < 0 {
			return fmt.Errorf("09: discount %v of %v of %v, %v elsewhere", discount, e.Discountable, e.Original, e.Elsewhere())
		}
		if e.Principal > 0 || e.Bonus > 0 {
			return errors.New("10: a bill gave money")
		}
	case Withdrawn:
		if e.Bonus > 0 || e.Principal != -e.Actual {
			return errors.New("12: more than principal was paid out")
		}
	case TransferredOut, TransferredIn:
		if money := max(e.CardMoney(), -e.CardMoney()); money != e.Actual || max(e.Principal, -e.Principal) != e.Original {
			return errors.New("12: a transfer moved something else than it says")
		}
	case Closed:
		if e.Principal != -e.Actual {
			return errors.New("12: what was paid out is not the principal")
		}
	}
	return nil
}
