package command

import (
	"cmp"

	"tongka/internal/ledger"
)

// pending is what was decided and is not saved yet, except the changes that the tables of a State keep.
type pending struct {
	head     bool // the head changes
	opened   map[ledger.CardID]*ledger.Card
	cards    map[ledger.CardID]*ledger.Card
	holders  map[ledger.CardID]*ledger.Card
	freed    map[string]bool // numbers that no card has any more, or again a card that is opened
	lots     map[lotRef]LotChange
	entries  []ledger.Entry
	requests []ledger.Request
	messages []ledger.Message
	unhooked []ledger.WebhookKey
	settings *ledger.Merchant
	agents   map[ledger.AgentID]*ledger.Agent
	people   map[ledger.PersonID]*ledger.Person
	added    []ledger.Merchant
}

type lotRef struct {
	card      ledger.CardID
	goodUntil ledger.Date
	lot       ledger.EntryID
}

func newPending() pending {
	return pending{
		opened:  map[ledger.CardID]*ledger.Card{},
		cards:   map[ledger.CardID]*ledger.Card{},
		holders: map[ledger.CardID]*ledger.Card{},
		freed:   map[string]bool{},
		lots:    map[lotRef]LotChange{},
	}
}

// changes reports whether a card is opened or changed by what was decided.
func (p *pending) changes(id ledger.CardID) bool { return p.opened[id] != nil || p.cards[id] != nil }

// Rows are saved in a fixed order, so that all writers lock them in the same order and do not deadlock.

func compareCards(a, b *ledger.Card) int { return cmp.Compare(a.ID, b.ID) }

func compareLots(a, b LotChange) int {
	return cmp.Or(cmp.Compare(a.Card, b.Card), cmp.Compare(a.Lot.GoodUntil, b.Lot.GoodUntil),
		cmp.Compare(a.Lot.ID, b.Lot.ID))
}
