package auth

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tongka/internal/ledger"
)

// maxToken is the length in bytes beyond which a token is refused without being hashed.
const maxToken = 512

const (
	// lookLimit bounds one check for changed settings, even if the source hangs.
	lookLimit = 10 * time.Second
	// oldest is how long after its last successful check a watched directory may still be used. If the settings have
	// been unreadable for longer, an agent may have been stopped in the meantime.
	oldest = 15 * time.Second
)

// ErrDenied is wrapped by every refusal to return an agent. The wrapping text says why and is for logs only.
var ErrDenied = errors.New("agent denied")

// Source is where agents, people and merchants are stored.
type Source interface {
	Merchants(ctx context.Context) ([]ledger.Merchant, error)
	Agents(ctx context.Context) ([]ledger.Agent, error)
	People(ctx context.Context) ([]ledger.Person, error)
	// SettingsVersion returns a number that differs after every change to what the others return.
	SettingsVersion(ctx context.Context) (int64, error)
}

// Directory finds the agent of a token or a shop, and the place a GUID stands for. The records it returns are
// shared between callers and must not be changed.
type Directory struct {
	source  Source
	clock   func() time.Time
	loading sync.Mutex // one load at a time, so that an older one never replaces a newer one
	current atomic.Pointer[snapshot]
	looked  atomic.Pointer[time.Time] // when Watch last confirmed that the snapshot is current; nil = not watched
}

type snapshot struct {
	version   int64
	agents    map[[32]byte]*agent
	shops     map[ledger.ShopID]tills
	schemes   []string // signature schemes of the tills, without duplicates
	places    map[string]Place
	merchants map[ledger.MerchantID]*ledger.Merchant
	byID      map[ledger.AgentID]*ledger.Agent // also those that share a token, and are found by none
	all       []ledger.Agent                   // integrators, by id
	keys      map[ledger.MerchantID][]*ledger.Agent
	people    map[ledger.PersonID]*ledger.Person
	signIns   map[string]*ledger.Person
}

type agent struct {
	ledger.Agent
	allow []netip.Prefix
}

// tills pairs an agent that signs with its shop. The agent is nil if several agents claim the same shop id.
type tills struct {
	agent *agent
	place Place
}

// Place is a shop of a merchant.
type Place struct {
	Merchant *ledger.Merchant
	Shop     ledger.Shop // zero if the merchant has no shop; it may have ended, and its callers are then refused
}

// Open returns a Directory read from source. clock decides whether an agent's last day has passed.
func Open(ctx context.Context, source Source, clock func() time.Time) (*Directory, error) {
	d := &Directory{source: source, clock: clock}
	if err := d.Refresh(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// Refresh reads the directory again. If it returns an error, the previous snapshot stays in force.
func (d *Directory) Refresh(ctx context.Context) error {
	d.loading.Lock()
	defer d.loading.Unlock()
	// The version is read first: a change that comes while the rest is read gives the source a newer version, so the
	// next check reads again.
	version, err := d.source.SettingsVersion(ctx)
	if err != nil {
		return fmt.Errorf("directory: version: %w", err)
	}
	merchants, err := d.source.Merchants(ctx)
	if err != nil {
		return fmt.Errorf("directory: merchants: %w", err)
	}
	agents, err := d.source.Agents(ctx)
	if err != nil {
		return fmt.Errorf("directory: agents: %w", err)
	}
	people, err := d.source.People(ctx)
	if err != nil {
		return fmt.Errorf("directory: people: %w", err)
	}
	d.current.Store(newSnapshot(version, merchants, agents, people))
	return nil
}

// Watch checks for changed settings at the given interval until ctx is done. A check that fails is logged; the
// current snapshot stays in force, and Outdated reports when it has become too old.
func (d *Directory) Watch(ctx context.Context, every time.Duration, log *slog.Logger) {
	now := time.Now()
	d.looked.Store(&now)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		begun := time.Now()
		err := d.look(ctx)
		if err == nil {
			d.looked.Store(&begun)
		} else if ctx.Err() == nil {
			log.ErrorContext(ctx, "directory not refreshed", "error", err)
		}
	}
}

// look is refreshIfMoved within lookLimit.
func (d *Directory) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	return d.refreshIfMoved(ctx)
}

// Outdated returns an error if a watched directory has not been confirmed for so long that no caller should be
// admitted: an agent that was stopped in the meantime would still get in. It concerns the server, not one caller;
// Agent and Shop do not check it, so the dialects call it first.
func (d *Directory) Outdated() error {
	looked := d.looked.Load()
	if looked == nil {
		return nil
	}
	if age := time.Since(*looked); age > oldest {
		return fmt.Errorf("settings were last read %v ago", age.Round(time.Second))
	}
	return nil
}

func (d *Directory) refreshIfMoved(ctx context.Context) error {
	version, err := d.source.SettingsVersion(ctx)
	if err != nil {
		return fmt.Errorf("directory: version: %w", err)
	}
	if version == d.current.Load().version {
		return nil
	}
	return d.Refresh(ctx)
}

// Agent returns the integrator with the token, if it may call from the address today. Every error wraps ErrDenied. An
// API key is none: a merchant's own programs have nothing to do with the wires of tills.
func (d *Directory) Agent(token string, from netip.Addr) (*ledger.Agent, error) {
	a, err := d.Caller(token, from)
	if err == nil && a.Owner != 0 {
		return nil, fmt.Errorf("%w: %s: an API key, which no till may send", ErrDenied, a.Name)
	}
	return a, err
}

// Caller is Agent for Tongka's own API: it returns the integrator or the API key with the token.
func (d *Directory) Caller(token string, from netip.Addr) (*ledger.Agent, error) {
	if token == "" || len(token) > maxToken {
		return nil, fmt.Errorf("%w: no token", ErrDenied)
	}
	hash := Hash(token)
	a := d.current.Load().agents[hash]
	// The map lookup takes time that depends on the hash of what the caller sent, which reveals nothing about any
	// token; the comparison that decides takes constant time.
	if a == nil || !a.has(hash) {
		return nil, fmt.Errorf("%w: unknown token, or one of several agents", ErrDenied)
	}
	if why := a.barred(from, ledger.DateOf(d.clock().UTC())); why != "" {
		return nil, fmt.Errorf("%w: %s: %s", ErrDenied, a.Name, why)
	}
	return &a.Agent, nil
}

// has reports whether a token with that hash is one of the agent's.
func (a *agent) has(hash [32]byte) bool {
	same := 0
	for _, own := range a.Tokens() {
		same |= subtle.ConstantTimeCompare(own[:], hash[:])
	}
	return same == 1
}

// Shop returns the agent that signs for a shop, if it may call from the address today, and the shop's place. The
// caller must still verify the signature. Every error wraps ErrDenied.
func (d *Directory) Shop(id ledger.ShopID, from netip.Addr) (*ledger.Agent, Place, error) {
	t := d.current.Load().shops[id]
	if t.agent == nil {
		return nil, Place{}, fmt.Errorf("%w: shop %d has no key", ErrDenied, id)
	}
	if why := t.agent.barred(from, ledger.DateOf(d.clock().UTC())); why != "" {
		return nil, Place{}, fmt.Errorf("%w: %s: %s", ErrDenied, t.agent.Name, why)
	}
	return &t.agent.Agent, t.place, nil
}

// Schemes returns the signature schemes in use by the tills of all shops, in the form of Agent.Scheme and without
// duplicates. The default scheme, which is "" there, is left out.
func (d *Directory) Schemes() []string { return d.current.Load().schemes }

// Agents returns all integrators, by id.
func (d *Directory) Agents() []ledger.Agent { return d.current.Load().all }

// AgentByID returns the integrator or API key with the id, or nil if there is none.
func (d *Directory) AgentByID(id ledger.AgentID) *ledger.Agent { return d.current.Load().byID[id] }

// Keys returns the API keys of a merchant, by id, also those that are stopped or over.
func (d *Directory) Keys(merchant ledger.MerchantID) []*ledger.Agent {
	return d.current.Load().keys[merchant]
}

// AgentsAt returns the integrators that have been granted anything at a merchant, also those that are stopped or over.
func (d *Directory) AgentsAt(merchant ledger.MerchantID) (found []*ledger.Agent) {
	all := d.current.Load().all
	for i := range all {
		if all[i].At(merchant) {
			found = append(found, &all[i])
		}
	}
	return found
}

// barred returns why the agent may not call from the address today, or "" if it may.
func (a *agent) barred(from netip.Addr, today ledger.Date) string {
	switch {
	case a.Stopped:
		return "stopped"
	case a.Weak && len(a.Allow) == 0:
		return "weak token without a list of addresses"
	case a.Weak && a.Until == 0:
		return "weak token without an end"
	case a.Over(today):
		return "over since " + a.Until.String()
	case len(a.Allow) > 0 && !contains(a.allow, from):
		return "address not allowed"
	}
	return ""
}

// Place returns the place that a merchant's or a shop's GUID stands for, in any spelling of the GUID. A merchant's
// GUID stands for its head shop, or once that has ended for the first that has not. ok is false for an unknown GUID
// and for one that is used twice.
func (d *Directory) Place(guid string) (Place, bool) {
	p, ok := d.current.Load().places[ledger.FoldGUID(guid)]
	return p, ok && p.Merchant != nil
}

// Person returns the person with the id, or nil if there is none.
func (d *Directory) Person(id ledger.PersonID) *ledger.Person { return d.current.Load().people[id] }

// PersonNamed returns the person who signs in by a name, folded, or nil if there is none.
func (d *Directory) PersonNamed(signIn string) *ledger.Person {
	return d.current.Load().signIns[signIn]
}

// People returns all people, by id.
func (d *Directory) People() []*ledger.Person {
	byID := func(a, b *ledger.Person) int { return cmp.Compare(a.ID, b.ID) }
	return slices.SortedFunc(maps.Values(d.current.Load().people), byID)
}

// Merchants returns all merchants, by id.
func (d *Directory) Merchants() []*ledger.Merchant {
	byID := func(a, b *ledger.Merchant) int { return cmp.Compare(a.ID, b.ID) }
	return slices.SortedFunc(maps.Values(d.current.Load().merchants), byID)
}

// Merchant returns the merchant with the id, or nil if there is none.
func (d *Directory) Merchant(id ledger.MerchantID) *ledger.Merchant {
	return d.current.Load().merchants[id]
}

func newSnapshot(
	version int64, merchants []ledger.Merchant, agents []ledger.Agent, people []ledger.Person,
) *snapshot {
	s := &snapshot{
		version:   version,
		byID:      make(map[ledger.AgentID]*ledger.Agent, len(agents)),
		keys:      map[ledger.MerchantID][]*ledger.Agent{},
		agents:    make(map[[32]byte]*agent, len(agents)),
		shops:     map[ledger.ShopID]tills{},
		places:    make(map[string]Place, 2*len(merchants)),
		merchants: make(map[ledger.MerchantID]*ledger.Merchant, len(merchants)),
		people:    make(map[ledger.PersonID]*ledger.Person, len(people)),
		signIns:   make(map[string]*ledger.Person, len(people)),
	}
	for i := range people {
		s.people[people[i].ID], s.signIns[people[i].SignIn] = &people[i], &people[i]
	}
	for i := range merchants {
		s.addMerchant(&merchants[i])
	}
	for i := range agents {
		s.list(&agents[i])
		one := &agent{Agent: agents[i], allow: Ranges(agents[i].Allow)}
		if one.Shop == 0 {
			s.addAgent(one)
			continue
		}
		s.addShop(one)
	}
	return s
}

// list puts an agent into the lists that people look at.
func (s *snapshot) list(a *ledger.Agent) {
	s.byID[a.ID] = a
	if a.Owner == 0 {
		s.all = append(s.all, *a)
		return
	}
	s.keys[a.Owner] = append(s.keys[a.Owner], a)
}

// addAgent adds an agent by its tokens. If two agents have the same token, neither is found by it: a request must
// never be carried out in the name, and at the merchant, of the wrong one.
func (s *snapshot) addAgent(a *agent) {
	for _, hash := range a.Tokens() {
		if _, taken := s.agents[hash]; taken {
			s.agents[hash] = nil
			continue
		}
		s.agents[hash] = a
	}
}

// addShop adds an agent by its shop, at the merchant it has a grant for. If a shop id leads to two places, it leads
// to none: a till that signs names only the shop id, which must therefore be unique among all merchants.
func (s *snapshot) addShop(a *agent) {
	for _, g := range a.Grants {
		m := s.merchants[g.Merchant]
		if m == nil {
			continue
		}
		shop, found := m.Shop(a.Shop)
		if !found {
			continue
		}
		if _, taken := s.shops[a.Shop]; taken {
			s.shops[a.Shop] = tills{}
			continue
		}
		s.shops[a.Shop] = tills{a, Place{m, shop}}
		if a.Scheme != "" && !slices.Contains(s.schemes, a.Scheme) {
			s.schemes = append(s.schemes, a.Scheme)
		}
	}
}

func (s *snapshot) addMerchant(m *ledger.Merchant) {
	s.merchants[m.ID] = m
	head, _ := m.HeadShop()
	s.addPlace(m.GUID, Place{m, head})
	for _, shop := range m.Shops {
		s.addPlace(shop.GUID, Place{m, shop})
	}
}

// addPlace adds a place by its GUID. A GUID that would stand for two places stands for none: a request must never
// reach the wrong merchant.
func (s *snapshot) addPlace(guid string, p Place) {
	key := ledger.FoldGUID(guid)
	if key == "" {
		return
	}
	if before, taken := s.places[key]; taken && before != p {
		p = Place{}
	}
	s.places[key] = p
}

// Ranges parses addresses and ranges. A text that is neither is left out, so it admits nobody.
func Ranges(allow []string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range allow {
		if p, err := netip.ParsePrefix(text); err == nil {
			all = append(all, p.Masked())
		} else if a, err := netip.ParseAddr(text); err == nil {
			all = append(all, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
		}
	}
	return all
}

func contains(ranges []netip.Prefix, a netip.Addr) bool {
	for _, p := range ranges {
		if p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}
