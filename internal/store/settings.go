package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Merchants returns all merchants with their settings, by id.
func (v *View) Merchants(ctx context.Context) ([]ledger.Merchant, error) {
	return v.merchants(ctx, false)
}

// StoredMerchants is Merchants for a proof of the books: a merchant with an unknown time zone has a nil zone, where
// Merchants returns an error.
func (v *View) StoredMerchants(ctx context.Context) ([]ledger.Merchant, error) {
	return v.merchants(ctx, true)
}

func (v *View) merchants(ctx context.Context, zoneless bool) ([]ledger.Merchant, error) {
	var ids []ledger.MerchantID
	err := v.q.read(ctx, query{allMerchants, rowsFor(allMerchants, 0), func(r record) error {
		ids = append(ids, ledger.MerchantID(r.int()))
		return nil
	}})
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	reader := &merchantReader{ids: ids}
	reader.zoneless = zoneless
	if err := v.q.read(ctx, reader.queries()...); err != nil {
		return nil, fmt.Errorf("merchants: %w", err)
	}
	return reader.found, nil
}

// SaveMerchant adds a merchant or replaces its settings. Whatever was decided by the old settings and is not saved
// yet becomes stale. A GUID may name only one merchant or shop.
func (s *Store) SaveMerchant(ctx context.Context, m ledger.Merchant) error {
	if m.ID < 1 || m.ID > maxMerchant || m.Zone == nil {
		return errors.New("save merchant: want an id from 1 to 2147483647 and a zone")
	}
	err := s.write(ctx, append([]write{{touchHead, merchantRow(touchHead, m.ID)}}, settingsRows(&m)...)...)
	if errors.Is(err, command.ErrStale) {
		return fmt.Errorf("save merchant %d: a GUID is in use already: %w", m.ID, err)
	}
	return err
}

// settingsRows returns the writes that replace a merchant's settings.
func settingsRows(m *ledger.Merchant) []write {
	id := int64(m.ID)
	writes := []write{
		{moveSetting, rowsFor(moveSetting, 1).text("version")},
		{putMerchant, merchantRowOf(m)},
	}
	for _, drop := range dropDetails {
		writes = append(writes, write{drop, merchantRow(drop, m.ID)})
	}
	guids := rowsFor(addGUID, 1+len(m.Shops))
	for _, guid := range m.GUIDs() {
		guids.int(id).text(guid)
	}
	shops := rowsFor(addShop, len(m.Shops))
	for i, one := range m.Shops {
		shops.int(id).int(int64(i)).int(int64(one.ID)).text(one.GUID).text(one.Name).bool(one.Ended)
	}
	levels := rowsFor(addLevel, len(m.Levels))
	for i, l := range m.Levels {
		writeLevel(levels.int(id).int(int64(i)), &l)
	}
	rules := rowsFor(addRule, len(m.Rules))
	for i, l := range m.Rules {
		rules.int(id).int(int64(i)).int(int64(l.ID)).text(l.Name).int(int64(l.Kind)).int(int64(l.Threshold))
		rules.int(int64(l.AddMoney)).int(int64(l.AddRate)).int(l.AddPoints)
		rules.int(int64(l.First)).int(int64(l.Last)).bool(l.Ended)
		rules.int(int64(l.Weekdays)).int(int64(l.From)).int(int64(l.Until))
	}
	payTypes := rowsFor(addPayType, len(m.PayTypes))
	for i, p := range m.PayTypes {
		payTypes.int(id).int(int64(i)).int(int64(p.ID)).text(p.Name).text(p.Code).bool(p.Invoiceable).bool(p.Ended)
	}
	kinds := rowsFor(addCouponKind, len(m.CouponKinds))
	for i := range m.CouponKinds {
		writeCouponKind(kinds.int(id).int(int64(i)), &m.CouponKinds[i])
	}
	return append(writes, write{addCouponKind, kinds}, write{addGUID, guids}, write{addShop, shops},
		write{addLevel, levels},
		write{addRule, rules}, write{addPayType, payTypes})
}

func merchantRowOf(m *ledger.Merchant) *rows {
	set := m.Settings
	return rowsFor(putMerchant,
		1).int(int64(m.ID)).text(m.GUID).text(m.Name).text(m.Zone.String()).int(int64(m.LicenceEnd)).
		int(int64(set.SpendOrder)).bool(set.PartPayment).int(int64(set.BonusDays)).int(int64(set.PointsDays)).
		int(set.PointsRatio).int(int64(set.MaxAmount)).int(int64(set.MaxBalance)).
		int(int64(set.CodeFrom)).bool(set.PasswordEverywhere).bool(set.WeakPasswords).
		int(int64(set.CutOff)).int(int64(set.SecondPerson))
}

// Agents returns all agents with their grants, by id.
func (v *View) Agents(ctx context.Context) ([]ledger.Agent, error) {
	var found []ledger.Agent
	if err := v.q.read(ctx, agentQueries(&found)...); err != nil {
		return nil, fmt.Errorf("agents: %w", err)
	}
	return found, nil
}

// agentQueries returns the queries that read all agents, and then their grants.
func agentQueries(found *[]ledger.Agent) []query {
	return []query{
		{allAgents, rowsFor(allAgents, 0), func(r record) error {
			a, err := readAgent(r)
			*found = append(*found, a)
			return err
		}},
		{allGrants, rowsFor(allGrants, 0), func(r record) error {
			id := ledger.AgentID(r.int())
			r.int() // the place: rows come in its order
			g := ledger.Grant{Merchant: ledger.MerchantID(r.int()), Permissions: ledger.Permission(r.int())}
			if i := slices.IndexFunc(*found, func(a ledger.Agent) bool { return a.ID == id }); i >= 0 {
				(*found)[i].Grants = append((*found)[i].Grants, g)
			}
			return nil
		}},
	}
}

func readAgent(r record) (ledger.Agent, error) {
	a := ledger.Agent{ID: ledger.AgentID(r.int()), Name: r.text()}
	var err error
	a.TokenHash, err = readHash(r)
	a.Weak = readBool(r)
	a.Allow = strings.Fields(r.text())
	a.Until, a.Stopped, a.Shop = readDate(r), readBool(r), ledger.ShopID(r.int())
	if key := r.bytes(); len(key) > 0 {
		a.Key = key
	}
	a.Always200 = readBool(r)
	a.Scheme = r.text()
	if secret := r.bytes(); len(secret) > 0 {
		a.Secret = secret
	}
	if len(a.Allow) == 0 {
		a.Allow = nil
	}
	a.Version = ledger.EntryID(r.int())
	if spare := r.bytes(); err == nil && len(spare) > 0 {
		if len(spare) != len(a.Spare) {
			return a, fmt.Errorf("agent %d: the token of before has %d bytes, want %d", a.ID, len(spare), len(a.Spare))
		}
		a.Spare = [32]byte(spare)
	}
	a.Owner = ledger.MerchantID(r.int())
	shops, badly := readShops(r.text())
	if badly != nil {
		return a, fmt.Errorf("agent %d: %w", a.ID, badly)
	}
	a.Shops = shops
	return a, err
}

// SaveAgent adds an agent or replaces it, without an entry in the host's journal.
func (s *Store) SaveAgent(ctx context.Context, a ledger.Agent) error {
	if a.ID < 1 {
		return errors.New("save agent: want an id from 1")
	}
	return s.write(ctx, agentRows([]ledger.Agent{a})...)
}

// agentRows returns the writes that add agents or replace them.
func agentRows(agents []ledger.Agent) []write {
	grants := 0
	for i := range agents {
		grants += len(agents[i].Grants)
	}
	put, drop, add := rowsFor(putAgent, len(agents)), rowsFor(dropGrants, len(agents)), rowsFor(addGrant, grants)
	for i := range agents {
		a := &agents[i]
		put.int(int64(a.ID)).text(a.Name).bytes(a.TokenHash[:]).bool(a.Weak).
			text(strings.Join(a.Allow, "\n")).int(int64(a.Until)).bool(a.Stopped).int(int64(a.Shop)).bytes(a.Key).
			bool(a.Always200).text(a.Scheme).bytes(a.Secret).int(int64(a.Version)).
			bytes(spareOf(a)).int(int64(a.Owner)).text(shopsText(a.Shops))
		drop.int(int64(a.ID))
		for place, g := range a.Grants {
			add.int(int64(a.ID)).int(int64(place)).int(int64(g.Merchant)).int(int64(g.Permissions))
		}
	}
	return []write{
		{moveSetting, rowsFor(moveSetting, 1).text("version")},
		{putAgent, put},
		{dropGrants, drop},
		{addGrant, add},
	}
}

// spareOf returns the hash of the token of before, nil if there is none.
func spareOf(a *ledger.Agent) []byte {
	if a.Spare == [32]byte{} {
		return nil
	}
	return a.Spare[:]
}

// addedRows returns the writes that add a merchant.
func addedRows(m *ledger.Merchant) []write {
	return append([]write{{addHead, merchantRow(addHead, m.ID).int(1)}}, settingsRows(m)...)
}

// SettingsVersion returns a number that grows with every change of a merchant or an agent.
func (v *View) SettingsVersion(ctx context.Context) (int64, error) { return v.setting(ctx, "version") }

// The names of settings that a database of every schema has.
const (
	demoSetting = "demo"
	keySetting  = "key"
)

// earlierSetting is 1 in a database with requests of before schema 32, which are kept under other names.
const earlierSetting = "earlier names"

// Demo reports whether the database was marked as one for demonstration.
func (v *View) Demo(ctx context.Context) (bool, error) {
	n, err := v.setting(ctx, demoSetting)
	return n != 0, err
}

// MarkDemo marks the database permanently as one for demonstration.
func (s *Store) MarkDemo(ctx context.Context) error {
	return s.write(ctx, write{setSetting, rowsFor(setSetting, 1).text(demoSetting).int(1)})
}

// KeyCheck returns what SaveKeyCheck stored; 0 if it never did.
func (v *View) KeyCheck(ctx context.Context) (int64, error) { return v.setting(ctx, keySetting) }

// SaveKeyCheck stores a number by which the key that seals secrets can be recognised.
func (s *Store) SaveKeyCheck(ctx context.Context, check int64) error {
	return s.write(ctx, write{setSetting, rowsFor(setSetting, 1).text(keySetting).int(check)})
}

func (v *View) setting(ctx context.Context, name string) (int64, error) {
	var value int64
	err := v.q.read(ctx, query{settingOf, rowsFor(settingOf, 1).text(name), func(r record) error {
		value = r.int()
		return nil
	}})
	if err != nil {
		return 0, fmt.Errorf("setting %s: %w", name, err)
	}
	return value, nil
}

// Heads returns the heads of all merchants and of the host, by merchant.
func (v *View) Heads(ctx context.Context) ([]ledger.Head, error) {
	var heads []ledger.Head
	err := v.q.read(ctx, query{allHeads, rowsFor(allHeads, 0), func(r record) error {
		heads = append(heads, readHead(r))
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("heads: %w", err)
	}
	return heads, nil
}

// Newest returns the time of the newest entry of all merchants; zero if there is none.
func (v *View) Newest(ctx context.Context) (time.Time, error) {
	heads, err := v.Heads(ctx)
	var newest time.Time
	for _, h := range heads {
		if h.LastAt.After(newest) {
			newest = h.LastAt
		}
	}
	return newest, err
}
