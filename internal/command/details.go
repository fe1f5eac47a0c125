package command

import (
	"time"

	"tongka/internal/ledger"
)

// ModifyDetails changes facts of a card. What is nil stays as it is; a zero value clears.
type ModifyDetails struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	ExtID    *string
	Remarks  *string
	Referrer *string
	Physical *ledger.Physical
	OpenID   *string
	IDNumber *string
	Password *string
	Credit   *ledger.Fen
	NewPass  bool // ends the member codes of the phone that has the card's pass
}

// Keys names the card, and the inner code it is to get.
func (m ModifyDetails) Keys() Keys {
	k := keysOf(m.Card)
	if m.ExtID != nil {
		k.addExtID(*m.ExtID)
	}
	return k
}

// Decide changes the facts, and makes no entry where they are so already. A card that is closed for good keeps what it
// has.
func (m ModifyDetails) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, m.Merchant, m.By)
	if err != nil {
		return Changes{}, err
	}
	asked := m.on(ledger.Details{})
	if err := asked.Allowed(); err != nil { // before the card is looked at
		return Changes{}, err
	}
	c, err := d.cardIn(m.Card, ledger.Active, ledger.Lost, ledger.Stopped)
	if err != nil {
		return Changes{}, err
	}
	details := m.on(c.Details)
	if details.ExtID != c.Details.ExtID && d.extIDTaken(details.ExtID) {
		return Changes{}, ledger.Refuse(ledger.ExtIDTaken, details.ExtID)
	}
	if details == c.Details && m.Password == nil { // a new password opens what wrong ones have closed, also the same one
		return d.unchanged(c), nil
	}
	d.post(c, ledger.Entry{Kind: ledger.DetailsChanged, Details: &details})
	return d.finish(), nil
}

// on is t with what m asks for.
func (m *ModifyDetails) on(t ledger.Details) ledger.Details {
	set(&t.ExtID, m.ExtID)
	set(&t.Remarks, m.Remarks)
	set(&t.Referrer, m.Referrer)
	set(&t.Physical, m.Physical)
	set(&t.OpenID, m.OpenID)
	set(&t.IDNumber, m.IDNumber)
	set(&t.Password, m.Password)
	set(&t.Credit, m.Credit)
	if m.NewPass {
		t.Pass++
	}
	return t
}

// extIDTaken reports whether a card of the draft's merchant has the inner code.
func (d *draft) extIDTaken(code string) bool {
	return code != "" && d.s.extIDs.get(code)
}
