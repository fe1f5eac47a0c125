package command

import (
	"errors"
	"fmt"
	"slices"

	"tongka/internal/ledger"
)

// edges are the changes of a card's status that each kind of entry may make (invariant 26).
var edges = map[ledger.Kind][][2]ledger.Status{
	ledger.Opened:       {{0, ledger.Active}},
	ledger.CardReplaced: {{0, ledger.Replaced}, {ledger.Active, ledger.Active}, {ledger.Lost, ledger.Active}},
	ledger.ReportedLost: {{ledger.Active, ledger.Lost}}, ledger.LossCancelled: {{ledger.Lost, ledger.Active}},
	ledger.CardStopped: {{ledger.Active, ledger.Stopped}}, ledger.CardResumed: {{ledger.Stopped, ledger.Active}},
	ledger.CardReturned: {{ledger.Active, ledger.Returned}},
	ledger.OpeningReversed: {
		{ledger.Active, ledger.Returned}, {ledger.Lost, ledger.Returned}, {ledger.Stopped, ledger.Returned},
	},
	ledger.MergedOut:       {{ledger.Active, ledger.Returned}},
	ledger.LotsExpired:     {{ledger.Active, ledger.Active}, {ledger.Lost, ledger.Lost}, {ledger.Stopped, ledger.Stopped}},
	ledger.HoldReleased:    {{ledger.Active, ledger.Active}, {ledger.Lost, ledger.Lost}, {ledger.Stopped, ledger.Stopped}},
	ledger.LevelChanged:    {{ledger.Active, ledger.Active}, {ledger.Lost, ledger.Lost}, {ledger.Stopped, ledger.Stopped}},
	ledger.HolderModified:  {{ledger.Active, ledger.Active}, {ledger.Lost, ledger.Lost}, {ledger.Stopped, ledger.Stopped}},
	ledger.Invoiced:        {{ledger.Active, ledger.Active}, {ledger.Lost, ledger.Lost}, {ledger.Stopped, ledger.Stopped}},
	ledger.InvoiceReversed: {{ledger.Active, ledger.Active}, {ledger.Lost, ledger.Lost}, {ledger.Stopped, ledger.Stopped}},
	ledger.DetailsChanged:  {{ledger.Active, ledger.Active}, {ledger.Lost, ledger.Lost}, {ledger.Stopped, ledger.Stopped}},
	ledger.CouponVoided:    {{ledger.Active, ledger.Active}, {ledger.Lost, ledger.Lost}, {ledger.Stopped, ledger.Stopped}},
	ledger.CouponExpired:   {{ledger.Active, ledger.Active}, {ledger.Lost, ledger.Lost}, {ledger.Stopped, ledger.Stopped}},
	ledger.ExpiryReversed:  {{ledger.Active, ledger.Active}, {ledger.Lost, ledger.Lost}, {ledger.Stopped, ledger.Stopped}},
	// What comes back to a lost or stopped card may have to be forfeited at once, and cash back be put into other lots.
	ledger.BonusForfeited:  {{ledger.Active, ledger.Active}, {ledger.Lost, ledger.Lost}, {ledger.Stopped, ledger.Stopped}},
	ledger.CashedBack:      {{ledger.Active, ledger.Active}, {ledger.Lost, ledger.Lost}, {ledger.Stopped, ledger.Stopped}},
	ledger.ClockAccepted:   {{0, 0}},
	ledger.ClockTakenBack:  {{0, 0}},
	ledger.SettingsChanged: {{0, 0}},
	ledger.AgentChanged:    {{0, 0}},
	ledger.MerchantAdded:   {{0, 0}},
	ledger.PersonChanged:   {{0, 0}},
	ledger.DataExported:    {{0, 0}},
	ledger.HandedOver:      {{0, 0}},
	ledger.WebhookChanged:  {{0, 0}},
	ledger.DataShown: {
		{ledger.Active, ledger.Active}, {ledger.Lost, ledger.Lost}, {ledger.Stopped, ledger.Stopped},
		{ledger.Returned, ledger.Returned}, {ledger.Replaced, ledger.Replaced},
	},
}

func edge(before *ledger.Card, e *ledger.Entry) error {
	allowed, listed := edges[e.Kind]
	if !listed {
		allowed = [][2]ledger.Status{{ledger.Active, ledger.Active}}
	}
	if !slices.Contains(allowed, [2]ledger.Status{before.Status, e.Status}) {
		return fmt.Errorf("%v took the card from %d to %d", e.Kind, before.Status, e.Status)
	}
	closed := e.Status == ledger.Returned || e.Status == ledger.Replaced
	if closed && (e.PrincipalAfter != 0 || e.BonusAfter != 0 || e.PointsAfter != 0 || e.OwedAfter != 0) {
		return errors.New("a closed card holds something")
	}
	return nil
}

// bill checks the sums of one entry (invariants 08–12).
func bill(e *ledger.Entry) error {
	if !e.BillAddsUp() {
		return errors.New("08, 09: the bill does not add up")
	}
	if !e.EarnedAddsUp() {
		return errors.New("55: points that the card did not pay for")
	}
	switch e.Kind {
	case ledger.Recharged:
		var bonus ledger.Fen
		for _, r := range e.Rules {
			bonus += r.Money
		}
		if e.Principal != e.Gross || e.Bonus != bonus || e.Net != e.Principal+e.Bonus {
			return errors.New("08: the lot is not what was paid and given")
		}
	case ledger.Consumed:
		discount := e.Gross - e.Net - e.ByCoupons() - e.ByPoints.Worth
		if discount < 0 || discount > e.Discountable || e.Discountable > e.Gross || e.PaidElsewhere() < 0 {
			return fmt.Errorf("09: discount %v of %v of %v, %v elsewhere", discount, e.Discountable, e.Gross, e.PaidElsewhere())
		}
		if e.Principal > 0 || e.Bonus > 0 {
			return errors.New("10: a bill gave money")
		}
	case ledger.Withdrawn:
		if e.Bonus > 0 || e.Principal != -e.Net {
			return errors.New("12: more than principal was paid out")
		}
	case ledger.TransferredOut, ledger.TransferredIn:
		if money := max(e.Delta(), -e.Delta()); money != e.Net || max(e.Principal, -e.Principal) != e.Gross {
			return errors.New("12: a transfer moved something else than it says")
		}
	case ledger.MergedOut, ledger.MergedIn:
		if money := max(e.Bonus, -e.Bonus); money != e.Net || e.Principal != 0 || e.Gross != 0 {
			return errors.New("12: a merge moved something else than it says")
		}
	case ledger.CardReturned:
		if e.Principal != -e.Net {
			return errors.New("12: what was paid out is not the principal")
		}
	}
	return nil
}
