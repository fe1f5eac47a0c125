package console

import (
	"strconv"
	"strings"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// mostLots is how many lots of a card are listed with where they come from.
const mostLots = 100

// lotsOf are the lots of a card that are listed.
func (v *cardView) lotsOf() []ledger.Lot { return v.card.Lots[:min(len(v.card.Lots), mostLots)] }

// readOrigins reads the entries that made the lots and the holds of a card.
func (c *call) readOrigins(v *cardView) error {
	v.origins = map[ledger.EntryID]*ledger.Entry{}
	var keys command.Keys
	for _, l := range v.lotsOf() {
		if l.ID != 0 {
			keys.Entries = append(keys.Entries, l.ID)
		}
	}
	for _, h := range v.card.Holds {
		keys.Entries = append(keys.Entries, h.ID)
	}
	if len(keys.Entries) == 0 {
		return nil
	}
	records, err := c.cfg.Books.Load(c.r.Context(), command.Want{Merchant: c.merchant.ID, Keys: keys})
	if err != nil {
		return err
	}
	for i := range records[0].Entries { // those that refer to them are there as well
		e := &records[0].Entries[i]
		v.origins[e.ID] = e
	}
	return nil
}

// lotName returns what a lot is called: by the entry that made it.
func lotName(lot ledger.EntryID) text {
	if lot == 0 {
		return wDebt
	}
	return wLot.withText(text{numbered(lot), numbered(lot)})
}

// numbered returns the number of an entry as pages have it.
func numbered(id ledger.EntryID) string { return "#" + strconv.FormatInt(int64(id), 10) }

// split returns how much of what an entry moved is principal and how much is bonus: of bills and of refunds always, of
// others if they moved both.
func (v view) split(e *ledger.Entry) (all []part) {
	bill := e.Kind.TakesInOrder() || e.Kind == ledger.ConsumeRefunded
	if !bill && (e.Principal == 0 || e.Bonus == 0) {
		return nil
	}
	return moneyParts(e.Principal, e.Bonus)
}

// moneyParts returns principal and bonus, as far as there are any.
func moneyParts(principal, bonus ledger.Fen) (all []part) {
	if principal != 0 {
		all = append(all, part{wPrincipal, phrase.SignedYuan(principal)})
	}
	if bonus != 0 {
		all = append(all, part{wBonus, phrase.SignedYuan(bonus)})
	}
	return all
}

// fromLots returns which lots of the card an entry took from or gave back to; none if it only made its own.
func (v view) fromLots(e *ledger.Entry) (all []part) {
	for _, a := range e.Allocations {
		if a.Lot == e.ID {
			continue
		}
		var said []string
		for _, p := range moneyParts(a.Principal, a.Bonus) {
			said = append(said, v.lang.of(p.name)+" "+p.value)
		}
		if a.Bonus != 0 {
			said = append(said, v.lang.of(wBonusGood)+" "+v.until(a.GoodUntil))
		}
		all = append(all, part{lotName(a.Lot), strings.Join(said, " · ")})
	}
	return all
}
