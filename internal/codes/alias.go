package codes

// MaxCard is the highest card id that has an alias.
const MaxCard = aliases - 1

// An alias is nine digits: a left half of four and a right half of five, each of which is changed in turn depending
// on the other. The halves and the ten rounds are those of NIST SP 800-38G's FF1 for nine digits; the round function
// is HMAC.
const (
	leftHalf  = 10_000
	rightHalf = 100_000
	aliases   = leftHalf * rightHalf
	rounds    = 10
)

// hide returns the alias of a card id from 0 to MaxCard, one to one within each merchant. Without the key, the
// aliases of two cards reveal neither how many cards there are nor which came first.
func hide(key [32]byte, merchant, card int64) int64 {
	left, right := card/rightHalf, card%rightHalf
	for round := range int64(rounds) {
		if round%2 == 0 {
			left = mod(left+mix(key, merchant, round, right), leftHalf)
		} else {
			right = mod(right+mix(key, merchant, round, left), rightHalf)
		}
	}
	return left*rightHalf + right
}

// reveal returns the card id of an alias: it runs the rounds of hide backwards.
func reveal(key [32]byte, merchant, alias int64) int64 {
	left, right := alias/rightHalf, alias%rightHalf
	for round := int64(rounds - 1); round >= 0; round-- {
		if round%2 == 0 {
			left = mod(left-mix(key, merchant, round, right), leftHalf)
		} else {
			right = mod(right-mix(key, merchant, round, left), rightHalf)
		}
	}
	return left*rightHalf + right
}

// mix returns what a round adds to one half depending on the other, before the modulus of that half.
func mix(key [32]byte, merchant, round, half int64) int64 {
	return below(keyed(key, "member alias", []int64{merchant, round, half}, ""), rightHalf)
}

// mod returns the remainder from 0 to n-1.
func mod(a, n int64) int64 { return (a%n + n) % n }
