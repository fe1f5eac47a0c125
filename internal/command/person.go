package command

import (
	"fmt"
	"time"

	"tongka/internal/ledger"
)

// ChangePerson sets all of a person to To; a person with a new id is created. To.Version names the entry that made what
// the caller has seen of the person. If somebody has changed it since, the command is refused.
//
// By is who does it; neither a person nor an agent stands for whoever runs the server, and may do everything. Agents
// may change people as people may change others. People may change what is their own of themselves: name, language, and
// what they sign in with. Of others they may change everything, if they have MayPeople and may do themselves,
// everywhere, all that the other may do before and after it. So nobody gives more than he has, and nobody takes over
// the sign-in of one who may do more.
type ChangePerson struct {
	By   ledger.Caller
	To   ledger.Person
	Note string
}

// Keys names nothing: the host's State has everything.
func (c ChangePerson) Keys() Keys { return Keys{} }

// AnyTime marks a command that is carried out while the clock is in doubt: somebody can be stopped at any time.
func (ChangePerson) AnyTime() {}

func (ChangePerson) mayMakeNoEntry() bool { return true }

// Decide makes the entry, or none if nothing changes.
func (c ChangePerson) Decide(s *State, now time.Time) (Changes, error) {
	_, head := s.at(ledger.HostID)
	to, was := c.To, s.host.Person(c.To.ID)
	if was == nil && to.Version != 0 || was != nil && was.Version != to.Version {
		return Changes{}, ledger.Refuse(ledger.SettingsMoved, to.Name)
	}
	if !s.host.MayChange(c.By, was, &to, ledger.DateOf(now.UTC())) {
		return Changes{}, ledger.Refuse(ledger.NotAllowed)
	}
	text, err := ledger.PersonText(&to)
	if err != nil {
		return Changes{}, ledger.Refuse(ledger.BadSettings, err.Error())
	}
	if was != nil {
		if before, err := ledger.PersonText(was); err == nil && before == text {
			return Changes{Head: &head}, nil
		}
	}
	if faults := s.host.PersonFaults(&to); len(faults) > 0 {
		return Changes{}, ledger.Refuse(ledger.BadSettings, fmt.Sprintf("%s: %s", faults[0].Field, faults[0].Text))
	}
	ch, err := ownEntry(s, later(now, head.LastAt), ledger.HostID, c.By, ledger.Entry{
		Kind: ledger.PersonChanged, Settings: text, Note: c.Note,
	})
	if err != nil {
		return Changes{}, err
	}
	to.Version = ch.Newest().ID
	ch.People = []ledger.Person{to}
	return ch, nil
}
