package command

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tongka/internal/ledger"
)

// A shelf holds the cards that were put on it last, up to its size, each as it was put.
func TestPropertyShelf(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(0, 5).Draw(t, "room")
		s := NewShelf(most)
		var want []shelfKey // in the order they were put
		for step := range rapid.IntRange(1, 60).Draw(t, "steps") {
			key := shelfKey{rapid.Int64Range(1, 2).Draw(t, "owner"), fmt.Sprint(rapid.IntRange(1, 5).Draw(t, "number"))}
			at := slices.Index(want, key)
			card, there := s.take(key)
			if there != (at >= 0) || there && card == "" {
				t.Fatalf("step %d: took %q, %v of %v, of which there is %v", step, card, there, key, want)
			}
			if at >= 0 {
				want = slices.Delete(want, at, at+1)
			}
			if rapid.Bool().Draw(t, "put") {
				s.put(key, ledger.Packed(key.number))
				want = append(want, key)
				want = want[max(0, len(want)-most):]
			}
			if len(s.at) != len(want) {
				t.Fatalf("step %d: %d cards, want %v", step, len(s.at), want)
			}
		}
	})
}

// After a State is reset, its old cards on the shelf are unreachable, and are dropped in their turn.
func TestShelfOfOneWhoBeganAnew(t *testing.T) {
	t.Parallel()
	shelf := NewShelf(2)
	s := shelf.State(1)
	keep := func(number string) {
		s.Learn(Keys{Cards: []string{number}}, Records{Cards: []ledger.Card{{Merchant: 1, ID: 1, Number: number}}})
		s.Arrived()
	}
	keep("6001")
	s.Reset()
	if got := s.Missing(Keys{Cards: []string{"6001"}}); !got.Head || len(got.Cards) != 1 {
		t.Errorf("after it began anew %+v is missing, want the merchant and the card", got)
	}
	keep("6002")
	keep("6003")
	if got := s.Missing(Keys{Cards: []string{"6002", "6003"}}); len(got.Cards) != 0 || len(shelf.at) != 2 {
		t.Errorf("%v is missing, %d cards are kept", got.Cards, len(shelf.at))
	}
}

// An evicted card must be loaded again, whether it was in use or on the shelf, and does not come back when a save
// arrives. Other cards stay.
func TestEvict(t *testing.T) {
	t.Parallel()
	s := NewShelf(10).State(1)
	learn := func(numbers ...string) {
		var r Records
		for i, number := range numbers {
			r.Cards = append(r.Cards, ledger.Card{Merchant: 1, ID: ledger.CardID(i + 1), Number: number})
		}
		s.Learn(Keys{Cards: numbers}, r)
	}
	learn("6001", "6002")
	s.Arrived()
	learn("6003", "6004", "6005")
	s.Evict("6001", "6003", "6005", "6009")
	for range 2 {
		all := Keys{Cards: []string{"6001", "6002", "6003", "6004", "6005"}}
		if got := s.Missing(all).Cards; !slices.Equal(got, []string{"6001", "6003", "6005"}) {
			t.Errorf("%v is missing, want what was evicted", got)
		}
		s.Arrived()
	}
}
