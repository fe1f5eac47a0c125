package follow

import (
	"context"
	"time"

	"tongka/internal/ledger"
)

// How long is waited before what failed is tried again.
const (
	firstPause   = time.Second
	longestPause = 5 * time.Minute
)

// everybody stands for all merchants, where looking for what there is to do failed. No merchant has this id.
const everybody = ledger.MerchantID(-1)

// trouble is what a merchant's journal gave a follower of late; nil = none.
type trouble struct {
	times int
	until time.Time // it is not tried before
	pause time.Duration
}

// pausing reports whether it is too early to try again. A clock that was put back keeps nobody waiting.
func (t *trouble) pausing(now time.Time) bool {
	return t != nil && now.Before(t.until) && !now.Before(t.until.Add(-t.pause))
}

// failed says what went wrong, and puts the next try off.
func (r *Runner) failed(ctx context.Context, merchant ledger.MerchantID, err error) {
	if ctx.Err() != nil {
		return // it was ended, and has not failed
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
