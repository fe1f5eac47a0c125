package codes

import (
	"crypto/sha256"
	"fmt"
	"testing"
)

// A pass with another number is different, and so are the passes of another card and of another installation. The
// alias stays the same, so a code of an old pass is recognised as that card's and refused.
func TestKeys(t *testing.T) {
	t.Parallel()
	subkey := func(purpose string) [32]byte { return sha256.Sum256([]byte("one " + purpose)) }
	keys, others := KeysOf(subkey), KeysOf(func(string) [32]byte { return [32]byte{1} })
	if keys.alias == keys.member || keys.member == keys.transaction || keys.alias == keys.transaction {
		t.Error("two purposes have one key")
	}
	m := Member{Merchant: 7, Card: 42}
	first, err := keys.Pass(m, 0)
	if err != nil {
		t.Fatal(err)
	}
	code, _ := Parse(first.Make(moment))
	if got := keys.Card(code, 7); got != 42 {
		t.Errorf("card %d, want 42", got)
	}
	for name, c := range map[string]struct {
		keys   Keys
		member Member
		number int64
		ok     bool
	}{
		"same":               {keys, m, 0, true},
		"next pass":          {keys, m, 1, false},
		"other card":         {keys, Member{7, 43}, 0, false},
		"other merchant":     {keys, Member{8, 42}, 0, false},
		"other installation": {others, m, 0, false},
	} {
		if step, ok := c.keys.Check(code, c.member, c.number, moment); ok != c.ok || ok != (step == StepOf(moment)) {
			t.Errorf("%s: step %d, %v", name, step, ok)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%d", "%x", "%s"} {
		if got := fmt.Sprintf(verb, keys); got != "[keys]" {
			t.Errorf("%s shows %s", verb, got)
		}
	}
	bill := Transaction{Merchant: 7, Card: 42, Amount: 100, Action: "1"}
	if keys.Bind(bill, "123456") == others.Bind(bill, "123456") {
		t.Error("another installation binds a code the same way")
	}
}
