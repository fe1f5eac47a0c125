package command

import (
	"fmt"
	"time"

	"tongka/internal/ledger"
)

// What belongs to no merchant belongs to the host: agents, and the list of merchants. Like a merchant's settings, it
// is changed by commands with entries in the host's own journal. See decision 0034.

// ChangeAgent sets all of an agent to To; an agent with a new id is created. To.Version names the entry that made
// what the caller has seen of it. If somebody has changed it since, the command is refused.
//
// An API key is changed by people and by agents of its merchant too, as far as ledger.Host.MayChangeKey lets them.
type ChangeAgent struct {
	By   ledger.Caller
	To   ledger.Agent
	Note string
}

// AddMerchant creates a merchant with its first settings. The merchant's own journal is then empty: its settings are
// in the host's journal until a ChangeSettings puts them into its own.
type AddMerchant struct {
	By   ledger.Caller
	To   ledger.Merchant
	Note string
}

// Keys names nothing: the host's State has everything.
func (c ChangeAgent) Keys() Keys { return Keys{} }

// AnyTime marks a command that is carried out while the clock is in doubt: a stolen token can be stopped at any time.
func (ChangeAgent) AnyTime() {}

func (ChangeAgent) mayMakeNoEntry() bool { return true }

// Decide makes the entry. If nothing changes it makes none, unless the agent is older than the host's journal and in
// no entry yet. An agent with faults is refused, except if it is only stopped: a stolen token can always be stopped.
func (c ChangeAgent) Decide(s *State, now time.Time) (Changes, error) {
	_, head := s.at(ledger.HostID)
	to, was := c.To, s.host.Agent(c.To.ID)
	if !seen(was, &to) {
		return Changes{}, ledger.Refuse(ledger.SettingsMoved, "agent "+to.Name)
	}
	if !s.host.MayChangeKey(c.By, was, &to, ledger.DateOf(now.UTC())) {
		return Changes{}, ledger.Refuse(ledger.NotAllowed)
	}
	text, err := ledger.AgentText(&to)
	if err != nil {
		return Changes{}, ledger.Refuse(ledger.BadSettings, err.Error())
	}
	if was != nil && was.Version != 0 && was.Says(text) {
		return Changes{Head: &head}, nil
	}
	if was == nil || !was.Says(text) && !was.OnlyStops(&to) {
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

// seen reports whether the agent is as the caller has seen it. An agent that is older than the host's journal has no
// version, and neither has a new one; these are told apart by their names.
func seen(was, to *ledger.Agent) bool {
	if was == nil {
		return to.Version == 0
	}
	return was.Version == to.Version && (was.Version != 0 || was.Name == to.Name)
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
	if err := s.mayBeSet(&to, true); err != nil {
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

// Serves reports whether the merchant exists and the command may be carried out there. Cards, money and settings do
// not belong to the host, and agents and merchants only to it. What is taken out may be the host's: all of the books.
func (s *State) Serves(c Command) bool {
	if s.merchant == nil {
		return false
	}
	if once, ok := c.(Once); ok {
		c = once.Command
	}
	switch c.(type) {
	case AcceptTime, TakeBackTime, RecordExport:
		return true
	case ChangeAgent, ChangePerson, AddMerchant, TrySignIn, SignedIn, UseChallenge:
		return s.id == ledger.HostID
	}
	return s.id != ledger.HostID
}
