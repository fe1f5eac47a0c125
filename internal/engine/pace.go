package engine

import (
	"context"
	"time"
)

const (
	// ReadPace and bulkPace are the lengths of a pause, as multiples of the work before it. Who only reads leaves nine
	// tenths of the time. Who saves delays the tills' saves of the same merchant too, and leaves nineteen of twenty parts.
	ReadPace = 9
	bulkPace = 19
	// paceMost bounds a pause, so that a work that nothing divides ends too.
	paceMost = 10 * time.Second
	// paceLook is the time between two looks for tills at work, and paceCalm how long they are believed to be
	// afterwards.
	paceLook = 50 * time.Millisecond
	paceCalm = time.Second
)

// Pace has a large work stand back while tills are at work: it does a little, and pauses for several times as long.
// While no till is at work it does not pause. Several goroutines may share one, whose pauses follow each other, so that
// together they do no more than one would.
type Pace struct {
	times  int           // length of a pause, as a multiple of the work before it
	turn   chan struct{} // holds one while somebody rests or looks
	tills  func(context.Context) bool
	looked time.Time
	until  time.Time // tills are taken to be at work
}

// NewPace returns a pace whose pauses are so many times as long as the work before them. It asks tills now and then
// whether any has done something since it was asked last.
func NewPace(times int, tills func(context.Context) bool) *Pace {
	return &Pace{times: times, turn: make(chan struct{}, 1), tills: tills}
}

// Rest pauses after a piece of work that took so long, if tills are at work. Its error is that of ctx.
func (p *Pace) Rest(ctx context.Context, took time.Duration) error {
	if err := p.take(ctx); err != nil {
		return err
	}
	defer p.give()
	busy, err := p.busy(ctx)
	if err != nil || !busy {
		return err
	}
	return rest(ctx, min(time.Duration(p.times)*took, paceMost))
}

// Busy reports whether tills are at work. The first time it takes a moment to find out.
func (p *Pace) Busy(ctx context.Context) (bool, error) {
	if err := p.take(ctx); err != nil {
		return false, err
	}
	defer p.give()
	return p.busy(ctx)
}

func (p *Pace) take(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Pace) give() { <-p.turn }

func (p *Pace) busy(ctx context.Context) (bool, error) {
	if p.looked.IsZero() {
		p.look(ctx)
		if err := rest(ctx, paceLook); err != nil {
			return false, err
		}
	}
	if now := time.Now(); now.Sub(p.looked) >= paceLook && p.look(ctx) {
		p.until = now.Add(paceCalm)
	}
	return time.Now().Before(p.until), ctx.Err()
}

func (p *Pace) look(ctx context.Context) bool {
	p.looked = time.Now()
	return p.tills(ctx)
}
