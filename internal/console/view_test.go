package console

import (
	"testing"
	"time"

	"tongka/internal/ledger"
)

// A time on a page of no merchant is that of all merchants whose pages somebody may see, and says its zone, as that of
// a merchant is the merchant's own. Where they have several it is the world's.
func TestMomentSaysItsZone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	named, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	east, west := time.FixedZone("", 8*60*60), time.FixedZone("", -12600)
	if got := (view{merchant: &ledger.Merchant{Zone: east}}).moment(at); got != "2026-03-04 18:00" {
		t.Errorf("at a merchant: %s", got)
	}
	owner := &ledger.Person{Grants: grantOf("owner", ledger.HostID)}
	second := &ledger.Person{Grants: grantOf("admin", 2)}
	for _, one := range []struct {
		zones []*time.Location
		who   *ledger.Person
		want  string
	}{
		{nil, owner, "2026-03-04 10:00 UTC"},
		{[]*time.Location{named}, owner, "2026-03-04 18:00 Asia/Shanghai"},
		{[]*time.Location{named, named}, owner, "2026-03-04 18:00 Asia/Shanghai"},
		{[]*time.Location{named, west}, owner, "2026-03-04 10:00 UTC"},
		{[]*time.Location{named, west}, second, "2026-03-04 06:30 UTC-03:30"},
		{[]*time.Location{named, west}, nil, "2026-03-04 10:00 UTC"},
		{[]*time.Location{named, named}, &ledger.Person{Agent: 7}, "2026-03-04 18:00 Asia/Shanghai"},
	} {
		var all []*ledger.Merchant
		for i, zone := range one.zones {
			all = append(all, &ledger.Merchant{ID: ledger.MerchantID(i + 1), Zone: zone})
		}
		if got := (view{shared: sharedZone(all, one.who)}).moment(at); got != one.want {
			t.Errorf("%v: %s, want %s", one.zones, got, one.want)
		}
	}
}
