package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// MemStore keeps everything in memory. It passes the contract of every store, is safe for many
// callers at once, and shares no memory with them: what goes in and what comes out are copies.
type MemStore struct {
	mu       sync.Mutex
	books    map[ledger.MerchantID]*book
	agents   map[ledger.AgentID]ledger.Agent
	settings int64
}

// book is what is kept of one merchant.
type book struct {
	merchant ledger.Merchant
	head     ledger.Head
	cards    map[ledger.CardID]*ledger.Card // with all of their lots
	numbers  map[string]ledger.CardID
	extIDs   map[string]ledger.CardID
	entries  map[ledger.EntryID]*ledger.Entry // never changed once they are here
	journal  []*ledger.Entry                  // in the order of their ids
	ofCard   map[ledger.CardID][]*ledger.Entry
	undoing  map[ledger.EntryID][]*ledger.Entry
	requests map[ledger.RequestKey]ledger.Request
	coupons  map[ledger.CouponID]ledger.Coupon
	numbered map[string]ledger.CouponID // coupons by their number
	stocks   map[ledger.CouponKindID]ledger.CouponStock
	guards   map[ledger.GuardKey]ledger.Guard
	outbox   map[ledger.MessageID]*outboxRow
}

// NewMemStore is an empty store.
func NewMemStore() *MemStore {
	return &MemStore{
		books:  map[ledger.MerchantID]*book{},
		agents: map[ledger.AgentID]ledger.Agent{},
	}
}

// SaveMerchant adds a merchant or changes its configuration. It moves the version of the merchant's
// head, so that nothing decided by the old configuration can be saved any more.
func (s *MemStore) SaveMerchant(_ context.Context, m ledger.Merchant) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings++
	b, ok := s.books[m.ID]
	if !ok {
		b = &book{
			head:     ledger.Head{Merchant: m.ID},
			cards:    map[ledger.CardID]*ledger.Card{},
			numbers:  map[string]ledger.CardID{},
			extIDs:   map[string]ledger.CardID{},
			entries:  map[ledger.EntryID]*ledger.Entry{},
			ofCard:   map[ledger.CardID][]*ledger.Entry{},
			undoing:  map[ledger.EntryID][]*ledger.Entry{},
			requests: map[ledger.RequestKey]ledger.Request{},
			coupons:  map[ledger.CouponID]ledger.Coupon{},
			numbered: map[string]ledger.CouponID{},
			stocks:   map[ledger.CouponKindID]ledger.CouponStock{},
			guards:   map[ledger.GuardKey]ledger.Guard{},
			outbox:   map[ledger.MessageID]*outboxRow{},
		}
		s.books[m.ID] = b
	}
	b.merchant = cloneMerchant(m)
	b.head.Version++
	return nil
}

// Merchants are all merchants, by id.
func (s *MemStore) Merchants(context.Context) ([]ledger.Merchant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []ledger.Merchant
	for _, id := range slices.Sorted(maps.Keys(s.books)) {
		all = append(all, cloneMerchant(s.books[id].merchant))
	}
	return all, nil
}

// SaveAgent adds an agent or changes it.
func (s *MemStore) SaveAgent(_ context.Context, a ledger.Agent) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings++
	s.agents[a.ID] = cloneAgent(a)
	return nil
}

// Agents are all agents, by id.
func (s *MemStore) Agents(context.Context) ([]ledger.Agent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []ledger.Agent
	for _, id := range slices.Sorted(maps.Keys(s.agents)) {
		all = append(all, cloneAgent(s.agents[id]))
	}
	return all, nil
}

// SettingsVersion moves with every SaveMerchant and SaveAgent.
func (s *MemStore) SettingsVersion(context.Context) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings, nil
}

// Load finds the records of the keys, all as of one moment.
func (s *MemStore) Load(_ context.Context, keys command.Keys) (command.Records, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var r command.Records
	for _, id := range keys.Merchants {
		if b, ok := s.books[id]; ok {
			r.Merchants = append(r.Merchants, cloneMerchant(b.merchant))
			r.Heads = append(r.Heads, b.head)
		}
	}
	for _, key := range keys.Cards {
		if c := s.find(key); c != nil {
			r.Cards = append(r.Cards, front(c))
		}
	}
	for _, key := range keys.Whole {
		if c := s.find(key); c != nil {
			r.Cards = append(r.Cards, cloneCard(c))
		}
	}
	r.Entries = s.loadEntries(keys.Entries)
	for _, key := range keys.Requests {
		if b, ok := s.books[key.Merchant]; ok {
			if q, ok := b.requests[key]; ok {
				r.Requests = append(r.Requests, cloneRequest(q))
			}
		}
	}
	for _, key := range keys.ExtIDs {
		if s.hasExtID(key) {
			r.ExtIDs = append(r.ExtIDs, key)
		}
	}
	s.loadCoupons(keys, &r)
	s.loadGuards(keys, &r)
	return r, nil
}

// loadEntries are the entries named and those that undo one of them, each once.
func (s *MemStore) loadEntries(keys []ledger.EntryKey) []ledger.Entry {
	var found []ledger.Entry
	seen := map[ledger.EntryKey]bool{}
	for _, key := range keys {
		b, ok := s.books[key.Merchant]
		if !ok {
			continue
		}
		named := b.undoing[key.ID]
		if e := b.entries[key.ID]; e != nil {
			named = append([]*ledger.Entry{e}, named...)
		}
		for _, e := range named {
			if !seen[e.Key()] {
				seen[e.Key()] = true
				found = append(found, cloneEntry(e))
			}
		}
	}
	return found
}

func (s *MemStore) find(key ledger.CardKey) *ledger.Card {
	b, ok := s.books[key.Merchant]
	if !ok {
		return nil
	}
	return b.cards[b.numbers[ledger.FoldNumber(key.Number)]]
}

// hasExtID tells whether a card has the inner code; none has "".
func (s *MemStore) hasExtID(key command.ExtIDKey) bool {
	b, ok := s.books[key.Merchant]
	return ok && key.ExtID != "" && b.extIDs[key.ExtID] != 0
}

// Save puts all of the changes in, or none. It answers command.ErrStale when a head has moved since it
// was loaded, or when a row that is to be new is there already.
func (s *MemStore) Save(_ context.Context, ch command.Changes) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(&ch); err != nil {
		return err
	}
	for _, h := range ch.Heads {
		h.Version++
		s.books[h.Merchant].head = h
	}
	for i := range ch.Cards {
		s.books[ch.Cards[i].Merchant].updateCard(&ch.Cards[i])
	}
	for i := range ch.Holders {
		s.books[ch.Holders[i].Merchant].freeNames(&ch.Holders[i])
	}
	for i := range ch.Holders {
		s.books[ch.Holders[i].Merchant].updateHolder(&ch.Holders[i])
	}
	for i := range ch.Opened {
		s.books[ch.Opened[i].Merchant].addCard(&ch.Opened[i])
	}
	for _, l := range ch.Lots {
		s.books[l.Merchant].cards[l.Card].Lots = putLot(s.books[l.Merchant].cards[l.Card].Lots, l.Lot)
	}
	for i := range ch.Entries {
		s.books[ch.Entries[i].Merchant].addEntry(&ch.Entries[i])
	}
	for _, q := range ch.Requests {
		s.books[q.Key.Merchant].requests[q.Key] = cloneRequest(q)
	}
	for i := range ch.Coupons {
		s.books[ch.Coupons[i].Merchant].putCoupon(ch.Coupons[i])
	}
	for _, stock := range ch.Stocks {
		s.books[stock.Merchant].stocks[stock.Kind] = stock
	}
	s.putGuards(ch)
	return nil
}

// check finds out everything that could keep the changes from being saved, before anything is.
func (s *MemStore) check(ch *command.Changes) error {
	heads := map[ledger.MerchantID]bool{}
	for _, h := range ch.Heads {
		heads[h.Merchant] = true
		if b, ok := s.books[h.Merchant]; !ok || b.head.Version != h.Version {
			return fmt.Errorf("head of merchant %d: %w", h.Merchant, command.ErrStale)
		}
	}
	for _, id := range touched(ch) {
		if !heads[id] {
			return fmt.Errorf("merchant %d is changed without its head", id)
		}
	}
	if err := s.checkCards(ch); err != nil {
		return err
	}
	for _, e := range ch.Entries {
		if s.books[e.Merchant].entries[e.ID] != nil {
			return fmt.Errorf("entry %d: %w", e.ID, command.ErrStale)
		}
	}
	for _, q := range ch.Requests {
		if _, there := s.books[q.Key.Merchant].requests[q.Key]; there {
			return fmt.Errorf("request: %w", command.ErrStale)
		}
	}
	if err := s.checkMessages(ch); err != nil {
		return err
	}
	return s.checkCoupons(ch)
}

// touched are the merchants of all rows of the changes.
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
		ids = append(ids, q.Key.Merchant)
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
	for _, m := range ch.Messages {
		ids = append(ids, m.Merchant)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

type cardRef struct {
	merchant ledger.MerchantID
	card     ledger.CardID
}

// checkCards tells whether all cards to change are there, none to open is, and no two cards would end
// up with one number or one inner code.
func (s *MemStore) checkCards(ch *command.Changes) error {
	opened := map[cardRef]bool{}
	for _, cards := range [][]ledger.Card{ch.Cards, ch.Holders} {
		for i := range cards {
			if s.books[cards[i].Merchant].cards[cards[i].ID] == nil {
				return errors.New("a card to change is not there")
			}
		}
	}
	if err := s.checkNames(ch); err != nil {
		return err
	}
	for i := range ch.Opened {
		ref := cardRef{ch.Opened[i].Merchant, ch.Opened[i].ID}
		if opened[ref] || s.books[ref.merchant].cards[ref.card] != nil {
			return fmt.Errorf("card: %w", command.ErrStale)
		}
		opened[ref] = true
	}
	for _, l := range ch.Lots {
		if s.books[l.Merchant].cards[l.Card] == nil && !opened[cardRef{l.Merchant, l.Card}] {
			return errors.New("a lot's card is not there")
		}
	}
	return nil
}

// checkNames tells whether every number and inner code would be one card's: the cards whose holder
// changed give theirs back first.
func (s *MemStore) checkNames(ch *command.Changes) error {
	freed, freedCodes := map[ledger.CardKey]bool{}, map[command.ExtIDKey]bool{}
	for i := range ch.Holders {
		old := s.books[ch.Holders[i].Merchant].cards[ch.Holders[i].ID]
		freed[old.Key()], freedCodes[extIDOf(old)] = true, true
	}
	claimed, claimedCodes := map[ledger.CardKey]bool{}, map[command.ExtIDKey]bool{}
	for _, cards := range [][]ledger.Card{ch.Holders, ch.Opened} {
		for i := range cards {
			key, code := cards[i].Key(), extIDOf(&cards[i])
			if claimed[key] || s.find(key) != nil && !freed[key] {
				return fmt.Errorf("card number: %w", command.ErrStale)
			}
			if claimedCodes[code] || s.hasExtID(code) && !freedCodes[code] {
				return fmt.Errorf("inner code: %w", command.ErrStale)
			}
			claimed[key] = true
			claimedCodes[code] = code.ExtID != ""
		}
	}
	return nil
}

func extIDOf(c *ledger.Card) command.ExtIDKey {
	return command.ExtIDKey{Merchant: c.Merchant, ExtID: c.Details.ExtID}
}

// Secure has nothing to wait for: what is in memory is as safe as it gets.
func (s *MemStore) Secure(context.Context) error { return nil }

// Saved tells whether these very changes are in the store. It goes by the first entry, else by
// the first message, else by the first request.
func (s *MemStore) Saved(_ context.Context, ch command.Changes) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(ch.Entries) > 0 {
		want := &ch.Entries[0]
		b, ok := s.books[want.Merchant]
		if !ok {
			return false, nil
		}
		got := b.entries[want.ID]
		return got != nil && got.Card == want.Card && got.Hash == want.Hash, nil
	}
	if len(ch.Messages) > 0 {
		b, ok := s.books[ch.Messages[0].Merchant]
		return ok && b.outbox[ch.Messages[0].ID] != nil, nil
	}
	if len(ch.Requests) > 0 {
		want := ch.Requests[0]
		b, ok := s.books[want.Key.Merchant]
		if !ok {
			return false, nil
		}
		got, there := b.requests[want.Key]
		return there && got.Fingerprint == want.Fingerprint, nil
	}
	return false, errors.New("changes without an entry, a message or a request cannot be looked up")
}

// updateCard changes what moves on a card. Lots that are kept apart come as rows of their own.
func (b *book) updateCard(c *ledger.Card) {
	old := b.cards[c.ID]
	now := cloneCard(c)
	if now.LotsApart {
		now.Lots, now.MoreLots = old.Lots, false
	}
	now.Number, now.Kind, now.Holder, now.Details = old.Number, old.Kind, old.Holder, old.Details
	now.Invoiceable, now.Signed = old.Invoiceable, old.Signed
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
	old.Invoiceable, old.Signed = c.Invoiceable, c.Signed
	b.addNames(old)
}

// addNames makes the card found by its number and its inner code.
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
	if e.Of != 0 {
		b.undoing[e.Of] = append(b.undoing[e.Of], &added)
	}
}

// putLot is lots with the lot as it stands now, in order; one that holds nothing is left out.
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

// front is a copy of the card with its front lots only.
func front(c *ledger.Card) ledger.Card {
	out := *c
	if len(out.Lots) > ledger.FrontLots {
		out.Lots, out.MoreLots = out.Lots[:ledger.FrontLots], true
	}
	return cloneCard(&out)
}

func cloneCard(c *ledger.Card) ledger.Card {
	out := *c
	out.Lots = slices.Clone(c.Lots)
	out.PointLots = slices.Clone(c.PointLots)
	out.Tally = slices.Clone(c.Tally)
	return out
}

func cloneEntry(e *ledger.Entry) ledger.Entry {
	out := *e
	out.Parts = slices.Clone(e.Parts)
	out.PointParts = slices.Clone(e.PointParts)
	out.Rules = slices.Clone(e.Rules)
	out.Tally = slices.Clone(e.Tally)
	if e.Holder != nil {
		holder := *e.Holder
		out.Holder = &holder
	}
	if e.Details != nil {
		details := *e.Details
		out.Details = &details
	}
	out.Coupons = slices.Clone(e.Coupons)
	if e.Offer != nil {
		offer := *e.Offer
		offer.Shops = slices.Clone(offer.Shops)
		out.Offer = &offer
	}
	return out
}

func cloneRequest(q ledger.Request) ledger.Request {
	q.Answer = slices.Clone(q.Answer)
	return q
}

func cloneMerchant(m ledger.Merchant) ledger.Merchant {
	m.Shops = slices.Clone(m.Shops)
	m.Levels = slices.Clone(m.Levels)
	for i := range m.Levels {
		m.Levels[i].Rights.Renewals = slices.Clone(m.Levels[i].Rights.Renewals)
	}
	m.Rules = slices.Clone(m.Rules)
	m.PayTypes = slices.Clone(m.PayTypes)
	m.CouponKinds = slices.Clone(m.CouponKinds)
	for i := range m.CouponKinds {
		m.CouponKinds[i].Shops = slices.Clone(m.CouponKinds[i].Shops)
	}
	return m
}

func cloneAgent(a ledger.Agent) ledger.Agent {
	a.Allow = slices.Clone(a.Allow)
	a.Grants, a.Key = slices.Clone(a.Grants), slices.Clone(a.Key)
	return a
}
