package sandy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// TestReplaysAfterSettings: every endpoint that takes a request id gives its first answer again after each setting was
// changed with which the caller may still ask.
func TestReplaysAfterSettings(t *testing.T) {
	t.Parallel()
	w := kindWorld(t)
	w.do(command.Consume{Merchant: 10000, Card: "7", Amount: 1_00})
	bill := w.last()
	asks := map[string]string{
		"cardopen":    `{"cardID":"R-1","cardLevelID":1,"uname":"新","phone":"13800000009"`,
		"recharge":    `{"card_id":"7","money":1000,"pay_type":1`,
		"consume":     `{"card_id":"7","money":100.07,"money_discount":50`,
		"modcardinfo": `{"card_id":"7","uname":"改"`, "consume_score": `{"card_id":"7","score":3`,
		"refund":      fmt.Sprintf(`{"card_id":"7","id":%d,"money":0.5`, bill),
		"report_lost": `{"card_id":"20001"`, "cancel_lost": `{"card_id":"20001"`,
	}
	if got := slices.Sorted(maps.Keys(asks)); !slices.Equal(got, slices.Sorted(slices.Values(changing))) {
		t.Fatalf("got %q, want a request of each of %q", got, changing)
	}
	ask := func(endpoint string) string {
		return w.ask("test", guidPage, endpoint, asks[endpoint]+`,"request_id":"r"}`).Body.String()
	}
	said := map[string]string{}
	for _, endpoint := range changing { // a card is lost before it is found
		if said[endpoint] = ask(endpoint); strings.Contains(said[endpoint], "errcode") {
			t.Fatalf("%s: %s", endpoint, said[endpoint])
		}
	}
	merchants, err := w.store.Merchants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now := merchants[slices.IndexFunc(merchants, func(m ledger.Merchant) bool { return m.GUID == guidPage })]
	for name, change := range settingsChanges() {
		changed := now
		changed.Levels, changed.Rules = slices.Clone(now.Levels), slices.Clone(now.Rules)
		changed.PayTypes, changed.Shops = slices.Clone(now.PayTypes), slices.Clone(now.Shops)
		change(&changed)
		w.merchant(changed)
		after := w.again()
		for endpoint, want := range said {
			got := after.ask("test", guidPage, endpoint, asks[endpoint]+`,"request_id":"r"}`).Body.String()
			if got != want {
				t.Errorf("%s: %s: got %s, want %s", name, endpoint, got, want)
			}
		}
	}
}

// settingsChanges are changes of settings, by name.
func settingsChanges() map[string]func(*ledger.Merchant) {
	return map[string]func(*ledger.Merchant){
		"pay types ended": func(m *ledger.Merchant) {
			for i := range m.PayTypes {
				m.PayTypes[i].Name, m.PayTypes[i].Ended = fmt.Sprint("改", i), true
			}
		},
		"no pay types": func(m *ledger.Merchant) { m.PayTypes = nil },
		"renamed":      func(m *ledger.Merchant) { m.Name, m.Zone = "改名", time.UTC },
		"shops renamed": func(m *ledger.Merchant) {
			for i := range m.Shops {
				m.Shops[i].Name = "改名"
			}
		},
		"levels": func(m *ledger.Merchant) {
			for i := range m.Levels {
				m.Levels[i] = ledger.Level{ID: m.Levels[i].ID, PayRate: 5000, Rights: ledger.Rights{NoRecharge: true}}
			}
		},
		"no levels": func(m *ledger.Merchant) { m.Levels = nil },
		"rules ended": func(m *ledger.Merchant) {
			for i := range m.Rules {
				m.Rules[i].Ended = true
			}
		},
		"strict": func(m *ledger.Merchant) {
			m.Settings = ledger.Settings{
				SpendOrder: ledger.BonusFirst, BonusDays: 1, PointsDays: 1, PointsRatio: 1, MaxAmount: 1, MaxBalance: 1,
				CodeFrom: 1, PasswordEverywhere: true,
			}
		},
		"lenient": func(m *ledger.Merchant) { m.Settings = ledger.Settings{PartPayment: true, WeakPasswords: true} },
	}
}
