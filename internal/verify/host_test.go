package verify

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// hosted returns sound books of a merchant that the host has created, with two agents, one of them stopped.
func hosted(t *testing.T) *books {
	t.Helper()
	b := sound(t)
	b.host = &books{}
	s := command.NewState(ledger.HostID)
	s.Learn(command.Keys{Head: true}, command.Records{Host: &ledger.Host{}, Head: ledger.Head{Version: 1}})
	grants := []ledger.Grant{{Merchant: 1, Permissions: ledger.MayRead | ledger.MayConsume}}
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
		"may do more":   {61, "agent 1 is not what", func(b *books) { b.agents[0].Grants = []ledger.Grant{{Merchant: 1, Permissions: 511}} }},
		"may do what no one": {61, "agent 1 is not what", func(b *books) {
			b.agents[0].Grants = []ledger.Grant{{Merchant: 1, Permissions: ledger.MayRead | ledger.MayConsume | 1<<40}}
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
		"a head that is gone":    {57, "head: the host has none", func(b *books) { b.owners["head"] = []ledger.MerchantID{1} }},
		"cards of the host":      {57, "card: rows belong to merchant 0", func(b *books) { b.owners["card"] = []ledger.MerchantID{0, 1} }},
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
