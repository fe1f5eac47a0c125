package command

import (
	"reflect"
	"testing"

	"tongka/internal/ledger"
)

// TestKeysWalkEveryField proves that Add, Empty, Reset, Plain, Missing and Learn know every field of Keys. One that
// any of them left out would be loaded for the wrong batch, or not at all.
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
		s := NewState(1)
		if size(s.Missing(one)) != 1 {
			t.Errorf("Missing leaves out %s", name)
		}
		s.Learn(one, Records{})
		if size(s.Missing(one)) != 0 {
			t.Errorf("Learn leaves out %s", name)
		}
	}
}

// sizeOf returns the length of a list; a flag that is set counts 1.
func sizeOf(v reflect.Value) int {
	if v.Kind() != reflect.Bool {
		return v.Len()
	}
	if v.Bool() {
		return 1
	}
	return 0
}

// TestOfRow proves that among many rows no error is lost. Import and Issue used to drop errors that were not
// refusals, and the card was missing both from their result and from the books.
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

// An entry that undoes another is listed once, even if both were named and it was found for each.
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
