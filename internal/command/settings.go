package command

import (
	"fmt"
	"time"

	"tongka/internal/ledger"
)

// ChangeSettings sets all of a merchant's settings to To. They are stored in the journal as an entry of the merchant
// itself: who, when, and the settings from then on. So the newest such entry before another entry holds the settings
// that one was decided by.
type ChangeSettings struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	To       ledger.Merchant
	// From is the entry that made the settings the caller has seen (Head.Settings); 0 = none. If somebody has changed
	// them since, the command is refused.
	From ledger.EntryID
	Note string
}

// Keys names the GUIDs, which no other merchant may have.
func (c ChangeSettings) Keys() Keys { return Keys{GUIDs: c.To.GUIDs()} }

// Decide makes the entry, also if the licence has ended: that may be what is changed.
func (c ChangeSettings) Decide(s *State, now time.Time) (Changes, error) {
	_, head := s.at(c.Merchant)
	if c.From != head.Settings {
		return Changes{}, ledger.Refuse(ledger.SettingsMoved)
	}
	to := c.To
	if to.ID != c.Merchant {
		return Changes{}, ledger.Refuse(ledger.BadSettings, "they are another merchant's")
	}
	if err := s.mayBeSet(&to, c.By.Runs()); err != nil {
		return Changes{}, err
	}
	text, err := ledger.SettingsText(&to)
	if err != nil {
		return Changes{}, ledger.Refuse(ledger.BadSettings, err.Error())
	}
	ch, err := ownEntry(s, later(now, head.LastAt), c.Merchant, c.By, ledger.Entry{
		Kind: ledger.SettingsChanged, Settings: text, Note: c.Note,
	})
	ch.Settings = &to
	if err != nil {
		return Changes{}, err
	}
	return ch, nil
}

// mayBeSet refuses settings that no merchant may have, or that conflict with another merchant's. told says whether the
// caller may know which.
func (s *State) mayBeSet(m *ledger.Merchant, told bool) error {
	if m.Zone == nil {
		return ledger.Refuse(ledger.BadSettings, "they have no zone")
	}
	if faults := m.AllFaults(); len(faults) > 0 {
		return ledger.Refuse(ledger.BadSettings, fmt.Sprintf("%s: %s", faults[0].Field, faults[0].Text))
	}
	return s.guidsFree(m, told)
}

// guidsFree refuses a merchant a GUID of another merchant or of its shops. Whose it is is told to whoever may know.
func (s *State) guidsFree(m *ledger.Merchant, told bool) error {
	for _, guid := range m.GUIDs() {
		of := s.guids.get(guid)
		switch {
		case of.GUID == "" || of.Merchant == m.ID:
		case told:
			return ledger.Refuse(ledger.GUIDTaken, fmt.Sprintf("%s is one of merchant %d", guid, of.Merchant))
		default:
			return ledger.Refuse(ledger.GUIDTaken, guid)
		}
	}
	return nil
}
