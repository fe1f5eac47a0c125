package follow_test

import (
	"context"
	"reflect"
	"sync"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/follow"
	"tongka/internal/ledger"
)

// saved returns entries with these ids of a merchant.
func saved(merchant ledger.MerchantID, ids ...ledger.EntryID) (all []ledger.Entry) {
	for _, id := range ids {
		all = append(all, ledger.Entry{Merchant: merchant, ID: id})
	}
	return all
}

// What is recent is handed out from any entry on, across saves and generations, but never with a gap.
func TestRecent(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	r := follow.NewRecent(func() time.Time { return now })
	want := func(merchant ledger.MerchantID, after ledger.EntryID, most int, ids ...ledger.EntryID) {
		t.Helper()
		var got []ledger.EntryID
		for _, e := range r.After(merchant, after, most) {
			if e.Merchant != merchant {
				t.Errorf("an entry of merchant %d, want %d", e.Merchant, merchant)
			}
			got = append(got, e.ID)
		}
		if !reflect.DeepEqual(got, ids) {
			t.Errorf("behind entry %d of merchant %d got %v, want %v", after, merchant, got, ids)
		}
	}
	want(1, 0, 9)
	r.Add(1, nil)
	r.Add(1, saved(1, 5, 6, 7))
	r.Add(2, saved(2, 1))
	r.Add(1, saved(1, 8))
	want(1, 3, 9)
	want(1, 4, 9, 5, 6, 7, 8)
	want(1, 4, 2, 5, 6)
	want(1, 6, 9, 7, 8)
	want(1, 8, 9)
	want(2, 0, 9, 1)
	now = now.Add(time.Minute) // another generation begins
	r.Add(1, saved(1, 9))
	want(1, 4, 9, 5, 6, 7, 8, 9)
	r.Add(1, saved(1, 12)) // another process saved 10 and 11
	want(1, 4, 9, 5, 6, 7, 8, 9)
	want(1, 9, 9)
	want(1, 10, 9)
	want(1, 11, 9, 12)
	now = now.Add(time.Minute)
	r.Add(2, saved(2, 2))
	want(1, 4, 9) // two generations ago
	want(1, 8, 9, 9)
	want(2, 0, 9)
	want(2, 1, 9, 2)
	var none *follow.Recent
	if page := none.After(1, 0, 9); page != nil {
		t.Errorf("nothing is recent, got %v", page)
	}
}

// However many entries are saved, two generations are kept.
func TestRecentIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	r := follow.NewRecent(func() time.Time { return now })
	kept := 0
	for id := ledger.EntryID(1); id <= 100_000; id += 100 {
		batch := saved(1)
		for i := range ledger.EntryID(100) {
			batch = append(batch, saved(1, id+i)...)
		}
		r.Add(1, batch)
	}
	for id := range ledger.EntryID(100_000) {
		if kept = len(r.After(1, id, 1_000_000)); kept > 0 {
			break
		}
	}
	if kept < 16_384 || kept > 2*16_484 {
		t.Errorf("%d entries are kept, want those of two generations", kept)
	}
}

// unread counts the entries that are read from a journal.
type unread struct {
	books
	mu   *sync.Mutex
	read *int
}

func (u unread) note(fn func(*ledger.Entry) error) func(*ledger.Entry) error {
	return func(e *ledger.Entry) error {
		u.mu.Lock()
		*u.read++
		u.mu.Unlock()
		return fn(e)
	}
}

func (u unread) EachEntry(
	ctx context.Context, id ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	return u.books.EachEntry(ctx, id, after, u.note(fn))
}

func (u unread) EachEntryInBrief(
	ctx context.Context, id ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	return u.books.EachEntryInBrief(ctx, id, after, u.note(fn))
}

// Followers add up what this process has saved without reading it, which comes to the same as reading it; what another
// process has saved they read.
func TestFollowersNeedNotReadWhatIsRecent(t *testing.T) {
	t.Parallel()
	stores(t, func(w *world) {
		recent := follow.NewRecent(time.Now)
		read := 0
		u := unread{w.store, &sync.Mutex{}, &read}
		days := w.runner(follow.NewDays(u), follow.Config{Page: 2, Recent: recent})
		parts := w.runner(follow.NewParts(u), follow.Config{Page: 3, Recent: recent})
		round := func() {
			t.Helper()
			read = 0
			w.round(days)
			w.round(parts)
			w.wantTotals(1, "Asia/Shanghai")
			w.wantParts(1, "Asia/Shanghai")
		}
		e := engine.New(w.store, engine.Config{Clock: w.clock, Saved: func(changes []command.Changes) {
			for _, ch := range changes {
				recent.Add(ch.Entries[0].Merchant, ch.Entries)
			}
		}})
		w.settleBy(e, 1, "6001")
		round()
		if read != 0 {
			t.Errorf("%d entries were read, though this process has saved them", read)
		}
		w.must(e.Close(context.Background()))
		w.bill(1, "6001") // by another process
		round()
		if read != 4 {
			t.Errorf("%d entries were read of the two that another process has saved, by two followers: want 4", read)
		}
	})
}
