package demo

import (
	"context"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"tongka/internal/follow"
	"tongka/internal/ledger"
	"tongka/internal/store"
	"tongka/internal/store/storetest"
	"tongka/internal/verify"
)

// evening is a Saturday's evening in Shanghai.
var evening = time.Date(2026, time.November, 28, 12, 30, 0, 0, time.UTC)

func config(now time.Time) Config {
	tokens := byte(0)
	return Config{
		Now: now, Seed: 5,
		Password:     func() (string, error) { return "kept", nil },
		Token:        func() [32]byte { tokens++; return [32]byte{tokens} },
		CardPassword: "kept",
	}
}

// made is a year in a store in memory.
type made struct {
	Made
	store   *storetest.MemStore
	entries []ledger.Entry
}

func makeYear(t *testing.T, cfg Config) made {
	t.Helper()
	y := made{store: storetest.NewMemStore()}
	var err error
	if y.Made, err = Make(t.Context(), y.store, cfg); err != nil {
		t.Fatal(err)
	}
	err = y.store.EachEntry(t.Context(), Merchant, 0, func(e *ledger.Entry) error {
		y.entries = append(y.entries, *e)
		return nil
	})
	if err != nil || len(y.entries) != y.Entries {
		t.Fatalf("%d entries of %d, %v", len(y.entries), y.Entries, err)
	}
	return y
}

// trace is a hash over all entries: each has one over what it says.
func (y *made) trace() [32]byte {
	sum := sha256.New()
	for i := range y.entries {
		sum.Write(y.entries[i].Hash[:])
	}
	return [32]byte(sum.Sum(nil))
}

// The same seed and end make the same days, and another seed other ones. Where they end some hours earlier, they are
// the same up to what is planned for the end.
func TestSameYear(t *testing.T) {
	t.Parallel()
	const days = 50
	cfg := config(evening)
	cfg.days = days
	first, again := makeYear(t, cfg), makeYear(t, cfg)
	if first.trace() != again.trace() {
		t.Error("the same seed makes another year")
	}
	cfg.Seed++
	if other := makeYear(t, cfg); other.trace() == first.trace() {
		t.Error("another seed makes the same year")
	}
	cfg = config(evening.Add(-4 * time.Hour))
	cfg.days = days
	short := makeYear(t, cfg)
	differ := evening.Add(-2 * 24 * time.Hour)
	same := slices.IndexFunc(first.entries, func(e ledger.Entry) bool { return e.At.After(differ) })
	for i := range same {
		if first.entries[i].Hash != short.entries[i].Hash {
			t.Fatalf("entry %d of %v is another when the year ends hours earlier", i, first.entries[i].At)
		}
	}
}

// unmade are the kinds of entries that people do not make: the host's, of the clock, of webhooks and holds, as the demo
// has no program that is sent to or takes orders, and what a refund brings back of points that have expired.
var unmade = []ledger.Kind{
	ledger.AgentChanged, ledger.PersonChanged, ledger.MerchantAdded, ledger.ClockAccepted, ledger.ClockTakenBack,
	ledger.ExpiryReversed, ledger.WebhookChanged, ledger.AmountHeld, ledger.HoldReleased,
}

// everyKind fails the test unless all that people do is done in a year.
func everyKind(t *testing.T, y *made) {
	t.Helper()
	missing := slices.DeleteFunc(slices.Clone(ledger.Kinds), func(k ledger.Kind) bool {
		return slices.Contains(unmade, k) ||
			slices.ContainsFunc(y.entries, func(e ledger.Entry) bool { return e.Kind == k })
	})
	if len(missing) > 0 {
		t.Errorf("nobody makes %v", missing)
	}
}

// Whatever day it is, there are two thousand members, all that people do is done, and hardly anything is refused.
func TestEveryYear(t *testing.T) {
	t.Parallel()
	for name, now := range map[string]time.Time{
		"lunar new year": time.Date(2027, time.February, 6, 4, 0, 0, 0, time.UTC),
		"leap day":       time.Date(2028, time.February, 29, 16, 1, 0, 0, time.UTC),
		"far off":        time.Date(2049, time.May, 1, 0, 0, 0, 0, time.UTC),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := makeYear(t, config(now))
			if y.Members < 1990 || y.Entries < 20_000 || y.Refused*200 > y.Entries {
				t.Errorf("%d members, %d entries, %d refused", y.Members, y.Entries, y.Refused)
			}
			t.Logf("%d members, %d entries, %d refused", y.Members, y.Entries, y.Refused)
			everyKind(t, &y)
			last := y.entries[len(y.entries)-1].At
			if !last.Before(now) || last.Before(now.Add(-24*time.Hour)) {
				t.Errorf("it ends on %v, want before %v", last, now)
			}
			if first := y.entries[0].At; now.Sub(first) < 364*24*time.Hour || now.Sub(first) > 367*24*time.Hour {
				t.Errorf("it begins on %v", first)
			}
		})
	}
}

// useAges are the days that bound how long cards were not used.
var useAges = []int{30, 60, 90, 180}

// The year has what its pages are to show: shops of which one has closed, several people at each till, all pay types,
// all states of coupons and cards, members who stay away, a night without guests and a festival without any.
func TestVariety(t *testing.T) { //nolint:funlen // one story, or one table
	t.Parallel()
	y := makeYear(t, config(evening))
	everyKind(t, &y)
	people, payTypes := map[ledger.ShopID]map[string]bool{}, map[ledger.PayTypeID]int{}
	perWeekday, festive := [7]int{}, 0
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for i := range y.entries {
		e := &y.entries[i]
		at := e.At.In(zone)
		if e.By.Shop != 0 {
			if people[e.By.Shop] == nil {
				people[e.By.Shop] = map[string]bool{}
			}
			people[e.By.Shop][e.By.Operator] = true
		}
		payTypes[e.PayType]++
		if e.Kind != ledger.Consumed {
			continue
		}
		perWeekday[at.Weekday()]++
		if at.Hour() < 9 || at.Hour() >= 23 {
			t.Errorf("a bill at night: %v", at)
		}
		if days, known := daysOfLunar(at); known && days >= 0 && days < 3 && e.By.Shop != shops[2].id {
			festive++
		}
	}
	if len(people) != 4 || festive > 0 || perWeekday[time.Saturday] < perWeekday[time.Tuesday]*3/2 {
		t.Errorf("shops %v, %d bills in the first days of spring, by weekday %v", people, festive, perWeekday)
	}
	for shop, who := range people {
		if len(who) < 4 {
			t.Errorf("shop %d has %v", shop, who)
		}
	}
	for id := cash; id <= groupBuy; id++ {
		if payTypes[id] < 20 {
			t.Errorf("pay type %d: %d recharges", id, payTypes[id])
		}
	}
	states, statuses, owing, asleep := map[ledger.CouponState]int{}, map[ledger.Status]int{}, 0, [5]int{}
	err = errors.Join(
		y.store.EachCoupon(t.Context(), Merchant, func(c *ledger.Coupon) error { states[c.State]++; return nil }),
		y.store.EachCard(t.Context(), Merchant, func(c *ledger.Card) error {
			statuses[c.Status]++
			if c.Status == ledger.Active {
				long := 0
				for long < len(useAges) && c.Used.Before(evening.AddDate(0, 0, -useAges[long])) {
					long++
				}
				asleep[long]++
			}
			if c.Amount() < 0 {
				owing++
			}
			return nil
		}))
	if err != nil || len(states) != 4 || len(statuses) != len(ledger.Statuses) || owing == 0 {
		t.Errorf("coupons %v, cards %v, %d owe money, %v", states, statuses, owing, err)
	}
	if slices.Contains(asleep[:], 0) {
		t.Errorf("cards by how long they were not used: %v", asleep)
	}
	t.Logf("coupons %v, cards %v, asleep %v, bills by weekday %v, pay types %v", states, statuses, asleep,
		perWeekday, payTypes)
}

// The books of the year hold, and so do its day totals. It is made once.
func TestVerify(t *testing.T) {
	t.Parallel()
	st := open(t)
	if _, err := Make(t.Context(), st, config(evening)); err != nil {
		t.Fatal(err)
	}
	days := follow.New(follow.NewDays(st), follow.NewBell(), follow.Config{Journal: st, Pace: -1})
	if err := days.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The index of searches has all cards after this.
	if err := st.Bulk(t.Context(), 0, func(bool) error { return nil }); err != nil {
		t.Fatal(err)
	}
	err := st.Snapshot(t.Context(), func(v *store.View) error {
		results, held, err := verify.Run(t.Context(), v, st, func(int64, int64) {})
		for _, r := range results {
			if r.State() == verify.Broken || r.State() == verify.Unknown {
				t.Errorf("invariant %d: %s: %v", r.Invariant, r.State(), r.Examples)
			}
		}
		t.Logf("held: %+v", held)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Make(t.Context(), st, config(evening)); !errors.Is(err, errThere) {
		t.Errorf("a second year: %v, want %v", err, errThere)
	}
}

func open(t testing.TB) *store.Store {
	t.Helper()
	st, err := store.Open(context.Background(), "sqlite:"+filepath.Join(t.TempDir(), "year.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// BenchmarkMake measures the wait at the first start of a demo. It is to be less than ten seconds.
func BenchmarkMake(b *testing.B) {
	for b.Loop() {
		made, err := Make(b.Context(), open(b), config(evening))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(made.Entries), "entries")
	}
}
