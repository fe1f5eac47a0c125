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

// MemStore keeps everything in memory. It passes the contract of every store, may be used by many goroutines at
// once, and shares no memory with its callers: it copies what it is given and what it returns.
type MemStore struct {
	mu       sync.Mutex
	books    map[ledger.MerchantID]*book
	agents   map[ledger.AgentID]ledger.Agent
	settings int64
}

// book holds the records of one merchant, or of the host.
type book struct {
	merchant ledger.Merchant
	head     ledger.Head
	cards    map[ledger.CardID]*ledger.Card // with all of their lots
	numbers  map[string]ledger.CardID
	extIDs   map[string]ledger.CardID
	entries  map[ledger.EntryID]*ledger.Entry // an entry never changes
	journal  []*ledger.Entry                  // by id
	ofCard   map[ledger.CardID][]*ledger.Entry
	undoing  map[ledger.EntryID][]*ledger.Entry
	requests map[ledger.RequestKey]ledger.Request
	coupons  map[ledger.CouponID]ledger.Coupon
	numbered map[string]ledger.CouponID // by number
	stocks   map[ledger.CouponKindID]ledger.CouponStock
	guards   map[ledger.GuardKey]ledger.Guard
	outbox   map[ledger.MessageID]*outboxRow
	cursors  map[string]ledger.Cursor // by follower
	days     map[ledger.DayKey]ledger.DaySums
}

// NewMemStore returns a store in which there is only the host.
func NewMemStore() *MemStore {
	s := &MemStore{
		books:  map[ledger.MerchantID]*book{},
		agents: map[ledger.AgentID]ledger.Agent{},
	}
	s.books[ledger.HostID] = newBook(ledger.HostID)
	return s
}

// newBook returns the book of a merchant that has no records yet.
func newBook(id ledger.MerchantID) *book {
	return &book{
		head:     ledger.Head{Merchant: id, Version: 1},
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
		cursors:  map[string]ledger.Cursor{},
		days:     map[ledger.DayKey]ledger.DaySums{},
	}
}

// ids returns the ids of the merchants, in order, without the host's.
func (s *MemStore) ids() []ledger.MerchantID {
	ids := slices.Sorted(maps.Keys(s.books))
	return slices.DeleteFunc(ids, func(id ledger.MerchantID) bool { return id == ledger.HostID })
}

// SaveMerchant adds a merchant or replaces its settings. It moves the version of the merchant's head, so that
// nothing decided by the old settings can be saved any longer.
func (s *MemStore) SaveMerchant(_ context.Context, m ledger.Merchant) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings++
	b, ok := s.books[m.ID]
	if !ok {
		b = newBook(m.ID)
		b.head.Version = 0
		s.books[m.ID] = b
	}
	b.merchant = cloneMerchant(m)
	b.head.Version++
	return nil
}

// Merchants returns all merchants, by id, without the host.
func (s *MemStore) Merchants(context.Context) ([]ledger.Merchant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []ledger.Merchant
	for _, id := range s.ids() {
		all = append(all, cloneMerchant(s.books[id].merchant))
	}
	return all, nil
}

// SaveAgent adds an agent or replaces it.
func (s *MemStore) SaveAgent(_ context.Context, a ledger.Agent) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings++
	s.agents[a.ID] = cloneAgent(a)
	return nil
}

// Agents returns all agents, by id.
func (s *MemStore) Agents(context.Context) ([]ledger.Agent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []ledger.Agent
	for _, id := range slices.Sorted(maps.Keys(s.agents)) {
		all = append(all, cloneAgent(s.agents[id]))
	}
	return all, nil
}

// SettingsVersion returns a number that grows with every change of a merchant's settings or of an agent.
func (s *MemStore) SettingsVersion(context.Context) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings, nil
}

// Load returns the records of each want, in the order of the wants, all as of one moment. What is not there is left
// out.
func (s *MemStore) Load(_ context.Context, wants ...command.Want) ([]command.Records, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := make([]command.Records, len(wants))
	for i := range wants {
		if b, ok := s.books[wants[i].Merchant]; ok {
			found[i] = b.load(&wants[i].Keys)
		}
		if wants[i].Merchant == ledger.HostID && wants[i].Keys.Head {
			found[i].Merchant, found[i].Host = nil, s.host()
		}
		found[i].GUIDs = s.guidsOf(wants[i].Keys.GUIDs)
	}
	return found, nil
}

// host returns the host's records: the ids of the merchants, and the agents.
func (s *MemStore) host() *ledger.Host {
	h := &ledger.Host{Merchants: s.ids()}
	for _, id := range slices.Sorted(maps.Keys(s.agents)) {
		h.Agents = append(h.Agents, cloneAgent(s.agents[id]))
	}
	return h
}

// guidsOf returns those of the GUIDs that some merchant has, and which.
func (s *MemStore) guidsOf(guids []string) (found []ledger.GUIDOwner) {
	for _, id := range s.ids() {
		for _, guid := range s.books[id].merchant.GUIDs() {
			if slices.Contains(guids, guid) {
				found = append(found, ledger.GUIDOwner{GUID: guid, Merchant: id})
			}
		}
	}
	return found
}

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

func (b *book) load(keys *command.Keys) (r command.Records) {
	if keys.Head {
		m := cloneMerchant(b.merchant)
		r.Merchant, r.Head = &m, b.head
	}
	for _, number := range keys.Cards {
		if c := b.find(number); c != nil {
			r.Cards = append(r.Cards, front(c))
		}
	}
	for _, number := range keys.AllLots {
		if c := b.find(number); c != nil {
			r.Cards = append(r.Cards, cloneCard(c))
		}
	}
	r.Entries = append(b.loadEntries(keys.Entries), b.loadLapses(keys.Lapses)...)
	for _, key := range keys.Requests {
		if q, ok := b.requests[key]; ok {
			r.Requests = append(r.Requests, cloneRequest(q))
		}
	}
	for _, code := range keys.ExtIDs {
		if b.extIDs[code] != 0 {
			r.ExtIDs = append(r.ExtIDs, code)
		}
	}
	b.loadCoupons(keys, &r)
	for _, key := range keys.Guards {
		if g, ok := b.guards[key]; ok {
			r.Guards = append(r.Guards, g)
		}
	}
	return r
}

// loadEntries returns the entries of these ids and all entries that undo one of them, each once.
func (b *book) loadEntries(ids []ledger.EntryID) []ledger.Entry {
	var found []ledger.Entry
	seen := map[ledger.EntryID]bool{}
	for _, id := range ids {
		named := b.undoing[id]
		if e := b.entries[id]; e != nil {
			named = append([]*ledger.Entry{e}, named...)
		}
		for _, e := range named {
			if !seen[e.ID] {
				seen[e.ID] = true
				found = append(found, cloneEntry(e))
			}
		}
	}
	return found
}

// loadLapses are the entries after the named ones on their cards by which points expired or came back after that.
func (b *book) loadLapses(ids []ledger.EntryID) (found []ledger.Entry) {
	for _, id := range ids {
		gave := b.entries[id]
		if gave == nil {
			continue
		}
		for later := id + 1; later <= b.head.LastEntry; later++ {
			if e := b.entries[later]; e != nil && e.Card == gave.Card && e.Lapse() {
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
	return b.find(key.Number)
}

func (b *book) find(number string) *ledger.Card { return b.cards[b.numbers[ledger.FoldNumber(number)]] }

// Save stores all of the changes or none. It returns command.ErrStale if a head has moved since it was loaded, if
// its merchant does not exist, or if a row that is to be new is already there.
func (s *MemStore) Save(_ context.Context, changes ...command.Changes) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range changes {
		if err := s.check(&changes[i]); err != nil {
			return err
		}
	}
	if err := s.checkGUIDs(changes); err != nil {
		return err
	}
	for i := range changes {
		s.books[changes[i].Head.Merchant].apply(&changes[i])
		if changes[i].Settings != nil {
			s.settings++
		}
		s.applyHost(&changes[i])
	}
	return nil
}

func (s *MemStore) applyHost(ch *command.Changes) {
	for i := range ch.Agents {
		s.agents[ch.Agents[i].ID] = cloneAgent(ch.Agents[i])
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
	if ch.Settings != nil {
		b.merchant = cloneMerchant(*ch.Settings)
	}
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
	if len(ch.Agents)+len(ch.Added) > 0 && ch.Head.Merchant != ledger.HostID {
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

// Secure does nothing: a store in memory has no disk to wait for.
func (s *MemStore) Secure(context.Context) error { return nil }

// Saved reports whether these changes are in the store. It goes by the first entry; if there is none, by the first
// message, and if there is none, by the first request. Changes with none of them are an error.
func (s *MemStore) Saved(_ context.Context, changes ...command.Changes) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, has := range []func(*book, *command.Changes) (saved, told bool){
		(*book).hasEntry, (*book).hasMessage, (*book).hasRequest,
	} {
		for i := range changes {
			if changes[i].Head == nil {
				continue
			}
			b, ok := s.books[changes[i].Head.Merchant]
			if !ok {
				return false, nil
			}
			if saved, told := has(b, &changes[i]); told {
				return saved, nil
			}
		}
	}
	return false, errors.New("changes without an entry, a message or a request cannot be looked up")
}

func (b *book) hasEntry(ch *command.Changes) (saved, told bool) {
	if len(ch.Entries) == 0 {
		return false, false
	}
	want := &ch.Entries[0]
	got := b.entries[want.ID]
	return got != nil && got.Card == want.Card && got.Hash == want.Hash, true
}

func (b *book) hasMessage(ch *command.Changes) (saved, told bool) {
	if len(ch.Messages) == 0 {
		return false, false
	}
	return b.outbox[ch.Messages[0].ID] != nil, true
}

func (b *book) hasRequest(ch *command.Changes) (saved, told bool) {
	if len(ch.Requests) == 0 {
		return false, false
	}
	got, there := b.requests[ch.Requests[0].Key]
	return there && got.Fingerprint == ch.Requests[0].Fingerprint, true
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

// front returns a copy of the card with at most its first FrontLots lots.
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
	out.Allocations = slices.Clone(e.Allocations)
	out.PointAllocations = slices.Clone(e.PointAllocations)
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

// cloneRequest returns a copy of the request as a store keeps it: if a layout can write the answer again, without
// the answer.
func cloneRequest(q ledger.Request) ledger.Request {
	q.Answer, q.Rest = slices.Clone(q.Answer), slices.Clone(q.Rest)
	if q.Layout != 0 {
		q.Answer = nil
	}
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
	a.Grants, a.Key, a.Secret = slices.Clone(a.Grants), slices.Clone(a.Key), slices.Clone(a.Secret)
	return a
}
