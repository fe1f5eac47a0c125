package verify

import (
	"testing"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// one returns what is found in the books of merchant 1 alone, by check.
func one(t *testing.T, b *books) (found map[int]Result, held Held) {
	t.Helper()
	results, held, err := RunOne(t.Context(), b, b, 1, func(int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	found = map[int]Result{}
	for _, r := range results {
		found[r.Check] = r
	}
	return found, held
}

// The books of one merchant alone are looked at as all are, without what is of the database as a whole.
func TestOneMerchantAlone(t *testing.T) {
	t.Parallel()
	b := sound(t)
	found, held := one(t, b)
	all, of, err := Run(t.Context(), b, b, func(int64, int64) {})
	if err != nil || len(of) != 1 || held != of[0] || held.Cards == 0 {
		t.Errorf("the cards hold %+v, and with all merchants %+v, %v", held, of, err)
	}
	for _, r := range all {
		got, there := found[r.Check]
		switch whole := r.Check == shapes || r.Check == sameMerchants; {
		case there == whole:
			t.Errorf("check %d is told: %v", r.Check, there)
		case !whole && (got.Violations != 0 || got.State() != r.State()):
			t.Errorf("check %d: %v %v, of all %v", r.Check, got.State(), got.Examples, r.State())
		}
	}
	b = sound(t)
	b.entry(ledger.Opened).Note = "x"
	if found, _ := one(t, b); found[23].Violations == 0 {
		t.Error("the chain held")
	}
}

// What is wrong at the host, or at another merchant, is told to nobody who asks about one merchant.
func TestOneMerchantHearsNothingOfOthers(t *testing.T) {
	t.Parallel()
	b := sound(t)
	b.counters = nil
	b.guids["{canary}"] = 2
	b.settings = append(b.settings, ledger.Merchant{ID: 2, GUID: "{2}", Name: "canary"})
	all, _, err := Run(t.Context(), b, b, func(int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	broken := 0
	for _, r := range all {
		broken += len(r.Examples)
	}
	if broken < 3 {
		t.Fatalf("all merchants together have %d faults: this tests nothing", broken)
	}
	found, _ := one(t, b)
	for check, r := range found {
		if r.Violations != 0 {
			t.Errorf("check %d: %v", check, r.Examples)
		}
	}
}

// Every check has a name in Chinese.
func TestChecksHaveNames(t *testing.T) {
	t.Parallel()
	for check := range names {
		if phrase.Checks[check] == "" {
			t.Errorf("check %d has no name in Chinese", check)
		}
	}
	if len(phrase.Checks) != len(names) {
		t.Errorf("%d names for %d checks", len(phrase.Checks), len(names))
	}
}
