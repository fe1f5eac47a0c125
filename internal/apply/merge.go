package apply

import (
	"cmp"
	"slices"

	"tongka/internal/ledger"
)

// order is the order in which a merchant's records stand after the file was merged into them.
type order int

const (
	byID    order = iota
	asFiled       // first those the file names, in its order, then the others
	asKept        // first the existing ones, in their order, then the new ones
)

// kind describes one kind of records a merchant has a list of.
type kind[T any, ID ~int64] struct {
	name   string
	order  order
	id     func(*T) *ID
	title  func(*T) string
	fresh  T
	fields func(*T, *diff) fields
	check  func(value, *T)

	// turn is called on an existing record before its fields are read, to clear what would make no sense if the file
	// turns it into another sort; nil = nothing to clear
	turn   func(value, *T, *diff)
	remove func(value, *T) // notes a problem if the record may not be removed; nil = it always may
}

// merge returns read, which reads a list of the file into the records *into: it updates the record with an item's
// id, adds items with a new id and removes those that say absent. end must be called after the whole merchant was
// read, whether or not the file has the list; it adds a change of order to the merchant's own changes and reports
// whether a record of the list was created, updated or removed.
func merge[T any, ID ~int64](
	b *builder, m *ledger.Merchant, into *[]T, k kind[T, ID],
) (read func(value), end func(*diff) bool) {
	before := slices.Clone(*into)
	var filed []T
	named := map[ID]bool{}
	moved := false
	read = b.list(func(v value) {
		id, ok := idOf(b, v, maxID[ID]())
		if !ok {
			return
		}
		if named[id] {
			b.fail(v.key("id"), "%s %d stands twice: each has an id of its own", k.name, id)
			return
		}
		named[id] = true
		record, fresh := k.fresh, true
		i := slices.IndexFunc(before, func(t T) bool { return *k.id(&t) == id })
		if i >= 0 {
			record, fresh = before[i], false
		}
		*k.id(&record) = id
		result, changed := Unchanged, diff(nil)
		if b.absent(v) {
			if !fresh {
				result, before = Removed, slices.Delete(before, i, i+1)
				if k.remove != nil {
					k.remove(v, &record)
				}
			}
		} else {
			result, changed = readRecord(b, v, k, &record, fresh)
			filed = append(filed, record)
		}
		*into = arrange(before, filed, k)
		b.note(k.name, m.ID, described(int64(id), k.title(&record)), result, changed)
		moved = moved || result != Unchanged
	})
	end = func(d *diff) bool {
		for i := range before {
			if id := *k.id(&before[i]); !named[id] {
				b.note(k.name, m.ID, described(int64(id), k.title(&before[i])), Kept, nil)
			}
		}
		if len(before) == len(*into) && !sameOrder(before, *into, k) {
			*d = append(*d, "order of "+k.name+"s")
		}
		return moved
	}
	return read, end
}

// readRecord reads an item's fields into its record and checks the result.
func readRecord[T any, ID ~int64](b *builder, v value, k kind[T, ID], record *T, fresh bool) (Result, diff) {
	var d diff
	if k.turn != nil && !fresh {
		k.turn(v, record, &d)
	}
	fs := k.fields(record, &d)
	fs["id"], fs["absent"] = func(value) {}, func(value) {}
	b.object(v, fs)
	k.check(v, record)
	return outcome(fresh, d)
}

// absent reports whether an item is to be removed. Such an item has an id, perhaps a name, and no other field.
func (b *builder) absent(v value) bool {
	if v.find("absent") == nil {
		return false
	}
	var absent bool
	var d diff
	ignored := func(value) {}
	scalar(&b.reader, &d, &absent, parseBool)(v.key("absent"))
	if absent {
		b.object(v, fields{"absent": ignored, "id": ignored, "name": ignored})
	}
	return absent
}

func arrange[T any, ID ~int64](before, filed []T, k kind[T, ID]) []T {
	first, then := filed, before
	if k.order == asKept {
		first, then = before, filed
	}
	var all []T
	for _, t := range slices.Concat(first, then) {
		same := func(u T) bool { return *k.id(&u) == *k.id(&t) }
		if slices.ContainsFunc(all, same) {
			continue
		}
		if i := slices.IndexFunc(filed, same); i >= 0 {
			t = filed[i]
		}
		all = append(all, t)
	}
	if k.order == byID {
		slices.SortFunc(all, func(a, b T) int { return cmp.Compare(*k.id(&a), *k.id(&b)) })
	}
	return all
}

func sameOrder[T any, ID ~int64](a, b []T, k kind[T, ID]) bool {
	return slices.EqualFunc(a, b, func(t, u T) bool { return *k.id(&t) == *k.id(&u) })
}

// maxID returns the highest id that people may choose, which fits the integers of every wire.
func maxID[ID ~int64]() ID { return 1<<31 - 1 }
