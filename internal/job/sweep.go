package job

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// Limits of the sweep: it must never crowd out tills.
const (
	sweepEvery  = time.Hour
	holdsEvery  = time.Minute // whoever waits for what is held free is told soon after its end
	sweepCards  = 50          // cards, or coupons, looked up at a time
	sweepAtOnce = 8           // commands waiting at a time
	// sweepPace is the pause between two pages, as a multiple of the time the last page took. Nobody waits for a
	// sweep, so one at a midnight when many cards expire can leave most of the time to tills.
	sweepPace = 4
	// keepMessages is how long messages are kept, to answer questions about what was sent.
	keepMessages = 7 * 24 * time.Hour
	// keepJobs is how long jobs that have ended are kept, with what they made.
	keepJobs = 14 * 24 * time.Hour
)

// SweepBooks is what a sweep reads, and what it changes without a command: guards, messages, sessions, jobs, and
// the newest time seen.
type SweepBooks interface {
	Merchants(ctx context.Context) ([]ledger.Merchant, error)
	DueCards(ctx context.Context, merchant ledger.MerchantID, before ledger.Date, limit int) ([]ledger.CardKey, error)
	DueHolds(ctx context.Context, merchant ledger.MerchantID, now time.Time, limit int) ([]ledger.CardKey, error)
	DueCoupons(ctx context.Context, merchant ledger.MerchantID, before ledger.Date, limit int) ([]ledger.CardKey, error)
	DropGuards(ctx context.Context, before time.Time) error
	DropMessages(ctx context.Context, before time.Time) error
	DropSessions(ctx context.Context, idle, now time.Time) error
	DropJobs(ctx context.Context, before time.Time) error
	// DropExchanges removes about most of the oldest, and reports whether there are more.
	DropExchanges(ctx context.Context, merchant ledger.MerchantID, before time.Time, most int) (more bool, err error)
	SaveSeen(ctx context.Context, now time.Time) error
}

// Clock returns the time, and why it is doubted; nil if it is not.
type Clock interface {
	Now() time.Time
	Doubt() error
}

// Sweep takes expired bonus, points, coupons and holds off cards that nobody uses, and deletes old guards, messages,
// sessions, jobs and requests of tills.
type Sweep struct {
	Books  SweepBooks
	Do     Doer
	Clock  Clock
	Logger *slog.Logger
	// Requests of tills are kept so long; 0 = they are left alone.
	KeepRequests time.Duration
}

// KeepNone is how long requests of tills are kept where none are.
const KeepNone = -1

// Run sweeps now and every hour, and books the holds that have ended every minute, until ctx is done. It logs what was
// done and what failed. A sweep of very many cards takes long, and holds do not wait for it.
func (s *Sweep) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { s.every(ctx, holdsEvery, "end of holds", s.EndHolds) })
	s.every(ctx, sweepEvery, "expiry sweep", s.Once)
	both.Wait()
}

// every does something to cards now and then.
func (s *Sweep) every(ctx context.Context, pause time.Duration, what string, do func(context.Context) (int, error)) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		cards, err := do(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.Logger.Error(what, "error", err, "cards", cards)
		case cards > 0:
			s.Logger.Info(what, "cards", cards)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Once makes one sweep, and returns the number of cards. While the clock is in doubt it does nothing, as it would
// take off what has not expired if the time is wrong.
func (s *Sweep) Once(ctx context.Context) (cards int, err error) {
	if s.Clock.Doubt() != nil {
		return 0, nil
	}
	now := s.Clock.Now()
	cards, err = s.Expire(ctx, now)
	return cards, errors.Join(err,
		s.Books.DropGuards(ctx, now.Add(-ledger.GuardKept)), // those that neither block nor count any longer
		s.Books.DropMessages(ctx, now.Add(-keepMessages)),
		s.Books.DropSessions(ctx, now.Add(-ledger.SessionIdle), now),
		s.Books.DropJobs(ctx, now.Add(-keepJobs)),
		s.dropExchanges(ctx, now),
		s.Books.SaveSeen(ctx, now))
}

// sweepExchanges is how many requests of tills are deleted at a time.
const sweepExchanges = 500

// dropExchanges deletes the requests of tills that are no longer kept, at all merchants.
func (s *Sweep) dropExchanges(ctx context.Context, now time.Time) error {
	if s.KeepRequests == 0 {
		return nil
	}
	before := now.Add(-max(0, s.KeepRequests))
	merchants, err := s.Books.Merchants(ctx)
	if err != nil {
		return err
	}
	for i := range merchants {
		for more := true; more; {
			begun := time.Now()
			if more, err = s.Books.DropExchanges(ctx, merchants[i].ID, before, sweepExchanges); err != nil {
				return err
			}
			if more {
				rest(ctx, sweepPace*time.Since(begun))
			}
		}
	}
	return ctx.Err()
}

// expiry is one sort of expiry: the query for a merchant's cards on which it is due, and the command that takes off
// what has expired on one of them.
type expiry struct {
	due     func(ctx context.Context, m *ledger.Merchant, now time.Time, limit int) ([]ledger.CardKey, error)
	command func(card ledger.CardKey) command.Command
}

// dueByDay is how the store finds the cards on which something was good only through a day before the given one.
type dueByDay func(context.Context, ledger.MerchantID, ledger.Date, int) ([]ledger.CardKey, error)

// at finds the cards that are due at a time.
func (due dueByDay) at(ctx context.Context, m *ledger.Merchant, now time.Time, limit int) ([]ledger.CardKey, error) {
	return due(ctx, m.ID, m.Today(now), limit)
}

// dueHolds finds the cards on which a hold has ended.
func (s *Sweep) dueHolds(ctx context.Context, m *ledger.Merchant, now time.Time, limit int) ([]ledger.CardKey, error) {
	return s.Books.DueHolds(ctx, m.ID, now, limit)
}

// expire takes off a card what has expired, and ends its holds.
func expire(card ledger.CardKey) command.Command {
	return command.Expire{Merchant: card.Merchant, By: ledger.ByItself, Card: card.Number}
}

// holds is the end of holds.
func (s *Sweep) holds() expiry { return expiry{s.dueHolds, expire} }

// expiries returns all sorts of expiry. Holds come first: bonus beneath one that has ended can expire with it.
func (s *Sweep) expiries() []expiry {
	return []expiry{
		s.holds(),
		{dueByDay(s.Books.DueCards).at, expire},
		{dueByDay(s.Books.DueCoupons).at, func(card ledger.CardKey) command.Command {
			return command.ExpireCoupons{Merchant: card.Merchant, By: ledger.ByItself, Card: card.Number}
		}},
	}
}

// EndHolds books the holds that have ended, and returns the number of cards. Like Once it does nothing while the clock
// is in doubt.
func (s *Sweep) EndHolds(ctx context.Context) (cards int, err error) {
	if s.Clock.Doubt() != nil {
		return 0, nil
	}
	return s.expireAll(ctx, s.Clock.Now(), s.holds())
}

// Expire takes off what has expired at all licensed merchants, and returns the number of cards. A card on which
// both coupons and bonus or points have expired counts twice.
func (s *Sweep) Expire(ctx context.Context, now time.Time) (cards int, err error) {
	return s.expireAll(ctx, now, s.expiries()...)
}

// expireAll does for some sorts of expiry what Expire does for all.
func (s *Sweep) expireAll(ctx context.Context, now time.Time, sorts ...expiry) (cards int, err error) {
	merchants, err := s.Books.Merchants(ctx)
	if err != nil {
		return 0, err
	}
	for i := range merchants {
		if !merchants[i].Licensed(now) {
			continue
		}
		for _, x := range sorts {
			n, err := s.expireAt(ctx, &merchants[i], now, x)
			cards += n
			if err != nil {
				return cards, err
			}
		}
	}
	return cards, nil
}

func (s *Sweep) expireAt(ctx context.Context, m *ledger.Merchant, now time.Time, x expiry) (cards int, err error) {
	var took time.Duration            // by the previous page
	left := map[ledger.CardKey]bool{} // cards on which nothing was to be done: they would be found again
	for {
		begun := time.Now()
		due, err := x.due(ctx, m, now, sweepCards+len(left))
		if err != nil {
			return cards, err
		}
		due = slices.DeleteFunc(due, func(key ledger.CardKey) bool { return left[key] })
		looked := time.Since(begun)
		if len(due) > 0 {
			rest(ctx, sweepPace*took)
		}
		begun = time.Now()
		done, refused, err := s.expireCards(ctx, due, x)
		cards += done
		for _, key := range refused {
			left[key] = true
		}
		// Without progress the query would return the same cards again, so the rest is left for the next sweep.
		if err != nil || done+len(refused) == 0 {
			return cards, err
		}
		took = looked + time.Since(begun)
	}
}

// expireCards returns on how many cards something was done, and those that refused it.
func (s *Sweep) expireCards(
	ctx context.Context, due []ledger.CardKey, x expiry,
) (done int, refused []ledger.CardKey, err error) {
	var (
		mu      sync.Mutex
		running sync.WaitGroup
		slots   = make(chan struct{}, sweepAtOnce)
	)
	for _, key := range due {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			_, failed := s.Do.Do(ctx, x.command(key))
			mu.Lock()
			defer mu.Unlock()
			_, no := errors.AsType[ledger.Refusal](failed)
			switch {
			case failed == nil:
				done++
			case no:
				refused = append(refused, key)
			case !errors.Is(failed, engine.ErrBusy):
				err = failed
			}
		})
	}
	running.Wait()
	return done, refused, err
}
