package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tongka/internal/ledger"
)

// slowCards is a database of very many cards, none of which matches. Looking at a piece of them takes a while.
type slowCards struct {
	pieces  int           // how many pieces have another behind them
	takes   time.Duration // how long looking at a piece takes
	looking atomic.Int64  // how many walks look at a piece now
	most    atomic.Int64
	looked  atomic.Int64
}

func (c *slowCards) search() *searchSQL { return sqliteSearch }

func (c *slowCards) read(ctx context.Context, queries ...query) error {
	for _, q := range queries {
		switch q.statement {
		case headOf:
			if err := q.each(&fakeRecord{ints: []int64{1, 1, 1, 10_000_000, 1, 0, 0, 0, 0}}); err != nil {
				return err
			}
		case sqliteSearch.front:
			after := q.args.cells[len(q.args.cells)-1].texts[0]
			if after != "" { // a first piece does not count as a walk
				c.most.Store(max(c.most.Load(), c.looking.Add(1)))
			}
			c.looked.Add(1)
			select {
			case <-time.After(c.takes):
			case <-ctx.Done():
			}
			if after != "" {
				c.looking.Add(-1)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		case edgeOf:
			after := q.args.cells[1].texts[0]
			if len(after) < c.pieces {
				if err := q.each(&fakeRecord{texts: []string{after + "9"}}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

type fakeRecord struct {
	ints  []int64
	texts []string
}

func (r *fakeRecord) int() int64 {
	n := r.ints[0]
	r.ints = r.ints[1:]
	return n
}

func (r *fakeRecord) text() string {
	s := r.texts[0]
	r.texts = r.texts[1:]
	return s
}

func (r *fakeRecord) bytes() []byte { return nil }

// Searches that find nothing look at all cards one after the other, however many there are, and rest for twice as
// long as they look. One that does not get its place within its limit returns an error. Before, sixteen of them
// looked at all cards at the same time.
func TestWalksAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cards := &slowCards{pieces: 10, takes: 20 * time.Millisecond}
		v := View{q: cards, walks: newWalks(1)}
		begun := time.Now()
		if found, err := v.Search(t.Context(), ledger.SearchQuery{Merchant: 1, Key: "zz", Limit: 10}); err != nil ||
			len(found) > 0 {
			t.Fatalf("%v, %v", found, err)
		}
		if took, looked := time.Since(begun), cards.looked.Load(); looked != 11 ||
			took != 20*time.Millisecond*11+10*40*time.Millisecond {
			t.Errorf("looked at %d pieces within %v, want 11 and a rest after each but the last", looked, took)
		}
		var callers sync.WaitGroup
		var answered, late atomic.Int64
		for range 16 {
			callers.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				switch _, err := v.Search(ctx, ledger.SearchQuery{Merchant: 1, Key: "zz", Limit: 10}); {
				case err == nil:
					answered.Add(1)
				case errors.Is(err, context.DeadlineExceeded):
					late.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		callers.Wait()
		if cards.most.Load() != 1 || answered.Load() < 7 || answered.Load()+late.Load() != 16 {
			t.Errorf("%d looked at a time, %d were answered, %d were late", cards.most.Load(), answered.Load(), late.Load())
		}
	})
}

// Searches without a pause leave the processors to tills that pay: of a second, those of many clients take what four
// places give. Before, each began when the one before it ended, as they still do while nothing is saved.
func TestSearchesRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cards := &slowCards{takes: 2 * time.Millisecond}
		s := Store{backend: onlySearches{cards: cards}, places: newWalks(searchers), limits: Limits{Read: 5 * time.Second}}
		if n := searchAll(t, &s); n < 1990 || n > 2010 { // 2 ms each, four at a time
			t.Errorf("%d searches of 2 ms within a second in which nothing is saved, want 2000", n)
		}
		// What is asked is kept, searches too.
		if err := s.AddExchanges(t.Context(), []ledger.Exchange{{Merchant: 1}}); err != nil {
			t.Fatal(err)
		}
		if n := searchAll(t, &s); n < 1990 || n > 2010 {
			t.Errorf("%d searches of 2 ms within a second in which only requests are kept, want 2000", n)
		}
		if err := (&prepared{store: &s}).Save(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := searchAll(t, &s); n < 190 || n > 205 { // 2 ms of each 20 ms, four times
			t.Errorf("%d searches of 2 ms within a second beside bills, want 200", n)
		}
		time.Sleep(mostPause) // until all places are free
	})
}

// searchAll has many clients search for a second, and returns how often.
func searchAll(t *testing.T, s *Store) int64 {
	t.Helper()
	cards := s.backend.(onlySearches).cards
	before := cards.looked.Load()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var callers sync.WaitGroup
	for range 16 {
		callers.Go(func() {
			for ctx.Err() == nil {
				if _, err := s.Search(ctx, ledger.SearchQuery{Merchant: 1, Key: "zz", Limit: 10}); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	callers.Wait()
	return cards.looked.Load() - before
}

// onlySearches is a backend that can only search.
type onlySearches struct {
	backend
	cards *slowCards
}

func (b onlySearches) searcher() querier                    { return b.cards }
func (b onlySearches) write(context.Context, []write) error { return nil }
