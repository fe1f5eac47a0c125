package sandy

import (
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// TestPasswordEverywhere: this wire has no field for a card's password, so its agents are trusted without one. A
// merchant may require passwords anyway, for the cards that have one.
func TestPasswordEverywhere(t *testing.T) {
	t.Parallel()
	for _, everywhere := range []bool{false, true} {
		w := build(t, time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC), func(w *world) {
			fillDemo(w)
			merchants, err := w.store.Merchants(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			m := merchants[0]
			m.Settings.PasswordEverywhere = everywhere
			w.merchant(m)
			w.do(command.Open{Merchant: m.ID, Card: command.NewCard{
				Number: "secret", Level: 1, Kind: ledger.Common, Principal: 5_00, Points: 7, Holder: ledger.Holder{Name: "密码"},
				Details: ledger.Details{Password: "kept"},
			}})
		})
		code, text := "", ""
		if everywhere {
			code, text = "400", "该卡须输入密码"
		}
		wantFault(t, w.ask("test", guidPage, "consume", `{"card_id":"secret","money":1}`), 200, code, text)
		wantFault(t, w.ask("test", guidPage, "consume_score", `{"card_id":"secret","score":1}`), 200, code, text)
		wantFault(t, w.ask("test", guidPage, "consume", `{"card_id":"wx001","money":1}`), 200, "", "")
	}
}
