package engine_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// settingsWith returns a change of settings that gives a shop of the merchant the GUID.
func settingsWith(id ledger.MerchantID, guid string) command.ChangeSettings {
	m := merchant(id)
	m.Shops = []ledger.Shop{{ID: ledger.ShopID(id), GUID: guid, Name: "总店"}}
	return command.ChangeSettings{Merchant: id, To: m}
}

// If two merchants take one GUID at once, even in one batch, one gets it and the other is refused, and told who has
// it. Nobody else in the batch fails, and nobody waits for a hundred stale saves.
func TestOneGUIDInABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &faulty{MemStore: newStore(t, "6001")}
		saveMerchant(t, s.MemStore, merchant(other))
		e := start(t, s, quiet())
		got := together(t, s, e, recharge("6001", 10_00),
			settingsWith(shop, "{one}"), settingsWith(other, "{ONE}"), recharge("6001", 10_00))
		refused := 0
		for _, a := range got[:2] {
			if a.err != nil {
				wantRefusal(t, a.err, ledger.GUIDTaken)
				if !strings.Contains(a.err.Error(), "of merchant ") {
					t.Errorf("%v does not say whose it is", a.err)
				}
				refused++
			}
		}
		if refused != 1 || got[2].err != nil {
			t.Errorf("%d were refused, want 1; the bill beside them: %v", refused, got[2].err)
		}
		audit(t, s.MemStore)
	})
}

// At two engines, the save of the second is stale, and deciding again finds the reason.
func TestOneGUIDAtTwoEngines(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	saveMerchant(t, s, merchant(other))
	f := &faulty{MemStore: s}
	first, second := start(t, s, quiet()), start(t, f, quiet())
	f.onSave = func(n int, _ command.Changes) fault {
		if n == 1 {
			must(t, first, settingsWith(shop, "{one}"))
		}
		return none
	}
	_, err := second.Do(t.Context(), settingsWith(other, "{one}"))
	wantRefusal(t, err, ledger.GUIDTaken)
	if _, saves := f.counts(); saves != 1 {
		t.Errorf("%d saves were tried, want 1", saves)
	}
	f.onSave = nil
	must(t, second, settingsWith(other, "{two}"))
	audit(t, s)
}
