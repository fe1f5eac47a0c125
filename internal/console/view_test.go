package console

import (
	"testing"
	"time"

	"tongka/internal/ledger"
)

// A time on a page of no merchant says its zone, as that of a merchant is the merchant's own.
func TestMomentSaysItsZone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	east := time.FixedZone("", 8*60*60)
	if got := (view{merchant: &ledger.Merchant{Zone: east}}).moment(at); got != "2026-03-04 18:00" {
		t.Errorf("at a merchant: %s", got)
	}
	if got, want := (view{}).moment(at), at.In(time.Local).Format("2006-01-02 15:04 ")+zoneText(at.In(time.Local)); got != want {
		t.Errorf("at the host: %s, want %s", got, want)
	}
	for want, in := range map[string]*time.Location{"UTC": time.UTC, "UTC+08:00": east, "UTC-03:30": time.FixedZone("", -12600)} {
		if got := zoneText(at.In(in)); got != want {
			t.Errorf("the zone is %s, want %s", got, want)
		}
	}
}
