package follow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no zones

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/follow"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
	"tongka/internal/report"
	"tongka/internal/store"
	"tongka/internal/store/storetest"
)

// books are what followers and commands need of a store.
type books interface {
	engine.Store
	follow.Journal
	follow.Books
	follow.PartBooks
	SaveMerchant(ctx context.Context, m ledger.Merchant) error
	EachDayTotal(ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date,
		fn func(*ledger.DayTotal) error) error
	EachLotTotal(ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date,
		fn func(*ledger.LotTotal) error) error
	EachCouponTotal(ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date,
		fn func(*ledger.CouponTotal) error) error
}

// world is a store with merchants, and a clock for commands and leases.
type world struct {
	t     *testing.T
	store books
	mu    sync.Mutex
	now   time.Time
}

func newWorld(t *testing.T, s books) *world {
	t.Helper()
	w := &world{t: t, store: s, now: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)}
	for id := range ledger.MerchantID(3) {
		w.must(s.SaveMerchant(t.Context(), shop(id+1, "Asia/Shanghai")))
	}
	return w
}

func shop(id ledger.MerchantID, calendar string) ledger.Merchant {
	c, err := ledger.ParseCalendar(calendar)
	if err != nil {
		panic(err) // the test binary contains the zones
	}
	return ledger.Merchant{
		ID: id, GUID: fmt.Sprint("{", id, "}"), Zone: c.Zone, Settings: ledger.Settings{CutOff: c.CutOff},
		Shops:    []ledger.Shop{{ID: 1, GUID: fmt.Sprint("{S", id, "}")}, {ID: 2, GUID: fmt.Sprint("{T", id, "}")}},
		Levels:   []ledger.Level{{ID: 1, PayRate: 9000, Earn: ledger.Percent100}},
		PayTypes: []ledger.PayType{{ID: 1, Name: "现金"}},
		CouponKinds: []ledger.CouponKind{{
			CouponTerms: ledger.CouponTerms{Kind: 4, Name: "券", Type: ledger.CashCoupon, Face: 1_00}, Days: 90,
		}},
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) sleep(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// sell opens a card at a merchant and makes that many bills on it, some hours apart.
func (w *world) sell(id ledger.MerchantID, card string, bills int) {
	w.t.Helper()
	e := engine.New(w.store, engine.Config{Clock: w.clock})
	defer func() { w.must(e.Close(context.Background())) }()
	do := func(c command.Command) {
		w.t.Helper()
		w.sleep(5 * time.Hour)
		_, err := e.Do(w.t.Context(), c)
		w.must(err)
	}
	do(command.Open{
		Merchant: id,
		Card: command.NewCard{
			Number: card, Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "某人"}, Principal: 500_00,
		},
	})
	for i := range bills {
		do(command.Consume{
			Merchant: id, By: ledger.Caller{Shop: 1, Operator: []string{"小王", "小李"}[i%2]}, Card: card, Amount: 1_00,
		})
	}
}

func (w *world) runner(f follow.Follower, cfg follow.Config) *follow.Runner {
	cfg.Journal = w.store
	if cfg.Clock == nil {
		cfg.Clock = w.clock
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Pace == 0 {
		cfg.Pace = -1
	}
	return follow.New(f, follow.NewBell(), cfg)
}

func (w *world) round(r *follow.Runner) {
	w.t.Helper()
	w.must(r.Round(w.t.Context()))
}

// totals returns the stored totals of a merchant.
func (w *world) totals(id ledger.MerchantID) (all []ledger.DayTotal) {
	w.t.Helper()
	w.must(w.store.EachDayTotal(w.t.Context(), id, 0, 0, func(t *ledger.DayTotal) error {
		all = append(all, *t)
		return nil
	}))
	return all
}

// fold returns the totals of a merchant's journal up to an entry; 0 = all of it.
func (w *world) fold(id ledger.MerchantID, calendar string, last ledger.EntryID) []ledger.DayTotal {
	w.t.Helper()
	m := shop(id, calendar)
	days := report.NewDays(m.Calendar())
	w.must(w.store.EachEntry(w.t.Context(), id, 0, func(e *ledger.Entry) error {
		if last == 0 || e.ID <= last {
			days.Add(e)
		}
		return nil
	}))
	return days.Totals()
}

// wantTotals checks that a merchant's totals are those of its whole journal.
func (w *world) wantTotals(id ledger.MerchantID, calendar string) {
	w.t.Helper()
	if got, want := w.totals(id), w.fold(id, calendar, 0); len(want) == 0 || !slices.Equal(got, want) {
		w.t.Errorf("merchant %d\n got %+v\nwant %+v", id, got, want)
	}
}

func (w *world) cursor(id ledger.MerchantID) ledger.Cursor {
	w.t.Helper()
	all, err := w.store.Cursors(w.t.Context(), ledger.DayTotals)
	w.must(err)
	for _, c := range all {
		if c.Merchant == id {
			return c
		}
	}
	return ledger.Cursor{}
}

// stores runs a test on every store.
func stores(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Run("Memory", func(t *testing.T) { t.Parallel(); test(newWorld(t, storetest.NewMemStore())) })
	for name, dsn := range map[string]func(*testing.T) string{
		"SQLite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "books.db") },
		"Postgres": func(t *testing.T) string { return pgtest.DSN(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newWorld(t, open(t, dsn(t), store.Options{})))
		})
	}
}

func open(t *testing.T, dsn string, opts store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Totals are those of the journal, however much it grows between two looks and however small the pages are.
func TestInvariant60DayTotals(t *testing.T) {
	t.Parallel()
	stores(t, func(w *world) {
		r := w.runner(follow.NewDays(w.store), follow.Config{Page: 3})
		for i, bills := range []int{0, 1, 7, 0} {
			w.sell(1, fmt.Sprint("600", i), bills)
			w.sell(2, fmt.Sprint("600", i), 2*bills)
			w.round(r)
			w.wantTotals(1, "Asia/Shanghai")
			w.wantTotals(2, "Asia/Shanghai")
		}
		w.round(r)
		w.wantTotals(1, "Asia/Shanghai")
		if got := w.totals(3); len(got) > 0 {
			t.Errorf("totals of an empty journal: %+v", got)
		}
	})
}

// When a merchant's zone or cut-off changes, its days consist of other entries, and the whole journal is folded again.
func TestDaysOfAnotherCalendar(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.NewMemStore())
	w.sell(1, "6001", 9)
	r := w.runner(follow.NewDays(w.store), follow.Config{Page: 4})
	w.round(r)
	before := "Asia/Shanghai"
	for _, calendar := range []string{"America/Lima", "America/Lima 23:00", "Asia/Shanghai 13:00"} {
		w.must(w.store.SaveMerchant(t.Context(), shop(1, calendar)))
		w.round(r)
		w.wantTotals(1, calendar)
		if slices.Equal(w.totals(1), w.fold(1, before, 0)) {
			t.Errorf("%s makes no difference to %s: the test proves nothing", calendar, before)
		}
		before = calendar
	}
}

// Several processes follow one database while bills are made: each entry counts once.
func TestInvariant60SeveralProcesses(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	w := newWorld(t, open(t, dsn, store.Options{}))
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for range 3 {
		s := open(t, dsn, store.Options{Beside: true})
		r := follow.New(follow.NewDays(s), follow.NewBell(), follow.Config{
			Journal: s, Logger: slog.New(slog.DiscardHandler), Page: 5, Pace: -1,
			// Leases end almost at once, so that all of them work at the same time.
			Poll: time.Millisecond, Gather: time.Millisecond, Lease: 3 * time.Millisecond,
		})
		running.Go(func() { r.Run(ctx) })
	}
	var selling sync.WaitGroup
	for id := range ledger.MerchantID(3) {
		selling.Go(func() { w.sell(id+1, "6001", 60) })
	}
	selling.Wait()
	for id := range ledger.MerchantID(3) {
		// The card was opened with a balance before its 60 bills.
		for begun := time.Now(); w.cursor(id+1).Entry < 62; time.Sleep(10 * time.Millisecond) {
			if time.Since(begun) > 30*time.Second {
				t.Fatalf("merchant %d: after 30 s entry %d is counted, of 62", id+1, w.cursor(id+1).Entry)
			}
		}
		w.wantTotals(id+1, "Asia/Shanghai")
	}
	stop()
	running.Wait()
}

// One process works for a merchant. Another takes over at once if the first released its lease, and otherwise
// when the lease has ended.
func TestLease(t *testing.T) {
	t.Parallel()
	stores(t, func(w *world) {
		dead, next := w.runner(follow.NewDays(w.store), follow.Config{}), w.runner(follow.NewDays(w.store), follow.Config{})
		w.sell(1, "6001", 3)
		w.round(dead)
		lease := w.cursor(1)
		w.sell(1, "6002", 3)
		w.mu.Lock()
		w.now = lease.Until.Add(-time.Millisecond)
		w.mu.Unlock()
		w.round(next)
		if c := w.cursor(1); c != lease {
			w.t.Fatalf("a lease was taken away: %+v", c)
		}
		w.sleep(time.Millisecond)
		w.round(next)
		w.wantTotals(1, "Asia/Shanghai")
		if c := w.cursor(1); c.Holder == lease.Holder {
			w.t.Errorf("the dead one holds it: %+v", c)
		}
		w.round(dead) // it was only slow
		ended, end := context.WithCancel(w.t.Context())
		end()
		next.Run(ended)
		if c := w.cursor(1); c.Holder != 0 {
			w.t.Errorf("a lease was not given back: %+v", c)
		}
		w.sell(1, "6003", 3)
		w.round(dead)
		w.wantTotals(1, "Asia/Shanghai")
	})
}

// A lease that a wrong clock gave for years does not count.
func TestLeaseOfAWrongClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.NewMemStore())
	ahead := func() time.Time { return w.clock().AddDate(3, 0, 0) }
	w.sell(1, "6001", 1)
	w.round(w.runner(follow.NewDays(w.store), follow.Config{Clock: ahead}))
	w.sell(1, "6002", 1)
	w.round(w.runner(follow.NewDays(w.store), follow.Config{}))
	w.wantTotals(1, "Asia/Shanghai")
}

// failing is a follower that fails at one merchant.
type failing struct {
	follow.Follower
	at    ledger.MerchantID
	fail  func() error // nil = it does not
	tries int
	most  int // most entries it was given at a time
}

func (f *failing) Take(ctx context.Context, c ledger.Cursor, entries []*ledger.Entry) error {
	f.most = max(f.most, len(entries))
	if c.Merchant == f.at && f.fail != nil {
		f.tries++
		return f.fail()
	}
	return f.Follower.Take(ctx, c, entries)
}

// A failure at one merchant is logged and tried again after a pause that grows. Other merchants do not wait.
func TestFailuresConcernOneMerchant(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func() error{
		"error": func() error { return errors.New("no luck") },
		"panic": func() error { panic("no luck") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, storetest.NewMemStore())
			var log bytes.Buffer
			f := &failing{Follower: follow.NewDays(w.store), at: 1, fail: fail}
			r := w.runner(f, follow.Config{Page: 4, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			w.sell(1, "6001", 1)
			w.sell(2, "6001", 9)
			for range 1000 {
				w.round(r)
				w.sleep(time.Second)
			}
			w.wantTotals(2, "Asia/Shanghai")
			if f.most != 4 {
				t.Errorf("%d entries at a time, want 4", f.most)
			}
			if f.tries < 9 || f.tries > 13 { // after 1, 2, 4 … 256 s, and then every 300 s
				t.Errorf("it was tried %d times in 1000 s", f.tries)
			}
			if said := strings.Count(log.String(), "no luck"); said != f.tries || !strings.Contains(log.String(), "merchant=1") {
				t.Errorf("it failed %d times and the log says\n%s", f.tries, log.String())
			}
			f.fail = nil
			w.sleep(5 * time.Minute)
			w.round(r)
			w.wantTotals(1, "Asia/Shanghai")
		})
	}
}

// missing is a journal with entries missing.
type missing struct {
	books
	from, to ledger.EntryID
}

func (m missing) EachEntryInBrief(
	ctx context.Context, id ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	return m.books.EachEntryInBrief(ctx, id, after, func(e *ledger.Entry) error {
		if m.from <= e.ID && e.ID <= m.to {
			return nil
		}
		return fn(e)
	})
}

// A follower does not skip a gap, nor does it look endlessly for entries that only the head knows.
func TestGapStopsTheFollower(t *testing.T) {
	t.Parallel()
	for _, gap := range []struct{ from, to ledger.EntryID }{{3, 3}, {4, 9}, {1, 9}} {
		w := newWorld(t, storetest.NewMemStore())
		w.sell(1, "6001", 4)
		whole := w.store
		w.store = missing{whole, gap.from, gap.to}
		var log bytes.Buffer
		w.round(w.runner(follow.NewDays(w.store), follow.Config{Page: 2, Logger: slog.New(slog.NewTextHandler(&log, nil))}))
		w.store = whole
		if c := w.cursor(1); c.Entry >= gap.from || strings.Count(log.String(), "tongka verify") != 1 {
			t.Errorf("gap %v: the cursor is at %d, and the log says %s", gap, c.Entry, log.String())
		}
	}
}

// unreachable are books that cannot be reached.
type unreachable struct{ books }

func (unreachable) Heads(context.Context) ([]ledger.Head, error) {
	return nil, errors.New("unreachable")
}

// Ringing never blocks, and a runner that cannot reach its books neither ends nor floods the log.
func TestRunGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.NewMemStore())
	var log bytes.Buffer
	bell := follow.NewBell()
	r := follow.New(follow.NewDays(w.store), bell, follow.Config{
		Journal: unreachable{w.store}, Logger: slog.New(slog.NewTextHandler(&log, nil)), Gather: time.Millisecond,
		Poll: time.Millisecond,
	})
	ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	for range 10 {
		bell.Ring()
	}
	r.Run(ctx)
	if said := strings.Count(log.String(), "unreachable"); said != 1 {
		t.Errorf("in 0.3 s the log says it %d times: %s", said, log.String())
	}
}

// A commit wakes the follower long before it would look by itself.
func TestBellWakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.NewMemStore())
	bell := follow.NewBell()
	r := follow.New(follow.NewDays(w.store), bell, follow.Config{
		Journal: w.store, Gather: time.Millisecond, Poll: time.Hour, Pace: -1, Logger: slog.New(slog.DiscardHandler),
	})
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx) })
	time.Sleep(20 * time.Millisecond) // the first look finds nothing
	w.sell(1, "6001", 3)
	bell.Ring()
	for begun := time.Now(); w.cursor(1).Entry < 4; time.Sleep(time.Millisecond) {
		if time.Since(begun) > 10*time.Second {
			t.Fatal("nothing was counted")
		}
	}
	stop()
	running.Wait()
	w.wantTotals(1, "Asia/Shanghai")
}

// The host's journal has no business days: the follower skips it, and nothing fails.
func TestHostHasNoDays(t *testing.T) {
	t.Parallel()
	store := storetest.NewMemStore()
	w := newWorld(t, store)
	e := engine.New(store, engine.Config{Clock: w.clock})
	_, err := e.Do(t.Context(), command.ChangeAgent{To: ledger.Agent{ID: 1, Name: "one", TokenHash: [32]byte{1}}})
	w.must(err)
	w.must(e.Close(t.Context()))
	w.sell(1, "6001", 1)
	var log bytes.Buffer
	cfg := follow.Config{Journal: store, Pace: -1, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	w.must(follow.New(follow.NewDays(store), follow.NewBell(), cfg).Round(t.Context()))
	cursors, err := store.Cursors(t.Context(), ledger.DayTotals)
	if err != nil || len(cursors) != 1 || cursors[0].Merchant != 1 || log.Len() > 0 {
		t.Errorf("cursors %+v, %v: %s", cursors, err, log.String())
	}
}
