package verify

import (
	"slices"
	"time"

	"tongka/internal/ledger"
)

// personNeeds are the permissions of which a person must have one to make entries of a kind. A kind that is not here
// needs any: its entries come along with others, or the core itself looks at who may.
var personNeeds = map[ledger.Kind]ledger.Permission{
	ledger.Opened:           ledger.MayOpen,
	ledger.BalanceOpened:    ledger.MayOpen,
	ledger.ExpirySet:        ledger.MayOpen,
	ledger.Recharged:        ledger.MayRecharge,
	ledger.RechargeReversed: ledger.MayRefund,
	ledger.Consumed:         ledger.MayConsume,
	ledger.AmountHeld:       ledger.MayConsume, // and its release may come along with anything
	ledger.ConsumeRefunded:  ledger.MayRefund,
	ledger.AccountCharged:   ledger.MayConsume,
	ledger.ChargeRefunded:   ledger.MayRefund,
	ledger.Renewed:          ledger.MayConsume,
	ledger.RenewalReversed:  ledger.MayRefund,
	ledger.PointsUsed:       ledger.MayPoints,
	ledger.PointsAdjusted:   ledger.MayAdjust,
	ledger.ReportedLost:     ledger.MayLose | ledger.MayAdjust, // as an import does that brings lost and stopped cards
	ledger.CardStopped:      ledger.MayLose | ledger.MayAdjust,
	ledger.LossCancelled:    ledger.MayCancelLoss,
	ledger.CardResumed:      ledger.MayCancelLoss,
	ledger.CardReplaced:     ledger.MayTransfer,
	ledger.TransferredOut:   ledger.MayTransfer,
	ledger.TransferredIn:    ledger.MayTransfer,
	ledger.MergedOut:        ledger.MayTransfer,
	ledger.MergedIn:         ledger.MayTransfer,
	ledger.BonusGiven:       ledger.MayAdjust,
	ledger.CardReturned:     ledger.MayCashOut,
	ledger.OpeningReversed:  ledger.MayCashOut,
	ledger.Withdrawn:        ledger.MayCashOut,
	ledger.LevelChanged:     ledger.MayModify,
	ledger.HolderModified:   ledger.MayModify | ledger.MayOpen,
	ledger.DetailsChanged:   ledger.MayModify | ledger.MayAdjust | ledger.MayOpen,
	ledger.Invoiced:         ledger.MayRecharge,
	ledger.InvoiceReversed:  ledger.MayRefund,
	ledger.CouponSent:       ledger.MayCoupons | ledger.MayOpen,
	ledger.CouponVoided:     ledger.MayCoupons,
	ledger.SettingsChanged:  ledger.MaySettings,
	ledger.AgentChanged:     ledger.MayAgents,
	ledger.DataShown:        ledger.MayReveal,
	ledger.DataExported:     ledger.MayExport | ledger.MayOpen, // the file of a series or an import is for who opens cards
	ledger.HandedOver:       ledger.MayRecharge,
	ledger.WebhookChanged:   ledger.MaySettings,
}

// personThen is a person from a time on.
type personThen struct {
	ledger.Person
	at time.Time
}

// grantedPerson checks that the person whom an entry names was allowed to make it about then, as granted does for
// agents. Everybody may change his own name and password, so of a changed person it only matters that there was
// somebody: who may change whom is told by the records themselves.
func (l *audit) grantedPerson(e *ledger.Entry) {
	if e.By.Person == 0 {
		return
	}
	r := l.checks[36]
	r.Rows++
	was := l.peopleThen[e.By.Person]
	switch {
	case personMayThen(was, e):
	case len(was) > 0 && e.At.Before(was[0].at), l.wentBack, len(l.backs) > 0:
		r.Unknown++
	case len(was) == 0:
		r.fail("entry %d was made by person %d, whom the host has never had", e.ID, e.By.Person)
	default:
		r.fail("entry %d, a %v, was made by person %d, who was not allowed to then", e.ID, e.Kind, e.By.Person)
	}
}

// personMayThen reports whether one of the versions of a person that were in force about the time of an entry allows
// it, at the entry's shop.
func personMayThen(was []personThen, e *ledger.Entry) bool {
	need, listed := personNeeds[e.Kind]
	owner, all := keyNeeds(e)
	return slices.ContainsFunc(inForceAt(was, e.At), func(p personThen) bool {
		switch {
		case p.Stopped, p.Over(ledger.DateOf(e.At.Add(-grantSlack).UTC())):
			return false
		case e.Kind == ledger.PersonChanged:
			return true
		case owner != 0:
			return p.May(all, owner, 0)
		}
		allowed := p.Allowed(e.Merchant, e.By.Shop)
		return allowed != 0 && (!listed || allowed&need != 0)
	})
}

// keyNeeds returns whose API key an entry of the host changed, and all that a person needs at that merchant for it, as
// ledger.Host.MayChangeKey has it. What is known of one that is stopped now is that it could be stopped. The merchant
// is 0 if no key was changed.
func keyNeeds(e *ledger.Entry) (owner ledger.MerchantID, all ledger.Permission) {
	if e.Kind != ledger.AgentChanged {
		return 0, 0
	}
	a, err := ledger.ParseAgent(e.Settings)
	if err != nil {
		return 0, 0 // invariant 61 says so
	}
	if a.Stopped {
		return a.Owner, ledger.MayPeople
	}
	return a.Owner, ledger.MayPeople | a.Granted()
}

// inForceAt returns the versions of a person that were in force about a time.
func inForceAt(was []personThen, at time.Time) (all []personThen) {
	for i := range was {
		over := i+1 < len(was) && was[i+1].at.Add(grantSlack).Before(at)
		if !over && !at.Add(grantSlack).Before(was[i].at) {
			all = append(all, was[i])
		}
	}
	return all
}
