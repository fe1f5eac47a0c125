package command

import (
	"time"

	"tongka/internal/ledger"
)

// ModifyHolder changes a holder's data. A nil field is left unchanged.
type ModifyHolder struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Name     *string
	Phone    *string // "" clears it
	Gender   *int
	Birthday *ledger.Date // 0 clears it

	IfChanged bool // makes no entry if nothing differs
}

// Keys names the card.
func (m ModifyHolder) Keys() Keys { return keysOf(m.Card) }

// Decide changes the data. A card that is closed cannot be changed. It makes an entry even if nothing differs, unless
// it is to make none: tills send all of a holder's data, and the published journal counts each change (getcardhis of
// member-cjb).
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
	if m.IfChanged && *holder == c.Holder {
		return d.unchanged(c), nil
	}
	d.post(c, ledger.Entry{Kind: ledger.HolderModified, Holder: holder})
	return d.finish()
}

// modified returns the holder's data after m. It checks what is asked for before anything of the card shows.
func (d *draft) modified(m ModifyHolder) (*ledger.Holder, error) {
	holder, kind := ledger.Holder{Name: "-"}, ledger.Micro
	if known := d.s.card(ledger.FoldNumber(m.Card)); known != nil {
		holder, kind = known.Holder, known.Kind
	}
	if maskSent(m.Phone, holder.Phone) {
		return nil, ledger.Refuse(ledger.BadHolder, "phone")
	}
	set(&holder.Name, m.Name)
	set(&holder.Phone, m.Phone)
	set(&holder.Gender, m.Gender)
	set(&holder.Birthday, m.Birthday)
	holder = holder.Tidy()
	return &holder, d.holderAllowed(kind, holder)
}

// maskSent reports whether a value was sent back as it is shown masked, over another one. What other systems brought
// masked may stay.
func maskSent(sent *string, was string) bool {
	return sent != nil && *sent != was && ledger.Masked(*sent)
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

// Decide changes the level. If the card already has it, it makes no entry.
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
	return d.finish()
}
