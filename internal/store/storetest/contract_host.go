package storetest

import (
	"errors"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// someAgents returns two agents that between them set every field of an integrator but Stopped and Version.
func someAgents() (one, two ledger.Agent) {
	one = ledger.Agent{
		ID: 1, Name: "one", Shop: 10021, Key: []byte{1, 0, 255}, Always200: true, Scheme: "scheme: none\n",
		Secret: []byte{0, 7},
		Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.MayRead}},
	}
	two = ledger.Agent{
		ID: 2, Name: "代理二", TokenHash: [32]byte{1, 2, 3}, Spare: [32]byte{0, 4}, Weak: true,
		Allow: []string{"10.0.0.0/8", "::1"}, Until: 20270101,
		Grants: []ledger.Grant{
			{Merchant: 2, Permissions: ledger.MayConsume}, {Merchant: 1, Permissions: ledger.MayRead | ledger.MayCancelLoss},
		},
	}
	return one, two
}

// somePeople returns two people who between them set every field of a person but Version.
func somePeople() (one, two ledger.Person) {
	one = ledger.Person{
		ID: 1, SignIn: "boss", Name: "老板 <b>", Language: ledger.Chinese,
		Password: "$argon2id$v=19$…", TOTP: []byte{1, 0, 255},
		Recovery: [][32]byte{{1}, {2, 255}},
		Passkeys: []ledger.Passkey{{ID: []byte{0, 9}, Key: []byte("{}"), Name: "手机", Made: 20260105}},
		Grants:   []ledger.PersonGrant{{Merchant: ledger.HostID, Permissions: ledger.AllPermissions}},
	}
	two = ledger.Person{
		ID: 2, SignIn: "mei", Name: "小美", Language: ledger.English, Until: 20270101, Stopped: true, Agent: 2,
		Grants: []ledger.PersonGrant{
			{Merchant: 1, Shops: []ledger.ShopID{1, 10020}, Permissions: ledger.MayRead},
			{Merchant: 2, Permissions: ledger.MayReveal},
		},
	}
	return one, two
}

// People come back as they were saved, for the host's commands and for those who look them up.
func testPeople(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	agent, linked := someAgents()
	b.do(command.ChangeAgent{By: host, To: agent}, command.ChangeAgent{By: host, To: linked})
	before, err := b.s.SettingsVersion(b.ctx)
	b.must(err)
	one, two := somePeople()
	saved := b.do(command.ChangePerson{By: host, To: two}, command.ChangePerson{By: host, To: one})
	two.Version, one.Version = 3, 4
	same(t, "decided", saved.People, []ledger.Person{one, two})
	if after, err := b.s.SettingsVersion(b.ctx); err != nil || after <= before {
		t.Errorf("settings version went from %d to %d, %v", before, after, err)
	}
	same(t, "the host's people", b.records(ledger.HostID, command.Keys{Head: true}).Host.People, saved.People)
	one.Passkeys, one.TOTP, one.Recovery, one.Password = nil, nil, nil, ""
	changed, late := b.decide(command.ChangePerson{To: one}), b.decide(command.ChangePerson{To: one, Note: "later"})
	b.must(b.s.Save(b.ctx, changed))
	b.hostUnchanged(func() {
		if err := b.s.Save(b.ctx, late); !errors.Is(err, command.ErrStale) {
			t.Errorf("two changed one person at once: %v, want ErrStale", err)
		}
	})
	one.Version = 5
	got, err := b.s.People(b.ctx)
	b.must(err)
	same(t, "people", got, []ledger.Person{one, two})
}

// The host has a head and a journal from the beginning, and is not listed as a merchant. A change to the host's
// records is saved together with an entry in its journal, or not at all.
func testHost(t *testing.T, b *books) {
	heads, err := b.s.Heads(b.ctx)
	b.must(err)
	begun := ledger.Head{Merchant: ledger.HostID, Version: heads[0].Version}
	if len(heads) != 2 || heads[0] != begun || begun.Version < 1 {
		t.Errorf("heads %+v, want the host's and the merchant's", heads)
	}
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	head := command.Keys{Head: true}
	same(t, "the host", *b.records(ledger.HostID, head).Host, ledger.Host{Merchants: []ledger.MerchantID{1, 2}})
	if r := b.records(1, head); r.Host != nil || b.records(ledger.HostID, head).Merchant != nil {
		t.Errorf("merchant 1 has the host's records, or the host is a merchant: %+v", r.Host)
	}
	before, err := b.s.SettingsVersion(b.ctx)
	b.must(err)
	b.do(open("10001"))
	one, two := someAgents()
	saved := b.do(command.ChangeAgent{By: host, To: two, Note: "新"}, command.ChangeAgent{By: host, To: one})
	two.Version, one.Version = 1, 2
	same(t, "decided", saved.Agents, []ledger.Agent{one, two})
	got, err := b.s.Agents(b.ctx)
	b.must(err)
	same(t, "agents", got, saved.Agents)
	same(t, "the host's agents", b.records(ledger.HostID, head).Host.Agents, saved.Agents)
	if after, err := b.s.SettingsVersion(b.ctx); err != nil || after <= before {
		t.Errorf("settings version went from %d to %d, %v", before, after, err)
	}
	stopped, renamed := two, two
	stopped.Stopped, stopped.Grants = true, two.Grants[1:]
	renamed.Name = "three"
	stop, rename := b.decide(command.ChangeAgent{To: stopped}), b.decide(command.ChangeAgent{To: renamed})
	b.must(b.s.Save(b.ctx, stop))
	b.hostUnchanged(func() {
		if err := b.s.Save(b.ctx, rename); !errors.Is(err, command.ErrStale) {
			t.Errorf("two changed one agent at once: %v, want ErrStale", err)
		}
		foreign := b.decide(recharge("10001", 1))
		foreign.Agents = []ledger.Agent{renamed}
		if err := b.s.Save(b.ctx, foreign); err == nil {
			t.Error("an agent was changed with the head of a merchant")
		}
	})
	stopped.Version = 3
	same(t, "after a stop", b.records(ledger.HostID, head).Host.Agents, []ledger.Agent{one, stopped})
	var kinds []ledger.Kind
	b.must(b.s.EachEntry(b.ctx, ledger.HostID, 0, func(e *ledger.Entry) error {
		kinds = append(kinds, e.Kind)
		return nil
	}))
	same(t, "the host's journal", kinds, []ledger.Kind{ledger.AgentChanged, ledger.AgentChanged, ledger.AgentChanged})
}

// A merchant that is added has its settings, a head and an empty journal. It can be added only once.
func testAddedMerchant(t *testing.T, b *books) {
	before, err := b.s.SettingsVersion(b.ctx)
	b.must(err)
	add := command.AddMerchant{By: host, To: merchant(5)}
	first, second := b.decide(add), b.decide(add)
	b.must(b.s.Save(b.ctx, first))
	b.hostUnchanged(func() {
		if err := b.s.Save(b.ctx, second); !errors.Is(err, command.ErrStale) {
			t.Errorf("a merchant was made twice: %v, want ErrStale", err)
		}
		third := b.decide(command.AddMerchant{To: merchant(6)})
		third.Added[0].ID = 5
		if err := b.s.Save(b.ctx, third); !errors.Is(err, command.ErrStale) {
			t.Errorf("a merchant that is there was made: %v, want ErrStale", err)
		}
	})
	got, err := b.s.Merchants(b.ctx)
	b.must(err)
	same(t, "merchants", got, []ledger.Merchant{merchant(1), merchant(5)})
	r := b.records(5, command.Keys{Head: true})
	same(t, "loaded", *r.Merchant, merchant(5))
	same(t, "head", r.Head, ledger.Head{Merchant: 5, Version: 1, LastAt: r.Head.LastAt})
	if after, err := b.s.SettingsVersion(b.ctx); err != nil || after <= before {
		t.Errorf("settings version went from %d to %d, %v", before, after, err)
	}
	b.do(command.ChangeSettings{Merchant: 5, To: merchant(5)})
	card := open("10001")
	card.Merchant = 5
	b.do(card)
}

// hostUnchanged runs fn and checks that the host's entries, head, agents and merchants are what they were before.
func (b *books) hostUnchanged(fn func()) {
	b.t.Helper()
	rows := func() (all []any) {
		merchants, err := b.s.Merchants(b.ctx)
		b.must(err)
		b.must(b.s.EachEntry(b.ctx, ledger.HostID, 0, func(e *ledger.Entry) error {
			all = append(all, *e)
			return nil
		}))
		r := b.records(ledger.HostID, command.Keys{Head: true})
		return append(all, merchants, r.Head, *r.Host)
	}
	before := rows()
	fn()
	same(b.t, "the host's books after a save that failed", rows(), before)
}
