package codes

import (
	"bytes"
	"crypto/rand"
	"testing"
)

// TestWeak: what a stranger tries first is weak, and what is drawn or chosen with some care is not.
func TestWeak(t *testing.T) {
	t.Parallel()
	known := []string{"6001002358", "13800004711", "19940103"}
	for _, weak := range []string{
		"0000", "1111", "888888", "AAAA", "1234", "123456", "4321", "7890", "67890123", "2109", "abcd", "DCBA",
		"1212", "123123", "12341234", "5201314", "ABC123", "Password", "000001", "111222",
		"2358", "002358", "6001002358", "4711", "004711", "13800004711", "0103", "940103", "19940103",
		"138000", "13800004", "600100", "199401", // beginnings of six characters and more
	} {
		if !Weak(weak, known...) {
			t.Errorf("%q is not weak", weak)
		}
	}
	for _, strong := range []string{
		"1357", "2468", "246810", "1235", "1243", "0472", "11112", "6001", "1380", "1994", "19940", "13800",
		"139000", "850214", "140285", "198512", // somebody else's phone, days and year
		"83920174", "sparrow-9"} {
		if Weak(strong, known...) {
			t.Errorf("%q is weak", strong)
		}
	}
	if Weak("8391", "", "") {
		t.Error("what is not known makes a password weak")
	}
}

// TestDrawnPasswordsAreStrong proves that no password is drawn that would be refused if it were chosen.
func TestDrawnPasswordsAreStrong(t *testing.T) {
	t.Parallel()
	drawn := []byte{0, 2, 3, 4, 5, 6, 7, 8 /* 12345678 */, 4, 5, 5, 5, 5, 5, 5, 5 /* 55555555 */, 7, 3, 9, 2, 0, 1, 7, 4}
	got, err := NewPassword(bytes.NewReader(drawn))
	if err != nil || got != "83920174" {
		t.Errorf("got %q, %v, want the first that is not weak", got, err)
	}
	for range 1000 {
		if p, err := NewPassword(rand.Reader); err != nil || Weak(p) {
			t.Fatalf("drew %q, %v", p, err)
		}
	}
}

// A birthday is weak however people write it, at every door.
func TestWeakFor(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"19940103", "03011994", "030194", "01031994", "010394", "1994", "0103", "8812", "2465"} {
		if !WeakFor(password, "60018812", "18612342465", "1994-01-03") {
			t.Errorf("%s is not weak", password)
		}
	}
	if WeakFor("8642", "60018812", "18612342465", "1994-01-03") || WeakFor("030194", "60018812", "", "") {
		t.Error("what nothing is known of is weak")
	}
}
