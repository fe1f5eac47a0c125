package command

import (
	"time"

	"tongka/internal/ledger"
)

// ModifyDetails changes details of a card. A nil field is left unchanged; a zero value clears.
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

// Keys names the card and its new inner code.
func (m ModifyDetails) Keys() Keys {
	k := keysOf(m.Card)
	if m.ExtID != nil {
		k.addExtID(*m.ExtID)
	}
	return k
}

// Decide changes the details. If they already are as asked for, it makes no entry. A card that is closed cannot be
// changed.
func (m ModifyDetails) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, m.Merchant, m.By)
	if err != nil {
		return Changes{}, err
	}
	asked := m.on(ledger.Details{})
	if err := asked.Allowed(); err != nil { // before anything of the card shows
		return Changes{}, err
	}
	c, err := d.cardIn(m.Card, ledger.Active, ledger.Lost, ledger.Stopped)
	if err != nil {
		return Changes{}, err
	}
	if maskSent(m.IDNumber, c.Details.IDNumber) {
		return Changes{}, ledger.Refuse(ledger.BadDetails, "idnumber")
	}
	details := m.on(c.Details)
	if details.ExtID != c.Details.ExtID && d.extIDTaken(details.ExtID) {
		return Changes{}, ledger.Refuse(ledger.ExtIDTaken, details.ExtID)
	}
	if details == c.Details && m.Password == nil { // a new password, even the same one, unlocks the card
		return d.unchanged(c), nil
	}
	d.post(c, ledger.Entry{Kind: ledger.DetailsChanged, Details: &details})
	return d.finish()
}

// on returns t with the changes that m asks for.
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

// extIDTaken reports whether a card of the merchant has the inner code.
func (d *draft) extIDTaken(code string) bool {
	return code != "" && d.s.extIDs.get(code)
}
