package auth

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

var loopback = netip.MustParseAddr("127.0.0.1")

func at(day string) func() time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return func() time.Time { return t.Add(23 * time.Hour) }
}

// open returns a directory with one agent.
func open(t *testing.T, a ledger.Agent) *Directory {
	t.Helper()
	store := storetest.NewMemStore()
	if err := store.SaveAgent(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	d, err := Open(context.Background(), store, at("2026-11-22"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestAgent: each row is an agent and a call, and whether it is let in.
func TestAgent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*ledger.Agent)
		token  string
		from   string
		in     bool
	}{
		"plain":            {func(*ledger.Agent) {}, "secret", "203.0.113.9", true},
		"no token":         {func(*ledger.Agent) {}, "", "203.0.113.9", false},
		"other token":      {func(*ledger.Agent) {}, "secret ", "203.0.113.9", false},
		"hash is no token": {func(*ledger.Agent) {}, string(make([]byte, 32)), "203.0.113.9", false},
		"stopped":          {func(a *ledger.Agent) { a.Stopped = true }, "secret", "203.0.113.9", false},
		"last good day":    {func(a *ledger.Agent) { a.Until = 20261122 }, "secret", "203.0.113.9", true},
		"day after":        {func(a *ledger.Agent) { a.Until = 20261121 }, "secret", "203.0.113.9", false},
		"listed address":   {func(a *ledger.Agent) { a.Allow = []string{"203.0.113.9"} }, "secret", "203.0.113.9", true},
		"listed range": {
			func(a *ledger.Agent) { a.Allow = []string{"203.0.113.7/24"} }, "secret", "203.0.113.9", true,
		},
		"mapped address": {
			func(a *ledger.Agent) { a.Allow = []string{"203.0.113.0/24"} }, "secret", "::ffff:203.0.113.9", true,
		},
		"IPv6 range":       {func(a *ledger.Agent) { a.Allow = []string{"2001:db8::/32"} }, "secret", "2001:db8::1", true},
		"other address":    {func(a *ledger.Agent) { a.Allow = []string{"203.0.113.8"} }, "secret", "203.0.113.9", false},
		"list of nonsense": {func(a *ledger.Agent) { a.Allow = []string{"everywhere"} }, "secret", "203.0.113.9", false},
		"weak, fenced": {
			func(a *ledger.Agent) { a.Weak, a.Until, a.Allow = true, 20261201, []string{"127.0.0.0/8"} }, "secret", "127.0.0.1",
			true,
		},
		"weak, no end": {
			func(a *ledger.Agent) { a.Weak, a.Allow = true, []string{"127.0.0.0/8"} }, "secret", "127.0.0.1", false,
		},
		"weak, from anywhere": {func(a *ledger.Agent) { a.Weak, a.Until = true, 20261201 }, "secret", "127.0.0.1", false},
		"weak, elsewhere": {
			func(a *ledger.Agent) { a.Weak, a.Until, a.Allow = true, 20261201, []string{"127.0.0.0/8"} }, "secret", "10.0.0.1",
			false,
		},
		"weak, over": {
			func(a *ledger.Agent) { a.Weak, a.Until, a.Allow = true, 20261101, []string{"127.0.0.0/8"} }, "secret", "127.0.0.1",
			false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := ledger.Agent{ID: 7, Name: "vendor", TokenHash: Hash("secret")}
			test.change(&a)
			got, err := open(t, a).Agent(test.token, netip.MustParseAddr(test.from))
			if test.in && (err != nil || got.ID != 7) {
				t.Errorf("got %+v, %v, want the agent", got, err)
			}
			if !test.in && (!errors.Is(err, ErrDenied) || got != nil) {
				t.Errorf("got %+v, %v, want ErrDenied", got, err)
			}
		})
	}
}

// TestUnknownAddress: a caller whose address is not known is at no address of a list, whatever it covers, on both
// wires.
func TestUnknownAddress(t *testing.T) {
	t.Parallel()
	for _, allow := range []string{"127.0.0.1", "0.0.0.0/0", "::/0"} {
		a := ledger.Agent{ID: 7, Name: "vendor", TokenHash: Hash("secret"), Allow: []string{allow}}
		if _, err := open(t, a).Agent("secret", netip.Addr{}); !errors.Is(err, ErrDenied) {
			t.Errorf("%s: got %v", allow, err)
		}
	}
}

// If two agents have the same token, neither is admitted by it, in whatever order they are read; the later one used
// to win and to act at its own merchant. Tills of shops all have the zero token hash, which must not count as a
// shared token.
func TestTokenOfTwo(t *testing.T) {
	t.Parallel()
	store := storetest.NewMemStore()
	for _, a := range []ledger.Agent{
		{ID: 1, Name: "one", TokenHash: Hash("chosen")},
		{ID: 2, Name: "two", TokenHash: Hash("chosen")},
		{ID: 3, Name: "three", TokenHash: Hash("chosen")},
		{ID: 4, Name: "alone", TokenHash: Hash("its own")},
		{ID: 5, Name: "tills", Shop: 11, Key: []byte("k")},
		{ID: 6, Name: "other tills", Shop: 12, Key: []byte("k")},
	} {
		if err := store.SaveAgent(context.Background(), a); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Open(context.Background(), store, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := d.Agent("chosen", loopback); !errors.Is(err, ErrDenied) || a != nil {
		t.Errorf("the token of three: got %+v, %v, want ErrDenied", a, err)
	}
	if a, err := d.Agent("its own", loopback); err != nil || a.ID != 4 {
		t.Errorf("a token of one: got %+v, %v", a, err)
	}
	agents, err := store.Agents(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"two", "one", "one", "", "", ""} {
		name := ""
		if other := agents[i].SameToken(agents); other != nil {
			name = other.Name
		}
		if name != want {
			t.Errorf("%s has the token of %q, want %q", agents[i].Name, name, want)
		}
	}
}

// TestShop: a shop's tills sign for the shop at the merchant their agent was granted, and the key they sign with is
// not accepted as a token.
func TestShop(t *testing.T) {
	t.Parallel()
	store := storetest.NewMemStore()
	for _, m := range []ledger.Merchant{
		{ID: 1, GUID: "{one}", Shops: []ledger.Shop{{ID: 11}, {ID: 12}, {ID: 13}}},
		{ID: 2, GUID: "{two}", Shops: []ledger.Shop{{ID: 11}, {ID: 13}}},
	} {
		if err := store.SaveMerchant(context.Background(), m); err != nil {
			t.Fatal(err)
		}
	}
	grant := func(m ledger.MerchantID) []ledger.Grant { return []ledger.Grant{{Merchant: m}} }
	for _, a := range []ledger.Agent{
		{ID: 1, Name: "two's tills", Shop: 11, Key: []byte("k"), Grants: grant(2)},
		{ID: 2, Name: "stopped", Shop: 12, Key: []byte("k"), Grants: grant(1), Stopped: true},
		{ID: 3, Name: "one of two", Shop: 13, Key: []byte("k"), Grants: grant(1)},
		{ID: 4, Name: "the other", Shop: 13, Key: []byte("k"), Grants: grant(2)},
		{ID: 5, Name: "nowhere", Shop: 14, Key: []byte("k"), Grants: grant(1)},
		{ID: 6, Name: "no grant", Shop: 15, Key: []byte("k"), Grants: grant(9)},
	} {
		if err := store.SaveAgent(context.Background(), a); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Open(context.Background(), store, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	a, p, err := d.Shop(11, loopback)
	if err != nil || a.ID != 1 || p.Merchant.ID != 2 || p.Shop.ID != 11 {
		t.Errorf("shop 11: got %+v, %+v, %v", a, p, err)
	}
	for _, id := range []ledger.ShopID{0, 12, 13, 14, 15, 16} {
		if a, _, err := d.Shop(id, loopback); !errors.Is(err, ErrDenied) || a != nil {
			t.Errorf("shop %d: got %+v, %v, want ErrDenied", id, a, err)
		}
	}
	if a, err := d.Agent(string(make([]byte, 32)), loopback); err == nil {
		t.Errorf("a shop's agent has a token: %+v", a)
	}
}

// TestPlace: a merchant's GUID and a shop's both lead to the merchant, in any spelling; one that would lead to two
// places leads to none.
func TestPlace(t *testing.T) {
	t.Parallel()
	store := storetest.NewMemStore()
	for _, m := range []ledger.Merchant{
		{
			ID: 1, GUID: "{One}",
			Shops: []ledger.Shop{{ID: 11, GUID: "{One}", Name: "head"}, {ID: 12, GUID: "{branch}"}, {ID: 13}},
		},
		{ID: 2, GUID: "{TWO}", Shops: []ledger.Shop{{ID: 21, GUID: "{shared}"}}},
		{ID: 3, GUID: "{three}", Shops: []ledger.Shop{{ID: 31, GUID: "{SHARED}"}}},
		{ID: 4, GUID: "{bare}"},
	} {
		if err := store.SaveMerchant(context.Background(), m); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Open(context.Background(), store, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		guid     string
		merchant ledger.MerchantID
		shop     ledger.ShopID
	}{
		{"{One}", 1, 11},
		{"one", 1, 11},
		{" {ONE} ", 1, 11},
		{"{BRANCH}", 1, 12},
		{"{two}", 2, 21},
		{"{shared}", 0, 0},
		{"{bare}", 4, 0},
		{"{}", 0, 0},
		{"", 0, 0},
		{"{nobody}", 0, 0},
	} {
		p, ok := d.Place(test.guid)
		if ok != (test.merchant != 0) {
			t.Errorf("%q: found is %v", test.guid, ok)
			continue
		}
		if ok && (p.Merchant.ID != test.merchant || p.Shop.ID != test.shop) {
			t.Errorf("%q is shop %d of merchant %d, want %d of %d", test.guid, p.Shop.ID, p.Merchant.ID, test.shop,
				test.merchant)
		}
	}
	if m := d.Merchant(3); m == nil || m.GUID != "{three}" {
		t.Errorf("merchant 3 is %+v", m)
	}
	if m := d.Merchant(9); m != nil {
		t.Errorf("merchant 9 is %+v", m)
	}
}

// TestWatch: a changed setting takes effect within a second, and settings that did not change are not read again.
func TestWatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &counting{MemStore: storetest.NewMemStore()}
		ctx, cancel := context.WithCancel(context.Background())
		d, err := Open(ctx, source, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			d.Watch(ctx, time.Second, slog.New(slog.NewTextHandler(io.Discard, nil)))
		}()
		time.Sleep(10 * time.Second)
		if n := source.loads.Load(); n != 1 {
			t.Errorf("read %d times while nothing moved", n)
		}
		if err := source.SaveAgent(ctx, ledger.Agent{ID: 1, Name: "new", TokenHash: Hash("token")}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1100 * time.Millisecond)
		if _, err := d.Agent("token", loopback); err != nil {
			t.Errorf("a second later: %v", err)
		}
		source.broken.Store(true)
		time.Sleep(5 * time.Second)
		if _, err := d.Agent("token", loopback); err != nil {
			t.Errorf("while the store is away: %v", err)
		}
		if err := d.Refresh(ctx); err == nil {
			t.Error("a refresh from a broken store succeeded")
		}
		cancel()
		<-ended
	})
}

// counting counts how often the agents are read; while broken is set its SettingsVersion fails.
type counting struct {
	*storetest.MemStore
	loads  atomic.Int64
	broken atomic.Bool
}

func (c *counting) Agents(ctx context.Context) ([]ledger.Agent, error) {
	c.loads.Add(1)
	return c.MemStore.Agents(ctx)
}

func (c *counting) SettingsVersion(ctx context.Context) (int64, error) {
	if c.broken.Load() {
		return 0, errors.New("away")
	}
	return c.MemStore.SettingsVersion(ctx)
}

// An API key is found for the API, by both of its tokens and within its limits, and is no till's; and it is listed with
// its merchant and nowhere else.
func TestKeyIsNoTillsToken(t *testing.T) {
	t.Parallel()
	store := storetest.NewMemStore()
	secret := NewKey()
	if !strings.HasPrefix(secret, "tk_") || len(secret) != len("tk_")+43 || secret == NewKey() {
		t.Errorf("made %s", secret)
	}
	grants := []ledger.Grant{{Merchant: 7, Permissions: ledger.MayRead}}
	key := ledger.Agent{ID: 2, Name: "ERP", Owner: 7, TokenHash: Hash("of before"), Grants: grants, Allow: []string{"127.0.0.1"}}
	key.Renew(Hash(secret))
	for _, a := range []ledger.Agent{{ID: 1, Name: "vendor", TokenHash: Hash("token"), Grants: grants}, key} {
		if err := store.SaveAgent(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Open(t.Context(), store, at("2026-11-22"))
	if err != nil {
		t.Fatal(err)
	}
	for token, id := range map[string]ledger.AgentID{secret: 2, "of before": 2, "token": 1} {
		if a, err := d.Caller(token, loopback); err != nil || a.ID != id {
			t.Errorf("%s calls as %+v, %v", token, a, err)
		}
		if a, err := d.Agent(token, loopback); (err == nil) != (id == 1) || (a != nil) != (id == 1) {
			t.Errorf("%s is a till's token of %+v, %v", token, a, err)
		}
	}
	if _, err := d.Caller(secret, netip.MustParseAddr("203.0.113.9")); !errors.Is(err, ErrDenied) {
		t.Errorf("from elsewhere: %v", err)
	}
	if keys := d.Keys(7); len(keys) != 1 || keys[0].ID != 2 || len(d.Keys(8)) != 0 {
		t.Errorf("the keys are %v", keys)
	}
	if all := d.Agents(); len(all) != 1 || all[0].ID != 1 || len(d.AgentsAt(7)) != 1 {
		t.Errorf("the integrators are %v", all)
	}
	if d.AgentByID(1) == nil || d.AgentByID(2) == nil || d.AgentByID(3) != nil {
		t.Error("an agent is not found by its id, or one that is not there")
	}
}

// TestNewToken: tokens are long, differ, and are found by the directory.
func TestNewToken(t *testing.T) {
	t.Parallel()
	a, b := NewToken(), NewToken()
	if len(a) != 43 || a == b {
		t.Errorf("got %q and %q", a, b)
	}
	if _, err := open(t, ledger.Agent{ID: 1, TokenHash: Hash(a)}).Agent(a, loopback); err != nil {
		t.Error(err)
	}
}

// A source that hangs delays a check only up to a limit. Meanwhile a stopped agent might still be admitted, so
// after a while the directory is outdated, until the settings can be read again.
func TestOutdated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &hanging{MemStore: storetest.NewMemStore()}
		ctx, cancel := context.WithCancel(context.Background())
		d, err := Open(ctx, source, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Outdated(); err != nil {
			t.Errorf("not watched: %v", err)
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			d.Watch(ctx, time.Second, slog.New(slog.NewTextHandler(io.Discard, nil)))
		}()
		time.Sleep(time.Minute)
		if err := d.Outdated(); err != nil {
			t.Errorf("while the source answers: %v", err)
		}
		source.hangs.Store(true)
		time.Sleep(14 * time.Second)
		if err := d.Outdated(); err != nil {
			t.Errorf("14 s without an answer: %v", err)
		}
		time.Sleep(2500 * time.Millisecond)
		if err := d.Outdated(); err == nil {
			t.Error("after 16 s without an answer people are let in")
		}
		source.hangs.Store(false)
		time.Sleep(12 * time.Second)
		if err := d.Outdated(); err != nil {
			t.Errorf("the source answers again: %v", err)
		}
		cancel()
		<-ended
	})
}

// hanging is a store whose SettingsVersion, while hangs is set, returns only when its caller gives up.
type hanging struct {
	*storetest.MemStore
	hangs atomic.Bool
}

func (h *hanging) SettingsVersion(ctx context.Context) (int64, error) {
	if h.hangs.Load() {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return h.MemStore.SettingsVersion(ctx)
}

// A merchant's GUID stands for its first shop that has not ended. A shop that has is found, so that its tills hear why
// they are refused.
func TestPlaceOfAnEndedShop(t *testing.T) {
	t.Parallel()
	m := ledger.Merchant{ID: 1, GUID: "M", Shops: []ledger.Shop{
		{ID: 11, GUID: "A", Ended: true}, {ID: 12, GUID: "B"}, {ID: 13, GUID: "C", Ended: true},
	}}
	for _, all := range []bool{false, true} {
		m.Shops = slices.Clone(m.Shops)
		m.Shops[1].Ended = all
		s := newSnapshot(1, []ledger.Merchant{m}, nil, nil)
		want := map[string]ledger.ShopID{"M": 12, "A": 11, "B": 12, "C": 13}
		if all {
			want["M"] = 11
		}
		for guid, shop := range want {
			if p := s.places[guid]; p.Shop.ID != shop || p.Merchant == nil {
				t.Errorf("all ended %t: %s is %+v, want shop %d", all, guid, p.Shop, shop)
			}
		}
	}
}

// The agents of a merchant are those with a grant there, whatever became of them.
func TestAgentsAt(t *testing.T) {
	t.Parallel()
	store := storetest.NewMemStore()
	for id, a := range map[ledger.AgentID]ledger.Agent{
		1: {Name: "one", TokenHash: Hash("a"), Grants: []ledger.Grant{{Merchant: 7, Permissions: ledger.MayRead}}},
		2: {Name: "other", TokenHash: Hash("b"), Grants: []ledger.Grant{{Merchant: 8, Permissions: ledger.MayRead}}},
		3: {Name: "over", TokenHash: Hash("c"), Until: 2020_01_01, Stopped: true, Grants: []ledger.Grant{
			{Merchant: 8, Permissions: ledger.MayRead}, {Merchant: 7, Permissions: ledger.MayRead},
		}},
		4: {Name: "none", TokenHash: Hash("d")},
	} {
		a.ID = id
		if err := store.SaveAgent(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Open(t.Context(), store, at("2026-11-22"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range d.AgentsAt(7) {
		names = append(names, a.Name)
	}
	if !slices.Equal(names, []string{"one", "over"}) {
		t.Errorf("got %q", names)
	}
}

// While tills change over, the token of before is good beside the new one, and neither is anybody else's.
func TestTwoTokensOfOne(t *testing.T) {
	t.Parallel()
	a := ledger.Agent{ID: 7, Name: "vendor", TokenHash: Hash("first")}
	a.Renew(Hash("second"))
	d := open(t, a)
	for _, token := range []string{"first", "second"} {
		if got, err := d.Agent(token, loopback); err != nil || got.ID != 7 {
			t.Errorf("%s: got %+v, %v", token, got, err)
		}
	}
	a.EndSpare()
	d = open(t, a)
	if got, err := d.Agent("first", loopback); !errors.Is(err, ErrDenied) {
		t.Errorf("the token that ended: got %+v, %v", got, err)
	}
	a.EndSpare() // there is none
	if a.TokenHash != Hash("second") {
		t.Error("the new token ended")
	}
	b := ledger.Agent{ID: 8, Name: "other", TokenHash: Hash("first")}
	a.Renew(Hash("first"))
	if b.SameToken([]ledger.Agent{a}) == nil || a.SameToken([]ledger.Agent{b}) == nil {
		t.Error("a token of two agents is not told")
	}
}
