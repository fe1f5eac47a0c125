package follow

import (
	"context"
	"time"

	"tongka/internal/ledger"
)

// Limits of the pause before what failed is tried again.
const (
	firstPause   = time.Second
	longestPause = 5 * time.Minute
)

// everybody stands for all merchants, for failures to find out what to do. No merchant has this id.
const everybody = ledger.MerchantID(-1)

// trouble is a follower's current failure at a merchant; nil = none.
type trouble struct {
	times int
	until time.Time // not tried again before
	pause time.Duration
}

// pausing reports whether it is too early to try again. If the clock was set back, it does not wait any longer.
func (t *trouble) pausing(now time.Time) bool {
	return t != nil && now.Before(t.until) && !now.Before(t.until.Add(-t.pause))
}

// failed logs what went wrong and postpones the next try.
func (r *Runner) failed(ctx context.Context, merchant ledger.MerchantID, err error) {
	if ctx.Err() != nil {
		return // it was stopped and has not failed
	}
	r.cfg.Observe.Failed()
	t := r.troubles[merchant]
	if t == nil {
		t = &trouble{}
		r.troubles[merchant] = t
	}
	t.times++
	t.pause = min(firstPause<<min(t.times-1, 20), longestPause)
	t.until = r.cfg.Clock().Add(t.pause)
	log := r.cfg.Logger
	if merchant != everybody {
		log = log.With("merchant", int64(merchant))
	}
	log.Error("follow the journal", "follower", r.follower.Name(), "error", err, "times", t.times, "again_in", t.pause)
}
