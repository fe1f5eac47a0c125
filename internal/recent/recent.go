// Package recent remembers what was seen of late, in bounded memory.
package recent

// Set is keys of two generations: the ones that were added since the last turn, and those of the turn before
// it. What is older is forgotten. It is used by one goroutine at a time; the zero value is empty.
type Set[K comparable] struct {
	fresh, before map[K]struct{}
}

// Has reports whether the key was added in one of the two generations.
func (s *Set[K]) Has(key K) bool {
	if _, ok := s.fresh[key]; ok {
		return true
	}
	_, ok := s.before[key]
	return ok
}

// Add adds the key to the newer generation, though it be in the older one too.
func (s *Set[K]) Add(key K) {
	if s.fresh == nil {
		s.fresh = map[K]struct{}{}
	}
	s.fresh[key] = struct{}{}
}

// Fresh is how many keys the newer generation has.
func (s *Set[K]) Fresh() int { return len(s.fresh) }

// Len is how many keys are kept, those of both generations twice.
func (s *Set[K]) Len() int { return len(s.fresh) + len(s.before) }

// Turn begins a new generation, and forgets the older one.
func (s *Set[K]) Turn() {
	clear(s.before)
	s.fresh, s.before = s.before, s.fresh
}

// Clear forgets everything, and gives the memory back.
func (s *Set[K]) Clear() { s.fresh, s.before = nil, nil }
