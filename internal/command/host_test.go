package command

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

func anAgent(id ledger.AgentID, name string) ledger.Agent {
	return ledger.Agent{
		ID: id, Name: name, TokenHash: [32]byte{byte(id)},
		Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.MayRead}},
	}
}

func tills(id ledger.AgentID, name string, shop ledger.ShopID) ledger.Agent {
	a := anAgent(id, name)
	a.Shop, a.TokenHash, a.Key = shop, [32]byte{}, []byte("sealed")
	return a
}

// aKey returns an API key of a merchant.
func aKey(id ledger.AgentID, owner ledger.MerchantID) ledger.Agent {
	a := anAgent(id, "one")
	a.Owner, a.Grants[0].Merchant, a.Shops = owner, owner, []ledger.ShopID{1}
	return a
}

func someMerchant(id ledger.MerchantID, guid string) ledger.Merchant {
	return ledger.Merchant{
		ID: id, GUID: guid, Name: "店", Zone: shanghai, Shops: []ledger.Shop{{ID: 1, GUID: guid + "-1", Name: "总店"}},
	}
}

// hosted returns a store with a merchant and two agents, the second of which is the tills of a shop.
func hosted(t testing.TB) *memStore {
	t.Helper()
	l := newMemStore(someMerchant(1, "A"))
	for _, cmd := range []Command{ChangeAgent{To: anAgent(1, "one")}, ChangeAgent{To: tills(2, "two", 7)}} {
		if _, err := l.do(cmd, monday); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// Each row is a change of what belongs to no merchant, and why it is refused; the last ones are accepted.
func TestHostRefuses(t *testing.T) {
	t.Parallel()
	change := func(a ledger.Agent, spoil func(*ledger.Agent)) Command {
		a.Grants = slices.Clone(a.Grants)
		spoil(&a)
		return ChangeAgent{To: a}
	}
	three, first := anAgent(3, "three"), anAgent(1, "one")
	first.Version = 1
	for name, row := range map[string]struct {
		cmd  Command
		want ledger.Reason // 0 = accepted
		says string
	}{
		"an id that is taken":    {ChangeAgent{To: anAgent(1, "three")}, ledger.SettingsMoved, "agent three"},
		"what was changed since": {change(first, func(a *ledger.Agent) { a.Version = 0 }), ledger.SettingsMoved, "agent one"},
		"one that is not there":  {change(three, func(a *ledger.Agent) { a.Version = 9 }), ledger.SettingsMoved, "three"},
		"no name":                {change(three, func(a *ledger.Agent) { a.Name = " " }), ledger.BadSettings, "name: want"},
		"two lines":              {change(three, func(a *ledger.Agent) { a.Name = "a\nb" }), ledger.BadSettings, "name: want"},
		"another's name":         {change(three, func(a *ledger.Agent) { a.Name = "one" }), ledger.BadSettings, "agent 1 has this"},
		"no token":               {change(three, func(a *ledger.Agent) { a.TokenHash = [32]byte{} }), ledger.BadSettings, "token"},
		"another's token": {change(three, func(a *ledger.Agent) { a.TokenHash = first.TokenHash }), ledger.BadSettings,
			"agent one has this token"},
		"no id":         {change(three, func(a *ledger.Agent) { a.ID = 0 }), ledger.BadSettings, "id: want"},
		"other tills":   {ChangeAgent{To: tills(3, "three", 7)}, ledger.BadSettings, "shop 7 has its tills, agent two"},
		"no ApiKey":     {change(tills(3, "three", 8), func(a *ledger.Agent) { a.Key = nil }), ledger.BadSettings, "api_key"},
		"tills of two":  {change(tills(3, "three", 8), func(a *ledger.Agent) { a.Grants = nil }), ledger.BadSettings, "grants"},
		"a grant twice": {change(three, func(a *ledger.Agent) { a.Grants = append(a.Grants, a.Grants...) }), ledger.BadSettings, "twice"},
		"what nobody may": {change(three, func(a *ledger.Agent) { a.Grants[0].Permissions = 1 << 40 }), ledger.BadSettings,
			"permissions"},
		"a key that makes keys": {change(aKey(3, 1), func(a *ledger.Agent) { a.Grants[0].Permissions |= ledger.MayPeople }),
			ledger.BadSettings, "grants: an API key"},
		"an agent becomes a key":   {change(first, func(a *ledger.Agent) { a.Owner = 1 }), ledger.BadSettings, "owner: an agent stays"},
		"a key made by nobody":     {ChangeAgent{By: ledger.Caller{Person: 9}, To: aKey(3, 1)}, ledger.NotAllowed, ""},
		"a grant at nobody":        {change(three, func(a *ledger.Agent) { a.Grants[0].Merchant = 5 }), ledger.BadSettings, "merchant 5"},
		"a merchant that is there": {AddMerchant{To: someMerchant(1, "B")}, ledger.SettingsMoved, "there is a merchant 1"},
		"the host as a merchant":   {AddMerchant{To: someMerchant(0, "B")}, ledger.BadSettings, "id: want"},
		"an id too high":           {AddMerchant{To: someMerchant(1<<31, "B")}, ledger.BadSettings, "id: want"},
		"a merchant's GUID":        {AddMerchant{To: someMerchant(2, "{a-1}")}, ledger.GUIDTaken, "merchant 1"},
		"a merchant without a name": {AddMerchant{To: ledger.Merchant{ID: 2, GUID: "B", Zone: shanghai}}, ledger.BadSettings,
			"name"},
		"a key":           {ChangeAgent{To: aKey(3, 1)}, 0, ""},
		"a third agent":   {ChangeAgent{To: three}, 0, ""},
		"a merchant more": {AddMerchant{To: someMerchant(2, "B")}, 0, ""},
		"a copy of all":   {RecordExport{What: "tongka.db", Rows: -1}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ch, err := hosted(t).do(row.cmd, monday)
			if got := reasonOf(err); got != row.want || row.want != 0 && !strings.Contains(err.Error(), row.says) {
				t.Errorf("got %v, want %v: %s", err, row.want, row.says)
			}
			if row.want == 0 && (err != nil || len(ch.Entries) != 1 || ch.Newest().Merchant != ledger.HostID) {
				t.Errorf("got %+v, %v, want an entry of the host", ch, err)
			}
		})
	}
}

// An agent can be stopped whatever else is wrong with it, but only by a caller that has seen its current version. A
// command that changes nothing makes no entry.
func TestStopIsNeverRefused(t *testing.T) {
	t.Parallel()
	l := hosted(t)
	bad := ledger.Agent{
		ID:     9,
		Name:   "old\nlines",
		Grants: []ledger.Grant{{Merchant: 77}},
	} // as it may have been before there was a journal
	l.host.Agents = append(l.host.Agents, bad)
	bad.Stopped = true
	ch, err := l.do(ChangeAgent{To: bad, Note: "gone"}, monday)
	if err != nil || len(ch.Entries) != 1 || l.host.Agent(9).Version != 3 || !l.host.Agent(9).Stopped {
		t.Fatalf("got %+v, %v", ch, err)
	}
	again := *l.host.Agent(9)
	if ch, err := l.do(ChangeAgent{To: again}, monday); err != nil || len(ch.Entries) != 0 {
		t.Errorf("what changes nothing: %d entries, %v", len(ch.Entries), err)
	}
	again.Stopped = false
	if _, err := l.do(ChangeAgent{To: again}, monday); reasonOf(err) != ledger.BadSettings {
		t.Errorf("an agent with whom something is wrong works again: %v", err)
	}
}

// Commands of the host are refused at a merchant, and a merchant's at the host; those about the time are accepted at
// both.
func TestServes(t *testing.T) {
	t.Parallel()
	l := hosted(t)
	host, shop, nobody := NewState(ledger.HostID), NewState(1), NewState(5)
	for _, s := range []*State{host, shop, nobody} {
		l.teach(s, Keys{})
	}
	agent, bill, clock := ChangeAgent{To: anAgent(3, "three")}, Consume{}, AcceptTime{}
	for _, c := range []struct {
		s    *State
		cmd  Command
		want bool
	}{
		{host, agent, true}, {host, Once{Command: agent}, true}, {host, AddMerchant{}, true}, {host, clock, true},
		{host, bill, false}, {host, Once{Command: bill}, false}, {host, ChangeSettings{}, false},
		{shop, agent, false}, {shop, Once{Command: agent}, false}, {shop, bill, true}, {shop, clock, true},
		{nobody, bill, false}, {nobody, agent, false},
	} {
		if got := c.s.Serves(c.cmd); got != c.want {
			t.Errorf("%T at merchant %d: %v, want %v", c.cmd, c.s.id, got, c.want)
		}
	}
}

// Whatever is asked of the host by whom, in whatever batches: agents are what their newest entries state, no two have
// the same name, token or tills, versions are those of the entries, and nobody changes an agent without having seen
// its current version (invariant 61).
func TestPropertyInvariant61Host(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, s := newMemStore(someMerchant(1, "A")), NewState(ledger.HostID)
		says := map[ledger.AgentID]string{}
		for range rapid.IntRange(1, 8).Draw(t, "batches") {
			var orders []order
			for range rapid.IntRange(1, 6).Draw(t, "commands") {
				orders = append(orders, order{cmd: drawHost(t, &l.host, l.heads[ledger.HostID].LastEntry), now: monday})
			}
			err := l.batch(s, orders, func(o order, ch Changes, err error) {
				for _, a := range ch.Agents {
					if says[a.ID] != "" && o.cmd.(ChangeAgent).To.Version == 0 {
						t.Fatalf("agent %d was made twice", a.ID)
					}
					text, err := ledger.AgentText(&a)
					if err != nil || text != ch.Newest().Settings || a.Version != ch.Newest().ID {
						t.Fatalf("the entry says %s of agent %s, version %d, %v", ch.Newest().Settings, text, a.Version, err)
					}
					says[a.ID] = text
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if len(says) != len(l.host.Agents) {
			t.Fatalf("%d agents, and entries of %d", len(l.host.Agents), len(says))
		}
		for _, a := range l.host.Agents {
			text, err := ledger.AgentText(&a)
			if err != nil || text != says[a.ID] || len(l.host.Faults(&a)) > 0 {
				t.Fatalf("agent %s, the journal says %s: %v, %v", text, says[a.ID], err, l.host.Faults(&a))
			}
			told, err := ledger.ParseAgent(text)
			told.TokenHash, told.Key, told.Version = a.TokenHash, a.Key, a.Version
			if err != nil || !reflect.DeepEqual(told, a) {
				t.Fatalf("agent %+v is told as %+v, %v", a, told, err)
			}
		}
		if err := l.check(); err != nil {
			t.Fatal(err)
		}
	})
}

// drawHost draws a command of the host by a caller that has usually seen the current versions. Some callers name one
// that an earlier command of the same batch makes, after the last entry.
func drawHost(t *rapid.T, host *ledger.Host, last ledger.EntryID) Command {
	id := rapid.IntRange(1, 4).Draw(t, "id")
	if rapid.IntRange(0, 4).Draw(t, "merchant") == 0 {
		m := someMerchant(ledger.MerchantID(id), rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "guid"))
		return AddMerchant{To: m}
	}
	a := anAgent(ledger.AgentID(id), rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "name"))
	switch rapid.IntRange(0, 2).Draw(t, "what") {
	case 0:
		a = tills(a.ID, a.Name, ledger.ShopID(rapid.IntRange(1, 2).Draw(t, "shop")))
	case 1:
		a.Owner = 1
	}
	a.TokenHash[0] *= byte(rapid.IntRange(1, 2).Draw(t, "token"))
	a.Stopped = rapid.Bool().Draw(t, "stopped")
	a.Grants[0].Permissions = ledger.Permission(rapid.Int64Range(0, int64(ledger.AllPermissions)).Draw(t, "may"))
	a.Grants[0].Merchant = ledger.MerchantID(rapid.IntRange(1, 2).Draw(t, "at"))
	if a.Shop != 0 {
		a.TokenHash = [32]byte{}
	}
	if a.Owner != 0 {
		a.Grants[0].Permissions &= ledger.KeyPermissions
	}
	i := slices.IndexFunc(host.Agents, func(b ledger.Agent) bool { return b.ID == a.ID })
	switch seen := rapid.IntRange(0, 4).Draw(t, "seen"); {
	case seen == 1:
		a.Version = last + ledger.EntryID(rapid.IntRange(1, 5).Draw(t, "made before"))
	case seen > 1 && i >= 0:
		a.Version = host.Agents[i].Version
	}
	return ChangeAgent{To: a}
}

// Whoever has not seen a merchant's newest settings changes nothing, and what somebody else has set stays (invariant
// 61).
func TestInvariant61SettingsOfOthersStay(t *testing.T) {
	t.Parallel()
	l := dated(t)
	change := func(days int, from ledger.EntryID) error {
		to := lawful(l.merchants[1])
		to.Levels = []ledger.Level{{ID: 1, Name: "普通", PayRate: ledger.Percent100}}
		to.PayTypes = nil
		to.Settings.BonusDays = days
		_, err := l.do(ChangeSettings{Merchant: 1, To: to, From: from}, monday)
		return err
	}
	if err := change(10, 0); err != nil {
		t.Fatal(err)
	}
	for _, from := range []ledger.EntryID{0, l.heads[1].Settings - 1, l.heads[1].Settings + 1} {
		if err := change(20, from); reasonOf(err) != ledger.SettingsMoved {
			t.Errorf("who has seen entry %d of %d: got %v", from, l.heads[1].Settings, err)
		}
	}
	if got := l.merchants[1].Settings.BonusDays; got != 10 {
		t.Errorf("a bonus is good %d days, want 10", got)
	}
}
