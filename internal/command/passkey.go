package command

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"tongka/internal/ledger"
)

// UseChallenge uses up a challenge that a passkey has answered: whoever repeats the answer is refused, whichever server
// asked. What the passkey signed is looked at before, as that takes a library; what needs a memory is decided here.
//
// Where a passkey counts how often it is used, and the count has not grown, there are two of it, and the command is
// refused. Passkeys that are kept by more than one device do not count, and always say 0.
type UseChallenge struct {
	Person    ledger.PersonID
	Challenge [32]byte
	Until     time.Time // until when it may be answered
	Passkey   []byte    // the id of the person's passkey by which he signs in; nil = a new one is made
	Count     uint32    // how often that was used, as it says itself
}

// Keys names the guards.
func (u UseChallenge) Keys() Keys { return Keys{Guards: u.guards()} }

// AnyTime marks a command that is carried out while the clock is in doubt, as SignedIn is.
func (UseChallenge) AnyTime() {}

func (u UseChallenge) guards() []ledger.GuardKey {
	sum := sha256.Sum256(u.Passkey)
	return []ledger.GuardKey{
		{Kind: ledger.ChallengeUsed, Subject: hex.EncodeToString(u.Challenge[:])},
		{Kind: ledger.PasskeyCount, Subject: hex.EncodeToString(sum[:])},
	}
}

// Decide uses the challenge up, or refuses.
func (u UseChallenge) Decide(s *State, now time.Time) (Changes, error) {
	d, g, err := atSignIn(s, now, ledger.Caller{}, u.guards())
	if err != nil {
		return Changes{}, err
	}
	challenge, used := g[0], g[1]
	p := s.host.Person(u.Person)
	if p == nil || p.Stopped || p.Over(ledger.DateOf(d.now.UTC())) || challenge.Count > 0 || !d.now.Before(u.Until) {
		return Changes{}, ledger.Refuse(ledger.CodeOver)
	}
	challenge.Count, challenge.Until = 1, u.Until.UTC().Truncate(time.Millisecond)
	d.keep(challenge)
	if u.Passkey == nil {
		return d.guardsOnly(), nil
	}
	count := int64(u.Count)
	if !p.HasPasskey(u.Passkey) || count <= used.Count && (count > 0 || used.Count > 0) {
		return Changes{}, ledger.Refuse(ledger.CodeOver)
	}
	if used.Count = count; count > 0 {
		d.keep(used)
	}
	return d.guardsOnly(), nil
}
