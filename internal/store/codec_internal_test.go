package store

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// TestEveryFieldOfAnEntryIsStored proves that an entry with only one field set, whichever it is, is read back as it
// was: a field left out of one of our lists would be lost, and the entry's hash would be wrong permanently.
func TestEveryFieldOfAnEntryIsStored(t *testing.T) {
	t.Parallel()
	s, db, _ := openFile(t)
	var want []ledger.Entry
	add := func(path []int) {
		e := ledger.Entry{Merchant: 1, ID: ledger.EntryID(len(want) + 1), Card: 1, Seq: int64(len(want) + 1)}
		e.At = time.UnixMilli(1_700_000_000_000).UTC()
		if field := reflect.ValueOf(&e).Elem().FieldByIndex(path); field.IsZero() {
			fill(field)
		}
		want = append(want, e)
	}
	entry := reflect.TypeFor[ledger.Entry]()
	for i := range entry.NumField() {
		if f := entry.Field(i); f.Name == "By" {
			for k := range f.Type.NumField() {
				add([]int{i, k})
			}
		} else {
			add([]int{i})
		}
	}
	var rare extras
	entries := rowsFor(addEntry, len(want))
	for i := range want {
		rare.write(entries, &want[i])
	}
	if err := db.write(t.Context(), []write{{addEntry, entries}}); err != nil {
		t.Fatal(err)
	}
	var got []ledger.Entry
	err := s.EachEntry(t.Context(), 1, 0, func(e *ledger.Entry) error { got = append(got, *e); return nil })
	if err != nil || len(got) != len(want) {
		t.Fatalf("read %d of %d entries, %v", len(got), len(want), err)
	}
	for i := range want {
		if want[i].Tally == nil {
			want[i].Tally = ledger.Tally{}
		}
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("%+v\nis read as\n%+v", want[i], got[i])
		}
	}
}

// fill sets a value, and everything it contains, to something that is not zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.UnixMilli(1_700_000_000_001).UTC()))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.String:
		v.SetString("备注 <b>\"\\")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint(1)
	default:
		v.SetInt(1)
	}
}

// TestMarshalRefusesNoText proves that a text is read back as it was written, and that what is not valid UTF-8 is
// refused.
func TestMarshalRefusesNoText(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "a", "\uFFFD", `\ufffd`, `\\ufffd`, `\`, "备注<>&\u2028", "\\\uFFFD"} {
		b, err := marshal(s)
		var got string
		if err != nil || json.Unmarshal(b, &got) != nil || got != s {
			t.Errorf("%q is stored as %s and read as %q, %v", s, b, got, err)
		}
	}
	for _, s := range []string{"\xff", "a\\\xff", "\uFFFD\xc3", `\ufffd` + "\xff", "\xed\xa0\x80"} {
		if b, err := marshal(map[string]string{"t": s}); !errors.Is(err, errNoText) {
			t.Errorf("%q is stored as %s, %v", s, b, err)
		}
	}
}
