package command

import (
	"cmp"
	"fmt"
	"slices"

	"tongka/internal/ledger"
)

// State is what a lane knows of one merchant: the records its commands may read, and what the batch in hand
// has decided on top of them. It is used by one goroutine at a time. Reading a record that was never learnt
// panics, for then a command has not named it in its Keys.
type State struct {
	Writer int64 // stands in every entry: see Entry.Writer
	asked  int64 // stands in the entries of the command that is being decided: see Entry.Asked

	id       ledger.MerchantID
	known    bool             // what follows: the merchant was asked for
	merchant *ledger.Merchant // nil = there is none
	head     ledger.Head

	cards   map[string]*ledger.Card // those at hand; nil = there is none
	atHand  []string                // their numbers, in the order they came
	shelf   *Shelf                  // the others that are known, as they are in the store
	owner   int64                   // whose they are
	packing ledger.Packing

	entries    table[ledger.EntryID, *ledger.Entry]
	undone     table[ledger.EntryID, []*ledger.Entry]
	requests   table[ledger.RequestKey, *ledger.Request]
	assumedNew table[ledger.RequestKey, struct{}] // requests that are taken to be new
	extIDs     table[string, bool]                // whether a card has the inner code

	coupons       table[ledger.CouponID, *ledger.Coupon]
	ofCard        table[ledger.CardID, []ledger.CouponID] // of the coupons that are known, those of a card, each once
	wallets       table[string, struct{}]                 // cards of which all unused coupons are known
	sized         table[string, struct{}]                 // cards of which it is known how many unused coupons they have
	sizes         table[ledger.CardID, int]               // how many; nothing where there is no such card
	stocks        table[ledger.CouponKindID, ledger.CouponStock]
	couponNumbers table[string, bool] // whether a coupon has the number

	guards table[ledger.GuardKey, *ledger.Guard]
	guids  table[string, ledger.GUIDOwner] // whose each is; nobody's has no GUID

	pending pending
	room    int // for entries: a few more than were pending the last time
}

// NewState knows nothing yet of a merchant.
func NewState(merchant ledger.MerchantID) *State { return NewShelf(keepAll).State(merchant) }

// keepAll is the room of a shelf that forgets nothing.
const keepAll = 1<<31 - 1

// State knows nothing yet of a merchant, and puts its cards on the shelf.
func (s *Shelf) State(merchant ledger.MerchantID) *State {
	s.owners++
	return &State{
		id: merchant, shelf: s, owner: s.owners, cards: map[string]*ledger.Card{}, pending: newPending(),

		entries:  table[ledger.EntryID, *ledger.Entry]{what: "entry"},
		requests: table[ledger.RequestKey, *ledger.Request]{what: "request"},
		extIDs:   table[string, bool]{what: "inner code"},

		coupons:       table[ledger.CouponID, *ledger.Coupon]{what: "coupon"},
		stocks:        table[ledger.CouponKindID, ledger.CouponStock]{what: "kind of coupon"},
		couponNumbers: table[string, bool]{what: "coupon number"},

		guids: table[string, ledger.GUIDOwner]{what: "GUID"},
	}
}

// Merchant is the merchant; nil when there is none, or it is not known.
func (s *State) Merchant() *ledger.Merchant { return s.merchant }

// Head are the merchant's counters.
func (s *State) Head() ledger.Head { return s.head }

// Missing is what of k is not known, each key once, with the merchant itself.
func (s *State) Missing(k Keys) Keys {
	m := Keys{
		Head:          !s.known,
		Cards:         without(k.Cards, s.knows),
		Entries:       s.entries.missing(k.Entries),
		Requests:      s.requests.missing(k.Requests),
		ExtIDs:        s.extIDs.missing(k.ExtIDs),
		Coupons:       s.coupons.missing(k.Coupons),
		Wallets:       s.wallets.missing(k.Wallets),
		WalletSizes:   s.sized.missing(k.WalletSizes),
		CouponKinds:   s.stocks.missing(k.CouponKinds),
		CouponNumbers: s.couponNumbers.missing(k.CouponNumbers),
		Guards:        s.guards.missing(k.Guards),
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

// Learn takes in what a store found of the keys. It must not be called while changes of the same
// records are pending.
func (s *State) Learn(k Keys, r Records) {
	if k.Head {
		s.known, s.merchant, s.head = true, r.Merchant, r.Head
	}
	for _, numbers := range [][]string{k.Cards, k.AllLots} {
		for _, number := range numbers {
			s.setCard(number, nil)
		}
	}
	for i := range r.Cards {
		s.setCard(r.Cards[i].Key().Number, &r.Cards[i])
	}
	s.entries.asked(k.Entries)
	s.undone.asked(k.Entries)
	for i := range r.Entries {
		s.addEntry(&r.Entries[i])
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
	s.guids.asked(k.GUIDs)
	for _, one := range r.GUIDs {
		s.guids.learn(one.GUID, one)
	}
}

// addEntry makes an entry known where it or the one it undoes was asked for, and where only the head names it.
func (s *State) addEntry(e *ledger.Entry) {
	if s.entries.knows(e.ID) || e.Card == 0 {
		s.entries.learn(e.ID, e)
	}
	if e.RefersTo == 0 || !s.entries.knows(e.RefersTo) {
		return
	}
	known := s.undone.records[e.RefersTo]
	// it may come once for each of the two
	if !slices.ContainsFunc(known, func(u *ledger.Entry) bool { return u.ID == e.ID }) {
		s.undone.learn(e.RefersTo, append(known, e))
	}
}

// at is the merchant with its counters, for a command that is carried out there.
func (s *State) at(merchant ledger.MerchantID) (*ledger.Merchant, ledger.Head) {
	if s.merchant == nil || merchant != s.id {
		panic(fmt.Sprintf("merchant %d does not exist, or what is known is of another: %d", merchant, s.id))
	}
	return s.merchant, s.head
}

// card is a known card; nil when there is none. The caller must not change it. The number is folded.
func (s *State) card(number string) *ledger.Card {
	c, ok := s.knownCard(number)
	if !ok {
		panic("card was not named in Keys")
	}
	return c
}

// knows reports whether it is known what card there is, or that there is none.
func (s *State) knows(number string) bool {
	_, ok := s.cards[number]
	return ok || s.shelf.has(shelfKey{s.owner, number})
}

// knownCard is a card, or nil where there is none, if that is known. From the shelf it comes to hand.
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

// setCard has a card at hand as it is now.
func (s *State) setCard(number string, c *ledger.Card) {
	if _, there := s.cards[number]; !there {
		s.shelf.take(shelfKey{s.owner, number})
		s.atHand = append(s.atHand, number)
	}
	s.cards[number] = c
}

// AssumeNew takes a request to be new until the next save, without the store having been asked for it: the
// save refuses one that is not. What leaves nothing to save does not rest on it: see Once.
func (s *State) AssumeNew(key ledger.RequestKey) { s.assumedNew.learn(key, struct{}{}) }

// request is a known request; nil when there is none, or when that is presumed.
func (s *State) request(key ledger.RequestKey) (first *ledger.Request, presumed bool) {
	if !s.requests.knows(key) && s.assumedNew.knows(key) {
		return nil, true
	}
	return s.requests.get(key), false
}

// Apply takes in what a command decided, for the commands after it in the batch.
func (s *State) Apply(ch Changes) {
	if ch.Head != nil {
		s.head, s.pending.head = *ch.Head, true
	}
	for i := range ch.Holders { // first, while the card as it was is still known
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
	s.pending.messages = append(s.pending.messages, ch.Messages...)
	if ch.Settings != nil {
		s.moveGUIDs(s.merchant, ch.Settings)
		s.merchant, s.pending.settings = ch.Settings, ch.Settings
	}
}

// moveGUIDs has the GUIDs of a merchant be those of its settings.
func (s *State) moveGUIDs(from, to *ledger.Merchant) {
	for _, guid := range from.GUIDs() {
		s.guids.update(guid, ledger.GUIDOwner{})
	}
	for _, guid := range to.GUIDs() {
		s.guids.update(guid, ledger.GUIDOwner{GUID: guid, Merchant: to.ID})
	}
}

func (s *State) applyEntries(entries []ledger.Entry) {
	for i := range entries {
		s.addEntry(&entries[i])
	}
	switch {
	case s.pending.entries != nil:
		s.pending.entries = append(s.pending.entries, entries...)
	case len(entries) >= s.room: // large imports come alone
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

// Moved reports whether anything was decided since the last save was sent.
func (s *State) Moved() bool { return s.pending.head }

// Pending are the changes of all commands applied since the last save, as one.
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
		Messages: s.pending.messages,
		Settings: s.pending.settings,
	}
	if s.pending.head {
		head := s.head
		ch.Head = &head
	}
	return ch
}

// Saved tells that what was pending is in the store, and forgets what nobody may ask for again.
func (s *State) Saved() {
	s.Sent()
	s.Arrived()
	s.Forget()
}

// Sent tells that what was pending is on its way to the store: what is decided from now on rests on it.
// Cards keep their front lots only.
func (s *State) Sent() {
	if s.pending.head {
		s.head.Version++
	}
	for _, cards := range []map[ledger.CardID]*ledger.Card{s.pending.opened, s.pending.cards} {
		for _, c := range cards {
			c.Trim()
		}
	}
	s.room = min(len(s.pending.entries)*5/4, mostRoom)
	s.pending = newPending()
	s.assumedNew.forget()
	s.coupons.sent()
	s.stocks.sent()
	s.guards.sent()
}

// Arrived tells that what was sent is in the store. The cards are put away until they are asked for again, but
// for those that have changed since: until these are saved, nobody could load them.
func (s *State) Arrived() {
	kept := s.atHand[:0]
	for _, number := range s.atHand {
		c := s.cards[number]
		if c != nil && s.pending.changes(c.ID) {
			kept = append(kept, number)
			continue
		}
		p := s.packing.Pack(c)
		delete(s.cards, number)
		if c != nil {
			number = ledger.FoldNumber(p.Number()) // so that the key, mostly, is no memory of its own
		}
		s.shelf.put(shelfKey{s.owner, number}, p)
	}
	clear(s.atHand[len(kept):])
	s.atHand = kept
}

// mostRoom bounds the room for entries that is made before they come.
const mostRoom = 512

// Forget forgets entries, requests, inner codes, coupons and guards, which nobody may ask for again.
// Cards and the merchant stay known. Nothing may be pending. What is on its way is found too old in the store
// until it has arrived.
func (s *State) Forget() {
	for _, t := range [...]interface{ forget() }{
		&s.entries, &s.undone, &s.requests, &s.extIDs, &s.coupons, &s.ofCard, &s.wallets, &s.sized, &s.sizes,
		&s.stocks, &s.couponNumbers, &s.guards, &s.guids,
	} {
		t.forget()
	}
}

// Abandon forgets what was decided and did not arrive in the store, and whatever may rest on it. The cards on
// the shelf stay known: they are right if the merchant's head, which is to be loaded again, has not moved.
func (s *State) Abandon() {
	s.Forget()
	s.assumedNew.forget()
	clear(s.cards)
	s.atHand = s.atHand[:0]
	s.pending = newPending()
	s.known, s.merchant, s.head = false, nil, ledger.Head{}
}

// Reset forgets everything.
func (s *State) Reset() {
	s.Abandon()
	s.shelf.owners++
	s.owner = s.shelf.owners
}

// Evict forgets cards, which must have no pending changes. Those at hand are gone through once for all of them: an
// import forgets tens of thousands at a time.
func (s *State) Evict(numbers ...string) {
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

// Forgettable is how many records are known until Forget, and cards at hand.
func (s *State) Forgettable() int {
	return len(s.entries.records) + len(s.requests.records) + len(s.coupons.records) + len(s.sizes.records) +
		len(s.guards.records) + len(s.cards)
}
