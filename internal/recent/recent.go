// Package recent remembers what was seen recently, in bounded memory.
package recent

// Set holds keys of two generations: those added since the last turn, and those of the turn before it. Older keys are
// forgotten. The zero value is empty. It must not be used by several goroutines at once.
type Set[K comparable] struct {
	fresh, before map[K]struct{}
}

// Has reports whether the key is in one of the two generations.
func (s *Set[K]) Has(key K) bool {
	if _, ok := s.fresh[key]; ok {
		return true
	}
	_, ok := s.before[key]
	return ok
}

// Add adds the key to the newer generation, even if the older one has it.
func (s *Set[K]) Add(key K) {
	if s.fresh == nil {
		s.fresh = map[K]struct{}{}
	}
	s.fresh[key] = struct{}{}
}

// Fresh returns the number of keys in the newer generation.
func (s *Set[K]) Fresh() int { return len(s.fresh) }

// Len returns the number of keys kept; a key in both generations counts twice.
func (s *Set[K]) Len() int { return len(s.fresh) + len(s.before) }

// Turn starts a new generation and forgets the older one.
func (s *Set[K]) Turn() {
	clear(s.before)
	s.fresh, s.before = s.before, s.fresh
}

// Clear forgets everything and releases the memory.
func (s *Set[K]) Clear() { s.fresh, s.before = nil, nil }
