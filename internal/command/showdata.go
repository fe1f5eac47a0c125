package command

import (
	"fmt"
	"time"

	"tongka/internal/ledger"
)

// ShowData records that a person looks at data of a card's holder that is masked otherwise. Whoever shows it waits for
// the entry: nothing is seen that is not recorded.
type ShowData struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	What     string // ledger.ShownPhone or ledger.ShownIDNumber
}

// RecordExport records that a person takes data out of the books of a merchant, or of the host, before it is sent.
type RecordExport struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	What     string // the name of the file
	Rows     int64  // below 0: it is not known before all is sent
}

// Keys names the card.
func (v ShowData) Keys() Keys { return keysOf(v.Card) }

// Decide makes the entry, on a card in any status, also if the licence has ended. It refuses if there is no such data.
func (v ShowData) Decide(s *State, now time.Time) (Changes, error) {
	_, head := s.at(v.Merchant)
	d, err := draftAt(s, later(now, head.LastAt), v.Merchant, v.By)
	if err != nil {
		return Changes{}, err
	}
	c, err := d.card(v.Card)
	if err != nil {
		return Changes{}, err
	}
	if c.Personal(v.What) == "" {
		return Changes{}, ledger.Refuse(ledger.BadDetails, v.What)
	}
	d.post(c, ledger.Entry{Kind: ledger.DataShown, Note: v.What})
	return d.finish()
}

// Keys names nothing.
func (r RecordExport) Keys() Keys { return Keys{} }

// Decide makes the entry of the merchant itself.
func (r RecordExport) Decide(s *State, now time.Time) (Changes, error) {
	_, head := s.at(r.Merchant)
	note := r.What
	if r.Rows >= 0 {
		note = fmt.Sprintf("%s × %d", r.What, r.Rows)
	}
	return ownEntry(s, later(now, head.LastAt), r.Merchant, r.By, ledger.Entry{Kind: ledger.DataExported, Note: note})
}
