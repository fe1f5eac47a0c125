package command

import (
	"time"

	"tongka/internal/ledger"
)

// The changes of a card's status (invariant 26): active ⇄ lost, active ⇄ stopped, active or lost → replaced, active →
// returned. Money moves on active cards only.

// ReportLost blocks a card its holder has lost.
type ReportLost struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
}

// CancelLoss cancels the loss of a card, so that it can be used again.
type CancelLoss struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
}

// Stop blocks a card at the merchant's request.
type Stop struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Note     string
}

// Resume lets a stopped card be used again.
type Resume struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Note     string
}

// Keys names the card.
func (r ReportLost) Keys() Keys { return keysOf(r.Card) }

// Keys names the card.
func (u CancelLoss) Keys() Keys { return keysOf(u.Card) }

// Keys names the card.
func (t Stop) Keys() Keys { return keysOf(t.Card) }

// Keys names the card.
func (r Resume) Keys() Keys { return keysOf(r.Card) }

// Decide blocks an active card.
func (r ReportLost) Decide(s *State, now time.Time) (Changes, error) {
	step := statusStep{from: ledger.Active, entry: ledger.Entry{Kind: ledger.ReportedLost, Status: ledger.Lost}}
	return step.decide(s, now, r.Merchant, r.By, r.Card)
}

// Decide unblocks a lost card.
func (u CancelLoss) Decide(s *State, now time.Time) (Changes, error) {
	step := statusStep{
		from: ledger.Lost, otherwise: ledger.CardNotLost,
		entry: ledger.Entry{Kind: ledger.LossCancelled, Status: ledger.Active},
	}
	return step.decide(s, now, u.Merchant, u.By, u.Card)
}

// Decide blocks an active card.
func (t Stop) Decide(s *State, now time.Time) (Changes, error) {
	step := statusStep{
		from: ledger.Active, entry: ledger.Entry{Kind: ledger.CardStopped, Status: ledger.Stopped, Note: t.Note},
	}
	return step.decide(s, now, t.Merchant, t.By, t.Card)
}

// Decide unblocks a stopped card.
func (r Resume) Decide(s *State, now time.Time) (Changes, error) {
	step := statusStep{
		from: ledger.Stopped, otherwise: ledger.CardNotStopped,
		entry: ledger.Entry{Kind: ledger.CardResumed, Status: ledger.Active, Note: r.Note},
	}
	return step.decide(s, now, r.Merchant, r.By, r.Card)
}

// statusStep is a change of status that moves nothing.
type statusStep struct {
	from      ledger.Status
	otherwise ledger.Reason // the refusal for an active card if from is not Active
	entry     ledger.Entry
}

func (t statusStep) decide(
	s *State, now time.Time, merchant ledger.MerchantID, by ledger.Caller, number string,
) (Changes, error) {
	d, err := begin(s, now, merchant, by)
	if err != nil {
		return Changes{}, err
	}
	c, err := d.card(number)
	if err != nil {
		return Changes{}, err
	}
	if c.Status != t.from && c.Status == ledger.Active {
		return Changes{}, ledger.Refuse(t.otherwise, number)
	}
	if err := inStatus(c, t.from); err != nil {
		return Changes{}, err
	}
	d.post(c, t.entry)
	return d.finish()
}
