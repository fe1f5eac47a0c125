package verify

import (
	"slices"
	"time"

	"tongka/internal/ledger"
)

// grantSlack is how far an entry may be dated from the grant it was allowed by: servers hear of a change of an agent
// within seconds, what they had begun by then goes on, and clocks differ by what is not in doubt yet.
const grantSlack = 10 * time.Minute

// needs are the permissions of which an agent must have one to make entries of a kind. A kind that is not here needs
// any: its entries come along with others, or no wire makes them.
var needs = map[ledger.Kind]ledger.Permission{
	ledger.Opened:           ledger.MayOpen,
	ledger.BalanceOpened:    ledger.MayOpen,
	ledger.Recharged:        ledger.MayRecharge | ledger.MayOpen,
	ledger.RechargeReversed: ledger.MayRefund,
	ledger.Consumed:         ledger.MayConsume,
	ledger.AmountHeld:       ledger.MayConsume, // and its release may come along with anything
	ledger.ConsumeRefunded:  ledger.MayRefund,
	ledger.AccountCharged:   ledger.MayConsume,
	ledger.ChargeRefunded:   ledger.MayConsume | ledger.MayRefund,
	ledger.Renewed:          ledger.MayConsume,
	ledger.RenewalReversed:  ledger.MayRefund,
	ledger.PointsUsed:       ledger.MayPoints,
	ledger.PointsAdjusted:   ledger.MayPoints | ledger.MayAdjust,
	ledger.ReportedLost:     ledger.MayLose | ledger.MayAdjust, // as an import does that brings lost cards
	ledger.LossCancelled:    ledger.MayCancelLoss,
	ledger.HolderModified:   ledger.MayModify | ledger.MayOpen,
	ledger.DetailsChanged:   ledger.MayModify | ledger.MayAdjust | ledger.MayOpen,
	ledger.Invoiced:         ledger.MayRecharge,
	ledger.CouponSent:       ledger.MayPoints | ledger.MayCoupons | ledger.MayOpen,
	ledger.OpeningReversed:  ledger.MayCashOut,
	ledger.DataExported:     ledger.MayExport | ledger.MayOpen, // as of people
	ledger.SettingsChanged:  ledger.MaySettings,
	ledger.WebhookChanged:   ledger.MaySettings,
}

// agentThen is an agent from a time on.
type agentThen struct {
	ledger.Agent
	at time.Time
}

// granted checks that the agent an entry names was allowed to make it about then. Before the host's journal says
// anything of an agent that is unknown, and so is a failure where times were taken back, because the order of the two
// journals is that of their times.
func (l *audit) granted(e *ledger.Entry) {
	if e.By.Agent == 0 {
		return
	}
	r := l.checks[36]
	r.Rows++
	was := l.agentsThen[e.By.Agent]
	switch {
	case mayThen(was, e):
	case len(l.agentsThen) == 0, len(was) > 0 && e.At.Before(was[0].at), l.wentBack, len(l.backs) > 0:
		r.Unknown++
	case len(was) == 0:
		r.fail("entry %d was made by agent %d, which the host has never had", e.ID, e.By.Agent)
	default:
		r.fail("entry %d, a %v, was made by agent %d, which was not allowed to then", e.ID, e.Kind, e.By.Agent)
	}
}

// mayThen reports whether one of the versions of an agent that were in force about the time of an entry allows it.
func mayThen(was []agentThen, e *ledger.Entry) bool {
	for i := range was {
		a := &was[i]
		over := i+1 < len(was) && was[i+1].at.Add(grantSlack).Before(e.At)
		if over || e.At.Add(grantSlack).Before(a.at) || a.Stopped || !a.ActsAt(e.By.Shop) {
			continue
		}
		if a.Until != 0 && ledger.DateOf(e.At.Add(-grantSlack).UTC()) > a.Until {
			continue
		}
		if slices.ContainsFunc(a.Grants, func(g ledger.Grant) bool { return grantMakes(g, e) }) {
			return true
		}
	}
	return false
}

// grantMakes reports whether an agent's grant lets it make an entry. In the host's journal it changes people and keys
// of the grant's merchant; whom it may change is told by the records themselves.
func grantMakes(g ledger.Grant, e *ledger.Entry) bool {
	if owner, all := keyNeeds(e); owner != 0 {
		return g.Merchant == owner && g.Permissions&all == all
	}
	if e.Kind == ledger.PersonChanged {
		return g.Permissions&ledger.MayPeople != 0
	}
	need, listed := needs[e.Kind]
	return g.Merchant == e.Merchant && g.Permissions != 0 && (!listed || g.Permissions&need != 0)
}
