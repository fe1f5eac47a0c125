package command

import "tongka/internal/ledger"

// Shelf keeps the cards of several States that are not in use, packed, each as it is in the store. When it is full,
// the card that was not asked for the longest is dropped. It must not be used by several goroutines at once.
type Shelf struct {
	most   int
	owners int64 // number of States created so far
	at     map[shelfKey]int32
	slots  []slot // slot 0 is the head of a ring: next is the card put last, before the one put first
	free   []int32
}

// shelfKey identifies a card of a State. A State that is reset becomes a new owner; its old cards stay unused until
// they are dropped.
type shelfKey struct {
	owner  int64
	number string
}

type slot struct {
	key          shelfKey
	card         ledger.Packed
	before, next int32
}

// NewShelf returns a shelf for that many cards, including numbers known to have no card.
func NewShelf(most int) *Shelf {
	return &Shelf{most: most, at: map[shelfKey]int32{}, slots: make([]slot, 1)}
}

func (s *Shelf) has(key shelfKey) bool {
	_, ok := s.at[key]
	return ok
}

// take removes a card from the shelf and returns it.
func (s *Shelf) take(key shelfKey) (card ledger.Packed, ok bool) {
	i, ok := s.at[key]
	if !ok {
		return "", false
	}
	card = s.slots[i].card
	s.remove(i)
	return card, true
}

// put adds a card that is not on the shelf.
func (s *Shelf) put(key shelfKey, card ledger.Packed) {
	if s.most <= 0 {
		return
	}
	for len(s.at) >= s.most {
		s.remove(s.slots[0].before)
	}
	i := s.room()
	first := s.slots[0].next
	s.slots[i] = slot{key, card, 0, first}
	s.slots[0].next, s.slots[first].before = i, i
	s.at[key] = i
}

// room returns a free slot.
func (s *Shelf) room() int32 {
	if n := len(s.free); n > 0 {
		i := s.free[n-1]
		s.free = s.free[:n-1]
		return i
	}
	s.slots = append(s.slots, slot{})
	return int32(len(s.slots) - 1)
}

func (s *Shelf) remove(i int32) {
	gone := s.slots[i]
	s.slots[gone.before].next, s.slots[gone.next].before = gone.next, gone.before
	delete(s.at, gone.key)
	s.slots[i] = slot{}
	s.free = append(s.free, i)
}
