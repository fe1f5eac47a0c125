package command

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"tongka/internal/ledger"
)

// State is what a lane knows: the records its commands may read, and what the batch in hand has
// decided on top of them. It is used by one goroutine at a time. Reading a record that was never
// learnt panics, for then a command has not named it in its Keys.
type State struct {
	Writer int64 // stands in every entry: see Entry.Writer
	asked  int64 // stands in the entries of the command that is being decided: see Entry.Asked

	merchants map[ledger.MerchantID]*ledger.Merchant
	heads     map[ledger.MerchantID]ledger.Head
	cards     map[ledger.CardKey]*ledger.Card  // that were asked for since Pack; nil = there is none
	packed    map[ledger.CardKey]ledger.Packed // all that were known then
	entries   map[ledger.EntryKey]*ledger.Entry
	undone    map[ledger.EntryKey][]*ledger.Entry
	requests  map[ledger.RequestKey]*ledger.Request
	presumed  map[ledger.RequestKey]bool // requests that are taken to be new
	extIDs    map[ExtIDKey]bool          // whether a card has the inner code

	coupons       map[ledger.CouponKey]*ledger.Coupon // nil = there is none
	ofCard        map[cardRef][]ledger.CouponID       // of the coupons that are known, those of a card, each once
	wallets       map[ledger.CardKey]bool             // cards of which all unused coupons are known
	sized         map[ledger.CardKey]bool             // cards of which it is known how many unused coupons they have
	sizes         map[cardRef]int                     // how many; nothing where there is no such card
	stocks        map[ledger.CouponKindKey]ledger.CouponStock
	couponNumbers map[ledger.CouponNumberKey]bool // whether a coupon has the number

	guards map[ledger.GuardKey]*ledger.Guard // nil = there is none

	pending pending
	packing ledger.Packing
	room    int // for entries: a few more than were pending the last time
}

// pending is what was decided and is not saved yet.
type pending struct {
	heads    map[ledger.MerchantID]bool
	opened   map[cardRef]*ledger.Card
	cards    map[cardRef]*ledger.Card
	holders  map[cardRef]*ledger.Card
	lots     map[lotRef]ledger.Lot
	entries  []ledger.Entry
	requests []ledger.Request
	coupons  map[ledger.CouponKey]*ledger.Coupon
	stocks   map[ledger.CouponKindKey]ledger.CouponStock
	guards   map[ledger.GuardKey]*ledger.Guard
	messages []ledger.Message
}

type cardRef struct {
	merchant ledger.MerchantID
	card     ledger.CardID
}

type lotRef struct {
	cardRef
	goodUntil ledger.Date
	lot       ledger.EntryID
}

// Records are what a store found of some Keys. What is not among them does not exist.
type Records struct {
	Merchants []ledger.Merchant
	Heads     []ledger.Head
	Cards     []ledger.Card
	Entries   []ledger.Entry // those named, and those that are Of one of them
	Requests  []ledger.Request
	ExtIDs    []ExtIDKey // of those named, the ones a card has

	Coupons       []ledger.Coupon          // those named, those of wallets, and those used on an entry that is named; maybe twice
	WalletSizes   []ledger.WalletSize      // of the cards named that there are
	Stocks        []ledger.CouponStock     // of the kinds named that were ever sent
	CouponNumbers []ledger.CouponNumberKey // of those named, the ones a coupon has

	Guards []ledger.Guard
}

// NewState knows nothing yet.
func NewState() *State {
	return &State{
		merchants: map[ledger.MerchantID]*ledger.Merchant{},
		heads:     map[ledger.MerchantID]ledger.Head{},
		cards:     map[ledger.CardKey]*ledger.Card{},
		packed:    map[ledger.CardKey]ledger.Packed{},
		entries:   map[ledger.EntryKey]*ledger.Entry{},
		undone:    map[ledger.EntryKey][]*ledger.Entry{},
		requests:  map[ledger.RequestKey]*ledger.Request{},
		presumed:  map[ledger.RequestKey]bool{},
		extIDs:    map[ExtIDKey]bool{},
		pending:   newPending(),

		coupons:       map[ledger.CouponKey]*ledger.Coupon{},
		ofCard:        map[cardRef][]ledger.CouponID{},
		wallets:       map[ledger.CardKey]bool{},
		sized:         map[ledger.CardKey]bool{},
		sizes:         map[cardRef]int{},
		stocks:        map[ledger.CouponKindKey]ledger.CouponStock{},
		couponNumbers: map[ledger.CouponNumberKey]bool{},

		guards: map[ledger.GuardKey]*ledger.Guard{},
	}
}

func newPending() pending {
	return pending{
		heads:   map[ledger.MerchantID]bool{},
		opened:  map[cardRef]*ledger.Card{},
		cards:   map[cardRef]*ledger.Card{},
		holders: map[cardRef]*ledger.Card{},
		lots:    map[lotRef]ledger.Lot{},
		coupons: map[ledger.CouponKey]*ledger.Coupon{},
		stocks:  map[ledger.CouponKindKey]ledger.CouponStock{},
	}
}

// Missing is what of k is not known, each key once.
func (s *State) Missing(k Keys) Keys {
	var m Keys
	for _, id := range k.Merchants {
		if _, ok := s.heads[id]; !ok && !slices.Contains(m.Merchants, id) {
			m.Merchants = append(m.Merchants, id)
		}
	}
	m.Cards = without(k.Cards, s.knows)
	m.Entries = unknown(s.entries, k.Entries)
	m.Requests = unknown(s.requests, k.Requests)
	m.ExtIDs = unknown(s.extIDs, k.ExtIDs)
	m.Coupons = unknown(s.coupons, k.Coupons)
	m.Wallets = unknown(s.wallets, k.Wallets)
	m.WalletSizes = unknown(s.sized, k.WalletSizes)
	m.CouponKinds = unknown(s.stocks, k.CouponKinds)
	m.CouponNumbers = unknown(s.couponNumbers, k.CouponNumbers)
	m.Guards = unknown(s.guards, k.Guards)
	for _, key := range k.Whole {
		if c, ok := s.knownCard(key); (!ok || c != nil && c.MoreLots) && !slices.Contains(m.Whole, key) {
			m.Whole = append(m.Whole, key)
		}
	}
	m.Cards = slices.DeleteFunc(m.Cards, func(key ledger.CardKey) bool { return slices.Contains(m.Whole, key) })
	return m
}

func unknown[K comparable, V any](known map[K]V, asked []K) []K {
	return without(asked, func(key K) bool {
		_, ok := known[key]
		return ok
	})
}

// without are the keys that are not known, each once.
func without[K comparable](asked []K, known func(K) bool) []K {
	var missing []K
	var seen map[K]bool // mostly, nothing is missing
	for i, key := range asked {
		if seen[key] || known(key) {
			continue
		}
		if seen == nil {
			missing, seen = make([]K, 0, len(asked)-i), make(map[K]bool, len(asked)-i)
		}
		seen[key] = true
		missing = append(missing, key)
	}
	return missing
}

// Learn takes in what a store found of the keys. It must not be called while changes of the same
// records are pending.
func (s *State) Learn(k Keys, r Records) {
	for _, key := range slices.Concat(k.Cards, k.Whole) {
		s.cards[key] = nil
	}
	for _, key := range k.Entries {
		s.entries[key] = nil
		s.undone[key] = nil
	}
	for _, key := range k.Requests {
		s.requests[key] = nil
	}
	for _, key := range k.ExtIDs {
		s.extIDs[key] = false
	}
	for i := range r.Merchants {
		s.merchants[r.Merchants[i].ID] = &r.Merchants[i]
	}
	for _, h := range r.Heads {
		s.heads[h.Merchant] = h
	}
	for i := range r.Cards {
		s.cards[r.Cards[i].Key()] = &r.Cards[i]
	}
	for i := range r.Entries {
		s.addEntry(&r.Entries[i])
	}
	for i := range r.Requests {
		s.requests[r.Requests[i].Key] = &r.Requests[i]
	}
	for _, key := range r.ExtIDs {
		s.extIDs[key] = true
	}
	s.learnCoupons(k, r)
	s.learnGuards(k, r)
}

// addEntry makes an entry known where its key or that of the one it undoes was asked for, and where only
// the head names it.
func (s *State) addEntry(e *ledger.Entry) {
	if _, asked := s.entries[e.Key()]; asked || e.Card == 0 {
		s.entries[e.Key()] = e
	}
	if of := (ledger.EntryKey{Merchant: e.Merchant, ID: e.Of}); e.Of != 0 {
		if _, asked := s.entries[of]; asked && !slices.ContainsFunc(s.undone[of], func(u *ledger.Entry) bool { return u.ID == e.ID }) {
			s.undone[of] = append(s.undone[of], e) // it may come once for each of the two
		}
	}
}

// merchant is a merchant with its counters. Both must be known.
func (s *State) merchant(id ledger.MerchantID) (*ledger.Merchant, ledger.Head) {
	m, ok := s.merchants[id]
	if !ok {
		panic(fmt.Sprintf("merchant %d was not named in Keys, or does not exist", id))
	}
	return m, s.heads[id]
}

// Merchant is a known merchant; nil when there is none.
func (s *State) Merchant(id ledger.MerchantID) *ledger.Merchant { return s.merchants[id] }

// card is a known card; nil when there is none. The caller must not change it.
func (s *State) card(key ledger.CardKey) *ledger.Card {
	c, ok := s.knownCard(key)
	if !ok {
		panic("card was not named in Keys")
	}
	return c
}

// knows reports whether it is known what card there is, or that there is none.
func (s *State) knows(key ledger.CardKey) bool {
	if _, ok := s.cards[key]; ok {
		return true
	}
	_, ok := s.packed[key]
	return ok
}

// knownCard is a card, or nil where there is none, if that is known.
func (s *State) knownCard(key ledger.CardKey) (c *ledger.Card, ok bool) {
	if c, ok = s.cards[key]; ok {
		return c, true
	}
	p, ok := s.packed[key]
	if ok {
		c = p.Unpacked()
		s.cards[key] = c
	}
	return c, ok
}

func (s *State) entry(key ledger.EntryKey) *ledger.Entry { return known(s.entries, key, "entry") }

// Presume takes a request to be new until the next save, without the store having been asked for it: the
// save refuses one that is not. What leaves nothing to save does not rest on it: see Once.
func (s *State) Presume(key ledger.RequestKey) { s.presumed[key] = true }

// request is a known request; nil when there is none, or when that is presumed.
func (s *State) request(key ledger.RequestKey) (first *ledger.Request, presumed bool) {
	if _, ok := s.requests[key]; !ok && s.presumed[key] {
		return nil, true
	}
	return known(s.requests, key, "request"), false
}

func (s *State) extIDTaken(key ExtIDKey) bool {
	taken, ok := s.extIDs[key]
	if !ok {
		panic("inner code was not named in Keys")
	}
	return taken
}

func known[K comparable, V any](m map[K]*V, key K, what string) *V {
	v, ok := m[key]
	if !ok {
		panic(fmt.Sprintf("%s was not named in Keys", what))
	}
	return v
}

// Apply takes in what a command decided, for the commands after it in the batch.
func (s *State) Apply(ch Changes) {
	for _, h := range ch.Heads {
		s.heads[h.Merchant] = h
		s.pending.heads[h.Merchant] = true
	}
	for i := range ch.Holders { // first, while the card as it was is still known
		c := &ch.Holders[i]
		if old, _ := s.knownCard(c.Key()); old != nil && old.ID == c.ID {
			s.takeExtID(old, false)
		}
		s.takeExtID(c, true)
		s.changeCard(c, true)
	}
	for i := range ch.Cards {
		s.changeCard(&ch.Cards[i], false)
	}
	for i := range ch.Opened {
		c := &ch.Opened[i]
		s.takeExtID(c, true)
		s.cards[c.Key()] = c
		s.pending.opened[cardRef{c.Merchant, c.ID}] = c
	}
	for _, l := range ch.Lots {
		s.pending.lots[lotRef{cardRef{l.Merchant, l.Card}, l.Lot.GoodUntil, l.Lot.ID}] = l.Lot
	}
	for i := range ch.Entries {
		s.addEntry(&ch.Entries[i])
	}
	switch {
	case s.pending.entries != nil:
		s.pending.entries = append(s.pending.entries, ch.Entries...)
	case len(ch.Entries) >= s.room: // large imports come alone
		s.pending.entries = slices.Clip(ch.Entries)
	default:
		s.pending.entries = append(make([]ledger.Entry, 0, s.room), ch.Entries...)
	}
	for i := range ch.Requests {
		s.requests[ch.Requests[i].Key] = &ch.Requests[i]
	}
	s.pending.requests = append(s.pending.requests, ch.Requests...)
	s.applyCoupons(ch)
	s.applyGuards(ch)
	s.pending.messages = append(s.pending.messages, ch.Messages...)
}

// takeExtID remembers that the card has its inner code, or has it no more, where that was asked for.
func (s *State) takeExtID(c *ledger.Card, has bool) {
	key := ExtIDKey{c.Merchant, c.Details.ExtID}
	if _, asked := s.extIDs[key]; asked {
		s.extIDs[key] = has
	}
}

func (s *State) changeCard(c *ledger.Card, holder bool) {
	ref := cardRef{c.Merchant, c.ID}
	s.cards[c.Key()] = c
	if s.pending.opened[ref] != nil {
		s.pending.opened[ref] = c
		return
	}
	s.pending.cards[ref] = c
	if holder || s.pending.holders[ref] != nil {
		s.pending.holders[ref] = c
	}
}

// Pending are the changes of all commands applied since the last save, as one.
func (s *State) Pending() Changes {
	ch := Changes{
		Opened:   pendingCards(s.pending.opened),
		Cards:    pendingCards(s.pending.cards),
		Holders:  pendingCards(s.pending.holders),
		Entries:  s.pending.entries,
		Requests: s.pending.requests,
		Coupons:  s.pendingCoupons(),
		Stocks:   s.pendingStocks(),
		Guards:   s.pendingGuards(),
		Messages: s.pending.messages,
	}
	for _, id := range slices.Sorted(maps.Keys(s.pending.heads)) {
		ch.Heads = append(ch.Heads, s.heads[id])
	}
	for _, ref := range slices.SortedFunc(maps.Keys(s.pending.lots), compareLotRefs) {
		ch.Lots = append(ch.Lots, LotChange{Merchant: ref.merchant, Card: ref.card, Lot: s.pending.lots[ref]})
	}
	return ch
}

// pendingCards lists the cards by id, so that every writer touches rows in one order.
func pendingCards(m map[cardRef]*ledger.Card) []ledger.Card {
	if len(m) == 0 {
		return nil
	}
	cards := make([]ledger.Card, 0, len(m))
	for _, ref := range slices.SortedFunc(maps.Keys(m), compareCardRefs) {
		cards = append(cards, *m[ref])
	}
	return cards
}

func compareCardRefs(a, b cardRef) int {
	return cmp.Or(cmp.Compare(a.merchant, b.merchant), cmp.Compare(a.card, b.card))
}

func compareLotRefs(a, b lotRef) int {
	return cmp.Or(compareCardRefs(a.cardRef, b.cardRef), cmp.Compare(a.goodUntil, b.goodUntil), cmp.Compare(a.lot, b.lot))
}

// Saved tells that what was pending is in the store, packs the cards, and forgets what nobody may ask for
// again.
func (s *State) Saved() {
	s.Sent()
	s.Pack()
	s.Forget()
}

// Sent tells that what was pending is on its way to the store: what is decided from now on rests on it.
// Cards keep their front lots only.
func (s *State) Sent() {
	for id := range s.pending.heads {
		h := s.heads[id]
		h.Version++
		s.heads[id] = h
	}
	for _, cards := range []map[cardRef]*ledger.Card{s.pending.opened, s.pending.cards} {
		for _, c := range cards {
			c.Trim()
		}
	}
	clear(s.presumed)
	s.room = min(len(s.pending.entries)*5/4, mostRoom)
	s.pending = newPending()
}

// Pack puts the cards away until they are asked for again: see Packed. Nothing may be pending.
func (s *State) Pack() {
	for key, c := range s.cards {
		p := s.packing.Pack(c)
		if c != nil {
			key.Number = ledger.FoldNumber(p.Number()) // so that the key, mostly, is no memory of its own
		}
		s.packed[key] = p
	}
	clear(s.cards)
}

// mostRoom bounds the room for entries that is made before they come.
const mostRoom = 512

// Forget forgets entries, requests, inner codes, coupons and guards, which nobody may ask for again.
// Cards and merchants stay known. Nothing may be pending. What is on its way is found too old in the store
// until it has arrived.
func (s *State) Forget() {
	clear(s.entries)
	clear(s.undone)
	clear(s.requests)
	clear(s.extIDs)
	s.forgetCoupons()
	clear(s.guards)
}

// Evict forgets a card. It must have no pending changes.
func (s *State) Evict(key ledger.CardKey) {
	delete(s.cards, key)
	delete(s.packed, key)
}

// Known is how many cards are packed, those of which it is known that there are none among them.
func (s *State) Known() int { return len(s.packed) }

// Forgettable is how many records are known until Forget.
func (s *State) Forgettable() int {
	return len(s.entries) + len(s.requests) + len(s.coupons) + len(s.sizes) + len(s.guards)
}
