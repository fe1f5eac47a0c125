package command

import (
	"slices"
	"strconv"
	"time"

	"tongka/internal/ledger"
)

// NeedRecords is the error that asks for records the command did not name or only assumed to be absent, because the
// need shows only once other records are known. The command is decided again with them.
type NeedRecords struct{ Keys Keys }

func (e NeedRecords) Error() string { return "more records are needed" }

// guards returns copies of guards, in the order of keys, new ones where there are none.
func (d *draft) guards(keys ...ledger.GuardKey) ([]ledger.Guard, error) {
	if slices.ContainsFunc(keys, func(key ledger.GuardKey) bool { return !d.s.guards.knows(key) }) {
		return nil, NeedRecords{Keys{Guards: keys}}
	}
	found := make([]ledger.Guard, len(keys))
	for i, key := range keys {
		found[i].Merchant, found[i].GuardKey = d.m.ID, key
		if g := d.s.guards.records[key]; g != nil && !g.Over(d.now) {
			found[i] = *g
		}
	}
	return found, nil
}

// keep saves guards, whether the command is carried out or denied.
func (d *draft) keep(guards ...ledger.Guard) { d.ch.Guards = append(d.ch.Guards, guards...) }

// no returns the refusal of a command. The guards it changed are saved all the same, and nothing else.
func (d *draft) no(err error) (Changes, error) {
	if len(d.ch.Guards) == 0 {
		return Changes{}, err
	}
	ch := d.guardsOnly()
	ch.Denied = err
	return ch, nil
}

// guardsOnly returns the guards that were kept as all that is changed.
func (d *draft) guardsOnly() Changes {
	_, head := d.s.at(d.m.ID)
	return Changes{Head: &head, Guards: d.ch.Guards}
}

// Limits of wrong guesses in one window, by one agent or person and from one address, whatever cards they are about:
// one password may be tried on many cards. Tills of several shops may share an address.
const (
	missWindow      = 10 * time.Minute
	missesOfAgent   = 30
	missesOfAddress = 100
)

// missKeys returns the guards of whoever guesses: the agent or, at the console, the person, and the network address.
func missKeys(by ledger.Caller, from string) []ledger.GuardKey {
	who := strconv.FormatInt(int64(by.Agent), 10)
	if by.Person != 0 {
		who = "person/" + strconv.FormatInt(int64(by.Person), 10)
	}
	return []ledger.GuardKey{
		{Kind: ledger.MissesOfAgent, Subject: who},
		{Kind: ledger.MissesOfAddress, Subject: from},
	}
}

// mayGuess refuses a guess after too many misses. misses are the guards of missKeys; whoever is not counted has none.
func (d *draft) mayGuess(misses []ledger.Guard) error {
	if len(misses) == 0 {
		return nil
	}
	return d.unlessFull(ledger.TooManyMisses, limit{misses[0], missesOfAgent}, limit{misses[1], missesOfAddress})
}

// limit is a guard and how much of it is the most in its window.
type limit struct {
	guard ledger.Guard
	most  int64
}

// unlessFull refuses what has reached a limit, until the last of those windows is over that are full.
func (d *draft) unlessFull(reason ledger.Reason, limits ...limit) error {
	var until time.Time
	for _, l := range limits {
		if l.guard.Full(l.most, d.now) && l.guard.Until.After(until) {
			until = l.guard.Until
		}
	}
	if until.IsZero() {
		return nil
	}
	return ledger.RefuseUntil(until, reason)
}

// missed counts one more miss.
func (d *draft) missed(misses []ledger.Guard) {
	for _, g := range misses {
		d.keep(g.Counted(missWindow, d.now))
	}
}
