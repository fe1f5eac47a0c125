package job

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// Limits of the sweep: it must never crowd out tills.
const (
	sweepEvery  = time.Hour
	sweepCards  = 200 // cards, or coupons, looked up at a time
	sweepAtOnce = 8   // commands waiting at a time
	// sweepPace is how much longer than the work on the cards that were looked up the pause after it is. Nobody waits
	// for a sweep, and that of a midnight when many cards expire falls into no till's way then.
	sweepPace = 4
	// keepMessages is for how long messages are kept, for questions about what was sent.
	keepMessages = 7 * 24 * time.Hour
)

// SweepBooks are what a sweep reads, and what it removes that is no entry.
type SweepBooks interface {
	Merchants(ctx context.Context) ([]ledger.Merchant, error)
	DueCards(ctx context.Context, merchant ledger.MerchantID, before ledger.Date, limit int) ([]ledger.CardKey, error)
	DueCoupons(ctx context.Context, merchant ledger.MerchantID, before ledger.Date, limit int) ([]ledger.CardKey, error)
	DropGuards(ctx context.Context, before time.Time) error
	DropMessages(ctx context.Context, before time.Time) error
	SaveSeen(ctx context.Context, now time.Time) error
}

// Clock is what time it is, and why that is not believed.
type Clock interface {
	Now() time.Time
	Doubt() error
}

// Sweep takes expired bonus, points and coupons off cards that nobody uses, and forgets what is over.
type Sweep struct {
	Books  SweepBooks
	Do     Doer
	Clock  Clock
	Logger *slog.Logger
}

// Run sweeps now and every hour, until ctx ends.
func (s *Sweep) Run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		cards, err := s.Once(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.Logger.Error("sweep", "error", err, "cards", cards)
		case cards > 0:
			s.Logger.Info("expiry sweep", "cards", cards)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Once is one sweep. While the clock is in doubt it does nothing: what it takes would be gone if the
// time was wrong.
func (s *Sweep) Once(ctx context.Context) (cards int, err error) {
	if s.Clock.Doubt() != nil {
		return 0, nil
	}
	now := s.Clock.Now()
	cards, err = s.Expire(ctx, now)
	return cards, errors.Join(err,
		s.Books.DropGuards(ctx, now.Add(-ledger.GuardKept)), // those that block and count nothing any more
		s.Books.DropMessages(ctx, now.Add(-keepMessages)),
		s.Books.SaveSeen(ctx, now))
}

// expiry is one thing that expires: on which of a merchant's cards it is due, and what books it off.
type expiry struct {
	due     func(ctx context.Context, merchant ledger.MerchantID, before ledger.Date, limit int) ([]ledger.CardKey, error)
	command func(card ledger.CardKey) command.Command
}

// expiries are all of them.
func (s *Sweep) expiries() []expiry {
	by := ledger.Caller{Operator: "expiry"}
	return []expiry{
		{s.Books.DueCards, func(card ledger.CardKey) command.Command {
			return command.Expire{Merchant: card.Merchant, By: by, Card: card.Number}
		}},
		{s.Books.DueCoupons, func(card ledger.CardKey) command.Command {
			return command.ExpireCoupons{Merchant: card.Merchant, By: by, Card: card.Number}
		}},
	}
}

// Expire carries out what is due at all licensed merchants, and returns on how many cards. A card with bonus or
// points and coupons that are over counts twice.
func (s *Sweep) Expire(ctx context.Context, now time.Time) (cards int, err error) {
	merchants, err := s.Books.Merchants(ctx)
	if err != nil {
		return 0, err
	}
	for i := range merchants {
		if !merchants[i].Licensed(now) {
			continue
		}
		for _, x := range s.expiries() {
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
	var took time.Duration // for the page before
	for {
		begun := time.Now()
		due, err := x.due(ctx, m.ID, m.Today(now), sweepCards)
		if err != nil {
			return cards, err
		}
		looked := time.Since(begun)
		if len(due) > 0 {
			rest(ctx, sweepPace*took)
		}
		begun = time.Now()
		done, err := s.expireCards(ctx, due, x)
		cards += done
		// Without progress the rest is left for the next sweep rather than asked for again and again.
		if err != nil || done == 0 {
			return cards, err
		}
		took = looked + time.Since(begun)
	}
}

func (s *Sweep) expireCards(ctx context.Context, due []ledger.CardKey, x expiry) (done int, err error) {
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
			if failed == nil {
				done++
			} else if _, refused := errors.AsType[ledger.Refusal](failed); !refused && !errors.Is(failed, engine.ErrBusy) {
				err = failed
			}
		})
	}
	running.Wait()
	return done, err
}
