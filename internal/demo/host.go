package demo

import (
	"context"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// host makes the merchant, its agents and its people where they are missing, as of the day on which the year begins.
func (y *year) host(ctx context.Context, store Store) error {
	m := begins(y.zone)
	keys := command.Keys{Head: true, GUIDs: m.GUIDs()}
	load := func(missing command.Keys) (command.Records, error) {
		found, err := store.Load(ctx, command.Want{Merchant: ledger.HostID, Keys: missing})
		if err != nil {
			return command.Records{}, err
		}
		return found[0], nil
	}
	found, err := load(keys)
	if err != nil {
		return err
	}
	b := books{command.NewState(ledger.HostID), load}
	b.state.Learn(keys, found)
	b.state.Writer = 1
	if !found.Host.HasMerchant(Merchant) {
		if _, err := b.do(y.at, command.AddMerchant{To: m, By: byDemo}); err != nil {
			return err
		}
	}
	if err := y.agents(&b, found.Host); err != nil {
		return err
	}
	if err := y.everybody(&b, found.Host); err != nil {
		return err
	}
	if !b.state.Moved() {
		return nil
	}
	return store.Save(ctx, b.state.Pending())
}

// byDemo stands in the journal of the host.
var byDemo = ledger.Caller{Operator: "tongka demo"}

// agents makes the agents that are missing, and an API key that nobody has. That of the second agent ends soon.
func (y *year) agents(b *books, host *ledger.Host) error {
	next := ledger.AgentID(1)
	for i := range host.Agents {
		next = max(next, host.Agents[i].ID+1)
	}
	ends := ledger.DateOf(y.cfg.Now).AddDays(9)
	for _, one := range []struct {
		name  string
		id    *ledger.AgentID
		until ledger.Date
	}{{tillsAgent, &y.tillsID, 0}, {deliveryAgent, &y.moreID, ends}} {
		i := slices.IndexFunc(host.Agents, func(a ledger.Agent) bool { return a.Name == one.name && a.Owner == 0 })
		if i >= 0 {
			*one.id = host.Agents[i].ID
			continue
		}
		*one.id = next
		next++
		if _, err := b.do(y.at, command.ChangeAgent{
			By: byDemo, To: agentOf(*one.id, one.name, y.cfg.Token(), one.until),
		}); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(host.Agents, func(a ledger.Agent) bool { return a.Owner == Merchant }) {
		return nil
	}
	_, err := b.do(y.at, command.ChangeAgent{By: byDemo, To: keyOf(next, y.cfg.Token())})
	return err
}

// everybody makes the people who are missing.
func (y *year) everybody(b *books, host *ledger.Host) error {
	next := ledger.PersonID(1)
	for i := range host.People {
		next = max(next, host.People[i].ID+1)
	}
	for _, s := range SignIns {
		i := slices.IndexFunc(host.People, func(p ledger.Person) bool { return p.SignIn == s.Name })
		if i >= 0 {
			y.people[s.Name] = host.People[i].ID
			continue
		}
		password, err := y.cfg.Password()
		if err != nil {
			return err
		}
		if _, err := b.do(y.at, command.ChangePerson{By: byDemo, To: s.person(next, password, y.tillsID)}); err != nil {
			return err
		}
		y.people[s.Name] = next
		next++
	}
	return nil
}
