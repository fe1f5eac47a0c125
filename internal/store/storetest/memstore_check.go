package storetest

import (
	"errors"
	"fmt"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// checkGUIDs returns ErrStale if after the changes two merchants would have one GUID.
func (s *MemStore) checkGUIDs(changes []command.Changes) error {
	to := map[ledger.MerchantID]*ledger.Merchant{}
	for i := range changes {
		if m := changes[i].Settings; m != nil {
			to[m.ID] = m
		}
		for j := range changes[i].Added {
			to[changes[i].Added[j].ID] = &changes[i].Added[j]
		}
	}
	if len(to) == 0 {
		return nil
	}
	for _, id := range s.ids() {
		if to[id] == nil {
			to[id] = &s.books[id].merchant
		}
	}
	seen := map[string]ledger.MerchantID{}
	for id, m := range to {
		for _, guid := range m.GUIDs() {
			if of, taken := seen[guid]; taken && of != id {
				return fmt.Errorf("GUID: %w", command.ErrStale)
			}
			seen[guid] = id
		}
	}
	return nil
}

// check looks, before anything of a save is stored, for what could keep these changes from being stored. GUIDs are
// left to checkGUIDs.
func (s *MemStore) check(ch *command.Changes) error {
	if ch.Head == nil {
		return errors.New("a merchant is changed without its head")
	}
	b, ok := s.books[ch.Head.Merchant]
	if !ok || b.head.Version != ch.Head.Version {
		return fmt.Errorf("head of merchant %d: %w", ch.Head.Merchant, command.ErrStale)
	}
	for _, id := range touched(ch) {
		if id != ch.Head.Merchant {
			return fmt.Errorf("merchant %d is changed with the head of %d", id, ch.Head.Merchant)
		}
	}
	if err := s.checkHost(ch); err != nil {
		return err
	}
	if err := b.checkCards(ch); err != nil {
		return err
	}
	for _, e := range ch.Entries {
		if b.entries[e.ID] != nil {
			return fmt.Errorf("entry %d: %w", e.ID, command.ErrStale)
		}
	}
	for _, q := range ch.Requests {
		if _, there := b.requests[q.Key]; there {
			return fmt.Errorf("request: %w", command.ErrStale)
		}
	}
	if err := b.checkMessages(ch); err != nil {
		return err
	}
	return b.checkCoupons(ch)
}

// checkHost returns an error if the changes to agents or the merchants to add cannot be stored.
func (s *MemStore) checkHost(ch *command.Changes) error {
	if len(ch.Agents)+len(ch.People)+len(ch.Added) > 0 && ch.Head.Merchant != ledger.HostID {
		return errors.New("what belongs to no merchant is changed with the head of one")
	}
	for i := range ch.Added {
		if s.books[ch.Added[i].ID] != nil {
			return fmt.Errorf("merchant: %w", command.ErrStale)
		}
	}
	return nil
}

// touched returns the merchants that any row of the changes belongs to, each once.
func touched(ch *command.Changes) []ledger.MerchantID {
	var ids []ledger.MerchantID
	for _, cards := range [][]ledger.Card{ch.Opened, ch.Cards, ch.Holders} {
		for i := range cards {
			ids = append(ids, cards[i].Merchant)
		}
	}
	for _, l := range ch.Lots {
		ids = append(ids, l.Merchant)
	}
	for i := range ch.Entries {
		ids = append(ids, ch.Entries[i].Merchant)
	}
	for _, q := range ch.Requests {
		ids = append(ids, q.Merchant)
	}
	for i := range ch.Coupons {
		ids = append(ids, ch.Coupons[i].Merchant)
	}
	for _, stock := range ch.Stocks {
		ids = append(ids, stock.Merchant)
	}
	for _, g := range ch.Guards {
		ids = append(ids, g.Merchant)
	}
	for i := range ch.Webhooks {
		ids = append(ids, ch.Webhooks[i].Merchant)
	}
	for _, of := range ch.Unhooked {
		ids = append(ids, of.Merchant)
	}
	for _, m := range ch.Messages {
		ids = append(ids, m.Merchant)
	}
	if ch.Settings != nil {
		ids = append(ids, ch.Settings.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// checkCards returns an error unless every card to change is there, no card to open is, and no two cards would have
// one number or one inner code.
func (b *book) checkCards(ch *command.Changes) error {
	opened := map[ledger.CardID]bool{}
	for _, cards := range [][]ledger.Card{ch.Cards, ch.Holders} {
		for i := range cards {
			if b.cards[cards[i].ID] == nil {
				return errors.New("a card to change is not there")
			}
		}
	}
	if err := b.checkNames(ch); err != nil {
		return err
	}
	for i := range ch.Opened {
		id := ch.Opened[i].ID
		if opened[id] || b.cards[id] != nil {
			return fmt.Errorf("card: %w", command.ErrStale)
		}
		opened[id] = true
	}
	for _, l := range ch.Lots {
		if b.cards[l.Card] == nil && !opened[l.Card] {
			return errors.New("a lot's card is not there")
		}
	}
	return nil
}

// checkNames returns ErrStale if two cards would have one number or one inner code. Cards whose holder changes give
// up their old ones first, so that these can pass to another card in the same save.
func (b *book) checkNames(ch *command.Changes) error {
	freed, freedCodes := map[string]bool{}, map[string]bool{}
	for i := range ch.Holders {
		old := b.cards[ch.Holders[i].ID]
		freed[old.Key().Number], freedCodes[old.Details.ExtID] = true, true
	}
	claimed, claimedCodes := map[string]bool{}, map[string]bool{}
	for _, cards := range [][]ledger.Card{ch.Holders, ch.Opened} {
		for i := range cards {
			number, code := cards[i].Key().Number, cards[i].Details.ExtID
			if claimed[number] || b.find(number) != nil && !freed[number] {
				return fmt.Errorf("card number: %w", command.ErrStale)
			}
			if claimedCodes[code] || b.extIDs[code] != 0 && !freedCodes[code] {
				return fmt.Errorf("inner code: %w", command.ErrStale)
			}
			claimed[number] = true
			claimedCodes[code] = code != ""
		}
	}
	return nil
}
