package command

import (
	"time"

	"tongka/internal/ledger"
)

// TurnDown uses up the name under which something that was proposed would be carried out, so that it never is. It is
// given in a Once under that name, and does nothing else: of two people of whom one confirms and the other turns down
// at the same moment, the journal's order decides, as between any two requests.
type TurnDown struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
}

// Keys names nothing.
func (t TurnDown) Keys() Keys { return Keys{} }

func (t TurnDown) mayMakeNoEntry() bool { return true }

// Decide makes no entry. It is done also if the licence or the shop has ended.
func (t TurnDown) Decide(s *State, now time.Time) (Changes, error) {
	_, head := s.at(t.Merchant)
	d, err := draftAt(s, later(now, head.LastAt), t.Merchant, t.By)
	if err != nil {
		return Changes{}, err
	}
	return d.changes(), nil
}
