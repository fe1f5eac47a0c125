package ledger

import (
	"reflect"
	"testing"
)

// Terms that differ in any field are not the same: a field that is added to CouponTerms and not compared is found here.
func TestSameTermsComparesEveryField(t *testing.T) {
	t.Parallel()
	terms := func() CouponTerms { return CouponTerms{Shops: []ShopID{1, 2}} }
	a, b := terms(), terms()
	if !a.Same(&b) {
		t.Error("equal terms are not the same")
	}
	b.Shops = []ShopID{2, 1}
	if a.Same(&b) {
		t.Error("shops in another order are the same")
	}
	fields := reflect.TypeFor[CouponTerms]()
	for i := range fields.NumField() {
		b := terms()
		switch v := reflect.ValueOf(&b).Elem().Field(i); v.Kind() {
		case reflect.String:
			v.SetString("x")
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Slice:
			v.Set(v.Slice(0, v.Len()-1))
		default:
			v.SetInt(1)
		}
		if name := fields.Field(i).Name; a.Same(&b) || b.Same(&a) {
			t.Errorf("terms that differ in %s are the same", name)
		}
	}
}
