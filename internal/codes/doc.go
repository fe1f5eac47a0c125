// Package codes makes and reads the numbers that people and tills carry: card numbers and passwords
// of generated cards, codes that allow one transaction, and the changing codes of members.
//
// Everything is a pure function: time, randomness and keys are arguments. Nothing is stored and nothing is looked up
// here; what must be remembered between calls is returned to the caller, who saves it in the same commit as the effect.
//
// # Member codes
//
// A phone shows a new code each Step, and a scanner at the till reads it as Code 128. It is 20 digits:
//
//	77  ddddddddd  mmmmmmmmm
//	│   │          └ 9 digits of HMAC-SHA-256 of alias and step, under the pass
//	│   └ the card's alias: its id in its merchant, hidden by a keyed permutation of 9 digits
//	└ what member codes begin with
//
// Length and first digits distinguish it from the payment barcodes of WeChat (18 digits, 10–15) and Alipay
// (16–24 digits, 25–30), from bank cards (at most 19 digits), from the pallet labels of GS1 (20 digits, 00),
// and from generated card numbers. A card number chosen elsewhere may look like one, so a caller first looks
// for a card with that number.
//
// A pass is made on the server and given to the phone, which then needs no network. It is the alias and a key derived
// from the card's secret, the merchant and the card, so a code is bound to all three. A new secret ends all passes of
// a card.
//
// Whoever knows a card's alias but not its secret guesses a code with a chance of 3 in 10^9 per attempt, since three
// steps are valid at a time. Without an alias, the chance is smaller by the share of the 10^9 ids that are cards. The
// caller limits the attempts: at 30 misses in 10 minutes, a year of guessing succeeds with a chance of 0.5 %.
package codes
