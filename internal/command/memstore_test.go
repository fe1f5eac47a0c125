package command

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"tongka/internal/ledger"
)

// memStore is a store of the plainest kind: rows in maps, one map a table.
type memStore struct {
	front     int // how many lots of a card are loaded; 0 = all
	merchants map[ledger.MerchantID]ledger.Merchant
	heads     map[ledger.MerchantID]ledger.Head
	cards     map[cardRef]ledger.Card // with the lots that are not kept apart
	lots      map[lotRef]ledger.Lot   // kept apart
	entries   map[ledger.EntryKey]ledger.Entry
	requests  map[ledger.RequestKey]ledger.Request
	coupons   map[ledger.CouponKey]ledger.Coupon
	stocks    map[ledger.CouponKindKey]ledger.CouponStock
	guards    map[ledger.GuardKey]ledger.Guard
	messages  []ledger.Message
}

func newMemStore(merchants ...ledger.Merchant) *memStore {
	l := &memStore{
		merchants: map[ledger.MerchantID]ledger.Merchant{}, heads: map[ledger.MerchantID]ledger.Head{}, cards: map[cardRef]ledger.Card{},
		lots: map[lotRef]ledger.Lot{}, entries: map[ledger.EntryKey]ledger.Entry{}, requests: map[ledger.RequestKey]ledger.Request{},
		coupons: map[ledger.CouponKey]ledger.Coupon{}, stocks: map[ledger.CouponKindKey]ledger.CouponStock{}, guards: map[ledger.GuardKey]ledger.Guard{},
	}
	for _, m := range merchants {
		l.merchants[m.ID], l.heads[m.ID] = m, ledger.Head{Merchant: m.ID}
	}
	return l
}

func (l *memStore) clone() *memStore {
	return &memStore{
		front: l.front, merchants: maps.Clone(l.merchants), heads: maps.Clone(l.heads), cards: maps.Clone(l.cards),
		lots: maps.Clone(l.lots), entries: maps.Clone(l.entries), requests: maps.Clone(l.requests),
		coupons: maps.Clone(l.coupons), stocks: maps.Clone(l.stocks), guards: maps.Clone(l.guards),
		messages: slices.Clip(l.messages),
	}
}

// lotsOf are all lots of a card in the order they are taken.
func (l *memStore) lotsOf(ref cardRef) []ledger.Lot {
	if c := l.cards[ref]; !c.LotsApart {
		return c.Lots
	}
	return l.lotsApart(ref)
}

// lotsApart are the lots of a card that are rows of their own.
func (l *memStore) lotsApart(ref cardRef) []ledger.Lot {
	var lots []ledger.Lot
	for r, lot := range l.lots {
		if r.cardRef == ref {
			lots = append(lots, lot)
		}
	}
	slices.SortFunc(lots, ledger.CompareLots)
	return lots
}

// card is the card of that number with its first lots, or with all when front is 0.
func (l *memStore) card(key ledger.CardKey, front int) (ledger.Card, bool) {
	for ref, c := range l.cards {
		if c.Key() != key {
			continue
		}
		c.Lots = l.lotsOf(ref)
		if c.LotsApart && front > 0 && len(c.Lots) > front {
			c.Lots, c.MoreLots = c.Lots[:front:front], true
		}
		return c, true
	}
	return ledger.Card{}, false
}

// entriesOf are a merchant's entries in the order of their ids.
func (l *memStore) entriesOf(id ledger.MerchantID) []*ledger.Entry {
	var entries []*ledger.Entry
	for key, e := range l.entries {
		if key.Merchant == id {
			entries = append(entries, &e)
		}
	}
	slices.SortFunc(entries, func(a, b *ledger.Entry) int { return cmp.Compare(a.ID, b.ID) })
	return entries
}

func (l *memStore) load(k Keys) Records {
	var r Records
	for _, id := range k.Merchants {
		if m, ok := l.merchants[id]; ok {
			r.Merchants, r.Heads = append(r.Merchants, m), append(r.Heads, l.heads[id])
		}
	}
	for _, key := range k.Cards {
		if c, ok := l.card(key, l.front); ok {
			r.Cards = append(r.Cards, c)
		}
	}
	for _, key := range k.Whole {
		if c, ok := l.card(key, 0); ok {
			r.Cards = append(r.Cards, c)
		}
	}
	for _, key := range k.Entries {
		for _, e := range l.entriesOf(key.Merchant) {
			if e.ID == key.ID || e.Of == key.ID {
				r.Entries = append(r.Entries, *e)
			}
		}
	}
	for _, key := range k.Requests {
		if req, ok := l.requests[key]; ok {
			r.Requests = append(r.Requests, req)
		}
	}
	for _, key := range k.ExtIDs {
		if l.withExtID(key) > 0 {
			r.ExtIDs = append(r.ExtIDs, key)
		}
	}
	l.loadCoupons(k, &r)
	for _, key := range k.Guards {
		if g, ok := l.guards[key]; ok {
			r.Guards = append(r.Guards, g)
		}
	}
	return r
}

// withExtID is how many cards have the inner code.
func (l *memStore) withExtID(key ExtIDKey) (n int) {
	for _, c := range l.cards {
		if c.Merchant == key.Merchant && c.Details.ExtID == key.ExtID {
			n++
		}
	}
	return n
}

// save puts the changes in, or answers why no store would take them.
func (l *memStore) save(ch Changes) error {
	for _, h := range ch.Heads {
		if l.heads[h.Merchant].Version != h.Version {
			return ErrStale
		}
	}
	if err := l.write(ch); err != nil {
		return err
	}
	for _, h := range ch.Heads {
		h.Version++
		l.heads[h.Merchant] = h
	}
	return nil
}

// write puts the changes in as they are, whatever the versions.
func (l *memStore) write(ch Changes) error {
	for _, h := range ch.Heads {
		l.heads[h.Merchant] = h
	}
	for _, c := range ch.Cards { // before the opened: a replaced card frees its number
		old, there := l.cards[cardRef{c.Merchant, c.ID}]
		if !there {
			return fmt.Errorf("changed card %d is not there", c.ID)
		}
		i := slices.IndexFunc(ch.Holders, func(h ledger.Card) bool { return h.ID == c.ID && h.Merchant == c.Merchant })
		if i < 0 && (c.Holder != old.Holder || c.Number != old.Number || c.Details != old.Details || c.Invoiceable != old.Invoiceable || !slices.Equal(c.Forfeits, old.Forfeits) || c.Signed != old.Signed) {
			return fmt.Errorf("holder of card %d changed, and the changes do not say so", c.ID)
		}
		if i >= 0 && ch.Holders[i].Hash != c.Hash {
			return fmt.Errorf("card %d is not the same among the holders", c.ID)
		}
		l.put(c)
	}
	for _, c := range ch.Opened {
		if _, there := l.cards[cardRef{c.Merchant, c.ID}]; there {
			return fmt.Errorf("opened card %d is there already", c.ID)
		}
		if _, taken := l.card(c.Key(), 0); taken {
			return fmt.Errorf("number %s is taken", c.Number)
		}
		l.put(c)
	}
	for _, cards := range [][]ledger.Card{ch.Cards, ch.Opened} {
		for _, c := range cards {
			if code := c.Details.ExtID; code != "" && l.withExtID(ExtIDKey{c.Merchant, code}) > 1 {
				return fmt.Errorf("inner code %s is on two cards", code)
			}
		}
	}
	for _, lc := range ch.Lots {
		ref := lotRef{cardRef{lc.Merchant, lc.Card}, lc.Lot.GoodUntil, lc.Lot.ID}
		if lc.Lot.Empty() {
			delete(l.lots, ref)
			continue
		}
		l.lots[ref] = lc.Lot
	}
	for _, e := range ch.Entries {
		if _, there := l.entries[e.Key()]; there {
			return fmt.Errorf("entry %d is there already", e.ID)
		}
		l.entries[e.Key()] = e
	}
	for _, r := range ch.Requests {
		if _, there := l.requests[r.Key]; there {
			return fmt.Errorf("request %v is there already", r.Key)
		}
		l.requests[r.Key] = r
	}
	for _, g := range ch.Guards {
		l.guards[g.GuardKey] = g
	}
	l.messages = append(l.messages, ch.Messages...)
	return l.writeCoupons(ch)
}

func (l *memStore) put(c ledger.Card) {
	ref := cardRef{c.Merchant, c.ID}
	if c.LotsApart {
		c.Lots, c.MoreLots = nil, false
	}
	l.cards[ref] = c
}
