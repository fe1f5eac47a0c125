package verify

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// hosted returns sound books of a merchant that the host has created, with two agents, one of them stopped.
func hosted(t *testing.T) *books {
	t.Helper()
	return hostedOf(t, sound(t))
}

// hostedOf returns books with those of a host behind whom their merchant came to be.
func hostedOf(t *testing.T, b *books) *books {
	t.Helper()
	b.host = &books{}
	s := command.NewState(ledger.HostID)
	s.Learn(command.Keys{Head: true}, command.Records{Host: &ledger.Host{}, Head: ledger.Head{Version: 1}})
	grants := []ledger.Grant{{Merchant: 1, Permissions: ledger.AllPermissions &^ ledger.MayCancelLoss}}
	one := ledger.Agent{ID: 1, Name: "one", TokenHash: [32]byte{1}, Allow: []string{"10.0.0.0/8"}, Grants: grants}
	tills := ledger.Agent{
		ID: 2, Name: "two", Shop: 1, Key: []byte("sealed"), Secret: []byte("too"), Scheme: "scheme: none\n", Grants: grants,
	}
	stopped := one
	stopped.Stopped, stopped.Version = true, 2
	for _, c := range []command.Command{
		command.AddMerchant{To: merchant()},
		command.ChangeAgent{To: one}, command.ChangeAgent{To: tills}, command.ChangeAgent{To: stopped},
	} {
		k := s.Missing(c.Keys())
		s.Learn(k, command.Records{})
		ch, err := c.Decide(s, noon)
		if more, missing := errors.AsType[command.NeedRecords](err); missing {
			s.Learn(more.Keys, command.Records{Entries: b.host.entries})
			ch, err = c.Decide(s, noon)
		}
		if err != nil {
			t.Fatalf("%T: %v", c, err)
		}
		s.Apply(ch)
		for _, a := range ch.Agents {
			b.agents = slices.DeleteFunc(b.agents, func(old ledger.Agent) bool { return old.ID == a.ID })
			b.agents = append(b.agents, a)
		}
		b.host.save(s.Pending())
		s.Saved()
	}
	slices.SortFunc(b.agents, func(x, y ledger.Agent) int { return int(x.ID - y.ID) })
	return b
}

// Agents are what the host's journal states, and merchants those it has created: any change of that behind the
// program's back is found (invariant 61).
func TestInvariant61HostTampering(t *testing.T) {
	t.Parallel()
	if r := run(t, hosted(t))[61]; r.Violations > 0 || r.Rows < 4 || r.Unknown > 0 {
		t.Fatalf("sound books: %+v", r)
	}
	for name, c := range map[string]struct {
		number int
		want   string
		spoil  func(*books)
	}{
		"a name":        {61, "agent 1 is not what entry 4 of the host states", func(b *books) { b.agents[0].Name = "1" }},
		"a token":       {61, "agent 1 is not what", func(b *books) { b.agents[0].TokenHash[31]++ }},
		"works again":   {61, "agent 1 is not what", func(b *books) { b.agents[0].Stopped = false }},
		"from anywhere": {61, "agent 1 is not what", func(b *books) { b.agents[0].Allow = nil }},
		"may do more": {
			61, "agent 1 is not what", func(b *books) { b.agents[0].Grants = []ledger.Grant{{Merchant: 1, Permissions: 511}} },
		},
		"may do what no one": {61, "agent 1 is not what", func(b *books) {
			b.agents[0].Grants = []ledger.Grant{{Merchant: 1, Permissions: b.agents[0].Grants[0].Permissions | 1<<40}}
		}},
		"an ApiKey": {61, "agent 2 is not what entry 3", func(b *books) { b.agents[1].Key = []byte("other") }},
		"a secret":  {61, "agent 2 is not what", func(b *books) { b.agents[1].Secret = nil }},
		"a scheme":  {61, "agent 2 is not what", func(b *books) { b.agents[1].Scheme = "" }},
		"a version": {61, "agent 2 names entry 4 of the host, but entry 3", func(b *books) { b.agents[1].Version++ }},
		"an agent that is gone": {61, "agent 2, which entry 3 of the host states, does not exist", func(b *books) {
			b.agents = b.agents[:1]
		}},
		"an agent too many": {61, "agent 3 is in no entry of the host", func(b *books) {
			b.agents = append(b.agents, ledger.Agent{ID: 3, Name: "three", TokenHash: [32]byte{3}})
		}},
		"an agent nobody can read":   {61, "cannot be read", func(b *books) { b.host.entries[1].Settings = "{" }},
		"a merchant nobody can read": {61, "cannot be read", func(b *books) { b.host.entries[0].Settings = "[" }},
		"a merchant that is gone": {61, "merchant 5, which entry 1 of the host added, does not exist", func(b *books) {
			b.host.entries[0].Settings = strings.Replace(b.host.entries[0].Settings, `"id":1`, `"id":5`, 1)
		}},
		"a chain that is broken": {23, "a wrong hash", func(b *books) { b.host.entries[2].Note = "x" }},
		"a head that is gone": {
			57, "head: the host has none", func(b *books) { b.owners["head"] = []ledger.MerchantID{1} },
		},
		"cards of the host": {
			57, "card: rows belong to merchant 0", func(b *books) { b.owners["card"] = []ledger.MerchantID{0, 1} },
		},
		"an agent in a merchant's journal": {57, "a change-agent in the journal of merchant 1", func(b *books) {
			b.entry(ledger.SettingsChanged).Kind = ledger.AgentChanged
		}},
		"settings in the host's": {57, "a change-settings in the journal of merchant 0", func(b *books) {
			b.host.entries[2].Kind = ledger.SettingsChanged
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := hosted(t)
			c.spoil(b)
			r := checked(t, newAudit(), b)[c.number]
			if !strings.Contains(strings.Join(r.Examples, "\n"), c.want) {
				t.Errorf("found %v, want %q", r.Examples, c.want)
			}
		})
	}
}

// From its first entry on, a merchant's entries are checked against the settings it was created with, until its
// own journal states others.
func TestInvariant61SettingsOfNewMerchants(t *testing.T) {
	t.Parallel()
	b := hosted(t)
	i := slices.IndexFunc(b.entries, func(e ledger.Entry) bool { return e.Kind == ledger.Recharged && len(e.Rules) > 0 })
	if i < 0 || i > slices.IndexFunc(b.entries, func(e ledger.Entry) bool { return e.Kind == ledger.SettingsChanged }) {
		t.Fatal("no recharge before the first entry of settings")
	}
	if r := run(t, b)[8]; r.Violations > 0 || r.Unknown > 0 {
		t.Fatalf("sound books: %+v", r)
	}
	b.entries[i].Rules[0].Name = "送一半"
	b.redo()
	if r := run(t, b)[8]; !strings.Contains(strings.Join(r.Examples, "\n"), "met a rule that was not in force") {
		t.Errorf("a rule that was not: %+v", r)
	}
}

// Agents that are older than the host's journal count as unknown until the first of them is in it.
func TestInvariant61AgentsOfBefore(t *testing.T) {
	t.Parallel()
	b := sound(t)
	b.agents = []ledger.Agent{{ID: 1, Name: "one"}, {ID: 2, Name: "two"}}
	if r := run(t, b)[61]; r.Violations > 0 || r.Unknown != 2 {
		t.Errorf("agents of before: %+v", r)
	}
}

// othersOfThen are settings that a merchant's entries were not decided by, each with the check that must find it.
var othersOfThen = map[string]struct {
	number int
	want   string
	other  func(*ledger.Merchant)
}{
	"policy": {
		10, "was paid by policy proportional, the merchant's was bonus_first",
		func(m *ledger.Merchant) { m.Settings.SpendOrder = ledger.BonusFirst },
	},
	"discount": {9, "a discount that its level did not give", func(m *ledger.Merchant) { lowest(m).PayRate = 9000 }},
	"earning":  {31, "by a rate that its level did not have", func(m *ledger.Merchant) { lowest(m).Earn = 5000 }},
	"renewal": {9, "is a renewal for 2.00, which its level did not offer", func(m *ledger.Merchant) {
		lowest(m).Rights.Renewals = []ledger.Renewal{{Price: 3_00, Months: 12}}
	}},
	"rules": {8, "met a rule that was not in force", func(m *ledger.Merchant) { m.Rules = nil }},
	"pay type": {8, "by pay type 1, which there was not", func(m *ledger.Merchant) {
		m.PayTypes = m.PayTypes[1:]
	}},
	"ended pay type": {8, "by pay type 1, which there was not", func(m *ledger.Merchant) {
		m.PayTypes[0].Ended = true
	}},
	"pay type of a pay-out": {8, "was paid out by pay type 1, which there was not", func(m *ledger.Merchant) {
		m.PayTypes = m.PayTypes[1:]
	}},
	"ended pay type of a pay-out": {8, "was paid out by pay type 1, which there was not", func(m *ledger.Merchant) {
		m.PayTypes[0].Ended = true
	}},
	"ended shop": {37, "was made at shop 1, which had ended", func(m *ledger.Merchant) {
		m.Shops[0].Ended = true
	}},
	"a rule of another season": {8, "not those that apply together at its time", func(m *ledger.Merchant) {
		m.Rules[0].First, m.Rules[0].Last = 2020_01_01, 2020_01_07
	}},
	"a rule beside": {8, "not those that apply together at its time", func(m *ledger.Merchant) {
		m.Rules = append(m.Rules, ledger.Rule{ID: 2, Name: "送1分", Kind: ledger.EachTime, AddMoney: 1})
	}},
	"what points are worth": {
		32, "150 points paid, by 100 a yuan, the merchant's ratio was 1000",
		func(m *ledger.Merchant) { m.Settings.PointsRatio = 1000 },
	},
	"points that are no money": {
		32, "150 points paid, by 100 a yuan, the merchant's ratio was 0",
		func(m *ledger.Merchant) { m.Settings.PointsRatio = 0 },
	},
	"cash back": {32, "gives 4.00 back on 40.00, its level gave 0.04", func(m *ledger.Merchant) {
		m.Levels[1].Rights.CashBack.Back = 1
	}},
	"no cash back": {32, "gives 4.00 back on 40.00, its level gave 0.00", func(m *ledger.Merchant) {
		m.Levels[1].Rights.CashBack = ledger.CashBack{}
	}},
	"what may be invoiced": {56, "its pay type gives", func(m *ledger.Merchant) {
		m.PayTypes[1].Invoiceable = false
	}},
	"what may not be": {56, "its pay type gives", func(m *ledger.Merchant) { m.PayTypes[0].Invoiceable = true }},
	"months of a renewal": {9, "is a renewal for 2.00, which its level did not offer, to", func(m *ledger.Merchant) {
		lowest(m).Rights.Renewals[0].Months = 1
	}},
	"no recharge": {8, "of level 1, which takes none", func(m *ledger.Merchant) {
		lowest(m).Rights.NoRecharge = true
	}},
	"no house account": {37, "which its level did not allow", func(m *ledger.Merchant) {
		lowest(m).Rights.Account.ID = 0
	}},
	"another account": {37, "which its level did not allow", func(m *ledger.Merchant) {
		lowest(m).Rights.Account.ID++
	}},
	"a smaller account": {37, "which its level did not allow", func(m *ledger.Merchant) {
		lowest(m).Rights.Account.Fixed = 14_99
	}},
	"an account in sum": {37, "which its level did not allow", func(m *ledger.Merchant) {
		lowest(m).Rights.Account.MaxAmount = 14_99
	}},
	"a licence that ends": {37, "was made after the licence ended", func(m *ledger.Merchant) {
		m.LicenceEnd = 2026_05_02
	}},
	"another level": {61, "on level 2, which there was not", func(m *ledger.Merchant) {
		m.Levels = m.Levels[:1]
	}},
	"days of a bonus": {61, "gives a bonus good through", func(m *ledger.Merchant) { m.Settings.BonusDays = 1 }},
	"days of points":  {61, "gives points good through", func(m *ledger.Merchant) { m.Settings.PointsDays = 0 }},
	"coupons of more": {28, "sends coupons of kind 1 with other terms", func(m *ledger.Merchant) {
		m.CouponKinds[0].Face = 9_99
	}},
	"coupons for long": {
		28, "sends coupons of kind 1 with other terms", func(m *ledger.Merchant) { m.CouponKinds[0].Days = 9 },
	},
	"coupons beyond the stock": {28, "sends coupons of kind 1 up to the 4th, of 3", func(m *ledger.Merchant) {
		m.CouponKinds[0].Stock = 3
	}},
	"coupons of no kind": {28, "sends coupons of kind 1 with other terms", func(m *ledger.Merchant) {
		m.CouponKinds = nil
	}},
	"a command": {
		37, "moves 600.00, the merchant allowed 599.99", func(m *ledger.Merchant) { m.Settings.MaxAmount = 599_99 },
	},
	"a card": {
		37, "on a card, the merchant allowed 200.00", func(m *ledger.Merchant) { m.Settings.MaxBalance = 200_00 },
	},
}

// lowest returns the merchant's first level.
func lowest(m *ledger.Merchant) *ledger.Level { return &m.Levels[0] }

// From its first entry on, a merchant's entries are held against the settings of then, one by one: the order of
// paying, the level's rates and renewals, pay types, and limits (invariants 08, 09, 10, 31, 37).
func TestSettingsOfThen(t *testing.T) {
	t.Parallel()
	for name, c := range othersOfThen {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := hosted(t)
			if r := checked(t, newAudit(), b)[c.number]; r.Violations > 0 {
				t.Fatalf("sound books: %v", r.Examples)
			}
			m := merchant()
			c.other(&m)
			text, err := ledger.AddedText(&m)
			if err != nil {
				t.Fatal(err)
			}
			b.host.entries[0].Settings = text
			if r := checked(t, newAudit(), b)[c.number]; !strings.Contains(strings.Join(r.Examples, "\n"), c.want) {
				t.Errorf("found %v, want %q", r.Examples, c.want)
			}
		})
	}
}

// An entry that names an agent was allowed by a grant of about then; where the journals do not tell, that is unknown
// (invariant 36).
func TestInvariant36Granted(t *testing.T) {
	t.Parallel()
	b := hosted(t)
	if r := run(t, b)[36]; r.Violations > 0 || r.Rows != 1 || r.Unknown > 0 {
		t.Fatalf("sound books: %+v", r)
	}
	if r := run(t, sound(t))[36]; r.Violations > 0 || r.Unknown != 1 {
		t.Errorf("no agent is in the host's journal: %+v", r)
	}
	i := slices.IndexFunc(b.entries, func(e ledger.Entry) bool { return e.By.Agent == 1 })
	for name, c := range map[string]struct {
		want  string
		spoil func(*books)
	}{
		"nobody": {"agent 9, which the host has never had", func(b *books) { b.entries[i].By.Agent = 9 }},
		"not allowed": {"a recharge, was made by agent 1, which was not allowed", func(b *books) {
			for n := range b.host.entries {
				b.host.entries[n].Settings = strings.ReplaceAll(b.host.entries[n].Settings, "open,modify,recharge,", "")
			}
		}},
		"elsewhere": {"was not allowed", func(b *books) {
			for n := range b.host.entries {
				b.host.entries[n].Settings = strings.ReplaceAll(b.host.entries[n].Settings, `"merchant":1`, `"merchant":2`)
			}
		}},
		"long stopped": {"was not allowed", func(b *books) {
			for n := range b.host.entries {
				b.host.entries[n].At = noon.Add(-2 * grantSlack)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := hosted(t)
			c.spoil(b)
			b.redo()
			if r := checked(t, newAudit(), b)[36]; !strings.Contains(strings.Join(r.Examples, "\n"), c.want) {
				t.Errorf("found %+v, want %q", r, c.want)
			}
		})
	}
}

// Each row is an agent's life in the host's journal and an entry, and whether that was allowed.
func TestMayThen(t *testing.T) {
	t.Parallel()
	version := func(at time.Duration, change func(*agentThen)) agentThen {
		a := agentThen{
			ledger.Agent{ID: 1, Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.MayConsume}}}, noon.Add(at),
		}
		if change != nil {
			change(&a)
		}
		return a
	}
	stopped := func(a *agentThen) { a.Stopped = true }
	more := func(a *agentThen) { a.Grants = []ledger.Grant{{Merchant: 1, Permissions: ledger.MayRefund}} }
	elsewhere := func(a *agentThen) { a.Grants[0].Merchant = 2 }
	atShop := func(a *agentThen) { a.Shops = []ledger.ShopID{11} }
	ends := func(a *agentThen) { a.Until = ledger.DateOf(noon) }
	for name, c := range map[string]struct {
		was  []agentThen
		at   time.Duration
		kind ledger.Kind
		want bool
	}{
		"at no shop of a key":  {[]agentThen{version(0, atShop)}, time.Hour, ledger.Consumed, false},
		"allowed":              {[]agentThen{version(0, nil)}, time.Hour, ledger.Consumed, true},
		"another kind":         {[]agentThen{version(0, nil)}, time.Hour, ledger.Recharged, false},
		"at another merchant":  {[]agentThen{version(0, elsewhere)}, time.Hour, ledger.Consumed, false},
		"a kind beside others": {[]agentThen{version(0, nil)}, time.Hour, ledger.LotsExpired, true},
		"before it was there":  {[]agentThen{version(0, nil)}, -time.Hour, ledger.Consumed, false},
		"as it was made":       {[]agentThen{version(0, nil)}, -time.Minute, ledger.Consumed, true},
		"as it was stopped": {
			[]agentThen{version(0, nil), version(time.Hour, stopped)}, time.Hour + time.Minute, ledger.Consumed, true,
		},
		"after it was stopped": {
			[]agentThen{version(0, nil), version(time.Hour, stopped)}, 2 * time.Hour, ledger.Consumed, false,
		},
		"before it may": {
			[]agentThen{version(0, nil), version(time.Hour, more)}, time.Minute, ledger.ConsumeRefunded, false,
		},
		"since it may": {
			[]agentThen{version(0, nil), version(time.Hour, more)}, 2 * time.Hour, ledger.ConsumeRefunded, true,
		},
		"when it may no more": {
			[]agentThen{version(0, nil), version(time.Hour, more)}, 2 * time.Hour, ledger.Consumed, false,
		},
		"on its last day":     {[]agentThen{version(0, ends)}, time.Hour, ledger.Consumed, true},
		"on the day after it": {[]agentThen{version(0, ends)}, 25 * time.Hour, ledger.Consumed, false},
		"between stop and resume": {
			[]agentThen{version(0, stopped), version(time.Hour, nil)}, 30 * time.Minute, ledger.Consumed, false,
		},
	} {
		e := &ledger.Entry{Merchant: 1, Kind: c.kind, At: noon.Add(c.at)}
		if got := mayThen(c.was, e); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// In the host's journal an agent makes keys with what it may do itself, and changes people if it may do that anywhere.
func TestGrantMakes(t *testing.T) {
	t.Parallel()
	text, err := ledger.AgentText(&ledger.Agent{
		ID: 7, Owner: 1, Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.MayRead}},
	})
	if err != nil {
		t.Fatal(err)
	}
	key := &ledger.Entry{Kind: ledger.AgentChanged, Settings: text}
	person := &ledger.Entry{Kind: ledger.PersonChanged}
	settings := &ledger.Entry{Kind: ledger.SettingsChanged, Merchant: 1}
	made := func(k ledger.Kind) *ledger.Entry { return &ledger.Entry{Kind: k, Merchant: 1} }
	const people = ledger.MayPeople | ledger.MayRead
	for _, c := range []struct {
		at    ledger.MerchantID
		may   ledger.Permission
		entry *ledger.Entry
		want  bool
	}{
		{1, people, key, true}, {2, people, key, false}, {1, ledger.MayPeople, key, false}, {1, ledger.MayRead, key, false},
		{1, people, person, true}, {1, ledger.MayRead, person, false},
		{1, ledger.MaySettings, settings, true}, {1, people, settings, false}, {2, ledger.MaySettings, settings, false},
		// What a permission lets an agent do by the API it may have done, also by an import.
		{1, ledger.MayAdjust, made(ledger.PointsAdjusted), true}, {1, ledger.MayAdjust, made(ledger.ReportedLost), true},
		{1, ledger.MayAdjust, made(ledger.DetailsChanged), true}, {1, ledger.MayCoupons, made(ledger.CouponSent), true},
		{1, ledger.MayCashOut, made(ledger.OpeningReversed), true}, {1, ledger.MayOpen, made(ledger.OpeningReversed), false},
		{1, ledger.MayExport, made(ledger.DataExported), true}, {1, ledger.MayRead, made(ledger.DataExported), false},
	} {
		if got := grantMakes(ledger.Grant{Merchant: c.at, Permissions: c.may}, c.entry); got != c.want {
			t.Errorf("%v at %d makes %v: %t", c.may, c.at, c.entry.Kind, got)
		}
	}
}
