package store_test

import (
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// The database itself refuses a card with a negative balance, unless its first lot is a debt (invariant 05).
func TestInvariant05Constraints(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		openShop(t, s)
		credit := ledger.Fen(50_00)
		save(t, s, command.ModifyDetails{Merchant: 1, Card: "6001", Credit: &credit})
		for _, c := range []struct {
			name string
			lots []ledger.Lot
			kept bool
		}{
			{"no lots", nil, false},
			{"lots and no debt", []ledger.Lot{{ID: 2, GoodUntil: ledger.Forever, Principal: -5_00}}, false},
			{"bonus owed", []ledger.Lot{{GoodUntil: 1, Principal: -5_00}}, false},
			{"a debt", []ledger.Lot{{Principal: -5_00}}, true},
		} {
			ch := decide(t, s, bill(105_00))
			if ch.Cards[0].Principal != -5_00 {
				t.Fatalf("the card has %v", ch.Cards[0].Principal)
			}
			ch.Cards[0].Lots = c.lots
			if err := s.Save(t.Context(), ch); (err == nil) != c.kept {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	})
}
