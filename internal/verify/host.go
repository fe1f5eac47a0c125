package verify

import (
	"context"
	"maps"
	"slices"

	"tongka/internal/ledger"
)

// toldText is an agent, a person or a webhook as an entry describes it.
type toldText struct {
	entry ledger.EntryID
	text  string
}

// tell notes what an entry states about an agent.
func (l *audit) tell(e *ledger.Entry) {
	a, err := ledger.ParseAgent(e.Settings)
	if err != nil || a.ID < 1 {
		l.checks[61].fail("entry %d of the host changed an agent to something that cannot be read: %v", e.ID, err)
		return
	}
	if l.told == nil {
		l.told = map[ledger.AgentID]toldText{}
	}
	l.told[a.ID] = toldText{e.ID, e.Settings}
	if l.agentsThen == nil {
		l.agentsThen = map[ledger.AgentID][]agentThen{}
	}
	l.agentsThen[a.ID] = append(l.agentsThen[a.ID], agentThen{a, e.At})
}

// tellPerson notes what an entry states about a person.
func (l *audit) tellPerson(e *ledger.Entry) {
	p, err := ledger.ParsePerson(e.Settings)
	if err != nil || p.ID < 1 {
		l.checks[61].fail("entry %d of the host changed a person to something that cannot be read: %v", e.ID, err)
		return
	}
	if l.toldPeople == nil {
		l.toldPeople = map[ledger.PersonID]toldText{}
	}
	l.toldPeople[p.ID] = toldText{e.ID, e.Settings}
	if l.peopleThen == nil {
		l.peopleThen = map[ledger.PersonID][]personThen{}
	}
	l.peopleThen[p.ID] = append(l.peopleThen[p.ID], personThen{p, e.At})
}

// add notes what an entry states about a new merchant. The merchant must exist: if it were deleted from every table,
// nothing else would show that.
func (l *audit) add(e *ledger.Entry) {
	r := l.checks[61]
	r.Rows++
	id, settings, err := ledger.ParseAdded(e.Settings)
	switch {
	case err != nil:
		r.fail("entry %d of the host added a merchant that cannot be read: %v", e.ID, err)
		return
	case l.texts[id] == "":
		r.fail("merchant %d, which entry %d of the host added, does not exist", id, e.ID)
	case l.added[id] != "":
		r.fail("merchant %d was added twice, the second time by entry %d of the host", id, e.ID)
	}
	if l.added == nil {
		l.added = map[ledger.MerchantID]string{}
	}
	l.added[id] = settings
}

// agents checks that each agent is what the newest entry about it states. If the host's journal mentions no agent at
// all, they are all older than it and count as unknown.
func (l *audit) agents(ctx context.Context, books Books) error {
	agents, err := books.Agents(ctx)
	if err != nil {
		return err
	}
	nobody := len(l.told) == 0
	for i := range agents {
		a := &agents[i]
		text, err := ledger.AgentText(a)
		if _, known := l.told[a.ID]; !known && nobody && a.Version == 0 {
			l.checks[61].Rows++
			l.checks[61].Unknown++
			continue
		}
		stated(l.checks[61], subject{"agent", " of the host"}, l.told, a.ID, a.Version, text, err)
	}
	missing(l.checks[61], subject{"agent", " of the host"}, l.told)
	return nil
}

// people checks that each person is what the newest entry about it states.
func (l *audit) people(ctx context.Context, books Books) error {
	people, err := books.People(ctx)
	if err != nil {
		return err
	}
	for i := range people {
		text, err := ledger.PersonText(&people[i])
		stated(l.checks[61], subject{"person", " of the host"}, l.toldPeople, people[i].ID, people[i].Version, text, err)
	}
	missing(l.checks[61], subject{"person", " of the host"}, l.toldPeople)
	return nil
}

// subject is what a record is of, and whose entries state what it is.
type subject struct{ what, whose string }

// stated checks that a record is what the newest entry about it states, and drops that from told.
func stated[ID ~int64](
	r *Result, of subject, told map[ID]toldText, id ID, version ledger.EntryID, text string, err error,
) {
	r.Rows++
	said, known := told[id]
	switch {
	case !known:
		r.fail("%s %d is in no entry%s", of.what, id, of.whose)
	case err != nil || text != said.text:
		r.fail("%s %d is not what entry %d%s states", of.what, id, said.entry, of.whose)
	case version != said.entry:
		r.fail("%s %d names entry %d%s, but entry %d is the newest about it", of.what, id, version, of.whose, said.entry)
	}
	delete(told, id)
}

// missing reports what entries state that has no record.
func missing[ID ~int64](r *Result, of subject, told map[ID]toldText) {
	for _, id := range slices.Sorted(maps.Keys(told)) {
		r.fail("%s %d, which entry %d%s states, does not exist", of.what, id, told[id].entry, of.whose)
	}
}
