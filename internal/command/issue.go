package command

import (
	"time"

	"tongka/internal/ledger"
)

// MaxIssue is how many cards may be issued at once (mb_newcard of dc78).
const MaxIssue = 500

// Issue opens 1 to MaxIssue cards, all of them or none: unlike in an Import, the first row that is refused refuses
// them all.
type Issue struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Cards    []NewCard
	// Weak says of each card whether its password is among those that are guessed first, so that it is refused unless
	// the merchant allows such passwords. nil = no card's is.
	Weak []bool
}

// Keys names the numbers and the inner codes.
func (i Issue) Keys() Keys { return keysOfNew(i.Cards) }

// Decide opens the cards. A refusal about one of them is a RowRefusal.
func (i Issue) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, i.Merchant, i.By)
	if err != nil {
		return Changes{}, err
	}
	if len(i.Cards) < 1 || len(i.Cards) > MaxIssue {
		return Changes{}, ledger.Refuse(ledger.BadCount)
	}
	o := newOpening(d, len(i.Cards))
	for n, c := range i.Cards {
		if i.Weak != nil && i.Weak[n] && !d.m.Settings.WeakPasswords {
			return Changes{}, ofRow(n, ledger.Refuse(ledger.PasswordWeak))
		}
		if err := ofRow(n, o.open(c)); err != nil {
			return Changes{}, err
		}
	}
	return d.finish()
}
