package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tongka/internal/ledger"
)

// maxToken is the longest token that is looked at.
const maxToken = 512

const (
	// lookLimit bounds one look for moved settings, whatever the source does.
	lookLimit = 10 * time.Second
	// oldest is how long after the last look that succeeded a watched directory still lets anybody in. Where
	// the settings cannot be read for longer, an agent may have been stopped meanwhile.
	oldest = 15 * time.Second
)

// ErrDenied is why no agent was answered; what wraps it is for logs only.
var ErrDenied = errors.New("agent denied")

// Source is where agents and merchants are kept.
type Source interface {
	Merchants(ctx context.Context) ([]ledger.Merchant, error)
	Agents(ctx context.Context) ([]ledger.Agent, error)
	// SettingsVersion moves with every change of what the other two answer.
	SettingsVersion(ctx context.Context) (int64, error)
}

// Directory says who a token belongs to and what a GUID stands for. Its records are shared: nobody
// may change them.
type Directory struct {
	source  Source
	clock   func() time.Time
	loading sync.Mutex // one load at a time, so that an older one never replaces a newer one
	current atomic.Pointer[snapshot]
	looked  atomic.Pointer[time.Time] // when Watch has last seen that the snapshot is the newest; nil = it does not watch
}

type snapshot struct {
	version   int64
	agents    map[[32]byte]*agent
	shops     map[ledger.ShopID]tills
	schemes   []string // of the tills, each once
	places    map[string]Place
	merchants map[ledger.MerchantID]*ledger.Merchant
}

type agent struct {
	ledger.Agent
	allow []netip.Prefix
}

// tills are an agent that signs, and its shop. Without an agent they are nobody's.
type tills struct {
	agent *agent
	place Place
}

// Place is a shop of a merchant.
type Place struct {
	Merchant *ledger.Merchant
	Shop     ledger.Shop // the zero Shop at a merchant that has none
}

// Open reads the directory. clock says when an agent's last good day has passed.
func Open(ctx context.Context, source Source, clock func() time.Time) (*Directory, error) {
	d := &Directory{source: source, clock: clock}
	if err := d.Refresh(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// Refresh reads the directory anew. After an error the snapshot before it stays in force.
func (d *Directory) Refresh(ctx context.Context) error {
	d.loading.Lock()
	defer d.loading.Unlock()
	// The version comes first: what changes while the rest is read is seen as moved next time.
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
	d.current.Store(newSnapshot(version, merchants, agents))
	return nil
}

// Watch looks for moved settings every so often, until ctx is done. A failure to look is logged, and
// the snapshot at hand stays in force until it is outdated.
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

// look takes moved settings in, within a limit.
func (d *Directory) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	return d.refreshIfMoved(ctx)
}

// Outdated returns an error while the settings could not be read for so long that nobody may be let in: an
// agent that was stopped meanwhile would still be allowed. It is about the server and not about a caller.
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

// Agent is whose token it is, if that agent may call from the address today. Every error wraps
// ErrDenied.
func (d *Directory) Agent(token string, from netip.Addr) (*ledger.Agent, error) {
	if token == "" || len(token) > maxToken {
		return nil, fmt.Errorf("%w: no token", ErrDenied)
	}
	hash := Hash(token)
	a := d.current.Load().agents[hash]
	// The map compares hashes of what the caller sent, of which nothing about the token can be learnt;
	// the comparison that decides takes the same time for all.
	if a == nil || subtle.ConstantTimeCompare(a.TokenHash[:], hash[:]) != 1 {
		return nil, fmt.Errorf("%w: unknown token, or one of several agents", ErrDenied)
	}
	if why := a.barred(from, ledger.DateOf(d.clock().UTC())); why != "" {
		return nil, fmt.Errorf("%w: %s: %s", ErrDenied, a.Name, why)
	}
	return &a.Agent, nil
}

// Shop is the agent that signs for a shop, if it may call from the address today, and the place the
// shop is. Whether it signed is for the caller to find out. Every error wraps ErrDenied.
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

// Schemes are the different ways in which the tills of all shops sign, as Agent.Scheme has them; that of ours
// is left out.
func (d *Directory) Schemes() []string { return d.current.Load().schemes }

// barred is why the agent may not call from the address today, or "".
func (a *agent) barred(from netip.Addr, today ledger.Date) string {
	switch {
	case a.Stopped:
		return "stopped"
	case a.Weak && len(a.Allow) == 0:
		return "weak token without a list of addresses"
	case a.Weak && a.Until == 0:
		return "weak token without an end"
	case a.Until != 0 && today > a.Until:
		return "over since " + a.Until.String()
	case len(a.Allow) > 0 && !contains(a.allow, from):
		return "address not allowed"
	}
	return ""
}

// Place is what a merchant's or a shop's GUID stands for: with the merchant's, the head shop is
// meant.
func (d *Directory) Place(guid string) (Place, bool) {
	p, ok := d.current.Load().places[ledger.FoldGUID(guid)]
	return p, ok && p.Merchant != nil
}

// Merchant finds a merchant by id; nil when there is none.
func (d *Directory) Merchant(id ledger.MerchantID) *ledger.Merchant {
	return d.current.Load().merchants[id]
}

func newSnapshot(version int64, merchants []ledger.Merchant, agents []ledger.Agent) *snapshot {
	s := &snapshot{
		version:   version,
		agents:    make(map[[32]byte]*agent, len(agents)),
		shops:     map[ledger.ShopID]tills{},
		places:    make(map[string]Place, 2*len(merchants)),
		merchants: make(map[ledger.MerchantID]*ledger.Merchant, len(merchants)),
	}
	for i := range merchants {
		s.addMerchant(&merchants[i])
	}
	for _, a := range agents {
		one := &agent{Agent: a, allow: Ranges(a.Allow)}
		if a.Shop == 0 {
			s.addAgent(one)
			continue
		}
		s.addShop(one)
	}
	return s
}

// addAgent makes the agent of a token known. A token of two agents is nobody's: a request must never be
// done in the name, and at a merchant, of the wrong one.
func (s *snapshot) addAgent(a *agent) {
	if _, taken := s.agents[a.TokenHash]; taken {
		s.agents[a.TokenHash] = nil
		return
	}
	s.agents[a.TokenHash] = a
}

// addShop makes the agent of a shop known, at the merchant it has its grant for. Two for one shop id
// stand for none: ids of shops may repeat between merchants, and those that sign must not.
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
	var head ledger.Shop
	if len(m.Shops) > 0 {
		head = m.Shops[0]
	}
	s.addPlace(m.GUID, Place{m, head})
	for _, shop := range m.Shops {
		s.addPlace(shop.GUID, Place{m, shop})
	}
}

// addPlace makes a GUID known. One that would stand for two places stands for none: a request must
// never land at the wrong merchant.
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

// Ranges reads addresses and ranges. What cannot be read allows nobody.
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
