package codes

import (
	"encoding/hex"
	"testing"
	"time"
)

// moment is the time of the tests.
var moment = time.Unix(1566296953, 0).UTC()

// ascending returns a key of 32 bytes that begins with first and counts up.
func ascending(first byte) (key [32]byte) {
	for i := range key {
		key[i] = first + byte(i)
	}
	return key
}

// TestBind checks the hash against one calculated by another program, and that it is different for another transaction.
func TestBind(t *testing.T) {
	t.Parallel()
	key := ascending(0)
	bill := Transaction{Merchant: 1, Card: 2, Amount: 1250, Action: "consume"}
	hash := bill.Bind(key, "042317")
	if got, want := hex.EncodeToString(hash[:]), "2d6cb61286c74c85cb9bd9811da0b30fd64ff6244516fcb9dc5aca890787a69b"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for name, other := range map[string][32]byte{
		"key":       bill.Bind(ascending(1), "042317"),
		"code":      bill.Bind(key, "042318"),
		"no code":   bill.Bind(key, ""),
		"merchant":  Transaction{2, 2, 1250, "consume"}.Bind(key, "042317"),
		"card":      Transaction{1, 3, 1250, "consume"}.Bind(key, "042317"),
		"amount":    Transaction{1, 2, 1251, "consume"}.Bind(key, "042317"),
		"action":    Transaction{1, 2, 1250, "recharge"}.Bind(key, "042317"),
		"moved cut": Transaction{1, 2, 1250, "consume0"}.Bind(key, "42317"),
		"swapped":   Transaction{2, 1, 1250, "consume"}.Bind(key, "042317"),
	} {
		if other == hash {
			t.Errorf("another %s makes the same hash", name)
		}
	}
}

// Whatever is typed, only the code itself is right.
func FuzzBind(f *testing.F) {
	bill := Transaction{Merchant: 1, Card: 2, Amount: 1250, Action: "consume"}
	f.Add(int64(1), int64(2), int64(1250), "consume", "042317")
	f.Add(int64(1), int64(2), int64(1250), "consume0", "42317")
	f.Add(int64(1), int64(2), int64(1250), "", "consume042317")
	f.Fuzz(func(t *testing.T, merchant, card, amount int64, action, typed string) {
		other := Transaction{merchant, card, amount, action}
		same := other.Bind(ascending(0), typed) == bill.Bind(ascending(0), "042317")
		if same != (other == bill && typed == "042317") {
			t.Errorf("%+v with %q: same hash: %v", other, typed, same)
		}
	})
}
