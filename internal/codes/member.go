package codes

import (
	"crypto/subtle"
	"fmt"
	"strconv"
	"time"
)

// Form of a member code.
const (
	MemberDigits = 20
	memberPrefix = "77"
	aliasDigits  = 9
	macs         = 1_000_000_000 // of nine digits
)

// Step is how long a phone shows a member code. A code is good during its own step and the ones
// before and after it, for clocks that differ.
const Step = 30 * time.Second

// drift is how many steps two clocks may lie apart.
const drift = 1

// Member is whose code it is.
type Member struct {
	Merchant int64
	Card     int64 // its id
}

// Pass makes the codes of one member. It is all that a phone must hold to do so without the network,
// and tells neither the card's id nor its secret. Who has it can make codes: it is handed to the
// holder only.
type Pass struct {
	Alias int64
	Key   [32]byte
}

// NewPass makes a member's pass of the card's secret. aliasKey is one key for all cards. Ids from 0 to
// MaxCard have passes.
func NewPass(aliasKey, secret [32]byte, m Member) (Pass, error) {
	if m.Card < 0 || m.Card > MaxCard {
		return Pass{}, fmt.Errorf("no member codes for card id %d: want 0 to %d", m.Card, MaxCard)
	}
	return Pass{hide(aliasKey, m.Merchant, m.Card), passKey(secret, m)}, nil
}

// Make is the member code at a time.
func (p Pass) Make(at time.Time) string {
	return MemberCode{p.Alias, memberMAC(p, StepOf(at))}.String()
}

// MemberCode is a member code that was read, and not yet checked.
type MemberCode struct{ alias, mac int64 }

// Parse reads a member code. ok is false when the text is none by its length and first digits.
func Parse(text string) (c MemberCode, ok bool) {
	if len(text) != MemberDigits || text[:len(memberPrefix)] != memberPrefix || !isDigits(text) {
		return MemberCode{}, false
	}
	const middle = len(memberPrefix) + aliasDigits
	// Nine digits, checked above, are always a number.
	c.alias, _ = strconv.ParseInt(text[len(memberPrefix):middle], 10, 64)
	c.mac, _ = strconv.ParseInt(text[middle:], 10, 64)
	return c, true
}

// String is the code's digits.
func (c MemberCode) String() string { return fmt.Sprintf("%s%09d%09d", memberPrefix, c.alias, c.mac) }

// Card is the id of the card in a merchant that the code may be of. There need not be such a card, and
// only Check proves anything.
func (c MemberCode) Card(aliasKey [32]byte, merchant int64) int64 {
	return reveal(aliasKey, merchant, c.alias)
}

// Check reports whether the code was made with the member's secret about now, and in which step. To take
// each code once, the caller keeps the step with the card in the same commit as the effect, and takes
// a code only when its step is higher than the one kept. So older codes that were not used end with a
// newer one that was.
func (c MemberCode) Check(secret [32]byte, m Member, now time.Time) (step int64, ok bool) {
	pass := Pass{c.alias, passKey(secret, m)}
	for s := StepOf(now) - drift; s <= StepOf(now)+drift; s++ {
		if subtle.ConstantTimeEq(int32(memberMAC(pass, s)), int32(c.mac)) == 1 { // below 2^31
			step, ok = s, true // and on, so that all take the same time
		}
	}
	return step, ok
}

// StepOf is the number of the step a time lies in.
func StepOf(t time.Time) int64 {
	const seconds = int64(Step / time.Second)
	return (t.Unix() - mod(t.Unix(), seconds)) / seconds // before 1970 too, a step is as long as any other
}

// passKey binds a secret to merchant and card. It is one way: a pass does not tell the secret.
func passKey(secret [32]byte, m Member) [32]byte {
	return keyed(secret, "member pass", []int64{m.Merchant, m.Card}, "")
}

// memberMAC covers the alias as well, so that no digit of a code can be changed.
func memberMAC(p Pass, step int64) int64 {
	return below(keyed(p.Key, "member code", []int64{p.Alias, step}, ""), macs)
}
