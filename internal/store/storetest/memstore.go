package storetest

import (
	"context"
	"errors"
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
	people   map[ledger.PersonID]ledger.Person
	sessions map[[32]byte]ledger.Session
	settings int64

	proposals map[proposalKey]ledger.Proposal
	jobs      map[jobKey]*keptJob
	exchanges []ledger.Exchange // the oldest first
	uses      map[ledger.AgentID]ledger.KeyUse
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
	lots     map[ledger.LotKey]ledger.LotSums
	used     map[ledger.CouponKey]ledger.CouponSums
	hooks    hooks
}

// NewMemStore returns a store in which there is only the host.
func NewMemStore() *MemStore {
	s := &MemStore{
		books:  map[ledger.MerchantID]*book{},
		agents: map[ledger.AgentID]ledger.Agent{},
		people: map[ledger.PersonID]ledger.Person{}, sessions: map[[32]byte]ledger.Session{},
		proposals: map[proposalKey]ledger.Proposal{}, jobs: map[jobKey]*keptJob{},
		uses: map[ledger.AgentID]ledger.KeyUse{},
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
		lots:     map[ledger.LotKey]ledger.LotSums{},
		used:     map[ledger.CouponKey]ledger.CouponSums{},
		hooks:    newHooks(),
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

// People returns all people, by id.
func (s *MemStore) People(context.Context) ([]ledger.Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.host().People, nil
}

// SettingsVersion returns a number that grows with every change of a merchant's settings, of an agent or a person.
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

// host returns the host's records: the ids of the merchants, the agents and the people.
func (s *MemStore) host() *ledger.Host {
	h := &ledger.Host{Merchants: s.ids()}
	for _, id := range slices.Sorted(maps.Keys(s.agents)) {
		h.Agents = append(h.Agents, cloneAgent(s.agents[id]))
	}
	for _, id := range slices.Sorted(maps.Keys(s.people)) {
		h.People = append(h.People, clonePerson(s.people[id]))
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
	r.Webhooks = b.hooks.load(keys.Webhooks)
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

// Secure does nothing: a store in memory has no disk to wait for.
func (s *MemStore) Secure(context.Context) error { return nil }

// RefusesRepeats reports that Save refuses every request that is stored already.
func (s *MemStore) RefusesRepeats() bool { return true }

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

// EachNumber calls fn with the folded numbers of the merchant's cards between after and end, neither included, in
// order.
func (s *MemStore) EachNumber(
	_ context.Context, merchant ledger.MerchantID, after, end string, fn func(number string) error,
) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, number := range slices.Sorted(maps.Keys(s.books[merchant].numbers)) {
		if number > after && number < end {
			if err := fn(number); err != nil {
				return err
			}
		}
	}
	return nil
}
