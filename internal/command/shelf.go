package command

import "tongka/internal/ledger"

// Shelf keeps the cards of several States that nobody asks for at the moment, packed, each as it is in the
// store. When it is full, the card goes that was not asked for the longest. It is used by one goroutine at a
// time.
type Shelf struct {
	most   int
	owners int64 // so many States have had a place here
	at     map[shelfKey]int32
	slots  []slot // the first is the ring's beginning: behind it is the card put last, before it the one put first
	free   []int32
}

// shelfKey names a card of a State: who begins anew is another owner, and what he had before goes when its
// time has come.
type shelfKey struct {
	owner  int64
	number string
}

type slot struct {
	key          shelfKey
	card         ledger.Packed
	before, next int32
}

// NewShelf has room for so many cards, those of which it is known that there are none among them.
func NewShelf(most int) *Shelf {
	return &Shelf{most: most, at: map[shelfKey]int32{}, slots: make([]slot, 1)}
}

// Len is how many cards there are.
func (s *Shelf) Len() int { return len(s.at) }

func (s *Shelf) has(key shelfKey) bool {
	_, ok := s.at[key]
	return ok
}

// take returns a card and keeps it no longer.
func (s *Shelf) take(key shelfKey) (card ledger.Packed, ok bool) {
	i, ok := s.at[key]
	if !ok {
		return "", false
	}
	card = s.slots[i].card
	s.remove(i)
	return card, true
}

// put keeps a card that is not there.
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

// room is a slot that is free.
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
