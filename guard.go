package tongka

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// GuardKind is what a guard is about.
type GuardKind int

const (
	PasswordAtAgent GuardKind = iota + 1 // wrong passwords of a card at one agent, one after the other
	PasswordOfCard                       // wrong passwords of a card at all agents within a year
	MissesOfAgent                        // what an agent guessed wrong of late
	MissesOfAddress                      // what was guessed wrong of late from an address
	MemberStep                           // the step of the last member code of a card that was used
	CodeSent                             // the last transaction code a card was sent
	CodesSent                            // how many a card was sent of late
	PasswordsOfYear                      // wrong passwords of a card at one agent within a year, right ones between them or not
	PasswordKnown                        // 1 where the right password of a card was typed at an agent
	guardKinds                           // one more than the last: new ones go before it
)

// GuardKey names a guard.
type GuardKey struct {
	Merchant MerchantID
	Kind     GuardKind
	Subject  string // the card, agent or address it is about
}

// Guard is what is remembered from one try to the next, so that nobody tries for ever and nothing is
// shown twice. It is in the same commit as what it lets pass, and as the refusal of what it does not
// (see Changes.Denied). It is in no journal: no money depends on it once it is over (decision 0012).
type Guard struct {
	GuardKey
	Count int64
	Until time.Time // what it blocks, counts or lets pass is over then; whole milliseconds
	Hash  [32]byte  // of what it is bound to: a password as it is kept, a code and its transaction
}

// GuardKept is how long a guard is remembered after its Until. One without Until is never forgotten.
const GuardKept = 24 * time.Hour

// over tells whether the guard is as good as none.
func (g *Guard) over(now time.Time) bool {
	return !g.Until.IsZero() && !now.Before(g.Until.Add(GuardKept))
}

// full tells whether so many were counted in the window that has not ended.
func (g *Guard) full(most int64, now time.Time) bool { return g.Count >= most && now.Before(g.Until) }

// counted is the guard with one more in its window. A window begins with the first, so that twice as
// many fit around the end of one.
func (g Guard) counted(window time.Duration, now time.Time) Guard {
	if !now.Before(g.Until) {
		g.Count, g.Until = 0, now.Add(window)
	}
	g.Count++
	return g
}

// boundTo is the guard as it stands for the hash: what it remembers of another one is over.
func (g Guard) boundTo(hash [32]byte) Guard {
	if g.Hash != hash {
		return Guard{GuardKey: g.GuardKey, Hash: hash}
	}
	return g
}

// MissingError asks for records that the command did not name, or of which it only presumes that they are
// not there: that they are needed shows only when the others are known. The command is decided again with them.
type MissingError struct{ Keys Keys }

func (e MissingError) Error() string { return "more records are needed" }

// guards are copies of known guards, in the order of their keys; new ones where there are none.
func (d *draft) guards(keys ...GuardKey) ([]Guard, error) {
	if slices.ContainsFunc(keys, func(key GuardKey) bool { return !d.s.knowsGuard(key) }) {
		return nil, MissingError{Keys{Guards: keys}}
	}
	found := make([]Guard, len(keys))
	for i, key := range keys {
		found[i].GuardKey = key
		if g := d.s.guards[key]; g != nil && !g.over(d.now) {
			found[i] = *g
		}
	}
	return found, nil
}

// keep changes guards, whether the command is carried out or denied.
func (d *draft) keep(guards ...Guard) { d.ch.Guards = append(d.ch.Guards, guards...) }

// no answers why a command is refused. What it counted is saved all the same, and nothing else.
func (d *draft) no(err error) (Changes, error) {
	if len(d.ch.Guards) == 0 {
		return Changes{}, err
	}
	_, head := d.s.merchant(d.m.ID)
	return Changes{Heads: []Head{head}, Guards: d.ch.Guards, Denied: err}, nil
}

// Of so many misses in a window, by one agent and from one address, nobody guesses any more: it is
// how one password is tried on many cards. Behind one address are tills of several shops.
const (
	missWindow      = 10 * time.Minute
	missesOfAgent   = 30
	missesOfAddress = 100
)

// missKeys are the guards of who guesses, from the neighbourhood of an address.
func missKeys(merchant MerchantID, by Caller, from string) []GuardKey {
	return []GuardKey{
		{merchant, MissesOfAgent, strconv.FormatInt(int64(by.Agent), 10)},
		{merchant, MissesOfAddress, from},
	}
}

// mayGuess refuses who has missed too often. misses are the guards of missKeys.
func (d *draft) mayGuess(misses []Guard) error {
	if misses[0].full(missesOfAgent, d.now) || misses[1].full(missesOfAddress, d.now) {
		return refuse(TooManyMisses)
	}
	return nil
}

// missed counts one more miss.
func (d *draft) missed(misses []Guard) {
	for _, g := range misses {
		d.keep(g.counted(missWindow, d.now))
	}
}

// What a State knows of guards. All of it is forgotten when a batch was saved.

func (s *State) knowsGuard(key GuardKey) bool {
	_, known := s.guards[key]
	return known
}

func (s *State) learnGuards(k Keys, r Records) {
	for _, key := range k.Guards {
		s.guards[key] = nil
	}
	for i := range r.Guards {
		s.guards[r.Guards[i].GuardKey] = &r.Guards[i]
	}
}

func (s *State) applyGuards(ch Changes) {
	if len(ch.Guards) > 0 && s.pending.guards == nil {
		s.pending.guards = map[GuardKey]*Guard{}
	}
	for i := range ch.Guards {
		g := &ch.Guards[i]
		s.guards[g.GuardKey], s.pending.guards[g.GuardKey] = g, g
	}
}

func (s *State) pendingGuards() []Guard {
	if len(s.pending.guards) == 0 {
		return nil
	}
	guards := make([]Guard, 0, len(s.pending.guards))
	for _, g := range s.pending.guards {
		guards = append(guards, *g)
	}
	slices.SortFunc(guards, func(a, b Guard) int {
		return cmp.Or(cmp.Compare(a.Merchant, b.Merchant), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Subject, b.Subject))
	})
	return guards
}
