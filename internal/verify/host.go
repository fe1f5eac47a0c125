package verify

import (
	"context"
	"maps"
	"slices"

	"tongka/internal/ledger"
)

// toldAgent is an agent as an entry of the host's journal describes it.
type toldAgent struct {
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
		l.told = map[ledger.AgentID]toldAgent{}
	}
	l.told[a.ID] = toldAgent{e.ID, e.Settings}
	if l.agentsThen == nil {
		l.agentsThen = map[ledger.AgentID][]agentThen{}
	}
	l.agentsThen[a.ID] = append(l.agentsThen[a.ID], agentThen{a, e.At})
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
	r := l.checks[61]
	agents, err := books.Agents(ctx)
	if err != nil {
		return err
	}
	nobody := len(l.told) == 0
	for i := range agents {
		a := &agents[i]
		r.Rows++
		told, known := l.told[a.ID]
		text, err := ledger.AgentText(a)
		switch {
		case !known && nobody && a.Version == 0:
			r.Unknown++
		case !known:
			r.fail("agent %d is in no entry of the host", a.ID)
		case err != nil || text != told.text:
			r.fail("agent %d is not what entry %d of the host states", a.ID, told.entry)
		case a.Version != told.entry:
			r.fail("agent %d names entry %d of the host, but entry %d is the newest about it", a.ID, a.Version, told.entry)
		}
		delete(l.told, a.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(l.told)) {
		r.fail("agent %d, which entry %d of the host states, does not exist", id, l.told[id].entry)
	}
	return nil
}
