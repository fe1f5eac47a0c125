package ledger

import (
	"encoding/base64"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
)

func wholePerson() Person {
	return Person{
		ID: 7, SignIn: "mei", Name: "小美", Language: English, Until: 20270101, Stopped: true, Agent: 3,
		Grants:   []PersonGrant{{Merchant: 1, Shops: []ShopID{4, 5}, Permissions: MayRead | MayReveal}},
		Password: "$argon2id$v=19$m=1$c2FsdA$aGFzaA", TOTP: []byte("sealed-seed"), Recovery: [][32]byte{{1, 2, 3}, {4}},
		Passkeys: []Passkey{{ID: []byte("credential"), Key: []byte("public-key"), Name: "手机", Made: 20260105}}, Version: 9,
	}
}

// The text of a person tells any of the facts from any other, and all but what stands for a secret is read back. Only
// the version is left out: it is the entry that has the text.
func TestInvariant61PersonTextIsWhole(t *testing.T) {
	t.Parallel()
	whole := wholePerson()
	text, err := PersonText(&whole)
	if err != nil {
		t.Fatal(err)
	}
	fields := reflect.TypeFor[Person]()
	for i := range fields.NumField() {
		p := wholePerson()
		reflect.ValueOf(&p).Elem().Field(i).SetZero()
		other, err := PersonText(&p)
		if name := fields.Field(i).Name; err != nil || (other == text) != (name == "Version") {
			t.Errorf("without %s: %s, %v", name, other, err)
		}
	}
	for what, change := range map[string]func(*Person){
		"a letter of the password": func(p *Person) { p.Password = strings.Replace(p.Password, "m=1", "m=2", 1) },
		"a bit of the seed":        func(p *Person) { p.TOTP = []byte("sealed-seee") },
		"one code less":            func(p *Person) { p.Recovery = p.Recovery[:1] },
		"another device":           func(p *Person) { p.Passkeys[0].ID = []byte("credentiam") },
		"another key":              func(p *Person) { p.Passkeys[0].Key = []byte("public-kez") },
		"every shop":               func(p *Person) { p.Grants[0].Shops = nil },
		"an unknown right":         func(p *Person) { p.Grants[0].Permissions |= 1 << 40 },
	} {
		p := wholePerson()
		change(&p)
		if other, err := PersonText(&p); err != nil || other == text {
			t.Errorf("%s: %s, %v", what, other, err)
		}
	}
	read, err := ParsePerson(text)
	read.Password, read.TOTP, read.Recovery, read.Passkeys = whole.Password, whole.TOTP, whole.Recovery, whole.Passkeys
	read.Version = whole.Version
	if err != nil || !reflect.DeepEqual(read, whole) {
		t.Errorf("read back as %+v, %v", read, err)
	}
}

// Nothing of what somebody signs in with is in the journal, in no form, not even hashed or sealed (invariant 45).
func TestInvariant45PersonTextHidesSecrets(t *testing.T) {
	t.Parallel()
	p := wholePerson()
	text, err := PersonText(&p)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range [][]byte{[]byte(p.Password), p.TOTP, p.Recovery[0][:], p.Passkeys[0].ID, p.Passkeys[0].Key} {
		for _, form := range []string{
			string(secret), hex.EncodeToString(secret)[:8], base64.StdEncoding.EncodeToString(secret)[:8],
		} {
			if strings.Contains(text, form) {
				t.Errorf("%q of a secret is in %s", form, text)
			}
		}
	}
}
