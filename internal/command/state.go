package command

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"tongka/internal/ledger"
)

// State is what a lane knows of one merchant: the records its commands may read, and what the current batch has
// decided on top of them. It must not be used by several goroutines at once. Reading a record that was never loaded
// panics, because the command should have named it in its Keys.
type State struct {
	Writer int64 // for every entry: see Entry.Writer
	asked  int64 // for entries of the current command: see Entry.Asked

	id       ledger.MerchantID
	loaded   bool             // the merchant was loaded, so the next three fields are valid
	merchant *ledger.Merchant // nil = there is none; the host has an empty one
	host     *ledger.Host     // nil except in the host's State
	head     ledger.Head

	cards   map[string]*ledger.Card // cards in use; nil = no card has the number
	atHand  []string                // their numbers, in the order they came into use
	shelf   *Shelf                  // other known cards, as they are in the store
	owner   int64                   // this State's owner id on the shelf
	packing ledger.Packing

	assumedNew table[ledger.RequestKey, struct{}] // requests assumed to be new until the next save
	known                                         // all other records, until Forget

	pending pending
	room    int // capacity for entries, somewhat more than were pending last time
}

// known are the tables of a State that Forget empties.
type known struct {
	entries  table[ledger.EntryID, *ledger.Entry]
	undone   table[ledger.EntryID, []*ledger.Entry] // by the entry that they refer to
	lapses   table[ledger.EntryID, []*ledger.Entry] // by an entry that gave points: see Keys.Lapses
	requests table[ledger.RequestKey, *ledger.Request]
	extIDs   table[string, bool] // whether a card has the inner code

	coupons       table[ledger.CouponID, *ledger.Coupon]
	ofCard        table[ledger.CardID, []ledger.CouponID] // ids of the known coupons of a card, each once
	wallets       table[string, struct{}]                 // cards whose unused coupons are all known
	sized         table[string, struct{}]                 // cards whose number of unused coupons is known
	sizes         table[ledger.CardID, int]               // that number; absent if there is no such card
	stocks        table[ledger.CouponKindID, ledger.CouponStock]
	couponNumbers table[string, bool] // whether a coupon has the number

	guards   table[ledger.GuardKey, *ledger.Guard]
	webhooks table[ledger.WebhookID, *ledger.Webhook]
	guids    table[string, ledger.GUIDOwner] // whose it is; an owner without GUID = nobody's

	tables []anyTable // all of them
}

// anyTable is a table of any kind of record.
type anyTable interface {
	size() int
	sent()
	forget()
	forgetSaved()
}

// nameTables names the tables, for panics, and lists them.
func (k *known) nameTables() {
	k.entries.what, k.undone.what, k.lapses.what = "entry", "entry undone by others", "lapse"
	k.requests.what, k.extIDs.what = "request", "inner code"
	k.coupons.what, k.ofCard.what, k.couponNumbers.what = "coupon", "card of coupons", "coupon number"
	k.wallets.what, k.sized.what, k.sizes.what = "wallet", "wallet of known size", "size of a wallet"
	k.stocks.what, k.guards.what, k.webhooks.what, k.guids.what = "kind of coupon", "guard", "webhook", "GUID"
	k.tables = []anyTable{
		&k.entries, &k.undone, &k.lapses, &k.requests, &k.extIDs, &k.coupons, &k.ofCard, &k.wallets, &k.sized, &k.sizes,
		&k.stocks, &k.couponNumbers, &k.guards, &k.webhooks, &k.guids,
	}
}

func (k *known) forget() {
	for _, t := range k.tables {
		t.forget()
	}
}

// NewState returns an empty State of a merchant, with a shelf of its own.
func NewState(merchant ledger.MerchantID) *State { return NewShelf(keepAll).State(merchant) }

// keepAll is the size of a shelf that never drops a card.
const keepAll = 1<<31 - 1

// State returns an empty State of a merchant that puts its cards on the shelf.
func (s *Shelf) State(merchant ledger.MerchantID) *State {
	s.owners++
	state := &State{id: merchant, shelf: s, owner: s.owners, cards: map[string]*ledger.Card{}, pending: newPending()}
	state.assumedNew.what = "request assumed to be new"
	state.nameTables()
	return state
}

// Merchant returns the merchant; nil if there is none or it was not loaded.
func (s *State) Merchant() *ledger.Merchant { return s.merchant }

// Head returns the merchant's counters.
func (s *State) Head() ledger.Head { return s.head }

// Missing returns the keys of k that are not known, each once, and Head if the merchant is not.
func (s *State) Missing(k Keys) Keys {
	m := Keys{
		Head:          !s.loaded,
		Cards:         without(k.Cards, s.knows),
		Entries:       s.entries.missing(k.Entries),
		Lapses:        s.lapses.missing(k.Lapses),
		Requests:      s.requests.missing(k.Requests),
		ExtIDs:        s.extIDs.missing(k.ExtIDs),
		Coupons:       s.coupons.missing(k.Coupons),
		Wallets:       s.wallets.missing(k.Wallets),
		WalletSizes:   s.sized.missing(k.WalletSizes),
		CouponKinds:   s.stocks.missing(k.CouponKinds),
		CouponNumbers: s.couponNumbers.missing(k.CouponNumbers),
		Guards:        s.guards.missing(k.Guards),
		Webhooks:      s.webhooks.missing(k.Webhooks),
		GUIDs:         s.guids.missing(k.GUIDs),
	}
	m.AllLots = without(k.AllLots, func(number string) bool {
		c, ok := s.knownCard(number)
		return ok && (c == nil || !c.MoreLots)
	})
	if len(m.AllLots) > 0 {
		m.Cards = slices.DeleteFunc(m.Cards, func(number string) bool { return slices.Contains(m.AllLots, number) })
	}
	return m
}

// Learn adds what a store found for the keys. It panics if changes of the same records are pending, which would be
// lost.
func (s *State) Learn(k Keys, r Records) {
	if k.Head {
		if s.pending.head {
			panic("the merchant was loaded while a change of it is pending")
		}
		s.loaded, s.merchant, s.head, s.host = true, r.Merchant, r.Head, r.Host
		if s.host != nil {
			s.merchant = &ledger.Merchant{ID: ledger.HostID, Zone: time.UTC}
		}
	}
	for _, numbers := range [][]string{k.Cards, k.AllLots} {
		for _, number := range numbers {
			if s.changes(number) {
				panic("card was loaded while a change of it is pending")
			}
			s.setCard(number, nil)
		}
	}
	for i := range r.Cards {
		s.setCard(r.Cards[i].Key().Number, &r.Cards[i])
	}
	s.entries.asked(k.Entries)
	s.undone.asked(k.Entries)
	s.lapses.asked(k.Lapses)
	for i := range r.Entries {
		s.addEntry(&r.Entries[i])
	}
	for i := range r.Entries { // when the entries that gave the points are known
		s.addLapse(&r.Entries[i])
	}
	s.requests.asked(k.Requests)
	for i := range r.Requests {
		s.requests.learn(r.Requests[i].Key, &r.Requests[i])
	}
	s.extIDs.asked(k.ExtIDs)
	for _, code := range r.ExtIDs {
		s.extIDs.learn(code, true)
	}
	s.learnCoupons(k, r)
	s.guards.asked(k.Guards)
	for i := range r.Guards {
		s.guards.learn(r.Guards[i].GuardKey, &r.Guards[i])
	}
	s.webhooks.asked(k.Webhooks)
	for i := range r.Webhooks {
		s.webhooks.learn(r.Webhooks[i].ID, &r.Webhooks[i])
	}
	s.guids.asked(k.GUIDs)
	for _, one := range r.GUIDs {
		s.guids.learn(one.GUID, one)
	}
}

// addEntry makes an entry known if it was named or is of card 0, where only the head names it, and indexes it under
// the entry it refers to if that was named.
func (s *State) addEntry(e *ledger.Entry) {
	if s.entries.knows(e.ID) || e.Card == 0 {
		s.entries.learn(e.ID, e)
	}
	if e.RefersTo == 0 || !s.entries.knows(e.RefersTo) {
		return
	}
	known := s.undone.records[e.RefersTo]
	// It is found once for each of the two if both were named.
	if !slices.ContainsFunc(known, func(u *ledger.Entry) bool { return u.ID == e.ID }) {
		s.undone.learn(e.RefersTo, append(known, e))
	}
}

// addLapse indexes an entry by which points expired, or came back after that, under the known entries before it on its
// card that may have given them.
func (s *State) addLapse(e *ledger.Entry) {
	if !e.Lapse() {
		return
	}
	for id, known := range s.lapses.records {
		gave := s.entries.records[id]
		if gave == nil || gave.Card != e.Card || e.ID < id ||
			slices.ContainsFunc(known, func(l *ledger.Entry) bool { return l.ID == e.ID }) {
			continue
		}
		s.lapses.learn(id, append(known, e))
	}
}

// at returns the merchant and its counters, for a command that is carried out there.
func (s *State) at(merchant ledger.MerchantID) (*ledger.Merchant, ledger.Head) {
	if s.merchant == nil || merchant != s.id {
		panic(fmt.Sprintf("merchant %d does not exist, or what is known is of another: %d", merchant, s.id))
	}
	return s.merchant, s.head
}

// card returns a known card, nil if there is none. The caller must not change it. number must be folded.
func (s *State) card(number string) *ledger.Card {
	c, ok := s.knownCard(number)
	if !ok {
		panic("card was not named in Keys")
	}
	return c
}

// knows reports whether it is known which card, if any, has the number.
func (s *State) knows(number string) bool {
	_, ok := s.cards[number]
	return ok || s.shelf.has(shelfKey{s.owner, number})
}

// knownCard returns a card if it is known, nil if it is known that there is none. A card on the shelf comes into use.
func (s *State) knownCard(number string) (c *ledger.Card, ok bool) {
	if c, ok = s.cards[number]; ok {
		return c, true
	}
	p, ok := s.shelf.take(shelfKey{s.owner, number})
	if ok {
		c = p.Unpacked()
		s.setCard(number, c)
	}
	return c, ok
}

// setCard puts a card into use, or replaces it.
func (s *State) setCard(number string, c *ledger.Card) {
	if _, there := s.cards[number]; !there {
		s.shelf.take(shelfKey{s.owner, number})
		s.atHand = append(s.atHand, number)
	}
	s.cards[number] = c
}

// AssumeNew assumes until the next save that a request is new, without asking the store. If it is not, the save is
// refused. Decisions that save nothing must not rest on the assumption: see Once.
func (s *State) AssumeNew(key ledger.RequestKey) { s.assumedNew.learn(key, struct{}{}) }

// request returns a known request, nil if there is none or that is only assumed.
func (s *State) request(key ledger.RequestKey) (first *ledger.Request, assumed bool) {
	if !s.requests.knows(key) && s.assumedNew.knows(key) {
		return nil, true
	}
	return s.requests.get(key), false
}

// Apply adds what a command decided, for the later commands of the batch.
func (s *State) Apply(ch Changes) {
	if ch.Head != nil {
		s.head, s.pending.head = *ch.Head, true
	}
	for _, number := range ch.Freed {
		if old, _ := s.knownCard(number); old != nil {
			s.extIDs.update(old.Details.ExtID, false)
		}
		s.setCard(number, nil)
		s.pending.freed[number] = true
	}
	for i := range ch.Holders { // first, while the old card is still known
		c := &ch.Holders[i]
		if old, _ := s.knownCard(c.Key().Number); old != nil && old.ID == c.ID {
			s.extIDs.update(old.Details.ExtID, false)
		}
		s.extIDs.update(c.Details.ExtID, true)
		s.changeCard(c, true)
	}
	for i := range ch.Cards {
		s.changeCard(&ch.Cards[i], false)
	}
	for i := range ch.Opened {
		c := &ch.Opened[i]
		s.extIDs.update(c.Details.ExtID, true)
		s.setCard(c.Key().Number, c)
		s.pending.opened[c.ID] = c
	}
	for _, l := range ch.Lots {
		s.pending.lots[lotRef{l.Card, l.Lot.GoodUntil, l.Lot.ID}] = l
	}
	s.applyEntries(ch.Entries)
	for i := range ch.Requests {
		s.requests.learn(ch.Requests[i].Key, &ch.Requests[i])
	}
	s.pending.requests = append(s.pending.requests, ch.Requests...)
	s.applyCoupons(ch)
	for i := range ch.Guards {
		s.guards.change(ch.Guards[i].GuardKey, &ch.Guards[i])
	}
	s.applyWebhooks(ch)
	s.pending.messages = append(s.pending.messages, ch.Messages...)
	s.applyHost(ch)
	if ch.Settings != nil {
		for _, guid := range s.merchant.GUIDs() {
			s.guids.update(guid, ledger.GUIDOwner{})
		}
		s.claimGUIDs(ch.Settings)
		s.merchant, s.pending.settings = ch.Settings, ch.Settings
	}
}

func (s *State) applyWebhooks(ch Changes) {
	for _, of := range ch.Unhooked {
		s.webhooks.change(of.ID, &ledger.Webhook{Merchant: of.Merchant, ID: of.ID, Removed: true})
	}
	s.pending.unhooked = append(s.pending.unhooked, ch.Unhooked...)
	for i := range ch.Webhooks {
		s.webhooks.change(ch.Webhooks[i].ID, &ch.Webhooks[i])
	}
}

// claimGUIDs records a merchant as the owner of its GUIDs.
func (s *State) claimGUIDs(m *ledger.Merchant) {
	for _, guid := range m.GUIDs() {
		s.guids.update(guid, ledger.GUIDOwner{GUID: guid, Merchant: m.ID})
	}
}

// applyHost applies what a command of the host has decided. It replaces what was known by changed copies, because
// others may still be reading that.
func (s *State) applyHost(ch Changes) {
	if len(ch.Agents)+len(ch.People)+len(ch.Added) == 0 {
		return
	}
	host := ledger.Host{
		Agents: slices.Clone(s.host.Agents), People: slices.Clone(s.host.People), Merchants: slices.Clone(s.host.Merchants),
	}
	for _, a := range ch.Agents {
		host.Agents = placed(host.Agents, a, func(a *ledger.Agent) int64 { return int64(a.ID) })
		note(&s.pending.agents, a.ID, a)
	}
	for _, p := range ch.People {
		host.People = placed(host.People, p, func(p *ledger.Person) int64 { return int64(p.ID) })
		note(&s.pending.people, p.ID, p)
	}
	for i := range ch.Added {
		at, _ := slices.BinarySearch(host.Merchants, ch.Added[i].ID)
		host.Merchants = slices.Insert(host.Merchants, at, ch.Added[i].ID)
		s.claimGUIDs(&ch.Added[i])
	}
	s.pending.added = append(s.pending.added, ch.Added...)
	s.host = &host
}

// placed returns the records, which are in the order of their ids, with one of them added or replaced.
func placed[T any](all []T, one T, id func(*T) int64) []T {
	byID := func(other T, want int64) int { return cmp.Compare(id(&other), want) }
	i, there := slices.BinarySearchFunc(all, id(&one), byID)
	if there {
		all[i] = one
		return all
	}
	return slices.Insert(all, i, one)
}

// note adds a record to those to be saved. Few commands change such records, so the map is made by the first.
func note[ID comparable, T any](to *map[ID]*T, id ID, one T) {
	if *to == nil {
		*to = map[ID]*T{}
	}
	(*to)[id] = &one
}

func (s *State) applyEntries(entries []ledger.Entry) {
	for i := range entries {
		s.addEntry(&entries[i])
		s.addLapse(&entries[i])
	}
	switch {
	case s.pending.entries != nil:
		if have := len(s.pending.entries); have+len(entries) > cap(s.pending.entries) {
			// append grows what is large by a quarter, so that each entry of many large commands would be copied five times.
			s.pending.entries = slices.Grow(s.pending.entries, max(have, len(entries)))
		}
		s.pending.entries = append(s.pending.entries, entries...)
	case len(entries) >= s.room: // large imports are a batch by themselves
		s.pending.entries = slices.Clip(entries)
	default:
		s.pending.entries = append(make([]ledger.Entry, 0, s.room), entries...)
	}
}

func (s *State) changeCard(c *ledger.Card, holder bool) {
	s.setCard(c.Key().Number, c)
	if s.pending.opened[c.ID] != nil {
		s.pending.opened[c.ID] = c
		return
	}
	s.pending.cards[c.ID] = c
	if holder || s.pending.holders[c.ID] != nil {
		s.pending.holders[c.ID] = c
	}
}

// Moved reports whether anything was decided since Sent.
func (s *State) Moved() bool { return s.pending.head }

// Pending returns the changes of all commands applied since Sent, as one.
func (s *State) Pending() Changes {
	ch := Changes{
		Opened:   valuesOf(inOrder(s.pending.opened, compareCards)),
		Cards:    valuesOf(inOrder(s.pending.cards, compareCards)),
		Holders:  valuesOf(inOrder(s.pending.holders, compareCards)),
		Lots:     inOrder(s.pending.lots, compareLots),
		Entries:  s.pending.entries,
		Requests: s.pending.requests,
		Coupons:  valuesOf(s.coupons.pending(func(a, b *ledger.Coupon) int { return cmp.Compare(a.ID, b.ID) })),
		Stocks:   s.stocks.pending(func(a, b ledger.CouponStock) int { return cmp.Compare(a.Kind, b.Kind) }),
		Guards: valuesOf(s.guards.pending(func(a, b *ledger.Guard) int {
			return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Subject, b.Subject))
		})),
		Webhooks: valuesOf(slices.DeleteFunc(
			s.webhooks.pending(func(a, b *ledger.Webhook) int { return cmp.Compare(a.ID, b.ID) }),
			func(w *ledger.Webhook) bool { return w.Removed })),
		Unhooked: s.pending.unhooked,
		Messages: s.pending.messages,
		Settings: s.pending.settings,
		Agents:   valuesOf(inOrder(s.pending.agents, func(a, b *ledger.Agent) int { return cmp.Compare(a.ID, b.ID) })),
		People:   valuesOf(inOrder(s.pending.people, func(a, b *ledger.Person) int { return cmp.Compare(a.ID, b.ID) })),
		Added:    s.pending.added,
	}
	if s.pending.head {
		head := s.head
		ch.Head = &head
	}
	return ch
}

// Saved notes that what was pending is in the store, and forgets records that are no longer needed.
func (s *State) Saved() {
	s.Sent()
	s.Arrived()
	s.Forget()
}

// Sent notes that what was pending is on its way to the store; what is decided from now on rests on it. Cards
// keep their front lots only.
func (s *State) Sent() {
	if s.pending.head {
		s.head.Version++
	}
	for _, cards := range []map[ledger.CardID]*ledger.Card{s.pending.opened, s.pending.cards} {
		for _, c := range cards {
			if front := c.Trimmed(); front != c {
				*c = *front
			}
		}
	}
	s.room = min(len(s.pending.entries)*5/4, mostRoom)
	s.pending = newPending()
	s.assumedNew.forget()
	for _, t := range s.tables {
		t.sent()
	}
}

// Arrived notes that what was sent is in the store. Cards go to the shelf, except those changed again since: the
// shelf might drop them, and the store does not have their new state yet.
func (s *State) Arrived() {
	kept := s.atHand[:0]
	for _, number := range s.atHand {
		c := s.cards[number]
		if s.pending.freed[number] || c != nil && s.pending.changes(c.ID) {
			kept = append(kept, number)
			continue
		}
		p := s.packing.Pack(c)
		delete(s.cards, number)
		if c != nil {
			number = ledger.FoldNumber(p.Number()) // usually shares the packed card's memory, so that the key needs none
		}
		s.shelf.put(shelfKey{s.owner, number}, p)
	}
	clear(s.atHand[len(kept):])
	s.atHand = kept
}

// mostRoom bounds the capacity that is allocated for entries in advance: as many as a commit of large commands has.
const mostRoom = 1 << 16

// Forget drops entries, requests, inner codes, coupons and guards; commands load them again. Cards and the merchant
// stay known. It panics if anything is pending, and must not be called while a save is under way: until that arrives,
// the store has the old records.
func (s *State) Forget() {
	if s.Moved() {
		panic("records were to be forgotten while changes are pending")
	}
	s.forget()
}

// ForgetSaved is Forget while changes are pending: the records that these changed stay known. Of entries and of the
// sizes of wallets that is not so. A command that names them must not be decided before the changes are saved.
func (s *State) ForgetSaved() {
	for _, t := range s.tables {
		t.forgetSaved()
	}
	for i := range s.pending.requests {
		s.requests.learn(s.pending.requests[i].Key, &s.pending.requests[i])
	}
}

// Abandon drops what was decided and did not reach the store, and everything that may rest on it. Cards on the shelf
// stay known: they are right if the merchant's head, which must be loaded again, has not changed.
func (s *State) Abandon() {
	s.forget()
	s.assumedNew.forget()
	clear(s.cards)
	s.atHand = s.atHand[:0]
	s.pending = newPending()
	s.loaded, s.merchant, s.head, s.host = false, nil, ledger.Head{}, nil
}

// Reset drops everything.
func (s *State) Reset() {
	s.Abandon()
	s.shelf.owners++
	s.owner = s.shelf.owners
}

// Evict drops cards. It panics if changes of them are pending, which would be lost.
func (s *State) Evict(numbers ...string) {
	if slices.ContainsFunc(numbers, s.changes) {
		panic("card was to be dropped while a change of it is pending")
	}
	s.evict(numbers)
}

// Release drops cards that are not needed again soon and would take the place of others on the shelf. It keeps those
// with changes that are not saved yet.
func (s *State) Release(numbers ...string) {
	s.evict(slices.DeleteFunc(slices.Clone(numbers), s.changes))
}

// evict goes through the cards in use once for all numbers, because an import drops tens of thousands at a time.
func (s *State) evict(numbers []string) {
	before := len(s.cards)
	for _, number := range numbers {
		s.shelf.take(shelfKey{s.owner, number})
		delete(s.cards, number)
	}
	if len(s.cards) < before {
		s.atHand = slices.DeleteFunc(s.atHand, func(number string) bool {
			_, there := s.cards[number]
			return !there
		})
	}
}

// changes reports whether changes of a card are pending.
func (s *State) changes(number string) bool {
	if !s.pending.head {
		return false
	}
	c := s.cards[number]
	return s.pending.freed[number] || c != nil && s.pending.changes(c.ID)
}

// Forgettable returns the number of records known until Forget, and of cards in use.
func (s *State) Forgettable() int {
	n := len(s.cards)
	for _, t := range s.tables {
		n += t.size()
	}
	return n
}
