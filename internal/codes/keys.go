package codes

import (
	"fmt"
	"io"
	"time"
)

// Keys are the keys of the codes that holders show, one for each purpose.
type Keys struct {
	alias, member, transaction [32]byte
}

// KeysOf makes the keys with subkey, which must return a different key for each purpose and always the same one for a
// purpose.
func KeysOf(subkey func(purpose string) [32]byte) Keys {
	return Keys{subkey("member alias"), subkey("member codes"), subkey("transaction codes")}
}

// Format hides the keys from every verb.
func (Keys) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[keys]") }

// Pass returns the member's pass with that number. A different number makes a different pass, so raising the number
// stored with a card ends the codes of a phone that was lost.
func (k Keys) Pass(m Member, number int64) (Pass, error) {
	return NewPass(k.alias, k.secret(m, number), m)
}

// Card returns the id of the card in a merchant that the code may belong to: see MemberCode.Card.
func (k Keys) Card(c MemberCode, merchant int64) int64 { return c.Card(k.alias, merchant) }

// Check reports whether the code was made about now with the member's pass of that number: see MemberCode.Check.
func (k Keys) Check(c MemberCode, m Member, number int64, now time.Time) (step int64, ok bool) {
	return c.Check(k.secret(m, number), m, now)
}

// Bind returns the form in which a transaction code is stored: see Transaction.Bind.
func (k Keys) Bind(t Transaction, code string) [32]byte { return t.Bind(k.transaction, code) }

func (k Keys) secret(m Member, number int64) [32]byte {
	return keyed(k.member, "member secret", []int64{m.Merchant, m.Card, number}, "")
}
