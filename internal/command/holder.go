package command

import (
	"time"

	"tongka/internal/ledger"
)

// ModifyHolder changes a holder's data. What is nil stays as it is.
type ModifyHolder struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Name     *string
	Phone    *string // "" clears it
	Gender   *int
	Birthday *ledger.Date // 0 clears it
}

// Keys names the card.
func (m ModifyHolder) Keys() Keys { return keysOf(m.Card) }

// Decide changes the data. A card that is closed for good keeps what it has. What is sent is an entry also where it
// was so already: tills send all of a holder's data, and the published journal counts it (getcardhis of the
// member-cjb wire).
func (m ModifyHolder) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, m.Merchant, m.By)
	if err != nil {
		return Changes{}, err
	}
	holder, err := d.modified(m)
	if err != nil {
		return Changes{}, err
	}
	c, err := d.cardIn(m.Card, ledger.Active, ledger.Lost, ledger.Stopped)
	if err != nil {
		return Changes{}, err
	}
	d.post(c, ledger.Entry{Kind: ledger.HolderModified, Holder: holder})
	return d.finish(), nil
}

// modified is the holder's data after m. What is asked for is checked before the card is looked at.
func (d *draft) modified(m ModifyHolder) (*ledger.Holder, error) {
	holder, kind := ledger.Holder{Name: "-"}, ledger.Micro
	if known := d.s.card(ledger.FoldNumber(m.Card)); known != nil {
		holder, kind = known.Holder, known.Kind
	}
	set(&holder.Name, m.Name)
	set(&holder.Phone, m.Phone)
	set(&holder.Gender, m.Gender)
	set(&holder.Birthday, m.Birthday)
	holder = holder.Tidy()
	return &holder, d.holderAllowed(kind, holder)
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// ChangeLevel gives a card another level.
type ChangeLevel struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Level    ledger.LevelID
	Note     string
}

// Keys names the card.
func (l ChangeLevel) Keys() Keys { return keysOf(l.Card) }

// Decide changes the level, and makes no entry where the card has it already.
func (l ChangeLevel) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, l.Merchant, l.By)
	if err != nil {
		return Changes{}, err
	}
	if _, ok := d.m.Level(l.Level); !ok {
		return Changes{}, ledger.Refuse(ledger.UnknownLevel)
	}
	c, err := d.cardIn(l.Card, ledger.Active, ledger.Lost, ledger.Stopped)
	if err != nil {
		return Changes{}, err
	}
	if c.Level == l.Level {
		return d.unchanged(c), nil
	}
	d.post(c, ledger.Entry{Kind: ledger.LevelChanged, Level: l.Level, Note: l.Note})
	return d.finish(), nil
}
