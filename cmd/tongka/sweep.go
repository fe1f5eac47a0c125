package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"tongka"
	"tongka/internal/engine"
)

// Limits of the sweep: it must never crowd out tills.
const (
	sweepEvery  = time.Hour
	sweepCards  = 200 // looked up at a time
	sweepAtOnce = 8   // commands waiting at a time
)

// sweep takes expired bonus and points off cards that nobody uses, and forgets what is over, now and
// every hour.
func (s *service) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		now := time.Now()
		cards, err := s.books.expire(ctx, now)
		err = errors.Join(err, s.books.forget(ctx, now))
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.log.Error("sweep", "error", err, "cards", cards)
		case cards > 0:
			s.log.Info("expiry sweep", "cards", cards)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// expire carries out what is due at all merchants, and answers on how many cards.
func (b *books) expire(ctx context.Context, now time.Time) (cards int, err error) {
	merchants, err := b.Merchants(ctx)
	if err != nil {
		return 0, err
	}
	for i := range merchants {
		if !merchants[i].Licensed(now) {
			continue
		}
		n, err := b.expireAt(ctx, &merchants[i], now)
		cards += n
		if err != nil {
			return cards, err
		}
	}
	return cards, nil
}

func (b *books) expireAt(ctx context.Context, m *tongka.Merchant, now time.Time) (cards int, err error) {
	for {
		due, err := b.DueCards(ctx, m.ID, m.Today(now), sweepCards)
		if err != nil {
			return cards, err
		}
		done, err := b.expireCards(ctx, due)
		cards += done
		// Without progress the rest is left for the next sweep rather than asked for again and again.
		if err != nil || len(due) < sweepCards || done == 0 {
			return cards, err
		}
	}
}

func (b *books) expireCards(ctx context.Context, due []tongka.CardKey) (done int, err error) {
	var (
		mu      sync.Mutex
		running sync.WaitGroup
		slots   = make(chan struct{}, sweepAtOnce)
	)
	for _, key := range due {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			_, failed := b.engine.Do(ctx, tongka.Expire{Merchant: key.Merchant, By: tongka.Caller{Operator: "expiry"}, Card: key.Number})
			mu.Lock()
			defer mu.Unlock()
			if failed == nil {
				done++
			} else if _, refused := errors.AsType[tongka.Refusal](failed); !refused && !errors.Is(failed, engine.ErrBusy) {
				err = failed
			}
		})
	}
	running.Wait()
	return done, err
}
