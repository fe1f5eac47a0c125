package codes

import (
	"encoding/hex"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// moment is when the tests happen.
var moment = time.Unix(1566296953, 0).UTC()

// ascending is the key of 32 bytes that begin with first and count up.
func ascending(first byte) (key [32]byte) {
	for i := range key {
		key[i] = first + byte(i)
	}
	return key
}

// TestBind: the hash, computed apart from this code, and that it is another one for another transaction.
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

// TestTry: each row is tried on the state the row above left.
func TestTry(t *testing.T) {
	t.Parallel()
	right, wrong := [32]byte{1}, [32]byte{2}
	type step struct {
		what  string
		hash  [32]byte
		after time.Duration
		want  Outcome
		tries int
	}
	for name, steps := range map[string][]step{
		"once": {
			{"right", right, 0, Right, 5},
			{"right again", right, 0, UsedUp, 5},
			{"wrong", wrong, time.Second, UsedUp, 5},
			{"late", right, TransactionLife, Expired, 5},
		},
		"last try": {
			{"wrong", wrong, 1, Wrong, 1},
			{"wrong", wrong, 2, Wrong, 2},
			{"none", [32]byte{}, 3, Wrong, 3},
			{"wrong", wrong, 4, Wrong, 4},
			{"right", right, TransactionLife - 1, Right, 5},
		},
		"one too many": {
			{"wrong", wrong, 1, Wrong, 1},
			{"wrong", wrong, 2, Wrong, 2},
			{"wrong", wrong, 3, Wrong, 3},
			{"wrong", wrong, 4, Wrong, 4},
			{"wrong", wrong, 5, Wrong, 5},
			{"right", right, 6, UsedUp, 5},
		},
		"too late": {
			{"wrong", wrong, TransactionLife - 1, Wrong, 1},
			{"right", right, TransactionLife, Expired, 1},
			{"wrong", wrong, time.Hour, Expired, 1},
		},
	} {
		state := Sent(right, moment)
		for i, s := range steps {
			var got Outcome
			if state, got = state.Try(s.hash, moment.Add(s.after)); got != s.want || state.Tries != s.tries {
				t.Errorf("%s: %d. %s: got outcome %d after %d tries, want %d after %d", name, i+1, s.what, got, state.Tries, s.want, s.tries)
			}
		}
	}
	if state, got := (State{}).Try([32]byte{}, moment); got != Expired || state != (State{}) {
		t.Errorf("none was sent: got outcome %d", got)
	}
}

// However it is tried, a code does its work at most once, within its life, and after at most four
// wrong tries; and a state only ever changes in its tries.
func TestTryProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		state := Sent([32]byte{1}, moment)
		now, rights, wrongs := moment, 0, 0
		for range rapid.IntRange(1, 20).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "seconds")) * time.Second)
			before := state
			var got Outcome
			state, got = state.Try([32]byte{byte(rapid.IntRange(0, 2).Draw(t, "typed"))}, now)
			switch got {
			case Right:
				rights++
			case Wrong:
				wrongs++
			case UsedUp, Expired:
				if state != before {
					t.Fatalf("got outcome %d and another state", got)
				}
			}
			if state.Hash != before.Hash || state.Until != before.Until || state.Tries < before.Tries {
				t.Fatalf("%+v became %+v", before, state)
			}
			if got == Right && (now.Sub(moment) >= TransactionLife || wrongs >= TransactionTries) {
				t.Fatalf("right after %v and %d wrong ones", now.Sub(moment), wrongs)
			}
		}
		if rights > 1 || wrongs > TransactionTries {
			t.Fatalf("%d times right, %d times wrong", rights, wrongs)
		}
	})
}

// Whatever is typed, only the code itself is right.
func FuzzBind(f *testing.F) {
	bill := Transaction{Merchant: 1, Card: 2, Amount: 1250, Action: "consume"}
	f.Add(int64(1), int64(2), int64(1250), "consume", "042317")
	f.Add(int64(1), int64(2), int64(1250), "consume0", "42317")
	f.Add(int64(1), int64(2), int64(1250), "", "consume042317")
	f.Fuzz(func(t *testing.T, merchant, card, amount int64, action, typed string) {
		other := Transaction{merchant, card, amount, action}
		state := Sent(bill.Bind(ascending(0), "042317"), moment)
		_, got := state.Try(other.Bind(ascending(0), typed), moment)
		if (got == Right) != (other == bill && typed == "042317") {
			t.Errorf("%+v with %q: got outcome %d", other, typed, got)
		}
	})
}
