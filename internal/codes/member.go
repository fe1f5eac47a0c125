package codes

import (
	"crypto/subtle"
	"fmt"
	"strconv"
	"time"
)

// The parts of a member code.
const (
	MemberDigits = 20
	memberPrefix = "77"
	aliasDigits  = 9
	macs         = 1_000_000_000 // number of values of nine digits
)

// Step is how long a phone shows a member code. A code is accepted during its own step and the ones before and after
// it, because clocks differ.
const Step = 30 * time.Second

// drift is how many steps two clocks may be apart.
const drift = 1

// Member identifies whose code it is.
type Member struct {
	Merchant int64
	Card     int64 // its id
}

// Pass makes the codes of one member. It is all that a phone needs to make them without the network, and reveals
// neither the card's id nor its secret. Whoever has it can make codes, so it is given to the holder only.
type Pass struct {
	Alias int64
	Key   [32]byte
}

// NewPass makes a member's pass from the card's secret. aliasKey is the same for all cards. It returns an error for
// ids above MaxCard or below 0.
func NewPass(aliasKey, secret [32]byte, m Member) (Pass, error) {
	if m.Card < 0 || m.Card > MaxCard {
		return Pass{}, fmt.Errorf("no member codes for card id %d: want 0 to %d", m.Card, MaxCard)
	}
	return Pass{hide(aliasKey, m.Merchant, m.Card), passKey(secret, m)}, nil
}

// Make returns the member code at a time.
func (p Pass) Make(at time.Time) string {
	return MemberCode{p.Alias, memberMAC(p, StepOf(at))}.String()
}

// MemberCode is a member code that was read but not yet checked.
type MemberCode struct{ alias, mac int64 }

// Parse reads a member code. ok is false unless the text has the length and the first digits of one.
func Parse(text string) (c MemberCode, ok bool) {
	if len(text) != MemberDigits || text[:len(memberPrefix)] != memberPrefix || !isDigits(text) {
		return MemberCode{}, false
	}
	const middle = len(memberPrefix) + aliasDigits
	// Nine digits, as checked above, always parse.
	c.alias, _ = strconv.ParseInt(text[len(memberPrefix):middle], 10, 64)
	c.mac, _ = strconv.ParseInt(text[middle:], 10, 64)
	return c, true
}

// String returns the code's digits.
func (c MemberCode) String() string { return fmt.Sprintf("%s%09d%09d", memberPrefix, c.alias, c.mac) }

// Card returns the id of the card in a merchant that the code may belong to. Such a card need not exist, and
// only Check proves anything.
func (c MemberCode) Card(aliasKey [32]byte, merchant int64) int64 {
	return reveal(aliasKey, merchant, c.alias)
}

// Check reports whether the code was made with the member's secret about now, and in which step. To accept each code
// only once, the caller must save the step with the card in the same commit as the effect, and accept a code only if
// its step is higher than the saved one. Older unused codes therefore end when a newer one is used.
func (c MemberCode) Check(secret [32]byte, m Member, now time.Time) (step int64, ok bool) {
	pass := Pass{c.alias, passKey(secret, m)}
	for s := StepOf(now) - drift; s <= StepOf(now)+drift; s++ {
		if subtle.ConstantTimeEq(int32(memberMAC(pass, s)), int32(c.mac)) == 1 { // below 2^31
			step, ok = s, true // no early return, so that every check takes the same time
		}
	}
	return step, ok
}

// StepOf returns the number of the step a time is in.
func StepOf(t time.Time) int64 {
	const seconds = int64(Step / time.Second)
	return (t.Unix() - mod(t.Unix(), seconds)) / seconds // steps before 1970 are as long as any other
}

// passKey binds a secret to merchant and card. It cannot be reversed: a pass does not reveal the secret.
func passKey(secret [32]byte, m Member) [32]byte {
	return keyed(secret, "member pass", []int64{m.Merchant, m.Card}, "")
}

// memberMAC covers the alias too, so that no digit of a code can be changed.
func memberMAC(p Pass, step int64) int64 {
	return below(keyed(p.Key, "member code", []int64{p.Alias, step}, ""), macs)
}
