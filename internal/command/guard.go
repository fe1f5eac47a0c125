package command

import (
	"slices"
	"strconv"
	"time"

	"tongka/internal/ledger"
)

// NeedRecords asks for records that the command did not name, or of which it only presumes that they are
// not there: that they are needed shows only when the others are known. The command is decided again with them.
type NeedRecords struct{ Keys Keys }

func (e NeedRecords) Error() string { return "more records are needed" }

// guards are copies of known guards, in the order of their keys; new ones where there are none.
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

// keep changes guards, whether the command is carried out or denied.
func (d *draft) keep(guards ...ledger.Guard) { d.ch.Guards = append(d.ch.Guards, guards...) }

// no returns why a command is refused. What it counted is saved all the same, and nothing else.
func (d *draft) no(err error) (Changes, error) {
	if len(d.ch.Guards) == 0 {
		return Changes{}, err
	}
	_, head := d.s.at(d.m.ID)
	return Changes{Head: &head, Guards: d.ch.Guards, Denied: err}, nil
}

// Of so many misses in a window, by one agent and from one address, nobody guesses any more: it is
// how one password is tried on many cards. Behind one address are tills of several shops.
const (
	missWindow      = 10 * time.Minute
	missesOfAgent   = 30
	missesOfAddress = 100
)

// missKeys are the guards of who guesses, from the neighbourhood of an address.
func missKeys(by ledger.Caller, from string) []ledger.GuardKey {
	return []ledger.GuardKey{
		{Kind: ledger.MissesOfAgent, Subject: strconv.FormatInt(int64(by.Agent), 10)},
		{Kind: ledger.MissesOfAddress, Subject: from},
	}
}

// mayGuess refuses who has missed too often. misses are the guards of missKeys.
func (d *draft) mayGuess(misses []ledger.Guard) error {
	if misses[0].Full(missesOfAgent, d.now) || misses[1].Full(missesOfAddress, d.now) {
		return ledger.Refuse(ledger.TooManyMisses)
	}
	return nil
}

// missed counts one more miss.
func (d *draft) missed(misses []ledger.Guard) {
	for _, g := range misses {
		d.keep(g.Counted(missWindow, d.now))
	}
}
