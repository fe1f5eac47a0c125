package command

import (
	"reflect"
	"slices"
	"testing"

	"tongka/internal/ledger"
)

// TestKeysWalkEveryField proves that keys of every sort are joined, seen and reset. A sort that one of
// them left out would be loaded for the wrong batch, or not at all.
func TestKeysWalkEveryField(t *testing.T) {
	t.Parallel()
	plain := map[string]bool{"Merchants": true, "Cards": true, "Requests": true, "Guards": true}
	for i := range reflect.TypeFor[Keys]().NumField() {
		name := reflect.TypeFor[Keys]().Field(i).Name
		var one, sum Keys
		field := reflect.ValueOf(&one).Elem().Field(i)
		field.Set(reflect.MakeSlice(field.Type(), 1, 1))
		if one.Empty() {
			t.Errorf("Empty does not look at %s", name)
		}
		if one.Plain() != plain[name] {
			t.Errorf("Plain with %s = %t, want %t", name, one.Plain(), plain[name])
		}
		sum.Add(one)
		sum.Add(one)
		if got := reflect.ValueOf(sum).Field(i).Len(); got != 2 {
			t.Errorf("Add leaves %d of %s, want 2", got, name)
		}
		sum.Reset()
		if !sum.Empty() {
			t.Errorf("Reset keeps %s", name)
		}
		if missing := NewState().Missing(one); reflect.ValueOf(missing).Field(i).Len() != 1 {
			t.Errorf("Missing leaves out %s", name)
		}
	}
}

// TestOfRow proves that of many rows at once no error is lost: Import and Issue dropped what was no refusal,
// and the card was missing from what they said as well as from the books.
func TestOfRow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ err, want error }{
		{nil, nil},
		{ledger.Refuse(ledger.CardTaken, "6001"), RowRefusal{7, ledger.Refusal{Reason: ledger.CardTaken, Detail: "6001"}}},
		{MissingError{Keys{Merchants: []ledger.MerchantID{1}}}, MissingError{Keys{Merchants: []ledger.MerchantID{1}}}},
		{ledger.ShallowError{Card: ledger.CardKey{Merchant: 1, Number: "6001"}}, ledger.ShallowError{Card: ledger.CardKey{Merchant: 1, Number: "6001"}}},
	} {
		if got := ofRow(7, c.err); !reflect.DeepEqual(got, c.want) {
			t.Errorf("ofRow(7, %v) = %v, want %v", c.err, got, c.want)
		}
	}
}

// An entry that undoes another is known once, though it is learnt for its own sake and for the other's.
func TestUndoneIsKnownOnce(t *testing.T) {
	t.Parallel()
	s := NewState()
	bill, given := ledger.EntryKey{Merchant: 1, ID: 2}, ledger.EntryKey{Merchant: 1, ID: 3}
	e := ledger.Entry{Merchant: 1, ID: 3, Kind: ledger.CashedBack, Of: 2}
	s.Learn(Keys{Entries: []ledger.EntryKey{bill}}, Records{Entries: []ledger.Entry{{Merchant: 1, ID: 2}, e}})
	s.Learn(Keys{Entries: []ledger.EntryKey{given}}, Records{Entries: []ledger.Entry{e}})
	if undone := s.undone[bill]; len(undone) != 1 {
		t.Fatalf("the bill has %d entries of its cash back, want 1", len(undone))
	}
}

// Every kind of key is added, emptied, seen and asked for where it is not known; and nothing is decided ahead on a kind
// that is not known to be kept current.
func TestKeysKnowEveryField(t *testing.T) {
	t.Parallel()
	plain := []string{"Merchants", "Cards", "Requests", "Guards"}
	for i := range reflect.TypeFor[Keys]().NumField() {
		name := reflect.TypeFor[Keys]().Field(i).Name
		var one, all Keys
		f := reflect.ValueOf(&one).Elem().Field(i)
		f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		all.Add(one)
		if one.Empty() || !reflect.DeepEqual(all, one) {
			t.Errorf("%s: empty %v, added %+v", name, one.Empty(), all)
		}
		if missing := NewState().Missing(one); missing.Empty() {
			t.Errorf("%s: a state that knows nothing does not ask for it", name)
		}
		if one.Plain() != slices.Contains(plain, name) {
			t.Errorf("%s: decided ahead on: %v", name, one.Plain())
		}
		if all.Reset(); !all.Empty() {
			t.Errorf("%s stays after Reset", name)
		}
	}
}
