package command

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"tongka/internal/ledger"
)

// row identifies a row of a table. Every row belongs to a merchant.
type row[K comparable] struct {
	merchant ledger.MerchantID
	key      K
}

// memStore is a store of the simplest kind: rows in maps, one map per table.
type memStore struct {
	fails     bool // saves fail
	front     int  // number of lots of a card that are loaded; 0 = all
	merchants map[ledger.MerchantID]ledger.Merchant
	heads     map[ledger.MerchantID]ledger.Head
	cards     map[row[ledger.CardID]]ledger.Card // with their lots, unless these are stored apart
	lots      map[row[lotRef]]ledger.Lot         // those stored apart
	entries   map[row[ledger.EntryID]]ledger.Entry
	requests  map[row[ledger.RequestKey]]ledger.Request
	coupons   map[row[ledger.CouponID]]ledger.Coupon
	stocks    map[row[ledger.CouponKindID]]ledger.CouponStock
	guards    map[row[ledger.GuardKey]]ledger.Guard
	webhooks  map[row[ledger.WebhookID]]ledger.Webhook
	messages  []ledger.Message
	host      ledger.Host
}

func newMemStore(merchants ...ledger.Merchant) *memStore {
	l := &memStore{
		merchants: map[ledger.MerchantID]ledger.Merchant{}, heads: map[ledger.MerchantID]ledger.Head{},
		cards: map[row[ledger.CardID]]ledger.Card{},
		lots:  map[row[lotRef]]ledger.Lot{}, entries: map[row[ledger.EntryID]]ledger.Entry{},
		requests: map[row[ledger.RequestKey]]ledger.Request{},
		coupons:  map[row[ledger.CouponID]]ledger.Coupon{}, stocks: map[row[ledger.CouponKindID]]ledger.CouponStock{},
		guards: map[row[ledger.GuardKey]]ledger.Guard{}, webhooks: map[row[ledger.WebhookID]]ledger.Webhook{},
	}
	for _, m := range merchants {
		l.merchants[m.ID], l.heads[m.ID] = m, ledger.Head{Merchant: m.ID}
		l.host.Merchants = append(l.host.Merchants, m.ID)
	}
	return l
}

func (l *memStore) clone() *memStore {
	return &memStore{
		front: l.front, merchants: maps.Clone(l.merchants), heads: maps.Clone(l.heads), cards: maps.Clone(l.cards),
		lots: maps.Clone(l.lots), entries: maps.Clone(l.entries), requests: maps.Clone(l.requests),
		coupons: maps.Clone(l.coupons), stocks: maps.Clone(l.stocks), guards: maps.Clone(l.guards),
		webhooks: maps.Clone(l.webhooks),
		messages: slices.Clip(l.messages), host: l.host,
	}
}

// lotsOf returns all lots of a card, in the order in which they are taken.
func (l *memStore) lotsOf(ref row[ledger.CardID]) []ledger.Lot {
	if c := l.cards[ref]; !c.LotsApart {
		return c.Lots
	}
	return l.lotsApart(ref)
}

// lotsApart returns the lots of a card that are rows of their own.
func (l *memStore) lotsApart(ref row[ledger.CardID]) []ledger.Lot {
	var lots []ledger.Lot
	for r, lot := range l.lots {
		if r.merchant == ref.merchant && r.key.card == ref.key {
			lots = append(lots, lot)
		}
	}
	slices.SortFunc(lots, ledger.CompareLots)
	return lots
}

// card returns the card with that number and its first lots, or all of them if front is 0.
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

// entriesOf returns a merchant's entries in the order of their ids.
func (l *memStore) entriesOf(id ledger.MerchantID) []*ledger.Entry {
	var entries []*ledger.Entry
	for key, e := range l.entries {
		if key.merchant == id {
			entries = append(entries, &e)
		}
	}
	slices.SortFunc(entries, func(a, b *ledger.Entry) int { return cmp.Compare(a.ID, b.ID) })
	return entries
}

func (l *memStore) loadCards(merchant ledger.MerchantID, k Keys, r *Records) {
	for _, number := range k.Cards {
		if c, ok := l.card(ledger.CardNamed(merchant, number), l.front); ok {
			r.Cards = append(r.Cards, c)
		}
	}
	for _, number := range k.AllLots {
		if c, ok := l.card(ledger.CardNamed(merchant, number), 0); ok {
			r.Cards = append(r.Cards, c)
		}
	}
}

func (l *memStore) load(merchant ledger.MerchantID, k Keys) Records {
	var r Records
	if m, ok := l.merchants[merchant]; ok && k.Head {
		r.Merchant, r.Head = &m, l.heads[merchant]
	}
	if merchant == ledger.HostID && k.Head {
		host := l.host
		r.Host, r.Head = &host, l.heads[ledger.HostID]
	}
	l.loadCards(merchant, k, &r)
	for _, id := range k.Entries {
		for _, e := range l.entriesOf(merchant) {
			if e.ID == id || e.RefersTo == id {
				r.Entries = append(r.Entries, *e)
			}
		}
	}
	for _, id := range k.Lapses {
		for _, e := range l.entriesOf(merchant) {
			if e.Lapse() && e.ID > id && e.Card == l.entries[row[ledger.EntryID]{merchant, id}].Card {
				r.Entries = append(r.Entries, *e)
			}
		}
	}
	for _, key := range k.Requests {
		if req, ok := l.requests[row[ledger.RequestKey]{merchant, key}]; ok {
			r.Requests = append(r.Requests, req)
		}
	}
	for _, code := range k.ExtIDs {
		if l.withExtID(merchant, code) > 0 {
			r.ExtIDs = append(r.ExtIDs, code)
		}
	}
	l.loadCoupons(merchant, k, &r)
	for _, key := range k.Guards {
		if g, ok := l.guards[row[ledger.GuardKey]{merchant, key}]; ok {
			r.Guards = append(r.Guards, g)
		}
	}
	for _, id := range k.Webhooks {
		if w, ok := l.webhooks[row[ledger.WebhookID]{merchant, id}]; ok {
			r.Webhooks = append(r.Webhooks, w)
		}
	}
	for _, m := range l.merchants {
		for _, guid := range m.GUIDs() {
			if slices.Contains(k.GUIDs, guid) {
				r.GUIDs = append(r.GUIDs, ledger.GUIDOwner{GUID: guid, Merchant: m.ID})
			}
		}
	}
	return r
}

// withExtID returns how many cards have the inner code.
func (l *memStore) withExtID(merchant ledger.MerchantID, code string) (n int) {
	for _, c := range l.cards {
		if c.Merchant == merchant && c.Details.ExtID == code {
			n++
		}
	}
	return n
}

// save stores the changes, or returns why a store must refuse them.
func (l *memStore) save(ch Changes) error {
	if h := ch.Head; l.heads[h.Merchant].Version != h.Version {
		return ErrStale
	}
	if err := l.write(ch); err != nil {
		return err
	}
	h := *ch.Head
	h.Version++
	l.heads[h.Merchant] = h
	return nil
}

// sameRare reports whether two versions of a card have the same of what only rare entries change.
func sameRare(a, b *ledger.Card) bool {
	return a.Holder == b.Holder && a.Number == b.Number && a.Details == b.Details && a.Charges == b.Charges &&
		a.Invoiceable == b.Invoiceable && slices.Equal(a.Forfeits, b.Forfeits)
}

// write stores the changes without checking versions.
func (l *memStore) write(ch Changes) error {
	l.heads[ch.Head.Merchant] = *ch.Head
	if err := l.writeCards(ch); err != nil {
		return err
	}
	if err := l.writeJournal(ch); err != nil {
		return err
	}
	for _, g := range ch.Guards {
		l.guards[row[ledger.GuardKey]{g.Merchant, g.GuardKey}] = g
	}
	for _, of := range ch.Unhooked {
		delete(l.webhooks, row[ledger.WebhookID]{of.Merchant, of.ID})
	}
	for _, w := range ch.Webhooks {
		l.webhooks[row[ledger.WebhookID]{w.Merchant, w.ID}] = w
	}
	l.messages = append(l.messages, ch.Messages...)
	l.writeSettings(ch)
	return l.writeCoupons(ch)
}

// writeCards stores the cards and their lots.
func (l *memStore) writeCards(ch Changes) error {
	for _, c := range ch.Cards { // before the opened ones: a replaced card frees its number
		old, there := l.cards[row[ledger.CardID]{c.Merchant, c.ID}]
		if !there {
			return fmt.Errorf("changed card %d is not there", c.ID)
		}
		i := slices.IndexFunc(ch.Holders, func(h ledger.Card) bool { return h.ID == c.ID && h.Merchant == c.Merchant })
		if i < 0 && !sameRare(&c, &old) {
			return fmt.Errorf("holder of card %d changed, and the changes do not say so", c.ID)
		}
		if i >= 0 && ch.Holders[i].Hash != c.Hash {
			return fmt.Errorf("card %d is not the same among the holders", c.ID)
		}
		l.put(c)
	}
	for _, c := range ch.Opened {
		if _, there := l.cards[row[ledger.CardID]{c.Merchant, c.ID}]; there {
			return fmt.Errorf("opened card %d is there already", c.ID)
		}
		if _, taken := l.card(c.Key(), 0); taken {
			return fmt.Errorf("number %s is taken", c.Number)
		}
		l.put(c)
	}
	for _, cards := range [][]ledger.Card{ch.Cards, ch.Opened} {
		for _, c := range cards {
			if code := c.Details.ExtID; code != "" && l.withExtID(c.Merchant, code) > 1 {
				return fmt.Errorf("inner code %s is on two cards", code)
			}
		}
	}
	for _, lc := range ch.Lots {
		ref := row[lotRef]{lc.Merchant, lotRef{lc.Card, lc.Lot.GoodUntil, lc.Lot.ID}}
		if lc.Lot.Empty() {
			delete(l.lots, ref)
			continue
		}
		l.lots[ref] = lc.Lot
	}
	return nil
}

// writeJournal stores entries and requests, each of which must be new.
func (l *memStore) writeJournal(ch Changes) error {
	for _, e := range ch.Entries {
		key := row[ledger.EntryID]{e.Merchant, e.ID}
		if _, there := l.entries[key]; there {
			return fmt.Errorf("entry %d is there already", e.ID)
		}
		l.entries[key] = e
	}
	for _, r := range ch.Requests {
		key := row[ledger.RequestKey]{r.Merchant, r.Key}
		if _, there := l.requests[key]; there {
			return fmt.Errorf("request %v is there already", r.Key)
		}
		if r.Layout != 0 {
			r.Answer = nil // as a store does
		}
		l.requests[key] = r
	}
	return nil
}

func (l *memStore) writeSettings(ch Changes) {
	if ch.Settings != nil {
		l.merchants[ch.Settings.ID] = *ch.Settings
	}
	people := map[ledger.PersonID]ledger.Person{}
	for _, p := range slices.Concat(l.host.People, ch.People) {
		people[p.ID] = p
	}
	l.host.People = slices.SortedFunc(maps.Values(people), func(a, b ledger.Person) int { return cmp.Compare(a.ID, b.ID) })
	agents := map[ledger.AgentID]ledger.Agent{}
	for _, a := range slices.Concat(l.host.Agents, ch.Agents) {
		agents[a.ID] = a
	}
	l.host.Agents = slices.SortedFunc(maps.Values(agents), func(a, b ledger.Agent) int { return cmp.Compare(a.ID, b.ID) })
	for _, m := range ch.Added {
		l.merchants[m.ID], l.heads[m.ID] = m, ledger.Head{Merchant: m.ID}
		l.host.Merchants = append(slices.Clip(l.host.Merchants), m.ID)
	}
	slices.Sort(l.host.Merchants)
}

func (l *memStore) put(c ledger.Card) {
	ref := row[ledger.CardID]{c.Merchant, c.ID}
	if c.LotsApart {
		c.Lots, c.MoreLots = nil, false
	}
	l.cards[ref] = c
}
