package command

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"time"

	"tongka/internal/ledger"
)

// strangersTries is how often somebody's password or code may be tried in a day from browsers in which that person has
// never been signed in, all together. Only they are refused then: a stranger cannot lock anybody out of his own.
const (
	strangersTries = 100
	strangersDay   = 24 * time.Hour
)

// TrySignIn counts that somebody's password or code is about to be compared, before it is: comparing takes long, so it
// is not done here, and whoever sends a hundred at once has no more tries than one who waits. It is refused while
// there were too many.
type TrySignIn struct {
	Person ledger.PersonID
	From   string // the browser, if the person was signed in there before, or the network part of the address
	Known  bool   // From is such a browser
	Code   bool   // a code is compared, not the password: each has tries of its own
}

// SignedIn notes that somebody's password or code was right: tries of that from there begin anew. It is refused if the
// code was used before.
type SignedIn struct {
	By     ledger.Caller
	Person ledger.PersonID
	From   string
	// Step is the time step of the code of the person's device; 0 = none was asked for.
	Step int64
	// Recovery is the hash of the code that was typed in place of that; nil = none. It is not good again.
	Recovery *[32]byte
}

// Keys names the guards.
func (t TrySignIn) Keys() Keys { return Keys{Guards: t.guards()} }

// AnyTime marks a command that is carried out while the clock is in doubt: whoever mends that signs in.
func (TrySignIn) AnyTime() {}

func (t TrySignIn) guards() []ledger.GuardKey {
	id := strconv.FormatInt(int64(t.Person), 10)
	return []ledger.GuardKey{
		triesKey(t.Person, t.From, t.Code), {Kind: ledger.SignInOfStrangers, Subject: id},
	}
}

// triesKey returns what tries from somewhere are counted under.
func triesKey(person ledger.PersonID, from string, code bool) ledger.GuardKey {
	subject := strconv.FormatInt(int64(person), 10) + "/" + from
	if code {
		subject += "/code"
	}
	return ledger.GuardKey{Kind: ledger.SignInFrom, Subject: subject}
}

// Decide counts, or refuses.
func (t TrySignIn) Decide(s *State, now time.Time) (Changes, error) {
	d, g, err := atSignIn(s, now, ledger.Caller{}, t.guards())
	if err != nil {
		return Changes{}, err
	}
	bound := secretsOf(s.host.Person(t.Person))
	here, strangers := g[0].BoundTo(bound), g[1].BoundTo(bound)
	until := here.Until
	if !t.Known && strangers.Full(strangersTries, d.now) && strangers.Until.After(until) {
		until = strangers.Until
	}
	if d.now.Before(until) {
		return Changes{}, ledger.RefuseUntil(until, ledger.TooManyTries)
	}
	here.Count++
	here.Until = d.now.Add(backOff(here.Count))
	d.keep(here)
	if !t.Known {
		d.keep(strangers.Counted(strangersDay, d.now))
	}
	return d.guardsOnly(), nil
}

// secretsOf returns what counts of tries are bound to: with a new password, or when a person's device for codes is
// taken away or another, they begin anew. So whoever resets what somebody signs in with lifts a lock that strangers
// made.
func secretsOf(p *ledger.Person) (bound [32]byte) {
	if p == nil {
		return bound
	}
	return sha256.Sum256([]byte(p.Password + "\x00" + string(p.TOTP)))
}

// atSignIn returns a draft at the host, and guards.
func atSignIn(s *State, now time.Time, by ledger.Caller, keys []ledger.GuardKey) (*draft, []ledger.Guard, error) {
	_, head := s.at(ledger.HostID)
	d, err := draftAt(s, later(now, head.LastAt), ledger.HostID, by)
	if err != nil {
		return nil, nil, err
	}
	g, err := d.guards(keys...)
	return d, g, err
}

// Keys names the guards.
func (c SignedIn) Keys() Keys { return Keys{Guards: c.guards()} }

// AnyTime marks a command that is carried out while the clock is in doubt.
func (SignedIn) AnyTime() {}

func (c SignedIn) guards() []ledger.GuardKey {
	id := strconv.FormatInt(int64(c.Person), 10)
	return []ledger.GuardKey{
		triesKey(c.Person, c.From, c.Step != 0 || c.Recovery != nil), {Kind: ledger.StepOfPerson, Subject: id},
	}
}

// Decide ends the count of tries, and uses the code up.
func (c SignedIn) Decide(s *State, now time.Time) (Changes, error) {
	d, g, err := atSignIn(s, now, c.By, c.guards())
	if err != nil {
		return Changes{}, err
	}
	here, step := g[0], g[1]
	here.Count, here.Until = 0, d.now
	d.keep(here)
	if c.Step != 0 {
		if c.Step <= step.Count {
			return Changes{}, ledger.Refuse(ledger.CodeOver)
		}
		step.Count = c.Step
		d.keep(step)
	}
	if c.Recovery == nil {
		return d.guardsOnly(), nil
	}
	return c.useRecovery(s, d, now)
}

// useRecovery takes the code off the person.
func (c SignedIn) useRecovery(s *State, d *draft, now time.Time) (Changes, error) {
	p := s.host.Person(c.Person)
	if p == nil || !slices.Contains(p.Recovery, *c.Recovery) {
		return Changes{}, ledger.Refuse(ledger.CodeOver)
	}
	to := *p
	to.Recovery = slices.DeleteFunc(slices.Clone(p.Recovery), func(code [32]byte) bool { return code == *c.Recovery })
	by := c.By
	by.Person = c.Person
	ch, err := ChangePerson{By: by, To: to, Note: "recovery code"}.Decide(s, now)
	ch.Guards = d.ch.Guards
	return ch, err
}
