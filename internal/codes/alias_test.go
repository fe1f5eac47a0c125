package codes

import (
	"testing"

	"pgregory.net/rapid"
)

// Every id has one alias and every alias one id, in every merchant and under every key.
func TestAliasRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := ascending(rapid.Byte().Draw(t, "key"))
		merchant := rapid.Int64().Draw(t, "merchant")
		n := rapid.Int64Range(0, MaxCard).Draw(t, "n")
		if alias := hide(key, merchant, n); alias < 0 || alias > MaxCard || reveal(key, merchant, alias) != n {
			t.Fatalf("id %d has alias %d, which is of %d", n, alias, reveal(key, merchant, alias))
		}
		if id := reveal(key, merchant, n); id < 0 || id > MaxCard || hide(key, merchant, id) != n {
			t.Fatalf("alias %d is of %d, which has %d", n, id, hide(key, merchant, id))
		}
	})
}

// Cards opened one after the other have aliases that do not show it: they are spread over all numbers, and their
// order agrees with the cards' order only by chance.
func TestAliasHidesOrder(t *testing.T) {
	t.Parallel()
	const cards = 10_000
	key := ascending(0)
	var buckets [10]int
	rising, before := 0, int64(0)
	for card := range int64(cards) {
		alias := hide(key, 1, card)
		buckets[alias/(aliases/10)]++
		if alias > before {
			rising++
		}
		before = alias
	}
	for i, n := range buckets {
		if n < 850 || n > 1150 { // five standard deviations
			t.Errorf("%d of %d aliases begin with %d", n, cards, i)
		}
	}
	if rising < 4_800 || rising > 5_200 {
		t.Errorf("%d of %d aliases are higher than the one before", rising, cards)
	}
}

// The same id has other aliases in another merchant and under another key.
func TestAliasDiffers(t *testing.T) {
	t.Parallel()
	same := 0
	for card := range int64(1000) {
		alias := hide(ascending(0), 1, card)
		if alias == hide(ascending(0), 2, card) || alias == hide(ascending(1), 1, card) || alias == card {
			same++
		}
	}
	if same > 0 {
		t.Errorf("%d of 1000 cards have the same alias elsewhere", same)
	}
}
