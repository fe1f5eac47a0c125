package apply

import (
	"cmp"
	"slices"

	"tongka"
)

// order says in which order a merchant's records stand after the file was read onto them.
type order int

const (
	byID    order = iota
	asFiled       // those the file names first, in its order
	asKept        // those that were there first, in their order
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
}

// merge reads the items of a list onto the records with their ids, and adds those that are new.
// end is called when the whole merchant was read, with the merchant's own changes; it answers whether
// a record of the list was created or updated.
func merge[T any, ID ~int64](b *builder, m *tongka.Merchant, into *[]T, k kind[T, ID]) (read func(value), end func(*diff) bool) {
	before := slices.Clone(*into)
	var filed []T
	moved := false
	read = b.list(func(v value) {
		id, ok := idOf(b, v, maxID[ID]())
		if !ok {
			return
		}
		has := func(t T) bool { return *k.id(&t) == id }
		if slices.ContainsFunc(filed, has) {
			b.fail(v.key("id"), "%s %d stands twice", k.name, id)
			return
		}
		record, fresh := k.fresh, true
		if i := slices.IndexFunc(before, has); i >= 0 {
			record, fresh = before[i], false
		}
		*k.id(&record) = id
		var d diff
		fs := k.fields(&record, &d)
		fs["id"] = func(value) {}
		b.object(v, fs)
		k.check(v, &record)
		filed = append(filed, record)
		*into = arrange(before, filed, k)
		result, fieldsChanged := outcome(fresh, d)
		b.note(k.name, m.ID, described(int64(id), k.title(&record)), result, fieldsChanged)
		moved = moved || result != Unchanged
	})
	end = func(d *diff) bool {
		for i := range before {
			id := *k.id(&before[i])
			if !slices.ContainsFunc(filed, func(t T) bool { return *k.id(&t) == id }) {
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

// maxID bounds ids that people choose, so that they fit every wire.
func maxID[ID ~int64]() ID { return 1<<31 - 1 }
