package command

import (
	"reflect"
	"testing"

	"tongka/internal/ledger"
)

// TestKeysWalkEveryField proves that keys of every sort are joined, seen and reset. A sort that one of
// them left out would be loaded for the wrong batch, or not at all.
func TestKeysWalkEveryField(t *testing.T) {
	t.Parallel()
	plain := map[string]bool{"Head": true, "Cards": true, "Requests": true, "Guards": true}
	for i := range reflect.TypeFor[Keys]().NumField() {
		name := reflect.TypeFor[Keys]().Field(i).Name
		var one, sum Keys
		size := func(k Keys) int { return sizeOf(reflect.ValueOf(k).Field(i)) }
		want := 2
		if field := reflect.ValueOf(&one).Elem().Field(i); field.Kind() == reflect.Bool {
			field.SetBool(true)
			want = 1
		} else {
			field.Set(reflect.MakeSlice(field.Type(), 1, 1))
		}
		if one.Empty() {
			t.Errorf("Empty does not look at %s", name)
		}
		if one.Plain() != plain[name] {
			t.Errorf("Plain with %s = %t, want %t", name, one.Plain(), plain[name])
		}
		sum.Add(one)
		sum.Add(one)
		if got := size(sum); got != want {
			t.Errorf("Add leaves %d of %s, want %d", got, name, want)
		}
		sum.Reset()
		if !sum.Empty() {
			t.Errorf("Reset keeps %s", name)
		}
		if size(NewState(1).Missing(one)) != 1 {
			t.Errorf("Missing leaves out %s", name)
		}
	}
}

// sizeOf is how many a list has; a flag that is set is one.
func sizeOf(v reflect.Value) int {
	if v.Kind() != reflect.Bool {
		return v.Len()
	}
	if v.Bool() {
		return 1
	}
	return 0
}

// TestOfRow proves that of many rows at once no error is lost: Import and Issue dropped what was no refusal,
// and the card was missing from what they said as well as from the books.
func TestOfRow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ err, want error }{
		{nil, nil},
		{ledger.Refuse(ledger.CardTaken, "6001"), RowRefusal{7, ledger.Refusal{Reason: ledger.CardTaken, Detail: "6001"}}},
		{NeedRecords{Keys{Entries: []ledger.EntryID{1}}}, NeedRecords{Keys{Entries: []ledger.EntryID{1}}}},
		{
			ledger.NeedLots{Card: ledger.CardKey{Merchant: 1, Number: "6001"}},
			ledger.NeedLots{Card: ledger.CardKey{Merchant: 1, Number: "6001"}},
		},
	} {
		if got := ofRow(7, c.err); !reflect.DeepEqual(got, c.want) {
			t.Errorf("ofRow(7, %v) = %v, want %v", c.err, got, c.want)
		}
	}
}

// An entry that undoes another is known once, though it is learnt for its own sake and for the other's.
func TestUndoneIsKnownOnce(t *testing.T) {
	t.Parallel()
	s := NewState(1)
	bill, given := ledger.EntryID(2), ledger.EntryID(3)
	e := ledger.Entry{Merchant: 1, ID: 3, Kind: ledger.CashedBack, RefersTo: 2}
	s.Learn(Keys{Entries: []ledger.EntryID{bill}}, Records{Entries: []ledger.Entry{{Merchant: 1, ID: 2}, e}})
	s.Learn(Keys{Entries: []ledger.EntryID{given}}, Records{Entries: []ledger.Entry{e}})
	if undone := s.undone.get(bill); len(undone) != 1 {
		t.Fatalf("the bill has %d entries of its cash back, want 1", len(undone))
	}
}
