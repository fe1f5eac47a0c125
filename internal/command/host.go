package command

import (
	"fmt"
	"time"

	"tongka/internal/ledger"
)

// What belongs to no merchant is the host's: agents, and which merchants there are. It is changed as a merchant's
// settings are, by commands with entries of the host's own journal. See decision 0034.

// ChangeAgent has an agent be To, all of it; where there is none of its id it is new. To's version says which entry
// made what the caller has seen of it; where somebody else was first, it is refused.
type ChangeAgent struct {
	By   ledger.Caller
	To   ledger.Agent
	Note string
}

// AddMerchant makes a merchant with its first settings. The merchant's own journal is empty then: its settings stand
// in the host's, until ChangeSettings has them stand there.
type AddMerchant struct {
	By   ledger.Caller
	To   ledger.Merchant
	Note string
}

// Keys names nothing but the host.
func (c ChangeAgent) Keys() Keys { return Keys{} }

// AnyTime marks it as carried out while the clock is in doubt: a stolen token is stopped at any time.
func (ChangeAgent) AnyTime() {}

// Decide makes the entry. What has changed nothing leaves none, unless the agent is of before and stands in no entry. An agent with whom something is wrong is refused, but
// never one that is just to be stopped: a stolen token must be.
func (c ChangeAgent) Decide(s *State, now time.Time) (Changes, error) {
	_, head := s.at(ledger.HostID)
	to, was := c.To, s.host.Agent(c.To.ID)
	if !seen(was, &to) {
		return Changes{}, ledger.Refuse(ledger.SettingsMoved, "agent "+to.Name)
	}
	text, err := ledger.AgentText(&to)
	if err != nil {
		return Changes{}, ledger.Refuse(ledger.BadSettings, err.Error())
	}
	if was != nil && was.Version != 0 && says(was, text) {
		return Changes{}, nil
	}
	if was == nil || !says(was, text) && !stops(was, text, &to) {
		if faults := s.host.Faults(&to); len(faults) > 0 {
			return Changes{}, ledger.Refuse(ledger.BadSettings, fmt.Sprintf("%s: %s", faults[0].Field, faults[0].Text))
		}
	}
	ch, err := ownEntry(s, later(now, head.LastAt), ledger.HostID, c.By, ledger.Entry{
		Kind: ledger.AgentChanged, Settings: text, Note: c.Note,
	})
	if err != nil {
		return Changes{}, err
	}
	to.Version = ch.Newest().ID
	ch.Agents = []ledger.Agent{to}
	return ch, nil
}

// seen reports whether an agent is as the caller has seen it. One of before the host had a journal has no version,
// nor has one that is new: it is told by its name.
func seen(was, to *ledger.Agent) bool {
	if was == nil {
		return to.Version == 0
	}
	return was.Version == to.Version && (was.Version != 0 || was.Name == to.Name)
}

// says reports whether an agent is what a text says.
func says(a *ledger.Agent, text string) bool {
	is, err := ledger.AgentText(a)
	return err == nil && is == text
}

// stops reports whether an agent is as it was, but that it is stopped.
func stops(was *ledger.Agent, text string, to *ledger.Agent) bool {
	if !to.Stopped {
		return false
	}
	stopped := *was
	stopped.Stopped = true
	return says(&stopped, text)
}

// Keys names the GUIDs, which no other merchant may have.
func (a AddMerchant) Keys() Keys { return Keys{GUIDs: a.To.GUIDs()} }

// Decide makes the entry.
func (a AddMerchant) Decide(s *State, now time.Time) (Changes, error) {
	_, head := s.at(ledger.HostID)
	to := a.To
	if to.ID < 1 || to.ID > ledger.MaxMerchant {
		return Changes{}, ledger.Refuse(ledger.BadSettings, fmt.Sprintf("id: want 1 to %d", ledger.MaxMerchant))
	}
	if s.host.HasMerchant(to.ID) {
		return Changes{}, ledger.Refuse(ledger.SettingsMoved, fmt.Sprintf("there is a merchant %d", to.ID))
	}
	if err := s.mayBeSet(&to); err != nil {
		return Changes{}, err
	}
	text, err := ledger.AddedText(&to)
	if err != nil {
		return Changes{}, ledger.Refuse(ledger.BadSettings, err.Error())
	}
	ch, err := ownEntry(s, later(now, head.LastAt), ledger.HostID, a.By, ledger.Entry{
		Kind: ledger.MerchantAdded, Settings: text, Note: a.Note,
	})
	ch.Added = []ledger.Merchant{to}
	if err != nil {
		return Changes{}, err
	}
	return ch, nil
}

// Serves reports whether there is the merchant, and the command is one that may be carried out there: cards, money and
// settings are none of the host's, and agents and merchants nobody else's.
func (s *State) Serves(c Command) bool {
	if s.merchant == nil {
		return false
	}
	if once, ok := c.(Once); ok {
		c = once.Command
	}
	switch c.(type) {
	case AcceptTime, TakeBackTime:
		return true
	case ChangeAgent, AddMerchant:
		return s.id == ledger.HostID
	}
	return s.id != ledger.HostID
}
