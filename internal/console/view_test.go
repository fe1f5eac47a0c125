package console

import (
	"testing"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/report"
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

// Whoever sees more than one merchant gets from its pages to the others and to the host's, also where a phone shows no
// first page in its bar; to somebody of one merchant alone there is nothing else.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	m := &ledger.Merchant{ID: 1}
	for _, one := range []struct {
		who   *ledger.Person
		first text
		n     int
	}{
		{&ledger.Person{Grants: grantOf("owner", ledger.HostID)}, wGoHome, 7},
		{&ledger.Person{Grants: append(grantOf("manager", 1), grantOf("manager", 2)...)}, wGoHome, 1},
		{&ledger.Person{Agent: 7}, wGoHome, 2},
		{&ledger.Person{Grants: grantOf("admin", 1)}, text{}, 0},
	} {
		got := (view{person: one.who, merchant: m}).elsewhere()
		if len(got) != one.n || len(got) > 0 && got[0].name != one.first {
			t.Errorf("%+v: %+v", one.who, got)
		}
		if got := (view{person: one.who}).elsewhere(); got != nil {
			t.Errorf("on a page of the host: %+v", got)
		}
	}
}

// What a phone has no room for is behind "more", with what waits there.
func TestBehind(t *testing.T) {
	t.Parallel()
	six := make([]way, waysAtHand+2)
	if got := behind(six[:waysAtHand+1]); got != nil {
		t.Errorf("of few, %d are hidden", len(got))
	}
	six[4].news, six[5].news, six[5].here = 1, 2, true
	if got := together(wMore, behind(six)); got.news != 3 || !got.here {
		t.Errorf("got %+v", got)
	}
}

// Where there are more of something than are looked for, that is said as people say it.
func TestCountUpTo(t *testing.T) {
	t.Parallel()
	for l, want := range map[ledger.Language]string{
		ledger.Chinese: "7 天内，有 100 多张卡的赠送或积分到期", ledger.English: "Bonus or points of more than 100 cards expire within 7 days",
	} {
		if got := (view{lang: lang(l)}).countUpTo(101, 100, wLapsingOne, wLapsing); got != want {
			t.Errorf("got %q", got)
		}
	}
}

// On a Monday, which is all of its week so far, one of the usual periods is chosen, and not two.
func TestChosenPeriod(t *testing.T) {
	t.Parallel()
	monday := ledger.Date(2026_03_02)
	v := &reportView{today: monday, period: report.Period{From: monday, To: monday}}
	if got := v.chosen(); got != 0 || !v.is(presetsOf(monday)[2].Period) {
		t.Errorf("chosen is %d", got)
	}
	v.period.From = monday.AddDays(-9)
	if got := v.chosen(); got != -1 {
		t.Errorf("of a period of its own, %d is chosen", got)
	}
}
