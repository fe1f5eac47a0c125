package job

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// dueBooks has a number of cards on which something has expired, or of expired coupons, two on each card. Each
// query and each command takes a fixed time.
type dueBooks struct {
	mu             sync.Mutex // of the lists: two sweeps run at a time
	cards, coupons []ledger.CardKey
	held           []ledger.CardKey // whose holds have ended
	SweepBooks
}

func (b *dueBooks) DropGuards(context.Context, time.Time) error { return nil }

func (b *dueBooks) DropMessages(context.Context, time.Time) error { return nil }

func (b *dueBooks) DropSessions(context.Context, time.Time, time.Time) error { return nil }

func (b *dueBooks) DropJobs(context.Context, time.Time) error { return nil }

func (b *dueBooks) SaveSeen(context.Context, time.Time) error { return nil }

func (b *dueBooks) Merchants(context.Context) ([]ledger.Merchant, error) {
	return []ledger.Merchant{{ID: 1, Zone: time.UTC}}, nil
}

func (b *dueBooks) DueCards(
	_ context.Context, _ ledger.MerchantID, _ ledger.Date, limit int,
) ([]ledger.CardKey, error) {
	time.Sleep(time.Second)
	b.mu.Lock()
	defer b.mu.Unlock()
	due := b.cards[:min(limit, len(b.cards))]
	b.cards = b.cards[len(due):]
	return due, nil
}

func (b *dueBooks) DueHolds(
	_ context.Context, _ ledger.MerchantID, _ time.Time, limit int,
) ([]ledger.CardKey, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	due := b.held[:min(limit, len(b.held))]
	b.held = b.held[len(due):]
	return due, nil
}

// DueCoupons returns each card once, so fewer cards than coupons were looked up.
func (b *dueBooks) DueCoupons(
	_ context.Context, _ ledger.MerchantID, _ ledger.Date, limit int,
) ([]ledger.CardKey, error) {
	due := b.coupons[:min(limit/2, len(b.coupons))]
	b.coupons = b.coupons[len(due):]
	return due, nil
}

func (b *dueBooks) Do(context.Context, command.Command) (command.Changes, error) {
	time.Sleep(40 * time.Millisecond)
	return command.Changes{}, nil
}

// A sweep of very many cards pauses between two pages for four times as long as a page took, and not after the last.
func TestSweepPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &dueBooks{}
		for n := range 2*sweepCards + 8 {
			b.cards = append(b.cards, ledger.CardKey{Merchant: 1, Number: fmt.Sprint(n)})
		}
		begun := time.Now()
		s := Sweep{Books: b, Do: b}
		if n, err := s.Expire(t.Context(), begun); n != 2*sweepCards+8 || err != nil {
			t.Errorf("%d cards, %v", n, err)
		}
		// A full page takes 1 s for the look and 7 times 40 ms for 50 commands, 8 at a time; the last of 8 cards takes 1.04
		// s, and the look that finds nothing 1 s.
		if got, want := time.Since(begun), 2*(1+4)*1280*time.Millisecond+2040*time.Millisecond; got != want {
			t.Errorf("took %v, want %v", got, want)
		}
	})
}

// Coupons are looked up one by one, but returned by card, so a page has fewer cards than its limit: a sweep of them
// must pause too.
func TestSweepOfCouponsPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &dueBooks{}
		for n := range sweepCards {
			b.coupons = append(b.coupons, ledger.CardKey{Merchant: 1, Number: fmt.Sprint(n)})
		}
		begun := time.Now()
		s := Sweep{Books: b, Do: b}
		if n, err := s.Expire(t.Context(), begun); n != sweepCards || err != nil {
			t.Errorf("%d cards, %v", n, err)
		}
		// Two pages of 25 cards take 4 times 40 ms each, and the look for cards 1 s.
		if got, want := time.Since(begun), time.Second+(2+sweepPace)*4*40*time.Millisecond; got != want {
			t.Errorf("took %v, want %v", got, want)
		}
	})
}

// A hold that has ended is booked within a minute or so, also while a sweep of very many cards is under way.
func TestHoldsEndSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		due, held := &dueBooks{}, &dueBooks{}
		for n := range 100 * sweepCards {
			due.cards = append(due.cards, ledger.CardKey{Merchant: 1, Number: fmt.Sprint(n)})
		}
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		s := Sweep{Books: twoBooks{due, held}, Do: held, Clock: fixedClock{time.Now()}, Logger: slog.New(slog.DiscardHandler)}
		running.Go(func() { s.Run(ctx) })
		time.Sleep(10 * time.Second)
		held.mu.Lock()
		held.held = []ledger.CardKey{{Merchant: 1, Number: "6001"}}
		held.mu.Unlock()
		time.Sleep(holdsEvery)
		synctest.Wait() // nobody touches the lists until time goes on
		if len(held.held) > 0 || len(due.cards) == 0 {
			t.Errorf("%d holds are not booked, %d cards are due", len(held.held), len(due.cards))
		}
		stop()
		running.Wait()
	})
}

// twoBooks have the cards with holds apart, so that each is used by one goroutine.
type twoBooks struct {
	*dueBooks
	held *dueBooks
}

func (b twoBooks) DueHolds(ctx context.Context, m ledger.MerchantID, now time.Time, n int) ([]ledger.CardKey, error) {
	return b.held.DueHolds(ctx, m, now, n)
}

// stuckBooks always find the same cards first, and refuse to take anything off them.
type stuckBooks struct {
	dueBooks
	all []ledger.CardKey
}

func (b *stuckBooks) DueCards(
	_ context.Context, _ ledger.MerchantID, _ ledger.Date, limit int,
) ([]ledger.CardKey, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.all[:min(limit, len(b.all))]), nil
}

func (b *stuckBooks) Do(_ context.Context, cmd command.Command) (command.Changes, error) {
	number := cmd.(command.Expire).Card
	if strings.HasPrefix(number, "stuck") {
		return command.Changes{}, ledger.Refuse(ledger.NothingExpired, number)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = slices.DeleteFunc(b.all, func(k ledger.CardKey) bool { return k.Number == number })
	return command.Changes{}, nil
}

// However many cards are due on which there is nothing to be done, those behind them have their turn.
func TestSweepPassesOverWhatIsStuck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &stuckBooks{}
		for n := range 3*sweepCards + 7 {
			b.all = append(b.all, ledger.CardKey{Merchant: 1, Number: fmt.Sprint("stuck", n)})
		}
		for n := range sweepCards + 3 {
			b.all = append(b.all, ledger.CardKey{Merchant: 1, Number: fmt.Sprint("due", n)})
		}
		s := Sweep{Books: b, Do: b}
		if n, err := s.Expire(t.Context(), time.Now()); n != sweepCards+3 || err != nil {
			t.Errorf("%d cards, %v", n, err)
		}
	})
}
