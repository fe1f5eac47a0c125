package console

import (
	"strings"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// momentForm is how browsers send a time that was typed, of the merchant's clocks.
const momentForm = "2006-01-02T15:04"

// hold holds an amount. Left empty, its end is filled in with the usual one when it is shown, as that is what is agreed
// to: it would be another a minute later.
func (a *asked) hold() command.Command {
	h := command.Hold{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Amount: a.someMoney(), Until: a.moment("until"),
		Proof: a.proof(), Note: a.value("note"),
	}
	if h.Until.IsZero() && len(a.faults) == 0 && a.form.Get("sure") == "" {
		if usual := a.usualEnd(h); !usual.IsZero() {
			a.form.Set("until", usual.In(a.merchant.Zone).Format(momentForm))
			h.Until = a.moment("until")
		}
	}
	return h
}

// usualEnd returns until when an amount would be held that is to be held as long as is usual; the zero time if it
// cannot be held, of which whoever shows what would happen is told why.
func (a *asked) usualEnd(h command.Hold) (end time.Time) {
	ch, err := a.decide(h)
	if err != nil {
		return end
	}
	for i := range ch.Entries {
		if e := &ch.Entries[i]; e.Kind == ledger.AmountHeld {
			end = e.HeldUntil
		}
	}
	return end
}

// moment reads a time of the merchant's clocks, to the minute; the zero time if the field is empty.
func (a *asked) moment(name string) (at time.Time) {
	typed := strings.Replace(a.value(name), " ", "T", 1)
	if typed == "" {
		return at
	}
	at, err := time.ParseInLocation(momentForm, typed, a.merchant.Zone)
	if err != nil {
		a.bad(name, wNoMoment)
	}
	return at
}

func (a *asked) captureHold() command.Command {
	return command.Capture{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Hold: ledger.EntryID(a.id("entry")),
		Amount: a.moneyOrAll(), KeepRest: a.value("keep") == chosenYes, Note: a.value("note"),
	}
}

func (a *asked) releaseHold() command.Command {
	return command.ReleaseHold{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Hold: ledger.EntryID(a.id("entry")), Note: a.value("note"),
	}
}
