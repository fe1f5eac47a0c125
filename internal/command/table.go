package command

import "slices"

// table is what a State knows of one kind of record, by key, after everything that was decided. A key that was loaded
// and has no record has the zero value.
type table[K comparable, V any] struct {
	what    string // what the records are, for panics
	records map[K]V
	changed map[K]V // since the last save was sent
}

func (t *table[K, V]) knows(key K) bool {
	_, ok := t.records[key]
	return ok
}

func (t *table[K, V]) size() int { return len(t.records) }

// missing returns the keys that are not known, each once.
func (t *table[K, V]) missing(asked []K) []K { return without(asked, t.knows) }

// get returns a record that must be known.
func (t *table[K, V]) get(key K) V {
	v, ok := t.records[key]
	if !ok {
		panic(t.what + " was not named in Keys")
	}
	return v
}

// asked notes that keys were loaded. Records found for them are added by learn afterwards.
func (t *table[K, V]) asked(keys []K) {
	var none V
	for _, key := range keys {
		t.learn(key, none)
	}
}

// learn adds a record as the store has it. It panics if a change of the record is pending, which would be lost.
func (t *table[K, V]) learn(key K, v V) {
	if len(t.changed) > 0 {
		if _, pending := t.changed[key]; pending {
			panic(t.what + " was loaded while a change of it is pending")
		}
	}
	t.set(key, v)
}

func (t *table[K, V]) set(key K, v V) {
	if t.records == nil {
		t.records = map[K]V{}
	}
	t.records[key] = v
}

// update changes a record if it is known, as a consequence of another record's change.
func (t *table[K, V]) update(key K, v V) {
	if t.knows(key) {
		t.change(key, v)
	}
}

// change sets a record as it was decided.
func (t *table[K, V]) change(key K, v V) {
	t.set(key, v)
	if t.changed == nil {
		t.changed = map[K]V{}
	}
	t.changed[key] = v
}

// pending returns the changed records in order, so that all writers lock rows in the same order.
func (t *table[K, V]) pending(compare func(a, b V) int) []V { return inOrder(t.changed, compare) }

func (t *table[K, V]) sent() { clear(t.changed) }

func (t *table[K, V]) forget() {
	clear(t.records)
	clear(t.changed)
}

// forgetSaved forgets all records but those that were changed since the last save was sent.
func (t *table[K, V]) forgetSaved() {
	clear(t.records)
	for key, v := range t.changed {
		t.records[key] = v
	}
}

// inOrder returns the values of a map, sorted.
func inOrder[K comparable, V any](m map[K]V, compare func(a, b V) int) []V {
	if len(m) == 0 {
		return nil
	}
	values := make([]V, 0, len(m))
	for _, v := range m {
		values = append(values, v)
	}
	slices.SortFunc(values, compare)
	return values
}

// valuesOf returns copies of what the pointers point to.
func valuesOf[T any](pointers []*T) []T {
	if len(pointers) == 0 {
		return nil
	}
	values := make([]T, len(pointers))
	for i, p := range pointers {
		values[i] = *p
	}
	return values
}

// without returns the keys that are not known, each once.
func without[K comparable](asked []K, known func(K) bool) []K {
	var missing []K
	var seen map[K]bool // usually nothing is missing
	for i, key := range asked {
		if seen[key] || known(key) {
			continue
		}
		if seen == nil {
			missing, seen = make([]K, 0, len(asked)-i), make(map[K]bool, len(asked)-i)
		}
		seen[key] = true
		missing = append(missing, key)
	}
	return missing
}
