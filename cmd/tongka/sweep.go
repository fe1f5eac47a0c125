package main

import (
	"context"
	"errors"
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
)

// sweep takes expired bonus, points and coupons off cards that nobody uses, and forgets what is over, now
// and every hour.
func (s *service) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		cards, err := s.books.sweepOnce(ctx)
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

// sweepOnce is one sweep. While the clock is in doubt it does nothing: what it takes would be gone if the
// time was wrong.
func (b *books) sweepOnce(ctx context.Context) (cards int, err error) {
	if b.clock.Doubt() != nil {
		return 0, nil
	}
	now := b.clock.Now()
	cards, err = b.expire(ctx, now)
	return cards, errors.Join(err, b.forget(ctx, now), b.SaveSeen(ctx, now))
}

// expiry is one thing that expires: on which of a merchant's cards it is due, and what books it off.
type expiry struct {
	due     func(ctx context.Context, merchant ledger.MerchantID, before ledger.Date, limit int) ([]ledger.CardKey, error)
	command func(card ledger.CardKey) command.Command
}

// expiries are all of them.
func (b *books) expiries() []expiry {
	by := ledger.Caller{Operator: "expiry"}
	return []expiry{
		{b.DueCards, func(card ledger.CardKey) command.Command {
			return command.Expire{Merchant: card.Merchant, By: by, Card: card.Number}
		}},
		{b.DueCoupons, func(card ledger.CardKey) command.Command {
			return command.ExpireCoupons{Merchant: card.Merchant, By: by, Card: card.Number}
		}},
	}
}

// expire carries out what is due at all merchants, and answers on how many cards. A card with bonus or
// points and coupons that are over counts twice.
func (b *books) expire(ctx context.Context, now time.Time) (cards int, err error) {
	merchants, err := b.Merchants(ctx)
	if err != nil {
		return 0, err
	}
	for i := range merchants {
		if !merchants[i].Licensed(now) {
			continue
		}
		for _, x := range b.expiries() {
			n, err := b.expireAt(ctx, &merchants[i], now, x)
			cards += n
			if err != nil {
				return cards, err
			}
		}
	}
	return cards, nil
}

func (b *books) expireAt(ctx context.Context, m *ledger.Merchant, now time.Time, x expiry) (cards int, err error) {
	for {
		due, err := x.due(ctx, m.ID, m.Today(now), sweepCards)
		if err != nil {
			return cards, err
		}
		done, err := b.expireCards(ctx, due, x)
		cards += done
		// Without progress the rest is left for the next sweep rather than asked for again and again.
		if err != nil || done == 0 {
			return cards, err
		}
	}
}

func (b *books) expireCards(ctx context.Context, due []ledger.CardKey, x expiry) (done int, err error) {
	var (
		mu      sync.Mutex
		running sync.WaitGroup
		slots   = make(chan struct{}, sweepAtOnce)
	)
	for _, key := range due {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			_, failed := b.engine.Do(ctx, x.command(key))
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
