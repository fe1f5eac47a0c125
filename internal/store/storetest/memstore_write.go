package storetest

import (
	"cmp"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

func (s *MemStore) applyHost(ch *command.Changes) {
	for i := range ch.Agents {
		s.agents[ch.Agents[i].ID] = cloneAgent(ch.Agents[i])
		s.settings++
	}
	for i := range ch.People {
		s.people[ch.People[i].ID] = clonePerson(ch.People[i])
		s.settings++
	}
	for i := range ch.Added {
		b := newBook(ch.Added[i].ID)
		b.merchant = cloneMerchant(ch.Added[i])
		s.books[ch.Added[i].ID] = b
		s.settings++
	}
}

func (b *book) apply(ch *command.Changes) {
	b.head = *ch.Head
	b.head.Version++
	for i := range ch.Cards {
		b.updateCard(&ch.Cards[i])
	}
	for i := range ch.Holders {
		b.freeNames(&ch.Holders[i])
	}
	for i := range ch.Holders {
		b.updateHolder(&ch.Holders[i])
	}
	for i := range ch.Opened {
		b.addCard(&ch.Opened[i])
	}
	for _, l := range ch.Lots {
		b.cards[l.Card].Lots = putLot(b.cards[l.Card].Lots, l.Lot)
	}
	for i := range ch.Entries {
		b.addEntry(&ch.Entries[i])
	}
	for _, q := range ch.Requests {
		b.requests[q.Key] = cloneRequest(q)
	}
	for i := range ch.Coupons {
		b.putCoupon(ch.Coupons[i])
	}
	for _, stock := range ch.Stocks {
		b.stocks[stock.Kind] = stock
	}
	b.putGuards(ch)
	b.hooks.forget(ch.Unhooked)
	b.hooks.put(ch.Webhooks)
	if ch.Settings != nil {
		b.merchant = cloneMerchant(*ch.Settings)
	}
}

// updateCard stores what entries change of a card, and leaves its number, holder and details as they are. Lots in
// rows of their own are stored one by one in apply.
func (b *book) updateCard(c *ledger.Card) {
	old := b.cards[c.ID]
	now := cloneCard(c)
	if now.LotsApart {
		now.Lots, now.MoreLots = old.Lots, false
	}
	now.Number, now.Kind, now.Holder, now.Details = old.Number, old.Kind, old.Holder, old.Details
	now.Invoiceable, now.Charges, now.Holds = old.Invoiceable, old.Charges, old.Holds
	b.cards[c.ID] = &now
}

func (b *book) freeNames(c *ledger.Card) {
	old := b.cards[c.ID]
	delete(b.numbers, old.Key().Number)
	delete(b.extIDs, old.Details.ExtID)
}

func (b *book) updateHolder(c *ledger.Card) {
	old := b.cards[c.ID]
	old.Number, old.Holder, old.Details = c.Number, c.Holder, c.Details
	old.Invoiceable, old.Charges, old.Holds = c.Invoiceable, c.Charges, slices.Clone(c.Holds)
	b.addNames(old)
}

// addNames lets the card be found by its number and its inner code.
func (b *book) addNames(c *ledger.Card) {
	b.numbers[c.Key().Number] = c.ID
	if c.Details.ExtID != "" {
		b.extIDs[c.Details.ExtID] = c.ID
	}
}

func (b *book) addCard(c *ledger.Card) {
	added := cloneCard(c)
	if added.LotsApart {
		added.Lots, added.MoreLots = nil, false
	}
	b.cards[c.ID] = &added
	b.addNames(&added)
}

func (b *book) addEntry(e *ledger.Entry) {
	added := cloneEntry(e)
	b.entries[e.ID] = &added
	b.journal = append(b.journal, &added)
	b.ofCard[e.Card] = append(b.ofCard[e.Card], &added)
	if e.RefersTo != 0 {
		b.undoing[e.RefersTo] = append(b.undoing[e.RefersTo], &added)
	}
}

// putLot returns the lots, in order, with one of them added or replaced. An empty lot is removed.
func putLot(lots []ledger.Lot, lot ledger.Lot) []ledger.Lot {
	i, found := slices.BinarySearchFunc(lots, lot, func(a, b ledger.Lot) int {
		return cmp.Or(cmp.Compare(a.GoodUntil, b.GoodUntil), cmp.Compare(a.ID, b.ID))
	})
	empty := lot.Principal == 0 && lot.Bonus == 0
	switch {
	case found && empty:
		return slices.Delete(lots, i, i+1)
	case found:
		lots[i] = lot
	case !empty:
		return slices.Insert(lots, i, lot)
	}
	return lots
}
